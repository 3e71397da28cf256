"""Bytes and text, as TF takes and gives them."""

import numbers
import os

import numpy as np

# What counts as text, as an integer, as a real or complex number; for isinstance.
bytes_or_text_types = (bytes, str)
integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)
complex_types = (numbers.Complex, np.number)


def as_bytes(bytes_or_text, encoding="utf-8"):
    r"""``bytes_or_text`` as bytes; TypeError if it is neither.

    >>> as_bytes("\xe9")
    b'\xc3\xa9'
    """
    if isinstance(bytes_or_text, bytearray):
        return bytes(bytes_or_text)
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


def as_text(bytes_or_text, encoding="utf-8"):
    """``bytes_or_text`` as a string; TypeError if it is neither."""
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


as_str = as_text


def as_str_any(value):
    """``value`` as a string: bytes are decoded, anything else as ``str`` has it."""
    return as_str(value) if isinstance(value, bytes) else str(value)


def path_to_str(path):
    """A path object as a string; what is none is returned as it is."""
    return as_str_any(os.fspath(path)) if hasattr(path, "__fspath__") else path
