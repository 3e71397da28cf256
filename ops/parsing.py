"""Strings of bytes and lines of comma-separated values as tensors."""

import sys

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr, TypeListAttr
from graphcore.core.shapes import ShapeMismatch, with_rank_at_most
from graphcore.ops import reshaping
from graphcore.ops.kernels import csv_fields, numerals, texts

string = dtypes.string
_RAW = {dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.uint16, dtypes.uint8, dtypes.int16, dtypes.int8,
        dtypes.int64, dtypes.complex64, dtypes.complex128, dtypes.bool}
_FIELDS = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, string)
# What C++ calls these types in TF's messages.
_SPOKEN = {dtypes.float32: "float", dtypes.float64: "double"}


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


# ---------------------------------------------------------------- bytes


class DecodeRaw(Op, differentiable=False):
    """The bytes of each string as numbers of ``out_type``, along a new last axis."""

    out_type = TypeAttr(_RAW)
    little_endian = Attr(bool, default=True)
    bytes_ = Input(string)
    output = Output(out_type)
    example = dict(bytes=["ab", "cd"], out_type=dtypes.uint8, output=np.array([[97, 98], [99, 100]], np.uint8))

    def infer(node):
        sizes = node.bytes_.shape.sizes
        return None if sizes is None else (*sizes, None)

    def kernel(bytes_, *, out_type, little_endian):
        shape, strings = np.shape(bytes_), texts.listed(bytes_)
        length, size = len(strings[0]) if strings else 0, out_type.np.itemsize
        for place, text in enumerate(strings):
            if len(text) != length:
                raise _invalid(f"DecodeRaw requires input strings to all be the same size, but element {place} has size {length} != "
                               f"{len(text)}")
        if length % size:
            raise _invalid(f"Input to DecodeRaw has length {length} that is not a multiple of {size}, the size of {out_type.name}")
        array = np.frombuffer(b"".join(strings), np.uint8).copy()
        if out_type is dtypes.bool:
            return (array != 0).reshape(*shape, length)
        if little_endian != (sys.byteorder == "little"):
            # All bytes of a complex number turn round, so that its parts change places, as in TF.
            array = np.ascontiguousarray(array.reshape(-1, size)[:, ::-1]).reshape(-1)
        return array.view(out_type.np).reshape(*shape, length // size)


def decode_raw(input_bytes=None, out_type=None, little_endian=True, name=None, bytes=None):
    """The bytes of each string of ``input_bytes`` as numbers of ``out_type``, along a new last axis.

    Args:
      input_bytes: strings of one length, a multiple of the size of ``out_type``.
      little_endian: whether the first byte of a number counts least.
      bytes: old name of ``input_bytes``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.decode_raw([b"\\x01\\x00", b"\\x00\\x01"], tf.int16))
    array([[  1],
           [256]], dtype=int16)
    """
    input_bytes = reshaping.renamed("input_bytes", input_bytes, "bytes", bytes)
    if out_type is None:
        raise ValueError("decode_raw_v1() missing 1 positional argument: 'out_type'")
    return DecodeRaw.build(input_bytes, out_type=out_type, little_endian=little_endian, name=name)


# ---------------------------------------------------------------- comma-separated values


class DecodeCSV(Op, refuses=True):
    """The fields of each line of ``records``: one tensor for each column, of its default's dtype."""

    OUT_TYPE = TypeListAttr(_FIELDS, minimum=1)
    field_delim = Attr(bytes, default=b",")
    use_quote_delim = Attr(bool, default=True)
    na_value = Attr(bytes, default=b"")
    select_cols = Attr([int], default=())
    records = Input(string)
    record_defaults = Input(OUT_TYPE)
    output = Output(OUT_TYPE)
    example = dict(records=["1,2.5", "3,"], record_defaults=[np.array([0], np.int32), np.array([9.0], np.float32)],
                   output=[np.array([1, 3], np.int32), [2.5, 9.0]])

    def infer(node):
        for default in node.record_defaults:
            sizes = with_rank_at_most(default.shape.sizes, 1)
            if sizes and sizes[0] is not None and sizes[0] > 1:
                raise ShapeMismatch("Shape of a default must be a length-0 or length-1 vector, or a scalar.")
        return [node.records.shape.sizes] * len(node.record_defaults)

    def kernel(records, record_defaults, *, OUT_TYPE, field_delim, use_quote_delim, na_value, select_cols):
        if len(field_delim) != 1:
            raise _invalid(f"field_delim should be only 1 char, not {texts.printable(field_delim)!r}")
        defaults = [_default(place, value) for place, value in enumerate(record_defaults)]
        shape, columns = np.shape(records), [[] for _ in defaults]
        for row, line in enumerate(texts.listed(records)):
            fields = csv_fields.fields(line, field_delim, use_quote_delim, select_cols)
            if len(fields) != len(defaults):
                raise _invalid(f"Expect {len(defaults)} fields but have {len(fields)} in record {row}")
            for place, (field, dtype, default) in enumerate(zip(fields, OUT_TYPE, defaults)):
                if field in (b"", na_value):
                    if default is None:
                        raise _invalid(f"Field {place} is required but missing in record {row}!")
                    columns[place].append(default)
                else:
                    columns[place].append(_value(field, dtype, place, row))
        return [texts.array_of(column, shape) if dtype is string else np.array(column, dtype.np).reshape(shape)
                for column, dtype in zip(columns, OUT_TYPE)]


def _default(place, value):
    """The value of a column's default, None if the column is required."""
    array = np.asarray(value)
    if array.ndim > 1:
        raise _invalid(f"Each record default should be at most rank 1; that of field {place} has rank {array.ndim}")
    if array.size > 1:
        raise _invalid(f"There should only be 1 default per field but field {place} has {array.size}")
    return array.ravel()[0] if array.size else None


def _value(field, dtype, place, row):
    """A field as a number, or as it is."""
    if dtype is string:
        return field
    number = numerals.read(field, dtype.np)
    if number is None:
        raise _invalid(f"Field {place} in record {row} is not a valid {_SPOKEN.get(dtype, dtype.name)}: {texts.printable(field)}")
    return number


def decode_csv(records, record_defaults, field_delim=",", use_quote_delim=True, name=None, na_value="", select_cols=None):
    """The columns of lines of comma-separated values: a list of tensors, each of the shape of ``records``.

    Args:
      records: strings, each one line with the same fields.
      record_defaults: for each column a tensor of its dtype (float32, float64, int32, int64 or string): a value that stands
        for an empty field, or an empty vector if the column is required.
      field_delim: the one character between two fields.
      use_quote_delim: whether fields may be in double quotes, in which two of these stand for one.
      na_value: what stands in an empty field, if it is not just empty.
      select_cols: which columns to return, in order; all of them if None.

    Raises:
      ValueError: ``select_cols`` is not in order, negative, or not as long as ``record_defaults``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.decode_csv(["1,2.5,a", "2,,b"], [[0], [0.0], [""]]))
    [array([1, 2], dtype=int32), array([2.5, 0. ], dtype=float32), array([b'a', b'b'], dtype=object)]
    """
    columns = list(select_cols or ())
    if any(first >= second for first, second in zip(columns, columns[1:])):
        raise ValueError(f"select_cols is not strictly increasing. It is {columns}")
    if columns and columns[0] < 0:
        raise ValueError(f"select_cols contains negative values. It is {columns}")
    if select_cols is not None and len(columns) != len(record_defaults):
        raise ValueError(f"Length of select_cols and record_defaults do not match. They are {len(columns)} and {len(record_defaults)}")
    return DecodeCSV.build(records, record_defaults, field_delim=field_delim, use_quote_delim=use_quote_delim, na_value=na_value,
                           select_cols=columns, name=name)


__all__ = ["decode_csv", "decode_raw"]
