"""What `tf.get_variable` looks names up in: a store for each graph, which makes the variables it does not find."""

import inspect
import traceback

from graphcore.core import dtypes
from graphcore.core.dtypes import as_dtype
from graphcore.core.keys import GraphKeys
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import as_shape
from graphcore.ops.variables import Variable, VariableAggregation, VariableSynchronization

_KEY = ("__variable_store",)


def default_store():
    """The variable store of the default graph."""
    collection = get_default_graph().get_collection_ref(_KEY)
    if not collection:
        collection.append(VariableStore())
    return collection[0]


class VariableStore:
    """The variables of a graph that were made by `tf.get_variable`, by full name."""

    def __init__(self):
        self._vars = {}

    def get_variable(self, name, *, custom_getter=None, **options):
        """The variable of this full name, found or made; through ``custom_getter`` if there is one."""
        if custom_getter is None:
            return self._get(name, **options)
        if not callable(custom_getter):
            raise ValueError(f"Passed a custom_getter which is not callable: {custom_getter}")
        if not _takes(custom_getter, "constraint"):
            del options["constraint"]
        return custom_getter(getter=self._get, name=name, **options)

    def _get(self, name, shape=None, dtype=dtypes.float32, initializer=None, regularizer=None, reuse=None, trainable=None,
             collections=None, caching_device=None, partitioner=None, validate_shape=True, use_resource=None, constraint=None,
             synchronization=VariableSynchronization.AUTO, aggregation=VariableAggregation.NONE):
        """What custom getters get as their first argument."""
        scalar = isinstance(shape, (list, tuple)) and not shape
        if partitioner is not None and not scalar:
            if not callable(partitioner):
                raise ValueError(f"Partitioner must be callable, but received: {partitioner}")
            raise NotImplementedError(f"Partitioned variables are not built yet: make '{name}' without a partitioner")
        given = initializer is not None and not callable(initializer)
        if shape is not None and given:
            raise ValueError("If initializer is a constant, do not specify shape.")
        if not name:
            raise ValueError(f"'{name}' is not a valid node name: a variable needs one")
        dtype, shape = as_dtype(dtype).base, as_shape(shape)
        if name in self._vars:
            return self._found(name, shape, dtype, reuse)
        if reuse is True:
            raise ValueError(f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you mean to set "
                             "reuse=tf.AUTO_REUSE in VarScope?")
        value, value_dtype = (initializer, None) if given else _first_value(name, shape, dtype, initializer)
        variable = self._vars[name] = Variable(
            value, name=name, trainable=trainable, collections=collections, caching_device=caching_device, dtype=value_dtype,
            validate_shape=validate_shape, constraint=constraint, use_resource=use_resource, synchronization=synchronization,
            aggregation=aggregation)
        if regularizer:
            _regularize(variable, name, regularizer)
        return variable

    def _found(self, name, shape, dtype, reuse):
        """The variable that is there, if it is what was asked for."""
        found = self._vars[name]
        if reuse is False:
            raise ValueError(f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or "
                             f"reuse=tf.AUTO_REUSE in VarScope? Originally defined at:\n\n{_definition(found.op)}")
        if not shape.is_compatible_with(found.shape):
            raise ValueError(f"Trying to share variable {name}, but specified shape {shape} and found shape {found.shape}.")
        if not dtype.is_compatible_with(found.dtype):
            raise ValueError(f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype "
                             f"{found.dtype.name}.")
        return found


def _definition(op):
    """The user's line that made ``op``, as in a traceback."""
    return "".join(traceback.format_list([traceback.FrameSummary(*place) for place in op.traceback]))


def _takes(function, name):
    """Whether a callable can be given the keyword ``name``."""
    parameters = inspect.signature(function).parameters.values()
    return any(p.name == name or p.kind is p.VAR_KEYWORD for p in parameters)


def _first_value(name, shape, dtype, initializer):
    """(a function that makes the initial value, the dtype to convert it to)."""
    if initializer is None:
        initializer = _default_initializer(name, dtype)
    elif inspect.isclass(initializer):
        initializer = initializer()
    if shape.is_fully_defined():
        return lambda: initializer(shape.as_list(), dtype=dtype, partition_info=None), dtype
    if _needs_nothing(initializer):
        return initializer, None
    raise ValueError("The initializer passed is not valid. It should be a callable with no arguments and the shape should not "
                     "be provided or an instance of `tf.keras.initializers.*' and `shape` should be fully defined. "
                     f"Variable '{name}' was asked for with shape {shape}.")


def _needs_nothing(function):
    named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return all(p.default is not p.empty for p in parameters if p.kind in named)


def _default_initializer(name, dtype):
    """Glorot's uniform one for floats, zeros for what cannot be drawn at random."""
    from graphcore.ops import initializers  # much is imported with them

    if dtype.is_floating:
        return initializers.glorot_uniform_initializer()
    if dtype.is_integer or dtype.is_bool or dtype is dtypes.string:
        return initializers.zeros_initializer()
    raise ValueError(f"An initializer for variable {name} of {dtype!r} is required")


def _regularize(variable, name, regularizer):
    """Add the penalty for ``variable`` to the regularization losses."""
    graph = variable.graph
    with graph.colocate_with(variable.op), name_scope(name + "/Regularizer/"):
        with graph.control_dependencies(None):
            loss = regularizer(variable)
    if loss is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)


__all__ = []
