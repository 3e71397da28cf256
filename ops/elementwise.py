"""Arithmetic and the common mathematics, element by element with broadcasting."""

from graphcore.core.dtypes import NUMERIC
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr


class Add(Elementwise, differentiable=False):
    """The sum ``x + y``, element by element."""

    T = TypeAttr(NUMERIC)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "x + y"
    example = dict(x=[1.0, 2.0], y=[3.0], z=[4.0, 5.0])


add = Add.function()
