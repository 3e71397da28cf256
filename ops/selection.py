"""Choosing between two tensors element by element, and where a condition holds."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, NUMERIC, QUANTIZED, int64, qint16, quint16
from graphcore.core.dtypes import bool as boolean
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.opdef import Elementwise, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape, merge


class Select(Op):
    """``t`` where ``condition`` is true, else ``e``: both of one shape.

    ``condition`` has that shape too, or no dimensions, or is a vector that chooses among the rows.
    """

    T = TypeAttr(ALL)
    condition = Input(boolean)
    t = Input(T)
    e = Input(T)
    output = Output(T)

    example = dict(condition=[True, False], t=[1.0, 2.0], e=[3.0, 4.0], output=[1.0, 4.0])

    def infer(node):
        result = merge(node.t.shape.sizes, node.e.shape.sizes)
        condition = node.condition.shape.sizes
        if condition is None or result is None or condition == ():
            return result
        if len(condition) == 1 and len(result) > 1:
            return *merge(condition, result[:1]), *result[1:]
        return merge(condition, result)

    def loop(node):
        chooses_rows = node.condition.shape.rank == 1 and node.t.shape.rank != 1
        return None if chooses_rows else "where(condition, t, e)"

    def kernel(condition, t, e):
        if condition.ndim and not t.ndim:
            raise InvalidArgumentError(None, None, f"'then' must be at least a vector, but saw shape: {format_shape(t.shape)}")
        if t.shape != e.shape:
            raise _sizes_differ(condition, 2, e)
        if condition.ndim == 1 and t.ndim > 1 and len(condition) == len(t):
            condition = condition.reshape((-1,) + (1,) * (t.ndim - 1))
        elif condition.ndim and condition.shape != t.shape:
            raise _sizes_differ(condition, 1, t)
        return np.where(condition, t, e)

    def grad(node, grad):
        from graphcore.ops import sequences

        condition, zeros = node.condition, sequences.zeros_like(node.t)
        return None, where(condition, grad, zeros), where(condition, zeros, grad)


def _sizes_differ(condition, position, value):
    return InvalidArgumentError(None, None, "Inputs to operation Select of type Select must have the same size and shape.  "
                                f"Input 0: {format_shape(condition.shape)} != input {position}: {format_shape(value.shape)}")


class SelectV2(Elementwise):
    """``t`` where ``condition`` is true, else ``e``; all three are broadcast."""

    T = TypeAttr(ALL)
    condition = Input(boolean)
    t = Input(T)
    e = Input(T)
    output = Output(T)

    scalar = "where(condition, t, e)"
    example = dict(condition=[True, False], t=[1.0], e=[3.0, 4.0], output=[1.0, 4.0])

    def kernel(condition, t, e):
        try:
            return np.where(condition, t, e)
        except ValueError:
            shapes = [format_shape(np.shape(each)) for each in (condition, t, e)]
            raise InvalidArgumentError(None, None, "condition {}, then {}, and else {} must be broadcastable".format(*shapes)) from None

    def grad(node, grad):
        from graphcore.ops import arrays, sequences

        condition = node.condition
        zeros = sequences.zeros([], dtype=grad.dtype.base)
        grad_t = SelectV2.build(condition, grad, zeros)
        shape_t, shape = arrays.shape(node.t), arrays.shape(node.output)
        grad_t = _unbroadcast(grad_t, shape_t, shape)
        grad_e = SelectV2.build(condition, zeros, grad)
        return None, grad_t, _unbroadcast(grad_e, arrays.shape(node.e), shape)


def _unbroadcast(grad, shape, from_shape):
    from graphcore.ops import arrays, reductions
    from graphcore.ops.broadcasting import BroadcastGradientArgs

    axes, _ = BroadcastGradientArgs.build(shape, from_shape)
    return arrays.reshape(reductions.reduce_sum(grad, axis=axes, keepdims=True), shape)


class Where(Op, refuses=True):
    """The indices of the elements that are true or not 0, one row each, in row-major order."""

    T = TypeAttr(NUMERIC | QUANTIZED - {qint16, quint16} | {boolean}, default=boolean)
    input = Input(T)
    index = Output(int64)

    example = dict(input=[[True, False], [False, True]], index=np.array([[0, 0], [1, 1]]))

    def infer(node):
        return None, node.input.shape.rank

    def kernel(input):
        if input.ndim == 0:
            raise InvalidArgumentError(None, None, "WhereOp : Unhandled input dimensions: 0")
        return np.argwhere(input).astype(np.int64, copy=False)


def where(condition, x=None, y=None, name=None):
    """Elements of ``x`` where ``condition`` is true and of ``y`` elsewhere; without these two, the indices of the true ones.

    ``x`` and ``y`` have one shape; ``condition`` has it too, or has no dimensions, or is a vector that chooses among rows
    (`tf.where_v2` broadcasts).  Indices are int64, one row for each true element.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.where([True, False], [1, 2], [3, 4])), session.run(tf.where([False, True]))
    (array([1, 4], dtype=int32), array([[1]]))
    """
    if (x is None) != (y is None):
        raise ValueError("x and y must both be non-None or both be None.")
    if x is None:
        return _indices(condition, name)
    return Select.build(condition, x, y, name=name)


def where_v2(condition, x=None, y=None, name=None):
    """As `where`, with ``condition``, ``x`` and ``y`` broadcast against each other."""
    if (x is None) != (y is None):
        raise ValueError("x and y must both be non-None or both be None.")
    if x is None:
        return _indices(condition, name)
    return SelectV2.build(condition, x, y, name=name)


def _indices(condition, name):
    with name_scope(name, "Where", [condition]) as name:
        condition = to_tensor(condition, None, "condition", False, boolean)
        return Where.build(condition, name=name)


__all__ = ["where", "where_v2"]
