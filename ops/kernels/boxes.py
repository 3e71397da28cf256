"""Boxes ``[top, left, bottom, right]`` on images: drawn, cut out and drawn at random."""

import math

import numpy as np

from graphcore.ops.kernels.philox import philox

# Yellow, blue, red, lime, purple, olive, maroon, navy, aqua, fuchsia; all of them opaque.
COLOURS = np.array([[1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1], [0.5, 0.5, 0, 1], [0.5, 0, 0, 1],
                    [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1]], np.float32)

# ---------------------------------------------------------------- drawn


def draw(images, boxes, colours):
    """``images`` with the outlines of ``boxes``, whose sides go from 0 to 1; the colours take turns."""
    result = images.copy()
    depth = images.shape[3]
    for image, its_boxes in zip(result, boxes):
        for number, box in enumerate(its_boxes):
            _outline(image, box, colours[number % len(colours), :depth].astype(images.dtype))
    return result


def _outline(image, box, colour):
    rows, columns = image.shape[:2]
    ends = np.array([rows - 1, columns - 1] * 2, np.float32)
    if not np.isfinite(box).all():
        return
    top, left, bottom, right = [int(each) for each in np.clip(box[:4] * ends, -2.0 ** 40, 2.0 ** 40)]
    if top > bottom or left > right or top >= rows or left >= columns or bottom < 0 or right < 0:
        return
    down, across = slice(max(top, 0), min(bottom, rows - 1) + 1), slice(max(left, 0), min(right, columns - 1) + 1)
    for row in (top, bottom):
        if 0 <= row < rows:
            image[row, across] = colour
    for column in (left, right):
        if 0 <= column < columns:
            image[down, column] = colour


# ---------------------------------------------------------------- cut out


class Sampling:
    """Where the pixels of one crop come from, along one axis: two neighbours, the second one's share, and which are within."""

    def __init__(self, start, end, size, count):
        last = np.float32(size - 1)
        self.step = last / np.float32(count - 1) if count > 1 else np.float32(0)
        if count > 1:
            scale = (end - start) * last / np.float32(count - 1)
            places = start * last + np.arange(count, dtype=np.float32) * scale
        else:
            places = np.array([np.float32(0.5) * (start + end) * last], np.float32)
        self.within = (places >= 0) & (places <= last)
        places = np.where(self.within, places, np.float32(0))
        self.lower, self.upper = np.floor(places).astype(np.int64), np.ceil(places).astype(np.int64)
        self.nearest = np.where(places - np.floor(places) >= np.float32(0.5), self.upper, self.lower)
        self.share = places - np.floor(places)


def samplings(box, sizes, counts):
    """The `Sampling` of rows, and that of columns."""
    top, left, bottom, right = box
    return Sampling(top, bottom, sizes[0], counts[0]), Sampling(left, right, sizes[1], counts[1])


def crops(images, boxes, indices, counts, nearest, outside):
    """The parts ``boxes`` of the images ``indices``, each resized to ``counts`` pixels; float32."""
    result = np.empty((len(boxes), *counts, images.shape[3]), np.float32)
    for crop, box, index in zip(result, boxes, indices):
        rows, columns = samplings(box, images.shape[1:3], counts)
        image = images[index].astype(np.float32, copy=False)
        if nearest:
            crop[...] = image[rows.nearest[:, None], columns.nearest]
        else:
            crop[...] = _between(*_corners(image, rows, columns), rows, columns)
        crop[~(rows.within[:, None] & columns.within)] = outside
    return result


def _corners(image, rows, columns):
    """The four pixels around each place: upper left, upper right, lower left, lower right."""
    return [image[row[:, None], column] for row in (rows.lower, rows.upper) for column in (columns.lower, columns.upper)]


def _between(upper_left, upper_right, lower_left, lower_right, rows, columns):
    across, down = columns.share[:, None], rows.share[:, None, None]
    upper = upper_left + (upper_right - upper_left) * across
    lower = lower_left + (lower_right - lower_left) * across
    return upper + (lower - upper) * down


def crops_image_gradient(gradients, boxes, indices, shape, dtype, nearest):
    """The gradients in crops added up where their pixels came from, in images of ``shape``."""
    result = np.zeros(shape, dtype)
    for gradient, box, index in zip(gradients, boxes, indices):
        rows, columns = samplings(box, shape[1:3], gradient.shape[:2])
        gradient = np.where((rows.within[:, None] & columns.within)[:, :, None], gradient, np.float32(0))
        for row, row_weight in _reads(rows, nearest):
            part = gradient * row_weight[:, None, None]
            for column, column_weight in _reads(columns, nearest):
                np.add.at(result[index], (row[:, None], column), (part * column_weight[:, None]).astype(dtype))
    return result


def _reads(sampling, nearest):
    if nearest:
        return [(sampling.nearest, np.ones_like(sampling.share))]
    return (sampling.lower, np.float32(1) - sampling.share), (sampling.upper, sampling.share)


def crops_boxes_gradient(gradients, images, boxes, indices):
    """The gradients in crops as gradients in the sides of the boxes."""
    result = np.zeros((len(boxes), 4), np.float32)
    for sides, gradient, box, index in zip(result, gradients, boxes, indices):
        rows, columns = samplings(box, images.shape[1:3], gradient.shape[:2])
        upper_left, upper_right, lower_left, lower_right = _corners(images[index].astype(np.float32), rows, columns)
        across, down = columns.share[:, None], rows.share[:, None, None]
        gradient = np.where((rows.within[:, None] & columns.within)[:, :, None], gradient, np.float32(0))
        downwards = gradient * ((1 - across) * (lower_left - upper_left) + across * (lower_right - upper_right))
        rightwards = gradient * ((1 - down) * (upper_right - upper_left) + down * (lower_right - lower_left))
        sides[0::2] = _of_sides(downwards.sum(axis=(1, 2)), rows, images.shape[1])
        sides[1::2] = _of_sides(rightwards.sum(axis=(0, 2)), columns, images.shape[2])
    return result


def _of_sides(slopes, sampling, size):
    """The gradients in the first and the second side, of those along their axis."""
    if len(slopes) == 1:
        return [slopes[0] * np.float32(0.5) * np.float32(size - 1)] * 2
    second = np.arange(len(slopes), dtype=np.float32) * sampling.step
    return (slopes * (np.float32(size - 1) - second)).sum(), (slopes * second).sum()


# ---------------------------------------------------------------- drawn at random


class Words:
    """32-bit words of a Philox generator, one by one, as floats from 0 to 1 and as integers."""

    def __init__(self, state, most):
        first = state.reserve((most + 3) // 4)
        self.words = philox(state.key, first, (most + 3) // 4 + 64).ravel().tolist()
        self.place = 0

    def word(self):
        self.place += 1
        return self.words[self.place - 1]

    def fraction(self):
        return np.array(self.word() & 0x7FFFFF | 0x3F800000, np.uint32).view(np.float32)[()] - np.float32(1)

    def below(self, count):
        """An integer from 0 to ``count - 1``, all of them equally likely."""
        if count & (count - 1) == 0:
            return self.word() & (count - 1)
        left_over = (0xFFFFFFFF % count) + 1
        while (word := self.word()) < left_over:
            pass
        return word % count


def random_window(state, sizes, boxes, least_covered, ratios, areas, attempts):
    """A window (top, left, rows, columns) of an image of ``sizes`` that covers enough of a box; the whole image if none is found.

    ``boxes`` are in pixels.
    """
    words = Words(state, 4 * attempts)
    low, high = np.float32(ratios[0]), np.float32(ratios[1])
    for _ in range(attempts):
        ratio = words.fraction() * (high - low) + low
        window = _window(words, sizes, [np.float32(each) for each in areas], ratio)
        if window is not None and _covers(window, boxes, least_covered):
            return window
    return 0, 0, *sizes


def _rounded(value):
    """C's lrintf."""
    return int(np.rint(np.float32(value)))


def _window(words, sizes, areas, ratio):
    rows, columns = sizes
    if areas[1] <= 0 or ratio <= 0 or rows <= 0 or columns <= 0 or areas[0] > areas[1]:
        return None
    least, most = [area * np.float32(columns) * np.float32(rows) for area in areas]
    height = _rounded(np.sqrt(least / ratio))
    highest = _rounded(np.sqrt(most / ratio))
    if _rounded(np.float32(highest) * ratio) > columns:
        highest = int((np.float32(columns + 0.5) - np.float32(0.0000001)) / ratio)
        highest -= _rounded(np.float32(highest) * ratio) > columns
    highest = min(highest, rows)
    height = min(height, highest)
    if height < highest:
        height += words.below(highest - height + 1)
    height, width = _of_fitting_area(height, ratio, least, most)
    if not least <= width * height <= most or not 0 < width <= columns or not 0 < height <= rows:
        return None
    top = words.below(rows - height) if height < rows else 0
    return top, words.below(columns - width) if width < columns else 0, height, width


def _of_fitting_area(height, ratio, least, most):
    """Rows and columns, one row more or less if rounding made the area too small or too large."""
    width = _rounded(np.float32(height) * ratio)
    for wrong, change in ((lambda area: area < least, 1), (lambda area: area > most, -1)):
        if wrong(np.float32(width * height)):
            height += change
            width = _rounded(np.float32(height) * ratio)
    return height, width


def _covers(window, boxes, least_covered):
    """Whether the window covers this part of a box of a pixel or more."""
    top, left, rows, columns = window
    for y_low, x_low, y_high, x_high in boxes:
        area = max(0, y_high - y_low) * max(0, x_high - x_low)
        shared = max(0, min(top + rows, y_high) - max(top, y_low)) * max(0, min(left + columns, x_high) - max(left, x_low))
        if area >= 1 and np.float32(shared) / np.float32(area) >= least_covered:
            return True
    return False


def glimpse(image, sizes, place, noise):
    """A window of ``sizes`` at ``place`` (row, column); what is not of the image is ``noise(image, shape)``."""
    rows, columns = image.shape[:2]
    top, left = [math.trunc(each) for each in place]
    ends = min(top + sizes[0], rows), min(left + sizes[1], columns)
    starts = max(top, 0), max(left, 0)
    whole = top >= 0 and left >= 0 and top + sizes[0] < rows and left + sizes[1] < columns
    if whole:
        return image[top:ends[0], left:ends[1]]
    result = noise(image, (*sizes, image.shape[2]))
    if starts[0] < ends[0] and starts[1] < ends[1]:
        result[starts[0] - top:ends[0] - top, starts[1] - left:ends[1] - left] = image[starts[0]:ends[0], starts[1]:ends[1]]
    return result
