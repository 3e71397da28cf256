"""Sounds in summaries: numbers from -1 to 1 become WAV files."""

import numpy as np

from graphcore import proto
from graphcore.core.errors import InvalidArgumentError
from graphcore.ops.kernels import wave_files
from graphcore.summaries.protos import scalar_tag, serialized, tags_of


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
            sample_rate=rate, num_channels=channels, length_frames=frames, encoded_audio_string=wave_files.encoded(sound, rate),
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


def _error(text):
    return InvalidArgumentError(None, None, text)
