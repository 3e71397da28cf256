"""Embedding lookups: rows by number, tables in parts, norms, gradients of rows only."""

import numpy as np
import pytest

import graphcore as tf
from tests.tolerances import assert_close

TABLE = np.arange(22, dtype=np.float32).reshape(11, 2)
IDS = [[10, 0, 3], [3, 7, 5]]


def run(fetches, feeds=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feeds)


def parts_of(table, count, strategy):
    """The table cut up as `strategy` says."""
    return [table[part::count] for part in range(count)] if strategy == "mod" else np.array_split(table, count)


@pytest.mark.parametrize("ids", [7, [1, 0], IDS, np.zeros((0, 2), np.int32), np.array([4], np.int64)])
def test_rows_of_one_table(ids):
    assert_close(TABLE[np.array(ids)], run(tf.nn.embedding_lookup(TABLE, ids)))


@pytest.mark.parametrize("use_resource", [False, True])
@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("strategy", ["mod", "div"])
def test_rows_of_a_table_in_parts(strategy, count, use_resource):
    parts = [tf.Variable(part, use_resource=use_resource) for part in parts_of(TABLE, count, strategy)]
    rows = tf.nn.embedding_lookup(parts, tf.constant(IDS, tf.int64), partition_strategy=strategy)
    assert rows.shape == (2, 3, 2)
    assert_close(TABLE[np.array(IDS)], run(rows))


@pytest.mark.parametrize("strategy", ["mod", "div"])
def test_parts_of_unknown_shape(strategy):
    parts = [tf.placeholder(tf.float32, [None, None]) for _ in range(3)]
    ids = tf.placeholder(tf.int32)
    rows = tf.nn.embedding_lookup(parts, ids, partition_strategy=strategy)
    feeds = dict(zip(parts, parts_of(TABLE, 3, strategy)))
    assert_close(TABLE[np.array(IDS)], run(rows, {**feeds, ids: IDS}))


@pytest.mark.parametrize("ids", [5, [5, 1], IDS])
@pytest.mark.parametrize("count", [1, 2])
def test_rows_are_scaled_down_to_the_greatest_norm(ids, count):
    expected = TABLE[np.array(ids)]
    norms = np.linalg.norm(expected, axis=-1, keepdims=True)
    rows = tf.nn.embedding_lookup(parts_of(TABLE, count, "mod"), ids, max_norm=6.0)
    assert_close(expected * np.minimum(1, 6 / np.maximum(norms, 1e-9)), run(rows))


@pytest.mark.parametrize("use_resource", [False, True])
def test_the_gradient_has_only_the_rows_looked_up(use_resource):
    table = tf.Variable(TABLE, use_resource=use_resource)
    gradient, = tf.gradients(tf.nn.embedding_lookup(table, [3, 1, 3]) * [[1.0], [2.0], [4.0]], table)
    assert isinstance(gradient, tf.IndexedSlices)
    value = run(gradient)
    assert value.indices.tolist() == [3, 1, 3]
    assert value.values.tolist() == [[1, 1], [2, 2], [4, 4]]


@pytest.mark.parametrize("strategy", ["mod", "div"])
def test_training_moves_the_rows_looked_up(strategy):
    parts = [tf.Variable(part) for part in parts_of(TABLE, 2, strategy)]
    loss = tf.reduce_sum(tf.nn.embedding_lookup(parts, [9, 2, 9], partition_strategy=strategy))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    expected = TABLE.copy()
    expected[9] -= 1.0
    expected[2] -= 0.5
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(train)
        for part, wanted in zip(session.run(parts), parts_of(expected, 2, strategy)):
            assert_close(wanted, part)


@pytest.mark.parametrize("use_resource", [False, True])
def test_the_lookup_is_placed_with_the_table_and_what_it_gives_is_not(use_resource):
    rows = tf.nn.embedding_lookup(tf.Variable(TABLE, name="table", use_resource=use_resource), IDS)
    lookup = tf.get_default_graph().get_operation_by_name("embedding_lookup")
    assert lookup.colocation_groups() == [b"loc:@table"]
    assert rows.op.type == "Identity"
    assert rows.op.colocation_groups() == [b"loc:@" + rows.op.name.encode()]


@pytest.mark.parametrize(
    ("params", "strategy", "phrase"),
    [
        (None, "mod", "params must be specified"),
        ([], "mod", "Need at least one param"),
        ([TABLE, TABLE], "by chance", "Unrecognized partition strategy: by chance"),
    ],
)
def test_what_cannot_be_looked_up(params, strategy, phrase):
    with pytest.raises(ValueError, match=phrase):
        tf.nn.embedding_lookup(params, IDS, partition_strategy=strategy)


@pytest.mark.parametrize("params", [TABLE, [TABLE[:5], TABLE[5:]]])
def test_a_number_without_row(params):
    with pytest.raises(tf.errors.InvalidArgumentError, match="is not in"):
        run(tf.nn.embedding_lookup(params, [100]))
