"""Rows of a tensor by their numbers, and rows put at numbers: gather, scatter, one-hot, masks."""

import math

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, HANDLES, QUANTIZED, as_dtype, int32, int64
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, merge, with_rank, with_rank_at_least
from graphcore.core.values import zeros
from graphcore.core.view import constant_value, shape_from
from graphcore.ops import arrays, joining
from graphcore.ops.kernels import rows

INDEX = arrays.INDEX


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class Gather(Op):
    """``params[indices]``: the op of old graphs."""

    validate_indices = Attr(bool, default=True)
    Tparams = TypeAttr(ALL)
    Tindices = TypeAttr(INDEX)
    params = Input(Tparams)
    indices = Input(Tindices)
    output = Output(Tparams)
    example = dict(params=[[1.0], [2.0], [3.0]], indices=np.array([2, 0], np.int32), output=[[3.0], [1.0]])

    def infer(node):
        with_rank_at_least(node.params.shape.sizes, 1)
        return _gathered_sizes(node.params.shape.sizes, node.indices.shape.sizes, 0, 0)

    def kernel(params, indices):
        return _gathered(params, indices, 0)

    def picks_rows(node):
        return True

    def grad(node, dy):
        from graphcore.ops import gather_gradients

        return gather_gradients.of_rows(node.params, node.indices, dy), None


class GatherV2(Op):
    """The parts of ``params`` along ``axis`` that ``indices`` number."""

    batch_dims = Attr(int, default=0)
    Tparams = TypeAttr(ALL)
    Tindices = TypeAttr(INDEX)
    Taxis = TypeAttr(INDEX)
    params = Input(Tparams)
    indices = Input(Tindices)
    axis = Input(Taxis, static=True)
    output = Output(Tparams)
    example = dict(params=[[1.0, 2.0], [3.0, 4.0]], indices=np.array([1, 1, 0], np.int32), axis=np.array(1, np.int32),
                   output=[[2.0, 2.0, 1.0], [4.0, 4.0, 3.0]])

    def infer(node):
        params, indices = node.params.shape.sizes, node.indices.shape.sizes
        with_rank_at_least(params, 1)
        with_rank(node.axis.shape.sizes, 0)
        axis = node.axis.value
        if axis is None:
            known = params is not None and indices is not None
            return (None,) * (len(params) + len(indices) - 1 - _batch(node.batch_dims, len(indices))) if known else None
        axis = int(axis)
        with_rank_at_least(params, axis + 1 if axis >= 0 else -axis)
        return _gathered_sizes(params, indices, axis, node.batch_dims)

    def kernel(params, indices, axis, *, batch_dims):
        axis, rank = int(axis), np.ndim(params)
        if rank == 0:
            raise _invalid("params must be at least 1 dimensional")
        if not -rank <= axis < rank:
            raise _invalid(f"Expected axis in the range [{-rank}, {rank}), but got {axis}")
        batch = run_batch(batch_dims, np.asarray(params), np.asarray(indices))
        if batch > axis % rank:
            raise _invalid(f"batch_dims ({batch}) must be less than or equal to axis ({axis}).")
        if batch:
            return gathered_in_batches(params, indices, axis % rank, batch)
        return _gathered(params, indices, axis % rank)

    def picks_rows(node):
        return node.axis.value is not None and int(node.axis.value) == 0 and not node.batch_dims

    def grad(node, dy):
        from graphcore.ops import gather_gradients

        return gather_gradients.of_gather(node, dy), None, None


def _batch(batch_dims, rank):
    return batch_dims + rank if batch_dims < 0 else batch_dims


def run_batch(batch_dims, params, indices):
    """`_batch` for arrays; InvalidArgumentError where there are not so many axes."""
    batch = _batch(batch_dims, indices.ndim)
    if not 0 <= batch <= indices.ndim:
        raise _invalid(f"Expected batch_dims in the range [{-indices.ndim}, {indices.ndim}], but got {batch_dims}")
    if batch >= max(params.ndim, 1):
        raise _invalid(f"batch_dims ({batch}) must be less than rank(params) ({params.ndim}).")
    return batch


def _gathered_sizes(params, indices, axis, batch_dims):
    if params is None or indices is None:
        return None
    axis %= len(params)
    return params[:axis] + indices[_batch(batch_dims, len(indices)):] + params[axis + 1:]


def _gathered(params, indices, axis):
    indices = np.asarray(indices)
    if axis == 0:
        return rows.rows_taken(indices, params)
    rows.check(indices, params.shape[axis])
    return np.take(params, indices, axis, mode="clip") if indices.size else params[
        (slice(None),) * axis + (np.zeros(indices.shape, np.int64),)]


def gathered_in_batches(params, indices, axis, batch):
    """The parts of ``params`` along ``axis`` that ``indices`` number, each entry of the first ``batch`` axes by itself."""
    if params.shape[:batch] != indices.shape[:batch]:
        raise _invalid(f"params.shape[0]: {format_shape(params.shape)} should be equal to indices.shape[0]: "
                       f"{format_shape(indices.shape)} in the first {batch} sizes")
    rows.check(indices, params.shape[axis])
    shared = params.shape[:batch]
    parts = [np.take(params[at], indices[at], axis - batch) for at in np.ndindex(*shared)]
    if not parts:
        return np.zeros(_gathered_sizes(params.shape, indices.shape, axis, batch), params.dtype)
    return np.stack(parts).reshape(shared + parts[0].shape)


class GatherNd(Op):
    """For each vector in the last axis of ``indices`` the element, or part, of ``params`` at that place."""

    Tparams = TypeAttr(ALL)
    Tindices = TypeAttr(INDEX)
    params = Input(Tparams)
    indices = Input(Tindices)
    output = Output(Tparams)
    example = dict(params=[[1.0, 2.0], [3.0, 4.0]], indices=np.array([[0, 1], [1, 0]], np.int32), output=[2.0, 3.0])

    def infer(node):
        params, indices = node.params.shape.sizes, with_rank_at_least(node.indices.shape.sizes, 1)
        if params is None or indices is None or indices[-1] is None:
            return None
        if indices[-1] > len(params):
            raise ShapeMismatch("indices.shape[-1] must be <= params.rank, but saw indices shape: "
                                f"{format_shape(indices)} and params shape: {format_shape(params)}")
        return indices[:-1] + params[indices[-1]:]

    def kernel(params, indices):
        params = np.asarray(params)
        if not indices.ndim:
            raise _invalid("indices must be at least a vector")
        if indices.shape[-1] > params.ndim:
            raise _invalid(f"index innermost dimension length must be <= params rank; saw: {indices.shape[-1]} vs. "
                           f"{params.ndim}")
        _check_places(indices, params.shape, "param shape")
        if not indices.shape[-1]:  # each empty vector points to the whole
            return np.array(np.broadcast_to(params, indices.shape[:-1] + params.shape), params.dtype)
        return np.array(params[tuple(np.moveaxis(indices, -1, 0))], params.dtype)

    def grad(node, dy):
        from graphcore.ops import gather_gradients

        return gather_gradients.of_places(node.params, node.indices, dy), None


def _check_places(indices, sizes, what):
    """Complain about the first vector in ``indices`` that is no place in an array with these sizes."""
    limits = np.array(sizes[:indices.shape[-1]], np.int64)
    wrong = ((indices < 0) | (indices >= limits)).any(-1)
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0])
        position = f"[{','.join(map(str, at))}]" if at else ""
        raise _invalid(f"indices{position} = [{', '.join(map(str, indices[at]))}] does not index into {what} "
                       f"{format_shape(sizes)}")


class ScatterNd(Op):
    """Zeros of ``shape``, with each of ``updates`` added at the place that ``indices`` gives for it."""

    T = TypeAttr(ALL, without_kernel=QUANTIZED | HANDLES)
    Tindices = TypeAttr(INDEX)
    indices = Input(Tindices)
    updates = Input(T)
    shape = Input(Tindices, static=True)
    output = Output(T)
    example = dict(indices=np.array([[1], [3], [1]], np.int32), updates=[1.0, 2.0, 3.0], shape=np.array([4], np.int32),
                   output=[0.0, 4.0, 0.0, 2.0])

    def infer(node):
        with_rank(node.shape.shape.sizes, 1)
        wanted = shape_from(node.shape)
        _check_updates(node.indices.shape.sizes, node.updates.shape.sizes)
        return wanted

    def kernel(indices, updates, shape):
        if shape.ndim != 1:
            raise _invalid(f"Shape must be a vector, its own shape is {format_shape(shape.shape)}")
        if not indices.ndim:
            raise _invalid("Indices shape must have rank at least one. Found: []")
        sizes, depth, outer = tuple(shape.tolist()), indices.shape[-1], indices.shape[:-1]
        if updates.shape[:len(outer)] != outer:
            raise _invalid("Outer dimensions of indices and update must match. Indices shape: "
                           f"{format_shape(indices.shape)}, updates shape:{format_shape(updates.shape)}")
        if depth > len(sizes) or updates.shape[len(outer):] != sizes[depth:]:
            raise _invalid("Inner dimensions of output shape must match inner dimensions of updates shape. Output: "
                           f"{format_shape(sizes)} updates: {format_shape(updates.shape)}")
        _check_places(indices, sizes, "shape")
        result = zeros(sizes, updates.dtype)
        if depth == 1:
            rows.add_rows(result, indices[..., 0], updates)
        else:
            np.add.at(result, tuple(np.moveaxis(indices, -1, 0)), updates)
        return result

    def grad(node, dy):
        return None, gather_nd(dy, node.indices), None


def _check_updates(indices, updates):
    if indices is None or updates is None:
        return
    outer = len(indices) - 1
    try:
        merge(indices[:-1], updates[:outer])
    except ShapeMismatch as error:
        raise ShapeMismatch(f"The outer {outer} dimensions of indices.shape={format_shape(indices)} must match the outer "
                            f"{outer} dimensions of updates.shape={format_shape(updates)}: {str(error)[:-1]}.") from None


class OneHot(Op, differentiable=False):
    """For each index a vector of ``off_value`` with ``on_value`` at the index, along a new ``axis`` of size ``depth``."""

    axis = Attr(int, default=-1)
    T = TypeAttr(ALL)
    TI = TypeAttr({dtypes.uint8, int32, int64}, default=int64)
    indices = Input(TI)
    depth = Input(int32, static=True)
    on_value = Input(T)
    off_value = Input(T)
    output = Output(T)
    example = dict(indices=np.array([1, -1], np.int32), depth=2, on_value=5.0, off_value=1.0, output=[[1.0, 5.0], [1.0, 1.0]])

    def infer(node):
        if node.depth.shape.rank:
            raise ShapeMismatch(f"Input must be scalar but has rank {node.depth.shape.rank}")
        sizes, depth, axis = node.indices.shape.sizes, node.depth.value, node.axis
        if depth is not None and depth < 0:
            raise ShapeMismatch(f"Dimension size, given by scalar input 1, must be non-negative but is {depth}")
        if axis < -1:
            raise ShapeMismatch(f"axis must be >= -1, got {axis}")
        if sizes is None:
            return None
        axis = len(sizes) if axis == -1 else axis
        return sizes[:axis] + (None if depth is None else int(depth),) + sizes[axis:]

    def kernel(indices, depth, on_value, off_value, *, axis):
        indices, depth = np.asarray(indices), int(depth)
        if depth < 0:
            raise _invalid(f"depth must be non-negative, got: {depth}")
        if not -1 <= axis <= indices.ndim:
            raise _invalid(f"Expected axis to be -1 or between [0, {indices.ndim + 1}).  But received: {axis}")
        axis %= indices.ndim + 1
        result = np.full(indices.shape[:axis] + (depth,) + indices.shape[axis:], off_value, np.asarray(on_value).dtype)
        places = indices.reshape(math.prod(indices.shape[:axis]), math.prod(indices.shape[axis:]))
        row, column = np.nonzero((places >= 0) & (places < depth))
        result.reshape(len(places), depth, places.shape[1])[row, places[row, column], column] = on_value
        return result


# ---------------------------------------------------------------- functions


def gather(params, indices, validate_indices=None, name=None, axis=None, batch_dims=0):
    """The parts of ``params`` along ``axis`` (0 by default) that ``indices`` number: ``params[indices]``.

    The result has the shape ``params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]``.  A number that
    is out of range raises ``tf.errors.InvalidArgumentError`` when it runs.  The gradient is an `IndexedSlices`.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.gather([10, 20, 30], [2, 0]))
    array([30, 10], dtype=int32)
    """
    axis = batch_dims if axis is None else axis
    if (constant_value(axis) if isinstance(axis, Tensor) else axis) != 0:
        return GatherV2.build(params, indices, axis, batch_dims=batch_dims, name=name)
    sparse_read = getattr(params, "sparse_read", None)  # resource variables read only these rows
    if sparse_read is not None:
        try:
            return sparse_read(indices, name=name)
        except AttributeError:
            pass
    return GatherV2.build(params, indices, axis, name=name)


def gather_nd(params, indices, name=None, batch_dims=0):
    """For each vector in the last axis of ``indices`` the element, or part, of ``params`` at that place.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]))
    array([2, 3], dtype=int32)
    """
    if isinstance(batch_dims, Tensor):
        batch_dims = int(constant_value(batch_dims))
    if int(batch_dims):
        from graphcore.ops.batch_gathering import gathered_in_batches

        return gathered_in_batches(params, indices, int(batch_dims), name)
    read = getattr(params, "gather_nd", None)
    return GatherNd.build(params, indices, name=name) if read is None else read(indices, name=name)


def scatter_nd(indices, updates, shape, name=None):
    """Zeros of ``shape`` with ``updates[i]`` added at the place ``indices[i]``; updates of one place add up."""
    return ScatterNd.build(indices, updates, shape, name=name)


def one_hot(indices, depth, on_value=None, off_value=None, axis=None, dtype=None, name=None):
    """For each index a vector of length ``depth``: ``on_value`` (1) at the index, ``off_value`` (0) elsewhere.

    Args:
      axis: where the new axis stands; by default last.
      dtype: the dtype of the result, by default that of the values, else float32.

    Raises TypeError where the values' dtypes do not agree.  An index out of range gives a vector without ``on_value``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.one_hot([0, 2], 3))
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    with name_scope(name, "one_hot", [indices, depth, on_value, off_value, axis, dtype]) as name:
        given = [None if value is None else to_tensor(value).dtype.base for value in (on_value, off_value)]
        dtype = _common_dtype(*given, None if dtype is None else as_dtype(dtype))
        if on_value is None:
            on_value = to_tensor(1, dtype, "on_value")
        if off_value is None:
            off_value = to_tensor(0, dtype, "off_value")
        return OneHot.build(indices, depth, on_value, off_value, axis=-1 if axis is None else axis, name=name)


def _common_dtype(on, off, wanted):
    for word, found in (("on_value", on), ("off_value", off)):
        if wanted is not None and found is not None and found is not wanted:
            raise TypeError(f"dtype {found} of {word} does not match dtype parameter {wanted}")
    if on is not None and off is not None and on is not off:
        raise TypeError(f"dtype {on} of on_value does not match dtype {off} of off_value")
    return wanted or on or off or dtypes.float32


def boolean_mask(tensor, mask, name="boolean_mask", axis=None):
    """The parts of ``tensor`` where ``mask`` is True; the mask covers the axes from ``axis`` (0) on, its rank is known.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.boolean_mask([1, 2, 3], [True, False, True]))
    array([1, 3], dtype=int32)
    """
    from graphcore.ops import reductions, selection

    with name_scope(name, values=[tensor, mask]):
        tensor, mask = to_tensor(tensor, name="tensor"), to_tensor(mask, name="mask")
        rank = mask._shape.rank
        if rank == 0:
            raise ValueError("mask cannot be scalar.")
        if rank is None:
            raise ValueError("Number of mask dimensions must be specified, even if some dimensions are None.  E.g. "
                             "shape=[None] is ok, but shape=None is not.")
        axis = 0 if axis is None else axis
        static = tensor.shape
        static[axis:axis + rank].assert_is_compatible_with(mask.shape)
        leading = reductions.Prod.build(arrays.shape(tensor)[axis:axis + rank], [0])
        tensor = arrays.reshape(tensor, joining.concat(
            [arrays.shape(tensor)[:axis], [leading], arrays.shape(tensor)[axis + rank:]], 0))
        tensor.set_shape(static[:axis].concatenate([static[axis:axis + rank].num_elements()]).concatenate(static[axis + rank:]))
        mask = arrays.reshape(mask, [-1])
        chosen = arrays.squeeze(selection.where(mask), axis=[1])
        return gather(tensor, chosen, axis=axis)


__all__ = ["boolean_mask", "gather", "gather_nd", "one_hot", "scatter_nd"]
