"""Windows of images with a number added to each element: their maxima, and where they are."""

import numpy as np

from graphcore.ops.kernels.windows import inside, padded, taps


def _prepared(images, filters, spans):
    """Images with padding that never is a maximum, and filters: integers in 64 bits, which their sums fit into."""
    if images.dtype.kind in "iu":
        return padded(images.astype(np.int64), spans, -2**62), filters.astype(np.int64), np.int64(-2**62)
    kind = np.float32 if images.dtype.itemsize == 2 else images.dtype
    lowest = np.array(np.finfo(kind).min, kind).astype(images.dtype)
    return padded(images, spans, np.array(-np.inf, images.dtype)), filters, lowest


def dilated(images, filters, spans):
    """For each window the maximum of its elements plus those of ``filters`` ``[rows, columns, channels]``."""
    return _largest(images, filters, spans)[0].astype(images.dtype, copy=False)


def _largest(images, filters, spans):
    """``(maxima, places)``: the first maximum of each window, and its place counted row by row within the window."""
    rows, columns = spans
    source, filters, lowest = _prepared(images, filters, spans)
    best = np.full((len(images), rows.count, columns.count, images.shape[3]), lowest, source.dtype)
    places = np.zeros(best.shape, np.int32)
    places[...] = (rows.first_inside[:, None] * columns.window + columns.first_inside)[..., None]
    for row, column, index in taps(spans):
        sums = source[index] + filters[row, column]
        better = sums > best
        np.copyto(best, sums, where=better)
        np.copyto(places, row * columns.window + column, where=better)
    return best, places


def to_images(images, filters, outputs, spans):
    """The gradient of `dilated` in its images: each of ``outputs`` where the maximum came from."""
    _, places = _largest(images, filters, spans)
    rows, columns = spans
    result = np.zeros((len(images), rows.padded, columns.padded, images.shape[3]), outputs.dtype)
    zero = outputs.dtype.type(0)
    for row, column, index in taps(spans):
        result[index] += np.where(places == row * columns.window + column, outputs, zero)
    return np.ascontiguousarray(inside(result, spans))


def to_filters(images, filters, outputs, spans):
    """The gradient of `dilated` in its filters."""
    _, places = _largest(images, filters, spans)
    result, zero = np.zeros_like(filters), outputs.dtype.type(0)
    for row, column, _ in taps(spans):
        chosen = np.where(places == row * spans[1].window + column, outputs, zero)
        result[row, column] = chosen.sum(axis=(0, 1, 2), dtype=outputs.dtype)
    return result
