"""Images ``[batch, rows, columns, channels]`` of other sizes: four ways to interpolate, and how gradients flow back through three.

Every way is separable: what is read for a row of the result depends on the row alone.  A *tap* is one such read,
(which row of the image, with what weight) for every row of the result.
"""

from typing import NamedTuple

import numpy as np

from graphcore.core.compiled import compiled_in

_COMPILED = "graphcore.ops.kernels.compiled.resizing"
_FLOAT32 = [np.dtype(np.float32)]
ONE, HALF = np.float32(1.0), np.float32(0.5)
TABLE_SIZE = 1024  # TF looks the cubic's values up


class Axis(NamedTuple):
    """Rows or columns: their number before and after, and how places of one are places of the other."""

    size: int
    count: int
    align_corners: bool = False
    half_pixel_centers: bool = False

    @property
    def scale(self):
        """How far one step in the result goes in the image."""
        if self.align_corners and self.count > 1:
            return np.float32(self.size - 1) / np.float32(self.count - 1)
        return np.float32(self.size) / np.float32(self.count)

    def places(self):
        """Where in the image each row of the result is."""
        steps = np.arange(self.count, dtype=np.float32)
        if self.half_pixel_centers:
            return (steps + HALF) * self.scale - HALF
        return steps * self.scale


class Tap(NamedTuple):
    """One read for every row of the result; the indices never go down."""

    index: np.ndarray
    weight: np.ndarray


def linear_taps(axis):
    """The two nearest rows, weighted by how near they are."""
    places = axis.places()
    below = np.floor(places)
    nearness = places - below
    lower = np.maximum(below.astype(np.int64), 0)
    upper = np.minimum(np.ceil(places).astype(np.int64), axis.size - 1)
    return Tap(lower, ONE - nearness), Tap(upper, nearness)


def nearest_rows(axis):
    """The index of the nearest row, as TF understands it in each of its three ways."""
    steps = np.arange(axis.count, dtype=np.float32)
    if axis.half_pixel_centers:
        places = np.floor((steps + HALF) * axis.scale)
    elif axis.align_corners:
        places = _rounded(steps * axis.scale)
    else:
        places = np.floor(steps * axis.scale)
    return np.clip(places.astype(np.int64), 0, axis.size - 1)


def _rounded(places):
    """Places that are not negative, rounded; halves go up."""
    below = np.floor(places)
    return below + (places - below >= HALF)


def cubic_taps(axis):
    """Four rows around each place, weighted by a cubic; rows beyond the edge are the edge, or count for nothing with half pixels."""
    places = axis.places()
    below = np.floor(places).astype(np.int64)
    steps = np.rint((places - below.astype(np.float32)) * np.float32(TABLE_SIZE)).astype(np.int64)
    near, far = _cubic_table(-0.5 if axis.half_pixel_centers else -0.75)
    weights = [far[steps], near[steps], near[TABLE_SIZE - steps], far[TABLE_SIZE - steps]]
    wanted = [below + shift for shift in (-1, 0, 1, 2)]
    indices = [np.clip(each, 0, axis.size - 1) for each in wanted]
    if axis.half_pixel_centers:
        weights = _weights_inside(weights, wanted, indices)
    return [Tap(*pair) for pair in zip(indices, weights)]


def _weights_inside(weights, wanted, indices):
    """The weights of rows that exist, made to add up to 1."""
    weights = [np.where(index == row, weight, np.float32(0)) for weight, row, index in zip(weights, wanted, indices)]
    total = weights[0] + weights[1] + weights[2] + weights[3]
    usable = np.abs(total) >= np.float32(1000) * np.finfo(np.float32).tiny
    factor = np.where(usable, ONE / np.where(usable, total, ONE), ONE)
    return [weight * factor for weight in weights]


def _cubic_table(a):
    """The cubic's values within one step of its middle, and between one and two, in 1/1024 of a step."""
    x = (np.arange(TABLE_SIZE + 1) / TABLE_SIZE).astype(np.float32)
    further = (x + ONE).astype(np.float64)
    x = x.astype(np.float64)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * further - 5 * a) * further + 8 * a) * further - 4 * a
    return near.astype(np.float32), far.astype(np.float32)


# ---------------------------------------------------------------- images from images


def bilinear(images, rows, columns):
    """Each pixel from the four around its place; float32."""
    images = images.astype(np.float32, copy=False)
    if (rows.size, columns.size) == (rows.count, columns.count):
        return images.copy()
    return between(images, linear_taps(rows), linear_taps(columns))


@compiled_in(_COMPILED, _FLOAT32)
def between(images, row_taps, column_taps):
    """Pixels between the columns of two taps, and those between the rows of two others."""
    return _between(_between(images, column_taps, 2), row_taps, 1)


def _between(images, taps, axis):
    """Between the rows of two taps, as far as the second one's weight says."""
    lower, upper = taps
    first = images.take(lower.index, axis)
    difference = images.take(upper.index, axis) - first
    difference *= along(upper.weight, axis)
    return first + difference


def along(weights, axis):
    """A vector, to be multiplied along this axis of images."""
    return weights.reshape([-1 if number == axis else 1 for number in range(4)])


def nearest(images, rows, columns):
    """Each pixel is one of the images'."""
    return images[:, nearest_rows(rows)[:, None], nearest_rows(columns)]


def bicubic(images, rows, columns):
    """Each pixel from the sixteen around its place; float32."""
    images = images.astype(np.float32, copy=False)
    return _weighted(_weighted(images, cubic_taps(rows), 1), cubic_taps(columns), 2)


def _weighted(images, taps, axis):
    total = 0
    for index, weight in taps:
        total = total + images.take(index, axis) * along(weight, axis)
    return total


def area(images, rows, columns):
    """Each pixel the mean of the area that it stands for; float32."""
    if not (rows.scale and columns.scale):  # one row with its corners at all corners stands for no area
        return np.full((images.shape[0], rows.count, columns.count, images.shape[3]), np.nan, np.float32)
    images = images.astype(np.float32, copy=False)
    total = _covered(_covered(images, columns), rows, axis=1)
    total *= ONE / (rows.scale * columns.scale)
    return total


def _covered(images, axis_of_image, axis=2):
    """Sums over the rows that each row of the result covers, the first and the last one in part."""
    scale, last = axis_of_image.scale, axis_of_image.size - 1
    starts = np.arange(axis_of_image.count, dtype=np.float32) * scale
    ends = np.arange(1, axis_of_image.count + 1, dtype=np.float32) * scale
    first = np.floor(starts).astype(np.int64)
    counts = np.ceil(ends).astype(np.int64) - first
    total = 0
    for number in range(counts.max()):
        index = first + number
        weight = np.where(number < counts, _part(index.astype(np.float32), starts, ends, scale), np.float32(0))
        part = images.take(np.clip(index, 0, last), axis)
        if not (weight > 0).all():  # what is not covered is not looked at: it may be infinite
            part = np.where(along(weight > 0, axis), part, np.float32(0))
        total = total + part * along(weight, axis)
    return total


def _part(row, start, end, scale):
    """How much of ``row`` .. ``row + 1`` lies between ``start`` and ``end``."""
    beyond = row + ONE > end
    return np.where(row < start, np.where(beyond, scale, row + ONE - start), np.where(beyond, end - row, ONE))


# ---------------------------------------------------------------- gradients


@compiled_in(_COMPILED, _FLOAT32)
def spread(gradients, row_taps, column_taps, sizes, dtype):
    """The gradients in pixels of the result added up where the pixels were read from, in images of ``sizes``."""
    result = np.zeros((gradients.shape[0], *sizes, gradients.shape[3]), dtype)
    for rows in row_taps:
        weighted = gradients if rows.weight is None else gradients * along(rows.weight, 1)
        across = np.zeros((*gradients.shape[:2], sizes[1], gradients.shape[3]), dtype)
        for columns in column_taps:
            values = weighted if columns.weight is None else weighted * along(columns.weight, 2)
            _add_at(across, columns.index, values.astype(dtype, copy=False), 2)
        _add_at(result, rows.index, across, 1)
    return result


def _add_at(total, index, values, axis):
    """Add ``values`` to ``total`` at ``index``, which never goes down, along ``axis``."""
    starts = np.flatnonzero(np.diff(index, prepend=index[0] - 1))
    sums = np.add.reduceat(values, starts, axis=axis, dtype=total.dtype)
    total[(slice(None),) * axis + (index[starts],)] += sums


def bilinear_gradient(gradients, rows, columns, dtype):
    return spread(gradients, linear_taps(rows), linear_taps(columns), (rows.size, columns.size), dtype)


def bicubic_gradient(gradients, rows, columns, dtype):
    taps = [[Tap(tap.index, tap.weight.astype(dtype)) for tap in cubic_taps(axis)] for axis in (rows, columns)]
    return spread(gradients.astype(dtype), *taps, (rows.size, columns.size), dtype)


def nearest_gradient(gradients, rows, columns, dtype):
    taps = [[Tap(nearest_rows(axis), None)] for axis in (rows, columns)]
    return spread(gradients, *taps, (rows.size, columns.size), dtype)
