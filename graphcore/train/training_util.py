"""The global step: the variable that counts training steps."""

import logging

from graphcore.core import dtypes
from graphcore.core.keys import GraphKeys
from graphcore.core.node import Tensor
from graphcore.core.scopes import get_default_graph
from graphcore.ops import initializers, variable_scope, variables


def global_step(sess, global_step_tensor):
    """The number of the current step in the session ``sess``, as an int.

    >>> import graphcore as tf
    >>> step = tf.Variable(10, trainable=False, name="global_step")
    >>> with tf.Session() as session:
    ...     session.run(step.initializer)
    ...     tf.train.global_step(session, step)
    10
    """
    return int(sess.run(global_step_tensor))


def get_global_step(graph=None):
    """The global step of the graph, or None: what is in the collection GLOBAL_STEP, or the tensor ``global_step:0``.

    Raises:
      TypeError: it is no integer scalar.
    """
    graph = graph or get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) > 1:
        logging.getLogger("graphcore").error("Multiple tensors in global_step collection.")
        return None
    if not found:
        try:
            found = [graph.get_tensor_by_name("global_step:0")]
        except KeyError:
            return None
    assert_global_step(found[0])
    return found[0]


def create_global_step(graph=None):
    """A new variable ``global_step`` of int64 that starts with 0; ValueError if the graph has one."""
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        return variable_scope.get_variable(
            GraphKeys.GLOBAL_STEP, shape=[], dtype=dtypes.int64, initializer=initializers.Zeros(), trainable=False,
            aggregation=variables.VariableAggregation.ONLY_FIRST_REPLICA,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP])


def get_or_create_global_step(graph=None):
    """The global step of the graph, made if there is none yet.

    >>> import graphcore as tf
    >>> tf.train.get_or_create_global_step()
    <tf.Variable 'global_step:0' shape=() dtype=int64_ref>
    """
    graph = graph or get_default_graph()
    found = get_global_step(graph)
    return create_global_step(graph) if found is None else found


def assert_global_step(global_step_tensor):
    """TypeError unless this is an integer scalar: a variable or a tensor."""
    if not isinstance(global_step_tensor, (variables.Variable, Tensor)):
        raise TypeError(f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.')
    if not global_step_tensor.dtype.base.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {global_step_tensor.dtype}')
    shape = global_step_tensor.get_shape()
    if shape.ndims != 0 and shape.is_fully_defined():
        raise TypeError(f'Existing "global_step" is not scalar: {shape}')
