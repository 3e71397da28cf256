"""Attributes of operations ↔ AttrValue messages."""

import math

import numpy as np

from graphcore import proto
from graphcore.core.dtypes import DType, as_dtype
from graphcore.core.node import method_of
from graphcore.core.opdef import Attr, TypeAttr, TypeListAttr
from graphcore.core.shapes import TensorShape, format_shape
from graphcore.interop.tensors import array_proto, holds_one_value, make_ndarray

_MOST_RANKS = 254  # TF allows no more dimensions
_MOST_ELEMENTS = 2**63 - 1
_FIELDS = {bool: "b", int: "i", float: "f", bytes: "s", DType: "type", TensorShape: "shape", np.ndarray: "tensor"}


# ---------------------------------------------------------------- writing


def write_attr(message, value, declared, op=None):
    """Fill an AttrValue; the declaration decides where Python's types do not."""
    if isinstance(declared, TypeListAttr) or isinstance(declared, Attr) and isinstance(declared.kind, list):
        _write_list(message.list, value, declared)
    elif isinstance(value, tuple):
        _write_list(message.list, value, None)
    elif isinstance(value, (bool, np.bool_)):
        message.b = bool(value)
    elif isinstance(value, int):
        message.i = value
    elif isinstance(value, float):
        message.f = value
    elif isinstance(value, (bytes, str)):
        message.s = value.encode() if isinstance(value, str) else value
    elif isinstance(value, DType):
        message.type = value.enum
    elif isinstance(value, TensorShape):
        write_shape(message.shape, value)
    elif isinstance(value, np.ndarray):
        message.tensor.CopyFrom(array_proto(value, op.attrs.get("dtype")))
    else:
        raise TypeError(f"attribute of {op.name if op else '?'} cannot be exported: {value!r}")


def _write_list(message, values, declared):
    message.SetInParent()
    for value in values:
        if isinstance(value, bool):
            message.b.append(value)
        elif isinstance(value, int):
            message.i.append(value)
        elif isinstance(value, float):
            message.f.append(value)
        elif isinstance(value, (bytes, str)):
            message.s.append(value.encode() if isinstance(value, str) else value)
        elif isinstance(value, DType):
            message.type.append(value.enum)
        elif isinstance(value, TensorShape):
            write_shape(message.shape.add(), value)
        else:
            raise TypeError(f"list attribute cannot be exported: {value!r}")


def write_shape(message, shape):
    message.SetInParent()
    if shape.sizes is None:
        message.unknown_rank = True
    else:
        for size in shape.sizes:
            message.dim.add(size=-1 if size is None else size)


@method_of(TensorShape)
def as_proto(self):
    """This shape as a `TensorShapeProto`."""
    message = proto.TensorShapeProto()
    write_shape(message, self)
    return message


# ---------------------------------------------------------------- reading


def read_attr(message, declared, node, key):
    """An AttrValue in the form that operations keep; ValueError if it is not of the declared kind."""
    kind = message.WhichOneof("value")
    wanted = _wanted_kind(declared)
    if wanted is not None and kind != wanted:
        raise ValueError(f"AttrValue of '{key}' of node '{node}' is {kind or 'empty'}, expected {wanted}")
    if kind == "list":
        return _read_list(message.list, declared, f"'{key}' of node '{node}'")
    if kind == "type":
        return _read_type(message.type, f"'{key}' of node '{node}'")
    if kind == "shape":
        return _read_shape(message.shape)
    if kind == "tensor":
        return _frozen(_array(message.tensor))
    if kind == "func":
        raise ValueError(f"attribute '{key}' of node '{node}' is a function; functions are not built yet")
    return getattr(message, kind) if kind else None


def _wanted_kind(declared):
    if declared is None:
        return None
    if isinstance(declared, TypeAttr):
        return "type"
    if isinstance(declared, TypeListAttr) or isinstance(declared.kind, list):
        return "list"
    return _FIELDS[declared.kind]


def _read_type(enum, whose="an attribute"):
    try:
        dtype = as_dtype(enum)
    except TypeError:
        raise ValueError(f"AttrValue of {whose} has invalid DataType {enum}") from None
    if dtype.is_ref:
        raise ValueError(f"AttrValue of {whose} must not have reference type value of {dtype.name}")
    return dtype


def _array(message):
    try:
        array = make_ndarray(message)
    except TypeError as error:
        raise ValueError(str(error)) from None
    if array.size > 1 and holds_one_value(message):
        return np.broadcast_to(array.reshape(-1)[:1].copy().reshape(()), array.shape)  # kept, and written again, as one value
    return array


def _read_shape(message):
    if message.unknown_rank:
        return TensorShape.of(None)
    if len(message.dim) > _MOST_RANKS:
        raise ValueError(f"a shape of {len(message.dim)} dimensions; at most {_MOST_RANKS} are possible")
    if any(d.size < -1 for d in message.dim):
        raise ValueError(f"a shape with negative sizes: {[d.size for d in message.dim]}")
    sizes = tuple(None if d.size == -1 else d.size for d in message.dim)
    if math.prod(size for size in sizes if size is not None) > _MOST_ELEMENTS:
        raise ValueError(f"Shape {format_shape(sizes)} is too large (more than 2**63 - 1 entries)")
    return TensorShape.of(sizes)


def _read_list(message, declared, whose):
    fields = [field for field in ("s", "i", "f", "b", "type", "shape", "tensor", "func") if len(getattr(message, field))]
    wanted = "type" if isinstance(declared, TypeListAttr) else _FIELDS[declared.kind[0]] if declared is not None else None
    if len(fields) > 1 or fields and wanted not in (None, fields[0]):
        raise ValueError(f"AttrValue of {whose} is a list of {' and '.join(fields)}, expected a list of {wanted or 'one kind'}")
    if fields == ["func"]:
        raise ValueError(f"attribute {whose} has functions; functions are not built yet")
    convert = {"type": _read_type, "shape": _read_shape, "tensor": lambda tensor: _frozen(_array(tensor))}
    return tuple([convert[field](v) if field in convert else v for field in fields for v in getattr(message, field)])


def _frozen(array):
    array = np.asarray(array)
    if array.flags.owndata or array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


__all__ = ["read_attr", "write_attr", "write_shape"]
