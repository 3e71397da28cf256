"""Short-time Fourier transforms: spectra of the frames of signals, and signals from them."""

import math

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32
from graphcore.core.scopes import name_scope
from graphcore.core.view import constant_value
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    constants,
    division,
    filling,
    framing,
    joining,
    mathematics,
    padding,
    real_fourier,
    reductions,
    transposing,
)
from graphcore.ops.framing import hann_window


def _scalar(value, name):
    value = to_tensor(value, name=name)
    value.shape.assert_has_rank(0)
    return value


def _power_of_two(value):
    """The least power of two that is no less."""
    known = constant_value(value)
    if known is not None:
        return constants.constant(int(2 ** math.ceil(math.log(known) / math.log(2.0))), value.dtype)
    steps = mathematics.ceil(mathematics.log(casting.cast(value, float32)) / mathematics.log(2.0))
    return casting.cast(division.pow(2.0, steps), value.dtype)


def stft(signals, frame_length, frame_step, fft_length=None, window_fn=hann_window, pad_end=False, name=None):
    """The short-time Fourier transform of ``signals`` ``[..., samples]``: complex64, ``[..., frames, fft_length // 2 + 1]``.

    Args:
      frame_length, frame_step: ints: how many samples a frame has, and how far apart frames begin.
      fft_length: by default the least power of two that a frame fits into.
      window_fn: a function of a length and a ``dtype`` that gives what frames are multiplied with, or None.
      pad_end: whether zeros behind the signal make its last frames whole.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.abs(tf.signal.stft([1.0, 1.0, 1.0, 1.0], 2, 2, window_fn=None)))
    array([[2., 0.],
           [2., 0.]], dtype=float32)
    """
    with name_scope(name, "stft", [signals, frame_length, frame_step]):
        signals = to_tensor(signals, name="signals")
        signals.shape.with_rank_at_least(1)
        frame_length, frame_step = _scalar(frame_length, "frame_length"), _scalar(frame_step, "frame_step")
        fft_length = _power_of_two(frame_length) if fft_length is None else to_tensor(fft_length, name="fft_length")
        frames = framing.frame(signals, frame_length, frame_step, pad_end=pad_end)
        if window_fn is not None:
            frames *= window_fn(frame_length, dtype=frames.dtype)
        return real_fourier.rfft(frames, [fft_length])


def inverse_stft_window_fn(frame_step, forward_window_fn=hann_window, name=None):
    """The window function for `inverse_stft` that undoes that of `stft`, ``forward_window_fn``, also where frames overlap."""
    with name_scope(name, "inverse_stft_window_fn", [forward_window_fn]):
        frame_step = _scalar(frame_step, "frame_step")

    def inner(frame_length, dtype):
        """The window of that length."""
        with name_scope(name, "inverse_stft_window_fn", [forward_window_fn]):
            frame_length = _scalar(frame_length, "frame_length")
            window = forward_window_fn(frame_length, dtype=dtype)
            squares = arithmetic.square(window)
            overlaps = -(-frame_length // frame_step)
            squares = padding.pad(squares, [(0, overlaps * frame_step - frame_length)])
            squares = arrays.reshape(squares, [overlaps, frame_step])
            sums = transposing.tile(reductions.reduce_sum(squares, 0, keepdims=True), [overlaps, 1])
            return window / arrays.reshape(sums, [overlaps * frame_step])[:frame_length]

    return inner


def inverse_stft(stfts, frame_length, frame_step, fft_length=None, window_fn=hann_window, name=None):
    """The signals whose `stft` is ``stfts``, if ``window_fn`` is what `inverse_stft_window_fn` gives for its window."""
    with name_scope(name, "inverse_stft", [stfts]):
        stfts = to_tensor(stfts, name="stfts")
        stfts.shape.with_rank_at_least(2)
        frame_length, frame_step = _scalar(frame_length, "frame_length"), _scalar(frame_step, "frame_step")
        fft_length = _power_of_two(frame_length) if fft_length is None else _scalar(fft_length, "fft_length")
        frames = _of_length(real_fourier.irfft(stfts, [fft_length]), frame_length)
        if window_fn is not None:
            frames *= window_fn(frame_length, dtype=stfts.dtype.real_dtype)
        return framing.overlap_and_add(frames, frame_step)


def _of_length(frames, length):
    """``frames`` cut off or filled up with zeros to ``length`` samples."""
    known, rank = constant_value(length), frames.shape.ndims
    size = None if rank is None else frames.shape.as_list()[-1]
    if known is None or size is None:
        frames = frames[..., :length]
        count, sizes = arrays.rank(frames), arrays.shape(frames)
        zeros = filling.zeros([count - 1, 2], dtype=length.dtype)
        frames = padding.pad(frames, joining.concat([zeros, [[0, arithmetic.maximum(0, length - sizes[-1])]]], 0))
    elif size > known:
        frames = frames[..., :known]
    elif size < known:
        frames = padding.pad(frames, [[0, 0]] * (rank - 1) + [[0, known - size]])
    if known is not None and rank is not None:
        frames.set_shape([None] * (rank - 1) + [int(known)])
    return frames


__all__ = ["inverse_stft", "inverse_stft_window_fn", "stft"]
