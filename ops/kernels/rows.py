"""Rows of arrays by their numbers."""

import numpy as np

from graphcore.core import errors
from graphcore.core.compiled import compiled_in

_INDICES = (np.dtype(np.int32), np.dtype(np.int64))


def outside(word, indices, count):
    """TF's sentence about the first index that is not below ``count``."""
    place = np.argwhere((indices < 0) | (indices >= count))[0]
    position = f"[{','.join(map(str, place))}]" if len(place) else ""
    return f"{word}{position} = {indices[tuple(place)]} is not in [0, {count})"


def check(indices, count, word="indices"):
    """Raise TF's error if an index is outside of [0, count)."""
    if indices.size and (indices.min() < 0 or indices.max() >= count):
        raise errors.InvalidArgumentError(None, None, outside(word, indices, count))


@compiled_in("graphcore.ops.kernels.compiled.rows", _INDICES)
def rows_taken(indices, params):
    """``params[indices]``; InvalidArgumentError for an index outside."""
    check(indices, len(params))
    return params.take(indices, 0, mode="clip") if indices.size else params[np.zeros(indices.shape, np.int64)]
