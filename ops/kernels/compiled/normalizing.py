"""The compiled forms of `graphcore.ops.kernels.normalizing`: float32 rows, one number a channel.

Sums over rows are made block of rows by block of rows, always the same ones.
"""

import math

import numpy as np

from graphcore.ops.kernels.compiled.vectors import lanes, load_part, minus, nothing, plus, store_part, times
from graphcore.ops.kernels.compiled.words import b1, f4, flat, i8, kernel, part, reads, run, writes

_BLOCK = 256  # rows whose sum is made at once
_PARALLEL = 1 << 16  # elements from which on threads share the work


@kernel(lambda T: (reads(T), reads(T), reads(T), b1, i8, writes(T), i8, i8))
def sums_of_distances(factors, rows, mean, squared, channels, result, start, stop):
    """The sums of ``factors * (rows - mean)``, or of ``(rows - mean)²``, over each block's columns."""
    count = rows.size // channels
    for block in range(start, stop):
        for channel in range(0, channels, lanes(result)):
            width, total = min(lanes(result), channels - channel), nothing(result)
            middle = load_part(mean, channel, width)
            for row in range(block * _BLOCK, min(count, (block + 1) * _BLOCK)):
                place = row * channels + channel
                distance = minus(load_part(rows, place, width), middle)
                factor = distance if squared else load_part(factors, place, width)
                total = plus(total, times(factor, distance))  # each product rounded, as in NumPy and TF
            store_part(result, block * channels + channel, total, width)


@kernel(lambda T: (reads(T), reads(T), reads(T), reads(T), i8, writes(T), i8, i8))
def scale(rows, mean, factor, offset, channels, result, start, stop):
    for row in range(start, stop):
        for channel in range(0, channels, lanes(result)):
            width, place = min(lanes(result), channels - channel), row * channels + channel
            distance = minus(load_part(rows, place, width), load_part(mean, channel, width))
            scaled = times(distance, load_part(factor, channel, width))
            store_part(result, place, plus(scaled, load_part(offset, channel, width)), width)


@kernel(lambda T: (reads(T), reads(T), reads(T), reads(T), reads(T), reads(T), i8, writes(T), i8, i8))
def combine(dy, rows, mean, shift, slope, factor, channels, result, start, stop):
    for row in range(start, stop):
        for channel in range(0, channels, lanes(result)):
            width, place = min(lanes(result), channels - channel), row * channels + channel
            distance = times(minus(load_part(rows, place, width), load_part(mean, channel, width)), load_part(slope, channel, width))
            rest = minus(minus(load_part(dy, place, width), load_part(shift, channel, width)), distance)
            store_part(result, place, times(rest, load_part(factor, channel, width)), width)


def _sums(factors, rows, mean, squared):
    if not rows.size:
        return NotImplemented
    channels = rows.shape[1]
    blocks = -(-len(rows) // _BLOCK)
    result = np.empty((blocks, channels), rows.dtype)
    arguments = flat(factors), flat(rows), flat(mean), squared, channels, result.reshape(-1)
    run(sums_of_distances, arguments, blocks, rows.size >= _PARALLEL)
    return np.add.reduce(result)


def squared_distances(rows, mean):
    """`normalizing.squared_distances`."""
    return _sums(rows, rows, mean, True)


def weighted_distances(dy, rows, mean):
    """`normalizing.weighted_distances`."""
    return _sums(dy, rows, mean, False)


def _over_rows(function, vectors, rows):
    if not rows.size or rows.shape[1] == 1:  # of a single channel NumPy makes vectors along the rows
        return NotImplemented
    result = np.empty(rows.shape, rows.dtype)
    arguments = *map(flat, vectors), rows.shape[1], result.reshape(-1)
    run(function, arguments, len(rows), rows.size >= _PARALLEL)
    return result


def scaled(rows, mean, factor, offset):
    """`normalizing.scaled`."""
    return _over_rows(scale, (rows, mean, factor, offset), rows)


def combined(dy, rows, mean, shift, slope, factor):
    """`normalizing.combined`."""
    return _over_rows(combine, (dy, rows, mean, shift, slope, factor), rows)


# ---------------------------------------------------------------- over neighbouring channels


@part
def power(x, beta):
    """``x ** -beta``; the usual exponents are roots."""
    one = np.float32(1)
    if beta == np.float32(0.5):
        return one / np.float32(math.sqrt(x))
    if beta == np.float32(0.75):
        root = np.float32(math.sqrt(x))
        return one / (root * np.float32(math.sqrt(root)))
    if beta == one:
        return one / x
    return np.float32(math.pow(x, -beta))


@part
def band_sums(values, channels, radius, result):
    """Sums over the neighbours within ``radius`` of ``values``, which have so many zeros on either side."""
    for channel in range(0, channels, lanes(result)):
        width, total = min(lanes(result), channels - channel), load_part(values, channel + radius, min(lanes(result), channels - channel))
        for distance in range(1, radius + 1):
            total = plus(total, load_part(values, channel + radius - distance, width))
            total = plus(total, load_part(values, channel + radius + distance, width))
        store_part(result, channel, total, width)


@kernel(lambda T: (reads(T), i8, i8, f4, f4, f4, writes(T), i8, i8))
def normalize(images, channels, radius, bias, alpha, beta, result, start, stop):
    squares, norms = np.zeros(channels + 2 * radius, images.dtype), np.empty(channels, images.dtype)
    for row in range(start, stop):
        first = row * channels
        for channel in range(channels):
            squares[radius + channel] = images[first + channel] * images[first + channel]
        band_sums(squares, channels, radius, norms)
        for channel in range(channels):
            result[first + channel] = images[first + channel] * power(norms[channel] * alpha + bias, beta)


@kernel(lambda T: (reads(T), reads(T), reads(T), i8, i8, f4, f4, f4, f4, writes(T), i8, i8))
def back(dy, images, outputs, channels, radius, bias, alpha, beta, share, result, start, stop):
    wide, norms, shared = np.zeros(channels + 2 * radius, images.dtype), np.empty(channels, images.dtype), np.empty(channels, images.dtype)
    for row in range(start, stop):
        first = row * channels
        for channel in range(channels):
            wide[radius + channel] = images[first + channel] * images[first + channel]
        band_sums(wide, channels, radius, norms)
        for channel in range(channels):
            norms[channel] = norms[channel] * alpha + bias
            wide[radius + channel] = dy[first + channel] * outputs[first + channel] / norms[channel]
        band_sums(wide, channels, radius, shared)
        for channel in range(channels):
            result[first + channel] = (dy[first + channel] * power(norms[channel], beta)
                                       - share * images[first + channel] * shared[channel])


def _local(function, arrays, radius, numbers):
    images = arrays[0]
    channels = images.shape[-1]
    if not images.size:
        return NotImplemented
    result = np.empty(images.shape, images.dtype)
    arguments = (*map(flat, arrays), channels, min(radius, channels - 1), *map(np.float32, numbers), result.reshape(-1))
    run(function, arguments, images.size // channels, images.size >= _PARALLEL)
    return result


def locally_normalized(images, radius, bias, alpha, beta):
    """`normalizing.locally_normalized`."""
    return _local(normalize, (images,), radius, (bias, alpha, beta))


def local_gradient(gradient, images, outputs, radius, bias, alpha, beta):
    """`normalizing.local_gradient`."""
    return _local(back, (gradient, images, outputs), radius, (bias, alpha, beta, 2 * alpha * beta))
