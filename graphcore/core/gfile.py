"""`GFile`: a local file that is read and written as TF's are."""

import os

from graphcore.core import errors
from graphcore.core.files import path_of, stat, tf_errors
from graphcore.core.text import as_bytes

_MODES = ("r", "w", "a", "r+", "w+", "a+")


class GFile:
    """A file, opened when it is first read or written; ``with`` closes it, and iterating gives its lines.

    Args:
      name: the path.
      mode: "r", "w", "a", "r+", "w+" or "a+", with "b" for bytes; without, text is UTF-8.

    Reading and writing have positions of their own, and the first write of "r+" empties the file, as in TF.
    """

    def __init__(self, name, mode="r"):
        plain = mode.replace("b", "")
        if plain not in _MODES:
            raise errors.InvalidArgumentError(None, None, "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+': " + repr(mode))
        self._name, self._mode = name, mode
        self._binary = "b" in mode
        self._may_read, self._may_write = plain not in ("w", "a"), plain != "r"
        self._reader = self._writer = None

    @property
    def name(self):
        """The path that the file was opened with."""
        return self._name

    @property
    def mode(self):
        """The mode that the file was opened with."""
        return self._mode

    def _opened(self, mode):
        path = path_of(self._name)
        if os.path.isdir(path):
            raise errors.FailedPreconditionError(None, None, f"{path}; Is a directory")
        with tf_errors(path):
            return open(path, mode)

    def _reading(self):
        if self._reader is None:
            if not self._may_read:
                raise errors.PermissionDeniedError(None, None, "File isn't open for reading")
            self._reader = self._opened("rb")
        return self._reader

    def _writing(self):
        if self._writer is None:
            if not self._may_write:
                raise errors.PermissionDeniedError(None, None, "File isn't open for writing")
            self._writer = self._opened("ab" if "a" in self._mode else "wb")
        return self._writer

    def _given(self, content):
        return content if self._binary else content.decode("utf-8")

    def size(self):
        """The size of the file in bytes."""
        return stat(self._name).length

    def write(self, file_content):
        """Append text or bytes to what was written."""
        writer = self._writing()
        with tf_errors(self._name):
            writer.write(as_bytes(file_content))

    def read(self, n=-1):
        """The next ``n`` bytes, or all that are left: bytes in a mode with "b", else the text that they are."""
        reader = self._reading()
        with tf_errors(self._name):
            return self._given(reader.read(n))

    def readline(self):
        """The next line with its newline; empty at the end of the file. Carriage returns are left out."""
        reader = self._reading()
        with tf_errors(self._name):
            return self._given(reader.readline().replace(b"\r", b""))

    def readlines(self):
        """The lines that are left."""
        return list(self)

    def seek(self, offset=None, whence=0, position=None):
        """Read on at ``offset`` bytes from the start, from here (``whence`` 1) or from the end (``whence`` 2).

        ``position`` is the old name of ``offset``. OutOfRangeError behind the end of the file.
        """
        reader = self._reading()
        if offset is None and position is None:
            raise TypeError("seek(): offset argument required")
        if offset is not None and position is not None:
            raise TypeError("seek(): offset and position may not be set simultaneously.")
        offset = position if offset is None else offset
        if whence not in (0, 1, 2):
            raise errors.InvalidArgumentError(None, None, f"Invalid whence argument: {whence}. Valid values are 0, 1, or 2.")
        target = offset + (0, reader.tell(), self.size())[whence]
        if target < 0:
            raise errors.InvalidArgumentError(None, None, f"Seeking to a negative position: {target}")
        reader.seek(min(target, self.size()))
        if target > self.size():
            raise errors.OutOfRangeError(None, None, f"reached end of file: {target} is behind it")

    def tell(self):
        """The position in bytes: of reading, where that is allowed, else of writing."""
        return (self._reading() if self._may_read else self._writing()).tell()

    def flush(self):
        """Hand what was written to the operating system."""
        if self._writer is not None:
            with tf_errors(self._name):
                self._writer.flush()

    def close(self):
        """Close the file; reading on would begin again at its start."""
        for file in (self._reader, self._writer):
            if file is not None:
                with tf_errors(self._name):
                    file.close()
        self._reader = self._writer = None

    def __del__(self):
        # Opening may have failed before there was anything to close.
        if getattr(self, "_writer", None) is not None or getattr(self, "_reader", None) is not None:
            self.close()

    def seekable(self):
        """True."""
        return True

    def __enter__(self):
        return self

    def __exit__(self, unused_type, unused_value, unused_traceback):
        self.close()

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    next = __next__
