"""Sums, products, quotients, maxima and minima of sparse tensors with each other and with dense ones."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import INDICES, NUMBERS, QUANTIZED, REAL, int64
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import merged_size, with_rank
from graphcore.core.sparse import SparseTensor
from graphcore.ops import arrays, gathering
from graphcore.ops.kernels import sparse_sums
from graphcore.ops.sparse_tensors import as_sparse, is_sparse, known_shape


class SparseAdd(Op):
    """The sum of two sparse tensors of one shape, without the sums of two elements that are below ``thresh`` in magnitude."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Treal = TypeAttr(REAL)
    a_indices = Input(int64)
    a_values = Input(T)
    a_shape = Input(int64)
    b_indices = Input(int64)
    b_values = Input(T)
    b_shape = Input(int64)
    thresh = Input(Treal)
    sum_indices = Output(int64)
    sum_values = Output(T)
    sum_shape = Output(int64)
    example = dict(a_indices=np.array([[0], [2]]), a_values=[1.0, 2.0], a_shape=np.array([3]), b_indices=np.array([[1], [2]]),
                   b_values=[5.0, 6.0], b_shape=np.array([3]), thresh=0.0, sum_indices=np.array([[0], [1], [2]]),
                   sum_values=[1.0, 5.0, 8.0], sum_shape=np.array([3]))

    def infer(node):
        rank, = with_rank(node.a_shape.shape.sizes, 1)
        return [(None, rank), (None,), (rank,)]

    def kernel(a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
        return sparse_sums.added((a_indices, a_values, a_shape), (b_indices, b_values, b_shape), thresh)

    def grad(node, indices_grad, values_grad, shape_grad):
        a_grad, b_grad = SparseAddGrad.build(values_grad, node.a_indices, node.b_indices, node.sum_indices)
        a_grad.set_shape(node.a_values.shape)
        b_grad.set_shape(node.b_values.shape)
        return None, a_grad, None, None, b_grad, None, None


class SparseAddGrad(Op, differentiable=False):
    """The gradients of `SparseAdd` for the values of its two operands, from that of the sum's values."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    backprop_val_grad = Input(T)
    a_indices = Input(int64)
    b_indices = Input(int64)
    sum_indices = Input(int64)
    a_val_grad = Output(T)
    b_val_grad = Output(T)
    example = dict(backprop_val_grad=[1.0, 2.0, 3.0], a_indices=np.array([[0], [2]]), b_indices=np.array([[1], [2]]),
                   sum_indices=np.array([[0], [1], [2]]), a_val_grad=[1.0, 3.0], b_val_grad=[2.0, 3.0])

    def infer(node):
        return [with_rank(each.shape.sizes, 2)[:1] for each in (node.a_indices, node.b_indices)]

    def kernel(backprop_val_grad, a_indices, b_indices, sum_indices):
        return sparse_sums.gradients_of_added(backprop_val_grad, a_indices, b_indices, sum_indices)


class SparseTensorDenseAdd(Op):
    """The dense ``b`` plus a sparse tensor of its shape; values whose indices are repeated are all added."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tindices = TypeAttr(INDICES)
    a_indices = Input(Tindices)
    a_values = Input(T)
    a_shape = Input(Tindices)
    b = Input(T)
    output = Output(T)
    example = dict(a_indices=np.array([[0, 1], [0, 1]]), a_values=[1.0, 2.0], a_shape=np.array([1, 2]), b=[[5.0, 6.0]],
                   output=[[5.0, 9.0]])

    def infer(node):
        return node.b.shape

    def kernel(a_indices, a_values, a_shape, b):
        return sparse_sums.added_to_dense(a_indices, a_values, a_shape, b)

    def grad(node, dy):
        return None, gathering.gather_nd(dy, node.a_indices), None, dy


# ---------------------------------------------------------------- with a dense operand, at the elements that are given


def _values_shape(node):
    return with_rank(node.sp_indices.shape.sizes, 2)[:1]


class SparseDenseCwiseAdd(Op):
    """The given values of a sparse tensor, plus those of ``dense`` at their places; ``dense`` is broadcast."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    sp_indices = Input(int64)
    sp_values = Input(T)
    sp_shape = Input(int64)
    dense = Input(T)
    output = Output(T)
    example = dict(sp_indices=np.array([[0, 1]]), sp_values=[2.0], sp_shape=np.array([2, 2]), dense=[3.0, 4.0], output=[6.0])

    infer = _values_shape

    def kernel(sp_indices, sp_values, sp_shape, dense):
        return sp_values + sparse_sums.dense_at(sp_indices, sp_values, sp_shape, dense)

    def grad(node, dy):
        raise NotImplementedError("Gradient for SparseDenseCwiseAdd is currently not implemented yet. (TensorFlow 1.15 has none.)")


class SparseDenseCwiseMul(Op):
    """The given values of a sparse tensor, times those of ``dense`` at their places; ``dense`` is broadcast."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    sp_indices = Input(int64)
    sp_values = Input(T)
    sp_shape = Input(int64)
    dense = Input(T)
    output = Output(T)
    example = dict(sp_indices=np.array([[0, 1]]), sp_values=[2.0], sp_shape=np.array([2, 2]), dense=[3.0, 4.0], output=[8.0])

    infer = _values_shape

    def kernel(sp_indices, sp_values, sp_shape, dense):
        return sp_values * sparse_sums.dense_at(sp_indices, sp_values, sp_shape, dense)

    def grad(node, dy):
        return _cwise_gradient(node, lambda at: dy * at, lambda at: dy * node.sp_values)


class SparseDenseCwiseDiv(Op):
    """The given values of a sparse tensor, divided by those of ``dense`` at their places; ``dense`` is broadcast."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    sp_indices = Input(int64)
    sp_values = Input(T)
    sp_shape = Input(int64)
    dense = Input(T)
    output = Output(T)
    example = dict(sp_indices=np.array([[0, 1]]), sp_values=[2.0], sp_shape=np.array([2, 2]), dense=[3.0, 4.0], output=[0.5])

    infer = _values_shape

    def kernel(sp_indices, sp_values, sp_shape, dense):
        return sparse_sums.quotient(sp_values, sparse_sums.dense_at(sp_indices, sp_values, sp_shape, dense))

    def grad(node, dy):
        from graphcore.ops import arithmetic

        return _cwise_gradient(node, lambda at: dy / at, lambda at: dy * (-node.sp_values / arithmetic.square(at)))


def _cwise_gradient(node, of_values, of_dense):
    """Gradients for the sparse values and the dense operand, both functions of the latter's elements at the values' places."""
    from graphcore.ops import casting, filling, joining, reshaping, slicing

    sizes = casting.cast(arrays.shape(node.dense), int64)
    added = reshaping.expand_dims(arrays.size(node.sp_shape) - arrays.size(sizes), 0)
    augmented = joining.concat([filling.ones(added, int64), sizes], 0)
    # An axis along which the dense operand was repeated has index 0 only.
    places = node.sp_indices // (node.sp_shape // augmented)
    places = slicing.slice(places, joining.concat([[0], added], 0), [-1, -1])
    at = gathering.gather_nd(node.dense, places)
    values_grad, dense_grad = of_values(at), of_dense(at)
    zeros = filling.zeros_like(node.dense)
    return None, values_grad, None, sparse_add(zeros, SparseTensor(places, dense_grad, sizes))


# ---------------------------------------------------------------- maximum and minimum


def _union_shape(node):
    for indices in (node.a_indices, node.b_indices):
        with_rank(indices.shape.sizes, 2)
    for values in (node.a_values, node.b_values):
        with_rank(values.shape.sizes, 1)
    merged_size(with_rank(node.a_shape.shape.sizes, 1)[0], with_rank(node.b_shape.shape.sizes, 1)[0])
    return [(None, None), (None,)]


class SparseSparseMaximum(Op):
    """The larger of each two elements of two sparse tensors of one shape; an element that is not given is zero."""

    T = TypeAttr(REAL)
    a_indices = Input(int64)
    a_values = Input(T)
    a_shape = Input(int64)
    b_indices = Input(int64)
    b_values = Input(T)
    b_shape = Input(int64)
    output_indices = Output(int64)
    output_values = Output(T)
    example = dict(a_indices=np.array([[0], [2]]), a_values=[1.0, 2.0], a_shape=np.array([3]), b_indices=np.array([[1], [2]]),
                   b_values=[-5.0, 6.0], b_shape=np.array([3]), output_indices=np.array([[0], [1], [2]]), output_values=[1.0, 0.0, 6.0])

    infer = _union_shape

    def kernel(a_indices, a_values, a_shape, b_indices, b_values, b_shape):
        return sparse_sums.chosen((a_indices, a_values, a_shape), (b_indices, b_values, b_shape), lambda a, b: np.where(a < b, b, a))

    def grad(node, *grads):
        raise NotImplementedError("Gradient for SparseSparseMaximum is currently not implemented yet. (TensorFlow 1.15 has none.)")


class SparseSparseMinimum(Op):
    """The smaller of each two elements of two sparse tensors of one shape; an element that is not given is zero."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    a_indices = Input(int64)
    a_values = Input(T)
    a_shape = Input(int64)
    b_indices = Input(int64)
    b_values = Input(T)
    b_shape = Input(int64)
    output_indices = Output(int64)
    output_values = Output(T)
    example = dict(a_indices=np.array([[0], [2]]), a_values=[1.0, 2.0], a_shape=np.array([3]), b_indices=np.array([[1], [2]]),
                   b_values=[-5.0, 6.0], b_shape=np.array([3]), output_indices=np.array([[0], [1], [2]]), output_values=[0.0, -5.0, 2.0])

    infer = _union_shape

    def kernel(a_indices, a_values, a_shape, b_indices, b_values, b_shape):
        return sparse_sums.chosen((a_indices, a_values, a_shape), (b_indices, b_values, b_shape), lambda a, b: np.where(b < a, b, a))

    def grad(node, *grads):
        raise NotImplementedError("Gradient for SparseSparseMinimum is currently not implemented yet. (TensorFlow 1.15 has none.)")


# ---------------------------------------------------------------- public functions


def sparse_add(a, b, threshold=None, thresh=None):
    """The sum of two tensors of one shape of which one at least is sparse; there is no broadcasting.

    Args:
      a, b: `SparseTensor` or `SparseTensorValue`; one of them may be a Tensor.
      threshold: sums of two given elements of smaller magnitude are left out of a sparse sum; none are by default.
        An element that only one of them gives is kept, however small.
      thresh: the old name of ``threshold``.

    Returns:
      A SparseTensor if both are sparse, else a Tensor.

    Raises:
      TypeError: neither is sparse.

    >>> import graphcore as tf
    >>> a, b = tf.SparseTensor([[0]], [1.0], [3]), tf.SparseTensor([[2]], [5.0], [3])
    >>> with tf.Session() as session:
    ...     session.run([tf.sparse_add(a, b).values, tf.sparse_add(a, [1.0, 1.0, 1.0])])
    [array([1., 5.], dtype=float32), array([2., 1., 1.], dtype=float32)]
    """
    threshold = arrays.renamed("threshold", threshold, "thresh", thresh)
    if not (is_sparse(a) or is_sparse(b)):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if is_sparse(a) and is_sparse(b):
        return _sparse_sum(as_sparse(a), as_sparse(b), 0 if threshold is None else threshold)
    sparse, dense = (a, b) if is_sparse(a) else (b, a)
    return SparseTensorDenseAdd.build(sparse.indices, sparse.values, sparse.dense_shape, dense)


def _sparse_sum(a, b, threshold):
    threshold = to_tensor(threshold, a.dtype.real_dtype.base, "threshold")
    indices, values, sizes = SparseAdd.build(a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape, threshold)
    a.shape.assert_is_compatible_with(b.shape)
    static = arrays.broadcast_static_shape(known_shape(a), known_shape(b))
    return SparseTensor(indices, values, static.as_list() if static.is_fully_defined() else sizes)


def sparse_maximum(sp_a, sp_b, name=None):
    """The larger of each two elements of two sparse tensors of one shape, as a SparseTensor with the indices of both.

    >>> import graphcore as tf
    >>> a, b = tf.SparseTensor([[0]], [1.0], [3]), tf.SparseTensor([[2]], [-5.0], [3])
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_maximum(a, b).values)
    array([1., 0.], dtype=float32)
    """
    return _extreme(SparseSparseMaximum, sp_a, sp_b, name)


def sparse_minimum(sp_a, sp_b, name=None):
    """The smaller of each two elements of two sparse tensors of one shape, as a SparseTensor with the indices of both."""
    return _extreme(SparseSparseMinimum, sp_a, sp_b, name)


def _extreme(operation, a, b, name):
    with name_scope(name, operation.op_name, [a.indices, a.values, b.indices, b.values]) as name:
        indices, values = operation.build(a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape, name=name)
    return SparseTensor(indices, values, a.dense_shape)


__all__ = ["sparse_add", "sparse_maximum", "sparse_minimum"]
