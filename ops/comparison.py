"""Comparisons and logic, element by element with broadcasting; the results are bools."""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.dtypes import FLOATS, NUMERIC, QUANTIZED, REAL
from graphcore.core.dtypes import bool as boolean
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.opdef import Attr, Elementwise, Input, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, merge

_EQUATABLE = NUMERIC - {dtypes.uint16, dtypes.uint32, dtypes.uint64} | {boolean, dtypes.string}
_EQUATABLE |= {dtypes.qint8, dtypes.quint8, dtypes.qint32}


class Less(Elementwise, differentiable=False):
    """Whether ``x < y``, element by element.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.less([1.0, 2.0], [2.0, 2.0]))
    array([ True, False])
    """

    T = TypeAttr(REAL)
    x = Input(T)
    y = Input(T)
    z = Output(boolean)

    scalar = "x < y"
    example = dict(x=[1.0, 2.0], y=[2.0, 2.0], z=[True, False])


class LessEqual(Elementwise, differentiable=False):
    """Whether ``x <= y``, element by element."""

    T = TypeAttr(REAL)
    x = Input(T)
    y = Input(T)
    z = Output(boolean)

    scalar = "x <= y"
    example = dict(x=[1.0, 2.0, 3.0], y=[2.0, 2.0, 2.0], z=[True, True, False])


class Greater(Elementwise, differentiable=False):
    """Whether ``x > y``, element by element."""

    T = TypeAttr(REAL)
    x = Input(T)
    y = Input(T)
    z = Output(boolean)

    scalar = "x > y"
    example = dict(x=[3.0, 2.0], y=[2.0, 2.0], z=[True, False])


class GreaterEqual(Elementwise, differentiable=False):
    """Whether ``x >= y``, element by element."""

    T = TypeAttr(REAL)
    x = Input(T)
    y = Input(T)
    z = Output(boolean)

    scalar = "x >= y"
    example = dict(x=[3.0, 2.0, 1.0], y=[2.0, 2.0, 2.0], z=[True, True, False])


def _equality_shape(node):
    """The broadcast shape; unknown where shapes that do not fit are allowed, as then the answer is one bool."""
    try:
        return Elementwise.infer(node)
    except ShapeMismatch:
        if node.incompatible_shape_error:
            raise
        return None


def _unequal_shapes(x, y):
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return True
    return False


class Equal(Elementwise, differentiable=False):
    """Whether ``x`` and ``y`` are equal, element by element; NaN equals nothing."""

    T = TypeAttr(_EQUATABLE, without_kernel=QUANTIZED)
    x = Input(T)
    y = Input(T)
    incompatible_shape_error = Attr(bool, default=True)
    z = Output(boolean)

    example = dict(x=[3.0, 2.0], y=[2.0], z=[False, True])
    loop = "x == y"
    infer = _equality_shape

    def kernel(x, y, *, incompatible_shape_error):
        if not incompatible_shape_error and _unequal_shapes(x, y):
            return np.array(False)
        return np.equal(x, y, dtype=np.bool_) if x.dtype.kind != "O" else np.equal(x, y).astype(np.bool_)


class NotEqual(Elementwise, differentiable=False):
    """Whether ``x`` and ``y`` differ, element by element."""

    T = TypeAttr(_EQUATABLE, without_kernel=QUANTIZED)
    x = Input(T)
    y = Input(T)
    incompatible_shape_error = Attr(bool, default=True)
    z = Output(boolean)

    example = dict(x=[3.0, 2.0], y=[2.0], z=[True, False])
    loop = "x != y"
    infer = _equality_shape

    def kernel(x, y, *, incompatible_shape_error):
        if not incompatible_shape_error and _unequal_shapes(x, y):
            return np.array(True)
        return np.not_equal(x, y) if x.dtype.kind != "O" else np.not_equal(x, y).astype(np.bool_)


class ApproximateEqual(Elementwise, differentiable=False):
    """Whether ``|x - y| < tolerance``, element by element; both have the same shape."""

    T = TypeAttr(NUMERIC | QUANTIZED - {dtypes.qint16, dtypes.quint16}, without_kernel=QUANTIZED)
    x = Input(T)
    y = Input(T)
    tolerance = Attr(float, default=9.999999747378752e-06)
    z = Output(boolean)

    example = dict(x=[1.0, 2.0], y=[1.000001, 2.1], z=[True, False])

    def infer(node):
        return merge(node.x.shape.sizes, node.y.shape.sizes)

    def kernel(x, y, *, tolerance):
        if x.shape != y.shape:
            raise InvalidArgumentError(None, None, "x and y must be of the same shape. "
                                       f"x shape: {format_shape(x.shape)}. y shape: {format_shape(y.shape)}")
        return np.abs(x - y) < np.array(tolerance, x.real.dtype)


class LogicalAnd(Elementwise, differentiable=False):
    """Whether both ``x`` and ``y`` are true, element by element."""

    x = Input(boolean)
    y = Input(boolean)
    z = Output(boolean)

    scalar = "logical_and(x, y)"
    example = dict(x=[True, True, False], y=[True, False, False], z=[True, False, False])


class LogicalOr(Elementwise, differentiable=False):
    """Whether ``x`` or ``y`` is true, element by element."""

    x = Input(boolean)
    y = Input(boolean)
    z = Output(boolean)

    scalar = "logical_or(x, y)"
    example = dict(x=[True, True, False], y=[True, False, False], z=[True, True, False])


class LogicalNot(Elementwise, differentiable=False):
    """Whether ``x`` is false, element by element."""

    x = Input(boolean)
    y = Output(boolean)

    undoes_itself = True
    scalar = "logical_not(x)"
    example = dict(x=[True, False], y=[False, True])


class IsNan(Elementwise, refuses=True):
    """Which elements are NaN."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(boolean)

    scalar = "isnan(x)"
    example = dict(x=[1.0, np.nan, np.inf], y=[False, True, False])


class IsInf(Elementwise, refuses=True):
    """Which elements are infinite."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(boolean)

    scalar = "isinf(x)"
    example = dict(x=[1.0, np.nan, -np.inf], y=[False, False, True])


class IsFinite(Elementwise, refuses=True):
    """Which elements are neither NaN nor infinite."""

    T = TypeAttr(FLOATS)
    x = Input(T)
    y = Output(boolean)

    scalar = "isfinite(x)"
    example = dict(x=[1.0, np.nan, np.inf], y=[True, False, False])


approximate_equal = ApproximateEqual.function()
greater = Greater.function()
greater_equal = GreaterEqual.function()
is_finite = IsFinite.function()
is_inf = IsInf.function()
is_nan = IsNan.function()
less = Less.function()
less_equal = LessEqual.function()
logical_and = LogicalAnd.function()
logical_not = LogicalNot.function()
logical_or = LogicalOr.function()


def equal(x, y, name=None):
    """Whether ``x`` and ``y`` are equal, element by element with broadcasting; NaN equals nothing.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.equal([2, 4], 2))
    array([ True, False])
    """
    return Equal.build(x, y, name=name)


def not_equal(x, y, name=None):
    """Whether ``x`` and ``y`` differ, element by element with broadcasting."""
    return NotEqual.build(x, y, name=name)


def logical_xor(x, y, name="LogicalXor"):
    """Whether exactly one of ``x`` and ``y`` is true, element by element with broadcasting."""
    either = LogicalOr.build(x, y)
    return LogicalAnd.build(either, LogicalNot.build(LogicalAnd.build(x, y)), name=name)


__all__ = ["equal", "greater", "greater_equal", "is_finite", "is_inf", "is_nan", "less", "less_equal", "logical_and",
           "logical_not", "logical_or", "logical_xor", "not_equal"]
