"""What one picture shows: which scopes are open, and the edges between the boxes of each."""

import heapq
from typing import NamedTuple

from graphcore.drawing.tree import tree_of

MOST_IN_A_SCOPE = 40    # boxes; more are grouped
_MOST_IN_AN_OPENED = 24
_MOST_NAMED = 6

# The points on the border of a scope through which edges enter and leave.
ENTRY, EXIT = "entry", "exit"


class Edge:
    """Tensors from one box to another, or, if there are none, a dotted line: runs after.

    ``example`` is the one tensor that goes there, as (number of the node, output); None for several.
    """

    __slots__ = ("tensors", "example")

    def __init__(self):
        self.tensors, self.example = 0, None

    def add(self, tensors, example):
        if tensors:
            self.example = example if self.tensors == 0 or self.example == example else None
            self.tensors += tensors


class Picture(NamedTuple):
    """A scope, drawn: the scopes that are open in it, and for each its edges, {(box, box): Edge}."""

    nodes: list
    root: object
    opened: set
    levels: dict
    sources: list    # names of operations outside whose tensors are used inside
    hidden: list     # the scopes inside that are closed


class Scene:
    """A graph, ready to draw the whole or one scope of it."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.root, self._homes = tree_of(nodes, MOST_IN_A_SCOPE)
        self._users = None

    def picture(self, scope=None, most=45):
        """The picture of ``scope``, or of everything, with at most ``most`` boxes where that is possible."""
        scope = scope or self.root
        opened, hidden = _opened(scope, most)
        levels = {box: {} for box in opened}
        sources = {}
        for pair, edge in self._edges(scope, opened, sources).items():
            _trace(levels, scope, *pair, edge)
        names = list(sources)
        more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
        return Picture(self.nodes, scope, opened, levels, names[:_MOST_NAMED] + more, hidden)

    def scope(self, path):
        """The box of a name scope; ValueError if there is none."""
        waiting = [self.root]
        while waiting:
            box = waiting.pop()
            if box.kind == "scope" and box.path == path.strip("/"):
                return box
            waiting.extend(box.children.values())
        raise ValueError(f"the graph has no name scope {path!r}; outermost ones are "
                         f"{', '.join(box.label for box in self.root.children.values() if box.kind == 'scope') or 'missing'}")

    def _edges(self, scope, opened, sources):
        """The edges between the boxes that are seen; None stands for what is outside ``scope``."""
        whole = scope is self.root
        members = range(len(self.nodes)) if whole else scope.members()
        seen = {number: self._seen(number, opened) for number in members}
        edges = {}
        for number in members:
            node = self.nodes[number]
            for source, slot in node.inputs:
                if source not in seen:
                    sources[self.nodes[source].name] = None
                _add(edges, seen.get(source), seen[number], 1, (source, slot))
            for source in node.controls:
                _add(edges, seen.get(source), seen[number], 0, None)
            for user, tensors in () if whole else self._uses(number):
                if user not in seen:
                    _add(edges, seen[number], None, tensors, (number, 0))
        return edges

    def _seen(self, number, opened):
        """The box that shows a node."""
        box = self._homes[number]
        while box.parent not in opened:
            box = box.parent
        return box

    def _uses(self, number):
        """The nodes that take an output of a node (1) or wait for it (0)."""
        if self._users is None:
            self._users = [[] for _ in self.nodes]
            for user, node in enumerate(self.nodes):
                for source, _ in node.inputs:
                    self._users[source].append((user, 1))
                for source in node.controls:
                    self._users[source].append((user, 0))
        return self._users[number]


def _add(edges, source, target, tensors, example):
    if source is not target:
        edge = edges.get((source, target))
        if edge is None:
            edge = edges[source, target] = Edge()
        edge.add(tensors, example)


def _opened(scope, most):
    """The scopes that are open when at most ``most`` boxes may be seen, outer and small ones first; and the closed ones."""
    opened, left = {scope}, most - len(scope.children)
    waiting, hidden = [], []

    def offer(boxes):
        for box in boxes:
            if box.kind == "scope":
                heapq.heappush(waiting, (len(box.path.split("/")), box.count, box.first, box.path, box))

    offer(scope.children.values())
    while waiting:
        box = heapq.heappop(waiting)[-1]
        if len(box.children) <= min(left, _MOST_IN_AN_OPENED):
            opened.add(box)
            left -= len(box.children)
            offer(box.children.values())
        else:
            hidden.append(box)
    return opened, sorted(hidden, key=lambda box: box.first)


def _trace(levels, scope, source, target, edge):
    """Lay an edge through the scopes between its ends: out of the one's, across, into the other's."""
    outward, inward = _below(scope, source), _below(scope, target)
    common = 1
    if source is None or target is None:
        common = 0
    else:
        while outward[common] is inward[common]:
            common += 1
        _join(levels[outward[common - 1]], outward[common], inward[common], edge)
    first = common if common else 0
    for outer, inner in zip(outward[first:], outward[first + 1:]):
        _join(levels[outer], inner, EXIT, edge)
    for outer, inner in zip(inward[first:], inward[first + 1:]):
        _join(levels[outer], ENTRY, inner, edge)


def _below(scope, box):
    """The boxes from ``scope`` to ``box``."""
    if box is None:
        return []
    chain = box.chain()
    return chain[chain.index(scope):]


def _join(level, source, target, edge):
    level.setdefault((source, target), Edge()).add(edge.tensors, edge.example)
