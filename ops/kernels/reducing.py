"""Reductions and scans of arrays, with the results TF gives where NumPy's are others (NaN, empty axes, integers)."""

import functools

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import is_bfloat16


def _is_float(dtype):
    return dtype.kind == "f" or is_bfloat16(dtype)


def axes_of(indices, rank):
    """The axes that a reduction's indices (an array, possibly 0-d) name, as a tuple without repetitions."""
    items = indices.tolist()
    return _axes(tuple(items) if type(items) is list else (items,), rank)


@functools.lru_cache(maxsize=1000)
def _axes(indices, rank):
    for index in indices:
        if not -rank <= index < rank:
            raise errors.InvalidArgumentError(None, None, f"Invalid reduction dimension ({index} for input with {rank} "
                                              "dimension(s)")
    return tuple(sorted({index % rank for index in indices}))


def count_along(shape, axes):
    """How many elements are put together into one."""
    count = 1
    for axis in axes:
        count *= shape[axis]
    return count


def total(x, axes, keep_dims):
    """The sum in the dtype of ``x``: integers wrap, floats are added pairwise."""
    return np.add.reduce(x, axis=axes, dtype=x.dtype, keepdims=keep_dims)


def mean(x, axes, keep_dims):
    """The sum divided by the count, both in the dtype of ``x``; integer quotients are cut towards zero."""
    result = np.add.reduce(x, axis=axes, dtype=x.dtype, keepdims=keep_dims)
    count = count_along(x.shape, axes)
    if x.dtype.kind not in "iu":
        return result / x.dtype.type(count)
    count = np.array(count).astype(x.dtype)[()]  # wraps, as in TF
    if count == 0:
        return np.zeros_like(result)
    return (result - np.fmod(result, count)) // count


def lowest(dtype):
    """The value that every other one of its dtype exceeds."""
    return np.array(-np.inf, dtype) if _is_float(dtype) else np.iinfo(dtype).min


def highest(dtype):
    """The value that exceeds every other one of its dtype."""
    return np.array(np.inf, dtype) if _is_float(dtype) else np.iinfo(dtype).max


def largest(x, axes, keep_dims):
    """The maximum; NaN is passed over, nothing at all gives the lowest value."""
    return _extreme(np.maximum, np.fmax, lowest, x, axes, keep_dims)


def smallest(x, axes, keep_dims):
    """The minimum; NaN is passed over, nothing at all gives the highest value."""
    return _extreme(np.minimum, np.fmin, highest, x, axes, keep_dims)


def _extreme(plain, passing_over, start, x, axes, keep_dims):
    if x.size == 0:
        return plain.reduce(x, axis=axes, keepdims=keep_dims, initial=start(x.dtype))
    result = plain.reduce(x, axis=axes, keepdims=keep_dims)
    # NumPy's maximum keeps NaN, so a result without one needs no second look; a single element is copied, NaN or not.
    if not _is_float(x.dtype) or not (result != result).any() or count_along(x.shape, axes) == 1:
        return result
    return passing_over.reduce(x, axis=axes, keepdims=keep_dims, initial=start(x.dtype))


def index_of_largest(x, axis, dtype):
    """Where the first maximum along ``axis`` is; NaN is passed over, 0 if there is nothing else."""
    return _index(np.argmax, np.maximum, lowest, x, axis, dtype)


def index_of_smallest(x, axis, dtype):
    """Where the first minimum along ``axis`` is; NaN is passed over, 0 if there is nothing else."""
    return _index(np.argmin, np.minimum, highest, x, axis, dtype)


def _index(find, extreme, start, x, axis, dtype):
    axis, rank = int(axis), x.ndim
    if not -rank <= axis < rank or rank == 0:
        # TF says [0, 0) of a scalar, and takes -1 for none of its axes either.
        raise errors.InvalidArgumentError(None, None, f"Expected dimension in the range [{-rank}, {rank}), but got {axis}")
    if x.shape[axis] == 0:
        shape = ",".join(map(str, x.shape))
        raise errors.InvalidArgumentError(None, None, f"Reduction axis {axis % rank} is empty in shape [{shape}]")
    if _is_float(x.dtype) and x.size:
        seen = extreme.reduce(x, axis=None)
        if seen != seen:
            x = np.where(x != x, start(x.dtype), x)
    return find(x, axis=axis).astype(dtype, copy=False)


def scan(ufunc, x, axis, exclusive, reverse, start=None):
    """The running result of ``ufunc`` along ``axis``; without an element's own part, from ``start`` on, if ``exclusive``."""
    if np.ndim(axis):
        raise errors.InvalidArgumentError(None, None, f"ScanOp: axis must be a scalar, not {list(np.shape(axis))}")
    axis, rank = int(axis), x.ndim
    if not -rank <= axis < rank or rank == 0:
        raise errors.InvalidArgumentError(None, None, f"ScanOp: Expected scan axis in the range [{-rank}, {rank}), but got {axis}")
    result = np.empty_like(x, order="C")
    source = np.moveaxis(x, axis, 0)
    target = np.moveaxis(result, axis, 0)
    if reverse:
        source, target = source[::-1], target[::-1]
    if exclusive:
        target[:1] = ufunc.identity if start is None else start
        source, target = source[:-1], target[1:]
    if source.size:
        ufunc.accumulate(source, axis=0, dtype=x.dtype, out=target)
    return result
