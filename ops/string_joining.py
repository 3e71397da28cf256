"""Strings joined: tensor to tensor, along axes, by segments, and with a template."""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.convert import is_tensor_like, to_tensor
from graphcore.core.dtypes import INDICES, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, merge, with_rank_at_most
from graphcore.core.values import zeros
from graphcore.ops import arrays, constants, reshaping, segments, sequences
from graphcore.ops.kernels import texts
from graphcore.ops.printing import StringFormat

string = dtypes.string


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _shown(sizes):
    return f"[{','.join(map(str, sizes))}]"


# ---------------------------------------------------------------- element by element


class StringJoin(Op, differentiable=False):
    """The strings at the same place of each of ``inputs``, one after another; scalars go with every place."""

    N = Attr(int)
    separator = Attr(bytes, default=b"")
    inputs_ = Input(string, count=N)
    output = Output(string)
    example = dict(inputs=["a", ["b", "c"]], separator="-", output=[b"a-b", b"a-c"])

    def infer(node):
        shapes = [each.shape.sizes for each in node.inputs_]
        joined = () if all(sizes == () for sizes in shapes) else None
        for sizes in shapes:
            if sizes != ():
                joined = merge(joined, sizes)
        return joined

    def kernel(inputs_, *, separator):
        arrays = [np.asarray(each, object) for each in inputs_]
        shape = ()
        for array in arrays:
            if array.ndim and shape not in ((), array.shape):
                raise _invalid(f"Input shapes do not match: {_shown(shape)} vs. {_shown(array.shape)}")
            shape = array.shape or shape
        spread = [np.broadcast_to(array, shape).ravel().tolist() for array in arrays]
        return texts.array_of([separator.join(parts) for parts in zip(*spread)], shape)


def string_join(inputs, separator="", name=None):
    """The strings at the same place of each tensor of the list ``inputs``, joined with ``separator``.

    The tensors are of one shape, or scalars, which go with every place.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.string_join(["img", ["1", "2"]], separator="_"))
    array([b'img_1', b'img_2'], dtype=object)
    """
    return StringJoin.build(inputs, separator=separator, name=name)


# ---------------------------------------------------------------- along axes


def _reduced_shape(node):
    sizes = node.inputs.shape.sizes
    with_rank_at_most(node.reduction_indices.shape.sizes, 1)
    axes = node.reduction_indices.value
    if axes is None or sizes is None:
        return None
    rank = len(sizes)
    for axis in np.ravel(axes):
        if not -rank <= axis < rank:
            raise ShapeMismatch(f"Invalid reduction dimension {axis} for input with {rank} dimensions.")
    gone = {int(axis) % rank for axis in np.ravel(axes)}
    if node.keep_dims:
        return tuple(1 if axis in gone else size for axis, size in enumerate(sizes))
    return tuple(size for axis, size in enumerate(sizes) if axis not in gone)


class ReduceJoin(Op, differentiable=False):
    """The strings of ``inputs`` joined over the axes ``reduction_indices``, the first of which changes quickest."""

    keep_dims = Attr(bool, default=False)
    separator = Attr(bytes, default=b"")
    inputs_ = Input(string)
    reduction_indices = Input(int32, static=True)
    output = Output(string)
    example = dict(inputs=[["a", "b"], ["c", "d"]], reduction_indices=np.array([0], np.int32), separator="-", output=[b"a-c", b"b-d"])

    infer = _reduced_shape

    def kernel(inputs_, reduction_indices, *, keep_dims, separator):
        array = np.asarray(inputs_, object)
        gone = _checked_axes(np.ravel(reduction_indices).tolist(), array.ndim)
        kept = [axis for axis in range(array.ndim) if axis not in gone]
        sizes = tuple(array.shape[axis] for axis in kept)
        count = int(np.prod([array.shape[axis] for axis in gone], dtype=np.int64))
        rows = array.transpose(kept + gone[::-1]).reshape(int(np.prod(sizes, dtype=np.int64)), count)
        joined = [separator.join(row) for row in rows.tolist()]
        if keep_dims:
            sizes = tuple(1 if axis in gone else size for axis, size in enumerate(array.shape))
        return texts.array_of(joined, sizes)


def _checked_axes(axes, rank):
    """``axes`` counted from the front; errors for those that there are not, and for one that comes twice."""
    found = []
    for axis in axes:
        if not -rank <= axis < rank:
            raise errors.OutOfRangeError(None, None, f"Invalid reduction dimension {axis} for input with {rank} dimension(s)")
        if axis % rank in found:
            raise _invalid(f"Duplicate reduction dimension {axis}")
        found.append(axis % rank)
    return found


def reduce_join(inputs, axis=None, keep_dims=None, separator="", name=None, reduction_indices=None, keepdims=None):
    """The strings of ``inputs`` joined with ``separator`` over ``axis``, or over all axes, row by row.

    Args:
      axis: an int or a list of ints; of several axes the first one changes quickest.
      keepdims: whether the axes stay, with size 1.
      keep_dims, reduction_indices: old names of ``keepdims`` and ``axis``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.reduce_join([["a", "b"], ["c", "d"]], axis=1, separator="-"))
    array([b'a-b', b'c-d'], dtype=object)
    """
    keepdims = reshaping.renamed("keepdims", keepdims, "keep_dims", keep_dims)
    axis = reshaping.renamed("axis", axis, "reduction_indices", reduction_indices)
    with name_scope(None, "ReduceJoin", [inputs, axis]):
        inputs = to_tensor(inputs)
        axes = _all_axes(inputs) if axis is None else axis
        return ReduceJoin.build(inputs, axes, keep_dims=bool(keepdims), separator=separator, name=name)


def _all_axes(strings):
    """All axes of a tensor, the last one first."""
    rank = strings.shape.ndims
    if rank is not None:
        return constants.constant(np.arange(rank - 1, -1, -1), dtype=int32)
    return sequences.range(arrays.rank(strings) - 1, -1, -1)


# ---------------------------------------------------------------- by segments


def _segments_shape(node):
    node.data = node.inputs
    return segments.unsorted_shape(node)


class UnsortedSegmentJoin(Op, refuses=True):
    """String ``i`` of the result: those of ``inputs`` whose segment is ``i``, joined in their order."""

    separator = Attr(bytes, default=b"")
    Tindices = TypeAttr(INDICES)
    Tnumsegments = TypeAttr(INDICES, default=int32)
    inputs_ = Input(string)
    segment_ids = Input(Tindices)
    num_segments = Input(Tnumsegments, static=True)
    output = Output(string)
    example = dict(inputs=["a", "b", "c"], segment_ids=np.array([0, 1, 0], np.int32), num_segments=np.array(3, np.int32), separator="-",
                   output=[b"a-c", b"b", b""])

    infer = _segments_shape

    def kernel(inputs_, segment_ids, num_segments, *, separator):
        array, ids, count = np.asarray(inputs_, object), np.asarray(segment_ids), int(num_segments)
        if ids.ndim > array.ndim:
            raise _invalid(f"Number of segment dimensions is {ids.ndim}, more than the {array.ndim} of the inputs")
        for axis, (found, wanted) in enumerate(zip(ids.shape, array.shape)):
            if found != wanted:
                raise _invalid(f"Segment dimension is {found} while input dimension is {wanted} in rank {axis}")
        for number in ids.ravel()[(ids.ravel() < 0) | (ids.ravel() >= count)][:1]:
            raise _invalid("segment_ids are not allowed to exceed num_segments or to have negative values. "
                           f"There is {number}, of {count} segments")
        rest = array.shape[ids.ndim:]
        rows = array.reshape(ids.size, int(np.prod(rest, dtype=np.int64)))
        joined = zeros((count, rows.shape[1]), object)
        for number in np.unique(ids):
            joined[number] = [separator.join(column) for column in rows[ids.ravel() == number].T.tolist()]
        return joined.reshape(count, *rest)


def unsorted_segment_join(inputs, segment_ids, num_segments, separator="", name=None):
    """String ``i`` of the result: those of ``inputs`` whose segment is ``i``, joined with ``separator`` in their order.

    Args:
      segment_ids: int32 or int64, of the first axes of ``inputs``.
      num_segments: how many segments there are; one without strings gives an empty one.
    """
    return UnsortedSegmentJoin.build(inputs, segment_ids, num_segments, separator=separator, name=name)


# ---------------------------------------------------------------- templates


def string_format(template, inputs, placeholder="{}", summarize=3, name=None):
    """``template`` with each ``placeholder`` replaced by the next of the tensors ``inputs`` (a list, or one tensor).

    Args:
      summarize: how many elements at both ends of each axis to show; all if -1.

    Raises:
      ValueError: there are not as many placeholders as tensors.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.strings.format("sizes: {}", tf.range(10)))
    b'sizes: [0 1 2 ... 7 8 9]'
    """
    inputs = [inputs] if is_tensor_like(inputs) else inputs
    if template.count(placeholder) != len(inputs):
        raise ValueError(f"{template.count(placeholder)} placeholder(s) in template does not match {len(inputs)} tensor(s) provided "
                         "as input")
    return StringFormat.build(inputs, template=template, placeholder=placeholder, summarize=summarize, name=name)


__all__ = ["reduce_join", "string_join"]
