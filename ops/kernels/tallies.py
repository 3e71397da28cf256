"""What a histogram summary says of numbers: how many lie in each of TF's buckets, and their sums, taken as TF takes them."""

import sys
from functools import cache

import numpy as np

from graphcore.core.compiled import compiled_in

_PART = 1 << 13


@cache
def default_bucket_limits():
    """Return the upper limits of TF's buckets: minus largest to largest double, by tenths from 1e-12 to 1e20."""
    positive, limit = [], 1e-12
    # Multiplied step by step, not by powers: TF's limits carry the rounding of every step.
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    positive.append(sys.float_info.max)
    limits = np.array([-each for each in reversed(positive)] + [0.0] + positive)
    limits.flags.writeable = False
    return limits


@compiled_in("graphcore.ops.kernels.compiled.tallies", [np.dtype(np.float32), np.dtype(np.float64)])
def tally(values):
    """Return the least and the largest of at least one number, how many are in each bucket, the sum, and the sum of the squares.

    Where a number is NaN or infinite, so is the least or the largest, and the rest means nothing.
    """
    # Half as wide numbers are sorted twice as fast, and becoming doubles does not change their order.
    ordered = np.sort(values, axis=None).astype(np.float64, copy=False)
    return ordered[0], ordered[-1], _bucket_counts(ordered), *_running_sums(values.ravel())


def _bucket_counts(ordered):
    """Return how many of the sorted values fall in each bucket, limits excluded."""
    # Looking up 1550 limits among sorted values is many times quicker than a million values among the limits.
    below = np.searchsorted(ordered, default_bucket_limits(), side="left")
    # The largest double itself lies in the last bucket.
    below[-1] = ordered.size
    return np.diff(below, prepend=0)


def _running_sums(values):
    """Return the sums of `values` and of their squares, taken one after the other, as TF adds them; NumPy's own `sum` adds in pairs."""
    total = squares = 0.0
    # Parts that stay in the processor's cache, each begun with the sum so far.
    for start in range(0, values.size, _PART):
        part = values[start:start + _PART].astype(np.float64)
        # The squares of very large values overflow to infinity, in TF too.
        with np.errstate(over="ignore", invalid="ignore"):
            square = part * part
            part[0] += total
            square[0] += squares
            total, squares = np.add.accumulate(part)[-1], np.add.accumulate(square)[-1]
    return total, squares
