"""Sets as rows of tensors: which elements of one are, or are not, in another."""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import merge, with_rank_at_least
from graphcore.ops.kernels import set_rows

ELEMENTS = {dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16, dtypes.string}


class DenseToDenseSetOperation(Op, differentiable=False):
    """For each pair of rows of ``set1`` and ``set2`` a row of the elements of their difference, intersection or union.

    The rows, sorted and without repetition, come as the parts of a sparse tensor.
    """

    set_operation = Attr(bytes)
    validate_indices = Attr(bool, default=True)
    T = TypeAttr(ELEMENTS)
    set1 = Input(T)
    set2 = Input(T)
    result_indices = Output(dtypes.int64)
    result_values = Output(T)
    result_shape = Output(dtypes.int64)
    example = dict(set1=np.array([[1, 2, 3]], np.int32), set2=np.array([[3, 1]], np.int32), set_operation="a-b",
                   result_indices=np.array([[0, 0]], np.int64), result_values=np.array([2], np.int32),
                   result_shape=np.array([1, 1], np.int64))

    def infer(node):
        first, second = [with_rank_at_least(each.shape.sizes, 2) for each in (node.set1, node.set2)]
        if None not in (first, second):
            merge(first[:-1], second[:-1])
        rank = len(first or second) if first or second else None
        return [(None, rank), (None,), (rank,)]

    def kernel(set1, set2, *, set_operation, T):
        return set_rows.combined(set_operation, set_rows.of_dense(set1), set_rows.of_dense(set2), T.np)


def values_of_difference(a, b):
    """The elements of each row of ``a`` that are not in the same row of ``b``, one after the other in a vector."""
    return DenseToDenseSetOperation.build(a, b, set_operation="a-b")[1]


__all__ = []
