"""Windows of unequal sizes: where they begin, their maxima and means, and the way back.

A window ``i`` along an axis begins at ``starts[i]``; ``starts`` has one more entry, the size of the axis.
Overlapping windows have the first element of the next one too.
"""

import math

import numpy as np

from graphcore.ops.kernels.sampling import Words


def starts_of(state, size, count, even):
    """The beginnings of ``count`` windows over ``size`` elements, drawn from ``state``: in any order of lengths, or ``even`` ones."""
    return np.cumsum([0, *(_even_lengths if even else _shuffled_lengths)(state, size, count)]).astype(np.int64)


def _even_lengths(state, size, count):
    ratio, least = size / count, size // count
    most = min((least + 2) / ratio - 1, (size + 1 - least) / ratio - (count - 1))
    offset = Words(state, blocks=1).fraction() * most
    ends = [1, *[math.ceil(ratio * (number + offset)) for number in range(1, count)], size + 1]
    return np.diff(ends)


def _shuffled_lengths(state, size, count):
    least, longer = divmod(size, count)
    lengths = [least + 1] * longer + [least] * (count - longer)
    words = Words(state, blocks=-(-count // 4))
    for here in range(count - 1):
        other = here + words.take(1)[0] % (count - here)
        lengths[here], lengths[other] = lengths[other], lengths[here]
    return lengths


def _ends(starts, size, overlapping):
    """The last element of each window."""
    return np.minimum(starts[1:] if overlapping else starts[1:] - 1, size - 1)


def _taps(size, starts, overlapping):
    """For each place in a window: the elements at that place, and which windows have one."""
    first, last = starts[:-1], _ends(starts, size, overlapping)
    for place in range(int((last - first).max(initial=-1)) + 1):
        yield np.minimum(first + place, last), first + place <= last


def _both(images, rows, columns, overlapping):
    """For each place in a window: indices of rows and of columns, and which windows have it, ``[rows, columns, 1]``."""
    column_taps = list(_taps(images[2], columns, overlapping))
    for down, has_row in _taps(images[1], rows, overlapping):
        for right, has_column in column_taps:
            yield down[:, None], right, (has_row[:, None] & has_column)[..., None]


def maxima(images, rows, columns, overlapping):
    """The maximum of each window of ``images`` ``[batch, rows, columns, channels]``."""
    return _first_maxima(images, rows, columns, overlapping)[0]


def _first_maxima(images, rows, columns, overlapping):
    shape = (len(images), len(rows) - 1, len(columns) - 1, images.shape[3])
    lowest = np.finfo(images.dtype).min if images.dtype.kind == "f" else np.iinfo(images.dtype).min
    best = np.full(shape, lowest, images.dtype)
    places = np.zeros(shape, np.int64)
    for down, right, there in _both(images.shape, rows, columns, overlapping):
        part = images[:, down, right]
        better = there & (part > best)
        np.copyto(best, part, where=better)
        np.copyto(places, (down * images.shape[2] + right)[..., None], where=better)
    return best, places


def to_maxima(images, gradients, rows, columns, overlapping):
    """Zeros with each of ``gradients`` added where the first maximum of its window of ``images`` is."""
    _, places = _first_maxima(images, rows, columns, overlapping)
    batch, height, width, channels = images.shape
    result = np.zeros((batch, height * width, channels), gradients.dtype)
    np.add.at(result, (np.arange(batch)[:, None, None, None], places, np.arange(channels)), gradients)
    return result.reshape(images.shape)


def _counts(sizes, rows, columns, overlapping):
    """How many elements each window has, ``[rows, columns, 1]``."""
    lengths = [_ends(starts, size, overlapping) - starts[:-1] + 1 for starts, size in ((rows, sizes[1]), (columns, sizes[2]))]
    return (lengths[0][:, None] * lengths[1])[..., None]


def _share(values, counts):
    if values.dtype.kind in "iu":  # C's division
        return np.trunc(values / counts).astype(values.dtype)
    return values / counts.astype(values.dtype)


def means(images, rows, columns, overlapping):
    """The mean of each window."""
    result = np.zeros((len(images), len(rows) - 1, len(columns) - 1, images.shape[3]), images.dtype)
    for down, right, there in _both(images.shape, rows, columns, overlapping):
        result += np.where(there, images[:, down, right], images.dtype.type(0))
    return _share(result, _counts(images.shape, rows, columns, overlapping))


def shared_out(sizes, gradients, rows, columns, overlapping):
    """The gradient of `means` in images of these ``sizes``."""
    result = np.zeros(sizes, gradients.dtype)
    shares = _share(gradients, _counts(sizes, rows, columns, overlapping))
    for down, right, there in _both(sizes, rows, columns, overlapping):
        np.add.at(result, (slice(None), down, right), np.where(there, shares, gradients.dtype.type(0)))
    return result
