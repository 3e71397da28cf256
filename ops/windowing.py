"""What convolutions and poolings share: the formats of images, lists of strides, and static shapes."""

from collections import abc

import numpy as np

from graphcore.core import errors
from graphcore.core.opdef import Attr
from graphcore.core.shapes import ShapeMismatch, with_rank
from graphcore.ops.kernels.windows import span_of, spans_of

FORMATS = (b"NHWC", b"NCHW")
PADDINGS = (b"SAME", b"VALID")
ONES = (1, 1, 1, 1)


def format_attr():
    """The declaration of ``data_format``: where the channels are."""
    return Attr(bytes, default=b"NHWC", allowed=FORMATS)


def spatial(data_format):
    """The axes of rows and columns, and that of channels."""
    return (2, 3, 1) if data_format == b"NCHW" else (1, 2, 3)


def channels_last(images, data_format):
    """Images of either format with the channels as their last axis."""
    return images.transpose(0, 2, 3, 1) if data_format == b"NCHW" else images


def in_format(images, data_format):
    """Images with channels last in the format that is wanted."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)) if data_format == b"NCHW" else images


def sizes_in_format(batch, rows, columns, channels, data_format):
    return (batch, channels, rows, columns) if data_format == b"NCHW" else (batch, rows, columns, channels)


def sequence_of(value, channel_axis, name, length=2):
    """An int, or a list of 1, ``length`` or ``length + 2`` of them, as one entry for each axis of the images."""
    if value is None:
        value = [1]
    elif value.__class__ is not list and not isinstance(value, abc.Sized):
        value = [value]
    if len(value) == length + 2:
        return value
    if len(value) not in (1, length):
        raise ValueError(f"{name} should be of length 1, {length} or {length + 2} but was {len(value)}")
    value = list(value) * (length if len(value) == 1 else 1)
    return [1, 1, *value] if channel_axis == 1 else [1, *value, 1]


def channel_axis(data_format):
    return 1 if data_format.startswith("NC") else 3


def check_lists(op_name, **lists):
    """Raise `ShapeMismatch` unless each list has one positive entry for each of four axes."""
    for name, values in lists.items():
        if len(values) != 4:
            raise ShapeMismatch(f"{op_name} requires the {name} attribute to contain 4 values, but got: {len(values)}")
        for value in values:
            if value <= 0:
                phrase = "Dilation rate must be >= 1" if name == "dilations" else f"{_SINGULAR[name]} must be > 0"
                raise ShapeMismatch(f"{phrase}, but got {value}")


def check_four(**lists):
    """`InvalidArgumentError` unless each list has an entry for each axis of images, as TF's kernels want it."""
    for name, values in lists.items():
        if len(values) != 4:
            raise errors.InvalidArgumentError(None, None, f"Sliding window {name} field must specify 4 dimensions")
        if min(values) <= 0:
            phrase = "Row and column strides" if name == "strides" else "Dilated rates"
            raise errors.InvalidArgumentError(None, None, f"{phrase} should be larger than 0.")


_SINGULAR = {"strides": "Stride", "ksize": "Window size"}


def window_count(size, window, stride, dilation, padding, explicit=(0, 0)):
    """How many windows there are along an axis, None if that is not known; `ShapeMismatch` if none fits."""
    if padding == b"SAME" and window is None:
        window = 1  # of no consequence
    if size is None or window is None:
        return None
    reach = (window - 1) * dilation + 1
    room = size + (sum(explicit) if padding == b"EXPLICIT" else 0)
    if padding != b"SAME" and reach > room:
        raise ShapeMismatch(f"Negative dimension size caused by subtracting {reach} from {room}")
    return span_of(size, window, stride, dilation, padding, explicit).count


def image_spans(sizes, windows, settings):
    """The spans of rows and columns for images of these ``sizes``.

    ``settings`` are strides, dilations, padding, explicit paddings and format.
    TF's errors if an axis other than rows and columns has strides or dilations.
    """
    strides, dilations, padding, explicit, data_format = settings
    rows, columns, channels = spatial(data_format)
    for name, values in (("strides", strides), ("dilations", dilations)):
        if values[0] != 1 or values[channels] != 1:
            raise errors.InvalidArgumentError(None, None, f"Current implementation does not yet support {name} in the batch and "
                                              f"depth dimensions. They are {list(values)}.")
    around = explicit_pairs(explicit, rows, columns)
    return spans_of((sizes[rows], sizes[columns]), windows, (strides[rows], strides[columns]),
                    (dilations[rows], dilations[columns]), padding, around)


def explicit_pairs(explicit, rows, columns):
    """The explicit paddings of rows and columns; zeros if there are none."""
    if not explicit:
        return (0, 0), (0, 0)
    return tuple(explicit[2 * rows:2 * rows + 2]), tuple(explicit[2 * columns:2 * columns + 2])


def sizes_asked(asked):
    """The sizes that a vector of sizes stands for, as far as they are known."""
    with_rank(asked.shape.sizes, 1)
    entries = asked.partial
    if entries is None:
        return with_rank(None, 4)
    return with_rank(tuple([None if entry is None or entry < 0 else int(entry) for entry in entries]), 4)
