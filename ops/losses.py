"""Cross-entropies and other losses of predictions against labels."""

import math

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import FLOATS, bfloat16, float16, float32, int32, int64
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import ShapeMismatch, broadcast, merge, merged_size, with_rank
from graphcore.core.view import constant_value
from graphcore.ops import (
    activations,
    arithmetic,
    arrays,
    casting,
    checks,
    comparison,
    constants,
    joining,
    linalg,
    mathematics,
    selection,
    sequences,
    slicing,
    softmaxes,
    transposing,
)
from graphcore.ops.kernels import activating


class SoftmaxCrossEntropyWithLogits(Op):
    """The cross-entropy ``loss`` of each row of ``labels`` with the softmax of ``features``, and its ``backprop``."""

    T = TypeAttr(FLOATS)
    features = Input(T)
    labels = Input(T)
    loss = Output(T)
    backprop = Output(T)

    rows = ("top = largest(features)", "shifted = features - top", "grown = exp(shifted)", "total = added(grown)", "size = log(total)",
            "part = (size - shifted) * labels", "loss = added(part)", "backprop = grown / total - labels")
    example = dict(features=[[0.0, 1.0]], labels=[[1.0, 0.0]], loss=[1.3132617], backprop=[[-0.73105858, 0.73105858]])

    def infer(node):
        features, labels = node.features.shape.sizes, node.labels.shape.sizes
        try:
            both = merge(with_rank(features, 2), labels)
        except ShapeMismatch:
            both = broadcast(features, labels)
        if both is None:
            return [None, None]
        if len(both) != 2:
            raise ShapeMismatch(f"Shape must be broadcasted with rank 2, but is rank {len(both)}")
        return [both[:1], both]

    def kernel(features, labels):
        return activating.softmax_cross_entropy(features, labels)

    def grad(node, dloss, dbackprop):
        grad = arrays.expand_dims(dloss, -1) * node.backprop
        logits = node.features
        if dbackprop is not None and not _is_zero(dbackprop):
            softmax = softmaxes.softmax(logits)
            inner = linalg.matmul(arrays.expand_dims(dbackprop, 1), arrays.expand_dims(softmax, 2))
            grad = grad + (dbackprop - arrays.squeeze(inner, axis=1)) * softmax
        # The product's first factor is made after the negative logarithm, as in TF.
        negative = -softmaxes.log_softmax(logits)
        return grad, arrays.expand_dims(dloss, -1) * negative


def _is_zero(tensor):
    """Whether a gradient is known to be zero all over: nobody differentiates a derivative."""
    if tensor.op.type in ("ZerosLike", "Zeros"):
        return True
    value = constant_value(tensor)
    return value is not None and not value.any()


class SparseSoftmaxCrossEntropyWithLogits(Op):
    """As `SoftmaxCrossEntropyWithLogits`, with the index of each row's class in ``labels``."""

    T = TypeAttr(FLOATS)
    Tlabels = TypeAttr({int32, int64}, default=int64)
    features = Input(T)
    labels = Input(Tlabels)
    loss = Output(T)
    backprop = Output(T)

    example = dict(features=[[0.0, 1.0]], labels=np.array([0]), loss=[1.3132617], backprop=[[-0.73105858, 0.73105858]])

    def infer(node):
        rows, classes = with_rank(node.features.shape.sizes, 2)
        length, = with_rank(node.labels.shape.sizes, 1)
        rows = merged_size(rows, length)
        return [(rows,), (rows, classes)]

    def kernel(features, labels):
        return activating.sparse_softmax_cross_entropy(features, labels)

    def grad(node, dloss, _):
        once = arrays.PreventGradient.build(
            node.backprop, message="Currently there is no way to take the second derivative of "
            "sparse_softmax_cross_entropy_with_logits due to the fused implementation's interaction with tf.gradients()")
        return arrays.expand_dims(dloss, -1) * once, None


# ---------------------------------------------------------------- dense labels


def _check_named(function, sentinel, labels, logits):
    if sentinel is not None:
        raise ValueError(f"Only call `{function}` with named arguments (labels=..., logits=..., ...)")
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


def softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, dim=-1, name=None, axis=None):
    """As `softmax_cross_entropy_with_logits_v2`, except that no gradient reaches ``labels``."""
    dim = arrays.renamed("axis", axis, "dim", dim)
    _check_named("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [logits, labels]) as name:
        labels = arrays.stop_gradient(labels, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, axis=dim, name=name)


def softmax_cross_entropy_with_logits_v2(labels, logits, axis=None, name=None, dim=None):
    """The cross-entropy of ``labels`` with the softmax of ``logits``, a loss for each entry of a batch.

    Args:
      labels: probabilities that sum to 1 along ``axis``, shaped as ``logits``.
      logits: floats before the softmax.
      axis: where the classes are, the last axis by default; ``dim`` is its old name.

    Returns:
      ``-sum(labels * log(softmax(logits)))`` along ``axis``, with its gradient in logits and labels.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.softmax_cross_entropy_with_logits_v2(labels=[[0.0, 1.0]], logits=[[3.0, 3.0]]))
    array([0.6931472], dtype=float32)
    """
    axis = arrays.renamed("axis", axis, "dim", dim)
    axis = -1 if axis is None else axis
    with name_scope(name, "softmax_cross_entropy_with_logits", [logits, labels]) as name:
        logits, labels = to_tensor(logits, name="logits"), to_tensor(labels, name="labels")
        dtype = logits.dtype.base
        precise = casting.cast(logits, float32) if dtype in (float16, bfloat16) else logits
        cost = _cross_entropy(precise, casting.cast(labels, precise.dtype.base), axis, name)
        if logits._shape.sizes is not None:
            left = list(logits._shape.sizes)
            del left[axis]
            cost.set_shape(left)
        return cost if precise is logits else casting.cast(cost, dtype)


def _cross_entropy(logits, labels, axis, name):
    """The losses in the shape of ``logits`` without ``axis``."""
    rank = arrays.rank(logits)
    if axis != -1:
        logits, labels = _axis_last(logits, axis, rank), _axis_last(labels, axis, rank)
    shape = arrays.shape(logits)
    logits, labels = _as_matrix(logits), _as_matrix(labels)
    cost, _ = SoftmaxCrossEntropyWithLogits.build(logits, labels, name=name)
    return arrays.reshape(cost, slicing.slice(shape, [0], [arithmetic.subtract(rank, 1)]))


def _axis_last(x, axis, rank):
    order = joining.concat([sequences.range(axis), sequences.range(axis + 1, rank), [axis]], 0)
    return transposing.transpose(x, order)


def _as_matrix(x):
    """``x`` with all axes but the last made one."""
    rank = arrays.rank(x)
    last = slicing.slice(arrays.shape(x), [arithmetic.subtract(rank, 1)], [1])
    matrix = arrays.reshape(x, joining.concat([[-1], last], 0))
    sizes = x._shape.sizes
    if sizes is not None and None not in sizes[:-1]:
        matrix.set_shape([math.prod(sizes[:-1]), sizes[-1]])
    return matrix


# ---------------------------------------------------------------- labels as indices


def sparse_softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """The cross-entropy of the classes ``labels`` with the softmax of ``logits``.

    Args:
      labels: int32 or int64 class numbers, in the shape of ``logits`` without its last axis.
      logits: floats before the softmax, classes along the last axis.

    Raises:
      ValueError: ranks or shapes that do not fit.
      tf.errors.InvalidArgumentError: in the run, a label outside ``[0, classes)``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=[[3.0, 3.0]]))
    array([0.6931472], dtype=float32)
    """
    _check_named("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "SparseSoftmaxCrossEntropyWithLogits", [labels, logits]):
        labels, logits = to_tensor(labels), to_tensor(logits)
        half = logits.dtype.base is float16
        precise = casting.cast(logits, float32) if half else logits
        shape = arrays.shape(labels)
        _check_sparse_shapes(labels, logits)
        if logits._shape.rank == 2:
            cost, _ = SparseSoftmaxCrossEntropyWithLogits.build(precise, labels, name=name)
        else:
            cost = _sparse_cross_entropy(precise, labels, logits, shape, name)
        return casting.cast(cost, float16) if half else cost


def _all_known(labels, logits):
    sizes = logits._shape.sizes
    return labels._shape.is_fully_defined() and sizes is not None and None not in sizes[:-1]


def _check_sparse_shapes(labels, logits):
    if logits._shape.rank == 0:
        raise ValueError(f"Logits cannot be scalars - received shape {logits._shape}.")
    ranks = labels._shape.rank, logits._shape.rank
    if None not in ranks and ranks[0] != ranks[1] - 1:
        raise ValueError(f"Rank mismatch: Rank of labels (received {ranks[0]}) should equal rank of logits minus 1 "
                         f"(received {ranks[1]}).")
    if _all_known(labels, logits) and labels._shape.sizes != logits._shape.sizes[:-1]:
        raise ValueError(f"Shape mismatch: The shape of labels (received {labels._shape}) should equal the shape of logits "
                         f"except for the last dimension (received {logits._shape}).")


def _sparse_cross_entropy(precise, labels, logits, shape, name):
    """The losses of logits whose rank is not 2, or not known: as a matrix, and back."""
    tests = []
    if not _all_known(labels, logits):
        tests.append(checks.assert_equal(arrays.shape(labels), arrays.shape(logits)[:-1]))
    with get_default_graph().control_dependencies(tests):
        classes = arrays.shape(logits)[arrays.rank(logits) - 1]
        matrix = arrays.reshape(precise, [-1, classes])
        cost, _ = SparseSoftmaxCrossEntropyWithLogits.build(matrix, arrays.reshape(labels, [-1]), name=name)
        cost = arrays.reshape(cost, shape)
        cost.set_shape(labels._shape)
        return cost


# ---------------------------------------------------------------- independent labels


def _check_same_shape(first, second, one, other):
    try:
        second._shape.merge_with(first._shape)
    except ValueError:
        raise ValueError(f"{one} and {other} must have the same shape ({first._shape} vs {second._shape})") from None


def sigmoid_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """The cross-entropy of ``labels`` with ``sigmoid(logits)``, element by element, for classes that do not exclude each other.

    ``max(x, 0) - x * z + log(1 + exp(-abs(x)))`` for logits ``x`` and labels ``z``, both of one shape and dtype.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0], logits=[0.0, 100.0]))
    array([  0.6931472, 100.       ], dtype=float32)
    """
    _check_named("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "logistic_loss", [logits, labels]) as name:
        logits, labels = to_tensor(logits, name="logits"), to_tensor(labels, name="labels")
        _check_same_shape(logits, labels, "logits", "labels")
        zeros = sequences.zeros_like(logits, dtype=logits.dtype.base)
        positive = logits >= zeros
        relu = selection.where(positive, logits, zeros)
        negative_size = selection.where(positive, -logits, logits)
        return arithmetic.add(relu - logits * labels, mathematics.log1p(mathematics.exp(negative_size)), name=name)


def weighted_cross_entropy_with_logits(labels=None, logits=None, pos_weight=None, name=None, targets=None):
    """As `sigmoid_cross_entropy_with_logits`, with the losses of positive labels multiplied by ``pos_weight``.

    ``targets`` is the old name of ``labels``.
    """
    labels = arrays.renamed("labels", labels, "targets", targets)
    with name_scope(name, "logistic_loss", [logits, labels]) as name:
        logits, labels = to_tensor(logits, name="logits"), to_tensor(labels, name="labels")
        _check_same_shape(logits, labels, "logits", "labels")
        weight = 1 + (pos_weight - 1) * labels
        linear = (1 - labels) * logits
        curved = mathematics.log1p(mathematics.exp(-arithmetic.abs(logits))) + activations.relu(-logits)
        return arithmetic.add(linear, weight * curved, name=name)


def log_poisson_loss(targets, log_input, compute_full_loss=False, name=None):
    """``exp(log_input) - log_input * targets``: the loss of a Poisson rate, given by its logarithm, against counts.

    ``compute_full_loss`` adds Stirling's approximation of the constant ``log(targets!)`` for targets above 1.
    """
    with name_scope(name, "log_poisson_loss", [log_input, targets]):
        log_input, targets = to_tensor(log_input, name="log_input"), to_tensor(targets, name="targets")
        _check_same_shape(log_input, targets, "log_input", "targets")
        result = mathematics.exp(log_input) - log_input * targets
        return result + _stirling(targets) if compute_full_loss else result


def _stirling(counts):
    """An approximation of ``log(counts!)``, 0 for counts up to 1."""
    dtype = counts.dtype.base
    half, circle = constants.constant(0.5, dtype), constants.constant(2 * math.pi, dtype)
    approximation = counts * mathematics.log(counts) - counts + half * mathematics.log(circle * counts)
    zeros, ones = sequences.zeros_like(counts, dtype=dtype), sequences.ones_like(counts, dtype=dtype)
    small = comparison.logical_and(counts >= zeros, counts <= ones)
    return selection.where(small, zeros, approximation)


__all__ = ["log_poisson_loss", "sigmoid_cross_entropy_with_logits", "softmax_cross_entropy_with_logits",
           "softmax_cross_entropy_with_logits_v2", "sparse_softmax_cross_entropy_with_logits",
           "weighted_cross_entropy_with_logits"]
