"""tf.losses against NumPy: every loss, weights of every shape, reductions, collections, errors."""

import numpy as np
import pytest
from scipy import special

import graphcore as tf
from tests.tolerances import assert_close

RANDOM = np.random.RandomState(11)
LABELS = special.softmax(RANDOM.standard_normal((4, 3)), axis=-1).astype(np.float32)
LOGITS = RANDOM.standard_normal((4, 3)).astype(np.float32) * 2
CLASSES = np.array([2, 0, 1, 1])
ERRORS = LOGITS - LABELS
PROBABILITIES = special.expit(LOGITS)
WEIGHTS = [1.0, 2, 0.0, np.float32([[1], [0], [3], [0.5]]), np.float32([[1, 0, 2]]), RANDOM.randint(0, 3, (4, 3))]


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


def plain(logits):
    return logits.astype(float)


ELEMENTS = {
    "absolute_difference": np.abs(ERRORS),
    "mean_squared_error": ERRORS**2,
    "huber_loss": np.where(np.abs(ERRORS) < 1, ERRORS**2 / 2, np.abs(ERRORS) - 0.5),
    "hinge_loss": np.maximum(0, 1 - (2 * LABELS - 1) * LOGITS),
    "sigmoid_cross_entropy": np.logaddexp(0, plain(LOGITS)) - LOGITS * LABELS,
}


def reduced(losses, weights, reduction):
    """One number of the losses of the elements, as TF's documentation of the reductions says."""
    weights = np.broadcast_to(weights, losses.shape)
    if reduction == tf.losses.Reduction.NONE:
        return losses * weights
    divisor = {
        tf.losses.Reduction.SUM: 1,
        tf.losses.Reduction.MEAN: weights.sum(),
        tf.losses.Reduction.SUM_OVER_BATCH_SIZE: losses.size,
        tf.losses.Reduction.SUM_BY_NONZERO_WEIGHTS: np.count_nonzero(weights),
    }[reduction]
    return (losses * weights).sum() / divisor if divisor else 0.0


@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda weights: str(np.shape(weights)))
@pytest.mark.parametrize("name", ELEMENTS)
def test_losses_of_elements(name, weights):
    loss = getattr(tf.losses, name)(LABELS, LOGITS, weights)
    assert loss.shape == ()
    assert_close(reduced(ELEMENTS[name], weights, tf.losses.Reduction.SUM_BY_NONZERO_WEIGHTS), run(loss), scale=4)


@pytest.mark.parametrize("reduction", sorted(set(tf.losses.Reduction.all())))
@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda weights: str(np.shape(weights)))
def test_reductions(reduction, weights):
    loss = tf.losses.mean_squared_error(LABELS, LOGITS, weights, reduction=reduction)
    assert_close(reduced(ERRORS**2, weights, reduction), run(loss), scale=4)


def test_log_loss():
    terms = -LABELS * np.log(PROBABILITIES + 0.01) - (1 - LABELS) * np.log(1 - PROBABILITIES + 0.01)
    assert_close(terms.mean(), run(tf.losses.log_loss(LABELS, PROBABILITIES, epsilon=0.01)), scale=4)


def test_huber_loss_with_another_bend():
    wanted = np.where(np.abs(ERRORS) < 0.3, ERRORS**2 / 2, 0.3 * np.abs(ERRORS) - 0.045)
    assert_close(wanted.mean(), run(tf.losses.huber_loss(LABELS, LOGITS, delta=0.3)), scale=4)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_cosine_distance(axis):
    wanted = (1 - (LABELS * LOGITS).sum(axis)).mean()
    assert_close(wanted, run(tf.losses.cosine_distance(LABELS, LOGITS, axis)), scale=4)
    assert_close(wanted, run(tf.losses.cosine_distance(LABELS, LOGITS, dim=axis)), scale=4)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("weights", [1.0, np.float32([[1], [0], [2], [1]])], ids=["scalar", "each"])
def test_mean_pairwise_squared_error(weights, known):
    labels, predictions = [tf.constant(x) if known else tf.placeholder_with_default(x, [None, 3]) for x in (LABELS, LOGITS)]
    loss = tf.losses.mean_pairwise_squared_error(labels, predictions, weights)
    pairs = [((row[:, None] - row[None, :])**2).sum() / (3 * 2) for row in ERRORS]
    assert_close((np.array(pairs)[:, None] * weights).sum(), run(loss), scale=4)
    assert tf.losses.get_losses() == [loss]


@pytest.mark.parametrize("smoothing", [0, 0.3])
@pytest.mark.parametrize("weights", [1.0, np.float32([1, 0, 2, 3])], ids=["scalar", "each"])
def test_softmax_cross_entropy(smoothing, weights):
    onehot = np.eye(3)[CLASSES]
    wanted = -((onehot * (1 - smoothing) + smoothing / 3) * special.log_softmax(plain(LOGITS), axis=-1)).sum(-1)
    loss = tf.losses.softmax_cross_entropy(onehot, LOGITS, weights, label_smoothing=smoothing)
    assert_close((wanted * weights).sum() / np.count_nonzero(np.broadcast_to(weights, 4)), run(loss), scale=4)


def test_smoothed_sigmoid_cross_entropy():
    labels = LABELS * 0.8 + 0.1
    wanted = np.logaddexp(0, plain(LOGITS)) - LOGITS * labels
    assert_close(wanted.mean(), run(tf.losses.sigmoid_cross_entropy(LABELS, LOGITS, label_smoothing=0.2)), scale=4)


@pytest.mark.parametrize("labels", [CLASSES, CLASSES[:, None]], ids=["vector", "column"])
@pytest.mark.parametrize("weights", [1.0, np.float32([1, 0, 2, 3]), np.float32([[1], [0], [2], [3]])], ids=["scalar", "vector", "column"])
@pytest.mark.parametrize("known", [True, False])
def test_sparse_softmax_cross_entropy(labels, weights, known):
    wanted = -special.log_softmax(plain(LOGITS), axis=-1)[np.arange(4), CLASSES] * np.ravel(weights)
    given = [value if known else tf.placeholder_with_default(value, None) for value in (labels, LOGITS, weights)]
    loss = tf.losses.sparse_softmax_cross_entropy(*given)
    assert_close(wanted.sum() / np.count_nonzero(np.broadcast_to(np.ravel(weights), 4)), run(loss), scale=4)


def test_no_gradient_flows_into_onehot_labels():
    labels = tf.constant(LABELS)
    assert tf.gradients(tf.losses.softmax_cross_entropy(labels, LOGITS), labels) == [None]


def test_the_dtype_is_that_of_the_losses():
    loss = tf.losses.compute_weighted_loss(tf.constant([1.0, 2.0], tf.float64), 3)
    assert loss.dtype is tf.float64
    assert run(loss) == 4.5


# ---------------------------------------------------------------- weights checked when it runs


@pytest.mark.parametrize("shape", [None, [None, None]])
@pytest.mark.parametrize("weights", [np.ones((4, 1)), np.ones((1, 3)), np.ones((4, 3)), np.ones((1, 1))])
def test_weights_of_unknown_shape(shape, weights):
    held = tf.placeholder(tf.float32, shape)
    loss = tf.losses.mean_squared_error(LABELS, LOGITS, held)
    assert_close((ERRORS**2).mean(), run(loss, {held: weights}), scale=4)


def test_a_scalar_fed_as_weights():
    held = tf.placeholder(tf.float32)
    assert_close((ERRORS**2).mean() * 7, run(tf.losses.mean_squared_error(LABELS, LOGITS, held), {held: 7.0}), scale=4)


@pytest.mark.parametrize("weights", [np.ones((2, 1)), np.ones(3), np.ones((1, 4)), np.ones((4, 3, 1))], ids=lambda w: str(w.shape))
def test_weights_that_do_not_fit_when_it_runs(weights):
    held = tf.placeholder(tf.float32)
    loss = tf.losses.mean_squared_error(LABELS, LOGITS, held)
    with pytest.raises(tf.errors.InvalidArgumentError, match="weights can not be broadcast to values"):
        run(loss, {held: weights})


# ---------------------------------------------------------------- collections


def test_collections_and_total():
    first = tf.losses.mean_squared_error([1.0], [3.0], scope="first")
    tf.losses.absolute_difference([1.0], [3.0], loss_collection="mine")
    assert tf.losses.get_losses() == [first]
    assert tf.losses.get_losses("first") == [first]
    assert tf.losses.get_losses("second") == []
    assert len(tf.get_collection("mine")) == 1
    tf.losses.add_loss(tf.constant(10.0))
    tf.losses.add_loss(tf.constant(10.0), loss_collection=None)
    with tf.variable_scope("layer", regularizer=lambda weights: tf.reduce_sum(weights) * 100.0):
        tf.get_variable("w", initializer=[1.0, 2.0])
    totals = [tf.losses.get_total_loss(), tf.losses.get_total_loss(add_regularization_losses=False),
              tf.losses.get_regularization_loss()]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(totals) == [314.0, 14.0, 300.0]


def test_without_regularizers_their_loss_is_zero():
    assert run(tf.losses.get_regularization_loss()) == 0.0
    assert tf.losses.get_regularization_losses() == []


def test_a_loss_trains():
    x = tf.Variable([3.0, -2.0])
    train = tf.train.GradientDescentOptimizer(0.5).minimize(tf.losses.mean_squared_error([1.0, 1.0], x))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(60):
            session.run(train)
        assert_close([1.0, 1.0], session.run(x))


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("made", "phrase"),
    [
        (lambda: tf.losses.mean_squared_error(None, [1.0]), "labels must not be None"),
        (lambda: tf.losses.log_loss([1.0], None), "predictions must not be None"),
        (lambda: tf.losses.hinge_loss([1.0], None), "logits must not be None"),
        (lambda: tf.losses.softmax_cross_entropy(None, LOGITS), "onehot_labels must not be None"),
        (lambda: tf.losses.sigmoid_cross_entropy(None, LOGITS), "multi_class_labels must not be None"),
        (lambda: tf.losses.mean_squared_error([1.0], [1.0, 2.0]), "incompatible"),
        (lambda: tf.losses.mean_squared_error(LABELS, LOGITS, [1.0, 2.0]), "weights can not be broadcast to values. values.rank=2"),
        (lambda: tf.losses.mean_squared_error(LABELS, LOGITS, [[1.0, 2.0]]), "Mismatch at dim 1"),
        (lambda: tf.losses.mean_squared_error(LABELS, LOGITS, reduction="total"), "Invalid Reduction Key total"),
        (lambda: tf.losses.cosine_distance(LABELS, LOGITS), "You must specify 'axis'"),
        (lambda: tf.losses.cosine_distance(LABELS, LOGITS, 1, dim=1), "Cannot specify both 'dim' and 'axis'"),
        (lambda: tf.losses.get_total_loss(), "at least one Tensor"),
    ],
)
def test_what_is_refused(made, phrase):
    with pytest.raises(ValueError, match=phrase):
        made()
