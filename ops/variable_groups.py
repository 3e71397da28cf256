"""The variables of a graph by collection, initialising them, and asking which are initialised."""

import os

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.keys import GraphKeys
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import arrays, assignments, comparison, constants, joining, ordering


def global_variables(scope=None):
    """The variables shared by all of a program, in the order they were made; with ``scope`` those whose name matches it.

    >>> import graphcore as tf
    >>> _ = tf.Variable(1.0, name="a"), tf.Variable(2.0, name="b", trainable=False)
    >>> [v.name for v in tf.global_variables()]
    ['a:0', 'b:0']
    >>> [v.name for v in tf.trainable_variables()]
    ['a:0']
    """
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def all_variables():
    """The old name of `global_variables`."""
    return global_variables()


def local_variables(scope=None):
    """The variables of this process alone: counters, metrics; checkpoints leave them out."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def trainable_variables(scope=None):
    """The variables that optimizers change by default."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def model_variables(scope=None):
    """The variables in the collection MODEL_VARIABLES."""
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def moving_average_variables(scope=None):
    """The variables that keep moving averages."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


# ---------------------------------------------------------------- initialising


def variables_initializer(var_list, name="init"):
    """An operation that initialises the variables in ``var_list``."""
    if var_list:
        return ordering.group(*[v.initializer for v in var_list], name=name)
    return ordering.no_op(name=name)


def initialize_variables(var_list, name="init"):
    """The old name of `variables_initializer`."""
    return variables_initializer(var_list, name)


def global_variables_initializer():
    """An operation that initialises all global variables made so far; run it in each session before anything else."""
    return variables_initializer(global_variables())


def initialize_all_variables():
    """The old name of `global_variables_initializer`."""
    return global_variables_initializer()


def local_variables_initializer():
    """An operation that initialises all local variables made so far."""
    return variables_initializer(local_variables())


def initialize_local_variables():
    """The old name of `local_variables_initializer`."""
    return local_variables_initializer()


# ---------------------------------------------------------------- asking


def assert_variables_initialized(var_list=None):
    """The ranks of the variables (default: all): a run fails if one is uninitialised; None without variables.

    `report_uninitialized_variables` tells which ones.
    """
    variables = _or_all(var_list)
    if not variables:
        return None
    ranks = []
    for variable in variables:
        with get_default_graph().colocate_with(variable.op):
            with name_scope(None, "Rank", [variable]) as scope:
                to_tensor(variable)  # TF reads a resource variable twice here
                ranks.append(arrays.Rank.build(variable, name=scope))
    return ranks[0] if len(ranks) == 1 else joining.stack(ranks)


def report_uninitialized_variables(var_list=None, name="report_uninitialized_variables"):
    """The names of the variables (default: global and local ones) that have no value yet, as a string tensor."""
    variables = _or_all(var_list)
    graph = get_default_graph()
    with name_scope(name):
        initialized = [assignments.is_variable_initialized(v) for v in variables]
        with graph.device(os.environ.get("TF_DEVICE_FOR_UNINITIALIZED_VARIABLE_REPORTING", "/cpu:0")):
            if not variables:
                return constants.constant([], dtype=dtypes.string)
            missing = comparison.logical_not(joining.stack(initialized))
            names = constants.constant([v.op.name for v in variables])
            return _boolean_mask(names, missing)


def _boolean_mask(values, mask):
    from graphcore.ops import gathering  # needed by this one function

    return gathering.boolean_mask(values, mask)


def _or_all(var_list):
    """``var_list``, or all variables; in a graph without Variable objects what its nodes hold."""
    if var_list is not None:
        return var_list
    found = global_variables() + local_variables()
    return found or [op.outputs[0] for op in get_default_graph().get_operations() if op.type in ("Variable", "VariableV2")]


__all__ = ["all_variables", "assert_variables_initialized", "global_variables", "global_variables_initializer",
           "initialize_all_variables", "initialize_local_variables", "initialize_variables", "local_variables",
           "local_variables_initializer", "model_variables", "moving_average_variables", "report_uninitialized_variables",
           "trainable_variables", "variables_initializer"]
