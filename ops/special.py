"""The error function and the family of the gamma function, element by element.

SciPy computes them; it is imported when one of them first runs.
"""

import numpy as np

from graphcore.core.dtypes import FLOATS, float32, float64
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr
from graphcore.ops.arithmetic import square
from graphcore.ops.broadcasting import unbroadcasts
from graphcore.ops.constants import constant
from graphcore.ops.mathematics import exp
from graphcore.ops.operands import after, conj
from graphcore.ops.sparse_dispatch import maps_values


def _computed(name, *arrays):
    """SciPy's function of that name; float16 and bfloat16 are computed in float32, as it has no others."""
    from scipy import special

    dtype = arrays[0].dtype
    if dtype.itemsize == 2:
        arrays = [a.astype(np.float32) for a in arrays]
    return getattr(special, name)(*arrays).astype(dtype, copy=False)


def hurwitz(x, q):
    """The zeta function's values; NaN for an infinite ``q``, as in TF."""
    return np.where(q == np.inf, np.array(np.nan, q.dtype), _computed("zeta", x, q))


class Erf(Elementwise):
    """The error function of each element."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)

    example = dict(x=[0.0, 1.0], y=[0.0, 0.8427007929497149])
    loop = "erf(x)"

    def kernel(x):
        return _computed("erf", x)

    def grad(node, grad):
        factor = constant(2 / np.sqrt(np.pi), grad.dtype)
        with after(grad):
            return grad * factor * exp(-square(conj(node.x)))


class Erfc(Elementwise):
    """``1 - erf(x)`` of each element, precise for large ones."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)

    example = dict(x=[0.0, 1.0], y=[1.0, 0.15729920705028513])

    def kernel(x):
        return _computed("erfc", x)

    def grad(node, grad):
        factor = constant(-2 / np.sqrt(np.pi), grad.dtype)
        with after(grad):
            return grad * factor * exp(-square(conj(node.x)))


class Lgamma(Elementwise):
    """The logarithm of the absolute value of the gamma function of each element."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)

    example = dict(x=[1.0, 4.0], y=[0.0, 1.791759469228055])

    def kernel(x):
        # SciPy has -inf at -inf.
        return np.where(np.isinf(x), np.array(np.inf, x.dtype), _computed("gammaln", x))

    def grad(node, grad):
        with after(grad):
            return grad * digamma(conj(node.x))


class Digamma(Elementwise):
    """The derivative of Lgamma; infinite at 0 and the negative integers."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)

    example = dict(x=[1.0, 2.0], y=[-0.5772156649015329, 0.42278433509846714])

    def kernel(x):
        pole = (x <= 0) & (x == np.floor(x))
        return np.where(pole, np.array(np.inf, x.dtype), _computed("psi", x))

    def grad(node, grad):
        with after(grad):
            x = conj(node.x)
            return grad * polygamma(constant(1, x.dtype), x)


class Polygamma(Elementwise):
    """The ``a``-th derivative of Digamma at ``x``; NaN where ``a`` is no natural number."""

    T = TypeAttr({float32, float64})
    a = Input(T)
    x = Input(T)
    z = Output(T)

    example = dict(a=np.array([0.0, 1.0], np.float32), x=np.array([1.0, 1.0], np.float32),
                   z=np.array([-0.5772157, 1.6449341], np.float32))

    def kernel(a, x):
        order = a + 1
        sign = np.where(a % 2 == 0, -1, 1).astype(a.dtype)
        derivative = sign * np.exp(_computed("gammaln", order)) * hurwitz(order, x)
        natural = (a >= 0) & (a == np.floor(a))
        return np.where(a == 0, Digamma.kernel(x), np.where(natural, derivative, np.array(np.nan, a.dtype)))

    def grad(node, grad):
        to_x = unbroadcasts(node.a, node.x)[1]
        with after(grad):
            a, x = conj(node.a), conj(node.x)
            return None, to_x(polygamma(a + 1, x) * grad)


digamma = Digamma.function()
erf = maps_values("Erf")(Erf.function())
erfc = Erfc.function()
lgamma = Lgamma.function()
polygamma = Polygamma.function()

__all__ = ["digamma", "erf", "erfc", "lgamma", "polygamma"]
