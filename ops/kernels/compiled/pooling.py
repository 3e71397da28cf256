"""The compiled forms of `graphcore.ops.kernels.pooling`: all channels of a window at once, a vector of them at a time."""

import numpy as np

from graphcore.ops.kernels.compiled.vectors import (
    divided,
    everywhere,
    greater,
    lanes,
    larger,
    load_part,
    nothing,
    only_at,
    places_if_greater,
    places_of,
    plus,
    store,
    store_part,
)
from graphcore.ops.kernels.compiled.words import flat, i8, kernel, part, reads, run, writes

_PARALLEL = 1 << 16  # elements from which on threads share the work


@part
def put(result, place, vector, count):
    """Store ``count`` numbers, as one vector if they are one."""
    if count == lanes(result):
        store(result, place, vector)
    else:
        store_part(result, place, vector, count)


@part
def inside(at, window, stride, before, size):
    """(first, last + 1): which places of window number ``at`` are not padding."""
    start = at * stride - before
    return max(0, -start), min(window, size - start)


@kernel(lambda T: (reads(T), reads(i8), writes(T), i8, i8))
def largest(images, numbers, result, start, stop):
    """The maximum of each window; a unit is a row of windows."""
    height, width, channels, window_rows, window_columns, down, right, above, left, rows, columns = numbers[:11]
    for unit in range(start, stop):
        image, row = unit // rows, unit % rows
        top, bottom = inside(row, window_rows, down, above, height)
        for column in range(columns):
            first, last = inside(column, window_columns, right, left, width)
            corner = (image * height + row * down - above) * width + column * right - left
            whole = (bottom - top) * (last - first) == window_rows * window_columns
            start_value = images.dtype.type(np.nan) if whole else images.dtype.type(-np.inf)  # padding is -inf
            for channel in range(0, channels, lanes(result)):
                count, best = min(lanes(result), channels - channel), everywhere(start_value)
                for i in range(top, bottom):
                    for j in range(first, last):
                        best = larger(load_part(images, (corner + i * width + j) * channels + channel, count), best)
                put(result, (unit * columns + column) * channels + channel, best, count)


@kernel(lambda T: (reads(T), reads(T), reads(i8), writes(T), i8, i8))
def back_to_largest(images, gradients, numbers, result, start, stop):
    """Each window's gradient added where its first maximum is; a unit is an image."""
    height, width, channels, window_rows, window_columns, down, right, above, left, rows, columns = numbers[:11]
    apart = down >= window_rows and right >= window_columns
    for image in range(start, stop):
        for row in range(rows):
            top, bottom = inside(row, window_rows, down, above, height)
            for column in range(columns):
                first, last = inside(column, window_columns, right, left, width)
                corner = (image * height + row * down - above) * width + column * right - left
                for channel in range(0, channels, lanes(result)):
                    count = min(lanes(result), channels - channel)
                    best = load_part(images, (corner + top * width + first) * channels + channel, count)
                    places = places_of(best, top * width + first)
                    for i in range(top, bottom):
                        for j in range(first, last):
                            x = load_part(images, (corner + i * width + j) * channels + channel, count)
                            places = places_if_greater(x, best, places, i * width + j)
                            best = greater(x, best)
                    gradient = load_part(gradients, ((image * rows + row) * columns + column) * channels + channel, count)
                    for i in range(top, bottom):
                        for j in range(first, last):
                            place, share = (corner + i * width + j) * channels + channel, only_at(gradient, places, i * width + j)
                            if not apart:
                                share = plus(load_part(result, place, count), share)
                            put(result, place, share, count)


@kernel(lambda T: (reads(T), reads(i8), writes(T), i8, i8))
def averages(images, numbers, result, start, stop):
    """The mean of each window; a unit is a row of windows."""
    height, width, channels, window_rows, window_columns, down, right, above, left, rows, columns = numbers[:11]
    for unit in range(start, stop):
        image, row = unit // rows, unit % rows
        top, bottom = inside(row, window_rows, down, above, height)
        for column in range(columns):
            first, last = inside(column, window_columns, right, left, width)
            corner = (image * height + row * down - above) * width + column * right - left
            elements = everywhere(images.dtype.type((bottom - top) * (last - first)))
            for channel in range(0, channels, lanes(result)):
                count, total = min(lanes(result), channels - channel), nothing(result)
                for j in range(first, last):
                    tall = nothing(result)
                    for i in range(top, bottom):
                        tall = plus(tall, load_part(images, (corner + i * width + j) * channels + channel, count))
                    total = plus(total, tall)
                put(result, (unit * columns + column) * channels + channel, divided(total, elements), count)


@kernel(lambda T: (reads(T), reads(i8), writes(T), i8, i8))
def sums_of_shares(shares, numbers, result, start, stop):
    """For each element the sum of the shares of the windows that it is in; a unit is a row of an image."""
    height, width, channels, window_rows, window_columns, down, right, above, left, rows, columns = numbers[:11]
    for unit in range(start, stop):
        image, y = unit // height, unit % height
        for x in range(width):
            for channel in range(0, channels, lanes(result)):
                count, total = min(lanes(result), channels - channel), nothing(result)
                for i in range(window_rows):
                    row = (y + above - i) // down
                    if row < 0 or row >= rows or row * down != y + above - i:
                        continue
                    wide = nothing(result)
                    for j in range(window_columns):
                        column = (x + left - j) // right
                        if 0 <= column < columns and column * right == x + left - j:
                            wide = plus(wide, load_part(shares, ((image * rows + row) * columns + column) * channels + channel, count))
                    total = plus(total, wide)
                put(result, (unit * width + x) * channels + channel, total, count)


def _fits(images, spans, least=2):
    """Whether there is something to do, on so many channels at least: of a single one NumPy makes vectors along the rows."""
    return images.size and images.shape[3] >= least and all(span.dilation == 1 and span.count for span in spans)


def _numbers(spans, channels):
    rows, columns = spans
    return np.array((rows.size, columns.size, channels, rows.window, columns.window, rows.stride, columns.stride, rows.before,
                     columns.before, rows.count, columns.count))


def _each(function, arguments, units):
    run(function, arguments, units, arguments[-1].size >= _PARALLEL)


def maxima(images, spans):
    """`pooling.maxima`."""
    if not _fits(images, spans):
        return NotImplemented
    rows, columns = spans
    result = np.empty((len(images), rows.count, columns.count, images.shape[3]), images.dtype)
    _each(largest, (flat(images), _numbers(spans, images.shape[3]), result.reshape(-1)), len(images) * rows.count)
    return result


def at_first_maxima(images, gradients, spans):
    """`pooling.at_first_maxima`."""
    if not _fits(images, spans, 1):
        return NotImplemented
    result = np.zeros(images.shape, images.dtype)
    _each(back_to_largest, (flat(images), flat(gradients), _numbers(spans, images.shape[3]), result.reshape(-1)), len(images))
    return result


def means(images, spans):
    """`pooling.means`."""
    if not _fits(images, spans):
        return NotImplemented
    rows, columns = spans
    result = np.empty((len(images), rows.count, columns.count, images.shape[3]), images.dtype)
    _each(averages, (flat(images), _numbers(spans, images.shape[3]), result.reshape(-1)), len(images) * rows.count)
    return result


def added_up(shares, spans):
    """`pooling.added_up`."""
    if not _fits(shares, spans):
        return NotImplemented
    rows, columns = spans
    result = np.empty((len(shares), rows.size, columns.size, shares.shape[3]), shares.dtype)
    _each(sums_of_shares, (flat(shares), _numbers(spans, shares.shape[3]), result.reshape(-1)), len(shares) * rows.size)
    return result
