"""The largest elements of rows, in order."""

import numpy as np

from graphcore.core.compiled import compiled_in
from graphcore.ops.kernels import reducing


@compiled_in("graphcore.ops.kernels.compiled.ranking", [np.dtype(name) for name in ("float32", "float64", "int32", "int64")])
def first_k(input, count):
    """Values and indices of the ``count`` largest along the last axis, largest first, the lower index first among equals."""
    # A stable ascending sort of the reversed rows, read backwards: equals keep their order, NaN counts as the least.
    keys = input if input.dtype.kind in "iu" else np.where(input != input, reducing.lowest(input.dtype), input)
    last = input.shape[-1] - 1
    order = last - np.argsort(keys[..., ::-1], axis=-1, kind="stable")[..., ::-1][..., :count]
    return np.take_along_axis(input, order, axis=-1), order.astype(np.int32)
