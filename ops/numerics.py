"""Checks that pass a tensor on: of NaN and infinity, and of its shape."""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, FLOATS
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import TensorShape, as_shape, format_shape, merge
from graphcore.ops import control_flow


class CheckNumerics(Op, stateful=True, aliases=True, checks=True):
    """``tensor``; fails if it holds NaN or an infinity."""

    T = TypeAttr(FLOATS)
    message = Attr(bytes)
    tensor = Input(T)
    output = Output(T)

    example = dict(tensor=[1.0, 2.0], message="bad", output=[1.0, 2.0])

    def infer(node):
        return node.tensor.shape

    def kernel(tensor, *, message):
        if not np.isfinite(tensor).all():
            found = [word for word, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(tensor).any()]
            raise errors.InvalidArgumentError(None, None, f"{message.decode(errors='replace')} : Tensor had "
                                              f"{' and '.join(found)} values")
        return tensor

    def grad(node, grad):
        # The repr of the bytes, as it stands in TF's node.
        return check_numerics(grad, f"Not a number (NaN) or infinity (Inf) values detected in gradient. {node.message!r}")


class EnsureShape(Op, aliases=True, checks=True):
    """``input``; fails if its shape is not as ``shape`` says, whose unknown sizes may be any."""

    shape = Attr(TensorShape)
    T = TypeAttr(ALL)
    input = Input(T)
    output = Output(T)

    example = dict(input=[[1.0, 2.0]], shape=[None, 2], output=[[1.0, 2.0]])

    def infer(node):
        return merge(node.shape.sizes, node.input.shape.sizes)

    def kernel(input, *, shape):
        if not shape.is_compatible_with(np.shape(input)):
            raise errors.InvalidArgumentError(None, None, f"Shape of tensor {format_shape(np.shape(input))} is not compatible "
                                              f"with expected shape {format_shape(shape.sizes)}.")
        return input

    def grad(node, grad):
        return grad


def check_numerics(tensor, message, name=None):
    """``tensor``; InvalidArgumentError that begins with ``message`` if it holds NaN or an infinity in a run.

    >>> import graphcore as tf
    >>> x = tf.constant([1.0, 0.0])
    >>> with tf.Session() as session:
    ...     session.run(tf.check_numerics(1.0 / x, "division"))
    Traceback (most recent call last):
      ...
    graphcore.core.errors.InvalidArgumentError: division : Tensor had Inf values
    ...
    """
    return CheckNumerics.build(tensor, message=message, name=name)


def ensure_shape(x, shape, name=None):
    """``x`` with ``shape`` (None for sizes that may be any) known, and checked in every run.

    Raises:
      ValueError: what is known of ``x`` contradicts ``shape``.
      tf.errors.InvalidArgumentError: in a run, when the value does.
    """
    return EnsureShape.build(x, shape=as_shape(shape), name=name)


def verify_tensor_all_finite(t=None, msg=None, name=None, x=None, message=None):
    """``t``, which is checked in a run; ``msg`` begins the error.  ``x`` and ``message`` are the newer names."""
    x = _one_of(x, t, "x", "t")
    message = _one_of(message, msg, "message", "msg")
    with name_scope(name, "VerifyFinite", [x]):
        x = to_tensor(x, name="x")
        with get_default_graph().colocate_with(x.op):
            return control_flow.with_dependencies([check_numerics(x, message)], x)


def _one_of(new, old, new_name, old_name):
    if new is not None and old is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'")
    return old if new is None else new


def add_check_numerics_ops():
    """An operation that checks every float16, float32 and float64 tensor of the graph, in the order they were made.

    ValueError if one of them belongs to a conditional.
    """
    last = []
    graph = get_default_graph()
    for op in graph.get_operations():
        for output in op.outputs:
            if output.dtype in (dtypes.float16, dtypes.float32, dtypes.float64):
                if op._control_flow_context is not None:
                    raise ValueError("`tf.add_check_numerics_ops() is not compatible with TensorFlow control flow operations "
                                     f"such as `tf.cond()` or `tf.while_loop()`: '{op.name}' belongs to one.")
                with graph.control_dependencies(last):
                    last = [check_numerics(output, output.name)]
    return control_flow.group(*last)


__all__ = ["add_check_numerics_ops", "check_numerics", "ensure_shape", "verify_tensor_all_finite"]
