"""Sounds in summaries: numbers from -1 to 1 become WAV files of 16 bits, equal to TF's byte for byte."""

import struct

import numpy as np

from graphcore import proto
from graphcore.core.errors import InvalidArgumentError
from graphcore.summaries.protos import scalar_tag, serialized, tags_of

_LOUDEST = 1 << 15
_SAMPLE_BYTES = 2
_PCM = 1
# "RIFF", the size of what follows, then the chunks "fmt " and "data".
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


def audio_summary(tag, tensor, sample_rate, most, name="AudioSummaryV2"):
    """Return the summary, as bytes, of the first `most` sounds of a batch [sounds, frames] or [sounds, frames, channels].

    `name` is the op's, for its errors.
    """
    tag = scalar_tag(tag, "Tag must be a scalar", name)
    if tensor.ndim not in (2, 3):
        raise _error(f"Tensor must be 3-D or 2-D, got: [{','.join(map(str, tensor.shape))}]; "
                     "the dimensions are sounds, frames and, if there are several, channels")
    rate = _rate(sample_rate)
    sounds = tensor[:most] if tensor.ndim == 3 else tensor[:most, :, np.newaxis]
    summary = proto.Summary()
    for tag_of_one, sound in zip(tags_of(tag, "audio", len(sounds), most), sounds, strict=True):
        frames, channels = sound.shape
        summary.value.add(tag=tag_of_one, audio=proto.Summary.Audio(
            sample_rate=rate, num_channels=channels, length_frames=frames, encoded_audio_string=wav(sound, rate),
            content_type="audio/wav"))
    return serialized(summary)


def _rate(sample_rate):
    """Return the sample rate as a number; it must be one, above 0."""
    if np.ndim(sample_rate):
        raise _error(f"sample_rate must be a scalar, got shape {list(np.shape(sample_rate))}")
    rate = float(sample_rate)
    if not rate > 0:
        raise _error(f"sample_rate must be > 0, got {rate}")
    return rate


def wav(sound, rate):
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


def _error(text):
    return InvalidArgumentError(None, None, text)
