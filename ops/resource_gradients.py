"""Gradients of reading from resource variables."""

from graphcore.core import dtypes
from graphcore.core.indexed import IndexedSlices
from graphcore.ops import arrays, constants, joining
from graphcore.ops.variable_ops import VariableShape, shape_behind


def variable_shape(handle, out_type=dtypes.int32):
    """The shape of what a handle leads to: a constant where it is known."""
    shape = shape_behind(handle)
    if shape.is_fully_defined():
        return constants.constant(list(shape.sizes), dtype=out_type)
    return VariableShape.build(handle, out_type=out_type)


def gathered_rows(node, dy):
    """The gradient of gathering rows: `IndexedSlices` of the variable."""
    params_shape = variable_shape(node.resource)
    size = arrays.expand_dims(arrays.size(node.indices), 0)
    values = arrays.reshape(dy, joining.concat([size, params_shape[1:]], 0))
    return IndexedSlices(values, arrays.reshape(node.indices, size), params_shape)


def gathered_points(node, dy):
    """The gradient of gathering what the last axis of the indices points to."""
    from graphcore.ops import gather_gradients

    return gather_gradients.at_places(variable_shape(node.resource, node.indices.dtype), node.indices, dy)


__all__ = []
