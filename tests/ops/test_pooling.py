"""Poolings beside the recorded ones: against plain loops, formats, gradients, degenerate sizes."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.autodiff.check import compute_gradient
from graphcore.ops.kernels.windows import span_of
from tests.tolerances import assert_close

RANDOM = np.random.RandomState(5)


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


def reference(images, size, stride, padding, reduce):
    """Each window cut out and reduced on its own."""
    spans = [span_of(n, size, stride, 1, padding.encode()) for n in images.shape[1:3]]
    result = np.empty((len(images), spans[0].count, spans[1].count, images.shape[3]), images.dtype)
    for row in range(spans[0].count):
        for column in range(spans[1].count):
            top, left = row * stride - spans[0].before, column * stride - spans[1].before
            part = images[:, max(0, top):top + size, max(0, left):left + size]
            result[:, row, column] = reduce(part, axis=(1, 2))
    return result


POOLS = pytest.mark.parametrize("pool, reduce", [(tf.nn.max_pool, np.max), (tf.nn.avg_pool, np.mean)], ids=["max", "avg"])
WINDOWS = pytest.mark.parametrize("size, stride", [(2, 2), (3, 2), (3, 1), (2, 3), (1, 2), (5, 4)])
PADDINGS = pytest.mark.parametrize("padding", ["SAME", "VALID"])


@POOLS
@WINDOWS
@PADDINGS
def test_pools_reduce_each_window(pool, reduce, size, stride, padding):
    images = RANDOM.standard_normal((2, 7, 9, 3))
    made = pool(images, size, stride, padding)
    result = run(made)
    assert made.shape == result.shape
    assert_close(reference(images, size, stride, padding, reduce), result)
    turned = pool(images.transpose(0, 3, 1, 2), size, stride, padding, data_format="NCHW")
    assert_close(result.transpose(0, 3, 1, 2), run(turned))


@POOLS
@WINDOWS
@PADDINGS
def test_gradients_are_central_differences(pool, reduce, size, stride, padding):
    start = RANDOM.permutation(2 * 5 * 6 * 2).reshape(2, 5, 6, 2).astype(float)
    x = tf.constant(start)
    y = pool(x, size, stride, padding)
    with tf.Session():
        theory, numeric = compute_gradient(x, start.shape, y, y.shape, start, delta=1e-3)
    np.testing.assert_allclose(theory, numeric, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "int32", "uint8", "int64"])
def test_results_have_the_dtype_of_the_images(dtype):
    x = tf.cast(tf.constant(RANDOM.permutation(32).reshape(1, 4, 4, 2)), dtype)
    made = [tf.nn.max_pool(x, 3, 2, "SAME")]
    if tf.as_dtype(dtype).is_floating:
        made += [tf.nn.avg_pool(x, 3, 2, "SAME")]
        made += tf.gradients(made, x)
    for result in run(made):
        assert result.dtype == tf.as_dtype(dtype).as_numpy_dtype


def test_padding_never_is_the_maximum():
    x = tf.constant(np.full((1, 3, 3, 1), -np.inf))
    y = tf.nn.max_pool(x, 2, 2, "SAME")
    result, gradient = run([y, tf.gradients(y, x)[0]])
    assert (result == -np.inf).all() and gradient.sum() == 4


@pytest.mark.parametrize("sizes", [(0, 4, 4, 2), (2, 4, 4, 0), (1, 1, 4, 2)])
def test_images_without_windows_give_nothing(sizes):
    x = tf.placeholder(tf.float32, [None] * 4)
    made = [pool(x, 2, 2, "VALID") for pool in (tf.nn.max_pool, tf.nn.avg_pool)]
    *results, gradient = run(made + tf.gradients(made, x), {x: np.ones(sizes)})
    assert [each.size for each in results] == [0, 0]
    assert gradient.shape == sizes


@pytest.mark.parametrize("with_batch", [False, True])
def test_indices_lead_to_the_maxima(with_batch):
    images = RANDOM.standard_normal((2, 5, 6, 3)).astype(np.float32)
    largest, index = run(tf.nn.max_pool_with_argmax(images, [1, 3, 2, 1], [1, 2, 2, 1], "SAME", include_batch_in_index=with_batch,
                                                    output_dtype=tf.int32))
    assert index.dtype == np.int32
    found = images.ravel()[index] if with_batch else np.stack([image.ravel()[each] for image, each in zip(images, index)])
    assert (found == largest).all()
