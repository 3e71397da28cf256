"""Normalizations beside the recorded ones: against NumPy, formats, gradients that reach through the statistics."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.ops import batch_norms
from tests.tolerances import assert_close

RANDOM = np.random.RandomState(6)
IMAGES = RANDOM.standard_normal((4, 5, 6, 3)).astype(np.float32)
SCALE, OFFSET = np.array([1.5, -2.0, 0.5], np.float32), np.array([0.0, 1.0, 2.0], np.float32)
MEAN, VARIANCE = np.array([0.5, 0.0, -0.5], np.float32), np.array([1.0, 2.0, 0.5], np.float32)


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


def test_training_normalizes_by_the_batch():
    y, mean, variance = run(tf.nn.fused_batch_norm(IMAGES, SCALE, OFFSET))
    wide = IMAGES.astype(float)
    expected = (wide - wide.mean((0, 1, 2))) / np.sqrt(wide.var((0, 1, 2)) + 0.001) * SCALE + OFFSET
    assert_close(expected, y, scale=4)
    assert_close(wide.mean((0, 1, 2)), mean)
    assert_close(wide.var((0, 1, 2), ddof=1), variance, scale=2)


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
def test_gradients_are_those_of_the_plain_formula(is_training, data_format):
    x, scale, offset = tf.constant(IMAGES), tf.constant(SCALE), tf.constant(OFFSET)
    weights = RANDOM.standard_normal(IMAGES.shape).astype(np.float32)
    mean, variance = tf.nn.moments(x, [0, 1, 2]) if is_training else (tf.constant(MEAN), tf.constant(VARIANCE))
    plain = tf.nn.batch_normalization(x, mean, variance, offset, scale, 0.001)
    given = {} if is_training else dict(mean=MEAN, variance=VARIANCE)
    images = x if data_format == "NHWC" else tf.transpose(x, [0, 3, 1, 2])
    fused = tf.nn.fused_batch_norm(images, scale, offset, is_training=is_training, data_format=data_format, **given)[0]
    fused = fused if data_format == "NHWC" else tf.transpose(fused, [0, 2, 3, 1])
    wanted = run([plain, *tf.gradients(plain * weights, [x, scale, offset])])
    for expected, found in zip(wanted, run([fused, *tf.gradients(fused * weights, [x, scale, offset])])):
        assert_close(expected, found, scale=20)


@pytest.mark.parametrize("op", [batch_norms.FusedBatchNorm, batch_norms.FusedBatchNormV2])
def test_older_versions_give_the_same(op):
    x = tf.constant(IMAGES)
    y = op.build(x, SCALE, OFFSET, [], [], epsilon=0.001)[0]
    newest = tf.nn.fused_batch_norm(x, SCALE, OFFSET)[0]
    first, second, dx, newest_dx = run([y, newest, tf.gradients(y * y, x)[0], tf.gradients(newest * newest, x)[0]])
    assert (first == second).all() and (dx == newest_dx).all()


@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize("is_training", [True, False])
def test_second_gradients_are_those_of_the_parts(is_training, data_format):
    """The op's second gradients equal those of its definition in float64, of which every part has one."""
    turn = [0, 3, 1, 2] if data_format == "NCHW" else [0, 1, 2, 3]
    axes = [axis for axis in range(4) if turn[axis] != 3]
    images = np.ascontiguousarray(IMAGES.transpose(turn))
    given = [np.zeros(0), np.zeros(0)] if is_training else [MEAN, VARIANCE]
    sides = [3 if size == 3 else 1 for size in turn]

    def second(dtype, normalized):
        x, scale, offset, mean, variance = [tf.constant(v, dtype) for v in (images, SCALE, OFFSET, *given)]
        y = normalized(x, scale, offset, mean, variance)
        first = tf.gradients(tf.reduce_sum(y ** 3), [x, scale, offset])
        return [tf.cast(g, tf.float64) for g in tf.gradients([each * each for each in first], [x, scale])]

    def parts(x, scale, offset, mean, variance):
        if is_training:
            mean, variance = tf.nn.moments(x, axes)
        shaped = [tf.reshape(each, sides) for each in (mean, variance, offset, scale)]
        return tf.nn.batch_normalization(x, *shaped, 0.5)

    def fused(x, scale, offset, mean, variance):
        return batch_norms.FusedBatchNormV3.build(x, scale, offset, mean, variance, epsilon=0.5, data_format=data_format,
                                                  is_training=is_training)[0]

    for found, expected in zip(run(second(tf.float32, fused)), run(second(tf.float64, parts))):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("radius", [0, 1, 2, 7])
def test_local_norms_sum_over_neighbours(radius):
    x = IMAGES[:1].astype(float).reshape(1, 1, 9, 10)
    squares = np.stack([(x[..., max(0, c - radius):c + radius + 1] ** 2).sum(-1) for c in range(10)], axis=-1)
    expected = x / (2 + 0.5 * squares) ** 0.75
    assert_close(expected, run(tf.nn.local_response_normalization(x.astype(np.float32), radius, 2, 0.5, 0.75)), scale=2)


def test_gradients_of_local_norms_are_central_differences():
    start = RANDOM.standard_normal((1, 1, 2, 6)).astype(np.float32)
    x = tf.placeholder(tf.float32, start.shape)
    y = tf.nn.lrn(x, 2, 1.0, 0.5, 0.75)
    weights = RANDOM.standard_normal(start.shape).astype(np.float32)
    gradient = run(tf.gradients(y * weights, x)[0], {x: start})
    for index in np.ndindex(start.shape):
        step = np.zeros_like(start)
        step[index] = 1e-2
        change = ((run(y, {x: start + step}) - run(y, {x: start - step})).astype(float) * weights).sum() / 2e-2
        np.testing.assert_allclose(gradient[index], change, rtol=1e-3, atol=1e-3)
