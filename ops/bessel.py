"""Modified Bessel functions, element by element, by SciPy."""

import numpy as np

from graphcore.core.dtypes import FLOATS
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.ops import arithmetic, division, filling, mathematics, operands, selection
from graphcore.ops.sparse_dispatch import maps_values
from graphcore.ops.special import _computed


class BesselI0e(Elementwise):
    """``exp(-|x|) I0(x)``, the exponentially scaled modified Bessel function of order 0."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)
    example = dict(x=[0.0, 0.5], y=[1.0, 0.64503527044915])

    def kernel(x):
        return _computed("i0e", x)

    def grad(node, dy):
        with operands.after(dy):
            return dy * (bessel_i1e(node.x) - arithmetic.sign(node.x) * node.y)


class BesselI1e(Elementwise):
    """``exp(-|x|) I1(x)``, the exponentially scaled modified Bessel function of order 1."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(T)
    example = dict(x=[0.0, 0.5], y=[0.0, 0.15642080318487173])

    def kernel(x):
        return _computed("i1e", x)

    def grad(node, dy):
        with operands.after(dy):
            least = np.finfo(node.x.dtype.np).eps
            zeros = filling.zeros_like(node.x)
            divisible = arithmetic.abs(node.x) > least
            x = selection.where(divisible, node.x, least + zeros)
            slope = bessel_i0e(x) - node.y * (arithmetic.sign(x) + division.reciprocal(x))
            return dy * selection.where(divisible, slope, 0.5 + zeros)


bessel_i0e = maps_values("BesselI0e")(BesselI0e.function("bessel_i0e"))
bessel_i1e = maps_values("BesselI1e")(BesselI1e.function("bessel_i1e"))


def bessel_i0(x, name=None):
    """The modified Bessel function of order 0 of each element.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.math.bessel_i0([0.0]))
    array([1.], dtype=float32)
    """
    with name_scope(name, "bessel_i0", [x]):
        return mathematics.exp(arithmetic.abs(x)) * bessel_i0e(x)


def bessel_i1(x, name=None):
    """The modified Bessel function of order 1 of each element."""
    with name_scope(name, "bessel_i1", [x]):
        return mathematics.exp(arithmetic.abs(x)) * bessel_i1e(x)


__all__ = ["bessel_i0", "bessel_i0e", "bessel_i1", "bessel_i1e"]
