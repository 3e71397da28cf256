"""Sums, maxima and softmaxes of sparse tensors."""

import numpy as np

from graphcore.core.dtypes import NUMBERS, QUANTIZED, REAL, float32, float64, int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import reduced, with_rank
from graphcore.core.sparse import SparseTensor
from graphcore.ops import arrays, casting, constants, gathering, reduction_gradients, sequences
from graphcore.ops.kernels import sparsity
from graphcore.ops.sparse_arithmetic import SparseDenseCwiseAdd


def _reduced_shape(node):
    """What is left of a dense shape that is known, with the axes, while building; nothing is known else."""
    sizes, axes = node.input_shape.value, node.reduction_axes.value
    if sizes is None or axes is None:
        return None
    # Axes that there are not are refused in the run, as in TF.
    return reduced(tuple(int(size) for size in sizes), np.ravel(axes) % max(len(sizes), 1), node.keep_dims)


class SparseReduceSum(Op):
    """The sum of a sparse tensor over ``reduction_axes``, as a dense tensor."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    input_indices = Input(int64)
    input_values = Input(T)
    input_shape = Input(int64, static=True)
    reduction_axes = Input(int32, static=True)
    output = Output(T)
    example = dict(input_indices=np.array([[0, 1], [0, 2]]), input_values=[1.0, 2.0], input_shape=np.array([2, 3]),
                   reduction_axes=np.array([1], np.int32), output=[3.0, 0.0])

    infer = _reduced_shape

    def kernel(input_indices, input_values, input_shape, reduction_axes, *, keep_dims):
        return sparsity.dense_reduction(np.add, input_indices, input_values, input_shape, reduction_axes, keep_dims)

    def grad(node, dy):
        kept = reduction_gradients.reduced_shape(node.input_shape, node.reduction_axes)
        dy = arrays.reshape(dy, kept)
        scale = node.input_shape // casting.cast(kept, int64)
        return None, gathering.gather_nd(dy, node.input_indices // scale), None, None


class SparseReduceSumSparse(Op, refuses=True):
    """The sum of a sparse tensor over ``reduction_axes``, as a sparse tensor."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    input_indices = Input(int64)
    input_values = Input(T)
    input_shape = Input(int64)
    reduction_axes = Input(int32)
    output_indices = Output(int64)
    output_values = Output(T)
    output_shape = Output(int64)
    example = dict(input_indices=np.array([[0, 1], [0, 2]]), input_values=[1.0, 2.0], input_shape=np.array([2, 3]),
                   reduction_axes=np.array([1], np.int32), output_indices=np.array([[0]]), output_values=[3.0],
                   output_shape=np.array([2]))

    def kernel(input_indices, input_values, input_shape, reduction_axes, *, keep_dims):
        return sparsity.sparse_reduction(np.add, input_indices, input_values, input_shape, reduction_axes, keep_dims)


class SparseReduceMax(Op, refuses=True):
    """The largest of the given elements of a sparse tensor along ``reduction_axes``, as a dense tensor; 0 where there is none."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(REAL)
    input_indices = Input(int64)
    input_values = Input(T)
    input_shape = Input(int64, static=True)
    reduction_axes = Input(int32, static=True)
    output = Output(T)
    example = dict(input_indices=np.array([[0, 1], [0, 2]]), input_values=[-1.0, -2.0], input_shape=np.array([2, 3]),
                   reduction_axes=np.array([1], np.int32), output=[-1.0, 0.0])

    infer = _reduced_shape

    def kernel(input_indices, input_values, input_shape, reduction_axes, *, keep_dims):
        return sparsity.dense_reduction(np.fmax, input_indices, input_values, input_shape, reduction_axes, keep_dims)


class SparseReduceMaxSparse(Op, refuses=True):
    """The largest of the given elements of a sparse tensor along ``reduction_axes``, as a sparse tensor."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(REAL)
    input_indices = Input(int64)
    input_values = Input(T)
    input_shape = Input(int64)
    reduction_axes = Input(int32)
    output_indices = Output(int64)
    output_values = Output(T)
    output_shape = Output(int64)
    example = dict(input_indices=np.array([[0, 1], [0, 2]]), input_values=[-1.0, -2.0], input_shape=np.array([2, 3]),
                   reduction_axes=np.array([1], np.int32), output_indices=np.array([[0]]), output_values=[-1.0],
                   output_shape=np.array([2]))

    def kernel(input_indices, input_values, input_shape, reduction_axes, *, keep_dims):
        return sparsity.sparse_reduction(np.fmax, input_indices, input_values, input_shape, reduction_axes, keep_dims)


class SparseSoftmax(Op):
    """The softmax along the last axis over the elements that are given; those that are not do not count."""

    T = TypeAttr({float32, float64})
    sp_indices = Input(int64)
    sp_values = Input(T)
    sp_shape = Input(int64)
    output = Output(T)
    example = dict(sp_indices=np.array([[0, 0], [0, 2], [1, 1]]), sp_values=[1.0, 1.0, 3.0], sp_shape=np.array([2, 3]),
                   output=[0.5, 0.5, 1.0])

    def infer(node):
        with_rank(node.sp_indices.shape.sizes, 2)
        return with_rank(node.sp_values.shape.sizes, 1)

    def kernel(sp_indices, sp_values, sp_shape):
        return sparsity.softmax_of_rows(sp_indices, sp_values, sp_shape)

    def grad(node, dy):
        indices, sizes = node.sp_indices, node.sp_shape
        output, given = SparseTensor(indices, node.output, sizes), SparseTensor(indices, dy, sizes)
        product = SparseTensor(indices, output.values * given.values, sizes)
        total = -sparse_reduce_sum(product, [-1], keepdims=True)
        values = SparseDenseCwiseAdd.build(given.indices, given.values, given.dense_shape, total)
        shifted = SparseTensor(given.indices, values, given.dense_shape)
        return None, shifted.values * output.values, None


# ---------------------------------------------------------------- public functions


def _reduction(operation, sp_input, axis, keepdims, reduction_axes, keep_dims):
    keepdims = arrays.renamed("keepdims", keepdims, "keep_dims", keep_dims)
    parts = sp_input.indices, sp_input.values, sp_input.dense_shape
    return operation.build(*parts, _axes(sp_input, axis, reduction_axes), keep_dims=bool(keepdims))


def _axes(sp_input, axis, reduction_axes):
    """The axes to reduce: all of them if none are given."""
    if reduction_axes is not None:
        if axis is not None:
            raise ValueError("Can't specify both axis' and 'reduction_indices'.")
        return reduction_axes
    if axis is not None:
        return axis
    rank = sp_input.dense_shape.shape.num_elements()
    if rank is None:
        return sequences.range(0, arrays.rank(sp_input))
    return constants.constant(np.arange(rank), int32)


def sparse_reduce_sum(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """The sum of a SparseTensor over ``axis``, as a dense Tensor.

    Args:
      axis: an axis or a list of them, also negative ones; all by default.
      keepdims: whether the axes stay, with size 1.
      reduction_axes, keep_dims: the old names.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_reduce_sum(tf.SparseTensor([[0, 0], [0, 2]], [1.0, 2.0], [2, 3]), 1))
    array([3., 0.], dtype=float32)
    """
    return _reduction(SparseReduceSum, sp_input, axis, keepdims, reduction_axes, keep_dims)


def sparse_reduce_max(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """The largest of the elements given in a SparseTensor over ``axis``, as a dense Tensor; 0 where none is given.

    The arguments are those of `sparse_reduce_sum`.
    """
    return _reduction(SparseReduceMax, sp_input, axis, keepdims, reduction_axes, keep_dims)


def sparse_reduce_sum_sparse(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """The sum of a SparseTensor over ``axis``, as a SparseTensor; the arguments are those of `sparse_reduce_sum`."""
    return SparseTensor(*_reduction(SparseReduceSumSparse, sp_input, axis, keepdims, reduction_axes, keep_dims))


def sparse_reduce_max_sparse(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """The largest of the elements given in a SparseTensor over ``axis``, as a SparseTensor.

    The arguments are those of `sparse_reduce_sum`.
    """
    return SparseTensor(*_reduction(SparseReduceMaxSparse, sp_input, axis, keepdims, reduction_axes, keep_dims))


def sparse_softmax(sp_input, name=None):
    """The softmax along the last axis of a SparseTensor of rank 2 or more, over the elements that are given.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_softmax(tf.SparseTensor([[0, 0], [0, 2]], [1.0, 1.0], [2, 3]))).values
    array([0.5, 0.5], dtype=float32)
    """
    with name_scope(name, "SparseSoftmax", [sp_input.indices, sp_input.values]):
        values = SparseSoftmax.build(sp_input.indices, sp_input.values, sp_input.dense_shape)
        return SparseTensor(sp_input.indices, values, sp_input.dense_shape)


__all__ = ["sparse_reduce_max", "sparse_reduce_max_sparse", "sparse_reduce_sum", "sparse_reduce_sum_sparse", "sparse_softmax"]
