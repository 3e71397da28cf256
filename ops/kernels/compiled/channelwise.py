"""The compiled forms of convolutions that keep channels apart: vectors go along the channels."""

import numpy as np

from graphcore.ops.kernels.compiled.vectors import (
    element,
    lanes,
    load,
    load_part,
    nothing,
    plus,
    store,
    store_part,
    sum_of_products,
)
from graphcore.ops.kernels.compiled.walking import PIECES, backward, forward, room_for, take_band
from graphcore.ops.kernels.compiled.words import flat, i8, kernel, reads, run, writes

_PARALLEL = 1 << 18  # multiplications from which on threads share the work


@kernel(lambda T: (reads(T), reads(i8), reads(i8), reads(i8), reads(T), reads(i8), writes(T), i8, i8))
def convolve(images, numbers, starts, taps, weights, places, result, start, stop):
    """Each channel's windows with its own filter, ``weights`` being ``[taps, channels]``; a unit is a band of an image."""
    channels, image_size, band_size, origin = numbers[12:16]
    scratch = room_for(images, numbers)
    for unit in range(start, stop):
        image, band, positions = take_band(images, numbers, unit, scratch)
        shift = image * image_size + band * band_size + origin
        for at in range(positions):
            source, target = element(starts, at), shift + element(places, at)
            for channel in range(0, channels, lanes(result)):
                total, count = nothing(result), min(lanes(result), channels - channel)
                if count == lanes(result):
                    for tap in range(taps.size):
                        w, x = load(weights, tap * channels + channel), load(scratch, source + element(taps, tap) + channel)
                        total = sum_of_products(x, w, total)
                    store(result, target + channel, total)
                else:
                    for tap in range(taps.size):
                        w = load_part(weights, tap * channels + channel, count)
                        total = sum_of_products(load_part(scratch, source + element(taps, tap) + channel, count), w, total)
                    store_part(result, target + channel, total, count)


@kernel(lambda T: (reads(T), reads(i8), reads(i8), reads(i8), reads(T), writes(T), i8, i8, i8, i8))
def correlate(images, numbers, starts, taps, gradients, result, items, pieces, start, stop):
    """For each tap the sums of products of images and gradients; a unit is a piece of the bands."""
    depth, high, rows, across = numbers[2], numbers[6], numbers[8], numbers[9]
    scratch = room_for(images, numbers)
    for piece in range(start, stop):
        for item in range(items * piece // pieces, items * (piece + 1) // pieces):
            image, band, positions = take_band(images, numbers, item, scratch)
            first = (image * rows + band * high) * across * depth
            for tap in range(taps.size):
                for channel in range(0, depth, lanes(result)):
                    total, count = nothing(result), min(lanes(result), depth - channel)
                    place = (piece * taps.size + tap) * depth + channel
                    for at in range(positions):
                        x = load_part(scratch, element(starts, at) + element(taps, tap) + channel, count)
                        total = sum_of_products(x, load_part(gradients, first + at * depth + channel, count), total)
                    store_part(result, place, plus(load_part(result, place, count), total), count)


def _repeated(images, times):
    return images if times == 1 else np.repeat(images, times, axis=3)


def convolved_depthwise(images, filters, spans):
    """`windows.convolved_depthwise`."""
    rows, columns = spans
    channels = filters.shape[2] * filters.shape[3]
    result = np.empty((len(images), rows.count, columns.count, channels), images.dtype)
    if not result.size or not filters.size:
        return NotImplemented
    images = _repeated(images, filters.shape[3])
    walk, places, numbers = forward(len(images), channels, images.itemsize, spans, channels)
    arguments = flat(images), numbers, walk.starts, walk.offsets[::channels].copy(), flat(filters), places, result.reshape(-1)
    run(convolve, arguments, walk.units, result.size * rows.window * columns.window >= _PARALLEL)
    return result


def spread_depthwise(outputs, filters, spans):
    """`windows.spread_depthwise`."""
    if not outputs.size or not filters.size or not np.isfinite(filters).all():
        return NotImplemented  # a place beside the gradients, where they count as 0, is no product of a filter there
    rows, columns = spans
    depth, each = filters.shape[2:]
    channels = depth * each
    kinds = backward(len(outputs), channels, outputs.itemsize, spans, channels)
    whole = len(kinds) == rows.stride * columns.stride
    result = (np.empty if whole else np.zeros)((len(outputs), rows.size, columns.size, channels), outputs.dtype)
    given = flat(outputs)
    for walk, places, numbers, chosen in kinds:
        weights = flat(filters[chosen])
        arguments = given, numbers, walk.starts, walk.offsets[::channels].copy(), weights, places, result.reshape(-1)
        run(convolve, arguments, walk.units, result.size * len(weights) // channels >= _PARALLEL)
    return result if each == 1 else result.reshape(*result.shape[:3], depth, each).sum(axis=4)


def correlated_depthwise(images, outputs, spans):
    """`windows.correlated_depthwise`."""
    if not images.size or not outputs.size:
        return NotImplemented
    rows, columns = spans
    depth, channels = images.shape[3], outputs.shape[3]
    images = _repeated(images, channels // depth)
    walk, _, numbers = forward(len(images), channels, images.itemsize, spans, channels)
    taps, pieces = walk.offsets[::channels].copy(), min(PIECES, walk.units)
    result = np.zeros((pieces, taps.size * channels), images.dtype)
    arguments = flat(images), numbers, walk.starts, taps, flat(outputs), result.reshape(-1), walk.units, pieces
    run(correlate, arguments, pieces, outputs.size * taps.size >= _PARALLEL)
    return np.add.reduce(result).reshape(rows.window, columns.window, depth, channels // depth)
