"""How one op is declared, as text that the recording of TensorFlow's ops and graphcore's own declarations share.

This file is read by the recording interpreter too, so it keeps to what Python 3.7 understands.
"""
# In the order of GraphDef's numbers.
TYPES = ("float32", "float64", "int32", "uint8", "int16", "int8", "string", "complex64", "int64", "bool", "qint8", "quint8", "qint32",
         "bfloat16", "qint16", "quint16", "uint16", "complex128", "float16", "resource", "variant", "uint32", "uint64")
# Sets that occur again and again; `ANY` is said where an attribute does not restrict the type.
SETS = {
    "REAL": "float32 float64 int32 uint8 int16 int8 int64 bfloat16 uint16 float16 uint32 uint64",
    "NUMBERS": "float32 float64 int32 uint8 int16 int8 complex64 int64 qint8 quint8 qint32 bfloat16 uint16 complex128 float16 uint32 "
               "uint64",
    "FLOATS": "float32 float64 bfloat16 float16",
    "INDEX": "int32 int64",
}


def types_text(types):
    """A set of dtype names as text: the name of a common set, or the names in order; None is any."""
    if types is None:
        return "ANY"
    text = " ".join(name for name in TYPES if name in types)
    if text == " ".join(TYPES):
        return "ANY"
    return next((name for name, names in SETS.items() if names == text), text)


def types_of(text):
    """The set of dtype names that a text means."""
    return frozenset(TYPES if text == "ANY" else SETS.get(text, text).split())


def argument_text(name, kind, count=None, ref=False):
    """``name: T``, ``name: N*T`` for a list of N tensors, ``name: Ref(T)``."""
    kind = "%s*%s" % (count, kind) if count else kind
    return "%s: %s" % (name, "Ref(%s)" % kind if ref else kind)


def attribute_text(kind, default=None, allowed=None, minimum=None):
    """``type in REAL = float32``; a list attribute or a counted list says the least length."""
    text = kind
    if allowed is not None:
        text += " in " + allowed
    if minimum is not None:
        text += " >= %d" % minimum
    return text if default is None else "%s = %s" % (text, default)
