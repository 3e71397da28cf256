"""Assertions about values: ``tf.Assert`` and the comparisons ``tf.assert_equal``, ``tf.assert_less``, …

What constants alone decide is checked while building; the rest is checked by the operation that you get, once
it runs: run it, or let others wait for it (``with tf.control_dependencies([tf.assert_positive(x)]):``).
"""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.convert import convert_n_to_tensor, to_tensor
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, TypeListAttr
from graphcore.core.scopes import name_scope
from graphcore.core.view import constant_value
from graphcore.ops import arithmetic, arrays, comparison, control_flow, reductions, slicing
from graphcore.ops.kernels.summarize import summarize as summarized


class AssertOp(Op, stateful=True, differentiable=False, op_name="Assert"):
    """Fails with the text of ``data`` if ``condition`` is false."""

    T = TypeListAttr(minimum=1)
    summarize = Attr(int, default=3)
    condition = Input(dtypes.bool)
    data = Input(T)
    example = dict(condition=True, data=["never shown"])

    def kernel(condition, data, *, summarize):
        if not np.all(condition):
            shown = " ".join(f"[{summarized(value, summarize)}]" for value in data)
            raise errors.InvalidArgumentError(None, None, f"assertion failed: {shown}")
        return None


def Assert(condition, data, summarize=None, name=None):
    """An operation that fails if ``condition`` is false, showing ``data``.

    Args:
      condition: a boolean scalar tensor.
      data: a list of tensors and strings.
      summarize: how many entries of each to show; 3 if None, all if negative.

    Raises:
      tf.errors.InvalidArgumentError: when it runs and ``condition`` is false.

    >>> import graphcore as tf
    >>> x = tf.placeholder(tf.int32, [None])
    >>> with tf.control_dependencies([tf.Assert(tf.reduce_all(x > 0), ["not positive:", x])]):
    ...     y = x * 2
    >>> with tf.Session() as session:
    ...     session.run(y, {x: [1, 2]})
    array([2, 4], dtype=int32)
    """
    summarize = 3 if summarize is None else summarize
    if not isinstance(data, (list, tuple)):
        raise TypeError(f"values must be a sequence. data is a {type(data).__name__}: give a list of what is to be shown.")
    with name_scope(name, "Assert", [condition, *data]):
        shown = convert_n_to_tensor(data)
        if all(t.dtype in (dtypes.string, dtypes.int32) for t in shown):
            return AssertOp.build(condition, data, summarize=summarize, name="Assert")
        # TF moves the data of other dtypes to the host, and only on failure.
        condition = to_tensor(condition, name="Condition")
        guarded = control_flow.cond(condition, control_flow.no_op, lambda: AssertOp.build(
            condition, data, summarize=summarize, name="Assert"), name="AssertGuard")
        return guarded.op


# ---------------------------------------------------------------- what is known while building

_FOLDED = {"Const", "Shape", "Size", "Rank", "Range", "Cast", "Concat", "ConcatV2", "Pack", "Fill", "Equal", "NotEqual"}
_BY_SHAPE = {"Const", "Shape", "Size", "Rank"}


def known_value(tensor):
    """The value of ``tensor`` if TF's assertions know it while building, else None."""
    return constant_value(tensor) if _is_known(tensor) else None


def _is_known(tensor):
    kind = tensor.op.type
    return kind in _BY_SHAPE or kind in _FOLDED and all(map(_is_known, tensor.op._inputs))


def _check_known(holds, data):
    if not holds:
        texts = [_text(item) for item in data]
        raise errors.InvalidArgumentError(None, None, "\n".join(texts))


def _text(item):
    value = known_value(item) if isinstance(item, Tensor) else None
    return str(item) if value is None else str(value)


# ---------------------------------------------------------------- element by element


def _compare(sign, default_name, compare, known, x, y, data, summarize, message, name):
    """An assertion that ``compare(x, y)`` holds everywhere."""
    with name_scope(name, default_name, [x, y, data]):
        x, y = to_tensor(x, name="x"), to_tensor(y, name="y")
        if data is None:
            data = [f"Condition x {sign} y did not hold element-wise:", f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        if message is not None:
            data = [message, *data]
        condition = reductions.reduce_all(compare(x, y))
        first, second = known_value(x), known_value(y)
        if first is not None and second is not None:
            _check_known(np.all(known(first, second)), data)
        return Assert(condition, data, summarize=summarize)


def assert_equal(x, y, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x == y`` everywhere.

    Args:
      x, y: tensors of one dtype whose shapes broadcast.
      data: what a failure shows, in place of ``x`` and ``y``.
      summarize: how many entries of each tensor to show; 3 if None.
      message: a text for the beginning of the failure's.

    Raises:
      tf.errors.InvalidArgumentError: at once if the values are constants, otherwise when it runs.

    >>> import graphcore as tf
    >>> tf.assert_equal([1, 2], [1, 3])
    Traceback (most recent call last):
      ...
    graphcore.core.errors.InvalidArgumentError: Condition x == y did not hold element-wise:
    x (assert_equal_1/x:0) =
    [1 2]
    y (assert_equal_1/y:0) =
    [1 3]
    """
    with name_scope(name, "assert_equal", [x, y, data]):
        if x is y:
            return control_flow.no_op()
    return _compare("==", "assert_equal", comparison.equal, np.equal, x, y, data, summarize, message, name)


def assert_none_equal(x, y, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x != y`` everywhere; arguments as for `assert_equal`."""
    return _compare("!=", "assert_none_equal", comparison.not_equal, np.not_equal, x, y, data, summarize, message, name)


def assert_less(x, y, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x < y`` everywhere; arguments as for `assert_equal`."""
    return _compare("<", "assert_less", comparison.less, np.less, x, y, data, summarize, message, name)


def assert_less_equal(x, y, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x <= y`` everywhere; arguments as for `assert_equal`."""
    return _compare("<=", "assert_less_equal", comparison.less_equal, np.less_equal, x, y, data, summarize, message, name)


def assert_greater(x, y, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x > y`` everywhere; arguments as for `assert_equal`."""
    return _compare(">", "assert_greater", comparison.greater, np.greater, x, y, data, summarize, message, name)


def assert_greater_equal(x, y, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x >= y`` everywhere; arguments as for `assert_equal`."""
    return _compare(">=", "assert_greater_equal", comparison.greater_equal, np.greater_equal, x, y, data, summarize,
                    message, name)


def _compare_with_zero(condition, default_name, x, data, message, name, check):
    with name_scope(name, default_name, [x, data]):
        x = to_tensor(x, name="x")
        if data is None:
            data = [message or "", f"Condition x {condition} did not hold element-wise:", f"x ({x.name}) = ", x]
        return check(x, to_tensor(0, x.dtype.base), data)


def assert_negative(x, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x < 0`` everywhere; arguments as for `assert_equal`."""
    return _compare_with_zero("< 0", "assert_negative", x, data, message, name,
                              lambda x, zero, data: assert_less(x, zero, data=data, summarize=summarize))


def assert_positive(x, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x > 0`` everywhere; arguments as for `assert_equal`."""
    return _compare_with_zero("> 0", "assert_positive", x, data, message, name,
                              lambda x, zero, data: assert_less(zero, x, data=data, summarize=summarize))


def assert_non_negative(x, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x >= 0`` everywhere; arguments as for `assert_equal`."""
    return _compare_with_zero(">= 0", "assert_non_negative", x, data, message, name,
                              lambda x, zero, data: assert_less_equal(zero, x, data=data, summarize=summarize))


def assert_non_positive(x, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x <= 0`` everywhere; arguments as for `assert_equal`."""
    with name_scope(name, "assert_non_positive", [x, data]):
        x = to_tensor(x, name="x")
        if data is None:  # TF forgets a comma here, and the first two texts are one
            data = [message or "", f"Condition x <= 0 did not hold element-wise:x ({x.name}) = ", x]
        return assert_less_equal(x, to_tensor(0, x.dtype.base), data=data, summarize=summarize)


def assert_near(x, y, rtol=None, atol=None, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``|x - y| < atol + rtol * |y|`` everywhere.

    ``rtol`` and ``atol`` are ten times the dtype's resolution if None; the rest is as for `assert_equal`.
    """
    with name_scope(name, "assert_near", [x, y, rtol, atol, data]):
        x = to_tensor(x, name="x")
        y = to_tensor(y, x.dtype.base, "y")
        if not x.dtype.is_floating:
            raise ValueError(f"data type {x.dtype.np.type!r} not inexact: assert_near compares floating point numbers")
        fine = 10 * np.finfo(x.dtype.np).eps
        rtol = to_tensor(fine if rtol is None else rtol, x.dtype.base, "rtol")
        atol = to_tensor(fine if atol is None else atol, x.dtype.base, "atol")
        if data is None:
            data = [message or "", f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}",
                    f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        tolerance = atol + rtol * arithmetic.abs(y)
        near = reductions.reduce_all(comparison.less(arithmetic.abs(x - y), tolerance))
        return Assert(near, data, summarize=summarize)


# ---------------------------------------------------------------- order

_NUMERIC = frozenset({dtypes.float32, dtypes.float64, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8,
                      dtypes.qint8, dtypes.qint32, dtypes.quint8, dtypes.complex64})


def is_numeric_tensor(tensor):
    """Whether ``tensor`` is a Tensor of numbers (float16, complex128 and wider unsigned integers do not count)."""
    return isinstance(tensor, Tensor) and tensor.dtype in _NUMERIC


def is_non_decreasing(x, name=None):
    """A boolean scalar: whether no element of ``x``, read row by row, is smaller than the one before it."""
    with name_scope(name, "is_non_decreasing", [x]):
        steps = _steps(x)
        return reductions.reduce_all(comparison.less_equal(to_tensor(0, steps.dtype), steps))


def is_strictly_increasing(x, name=None):
    """A boolean scalar: whether every element of ``x``, read row by row, is larger than the one before it."""
    with name_scope(name, "is_strictly_increasing", [x]):
        steps = _steps(x)
        return reductions.reduce_all(comparison.less(to_tensor(0, steps.dtype), steps))


def _steps(x):
    """From each element to the next; empty if there are less than two."""
    x = arrays.reshape(x, [-1])
    if not is_numeric_tensor(x):
        raise TypeError(f"Expected x to be numeric, instead found: {x}")
    is_short = comparison.less(arrays.size(x), 2)
    last = arrays.shape(x) - 1
    return control_flow.cond(is_short, lambda: to_tensor([], x.dtype), lambda: _difference(x, last))


def _difference(x, last):
    return slicing.strided_slice(x, [1], [1] + last) - slicing.strided_slice(x, [0], last)


__all__ = ["Assert", "assert_equal", "assert_greater", "assert_greater_equal", "assert_less", "assert_less_equal",
           "assert_near", "assert_negative", "assert_non_negative", "assert_non_positive", "assert_none_equal",
           "assert_positive", "is_non_decreasing", "is_numeric_tensor", "is_strictly_increasing"]
