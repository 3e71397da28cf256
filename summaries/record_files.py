"""Files of records, plain or compressed: ``tf.python_io.TFRecordWriter`` and ``tf.python_io.tf_record_iterator``."""

import io
import zlib

from graphcore.core import errors
from graphcore.core.files import path_of, tf_errors
from graphcore.summaries.records import framed, read_records, records_of

_WINDOW_BITS = 15
_PART = 1 << 18
_GZIP_FLAG = 16    # added to the window bits, tells zlib to write gzip's frame


class TFRecordCompressionType:
    """How the records of a file are compressed."""

    NONE = 0
    ZLIB = 1
    GZIP = 2


class TFRecordOptions:
    """How a file of records is written and read.

    Args:
      compression_type: "", "ZLIB", "GZIP", or one of `TFRecordCompressionType`.
      compression_level, compression_method, mem_level, compression_strategy, window_bits: for zlib, as its manual has them.
      flush_mode, input_buffer_size, output_buffer_size: of no consequence here.
    """

    compression_type_map = {1: "ZLIB", 2: "GZIP", 0: ""}

    def __init__(self, compression_type=None, flush_mode=None, input_buffer_size=None, output_buffer_size=None, window_bits=None,
                 compression_level=None, compression_method=None, mem_level=None, compression_strategy=None):
        self.get_compression_type_string(compression_type)    # raises
        self.compression_type = compression_type
        self.flush_mode = flush_mode
        self.input_buffer_size, self.output_buffer_size = input_buffer_size, output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy

    @classmethod
    def get_compression_type_string(cls, options):
        """The name of the compression that ``options``, a compression type or its name stands for; "" for none."""
        if not options:
            return ""
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        name = cls.compression_type_map.get(options, options)
        if name not in cls.compression_type_map.values():
            raise ValueError(f'Not a valid compression_type: "{options}"')
        return name

    def _compressor(self):
        """The object that compresses what is written, None for none."""
        name = self.get_compression_type_string(self.compression_type)
        if not name:
            return None
        level = zlib.Z_DEFAULT_COMPRESSION if self.compression_level is None else self.compression_level
        return zlib.compressobj(level, self.compression_method or zlib.DEFLATED, _window_bits(name, self.window_bits),
                                self.mem_level or zlib.DEF_MEM_LEVEL, self.compression_strategy or zlib.Z_DEFAULT_STRATEGY)


def _window_bits(name, asked):
    return (asked or _WINDOW_BITS) + (_GZIP_FLAG if name == "GZIP" and (asked or 0) <= _WINDOW_BITS else 0)


def _options(options):
    return options if isinstance(options, TFRecordOptions) else TFRecordOptions(options)


class TFRecordWriter:
    """Writes records, bytes each, to a new file; ``with`` closes it.

    Args:
      path: where the file is made; one that is there is replaced.
      options: a `TFRecordOptions`, a compression type or its name.
    """

    def __init__(self, path, options=None):
        self._compressor = _options(options)._compressor()
        path = path_of(path)
        with tf_errors(path):
            self._file = open(path, "wb")

    def write(self, record):
        """Append a record; TypeError unless it is bytes."""
        if not isinstance(record, bytes):
            raise TypeError(f"expected bytes, {type(record).__name__} found")
        data = framed(record)
        self._opened().write(self._compressor.compress(data) if self._compressor else data)

    def flush(self):
        """Hand what was written to the operating system."""
        if self._compressor:
            self._opened().write(self._compressor.flush(zlib.Z_SYNC_FLUSH))
        self._opened().flush()

    def close(self):
        """Finish the file."""
        if self._file is not None:
            with self._file as file:
                if self._compressor:
                    file.write(self._compressor.flush())
            self._file = None

    def _opened(self):
        if self._file is None:
            raise errors.FailedPreconditionError(None, None, "Writer not initialized or previously closed")
        return self._file

    def __enter__(self):
        return self

    def __exit__(self, unused_type, unused_value, unused_traceback):
        self.close()

    def __del__(self):
        # Opening may have failed before there was anything to close.
        if getattr(self, "_file", None) is not None:
            self.close()


def tf_record_iterator(path, options=None):
    """Yield the records of the file ``path``, bytes each.

    Args:
      options: as the file was written with, see `TFRecordWriter`.

    Raises:
      tf.errors.NotFoundError: there is no such file.
      tf.errors.DataLossError: a record is damaged, or the file is not compressed as ``options`` say.
    """
    options, path = _options(options), path_of(path)
    name = options.get_compression_type_string(options)
    if not name:
        yield from read_records(path)
        return
    with tf_errors(path, "reading records"), open(path, "rb") as file:
        inflated = _Inflated(file, _window_bits(name, options.window_bits), f"{path} is no {name} file of records")
        yield from records_of(io.BufferedReader(inflated, _PART))


class _Inflated(io.RawIOBase):
    """What a compressed file holds, a part at a time; what follows the end of the compressed data is left."""

    def __init__(self, file, window_bits, complaint):
        self._file, self._complaint = file, complaint
        self._decompressor = zlib.decompressobj(window_bits)

    def readable(self):
        return True

    def readinto(self, target):
        decompressor, data = self._decompressor, b""
        try:
            while not data and not decompressor.eof:
                block = decompressor.unconsumed_tail or self._file.read(_PART)
                data = decompressor.decompress(block, len(target))
                if not block:
                    break
        except zlib.error as error:
            raise errors.DataLossError(None, None, f"inflate() failed: {error}. {self._complaint}") from error
        target[:len(data)] = data
        return len(data)


__all__ = ["TFRecordCompressionType", "TFRecordOptions", "TFRecordWriter", "tf_record_iterator"]
