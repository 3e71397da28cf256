"""Normalizations, compiled, against NumPy's in float64: one channel, odd numbers of them, many; no elements at all."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.ops.kernels import normalizing
from tests.ops.compiled_forms import assert_sums, form_of, with_threads
from tests.tolerances import assert_close, assert_same

RANDOM = np.random.RandomState(8)
SHAPES = pytest.mark.parametrize("shape", [(1, 1), (7, 3), (300, 16), (1000, 17), (513, 64), (2, 130)])


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


@SHAPES
def test_sums_over_rows(shape):
    rows, dy, mean = normal(*shape) + 2, normal(*shape), normal(shape[1])
    far = rows.astype(float) - mean
    for kernel, arguments, terms in ((normalizing.squared_distances, (rows, mean), far * far),
                                     (normalizing.weighted_distances, (dy, rows, mean), dy.astype(float) * far)):
        sizes = np.abs(terms).sum(0) + np.abs(terms).max(0)
        assert_sums(terms.sum(0), form_of(kernel, np.float32)(*arguments), sizes, shape[0])
        assert_sums(terms.sum(0), kernel.plain(*arguments), sizes, shape[0])


@SHAPES
def test_rows_moved_and_scaled(shape):
    rows, dy, vectors = normal(*shape), normal(*shape), normal(4, shape[1])
    if shape[1] == 1:
        assert form_of(normalizing.scaled, np.float32)(rows, *vectors[:3]) is NotImplemented
        return
    assert_same(normalizing.scaled.plain(rows, *vectors[:3]), form_of(normalizing.scaled, np.float32)(rows, *vectors[:3]))
    assert_same(normalizing.combined.plain(dy, rows, *vectors), form_of(normalizing.combined, np.float32)(dy, rows, *vectors))


@pytest.mark.parametrize("channels", [1, 3, 16, 21, 96])
@pytest.mark.parametrize("radius", [0, 1, 2, 5])
@pytest.mark.parametrize("beta", [0.5, 0.75, 1.0, 0.6])
def test_neighbouring_channels(channels, radius, beta):
    images, dy = normal(2, 3, 4, channels), normal(2, 3, 4, channels)
    settings = radius, 1.5, 0.3, beta
    # By hand, in float64.
    wide = images.astype(float)
    squares = np.stack([(wide[..., max(0, c - radius):c + radius + 1] ** 2).sum(-1) for c in range(channels)], -1)
    outputs = form_of(normalizing.locally_normalized, np.float32)(images, *settings)
    assert_close(wide * (1.5 + 0.3 * squares) ** -beta, outputs, scale=3)
    expected = normalizing.local_gradient.plain(dy, images, outputs, *settings)
    assert_close(expected, form_of(normalizing.local_gradient, np.float32)(dy, images, outputs, *settings), scale=5)


def test_bits_do_not_depend_on_the_number_of_threads(monkeypatch):
    rows, mean = normal(3000, 20), normal(20)
    for kernel, arguments in ((normalizing.squared_distances, (rows, mean)), (normalizing.scaled, (rows, mean, mean, mean)),
                              (normalizing.locally_normalized, (rows, 3, 1.0, 0.1, 0.75))):
        form = form_of(kernel, np.float32)
        assert_same(with_threads(form, 1, monkeypatch, *arguments), with_threads(form, 3, monkeypatch, *arguments))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("sizes", [(3, 5, 4, 6), (0, 5, 4, 6), (2, 3, 3, 1)])
@pytest.mark.parametrize("training", [True, False])
def test_tiers_agree_on_fused_batch_normalization(dtype, sizes, training):
    x, scale, offset = tf.constant(normal(*sizes).astype(dtype)), tf.constant(normal(sizes[3])), tf.constant(normal(sizes[3]))
    given = {} if training else dict(mean=normal(sizes[3]), variance=normal(sizes[3]) ** 2)
    y, mean, variance = tf.nn.fused_batch_norm(x, scale, offset, is_training=training, **given)
    wanted = [y, mean, variance, *tf.gradients(y * y, [x, scale, offset])]
    with tf.Session() as session:
        with flags.jit.set("off"):
            plain = session.run(wanted)
        with flags.jit.set("eager"):
            fast = session.run(wanted)
    for expected, actual in zip(plain, fast):
        assert_close(expected, actual, scale=40)
