"""Windows that slide over images ``[batch, rows, columns, channels]``: their places, sums of products, and the way back.

The padding arithmetic of all convolutions and poolings is `span_of`.  Products are matrix products of packed windows;
windows are packed in blocks, so that a convolution never needs its input many times over in memory.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from graphcore.core import errors
from graphcore.core.compiled import compiled_in
from graphcore.ops.kernels.products import product

_CONVOLVING = "graphcore.ops.kernels.compiled.convolving"
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))  # that kernels are compiled for
_BLOCK_BYTES = 1 << 22  # packed windows of one block: what the caches of a core hold, more or less


class Span(NamedTuple):
    """Where windows lie along one axis: ``count`` of them, ``stride`` apart, over an axis with padding around it."""

    size: int
    window: int
    stride: int
    dilation: int
    count: int
    before: int
    after: int

    @property
    def padded(self):
        return self.size + self.before + self.after

    def tap(self, place):
        """The elements of the padded axis that are at ``place`` in each window."""
        start = place * self.dilation
        return slice(start, start + self.stride * (self.count - 1) + 1 if self.count else start, self.stride)

    @property
    def first_inside(self):
        """For each window the first place in it that is not padding."""
        starts = np.arange(self.count) * self.stride
        return np.maximum(0, -((starts - self.before) // self.dilation)).clip(max=self.window - 1)


def span_of(size, window, stride=1, dilation=1, padding=b"VALID", explicit=(0, 0)):
    """The `Span` of windows along an axis; TF's error if there would be fewer than none."""
    reach = (window - 1) * dilation + 1
    before, after = explicit if padding == b"EXPLICIT" else (0, 0)
    if padding == b"SAME":
        count = -(-size // stride)
        missing = max(0, (count - 1) * stride + reach - size)
        before, after = missing // 2, missing - missing // 2
    else:
        count = int((size + before + after - reach + stride) / stride)
    if count < 0:
        raise errors.InvalidArgumentError(None, None, f"Computed output size would be negative: {count} [input_size: {size}, "
                                          f"effective_filter_size: {reach}, stride: {stride}]: the windows do not fit into the images")
    return Span(size, window, stride, dilation, count, before, after)


def spans_of(sizes, windows, strides, dilations, padding, explicit=((0, 0), (0, 0))):
    """The `Span` of the rows and that of the columns."""
    rows, columns = zip(sizes, windows, strides, dilations, explicit)
    return span_of(*rows[:4], padding, rows[4]), span_of(*columns[:4], padding, columns[4])


def padded(images, spans, value=0):
    """``images`` with the padding of ``spans`` around them; themselves if there is none."""
    rows, columns = spans
    if not (rows.before or rows.after or columns.before or columns.after):
        return images
    result = np.full((images.shape[0], rows.padded, columns.padded, images.shape[3]), value, images.dtype)
    inside(result, spans)[...] = images
    return result


def inside(images, spans):
    """The part of padded images that is no padding."""
    rows, columns = spans
    return images[:, rows.before:rows.before + rows.size, columns.before:columns.before + columns.size]


def taps(spans):
    """For each place in a window, in order: its row, its column and the index of its elements in padded images."""
    rows, columns = spans
    for row in range(rows.window):
        for column in range(columns.window):
            yield row, column, (slice(None), rows.tap(row), columns.tap(column))


def _windows(images, spans):
    """A view ``[batch, rows, columns, window rows, window columns, channels]`` of padded images."""
    rows, columns = spans
    batch, down, right, channel = images.strides
    shape = (images.shape[0], rows.count, columns.count, rows.window, columns.window, images.shape[3])
    strides = (batch, down * rows.stride, right * columns.stride, down * rows.dilation, right * columns.dilation, channel)
    return as_strided(images, shape, strides, writeable=False)


def _blocks(windows):
    """Indices ``(images, rows)`` that cut windows into blocks of a moderate size."""
    batch, rows = windows.shape[:2]
    row_bytes = max(1, int(np.prod(windows.shape[2:])) * windows.dtype.itemsize)
    height = max(1, _BLOCK_BYTES // row_bytes)
    images = max(1, height // max(1, rows))
    for first in range(0, batch, images):
        for top in range(0, rows, height):
            yield slice(first, first + images), slice(top, top + height)


def _packed(windows):
    return windows.reshape(math.prod(windows.shape[:3]), math.prod(windows.shape[3:]))


def wide(*arrays):
    """The arrays as they are, 16-bit floats as float32: sums need more digits."""
    return [each.astype(np.float32) if each.dtype.itemsize == 2 else each for each in arrays]


@compiled_in(_CONVOLVING, FLOATS)
def convolved(images, filters, spans):
    """The sums of products of each window with ``filters`` ``[rows, columns, channels, channels out]``."""
    dtype = images.dtype
    images, filters = wide(images, filters)
    channels = filters.shape[3]
    windows = _windows(padded(images, spans), spans)
    if not windows.size or not channels:
        return np.zeros((*windows.shape[:3], channels), dtype)
    matrix = filters.reshape(-1, channels)
    result = np.empty((*windows.shape[:3], channels), images.dtype)
    for block in _blocks(windows):
        part = windows[block]
        result[block] = product(_packed(part), matrix).reshape(result[block].shape)
    return result.astype(dtype, copy=False)


@compiled_in(_CONVOLVING, FLOATS)
def spread(outputs, filters, spans):
    """The gradient of `convolved` in its images, from that in its result."""
    dtype = outputs.dtype
    outputs, filters = wide(outputs, filters)
    rows, columns = spans
    channels = filters.shape[2]
    result = np.zeros((outputs.shape[0], rows.padded, columns.padded, channels), outputs.dtype)
    flat = np.ascontiguousarray(outputs).reshape(math.prod(outputs.shape[:3]), outputs.shape[3])
    for row, column, index in taps(spans):
        result[index] += product(flat, filters[row, column].T).reshape(*outputs.shape[:3], channels)
    return np.ascontiguousarray(inside(result, spans)).astype(dtype, copy=False)


@compiled_in(_CONVOLVING, FLOATS)
def correlated(images, outputs, spans):
    """The gradient of `convolved` in its filters, from its images and the gradient in its result."""
    dtype = images.dtype
    images, outputs = wide(images, outputs)
    rows, columns = spans
    windows = _windows(padded(images, spans), spans)
    result = np.zeros((rows.window * columns.window * images.shape[3], outputs.shape[3]), images.dtype)
    for block in _blocks(windows if outputs.size else windows[:0]):
        result += product(_packed(windows[block]).T, outputs[block].reshape(-1, outputs.shape[3]))
    return result.reshape(rows.window, columns.window, images.shape[3], outputs.shape[3]).astype(dtype, copy=False)


@compiled_in("graphcore.ops.kernels.compiled.channelwise", FLOATS)
def convolved_depthwise(images, filters, spans):
    """Each channel's windows with that channel's filters ``[rows, columns, channels, filters per channel]``."""
    dtype = images.dtype
    images, filters = wide(images, filters)
    source = padded(images, spans)
    rows, columns = spans
    result = np.zeros((images.shape[0], rows.count, columns.count, *filters.shape[2:]), images.dtype)
    for row, column, index in taps(spans):
        result += source[index][..., None] * filters[row, column]
    return result.reshape(*result.shape[:3], filters.shape[2] * filters.shape[3]).astype(dtype, copy=False)


@compiled_in("graphcore.ops.kernels.compiled.channelwise", FLOATS)
def spread_depthwise(outputs, filters, spans):
    """The gradient of `convolved_depthwise` in its images."""
    dtype = outputs.dtype
    outputs, filters = wide(outputs, filters)
    rows, columns = spans
    outputs = outputs.reshape(*outputs.shape[:3], *filters.shape[2:])
    result = np.zeros((outputs.shape[0], rows.padded, columns.padded, filters.shape[2]), outputs.dtype)
    for row, column, index in taps(spans):
        result[index] += np.einsum("nrcio,io->nrci", outputs, filters[row, column])
    return np.ascontiguousarray(inside(result, spans)).astype(dtype, copy=False)


@compiled_in("graphcore.ops.kernels.compiled.channelwise", FLOATS)
def correlated_depthwise(images, outputs, spans):
    """The gradient of `convolved_depthwise` in its filters."""
    dtype = images.dtype
    images, outputs = wide(images, outputs)
    rows, columns = spans
    channels = images.shape[3]
    outputs = outputs.reshape(*outputs.shape[:3], channels, -1)
    result = np.empty((rows.window, columns.window, *outputs.shape[3:]), images.dtype)
    source = padded(images, spans)
    for row, column, index in taps(spans):
        result[row, column] = np.einsum("nrci,nrcio->io", source[index], outputs)
    return result.astype(dtype, copy=False)
