"""``tf.dtypes``: the types of elements, and conversions between them."""

# ruff: noqa: F401
from graphcore.core.dtypes import (
    QUANTIZED_DTYPES,
    DType,
    as_dtype,
    bfloat16,
    bool,
    complex64,
    complex128,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    qint8,
    qint16,
    qint32,
    quint8,
    quint16,
    resource,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
    variant,
)
from graphcore.ops.casting import cast, saturate_cast
from graphcore.ops.complex_numbers import complex
from graphcore.ops.strings import as_string
