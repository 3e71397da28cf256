"""Gradients of gamma samples in their parameters."""
import numpy as np
from catalog import program

ALPHA = [[0.05, 0.3, 0.9, 1.0], [1.5, 4.0, 20.0, 300.0]]


def samples(tf, dtype):
    alpha, beta = tf.constant(np.array(ALPHA, dtype)), tf.constant(np.array([1, 2, 0.5, 3], dtype))
    drawn = tf.random_gamma([3], alpha, beta, dtype=dtype, seed=5)
    found = [drawn] + tf.gradients(drawn, [alpha, beta]) + tf.gradients(tf.log(drawn), alpha)
    with tf.Session() as session:
        return {"forms": [str(each) for each in found], "values": session.run(found)}


@program(graph=True, rtol=1e-6, atol=1e-8, why="TF's series end early")
def doubles(tf):
    return samples(tf, np.float64)


@program(rtol=2e-3, atol=1e-5, why="float32 series")
def floats(tf):
    return samples(tf, np.float32)


@program
def scalars(tf):
    alpha = tf.constant(2.0)
    drawn = tf.random_gamma([], alpha, seed=5)
    return {"forms": [str(each) for each in [drawn] + tf.gradients(drawn, alpha)]}
