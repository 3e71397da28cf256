"""Cross-entropies: values against SciPy, shapes of every rank, TF's errors."""

import numpy as np
import pytest
from scipy import special

import graphcore as tf
from graphcore.ops import losses
from tests.tolerances import assert_close

RANDOM = np.random.RandomState(9)


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


def sample(*shape):
    logits = (RANDOM.standard_normal(shape) * 3).astype(np.float32)
    return logits, special.softmax(RANDOM.standard_normal(shape), axis=-1).astype(np.float32)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (100, 10), (50, 100), (2, 3, 4), (0, 3)])
def test_cross_entropy_and_its_gradient(shape):
    logits, labels = sample(*shape)
    x = tf.constant(logits)
    loss = losses.softmax_cross_entropy_with_logits_v2(labels=labels, logits=x)
    value, slope = run([loss, tf.gradients(loss, x)[0]])
    if logits.size:
        assert_close(-(labels * special.log_softmax(logits.astype(float), axis=-1)).sum(-1), value, scale=4)
        assert_close(special.softmax(logits.astype(float), axis=-1) - labels, slope, scale=4)
    assert value.shape == shape[:-1]


def test_cross_entropy_along_the_first_axis():
    logits, labels = sample(4, 3)
    loss = losses.softmax_cross_entropy_with_logits_v2(labels=labels.T, logits=logits.T, axis=0)
    assert_close(-(labels * special.log_softmax(logits.astype(float), axis=-1)).sum(-1), run(loss), scale=4)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (100, 10), (50, 100), (2, 3, 4)])
def test_sparse_cross_entropy_and_its_gradient(shape):
    logits, _ = sample(*shape)
    labels = RANDOM.randint(0, shape[-1], shape[:-1]).astype(np.int32)
    x = tf.constant(logits)
    loss = losses.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=x)
    value, slope = run([loss, tf.gradients(loss, x)[0]])
    chosen = np.eye(shape[-1])[labels]
    assert_close(-(chosen * special.log_softmax(logits.astype(float), axis=-1)).sum(-1), value, scale=4)
    assert_close(special.softmax(logits.astype(float), axis=-1) - chosen, slope, scale=4)


def test_the_old_function_gives_labels_no_gradient():
    x, y = tf.constant([[1.0, 2.0]]), tf.constant([[0.5, 0.5]])
    assert tf.gradients(losses.softmax_cross_entropy_with_logits(labels=y, logits=x), y) == [None]


def test_the_second_derivative_of_the_dense_loss():
    x = tf.constant([[0.5, -1.0, 2.0]])
    loss = losses.softmax_cross_entropy_with_logits_v2(labels=[[0.2, 0.3, 0.5]], logits=x)
    slope = tf.gradients(loss, x)[0]
    p = special.softmax([0.5, -1.0, 2.0])
    assert_close(np.array([(np.diag(p) - np.outer(p, p))[0]]), run(tf.gradients(slope[0, 0], x)[0]))


def test_the_second_derivative_of_the_sparse_loss_is_an_error():
    x = tf.constant([[0.5, -1.0]])
    slope = tf.gradients(losses.sparse_softmax_cross_entropy_with_logits(labels=[0], logits=x), x)[0]
    with pytest.raises(LookupError, match="no way to take the second derivative of sparse_softmax_cross_entropy_with_logits"):
        tf.gradients(slope, x)


def test_infinite_logits():
    logits = np.array([[0, -np.inf, 0], [np.inf, 0, 0], [0, 0, -np.inf]], np.float32)
    labels = np.array([[0, 1, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    result = run(losses.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits))
    assert np.array_equal(result, np.float32([np.inf, np.nan, np.nan]), equal_nan=True)


def test_float16_is_computed_in_float32():
    loss = losses.softmax_cross_entropy_with_logits_v2(labels=tf.constant([[0, 1]], tf.float16), logits=tf.constant([[0, 1]], tf.float16))
    assert loss.dtype == tf.float16
    assert run(loss).tolist() == [float(np.float16(0.31326166))]


@pytest.mark.parametrize("labels, classes, phrase", [
    ([0, 3], 3, "Received a label value of 3 which is outside the valid range of [0, 3).  Label values: 0 3"),
    ([0, -1], 3, "Received a label value of -1 which is outside the valid range of [0, 3).  Label values: 0 -1"),
    ([0, 0], 0, "Must have at least one class, but got logits shape [2,0]")])
def test_labels_out_of_range(labels, classes, phrase):
    loss = losses.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=np.ones((2, classes), np.float32))
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(loss)
    assert phrase in str(caught.value)


@pytest.mark.parametrize("labels, logits, phrase", [
    ([[0]], np.ones((2, 3)), "Rank mismatch: Rank of labels (received 2) should equal rank of logits minus 1 (received 2)."),
    ([0], np.ones((2, 3)), "Shape mismatch: The shape of labels (received (1,)) should equal the shape of logits except for the "
                           "last dimension (received (2, 3))."),
    (0, 1.0, "Logits cannot be scalars - received shape ()."), (None, 1.0, "Both labels and logits must be provided.")])
def test_sparse_labels_that_do_not_fit(labels, logits, phrase):
    with pytest.raises(ValueError) as caught:
        losses.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    assert phrase in str(caught.value)


def test_positional_arguments_are_an_error():
    with pytest.raises(ValueError, match="Only call `softmax_cross_entropy_with_logits` with named arguments"):
        losses.softmax_cross_entropy_with_logits([[1.0]], [[1.0]])


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError) as caught:
        losses.softmax_cross_entropy_with_logits_v2(labels=np.ones((2, 3)), logits=np.ones((2, 4)))
    assert "Dimensions must be equal, but are 4 and 3" in str(caught.value)


def test_sigmoid_cross_entropy_of_large_logits():
    loss = losses.sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0, 1.0], logits=[0.0, 100.0, -100.0])
    assert_close(np.float32([0.6931472, 100, 100]), run(loss))


def test_weighted_cross_entropy():
    x, z = np.array([-2.0, 0.5]), np.array([1.0, 0.25])
    expected = -3 * z * np.log(special.expit(x)) - (1 - z) * np.log(special.expit(-x))
    assert_close(expected, run(losses.weighted_cross_entropy_with_logits(z, x, 3.0)))


@pytest.mark.parametrize("full", [False, True])
def test_log_poisson_loss(full):
    counts, rates = np.array([0.0, 1.0, 4.0]), np.array([0.5, 1.0, 3.0])
    stirling = np.array([0, 0, 4 * np.log(4) - 4 + 0.5 * np.log(8 * np.pi)])
    assert_close(rates - np.log(rates) * counts + stirling * full, run(losses.log_poisson_loss(counts, np.log(rates), full)))


def test_shapes_of_sigmoid_labels():
    with pytest.raises(ValueError) as caught:
        losses.sigmoid_cross_entropy_with_logits(labels=[1.0, 2.0], logits=[1.0, 2.0, 3.0])
    assert "logits and labels must have the same shape ((3,) vs (2,))" in str(caught.value)
