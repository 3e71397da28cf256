"""Arrays to `TensorProto` and back, with TF's encoding.

Numbers of most types, when there is more than one, go as raw bytes into `tensor_content`; single values, and every
value of the types without raw form (bool, string, complex, half, bfloat16, uint16), into the list made for the type.
"""

import math

import numpy as np

from graphcore import proto
from graphcore.core.dtypes import as_dtype, string
from graphcore.core.values import constant_array

# The list of TensorProto that holds single values, by the dtype's name.
_FIELD = {
    "float16": "half_val", "bfloat16": "half_val", "float32": "float_val", "float64": "double_val",
    "complex64": "scomplex_val", "complex128": "dcomplex_val", "string": "string_val", "bool": "bool_val",
    "int64": "int64_val", "uint32": "uint32_val", "uint64": "uint64_val",
    **dict.fromkeys("int8 int16 int32 uint8 uint16 qint8 qint16 qint32 quint8 quint16".split(), "int_val"),
}
# What such a list holds, where that is not the array's own elements.
_HELD_AS = {"half_val": np.uint16, "scomplex_val": np.float32, "dcomplex_val": np.float64}
# The types that never go into `tensor_content`.
_LISTED = {"float16", "bfloat16", "uint16", "bool", "string", "complex64", "complex128"}
# Protobuf's own limit on a message; also how far one value may be spread over a shape.
_MOST_BYTES = 1 << 31


def make_tensor_proto(values, dtype=None, shape=None, verify_shape=False, allow_broadcast=False):
    """Return the `TensorProto` of a Python value, nested list or array.

    Without `dtype`, Python's floats become float32 and its ints int32, and arrays keep theirs. `shape` may ask for
    more elements than there are values (the last one is then repeated by whoever reads the proto), never for fewer.

    >>> make_ndarray(make_tensor_proto([1, 2], shape=[2, 2])).tolist()
    [[1, 2], [2, 2]]
    """
    if allow_broadcast and verify_shape:
        raise ValueError("allow_broadcast and verify_shape are not both allowed.")
    if isinstance(values, proto.TensorProto):
        return values
    dtype = as_dtype(dtype) if dtype else None
    if dtype is not None and dtype.np is None:
        raise TypeError(f"Incompatible types: {dtype} vs. {np.asarray(values).dtype}. Value is {values}")
    array = constant_array(values, dtype)
    if shape is not None and math.prod(map(int, shape)) == 0:
        array = constant_array(values, dtype, shape)
    array_dtype = as_dtype(array.dtype)
    dimensions = array.shape if shape is None else [int(size) for size in shape]
    if shape is not None:
        _check_size(array, dimensions, verify_shape, allow_broadcast)
    tensor = proto.TensorProto(dtype=array_dtype.enum)
    tensor.tensor_shape.SetInParent()
    for size in dimensions:
        tensor.tensor_shape.dim.add(size=size)
    _fill(tensor, array, array_dtype, raw=array.size > 1 and array.size == math.prod(dimensions))
    return tensor


def make_ndarray(tensor):
    """Return a new array with the elements of a `TensorProto`.

    A proto that contradicts itself is `ValueError`; a type without values (resource, variant) is `TypeError`.
    """
    if not isinstance(tensor, proto.TensorProto):
        raise TypeError(f"make_ndarray needs a TensorProto, not {tensor!r} of type {type(tensor).__name__}")
    dtype = as_dtype(tensor.dtype)
    if dtype.name not in _FIELD:
        raise TypeError(f"Unsupported tensor type: {tensor.dtype} ({dtype.name})")
    shape = [dimension.size for dimension in tensor.tensor_shape.dim]
    if any(size < 0 for size in shape):
        raise ValueError(f"TensorProto: shape {shape} has a negative dimension; stored values need a full shape")
    # Python's integers: NumPy's product of a hostile shape wraps around and looks small.
    elements = math.prod(shape)
    if tensor.tensor_content:
        return _from_content(tensor.tensor_content, dtype, shape, elements)
    return _spread(_from_list(tensor, dtype), dtype, shape, elements)


def array_proto(array, dtype):
    """The `TensorProto` of an attribute: one value spread over a shape (strides of 0) is written as one value."""
    held = array.reshape(-1)[:1] if array.size > 1 and not any(array.strides) else array
    return make_tensor_proto(held, dtype=dtype, shape=array.shape)


def holds_one_value(tensor):
    """Whether the proto lists a single value, for however many elements."""
    if tensor.tensor_content:
        return False
    field = _FIELD.get(as_dtype(tensor.dtype).name)
    return field is not None and len(getattr(tensor, field)) == (2 if field in ("scomplex_val", "dcomplex_val") else 1)


def _check_size(array, dimensions, verify_shape, allow_broadcast):
    """Raise unless the array fits the shape that was asked for."""
    size = math.prod(dimensions)
    single = allow_broadcast and array.shape in ((), (1,))
    if (verify_shape and array.shape != tuple(dimensions)) or (allow_broadcast and not single and array.size != size):
        raise TypeError(f"Expected Tensor's shape: {tuple(dimensions)}, got {array.shape}.")
    if array.size > size and not single:
        raise ValueError(f"Too many elements provided. Needed at most {size}, but received {array.size}")


def _fill(tensor, array, dtype, raw):
    """Put the array's elements into the proto: as bytes if `raw` and the type allows it, else as a list."""
    field = _FIELD[dtype.name]
    if raw and dtype.name not in _LISTED:
        if array.nbytes >= _MOST_BYTES:
            raise ValueError("Cannot create a tensor proto whose content is larger than 2GB.")
        tensor.tensor_content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        return
    # In this machine's byte order, as views see it.
    flat = array.astype(array.dtype.newbyteorder("="), copy=False).ravel()
    held_as = _HELD_AS.get(field) or (flat.dtype if flat.dtype.fields is None else flat.dtype[0])
    getattr(tensor, field).extend((flat if dtype is string else flat.view(held_as)).tolist())


def _from_content(content, dtype, shape, elements):
    """Return the array whose raw bytes are `content`."""
    if dtype is string:
        raise ValueError("TensorProto: strings cannot come as tensor_content, only as string_val")
    if len(content) != elements * dtype.np.itemsize:
        raise ValueError(f"TensorProto: tensor_content has {len(content)} bytes, but shape {shape} of {dtype.name} "
                         f"needs {elements * dtype.np.itemsize}")
    return _native(np.frombuffer(content, np.uint8), dtype).reshape(shape)


def _native(octets, dtype):
    """Return a new array of `dtype` from little-endian bytes."""
    if dtype.is_bool:
        # A byte that is neither 0 nor 1 is no valid NumPy bool.
        return octets != 0
    return octets.copy().view(dtype.np.newbyteorder("<")).astype(dtype.np, copy=False)


def _from_list(tensor, dtype):
    """Return the values of the proto's list for `dtype`, one-dimensional."""
    field = _FIELD[dtype.name]
    held = list(getattr(tensor, field))
    if dtype is string:
        array = np.empty(len(held), object)
        array[:] = held
        return array
    if field in ("scomplex_val", "dcomplex_val"):
        if len(held) % 2:
            raise ValueError(f"TensorProto: {field} has {len(held)} numbers; complex values need pairs")
        return np.array(held, _HELD_AS[field]).view(dtype.np)
    if field == "half_val":
        return np.array(held, np.int64).astype(np.uint16).view(dtype.np)
    if field == "int_val":
        # Numbers too large for the type wrap around, as in TF.
        return np.array(held, np.int64).astype(dtype.np if dtype.np.fields is None else dtype.np[0]).view(dtype.np)
    return np.array(held, dtype.np)


def _spread(values, dtype, shape, elements):
    """Return the values in their shape, the last one repeated as often as it takes; no values are zeros."""
    if values.size > elements:
        raise ValueError(f"TensorProto: {values.size} values, but shape {shape} has only {elements} elements")
    if values.size < elements and elements * dtype.np.itemsize > _MOST_BYTES:
        raise ValueError(f"TensorProto: shape {shape} asks for {elements} elements of {dtype.name}, more than 2GB, "
                         f"of which the proto holds {values.size}")
    filler = values[-1] if values.size else (b"" if dtype is string else np.zeros((), dtype.np))
    array = np.full(elements, filler, dtype.np)
    array[:values.size] = values
    return array.reshape(shape)
