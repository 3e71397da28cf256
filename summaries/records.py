"""TFRecord framing: length, checksum, payload, checksum; how event files and data files hold their messages.

::

    with open(path, "wb") as file:
        file.write(framed(b"payload"))
    for payload in read_records(path):
        ...
"""

import os
import struct

from graphcore.core.errors import DataLossError
from graphcore.core.files import tf_errors

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_HEADER_SIZE = _LENGTH.size + _CHECKSUM.size
_MOST_AT_ONCE = 1 << 24


def masked_checksum(payload):
    """Return the CRC-32C of `payload`, masked as record files store it."""
    import google_crc32c

    checksum = google_crc32c.value(payload)
    # Rotated and shifted, so that a record holding records does not check its own checksums.
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def framed(payload):
    """Return the bytes that a record file holds for `payload`."""
    length = _LENGTH.pack(len(payload))
    return b"".join((length, _CHECKSUM.pack(masked_checksum(length)),
                     payload, _CHECKSUM.pack(masked_checksum(payload))))


def read_records(path):
    """Yield the payload of each record of the file at `path`.

    A damaged record, or one cut off inside its payload, is `DataLossError` with its offset, raised after all records
    before it were given. A cut inside the header is the end of the file, as in TF: a writer may just be at work.
    """
    with tf_errors(path, "reading records"), open(path, "rb") as file:
        yield from records_of(file, lambda: os.fstat(file.fileno()).st_size)


def records_of(file, size=None):
    """Yield the payloads of an open file that stands at a record; `size()` is how long it is, which may grow, if that can be told."""
    offset = 0
    while len(header := file.read(_HEADER_SIZE)) == _HEADER_SIZE:
        length, = _LENGTH.unpack(_checked(header, offset))
        wanted = length + _CHECKSUM.size
        # Ask before reading: a length that lies must not make us reserve memory.
        there = size is None or wanted <= size() - offset - _HEADER_SIZE
        block = _read(file, wanted) if there else b""
        if len(block) < wanted:
            raise DataLossError(None, None, f"truncated record at {offset}: {length} bytes of payload are announced, "
                                            "the file ends before")
        yield _checked(block, offset + _HEADER_SIZE)
        offset += _HEADER_SIZE + wanted


def _read(file, count):
    """Read that many bytes, or what there is; memory grows with what is there, not with what is asked for."""
    if count <= _MOST_AT_ONCE:
        return file.read(count)
    blocks = []
    while count and (block := file.read(min(count, _MOST_AT_ONCE))):
        blocks.append(block)
        count -= len(block)
    return b"".join(blocks)


def _checked(block, offset):
    """Return `block` without the checksum it ends in, which must fit."""
    content, stored = block[:-_CHECKSUM.size], block[-_CHECKSUM.size:]
    if _CHECKSUM.unpack(stored)[0] != masked_checksum(content):
        raise DataLossError(None, None, f"corrupted record at {offset}: the checksum does not fit the bytes")
    return content
