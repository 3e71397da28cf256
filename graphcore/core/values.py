"""Python and NumPy values → the array of a constant, with TF's default dtypes, checks and phrases."""

import numbers

import numpy as np

from graphcore.core import dtypes
from graphcore.core.dimension import Dimension
from graphcore.core.dtypes import as_dtype
from graphcore.core.shapes import TensorShape, as_shape

_INT = (numbers.Integral, np.integer, Dimension)
_REAL = (numbers.Real, np.integer, np.floating, np.bool_)
_COMPLEX = (numbers.Complex, np.number, np.bool_)
_MOST_BYTES = 2**31 - 1


def constant_array(values, dtype=None, shape=None, verify_shape=False):
    """``values`` as an array of ``dtype`` (a DType or None) and ``shape`` (None: as it comes).

    Python floats become float32 and ints int32 (int64 where they do not fit), arrays keep their dtype.  Fewer
    elements than ``shape`` needs are filled up with the last one, unless ``verify_shape``; a single one is not
    copied: the array is then read-only and has strides of 0.
    """
    array = _array(values, dtype)
    if shape is None:
        return array
    wanted = _full_shape(shape)
    if array.shape == wanted:
        return array
    if verify_shape:
        raise TypeError(f"Expected Tensor's shape: {wanted}, got {array.shape}.")
    size = int(np.prod(wanted, dtype=np.int64))
    if size == 0 and (array.size == 0 or not isinstance(values, (np.ndarray, np.generic))):
        # TF forgets the values, and their own dtype.
        return np.empty(wanted, array.dtype if dtype or isinstance(values, (np.ndarray, np.generic)) else np.float32)
    if array.size > size:
        raise ValueError(f"Too many elements provided. Needed at most {size}, but received {array.size}")
    if array.size == size:
        return array.reshape(wanted)
    if array.size == 0:
        return zeros(wanted, array.dtype)
    if array.size == 1:
        return np.broadcast_to(array.reshape(()), wanted)  # one value in memory, and one in a GraphDef
    flat = np.empty(size, array.dtype)
    flat[:array.size] = array.ravel()
    flat[array.size:] = array.ravel()[-1]
    return flat.reshape(wanted)


def zeros(sizes, dtype):
    """An array of zeros; of strings, empty ones."""
    return np.full(sizes, b"", object) if np.dtype(dtype).kind == "O" else np.zeros(sizes, dtype)


def _full_shape(shape):
    sizes = as_shape(shape).as_list()
    if None in sizes:
        raise TypeError(f"int() argument must be a number, not 'NoneType': a constant needs a full shape, not {sizes}")
    return tuple(sizes)


def _array(values, dtype):
    kind = type(values)
    if dtype is None:
        if kind is float:
            return np.array(values, np.float32)
        if kind is int and -2147483648 <= values < 2147483648:
            return np.array(values, np.int32)
    elif kind is float and dtype.is_floating or kind is int and dtype.is_integer and not dtype.is_unsigned:
        return _cast(values, dtype)
    if isinstance(values, (np.ndarray, np.generic)):
        if values.nbytes > _MOST_BYTES:
            raise ValueError("Cannot create a tensor proto whose content is larger than 2GB. Feed such values through a "
                             f"placeholder; these are {values.nbytes / 2**30:.1f} GB.")
        return _from_numpy(values, dtype)
    if values is None:
        raise ValueError("None values not supported.")
    if isinstance(values, TensorShape):
        values = [int(d) for d in values.as_list()]
    return _from_python(values, dtype)


def _cast(value, dtype):
    return np.array(value).astype(dtype.np)  # integers out of range wrap, as TF's do


def _from_numpy(values, dtype):
    array = np.asarray(values)
    if dtype is None:
        if array.dtype.kind in "SU":
            return _strings(array)
        if array.dtype.kind == "O":
            return _strings(array)
        as_dtype(array.dtype)  # TypeError for a dtype that TF does not have
        return array.copy()
    if dtype.base is dtypes.string:
        if array.dtype.kind not in "SUO":
            raise TypeError(_expected(dtype, array.ravel()[0] if array.size else array))
        return _strings(array)
    if array.dtype.kind in "SU" or array.dtype.kind == "O" and _are_strings(array) and array.size:
        raise TypeError(_expected(dtype, array.ravel()[0]))
    return array.astype(dtype.np)


def _from_python(values, dtype):
    leaves = list(_leaves(values))
    if dtype is not None:
        _check(leaves, dtype)
        if dtype.base is dtypes.string:
            return _strings(_dense(values, object))
        return _dense(values, dtype.np)
    tensor = next((leaf for leaf in leaves if hasattr(leaf, "_as_graph_element")), None)
    if tensor is not None:
        raise TypeError(f"List of Tensors when single Tensor expected: {tensor!r} is a tensor already")
    strings = [isinstance(leaf, (str, bytes)) for leaf in leaves]
    if leaves and all(strings):
        return _strings(_dense(values, object))
    if any(strings) or any(leaf is None for leaf in leaves):
        raise _unconvertible(values)
    array = _dense(values, None)
    if array.dtype.kind == "O":
        raise _unconvertible(values)
    if array.dtype == np.float64:
        return array.astype(np.float32)
    if array.dtype == np.int64:
        narrow = array.astype(np.int32)
        return narrow if np.array_equal(narrow, array) else array
    return array


def _leaves(values):
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _leaves(value)
    elif isinstance(values, np.ndarray):
        yield from values.ravel()
    elif hasattr(values, "__array__") and not isinstance(values, np.generic) and not hasattr(values, "_as_graph_element"):
        yield from np.asarray(values).ravel()
    else:
        yield values


def _dense(values, dtype):
    if dtype is object:
        shape = _nested_shape(values)
        array = np.empty(shape, object)
        flat = array.reshape(-1)
        leaves = list(_leaves(values))
        if len(leaves) != flat.size:
            raise _ragged(values)
        for i, leaf in enumerate(leaves):
            flat[i] = leaf
        return array
    try:
        array = np.array(_with_ints(values))
        return array if dtype is None else array.astype(dtype)
    except (ValueError, TypeError, OverflowError):
        raise _not_dense(values, dtype) from None


def _unconvertible(values):
    return TypeError(f"Failed to convert object of type {type(values)} to Tensor. Contents: {values}. Consider casting elements "
                     "to a supported type.")


def _not_dense(values, dtype):
    if _is_regular(values) or not isinstance(values[0], (list, tuple)) and dtype is None:
        return _unconvertible(values)
    error = _ragged(values)
    return error if dtype is None else ValueError(f"setting an array element with a sequence. {error}")


def _ragged(values):
    """The error for nested lists of unequal lengths: how far they agree, and the shape that their first elements ask for."""
    wanted, level, agreed = _nested_shape(values), [values], []
    for _ in wanted:
        lengths = {len(item) if isinstance(item, (list, tuple, np.ndarray)) else None for item in level}
        if len(lengths) > 1 or None in lengths:
            break
        agreed += lengths
        level = [inner for item in level for inner in item]
    return ValueError(f"Argument must be a dense tensor: {values} - got shape {agreed}, but wanted {list(wanted)}.")


def _is_regular(values):
    """Whether nested lists are of equal lengths on each level."""
    if not isinstance(values, (list, tuple)):
        return True
    inner = {_nested_shape(value) for value in values}
    return len(inner) <= 1 and all(map(_is_regular, values))


def _with_ints(values):
    if isinstance(values, (list, tuple)):
        return [_with_ints(v) for v in values]
    return int(values) if isinstance(values, Dimension) else values


def _nested_shape(values):
    shape = []
    while isinstance(values, (list, tuple, np.ndarray)):
        if isinstance(values, np.ndarray):
            return tuple(shape) + values.shape
        shape.append(len(values))
        if not values:
            break
        values = values[0]
    return tuple(shape)


def _check(leaves, dtype):
    accepted = _accepted(dtype)
    for leaf in leaves:
        if not isinstance(leaf, accepted):
            raise TypeError(_expected(dtype, leaf))


def _accepted(dtype):
    if dtype.is_integer or dtype.is_quantized:
        return _INT
    if dtype.is_floating:
        return _REAL
    if dtype.is_complex:
        return _COMPLEX
    if dtype.is_bool:
        return (bool, np.bool_)
    return (str, bytes) if dtype.base is dtypes.string else object


def _expected(dtype, leaf):
    return f"Expected {dtype.name}, got {leaf!r} of type '{type(leaf).__name__}' instead."


def _are_strings(array):
    return all(isinstance(v, (str, bytes)) for v in array.ravel())


def _strings(array):
    """An object array of bytes, as strings are kept everywhere."""
    result = np.empty(array.shape, object)
    flat = result.reshape(-1)
    for i, value in enumerate(array.ravel()):
        if isinstance(value, str):
            value = value.encode()
        elif not isinstance(value, bytes):
            raise TypeError(f"Expected binary or unicode string, got {value!r}")
        flat[i] = bytes(value)
    return result
