"""A Graph shows itself in notebooks; a graph, or a GraphDef, becomes an SVG file."""

from graphcore.core.graph import Graph
from graphcore.core.node import method_of

# Operations: a larger graph is not drawn unasked, since that takes seconds; or without the insides of its scopes.
_MOST_DRAWN, _MOST_WITH_PARTS = 200_000, 20_000
_MOST_PARTS, _MOST_BOXES_OF_A_PART = 30, 45


@method_of(Graph)
def _repr_html_(self):
    """The picture of the graph that notebooks show: open scopes as boxes, closed ones below, to be unfolded."""
    from graphcore.drawing.nodes import nodes_of_graph

    return html_of(nodes_of_graph(self))


def html_of(nodes):
    """The nodes' picture as HTML, without scripts."""
    from graphcore.drawing.picture import Scene
    from graphcore.drawing.svg import svg_of

    if not nodes or len(nodes) > _MOST_DRAWN:
        return f"<p>tf.Graph with {len(nodes):,} operations{': too many to draw' if nodes else ''}</p>"
    scene = Scene(nodes)
    picture = scene.picture()
    parts = _parts(scene, picture.hidden) if len(nodes) <= _MOST_WITH_PARTS else _too_large(nodes, picture.hidden)
    return (f'<div style="background:#fff;color:#222;padding:4px">{_framed(svg_of(picture))}'
            f'<p style="font-size:85%;color:#555">{caption(picture)}</p>{parts}</div>')


def caption(picture):
    """What the picture shows, in a sentence or two of HTML."""
    shown = sum(len(box.children) - sum(child in picture.opened for child in box.children.values()) for box in picture.opened)
    total = picture.root.count
    grouped = any(child.kind in ("series", "more") for box in picture.opened for child in box.children.values())
    return (f"{total:,} operation{'s' * (total != 1)} in {shown} box{'es' * (shown != 1)}; data flows downwards, "
            "dotted lines are control dependencies." +
            (" Too many for one picture: operations of like names are drawn as one box (×), others left out." if grouped else ""))


def svg_text(nodes, most=60, scope=None):
    """The picture of all nodes, or of a name scope, as the text of an SVG file.

    At most ``most`` boxes are opened; ValueError if there is no such scope.
    """
    from graphcore.drawing.picture import Scene
    from graphcore.drawing.svg import svg_of

    scene = Scene(nodes)
    return svg_of(scene.picture(scene.scope(scope) if scope else None, most)) + "\n"


def _parts(scene, scopes):
    """The closed scopes, each to be unfolded, with theirs inside; so many at most."""
    left = [_MOST_PARTS]
    return "".join(_part(scene, scope, left) for scope in scopes) + (
        "<p>More scopes are not shown: too many.</p>" if left[0] < 0 else "")


def _part(scene, scope, left):
    from graphcore.drawing.svg import escaped, svg_of

    left[0] -= 1
    if left[0] < 0:
        return ""
    picture = scene.picture(scope, _MOST_BOXES_OF_A_PART)
    sources = f"<p>takes {escaped(', '.join(picture.sources))}</p>" if picture.sources else ""
    inner = "".join(_part(scene, each, left) for each in picture.hidden)
    return (f'<details style="margin-left:1em"><summary>{escaped(scope.path)}: {scope.count:,} operations</summary>'
            f"{_framed(svg_of(picture))}{sources}{inner}</details>")


def _too_large(nodes, scopes):
    return f"<p>The insides of {len(scopes)} scopes are not drawn: the graph is too large.</p>" if scopes else ""


def _framed(svg):
    """The picture with scroll bars where it is larger than the page."""
    return f'<div style="overflow:auto;max-height:720px">{svg}</div>'


__all__ = ["html_of", "svg_text"]
