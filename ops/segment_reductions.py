"""Largest, smallest, product and mean over segments: rows of a tensor that share an id."""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import NUMBERS, QUANTIZED, REAL, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    comparison,
    division,
    filling,
    gathering,
    joining,
    mathematics,
    reshaping,
    segments,
    selection,
)
from graphcore.ops.kernels import segmenting


def _declare_sorted(word, doc, ufunc, allowed, empty, output, **gradient):
    """The op ``SegmentMax`` or the like, of rows whose ids ascend."""
    T, Tindices = TypeAttr(allowed, without_kernel=QUANTIZED & allowed), TypeAttr(dtypes.INDICES)

    def kernel(data, segment_ids):
        return segmenting.of_sorted(ufunc, data, segment_ids, empty)

    body = dict(T=T, Tindices=Tindices, data=Input(T), segment_ids=Input(Tindices), output=Output(T), infer=segments.sorted_shape,
                example=dict(data=[[1.0], [2.0], [4.0]], segment_ids=np.array([0, 2, 2], np.int32), output=output), kernel=kernel,
                __doc__=f"Row ``i`` of the result is the {doc} where there is none.", __module__=__name__)
    if gradient:
        return type(f"Segment{word}", (Op,), dict(body, **gradient))
    return type(f"Segment{word}", (Op,), body, refuses=True)


def _declare_unsorted(word, doc, ufunc, empty, output):
    """The op ``UnsortedSegmentMax`` or ``…Min``, of rows whose ids come in any order."""
    T, Tindices, Tnumsegments = TypeAttr(REAL), TypeAttr(dtypes.INDICES), TypeAttr(dtypes.INDICES, default=int32)

    def kernel(data, segment_ids, num_segments):
        return segmenting.of_unsorted(ufunc, data, segment_ids, num_segments, empty(data))

    def grad(node, dy):
        return _shared_among_selected_unsorted(node, dy), None, None

    example = dict(data=[[1.0], [2.0], [4.0]], segment_ids=np.array([1, 0, 1], np.int32), num_segments=np.array(2, np.int32), output=output)
    body = dict(T=T, Tindices=Tindices, Tnumsegments=Tnumsegments, data=Input(T), segment_ids=Input(Tindices),
                num_segments=Input(Tnumsegments, static=True), output=Output(T), infer=segments.unsorted_shape, example=example,
                kernel=kernel, grad=grad, __doc__=f"Row ``i`` of the result is the {doc} where there is none.", __module__=__name__)
    return type(f"UnsortedSegment{word}", (Op,), body)


def _of_selected(node, dy):
    return _shared_among_selected(node, dy), None


SegmentMax = _declare_sorted("Max", "largest of the rows of ``data`` in segment ``i``; zeros", np.maximum, REAL, 0, [[1.0], [0.0], [4.0]],
                             grad=_of_selected)
SegmentMin = _declare_sorted("Min", "smallest of the rows of ``data`` in segment ``i``; zeros", np.minimum, REAL, 0, [[1.0], [0.0], [2.0]],
                             grad=_of_selected)
SegmentProd = _declare_sorted("Prod", "product of the rows of ``data`` in segment ``i``; ones", np.multiply, NUMBERS, 1,
                              [[1.0], [1.0], [8.0]])
UnsortedSegmentMax = _declare_unsorted("Max", "largest of the rows of ``data`` in segment ``i``; the lowest number", np.maximum,
                                       segmenting.least, [[2.0], [4.0]])
UnsortedSegmentMin = _declare_unsorted("Min", "smallest of the rows of ``data`` in segment ``i``; the highest number", np.minimum,
                                       segmenting.greatest, [[2.0], [1.0]])


class SegmentMean(Op):
    """Row ``i`` of the result is the mean of the rows of ``data`` in segment ``i``; zeros where there is none."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tindices = TypeAttr(dtypes.INDICES)
    data = Input(T)
    segment_ids = Input(Tindices)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], segment_ids=np.array([0, 2, 2], np.int32), output=[[1.0], [0.0], [3.0]])

    infer = segments.sorted_shape

    def kernel(data, segment_ids):
        return segmenting.mean_of_sorted(data, segment_ids)

    def grad(node, dy):
        rank = arrays.rank(node.data)
        shape = joining.concat([arrays.shape(node.segment_ids), filling.fill(reshaping.expand_dims(rank - 1, 0), 1)], 0)
        counts = segments.segment_sum(filling.fill(shape, to_tensor(1, dy.dtype)), node.segment_ids)
        return gathering.gather(division.divide(dy, counts), node.segment_ids), None


class UnsortedSegmentProd(Op):
    """Row ``i`` of the result is the product of the rows of ``data`` in segment ``i``; ones where there is none."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tindices = TypeAttr(dtypes.INDICES)
    Tnumsegments = TypeAttr(dtypes.INDICES, default=int32)
    data = Input(T)
    segment_ids = Input(Tindices)
    num_segments = Input(Tnumsegments, static=True)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], segment_ids=np.array([1, 0, 1], np.int32), num_segments=np.array(3, np.int32),
                   output=[[2.0], [4.0], [1.0]])

    infer = segments.unsorted_shape

    def kernel(data, segment_ids, num_segments):
        return segmenting.of_unsorted(np.multiply, data, segment_ids, num_segments, 1)

    def grad(node, dy):
        data, ids, count = node.data, node.segment_ids, node.num_segments
        is_zero = comparison.equal(data, 0)
        zeros = segments.unsorted_segment_sum(casting.cast(is_zero, int32), ids, count)
        # Two zeros in a segment: nothing changes its product. One: only the zero does.
        dy = selection.where(comparison.greater(zeros, 1), filling.zeros_like(dy), dy)
        others = selection.where(is_zero, filling.ones_like(data), data)
        product_of_others = unsorted_segment_prod(others, ids, count)
        kept_ids = arithmetic.maximum(ids, filling.zeros_like(ids))
        products = gathering.gather(node.output, kept_ids)
        of_others = gathering.gather(product_of_others, kept_ids)
        partial = selection.where(is_zero, of_others, products / data)
        return segments.gathered_or_zero(dy, ids, kept_ids)[0] * partial, None, None


segment_max = SegmentMax.function()
segment_mean = SegmentMean.function()
segment_min = SegmentMin.function()
segment_prod = SegmentProd.function()
unsorted_segment_max = UnsortedSegmentMax.function()
unsorted_segment_min = UnsortedSegmentMin.function()
unsorted_segment_prod = UnsortedSegmentProd.function()


def _shared_among_selected(node, dy):
    """``dy`` of each segment, in equal parts for the elements that are its result."""
    zeros = filling.zeros_like(node.data, dtype=node.data.dtype)
    selected = comparison.equal(node.data, gathering.gather(node.output, node.segment_ids))
    counts = segments.segment_sum(casting.cast(selected, dy.dtype), node.segment_ids)
    parts = gathering.gather(division.divide(dy, counts), node.segment_ids)
    return selection.where(selected, parts, zeros)


def _shared_among_selected_unsorted(node, dy):
    """As `_shared_among_selected`, for ids in any order; rows with a negative id get zeros."""
    results, kept_ids, is_kept = segments.gathered_or_zero(node.output, node.segment_ids)
    selected = comparison.logical_and(comparison.equal(node.data, results), is_kept)
    counts = segments.unsorted_segment_sum(casting.cast(selected, dy.dtype), node.segment_ids, node.num_segments)
    parts = segments.gathered_or_zero(division.divide(dy, counts), None, kept_ids, is_kept)[0]
    return selection.where(selected, parts, filling.zeros_like(parts))


def _counts(data, segment_ids, num_segments):
    """How many entries each segment has, at least 1, in a shape that divides the segments' sums."""
    ones = filling.ones(arrays.shape_internal(segment_ids), dtype=data.dtype)
    counts = segments.unsorted_segment_sum(ones, segment_ids, num_segments)
    following = data._shape.rank - segment_ids._shape.rank
    return arithmetic.maximum(reshaping.reshape(counts, [num_segments] + [1] * following), 1)


def unsorted_segment_mean(data, segment_ids, num_segments, name=None):
    """Row ``i`` of the result is the mean of the rows of ``data`` whose segment is ``i``; zeros where there is none.

    Args:
      segment_ids: integers, of a shape that ``data.shape`` begins with; negative ones drop out.
      num_segments: the number of rows of the result.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.math.unsorted_segment_mean([1.0, 2.0, 4.0], [1, 0, 1], 3))
    array([2. , 2.5, 0. ], dtype=float32)
    """
    with name_scope(name, "UnsortedSegmentMean"):
        data, segment_ids = to_tensor(data), to_tensor(segment_ids)
        counts = _counts(data, segment_ids, num_segments)
        return segments.unsorted_segment_sum(data, segment_ids, num_segments) / counts


def unsorted_segment_sqrt_n(data, segment_ids, num_segments, name=None):
    """As `unsorted_segment_mean`, but the sums are divided by the square root of the number of rows in the segment."""
    with name_scope(name, "UnsortedSegmentSqrtN"):
        data, segment_ids = to_tensor(data), to_tensor(segment_ids)
        counts = _counts(data, segment_ids, num_segments)
        return segments.unsorted_segment_sum(data, segment_ids, num_segments) / mathematics.sqrt(counts)


__all__ = ["segment_max", "segment_mean", "segment_min", "segment_prod", "unsorted_segment_max", "unsorted_segment_mean",
           "unsorted_segment_min", "unsorted_segment_prod", "unsorted_segment_sqrt_n"]
