"""Sums over segments, and with them IndexedSlices as dense tensors."""

import warnings

import numpy as np

from graphcore.core import dtypes
from graphcore.core.dtypes import NUMBERS, QUANTIZED, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, merged_size, with_rank, with_rank_at_least
from graphcore.core.view import constant_value
from graphcore.ops import arrays
from graphcore.ops.kernels import rows, segmenting

INDEX = arrays.INDEX
# From so many elements on a gradient that becomes dense deserves a warning.
_LARGE = 100_000_000


def unsorted_shape(node):
    """The shape of a reduction over segments in any order: as many rows as there are segments."""
    data, ids = node.data.shape.sizes, node.segment_ids.shape.sizes
    with_rank(node.num_segments.shape.sizes, 0)
    if data is None or ids is None:
        return None
    with_rank_at_least(data, len(ids))
    for x, y in zip(data, ids):
        merged_size(x, y)
    count = node.num_segments.value
    if count is not None and count < 0:
        raise ShapeMismatch(f"Dimension size, given by scalar input 2, must be non-negative but is {count}")
    return (None if count is None else int(count),) + data[len(ids):]


def sorted_shape(node):
    """The shape of a reduction over segments in order: an unknown number of rows."""
    sizes = with_rank_at_least(node.data.shape.sizes, 1)
    with_rank(node.segment_ids.shape.sizes, 1)
    # That there are as many ids as rows is looked at when it runs, as in TF.
    return None if sizes is None else (None,) + sizes[1:]


class UnsortedSegmentSum(Op):
    """Row ``i`` of the result is the sum of the rows of ``data`` whose segment is ``i``; negative segments drop out."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tindices = TypeAttr(INDEX)
    Tnumsegments = TypeAttr(INDEX, default=int32)
    data = Input(T)
    segment_ids = Input(Tindices)
    num_segments = Input(Tnumsegments, static=True)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], segment_ids=np.array([1, 0, 1], np.int32), num_segments=np.array(3, np.int32),
                   output=[[2.0], [5.0], [0.0]])

    infer = unsorted_shape

    def kernel(data, segment_ids, num_segments):
        return segmenting.of_unsorted(np.add, data, segment_ids, num_segments, 0)

    def grad(node, dy):
        return gathered_or_zero(dy, node.segment_ids)[0], None, None


def gathered_or_zero(rows, ids, kept_ids=None, is_kept=None):
    """``(rows[ids] with zeros where the id is negative, ids with 0 for those, which elements they are)``.

    The last two are made unless an earlier call's are given.
    """
    from graphcore.ops import arithmetic, comparison, gathering, selection, sequences

    if kept_ids is None:
        kept_ids = arithmetic.maximum(ids, sequences.zeros_like(ids))
    gathered = gathering.gather(rows, kept_ids)
    if is_kept is None:
        is_kept = comparison.greater_equal(ids, 0)
        for _ in range(gathered._shape.rank - is_kept._shape.rank):
            is_kept = arrays.expand_dims(is_kept, -1)
        is_kept = is_kept & sequences.ones_like(gathered, dtype=dtypes.bool)
    return selection.where(is_kept, gathered, sequences.zeros_like(gathered)), kept_ids, is_kept


unsorted_segment_sum = UnsortedSegmentSum.function()


class SegmentSum(Op):
    """Row ``i`` of the result is the sum of the rows of ``data`` whose segment is ``i``; the segments are in order."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tindices = TypeAttr(INDEX)
    data = Input(T)
    segment_ids = Input(Tindices)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], segment_ids=np.array([0, 2, 2], np.int32), output=[[1.0], [0.0], [6.0]])

    infer = sorted_shape

    def kernel(data, segment_ids):
        segmenting.check_sorted(data, segment_ids)
        result = np.zeros((int(segment_ids[-1]) + 1 if len(segment_ids) else 0,) + data.shape[1:], data.dtype)
        rows.add_rows(result, segment_ids, data)
        return result

    def grad(node, dy):
        from graphcore.ops import gathering

        return gathering.gather(dy, node.segment_ids), None


segment_sum = SegmentSum.function()


def convert_slices(value, dtype=None, name=None, as_ref=False):
    """An IndexedSlices as a dense tensor, with a warning where that may be large."""
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype {value.dtype.name}")
    if value.dense_shape is None:
        raise ValueError(f"Tensor conversion requested for IndexedSlices without dense_shape: {value}")
    shape = constant_value(value.dense_shape)
    if shape is None:
        warnings.warn("Converting sparse IndexedSlices to a dense Tensor of unknown shape. This may consume a large amount of "
                      "memory.", stacklevel=2)
    elif np.prod(shape, dtype=np.int64) >= _LARGE:
        warnings.warn(f"Converting sparse IndexedSlices to a dense Tensor with {np.prod(shape, dtype=np.int64)} elements. "
                      "This may consume a large amount of memory.", stacklevel=2)
    return unsorted_segment_sum(value.values, value.indices, value.dense_shape[0], name=name)


__all__ = ["segment_sum", "unsorted_segment_sum"]
