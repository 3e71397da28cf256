"""Sparse tensors made of dense ones, and with other elements: retained, filled, merged, masked; sparse identity matrices."""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, NUMERIC, float32, int64
from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Tensor
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import dimension_at_index, merged_size, with_rank
from graphcore.core.sparse import SparseTensor
from graphcore.core.view import shape_from
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    checks,
    comparison,
    constants,
    filling,
    gathering,
    identities,
    joining,
    ordering,
    partitions,
    reductions,
    reshaping,
    selection,
    sequences,
)
from graphcore.ops.kernels import sparse_layouts
from graphcore.ops.sparse_layout import sparse_reorder
from graphcore.ops.sparse_tensors import as_sparse, is_sparse, known_shape, sparse_tensor_to_dense


class SparseFillEmptyRows(Op):
    """A sparse tensor with ``default_value`` at the beginning of each row that has no element."""

    T = TypeAttr(ALL)
    indices = Input(int64)
    values = Input(T)
    dense_shape = Input(int64, static=True)
    default_value = Input(T)
    output_indices = Output(int64)
    output_values = Output(T)
    empty_row_indicator = Output(dtypes.bool)
    reverse_index_map = Output(int64)
    example = dict(indices=np.array([[0, 1], [2, 0]]), values=[1.0, 2.0], dense_shape=np.array([3, 2]), default_value=9.0,
                   output_indices=np.array([[0, 1], [1, 0], [2, 0]]), output_values=[1.0, 9.0, 2.0],
                   empty_row_indicator=[False, True, False], reverse_index_map=np.array([0, 2]))

    def infer(node):
        count, columns = with_rank(node.indices.shape.sizes, 2)
        count = merged_size(count, with_rank(node.values.shape.sizes, 1)[0])
        columns = merged_size(columns, with_rank(node.dense_shape.shape.sizes, 1)[0])
        with_rank(node.default_value.shape.sizes, 0)
        sizes = shape_from(node.dense_shape).sizes
        return [(None, columns), (None,), (sizes[0] if sizes else None,), (count,)]

    def kernel(indices, values, dense_shape, default_value):
        return sparse_layouts.filled(indices, values, dense_shape, default_value)

    def grad(node, indices_grad, values_grad, empty_grad, map_grad):
        of_values, of_default = SparseFillEmptyRowsGrad.build(node.reverse_index_map, values_grad)
        return None, of_values, None, of_default


class SparseFillEmptyRowsGrad(Op, refuses=True):
    """The gradients of `SparseFillEmptyRows` for the values and for the default value."""

    T = TypeAttr(ALL, without_kernel=ALL - NUMERIC)
    reverse_index_map = Input(int64)
    grad_values = Input(T)
    d_values = Output(T)
    d_default_value = Output(T)
    example = dict(reverse_index_map=np.array([2, 0]), grad_values=[1.0, 2.0, 3.0], d_values=[3.0, 1.0], d_default_value=2.0)

    def infer(node):
        with_rank(node.grad_values.shape.sizes, 1)
        return [with_rank(node.reverse_index_map.shape.sizes, 1), ()]

    def kernel(reverse_index_map, grad_values):
        return sparse_layouts.gradients_of_filled(reverse_index_map, grad_values)


def sparse_fill_empty_rows(sp_input, default_value, name=None):
    """(``sp_input`` with ``default_value`` at index 0 of each row without elements, a bool vector: which rows had none).

    >>> import graphcore as tf
    >>> filled, empty = tf.sparse_fill_empty_rows(tf.SparseTensor([[0, 1]], [5], [2, 3]), -1)
    >>> with tf.Session() as session:
    ...     session.run([filled.values, empty])
    [array([ 5, -1], dtype=int32), array([False,  True])]
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseFillEmptyRows", [sp_input]):
        default_value = to_tensor(default_value, sp_input.values.dtype)
        parts = sp_input.indices, sp_input.values, sp_input.dense_shape
        indices, values, empty, _ = SparseFillEmptyRows.build(*parts, default_value)
        return SparseTensor(indices, values, sp_input.dense_shape), empty


def sparse_retain(sp_input, to_retain):
    """The elements of a SparseTensor for which the bool vector ``to_retain`` holds true.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_retain(tf.SparseTensor([[0], [2]], [1.0, 5.0], [3]), [False, True])).indices
    array([[2]])
    """
    sp_input = as_sparse(sp_input)
    to_retain = to_tensor(to_retain)
    to_retain.shape.assert_has_rank(1)
    if sp_input.values.shape.dims is not None:
        sp_input.values.shape.dims[0].merge_with(dimension_at_index(to_retain.shape, 0))
    kept = reshaping.reshape(selection.where_v2(to_retain), [-1])
    indices, values = gathering.gather(sp_input.indices, kept), gathering.gather(sp_input.values, kept)
    return SparseTensor(indices, values, identities.identity(sp_input.dense_shape))


def sparse_reset_shape(sp_input, new_shape=None):
    """A SparseTensor with the same elements in the dense shape ``new_shape``, by default the smallest that holds them.

    Raises:
      ValueError: ``new_shape`` is smaller somewhere, or of another rank; ``tf.errors.InvalidArgumentError`` in the run
        where that is not known before.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_reset_shape(tf.SparseTensor([[0, 1], [2, 0]], [1.0, 5.0], [9, 9]))).dense_shape
    array([3, 2])
    """
    sp_input = as_sparse(sp_input)
    parts = sp_input.indices, sp_input.values, sp_input.dense_shape
    indices, values, before = (identities.identity(part) for part in parts)
    if new_shape is None:
        largest = reductions.reduce_max(indices, axis=0)
        shape = arithmetic.maximum(constants.constant(0, int64), arithmetic.add(largest, filling.ones_like(before)))
    else:
        shape = _checked_shape(sp_input, before, to_tensor(new_shape))
    return SparseTensor(indices, values, shape)


def _checked_shape(sp_input, before, shape):
    """``shape`` as int64, checked to be nowhere smaller than ``before``: now if both are known, else when it runs."""
    shape.shape.assert_has_rank(1)
    shape = casting.cast(shape, int64)
    if shape.shape.rank is not None:
        shape.shape.dims[0].merge_with(before.shape.dims[0])
    known = checks.known_value(shape)
    if known is not None and known_shape(sp_input).is_fully_defined():
        old = np.array(sp_input.shape.as_list())
        if not (old <= known).all():
            raise ValueError("Requested new_shape should have dimension sizes >= sp_input.shape.  "
                             f"Found new_shape ({known}), sp_input.shape ({old}).")
        return known
    shape = ordering.with_dependencies([checks.assert_equal(arrays.shape(before), arrays.shape(shape))], shape)
    return ordering.with_dependencies([checks.assert_less_equal(before, shape)], shape)


def from_dense(tensor, name=None):
    """The SparseTensor of the elements of ``tensor`` that are not zero (or not the empty string).

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse.from_dense([0, 7, 0])).indices
    array([[1]])
    """
    with name_scope(name, "dense_to_sparse"):
        tensor = to_tensor(tensor)
        empty = constants.constant("" if tensor.dtype.base is dtypes.string else 0, tensor.dtype)
        indices = selection.where_v2(comparison.not_equal(tensor, empty))
        values = gathering.gather_nd(tensor, indices)
        return SparseTensor(indices, values, arrays.shape(tensor, out_type=int64))


def sparse_eye(num_rows, num_columns=None, dtype=float32, name=None):
    """A sparse identity matrix, not necessarily square.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse.eye(2, 3)).dense_shape
    array([2, 3])
    """
    with name_scope(name, "eye", [num_rows, num_columns]):
        num_rows = _as_int64(num_rows, "num_rows")
        num_columns = num_rows if num_columns is None else _as_int64(num_columns, "num_columns")
        count = arithmetic.minimum(num_rows, num_columns)
        places = sequences.range(count, dtype=int64)
        indices, values = joining.stack([places, places], axis=1), filling.ones(count, dtype=dtype)
        return SparseTensor(indices, values, [num_rows, num_columns])


def _as_int64(value, name):
    if isinstance(value, (int, np.integer)):
        return to_tensor(value, int64, name)
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be an integer value")
    return value if value.dtype is int64 else casting.cast(value, int64)


def sparse_mask(a, mask_indices, name=None):
    """The slices of an `IndexedSlices` whose indices are not among ``mask_indices``.

    >>> import graphcore as tf
    >>> slices = tf.IndexedSlices(tf.constant([[1.0], [2.0]]), tf.constant([3, 8]), tf.constant([10, 1]))
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_mask(slices, [3]).indices)
    array([8], dtype=int32)
    """
    with name_scope(name, "sparse_mask", [a, mask_indices]) as name:
        indices, kept = partitions.ListDiff.build(a.indices, mask_indices)
        return IndexedSlices(gathering.gather(a.values, kept, name=name), indices, a.dense_shape)


# ---------------------------------------------------------------- ids as an axis
def sparse_merge(sp_ids, sp_values, vocab_size, name=None, already_sorted=False):
    """A SparseTensor whose last index is the value of ``sp_ids`` and whose value is that of ``sp_values``.

    Args:
      sp_ids: a SparseTensor of integers, or a list of them for several last indices.
      sp_values: a SparseTensor of any dtype with the same indices.
      vocab_size: the size of the last axis: an int or a Tensor, or a list of them; larger ids are not refused.
      already_sorted: whether the new indices are known to be in row-major order.

    Raises:
      TypeError, ValueError: ``sp_ids`` and ``vocab_size`` are not both lists, or of different lengths.

    >>> import graphcore as tf
    >>> ids, values = (tf.SparseTensor([[0, 0], [0, 1]], each, [1, 2]) for each in ([7, 2], [0.5, 0.25]))
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_merge(ids, values, vocab_size=10)).indices
    array([[0, 2],
           [0, 7]])
    """
    ids, sizes = _checked_ids(sp_ids, vocab_size)
    with name_scope(name, "SparseMerge", [*ids, sp_values]):
        ids, sp_values = [as_sparse(each) for each in ids], as_sparse(sp_values)
        columns = []
        for each in ids:
            numbers = each.values if each.dtype is int64 else casting.cast(each.values, int64)
            columns.append(reshaping.expand_dims(numbers, axis=1))
        sizes = [casting.cast(size, int64) for size in sizes]
        indices = joining.concat([ids[0].indices[:, :-1], *columns], 1)
        shape = joining.concat([ids[0].dense_shape[:-1], sizes], 0)
        result = SparseTensor(indices, sp_values.values, shape)
        if already_sorted:
            return result
        ordered = sparse_reorder(result)
        return SparseTensor(ordered.indices, ordered.values, shape)


def _checked_ids(sp_ids, vocab_size):
    """Both as lists of one length."""
    if is_sparse(sp_ids):
        if not _is_size(vocab_size):
            raise TypeError(f"vocab_size has to be a Tensor or Python int. Found {type(vocab_size)}")
        return [sp_ids], [vocab_size]
    if not hasattr(sp_ids, "__iter__"):
        raise TypeError(f"sp_ids has to be a SparseTensor or list thereof. Found {type(sp_ids)}")
    if isinstance(vocab_size, Tensor) or not hasattr(vocab_size, "__iter__"):
        raise TypeError(f"vocab_size has to be a list of Tensors or Python ints. Found {type(vocab_size)}")
    for size in vocab_size:
        if not _is_size(size):
            raise TypeError(f"vocab_size has to be a list of Tensors or Python ints. Found {type(size)}")
    if len(sp_ids) != len(vocab_size):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    return list(sp_ids), list(vocab_size)


def _is_size(value):
    return isinstance(value, (Tensor, int, np.integer))


def sparse_to_indicator(sp_input, vocab_size, name=None):
    """A dense bool tensor that is true at ``[..., id]`` for each ``id`` among the values of a SparseTensor.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_to_indicator(tf.SparseTensor([[0, 0], [1, 0]], [2, 0], [2, 1]), 3))
    array([[False, False,  True],
           [ True, False, False]])
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseToIndicator", [sp_input]) as name:
        count = arrays.shape(sp_input.indices)[0]
        true = filling.fill(reshaping.expand_dims(count, 0), True)
        merged = sparse_merge(sp_input, SparseTensor(sp_input.indices, true, sp_input.dense_shape), vocab_size, name)
        # An id that is repeated within a row gives repeated indices.
        return sparse_tensor_to_dense(merged, default_value=False, validate_indices=False, name=name)


__all__ = ["sparse_fill_empty_rows", "sparse_mask", "sparse_merge", "sparse_reset_shape", "sparse_retain", "sparse_to_indicator"]
