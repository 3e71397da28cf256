"""Arrays of strings: a function of one string applied to each, and where the characters of UTF-8 begin."""

import numpy as np


def each(function, strings, dtype=object):
    """An array of ``dtype`` with ``function`` of every element of ``strings``, which are bytes."""
    strings = np.asarray(strings, object)
    result = np.empty(strings.shape, dtype)
    result.reshape(-1)[:] = [function(text) for text in strings.ravel()]
    return result


def listed(strings):
    """The elements of an array of strings, row by row, as a list of bytes."""
    return np.asarray(strings, object).ravel().tolist()


def array_of(strings, shape):
    """An object array of ``shape`` with the bytes of the list ``strings``."""
    result = np.empty(len(strings), object)
    result[:] = strings
    return result.reshape(shape)


def character_count(text):
    """How many UTF-8 characters begin in ``text``; bytes that only go on with one do not count."""
    return sum(byte & 0xC0 != 0x80 for byte in text)


def character_starts(text):
    """Where in ``text`` its characters begin; the first byte begins one, whatever it is."""
    return [place for place, byte in enumerate(text) if place == 0 or byte & 0xC0 != 0x80]


def printable(text):
    """``text`` for an error message: bytes that are no UTF-8 are shown as replaced."""
    return text.decode("utf-8", "replace")
