"""Sums of gradients of which some are rows of a larger tensor (IndexedSlices)."""

from graphcore.core import dtypes
from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Tensor
from graphcore.ops import arithmetic, casting, joining


def aggregate(grads):
    """The sum of gradients: dense if one of them is dense, else their rows one after the other."""
    if any(isinstance(g, Tensor) for g in grads):
        return arithmetic.add_n(grads)
    grads = [_flattened(g) for g in _same_indices(grads)]
    return IndexedSlices(joining.concat([g.values for g in grads], axis=0),
                         joining.concat([g.indices for g in grads], axis=0), grads[0].dense_shape)


def _same_indices(grads):
    """The gradients with indices of one dtype: int64 if they differ."""
    if len({g.indices.dtype for g in grads}) == 1:
        return grads
    return [g if g.indices.dtype == dtypes.int64 else
            IndexedSlices(g.values, casting.cast(g.indices, dtypes.int64), g.dense_shape) for g in grads]


def _flattened(grad):
    """Slices whose values are slices themselves, as slices of the outer tensor."""
    if isinstance(grad.values, Tensor):
        return grad
    from graphcore.ops import gathering  # gathering.py builds on this module

    inner = _flattened(grad.values)
    return IndexedSlices(inner.values, gathering.gather(grad.indices, inner.indices), grad.dense_shape)
