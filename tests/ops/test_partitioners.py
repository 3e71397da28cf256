"""Partitioners: the numbers of parts, which are TF 1.15's; variables in parts are not built yet."""

import pytest

import graphcore as tf


def parts(partitioner, shape, dtype=tf.float32):
    return partitioner(shape=tf.TensorShape(shape), dtype=dtype)


@pytest.mark.parametrize("count, axis, shape, found", [(3, 1, [10, 20, 30], [1, 3, 1]), (0, 0, [3], [0]), (4, 0, [3], [3])])
def test_fixed_size(count, axis, shape, found):
    assert parts(tf.fixed_size_partitioner(count, axis), shape) == found


@pytest.mark.parametrize("options, shape, dtype, found", [
    (dict(max_shard_bytes=100), [10, 20], tf.float32, [10, 1]),
    (dict(max_shard_bytes=100), [3, 3], tf.string, [2, 1]),
    (dict(max_shard_bytes=100), [1000, 5], tf.float32, [200, 1]),
    (dict(max_shard_bytes=1000, axis=1, max_shards=2), [10, 20], tf.string, [1, 2]),
    (dict(max_shard_bytes=1000, axis=1, max_shards=2), [3, 3], tf.string, [1, 1]),
    (dict(max_shard_bytes=1000, axis=1, max_shards=2), [1000, 5], tf.float32, [1, 2]),
])
def test_parts_of_limited_size(options, shape, dtype, found):
    assert parts(tf.variable_axis_size_partitioner(**options), shape, dtype) == found


@pytest.mark.parametrize("options, shape, found", [
    (dict(max_partitions=4), [10, 20], [1, 1]),
    (dict(max_partitions=4), [100000, 5], [4, 1]),
    (dict(max_partitions=4, axis=1, min_slice_size=100), [10, 20], [1, 4]),
    (dict(max_partitions=100, min_slice_size=10), [3, 3], [3, 1]),
])
def test_parts_of_a_least_size(options, shape, found):
    assert parts(tf.min_max_variable_partitioner(**options), shape) == found


@pytest.mark.parametrize("make, phrase", [
    (lambda: tf.variable_axis_size_partitioner(0), "Both max_shard_bytes and bytes_per_string_element must be positive."),
    (lambda: tf.variable_axis_size_partitioner(10, max_shards=-1), "max_shards must be positive."),
    (lambda: parts(tf.variable_axis_size_partitioner(10), [None]), "shape is not fully defined: \\(\\?,\\)"),
    (lambda: tf.min_max_variable_partitioner()(shape=3, dtype=tf.float32), "shape is not a TensorShape: 3"),
])
def test_wrong_numbers_and_shapes(make, phrase):
    with pytest.raises(ValueError, match=phrase):
        make()


def test_variables_in_parts_are_not_built_yet():
    with pytest.raises(NotImplementedError, match="Partitioned variables are not built yet: make 'w' without a partitioner"):
        tf.get_variable("w", [4, 2], partitioner=tf.fixed_size_partitioner(2))
