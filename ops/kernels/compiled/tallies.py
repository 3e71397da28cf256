"""The compiled form of `graphcore.ops.kernels.tallies`."""

import functools
import sys

import numpy as np
from numba import types

from graphcore.ops.kernels.compiled.vectors import element
from graphcore.ops.kernels.compiled.words import f8, flat, i8, kernel, reads, writes
from graphcore.ops.kernels.tallies import default_bucket_limits

u2 = types.uint16


@functools.cache
def _firsts(kind):
    """For each pattern of a number's upper 16 bits, the bucket of the least number that has it; 0 where that is none.

    Numbers with one pattern differ by less than a sixteenth, so that no more than one limit, a tenth from the next, lies among them.
    """
    bits = np.dtype(f"u{kind.itemsize}")
    patterns = np.arange(1 << 16, dtype=bits) << bits.type(8 * kind.itemsize - 16)
    # Of negative numbers the one with all other bits set is the least.
    patterns[1 << 15:] |= bits.type((1 << 8 * kind.itemsize - 16) - 1)
    least = patterns.view(kind)
    is_finite = np.isfinite(least)
    least[~is_finite] = 0
    return np.where(is_finite, np.searchsorted(default_bucket_limits(), least, side="right"), 0).astype(np.uint16)


@kernel(lambda T: (reads(T), reads(u2), i8, i8, reads(u2), reads(f8), writes(i8), writes(f8)))
def count(values, halves, step, upper, firsts, limits, counts, results):
    """Fill in the counts, and the least, the largest, the sum and the sum of squares; give whether all numbers are finite."""
    low, high, total, squares, largest = np.inf, -np.inf, 0.0, 0.0, limits[limits.size - 1]
    is_finite = True
    for i in range(values.size):
        x = f8(element(values, i))
        total += x
        squares += x * x
        low = x if x < low else low
        high = x if x > high else high
        is_finite &= abs(x) <= largest
        bucket = i8(element(firsts, i8(element(halves, i * step + upper))))
        counts[bucket + i8(element(limits, bucket) <= x)] += 1
    results[0], results[1], results[2], results[3] = low, high, total, squares
    return is_finite


def tally(values):
    """`tallies.tally`."""
    values, limits = flat(values), default_bucket_limits()
    step = values.itemsize // 2
    # One more than there are: the largest double is not below the last limit, but belongs to the last bucket.
    counts, results = np.zeros(limits.size + 1, np.int64), np.empty(4)
    upper = step - 1 if sys.byteorder == "little" else 0
    if not count(values, values.view(np.uint16), step, upper, _firsts(values.dtype), limits, counts, results):
        return NotImplemented
    counts[-2] += counts[-1]
    return results[0], results[1], counts[:-1], results[2], results[3]
