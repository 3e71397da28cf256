"""Activations at the edges, softmax, biases, dropout and moments; expected values recorded from TF 1.15.5 or SciPy's."""

import numpy as np
import pytest
from scipy import special

import graphcore as tf
from graphcore.ops import activations, biases, dropout, normalization, softmaxes
from tests.tolerances import assert_close, assert_same

NAN, INF = np.nan, np.inf
RANDOM = np.random.RandomState(5)
EDGES = [NAN, -1.0, 2.0, -0.0, INF, -INF]


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


@pytest.mark.parametrize("function, expected", [
    (activations.relu, [NAN, 0, 2, -0.0, INF, 0]), (activations.relu6, [NAN, 0, 2, -0.0, 6, 0]),
    (activations.elu, [NAN, -0.63212056, 2, -0.0, INF, -1]), (activations.selu, [NAN, -1.1113307, 2.101402, -0.0, INF, -1.7580993]),
    (activations.softplus, [NAN, 0.31326166, 2.126928, 0.6931472, INF, 0]),
    (activations.softsign, [NAN, -0.5, 0.6666667, -0.0, NAN, NAN]), (activations.leaky_relu, [NAN, -0.2, 2, -0.0, INF, -INF])])
def test_edges(function, expected):
    result = run(function(EDGES))
    assert_close(np.array(expected, np.float32), result)
    assert np.signbit(result[3]) == np.signbit(expected[3])


@pytest.mark.parametrize("gradients, features, expected", [
    ([1, 2, 3, 4, 5, 6], EDGES, [0, 0, 3, 0, 5, 0]), ([NAN, NAN, INF, INF], [-1, 2, 0, 1], [NAN, NAN, NAN, INF])])
def test_the_slope_of_relu_multiplies(gradients, features, expected):
    slope = activations.ReluGrad.build(np.array(gradients, np.float32), np.array(features, np.float32))
    assert_close(expected, run(slope))


def test_leaky_relu_keeps_its_alpha_as_a_float32():
    assert run(activations.leaky_relu(np.array([-1.0]))) == -np.float64(np.float32(0.2))


def test_crelu_doubles_the_last_axis():
    assert_same(np.array([[0, 2, 1, 0]], np.float32), run(activations.crelu([[-1.0, 2.0]])))


def test_swish_with_its_gradient():
    x = tf.constant([-1.0, 0.0, 2.0])
    y = activations.swish(x)
    value, slope = run([y, tf.gradients(y, x)[0]])
    points = np.array([-1, 0, 2.0])
    curve = special.expit(points)
    assert_close(points * curve, value)
    assert_close(curve * (1 + points * (1 - curve)), slope)


@pytest.mark.parametrize("shape", [(7,), (3, 4), (100, 10), (100, 40), (2, 3, 5), (0, 3), (3, 0)])
@pytest.mark.parametrize("function, reference", [(softmaxes.softmax, special.softmax), (softmaxes.log_softmax, special.log_softmax)])
def test_softmax_of_narrow_wide_and_empty_rows(function, reference, shape):
    logits = (RANDOM.standard_normal(shape) * 5).astype(np.float32)
    result = run(function(logits))
    assert result.flags.c_contiguous and result.dtype == np.float32
    if logits.size:
        assert_close(reference(logits.astype(np.float64), axis=-1), result, scale=2)
    assert result.shape == shape


def test_softmax_of_infinities():
    result = run(softmaxes.softmax([[INF, 1.0], [-INF, -INF], [-INF, 0.0]]))
    assert np.array_equal(result, np.array([[NAN, NAN], [NAN, NAN], [0, 1]], np.float32), equal_nan=True)


@pytest.mark.parametrize("axis", [0, 1, -3])
def test_softmax_along_another_axis(axis):
    logits = RANDOM.standard_normal((2, 3, 4)).astype(np.float32)
    assert_close(special.softmax(logits, axis=axis), run(softmaxes.softmax(logits, axis=axis)))


def test_softmax_of_python_numbers_is_float32():
    assert_close(np.float32([0.26894143, 0.7310586]), run(softmaxes.softmax([1, 2.0])))


def test_softmax_along_an_axis_that_is_not_there():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        softmaxes.softmax(np.ones((2, 3), np.float32), axis=2)
    assert "Dimension (2) must be in the range [-2, 2) where 2 is the number of dimensions in the input." in str(caught.value)


def test_softmax_of_integers_is_an_error():
    with pytest.raises(TypeError, match="Value passed to parameter 'logits' has DataType int32 not in list of allowed values"):
        softmaxes.softmax([1, 2])


@pytest.mark.parametrize("shape, data_format", [((2, 3), None), ((2, 4, 3), "NWC"), ((2, 3, 4), "NCW"), ((1, 3, 2, 2), "NCHW")])
def test_biases_and_their_gradient(shape, data_format):
    value, bias = RANDOM.standard_normal(shape).astype(np.float32), tf.constant([1.0, 2.0, 3.0])
    axis = 1 if data_format and data_format.startswith("NC") else len(shape) - 1
    added = biases.bias_add(value, bias, data_format)
    spread = np.array([1, 2, 3], np.float32).reshape([3 if i == axis else 1 for i in range(len(shape))])
    result, slope = run([added, tf.gradients(added, bias)[0]])
    assert_same(value + spread, result)
    assert_same(np.full(3, value.size // 3, np.float32), slope)


@pytest.mark.parametrize("value, bias, data_format, phrase", [
    ((2, 3), (2,), None, "Dimensions must be equal, but are 3 and 2 for 'BiasAdd' (op: 'BiasAdd') with input shapes: [2,3], [2]."),
    ((3,), (3,), None, "Shape must be at least rank 2 but is rank 1 for 'BiasAdd'"),
    ((2, 3), (3,), "NCHW", "Shape must be at least rank 3 but is rank 2 for 'BiasAdd'"),
    ((2, 3), (3,), "HWC", "data_format must be of the form `N...C` or `NC...`")])
def test_biases_that_do_not_fit(value, bias, data_format, phrase):
    with pytest.raises(ValueError) as caught:
        biases.bias_add(np.ones(value, np.float32), np.ones(bias, np.float32), data_format)
    assert phrase in str(caught.value)


def test_dropout_zeroes_and_scales():
    x = np.ones((1000,), np.float32)
    result = run(dropout.dropout(x, rate=0.25, seed=1))
    assert set(np.unique(result).tolist()) == {0.0, float(np.float32(1) * (np.float32(1) / np.float32(0.75)))}
    assert 0.7 < np.count_nonzero(result) / 1000 < 0.8


def test_dropout_of_nothing_is_the_input():
    x = tf.constant([1.0])
    assert dropout.dropout(x, rate=0.0) is x
    assert dropout.dropout(x, 1.0) is x


@pytest.mark.parametrize("arguments, phrase", [
    (dict(rate=1.5), "rate must be a scalar tensor or a float in the range [0, 1), got 1.5"), ({}, "You must provide a rate to dropout."),
    (dict(keep_prob=0.5, rate=0.5), "Cannot specify both 'keep_prob' and 'rate'"),
    (dict(keep_prob="a"), "keep_prob must be a floating point number or Tensor (got 'a')")])
def test_a_wrong_dropout_rate(arguments, phrase):
    with pytest.raises(ValueError) as caught:
        dropout.dropout([1.0, 2.0], **arguments)
    assert phrase in str(caught.value)


@pytest.mark.parametrize("keep_dims", [False, True])
def test_moments(keep_dims):
    x = RANDOM.standard_normal((5, 3)).astype(np.float32)
    mean, variance = run(normalization.moments(tf.constant(x), [0], keep_dims=keep_dims))
    assert_close(x.mean(0, keepdims=keep_dims), mean)
    assert_close(x.var(0, keepdims=keep_dims), variance, scale=2)


def test_weighted_moments_count_repeated_rows():
    x = np.array([[1.0], [4.0]], np.float32)
    mean, variance = run(normalization.weighted_moments(x, [0], np.array([[3.0], [1.0]], np.float32)))
    assert (mean.tolist(), variance.tolist()) == ([1.75], [1.6875])


def test_zero_fraction():
    assert run(dropout.zero_fraction([0.0, 1.0, 0.0, 2.0])) == 0.5
