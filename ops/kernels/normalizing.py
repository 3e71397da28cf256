"""Normalization of images ``[batch, rows, columns, channels]``: over all but the channels, or over neighbouring channels."""

import numpy as np

from graphcore.core.compiled import compiled_in

_COMPILED = "graphcore.ops.kernels.compiled.normalizing"
_FLOAT32 = [np.dtype(np.float32)]


def column_sums(rows):
    """The sum of each column: a product with ones is the quickest and adds in blocks."""
    return np.dot(np.ones(len(rows), rows.dtype), rows)


@compiled_in(_COMPILED, _FLOAT32)
def squared_distances(rows, mean):
    """For each column the sum of ``(rows - mean)²``."""
    return column_sums(np.square(rows - mean))


@compiled_in(_COMPILED, _FLOAT32)
def weighted_distances(dy, rows, mean):
    """For each column the sum of ``dy * (rows - mean)``."""
    return column_sums(dy * (rows - mean))


@compiled_in(_COMPILED, _FLOAT32)
def scaled(rows, mean, factor, offset):
    """``(rows - mean) * factor + offset``, a number a column of each."""
    result = rows - mean
    result *= factor
    result += offset
    return result


@compiled_in(_COMPILED, _FLOAT32)
def combined(dy, rows, mean, shift, slope, factor):
    """``(dy - shift - (rows - mean) * slope) * factor``, a number a column of all but ``dy`` and ``rows``."""
    distances = rows - mean
    distances *= slope
    result = dy - shift
    result -= distances
    result *= factor
    return result


def _rows(images):
    return images.reshape(-1, images.shape[-1]).astype(np.float32, copy=False)


def statistics(images):
    """``(mean, variance, unbiased variance)`` of each channel in float32."""
    rows = _rows(images)
    count = max(1, len(rows))
    mean = column_sums(rows) / np.float32(count)
    squares = squared_distances(rows, mean)
    return mean, squares / np.float32(count), squares / np.float32(max(1, count - 1))


def normalized(images, scale, offset, mean, variance, epsilon):
    """``(images - mean) / √(variance + epsilon) * scale + offset`` in the dtype of the images."""
    result = scaled(_rows(images), mean, scale / np.sqrt(variance + np.float32(epsilon)), offset)
    return result.reshape(images.shape).astype(images.dtype, copy=False)


def gradients(outputs, images, scale, mean, variance, epsilon, is_training):
    """The gradients of `normalized` in images, scale and offset; with ``is_training`` mean and variance are those of the images."""
    dy, rows = _rows(outputs), _rows(images)
    inverse = 1 / np.sqrt(variance + np.float32(epsilon))
    offset_gradient, moments = column_sums(dy), weighted_distances(dy, rows, mean)
    if is_training:
        count = np.float32(max(1, len(dy)))
        result = combined(dy, rows, mean, offset_gradient / count, moments * np.square(inverse) / count, scale * inverse)
    else:
        result = dy * (scale * inverse)
    return result.reshape(images.shape).astype(images.dtype, copy=False), moments * inverse, offset_gradient


def _band_sums(values, radius):
    """Sums along the last axis over the neighbours within ``radius``."""
    result = values.copy()
    for distance in range(1, min(radius, values.shape[-1] - 1) + 1):
        result[..., distance:] += values[..., :-distance]
        result[..., :-distance] += values[..., distance:]
    return result


def _local_norms(images, radius, bias, alpha):
    result = _band_sums(np.square(images), radius)
    result *= np.float32(alpha)
    result += np.float32(bias)
    return result


@compiled_in(_COMPILED, _FLOAT32)
def locally_normalized(images, radius, bias, alpha, beta):
    """Images divided by ``(bias + alpha * squares)^beta``, the squares summed over the channels within ``radius``."""
    wide = images.astype(np.float32, copy=False)
    return (wide * _local_norms(wide, radius, bias, alpha) ** np.float32(-beta)).astype(images.dtype, copy=False)


@compiled_in(_COMPILED, _FLOAT32)
def local_gradient(gradient, images, outputs, radius, bias, alpha, beta):
    """The gradient of `locally_normalized` in its images."""
    dy, x, y = (each.astype(np.float32, copy=False) for each in (gradient, images, outputs))
    norms = _local_norms(x, radius, bias, alpha)
    shared = _band_sums(dy * y / norms, radius)
    result = dy * norms ** np.float32(-beta) - np.float32(2 * alpha * beta) * x * shared
    return result.astype(images.dtype, copy=False)
