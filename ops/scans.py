"""Running sums and products along an axis."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import INDICES, NUMBERS, QUANTIZED, float16, float32, float64, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.ops import comparison, mathematics, selection
from graphcore.ops.kernels import reducing


class Cumsum(Op):
    """The running sum of ``x`` along ``axis``, from the other end if ``reverse``, before each element if ``exclusive``."""

    exclusive = Attr(bool, default=False)
    reverse = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    x = Input(T)
    axis = Input(Tidx)
    out = Output(T)

    example = dict(x=[1.0, 2.0, 3.0], axis=np.array(0, np.int32), exclusive=True, out=[0.0, 1.0, 3.0])

    def infer(node):
        return node.x.shape

    def kernel(x, axis, *, exclusive, reverse):
        return reducing.scan(np.add, x, axis, exclusive, reverse)

    def grad(node, dy):
        return cumsum(dy, node.axis, exclusive=node.exclusive, reverse=not node.reverse), None


class Cumprod(Op):
    """The running product of ``x`` along ``axis``; ``exclusive`` and ``reverse`` as for `Cumsum`."""

    exclusive = Attr(bool, default=False)
    reverse = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    x = Input(T)
    axis = Input(Tidx)
    out = Output(T)

    example = dict(x=[1.0, 2.0, 3.0], axis=np.array(0, np.int32), reverse=True, out=[6.0, 6.0, 3.0])

    def infer(node):
        return node.x.shape

    def kernel(x, axis, *, exclusive, reverse):
        return reducing.scan(np.multiply, x, axis, exclusive, reverse)

    def grad(node, dy):
        # Divides by x: as in TF, NaN where x holds a zero.
        products = cumprod(node.x, node.axis, exclusive=node.exclusive, reverse=node.reverse)
        sums = cumsum(products * dy, node.axis, exclusive=node.exclusive, reverse=not node.reverse)
        return sums / node.x, None


class CumulativeLogsumexp(Op):
    """The logarithm of the running sum of ``exp(x)`` along ``axis``; ``exclusive`` and ``reverse`` as for `Cumsum`."""

    exclusive = Attr(bool, default=False)
    reverse = Attr(bool, default=False)
    T = TypeAttr({float16, float32, float64})
    Tidx = TypeAttr(INDICES, default=int32)
    x = Input(T)
    axis = Input(Tidx)
    out = Output(T)

    example = dict(x=[0.0, 0.0, 0.0], axis=np.array(0, np.int32), out=[0.0, 0.6931472, 1.0986123])

    def infer(node):
        return node.x.shape

    def kernel(x, axis, *, exclusive, reverse):
        # In front of the first element stands the lowest number, as close to minus infinity as TF goes.
        lowest = np.finfo(x.dtype).min
        return reducing.scan(np.logaddexp, np.maximum(x, lowest), axis, exclusive, reverse, start=lowest)

    def grad(node, dy):
        parts = []
        for sign in (1, -1):
            signed = comparison.greater(dy, 0) if sign == 1 else comparison.less(dy, 0)
            logs = mathematics.log(dy if sign == 1 else -dy)
            parts.append(selection.where_v2(signed, logs, dy.dtype.min))
        positive, negative = [mathematics.exp(cumulative_logsumexp(
            part - node.out, axis=node.axis, reverse=not node.reverse, exclusive=node.exclusive) + node.x) for part in parts]
        return positive - negative, None


def cumsum(x, axis=0, exclusive=False, reverse=False, name=None):
    """The running sum of ``x`` along ``axis``: ``[a, b, c]`` gives ``[a, a + b, a + b + c]``.

    Args:
      axis: an int or a scalar tensor.
      exclusive: leave each element out of its own sum: ``[0, a, a + b]``.
      reverse: sum from the end: ``[a + b + c, b + c, c]``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.cumsum([1, 2, 3]))
    array([1, 3, 6], dtype=int32)
    """
    with name_scope(name, "Cumsum", [x]) as name:
        return Cumsum.build(to_tensor(x, name="x"), axis, exclusive=exclusive, reverse=reverse, name=name)


def cumprod(x, axis=0, exclusive=False, reverse=False, name=None):
    """The running product of ``x`` along ``axis``; arguments as of `cumsum`, whose 0 is a 1 here."""
    with name_scope(name, "Cumprod", [x]) as name:
        return Cumprod.build(to_tensor(x, name="x"), axis, exclusive=exclusive, reverse=reverse, name=name)


def cumulative_logsumexp(x, axis=0, exclusive=False, reverse=False, name=None):
    """The logarithm of the running sum of ``exp(x)`` along ``axis``, without overflow; arguments as of `cumsum`.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.math.cumulative_logsumexp([0.0, 0.0]))
    array([0.       , 0.6931472], dtype=float32)
    """
    with name_scope(name, "CumulativeLogsumexp", [x]) as name:
        return CumulativeLogsumexp.build(to_tensor(x, name="x"), axis, exclusive=exclusive, reverse=reverse, name=name)


__all__ = ["cumprod", "cumsum"]
