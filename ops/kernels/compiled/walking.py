"""How windows walk over images: tables of places for one shape, and bands of padded images."""

import functools

import numpy as np

from graphcore.ops.kernels.compiled.memory import copy_bytes
from graphcore.ops.kernels.compiled.words import part

PIECES = 8
_FRAME = 1 << 16  # bytes of a band: it should stay in the second level of the cache


@part
def frame(images, image, height, width, depth, top, left, rows, columns, result):
    """Copy rows and columns of an image from ``(top, left)`` on; what is outside is 0."""
    size = images.itemsize
    before, until = min(max(0, -left), columns), max(0, min(columns, width - left))
    for row in range(rows):
        target, y = row * columns * depth, top + row
        if y < 0 or y >= height or until <= before:
            result[target:target + columns * depth] = 0
            continue
        result[target:target + before * depth] = 0
        copy_bytes(result, target + before * depth, images, ((image * height + y) * width + left + before) * depth,
                   (until - before) * depth * size)
        result[target + until * depth:target + columns * depth] = 0


@part
def room_for(images, numbers):
    """An array for the elements of a band."""
    return np.empty(numbers[10] * numbers[11] * numbers[2], images.dtype)


@part
def take_band(images, numbers, item, result):
    """(image, number of the band in it, windows in the band) of a band of some image; ``numbers`` are a `Walk`'s."""
    height, width, depth, top, left, step, high, bands, rows, across, frame_rows, frame_columns = numbers[:12]
    image, band = item // bands, item % bands
    frame(images, image, height, width, depth, top + band * high * step, left, frame_rows, frame_columns, result)
    return image, band, min(high, rows - band * high) * across


class Walk:
    """How windows walk over images: the numbers and tables that kernels are given for one shape."""

    def __init__(self, batch, size, depth, item_bytes, counts, steps, lows, reaches, taps):
        """``size``, ``counts``, ``steps``, ``lows`` and ``reaches`` are of rows and columns; ``taps`` are places from ``lows`` on."""
        (height, width), (rows, across) = size, counts
        frame_columns = (across - 1) * steps[1] + reaches[1]
        row_bytes = frame_columns * depth * item_bytes
        high = max(1, min(rows, _FRAME // row_bytes // steps[0]))
        if batch < PIECES:
            high = max(1, min(high, -(-rows * batch // PIECES)))
        self.bands = -(-rows // high)
        self.units = batch * self.bands
        self.high = high
        frame_rows = (high - 1) * steps[0] + reaches[0]
        self.numbers = (height, width, depth, lows[0], lows[1], steps[0], high, self.bands, rows, across, frame_rows, frame_columns)
        y, x = np.divmod(np.arange(high * across), across)
        self.y, self.x = y, x
        self.starts = (y * steps[0] * frame_columns + x * steps[1]) * depth
        taps = np.array([row * frame_columns + column for row, column in taps], np.int64)
        self.offsets = (taps[:, None] * depth + np.arange(depth)).ravel()


@functools.lru_cache(maxsize=256)
def forward(batch, depth, item_bytes, spans, channels):
    """The walk of the windows, where what comes of them is put, and the numbers for a kernel."""
    rows, columns = spans
    taps = [(i * rows.dilation, j * columns.dilation) for i in range(rows.window) for j in range(columns.window)]
    walk = Walk(batch, (rows.size, columns.size), depth, item_bytes, (rows.count, columns.count), (rows.stride, columns.stride),
                 (-rows.before, -columns.before), [(s.window - 1) * s.dilation + 1 for s in spans], taps)
    places = np.arange(walk.starts.size) * channels
    image = rows.count * columns.count * channels
    return walk, places, np.array((*walk.numbers, channels, image, walk.high * columns.count * channels, 0))


@functools.lru_cache(maxsize=256)
def backward(batch, channels, item_bytes, spans, depth):
    """For each of the ``stride²`` kinds of places in the images: its walk over the gradients, with the filters' taps for it."""
    found = []
    rows, columns = spans
    for top in range(min(rows.stride, rows.size)):
        for left in range(min(columns.stride, columns.size)):
            counts = -(-(rows.size - top) // rows.stride), -(-(columns.size - left) // columns.stride)
            taps = [[(place, (at + span.before - place * span.dilation) // span.stride) for place in range(span.window)
                     if not (at + span.before - place * span.dilation) % span.stride] for at, span in zip((top, left), spans)]
            if not taps[0] or not taps[1]:
                continue
            lows = [min(shift for _, shift in each) for each in taps]
            reaches = [max(shift for _, shift in each) - low + 1 for each, low in zip(taps, lows)]
            pairs = [(row, column) for row in taps[0] for column in taps[1]]
            walk = Walk(batch, (rows.count, columns.count), channels, item_bytes, counts, (1, 1), lows, reaches,
                         [(row[1] - lows[0], column[1] - lows[1]) for row, column in pairs])
            places = (walk.y * rows.stride * columns.size + walk.x * columns.stride) * depth
            numbers = np.array((*walk.numbers, depth, rows.size * columns.size * depth,
                                walk.high * rows.stride * columns.size * depth, (top * columns.size + left) * depth))
            chosen = [row[0] for row, _ in pairs], [column[0] for _, column in pairs]
            found.append((walk, places, numbers, chosen))
    return found
