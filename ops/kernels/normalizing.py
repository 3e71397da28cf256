"""Normalization of images ``[batch, rows, columns, channels]``: over all but the channels, or over neighbouring channels."""

import numpy as np


def _sums(rows):
    """The sum of each column: a product with ones is the quickest and adds in blocks."""
    return np.dot(np.ones(len(rows), rows.dtype), rows)


def _rows(images):
    return images.reshape(-1, images.shape[-1]).astype(np.float32, copy=False)


def statistics(images):
    """``(mean, variance, unbiased variance)`` of each channel in float32."""
    rows = _rows(images)
    count = max(1, len(rows))
    mean = _sums(rows) / np.float32(count)
    distances = rows - mean
    np.square(distances, out=distances)
    squares = _sums(distances)
    return mean, squares / np.float32(count), squares / np.float32(max(1, count - 1))


def normalized(images, scale, offset, mean, variance, epsilon):
    """``(images - mean) / √(variance + epsilon) * scale + offset`` in the dtype of the images."""
    factor = scale / np.sqrt(variance + np.float32(epsilon))
    result = _rows(images) - mean
    result *= factor
    result += offset
    return result.reshape(images.shape).astype(images.dtype, copy=False)


def gradients(outputs, images, scale, mean, variance, epsilon, is_training):
    """The gradients of `normalized` in images, scale and offset; with ``is_training`` mean and variance are those of the images."""
    dy, distances = _rows(outputs), _rows(images) - mean
    inverse = 1 / np.sqrt(variance + np.float32(epsilon))
    offset_gradient = _sums(dy)
    moments = _sums(dy * distances)
    if is_training:
        count = np.float32(max(1, len(dy)))
        distances *= moments * np.square(inverse) / count
        result = dy - offset_gradient / count
        result -= distances
    else:
        result = dy.copy()
    result *= scale * inverse
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


def locally_normalized(images, radius, bias, alpha, beta):
    """Images divided by ``(bias + alpha * squares)^beta``, the squares summed over the channels within ``radius``."""
    wide = images.astype(np.float32, copy=False)
    return (wide * _local_norms(wide, radius, bias, alpha) ** np.float32(-beta)).astype(images.dtype, copy=False)


def local_gradient(gradient, images, outputs, radius, bias, alpha, beta):
    """The gradient of `locally_normalized` in its images."""
    dy, x, y = (each.astype(np.float32, copy=False) for each in (gradient, images, outputs))
    norms = _local_norms(x, radius, bias, alpha)
    shared = _band_sums(dy * y / norms, radius)
    result = dy * norms ** np.float32(-beta) - np.float32(2 * alpha * beta) * x * shared
    return result.astype(images.dtype, copy=False)
