"""``tf.losses``: weighted losses that a graph collects.

Each function gives one number: the losses of all elements times their weights, brought together as ``reduction`` says.
It is added to a collection, of which `get_total_loss` is the sum.

>>> import graphcore as tf
>>> loss = tf.losses.mean_squared_error(labels=[1.0, 2.0, 3.0], predictions=tf.constant([1.0, 2.0, 6.0]))
>>> with tf.Session() as session:
...     session.run(loss)
np.float32(3.0)
>>> tf.losses.get_losses() == [loss]
True
"""

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32
from graphcore.core.keys import GraphKeys
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import (
    activations,
    arithmetic,
    arrays,
    casting,
    comparison,
    division,
    filling,
    identities,
    mathematics,
    reductions,
    reshaping,
    selection,
    sequences,
    sums,
)
from graphcore.ops import losses as cross_entropies
from graphcore.ops import weights as weighting
from graphcore.ops.constants import constant


class Reduction:
    """How the losses of the elements become one number."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls):
        """Every reduction, under each of its names."""
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS, cls.SUM_BY_NONZERO_WEIGHTS)

    @classmethod
    def validate(cls, key):
        """Raise ValueError if ``key`` is no reduction."""
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}. It is one of {sorted(set(cls.all()))}.")


# ---------------------------------------------------------------- the collection


def add_loss(loss, loss_collection=GraphKeys.LOSSES):
    """Add ``loss`` to the losses that `get_total_loss` sums up; with no collection, do nothing."""
    if loss_collection:
        get_default_graph().add_to_collection(loss_collection, loss)


def get_losses(scope=None, loss_collection=GraphKeys.LOSSES):
    """The losses so far, as a list; with ``scope``, those whose names it matches the beginning of."""
    return get_default_graph().get_collection(loss_collection, scope)


def get_regularization_losses(scope=None):
    """What the regularizers of the variables gave so far, as a list."""
    return get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope=None, name="total_regularization_loss"):
    """The sum of the regularization losses, 0.0 if there are none."""
    losses = get_regularization_losses(scope)
    return sums.add_n(losses, name=name) if losses else constant(0.0)


def get_total_loss(add_regularization_losses=True, name="total_loss", scope=None):
    """The sum of all losses so far, with those of the regularizers; ValueError if there are none."""
    losses = get_losses(scope=scope)
    if add_regularization_losses:
        losses += get_regularization_losses(scope=scope)
    return sums.add_n(losses, name=name)


# ---------------------------------------------------------------- weights and reduction


def compute_weighted_loss(losses, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                          reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """``losses * weights``, reduced to one number (or not, for `Reduction.NONE`) and added to the collection.

    Args:
      losses: the loss of each element.
      weights: a scalar, or a tensor with the rank of ``losses`` and, on each axis, its size or 1; 0 leaves elements out.
      reduction: SUM; MEAN divides the sum by that of the weights, SUM_OVER_BATCH_SIZE by the number of elements,
        SUM_BY_NONZERO_WEIGHTS by the number of those whose weight is not 0. What is divided by 0 gives 0.

    Raises ValueError for weights that do not fit, when the shapes tell; else tf.errors.InvalidArgumentError when it runs.
    """
    Reduction.validate(reduction)
    with name_scope(scope, "weighted_loss", (losses, weights)):
        with get_default_graph().control_dependencies((weighting.assert_broadcastable(weights, losses),)):
            losses = to_tensor(losses)
            dtype = losses.dtype
            losses, weights = casting.cast(losses, float32), casting.cast(weights, float32)
            loss = casting.cast(_reduced(losses, weights, reduction), dtype)
            add_loss(loss, loss_collection)
            return loss


def _reduced(losses, weights, reduction):
    weighted = arithmetic.multiply(losses, weights)
    if reduction == Reduction.NONE:
        return weighted
    loss = reductions.reduce_sum(weighted)
    if reduction == Reduction.SUM:
        return loss
    if reduction == Reduction.MEAN:
        divisor = reductions.reduce_sum(filling.ones_like(losses) * weights)
    elif reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
        divisor = _number_present(losses, weights)
    else:
        divisor = _number_of_elements(losses)
    return division.div_no_nan(reductions.reduce_sum(loss), divisor, name="value")


def _number_of_elements(losses):
    with name_scope(None, "num_elements", values=[losses]) as scope:
        return casting.cast(arrays.size(losses, name=scope), losses.dtype)


def _number_present(losses, weights, per_batch=False):
    """How many elements have a weight that is not 0: in all, or for each first index."""
    with name_scope(None, "num_present", (losses, weights)) as scope:
        present = selection.where(comparison.equal(weights, 0.0), filling.zeros_like(weights), filling.ones_like(weights))
        present = weighting.broadcast_weights(present, losses)
        if not per_batch:
            return reductions.reduce_sum(present, name=scope)
        return reductions.reduce_sum(present, axis=sequences.range(1, arrays.rank(present)), keepdims=True, name=scope)


def _check_given(**arguments):
    for name, value in arguments.items():
        if value is None:
            raise ValueError(f"{name} must not be None.")


def _as_floats(labels, predictions):
    """Both as float32, of shapes that may be the same."""
    predictions, labels = casting.cast(predictions, float32), casting.cast(labels, float32)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return labels, predictions


# ---------------------------------------------------------------- losses of numbers


def absolute_difference(labels, predictions, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                        reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The loss ``|predictions - labels|``; see `compute_weighted_loss` for the other arguments."""
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "absolute_difference", (predictions, labels, weights)) as scope:
        labels, predictions = _as_floats(labels, predictions)
        losses = arithmetic.abs(arithmetic.subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def mean_squared_error(labels, predictions, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                       reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The loss ``(predictions - labels)**2``; see `compute_weighted_loss` for the other arguments."""
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_squared_error", (predictions, labels, weights)) as scope:
        labels, predictions = _as_floats(labels, predictions)
        losses = arithmetic.squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def huber_loss(labels, predictions, weights=1.0, delta=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
               reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The loss ``0.5 * error**2`` up to an absolute error of ``delta``, and from there on a straight line."""
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "huber_loss", (predictions, labels, weights)) as scope:
        labels, predictions = _as_floats(labels, predictions)
        error = arithmetic.abs(arithmetic.subtract(predictions, labels))
        quadratic = arithmetic.minimum(error, delta)
        linear = arithmetic.subtract(error, quadratic)
        half = to_tensor(0.5, quadratic.dtype)
        losses = arithmetic.add(arithmetic.multiply(half, arithmetic.multiply(quadratic, quadratic)),
                                arithmetic.multiply(delta, linear))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def hinge_loss(labels, logits, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
               reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The loss ``max(0, 1 - sign * logits)``, where labels of 1 have the sign 1, labels of 0 the sign -1."""
    _check_given(labels=labels, logits=logits)
    with name_scope(scope, "hinge_loss", (logits, labels, weights)) as scope:
        labels, logits = _as_floats(labels, logits)
        ones = filling.ones_like(labels)
        signs = arithmetic.subtract(2 * labels, ones)
        losses = activations.relu(arithmetic.subtract(ones, arithmetic.multiply(signs, logits)))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def log_loss(labels, predictions, weights=1.0, epsilon=1e-7, scope=None, loss_collection=GraphKeys.LOSSES,
             reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The cross-entropy of probabilities: ``-labels * log(predictions) - (1 - labels) * log(1 - predictions)``.

    ``epsilon`` is added inside the logarithms, which keeps them finite.
    """
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "log_loss", (predictions, labels, weights)) as scope:
        labels, predictions = _as_floats(labels, predictions)
        of_ones = -arithmetic.multiply(labels, mathematics.log(predictions + epsilon))
        losses = of_ones - arithmetic.multiply(1 - labels, mathematics.log(1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def cosine_distance(labels, predictions, axis=None, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS, dim=None):
    """The loss ``1 - sum(predictions * labels)`` along ``axis``, of vectors that have the length 1 already."""
    axis = reshaping.renamed("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "cosine_distance_loss", (predictions, labels, weights)) as scope:
        labels, predictions = _as_floats(labels, predictions)
        losses = 1 - reductions.reduce_sum(arithmetic.multiply(predictions, labels), axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def mean_pairwise_squared_error(labels, predictions, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES):
    """How far the differences between the elements of a sample are from what they should be, squared and averaged.

    The first axis counts the samples; a sample contributes the mean of ``((p[i] - p[j]) - (y[i] - y[j]))**2`` over its pairs.

    Args:
      weights: a scalar, or a tensor of the shape ``[batch_size]`` extended by sizes of 1 to the rank of ``labels``.
    """
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_pairwise_squared_error", (predictions, labels, weights)) as scope:
        weights, labels = casting.cast(weights, float32), casting.cast(labels, float32)
        with get_default_graph().control_dependencies((weighting.assert_broadcastable(weights, labels),)):
            labels, predictions = _as_floats(labels, predictions)
            loss = _pairwise(arithmetic.subtract(predictions, labels), weights)
            add_loss(loss, loss_collection)
            return loss


def _pairwise(errors, weights):
    axes = sequences.range(1, arrays.rank(errors))
    squares = reductions.reduce_sum(arithmetic.square(errors), axis=axes, keepdims=True)
    count = _number_present(errors, weights, per_batch=True)
    of_squares = 2.0 * division.div_no_nan(squares, arithmetic.maximum(count - 1, 0), name="value")
    total = reductions.reduce_sum(errors, axis=axes, keepdims=True)
    squared_total = arithmetic.square(total)
    pairs = arithmetic.maximum(arithmetic.multiply(count, count - 1), 0)
    of_total = 2.0 * division.div_no_nan(squared_total, pairs, name="value")
    loss = reductions.reduce_sum(arithmetic.multiply(of_squares - of_total, weights))
    return selection.where(reductions.reduce_sum(count) > 0, loss, filling.zeros_like(loss), name="value")


# ---------------------------------------------------------------- losses of classes


def sigmoid_cross_entropy(multi_class_labels, logits, weights=1.0, label_smoothing=0, scope=None,
                          loss_collection=GraphKeys.LOSSES, reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The cross-entropy of independent classes; ``label_smoothing`` moves the labels toward 1/2 by this part of the way."""
    _check_given(multi_class_labels=multi_class_labels, logits=logits)
    with name_scope(scope, "sigmoid_cross_entropy_loss", (logits, multi_class_labels, weights)) as scope:
        labels, logits = _labels_like(multi_class_labels, logits)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = cross_entropies.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def softmax_cross_entropy(onehot_labels, logits, weights=1.0, label_smoothing=0, scope=None,
                          loss_collection=GraphKeys.LOSSES, reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The cross-entropy of classes that exclude one another, through which no gradient flows into the labels.

    Args:
      label_smoothing: moves the labels toward ``1 / num_classes`` by this part of the way.
      weights: a scalar, or one weight for each sample.

    >>> import graphcore as tf
    >>> loss = tf.losses.softmax_cross_entropy([[1.0, 0.0]], tf.constant([[0.0, 0.0]]))
    >>> with tf.Session() as session:
    ...     session.run(loss)
    np.float32(0.6931472)
    """
    _check_given(onehot_labels=onehot_labels, logits=logits)
    with name_scope(scope, "softmax_cross_entropy_loss", (logits, onehot_labels, weights)) as scope:
        labels, logits = _labels_like(onehot_labels, logits)
        if label_smoothing > 0:
            classes = casting.cast(arrays.shape(labels)[-1], logits.dtype)
            smallest = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + smallest
        labels = identities.stop_gradient(labels, name="labels_stop_gradient")
        losses = cross_entropies.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def _labels_like(labels, logits):
    """The labels in the dtype of the logits, and the logits, of shapes that may be the same."""
    logits = to_tensor(logits)
    labels = casting.cast(labels, logits.dtype)
    logits.shape.assert_is_compatible_with(labels.shape)
    return labels, logits


def sparse_softmax_cross_entropy(labels, logits, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                                 reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """`softmax_cross_entropy` with the number of the class as label; a last axis of size 1 of labels or weights is dropped."""
    _check_given(labels=labels, logits=logits)
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", (logits, labels, weights)) as scope:
        labels, logits, weights = _without_last_axes(labels, logits, weights)
        losses = cross_entropies.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def _without_last_axes(labels, logits, weights):
    labels, logits = weighting.remove_squeezable_dimensions(labels, logits, expected_rank_diff=1)
    if weights is None:
        return labels, logits, weights
    weights = to_tensor(weights)
    ranks = weights._shape.rank, labels._shape.rank
    if None not in ranks:
        return labels, logits, reshaping.squeeze(weights, [-1]) if ranks[0] - ranks[1] == 1 else weights
    return labels, logits, weighting.squeezed_if(1, arrays.rank(weights) - arrays.rank(labels), weights)


__all__ = [
    "Reduction", "absolute_difference", "add_loss", "compute_weighted_loss", "cosine_distance", "get_losses",
    "get_regularization_loss", "get_regularization_losses", "get_total_loss", "hinge_loss", "huber_loss", "log_loss",
    "mean_pairwise_squared_error", "mean_squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]
