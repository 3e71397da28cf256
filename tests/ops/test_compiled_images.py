"""Bilinear resizing and the largest elements of rows, compiled, against NumPy's."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.ops.kernels import ranking, resizing
from tests.ops.compiled_forms import form_of, with_threads
from tests.tolerances import assert_close, assert_same

RANDOM = np.random.RandomState(21)
SIZES = pytest.mark.parametrize("before, after", [((5, 7), (11, 4)), ((8, 8), (16, 16)), ((1, 1), (3, 5)), ((9, 6), (1, 1)),
                                                  ((4, 3), (4, 9))])
WAYS = pytest.mark.parametrize("way", [dict(), dict(align_corners=True), dict(half_pixel_centers=True)], ids=["plain", "corners", "half"])


def axes(before, after, way):
    return [resizing.Axis(*pair, **way) for pair in zip(before, after)]


@SIZES
@WAYS
@pytest.mark.parametrize("channels", [1, 3, 18])
def test_bilinear_images(before, after, way, channels):
    images = RANDOM.standard_normal((3, *before, channels)).astype(np.float32)
    rows, columns = map(resizing.linear_taps, axes(before, after, way))
    assert_same(resizing.between.plain(images, rows, columns), form_of(resizing.between, np.float32)(images, rows, columns))


@SIZES
@WAYS
@pytest.mark.parametrize("channels", [1, 3, 18])
def test_bilinear_gradients(before, after, way, channels):
    gradients = RANDOM.standard_normal((3, *after, channels)).astype(np.float32)
    taps = [resizing.linear_taps(axis) for axis in axes(before, after, way)]
    expected = resizing.spread.plain(gradients.astype(float), *taps, before, np.float64)
    result = form_of(resizing.spread, np.float32)(gradients, *taps, before, np.dtype(np.float32))
    assert_close(expected, result, scale=10)


def test_bits_do_not_depend_on_the_number_of_threads(monkeypatch):
    images = RANDOM.standard_normal((4, 9, 8, 3)).astype(np.float32)
    taps = [resizing.linear_taps(axis) for axis in axes((9, 8), (21, 13), {})]
    gradients = RANDOM.standard_normal((4, 21, 13, 3)).astype(np.float32)
    for kernel, arguments in ((resizing.between, (images, *taps)), (resizing.spread, (gradients, *taps, (9, 8), images.dtype)),
                              (ranking.first_k, (images, 2))):
        form = form_of(kernel, np.float32)
        alone, three = (with_threads(form, count, monkeypatch, *arguments) for count in (1, 3))
        for x, y in zip(alone, three):
            assert_same(x, y)


# ---------------------------------------------------------------- the largest


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64])
@pytest.mark.parametrize("shape", [(7,), (4, 9), (2, 3, 40), (1, 300)])
@pytest.mark.parametrize("count", [1, 3, 7])
def test_the_largest_in_order(dtype, shape, count):
    rows = RANDOM.randint(-9, 9, shape).astype(dtype)  # many equals
    for expected, actual in zip(ranking.first_k.plain(rows, count), form_of(ranking.first_k, dtype)(rows, count)):
        assert_same(expected, actual)


def test_nan_counts_as_the_least():
    rows = RANDOM.choice(np.array([np.nan, np.inf, -np.inf, 0.0, 1.0]), (50, 12))
    for count in (1, 5, 12):
        for expected, actual in zip(ranking.first_k.plain(rows, count), form_of(ranking.first_k, np.float64)(rows, count)):
            np.testing.assert_array_equal(expected, actual)


@pytest.mark.parametrize("shape, count", [((3, 400), 300), ((3, 5), 0), ((0, 5), 2)])
def test_others_go_the_plain_way(shape, count):
    x = tf.constant(np.arange(np.prod(shape), dtype=np.float32).reshape(shape))
    with flags.jit.set("eager"), tf.Session() as session:
        values, indices = session.run(tf.nn.top_k(x, count))
    assert values.shape == indices.shape == (shape[0], count)
    np.testing.assert_array_equal(indices, np.tile(np.arange(shape[1])[::-1][:count], (shape[0], 1)))


@pytest.mark.parametrize("indices, axis", [*(([[0, 2, -1], [3, 1, 5]], axis) for axis in (-1, 0, 1, 2)), (2, -1), (2, 0), (4, 0),
                                           (np.zeros((2, 0), int), 1)])
def test_one_hot_vectors_lie_along_the_new_axis(indices, axis):
    indices = np.array(indices)
    with tf.Session() as session:
        made = session.run(tf.one_hot(indices, 4, on_value=np.int8(7), off_value=np.int8(1), axis=axis))
    expected = np.where(np.arange(4) == indices[..., None], 7, 1).astype(np.int8)
    assert_same(np.ascontiguousarray(np.moveaxis(expected, -1, axis)), made)
