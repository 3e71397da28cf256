"""Sums, differences, products, extremes, signs: element by element, with broadcasting."""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import COMPLEX, FLOATS, int8, int16, int32, int64, uint8, uint16
from graphcore.core.node import Tensor
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.ops.broadcasting import BroadcastGradientArgs, equal_full_shapes, quick_unbroadcasts, unbroadcasts
from graphcore.ops.operands import after, conj, is_slices, same_dtype, with_values
from graphcore.ops.sparse_dispatch import maps_values
from graphcore.ops.sums import accumulate_n, add_n

SIGNED = FLOATS | COMPLEX | {int32, int64}
_ADDABLE = SIGNED | {uint8, int8, int16}


def _sum_grad(node, grad):
    x, y = node.x, node.y
    if equal_full_shapes(x, y, grad):
        return grad, grad
    to_x, to_y = quick_unbroadcasts(x, y, grad)
    return to_x(grad) if to_x else grad, to_y(grad) if to_y else grad


class Add(Elementwise):
    """The sum ``x + y``, element by element; strings are joined.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.add([1.0, 2.0], 3.0))
    array([4., 5.], dtype=float32)
    """

    T = TypeAttr(_ADDABLE | {dtypes.string})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    neutral = dict(x=-0.0, y=-0.0)  # adding 0.0 would make it of -0.0
    scalar = "x + y"
    example = dict(x=[1.0, 2.0], y=[3.0], z=[4.0, 5.0])
    grad = _sum_grad


class AddV2(Elementwise):
    """The sum ``x + y`` of numbers, element by element."""

    T = TypeAttr(_ADDABLE)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    neutral = dict(x=-0.0, y=-0.0)
    scalar = "x + y"
    example = dict(x=[1.0, 2.0], y=[3.0], z=[4.0, 5.0])
    grad = _sum_grad


class Sub(Elementwise):
    """The difference ``x - y``, element by element."""

    T = TypeAttr(_ADDABLE | {uint16})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    neutral = dict(y=0.0)
    scalar = "x - y"
    example = dict(x=[1.0, 2.0], y=[3.0], z=[-2.0, -1.0])

    def grad(node, grad):
        x, y = node.x, node.y
        if equal_full_shapes(x, y, grad):
            return grad, -grad
        to_x, to_y = quick_unbroadcasts(x, y, grad)
        return to_x(grad) if to_x else grad, to_y(-grad) if to_y else -grad


class Mul(Elementwise):
    """The product ``x * y``, element by element."""

    T = TypeAttr(_ADDABLE | {uint16})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    neutral = dict(x=1, y=1)
    scalar = "x * y"
    example = dict(x=[1.0, 2.0], y=[3.0], z=[3.0, 6.0])

    def grad(node, grad):
        x, y = node.x, node.y
        # The order of the factors is TF's, which differs between the two ways and decides nothing but names and inputs.
        if equal_full_shapes(x, y, grad) and grad.dtype in (int32, dtypes.float32):
            return Mul.build(grad, y), Mul.build(grad, x)
        to_x, to_y = quick_unbroadcasts(x, y, grad)
        x, y = conj(x), conj(y)
        grad_x = Mul.build(grad, y)
        grad_x = to_x(grad_x) if to_x else grad_x
        grad_y = Mul.build(x, grad)
        return grad_x, to_y(grad_y) if to_y else grad_y


class MulNoNan(Elementwise):
    """The product ``x * y``, and 0 wherever ``y`` is 0, even if ``x`` is NaN or infinite there."""

    T = TypeAttr(COMPLEX | FLOATS - {dtypes.bfloat16})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "where(y == 0, 0 * y, x * y)"
    example = dict(x=[1.0, np.inf], y=[3.0, 0.0], z=[3.0, 0.0])

    def kernel(x, y):
        return np.where(y == 0, np.zeros((), x.dtype), x * y)

    def grad(node, grad):
        x, y = node.x, node.y
        if equal_full_shapes(x, y, grad):
            return MulNoNan.build(grad, y), MulNoNan.build(x, grad)
        to_x, to_y = unbroadcasts(x, y)
        return to_x(MulNoNan.build(grad, y)), to_y(MulNoNan.build(x, grad))


class SquaredDifference(Elementwise):
    """The square of ``x - y``, element by element; of complex numbers that of the distance, ``(x - y) conj(x - y)``."""

    T = TypeAttr(SIGNED)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "(x - y) * conj(x - y)"
    example = dict(x=[1.0, 4.0], y=[3.0, 3.5], z=[4.0, 0.25])

    def kernel(x, y):
        difference = np.subtract(x, y)
        return difference * (difference.conjugate() if difference.dtype.kind == "c" else difference)

    def grad(node, grad):
        x, y = node.x, node.y
        with after(grad):
            grad_x = scalar_mul(2.0, grad) * (x - y)
        if equal_full_shapes(x, y, grad):
            return grad_x, -grad_x
        to_x, to_y = quick_unbroadcasts(x, y, grad)
        first = to_x(grad_x) if to_x else grad_x
        return first, -to_y(grad_x) if to_y else -grad_x


class Neg(Elementwise):
    """The negative ``-x`` of each element."""

    T = TypeAttr(SIGNED)
    x = Input(T)
    y = Output(T)

    undoes_itself = True
    scalar = "-x"
    example = dict(x=[1.0, -2.0], y=[-1.0, 2.0])

    def grad(node, grad):
        return -grad


class Square(Elementwise):
    """The square ``x * x`` of each element.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.square([1.0, -3.0]))
    array([1., 9.], dtype=float32)
    """

    T = TypeAttr(SIGNED)
    x = Input(T)
    y = Output(T)

    scalar = "square(x)"
    example = dict(x=[1.0, -3.0], y=[1.0, 9.0])

    def grad(node, grad):
        from graphcore.ops.constants import constant

        with after(grad):
            x = conj(node.x)
            two = constant(2.0, x.dtype)
            return Mul.build(grad, Mul.build(x, two))


class Abs(Elementwise):
    """The absolute value of each element."""

    T = TypeAttr(FLOATS | {int8, int16, int32, int64})
    x = Input(T)
    y = Output(T)

    scalar = "abs(x)"
    example = dict(x=[-1.0, 2.5], y=[1.0, 2.5])

    def grad(node, grad):
        return grad * sign(node.x)


class Sign(Elementwise):
    """-1, 0 or 1 as an element is negative, zero (or NaN) or positive; ``x / |x|`` for complex numbers."""

    T = TypeAttr(SIGNED)
    x = Input(T)
    y = Output(T)

    scalar = "where(x > 0, 1, where(x < 0, -1, 0))"  # a comparison with NaN does not hold
    example = dict(x=[-2.0, 3.0], y=[-1.0, 1.0])

    def kernel(x):
        if x.dtype.kind in "iu":
            return np.sign(x)
        # NumPy's sign of NaN is NaN, TF's is 0.
        return np.where(np.isnan(x), np.zeros((), x.dtype), np.sign(x))

    def grad(node, grad):
        from graphcore.ops import arrays, sequences

        return sequences.zeros(arrays.shape(node.x), dtype=node.x.dtype)


def _extreme_grad(selector, node, grad):
    """The gradient goes to the input that was chosen; to ``x`` where both are equal."""
    from graphcore.ops import arrays, reductions, sequences
    from graphcore.ops.selection import where

    x, y = node.x, node.y
    shape_x, shape_y = arrays.shape(x), arrays.shape(y)
    zeros = sequences.zeros(arrays.shape(grad), grad.dtype)
    chosen = selector(x, y)
    axes_x, axes_y = BroadcastGradientArgs.build(shape_x, shape_y)
    grad_x = arrays.reshape(reductions.reduce_sum(where(chosen, grad, zeros), axes_x), shape_x)
    return grad_x, arrays.reshape(reductions.reduce_sum(where(chosen, zeros, grad), axes_y), shape_y)


class Maximum(Elementwise):
    """The larger of ``x`` and ``y``, element by element; where one of them is NaN, that of ``x``."""

    T = TypeAttr(FLOATS | {int32, int64})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "where(x < y, y, x)"
    example = dict(x=[1.0, 4.0], y=[3.0, 3.5], z=[3.0, 4.0])

    def grad(node, grad):
        from graphcore.ops.comparison import greater_equal

        return _extreme_grad(greater_equal, node, grad)


class Minimum(Elementwise):
    """The smaller of ``x`` and ``y``, element by element; where one of them is NaN, that of ``x``."""

    T = TypeAttr(FLOATS | {int32, int64})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "where(y < x, y, x)"
    example = dict(x=[1.0, 4.0], y=[3.0, 3.5], z=[1.0, 3.5])

    def grad(node, grad):
        from graphcore.ops.comparison import less_equal

        return _extreme_grad(less_equal, node, grad)


add = Add.function()
maximum = Maximum.function()
minimum = Minimum.function()
negative = maps_values("Neg")(Neg.function("negative"))
sign = maps_values("Sign")(Sign.function())
square = maps_values("Square")(Square.function())
squared_difference = SquaredDifference.function()


def multiply(x, y, name=None):
    """The product ``x * y``, element by element with broadcasting; both of one dtype."""
    return Mul.build(x, y, name=name)


def subtract(x, y, name=None):
    """The difference ``x - y``, element by element with broadcasting; both of one dtype."""
    return Sub.build(x, y, name=name)


def multiply_no_nan(x, y, name=None):
    """The product ``x * y``, and 0 wherever ``y`` is 0, even if ``x`` is NaN or infinite there."""
    with name_scope(name, "multiply_no_nan", [x, y]) as name:
        x, y = same_dtype(x, y)
        return MulNoNan.build(x, y, name=name)


def scalar_mul(scalar, x, name=None):
    """``scalar * x`` for a tensor or IndexedSlices ``x``; ValueError unless ``scalar`` has no dimensions."""
    scalar = to_tensor(scalar, x.dtype.base, "scalar")
    if scalar.shape.ndims != 0:
        raise ValueError(f"Only scalar multiply works, got shape {scalar.shape}")
    if is_slices(x):
        return with_values(x, Mul.build(scalar, x.values, name=name))
    return Mul.build(scalar, x, name=name)


@maps_values("Abs")
def abs(x, name=None):
    """The absolute value of each element; of complex numbers their length, a real tensor.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.abs([-1, 2])), session.run(tf.abs([3 + 4j]))
    (array([1, 2], dtype=int32), array([5.]))
    """
    from graphcore.ops.complex_numbers import ComplexAbs

    if isinstance(x, Tensor) and not x.dtype.is_complex:
        return Abs.build(x, name=name)
    with name_scope(name, "Abs", [x]) as name:
        x = to_tensor(x, name="x")
        if x.dtype.is_complex:
            return ComplexAbs.build(x, Tout=x.dtype.real_dtype, name=name)
        return Abs.build(x, name=name)


__all__ = ["abs", "accumulate_n", "add", "add_n", "maximum", "minimum", "multiply", "negative", "scalar_mul", "sign", "square",
           "squared_difference", "subtract"]
