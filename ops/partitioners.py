"""How to divide a variable into parts: functions of its shape and dtype that give the number of parts of each axis.

`tf.get_variable` does not build partitioned variables yet, and says so when it is given one of these.
"""

import math

from graphcore.core import dtypes
from graphcore.core.dtypes import as_dtype
from graphcore.core.shapes import TensorShape


def fixed_size_partitioner(num_shards, axis=0):
    """Divides ``axis`` into ``num_shards`` parts.

    >>> import graphcore as tf
    >>> tf.fixed_size_partitioner(3)(shape=tf.TensorShape([10, 20]), dtype=tf.float32)
    [3, 1]
    """
    def partitioner(shape, **unused):
        parts = [1] * len(shape)
        parts[axis] = min(num_shards, shape.dims[axis].value)
        return parts

    return partitioner


def variable_axis_size_partitioner(max_shard_bytes, axis=0, bytes_per_string_element=16, max_shards=None):
    """Divides ``axis`` so that no part takes more than ``max_shard_bytes``, into ``max_shards`` parts at most.

    Raises:
      ValueError: a number is not positive.

    >>> import graphcore as tf
    >>> tf.variable_axis_size_partitioner(100)(shape=tf.TensorShape([10, 2]), dtype=tf.float32)
    [1, 1]
    """
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise ValueError("Both max_shard_bytes and bytes_per_string_element must be positive.")
    if max_shards and max_shards < 1:
        raise ValueError("max_shards must be positive.")

    def partitioner(shape, dtype):
        _check_full(shape)
        parts = [1] * len(shape)
        size = shape.dims[axis].value
        row_bytes = _bytes(shape, dtype, bytes_per_string_element) // max(size, 1)
        rows = max(1, math.floor(max_shard_bytes / max(row_bytes, 1)))
        parts[axis] = min(math.ceil(size / rows), max_shards or size)
        return parts

    return partitioner


def min_max_variable_partitioner(max_partitions=1, axis=0, min_slice_size=256 << 10, bytes_per_string_element=16):
    """Divides ``axis`` into ``max_partitions`` parts, or fewer so that each takes ``min_slice_size`` bytes at least."""
    def partitioner(shape, dtype):
        _check_full(shape)
        parts = [1] * len(shape)
        enough = math.ceil(_bytes(shape, dtype, bytes_per_string_element) / min_slice_size)
        parts[axis] = max(1, min(shape.dims[axis].value, max_partitions, enough))
        return parts

    return partitioner


def _check_full(shape):
    if not isinstance(shape, TensorShape):
        raise ValueError(f"shape is not a TensorShape: {shape}")
    if not shape.is_fully_defined():
        raise ValueError(f"shape is not fully defined: {shape}")


def _bytes(shape, dtype, bytes_per_string_element):
    dtype = as_dtype(dtype)
    return shape.num_elements() * (bytes_per_string_element if dtype.base is dtypes.string else dtype.size)


__all__ = ["fixed_size_partitioner", "min_max_variable_partitioner", "variable_axis_size_partitioner"]
