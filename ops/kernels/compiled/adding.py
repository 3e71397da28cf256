"""The compiled forms of what changes rows of an array of numbers."""

import numpy as np

from graphcore.ops.kernels.compiled.vectors import element, lanes, load, load_part, minus, plus, store, store_part
from graphcore.ops.kernels.compiled.words import flat, i8, kernel, reads, run, writes

_PARALLEL = 1 << 19  # elements from which on threads share the work: each takes some columns of all rows


@kernel(lambda T: (reads(i8), reads(T), writes(T), i8, i8, i8))
def add(indices, updates, result, width, start, stop):
    for i in range(indices.size):
        row, update = element(indices, i) * width, i * width
        for block in range(start, stop):
            column = block * lanes(result)
            count = min(lanes(result), width - column)
            if count == lanes(result):
                store(result, row + column, plus(load(result, row + column), load(updates, update + column)))
            elif count == 1:
                result[row + column] += updates[update + column]
            else:
                total = plus(load_part(result, row + column, count), load_part(updates, update + column, count))
                store_part(result, row + column, total, count)


@kernel(lambda T: (reads(i8), reads(T), writes(T), i8, i8, i8))
def subtract(indices, updates, result, width, start, stop):
    for i in range(indices.size):
        row, update = element(indices, i) * width, i * width
        for block in range(start, stop):
            column = block * lanes(result)
            count = min(lanes(result), width - column)
            if count == lanes(result):
                store(result, row + column, minus(load(result, row + column), load(updates, update + column)))
            elif count == 1:
                result[row + column] -= updates[update + column]
            else:
                total = minus(load_part(result, row + column, count), load_part(updates, update + column, count))
                store_part(result, row + column, total, count)


def _change(function, array, indices, updates):
    wanted = indices.shape + array.shape[1:]
    if not array.flags.c_contiguous or not array.flags.aligned or updates.dtype != array.dtype:
        return NotImplemented
    if updates.shape != wanted:
        updates = np.broadcast_to(updates, wanted)
    if not updates.size:
        return None
    width = array.size // len(array)
    arguments = flat(indices).astype(np.int64, copy=False), flat(updates), array.reshape(-1), width
    run(function, arguments, -(-width * array.itemsize // 64), updates.size >= _PARALLEL)
    return None


def add_rows(array, indices, updates):
    """`rows.add_rows`."""
    return _change(add, array, indices, updates)


def subtract_rows(array, indices, updates):
    """`rows.subtract_rows`."""
    return _change(subtract, array, indices, updates)
