"""The compiled forms of `graphcore.ops.kernels.rows` that take any elements: rows are bytes, T is the indices' dtype."""

import numpy as np

from graphcore.ops.kernels.compiled.memory import copy_bytes
from graphcore.ops.kernels.compiled.words import flat, i8, kernel, reads, run, u1, writes

_PARALLEL = 1 << 20  # bytes from which on threads share the work


@kernel(lambda T: (reads(T), i8))
def inside(indices, count):
    """Whether every index is at least 0 and below ``count``."""
    wrong = False
    for i in range(indices.size):
        wrong |= (indices[i] < 0) | (indices[i] >= count)
    return not wrong


def all_inside(indices, count):
    """`rows.all_inside`."""
    return inside(flat(indices), count)


@kernel(lambda T: (reads(T), reads(u1), writes(u1), i8, i8, i8))
def take(indices, source, result, width, start, stop):
    for i in range(start, stop):
        copy_bytes(result, i * width, source, np.int64(indices[i]) * width, width)


def rows_taken(indices, params):
    """Rows copied one by one."""
    if params.dtype.hasobject or not params.flags.c_contiguous:
        return NotImplemented
    numbers = flat(indices)
    if not inside(numbers, len(params)):
        return NotImplemented
    result = np.empty(indices.shape + params.shape[1:], params.dtype)
    if not result.size:
        return result
    arguments = numbers, params.reshape(-1).view(np.uint8), result.reshape(-1).view(np.uint8), result.nbytes // len(numbers)
    run(take, arguments, len(numbers), result.nbytes >= _PARALLEL)
    return result
