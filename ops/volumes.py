"""What convolutions and poolings of volumes share: formats, lists of strides, static shapes and checks."""

import numpy as np

from graphcore.core import errors
from graphcore.core.opdef import Attr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import windowing
from graphcore.ops.kernels import volumes

FORMATS = (b"NDHWC", b"NCDHW")
ONES = (1, 1, 1, 1, 1)


def format_attr():
    """The declaration of ``data_format``: where the channels are."""
    return Attr(bytes, default=b"NDHWC", allowed=FORMATS)


def spatial(data_format):
    """The axes of planes, rows and columns, and that of channels."""
    return ((2, 3, 4), 1) if data_format == b"NCDHW" else ((1, 2, 3), 4)


def channels_last(array, data_format):
    """Volumes of either format with the channels as their last axis."""
    return np.moveaxis(array, 1, 4) if data_format == b"NCDHW" else array


def in_format(array, data_format):
    """Volumes with channels last in the format that is wanted."""
    return np.ascontiguousarray(np.moveaxis(array, 4, 1)) if data_format == b"NCDHW" else array


def check_lists(op_name, **lists):
    """Raise unless each list has one positive entry for each of five axes."""
    for name, values in lists.items():
        if len(values) < 5:
            raise ValueError(f"Attr '{name}' of '{op_name}' Op passed list of length {len(values)} less than minimum 5.")
        if len(values) > 5:
            raise ShapeMismatch(f"{op_name} requires the {name} attribute to contain 5 values, but got: {len(values)}")
        for value in values:
            if value <= 0:
                phrase = {"strides": "Stride must be", "ksize": "Window size must be", "dilations": "Dilation rate must be"}[name]
                raise ShapeMismatch(f"{phrase} > 0, but got {value}")


def output_sizes(sizes, lengths, node, channels, dilations=ONES):
    """The static sizes that windows of these ``lengths`` give for volumes of these ``sizes``; ``channels`` come out."""
    places, channel_axis = spatial(node.data_format)
    result = [sizes[0]] + [None] * 4
    result[channel_axis] = channels
    for axis, length in zip(places, lengths):
        result[axis] = windowing.window_count(sizes[axis], length, node.strides[axis], dilations[axis], node.padding)
    return tuple(result)


def spans(sizes, lengths, strides, dilations, padding, data_format):
    """The spans of planes, rows and columns for volumes of these ``sizes``."""
    places, _ = spatial(data_format)
    return volumes.spans_of(*_chosen(places, sizes), lengths, *_chosen(places, strides, dilations), padding)


def _chosen(places, *lists):
    return [[each[axis] for axis in places] for each in lists]


def sizes_asked(asked):
    """The sizes that a vector of sizes stands for, as far as they are known."""
    if asked.shape.sizes is not None and asked.shape.sizes not in ((5,), (None,)):
        raise ShapeMismatch(f"Shape must be rank 5 but is rank {asked.shape.sizes[0]}")
    entries = asked.partial
    if entries is None:
        return with_rank(None, 5)
    return with_rank(tuple([None if entry is None or entry < 0 else int(entry) for entry in entries]), 5)


def sizes_of(vector, name):
    """The value of a vector of five sizes as a tuple."""
    if vector.shape != (5,):
        raise invalid(f"{name} must be a vector of 5 sizes, its shape is {format_shape(vector.shape)}")
    return tuple(vector.tolist())


def check_shape(array, sizes, name):
    """Raise unless ``array`` has these sizes."""
    if array.shape != tuple(sizes):
        raise invalid(f"Expected {name} shape to be {format_shape(tuple(sizes))}, but got {format_shape(array.shape)}")


def invalid(text):
    return errors.InvalidArgumentError(None, None, text)
