"""Reductions: every spelling, unknown shapes, empty axes and dtypes."""
import numpy as np
from catalog import program

X = np.array([[1.0, 2.5, -3.0], [4.0, 0.5, 6.0]], np.float32)


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True)
def spellings(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    made = [tf.reduce_sum(x), tf.reduce_sum(x, 0), tf.reduce_sum(x, [0, 1]), tf.reduce_sum(x, axis=-1),
            tf.reduce_sum(x, 1, True), tf.reduce_sum(x, axis=1, keepdims=True), tf.reduce_sum(x, axis=1, keep_dims=True),
            tf.reduce_sum(x, reduction_indices=1), tf.reduce_sum(x, reduction_indices=[1]), tf.reduce_sum(x, []),
            tf.reduce_sum(x, tf.constant(1)), tf.reduce_sum(x, name="total"), tf.reduce_sum(x, (0,)), tf.reduce_sum([1, 2, 3]),
            tf.reduce_sum(3.0), tf.reduce_sum(x, keepdims=True)]
    return answers(tf, made, {x: X})


@program(graph=True, rtol=4e-6, why="logarithms and exponentials differ in their last bits")
def every_reduction(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    made = [tf.reduce_mean(x), tf.reduce_mean(x, 0), tf.reduce_max(x, 1), tf.reduce_min(x), tf.reduce_prod(x, 0),
            tf.reduce_any(x > 5.0), tf.reduce_all(x > -5.0, 1), tf.reduce_logsumexp(x), tf.reduce_logsumexp(x, 1),
            tf.count_nonzero(x), tf.count_nonzero(x, 1), tf.norm(x), tf.norm(x, 1, axis=1), tf.norm(x, np.inf),
            tf.nn.moments(x, [0])[0], tf.nn.moments(x, [0, 1])[1], tf.math.reduce_euclidean_norm(x), tf.math.reduce_std(x, 0),
            tf.math.reduce_variance(x), tf.nn.zero_fraction(x), tf.global_norm([x, x])]
    return answers(tf, made, {x: X})


@program(graph=True)
def unknown_rank(tf):
    x = tf.placeholder(tf.float32)
    axis = tf.placeholder(tf.int32)
    made = [tf.reduce_sum(x), tf.reduce_mean(x, 0), tf.reduce_max(x, axis), tf.reduce_sum(x, axis=1, keepdims=True)]
    return answers(tf, made, {x: X, axis: [0]})


@program
def dtypes(tf):
    made = [tf.reduce_sum(tf.constant([100, 100], tf.int8)), tf.reduce_mean(tf.constant([1, 2])), tf.reduce_mean(tf.constant([-3, 2])),
            tf.reduce_prod(tf.constant([3, 4], tf.int64)), tf.reduce_sum(tf.constant([1.5, 2.5], tf.float16)),
            tf.reduce_mean(tf.constant([1.0, 2.0], tf.float64)), tf.reduce_max(tf.constant([1, 3], tf.uint8))]
    return answers(tf, made)


@program
def long_sums(tf):
    values = np.random.RandomState(0).randn(1000).astype(np.float32)
    x = tf.constant(values.reshape(10, 100))
    return answers(tf, [tf.reduce_sum(x, 0)[:5], tf.reduce_mean(x, 1), tf.reduce_max(x), tf.reduce_prod(x[:, :3], 1)])
