"""DType: the recorded answers of TF 1.15 (given in the tests) and what the engine relies on."""

import copy

import ml_dtypes
import numpy as np
import pytest

from graphcore.core import dtypes
from graphcore.core.dtypes import DType, as_dtype


@pytest.mark.parametrize("value, name", [
    (float, "float32"), (bool, "bool"), (object, "string"), ("half", "float16"), ("float", "float32"),
    ("double", "float64"), ("half_ref", "float16_ref"), ("float32_ref", "float32_ref"), (1, "float32"),
    (101, "float32_ref"), (np.float32, "float32"), (np.bool_, "bool"), (np.str_, "string"), (np.object_, "string"),
    (np.dtype("S3"), "string"), (np.dtype("U5"), "string"), (np.dtype("O"), "string"), (np.dtype(">f4"), "float32"),
    (np.longlong, "int64"), (np.intc, "int32"), (np.ulonglong, "uint64"), (ml_dtypes.bfloat16, "bfloat16"),
    (np.dtype([("qint8", np.int8)]), "qint8"), (dtypes.int64, "int64"),
])
def test_as_dtype(value, name):
    assert as_dtype(value).name == name


@pytest.mark.parametrize("value", [int, str, bytes, complex, "f4", "<U5", "O", None, 3.5, 9999, np.datetime64, [],
                                   np.array([1.0]), np.dtype([("a", np.int32)])])
def test_as_dtype_refuses(value):
    with pytest.raises(TypeError, match="Cannot convert value .* to a TensorFlow DType"):
        as_dtype(value)


def test_printed_forms():
    assert repr(dtypes.float32) == "tf.float32"
    assert str(dtypes.float32_ref) == "<dtype: 'float32_ref'>"


@pytest.mark.parametrize("name, enum", [
    ("float32", 1), ("float64", 2), ("int32", 3), ("uint8", 4), ("int16", 5), ("int8", 6), ("string", 7),
    ("complex64", 8), ("int64", 9), ("bool", 10), ("qint8", 11), ("quint8", 12), ("qint32", 13), ("bfloat16", 14),
    ("qint16", 15), ("quint16", 16), ("uint16", 17), ("complex128", 18), ("float16", 19), ("resource", 20),
    ("variant", 21), ("uint32", 22), ("uint64", 23)])
def test_enum_and_reference(name, enum):
    dtype, reference = getattr(dtypes, name), getattr(dtypes, name + "_ref")
    assert (dtype.enum, reference.as_datatype_enum) == (enum, enum + 100)
    assert dtype._as_ref is reference and reference._as_ref is reference
    assert reference.base is reference.base_dtype is dtype.base is dtype
    assert reference.is_ref and not dtype.is_ref
    assert DType(enum) is dtype


def test_equality_is_by_type_and_spelling():
    assert dtypes.float32 == "float32" and dtypes.float32 == np.float32 and dtypes.float32 == float  # noqa: E721
    assert dtypes.float32 == 1 and dtypes.float32 != "half" and dtypes.float32 != "x"
    assert dtypes.float32 != dtypes.float32_ref and dtypes.float32 != None and dtypes.float32 != []  # noqa: E711
    assert dtypes.int32 != int  # noqa: E721


def test_compatible_with_references_of_the_same_type():
    assert dtypes.float32.is_compatible_with(dtypes.float32_ref)
    assert not dtypes.float32_ref.is_compatible_with(dtypes.float32)
    with pytest.raises(TypeError, match="Cannot convert value 'x'"):
        dtypes.float32.is_compatible_with("x")


def test_kinds():
    kinds = ("is_bool", "is_integer", "is_floating", "is_complex", "is_quantized", "is_unsigned")
    told = {name: [kind for kind in kinds if getattr(getattr(dtypes, name), kind)]
            for name in ("bool", "int8", "uint64", "bfloat16", "float32_ref", "complex64", "quint8", "string")}
    assert told == {"bool": ["is_bool"], "int8": ["is_integer"], "uint64": ["is_integer", "is_unsigned"],
                    "bfloat16": ["is_floating"], "float32_ref": ["is_floating"], "complex64": ["is_complex"],
                    "quint8": ["is_quantized"], "string": []}


def test_numpy_types():
    assert dtypes.float32.as_numpy_dtype is np.float32
    assert dtypes.string.as_numpy_dtype is object
    assert dtypes.bool.as_numpy_dtype is bool
    assert dtypes.bfloat16.as_numpy_dtype is ml_dtypes.bfloat16
    assert dtypes.qint32.as_numpy_dtype == np.dtype([("qint32", "<i4")])
    assert dtypes.float32_ref.np == np.dtype("float32") and dtypes.variant.np is None
    with pytest.raises(KeyError, match="20"):
        dtypes.resource.as_numpy_dtype  # noqa: B018


def test_limits_and_sizes():
    assert (dtypes.int8.min, dtypes.int8.max, dtypes.int8.limits) == (-128, 127, (0, 127))
    assert dtypes.uint64.max == 18446744073709551615
    assert float(dtypes.float32.max) == pytest.approx(3.4028235e38)
    assert float(dtypes.bfloat16.min) == pytest.approx(-3.38953139e38)
    assert dtypes.float32.limits == (0, 1)
    assert [d.size for d in (dtypes.float16, dtypes.string, dtypes.resource, dtypes.complex64)] == [2, 8, 1, 8]
    for dtype in (dtypes.bool, dtypes.complex64, dtypes.qint8, dtypes.string, dtypes.resource):
        with pytest.raises(TypeError, match=f"Cannot find minimum value of <dtype: '{dtype.name}'>."):
            dtype.min  # noqa: B018


def test_real_dtype():
    assert dtypes.complex64_ref.real_dtype is dtypes.float32
    assert dtypes.complex128.real_dtype is dtypes.float64
    assert dtypes.float32_ref.real_dtype is dtypes.float32_ref


def test_one_object_per_type():
    assert copy.deepcopy(dtypes.float32) is dtypes.float32
    with pytest.raises(TypeError, match="type_enum is not a valid types_pb2.DataType: 77"):
        DType(77)
    with pytest.raises(AttributeError, match="shared"):
        dtypes.float32.name = "x"


def test_sets():
    assert dtypes.REAL == dtypes.NUMERIC - dtypes.COMPLEX
    assert len(dtypes.ALL) == 23 and not any(dtype.is_ref for dtype in dtypes.ALL)
    assert dtypes.qint8_ref in dtypes.QUANTIZED_DTYPES and dtypes.qint8_ref not in dtypes.QUANTIZED
