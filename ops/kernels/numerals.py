"""Numbers as text and text as numbers, the way TF's C++ writes and reads them."""

import re

import numpy as np

_TOO_LONG = 32
_SPACES = b" \t\n\v\f\r"
_DECIMAL = rb"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_FLOAT = re.compile(rb"(?P<sign>[+-]?)(?:(?P<decimal>" + _DECIMAL + rb")|0[xX](?P<hex>[0-9a-fA-F]+)|(?P<special>(?i:inf|nan)))\Z")
_INTEGER = re.compile(rb"-?[0-9]+\Z")


def read(text, dtype):
    """The number that ``text`` stands for as a NumPy scalar of ``dtype``, or None if it stands for none.

    White space around it counts for nothing. Integers take no ``+``; floats may be ``inf``, ``nan`` and hexadecimal,
    are 0 where there is nothing but white space, and none, as in TF, from 32 characters on.
    """
    dtype = np.dtype(dtype)
    if dtype.kind == "i":
        return _read_integer(text.strip(_SPACES), dtype)
    if len(text) >= _TOO_LONG:
        return None
    inner = text.strip(_SPACES)
    if text and not inner:
        return dtype.type(0)
    match = _FLOAT.match(inner)
    return None if match is None else _read_float(match, dtype)


def _read_integer(text, dtype):
    if not _INTEGER.match(text):
        return None
    limits = np.iinfo(dtype)
    # More digits than any integer of 64 bits has are not worth a conversion, which Python limits in length.
    digits = text.lstrip(b"-").lstrip(b"0") or b"0"
    if len(digits) > 19:
        return None
    number = -int(digits) if text.startswith(b"-") else int(digits)
    return dtype.type(number) if limits.min <= number <= limits.max else None


def _read_float(match, dtype):
    if match["decimal"] is not None:
        number = _rounded(match["decimal"], dtype)
    elif match["hex"] is not None:
        number = _rounded(b"%d" % int(match["hex"], 16), dtype)
    else:
        number = dtype.type(match["special"].decode())
    return -number if match["sign"] == b"-" else number


def _rounded(text, dtype):
    """The number of ``dtype`` that is nearest to a decimal number."""
    wide = float(text)
    with np.errstate(over="ignore", under="ignore"):
        near = dtype.type(wide)
    if dtype == np.float64 or not np.isfinite(near) or float(near) == wide:
        return near
    other = np.nextafter(near, dtype.type(np.inf if wide > float(near) else -np.inf))
    if not np.isfinite(other) or (float(near) + float(other)) / 2 != wide:
        return near
    from fractions import Fraction

    # Rounded to float64 it lies just between two floats: only all its digits tell which is the nearer one.
    exact = Fraction(text.decode())
    if exact == Fraction(wide):
        return near
    return max(near, other) if exact > Fraction(wide) else min(near, other)


# ---------------------------------------------------------------- writing


def writer(flag, width, precision, kind):
    """A function from a number to bytes: C's ``printf`` with one ``flag``; ``kind`` is d, f, e or g.

    ``width`` and ``precision`` count for nothing if negative.
    """
    size = "" if width < 0 else str(width)
    digits = "" if precision < 0 else f".{precision}"
    form = f"%{flag}{size}{digits}{kind}".encode()
    special = f"%{'' if flag in '0#' else flag}{size}s".encode()

    def written(number):
        if kind == "d" or np.isfinite(number):
            return form % number
        return special % _special(number, flag)

    return written


def _special(number, flag):
    """What C writes for infinity and NaN, whose sign counts too."""
    sign = b"-" if np.signbit(number) else flag.encode() if flag in ("+", " ") else b""
    return sign + (b"nan" if np.isnan(number) else b"inf")
