"""Recorded graphs back into GraphDefs: what `canonical.encode_graph` wrote as text, as messages."""

import ast
import re

import numpy as np

from graphcore import proto
from graphcore.core import dtypes
from graphcore.core.shapes import TensorShape
from graphcore.interop.attributes import write_attr
from graphcore.interop.tensors import make_tensor_proto

_TENSOR = re.compile(r"^(\w+)\[([\d,]*)\]\{(.*)\}$", re.DOTALL)
_ITEMS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,\s]+""")


def decode_graph(nodes):
    """A GraphDef of recorded nodes; tensors too large to be recorded are zeros."""
    message = proto.GraphDef()
    for name, op, inputs, attrs, device in nodes:
        node = message.node.add(name=name, op=op, device=device)
        node.input.extend(inputs)
        for key, text in attrs.items():
            decode_attr(node.attr[key], text)
        if op in ("PyFunc", "PyFuncStateless"):  # its token differs from run to run and is not recorded
            node.attr["token"].s = b"pyfunc_0"
    return message


def decode_attr(message, text):
    """Fill an AttrValue from its text."""
    if text.startswith("list("):
        message.list.SetInParent()
        items = [value_of(item) for item in _ITEMS.findall(text[5:-1])]
        if items:
            write_attr(message, tuple(items), None)
        return
    tensor = _TENSOR.match(text)
    if tensor:
        message.tensor.CopyFrom(decode_tensor(*tensor.groups()))
    elif text != "none":
        write_attr(message, value_of(text), None)


def value_of(text):
    """The Python value of a text that is no tensor and no list."""
    if text in ("true", "false"):
        return text == "true"
    if text[0] in "'\"":
        return ast.literal_eval(text).encode("latin-1")
    if text == "unknown":
        return TensorShape(None)
    if text[0] == "[":
        return TensorShape([None if size == "?" else int(size) for size in text[1:-1].split(",") if size])
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    try:
        return dtypes.as_dtype(text)
    except TypeError:
        return float(text)


def decode_tensor(dtype, sizes, values):
    """A TensorProto of its recorded dtype, sizes and values."""
    dtype, shape = dtypes.as_dtype(dtype), [int(size) for size in sizes.split(",") if size]
    if values.startswith("sha1="):
        return make_tensor_proto(np.zeros(shape, dtype.np), dtype)
    if dtype is dtypes.string:
        items = [text.encode("latin-1") for text in ast.literal_eval(f"[{values}]")]
    else:
        items = [scalar(text, dtype) for text in values.split(",") if text]
    array = np.empty(len(items), dtype.np)
    array[:] = items
    return make_tensor_proto(array.reshape(shape), dtype)


def scalar(text, dtype):
    if dtype.is_bool:
        return text in ("True", "1")
    return complex(text) if dtype.is_complex else int(text) if dtype.is_integer else float(text)
