"""Merge: what is computed twice from the same values is computed once (common sub-expressions)."""

import numpy as np

from graphcore.session.passes.rewriting import renamed, replaced, takes_variable
from graphcore.session.plan import Choose, Read

_MOST_COMPARED = 1024  # bytes of a constant


def merge(plan):
    """The plan in which equal nodes are one; never stateful ones, and never reads: a read belongs to its place."""
    same, first, kinds = {}, {}, _Attributes()
    constants = _merged_constants(plan, same)
    kept = []
    for node in plan.nodes:
        node = renamed(node, same)
        key = _key(node, kinds)
        earlier = None if key is None else first.setdefault(key, node)
        if earlier is None or earlier is node:
            kept.append(node)
        else:
            same.update(zip(node.outputs, earlier.outputs))
    return replaced(plan, kept, same, constants)


def _merged_constants(plan, same):
    kept, first = {}, {}
    for value, array in plan.constants.items():
        if isinstance(array, np.ndarray) and array.nbytes <= _MOST_COMPARED and array.dtype.kind != "O":
            earlier = first.setdefault((array.dtype, array.shape, array.tobytes()), value)
            if earlier != value:
                same[value] = earlier
                continue
        kept[value] = array
    return kept


def _key(node, kinds):
    """Equal for nodes that compute the same; None for what must stay as often as it is there."""
    if node.op is Read or node.op is Choose or node.op.stateful or takes_variable(node):
        return None
    kind = kinds.number(node.attrs)
    return None if kind is None else (node.op, kind, node.inputs, node.guard)


class _Attributes:
    """Numbers for attributes, the same for equal ones; nodes of one kind share theirs, so that few are looked at."""

    def __init__(self):
        self.known = {}  # id → (the attributes, their number)
        self.numbers = {}

    def number(self, attrs):
        """The number, or None for attributes that cannot be compared."""
        known = self.known.get(id(attrs))
        if known is None:
            try:
                compared = tuple([(k, v) for k, v in attrs.items() if not k.startswith("_")])
                number = self.numbers.setdefault(compared, len(self.numbers))
            except TypeError:  # an array among them
                number = None
            known = self.known[id(attrs)] = attrs, number
        return known[1]
