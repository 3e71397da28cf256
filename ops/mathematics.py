"""Exponentials, logarithms, roots, the logistic function and rounding, element by element."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import COMPLEX, FLOATS, bfloat16, int32, int64
from graphcore.core.node import Tensor
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.ops.arithmetic import negative, square
from graphcore.ops.broadcasting import unbroadcasts
from graphcore.ops.casting import cast
from graphcore.ops.division import reciprocal
from graphcore.ops.kernels import rounding
from graphcore.ops.operands import after, conj
from graphcore.ops.sparse_dispatch import maps_values

CONTINUOUS = FLOATS | COMPLEX


class Exp(Elementwise):
    """e to the power of each element.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.exp([0.0, -np.inf]))
    array([1., 0.], dtype=float32)
    """

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "exp(x)"
    example = dict(x=[0.0, 1.0], y=[1.0, 2.718281828459045])

    def grad(node, grad):
        with after(grad):
            return grad * conj(node.y)


class Expm1(Elementwise):
    """``exp(x) - 1`` of each element, precise for small ones."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "expm1(x)"
    example = dict(x=[0.0, 1.0], y=[0.0, 1.718281828459045])

    def grad(node, grad):
        with after(grad):
            return grad * exp(conj(node.x))


class Log(Elementwise):
    """The natural logarithm of each element: -inf for 0, NaN for negative numbers."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "log(x)"
    example = dict(x=[1.0, 2.0], y=[0.0, 0.6931471805599453])

    def kernel(x):
        return rounding.log(x)

    def grad(node, grad):
        with after(grad):
            return grad * reciprocal(conj(node.x))


class Log1p(Elementwise):
    """``log(1 + x)`` of each element, precise for small ones."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "log1p(x)"
    example = dict(x=[0.0, 1.0], y=[0.0, 0.6931471805599453])

    def grad(node, grad):
        with after(grad):
            return grad * reciprocal(1 + conj(node.x))


def _is_not_zero(x):
    from graphcore.ops.comparison import not_equal

    return cast(not_equal(x, cast(0.0, x.dtype)), x.dtype)


class Xlogy(Elementwise):
    """``x * log(y)``, and 0 wherever ``x`` is 0."""

    T = TypeAttr(CONTINUOUS - {bfloat16})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "where(x == 0, 0 * x, x * log(y))"
    example = dict(x=[2.0, 3.0], y=[1.0, 2.0], z=[0.0, 2.0794415416798357])

    def kernel(x, y):
        return np.where(x == 0, np.zeros((), x.dtype), x * np.log(y))

    def grad(node, grad):
        x, y = node.x, node.y
        to_x, to_y = unbroadcasts(x, y)
        with after(grad):
            by_x = Xlogy.build(_is_not_zero(x), y)
            by_y = Xdivy.build(x, y)
            return to_x(by_x * grad), to_y(by_y * grad)


class Xdivy(Elementwise):
    """``x / y``, and 0 wherever ``x`` is 0."""

    T = TypeAttr(CONTINUOUS - {bfloat16})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "where(x == 0, 0 * x, x / y)"
    example = dict(x=[2.0, 3.0], y=[4.0, 2.0], z=[0.5, 1.5])

    def kernel(x, y):
        return np.where(x == 0, np.zeros((), x.dtype), np.true_divide(x, y))

    def grad(node, grad):
        x, y = node.x, node.y
        to_x, to_y = unbroadcasts(x, y)
        with after(grad):
            by_x = Xdivy.build(_is_not_zero(x), y)
            by_y = Xdivy.build(-x, y**2)
            return to_x(by_x * grad), to_y(by_y * grad)


class Sqrt(Elementwise):
    """The square root of each element: NaN for negative numbers."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "sqrt(x)"
    example = dict(x=[4.0, 2.25], y=[2.0, 1.5])

    def grad(node, grad):
        return SqrtGrad.build(node.y, grad)


class SqrtGrad(Elementwise):
    """The gradient ``dy / (2 y)`` of ``y = sqrt(x)``; 0 wherever ``dy`` is 0, even if ``y`` is 0 too."""

    T = TypeAttr(CONTINUOUS)
    y = Input(T)
    dy = Input(T)
    z = Output(T)

    scalar = "where(dy == 0, dy, dy / (conj(y) + conj(y)))"
    example = dict(y=[2.0, 0.5], dy=[3.0, 1.0], z=[0.75, 1.0])

    def kernel(y, dy):
        y = _conjugate(y)
        return np.where(dy == 0, dy, dy / (y + y))

    def grad(node, grad):
        with after(grad):
            slope = grad / node.y
            return -conj(slope) * node.z, 0.5 * slope


class Rsqrt(Elementwise):
    """The reciprocal of the square root of each element."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "1 / sqrt(x)"
    example = dict(x=[4.0, 0.25], y=[0.5, 2.0])

    def grad(node, grad):
        return RsqrtGrad.build(node.y, grad)


class RsqrtGrad(Elementwise):
    """The gradient ``-dy * y ** 3 / 2`` of ``y = 1 / sqrt(x)``; 0 wherever ``dy`` is 0, even if ``y`` is infinite."""

    T = TypeAttr(CONTINUOUS)
    y = Input(T)
    dy = Input(T)
    z = Output(T)

    scalar = "where(dy == 0, dy, (dy * conj(y)) * (conj(y) * conj(y)) / -2)"
    example = dict(y=[0.5, 2.0], dy=[4.0, 1.0], z=[-0.25, -4.0])

    def kernel(y, dy):
        y = _conjugate(y)
        return np.where(dy == 0, dy, (dy * y) * (y * y) / -2)

    def grad(node, grad):
        with after(grad):
            y = conj(node.y)
            return -1.5 * conj(grad) * node.dy * square(y), RsqrtGrad.build(y, grad)


class Sigmoid(Elementwise):
    """The logistic function ``1 / (1 + exp(-x))`` of each element."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "1 / (1 + exp(-x))"
    example = dict(x=[0.0, 1.0], y=[0.5, 0.7310585786300049])

    def grad(node, grad):
        with after(grad):
            return SigmoidGrad.build(conj(node.y), grad)


class SigmoidGrad(Elementwise):
    """The gradient ``dy * y * (1 - y)`` of ``y = sigmoid(x)``."""

    T = TypeAttr(CONTINUOUS)
    y = Input(T)
    dy = Input(T)
    z = Output(T)

    scalar = "dy * y * (1 - y)"
    example = dict(y=[0.5, 0.25], dy=[4.0, 8.0], z=[1.0, 1.5])

    def grad(node, grad):
        with after(grad):
            y, dy = conj(node.y), conj(node.dy)
            product = grad * dy
            return product - 2.0 * product * y, SigmoidGrad.build(y, grad)


class Round(Elementwise):
    """Each element rounded to an integer, halves to the even one; integers stay."""

    T = TypeAttr(FLOATS | {int32, int64} | COMPLEX, without_kernel=COMPLEX)
    x = Input(T)
    y = Output(T)

    scalar = "rint(x)"
    example = dict(x=[0.5, 1.5, -2.6], y=[0.0, 2.0, -3.0])

    def kernel(x):
        return x + 0 if x.dtype.kind == "i" else np.rint(x)

    def grad(node, grad):
        return None


class Rint(Elementwise):
    """Each element rounded to an integer, halves to the even one."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)

    scalar = "rint(x)"
    example = dict(x=[0.5, 1.5, -2.6], y=[0.0, 2.0, -3.0])

    def grad(node, grad):
        return None


class Ceil(Elementwise):
    """The smallest integer not less than each element."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)

    scalar = "ceil(x)"
    example = dict(x=[0.5, -1.5], y=[1.0, -1.0])

    def grad(node, grad):
        return None


class Floor(Elementwise):
    """The largest integer not greater than each element."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)

    scalar = "floor(x)"
    example = dict(x=[0.5, -1.5], y=[0.0, -2.0])

    def grad(node, grad):
        return None


def _conjugate(x):
    """The conjugate of complex numbers; real ones are not copied."""
    return x.conjugate() if x.dtype.kind == "c" else x


ceil = Ceil.function()
exp = Exp.function()
expm1 = Expm1.function()
floor = Floor.function()
log = Log.function()
log1p = Log1p.function()
rint = Rint.function()
rsqrt = Rsqrt.function()
sqrt = maps_values("Sqrt")(Sqrt.function())
xdivy = Xdivy.function()
xlogy = Xlogy.function()


def sigmoid(x, name=None):
    """The logistic function ``1 / (1 + exp(-x))`` of each element.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sigmoid([0.0, np.inf]))
    array([0.5, 1. ], dtype=float32)
    """
    if isinstance(x, Tensor):
        return Sigmoid.build(x, name=name)
    with name_scope(name, "Sigmoid", [x]) as name:
        return Sigmoid.build(to_tensor(x, name="x"), name=name)


def log_sigmoid(x, name=None):
    """The logarithm of `sigmoid`, precise where that is near 0: ``-softplus(-x)``."""
    from graphcore.ops.activations import softplus

    with name_scope(name, "LogSigmoid", [x]) as name:
        x = to_tensor(x, name="x")
        return negative(softplus(-x), name=name)


def round(x, name=None):
    """Each element rounded to an integer, halves to the even one; a tensor of integers is returned as it is.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.round([0.9, 2.5, -1.5]))
    array([ 1.,  2., -2.], dtype=float32)
    """
    x = to_tensor(x, name="x")
    return x if x.dtype.is_integer else Round.build(x, name=name)


__all__ = ["ceil", "exp", "expm1", "floor", "log", "log1p", "log_sigmoid", "rint", "round", "rsqrt", "sigmoid", "sqrt"]
