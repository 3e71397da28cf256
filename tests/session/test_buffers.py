"""Results written over inputs that nothing needs any more: only where it is proven, and never seen by a user."""

import gc
import tracemalloc

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags


@pytest.fixture(autouse=True)
def generated_code():
    """Programs are compiled, also where the suite runs in the plain interpreter."""
    with flags.jit.set("lazy"):
        yield


@pytest.fixture
def sources(capsys):
    """A function of (session, fetches, feeds): the values of three runs, and the source that was generated."""

    def run(session, fetches, feeds):
        with flags.debug.set(4):
            values = [session.run(fetches, feeds) for _ in range(3)]
        return values, capsys.readouterr().out

    return run


def test_a_dying_intermediate_takes_the_result(sources):
    x = tf.placeholder(tf.float32, [None])
    y = tf.exp(x + 1.0)
    with tf.Session() as session:
        values, source = sources(session, y, {x: [0.0, 1.0]})
    assert ", v2)" in source  # exp(v2, v2): the sum's own array
    for value in values:
        np.testing.assert_allclose(value, np.exp([1.0, 2.0]), rtol=1e-6)


def test_feeds_constants_variables_and_fetches_are_never_written(sources):
    data = np.ones(4, np.float32)
    x = tf.placeholder(tf.float32, [None])
    v = tf.Variable(np.ones(4, np.float32))
    c = tf.constant(np.ones(4, np.float32))
    total = x + c
    results = [tf.exp(x), tf.exp(c * 1.0), tf.exp(v.value()), total, tf.exp(total)]
    with tf.Session() as session:
        session.run(v.initializer)
        first, *others = sources(session, results, {x: data})[0]
        for other in others:
            for a, b in zip(first, other):
                assert np.array_equal(a, b) and not np.shares_memory(a, b)
        assert session.run([v, c])[0].tolist() == [1.0] * 4
    assert data.tolist() == [1.0] * 4
    assert first[3].tolist() == [2.0] * 4


def test_an_array_with_a_view_is_not_written(sources):
    x = tf.placeholder(tf.float32, [None, 2])
    base = x * 2.0
    view = tf.transpose(base)
    changed = tf.negative(base)
    with tf.Session() as session:
        for value in sources(session, [view, changed + 0.0 * tf.reduce_sum(view)], {x: [[1, 2], [3, 4]]})[0]:
            assert value[0].tolist() == [[2, 6], [4, 8]]
            assert value[1].tolist() == [[-2, -4], [-6, -8]]


def test_chains_give_the_same_as_step_by_step():
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.placeholder(tf.float32, [3])
    v = x
    for _ in range(3):
        a = v * y
        b = a + x
        c = tf.tanh(b)
        d = tf.exp(c)
        v = tf.maximum(tf.sqrt(tf.square(tf.sigmoid(d)) + 1.0), c) - x
    slopes = tf.gradients(tf.reduce_sum(v), [x, y])
    feeds = {x: np.random.RandomState(0).rand(5, 3), y: [0.1, 0.2, 0.3]}
    with tf.Session() as session:
        interpreted = session.run([v, *slopes], feeds)
        for _ in range(3):
            for plain, fast in zip(interpreted, session.run([v, *slopes], feeds)):
                assert np.array_equal(plain, fast)


MEBIBYTE = 1 << 20


@pytest.mark.parametrize("jit", ["off", "lazy", "eager"])
def test_a_closed_session_holds_no_buffers(jit):
    """One that is still referred to, like its callables and its graph, keeps neither variables nor what its runs worked in."""
    x = tf.placeholder(tf.float32, [256, 1024])
    w = tf.Variable(tf.random_normal([1024, 256]))
    small = tf.Variable(tf.zeros([3]))
    loss = tf.reduce_mean(tf.square(tf.nn.softmax(tf.tanh(tf.matmul(x, w) * 0.5) + 1.0) - tf.reduce_sum(small)))
    train = tf.train.AdamOptimizer(0.01).minimize(loss)
    data = np.ones([256, 1024], np.float32)

    def used():
        gc.collect()
        arrays = tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain)
        return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([arrays]).traces)

    def session_that_works():
        with flags.jit.set(jit):
            session = tf.Session()
            session.run(tf.global_variables_initializer())
            call = session.make_callable([train, loss], [x])
            for _ in range(4):
                session.run([train, loss], {x: data})
                call(data)
            session.run(loss, {x: data}, tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata())
        return session, call

    session_that_works()[0].close()  # what is imported and compiled stays, once
    tracemalloc.start()
    try:
        before = used()
        session, call = session_that_works()
        assert used() - before > 3 * MEBIBYTE  # w and its two moments
        session.close()
        assert used() - before < MEBIBYTE / 4
        with pytest.raises(RuntimeError, match="closed Session"):
            call(data)
    finally:
        tracemalloc.stop()
