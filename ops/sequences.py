"""Tensors of numbers that follow a rule: ranges, and masks of lengths; with what `filling` defines."""


import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import as_dtype, bfloat16, float32, float64, int32, int64
from graphcore.core.dtypes import bool as bool_dtype
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import arrays
from graphcore.ops.constants import constant
from graphcore.ops.filling import fill, ones, ones_like, zeros, zeros_like

# The order in which the types of a range's arguments give way to each other.
_HIERARCHY = (int32, int64, float32, float64)


class Range(Op, differentiable=False):
    """The numbers from ``start`` up to but not including ``limit``, in steps of ``delta``."""

    Tidx = TypeAttr({bfloat16, float32, float64, int32, int64}, default=int32)
    start = Input(Tidx, static=True)
    limit = Input(Tidx, static=True)
    delta = Input(Tidx, static=True)
    output = Output(Tidx)
    example = dict(start=1, limit=7, delta=2, output=[1, 3, 5])

    def infer(node):
        _check_scalars(start=node.start, limit=node.limit, delta=node.delta)
        values = [each.value for each in node.inputs]
        if any(value is None for value in values):
            return (None,)
        return (_range_length(*values, ShapeMismatch),)

    def kernel(start, limit, delta):
        start, delta = np.asarray(start), np.asarray(delta)
        result = np.full(_range_length(start, limit, delta, _invalid), delta, start.dtype)
        if result.size:
            result[0] = start
        # TF adds the step again and again, with its rounding.
        return np.add.accumulate(result, dtype=start.dtype)


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _check_scalars(**inputs):
    for name, each in inputs.items():
        try:
            with_rank(each.shape.sizes, 0)
        except ShapeMismatch as error:
            raise ShapeMismatch(f"{error}\n\t for '{name}'") from None


def _range_length(start, limit, delta, error):
    start, limit, delta = [np.asarray(each)[()] for each in (start, limit, delta)]
    if delta == 0:
        raise error("Requires delta != 0")
    if delta > 0 and start > limit:
        raise error(f"Requires start <= limit when delta > 0: {start}/{limit}")
    if delta < 0 and start < limit:
        raise error(f"Requires start >= limit when delta < 0: {start}/{limit}")
    if np.issubdtype(delta.dtype, np.integer):
        return -(-abs(int(limit) - int(start)) // abs(int(delta)))
    return int(np.ceil(np.abs((limit - start) / delta)))


class LinSpace(Op, differentiable=False):
    """``num`` numbers at equal distances, from ``start`` to ``stop``, both included."""

    T = TypeAttr({bfloat16, float32, float64})
    Tidx = TypeAttr(arrays.INDEX, default=int32)
    start = Input(T)
    stop = Input(T)
    num = Input(Tidx, static=True)
    output = Output(T)
    example = dict(start=1.0, stop=2.0, num=3, output=[1.0, 1.5, 2.0])

    def infer(node):
        _check_scalars(start=node.start, stop=node.stop, num=node.num)
        if node.num.value is None:
            return (None,)
        if node.num.value <= 0:
            raise ShapeMismatch(f"Requires num > 0: {node.num.value}")
        return (int(node.num.value),)

    def kernel(start, stop, num):
        for name, each in (("start", start), ("stop", stop), ("num", num)):
            if np.ndim(each):
                raise _invalid(f"{name} must be a scalar, not shape {format_shape(np.shape(each))}")
        start, stop, num = np.asarray(start)[()], np.asarray(stop)[()], int(num)
        if num <= 0:
            raise _invalid(f"Requires num > 0: {num}")
        if num == 1:
            return np.full(1, start)
        step = (stop - start) / start.dtype.type(num - 1)
        result = (start + step * np.arange(num).astype(start.dtype)).astype(start.dtype)
        result[-1] = stop
        return result


def range(start, limit=None, delta=1, dtype=None, name="range"):
    """The numbers ``start``, ``start + delta``, … up to but not including ``limit``; ``range(limit)`` starts at 0.

    Without ``dtype`` the result has the widest type of the arguments in the order int32, int64, float32, float64.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.range(3, 18, 3))
    array([ 3,  6,  9, 12, 15], dtype=int32)
    """
    if limit is None:
        start, limit = 0, start
    with name_scope(name, "Range", [start, limit, delta]) as name:
        dtype = None if dtype is None else as_dtype(dtype)
        values = [to_tensor(value, dtype, word) for value, word in ((start, "start"), (limit, "limit"), (delta, "delta"))]
        if dtype is None:
            values = _in_widest_type(values)
        return Range.build(*values, name=name)


def _in_widest_type(values):
    from graphcore.ops import casting

    for value in values:
        if value.dtype.base not in _HIERARCHY:
            raise TypeError(f"tf.range takes int32, int64, float32 or float64; {value.name!r} is {value.dtype.name}")
    widest = max([value.dtype.base for value in values], key=_HIERARCHY.index)
    return [casting.cast(value, widest) for value in values]


lin_space = linspace = LinSpace.function("lin_space")


def sequence_mask(lengths, maxlen=None, dtype=bool_dtype, name=None):
    """Rows that are True in their first ``lengths[i]`` places: a tensor of shape ``lengths.shape + [maxlen]``.

    ``maxlen`` None takes the largest length; ``dtype`` may be any type that a bool casts to.
    """
    from graphcore.ops import arithmetic, casting, reductions

    with name_scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = to_tensor(lengths)
        if maxlen is None:
            axes = _all_axes(lengths)
            maxlen = reductions.Max.build(lengths, axes, keep_dims=False)
            maxlen = arithmetic.maximum(constant(0, maxlen.dtype), maxlen)
        else:
            maxlen = to_tensor(maxlen)
        if maxlen._shape.rank not in (None, 0):
            raise ValueError("maxlen must be scalar for sequence_mask")
        row = Range.build(constant(0, maxlen.dtype), maxlen, constant(1, maxlen.dtype))
        result = row < casting.Cast.build(arrays.expand_dims(lengths, -1), DstT=maxlen.dtype)
        if dtype is None or result.dtype is as_dtype(dtype):
            return result
        return casting.Cast.build(result, DstT=dtype)


def _all_axes(tensor):
    rank = tensor._shape.rank
    if rank is not None:
        return constant(np.arange(rank), dtype=int32)
    return Range.build(0, arrays.rank(tensor), 1)


__all__ = ["fill", "lin_space", "linspace", "ones", "ones_like", "range", "sequence_mask", "zeros", "zeros_like"]
