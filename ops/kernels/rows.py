"""Rows of arrays by their numbers: taken, and added to.  Numbers outside are told of in TF's words."""

import numpy as np

from graphcore.core import errors
from graphcore.core.compiled import compiled_in

_TAKING, _ADDING = "graphcore.ops.kernels.compiled.rows", "graphcore.ops.kernels.compiled.adding"
_INDICES = (np.dtype(np.int32), np.dtype(np.int64))
_NUMBERS = (np.dtype(np.float32), np.dtype(np.float64), *_INDICES)


@compiled_in(_TAKING, _INDICES)
def all_inside(indices, count):
    """Whether every index is in [0, count)."""
    return not indices.size or bool(indices.min() >= 0 and indices.max() < count)


def check(indices, count):
    """Raise TF's error about the first index that is not in [0, count)."""
    if all_inside(indices, count):
        return
    place = np.argwhere((indices < 0) | (indices >= count))[0]
    position = f"[{','.join(map(str, place))}]" if len(place) else ""
    raise errors.InvalidArgumentError(None, None, f"indices{position} = {indices[tuple(place)]} is not in [0, {count})")


@compiled_in(_TAKING, _INDICES)
def rows_taken(indices, params):
    """``params[indices]``; InvalidArgumentError for an index outside."""
    check(indices, len(params))
    return params.take(indices, 0, mode="clip") if indices.size else params[np.zeros(indices.shape, np.int64)]


@compiled_in(_ADDING, _NUMBERS)
def add_rows(array, indices, updates):
    """Add each of the ``updates`` to its row of ``array``, one after the other; the indices are inside."""
    np.add.at(array, indices, updates)


@compiled_in(_ADDING, _NUMBERS)
def subtract_rows(array, indices, updates):
    """Subtract each of the ``updates`` from its row of ``array``, one after the other; the indices are inside."""
    # As C++ does it with truth values: the difference is true where they differ.
    (np.logical_xor if array.dtype == bool else np.subtract).at(array, indices, updates)
