"""Functions that act on the default graph: ``tf.device``, ``tf.control_dependencies``, collections."""

from graphcore.core.convert import to_tensor
from graphcore.core.indexed import IndexedSlices
from graphcore.core.scopes import get_default_graph, name_scope


def device(device_name_or_function):
    """Operations made inside the ``with`` block get this device; see `Graph.device`.

    >>> import graphcore as tf
    >>> with tf.device("/cpu:0"):
    ...     tf.constant(1.0).device
    '/device:CPU:0'
    """
    return get_default_graph().device(device_name_or_function)


def control_dependencies(control_inputs):
    """Operations made inside the ``with`` block run after ``control_inputs``; see `Graph.control_dependencies`."""
    return get_default_graph().control_dependencies(control_inputs)


def colocate_with(op, ignore_existing=False):
    """Operations made inside the ``with`` block are placed with ``op``; see `Graph.colocate_with`."""
    return get_default_graph().colocate_with(op, ignore_existing)


def container(container_name):
    """Stateful operations made inside the ``with`` block keep their state in this container."""
    return get_default_graph().container(container_name)


def add_to_collection(name, value):
    """Add ``value`` to the collection ``name`` of the default graph."""
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names, value):
    """Add ``value`` to several collections of the default graph."""
    get_default_graph().add_to_collections(names, value)


def get_collection(key, scope=None):
    """The values of a collection of the default graph, filtered by the regular expression ``scope``."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key):
    """The list behind a collection of the default graph: changes to it change the collection."""
    return get_default_graph().get_collection_ref(key)


def op_scope(values, name, default_name=None):
    """The old spelling of ``tf.name_scope(name, default_name, values)``."""
    return name_scope(name, default_name=default_name, values=values)


def convert_to_tensor_or_indexed_slices(value, dtype=None, name=None):
    """``value`` itself if it is an IndexedSlices, else as a Tensor."""
    if isinstance(value, IndexedSlices):
        if dtype is not None and value.dtype.base != dtype:
            raise ValueError(f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value.dtype.name}: {str(value)!r}")
        return value
    return to_tensor(value, dtype, name)


__all__ = ["add_to_collection", "add_to_collections", "colocate_with", "container", "control_dependencies",
           "convert_to_tensor_or_indexed_slices", "device", "get_collection", "get_collection_ref", "op_scope"]
