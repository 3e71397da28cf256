"""Sets as rows of tensors: which elements of one are, or are not, in another."""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import format_shape

_ELEMENTS = {dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16, dtypes.string}
_OPERATIONS = {
    "a-b": lambda a, b: a - b,
    "b-a": lambda a, b: b - a,
    "intersection": lambda a, b: a & b,
    "union": lambda a, b: a | b,
}


class DenseToDenseSetOperation(Op, differentiable=False):
    """For each pair of rows of ``set1`` and ``set2`` a row of the elements of their difference, intersection or union.

    The rows, sorted and without repetition, come as the parts of a sparse tensor.
    """

    set_operation = Attr(bytes)
    validate_indices = Attr(bool, default=True)
    T = TypeAttr(_ELEMENTS)
    set1 = Input(T)
    set2 = Input(T)
    result_indices = Output(dtypes.int64)
    result_values = Output(T)
    result_shape = Output(dtypes.int64)
    example = dict(set1=np.array([[1, 2, 3]], np.int32), set2=np.array([[3, 1]], np.int32), set_operation="a-b",
                   result_indices=np.array([[0, 0]], np.int64), result_values=np.array([2], np.int32),
                   result_shape=np.array([1, 1], np.int64))

    def infer(node):
        ranks = [each.shape.rank for each in (node.set1, node.set2) if each.shape.rank is not None]
        rank = ranks[0] if ranks else None
        return [(None, rank), (None,), (rank,)]

    def kernel(set1, set2, *, set_operation, T):
        _check_rows(set1, set2)
        combined = _OPERATIONS.get(set_operation.decode())
        if combined is None:
            raise _invalid(f"Invalid set_operation {set_operation.decode()}.")
        groups = set1.shape[:-1]
        rows = [sorted(combined(set(set1[at].tolist()), set(set2[at].tolist()))) for at in np.ndindex(*groups)]
        indices = [(*at, i) for at, row in zip(np.ndindex(*groups), rows) for i in range(len(row))]
        values = np.array([value for row in rows for value in row], object if T.np.kind == "O" else T.np)
        longest = max(map(len, rows), default=0)
        return (np.array(indices, np.int64).reshape(len(indices), set1.ndim), values, np.array([*groups, longest], np.int64))


def _check_rows(set1, set2):
    if set1.ndim < 2:
        raise _invalid(f"Invalid rank {set1.ndim}: sets are the rows of a tensor of rank 2 or more.")
    if set1.shape[:-1] != set2.shape[:-1]:
        raise _invalid(f"Mismatched group shapes {format_shape(set1.shape[:-1])} vs {format_shape(set2.shape[:-1])}.")


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def values_of_difference(a, b):
    """The elements of each row of ``a`` that are not in the same row of ``b``, one after the other in a vector."""
    return DenseToDenseSetOperation.build(a, b, set_operation="a-b")[1]


__all__ = []
