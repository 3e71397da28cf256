"""Order without data: operations that only wait, ``tf.group``, ``tf.tuple``."""

from graphcore.core import structure
from graphcore.core.convert import is_tensor_like, to_tensor
from graphcore.core.dtypes import ALL
from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Operation, Tensor
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import arrays


class NoOp(Op, refuses=True):
    """Does nothing; other operations can wait for it, and it for others."""

    example = {}

    def kernel():
        return None


class ControlTrigger(Op, refuses=True):
    """Does nothing, in a branch that did not run as well."""

    example = {}

    def kernel():
        return None


class RefIdentity(Op, same=True):
    """The variable itself."""

    T = TypeAttr(ALL)
    input = Input(T, ref=True)
    output = Output(T, ref=True)
    example = dict(input=[1.0, 2.0], output=[1.0, 2.0])

    def infer(node):
        return node.input.shape

    def grad(node, grad):
        return grad


def no_op(name=None):
    """An operation that does nothing; useful to wait for, or where an operation is needed."""
    return NoOp.build(name=name)


def with_dependencies(dependencies, output_tensor, name=None):
    """``output_tensor`` under a new name, once ``dependencies`` have run."""
    with name_scope(name, "control_dependency", [*dependencies, output_tensor]) as scope:
        graph = get_default_graph()
        with graph.colocate_with(output_tensor.op), graph.control_dependencies(dependencies):
            if isinstance(output_tensor, IndexedSlices):
                return IndexedSlices(_same(output_tensor.values, scope), output_tensor.indices, output_tensor.dense_shape)
            return _same(to_tensor(output_tensor), scope)


def _same(tensor, name):
    return RefIdentity.build(tensor, name=name) if tensor.dtype.is_ref else arrays.identity(tensor, name=name)


def group(*inputs, **kwargs):
    """An operation that is done when all ``inputs`` (tensors, operations, nested lists of them) are; the only keyword is ``name``.

    >>> import graphcore as tf
    >>> a, b = tf.constant(1), tf.constant(2)
    >>> with tf.Session() as session:
    ...     print(session.run(tf.group(a, b)))
    None

    Raises:
      TypeError: an input is no part of a graph.
    """
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError("Unknown keyword arguments: " + ", ".join(kwargs))
    items = structure.flatten(inputs, expand_composites=True)
    with name_scope(name, "group_deps", items) as scope:
        if not inputs:
            return no_op(scope)
        by_device = {}
        for item in items:
            if not hasattr(item, "device"):
                raise TypeError(f"Expected tf.group() expected Tensor arguments not '{item}' with type '{type(item)}'")
            by_device.setdefault(item.device or "", []).append(item)
        if len(by_device) == 1:
            return _waiting(*by_device.popitem(), scope)
        with get_default_graph().control_dependencies([_waiting(d, by_device[d]) for d in sorted(by_device)]):
            return no_op(scope)


def _waiting(device, dependencies, name=None):
    graph = get_default_graph()
    with graph.control_dependencies(dependencies):
        if not device:
            return no_op(name)
        with graph.device(device):
            return no_op(name)


def tuple(tensors, name=None, control_inputs=None):
    """``tensors`` as a list, each available only once all of them (and ``control_inputs``) are computed.

    Entries may be tensors, `IndexedSlices`, operations (which become an operation to wait for) or None.

    Raises:
      ValueError: all entries are None.
      TypeError: something in ``control_inputs`` is neither an operation nor a tensor.
    """
    with name_scope(name, "tuple", tensors):
        tensors = [t if t is None or is_tensor_like(t) or isinstance(t, IndexedSlices) else to_tensor(t) for t in tensors]
        gating = [t if isinstance(t, Operation) else t.op for t in tensors if t is not None]
        for control in control_inputs or ():
            if not isinstance(control, (Operation, Tensor)):
                raise TypeError(f"Control input must be Operation or Tensor: {control}")
            gating.append(control.op if isinstance(control, Tensor) else control)
        if not gating:
            raise ValueError(f"Must have at least one Tensor: {tensors}")
        gate = group(*sorted(dict.fromkeys(gating), key=lambda op: op._id))
        return [_gated(t, gate) for t in tensors]


def _gated(item, gate):
    if item is None:
        return None
    if not isinstance(item, Operation):
        return with_dependencies([gate], item)
    with get_default_graph().control_dependencies([gate]):
        return group(item)


__all__ = ["group", "no_op", "tuple"]
