"""What programs say about TF's modes: graphs are the only one here, and what would change that is refused."""

import contextlib

import numpy as np

from graphcore.core.convert import is_tensor_like
from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Operation, Tensor
from graphcore.core.scopes import get_default_graph
from graphcore.core.sparse import SparseTensor
from graphcore.core.view import constant_value
from graphcore.ops import control_flow, variable_scope


def is_tensor(x):
    """Whether ``x`` stands for a tensor: a Tensor, a variable, a SparseTensor or IndexedSlices.

    >>> import graphcore as tf
    >>> tf.is_tensor(tf.constant(1.0)), tf.is_tensor(1.0)
    (True, False)
    """
    return isinstance(x, (Tensor, SparseTensor, IndexedSlices)) or is_tensor_like(x) and not isinstance(x, Operation)


def get_static_value(tensor, partial=False):
    """The value of ``tensor`` as an array if the graph alone determines it, else None; other objects as they are.

    With ``partial`` a packed vector may come as an array of objects, None where an element is not known.
    """
    if not isinstance(tensor, Tensor):
        return tensor
    value = constant_value(tensor)
    if value is None and partial and tensor.op.type == "Pack" and tensor.op.get_attr("axis") == 0:
        return _packed(tensor)
    return value


def _packed(tensor):
    """The elements of a Pack that are known."""
    entries = np.empty(len(tensor.op.inputs), object)
    for place, entry in enumerate(tensor.op.inputs):
        entries[place] = constant_value(entry)
    return entries


@contextlib.contextmanager
def init_scope():
    """Operations made inside the ``with`` block depend on nothing around it: no control dependency, no branch of a ``cond``.

    >>> import graphcore as tf
    >>> with tf.control_dependencies([tf.no_op()]), tf.init_scope():
    ...     tf.constant(1.0).op.control_inputs
    []
    """
    with get_default_graph().control_dependencies(None):
        yield


def executing_eagerly():
    """Whether operations run as soon as they are made: never."""
    return False


def disable_eager_execution():
    """Nothing to do: operations are added to a graph, which a session runs."""


def enable_eager_execution(config=None, device_policy=None, execution_mode=None):
    """NotImplementedError: graphs are all there is."""
    raise NotImplementedError("tf.enable_eager_execution: there is no eager execution here. Build a graph and run it with "
                              "tf.Session, or use the TensorFlow 2 that eager programs are written for.")


def disable_v2_behavior():
    """What TensorFlow 1.x does, for programs made to run with both: variables are reference variables again."""
    variable_scope.disable_resource_variables()


def enable_v2_behavior():
    """NotImplementedError: TensorFlow 2 runs eagerly, and graphs are all there is."""
    raise NotImplementedError("tf.enable_v2_behavior: TensorFlow 2's behavior begins with eager execution, which is not here. "
                              "Build a graph and run it with tf.Session.")


def disable_v2_tensorshape():
    """Nothing to do: the entries of a TensorShape are `Dimension` objects."""


def enable_v2_tensorshape():
    """NotImplementedError: the entries of a TensorShape stay `Dimension` objects."""
    raise NotImplementedError("tf.enable_v2_tensorshape: the entries of a TensorShape are Dimension objects here. "
                              "`shape.as_list()` gives plain numbers.")


def disable_tensor_equality():
    """Nothing to do: ``==`` between tensors asks whether they are the same object."""


def enable_tensor_equality():
    """NotImplementedError: ``==`` between tensors stays a question about objects."""
    raise NotImplementedError("tf.enable_tensor_equality: `==` between tensors asks whether they are the same object. "
                              "`tf.equal` compares their elements.")


def disable_control_flow_v2():
    """Nothing to do: branches and loops are made of Switch and Merge."""


def enable_control_flow_v2():
    """NotImplementedError: branches and loops are made of Switch and Merge."""
    raise NotImplementedError("tf.enable_control_flow_v2: branches and loops are made of Switch and Merge nodes, as TensorFlow 1.15 "
                              "does by default; there are no functional If and While nodes.")


def control_flow_v2_enabled():
    """Whether branches and loops are functional nodes: never."""
    return False


def tables_initializer(name="init_all_tables"):
    """An operation that initializes the tables of the default graph; there are no tables, so it does nothing."""
    return control_flow.no_op(name=name)


def initialize_all_tables(name="init_all_tables"):
    """The old name of `tables_initializer`."""
    return tables_initializer(name)


__all__ = ["control_flow_v2_enabled", "disable_control_flow_v2", "disable_eager_execution", "disable_tensor_equality",
           "disable_v2_behavior", "disable_v2_tensorshape", "enable_control_flow_v2", "enable_eager_execution",
           "enable_tensor_equality", "enable_v2_behavior", "enable_v2_tensorshape", "executing_eagerly", "get_static_value",
           "init_scope", "initialize_all_tables", "is_tensor", "tables_initializer"]
