"""Name scopes as a tree of boxes: what a picture may show, and what it groups when there is too much."""

import re

DEPTH = 30    # scopes below that are drawn as one name
_NUMBERED = re.compile(r"_\d+$")
# By name, since a GraphDef may come from elsewhere: what holds a value between runs.
_VARIABLES = {"Variable", "VariableV2", "VarHandleOp", "TemporaryVariable", "AutoReloadVariable"}


class Box:
    """A part of a graph: an operation ("op"), a "scope", a "variable" with all that belongs to it, a "series" of boxes
    whose names differ in their number, or "more", what is left out."""

    __slots__ = ("kind", "label", "path", "parent", "children", "node", "first", "count")

    def __init__(self, kind, label, path, parent, first):
        self.kind, self.label, self.path, self.parent, self.first = kind, label, path, parent, first
        self.children, self.node, self.count = {}, None, 0

    def chain(self):
        """The boxes from the outermost to this one."""
        boxes = [self]
        while boxes[-1].parent is not None:
            boxes.append(boxes[-1].parent)
        return boxes[::-1]

    def members(self):
        """The numbers of all nodes inside."""
        found, waiting = [], [self]
        while waiting:
            box = waiting.pop()
            if box.node is not None:
                found.append(box.node)
            waiting.extend(box.children.values())
        return sorted(found)


def tree_of(nodes, most):
    """The tree of the nodes' name scopes, no box of it with more than ``most`` inside; and the box of each node."""
    root, homes = Box("scope", "", "", None, 0), []
    for number, node in enumerate(nodes):
        homes.append(_place(root, node.name, number))
    scopes = _finished(root, nodes, homes)
    for scope in scopes:
        if len(scope.children) > most:
            _group(scope)
        if len(scope.children) > most:
            _leave_out(scope, most - 1)
    return root, homes


def _place(root, name, number):
    """Make the boxes that a name passes through; the innermost one has the node."""
    box, path = root, ""
    root.count += 1
    for part in name.split("/", DEPTH):
        path = f"{path}/{part}" if path else part
        inner = box.children.get(part)
        if inner is None:
            inner = box.children[part] = Box("op", part, path, box, number)
        inner.count += 1
        box = inner
    box.node = number
    return box


def _finished(root, nodes, homes):
    """Say what each box is; an operation that is also a scope goes inside, unless it is a variable. Gives the scopes."""
    scopes, waiting = [root], list(root.children.values())
    while waiting:
        box = waiting.pop()
        if box.node is not None and nodes[box.node].op in _VARIABLES:
            box.kind = "variable"
        elif box.children:
            box.kind = "scope"
            scopes.append(box)
            waiting.extend(box.children.values())
            if box.node is not None:
                own = box.children[""] = Box("op", f"({box.label})", box.path, box, box.node)
                own.node, own.count, box.node = box.node, 1, None
                homes[own.node] = own
    return scopes


def _group(scope):
    """Put boxes of one kind whose names differ in the number at their end into a series."""
    groups = {}
    for box in scope.children.values():
        groups.setdefault((box.kind, _NUMBERED.sub("", box.label)), []).append(box)
    children = {}
    for (_, stem), boxes in groups.items():
        if len(boxes) > 1:
            _wrap(children, "series", stem, scope, boxes)
        else:
            children[boxes[0].label] = boxes[0]
    scope.children = children


def _leave_out(scope, kept):
    """Put all boxes but the first ``kept`` into one."""
    boxes = sorted(scope.children.values(), key=lambda box: box.first)
    scope.children = {(box.kind, box.label): box for box in boxes[:kept]}
    _wrap(scope.children, "more", f"{len(boxes) - kept} more", scope, boxes[kept:])


def _wrap(children, kind, label, scope, boxes):
    group = Box(kind, label, f"{scope.path}/{label}".lstrip("/"), scope, min(box.first for box in boxes))
    group.children = dict(enumerate(boxes))
    group.count = sum(box.count for box in boxes)
    for box in boxes:
        box.parent = group
    children[kind, label] = group
