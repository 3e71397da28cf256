"""Signals cut into frames that overlap, frames added up again, and the windows that fade them in and out."""

import math

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import bool as bool_
from graphcore.core.dtypes import float32, int32
from graphcore.core.scopes import name_scope
from graphcore.core.view import constant_value
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    comparison,
    constants,
    control_flow,
    division,
    filling,
    gathering,
    joining,
    padding,
    reductions,
    sequences,
    slicing,
    splitting,
    transposing,
    trigonometry,
)


def _scalar(value, name):
    value = to_tensor(value, name=name)
    value.shape.assert_has_rank(0)
    return value


def frame(signal, frame_length, frame_step, pad_end=False, pad_value=0, axis=-1, name=None):
    """``signal`` cut along ``axis`` into frames: ``[..., frames, frame_length, ...]``.

    Args:
      frame_length, frame_step: ints: how long frames are, and how far apart they begin.
      pad_end: whether the end is filled up with ``pad_value``, so that every element is in a frame; else what makes no whole frame
        is left out.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.signal.frame([1, 2, 3, 4, 5], 3, 2))
    array([[1, 2, 3],
           [3, 4, 5]], dtype=int32)
    """
    with name_scope(name, "frame", [signal, frame_length, frame_step, pad_value]):
        signal = to_tensor(signal, name="signal")
        frame_length, frame_step = _scalar(frame_length, "frame_length"), _scalar(frame_step, "frame_step")
        axis = _scalar(axis, "axis")
        signal.shape.with_rank_at_least(1)
        known = _static_shape(signal, frame_length, frame_step, pad_end, axis)
        rank = arrays.rank(signal)
        axis = sequences.range(rank)[axis]
        sizes = arrays.shape(signal)
        outer, length, inner = splitting.split(sizes, [axis, 1, rank - 1 - axis])
        length = arrays.reshape(length, [])
        counts = arrays.size(outer), arrays.size(inner)
        if pad_end:
            count, signal = _lengthened(signal, length, frame_length, frame_step, pad_value, counts)
            sizes = arrays.shape(signal)
            length = sizes[axis]
        else:
            count = arithmetic.maximum(0, 1 + (length - frame_length) // frame_step)
        frames = _frames(signal, (sizes, outer, length, inner), frame_length, frame_step, count, axis)
        if known:
            frames.set_shape(known)
        return frames


def _static_shape(signal, frame_length, frame_step, pad_end, axis):
    """The sizes of the result as far as they are known; None if not even their number is."""
    length, step, axis = (None if value is None else int(value) for value in map(constant_value, (frame_length, frame_step, axis)))
    if signal.shape.ndims is None:
        return None
    if axis is None:
        return [None] * (signal.shape.ndims + 1)
    sizes, count = signal.shape.as_list(), None
    found = sizes[axis]
    if found is not None and step is not None:
        if pad_end:
            count = max(0, -(-found // step))
        elif length is not None:
            count = max(0, (found - length + step) // step)
    return [*sizes[:axis], count, length, *sizes[axis:][1:]]


def _lengthened(signal, length, frame_length, frame_step, value, counts):
    """(the number of frames, the signal with ``value`` behind it so that the last one is whole)."""
    value = to_tensor(value, signal.dtype)
    value.shape.assert_has_rank(0)
    count = -(-length // frame_step)
    more = arithmetic.maximum(0, frame_length + frame_step * (count - 1) - length)
    before, behind = filling.zeros([counts[0], 2], dtype=more.dtype), filling.zeros([counts[1], 2], dtype=more.dtype)
    return count, padding.pad(signal, joining.concat([before, [[0, more]], behind], 0), constant_values=value)


def _frames(signal, sizes, frame_length, frame_step, count, axis):
    """The frames, gathered from pieces whose length divides that of frames and steps."""
    all_sizes, outer, length, inner = sizes
    piece = _common_divisor(frame_length, frame_step)
    each, hop, pieces = frame_length // piece, frame_step // piece, length // piece
    whole = joining.concat([outer, [pieces * piece], inner], 0)
    cut = joining.concat([outer, [pieces, piece], inner], 0)
    parts = arrays.reshape(slicing.strided_slice(signal, filling.zeros_like(all_sizes), whole), cut)
    first = arrays.reshape(sequences.range(count) * hop, [count, 1])
    within = arrays.reshape(sequences.range(each), [1, each])
    found = gathering.gather(parts, first + within, axis=axis)
    return arrays.reshape(found, joining.concat([outer, [count, frame_length], inner], 0))


def _common_divisor(a, b):
    """The greatest common divisor, as a tensor."""
    with name_scope(None, "gcd", [a, b]):
        values = constant_value(a), constant_value(b)
        if None in values:
            raise NotImplementedError("frame needs a frame_length and a frame_step that are known when the graph is built: "
                                      "tensors that are fed are not built")
        return to_tensor(math.gcd(*map(int, values)))


def overlap_and_add(signal, frame_step, name=None):
    """The signal ``[..., samples]`` that the frames ``[..., frames, frame_length]`` add up to, each ``frame_step`` after the last.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.signal.overlap_and_add([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]], 2))
    array([ 1.,  2., 13., 20., 30.], dtype=float32)
    """
    with name_scope(name, "overlap_and_add", [signal, frame_step]):
        signal = to_tensor(signal, name="signal")
        signal.shape.with_rank_at_least(2)
        frame_step = _scalar(frame_step, "frame_step")
        if not frame_step.dtype.is_integer:
            raise ValueError(f"frame_step must be an integer. Got {frame_step.dtype!r}")
        sizes = arrays.shape(signal)
        outer = sizes[:-2]
        rank = arrays.size(outer)
        length, frames = sizes[-1], sizes[-2]
        samples = length + frame_step * (frames - 1)
        known = constant_value(frame_step)
        if known is not None and signal.shape.dims is not None and known == signal.shape.dims[-1].value:
            return arrays.reshape(signal, joining.concat([outer, [samples]], 0), name="fast_path")
        return _added(signal, (outer, rank, length, frames), frame_step)[..., :samples]


def _added(signal, sizes, step):
    """Frames cut into segments as long as a step, shifted against each other by reshaping, and summed."""
    outer, rank, length, frames = sizes

    def shaped(tensor, *inner):
        return arrays.reshape(tensor, joining.concat([outer, list(inner)], 0))

    segments = -(-length // step)
    pairs = [[0, segments], [0, segments * step - length]]
    signal = padding.pad(signal, joining.concat([filling.zeros([rank, 2], int32), pairs], 0))
    signal = shaped(signal, frames + segments, segments, step)
    signal = transposing.transpose(signal, joining.concat([sequences.range(rank), rank + [1, 0, 2]], 0))
    signal = shaped(signal, (frames + segments) * segments, step)
    signal = signal[..., :(frames + segments - 1) * segments, :]
    signal = shaped(signal, segments, frames + segments - 1, step)
    return shaped(reductions.reduce_sum(signal, -3), (frames + segments - 1) * step)


# ---------------------------------------------------------------- windows


def hann_window(window_length, periodic=True, dtype=float32, name=None):
    """A Hann window: half a cosine's wave raised above zero; ``periodic`` leaves the last zero to the next period.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.signal.hann_window(4))
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    return _raised_cosine(name, "hann_window", window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(window_length, periodic=True, dtype=float32, name=None):
    """A Hamming window; arguments as for `hann_window`."""
    return _raised_cosine(name, "hamming_window", window_length, periodic, dtype, 0.54, 0.46)


def _raised_cosine(name, default_name, window_length, periodic, dtype, a, b):
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {dtype}")
    with name_scope(name, default_name, [window_length, periodic]):
        window_length = to_tensor(window_length, dtype=int32, name="window_length")
        window_length.shape.assert_has_rank(0)
        known = constant_value(window_length)
        if known is not None and known == 1:
            return filling.ones([1], dtype=dtype)
        periodic = casting.Cast.build(to_tensor(periodic, dtype=bool_, name="periodic"), DstT=int32, name="Cast")
        even = 1 - division.floormod(window_length, 2)
        count = casting.cast(window_length + periodic * even - 1, dtype)
        number = casting.cast(sequences.range(window_length), dtype)
        angle = constants.constant(2 * np.pi, dtype=dtype) * number / count
        if known is not None:
            return casting.cast(a - b * trigonometry.cos(angle), dtype)
        return control_flow.cond(comparison.equal(window_length, 1), lambda: filling.ones([1], dtype=dtype),
                                 lambda: casting.cast(a - b * trigonometry.cos(angle), dtype))


__all__ = ["frame", "hamming_window", "hann_window", "overlap_and_add"]
