"""Convolutions and poolings, compiled, against NumPy's: odd sizes, strides, dilations, paddings, both dtypes."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.ops.kernels import pooling, windows
from tests.ops.compiled_forms import assert_sums, form_of, with_threads
from tests.tolerances import assert_close, assert_same

RANDOM = np.random.RandomState(12)

# images, filters, strides, dilations
CONVOLUTIONS = [
    ((2, 7, 6, 3), (3, 3, 3, 4), (1, 1), (1, 1)),
    ((1, 9, 5, 1), (2, 3, 1, 20), (2, 1), (1, 1)),
    ((2, 8, 9, 2), (3, 2, 2, 17), (1, 1), (2, 3)),
    ((1, 5, 5, 40), (1, 1, 40, 3), (2, 3), (1, 1)),
    ((3, 11, 10, 5), (4, 5, 5, 16), (3, 2), (1, 1)),
    ((1, 10, 10, 6), (2, 2, 6, 33), (2, 2), (3, 2)),
    ((1, 1, 1, 3), (1, 1, 3, 5), (1, 1), (1, 1)),
    ((9, 3, 2, 8), (3, 3, 8, 8), (1, 1), (1, 1)),
    ((1, 70, 90, 3), (3, 3, 3, 9), (1, 1), (1, 1)),
    ((2, 6, 6, 4), (2, 2, 4, 4), (4, 5), (1, 1)),
    ((12, 40, 36, 20), (5, 3, 20, 7), (1, 1), (1, 1)),
    ((2, 9, 8, 37), (3, 2, 37, 1), (1, 2), (1, 1)),
    ((2, 9, 8, 16), (3, 2, 16, 2), (1, 1), (2, 2)),
    ((3, 8, 9, 1), (3, 3, 1, 40), (2, 1), (1, 1)),
]
PADDINGS = ["SAME", "VALID", ((2, 1), (0, 3))]
EACH = pytest.mark.parametrize("images, filters, strides, dilations", CONVOLUTIONS)
PADDED = pytest.mark.parametrize("padding", PADDINGS, ids=["same", "valid", "explicit"])
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def normal(shape, dtype):
    return RANDOM.standard_normal(shape).astype(dtype)


def spans_of(images, filters, strides, dilations, padding):
    around = ((0, 0), (0, 0)) if isinstance(padding, str) else padding
    word = padding.encode() if isinstance(padding, str) else b"EXPLICIT"
    return windows.spans_of(images[1:3], filters[:2], strides, dilations, word, around)


def compared(kernel, x, y, spans, length):
    """Check the compiled form against NumPy's in float64."""
    result = form_of(kernel, x.dtype)(x, y, spans)
    wide = x.astype(np.float64), y.astype(np.float64)
    expected, sizes = kernel.plain(*wide, spans), kernel.plain(*map(np.abs, wide), spans)
    if result is NotImplemented:
        assert not (x.size and y.size and expected.size)
        return
    assert result.dtype == x.dtype
    assert_sums(expected, result, sizes, length)


@DTYPES
@PADDED
@EACH
def test_convolutions(images, filters, strides, dilations, padding, dtype):
    spans = spans_of(images, filters, strides, dilations, padding)
    compared(windows.convolved, normal(images, dtype), normal(filters, dtype), spans, np.prod(filters[:3]))


@DTYPES
@PADDED
@EACH
def test_gradients_in_images(images, filters, strides, dilations, padding, dtype):
    spans = spans_of(images, filters, strides, dilations, padding)
    outputs = normal((images[0], spans[0].count, spans[1].count, filters[3]), dtype)
    compared(windows.spread, outputs, normal(filters, dtype), spans, filters[0] * filters[1] * filters[3])


@DTYPES
@PADDED
@EACH
def test_gradients_in_filters(images, filters, strides, dilations, padding, dtype):
    spans = spans_of(images, filters, strides, dilations, padding)
    outputs = normal((images[0], spans[0].count, spans[1].count, filters[3]), dtype)
    compared(windows.correlated, normal(images, dtype), outputs, spans, images[0] * spans[0].count * spans[1].count)


def test_large_filters_are_cut_by_their_elements():
    images, outputs = normal((2, 5, 5, 256), np.float32), normal((2, 5, 5, 200), np.float32)
    spans = spans_of(images.shape, (3, 3), (1, 1), (1, 1), "SAME")
    compared(windows.correlated, images, outputs, spans, 50)


@pytest.mark.parametrize("name", ["convolved", "spread", "correlated", "convolved_depthwise", "spread_depthwise",
                                  "correlated_depthwise"])
def test_bits_do_not_depend_on_the_number_of_threads(name, monkeypatch):
    kernel, spans = getattr(windows, name), spans_of((5, 9, 8, 6), (3, 3), (2, 1), (1, 2), "SAME")
    each = 3 if "depthwise" in name else 18
    images, outputs, filters = (5, 9, 8, 6), (5, spans[0].count, spans[1].count, 18), (3, 3, 6, each)
    arguments = {"convolved": (images, filters), "spread": (outputs, filters), "correlated": (images, outputs)}[name.split("_")[0]]
    arguments = *(normal(shape, np.float32) for shape in arguments), spans
    alone, two, five = (with_threads(form_of(kernel, np.float32), count, monkeypatch, *arguments) for count in (1, 2, 5))
    assert_same(alone, two)
    assert_same(alone, five)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_spreads_as_in_numpy(value):
    spans = spans_of((1, 6, 6, 3), (3, 3), (1, 1), (1, 1), "SAME")
    images, filters, outputs = normal((1, 6, 6, 3), np.float32), normal((3, 3, 3, 4), np.float32), normal((1, 6, 6, 4), np.float32)
    for place in ((0, 0), (1, 1)):
        special = filters.copy()
        special[(*place, 0, 0)] = value
        with flags.jit.set("eager"), np.errstate(all="ignore"):
            for kernel, x in ((windows.convolved, images), (windows.spread, outputs)):
                expected = kernel.plain(x, special, spans)
                actual = kernel(x, special, spans)
                np.testing.assert_array_equal(np.isnan(expected), np.isnan(actual))
                np.testing.assert_array_equal(np.isinf(expected), np.isinf(actual))


@pytest.mark.parametrize("images, filters", [((0, 4, 4, 3), (2, 2, 3, 5)), ((2, 4, 4, 0), (2, 2, 0, 5)), ((2, 4, 4, 3), (2, 2, 3, 0))])
def test_nothing_to_add_up(images, filters):
    x, f = tf.zeros(images), tf.zeros(filters)
    y = tf.nn.conv2d(x, f, 1, "SAME")
    with flags.jit.set("eager"), tf.Session() as session:
        made, dx, df = session.run([y, *tf.gradients(y, [x, f])])
    assert (made.shape, dx.shape, df.shape) == ((*images[:3], filters[3]), images, filters)
    assert not made.any() and not dx.any() and not df.any()


@DTYPES
@PADDED
@pytest.mark.parametrize("images, each, window, stride", [((2, 7, 6, 3), 1, (3, 3), 1), ((1, 9, 8, 4), 5, (2, 3), 2),
                                                          ((3, 12, 10, 20), 2, (3, 3), 1), ((1, 5, 5, 40), 1, (1, 1), 3),
                                                          ((9, 8, 8, 16), 1, (5, 2), 2)])
def test_depthwise_convolutions(images, each, window, stride, padding, dtype):
    filters = (*window, images[3], each)
    spans = spans_of(images, filters, (stride, stride), (1, 1), padding)
    x, f = normal(images, dtype), normal(filters, dtype)
    dy = normal((images[0], spans[0].count, spans[1].count, images[3] * each), dtype)
    taps = window[0] * window[1]
    compared(windows.convolved_depthwise, x, f, spans, taps)
    compared(windows.spread_depthwise, dy, f, spans, taps * each)
    compared(windows.correlated_depthwise, x, dy, spans, dy.size // dy.shape[3])


# ---------------------------------------------------------------- pooling


IMAGES = pytest.mark.parametrize("shape", [(2, 7, 9, 3), (1, 1, 1, 2), (3, 8, 8, 16), (1, 5, 6, 37), (2, 40, 30, 32)])
WINDOWS = pytest.mark.parametrize("size, stride", [(2, 2), (3, 2), (3, 1), (2, 3), (1, 2), (5, 4)])
WAYS = pytest.mark.parametrize("padding", [b"SAME", b"VALID"])


def pooled(shape, size, stride, padding, dtype):
    """(images with equal elements among them, spans, gradients for the windows)."""
    if padding == b"VALID":
        shape = (shape[0], max(size, shape[1]), max(size, shape[2]), shape[3])
    spans = windows.spans_of(shape[1:3], (size, size), (stride, stride), (1, 1), padding)
    images = RANDOM.randint(-20, 20, shape).astype(dtype)
    return images, spans, normal((shape[0], spans[0].count, spans[1].count, shape[3]), dtype)


@DTYPES
@IMAGES
@WINDOWS
@WAYS
def test_poolings_are_numpys(shape, size, stride, padding, dtype):
    images, spans, gradients = pooled(shape, size, stride, padding, dtype)
    assert_same(pooling.maxima.plain(images, spans), form_of(pooling.maxima, dtype)(images, spans))
    given = normal(images.shape, dtype)
    assert_close(pooling.means.plain(given, spans), form_of(pooling.means, dtype)(given, spans))
    assert_close(pooling.added_up.plain(gradients, spans), form_of(pooling.added_up, dtype)(gradients, spans))
    assert_close(pooling.at_first_maxima.plain(images, gradients, spans),
                 form_of(pooling.at_first_maxima, dtype)(images, gradients, spans), scale=5)


@WAYS
def test_maxima_treat_nan_and_infinities_as_numpys_do(padding):
    values = np.array([np.nan, np.inf, -np.inf, 1.0, 2.0], np.float32)
    images = RANDOM.choice(values, (4, 9, 9, 18), p=[0.5, 0.1, 0.2, 0.1, 0.1])
    spans = windows.spans_of((9, 9), (2, 2), (2, 1), (1, 1), padding)
    gradients = normal((4, spans[0].count, spans[1].count, 18), np.float32)
    assert_close(pooling.maxima.plain(images, spans), form_of(pooling.maxima, np.float32)(images, spans))
    assert_close(pooling.at_first_maxima.plain(images, gradients, spans),
                 form_of(pooling.at_first_maxima, np.float32)(images, gradients, spans))


@pytest.mark.parametrize("name", ["maxima", "means", "added_up", "at_first_maxima"])
def test_bits_of_poolings_do_not_depend_on_the_number_of_threads(name, monkeypatch):
    images, spans, gradients = pooled((7, 9, 9, 20), 3, 2, b"SAME", np.float32)
    arguments = {"added_up": (gradients,), "at_first_maxima": (images, gradients)}.get(name, (images,))
    form = form_of(getattr(pooling, name), np.float32)
    alone, three = (with_threads(form, count, monkeypatch, *arguments, spans) for count in (1, 3))
    assert_same(alone, three)


def test_other_dtypes_and_formats_go_through_the_op():
    images = RANDOM.standard_normal((2, 6, 7, 4))
    x = tf.placeholder(tf.float64, images.shape)
    y = tf.nn.max_pool(tf.nn.conv2d(x, tf.constant(normal((3, 3, 4, 5), np.float64)), 1, "SAME"), 2, 2, "SAME")
    turned = tf.nn.max_pool(tf.nn.conv2d(tf.transpose(x, [0, 3, 1, 2]), y.op.inputs[0].op.inputs[1], 1, "SAME", data_format="NCHW"),
                            2, 2, "SAME", data_format="NCHW")
    with tf.Session() as session:
        with flags.jit.set("eager"):
            fast, other = session.run([y, turned], {x: images})
        with flags.jit.set("off"):
            plain = session.run(y, {x: images})
    assert_close(plain, fast)
    assert_close(plain, other.transpose(0, 2, 3, 1))
