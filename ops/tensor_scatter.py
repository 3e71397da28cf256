"""Tensors with some of their places changed: copies, unlike what the scatter ops do to variables."""

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import ALL, INDICES, NUMBERS, NUMERIC, QUANTIZED, bool
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, merge, with_rank_at_least
from graphcore.ops import arrays, filling, gathering


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _same_shape(node):
    """The shape of the tensor; ShapeMismatch unless indices and updates fit one another."""
    tensor = node.inputs[0].shape
    with_rank_at_least(tensor.sizes, 1)
    indices, updates = with_rank_at_least(node.indices.shape.sizes, 1), with_rank_at_least(node.updates.shape.sizes, 1)
    if indices is not None and updates is not None:
        outer = len(indices) - 1
        try:
            merge(indices[:-1], updates[:outer])
        except ShapeMismatch as error:
            raise ShapeMismatch(f"The outer {outer} dimensions of indices.shape={format_shape(indices)} must match the outer "
                                f"{outer} dimensions of updates.shape={format_shape(updates)}: {str(error)}") from None
    return tensor


def _scattered(tensor, indices, updates, change):
    """A copy of ``tensor`` after ``change(copy, places, updates)``."""
    if indices.ndim < 1 or updates.ndim < 1:
        raise _invalid(f"Indices and updates must have at least rank 1, their shapes are {format_shape(indices.shape)} and "
                       f"{format_shape(updates.shape)}")
    depth, outer = indices.shape[-1], indices.shape[:-1]
    if updates.shape[:len(outer)] != outer:
        raise _invalid(f"Outer dimensions of indices and update must match. Indices shape: {format_shape(indices.shape)}, "
                       f"updates shape:{format_shape(updates.shape)}")
    if depth > tensor.ndim or updates.shape[len(outer):] != tensor.shape[depth:]:
        raise _invalid("Inner dimensions of output shape must match inner dimensions of updates shape. Output: "
                       f"{format_shape(tensor.shape)} updates: {format_shape(updates.shape)}")
    gathering._check_places(indices, tensor.shape, "shape")
    result = np.array(tensor, order="C")
    change(result, tuple(np.moveaxis(indices, -1, 0)), updates)
    return result


def _set(array, places, updates):
    flat = tuple(axis.ravel() for axis in places)  # in order: of two updates of one place the last one stays
    array[flat] = updates.reshape(-1, *array.shape[len(places):]) if flat else updates.reshape(-1, *array.shape)[-1:]


class TensorScatterUpdate(Op):
    """``tensor`` with ``updates`` at the places ``indices``; of several updates of one place the last one stays."""

    T = TypeAttr(ALL)
    Tindices = TypeAttr(INDICES)
    tensor = Input(T)
    indices = Input(Tindices)
    updates = Input(T)
    output = Output(T)
    example = dict(tensor=[1.0, 2.0, 3.0], indices=[[2], [0]], updates=[5.0, 7.0], output=[7.0, 2.0, 5.0])
    infer = _same_shape

    def kernel(tensor, indices, updates):
        return _scattered(tensor, indices, updates, _set)

    def grad(node, dy):
        updates = gathering.gather_nd(dy, node.indices)
        kept = TensorScatterUpdate.build(arrays.identity(dy), node.indices, filling.zeros_like(node.updates, dtype=dy.dtype))
        return kept, None, updates


class TensorScatterAdd(Op):
    """``tensor`` with ``updates`` added at the places ``indices``."""

    T = TypeAttr(ALL, without_kernel=ALL - NUMERIC)
    Tindices = TypeAttr(INDICES)
    tensor = Input(T)
    indices = Input(Tindices)
    updates = Input(T)
    output = Output(T)
    example = dict(tensor=[1.0, 2.0, 3.0], indices=[[2], [2]], updates=[5.0, 7.0], output=[1.0, 2.0, 15.0])
    infer = _same_shape

    def kernel(tensor, indices, updates):
        return _scattered(tensor, indices, updates, np.add.at)

    def grad(node, dy):
        updates = gathering.gather_nd(dy, node.indices)
        return arrays.identity(dy), None, updates


class TensorScatterSub(Op):
    """``tensor`` with ``updates`` subtracted at the places ``indices``."""

    T = TypeAttr(ALL, without_kernel=ALL - NUMERIC)
    Tindices = TypeAttr(INDICES)
    tensor = Input(T)
    indices = Input(Tindices)
    updates = Input(T)
    output = Output(T)
    example = dict(tensor=[1.0, 2.0, 3.0], indices=[[2], [2]], updates=[5.0, 7.0], output=[1.0, 2.0, -9.0])
    infer = _same_shape

    def kernel(tensor, indices, updates):
        return _scattered(tensor, indices, updates, np.subtract.at)

    def grad(node, dy):
        updates = gathering.gather_nd(dy, node.indices)
        return arrays.identity(dy), None, -updates


class ScatterNdNonAliasingAdd(Op):
    """``input`` with ``updates`` added at the places ``indices``."""

    T = TypeAttr(NUMBERS | {bool}, without_kernel=QUANTIZED)
    Tindices = TypeAttr(INDICES)
    input = Input(T)
    indices = Input(Tindices)
    updates = Input(T)
    output = Output(T)
    example = dict(input=[1.0, 2.0, 3.0], indices=[[2], [2]], updates=[5.0, 7.0], output=[1.0, 2.0, 15.0])
    infer = _same_shape

    def kernel(input, indices, updates):
        return _scattered(input, indices, updates, np.add.at)

    def grad(node, dy):
        return dy, None, gathering.gather_nd(dy, node.indices)


def tensor_scatter_nd_update(tensor, indices, updates, name=None):
    """``tensor`` with ``updates`` at the places that the last axis of ``indices`` gives.

    Args:
      indices: int32 or int64, ``[..., depth]``; ``depth`` coordinates name an element, or with fewer than the rank a slice.
      updates: ``[..., *sizes of a slice]``.

    Raises:
      tf.errors.InvalidArgumentError: an index is outside, when it runs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.tensor_scatter_nd_update([1, 2, 3], [[0], [2]], [10, 30]))
    array([10,  2, 30], dtype=int32)
    """
    return TensorScatterUpdate.build(tensor, indices, updates, name=name)


def tensor_scatter_nd_add(tensor, indices, updates, name=None):
    """``tensor`` with ``updates`` added; arguments as for `tensor_scatter_nd_update`, places may come more than once."""
    return TensorScatterAdd.build(tensor, indices, updates, name=name)


def tensor_scatter_nd_sub(tensor, indices, updates, name=None):
    """``tensor`` with ``updates`` subtracted; arguments as for `tensor_scatter_nd_add`."""
    return TensorScatterSub.build(tensor, indices, updates, name=name)


tensor_scatter_update, tensor_scatter_add, tensor_scatter_sub = tensor_scatter_nd_update, tensor_scatter_nd_add, tensor_scatter_nd_sub

__all__ = ["tensor_scatter_add", "tensor_scatter_nd_add", "tensor_scatter_nd_sub", "tensor_scatter_nd_update", "tensor_scatter_sub",
           "tensor_scatter_update"]
