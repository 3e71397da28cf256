"""The compiled forms of bilinear resizing: a row is interpolated between its columns once, then between rows."""

import numpy as np

from graphcore.ops.kernels.compiled.words import f4, flat, i8, kernel, part, reads, run, writes

_PARALLEL = 1 << 16  # elements from which on threads share the work


@part
def across(images, row, width, channels, lower, upper, nearness, result):
    """Row number ``row`` of all images' between its columns."""
    place = 0
    for column in range(lower.size):
        left, right = (row * width + lower[column]) * channels, (row * width + upper[column]) * channels
        for channel in range(channels):
            x = images[left + channel]
            result[place] = x + (images[right + channel] - x) * nearness[column]
            place += 1


@kernel(lambda T: (reads(T), i8, i8, i8, reads(i8), reads(i8), reads(f4), reads(i8), reads(i8), reads(f4), writes(T), i8, i8))
def interpolate(images, height, width, channels, lower_rows, upper_rows, row_nearness, lower, upper, nearness, result, start, stop):
    """A unit is a row of the result; two rows that were interpolated between their columns are kept for the next ones."""
    size, rows = lower.size * channels, lower_rows.size
    above, below = np.empty(size, images.dtype), np.empty(size, images.dtype)
    at_above = at_below = -1
    for unit in range(start, stop):
        image, row = unit // rows, unit % rows
        first, second = image * height + lower_rows[row], image * height + upper_rows[row]
        if at_above != first:
            if at_below == first:
                above, below, at_above, at_below = below, above, at_below, at_above
            else:
                across(images, first, width, channels, lower, upper, nearness, above)
                at_above = first
        if at_below != second:
            across(images, second, width, channels, lower, upper, nearness, below)
            at_below = second
        weight, place = row_nearness[row], unit * size
        for i in range(size):
            result[place + i] = above[i] + (below[i] - above[i]) * weight


@kernel(lambda T: (reads(T), i8, i8, i8, reads(i8, 2), reads(f4, 2), reads(i8, 2), reads(f4, 2), writes(T), i8, i8))
def add_back(gradients, height, width, channels, row_index, row_weight, column_index, column_weight, result, start, stop):
    """A unit is an image; every row of gradients goes to its columns, and these to its rows."""
    rows, columns = row_index.shape[1], column_index.shape[1]
    line = np.empty(width * channels, gradients.dtype)
    for image in range(start, stop):
        for row in range(rows):
            line[:] = 0
            place = (image * rows + row) * columns * channels
            for column in range(columns):
                for tap in range(column_index.shape[0]):
                    target, weight = column_index[tap, column] * channels, column_weight[tap, column]
                    for channel in range(channels):
                        line[target + channel] += gradients[place + channel] * weight
                place += channels
            for tap in range(row_index.shape[0]):
                target, weight = (image * height + row_index[tap, row]) * line.size, row_weight[tap, row]
                for i in range(line.size):
                    result[target + i] += line[i] * weight


def between(images, row_taps, column_taps):
    """`resizing.between`."""
    if not images.size:
        return NotImplemented
    height, width, channels = images.shape[1:]
    result = np.empty((len(images), row_taps[0].index.size, column_taps[0].index.size, channels), images.dtype)
    if not result.size:
        return NotImplemented
    tables = [table for taps in (row_taps, column_taps) for table in (taps[0].index, taps[1].index, taps[1].weight)]
    arguments = flat(images), height, width, channels, *tables, result.reshape(-1)
    run(interpolate, arguments, len(images) * result.shape[1], result.size >= _PARALLEL)
    return result


def spread(gradients, row_taps, column_taps, sizes, dtype):
    """`resizing.spread`."""
    weights = [tap.weight for tap in (*row_taps, *column_taps)]
    if dtype != gradients.dtype or not gradients.size or any(w is None or w.dtype != np.float32 for w in weights):
        return NotImplemented
    result = np.zeros((len(gradients), *sizes, gradients.shape[3]), dtype)
    tables = [np.stack(each) for taps in (row_taps, column_taps) for each in zip(*taps)]
    arguments = flat(gradients), *sizes, gradients.shape[3], *tables, result.reshape(-1)
    run(add_back, arguments, len(gradients), gradients.size >= _PARALLEL)
    return result
