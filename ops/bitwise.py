"""Bits of integers: and, or, exclusive or, not, shifts; element by element with broadcasting."""

import numpy as np

from graphcore.core.dtypes import INTS
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr


class BitwiseAnd(Elementwise, differentiable=False):
    """The bits that are set in both ``x`` and ``y``."""

    T = TypeAttr(INTS)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    example = dict(x=np.array([12, 10], np.int32), y=np.array([6], np.int32), z=np.array([4, 2], np.int32))

    def kernel(x, y):
        return np.bitwise_and(x, y)


class BitwiseOr(Elementwise, differentiable=False):
    """The bits that are set in ``x`` or ``y``."""

    T = TypeAttr(INTS)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    example = dict(x=np.array([12, 10], np.int32), y=np.array([6], np.int32), z=np.array([14, 14], np.int32))

    def kernel(x, y):
        return np.bitwise_or(x, y)


class BitwiseXor(Elementwise, differentiable=False):
    """The bits that differ between ``x`` and ``y``."""

    T = TypeAttr(INTS)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    example = dict(x=np.array([12, 10], np.int32), y=np.array([6], np.int32), z=np.array([10, 12], np.int32))

    def kernel(x, y):
        return np.bitwise_xor(x, y)


class LeftShift(Elementwise, differentiable=False):
    """``x`` moved ``y`` bits to the left; ``y`` is taken within 0 and the number of bits less one."""

    T = TypeAttr(INTS)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    example = dict(x=np.array([12, 10], np.int32), y=np.array([2], np.int32), z=np.array([48, 40], np.int32))

    def kernel(x, y):
        return np.left_shift(x, _bits_to_move(x, y))


class RightShift(Elementwise, differentiable=False):
    """``x`` moved ``y`` bits to the right, keeping its sign; ``y`` is taken within 0 and the number of bits less one."""

    T = TypeAttr(INTS)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    example = dict(x=np.array([12, 10], np.int32), y=np.array([2], np.int32), z=np.array([3, 2], np.int32))

    def kernel(x, y):
        return np.right_shift(x, _bits_to_move(x, y))


class Invert(Elementwise, differentiable=False):
    """Every bit of ``x`` the other way round."""

    T = TypeAttr(INTS)
    x = Input(T)
    y = Output(T)

    example = dict(x=np.array([12, -1], np.int32), y=np.array([-13, 0], np.int32))

    def kernel(x):
        return np.invert(x)


def _bits_to_move(x, y):
    # Shifting by more than that is undefined in C; TF clamps.
    return np.clip(y, 0, 8 * x.dtype.itemsize - 1)


bitwise_and = BitwiseAnd.function()
bitwise_or = BitwiseOr.function()
bitwise_xor = BitwiseXor.function()
invert = Invert.function()
left_shift = LeftShift.function()
right_shift = RightShift.function()

__all__ = []
