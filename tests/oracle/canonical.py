"""Values and GraphDefs as plain JSON that is equal exactly when they are.

Floats are written in the shortest decimal form that reads back to the same bits of their own dtype.
Read by the recording interpreter too (Python 3.7).
"""
import hashlib

import numpy as np

# Numbers of TF's DataType enum; a reference type is its base plus 100.
TYPES = {0: "invalid", 1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string",
         8: "complex64", 9: "int64", 10: "bool", 11: "qint8", 12: "quint8", 13: "qint32", 14: "bfloat16",
         15: "qint16", 16: "quint16", 17: "uint16", 18: "complex128", 19: "float16", 20: "resource",
         21: "variant", 22: "uint32", 23: "uint64"}
VALUE_FIELD = {"float32": "float_val", "float64": "double_val", "int32": "int_val", "uint8": "int_val",
               "int16": "int_val", "int8": "int_val", "uint16": "int_val", "string": "string_val",
               "complex64": "scomplex_val", "complex128": "dcomplex_val", "int64": "int64_val", "bool": "bool_val",
               "uint32": "uint32_val", "uint64": "uint64_val"}
LARGEST_PRINTED = 64
# Not part of the promise: shapes TF notes on nodes for itself, and py_func's per-process token.
UNRECORDED = {"_output_shapes", "token"}


# ------------------------------------------------------------------ values
def encode(value):
    """JSON form of a value that a program returned."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, (np.ndarray, np.generic)):
        return encode_array(value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()], "type": type(value).__name__}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {"tuple": [encode(item) for item in value], "fields": list(value._fields), "type": type(value).__name__}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    raise TypeError("a program may not return a %s: %r" % (type(value).__name__, value))


def encode_array(value):
    """JSON form of an array or NumPy scalar, with dtype and shape."""
    kind = "array" if isinstance(value, np.ndarray) else "scalar"
    array = np.asarray(value)
    return {kind: [plain(item, array.dtype) for item in array.ravel()], "dtype": dtype_name(array.dtype),
            "shape": list(array.shape)}


def dtype_name(dtype):
    """TF's name of an array's dtype: arrays of bytes are strings."""
    return "string" if dtype.kind in "OSU" else dtype.name


def plain(item, dtype):
    """One array element as JSON."""
    if dtype.kind == "b":
        return bool(item)
    if dtype.kind in "iu":
        return int(item)
    if dtype.kind == "c":
        part = np.float32 if dtype.itemsize == 8 else np.float64
        return [shortest(part(item.real)), shortest(part(item.imag))]
    if dtype.kind in "OSU":
        # An element that is `bytes`, as strings are, is plain text here; a `str` says so.
        return item.decode("latin-1") if isinstance(item, bytes) else {"str": str(item)}
    return shortest(item)


def shortest(item):
    """A Python float whose decimal form is the shortest that reads back to ``item`` in its own dtype."""
    return float(item) if np.dtype(type(item)) == np.float64 else float(str(item))


# ------------------------------------------------------------------ graphs
def encode_graph(graph_def):
    """Nodes of a GraphDef: [name, op, inputs, {attr: text}, device]."""
    return [[node.name, node.op, list(node.input), encode_attrs(node.attr), node.device] for node in graph_def.node]


def encode_attrs(attrs):
    """Attributes of one node as text by name, in the order of their names."""
    return {key: attr_text(attrs[key]) for key in sorted(attrs) if key not in UNRECORDED}


def attr_text(attr):
    """One attribute as text: float32, [1,?], int32[2]{1,2}, 3, 0.5, true, 'text', list(…)."""
    field = attr.WhichOneof("value")
    if field == "list":
        return "list(%s)" % ", ".join(list_items(attr.list))
    if field is None:
        return "none"
    return WRITERS[field](getattr(attr, field))


def list_items(items):
    """Texts of a list attribute's items."""
    return [WRITERS[field](item) for field in ("s", "i", "f", "b", "type", "shape", "tensor", "func")
            for item in getattr(items, field)]


def type_text(number):
    return TYPES[number] if number < 100 else TYPES[number - 100] + "_ref"


def shape_text(shape):
    if shape.unknown_rank:
        return "unknown"
    return "[%s]" % ",".join("?" if dim.size < 0 else str(dim.size) for dim in shape.dim)


def tensor_text(proto):
    """A TensorProto by dtype, shape and value, however its value happens to be stored."""
    name, shape = TYPES[proto.dtype], [dim.size for dim in proto.tensor_shape.dim]
    values = tensor_values(proto, name, int(np.prod(shape, dtype=np.int64)))
    if len(values) > LARGEST_PRINTED:
        printed = "sha1=" + hashlib.sha1(" ".join(values).encode()).hexdigest()
    else:
        printed = ",".join(values)
    return "%s[%s]{%s}" % (name, ",".join(map(str, shape)), printed)


def tensor_values(proto, name, count):
    """Texts of a TensorProto's elements."""
    if name in ("float16", "bfloat16"):
        items = half_values(proto, name)
    elif proto.tensor_content:
        items = np.frombuffer(proto.tensor_content, dtype=name)
    elif name == "string":
        items = [repr(item.decode("latin-1")) for item in proto.string_val]
    elif name in ("complex64", "complex128"):
        parts = np.array(getattr(proto, VALUE_FIELD[name]), dtype="float32" if name == "complex64" else "float64")
        items = (parts[0::2] + 1j * parts[1::2]).astype(name)
    else:
        items = np.array(getattr(proto, VALUE_FIELD[name]), dtype=name)
    texts = [str(item) for item in items]
    # A TensorProto may leave out repetitions of its last element.
    return (texts + texts[-1:] * (count - len(texts)) if texts else ["0"] * count)


def half_values(proto, name):
    """Elements of a float16 or bfloat16 TensorProto."""
    bits = np.frombuffer(proto.tensor_content, np.uint16) if proto.tensor_content else np.array(proto.half_val, np.uint16)
    if name == "float16":
        return bits.view(np.float16)
    return (bits.astype(np.uint32) << 16).view(np.float32)


WRITERS = {
    "s": lambda value: repr(value.decode("latin-1")),
    "i": lambda value: "%d" % value,
    "f": lambda value: str(np.float32(value)),
    "b": lambda value: "true" if value else "false",
    "type": type_text,
    "shape": shape_text,
    "tensor": tensor_text,
    "func": lambda value: "func:%s" % value.name,
    "placeholder": lambda value: "placeholder:%s" % value,
}


def listing(nodes):
    """Encoded nodes as text, one a line, for people to read and compare."""
    return "\n".join(node_line(*node) for node in nodes)


def node_line(name, op, inputs, attrs, device):
    shown = " ".join("%s=%s" % item for item in sorted(attrs.items()))
    where = " @" + device if device else ""
    return "%s = %s(%s) {%s}%s" % (name, op, ", ".join(inputs), shown, where)
