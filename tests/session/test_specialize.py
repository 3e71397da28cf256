"""Plans for known shapes: what follows from shapes is gone, results are the same."""

import numpy as np

import graphcore as tf
from graphcore.session.plan import lower, show
from graphcore.session.specialize import can_specialize, specialize


def lines(plan):
    return [line.split("      #")[0] for line in show(plan).splitlines()]


def test_a_broadcast_that_did_not_happen_leaves_no_nodes():
    x = tf.placeholder(tf.float32, [None], name="x")
    y = tf.placeholder(tf.float32, [None], name="y")
    (slope,) = tf.gradients(x * y, x)
    before = lower([slope], [x, y])
    assert any("BroadcastGradientArgs" in line for line in lines(before))
    after = specialize(before, [(3,), (3,)])
    assert [node.op.op_name for node in after.nodes] == ["Mul"]


def test_a_broadcast_that_happened_keeps_its_sum():
    x = tf.placeholder(tf.float32, [None], name="x")
    y = tf.placeholder(tf.float32, [None, None], name="y")
    (slope,) = tf.gradients(x * y, x)
    plan = specialize(lower([slope], [x, y]), [(3,), (2, 3)])
    assert [node.op.op_name for node in plan.nodes] == ["Mul", "Sum"]


def test_what_depends_on_data_stays():
    x = tf.placeholder(tf.float32, [None])
    chosen = tf.boolean_mask(x, x > 0)
    size = tf.size(chosen)
    with tf.Session() as session:
        for values in ([1, -1, 2], [1, 2, 3], [-1, -2, -3], [1, -1, 2]):
            assert session.run(size, {x: values}) == sum(v > 0 for v in values)


def test_shapes_that_change_from_run_to_run_give_their_own_results():
    x = tf.placeholder(tf.float32, [None, 2])
    w = tf.placeholder(tf.float32, None)
    (slope,) = tf.gradients(tf.reduce_mean(tf.square(x * w)), w)
    with tf.Session() as session:
        for rows in (1, 2, 3, 2, 1, 5, 2, 2):
            data = np.arange(2.0 * rows).reshape(rows, 2)
            for weight in (np.float32(2), np.array([2.0, 2.0])):
                expected = (2 * data * data * weight / data.size).sum(0)
                got = session.run(slope, {x: data, w: weight})
                np.testing.assert_allclose(got, expected if np.ndim(weight) else expected.sum(), rtol=1e-6)


def test_a_variable_that_changes_its_shape_is_not_taken_for_granted():
    v = tf.Variable([1.0, 2.0])
    grow = tf.assign(v, [1.0, 2.0, 3.0], validate_shape=False)
    size = tf.size(v.value() + tf.zeros([1]), out_type=tf.int64)
    with tf.Session() as session:
        session.run(v.initializer)
        assert [session.run(size) for _ in range(4)] == [2] * 4
        session.run(grow)
        assert session.run(v).tolist() == [1.0, 2.0, 3.0]
    assert not can_specialize(lower([grow], []))


def test_a_fetched_value_that_was_passed_on_is_a_copy():
    x = tf.placeholder(tf.float32, [None])
    same = tf.reshape(x, tf.shape(x))
    data = np.ones(3, np.float32)
    with tf.Session() as session:
        for _ in range(4):
            result = session.run(same, {x: data})
            assert not np.shares_memory(result, data)
