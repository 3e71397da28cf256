"""``tf.summary`` of images and sounds."""

import numpy as np

from graphcore.core import dtypes, source
from graphcore.core.convert import to_tensor
from graphcore.core.keys import GraphKeys
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.summaries import images, sounds
from graphcore.summaries.scopes import collect, summary_scope

_RED = np.array([255, 0, 0, 255], np.uint8)
_RED.flags.writeable = False


class ImageSummary(Op, differentiable=False):
    """The first images of a batch as PNG files, serialized; ``bad_color`` is for pixels that are not finite."""

    max_images = Attr(int, default=3, minimum=1)
    T = TypeAttr({dtypes.uint8, dtypes.float32, dtypes.float16, dtypes.float64}, default=dtypes.float32)
    bad_color = Attr(np.ndarray, default=_RED)
    tag = Input(dtypes.string)
    tensor = Input(T)
    summary = Output(dtypes.string)
    example = dict(tag="a", tensor=np.zeros([1, 1, 1, 1], np.float32))  # the bytes are the compressor's

    def infer(node):
        return ()

    def kernel(tag, tensor, *, max_images, bad_color):
        return images.image_summary(tag, np.asarray(tensor), max_images, bad_color, source.NODE_NAME)


class AudioSummaryV2(Op, differentiable=False):
    """The first sounds of a batch as WAV files, serialized."""

    max_outputs = Attr(int, default=3, minimum=1)
    tag = Input(dtypes.string)
    tensor = Input(dtypes.float32)
    sample_rate = Input(dtypes.float32)
    summary = Output(dtypes.string)

    example = dict(tag="a", tensor=[[0.5, -1.0]], sample_rate=8000.0, max_outputs=1,
                   summary=b'\nQ\n\x07a/audio2F\r\x00\x00\xfaE\x10\x01\x18\x02"0RIFF(\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00'
                           b'@\x1f\x00\x00\x80>\x00\x00\x02\x00\x10\x00data\x04\x00\x00\x00\x00@\x00\x80*\taudio/wav')

    def infer(node):
        return ()

    def kernel(tag, tensor, sample_rate, *, max_outputs):
        return sounds.audio_summary(tag, np.asarray(tensor), sample_rate, max_outputs, source.NODE_NAME)


def image(name, tensor, max_outputs=3, collections=None, family=None):
    """A summary of the first images of a batch.

    uint8 are shown as they are. Of other numbers the largest in an image becomes 255 and 0 stays 0; where some are
    negative, 0 becomes 128 and the number farthest from it 1 or 255. Pixels that are not finite are red.

    Args:
      name: becomes the tag, below the current name scope, with ``/image/0``, ``/image/1`` and so on at its end.
      tensor: images of 1 (grey), 3 (RGB) or 4 (RGBA) channels, ``[images, height, width, channels]``; uint8 or floats.
      max_outputs: how many of the batch to keep; if 1, the tag ends in ``/image``.
      collections: where to add the op; default ``[GraphKeys.SUMMARIES]``, which ``merge_all`` takes.
      family: a prefix of the tag.

    Raises:
      ValueError: ``max_outputs`` is below 1.
      tf.errors.InvalidArgumentError: when it runs, for another rank or number of channels.

    >>> import graphcore as tf
    >>> grey = tf.summary.image("ramp", [[[[0.0], [0.5], [1.0]]]])
    >>> with tf.Session() as session:
    ...     value = tf.Summary.FromString(session.run(grey)).value[0]
    >>> value.tag, value.image.height, value.image.width, value.image.encoded_image_string[1:4]
    ('ramp/image/0', 1, 3, b'PNG')
    """
    with summary_scope(name, family, [tensor]) as (tag, scope):
        summary = ImageSummary.build(tag, tensor, max_images=max_outputs, name=scope)
        return collect(summary, collections, [GraphKeys.SUMMARIES])


def audio(name, tensor, sample_rate, max_outputs=3, collections=None, family=None):
    """A summary of the first sounds of a batch.

    Args:
      name: becomes the tag, below the current name scope, with ``/audio/0``, ``/audio/1`` and so on at its end.
      tensor: float32 from -1 to 1, ``[sounds, frames]`` or ``[sounds, frames, channels]``; what is louder is cut off.
      sample_rate: frames a second, a float32 scalar.
      max_outputs: how many of the batch to keep; if 1, the tag ends in ``/audio``.
      collections: where to add the op; default ``[GraphKeys.SUMMARIES]``, which ``merge_all`` takes.
      family: a prefix of the tag.

    Raises:
      ValueError: ``max_outputs`` is below 1.
      tf.errors.InvalidArgumentError: when it runs, for another rank, no frames, or a rate that is not above 0.

    >>> import graphcore as tf
    >>> chirp = tf.summary.audio("chirp", tf.sin(tf.linspace(0.0, 90.0, 400) ** 2 / 9.0)[tf.newaxis], sample_rate=8000.0)
    >>> with tf.Session() as session:
    ...     value = tf.Summary.FromString(session.run(chirp)).value[0]
    >>> value.tag, value.audio.length_frames, value.audio.content_type
    ('chirp/audio/0', 400, 'audio/wav')
    """
    with summary_scope(name, family, [tensor]) as (tag, scope):
        sample_rate = to_tensor(sample_rate, dtypes.float32, "sample_rate")
        summary = AudioSummaryV2.build(tag, tensor, sample_rate, max_outputs=max_outputs, name=scope)
        return collect(summary, collections, [GraphKeys.SUMMARIES])


__all__ = ["audio", "image"]
