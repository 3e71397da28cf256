"""What is computed over segments of rows that are picked from an array."""

import numpy as np

from graphcore.core import errors
from graphcore.core.shapes import format_shape

_MANY = 20_000  # elements; below this, importing SciPy and making a matrix costs more than it saves
# What the sum of `count` rows is divided by.
_DIVISORS = {"mean": lambda count: count, "sqrtn": np.sqrt}


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _check(data, indices, segment_ids, count, wrong_count):
    if np.ndim(count):
        raise _invalid(wrong_count)
    if np.ndim(indices) != 1:
        raise _invalid("indices should be a vector.")
    if np.ndim(segment_ids) != 1:
        raise _invalid("segment_ids should be a vector.")
    if len(indices) != len(segment_ids):
        raise _invalid("segment_ids and indices should have same size.")
    if np.ndim(data) < 1:
        raise _invalid("Shape must be at least rank 1: a scalar has no rows.")


def _first(wrong, array):
    place = int(np.argmax(wrong))
    return place, int(array[place])


def _check_ids(ids, count):
    """Raise unless the ids ascend from 0 on, and stay below ``count`` if it is given."""
    if count is not None and count < 0:
        raise _invalid(f"segment ids must be >= 0 (num_segments is {count})")
    if (np.diff(ids) < 0).any():
        raise _invalid("segment ids are not increasing")
    if len(ids) and ids[0] < 0:
        raise _invalid(f"Segment id {ids[0]} out of range [0, {ids[-1] + 1}), possibly because 'segment_ids' input is not sorted.")
    if count is not None and len(ids) and ids[-1] >= count:
        raise _invalid(f"segment ids must be < num_segments (the last one is {ids[-1]}, num_segments {count})")


def _divisors(kind, ids, rows, dtype, rank):
    """What each segment is divided by, in a shape that divides its rows."""
    counts = np.maximum(np.bincount(ids, minlength=rows), 1).astype(dtype)
    return _DIVISORS[kind](counts).reshape(-1, *[1] * (rank - 1))


def _summed(data, picked, targets, count):
    """Array of ``count`` rows, to each of which are added the rows ``data[picked]`` that have it as their target."""
    result = np.zeros((count, *data.shape[1:]), data.dtype)
    if not len(picked) or not data.size:
        return result
    if len(picked) * (data.size // len(data)) > _MANY and data.dtype.char in "fd":
        return _product(data.reshape(len(data), -1), picked, targets, count).reshape(result.shape)
    if (np.diff(targets) < 0).any():
        order = np.argsort(targets, kind="stable")
        picked, targets = picked[order], targets[order]
    starts = np.flatnonzero(np.r_[True, targets[1:] != targets[:-1]])
    result[targets[starts]] = np.add.reduceat(data[picked], starts, axis=0, dtype=data.dtype)
    return result


def _product(data, picked, targets, count):
    """The same as the product of a sparse matrix of ones with the data: several times as fast."""
    from scipy.sparse import coo_array

    ones = np.ones(len(picked), data.dtype)
    return coo_array((ones, (targets, picked)), shape=(count, len(data))).tocsr() @ data


def of_picked(kind, data, indices, segment_ids, num_segments=None):
    """The "sum", "mean" or "sqrtn" of the rows ``data[indices]`` of each segment; zeros for segments without one."""
    _check(data, indices, segment_ids, 0 if num_segments is None else num_segments,
           f"num_segments should be a scalar, not shape {format_shape(np.shape(num_segments))}")
    count = None if num_segments is None else int(num_segments)
    _check_ids(segment_ids, count)
    outside = (indices < 0) | (indices >= len(data))
    if outside.any():
        place, index = _first(outside, indices)
        raise _invalid(f"Bad: indices[{place}] == {index} out of range [0, {len(data)})")
    rows = count if count is not None else int(segment_ids[-1]) + 1 if len(segment_ids) else 0
    result = _summed(data, indices, segment_ids, rows)
    return result if kind == "sum" else result / _divisors(kind, segment_ids, rows, data.dtype, data.ndim)


def gradient_of_picked(kind, dy, indices, segment_ids, rows):
    """The gradient of `of_picked` for data of so many rows."""
    _check(dy, indices, segment_ids, rows, "output_dim0 should be a scalar.")
    rows = int(rows)
    outside = (indices < 0) | (indices >= rows)
    if outside.any():
        raise _invalid(f"Index {_first(outside, indices)[1]} out of range [0, {rows}).")
    outside = (segment_ids < 0) | (segment_ids >= len(dy))
    if outside.any():
        raise _invalid(f"Invalid number of segments (there is an id {_first(outside, segment_ids)[1]}, and {len(dy)} segments)")
    return _summed(dy / _divisors(kind, segment_ids, len(dy), dy.dtype, dy.ndim), segment_ids, indices, rows)
