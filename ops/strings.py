"""Text, string by string: lengths, parts, white space, case, base64, and to and from numbers."""

import binascii
import re

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.dtypes import INDICES
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, TensorShape, broadcast, with_rank
from graphcore.ops import reshaping
from graphcore.ops.kernels import numerals, texts

string = dtypes.string
_UNITS = (b"BYTE", b"UTF8_CHAR")


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _same_shape(node):
    return node.inputs[0].shape


# ---------------------------------------------------------------- characters


class StringLength(Op, refuses=True):
    """How long each string of ``input`` is, int32: in bytes, or in UTF-8 characters."""

    unit = Attr(bytes, default=b"BYTE", allowed=_UNITS)
    input = Input(string)
    output = Output(dtypes.int32)
    example = dict(input=["a", "\u00e9\u00e8", ""], unit="UTF8_CHAR", output=np.array([1, 2, 0], np.int32))

    infer = _same_shape

    def kernel(input, *, unit):
        return texts.each(len if unit == b"BYTE" else texts.character_count, input, np.int32)


def length(input, name=None, unit="BYTE"):
    """How long each string of ``input`` is, int32.

    Args:
      unit: ``"BYTE"``, or ``"UTF8_CHAR"`` for the number of UTF-8 characters.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.strings.length(["cat", "é"]))
    array([3, 2], dtype=int32)
    """
    return StringLength.build(input, unit=unit, name=name)


class StringStrip(Op, refuses=True):
    """Each string of ``input`` without the ASCII white space at both ends."""

    input = Input(string)
    output = Output(string)
    example = dict(input=[" a b\n", "c"], output=[b"a b", b"c"])

    infer = _same_shape

    def kernel(input):
        return texts.each(bytes.strip, input)


string_strip = StringStrip.function("string_strip")


def _recoded(input, encoding, of_bytes, of_text):
    """``of_bytes`` of every string, or ``of_text`` of every one as UTF-8, what is none of it replaced."""
    if encoding == b"":
        return texts.each(of_bytes, input)
    if encoding != b"utf-8":
        raise _invalid(f"only utf-8 or '' (no encoding) is supported, received {texts.printable(encoding)}")
    return texts.each(lambda text: of_text(text.decode("utf-8", "replace")).encode(), input)


class StringLower(Op, refuses=True):
    """Each string of ``input`` in lower case: of ASCII letters, or of Unicode's with the encoding ``utf-8``."""

    encoding = Attr(bytes, default=b"")
    input = Input(string)
    output = Output(string)
    example = dict(input=["A\u00c9", "b"], encoding="utf-8", output=["a\u00e9".encode(), b"b"])

    infer = _same_shape

    def kernel(input, *, encoding):
        return _recoded(input, encoding, bytes.lower, str.lower)


def lower(input, encoding="", name=None):
    """Each string of ``input`` in lower case: of ASCII letters, or of Unicode's if ``encoding`` is ``"utf-8"``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.strings.lower("Two WORDS"))
    b'two words'
    """
    return StringLower.build(input, encoding=encoding, name=name)


class StringUpper(Op, refuses=True):
    """Each string of ``input`` in upper case: of ASCII letters, or of Unicode's with the encoding ``utf-8``."""

    encoding = Attr(bytes, default=b"")
    input = Input(string)
    output = Output(string)
    example = dict(input=["a\u00e9", "B"], output=["A\u00e9".encode(), b"B"])

    infer = _same_shape

    def kernel(input, *, encoding):
        return _recoded(input, encoding, bytes.upper, str.upper)


def upper(input, encoding="", name=None):
    """Each string of ``input`` in upper case: of ASCII letters, or of Unicode's if ``encoding`` is ``"utf-8"``."""
    return StringUpper.build(input, encoding=encoding, name=name)


# ---------------------------------------------------------------- parts


class Substr(Op, refuses=True):
    """The part of each string of ``input`` from ``pos`` on, ``len`` bytes or characters long; they broadcast."""

    T = TypeAttr(INDICES)
    unit = Attr(bytes, default=b"BYTE", allowed=_UNITS)
    input = Input(string)
    pos = Input(T)
    len = Input(T)
    output = Output(string)
    example = dict(input=["hello", "world"], pos=np.array([1, -2], np.int32), len=np.array([3, 9], np.int32), output=[b"ell", b"ld"])

    def infer(node):
        positions, lengths = node.pos.shape.sizes, node.len.shape.sizes
        if lengths is None and positions is not None:
            raise ShapeMismatch(f"Shape must be rank -1 but is rank {len(positions)}")
        if lengths is not None:
            with_rank(positions, len(lengths))
            if positions not in (None, lengths):
                raise ShapeMismatch(f"pos and len shapes must match: {_shown(positions)} vs. {_shown(lengths)}")
        return TensorShape.of(broadcast(node.input.shape.sizes, positions))

    def kernel(input, pos, len, *, unit):
        strings, positions, lengths = np.asarray(input, object), np.asarray(pos), np.asarray(len)
        # TF counts elements where it need not broadcast along two axes.
        plain = strings.shape == positions.shape or min(strings.ndim, positions.ndim) == 0 or max(strings.ndim, positions.ndim) == 1
        try:
            strings, positions, lengths = np.broadcast_arrays(strings, positions, lengths)
        except ValueError:
            raise _invalid(f"Incompatible shapes: {_shown(strings.shape)} vs. {_shown(positions.shape)}, "
                           f"of len {_shown(lengths.shape)}") from None
        part = _bytes_of if unit == b"BYTE" else _characters_of
        parts = []
        for place, item in enumerate(zip(strings.ravel(), positions.ravel().tolist(), lengths.ravel().tolist())):
            found = part(*item)
            if found is None:
                which = f" {item[0]!r}" if unit == b"BYTE" else ""
                where = place if plain else tuple(map(int, np.unravel_index(place, strings.shape)))
                raise _invalid(f"pos {item[1]} out of range for string{which} at index {where}")
            parts.append(found)
        return texts.array_of(parts, strings.shape)


def _shown(sizes):
    return f"[{','.join('?' if size is None else str(size) for size in sizes)}]"


def _bytes_of(text, position, length):
    """``length`` bytes of ``text`` (all the rest if negative) from ``position`` on; None if that is outside."""
    if not -len(text) <= position <= len(text):
        return None
    start = position % len(text) if position < 0 else position
    return text[start:] if length < 0 else text[start:start + length]


def _characters_of(text, position, length):
    """``length`` characters of ``text`` (none if negative) from ``position`` on; None if that is outside."""
    starts = texts.character_starts(text)
    count = len(starts)
    if not -count <= position <= count:
        return None
    first = position + count if position < 0 else position
    starts.append(len(text))
    return text[starts[first]:starts[min(first + max(length, 0), count)]]


def substr(input, pos, len, name=None, unit="BYTE"):
    """The part of each string of ``input`` that begins at ``pos`` and is ``len`` long; what is not there is left out.

    Args:
      pos: int32 or int64, of one shape with ``len``, which broadcasts with that of ``input``; a negative one counts
        from the end.
      unit: ``"BYTE"``, or ``"UTF8_CHAR"`` to count UTF-8 characters.

    A string that does not reach to its ``pos`` raises ``tf.errors.InvalidArgumentError`` in a run.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.strings.substr(["hello", "world"], 1, 3))
    array([b'ell', b'orl'], dtype=object)
    """
    return Substr.build(input, pos, len, unit=unit, name=name)


# ---------------------------------------------------------------- base64


class EncodeBase64(Op, differentiable=False):
    """Each string of ``input`` in web-safe base64, with ``=`` at the end if ``pad`` asks for it."""

    pad = Attr(bool, default=False)
    input = Input(string)
    output = Output(string)
    example = dict(input=["a", "hello?>"], output=[b"YQ", b"aGVsbG8_Pg"])

    infer = _same_shape

    def kernel(input, *, pad):
        return texts.each(lambda text: _encoded(text) if pad else _encoded(text).rstrip(b"="), input)


def _encoded(text):
    return binascii.b2a_base64(text, newline=False).translate(bytes.maketrans(b"+/", b"-_"))


encode_base64 = EncodeBase64.function()
_WEB_SAFE = re.compile(rb"[A-Za-z0-9_-]*\Z")


class DecodeBase64(Op, differentiable=False):
    """The bytes of each string of ``input``, which is web-safe base64, with or without ``=`` at its end."""

    input = Input(string)
    output = Output(string)
    example = dict(input=["YQ", "YQ==", "aGVsbG8_Pg"], output=[b"a", b"a", b"hello?>"])

    infer = _same_shape

    def kernel(input):
        return texts.each(_decoded, input)


def _decoded(text):
    if len(text) % 4 == 1:
        raise _invalid(f"Base64 string length cannot be 1 modulo 4. It is {len(text)}, of {texts.printable(text)!r}")
    padding = 0 if len(text) % 4 else text.endswith(b"=") + text.endswith(b"==")
    letters = text[:len(text) - padding]
    if not _WEB_SAFE.match(letters):
        raise _invalid(f"Invalid character found in base64. In {texts.printable(text)!r}; web-safe base64 has letters, digits, "
                       "'-' and '_'")
    return binascii.a2b_base64(letters.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(letters) % 4))


decode_base64 = DecodeBase64.function()

# ---------------------------------------------------------------- numbers

_FLOATING = {dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128}


class AsString(Op, differentiable=False):
    """Each element of ``input`` as text, as C's ``printf`` writes it."""

    T = TypeAttr({dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.complex64, dtypes.complex128, dtypes.float32,
                  dtypes.float64, dtypes.bool})
    precision = Attr(int, default=-1)
    scientific = Attr(bool, default=False)
    shortest = Attr(bool, default=False)
    width = Attr(int, default=-1)
    fill = Attr(bytes, default=b"")
    input = Input(T)
    output = Output(string)
    example = dict(input=[3.25, -1.0], precision=2, width=6, fill="0", output=[b"003.25", b"-01.00"])

    infer = _same_shape

    def kernel(input, *, T, precision, scientific, shortest, width, fill):
        if scientific and shortest:
            raise _invalid("Cannot select both scientific and shortest notation")
        if len(fill) > 1:
            raise _invalid(f"Fill string must be one or fewer characters, not {texts.printable(fill)!r}")
        if T not in _FLOATING and (scientific or shortest):
            raise _invalid(f"scientific and shortest format not supported for datatype {T.name}")
        if T not in _FLOATING and precision >= 0:
            raise _invalid(f"precision not supported for datatype {T.name}")
        array = np.asarray(input)
        written = _writer_of(array.dtype.kind, texts.printable(fill), width, precision, scientific, shortest)
        return texts.array_of([written(number) for number in array.ravel().tolist()], array.shape)


def _writer_of(kind, fill, width, precision, scientific, shortest):
    """The function that writes one element of an array of this kind."""
    if kind == "b":
        return lambda value: b"true" if value else b"false"
    if fill not in ("", " ", "+", "-", "0", "#") and not fill.isdigit():
        raise _invalid(f"fill {fill!r} is no flag of C's printf; the flags are '0', '-', '+', ' ' and '#'")
    if kind == "i":
        return numerals.writer(fill, width, -1, "d")
    written = numerals.writer(fill, width, precision, "e" if scientific else "g" if shortest else "f")
    if kind == "f":
        return written
    return lambda value: b"(%s,%s)" % (written(value.real), written(value.imag))


def as_string(input, precision=-1, scientific=False, shortest=False, width=-1, fill="", name=None):
    """Each element of ``input``, numbers or booleans, as text.

    Args:
      precision: how many digits follow the point; 6 if negative. For floating-point and complex numbers only.
      scientific: ``1.5e+00`` instead of ``1.5``.
      shortest: the shorter one of the two, as C's ``%g`` writes it.
      width: at least so many characters.
      fill: with a width, a flag of C's ``printf``: ``"0"`` fills with zeros, ``"-"`` to the right, ``"+"`` writes signs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.as_string([3.14159, 2.0], precision=2))
    array([b'3.14', b'2.00'], dtype=object)
    """
    return AsString.build(input, precision=precision, scientific=scientific, shortest=shortest, width=width, fill=fill, name=name)


class StringToNumber(Op, differentiable=False):
    """The number that each string of ``string_tensor`` stands for, as ``out_type``."""

    out_type = TypeAttr({dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64}, default=dtypes.float32)
    string_tensor = Input(string)
    output = Output(out_type)
    example = dict(string_tensor=["1.5", " -2e3 "], output=[1.5, -2000.0])

    infer = _same_shape

    def kernel(string_tensor, *, out_type):
        def number(text):
            found = numerals.read(text, out_type.np)
            if found is None:
                raise _invalid(f"StringToNumberOp could not correctly convert string: {texts.printable(text)} (to {out_type.name})")
            return found

        return texts.each(number, string_tensor, out_type.np)


def string_to_number(string_tensor=None, out_type=dtypes.float32, name=None, input=None):
    """The number that each string stands for, as ``out_type``: float32, float64, int32 or int64.

    Args:
      string_tensor, input: two names of the strings; white space around a number counts for nothing.

    A string that is no number, or an integer that does not fit, raises ``tf.errors.InvalidArgumentError`` in a run.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.string_to_number(["1.5", "-2e1"]))
    array([  1.5, -20. ], dtype=float32)
    """
    strings = reshaping.renamed("input", input, "string_tensor", string_tensor)
    return StringToNumber.build(strings, out_type=out_type, name=name)


__all__ = ["as_string", "decode_base64", "encode_base64", "string_strip", "string_to_number", "substr"]
