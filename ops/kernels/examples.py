"""Serialized `Example` messages as arrays: protobuf's wire format, read without protobuf, and the features in it."""

import numpy as np

# The kinds of lists of a Feature, by field number.
_KINDS = {1: "string", 2: "float", 3: "int64"}


class Malformed(ValueError):
    """Bytes that are no such message."""


def features(serialized):
    """What an Example has: {name: (kind, values)}; kind is "string", "float", "int64", or None where the list is missing.

    Values are a list of bytes or an array. Of two features with one name the last one counts.
    """
    found = {}
    for name, value in _entries(serialized):
        kind, values = None, ()
        for number, content in _parts(value):
            kind = _KINDS.get(number, kind)
            if number in _KINDS:
                values = _READERS[kind](content)
        found[name] = (kind, values)
    return found


def _entries(serialized):
    """The (name, serialized Feature) pairs of an Example."""
    for whole in _messages(serialized, 1):
        for entry in _messages(whole, 1):
            name = value = b""
            for number, content in _parts(entry):
                name, value = (content if number == 1 else name), (content if number == 2 else value)
            yield name, value


def _messages(data, wanted):
    """The contents of a message's fields of the number ``wanted``."""
    return [content for number, content in _parts(data) if number == wanted]


def _parts(data):
    """(field number, content) of all fields of a message that have a length."""
    return [(number, content) for number, wire, content in _fields(data) if wire == 2]


def _fields(data):
    """(field number, wire type, content as an int or bytes) of all fields of a message."""
    place, found = 0, []
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            content, place = _varint(data, place)
        else:
            if wire == 2:
                length, place = _varint(data, place)
            elif wire in (1, 5):
                length = 8 if wire == 1 else 4
            else:
                raise Malformed(f"wire type {wire}")
            content = data[place:place + length]
            if len(content) < length:
                raise Malformed("a field ends early")
            place += length
        if number == 0:
            raise Malformed("field number 0")
        found.append((number, wire, content))
    return found


def _varint(data, place):
    """(the integer of seven bits a byte at ``place``, where it ends)."""
    number = shift = 0
    while place < len(data) and shift < 70:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place
        shift += 7
    raise Malformed("an integer ends early")


def _strings(data):
    return _messages(data, 1)


def _floats(data):
    """Floats, packed or one in a field."""
    joined = b"".join(content for number, wire, content in _fields(data) if number == 1 and wire in (2, 5))
    if len(joined) % 4:
        raise Malformed("a float ends early")
    return np.frombuffer(joined, "<f4").astype(np.float32)


def _integers(data):
    """Integers of 64 bits, packed or one in a field."""
    found = [_varints(content) if wire == 2 else np.array([content % 2**64], np.uint64).view(np.int64)
             for number, wire, content in _fields(data) if number == 1 and wire in (0, 2)]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _varints(data):
    """All integers of seven bits a byte in ``data``, one behind another."""
    part = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(part < 0x80)
    if len(part) == 0:
        return np.zeros(0, np.int64)
    if not len(ends) or ends[-1] != len(part) - 1:
        raise Malformed("an integer ends early")
    starts = np.concatenate([[0], ends[:-1] + 1])
    places = np.arange(len(part)) - np.repeat(starts, ends - starts + 1)
    if places.max() > 9:
        raise Malformed("an integer of more than 64 bits")
    bits = (part & 0x7F).astype(np.uint64) << (7 * places).astype(np.uint64)
    return np.bitwise_or.reduceat(bits, starts).view(np.int64)


_READERS = {"string": _strings, "float": _floats, "int64": _integers}
