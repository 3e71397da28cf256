"""Convolutions beside the recorded ones: against SciPy and plain loops, formats, dilated gradients, degenerate sizes, errors."""

import numpy as np
import pytest
from scipy import signal

import graphcore as tf
from graphcore.autodiff.check import compute_gradient
from graphcore.ops.kernels import windows
from tests.tolerances import assert_close

RANDOM = np.random.RandomState(4)


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


def normal(*shape):
    return RANDOM.standard_normal(shape)


def reference(images, filters, stride=(1, 1), dilation=(1, 1), padding="VALID"):
    """The convolution by SciPy, window by window of a dilated filter."""
    rows, columns = ((n - 1) * d + 1 for n, d in zip(filters.shape, dilation))
    wide = np.zeros((rows, columns, *filters.shape[2:]))
    wide[::dilation[0], ::dilation[1]] = filters
    if padding == "SAME":
        around = []
        for size, step, reach in zip(images.shape[1:3], stride, (rows, columns)):
            missing = max(0, (-(-size // step) - 1) * step + reach - size)
            around.append((missing // 2, missing - missing // 2))
        images = np.pad(images, [(0, 0), *around, (0, 0)])
    planes = [[sum(signal.correlate2d(image[..., c], wide[..., c, k], "valid") for c in range(wide.shape[2]))
               for k in range(wide.shape[3])] for image in images]
    return np.array(planes).transpose(0, 2, 3, 1)[:, ::stride[0], ::stride[1]]


CASES = [((2, 7, 6, 3), (3, 3, 3, 4), (1, 1), (1, 1)), ((1, 9, 5, 1), (2, 3, 1, 2), (2, 1), (1, 1)),
         ((2, 8, 9, 2), (3, 2, 2, 3), (1, 1), (2, 3)), ((1, 5, 5, 2), (1, 1, 2, 3), (2, 3), (1, 1)),
         ((3, 11, 10, 2), (4, 5, 2, 1), (3, 2), (1, 1)), ((1, 10, 10, 2), (2, 2, 2, 2), (2, 2), (3, 2))]


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("sizes, filter_sizes, stride, dilation", CASES)
def test_convolutions_are_scipys(sizes, filter_sizes, stride, dilation, padding):
    images, filters = normal(*sizes), normal(*filter_sizes)
    made = tf.nn.conv2d(images, filters, stride, padding, dilations=dilation)
    result = run(made)
    assert made.shape == result.shape
    assert_close(reference(images, filters, stride, dilation, padding), result, scale=10)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("sizes, filter_sizes, stride, dilation", CASES)
def test_gradients_are_central_differences(sizes, filter_sizes, stride, dilation, padding):
    x, f = tf.constant(normal(*sizes)), tf.constant(normal(*filter_sizes))
    y = tf.nn.conv2d(x, f, stride, padding, dilations=dilation)
    with tf.Session() as session:
        for source in (x, f):
            start = session.run(source)
            theory, numeric = compute_gradient(source, start.shape, y, y.shape, start, delta=1e-3)
            np.testing.assert_allclose(theory, numeric, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("padding", ["SAME", "VALID", [[0, 0], [1, 2], [0, 1], [0, 0]]])
def test_nchw_is_nhwc_transposed(padding):
    images, filters = normal(2, 6, 5, 3), normal(3, 2, 3, 4)
    x = tf.constant(images.transpose(0, 3, 1, 2))
    other = padding if isinstance(padding, str) else [padding[i] for i in (0, 3, 1, 2)]
    y = tf.nn.conv2d(x, filters, 2, other, data_format="NCHW")
    expected = tf.nn.conv2d(images, filters, 2, padding)
    assert y.shape == tuple(expected.shape[i].value for i in (0, 3, 1, 2))
    assert_close(run(expected).transpose(0, 3, 1, 2), run(y))
    z = tf.constant(images)
    wanted = tf.gradients(tf.nn.conv2d(z, filters, 2, padding) ** 2, z)[0]
    assert_close(run(wanted).transpose(0, 3, 1, 2), run(tf.gradients(y ** 2, x)[0]), scale=10)


def test_many_blocks_give_what_one_gives(monkeypatch):
    images, filters = normal(3, 9, 8, 2), normal(3, 3, 2, 4)
    x, f = tf.constant(images), tf.constant(filters)
    y = tf.nn.conv2d(x, f, 1, "SAME")
    wanted = run([y, *tf.gradients(y * y, [x, f])])
    for size in (1, 3000, 12000):
        monkeypatch.setattr(windows, "_BLOCK_BYTES", size)
        for expected, found in zip(wanted, run([y, *tf.gradients(y * y, [x, f])])):
            assert_close(expected, found, scale=10)


@pytest.mark.parametrize("sizes", [(0, 5, 5, 2), (1, 0, 5, 2), (2, 2, 5, 2)])
def test_images_without_windows_give_nothing(sizes):
    x = tf.placeholder(tf.float32, [None] * 4)
    y = tf.nn.conv2d(x, np.ones((3, 3, 2, 4), np.float32), 1, "VALID" if sizes[1] == 2 else "SAME")
    result, gradient = run([y, tf.gradients(y, x)[0]], {x: np.ones(sizes)})
    assert result.size == 0 and result.shape[3] == 4
    assert gradient.shape == sizes and not gradient.any()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_results_have_the_dtype_of_the_images(dtype):
    x = tf.cast(tf.constant(normal(1, 5, 5, 2)), dtype)
    f = tf.cast(tf.constant(normal(3, 3, 2, 2)), dtype)
    made = [tf.nn.conv2d(x, f, 1, "SAME"), tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "SAME")]
    for result in run(made + tf.gradients(made, [x, f])):
        assert result.dtype == tf.as_dtype(dtype).as_numpy_dtype


@pytest.mark.parametrize("channels, phrase", [(4, "does not currently support grouped|grouped convolutions"), (3, "evenly divisible")])
def test_other_depths_are_errors_when_running(channels, phrase):
    x = tf.placeholder(tf.float32, [None] * 4)
    y = tf.nn.conv2d(x, np.ones((3, 3, 2, 4), np.float32), 1, "SAME")
    with pytest.raises((tf.errors.UnimplementedError, tf.errors.InvalidArgumentError), match=phrase):
        run(y, {x: np.ones((1, 5, 5, channels))})


@pytest.mark.parametrize("padding, phrase", [("EXPLICIT", "not a valid value"), ([[0, 0], [1, 1], 0, [0, 0]], "Element with index 2"),
                                             ([[0, 0], [1], [0, 0], [0, 0]], "has size 1"), ([[0, 0]] * 3, "must be of size 4"),
                                             ([[0, 0], [1, -1], [0, 0], [0, 0]], "must be nonnegative")])
def test_paddings_that_are_none_are_refused(padding, phrase):
    with pytest.raises(ValueError, match=phrase):
        tf.nn.conv2d(np.ones((1, 5, 5, 2), np.float32), np.ones((3, 3, 2, 4), np.float32), 1, padding)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_a_rate_of_depthwise_convolutions_spreads_their_filters(padding):
    images, filters = normal(1, 7, 6, 2), normal(3, 2, 2, 1)
    parts = [reference(images[..., c:c + 1], filters[:, :, c:c + 1], dilation=(2, 3), padding=padding) for c in range(2)]
    result = run(tf.nn.depthwise_conv2d(images, filters, [1, 1, 1, 1], padding, rate=[2, 3]))
    np.testing.assert_allclose(result, np.concatenate(parts, axis=-1), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_depthwise_convolutions_are_convolutions_of_each_channel(padding):
    images, filters = normal(2, 7, 6, 3), normal(3, 2, 3, 2)
    parts = [reference(images[..., c:c + 1], filters[:, :, c:c + 1], (2, 2), padding=padding) for c in range(3)]
    result = run(tf.nn.depthwise_conv2d(images, filters, [1, 2, 2, 1], padding))
    assert_close(np.concatenate(parts, axis=3), result, scale=10)
    turned = tf.nn.depthwise_conv2d(images.transpose(0, 3, 1, 2), filters, [1, 1, 2, 2], padding, data_format="NCHW")
    assert_close(result.transpose(0, 3, 1, 2), run(turned))
