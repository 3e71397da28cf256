"""A picture as SVG text: no scripts, styles or fonts of its own, so that notebooks and web pages show it as it is."""

import html
import re

from graphcore.drawing.layout import LAYER_GAP, layered
from graphcore.drawing.nodes import description, tensor_text
from graphcore.drawing.picture import ENTRY, EXIT

_CHARACTER, _MARGIN, _TITLE = 6.4, 12.0, 18.0
_LONGEST = 26
_HALVINGS = 10    # of a curve, to find a height on it
_MOST_LABELLED = 160    # edges; with more, their shapes would hide each other
_FILLS = {"op": "#ffffff", "Const": "#f3f3f3", "Placeholder": "#fff3d6", "variable": "#dcecfb", "scope": "#e6e6ee", "series": "#f6f0fa",
          "more": "#ffffff"}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg_of(picture):
    """The picture as an ``<svg>`` element."""
    drawn = _Drawing(picture)
    width, height = (size + 2 * _MARGIN for size in drawn.size_of_scope(picture.root))
    drawn.draw_scope(picture.root, _MARGIN, _MARGIN)
    body = "\n".join(drawn.lines + drawn.boxes)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="11" text-anchor="middle">\n'
            f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>')


def escaped(text):
    """Text that may stand in XML."""
    return html.escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def shortened(text):
    """Text of bounded length, cut in the middle."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST // 2]}…{text[1 - _LONGEST // 2:]}"


def point_near_start(start, end):
    """The point of an edge's first curve that is half a gap below where it starts, or in the middle of a short one."""
    (a, b), (c, d) = start, end
    y = min((b + d) / 2, b + LAYER_GAP / 2)
    low, high = 0.0, 0.5
    for _ in range(_HALVINGS):
        t = (low + high) / 2
        # Both control points of the curve are at half its height.
        low, high = (t, high) if b + (d - b) * t * (1.5 - 1.5 * t + t * t) < y else (low, t)
    return a + (c - a) * low * low * (3 - 2 * low), y


class _Drawing:
    """The elements of one picture: ``lines`` are scopes and edges, ``boxes`` come on top."""

    def __init__(self, picture):
        self._picture = picture
        self._layouts = {}
        self._labelled = sum(map(len, picture.levels.values())) <= _MOST_LABELLED
        self._said = set()    # (source, tensor) whose shape is written already
        self.lines, self.boxes = [], []

    # ------------------------------------------------------------ sizes
    def size_of_scope(self, scope):
        """Width and height of an open scope's inside; lays it out."""
        edges = self._picture.levels[scope]
        items = sorted(scope.children.values(), key=lambda box: (box.first, box.path))
        top = ENTRY if any(source is ENTRY for source, _ in edges) else None
        bottom = EXIT if any(target is EXIT for _, target in edges) else None
        items = [*([ENTRY] if top else []), *items, *([EXIT] if bottom else [])]
        sizes = {item: (0.0, 0.0) if isinstance(item, str) else self._size(item) for item in items}
        placed = self._layouts[scope] = (layered(items, sizes, list(edges), top, bottom), sizes)
        return placed[0].width, placed[0].height

    def _size(self, box):
        if box in self._picture.opened:
            width, height = self.size_of_scope(box)
            return max(width, _CHARACTER * len(shortened(box.label))) + 2 * _MARGIN, height + _MARGIN + _TITLE
        texts = self._texts(box)
        return max(30.0, max(map(len, texts)) * _CHARACTER + 16.0), 12.0 + 12.0 * len(texts)

    def _texts(self, box):
        """What is written in a closed box."""
        if box.kind == "op":
            op = self._picture.nodes[box.node].op
            plain = op.lower() in box.label.lower()
            return [shortened(box.label)] if plain else [shortened(box.label), shortened(op)]
        if box.kind == "variable":
            shape = tensor_text(self._picture.nodes[box.node], 0)
            return [shortened(box.label), f"variable {shape}".rstrip()]
        if box.kind == "series":
            return [shortened(box.label), f"× {len(box.children)}"]
        if box.kind == "more":
            return [box.label]
        return [shortened(box.label), f"{box.count} operation{'s' * (box.count != 1)}"]

    # ------------------------------------------------------------ elements
    def draw_scope(self, scope, left, top, border=None):
        """Draw the inside of an open scope with its upper left corner there; ``border`` is how far up and down its box goes."""
        placed, sizes = self._layouts[scope]
        above, below = border or (top, top + placed.height)
        ports = {ENTRY: (left + placed.width / 2, above), EXIT: (left + placed.width / 2, below)}
        for item, (middle, y) in placed.places.items():
            if not isinstance(item, str):
                self._draw_box(item, left + middle, top + y, *sizes[item])
        for (source, target), edge in self._picture.levels[scope].items():
            points = [(left + x, top + y) for x, y in placed.routes[source, target]]
            start, end = (ports[item] if isinstance(item, str) else (left + placed.places[item][0], top + placed.places[item][1])
                          for item in (source, target))
            self._draw_edge(source, target, (start, sizes[source]), (end, sizes[target]), points, edge)

    def _draw_box(self, box, middle, y, width, height):
        x = middle - width / 2
        if box in self._picture.opened:
            self.lines.append(f'<g><title>{escaped(box.path)}: {box.count} operations</title>'
                              f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="8" '
                              f'fill="#6666a0" fill-opacity="0.07" stroke="#9a9ab0"/>'
                              f'<text x="{x + 8:.1f}" y="{y + 13:.1f}" fill="#555566" font-weight="bold" text-anchor="start">'
                              f'{escaped(shortened(box.label))}</text></g>')
            inside = self._layouts[box][0].width
            self.draw_scope(box, middle - inside / 2, y + _TITLE, (y, y + height))
            return
        kind = self._picture.nodes[box.node].op if box.kind == "op" else box.kind
        fill = _FILLS.get("Placeholder" if kind.startswith("Placeholder") else kind, _FILLS["op"])
        radius = height / 2 if box.kind == "op" else 4 if box.kind == "variable" else 8
        border = ' stroke-dasharray="3 2"' if box.kind == "more" else ' stroke-width="1.6"' if box.kind != "op" else ""
        texts = "".join(f'<text x="{middle:.1f}" y="{y + 16 + 12 * n:.1f}" fill="{"#222222" if n == 0 else "#777777"}">'
                        f'{escaped(text)}</text>' for n, text in enumerate(self._texts(box)))
        self.boxes.append(f'<g><title>{escaped(self._title(box))}</title><rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
                          f'height="{height:.1f}" rx="{radius:.1f}" fill="{fill}" stroke="#8a8a9a"{border}/>{texts}</g>')

    def _title(self, box):
        """What is shown when the mouse is over a box."""
        if box.kind in ("op", "variable"):
            others = f"\nwith {box.count - 1} operations that belong to it" if box.count > 1 else ""
            return description(self._picture.nodes[box.node]) + others
        return f"{box.path}: {box.count} operations"

    def _draw_edge(self, source, target, start, end, bends, edge):
        (x0, y0), (_, height) = start
        (x1, y1), (_, _) = end
        y0 += height
        if y1 < y0:
            self._draw_edge_back(start, end, edge)
            return
        points = [(x0, y0), *((x, y) for x, y in bends), (x1, y1)]
        path = f"M{x0:.1f} {y0:.1f}" + "".join(
            f"C{a:.1f} {(b + d) / 2:.1f} {c:.1f} {(b + d) / 2:.1f} {c:.1f} {d:.1f}" for (a, b), (c, d) in zip(points, points[1:]))
        head = "" if target is EXIT else f"M{x1 - 3:.1f} {y1 - 6:.1f}L{x1:.1f} {y1:.1f}L{x1 + 3:.1f} {y1 - 6:.1f}"
        self._draw_path(path, head, edge)
        text = "" if target is EXIT else self._edge_text(source, edge)
        if text:
            x, y = point_near_start((x0, y0), points[1])
            self.boxes.append(f'<text x="{x:.1f}" y="{y + 3:.1f}" font-size="9" fill="#666666" stroke="#ffffff" stroke-width="3" '
                              f'stroke-linejoin="round" paint-order="stroke">{escaped(text)}</text>')

    def _draw_edge_back(self, start, end, edge):
        """An edge against the flow, such as a loop's: around the right-hand sides."""
        (x0, y0), (width0, height0) = start
        (x1, y1), (width1, height1) = end
        x0, y0, x1, y1 = x0 + width0 / 2, y0 + height0 / 2, x1 + width1 / 2, y1 + height1 / 2
        far = max(x0, x1) + 14.0
        self._draw_path(f"M{x0:.1f} {y0:.1f}C{far:.1f} {y0:.1f} {far:.1f} {y1:.1f} {x1:.1f} {y1:.1f}",
                        f"M{x1 + 6:.1f} {y1 - 3:.1f}L{x1:.1f} {y1:.1f}L{x1 + 6:.1f} {y1 + 3:.1f}", edge)

    def _draw_path(self, path, head, edge):
        dotted = "" if edge.tensors else ' stroke-dasharray="1.5 3"'
        self.lines.append(f'<path d="{path}" fill="none" stroke="#8a8a9a"{dotted}/>')
        if head:
            self.lines.append(f'<path d="{head}" fill="none" stroke="#8a8a9a"/>')

    def _edge_text(self, source, edge):
        """The shape of the one tensor that an edge stands for, at the first of its edges."""
        if not self._labelled or isinstance(source, str) or edge.example is None or (source, edge.example) in self._said:
            return ""
        self._said.add((source, edge.example))
        number, slot = edge.example
        return tensor_text(self._picture.nodes[number], slot)
