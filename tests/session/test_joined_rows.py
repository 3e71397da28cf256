"""Joined steps that move elements, pick rows of an array, and change rows of a variable: which they are, values, bad numbers."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.session.passes import optimized
from graphcore.session.plan import Joined, lower

DATA = np.arange(24.0, dtype=np.float32).reshape(4, 6)


@pytest.fixture(autouse=True)
def compiled_at_once():
    with flags.jit.set("eager"), flags.verify.set(True):
        yield


def joined(fetches, feeds, shapes):
    """The names of the ops in each joined step, and those of the nodes that stay alone."""
    plan = optimized(lower(fetches, feeds), shapes)
    steps = [{inner.op.op_name for inner in node.attrs["group"].plan.nodes} for node in plan.nodes if node.op is Joined]
    return steps, [node.op.op_name for node in plan.nodes if node.op is not Joined]


# name → (what is built from x, the same in NumPy)
MOVES = {
    "split": (lambda x: sum(tf.split(x, 3, 1)), lambda x: sum(np.split(x, 3, 1))),
    "split of rows": (lambda x: sum(tf.split(x, 2)), lambda x: sum(np.split(x, 2))),
    "split by sizes": (lambda x: tf.split(x, [1, 3, 2], 1)[1], lambda x: x[:, 1:4]),
    "concat": (lambda x: tf.concat([x, -x, x[:, :1]], 1), lambda x: np.concatenate([x, -x, x[:, :1]], 1)),
    "concat of one twice": (lambda x: tf.concat([x, x], 0), lambda x: np.concatenate([x, x], 0)),
    "stack": (lambda x: tf.stack([x, x * 2.0], 2), lambda x: np.stack([x, x * 2], 2)),
    "stack of numbers": (lambda x: tf.stack([tf.reduce_sum(x), tf.reduce_sum(x * x)]), lambda x: np.array([x.sum(), (x * x).sum()])),
    "unstack": (lambda x: sum(tf.unstack(x, axis=1)), lambda x: x.sum(1)),
    "one number of many": (lambda x: x[2, 3], lambda x: x[2, 3]),
    "slice": (lambda x: tf.slice(x, [1, 2], [2, -1]), lambda x: x[1:3, 2:]),
    "every second": (lambda x: x[:, ::2], lambda x: x[:, ::2]),
    "backwards": (lambda x: x[::-1, 1:-1], lambda x: x[::-1, 1:-1]),
    "new axis": (lambda x: x[tf.newaxis, 1], lambda x: x[np.newaxis, 1]),
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moved_elements(name, dtype):
    build, expected = MOVES[name]
    x = tf.placeholder(dtype, [None, 6])
    moved = build(x * 2.0)
    made = tf.sqrt(tf.exp(moved * 0.0) + tf.square(moved)) - 1.0
    steps, alone = joined([made], [x], [(4, 6)])
    assert len(steps) == 1 and not alone
    with tf.Session() as session:
        found = session.run(made, {x: DATA})
    exact = expected(DATA.astype(np.float64) * 2)
    np.testing.assert_allclose(found, np.sqrt(1 + exact * exact) - 1, rtol=8 * np.finfo(dtype).eps, atol=4 * np.finfo(dtype).eps)


def test_what_has_no_few_blocks_stays_alone():
    x = tf.placeholder(tf.float32, [12, 12, 3])
    made = tf.exp(tf.square((x * 2.0)[1:10:2, 1:10:2, ::2] + 1.0))
    _, alone = joined([made], [x], [(12, 12, 3)])
    assert "StridedSlice" in alone


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_picked_rows(kind):
    table = np.random.RandomState(0).standard_normal((500, 1, 7)).astype(np.float32)
    numbers = np.array([[3, 499, 3], [0, 17, 498]], kind)
    v, i = tf.Variable(table), tf.placeholder(kind, [None, 3])
    made = tf.tanh(tf.gather(v, i)) * 2.0 + 1.0
    assert joined([made], [i], [(2, 3)]) == ([{"GatherV2", "Tanh", "Mul", "AddV2"}], ["Read"])
    with tf.Session() as session:
        session.run(v.initializer)
        np.testing.assert_allclose(session.run(made, {i: numbers}), np.tanh(table[numbers].astype(np.float64)) * 2 + 1, rtol=1e-6)


def test_rows_by_numbers_that_the_step_computes():
    x, i = tf.placeholder(tf.float32, [5, 3]), tf.placeholder(tf.int32, [2])
    made = tf.gather(tf.exp(x), tf.concat([i + 1, i], 0)) + 1.0
    with tf.Session() as session:
        data = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)
        np.testing.assert_allclose(session.run(made, {x: data, i: [3, 0]}), np.exp(data)[[4, 1, 3, 0]] + 1, rtol=1e-6)
        for bad in ([4, 0], [0, -1]):  # 4 + 1 is beyond the end, -1 before the beginning
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[\d\] = (5|-1) is not in \[0, 5\)"):
                session.run(made, {x: data, i: bad})


CHANGES = {"add": (tf.scatter_add, np.add), "sub": (tf.scatter_sub, np.subtract), "mul": (tf.scatter_mul, np.multiply)}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("width", [1, 3, 40])
def test_changed_rows(name, width):
    """Repeated rows change as often as they come."""
    scatter, function = CHANGES[name]
    table, rows = np.random.RandomState(1).uniform(1, 2, (2, 60, width))
    numbers = np.array([5, 0, 59, 5, 5, 7])
    v, i, u = tf.Variable(table), tf.placeholder(tf.int64, [None]), tf.placeholder(tf.float64, [None, width])
    change = scatter(v, i, tf.sqrt(u * u) + 0.0)
    steps, alone = joined([change.op], [i, u], [(6,), (6, width)])
    assert len(steps) == 1 and not alone
    expected = table.copy()
    function.at(expected, numbers, rows[:6])
    with tf.Session() as session:
        session.run(v.initializer)
        before = session.run(v)
        session.run(change.op, {i: numbers, u: rows[:6]})
        np.testing.assert_allclose(session.run(v), expected, rtol=1e-14)
        np.testing.assert_array_equal(before, table)  # the user's own


def test_rows_change_by_one_number_and_are_replaced():
    v, i = tf.Variable(tf.ones([9, 2])), tf.placeholder(tf.int32, [2])
    with tf.control_dependencies([tf.scatter_add(v, i, tf.constant(2.5))]):
        replaced = tf.scatter_update(v, i[:1], tf.exp(tf.zeros([1, 2])) * 7.0)
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(replaced.op, {i: [4, 1]})
        expected = np.ones((9, 2))
        expected[1], expected[4] = 3.5, 7.0
        np.testing.assert_array_equal(session.run(v), expected)


def test_a_bad_number_changes_no_row():
    """What comes before in the same step has happened, as in single nodes."""
    v, w = tf.Variable(tf.zeros([8, 3])), tf.Variable(tf.zeros([8, 3]))
    i, j = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
    with tf.control_dependencies([tf.scatter_add(v, i, tf.ones([2, 3]))]):
        both = tf.group(tf.scatter_add(w, j, tf.ones([2, 3])))
    assert joined([both], [i, j], [(2,), (2,)])[0] == [{"ScatterAdd"}]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[0\] = 8 is not in \[0, 8\)"):
            session.run(both, {i: [0, 0], j: [8, 1]})
        first, second = session.run([v, w])
        assert first[0].tolist() == [2.0] * 3 and first.sum() == 6.0 and not second.any()


def test_an_uninitialised_table_is_reported():
    v = tf.Variable(tf.zeros([8, 3]))
    change = tf.scatter_add(v, [1, 2], tf.exp(tf.ones([2, 3])) * 2.0)
    with tf.Session() as session, pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value Variable"):
        session.run(change.op)


def test_what_was_read_before_rows_change_stays_as_it_was():
    v, i = tf.Variable(tf.ones([100, 3])), tf.placeholder(tf.int32, [2])
    picked = tf.exp(tf.gather(v, i)) * 1.0
    train = tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(picked))
    with tf.Session() as session:
        session.run(v.initializer)
        whole = session.run(v)
        for expected in (1.0, 1.0 - np.e):
            rows, _ = session.run([picked, train], {i: [5, 6]})
            np.testing.assert_allclose(rows, np.full((2, 3), np.exp(expected)), rtol=1e-5)
        np.testing.assert_array_equal(whole, np.ones((100, 3)))


def test_a_table_changes_where_it_stands_unless_somebody_holds_it():
    v, i = tf.Variable(tf.ones([5000, 30])), tf.placeholder(tf.int32, [2])
    train = tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(tf.square(tf.gather(v, i)) * 0.5))
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(train, {i: [1, 2]})
        cell, = [cell for cell in session._store._cells.values() if cell.value is not None and cell.value.shape == (5000, 30)]
        address = cell.value.__array_interface__["data"]
        session.run(train, {i: [1, 2]})
        assert cell.value.__array_interface__["data"] == address
        held = cell.value
        session.run(train, {i: [4, 4]})
        assert held[4, 0] == 1.0 and cell.value is not held


def test_moves_that_cannot_be_made_are_reported_by_the_run():
    x = tf.placeholder(tf.float32, [None])
    parts = tf.split(x * 2.0, [1, 3], name="parts")
    made = tf.exp(parts[0]) + tf.reduce_sum(tf.square(parts[1]))
    with tf.Session() as session:
        np.testing.assert_allclose(session.run(made, {x: [0.0, 1.0, 1.0, 0.5]}), [10.0], rtol=1e-6)
        with pytest.raises(tf.errors.InvalidArgumentError, match="(?s)Determined shape must.*parts"):
            session.run(made, {x: np.ones(5)})
