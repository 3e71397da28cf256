"""Sums over segments, and with them IndexedSlices as dense tensors."""

import warnings

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.convert import register_tensor_conversion_function
from graphcore.core.dtypes import NUMERIC, QUANTIZED, int32
from graphcore.core.indexed import IndexedSlices
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, merged_size, with_rank
from graphcore.core.view import constant_value
from graphcore.ops import arrays

INDEX = arrays.INDEX
# From so many elements on a gradient that becomes dense deserves a warning.
_LARGE = 100_000_000


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class UnsortedSegmentSum(Op):
    """Row ``i`` of the result is the sum of the rows of ``data`` whose segment is ``i``; negative segments drop out."""

    T = TypeAttr(NUMERIC | QUANTIZED)
    Tindices = TypeAttr(INDEX)
    Tnumsegments = TypeAttr(INDEX, default=int32)
    data = Input(T)
    segment_ids = Input(Tindices)
    num_segments = Input(Tnumsegments, static=True)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], segment_ids=np.array([1, 0, 1], np.int32), num_segments=np.array(3, np.int32),
                   output=[[2.0], [5.0], [0.0]])

    def infer(node):
        data, ids, count = node.data.shape.sizes, node.segment_ids.shape.sizes, node.num_segments.value
        if count is not None and count < 0:
            raise ShapeMismatch(f"Dimension size, given by scalar input 2, must be non-negative but is {count}")
        if data is None or ids is None:
            return None
        for x, y in zip(data, ids):
            merged_size(x, y)
        return (None if count is None else int(count),) + data[len(ids):]

    def kernel(data, segment_ids, num_segments):
        data, ids, count = np.asarray(data), np.asarray(segment_ids), int(num_segments)
        if data.shape[:ids.ndim] != ids.shape:
            raise _invalid(f"data.shape = {format_shape(data.shape)} does not start with segment_ids.shape = "
                           f"{format_shape(ids.shape)}")
        if ids.size and ids.max() >= count:
            place = tuple(np.argwhere(ids >= count)[0])
            raise _invalid(f"segment_ids[{','.join(map(str, place))}] = {ids[place]} is out of range [0, {count})")
        result = np.zeros((count,) + data.shape[ids.ndim:], data.dtype)
        if ids.size and ids.min() < 0:
            data, ids = data[ids >= 0], ids[ids >= 0]
        np.add.at(result, ids, data)
        return result

    def grad(node, dy):
        return _gathered_or_zero(dy, node.segment_ids), None, None


def _gathered_or_zero(rows, ids):
    """``rows[ids]``, zeros where the id is negative."""
    from graphcore.ops import arithmetic, comparison, gathering, selection, sequences

    gathered = gathering.gather(rows, arithmetic.maximum(ids, sequences.zeros_like(ids)))
    kept = comparison.greater_equal(ids, 0)
    for _ in range(gathered._shape.rank - kept._shape.rank):
        kept = arrays.expand_dims(kept, -1)
    kept = kept & sequences.ones_like(gathered, dtype=dtypes.bool)
    return selection.where(kept, gathered, sequences.zeros_like(gathered))


unsorted_segment_sum = UnsortedSegmentSum.function()


class SegmentSum(Op):
    """Row ``i`` of the result is the sum of the rows of ``data`` whose segment is ``i``; the segments are in order."""

    T = TypeAttr(NUMERIC)
    Tindices = TypeAttr(INDEX)
    data = Input(T)
    segment_ids = Input(Tindices)
    output = Output(T)
    example = dict(data=[[1.0], [2.0], [4.0]], segment_ids=np.array([0, 2, 2], np.int32), output=[[1.0], [0.0], [6.0]])

    def infer(node):
        sizes, count = node.data.shape.sizes, with_rank(node.segment_ids.shape.sizes, 1)[0]
        if sizes is None:
            return None
        merged_size(sizes[0], count)
        return (None,) + sizes[1:]

    def kernel(data, segment_ids):
        if len(segment_ids) != len(data):
            raise _invalid("segment_ids should be the same size as dimension 0 of input.")
        if len(segment_ids) and segment_ids[0] < 0:
            raise _invalid("segment ids must be >= 0")
        if (np.diff(segment_ids) < 0).any():
            raise _invalid("segment ids are not increasing")
        result = np.zeros((int(segment_ids[-1]) + 1 if len(segment_ids) else 0,) + data.shape[1:], data.dtype)
        np.add.at(result, segment_ids, data)
        return result

    def grad(node, dy):
        from graphcore.ops import gathering

        return gathering.gather(dy, node.segment_ids), None


segment_sum = SegmentSum.function()


def _convert_slices(value, dtype=None, name=None, as_ref=False):
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


register_tensor_conversion_function(IndexedSlices, _convert_slices)

__all__ = ["segment_sum", "unsorted_segment_sum"]
