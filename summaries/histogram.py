"""Histograms as TF makes them: 1550 buckets that grow by a tenth, and the `HistogramProto` of an array."""

import sys
from functools import cache

import numpy as np

from graphcore import proto
from graphcore.core.errors import InvalidArgumentError

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


def histogram_proto(values, name="HistogramSummary"):
    """Return the `HistogramProto` of an array of real numbers, equal to TF's byte for byte.

    NaN and infinity are `InvalidArgumentError`, with `name`, the op's name, in the message.
    """
    values = np.ravel(values)
    ordered = _sorted(values)
    if values.size and not (np.isfinite(ordered[0]) and np.isfinite(ordered[-1])):
        raise _not_finite(values.astype(np.float64), name)
    limits, counts = _without_empty_runs(default_bucket_limits(), _bucket_counts(ordered))
    total, squares = _running_sums(values)
    histogram = proto.HistogramProto(num=values.size, bucket_limit=limits.tolist(), bucket=counts.tolist(), sum=total, sum_squares=squares)
    # Nothing seen leaves minimum and maximum crossed over. Adding 0.0 drops the sign of -0.0, which TF does not write.
    largest = sys.float_info.max
    histogram.min, histogram.max = (ordered[0] + 0.0, ordered[-1] + 0.0) if values.size else (largest, -largest)
    return histogram


def _sorted(values):
    """Return the values in order as doubles, which is what TF counts them as, int64 and bfloat16 too."""
    if values.dtype.kind in "fiu" and values.dtype != np.float16:
        # Half as wide numbers are sorted twice as fast, and becoming doubles does not change their order.
        return np.sort(values).astype(np.float64, copy=False)
    return np.sort(values.astype(np.float64))


def _not_finite(values, name):
    """Return the error for the first value that is NaN or infinite."""
    position = int(np.flatnonzero(~np.isfinite(values))[0])
    kind = "Nan" if np.isnan(values[position]) else "Infinity"
    return InvalidArgumentError(None, None, f"{kind} in summary histogram for: {name} (element {position} of "
                                            f"{values.size} is {values[position]})")


def _bucket_counts(ordered):
    """Return how many of the sorted values fall in each bucket, limits excluded."""
    limits = default_bucket_limits()
    # Looking up 1550 limits among sorted values is many times quicker than a million values among the limits.
    below = np.searchsorted(ordered, limits, side="left")
    # The largest double itself lies in the last bucket.
    below[-1] = ordered.size
    return np.diff(below, prepend=0).astype(np.float64)


def _without_empty_runs(limits, counts):
    """Drop all but the last of each run of empty buckets."""
    filled = counts > 0
    keep = filled | np.append(filled[1:], True)
    return limits[keep], counts[keep]


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
    # Adding 0.0 drops the sign of -0.0.
    return float(total) + 0.0, float(squares) + 0.0
