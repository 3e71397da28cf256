"""Merge: what is computed twice from the same values is computed once (common sub-expressions)."""

import numpy as np

from graphcore.session.passes.rewriting import renamed, replaced
from graphcore.session.plan import Choose, Read, Ref

_MOST_COMPARED = 1024  # bytes of a constant


def merge(plan):
    """The plan in which equal nodes are one; never stateful ones, and never reads: a read belongs to its place."""
    same, first = {}, {}
    constants = _merged_constants(plan, same)
    kept = []
    for node in plan.nodes:
        node = renamed(node, same)
        key = _key(node)
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


def _key(node):
    """Equal for nodes that compute the same; None for what must stay as often as it is there."""
    if node.op is Read or node.op is Choose or node.op.stateful or any(isinstance(i, Ref) for i in node.inputs):
        return None
    try:
        key = (node.op, tuple([(k, v) for k, v in node.attrs.items() if not k.startswith("_")]), node.inputs, node.guard)
        hash(key)
    except TypeError:  # an array among the attributes
        return None
    return key
