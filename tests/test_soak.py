"""A million runs of a training step: memory does not grow."""

import gc
import sys

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags

RUNS, ROUNDS = 1_000_000, 10
_EVERY_SUMMARY, _EVERY_ERROR = 1000, 777
_MOST_GROWTH = 2 << 20  # bytes: two for each run; the smallest thing that a run could leave behind has sixteen


def resident():
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        import resource

        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the memory in use from /proc")
@pytest.mark.parametrize("jit", ["lazy", "eager"])
def test_a_million_runs_leave_nothing_behind(jit):
    x, y = tf.placeholder(tf.float32, [None, 3], name="x"), tf.placeholder(tf.float32, [None, 1], name="y")
    w, b = tf.Variable(tf.zeros([3, 1])), tf.Variable(tf.zeros([1]))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
    train = tf.train.AdamOptimizer(0.001).minimize(loss)
    summary = tf.summary.merge([tf.summary.scalar("loss", loss), tf.summary.histogram("w", w)])
    random = np.random.RandomState(0)
    batches = [(random.standard_normal((rows, 3)).astype(np.float32), random.standard_normal((rows, 1)).astype(np.float32))
               for rows in (1, 2, 5, 8)]
    wrong = batches[0][0], batches[1][1][:, :0]

    def runs(session, count):
        for number in range(count):
            inputs, wanted = batches[number % len(batches)]
            session.run([train, loss], {x: inputs, y: wanted})
            if number % _EVERY_SUMMARY == 0:
                session.run(summary, {x: inputs, y: wanted})
            if number % _EVERY_ERROR == 0:
                with pytest.raises(ValueError, match="Cannot feed value of shape"):
                    session.run(train, {x: wrong[0], y: wrong[1]})
                with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes"):
                    session.run(train, {x: batches[2][0], y: batches[1][1]})

    def state():
        gc.collect()
        return len(gc.get_objects()), sys.getallocatedblocks(), resident()

    with flags.jit.set(jit), tf.Session() as session:
        session.run(tf.global_variables_initializer())
        runs(session, RUNS // ROUNDS)  # everything that is compiled or cached is there after this
        before = state()
        for _ in range(ROUNDS - 1):
            runs(session, RUNS // ROUNDS)
        after = state()
    growth = [there - here for here, there in zip(before, after)]
    print("objects, blocks, bytes:", before, after)
    assert growth[0] < 100 and growth[1] < 1000 and growth[2] < _MOST_GROWTH, f"objects, blocks, bytes: {growth}"
