"""WAV files of 16 bits: bytes from numbers between -1 and 1, equal to TF's byte for byte, and numbers from bytes."""

import struct

import numpy as np

from graphcore.core.errors import InvalidArgumentError

_LOUDEST = 1 << 15
_SAMPLE_BYTES = 2
_PCM = 1
# "RIFF", the size of what follows, then the chunks "fmt " and "data".
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FORMAT = struct.Struct("<HHIIHH")


def encoded(sound, rate):
    """Return the WAV file of float32 numbers [frames, channels]; what is louder than 1 is cut off there."""
    if not sound.size:
        raise _error(f"audio is null: {sound.shape[0]} frames of {sound.shape[1]} channels")
    rate, channels = _whole_rate(rate), sound.shape[1]
    if channels >= 1 << 16:
        raise _error(f"num_channels must be in (0, 2^16), got: {channels}")
    data = _samples(sound).tobytes()
    frame = channels * _SAMPLE_BYTES
    # The bytes a second have 32 bits; TF lets what is more wrap around.
    header = _HEADER.pack(b"RIFF", _HEADER.size - 8 + len(data), b"WAVE", b"fmt ", 16, _PCM, channels, rate,
                          rate * frame & 0xFFFFFFFF, frame & 0xFFFF, 8 * _SAMPLE_BYTES, b"data", len(data))
    return header + data


def _whole_rate(rate):
    """Return the rate as the whole number, at least 1, that a WAV file holds."""
    if rate >= 1 << 32:
        raise _error(f"sample_rate must be in (0, 2^32), got: {rate:.0f}")
    return max(1, round(rate))


def _samples(sound):
    """Return the numbers as 16 bits each, little end first."""
    # Doubles hold the sum with a half exactly; NaN is silence, as in TF.
    scaled = np.nan_to_num(sound.astype(np.float64) * _LOUDEST, nan=0.0)
    rounded = np.trunc(scaled + np.copysign(0.5, scaled))
    return np.clip(rounded, -_LOUDEST, _LOUDEST - 1).astype("<i2")


def decoded(content):
    """Return the sound [frames, channels], float32 from -1 to below 1, and the sample rate of a WAV file's bytes."""
    reader = _Reader(content)
    reader.expect(b"RIFF")
    reader.take(4)    # the size, which TF does not look at
    reader.expect(b"WAVE")
    reader.expect(b"fmt ")
    channels, rate = _form(reader)
    data = None
    while reader.left:
        name, size = reader.take(4), reader.number()
        block = reader.take(_whole_frames(size, channels) if name == b"data" else size)
        if name == b"data":
            if data is not None:
                raise _error("More than one data chunk found in WAV")
            data = block
    if data is None:
        raise _error("No data chunk found in WAV")
    return np.frombuffer(data, "<i2").reshape(-1, channels).astype(np.float32) / np.float32(_LOUDEST), rate


def _form(reader):
    """Read the chunk that says how the samples are kept; gives the number of channels and the rate."""
    size = reader.number()
    if size not in (16, 18):
        raise _error(f"Bad file size for WAV: Expected 16 or 18, but got{size}")
    kind, channels, rate, a_second, frame, bits = _FORMAT.unpack(reader.take(_FORMAT.size))
    reader.take(size - _FORMAT.size)
    if kind != _PCM:
        raise _error(f"Bad audio format for WAV: Expected 1 (PCM), but got{kind}")
    if channels < 1:
        raise _error(f"Bad number of channels for WAV: Expected at least 1, but got {channels}")
    if bits != 8 * _SAMPLE_BYTES:
        raise _error(f"Can only read 16-bit WAV files, but received {bits}")
    if frame != channels * _SAMPLE_BYTES:
        raise _error(f"Bad bytes per sample in WAV header: Expected {channels * _SAMPLE_BYTES} but got {frame}")
    if a_second != frame * rate & 0xFFFFFFFF:
        raise _error(f"Bad bytes per second in WAV header: Expected {frame * rate} but got {a_second} (sample_rate={rate}, "
                     f"bytes_per_sample={frame})")
    return channels, rate


def _whole_frames(size, channels):
    frame = channels * _SAMPLE_BYTES
    return size // frame * frame


class _Reader:
    """The bytes of a file, taken one after the other."""

    def __init__(self, content):
        self._content, self._place = memoryview(content), 0

    @property
    def left(self):
        return len(self._content) - self._place

    def take(self, size):
        """The next bytes."""
        if size > self.left:
            raise _error(f"Data too short when trying to read string; {size} bytes wanted at {self._place}, {self.left} are left")
        self._place += size
        return bytes(self._content[self._place - size:self._place])

    def number(self):
        """The next four bytes as a number."""
        return int.from_bytes(self.take(4), "little")

    def expect(self, name):
        """Take the four bytes that have to stand here."""
        found = self.take(4)
        if found != name:
            raise _error(f"Header mismatch: Expected {name.decode()} but found {found.decode('latin-1')}")


def _error(text):
    return InvalidArgumentError(None, None, text)
