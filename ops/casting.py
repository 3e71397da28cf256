"""From one dtype to another: by value (``cast``) or by bits (``bitcast``)."""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import COMPLEX, FLOATS, NUMERIC, QUANTIZED, as_dtype, runtime_name
from graphcore.core.errors import InvalidArgumentError, UnimplementedError
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch
from graphcore.ops.operands import is_slices, with_values

_CONTINUOUS = FLOATS | COMPLEX


class Cast(Op, aliases=True):
    """``x`` in another dtype: to integers toward zero, to bool whether it is not 0, from complex the real part."""

    SrcT = TypeAttr(dtypes.ALL)
    DstT = TypeAttr(dtypes.ALL)
    Truncate = Attr(bool, default=False)
    x = Input(SrcT)
    y = Output(DstT)

    example = dict(x=[1.5, -1.5, 0.0], DstT=dtypes.int32, y=np.array([1, -1, 0], np.int32))
    loop = "x"

    def infer(node):
        return node.x.shape

    def kernel(x, *, SrcT, DstT):
        if SrcT is DstT:
            return x
        if SrcT not in _CASTABLE or DstT not in _CASTABLE:
            raise UnimplementedError(None, None, f"Cast {runtime_name(SrcT)} to {runtime_name(DstT)} is not supported")
        return _converted(x, DstT)

    def grad(node, grad):
        source = node.x.dtype.base
        return cast(grad, source) if source in _CONTINUOUS and grad.dtype.base in _CONTINUOUS else None


_CASTABLE = NUMERIC | {dtypes.bool}


def _converted(x, dtype):
    if x.dtype.kind == "c" and not dtype.is_complex:
        # The imaginary part counts for nothing, not even for bool.
        x = x.real
    if dtype.is_integer and x.dtype.kind not in "iub":
        return _truncated(x, dtype.np)
    return x.astype(dtype.np)


def _truncated(x, wanted):
    """Floating-point numbers as integers, toward zero; what does not fit becomes what x86, and so TF, makes of it."""
    if x.dtype.itemsize == 2:
        x = x.astype(np.float32)
    if wanted == np.uint64:
        big = x >= _HALF_OF_ALL
        return _in_range(np.where(big, x - _HALF_OF_ALL, x), np.int64).astype(wanted) ^ (big.astype(wanted) << np.uint64(63))
    if wanted == np.int64 or wanted == np.uint32:
        return _in_range(x, np.int64).astype(wanted, copy=False)
    return _in_range(x, np.int32).astype(wanted, copy=False)


_HALF_OF_ALL = np.float32(2.0 ** 63)


def _in_range(x, wanted):
    """``x`` truncated to int32 or int64; the smallest of these for NaN and what does not fit."""
    lowest = x.dtype.type(np.iinfo(wanted).min)
    inside = (x >= lowest) & (x < -lowest)
    if inside.all():
        return x.astype(wanted)
    return np.where(inside, x, lowest).astype(wanted)



_BITS = NUMERIC | QUANTIZED


class Bitcast(Op, aliases=True, refuses=True):
    """The same bytes read as another dtype.

    A larger element is split along a new last axis; smaller ones are joined along the last axis, which goes.
    """

    T = TypeAttr(_BITS)
    type = TypeAttr(_BITS)
    input = Input(T)
    output = Output(type)

    example = dict(input=np.array([1.0], np.float32), type=dtypes.int32, output=np.array([1065353216], np.int32))

    def infer(node):
        sizes, old, new = node.input.shape.sizes, node.T.size, node.type.size
        if sizes is None or old == new:
            return sizes
        if old > new:
            return *sizes, old // new
        if not sizes:
            raise ShapeMismatch("Shape must be at least rank 1 but is rank 0")
        if sizes[-1] not in (None, new // old):
            raise ShapeMismatch(f"Cannot bitcast due to shape. {sizes[-1]} does not match {new // old}")
        return sizes[:-1]

    def kernel(input, *, T, type):
        old, new = T.np.itemsize, type.np.itemsize
        plain = np.ascontiguousarray(input).reshape(np.shape(input))
        if old == new:
            return plain.view(type.np)
        if old > new:
            return plain[..., np.newaxis].view(type.np)
        if plain.ndim == 0 or plain.shape[-1] != new // old:
            raise InvalidArgumentError(None, None, f"Cannot bitcast from {T.enum} to {type.enum}: {T.name} to {type.name} takes "
                                                   f"a last size of {new // old}, the shape is {list(plain.shape)}")
        return plain.view(type.np)[..., 0]


bitcast = Bitcast.function()


def cast(x, dtype, name=None):
    """``x`` in another dtype: floats to integers toward zero, numbers to bool whether they are not 0.

    A tensor that has ``dtype`` already is returned as it is.  Of IndexedSlices and sparse tensors the values are cast.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.cast([1.8, -2.2], tf.int32))
    array([ 1, -2], dtype=int32)
    """
    base = as_dtype(dtype).base
    if isinstance(x, Tensor) and x.dtype == base:
        return x
    with name_scope(name, "Cast", [x]) as name:
        if is_slices(x):
            x = with_values(x, cast(x.values, base, name=name))
        else:
            x = to_tensor(x, name="x")
            if x.dtype.base is not base:
                x = Cast.build(x, DstT=base, name=name)
    if x.dtype.is_complex and base.is_floating:
        import logging  # rarely needed

        logging.getLogger("graphcore").warning("Casting complex to real discards imaginary part.")
    return x


def to_float(x, name="ToFloat"):
    """``tf.cast(x, tf.float32)``"""
    return cast(x, dtypes.float32, name=name)


def to_double(x, name="ToDouble"):
    """``tf.cast(x, tf.float64)``"""
    return cast(x, dtypes.float64, name=name)


def to_int32(x, name="ToInt32"):
    """``tf.cast(x, tf.int32)``"""
    return cast(x, dtypes.int32, name=name)


def to_int64(x, name="ToInt64"):
    """``tf.cast(x, tf.int64)``"""
    return cast(x, dtypes.int64, name=name)


def to_bfloat16(x, name="ToBFloat16"):
    """``tf.cast(x, tf.bfloat16)``"""
    return cast(x, dtypes.bfloat16, name=name)


def to_complex64(x, name="ToComplex64"):
    """``tf.cast(x, tf.complex64)``"""
    return cast(x, dtypes.complex64, name=name)


def to_complex128(x, name="ToComplex128"):
    """``tf.cast(x, tf.complex128)``"""
    return cast(x, dtypes.complex128, name=name)


def saturate_cast(value, dtype, name=None):
    """``value`` in another dtype; what is beyond the range of ``dtype`` becomes its smallest or largest value."""
    with name_scope(name, "saturate_cast", [value]) as name:
        from graphcore.ops.arithmetic import maximum, minimum

        value = to_tensor(value, name="value")
        dtype = as_dtype(dtype).base
        if value.dtype.min < dtype.min:
            value = maximum(value, to_tensor(dtype.min, value.dtype.base, "min"))
        if value.dtype.max > dtype.max:
            value = minimum(value, to_tensor(dtype.max, value.dtype.base, "max"))
        return cast(value, dtype, name=name)


__all__ = ["bitcast", "cast", "saturate_cast", "to_bfloat16", "to_complex128", "to_complex64", "to_double", "to_float",
           "to_int32", "to_int64"]
