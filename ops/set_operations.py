"""Sets as rows of tensors, of which one or both are sparse: differences, intersections, unions and sizes."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import merged_size, with_rank
from graphcore.core.sparse import SparseTensor, SparseTensorValue
from graphcore.ops.kernels import set_rows
from graphcore.ops.sets import ELEMENTS, DenseToDenseSetOperation


def _parts_shape(rank):
    return [(None, rank), (None,), (rank,)]


def _rank_of(shape):
    """The rank of the sparse tensor with this dense shape, if known."""
    return with_rank(shape.shape.sizes, 1)[0]


class DenseToSparseSetOperation(Op, differentiable=False):
    """`DenseToDenseSetOperation` with a sparse second set, whose rows are the elements that differ in the last index only."""

    set_operation = Attr(bytes)
    validate_indices = Attr(bool, default=True)
    T = TypeAttr(ELEMENTS)
    set1 = Input(T)
    set2_indices = Input(int64)
    set2_values = Input(T)
    set2_shape = Input(int64)
    result_indices = Output(int64)
    result_values = Output(T)
    result_shape = Output(int64)
    example = dict(set1=np.array([[1, 2, 3]], np.int32), set2_indices=np.array([[0, 0]]), set2_values=np.array([3], np.int32),
                   set2_shape=np.array([1, 2]), set_operation="a-b", result_indices=np.array([[0, 0], [0, 1]]),
                   result_values=np.array([1, 2], np.int32), result_shape=np.array([1, 2]))

    def infer(node):
        rank = _rank_of(node.set2_shape)
        return _parts_shape(merged_size(node.set1.shape.rank, rank))

    def kernel(set1, set2_indices, set2_values, set2_shape, *, set_operation, validate_indices, T):
        second = set_rows.of_sparse(set2_indices, set2_values, set2_shape, validate_indices)
        return set_rows.combined(set_operation, set_rows.of_dense(set1), second, T.np)


class SparseToSparseSetOperation(Op, differentiable=False):
    """`DenseToDenseSetOperation` of two sparse sets, whose rows are the elements that differ in the last index only."""

    set_operation = Attr(bytes)
    validate_indices = Attr(bool, default=True)
    T = TypeAttr(ELEMENTS)
    set1_indices = Input(int64)
    set1_values = Input(T)
    set1_shape = Input(int64)
    set2_indices = Input(int64)
    set2_values = Input(T)
    set2_shape = Input(int64)
    result_indices = Output(int64)
    result_values = Output(T)
    result_shape = Output(int64)
    example = dict(set1_indices=np.array([[0, 0], [0, 1]]), set1_values=np.array([5, 3], np.int32), set1_shape=np.array([1, 2]),
                   set2_indices=np.array([[0, 0]]), set2_values=np.array([3], np.int32), set2_shape=np.array([1, 1]),
                   set_operation="intersection", result_indices=np.array([[0, 0]]), result_values=np.array([3], np.int32),
                   result_shape=np.array([1, 1]))

    def infer(node):
        return _parts_shape(merged_size(_rank_of(node.set1_shape), _rank_of(node.set2_shape)))

    def kernel(set1_indices, set1_values, set1_shape, set2_indices, set2_values, set2_shape, *, set_operation, validate_indices, T):
        first = set_rows.of_sparse(set1_indices, set1_values, set1_shape, validate_indices)
        second = set_rows.of_sparse(set2_indices, set2_values, set2_shape, validate_indices)
        return set_rows.combined(set_operation, first, second, T.np)


class SetSize(Op, differentiable=False):
    """How many different elements each row of a sparse set has."""

    validate_indices = Attr(bool, default=True)
    T = TypeAttr(ELEMENTS)
    set_indices = Input(int64)
    set_values = Input(T)
    set_shape = Input(int64)
    size = Output(int32)
    example = dict(set_indices=np.array([[0, 0], [0, 1], [1, 0]]), set_values=np.array([5, 5, 7], np.int32), set_shape=np.array([3, 2]),
                   size=np.array([1, 1, 0], np.int32))

    def kernel(set_indices, set_values, set_shape, *, validate_indices):
        groups, rows = set_rows.of_sparse(set_indices, set_values, set_shape, validate_indices)
        sizes = np.zeros(groups, np.int32)
        for at, row in rows.items():
            sizes[at] = len(row)
        return sizes


# ---------------------------------------------------------------- public functions


def _operand(value, name):
    sparse = isinstance(value, (SparseTensor, SparseTensorValue))
    return SparseTensor.from_value(value) if isinstance(value, SparseTensorValue) else value if sparse else to_tensor(value, name=name)


def _two_sets(a, b):
    """(both sets, a dense one first; whether they were exchanged)."""
    a = _operand(a, "a")
    if a.dtype.base not in ELEMENTS:
        raise TypeError(f"'a' invalid dtype {a.dtype}.")
    b = _operand(b, "b")
    if b.dtype.base is not a.dtype.base:
        raise TypeError(f"Types don't match, {a.dtype} vs {b.dtype}.")
    exchanged = isinstance(a, SparseTensor) and not isinstance(b, SparseTensor)
    return (b, a, True) if exchanged else (a, b, False)


def _combined(a, b, operation, validate_indices):
    definition = SparseToSparseSetOperation
    if not isinstance(b, SparseTensor):
        definition = DenseToDenseSetOperation
    elif not isinstance(a, SparseTensor):
        definition = DenseToSparseSetOperation
    parts = [part for each in (a, b) for part in _parts(each)]
    return SparseTensor(*definition.build(*parts, set_operation=operation, validate_indices=validate_indices))


def _parts(value):
    return (value.indices, value.values, value.dense_shape) if isinstance(value, SparseTensor) else (value,)


def set_size(a, validate_indices=True):
    """How many different elements the rows along the last axis of a SparseTensor have, an int32 Tensor.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sets.size(tf.SparseTensor([[0, 0], [0, 1]], [5, 5], [2, 2])))
    array([1, 0], dtype=int32)
    """
    a = _operand(a, "a")
    if not isinstance(a, SparseTensor):
        raise TypeError(f"Expected `SparseTensor`, got {a}.")
    if a.values.dtype.base not in ELEMENTS:
        raise TypeError(f"Invalid dtype {a.values.dtype}.")
    return SetSize.build(a.indices, a.values, a.dense_shape, validate_indices=validate_indices)


def set_intersection(a, b, validate_indices=True):
    """The elements that are both in a row of ``a`` and in the same row of ``b``; rows run along the last axis.

    Args:
      a, b: Tensors or SparseTensors of integers or strings, alike in all sizes but the last.
      validate_indices: whether the order of sparse indices is checked.

    Returns:
      A SparseTensor with sorted rows.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sets.intersection([[1, 2], [3, 3]], [[2, 5], [4, 3]])).values
    array([2, 3], dtype=int32)
    """
    a, b, _ = _two_sets(a, b)
    return _combined(a, b, "intersection", validate_indices)


def set_difference(a, b, aminusb=True, validate_indices=True):
    """The elements of each row of ``a`` that are not in the same row of ``b``, or the reverse unless ``aminusb``.

    The arguments and the result are those of `set_intersection`.
    """
    a, b, exchanged = _two_sets(a, b)
    return _combined(a, b, "a-b" if aminusb != exchanged else "b-a", validate_indices)


def set_union(a, b, validate_indices=True):
    """The elements that are in a row of ``a`` or in the same row of ``b``; arguments and result as in `set_intersection`."""
    a, b, _ = _two_sets(a, b)
    return _combined(a, b, "union", validate_indices)


__all__ = []
