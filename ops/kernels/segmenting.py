"""What is computed over segments of arrays: the rows that share an id."""

import numpy as np

from graphcore.core import errors
from graphcore.core.shapes import format_shape
from graphcore.ops.kernels import rows


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


# What a NaN counts as.
_PASSED_OVER = {np.maximum: -np.inf, np.minimum: np.inf}


def check_sorted(data, ids):
    """Raise unless there is an id for each row of ``data``, and they ascend from 0 on."""
    if ids.ndim != 1:
        raise _invalid("segment_ids should be a vector.")
    if len(ids) != len(data):
        raise _invalid("segment_ids should be the same size as dimension 0 of input.")
    if len(ids) and ids[0] < 0:
        raise _invalid(f"Segment id {ids[0]} out of range [0, {ids[-1] + 1}), possibly because 'segment_ids' input is not sorted.")
    if (ids[1:] < ids[:-1]).any():
        raise _invalid("segment ids are not increasing")


def of_sorted(ufunc, data, ids, empty):
    """``ufunc`` over each run of equal ids, ``empty`` for the ids left out; the largest and the smallest pass over NaN."""
    check_sorted(data, ids)
    if ufunc in _PASSED_OVER and data.dtype.kind not in "iu" and np.isnan(data).any():
        data = np.where(np.isnan(data), np.array(_PASSED_OVER[ufunc], data.dtype), data)
    result = np.full((int(ids[-1]) + 1 if len(ids) else 0, *data.shape[1:]), empty, data.dtype)
    if len(ids):
        starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
        result[ids[starts]] = ufunc.reduceat(data, starts, axis=0, dtype=data.dtype)
    return result


def mean_of_sorted(data, ids):
    """The mean of each run of equal ids, zeros for the ids left out; integers are cut towards zero."""
    sums = of_sorted(np.add, data, ids, 0)
    counts = np.maximum(np.bincount(ids, minlength=len(sums)), 1).astype(data.dtype).reshape(-1, *[1] * (data.ndim - 1))
    if data.dtype.kind not in "iu":
        return sums / counts
    return (sums - np.fmod(sums, counts)) // counts


def of_unsorted(ufunc, data, ids, count, empty):
    """``ufunc`` over the rows of each id, from ``empty`` on; rows with a negative id are left out."""
    data, ids, count = np.asarray(data), np.asarray(ids), int(count)
    if count < 0:
        raise _invalid(f"Input num_segments == {count} must not be negative.")
    if data.shape[:ids.ndim] != ids.shape:
        raise _invalid(f"data.shape = {format_shape(data.shape)} does not start with segment_ids.shape = "
                       f"{format_shape(ids.shape)}")
    if ids.size and ids.max() >= count:
        place = tuple(np.argwhere(ids >= count)[0])
        raise _invalid(f"segment_ids[{','.join(map(str, place))}] = {ids[place]} is out of range [0, {count})")
    result = np.full((count, *data.shape[ids.ndim:]), empty, data.dtype)
    if ids.size and ids.min() < 0:
        data, ids = data[ids >= 0], ids[ids >= 0]
    _COLLECTED.get(ufunc, ufunc.at)(result, ids, data)
    return result


def _collected(chosen, ufunc):
    """``ufunc.at``, where a NaN counts only until the next row of its segment: TF keeps the older value if it is ``chosen``."""
    def collect(result, ids, data):
        if data.dtype.kind in "iu" or not np.isnan(data).any():
            return ufunc.at(result, ids, data)
        following = data.shape[ids.ndim:]
        for place, row in zip(ids.ravel(), data.reshape(ids.size, *following)):
            result[place] = np.where(chosen(result[place], row), result[place], row)
    return collect


_COLLECTED = {np.add: rows.add_rows, np.maximum: _collected(np.greater, np.maximum), np.minimum: _collected(np.less, np.minimum)}


def least(data):
    """The lowest finite number of the array's dtype."""
    return _limits(data.dtype).min


def greatest(data):
    """The highest finite number of the array's dtype."""
    return _limits(data.dtype).max


def _limits(dtype):
    if dtype.kind in "iu":
        return np.iinfo(dtype)
    import ml_dtypes

    return ml_dtypes.finfo(dtype)
