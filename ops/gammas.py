"""Incomplete gamma and beta functions, the zeta function, and the logarithm of the beta function.

SciPy computes them; it is imported when one of them first runs.
"""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32, float64
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.opdef import Elementwise, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape, merge
from graphcore.ops import reductions
from graphcore.ops.broadcasting import unbroadcasts
from graphcore.ops.mathematics import exp, log
from graphcore.ops.operands import after, conj
from graphcore.ops.special import hurwitz, lgamma

_PRECISE = {float32, float64}


def _computed(name, *arrays):
    """SciPy's function of that name, in the dtype of the arrays."""
    from scipy import special

    return getattr(special, name)(*arrays).astype(arrays[0].dtype, copy=False)


def _gamma_grad(node, grad):
    to_a, to_x = unbroadcasts(node.a, node.x)
    a, x = node.a, node.x
    with after(grad):
        by_a = IgammaGradA.build(a, x)
        # Through the logarithm, as gamma(a) itself soon overflows.
        by_x = exp(-x + (a - 1) * log(x) - lgamma(a))
        return to_a(by_a * grad), to_x(by_x * grad)


def _where_finite(a, values):
    """``values`` where ``a`` is positive and finite, else NaN: SciPy has values for more."""
    return np.where((a > 0) & np.isfinite(a), values, np.array(np.nan, a.dtype))


class Igamma(Elementwise):
    """The regularised lower incomplete gamma function: the part of the gamma distribution ``a`` that lies below ``x``."""

    T = TypeAttr(_PRECISE)
    a = Input(T)
    x = Input(T)
    z = Output(T)

    example = dict(a=[1.0, 2.0], x=[1.0, 1.0], z=[0.6321205588285577, 0.26424111765711533])

    def kernel(a, x):
        # TF looks at x first: nothing lies below 0, whatever `a` is.
        return np.where(x == 0, np.array(0, a.dtype), _where_finite(a, _computed("gammainc", a, x)))

    grad = _gamma_grad


class Igammac(Elementwise):
    """The regularised upper incomplete gamma function, ``1 - igamma(a, x)``."""

    T = TypeAttr(_PRECISE)
    a = Input(T)
    x = Input(T)
    z = Output(T)

    example = dict(a=[1.0, 2.0], x=[1.0, 1.0], z=[0.36787944117144233, 0.7357588823428847])

    def kernel(a, x):
        return np.where((x == 0) & (a > 0), np.array(1, a.dtype), _where_finite(a, _computed("gammaincc", a, x)))

    def grad(node, grad):
        by_a, by_x = _gamma_grad(node, grad)
        return -by_a, -by_x


class IgammaGradA(Elementwise, refuses=True):
    """The derivative of Igamma by ``a``."""

    T = TypeAttr(_PRECISE)
    a = Input(T)
    x = Input(T)
    z = Output(T)

    example = dict(a=np.array([1.0, 2.0], np.float32), x=np.array([1.0, 1.0], np.float32),
                   z=np.array([-0.43172971, -0.27619605], np.float32))

    def kernel(a, x):
        from scipy import special

        dtype = a.dtype
        a, x = np.broadcast_arrays(a.astype(float), x.astype(float))
        # The logarithm of the smaller part is smooth in a: its slope is a difference, extrapolated to a step of 0.
        upper = x > a
        step = 1e-3 * np.minimum(a, np.sqrt(np.abs(a)))

        def slope(step):
            parts = [np.where(upper, special.gammaincc(at, x), special.gammainc(at, x)) for at in (a + step, a - step)]
            return (np.log(parts[0]) - np.log(parts[1])) / (2 * step)

        part = np.where(upper, -special.gammaincc(a, x), special.gammainc(a, x))
        found = np.where(part == 0, 0.0, part * (4 * slope(step) - slope(2 * step)) / 3)
        return np.where(x == 0, 0.0, np.where((a > 0) & np.isfinite(a) & (x >= 0), found, np.nan)).astype(dtype)


class Zeta(Elementwise):
    """The Hurwitz zeta function: the sum of ``(n + q)**-x`` over all n from 0 on."""

    T = TypeAttr(_PRECISE)
    x = Input(T)
    q = Input(T)
    z = Output(T)

    example = dict(x=np.array([2.0, 4.0], np.float32), q=np.array([1.0, 1.0], np.float32),
                   z=np.array([1.6449341, 1.0823232], np.float32))

    def kernel(x, q):
        return hurwitz(x, q)

    def grad(node, grad):
        to_q = unbroadcasts(node.x, node.q)[1]
        with after(grad):
            x, q = conj(node.x), conj(node.q)
            return None, to_q(-x * zeta(x + 1, q) * grad)


class Betainc(Op):
    """The regularised incomplete beta function: the part of the beta distribution ``a, b`` that lies below ``x``."""

    T = TypeAttr(_PRECISE)
    a = Input(T)
    b = Input(T)
    x = Input(T)
    z = Output(T)

    example = dict(a=np.array([1.0, 2.0], np.float32), b=np.array([1.0, 3.0], np.float32), x=np.array([0.5, 0.5], np.float32),
                   z=np.array([0.5, 0.6875], np.float32))

    def infer(node):
        shapes = [each.shape.sizes for each in node.inputs]
        if None in shapes:
            return None
        result = ()
        for sizes in shapes:
            if sizes:  # scalars go with any shape
                result = merge(result, sizes) if result else sizes
        return result

    def kernel(a, b, x):
        for name, other in (("b", b), ("x", x)):
            if a.ndim and other.ndim and a.shape != other.shape:
                raise InvalidArgumentError(None, None, f"Shapes of a and {name} are inconsistent: {format_shape(a.shape)} vs. "
                                                       f"{format_shape(other.shape)}")
        return _computed("betainc", a, b, x)

    def grad(node, grad):
        a, b, x = node.a, node.b, node.x
        to_x = unbroadcasts(a, x)[1]
        log_beta = lgamma(a) + lgamma(b) - lgamma(a + b)
        by_x = exp((b - 1) * log(1 - x) + (a - 1) * log(x) - log_beta)
        return None, None, to_x(by_x * grad)


betainc = Betainc.function()
igamma = Igamma.function()
igammac = Igammac.function()
zeta = Zeta.function()


def lbeta(x, name=None):
    """The logarithm of the absolute value of the beta function of the vectors in the last axis of ``x``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.lbeta([1.0, 1.0]))
    np.float32(0.0)
    """
    with name_scope(name, "lbeta", [x]):
        x = to_tensor(x, name="x")
        of_each = reductions.reduce_sum(lgamma(x), axis=[-1])
        return of_each - lgamma(reductions.reduce_sum(x, axis=[-1]))


__all__ = ["betainc", "igamma", "igammac", "lbeta", "zeta"]
