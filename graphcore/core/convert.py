"""Anything → Tensor: the registry of conversions, and ``convert_to_tensor``."""

import numpy as np

from graphcore.core.dtypes import as_dtype
from graphcore.core.node import Tensor
from graphcore.core.scopes import get_default_graph

conversions: list = []  # (priority, order, types, function), best first
_by_type: dict = {}
_NEVER_REGISTERED = (int, float, np.generic, np.ndarray)  # what they become does not change


def register_tensor_conversion_function(base_type, conversion_func, priority=100):
    """Convert objects of ``base_type`` (a type or a tuple of types) with ``conversion_func(value, dtype, name, as_ref)``.

    Lower ``priority`` is tried first.  The function may return NotImplemented to pass.
    """
    types = base_type if isinstance(base_type, tuple) else (base_type,)
    if not types or not all(isinstance(t, type) for t in types):
        raise TypeError("base_type must be a type or a tuple of types.")
    if any(issubclass(t, _NEVER_REGISTERED) for t in types):
        raise TypeError("Cannot register conversions for Python numeric types and NumPy scalars and arrays. Register one for a "
                        f"class of your own; base_type is {base_type}.")
    if not callable(conversion_func):
        raise TypeError("conversion_func must be callable.")
    conversions.append((priority, len(conversions), types, conversion_func))
    conversions.sort(key=lambda entry: entry[:2])
    _by_type.clear()


def _conversions(cls):
    found = _by_type.get(cls)
    if found is None:
        found = _by_type[cls] = [(types, function) for _, _, types, function in conversions if issubclass(cls, types)]
    return found


def convert_to_tensor(value, dtype=None, name=None, preferred_dtype=None, dtype_hint=None):
    """``value`` as a Tensor of the default graph.

    Tensors, variables, NumPy arrays, Python numbers, strings, (nested) lists of these, shapes and registered
    types are accepted.  ``preferred_dtype`` is used when nothing else decides and the value fits.
    """
    return to_tensor(value, None if dtype is None else as_dtype(dtype), name, False,
                     preferred_dtype if dtype_hint is None else dtype_hint)


def to_tensor(value, dtype=None, name=None, as_ref=False, preferred_dtype=None):
    if isinstance(value, Tensor):
        graph = get_default_graph()
        if value.op.graph is not graph:
            raise ValueError(f'Tensor("{value.name}", shape={value.shape}, dtype={value.dtype.name}) must be from the same '
                             f"graph as the default graph. It was made at {value.op.source or '?'}, in another tf.Graph.")
        if dtype is not None and not dtype.is_compatible_with(value.dtype):
            raise ValueError(f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value.dtype.name}: {value!r}")
        return value
    if preferred_dtype is not None:
        preferred_dtype = as_dtype(preferred_dtype)
    for types, function in _conversions(type(value)):
        result = NotImplemented
        if dtype is None and preferred_dtype is not None:
            try:
                result = function(value, dtype=preferred_dtype, name=name, as_ref=as_ref)
            except (TypeError, ValueError):
                result = NotImplemented
            if result is not NotImplemented and result.dtype.base != preferred_dtype.base:
                raise TypeError(f"convert_to_tensor did not convert to the preferred dtype: {result.dtype.base} vs "
                                f"{preferred_dtype.base} ")
        if result is NotImplemented:
            result = function(value, dtype=dtype, name=name, as_ref=as_ref)
        if result is NotImplemented:
            continue
        return _checked(result, value, dtype, types, function)
    raise TypeError(f"Cannot convert {value!r} with type {type(value)} to Tensor: no conversion function registered.")


def _checked(result, value, dtype, types, function):
    if not isinstance(result, Tensor):
        raise RuntimeError(f"Conversion function {function!r} for type {types} returned non-Tensor: {result!r}")
    if dtype is not None and not dtype.is_compatible_with(result.dtype):
        raise RuntimeError(f"Conversion function {function!r} for type {types} returned incompatible dtype: requested = "
                           f"{dtype.base.name}, actual = {result.dtype.name}")
    return result


def convert_n_to_tensor(values, dtype=None, name=None, preferred_dtype=None, as_ref=False):
    """Each of ``values`` as a Tensor; the n-th is named ``name_n``."""
    return [to_tensor(v, dtype, None if name is None else f"{name}_{i}", as_ref, preferred_dtype)
            for i, v in enumerate(values)]


def is_tensor_like(value):
    """Whether ``value`` is symbolic: a Tensor, a variable, an IndexedSlices …"""
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_element") or hasattr(value, "_is_tensor_like")


def numpy_of(value, dtype=None):
    """A plain Python or NumPy value as an array with TF's default dtypes: float → float32, int → int32."""
    array = np.asarray(value, dtype=None if dtype is None else dtype.np)
    if dtype is None and not isinstance(value, (np.ndarray, np.generic)):
        array = array.astype({"float64": np.float32, "int64": np.int32}.get(array.dtype.name, array.dtype))
    return array
