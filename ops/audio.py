"""Sounds: WAV files read and written."""

import collections

import numpy as np

from graphcore.core.dtypes import float32, int32, string
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.opdef import Attr, Input, Op, Output
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops.kernels import wave_files

_WAV = (b"RIFF(\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x04\0\0\0\0\x40\0\x80")
_Sound = collections.namedtuple("DecodeWav", ["audio", "sample_rate"])


class DecodeWav(Op, refuses=True):
    """The sound ``[frames, channels]``, from -1 to 1, and the sample rate of a WAV file of 16 bits."""

    desired_channels = Attr(int, default=-1)
    desired_samples = Attr(int, default=-1)
    contents = Input(string)
    audio = Output(float32)
    sample_rate = Output(int32)
    example = dict(contents=_WAV, audio=[[0.5], [-1.0]], sample_rate=8000)

    def infer(node):
        with_rank(node.contents.shape.sizes, 0)
        return [(_wanted("samples", node.desired_samples), _wanted("channels", node.desired_channels)), ()]

    def kernel(contents, *, desired_channels, desired_samples):
        if np.ndim(contents):
            raise InvalidArgumentError(None, None, f"contents must be scalar, got shape {format_shape(contents.shape)}")
        sound, rate = wave_files.decoded(contents if isinstance(contents, bytes) else contents.item())
        return [_with_channels(_with_frames(sound, desired_samples), desired_channels), np.int32(rate)]


def _wanted(word, size):
    """A size that is asked for, None if the file decides."""
    if size < -1:
        raise ShapeMismatch(f"{word} must be non-negative, got {size}")
    return None if size == -1 else size


def _with_frames(sound, count):
    """A sound cut off, or with silence at its end."""
    if count < 0 or count <= len(sound):
        return sound if count < 0 else sound[:count]
    return np.concatenate([sound, np.zeros([count - len(sound), sound.shape[1]], np.float32)])


def _with_channels(sound, count):
    """A sound with its first channels only, or its last one again and again."""
    if count < 0:
        return sound
    return np.ascontiguousarray(sound[:, np.minimum(np.arange(count), sound.shape[1] - 1)])


class EncodeWav(Op, refuses=True):
    """The WAV file of 16 bits of a sound ``[frames, channels]``."""

    audio = Input(float32)
    sample_rate = Input(int32)
    contents = Output(string)
    example = dict(audio=[[0.5], [-1.0]], sample_rate=8000, contents=_WAV)

    def infer(node):
        with_rank(node.audio.shape.sizes, 2)
        with_rank(node.sample_rate.shape.sizes, 0)
        return ()

    def kernel(audio, sample_rate):
        if audio.ndim != 2:
            raise InvalidArgumentError(None, None, f"audio must be 2-dimensional{format_shape(audio.shape)}")
        if np.ndim(sample_rate):
            shape = format_shape(sample_rate.shape)
            raise InvalidArgumentError(None, None, f"Input sample_rate should be a scalar tensor, got {shape} instead.")
        if sample_rate <= 0:
            raise InvalidArgumentError(None, None, f"sample_rate must be in (0, 2^32), got: {sample_rate}")
        contents = np.empty((), object)
        contents[()] = wave_files.encoded(audio, float(sample_rate))
        return contents


def decode_wav(contents, desired_channels=-1, desired_samples=-1, name=None):
    """The sound in a WAV file of 16 bits, as a named tuple of ``audio``, float32 ``[frames, channels]``, and ``sample_rate``, int32.

    Args:
      contents: the bytes of the file, a string scalar.
      desired_channels: so many of the first channels; the last one again where there are too few.
      desired_samples: so many frames, cut off or with silence at the end.

    Raises:
      ValueError: a number below -1 is asked for.
      tf.errors.InvalidArgumentError: when it runs, for what is no WAV file of 16 bits.

    >>> import graphcore as tf
    >>> sound = tf.audio.decode_wav(tf.audio.encode_wav([[0.25, -1.0], [0.0, 0.5]], sample_rate=8000))
    >>> with tf.Session() as session:
    ...     audio, rate = session.run(sound)
    >>> audio.tolist(), rate
    ([[0.25, -1.0], [0.0, 0.5]], np.int32(8000))
    """
    return _Sound(*DecodeWav.build(contents, desired_channels=desired_channels, desired_samples=desired_samples, name=name))


encode_wav = EncodeWav.function()

__all__ = ["decode_wav", "encode_wav"]
