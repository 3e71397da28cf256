"""Trigonometric and hyperbolic functions and their inverses, element by element."""

from graphcore.core.dtypes import FLOATS, INDICES
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr
from graphcore.ops.arithmetic import add, square, subtract
from graphcore.ops.constants import constant
from graphcore.ops.division import reciprocal
from graphcore.ops.mathematics import CONTINUOUS, sqrt
from graphcore.ops.operands import after, conj
from graphcore.ops.sparse_dispatch import maps_values


class Sin(Elementwise):
    """The sine of each element, in radians."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "sin(x)"
    example = dict(x=[0.0, 1.0], y=[0.0, 0.8414709848078965])

    def grad(node, grad):
        with after(grad):
            return grad * cos(conj(node.x))


class Cos(Elementwise):
    """The cosine of each element, in radians."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "cos(x)"
    example = dict(x=[0.0, 1.0], y=[1.0, 0.5403023058681398])

    def grad(node, grad):
        with after(grad):
            x = conj(node.x)
            return -grad * sin(x)


class Tan(Elementwise):
    """The tangent of each element, in radians."""

    T = TypeAttr(CONTINUOUS | INDICES, without_kernel=INDICES)
    x = Input(T)
    y = Output(T)

    scalar = "tan(x)"
    example = dict(x=[0.0, 1.0], y=[0.0, 1.5574077246549023])

    def grad(node, grad):
        with after(grad):
            secant = reciprocal(cos(conj(node.x)))
            return square(secant) * grad


class Asin(Elementwise):
    """The angle in [-pi/2, pi/2] whose sine is the element; NaN beyond 1."""

    T = TypeAttr(CONTINUOUS | INDICES, without_kernel=INDICES)
    x = Input(T)
    y = Output(T)

    scalar = "arcsin(x)"
    example = dict(x=[0.0, 0.5], y=[0.0, 0.5235987755982989])

    def grad(node, grad):
        with after(grad):
            return grad * reciprocal(_leg(conj(node.x), grad))


class Acos(Elementwise):
    """The angle in [0, pi] whose cosine is the element; NaN beyond 1."""

    T = TypeAttr(CONTINUOUS | INDICES, without_kernel=INDICES)
    x = Input(T)
    y = Output(T)

    scalar = "arccos(x)"
    example = dict(x=[0.0, 0.5], y=[1.5707963267948966, 1.0471975511965976])

    def grad(node, grad):
        with after(grad):
            slope = reciprocal(_leg(conj(node.x), grad))
            return -grad * slope


class Atan(Elementwise):
    """The angle in [-pi/2, pi/2] whose tangent is the element."""

    T = TypeAttr(CONTINUOUS | INDICES, without_kernel=INDICES)
    x = Input(T)
    y = Output(T)

    scalar = "arctan(x)"
    example = dict(x=[0.0, 1.0], y=[0.0, 0.7853981633974483])

    def grad(node, grad):
        with after(grad):
            squared = square(conj(node.x))
            one = constant(1, grad.dtype)
            return grad * reciprocal(add(one, squared))


class Atan2(Elementwise):
    """The angle in [-pi, pi] of the point ``(x, y)``, seen from the origin."""

    T = TypeAttr(FLOATS)
    y = Input(T)
    x = Input(T)
    z = Output(T)

    scalar = "arctan2(y, x)"
    example = dict(y=[1.0, -2.0], x=[1.0, 0.0], z=[0.7853981633974483, -1.5707963267948966])

    def grad(node, grad):
        y, x = node.y, node.x
        with after(grad):
            share = grad / (square(x) + square(y))
            return x * share, -y * share


class Sinh(Elementwise):
    """The hyperbolic sine of each element."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "sinh(x)"
    example = dict(x=[0.0, 1.0], y=[0.0, 1.1752011936438014])

    def grad(node, grad):
        with after(grad):
            return grad * cosh(conj(node.x))


class Cosh(Elementwise):
    """The hyperbolic cosine of each element."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "cosh(x)"
    example = dict(x=[0.0, 1.0], y=[1.0, 1.5430806348152437])

    def grad(node, grad):
        with after(grad):
            return grad * sinh(conj(node.x))


class Tanh(Elementwise):
    """The hyperbolic tangent of each element."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "tanh(x)"
    example = dict(x=[0.0, 1.0], y=[0.0, 0.7615941559557649])

    def grad(node, grad):
        with after(grad):
            return TanhGrad.build(conj(node.y), grad)


class TanhGrad(Elementwise):
    """The gradient ``dy * (1 - y * y)`` of ``y = tanh(x)``."""

    T = TypeAttr(CONTINUOUS)
    y = Input(T)
    dy = Input(T)
    z = Output(T)

    scalar = "dy * (1 - y * y)"
    example = dict(y=[0.5, 0.0], dy=[4.0, 8.0], z=[3.0, 8.0])

    def grad(node, grad):
        with after(grad):
            y, dy = conj(node.y), conj(node.dy)
            return grad * -2.0 * dy * y, TanhGrad.build(y, grad)


class Asinh(Elementwise):
    """The number whose hyperbolic sine is the element."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "arcsinh(x)"
    example = dict(x=[0.0, 1.0], y=[0.0, 0.881373587019543])

    def grad(node, grad):
        with after(grad):
            return grad / cosh(conj(node.y))


class Acosh(Elementwise):
    """The number whose hyperbolic cosine is the element; NaN below 1."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "arccosh(x)"
    example = dict(x=[1.5, 2.0], y=[0.9624236501192069, 1.3169578969248168])

    def grad(node, grad):
        with after(grad):
            return grad / sinh(conj(node.y))


class Atanh(Elementwise):
    """The number whose hyperbolic tangent is the element; NaN beyond 1."""

    T = TypeAttr(CONTINUOUS)
    x = Input(T)
    y = Output(T)

    scalar = "arctanh(x)"
    example = dict(x=[0.0, 0.5], y=[0.0, 0.5493061443340549])

    def grad(node, grad):
        with after(grad):
            squared = square(conj(node.x))
            one = constant(1, grad.dtype)
            return grad * reciprocal(subtract(one, squared))


def _leg(x, grad):
    """``sqrt(1 - x * x)``"""
    squared = square(x)
    one = constant(1, grad.dtype)
    return sqrt(subtract(one, squared))


acos = Acos.function()
acosh = Acosh.function()
asin = Asin.function()
asinh = Asinh.function()
atan = Atan.function()
atan2 = Atan2.function()
atanh = Atanh.function()
cos = Cos.function()
cosh = Cosh.function()
sin = Sin.function()
sinh = Sinh.function()
tan = Tan.function()
tanh = maps_values("Tanh")(Tanh.function())

__all__ = ["acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "sin", "sinh", "tan", "tanh"]
