"""Slots: variables that belong to another variable and are named and placed after it."""

from graphcore.core.scopes import get_default_graph
from graphcore.ops import arrays, initializers, sequences, variable_scope, variables
from graphcore.ops.resource_variables import ResourceVariable


def is_resource(variable):
    """Whether this is a resource variable."""
    return isinstance(variable, ResourceVariable)


def place_of(variable):
    """What is colocated with when something is colocated with ``variable``: its own node, not a read of it."""
    return variable.handle if is_resource(variable) else variable


def create_slot(primary, val, name, colocate_with_primary=True):
    """A variable ``PRIMARY/name`` that starts with the tensor ``val``."""
    return _create(primary, val, name, val.get_shape().is_fully_defined(), None, None, colocate_with_primary)


def create_slot_with_initializer(primary, initializer, shape, dtype, name, colocate_with_primary=True):
    """A variable ``PRIMARY/name`` of the given shape and dtype that starts with what ``initializer`` gives."""
    return _create(primary, initializer, name, shape.is_fully_defined(), shape, dtype, colocate_with_primary)


def create_zeros_slot(primary, name, dtype=None, colocate_with_primary=True):
    """A variable ``PRIMARY/name`` of the shape of ``primary`` (a variable or tensor) that starts with zeros."""
    dtype = primary.dtype if dtype is None else dtype
    shape = primary.get_shape()
    if shape.is_fully_defined():
        return create_slot_with_initializer(primary, initializers.Zeros(), shape, dtype, name, colocate_with_primary)
    source = primary.initialized_value() if isinstance(primary, variables.Variable) else primary
    zeros = sequences.zeros(arrays.shape(source), dtype=dtype)
    return create_slot(primary, zeros, name, colocate_with_primary)


def _create(primary, start, name, validate_shape, shape, dtype, colocate):
    # The slot's name is a default name: a second slot of the name becomes NAME_1 instead of being the first one.
    with variable_scope.variable_scope(None, primary.op.name + "/" + name):
        if not colocate:
            return _variable(primary, start, validate_shape, shape, dtype)
        with get_default_graph().colocate_with(place_of(primary)):
            return _variable(primary, start, validate_shape, shape, dtype)


def _variable(primary, start, validate_shape, shape, dtype):
    scope = variable_scope.get_variable_scope()
    partitioner = scope.partitioner
    scope.set_partitioner(None)  # a slot is divided as its variable is, not by the current scope
    try:
        return variable_scope.get_variable(
            "", initializer=start, trainable=False, shape=shape if callable(start) else None, dtype=dtype,
            use_resource=is_resource(primary) if isinstance(primary, variables.Variable) else None,
            validate_shape=validate_shape)
    finally:
        scope.set_partitioner(partitioner)
