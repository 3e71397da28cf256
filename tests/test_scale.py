"""Very long graphs: no recursion, no quadratic step."""

import numpy as np
import pytest

import graphcore as tf

ADDITIONS = 1_000_000


@pytest.mark.slow
def test_a_million_additions_build_run_and_differentiate():
    x = tf.placeholder(tf.float32, [])
    y = x
    for _ in range(ADDITIONS):
        y = tf.add(y, x)
    assert len(tf.get_default_graph().get_operations()) == ADDITIONS + 1
    (slope,) = tf.gradients(y, x)
    with tf.Session() as session:
        value, gradient = session.run([y, slope], {x: 1.0})
    assert value == ADDITIONS + 1
    assert gradient == ADDITIONS + 1


def test_a_long_chain_gives_the_same_interpreted_and_compiled():
    x = tf.placeholder(tf.float32, [3])
    y = x
    for i in range(5000):
        y = y * 0.5 + x if i % 2 else tf.maximum(y, x)
    with tf.Session() as session:
        values = [session.run(y, {x: [1.0, -2.0, 3.0]}) for _ in range(25)]
    for value in values:
        assert np.array_equal(value, values[0])
