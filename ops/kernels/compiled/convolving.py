"""The compiled forms of the convolutions in `graphcore.ops.kernels.windows`.

All three are one matrix product, that of the windows with the filters, whose left operand is never made: `tile` finds
its elements by two tables, where each row of it starts in the images and how far from there each column is.  A band of
an image with its padding lies in a small array of its own while its windows are taken.
"""

import numpy as np

from graphcore.ops.kernels.compiled.vectors import (
    element,
    lanes,
    load,
    load_part,
    nothing,
    spread_element,
    store,
    store_part,
    sum_of,
    sum_of_products,
)
from graphcore.ops.kernels.compiled.walking import PIECES, backward, forward, room_for, take_band
from graphcore.ops.kernels.compiled.words import flat, i8, kernel, part, reads, run, writes

_ROWS = 6  # of a tile: as many sums as a machine with 16 registers holds
_MOST_PARTIAL = 1 << 21  # numbers in partial sums for the pieces
_PARALLEL = 1 << 20  # multiplications from which on threads share the work


@part
def tile(source, starts, first, count, offsets, depth, weights, place, step, result, places, shift, columns, adding):
    """Some columns of the product's rows ``first`` to ``first + 5``: sums over ``depth`` products.

    Row r and column k of the left operand is ``source[starts[r] + offsets[k]]``, row k of the right one is at
    ``weights[place + k * step]``; what comes out is put, or added, to ``result[shift + places[r]]``.
    """
    last = count - 1
    r0, r1, r2 = min(first, last), min(first + 1, last), min(first + 2, last)  # row ``last`` may come several times
    r3, r4, r5 = min(first + 3, last), min(first + 4, last), min(first + 5, last)
    p0, p1, p2 = shift + element(places, r0), shift + element(places, r1), shift + element(places, r2)
    p3, p4, p5 = shift + element(places, r3), shift + element(places, r4), shift + element(places, r5)
    t0 = t1 = t2 = t3 = t4 = t5 = nothing(result)
    if adding:
        t0, t1, t2 = load_part(result, p0, columns), load_part(result, p1, columns), load_part(result, p2, columns)
        t3, t4, t5 = load_part(result, p3, columns), load_part(result, p4, columns), load_part(result, p5, columns)
    s0, s1, s2 = element(starts, r0), element(starts, r1), element(starts, r2)
    s3, s4, s5 = element(starts, r3), element(starts, r4), element(starts, r5)
    for k in range(depth):
        offset = element(offsets, k)
        w = load(weights, place)
        t0 = sum_of_products(spread_element(source, s0 + offset), w, t0)
        t1 = sum_of_products(spread_element(source, s1 + offset), w, t1)
        t2 = sum_of_products(spread_element(source, s2 + offset), w, t2)
        t3 = sum_of_products(spread_element(source, s3 + offset), w, t3)
        t4 = sum_of_products(spread_element(source, s4 + offset), w, t4)
        t5 = sum_of_products(spread_element(source, s5 + offset), w, t5)
        place += step
    if columns == lanes(result):
        store(result, p0, t0), store(result, p1, t1), store(result, p2, t2)
        store(result, p3, t3), store(result, p4, t4), store(result, p5, t5)
    else:
        store_part(result, p0, t0, columns), store_part(result, p1, t1, columns), store_part(result, p2, t2, columns)
        store_part(result, p3, t3, columns), store_part(result, p4, t4, columns), store_part(result, p5, t5, columns)


@kernel(lambda T: (reads(T), reads(i8), reads(i8), reads(i8), reads(T), reads(i8), writes(T), i8, i8))
def convolve(images, numbers, starts, offsets, weights, places, result, start, stop):
    """The windows' products with packed filters; a unit is a band of an image."""
    channels, image_size, band_size, origin = numbers[12:16]
    scratch = room_for(images, numbers)
    for unit in range(start, stop):
        image, band, count = take_band(images, numbers, unit, scratch)
        shift = image * image_size + band * band_size + origin
        for channel in range(0, channels, lanes(result)):
            for first in range(0, count, _ROWS):
                tile(scratch, starts, first, count, offsets, offsets.size, weights, channel * offsets.size, lanes(result),
                     result, places, shift + channel, min(lanes(result), channels - channel), False)


@part
def narrow_tile(source, starts, first, count, runs, length, weights, place, result, places, shift):
    """One column of the product's rows ``first`` to ``first + 5``, a vector of each row at a time.

    The left operand's columns are runs of ``length`` neighbours; the column of the right one is at ``weights[place]``.
    """
    last = count - 1
    r0, r1, r2 = min(first, last), min(first + 1, last), min(first + 2, last)
    r3, r4, r5 = min(first + 3, last), min(first + 4, last), min(first + 5, last)
    s0, s1, s2 = element(starts, r0), element(starts, r1), element(starts, r2)
    s3, s4, s5 = element(starts, r3), element(starts, r4), element(starts, r5)
    t0 = t1 = t2 = t3 = t4 = t5 = nothing(result)
    for run_number in range(runs.size):
        for k in range(0, length, lanes(result)):
            width, at = min(lanes(result), length - k), element(runs, run_number) + k
            w = load_part(weights, place + k, width)
            t0 = sum_of_products(load_part(source, s0 + at, width), w, t0)
            t1 = sum_of_products(load_part(source, s1 + at, width), w, t1)
            t2 = sum_of_products(load_part(source, s2 + at, width), w, t2)
            t3 = sum_of_products(load_part(source, s3 + at, width), w, t3)
            t4 = sum_of_products(load_part(source, s4 + at, width), w, t4)
            t5 = sum_of_products(load_part(source, s5 + at, width), w, t5)
        place += length
    result[shift + element(places, r0)], result[shift + element(places, r1)] = sum_of(t0), sum_of(t1)
    result[shift + element(places, r2)], result[shift + element(places, r3)] = sum_of(t2), sum_of(t3)
    result[shift + element(places, r4)], result[shift + element(places, r5)] = sum_of(t4), sum_of(t5)


@kernel(lambda T: (reads(T), reads(i8), reads(i8), reads(i8), i8, reads(T), reads(i8), writes(T), i8, i8))
def convolve_narrow(images, numbers, starts, runs, length, weights, places, result, start, stop):
    """`convolve` for filters of a channel or two, whose columns lie one after the other."""
    channels, image_size, band_size, origin = numbers[12:16]
    scratch = room_for(images, numbers)
    for unit in range(start, stop):
        image, band, count = take_band(images, numbers, unit, scratch)
        shift = image * image_size + band * band_size + origin
        for channel in range(channels):
            for first in range(0, count, _ROWS):
                narrow_tile(scratch, starts, first, count, runs, length, weights, channel * runs.size * length, result, places,
                            shift + channel)


@part
def pack(matrix, place, rows, columns, result):
    """Copy ``rows`` of a matrix in blocks of as many columns as a vector has, row after row within each; 0 fills the last."""
    count = lanes(result)
    for first in range(0, columns, count):
        width, target = min(count, columns - first), first * rows
        for row in range(rows):
            store(result, target + row * count, load_part(matrix, place + row * columns + first, width))


@kernel(lambda T: (reads(T), reads(i8), reads(i8), reads(i8), reads(T), reads(i8), writes(T), i8, i8, i8, i8, i8))
def correlate(images, numbers, starts, offsets, gradients, places, result, items, pieces, groups, start, stop):
    """Sums of products of windows with gradients; a unit is a group of the filters' elements and a piece of the bands."""
    high, rows, across, channels = numbers[6], numbers[8], numbers[9], numbers[12]
    scratch = room_for(images, numbers)
    blocks = np.empty((channels + lanes(result) - 1) // lanes(result) * lanes(result) * high * across, images.dtype)
    tiles = (offsets.size + _ROWS - 1) // _ROWS
    for unit in range(start, stop):
        piece, group = unit // groups, unit % groups
        for item in range(items * piece // pieces, items * (piece + 1) // pieces):
            image, band, count = take_band(images, numbers, item, scratch)
            pack(gradients, (image * rows + band * high) * across * channels, count, channels, blocks)
            for channel in range(0, channels, lanes(result)):
                for first in range(tiles * group // groups, tiles * (group + 1) // groups):
                    tile(scratch, offsets, first * _ROWS, offsets.size, starts, count, blocks, channel * count, lanes(result),
                         result, places, piece * offsets.size * channels + channel, min(lanes(result), channels - channel), True)


# ---------------------------------------------------------------- what the kernels are given


def _packed(matrix, count):
    """The columns of a matrix in blocks of ``count``, row after row within each; zeros fill the last."""
    rows, columns = matrix.shape
    blocks = -(-columns // count)
    if columns % count:
        wide = np.zeros((rows, blocks * count), matrix.dtype)
        wide[:, :columns] = matrix
        matrix = wide
    return np.ascontiguousarray(matrix.reshape(rows, blocks, count).transpose(1, 0, 2)).reshape(-1)


def _convolve(images, walk, places, numbers, matrix, result, length):
    """Have the products of windows and ``matrix`` put into ``result``; the windows' elements are in runs of this ``length``."""
    columns = matrix.shape[1]
    if columns * images.itemsize <= 12 and length * images.itemsize >= 32:  # vectors along the columns would be all but empty
        runs = np.ascontiguousarray(walk.offsets[::length])
        function, arguments = convolve_narrow, (images, numbers, walk.starts, runs, length, flat(matrix.T), places, result)
    else:
        weights = _packed(matrix, 64 // images.itemsize)
        function, arguments = convolve, (images, numbers, walk.starts, walk.offsets, weights, places, result)
    run(function, arguments, walk.units, result.size * walk.offsets.size >= _PARALLEL)


def convolved(images, filters, spans):
    """`windows.convolved`."""
    depth, channels = filters.shape[2:]
    rows, columns = spans
    result = np.empty((len(images), rows.count, columns.count, channels), images.dtype)
    if not result.size or not filters.size:
        return NotImplemented
    walk, places, numbers = forward(len(images), depth, images.itemsize, spans, channels)
    length = depth * columns.window if columns.dilation == 1 else depth
    _convolve(flat(images), walk, places, numbers, filters.reshape(-1, channels), result.reshape(-1), length)
    return result


def spread(outputs, filters, spans):
    """`windows.spread`."""
    rows, columns = spans
    depth, channels = filters.shape[2:]
    if not outputs.size or not filters.size or not np.isfinite(filters).all():
        return NotImplemented  # a place beside the gradients, where they count as 0, is no product of a filter there
    kinds = backward(len(outputs), channels, outputs.itemsize, spans, depth)
    whole = len(kinds) == rows.stride * columns.stride
    result = (np.empty if whole else np.zeros)((len(outputs), rows.size, columns.size, depth), outputs.dtype)
    given = flat(outputs)
    for walk, places, numbers, chosen in kinds:
        matrix = filters[chosen].transpose(0, 2, 1).reshape(-1, depth)
        _convolve(given, walk, places, numbers, matrix, result.reshape(-1), channels)
    return result


def correlated(images, outputs, spans):
    """`windows.correlated`."""
    depth, channels = images.shape[3], outputs.shape[3]
    if not images.size or not outputs.size:
        return NotImplemented
    rows, columns = spans
    walk, _, numbers = forward(len(images), depth, images.itemsize, spans, channels)
    elements = walk.offsets.size
    pieces, groups = min(PIECES, walk.units), 1
    if elements * channels * pieces > _MOST_PARTIAL:
        pieces, groups = 1, PIECES
    result = np.zeros((pieces, elements * channels), images.dtype)
    arguments = (flat(images), numbers, walk.starts, walk.offsets, flat(outputs), np.arange(elements) * channels, result.reshape(-1),
                 walk.units, pieces, groups)
    run(correlate, arguments, pieces * groups, outputs.size * elements >= _PARALLEL)
    total = result[0] if pieces == 1 else np.add.reduce(result)
    return total.reshape(rows.window, columns.window, depth, channels)
