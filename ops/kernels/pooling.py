"""Maxima and means over the windows of images ``[batch, rows, columns, channels]``, and their gradients.

A maximum over a window is one over its rows, then over its columns: rows + columns steps instead of rows × columns.
"""

import numpy as np

from graphcore.core.compiled import compiled_in
from graphcore.ops.kernels.windows import FLOATS, inside, padded, taps, wide

_COMPILED = "graphcore.ops.kernels.compiled.pooling"


def _lowest(dtype):
    return -np.inf if dtype.kind not in "iu" else np.iinfo(dtype).min


@compiled_in(_COMPILED, FLOATS)
def maxima(images, spans):
    """The maximum of each window; NaN counts only where there is nothing else."""
    larger = np.maximum if images.dtype.kind in "iu" else np.fmax
    rows, columns = spans
    source = padded(images, spans, _lowest(images.dtype))
    tall = source[:, rows.tap(0)].copy()
    for place in range(1, rows.window):
        larger(tall, source[:, rows.tap(place)], out=tall)
    result = tall[:, :, columns.tap(0)].copy()
    for place in range(1, columns.window):
        larger(result, tall[:, :, columns.tap(place)], out=result)
    return result


def first_maxima(images, spans):
    """``(maxima, places)``: the first maximum of each window and where it is, counted row by row within the window."""
    rows, columns = spans
    source = padded(images, spans, _lowest(images.dtype))
    top, left = rows.first_inside, columns.first_inside
    largest = source[:, top + np.arange(rows.count) * rows.stride][:, :, left + np.arange(columns.count) * columns.stride]
    places = np.empty(largest.shape, np.int32)
    places[...] = (top[:, None] * columns.window + left)[..., None]
    for row, column, index in taps(spans):
        part = source[index]
        better = part > largest
        np.copyto(largest, part, where=better)
        np.copyto(places, row * columns.window + column, where=better)
    return largest, places


def at_places(gradients, places, spans):
    """Images with each of ``gradients`` added where ``places`` say, zeros elsewhere."""
    rows, columns = spans
    result = np.zeros((gradients.shape[0], rows.padded, columns.padded, gradients.shape[3]), gradients.dtype)
    zero = gradients.dtype.type(0)
    for row, column, index in taps(spans):
        result[index] += np.where(places == row * columns.window + column, gradients, zero)
    return np.ascontiguousarray(inside(result, spans))


@compiled_in(_COMPILED, FLOATS)
def at_first_maxima(images, gradients, spans):
    """`at_places` of the first maxima of ``images``."""
    return at_places(gradients, first_maxima(images, spans)[1], spans)


def from_places(images, places, spans):
    """For each window the element of ``images`` that is in its place of ``places``."""
    source = padded(images, spans)
    result = np.zeros(places.shape, images.dtype)
    for row, column, index in taps(spans):
        np.copyto(result, source[index], where=places == row * spans[1].window + column)
    return result


def flat_places(places, spans, channels, with_batch):
    """``places`` within windows as indices of elements in a flattened image, or in all images flattened."""
    rows, columns = spans
    row, column = np.divmod(places.astype(np.int64), columns.window)
    row += (np.arange(rows.count) * rows.stride - rows.before)[:, None, None]
    column += (np.arange(columns.count) * columns.stride - columns.before)[:, None]
    index = (row * columns.size + column) * channels + np.arange(channels)
    if with_batch:
        index += (np.arange(len(places)) * rows.size * columns.size * channels)[:, None, None, None]
    return index


def _shares(spans, dtype):
    """How many elements each window has that are no padding, ``[rows, columns, 1]``."""
    lengths = []
    for span in spans:
        starts = np.arange(span.count) * span.stride - span.before
        lengths.append(np.minimum(starts + span.window, span.size) - np.maximum(starts, 0))
    return (lengths[0][:, None] * lengths[1])[..., None].astype(dtype)


@compiled_in(_COMPILED, FLOATS)
def means(images, spans):
    """The mean of each window, padding left out."""
    source, = wide(images)
    rows, columns = spans
    source = padded(source, spans)
    tall = source[:, rows.tap(0)].copy()
    for place in range(1, rows.window):
        tall += source[:, rows.tap(place)]
    result = tall[:, :, columns.tap(0)].copy()
    for place in range(1, columns.window):
        result += tall[:, :, columns.tap(place)]
    result /= _shares(spans, result.dtype)
    return result.astype(images.dtype, copy=False)


def shared_out(gradients, spans):
    """The gradient of `means` in its images: to each element its share of its windows' ``gradients``."""
    dtype = gradients.dtype
    gradients, = wide(gradients)
    return added_up(gradients / _shares(spans, gradients.dtype), spans).astype(dtype, copy=False)


@compiled_in(_COMPILED, FLOATS)
def added_up(shares, spans):
    """Images in which each element is the sum of the ``shares`` of the windows it is in."""
    rows, columns = spans
    batch, channels = shares.shape[0], shares.shape[3]
    tall = np.zeros((batch, rows.count, columns.padded, channels), shares.dtype)
    for place in range(columns.window):
        tall[:, :, columns.tap(place)] += shares
    result = np.zeros((batch, rows.padded, columns.padded, channels), shares.dtype)
    for place in range(rows.window):
        result[:, rows.tap(place)] += tall
    return np.ascontiguousarray(inside(result, spans))
