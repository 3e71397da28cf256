"""Random tensors whose seed is an input: TF's own numbers."""
import numpy as np
from catalog import program, raises


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


def every_kind(tf, seed):
    r = tf.random
    return [r.stateless_uniform([3], seed), r.stateless_uniform([2, 2], seed, -1, 3, tf.float64),
            r.stateless_uniform([2, 2], seed, 5, 100, tf.int32),
            r.stateless_uniform([2], seed, 5, 1 << 40, tf.int64), r.stateless_normal([5], seed, 3, 2.),
            r.stateless_normal([5], seed, 3, 2., tf.float64),
            r.stateless_normal([5], seed, dtype=tf.float16), r.stateless_truncated_normal([2, 20], seed), r.stateless_uniform([0], seed),
            r.stateless_categorical([[1., 2., 3.], [0., 0., 9.]], 6, seed),
            r.stateless_multinomial([[1., 2., 3.]], 6, seed, output_dtype=tf.int32)]


@program(graph=True, rtol=1e-5, atol=1e-5, why="logarithms and cosines")
def small_seeds(tf):
    return answers(tf, every_kind(tf, [1, 2]))


@program(rtol=2e-3, atol=1e-5, why="logarithms and cosines")
def other_seeds(tf):
    return answers(tf, every_kind(tf, np.array([-5, 1 << 40])) + every_kind(tf, [0, 0]))


@program(rtol=2e-3, atol=1e-5, why="logarithms and cosines")
def seeds_that_are_fed(tf):
    seed, shape = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int64, [1])
    made = every_kind(tf, seed) + [tf.random.stateless_uniform(shape, seed),
                                   tf.random.stateless_normal(shape, seed, [0., 100., 0.], name="named")]
    with tf.Session() as session:
        runs = [session.run(made, {seed: each, shape: [3]}) for each in ([3, 4], [-1, 7], [3, 4])]
    return {"forms": [str(each) for each in made], "runs": runs}


@raises("Dimension must be 2 but is 3 for 'stateless_random_uniform/StatelessRandomUniform' (op: 'StatelessRandomUniform')")
def three_seeds(tf):
    tf.random.stateless_uniform([3], [1, 2, 3])


@raises("seed must have shape [2], not [3]")
def three_fed_seeds(tf):
    with tf.Session() as session:
        session.run(tf.random.stateless_uniform([3], tf.placeholder_with_default([1, 2, 3], None)))


@raises("Need minval < maxval, got 3 >= 3")
def an_empty_range(tf):
    with tf.Session() as session:
        session.run(tf.random.stateless_uniform([3], [1, 2], 3, 3, dtype=tf.int32))


@raises("Must specify maxval for integer dtype")
def no_range(tf):
    tf.random.stateless_uniform([3], [1, 2], dtype=tf.int32)


@raises("Shape must be rank 2 but is rank 1 for 'stateless_categorical/StatelessMultinomial'")
def one_row(tf):
    tf.random.stateless_categorical([1.], 6, [1, 2])
