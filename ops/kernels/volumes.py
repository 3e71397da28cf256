"""Windows that slide over volumes ``[batch, planes, rows, columns, channels]``: plane by plane what images do.

``spans`` are the `Span` of planes, that of rows and that of columns.
"""

import numpy as np

from graphcore.ops.kernels import pooling, windows


def spans_of(sizes, lengths, strides, dilations, padding):
    """The `Span` along each of the three axes."""
    return tuple(windows.span_of(*each, padding) for each in zip(sizes, lengths, strides, dilations))


def _padded_planes(volumes, planes, value=0):
    if not (planes.before or planes.after):
        return volumes
    result = np.full((len(volumes), planes.padded, *volumes.shape[2:]), value, volumes.dtype)
    result[:, planes.before:planes.before + planes.size] = volumes
    return result


def _as_images(volumes):
    return volumes.reshape(volumes.shape[0] * volumes.shape[1], *volumes.shape[2:])


def _plane_windows(volumes, planes, value=0):
    """For each place of a window along the planes: the planes at that place, as images."""
    source = _padded_planes(volumes, planes, value)
    for place in range(planes.window):
        yield place, _as_images(source[:, planes.tap(place)])


def _inside(volumes, planes):
    return np.ascontiguousarray(volumes[:, planes.before:planes.before + planes.size])


# ---------------------------------------------------------------- convolution


def convolved(volumes, filters, spans):
    """The sums of products of each window with ``filters`` ``[planes, rows, columns, channels, channels out]``."""
    dtype = volumes.dtype
    volumes, filters = windows.wide(volumes, filters)
    planes, rows, columns = spans
    result = np.zeros((len(volumes), planes.count, rows.count, columns.count, filters.shape[4]), volumes.dtype)
    if not filters.size:
        return result.astype(dtype, copy=False)
    for place, images in _plane_windows(volumes, planes):
        result += windows.convolved(images, filters[place], spans[1:]).reshape(result.shape)
    return result.astype(dtype, copy=False)


def spread(outputs, filters, spans):
    """The gradient of `convolved` in its volumes, from that in its result."""
    dtype = outputs.dtype
    outputs, filters = windows.wide(outputs, filters)
    planes, rows, columns = spans
    result = np.zeros((len(outputs), planes.padded, rows.size, columns.size, filters.shape[3]), outputs.dtype)
    images = _as_images(outputs)
    for place in range(planes.window if filters.size else 0):
        part = result[:, planes.tap(place)]
        part += windows.spread(images, filters[place], spans[1:]).reshape(part.shape)
    return _inside(result, planes).astype(dtype, copy=False)


def correlated(volumes, outputs, spans):
    """The gradient of `convolved` in its filters, from its volumes and the gradient in its result."""
    dtype = volumes.dtype
    volumes, outputs = windows.wide(volumes, outputs)
    if not outputs.shape[4] or not volumes.shape[4]:
        return np.zeros((*[span.window for span in spans], volumes.shape[4], outputs.shape[4]), dtype)
    results = [windows.correlated(images, _as_images(outputs), spans[1:]) for _, images in _plane_windows(volumes, spans[0])]
    return np.stack(results).astype(dtype, copy=False)


# ---------------------------------------------------------------- pooling


def _lowest(dtype):
    return np.finfo(dtype).min if dtype.kind == "f" else np.float32("-inf")


def maxima(volumes, spans):
    """The maximum of each window."""
    result = None
    for _, images in _plane_windows(volumes, spans[0], _lowest(volumes.dtype)):
        largest = pooling.maxima(images, spans[1:])
        result = largest if result is None else np.fmax(result, largest)
    return result.reshape(len(volumes), *[span.count for span in spans], volumes.shape[4])


def first_places(volumes, spans):
    """Where the first maximum of each window is, counted plane by plane and row by row within the window."""
    planes, rows, columns = spans
    area = rows.window * columns.window
    counts = [span.count for span in spans]
    places = np.empty((len(volumes), *counts, volumes.shape[4]), np.int32)
    places[...] = (planes.first_inside[:, None, None] * area + rows.first_inside[:, None] * columns.window
                   + columns.first_inside)[..., None]
    best = np.full(places.shape, -np.inf, volumes.dtype)
    for place, images in _plane_windows(volumes, planes, -np.inf):
        largest, found = pooling.first_maxima(images, spans[1:])
        largest, found = largest.reshape(best.shape), found.reshape(best.shape)
        better = largest > best
        np.copyto(best, largest, where=better)
        np.copyto(places, found + place * area, where=better)
    return places


def at_maxima(gradients, volumes, largest, spans):
    """Volumes with each of ``gradients`` added wherever its window of ``volumes`` has the maximum ``largest``: at every tie."""
    planes, rows, columns = spans
    source = _padded_planes(volumes, planes, -np.inf)
    result = np.zeros((len(gradients), planes.padded, rows.padded, columns.padded, gradients.shape[4]), gradients.dtype)
    images, zero = _as_images(source), gradients.dtype.type(0)
    source = windows.padded(images, spans[1:], -np.inf).reshape(*source.shape[:2], rows.padded, columns.padded, volumes.shape[4])
    for place in range(planes.window):
        for _, _, (_, down, right) in windows.taps(spans[1:]):
            index = (slice(None), planes.tap(place), down, right)
            result[index] += np.where(source[index] == largest, gradients, zero)
    result = result[:, :, rows.before:rows.before + rows.size, columns.before:columns.before + columns.size]
    return _inside(result, planes)


def from_places(volumes, places, spans):
    """For each window the element of ``volumes`` that is in its place of ``places``."""
    result = np.zeros(places.shape, volumes.dtype)
    for place, images in _plane_windows(volumes, spans[0]):
        within = _as_images(places - place * spans[1].window * spans[2].window)
        result += pooling.from_places(images, within, spans[1:]).reshape(result.shape)
    return result


def _plane_counts(planes, dtype):
    """How many planes of each window are no padding."""
    starts = np.arange(planes.count) * planes.stride - planes.before
    counts = np.minimum(starts + planes.window, planes.size) - np.maximum(starts, 0)
    return counts.astype(dtype)[:, None, None, None]


def means(volumes, spans):
    """The mean of each window, padding left out."""
    dtype = volumes.dtype
    volumes, = windows.wide(volumes)
    total = None
    for _, images in _plane_windows(volumes, spans[0]):
        total = images.copy() if total is None else total + images
    result = pooling.means(total, spans[1:]).reshape(len(volumes), *[span.count for span in spans], volumes.shape[4])
    return (result / _plane_counts(spans[0], volumes.dtype)).astype(dtype, copy=False)


def shared_out(gradients, spans):
    """The gradient of `means` in its volumes: to each element its share of its windows' ``gradients``."""
    dtype = gradients.dtype
    gradients, = windows.wide(gradients)
    planes, rows, columns = spans
    shares = pooling.shared_out(_as_images(gradients / _plane_counts(planes, gradients.dtype)), spans[1:])
    result = np.zeros((len(gradients), planes.padded, rows.size, columns.size, gradients.shape[4]), gradients.dtype)
    for place in range(planes.window):
        result[:, planes.tap(place)] += shares.reshape(len(gradients), planes.count, *shares.shape[1:])
    return _inside(result, planes).astype(dtype, copy=False)
