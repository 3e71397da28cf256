"""What TF has on other devices only: dilated convolutions of volumes, and volumes with the channels second."""

import numpy as np
import pytest

import graphcore as tf

RANDOM = np.random.RandomState(7)
ONES = [1, 1, 1, 1, 1]


def run(*made):
    with tf.Session() as session:
        return session.run(list(made))


def spread(filters, rates):
    """Filters with zeros between their elements."""
    sizes = [(size - 1) * rate + 1 for size, rate in zip(filters.shape, rates)]
    result = np.zeros((*sizes, *filters.shape[3:]))
    result[::rates[0], ::rates[1], ::rates[2]] = filters
    return result


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("rates", [(2, 1, 1), (1, 3, 2), (2, 2, 2)])
def test_dilated_filters_are_filters_with_zeros_between(padding, rates):
    x, filters = tf.constant(RANDOM.randn(2, 5, 7, 6, 2)), RANDOM.randn(2, 3, 2, 2, 3)
    f, wide = tf.constant(filters), tf.constant(spread(filters, rates))
    y, plain = tf.nn.conv3d(x, f, ONES, padding, dilations=[1, *rates, 1]), tf.nn.conv3d(x, wide, ONES, padding)
    found = run(y, *tf.gradients(y * y, [x, f]))
    expected = run(plain, *tf.gradients(plain * plain, [x, wide]))
    expected[2] = expected[2][::rates[0], ::rates[1], ::rates[2]]
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("function, arguments", [
    ("conv3d", (RANDOM.randn(2, 2, 2, 2, 3).astype(np.float32), [1, 1, 2, 1, 1], "SAME")), ("max_pool3d", ([2, 2, 1], [1, 2, 1], "SAME")),
    ("avg_pool3d", ([2, 2, 1], [1, 2, 1], "VALID")),
])
def test_channels_second_is_the_same_with_the_axes_moved(function, arguments):
    function = getattr(tf.nn, function)
    x = tf.constant(RANDOM.randn(2, 3, 4, 3, 2).astype(np.float32))
    moved = tf.transpose(x, [0, 4, 1, 2, 3])
    if len(arguments[1]) == 5:
        filters, strides, padding = arguments
        y, z = function(x, filters, strides, padding), function(moved, filters, [1, 1, 1, 2, 1], padding, data_format="NCDHW")
    else:
        y, z = function(x, *arguments), function(moved, *arguments, data_format="NCDHW")
    plain, other = run(y, *tf.gradients(y * y, x)), run(tf.transpose(z, [0, 2, 3, 4, 1]), *tf.gradients(z * z, x))
    for one, two in zip(plain, other):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-5)


def test_grouped_convolutions_say_that_they_are_not_built():
    with pytest.raises(tf.errors.UnimplementedError, match="groups is not built"):
        run(tf.nn.conv3d(np.ones((1, 2, 2, 2, 4)), np.ones((1, 1, 1, 2, 2)), ONES, "SAME"))


@pytest.mark.parametrize("make, phrase", [
    (lambda five, four: tf.nn.conv3d_transpose(five, np.ones((1, 1, 1, 1, 1)), four, 1), "must be a vector of 5 sizes"),
    (lambda five, four: tf.nn.conv3d(four, np.ones((1, 1, 1, 1, 1), np.int32).astype(float), ONES, "SAME"), "input must be 5-dimensional"),
    (lambda five, four: tf.nn.avg_pool3d(four, 2, 1, "SAME"), "tensor_in must be 5-dimensional"),
])
def test_wrong_ranks_in_a_run_are_named(make, phrase):
    five = tf.placeholder_with_default(np.ones((1, 2, 2, 2, 1)), None)
    sizes = tf.placeholder_with_default(np.array([1, 2, 2, 2], np.int32), None)
    four = tf.placeholder_with_default(np.ones((1, 2, 2, 2)), None)
    with pytest.raises(tf.errors.InvalidArgumentError, match=phrase):
        run(make(five, sizes if "vector" in phrase else four))
