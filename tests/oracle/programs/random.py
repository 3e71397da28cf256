"""Random ops: streams under op seeds, graph seeds and both, and the nodes that make them."""
import numpy as np
from catalog import program

WHY = "logarithms and square roots behind normal numbers differ in their last bits"


def two_runs(tf, made):
    """Names, dtypes and values of two runs in one session, then one run of a second session."""
    with tf.Session() as session:
        first, second = session.run(made), session.run(made)
    with tf.Session() as session:
        fresh = session.run(made)
    return {"forms": [str(each) for each in made], "first": first, "second": second, "fresh": fresh}


def every_op(tf, **seed):
    return [tf.random_normal([5], **seed), tf.random_normal([2, 3], 1.0, 2.0, **seed), tf.random_uniform([5], **seed),
            tf.random_uniform([4], -2.0, 3.0, **seed), tf.random_uniform([4], maxval=10, dtype=tf.int32, **seed),
            tf.random_uniform([4], 5, 500, tf.int64, **seed), tf.truncated_normal([6], **seed),
            tf.truncated_normal([3], 1.0, 0.5, **seed), tf.random_shuffle(tf.range(10), **seed),
            tf.random_gamma([4], 2.0, **seed), tf.random_gamma([3], [0.5, 3.0], beta=2.0, **seed),
            tf.multinomial(tf.log([[0.2, 0.3, 0.5]]), 8, **seed), tf.random_crop(tf.range(10), [3], **seed),
            tf.random_poisson(3.0, [4], **seed)]


@program(graph=True, rtol=8e-6, atol=1e-6, why=WHY)
def operation_seed(tf):
    return two_runs(tf, every_op(tf, seed=1234))


@program(graph=True, rtol=8e-6, atol=1e-6, why=WHY)
def graph_seed(tf):
    tf.set_random_seed(42)
    return two_runs(tf, every_op(tf))


@program(graph=True, rtol=8e-6, atol=1e-6, why=WHY)
def both_seeds(tf):
    tf.set_random_seed(42)
    return two_runs(tf, every_op(tf, seed=7))


@program(graph=True)
def no_seed(tf):
    tf.random_normal([2]), tf.random_uniform([2]), tf.truncated_normal([2]), tf.random_shuffle([1, 2])
    return {"seeds": list(tf.get_seed(None)), "with": list(tf.get_seed(3))}


@program(rtol=2e-3, atol=1e-3, why="half precision")
def half_precision(tf):
    made = [tf.random_normal([5], dtype=tf.float16, seed=1), tf.random_uniform([5], dtype=tf.float16, seed=1),
            tf.truncated_normal([5], dtype=tf.float16, seed=1)]
    return two_runs(tf, made)


@program(rtol=1e-12, atol=1e-12, why=WHY)
def double_precision(tf):
    made = [tf.random_normal([5], dtype=tf.float64, seed=1), tf.random_uniform([5], dtype=tf.float64, seed=1),
            tf.truncated_normal([5], dtype=tf.float64, seed=1), tf.random_gamma([4], 0.7, dtype=tf.float64, seed=1)]
    return two_runs(tf, made)


@program
def uniform_bits(tf):
    """Uniform numbers are equal bit for bit."""
    tf.set_random_seed(87654321)
    made = [tf.random_uniform([9], seed=0), tf.random_uniform([2, 2]), tf.random_uniform([3], 0, 2 ** 31 - 1, tf.int32),
            tf.random_uniform([3], -2 ** 62, 2 ** 62, tf.int64), tf.random_uniform([], seed=5), tf.random_uniform([0], seed=5)]
    return two_runs(tf, made)


@program
def seeds_of_get_seed(tf):
    seen = [list(tf.get_seed(seed)) for seed in (None, 0, 1, 2 ** 31, -1)]
    tf.set_random_seed(0)
    seen += [list(tf.get_seed(seed)) for seed in (None, 0, 1)]
    tf.set_random_seed(5)
    seen += [list(tf.get_seed(seed)) for seed in (None, 0)]
    tf.constant(1)
    return {"seen": seen + [list(tf.get_seed(None))], "graph": tf.get_default_graph().seed}


@program
def two_ops_of_one_seed(tf):
    """Two ops with the same seed give the same numbers, each on a stream of its own."""
    a, b = tf.random_uniform([3], seed=9), tf.random_uniform([3], seed=9)
    with tf.Session() as session:
        return {"together": session.run([a, b]), "alone": session.run(a), "then": session.run([a, b])}


@program
def shuffles_and_draws(tf):
    rows = tf.constant(np.arange(12).reshape(6, 2))
    made = [tf.random_shuffle(rows, seed=3), tf.random_shuffle(tf.range(20), seed=4), tf.random_shuffle([1], seed=5),
            tf.multinomial([[0.0, 1.0, 2.0], [5.0, 0.0, 0.0]], 10, seed=6), tf.multinomial([[1.0, 1.0]], 5, seed=6, output_dtype=tf.int32)]
    return two_runs(tf, made)


@program(rtol=8e-6, atol=1e-6, why=WHY)
def shapes_given_when_run(tf):
    shape = tf.placeholder(tf.int32, [None])
    made = tf.random_normal(shape, seed=2)
    with tf.Session() as session:
        return {"runs": [session.run(made, {shape: size}) for size in ([3], [1, 2], [0], [5])], "form": str(made)}


@program(rtol=8e-6, atol=1e-6, why=WHY)
def dropout(tf):
    tf.set_random_seed(8)
    x = tf.ones([10])
    return two_runs(tf, [tf.nn.dropout(x, 0.5, seed=1), tf.nn.dropout(x, keep_prob=0.25), tf.nn.dropout(x, rate=0.25, noise_shape=[1])])


@program(rtol=8e-6, atol=1e-6, why=WHY)
def variables_keep_their_draw(tf):
    tf.set_random_seed(1)
    v = tf.Variable(tf.random_normal([3]))
    with tf.Session() as session:
        session.run(v.initializer)
        first = session.run(v)
        session.run(v.initializer)
        return {"first": first, "second": session.run(v)}
