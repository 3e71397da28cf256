"""Softmax and its logarithm, along any axis."""

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import FLOATS
from graphcore.core.node import Tensor
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.shapes import with_rank_at_least
from graphcore.core.view import constant_value
from graphcore.ops import arithmetic, arrays, comparison, joining, mathematics, reductions, selection, sequences, transposing
from graphcore.ops.kernels import activating


class Softmax(Op):
    """``exp(logits)`` divided by its sum along the last axis."""

    T = TypeAttr(FLOATS)
    logits = Input(T)
    softmax = Output(T)

    rows = ("top = largest(logits)", "grown = exp_once(logits - top)", "total = added(grown)", "share = 1.0 / total",
            "softmax = grown * share")
    example = dict(logits=[[0.0, 1.0], [1.0, 1.0]], softmax=[[0.26894142, 0.73105858], [0.5, 0.5]])

    def infer(node):
        return with_rank_at_least(node.logits.shape.sizes, 1)

    def kernel(logits):
        return activating.softmax(logits)

    def grad(node, dy):
        softmax = node.outputs[0]
        total = reductions.reduce_sum(dy * softmax, -1, keepdims=True)
        return (dy - total) * softmax


class LogSoftmax(Op):
    """The logarithm of the softmax along the last axis: ``logits - log(sum(exp(logits)))``."""

    T = TypeAttr(FLOATS)
    logits = Input(T)
    logsoftmax = Output(T)

    rows = ("top = largest(logits)", "shifted = logits - top", "grown = exp(shifted)", "total = added(grown)", "size = log(total)",
            "logsoftmax = shifted - size")
    example = dict(logits=[[0.0, 1.0], [1.0, 1.0]], logsoftmax=[[-1.3132617, -0.3132617], [-0.6931472, -0.6931472]])

    def infer(node):
        return with_rank_at_least(node.logits.shape.sizes, 1)

    def kernel(logits):
        return activating.log_softmax(logits)

    def grad(node, dy):
        softmax = mathematics.exp(node.outputs[0])
        return dy - reductions.reduce_sum(dy, -1, keepdims=True) * softmax


def softmax(logits, axis=None, name=None, dim=None):
    """``exp(logits) / sum(exp(logits))`` along ``axis``, the last one by default; ``dim`` is its old name.

    Args:
      logits: floats; a list of Python numbers becomes float32.

    Raises:
      tf.errors.InvalidArgumentError: there is no such axis.
      TypeError: integers.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.softmax([1.0, 1.0]))
    array([0.5, 0.5], dtype=float32)
    """
    return _along_axis(Softmax, logits, arrays.renamed("axis", axis, "dim", dim), name)


def log_softmax(logits, axis=None, name=None, dim=None):
    """The logarithm of `softmax`, computed without loss for small probabilities; arguments as there."""
    return _along_axis(LogSoftmax, logits, arrays.renamed("axis", axis, "dim", dim), name)


def _along_axis(op, logits, axis, name):
    logits = to_tensor(logits)
    rank = logits._shape.rank
    if axis is None or not isinstance(axis, Tensor) and axis in (-1, None if rank is None else rank - 1):
        return op.build(logits, name=name)
    known = constant_value(axis) if isinstance(axis, Tensor) else axis
    if known is not None and rank is not None and not -rank <= known < rank:
        raise errors.InvalidArgumentError(None, None, f"Dimension ({int(known)}) must be in the range [{-rank}, {rank}) where "
                                          f"{rank} is the number of dimensions in the input.")
    if rank is None:
        raise TypeError("softmax along an axis other than the last needs logits of known rank: use set_shape")
    return _swapped(op, logits, axis, name)


def _swapped(op, logits, axis, name):
    """``op`` along ``axis``, which changes places with the last one for the time."""
    rank = arrays.rank(logits)
    if isinstance(axis, Tensor):
        axis = selection.where(comparison.less(axis, 0), axis + rank, axis)
    elif axis < 0:
        axis += rank
    rank = arrays.rank(logits)
    axis = axis % logits._shape.rank
    result = op.build(_swap(logits, axis, arithmetic.subtract(rank, 1)))
    result = _swap(result, axis, arithmetic.subtract(rank, 1), name)
    result.set_shape(logits._shape)
    return result


def _swap(x, axis, last, name=None):
    order = joining.concat([sequences.range(axis), [last], sequences.range(axis + 1, last), [axis]], 0)
    return transposing.transpose(x, order, name=name)


__all__ = ["log_softmax", "softmax"]
