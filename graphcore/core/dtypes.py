"""The types a tensor's elements can have: `DType`, one object per type, and the sets ops choose from."""

import builtins
import sys

import numpy as np

# name -> (number in GraphDef, NumPy type, kind); a number above 100 is the same type behind a reference.
_TYPES = {
    "float32": (1, np.float32, "floating"),
    "float64": (2, np.float64, "floating"),
    "int32": (3, np.int32, "integer"),
    "uint8": (4, np.uint8, "integer"),
    "int16": (5, np.int16, "integer"),
    "int8": (6, np.int8, "integer"),
    "string": (7, np.object_, "string"),
    "complex64": (8, np.complex64, "complex"),
    "int64": (9, np.int64, "integer"),
    "bool": (10, np.bool_, "bool"),
    "qint8": (11, np.dtype([("qint8", np.int8)]), "quantized"),
    "quint8": (12, np.dtype([("quint8", np.uint8)]), "quantized"),
    "qint32": (13, np.dtype([("qint32", np.int32)]), "quantized"),
    "bfloat16": (14, None, "floating"),  # ml_dtypes' own, which is imported when it is needed: see `DType.__getattr__`
    "qint16": (15, np.dtype([("qint16", np.int16)]), "quantized"),
    "quint16": (16, np.dtype([("quint16", np.uint16)]), "quantized"),
    "uint16": (17, np.uint16, "integer"),
    "complex128": (18, np.complex128, "complex"),
    "float16": (19, np.float16, "floating"),
    "resource": (20, None, "handle"),
    "variant": (21, None, "handle"),
    "uint32": (22, np.uint32, "integer"),
    "uint64": (23, np.uint64, "integer"),
}
_REF = 100
_SHORT_NAMES = {"half": "float16", "float": "float32", "double": "float64"}
# What `as_numpy_dtype` gives where it is not simply the scalar type.
_PUBLIC_NUMPY = {"string": object, "bool": builtins.bool}
_BY_ENUM = {}


class DType:
    """The type of a tensor's elements, such as `tf.float32`; there is one object per type.

    `np` is the NumPy dtype the values are held in (object for strings, None for handles), `enum` the
    number used in GraphDef, `base` the type without reference, `is_ref` whether this is a reference type.
    """

    __slots__ = ("name", "enum", "np", "base", "base_dtype", "is_ref", "as_datatype_enum", "is_numpy_compatible",
                 "is_bool", "is_integer", "is_floating", "is_complex", "is_quantized", "is_unsigned",
                 "_as_ref", "_is_ref_dtype", "_type_enum", "__weakref__")

    def __new__(cls, type_enum):
        found = _BY_ENUM.get(int(type_enum))
        if found is None:
            raise TypeError(f"type_enum is not a valid types_pb2.DataType: {type_enum}")
        return found

    def __init__(self, type_enum):
        """Nothing is left to do: ``DType(number)`` gives the type of that number in GraphDefs, which is there already."""

    def __getattr__(self, attribute):
        """``np`` of bfloat16, the one attribute that is not there from the beginning."""
        if attribute == "np" and self.name in ("bfloat16", "bfloat16_ref"):
            return _with_bfloat16()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {attribute!r}")

    def __setattr__(self, attribute, value):
        raise AttributeError(f"can't set attribute {attribute!r}: {self!r} is shared by the whole program")

    __hash__ = object.__hash__

    def __eq__(self, other):
        if self is other:
            return True
        if other is None or other.__class__ is DType:
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __ne__(self, other):
        return not self == other

    def __repr__(self):
        return "tf." + self.name

    def __str__(self):
        return f"<dtype: {self.name!r}>"

    def __reduce__(self):
        return as_dtype, (self.name,)

    @property
    def as_numpy_dtype(self):
        """The NumPy type: a scalar class (`np.float32`, `object`, `bool`), a structured dtype if quantized."""
        if self.np is None:
            raise KeyError(f"{self.enum}: {self!r} has no NumPy type, its values are handles")
        return _PUBLIC_NUMPY.get(self.base.name) or (self.np if self.is_quantized else self.np.type)

    @property
    def real_dtype(self):
        """The type of the real part; the type itself if it is not complex."""
        return {"complex64": float32, "complex128": float64}.get(self.base.name, self)

    @property
    def size(self):
        """Bytes per element as NumPy holds it; 1 for handles."""
        return 1 if self.np is None else self.np.itemsize

    @property
    def min(self):
        """The smallest finite value; TypeError unless the type is a plain number."""
        return self._limits("minimum").min

    @property
    def max(self):
        """The largest finite value; TypeError unless the type is a plain number."""
        return self._limits("maximum").max

    def _limits(self, which):
        if self.is_integer:
            return np.iinfo(self.np)
        if self.is_floating:
            # NumPy's finfo does not know bfloat16; ml_dtypes' own knows all of them.
            if self.base is not bfloat16:
                return np.finfo(self.np)
            import ml_dtypes

            return ml_dtypes.finfo(self.np)
        raise TypeError(f"Cannot find {which} value of {self}.")

    @property
    def limits(self):
        """`(0, top)` of the brightness an image of this type holds: 1 for floats, `max` for integers."""
        if self.is_integer:
            return 0, int(np.iinfo(self.np).max)
        if self.base in (float32, float64):
            return 0, 1
        # A bool image is looked up under NumPy's bool, which TF's own table then lacks.
        raise KeyError(self.as_numpy_dtype)

    def is_compatible_with(self, other):
        """Whether a tensor of type `other` is accepted where this type is wanted: equal, or a reference to it."""
        other = as_dtype(other)
        return self is other or self is other.base


def _make(name, enum, numpy_type, kind, base=None):
    """Create the one `DType` of that name and number; `base` is given for reference types."""
    dtype = object.__new__(DType)
    kinds = {"is_" + each: kind == each for each in ("bool", "integer", "floating", "complex", "quantized")}
    numpy_dtype = None if numpy_type is None else np.dtype(numpy_type)
    fields = dict(kinds, name=name, enum=enum, np=numpy_dtype, base=base or dtype, is_ref=base is not None,
                  base_dtype=base or dtype, _is_ref_dtype=base is not None, as_datatype_enum=enum, _type_enum=enum,
                  is_numpy_compatible=kind != "handle",
                  is_unsigned=kind == "integer" and numpy_dtype.kind == "u")
    if name.startswith("bfloat16"):
        del fields["np"]
    for field, value in fields.items():
        object.__setattr__(dtype, field, value)
    _BY_ENUM[enum] = dtype
    return dtype


def _make_pair(name):
    """Create a type and its reference type; return the two."""
    enum, numpy_type, kind = _TYPES[name]
    plain = _make(name, enum, numpy_type, kind)
    reference = _make(name + "_ref", enum + _REF, numpy_type, kind, base=plain)
    for dtype in (plain, reference):
        object.__setattr__(dtype, "_as_ref", reference)
    return plain, reference


float16, float16_ref = _make_pair("float16")
float32, float32_ref = _make_pair("float32")
float64, float64_ref = _make_pair("float64")
bfloat16, bfloat16_ref = _make_pair("bfloat16")
int8, int8_ref = _make_pair("int8")
int16, int16_ref = _make_pair("int16")
int32, int32_ref = _make_pair("int32")
int64, int64_ref = _make_pair("int64")
uint8, uint8_ref = _make_pair("uint8")
uint16, uint16_ref = _make_pair("uint16")
uint32, uint32_ref = _make_pair("uint32")
uint64, uint64_ref = _make_pair("uint64")
complex64, complex64_ref = _make_pair("complex64")
complex128, complex128_ref = _make_pair("complex128")
bool, bool_ref = _make_pair("bool")
string, string_ref = _make_pair("string")
resource, resource_ref = _make_pair("resource")
variant, variant_ref = _make_pair("variant")
qint8, qint8_ref = _make_pair("qint8")
qint16, qint16_ref = _make_pair("qint16")
qint32, qint32_ref = _make_pair("qint32")
quint8, quint8_ref = _make_pair("quint8")
quint16, quint16_ref = _make_pair("quint16")
half, half_ref = float16, float16_ref
double, double_ref = float64, float64_ref

FLOATS = frozenset({float16, bfloat16, float32, float64})
INTS = frozenset({int8, int16, int32, int64, uint8, uint16, uint32, uint64})
COMPLEX = frozenset({complex64, complex128})
REAL = FLOATS | INTS
NUMERIC = REAL | COMPLEX
QUANTIZED = frozenset({qint8, quint8, qint16, quint16, qint32})
HANDLES = frozenset({resource, variant})
ALL = NUMERIC | QUANTIZED | HANDLES | {bool, string}
INDICES = frozenset({int32, int64})
NUMBERS = NUMERIC | {qint8, quint8, qint32}  # "numbertype" of most reductions
QUANTIZED_DTYPES = QUANTIZED | frozenset(dtype._as_ref for dtype in QUANTIZED)


_FLOATS_FIRST = ("bfloat16", "float16", "float32", "float64", "uint8", "int8", "uint16", "int16", "int32", "int64", "complex64",
                 "complex128", "string", "bool")


_RUNTIME_NAMES = {"float16": "half", "float32": "float", "float64": "double"}


def runtime_name(dtype):
    """What the messages of TF's runtime call a dtype."""
    return _RUNTIME_NAMES.get(dtype.base.name, dtype.base.name)


def in_tf_order(dtypes):
    """The dtypes that an op allows, as a list in the order in which TF's messages name them."""
    names = {dtype.name for dtype in dtypes}
    if dtypes == FLOATS:
        return [float16, bfloat16, float32, float64]
    # Wide sets stand in the order of their numbers, the others begin with the floating point ones.
    if names <= set(_FLOATS_FIRST) and ("float16" in names or "string" in names and len(names) <= 5):
        return sorted(dtypes, key=lambda dtype: _FLOATS_FIRST.index(dtype.name))
    return sorted(dtypes, key=lambda dtype: dtype.enum)


def _table():
    """Everything `as_dtype` takes, except NumPy dtypes with a length or a foreign byte order."""
    table = {dtype.name: dtype for dtype in _BY_ENUM.values()}
    table.update(_BY_ENUM)
    for short, name in _SHORT_NAMES.items():
        table[short], table[short + "_ref"] = table[name], table[name + "_ref"]
    for dtype in ALL - {bfloat16}:
        if dtype.np is not None:
            table[dtype.np] = dtype
            if not dtype.is_quantized:
                table[dtype.np.type] = dtype
    # On some platforms C's long is a type of its own beside the one of equal width.
    for alias in (np.intc, np.int_, np.longlong, np.uintc, np.uint, np.ulonglong):
        table.setdefault(alias, table[np.dtype(f"{np.dtype(alias).kind}{np.dtype(alias).itemsize}")])
    table.update({np.str_: string, np.bytes_: string})
    table.update({builtins.float: float32, builtins.bool: bool, builtins.object: string})
    return table


_KNOWN = _table()


def _with_bfloat16():
    """NumPy's dtype of bfloat16, which is known from now on."""
    import ml_dtypes

    found = np.dtype(ml_dtypes.bfloat16)
    for dtype in (bfloat16, bfloat16_ref):
        object.__setattr__(dtype, "np", found)
    _KNOWN[found] = _KNOWN[found.type] = bfloat16
    return found


def is_bfloat16(dtype):
    """Whether a NumPy dtype is that of bfloat16."""
    return dtype.kind == "V" and dtype.name == "bfloat16"


def as_dtype(type_value):
    """Return the `DType` for a DType, a name, a NumPy type or dtype, `float`, `bool`, `object` or a GraphDef number."""
    if type_value.__class__ is DType:
        return type_value
    try:
        return _KNOWN[type_value]
    except (KeyError, TypeError):
        pass
    # Strings of a fixed length and foreign byte orders are known by their scalar class.
    if isinstance(type_value, np.dtype) and type_value.type in _KNOWN:
        return _KNOWN[type_value.type]
    # Who has NumPy's bfloat16 has imported the library that it is from.
    if "ml_dtypes" in sys.modules and isinstance(type_value, (np.dtype, type)) and type_value in (bfloat16.np, bfloat16.np.type):
        return bfloat16
    raise TypeError(f"Cannot convert value {type_value!r} to a TensorFlow DType.")

__all__ = ["DType", "QUANTIZED_DTYPES", "as_dtype", *sorted(dtype.name for dtype in ALL), *_SHORT_NAMES]
__all__.remove("float")
