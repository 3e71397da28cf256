"""MNIST's file format IDX: a magic number, the sizes, then one byte for each element; gzipped."""
from __future__ import annotations

import gzip
import zlib
from typing import BinaryIO

import numpy as np

IMAGES, LABELS = 2051, 2049
LARGEST = 1 << 31
CHUNK = 1 << 20


def read_images(file: BinaryIO) -> np.ndarray:
    """Return the images of a gzipped IDX file as uint8 [count, rows, columns]."""
    return read(file, IMAGES, "image", dimensions=3)


def read_labels(file: BinaryIO) -> np.ndarray:
    """Return the labels of a gzipped IDX file as uint8 [count]."""
    return read(file, LABELS, "label", dimensions=1)


def read(file: BinaryIO, magic: int, kind: str, dimensions: int) -> np.ndarray:
    """Return the array in ``file``, which must be a whole, undamaged IDX file of this ``kind``."""
    name = getattr(file, "name", "a file without a name")
    with gzip.GzipFile(fileobj=file) as stream:
        try:
            return parse(stream, magic, kind, dimensions, name)
        except gzip.BadGzipFile as error:
            raise gzip.BadGzipFile(f"{error}: {name}. MNIST {kind} files are read as they are distributed, gzipped") from None
        except (EOFError, zlib.error) as error:
            raise EOFError(f"{error}: MNIST {kind} file {name} is damaged; delete it and fetch it again") from None


def parse(stream: gzip.GzipFile, magic: int, kind: str, dimensions: int, name: str) -> np.ndarray:
    """Return the array that the decompressed ``stream`` holds."""
    found = integers(stream, 1, kind, name)[0]
    if found != magic:
        raise ValueError(f"Invalid magic number {found} in MNIST {kind} file: {name} (expected {magic})")
    shape = integers(stream, dimensions, kind, name)
    size = 1
    for length in shape:
        size *= length
    if size > LARGEST:
        raise ValueError(f"MNIST {kind} file {name} announces {size} bytes, shape {shape}; at most {LARGEST} are read")
    data = at_most(stream, size + 1)
    if len(data) != size:
        came = "more follow" if len(data) > size else f"only {len(data)} follow"
        raise ValueError(f"MNIST {kind} file {name} announces {size} bytes, shape {shape}, but {came}")
    return np.frombuffer(data, np.uint8).reshape(shape)


def integers(stream: gzip.GzipFile, count: int, kind: str, name: str) -> tuple[int, ...]:
    """Return the next ``count`` big-endian 32-bit numbers."""
    data = at_most(stream, 4 * count)
    if len(data) < 4 * count:
        raise ValueError(f"MNIST {kind} file {name} ends within its header")
    return tuple(int(number) for number in np.frombuffer(data, ">u4"))


def at_most(stream: gzip.GzipFile, size: int) -> bytes:
    """Return the next ``size`` bytes, or fewer where the stream ends.

    Memory grows with what arrives, not with what a header promises.
    """
    chunks = []
    while size > 0:
        chunk = stream.read(min(size, CHUNK))
        if not chunk:
            break
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
