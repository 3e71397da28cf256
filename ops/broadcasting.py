"""Gradients of broadcasting: which axes an input was repeated along, and how to sum over them."""

import numpy as np

from graphcore.core.dtypes import int32, int64
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.node import Tensor
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph
from graphcore.core.shapes import ShapeMismatch, format_shape


class BroadcastGradientArgs(Op, differentiable=False):
    """For two shapes that broadcast together, the axes of the result along which each of them was repeated.

    ``r0`` are the axes to sum a gradient over to get back to ``s0``, ``r1`` those for ``s1``.
    """

    T = TypeAttr({int32, int64}, default=int32)
    s0 = Input(T, static=True)
    s1 = Input(T, static=True)
    r0 = Output(T)
    r1 = Output(T)

    example = dict(s0=np.array([2, 3], np.int32), s1=np.array([3], np.int32), r0=np.array([], np.int32),
                   r1=np.array([0], np.int32))

    def infer(node):
        if any(s.shape.ndims not in (None, 1) for s in node.inputs):
            raise ShapeMismatch("Shape must be rank 1")
        return [(None,), (None,)]

    def kernel(s0, s1):
        first, second = repeated_axes(tuple(s0.tolist()), tuple(s1.tolist()))
        return np.array(first, s0.dtype), np.array(second, s0.dtype)


def repeated_axes(first, second):
    """The axes of the broadcast result along which each of two shapes was repeated, as two tuples.

    An axis where both are 1 counts for both of them, unless the shapes are equal: summing over it changes nothing.
    """
    if first == second:
        return (), ()
    rank = max(len(first), len(second))
    first = (1,) * (rank - len(first)) + first
    second = (1,) * (rank - len(second)) + second
    if any(a != b and 1 not in (a, b) for a, b in zip(first, second)):
        raise InvalidArgumentError(None, None, f"Incompatible shapes: {format_shape(first)} vs. {format_shape(second)}")
    pairs = list(zip(first, second))
    return (tuple(axis for axis, (size, _) in enumerate(pairs) if size == 1),
            tuple(axis for axis, (_, size) in enumerate(pairs) if size == 1))


def equal_full_shapes(x, y, grad):
    """Whether all three are tensors of the same, completely known shape: nothing was broadcast."""
    if not isinstance(grad, Tensor):
        return False
    sizes = x._shape.sizes
    return sizes is not None and sizes == y._shape.sizes and sizes == grad._shape.sizes and None not in sizes


def unbroadcasts(x, y):
    """Two functions that sum a gradient down to the shapes of ``x`` and ``y``; the nodes they share are made at once."""
    from graphcore.ops import arrays

    shape_x, shape_y = arrays.shape(x), arrays.shape(y)
    axes_x, axes_y = BroadcastGradientArgs.build(shape_x, shape_y)
    return _Unbroadcast(shape_x, axes_x), _Unbroadcast(shape_y, axes_y)


def quick_unbroadcasts(x, y, grad):
    """As `unbroadcasts`, with shapes and axes as constants where both shapes are known.

    The axes of a pair of shapes are found once a graph; that first time leaves a BroadcastGradientArgs in it, as in TF.
    """
    from graphcore.ops import arrays

    if not isinstance(grad, Tensor):
        return unbroadcasts(x, y)
    sizes_x, sizes_y = x._shape.sizes, y._shape.sizes
    if sizes_x is None or sizes_y is None or None in sizes_x or None in sizes_y:
        shape_x, shape_y = arrays.Shape.build(x), arrays.Shape.build(y)
        axes_x, axes_y = BroadcastGradientArgs.build(shape_x, shape_y)
        return _Unbroadcast(shape_x, axes_x), _Unbroadcast(shape_y, axes_y)
    axes_x, axes_y = _remembered_axes(sizes_x, sizes_y)
    sizes = grad._shape.sizes
    return (_Unbroadcast(sizes_x, axes_x) if sizes_x != sizes else None,
            _Unbroadcast(sizes_y, axes_y) if sizes_y != sizes else None)


def _remembered_axes(sizes_x, sizes_y):
    known = get_default_graph()._attachments.setdefault("repeated axes", {})
    axes = known.get((sizes_x, sizes_y))
    if axes is None:
        BroadcastGradientArgs.build(sizes_x, sizes_y)
        axes = known[sizes_x, sizes_y] = repeated_axes(sizes_x, sizes_y)
    return axes


class _Unbroadcast:
    """Sum over ``axes``, then reshape to ``shape``."""

    __slots__ = ("shape", "axes")

    def __init__(self, shape, axes):
        self.shape, self.axes = shape, axes

    def __call__(self, grad):
        from graphcore.ops import arrays, reductions

        return arrays.reshape(reductions.reduce_sum(grad, self.axes), self.shape)


__all__ = []
