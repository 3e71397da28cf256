"""Sorted tensors, and where things are in them: ``tf.sort``, ``tf.argsort``, ``tf.searchsorted``, ``tf.unravel_index``."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, INDICES, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import with_rank
from graphcore.core.view import constant_value
from graphcore.ops import (
    arrays,
    casting,
    constants,
    filling,
    gathering,
    joining,
    positions,
    reductions,
    reshaping,
    sequences,
    transposing,
)


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


# ---------------------------------------------------------------- sorting
def sort(values, axis=-1, direction="ASCENDING", name=None):
    """``values`` sorted along ``axis``, with ``direction`` "ASCENDING" or "DESCENDING".

    Raises:
      ValueError: another direction, or an axis that is no constant scalar.
      TypeError: values that cannot be negated, such as uint8, in ascending order.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sort([3.0, 1.0, 2.0]))
    array([1., 2., 3.], dtype=float32)
    """
    with name_scope(name, "sort"):
        return _sorted(values, axis, direction, indices=False)


def argsort(values, axis=-1, direction="ASCENDING", stable=False, name=None):
    """The int32 indices that sort ``values`` along ``axis``; equal elements keep their order, whatever ``stable`` says."""
    with name_scope(name, "argsort"):
        return _sorted(values, axis, direction, indices=True)


def _sorted(values, axis, direction, indices):
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"{direction} should be one of ASCENDING, DESCENDING")
    axis = to_tensor(axis, name="axis")
    static = constant_value(axis)
    if axis._shape.rank != 0 or static is None:
        raise ValueError("axis must be a constant scalar")
    values = to_tensor(values, name="values")
    if direction == "DESCENDING":
        return _descending(values, int(static), indices)
    found = _descending(-values, int(static), indices)
    return found if indices else -found


def _descending(values, axis, indices):
    """Values, or their indices, from the largest to the smallest: the first k of all."""
    count, rank = arrays.shape(values)[axis], arrays.rank(values)
    order = None
    if axis != -1 and axis + 1 != values._shape.rank:
        order = _last_axis_swapped(axis, rank, values._shape.rank)
        values = transposing.transpose(values, order)
    found = positions.top_k(values, count)[1 if indices else 0]
    return found if order is None else transposing.transpose(found, order)


def _last_axis_swapped(axis, rank, static_rank):
    """The permutation that exchanges ``axis`` with the last axis."""
    if axis < 0:
        axis += static_rank or rank
    if static_rank is None:
        return joining.concat([sequences.range(axis), [rank - 1], sequences.range(axis + 1, rank - 1), [axis]], axis=0)
    order = np.arange(static_rank)
    order[axis], order[-1] = static_rank - 1, axis
    return constants.constant(order, name="transposition")


# ---------------------------------------------------------------- searching
def _found(side, sequences, values, out_type):
    if sequences.shape[0] != values.shape[0]:
        raise _invalid("Leading dim_size of both tensors must match.")
    result = np.empty(values.shape, out_type.np)
    for row, (sequence, wanted) in enumerate(zip(sequences, values)):
        # Not NumPy's searchsorted, which sorts NaN last: with TF no comparison with it holds.
        result[row] = [_bisected(sequence, each, side) for each in wanted] if _has_nan(sequence, wanted) else \
            np.searchsorted(sequence, wanted, side)
    return result


def _has_nan(*arrays):
    return any((each != each).any() for each in arrays)


def _bisected(sequence, value, side):
    """Where binary search ends that goes right while ``element < value``, or with "right" unless ``value < element``."""
    low, high = 0, len(sequence)
    while low < high:
        middle = low + (high - low) // 2
        goes_right = sequence[middle] < value if side == "left" else not value < sequence[middle]
        low, high = (middle + 1, high) if goes_right else (low, middle)
    return low


def _search_shape(node):
    """As many places as values; whether the rows fit is for the kernel to say, as in TF."""
    with_rank(node.sorted_inputs.shape.sizes, 2)
    return with_rank(node.values.shape.sizes, 2)


class LowerBound(Op, refuses=True, strict=True):
    """For each of the ``values``, the first place in its row of ``sorted_inputs`` that is not less."""

    T = TypeAttr(ALL)
    out_type = TypeAttr(INDICES, default=int32)
    sorted_inputs = Input(T)
    values = Input(T)
    output = Output(out_type)
    example = dict(sorted_inputs=[[0.0, 3.0, 9.0, 9.0, 10.0]], values=[[2.0, 9.0]], output=np.array([[1, 2]], np.int32))

    infer = _search_shape

    def kernel(sorted_inputs, values, *, out_type):
        return _found("left", sorted_inputs, values, out_type)


class UpperBound(Op, refuses=True, strict=True):
    """For each of the ``values``, the first place in its row of ``sorted_inputs`` that is greater."""

    T = TypeAttr(ALL)
    out_type = TypeAttr(INDICES, default=int32)
    sorted_inputs = Input(T)
    values = Input(T)
    output = Output(out_type)
    example = dict(sorted_inputs=[[0.0, 3.0, 9.0, 9.0, 10.0]], values=[[2.0, 9.0]], output=np.array([[1, 4]], np.int32))

    infer = _search_shape

    def kernel(sorted_inputs, values, *, out_type):
        return _found("right", sorted_inputs, values, out_type)


def searchsorted(sorted_sequence, values, side="left", out_type=int32, name=None):
    """Where along the last axis of ``sorted_sequence`` the ``values`` would go so that it stays sorted.

    Args:
      sorted_sequence, values: tensors of one dtype, with the same sizes except for the last axis.
      side: "left" for a place before equal elements, "right" for one behind them.
      out_type: ``tf.int32`` or ``tf.int64``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.searchsorted([1, 3, 3, 9], [3, 10], side="right"))
    array([3, 4], dtype=int32)
    """
    length, count = arrays.shape_internal(sorted_sequence)[-1], arrays.shape_internal(values)[-1]
    rows = reshaping.reshape(sorted_sequence, [-1, length])
    wanted = reshaping.reshape(values, [-1, count])
    if side not in ("left", "right"):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    bound = LowerBound if side == "left" else UpperBound
    return reshaping.reshape(bound.build(rows, wanted, out_type=out_type, name=name), arrays.shape_internal(values))


# ---------------------------------------------------------------- places
class UnravelIndex(Op, refuses=True):
    """The coordinates, one per row, of flat ``indices`` into an array of the sizes ``dims``."""

    Tidx = TypeAttr(INDICES, default=int32)
    indices = Input(Tidx)
    dims = Input(Tidx)
    output = Output(Tidx)
    example = dict(indices=np.array([2, 5, 7], np.int32), dims=np.array([3, 3], np.int32),
                   output=np.array([[0, 1, 2], [2, 2, 1]], np.int32))

    def infer(node):
        indices, axes = node.indices.shape.sizes, with_rank(node.dims.shape.sizes, 1)[0]
        if indices is None:
            return None
        if not indices:
            return (axes,)
        return (axes, node.indices.shape.num_elements())

    def kernel(indices, dims):
        if np.ndim(indices) > 1:
            raise _invalid(f'The indices can only be scalar or vector, got "[{",".join(map(str, indices.shape))}]"')
        if np.ndim(dims) != 1:
            raise _invalid(f'The indices can only be 1-D, got "[{",".join(map(str, np.shape(dims)))}]"')
        if (dims == 0).any():
            raise _invalid("Input dims cannot contain a dim of zero, but dims contains zero in [" + ",".join(map(str, dims)) + "]")
        blocks = np.cumprod(dims[::-1], dtype=dims.dtype)[::-1]
        steps = np.append(blocks[1:], dims.dtype.type(1))
        shape = (-1,) + (1,) * np.ndim(indices)
        # Indices outside wrap around, and quotients are cut towards zero: TF does not look.
        rest = np.fmod(indices, blocks.reshape(shape))
        steps = steps.reshape(shape)
        return ((rest - np.fmod(rest, steps)) // steps).astype(dims.dtype, copy=False)


def unravel_index(indices, dims, name=None):
    """The coordinates of flat ``indices`` (a scalar or vector) into an array of the sizes ``dims``, one row per axis.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.unravel_index([2, 5, 7], [3, 3]))
    array([[0, 1, 2],
           [2, 2, 1]], dtype=int32)
    """
    return UnravelIndex.build(indices, dims, name=name)


def batch_gather(params, indices, name=None):
    """For each of the leading batches, the entries of ``params`` at ``indices``; the last axis of ``indices`` counts them.

    Raises:
      ValueError: the rank of ``indices`` is not known, or the batches differ.
    """
    with name_scope(name, "BatchGather", [params, indices]):
        indices, params = to_tensor(indices, name="indices"), to_tensor(params, name="params")
        rank = indices._shape.rank
        if rank is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        batch = rank - 1
        if batch < 0:
            raise ValueError(f"batch_dims = {batch} must be less than rank(indices) = {rank}")
        if params._shape.rank is not None and batch >= params._shape.rank:
            raise ValueError(f"batch_dims = {batch} must be less than rank(params) = {params._shape.rank}")
        return _gathered_in_batches(params, indices, batch, rank)


def _gathered_in_batches(params, indices, batch, rank):
    """The gathering itself: batches become offsets into the flattened ``params``."""
    indices_shape, shape = arrays.shape(indices), arrays.shape(params)
    dtype = indices.dtype.base_dtype
    flat, step = indices, filling.ones((), dtype=dtype)
    sizes = casting.Cast.build(shape, DstT=dtype)
    for axis in range(batch, 0, -1):
        size = sizes[axis - 1]
        step *= sizes[axis]
        offsets = sequences.Range.build(filling.zeros((), dtype=dtype), size, filling.ones((), dtype=dtype))
        offsets *= step
        flat += reshaping.reshape(offsets, joining.stack([1] * (axis - 1) + [size] + [1] * (rank - axis), axis=0))
    flat = reshaping.reshape(flat, [-1])
    following = shape[batch + 1:]
    rows = reductions.Prod.build(shape[:batch + 1], [0], keep_dims=False)
    table = reshaping.reshape(params, joining.concat([[rows], following], axis=0))
    result = reshaping.reshape(gathering.gather(table, flat), joining.concat([indices_shape, following], axis=0))
    known = indices.get_shape()[:batch].merge_with(params.get_shape()[:batch])
    known = known.concatenate(indices.get_shape()[batch:]).concatenate(params.get_shape()[batch + 1:])
    result.set_shape(known)
    return result


__all__ = ["argsort", "batch_gather", "searchsorted", "sort", "unravel_index"]
