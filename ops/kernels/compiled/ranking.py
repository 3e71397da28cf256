"""The compiled form of `graphcore.ops.kernels.ranking`."""

import numpy as np

from graphcore.ops.kernels.compiled.words import flat, i4, i8, kernel, reads, run, writes

_MOST = 256  # places that are kept in order by moving them; more than these are sorted in NumPy
_PARALLEL = 1 << 16  # elements from which on threads share the work


@kernel(lambda T: (reads(T), i8, i8, T, writes(T), writes(i4), i8, i8))
def keep_largest(rows, width, count, lowest, values, indices, start, stop):
    """The ``count`` largest of each row, kept in order while the row is read; NaN counts as the lowest."""
    keys = np.empty(count, rows.dtype)
    for row in range(start, stop):
        kept, first = 0, row * count
        for i in range(width):
            x = rows[row * width + i]
            key = lowest if x != x else x
            if kept == count and not key > keys[count - 1]:
                continue
            place = min(kept, count - 1)
            while place > 0 and key > keys[place - 1]:
                keys[place] = keys[place - 1]
                indices[first + place] = indices[first + place - 1]
                place -= 1
            keys[place] = key
            indices[first + place] = i
            kept = min(kept + 1, count)
        for place in range(count):
            values[first + place] = rows[row * width + indices[first + place]]


def first_k(input, count):
    """`ranking.first_k`."""
    if not 0 < count <= _MOST or not input.size:
        return NotImplemented
    width, shape = input.shape[-1], (*input.shape[:-1], count)
    values, indices = np.empty(shape, input.dtype), np.empty(shape, np.int32)
    lowest = input.dtype.type(-np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).min)
    arguments = flat(input), width, count, lowest, values.reshape(-1), indices.reshape(-1)
    run(keep_largest, arguments, input.size // width, input.size >= _PARALLEL)
    return values, indices
