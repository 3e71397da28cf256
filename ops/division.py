"""Quotients, remainders, reciprocals and powers, element by element with broadcasting."""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import COMPLEX, FLOATS, INDICES, bfloat16, int8, int16, int32, int64, uint8, uint16
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.node import Tensor
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.ops.arithmetic import SIGNED, negative
from graphcore.ops.broadcasting import quick_unbroadcasts, unbroadcasts
from graphcore.ops.casting import cast
from graphcore.ops.kernels import rounding
from graphcore.ops.operands import after, check_divisor, conj, same_dtype

_DIVISIBLE = SIGNED | {uint8, int8, uint16, int16}
_WITH_REMAINDER = FLOATS | {int32, int64}


def _quotient_grad(divide, node, grad):
    """dx = grad / y, dy = grad * (-x / y / y), each summed down to its input's shape."""
    x, y = node.x, node.y
    to_x, to_y = unbroadcasts(x, y)
    x, y = conj(x), conj(y)
    return to_x(divide(grad, y)), to_y(grad * divide(divide(-x, y), y))


class RealDiv(Elementwise):
    """The quotient ``x / y``; `tf.truediv` and ``/`` cast integers to floating-point numbers first."""

    T = TypeAttr(_DIVISIBLE)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    neutral = dict(y=1)
    scalar = "x / y"
    example = dict(x=[1.0, 3.0], y=[4.0], z=[0.25, 0.75])

    def kernel(x, y):
        return truncated_quotient(x, y) if check_divisor(x, y) else np.true_divide(x, y)

    def grad(node, grad):
        return _quotient_grad(realdiv, node, grad)


class Div(Elementwise):
    """The quotient ``x / y``; of integers, rounded toward zero."""

    T = TypeAttr(_DIVISIBLE)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    neutral = dict(y=1)
    example = dict(x=[1.0, 3.0], y=[4.0], z=[0.25, 0.75])

    def kernel(x, y):
        return truncated_quotient(x, y) if check_divisor(x, y) else np.true_divide(x, y)

    def grad(node, grad):
        return _quotient_grad(divide, node, grad)


class TruncateDiv(Elementwise):
    """The quotient ``x / y``; of integers, rounded toward zero, as C divides them: -7 / 2 is -3."""

    T = TypeAttr(_DIVISIBLE, without_kernel=COMPLEX)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    example = dict(x=np.array([7, -7], np.int32), y=np.array([2], np.int32), z=np.array([3, -3], np.int32))

    def kernel(x, y):
        return truncated_quotient(x, y) if check_divisor(x, y, toward_zero=True) else np.true_divide(x, y)

    def grad(node, grad):
        return None, None


class FloorDiv(Elementwise):
    """The quotient ``x / y`` rounded down, of integers as of floating-point numbers: -7 // 2 is -4."""

    T = TypeAttr(_DIVISIBLE, without_kernel=COMPLEX)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    example = dict(x=np.array([7, -7], np.int32), y=np.array([2], np.int32), z=np.array([3, -4], np.int32))

    def kernel(x, y):
        # NumPy's floor_divide of floats is exact where TF rounds the quotient first: 1.0 // 0.1 is 9 there, 10 here.
        return np.floor_divide(x, y) if check_divisor(x, y) else np.floor(np.true_divide(x, y))

    def grad(node, grad):
        return None, None


class FloorMod(Elementwise):
    """The remainder of ``x // y``; it has the sign of ``y``, as in Python."""

    T = TypeAttr(_WITH_REMAINDER)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    example = dict(x=[5.0, -5.0], y=[3.0], z=[2.0, 1.0])

    def kernel(x, y):
        if check_divisor(x, y):
            return np.remainder(x, y)
        remainder = np.fmod(x, y)
        return np.where((remainder != 0) & ((y < 0) != (remainder < 0)), remainder + y, remainder)

    def grad(node, grad):
        x, y = conj(node.x), conj(node.y)
        to_x, to_y = unbroadcasts(x, y)
        quotient = floor_div(x, y)
        return to_x(grad), to_y(grad * negative(quotient))


class TruncateMod(Elementwise, refuses=True):
    """The remainder of the quotient rounded toward zero; it has the sign of ``x``, as in C."""

    T = TypeAttr(_WITH_REMAINDER)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "fmod(x, y)"
    example = dict(x=[5.0, -5.0], y=[3.0], z=[2.0, -2.0])

    def kernel(x, y):
        check_divisor(x, y, toward_zero=True)
        return np.fmod(x, y)


class Mod(Elementwise, refuses=True):
    """The remainder of the quotient rounded toward zero: the older name of TruncateMod."""

    T = TypeAttr(_WITH_REMAINDER)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "fmod(x, y)"
    example = dict(x=[5.0, -5.0], y=[3.0], z=[2.0, -2.0])

    def kernel(x, y):
        check_divisor(x, y)
        return np.fmod(x, y)


class DivNoNan(Elementwise):
    """The quotient ``x / y``, and 0 wherever ``y`` is 0."""

    T = TypeAttr(COMPLEX | FLOATS - {bfloat16})
    x = Input(T)
    y = Input(T)
    z = Output(T)

    scalar = "where(y == 0, 0 * y, x / y)"
    example = dict(x=[1.0, 3.0], y=[4.0, -2.0], z=[0.25, -1.5])

    def kernel(x, y):
        return np.where(y == 0, np.zeros((), x.dtype), np.true_divide(x, y))

    def grad(node, grad):
        return _quotient_grad(div_no_nan, node, grad)


def _reciprocal_grad(node, grad):
    return ReciprocalGrad.build(node.y, grad)


def _reciprocal_grad_grad(node, grad):
    with after(grad):
        y, dy = conj(node.y), node.dy
        return conj(grad) * -2.0 * dy * y, ReciprocalGrad.build(y, grad)


class Reciprocal(Elementwise):
    """The reciprocal ``1 / x`` of each element."""

    T = TypeAttr(FLOATS | COMPLEX | INDICES, without_kernel=INDICES)
    x = Input(T)
    y = Output(T)

    scalar = "reciprocal(x)"
    example = dict(x=[4.0, -0.5], y=[0.25, -2.0])
    grad = _reciprocal_grad


class Inv(Elementwise):
    """The reciprocal ``1 / x`` of each element: the older name of Reciprocal."""

    T = TypeAttr(FLOATS | COMPLEX | INDICES, without_kernel=INDICES)
    x = Input(T)
    y = Output(T)

    scalar = "reciprocal(x)"
    example = dict(x=[4.0, -0.5], y=[0.25, -2.0])
    grad = _reciprocal_grad


class ReciprocalGrad(Elementwise):
    """The gradient ``-dy * y * y`` of ``y = 1 / x``; 0 wherever ``dy`` is 0, even if ``y`` is infinite."""

    T = TypeAttr(FLOATS | COMPLEX)
    y = Input(T)
    dy = Input(T)
    z = Output(T)

    scalar = "where(dy == 0, dy, -dy * conj(y) * conj(y))"
    example = dict(y=[0.5, -2.0], dy=[4.0, 1.0], z=[-1.0, -4.0])
    grad = _reciprocal_grad_grad


class InvGrad(Elementwise):
    """The gradient ``-dy * y * y`` of ``y = 1 / x``: the older name of ReciprocalGrad."""

    T = TypeAttr(FLOATS | COMPLEX)
    y = Input(T)
    dy = Input(T)
    z = Output(T)

    scalar = "where(dy == 0, dy, -dy * conj(y) * conj(y))"
    example = dict(y=[0.5, -2.0], dy=[4.0, 1.0], z=[-1.0, -4.0])
    grad = _reciprocal_grad_grad


class Pow(Elementwise):
    """The power ``x ** y``, element by element; an integer to a negative integer is an InvalidArgumentError."""

    T = TypeAttr(SIGNED)
    x = Input(T)
    y = Input(T)
    z = Output(T)

    neutral = dict(y=1)
    scalar = "x ** y"
    example = dict(x=[2.0, 3.0], y=[3.0, 2.0], z=[8.0, 9.0])

    def kernel(x, y):
        if y.dtype.kind == "i" and (y < 0).any():
            raise InvalidArgumentError(None, None, "Integers to negative integer powers are not allowed")
        return rounding.power(x, y)

    def grad(node, grad):
        to_x, to_y = quick_unbroadcasts(node.x, node.y, grad)
        x, y = conj(node.x), conj(node.y)
        grad_x = grad * y * pow(x, y - 1)
        grad_x = to_x(grad_x) if to_x else grad_x
        z = conj(node.z)
        logarithm = _safe_log(x)
        grad_y = grad * z * logarithm
        return grad_x, to_y(grad_y) if to_y else grad_y


def _safe_log(x):
    """log(x), and 0 where that would be singular or not real."""
    from graphcore.ops import sequences
    from graphcore.ops.comparison import not_equal
    from graphcore.ops.mathematics import log
    from graphcore.ops.selection import where

    mask = not_equal(x, 0) if x.dtype.is_complex else x > 0
    safe = where(mask, x, sequences.ones_like(x))
    return where(mask, log(safe), sequences.zeros_like(x))


def truncated_quotient(x, y):
    """Integers divided as in C, toward zero."""
    quotient = np.floor_divide(x, y)
    if x.dtype.kind == "u":
        return quotient
    return quotient + ((quotient < 0) & (quotient * y != x)).astype(x.dtype)


realdiv = RealDiv.function("realdiv")
truncatediv = TruncateDiv.function("truncatediv")
floor_div = FloorDiv.function()
truncatemod = TruncateMod.function("truncatemod")
floormod = FloorMod.function("floormod")
mod = FloorMod.function("mod")
reciprocal = Reciprocal.function()

TRUE_QUOTIENT = {dtypes.uint8: dtypes.float32, int8: dtypes.float32, uint16: dtypes.float32, int16: dtypes.float32,
                  int32: dtypes.float64, int64: dtypes.float64}
TRUE_QUOTIENT.update(dict.fromkeys(FLOATS | COMPLEX))


def truediv(x, y, name=None):
    """The quotient ``x / y`` as a floating-point number: small integers are cast to float32, int32 and int64 to float64.

    Raises:
      TypeError: the dtypes of ``x`` and ``y`` differ, or are none that can be divided.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.truediv(tf.constant([1, 3]), 2))
    array([0.5, 1.5])
    """
    with name_scope(name, "truediv", [x, y]) as name:
        x, y = same_dtype(x, y, convert_y=False)
        if x.dtype.base not in TRUE_QUOTIENT:
            raise TypeError(f"Invalid dtype {x.dtype.base!r} in __truediv__")
        dtype = TRUE_QUOTIENT[x.dtype.base]
        if dtype is not None:
            x, y = cast(x, dtype), cast(y, dtype)
        return RealDiv.build(x, y, name=name)


def div(x, y, name=None):
    """The quotient ``x / y`` as in Python 2: of integers rounded down, else of floating-point numbers."""
    with name_scope(name, "div", [x, y]) as name:
        x, y = same_dtype(x, y)
        definition = RealDiv if x.dtype.is_floating or x.dtype.is_complex else FloorDiv
        return definition.build(x, y, name=name)


def divide(x, y, name=None):
    """The quotient ``x / y`` by Python's rules, which is not a tensor if neither of the two is one and ``name`` is None."""
    return x / y if name is None else truediv(x, y, name)


def floordiv(x, y, name=None):
    """The quotient ``x / y`` rounded down, in the dtype of the two."""
    with name_scope(name, "floordiv", [x, y]) as name:
        return FloorDiv.build(x, y, name=name)


def div_no_nan(x, y, name=None):
    """The quotient ``x / y``, and 0 wherever ``y`` is 0."""
    with name_scope(name, "div_no_nan", [x, y]) as name:
        x, y = same_dtype(x, y)
        return DivNoNan.build(x, y, name=name)


def reciprocal_no_nan(x, name=None):
    """The reciprocal ``1 / x``, and 0 wherever ``x`` is 0."""
    with name_scope(name, "reciprocal_no_nan", [x]) as scope:
        x = to_tensor(x, name="x")
        return DivNoNan.build(to_tensor(1, x.dtype.base, "one"), x, name=scope)


def pow(x, y, name=None):
    """The power ``x ** y``, element by element with broadcasting.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.pow([[2, 2], [3, 3]], [[8, 16], [2, 3]]))
    array([[  256, 65536],
           [    9,    27]], dtype=int32)
    """
    if isinstance(x, Tensor) and isinstance(y, Tensor):
        return Pow.build(x, y, name=name)
    with name_scope(name, "Pow", [x]) as name:
        return Pow.build(x, y, name=name)


__all__ = ["div", "div_no_nan", "divide", "floor_div", "floordiv", "floormod", "mod", "pow", "realdiv", "reciprocal",
           "truediv", "truncatediv", "truncatemod"]
