"""Fetching a file once, whole or not at all, and only if it is the right one."""
from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import urllib.error
import urllib.request
import zlib
from io import BytesIO
from pathlib import Path

from graphcore.datasets.idx import at_most

LARGEST = 1 << 28
TIMEOUT = 30


def fetch(url: str, path: Path, sha256: str | None = None) -> None:
    """Save what ``url`` answers as ``path``; with ``sha256``, only gzipped content of that checksum."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
        data = answer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"{url} answers with more than {LARGEST} bytes; nothing was saved")
    if sha256 is not None and content_checksum(data, url) != sha256:
        raise ValueError(f"{url} does not answer with the expected file (SHA-256 differs); nothing was saved")
    save(data, path)


def content_checksum(data: bytes, url: str) -> str:
    """Return the SHA-256 of the decompressed data: mirrors compress the same content differently."""
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
            return hashlib.sha256(at_most(stream, LARGEST)).hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{url} does not answer with a gzip file ({error}); nothing was saved") from error


def save(data: bytes, path: Path) -> None:
    """Write ``path`` through a temporary neighbour, so that no half-written file is ever seen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
