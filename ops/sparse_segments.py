"""Sums and means over segments of rows that are picked from a tensor: what lookups in embedding tables are made of."""

import numpy as np

from graphcore.core.dtypes import INDICES, REAL, float32, float64, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, merge, with_rank, with_rank_at_least
from graphcore.ops import arrays, gathering, segments
from graphcore.ops.kernels import picking

_MEANS = {float32, float64}


def _shape(node):
    """One row for each segment, whose number is not known before the run."""
    sizes = _row_sizes(node, node.data)
    return None if sizes is None else (None, *sizes)


def _counted_shape(node):
    """One row for each of the ``num_segments``."""
    return _fixed_shape(node, node.data, node.num_segments, "num_segments")


def _gradient_shape(node):
    """As many rows as the data had."""
    return _fixed_shape(node, node.grad, node.output_dim0, "output_dim0")


def _row_sizes(node, data):
    sizes = with_rank_at_least(data.shape.sizes, 1)
    merge(with_rank(node.indices.shape.sizes, 1), with_rank(node.segment_ids.shape.sizes, 1))
    return None if sizes is None else sizes[1:]


def _fixed_shape(node, data, count, name):
    sizes, known = _row_sizes(node, data), count.value
    with_rank(count.shape.sizes, 0)
    if known is not None and known < 0:
        raise ShapeMismatch(f"Cannot specify a negative value for {name}")
    return None if sizes is None else (None if known is None else int(known), *sizes)


class SparseSegmentSum(Op):
    """Row ``i`` of the result is the sum of the rows ``data[indices[j]]`` of all ``j`` with ``segment_ids[j] == i``.

    The ids are in order; a segment that is left out gives zeros.
    """

    T = TypeAttr(REAL)
    Tidx = TypeAttr(INDICES, default=int32)
    data = Input(T)
    indices = Input(Tidx)
    segment_ids = Input(int32)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], indices=np.array([0, 2, 1], np.int32), segment_ids=np.array([0, 0, 2], np.int32),
                   output=[[5.0], [0.0], [2.0]])

    infer = _shape

    def kernel(data, indices, segment_ids):
        return picking.of_picked("sum", data, indices, segment_ids)

    def grad(node, dy):
        return _sum_gradient(node, dy), None, None


class SparseSegmentSumWithNumSegments(Op):
    """`SparseSegmentSum` with ``num_segments`` rows."""

    T = TypeAttr(REAL)
    Tidx = TypeAttr(INDICES, default=int32)
    Tnumsegments = TypeAttr(INDICES, default=int32)
    data = Input(T)
    indices = Input(Tidx)
    segment_ids = Input(int32)
    num_segments = Input(Tnumsegments, static=True)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], indices=np.array([0, 2, 1], np.int32), segment_ids=np.array([0, 0, 1], np.int32),
                   num_segments=np.array(3, np.int32), output=[[5.0], [2.0], [0.0]])

    infer = _counted_shape

    def kernel(data, indices, segment_ids, num_segments):
        return picking.of_picked("sum", data, indices, segment_ids, num_segments)

    def grad(node, dy):
        return _sum_gradient(node, dy), None, None, None


def _sum_gradient(node, dy):
    rows = arrays.shape(node.data)[0]
    return segments.unsorted_segment_sum(gathering.gather(dy, node.segment_ids), node.indices, rows)


class SparseSegmentMean(Op):
    """Row ``i`` of the result is the mean of the rows ``data[indices[j]]`` of all ``j`` with ``segment_ids[j] == i``."""

    T = TypeAttr(_MEANS)
    Tidx = TypeAttr(INDICES, default=int32)
    data = Input(T)
    indices = Input(Tidx)
    segment_ids = Input(int32)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], indices=np.array([0, 2, 1], np.int32), segment_ids=np.array([0, 0, 2], np.int32),
                   output=[[2.5], [0.0], [2.0]])

    infer = _shape

    def kernel(data, indices, segment_ids):
        return picking.of_picked("mean", data, indices, segment_ids)

    def grad(node, dy):
        return _mean_gradient(SparseSegmentMeanGrad, node, dy), None, None


class SparseSegmentMeanWithNumSegments(Op):
    """`SparseSegmentMean` with ``num_segments`` rows."""

    T = TypeAttr(_MEANS)
    Tidx = TypeAttr(INDICES, default=int32)
    Tnumsegments = TypeAttr(INDICES, default=int32)
    data = Input(T)
    indices = Input(Tidx)
    segment_ids = Input(int32)
    num_segments = Input(Tnumsegments, static=True)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], indices=np.array([0, 2, 1], np.int32), segment_ids=np.array([0, 0, 1], np.int32),
                   num_segments=np.array(3, np.int32), output=[[2.5], [2.0], [0.0]])

    infer = _counted_shape

    def kernel(data, indices, segment_ids, num_segments):
        return picking.of_picked("mean", data, indices, segment_ids, num_segments)

    def grad(node, dy):
        return _mean_gradient(SparseSegmentMeanGrad, node, dy), None, None, None


class SparseSegmentSqrtN(Op):
    """`SparseSegmentSum`, with the sum of ``n`` rows divided by the square root of ``n``."""

    T = TypeAttr(_MEANS)
    Tidx = TypeAttr(INDICES, default=int32)
    data = Input(T)
    indices = Input(Tidx)
    segment_ids = Input(int32)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [3.0]], indices=np.array([0, 2, 1, 1], np.int32),
                   segment_ids=np.array([0, 0, 0, 0], np.int32), output=[[4.0]])

    infer = _shape

    def kernel(data, indices, segment_ids):
        return picking.of_picked("sqrtn", data, indices, segment_ids)

    def grad(node, dy):
        return _mean_gradient(SparseSegmentSqrtNGrad, node, dy), None, None


class SparseSegmentSqrtNWithNumSegments(Op):
    """`SparseSegmentSqrtN` with ``num_segments`` rows."""

    T = TypeAttr(_MEANS)
    Tidx = TypeAttr(INDICES, default=int32)
    Tnumsegments = TypeAttr(INDICES, default=int32)
    data = Input(T)
    indices = Input(Tidx)
    segment_ids = Input(int32)
    num_segments = Input(Tnumsegments, static=True)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [3.0]], indices=np.array([0, 2, 1, 1], np.int32), segment_ids=np.array([0, 0, 0, 0], np.int32),
                   num_segments=np.array(2, np.int32), output=[[4.0], [0.0]])

    infer = _counted_shape

    def kernel(data, indices, segment_ids, num_segments):
        return picking.of_picked("sqrtn", data, indices, segment_ids, num_segments)

    def grad(node, dy):
        return _mean_gradient(SparseSegmentSqrtNGrad, node, dy), None, None, None


def _mean_gradient(operation, node, dy):
    return operation.build(dy, node.indices, node.segment_ids, arrays.shape(node.data)[0])


class SparseSegmentMeanGrad(Op, refuses=True):
    """The gradient of `SparseSegmentMean` for its data, which has ``output_dim0`` rows."""

    T = TypeAttr(_MEANS)
    Tidx = TypeAttr(INDICES, default=int32)
    grad_ = Input(T)
    indices = Input(Tidx)
    segment_ids = Input(int32)
    output_dim0 = Input(int32, static=True)
    output = Output(T)
    example = dict(grad=[[2.0], [8.0]], indices=np.array([0, 2, 2], np.int32), segment_ids=np.array([0, 0, 1], np.int32),
                   output_dim0=np.array(3, np.int32), output=[[1.0], [0.0], [9.0]])

    infer = _gradient_shape

    def kernel(grad_, indices, segment_ids, output_dim0):
        return picking.gradient_of_picked("mean", grad_, indices, segment_ids, output_dim0)


class SparseSegmentSqrtNGrad(Op, refuses=True):
    """The gradient of `SparseSegmentSqrtN` for its data, which has ``output_dim0`` rows."""

    T = TypeAttr(_MEANS)
    Tidx = TypeAttr(INDICES, default=int32)
    grad_ = Input(T)
    indices = Input(Tidx)
    segment_ids = Input(int32)
    output_dim0 = Input(int32, static=True)
    output = Output(T)
    example = dict(grad=[[2.0]], indices=np.array([0, 2, 2, 1], np.int32), segment_ids=np.array([0, 0, 0, 0], np.int32),
                   output_dim0=np.array(3, np.int32), output=[[1.0], [1.0], [2.0]])

    infer = _gradient_shape

    def kernel(grad_, indices, segment_ids, output_dim0):
        return picking.gradient_of_picked("sqrtn", grad_, indices, segment_ids, output_dim0)


def _one_of(plain, counted, data, indices, segment_ids, name, num_segments):
    if num_segments is None:
        return plain.build(data, indices, segment_ids, name=name)
    return counted.build(data, indices, segment_ids, num_segments, name=name)


def sparse_segment_sum(data, indices, segment_ids, name=None, num_segments=None):
    """Sums over segments of the rows ``data[indices]``.

    Args:
      data: a tensor of which rows are taken.
      indices: which rows, int32 or int64; a row may be taken more than once.
      segment_ids: for each of them the row of the result to which it is added; int32, in order.
      num_segments: how many rows the result has; by default one more than the last id.

    ``tf.errors.InvalidArgumentError`` in the run for an index without a row, and for ids out of order.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_segment_sum([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [0, 2, 1], [0, 0, 1]))
    array([[6., 8.],
           [3., 4.]], dtype=float32)
    """
    return _one_of(SparseSegmentSum, SparseSegmentSumWithNumSegments, data, indices, segment_ids, name, num_segments)


def sparse_segment_mean(data, indices, segment_ids, name=None, num_segments=None):
    """Means over segments of the rows ``data[indices]``; the arguments are those of `sparse_segment_sum`."""
    return _one_of(SparseSegmentMean, SparseSegmentMeanWithNumSegments, data, indices, segment_ids, name, num_segments)


def sparse_segment_sqrt_n(data, indices, segment_ids, name=None, num_segments=None):
    """Sums over segments of the rows ``data[indices]``, each divided by the square root of the number of its rows.

    The arguments are those of `sparse_segment_sum`.
    """
    return _one_of(SparseSegmentSqrtN, SparseSegmentSqrtNWithNumSegments, data, indices, segment_ids, name, num_segments)


__all__ = ["sparse_segment_mean", "sparse_segment_sqrt_n", "sparse_segment_sum"]
