"""Vector products, polynomials, and the float next to a float."""

import numpy as np

from graphcore.core import errors, structure
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import REAL, float32, float64
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import ShapeMismatch, broadcast, format_shape, merge, with_rank_at_least
from graphcore.ops import arrays, broadcasting, filling, reductions, reshaping


class Cross(Op):
    """The cross products of the vectors of three elements along the last axes of ``a`` and ``b``."""

    T = TypeAttr(REAL)
    a = Input(T)
    b = Input(T)
    product = Output(T)
    example = dict(a=[1.0, 2.0, 3.0], b=[4.0, 5.0, 7.0], product=[-1.0, 5.0, -3.0])

    def infer(node):
        for given in (node.a, node.b):
            sizes = with_rank_at_least(given.shape.sizes, 1)
            if sizes is not None and sizes[-1] not in (3, None):
                raise ShapeMismatch(f"Dimension must be 3 but is {sizes[-1]}")
        return merge(node.a.shape.sizes, node.b.shape.sizes)

    def kernel(a, b):
        if np.shape(a) != np.shape(b):
            raise errors.InvalidArgumentError(None, None, f"Both inputs must be of same shape: {format_shape(np.shape(a))} vs. "
                                              f"{format_shape(np.shape(b))}")
        if np.ndim(a) < 1:
            raise errors.InvalidArgumentError(None, None, "Input must be at least 1D[]")
        if a.shape[-1] != 3:
            raise errors.FailedPreconditionError(None, None, "Cross-products are only defined for 3-element vectors.")
        (a0, a1, a2), (b0, b1, b2) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
        return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=-1)

    def grad(node, dy):
        return cross(node.b, dy), cross(dy, node.a)


cross = Cross.function()


class NextAfter(Op):
    """The float next to each of ``x1`` on the way to ``x2``."""

    T = TypeAttr({float64, float32}, default=float32)
    x1 = Input(T)
    x2 = Input(T)
    output = Output(T)
    example = dict(x1=[1.0, 2.0], x2=[1.0, 2.0], output=[1.0, 2.0])

    def infer(node):
        return broadcast(node.x1.shape.sizes, node.x2.shape.sizes)

    def kernel(x1, x2):
        return np.nextafter(x1, x2)

    def grad(node, dy):
        shape1, shape2 = arrays.shape(node.x1), arrays.shape(node.x2)
        axes1, axes2 = broadcasting.BroadcastGradientArgs.build(shape1, shape2)
        with get_default_graph().control_dependencies([dy]):
            part1, part2 = filling.ones(shape1, dtype=node.x1.dtype), filling.zeros(shape2, dtype=node.x2.dtype)
            return (reshaping.reshape(reductions.reduce_sum(part1 * dy, axes1), shape1),
                    reshaping.reshape(reductions.reduce_sum(part2 * dy, axes2), shape2))


nextafter = NextAfter.function()


def polyval(coeffs, x, name=None):
    """The polynomial with the list of coefficients ``coeffs``, the highest power first, at each of ``x``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.math.polyval([1.0, 2.0, 3.0], [0.0, 2.0]))
    array([ 3., 11.], dtype=float32)
    """
    with name_scope(name, "polyval", [*structure.flatten(coeffs), x]) as name:
        x = to_tensor(x, name="x")
        if len(coeffs) < 1:
            return filling.zeros_like(x, name=name)
        total, *others = [to_tensor(each, name=f"coeff_{number}") for number, each in enumerate(coeffs)]
        for each in others:
            total = each + total * x
        return total


__all__ = ["cross"]
