"""Losses that look at the true classes and a few sampled ones instead of at all classes."""

from graphcore.core.dtypes import float32, int32, int64
from graphcore.core.scopes import name_scope
from graphcore.nn.embedding import embedding_lookup
from graphcore.ops import arrays, casting, filling, joining, linalg, losses, mathematics, sampling, slicing, sparse_tensors
from graphcore.ops.arithmetic import multiply


def nce_loss(weights, biases, labels, inputs, num_sampled, num_classes, num_true=1, sampled_values=None, remove_accidental_hits=False,
             partition_strategy="mod", name="nce_loss"):
    """The noise-contrastive loss of each example: to tell its true classes from sampled ones, each by a logistic regression.

    Args:
      weights: ``[num_classes, dim]``, or a list of parts as `embedding_lookup` takes them.
      biases: ``[num_classes]``.
      labels: int64, ``[batch, num_true]``: the true classes.
      inputs: ``[batch, dim]``.
      num_sampled: how many classes are sampled, the same ones for the whole batch.
      num_classes: how many classes there are.
      num_true: how many true classes an example has.
      sampled_values: the result of a candidate sampler; by default that of `log_uniform_candidate_sampler`, which suits
        classes sorted by decreasing frequency.
      remove_accidental_hits: whether sampled classes that are true ones of an example do not count for it.
      partition_strategy: "mod" or "div", as for `embedding_lookup`.

    Returns:
      The losses, a vector of the length ``batch``.

    >>> import graphcore as tf
    >>> all_of_them = tf.nn.all_candidate_sampler([[0], [2]], 1, 3, True)
    >>> labels = tf.constant([[0], [2]])
    >>> loss = tf.nn.nce_loss(tf.zeros([3, 2]), tf.zeros([3]), labels, tf.ones([2, 2]), 3, 3, sampled_values=all_of_them)
    >>> with tf.Session() as session:
    ...     session.run(loss)
    array([2.7725887, 2.7725887], dtype=float32)
    """
    logits, labels = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
                                     remove_accidental_hits, partition_strategy, name)
    each = losses.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="sampled_losses")
    return _row_sums(each)


def sampled_softmax_loss(weights, biases, labels, inputs, num_sampled, num_classes, num_true=1, sampled_values=None,
                         remove_accidental_hits=True, partition_strategy="mod", name="sampled_softmax_loss", seed=None):
    """The softmax cross-entropy of each example among its true classes and the sampled ones; arguments as for `nce_loss`.

    ``seed`` is that of the sampler.  Use it to train, and the whole softmax to evaluate.
    """
    logits, labels = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
                                     remove_accidental_hits, partition_strategy, name, seed)
    labels = arrays.stop_gradient(labels, name="labels_stop_gradient")
    return losses.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)


def _row_sums(matrix):
    """The sums of the rows, as a product with ones."""
    columns = arrays.shape(matrix)[1]
    ones = filling.ones(joining.stack([columns, 1]), matrix.dtype)
    return arrays.reshape(linalg.matmul(matrix, ones), [-1])


def _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, remove_accidental_hits,
                    partition_strategy, name, seed=None):
    """``(logits, labels)``, both ``[batch, num_true + num_sampled]``: what the classes score and what they should."""
    weights = weights if isinstance(weights, list) else [weights]
    with name_scope(name, "compute_sampled_logits", [*weights, biases, inputs, labels]):
        if labels.dtype != int64:
            labels = casting.cast(labels, int64)
        flat = arrays.reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = sampling.log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed=seed)
        sampled, true_counts, sampled_counts = [arrays.stop_gradient(each) for each in sampled_values]
        sampled = casting.cast(sampled, int64)
        tables = weights, biases, joining.concat([flat, sampled], 0), partition_strategy
        true_logits, sampled_logits = _scores(inputs, flat, num_true, tables)
        if remove_accidental_hits:
            sampled_logits += _hits(labels, sampled, num_true, num_sampled, sampled_logits.dtype)
        true_logits -= mathematics.log(true_counts)
        sampled_logits -= mathematics.log(sampled_counts)
        logits = joining.concat([true_logits, sampled_logits], 1)
        targets = joining.concat([filling.ones_like(true_logits) / num_true, filling.zeros_like(sampled_logits)], 1)
        return logits, targets


def _scores(inputs, flat, num_true, tables):
    """The scores of the true classes and of the sampled ones."""
    weights, biases, ids, strategy = tables
    rows = _looked_up(weights, ids, strategy, inputs.dtype)
    true_rows = slicing.slice(rows, [0, 0], joining.stack([arrays.shape(flat)[0], -1]))
    sampled_rows = slicing.slice(rows, joining.stack([arrays.shape(flat)[0], 0]), [-1, -1])
    sampled_logits = linalg.matmul(inputs, sampled_rows, transpose_b=True)
    offsets = _looked_up(biases, ids, strategy, inputs.dtype)
    true_offsets = slicing.slice(offsets, [0], arrays.shape(flat))
    sampled_offsets = slicing.slice(offsets, arrays.shape(flat), [-1])
    true_logits = _own_scores(inputs, true_rows, num_true)
    true_logits += arrays.reshape(true_offsets, [-1, num_true])
    sampled_logits += sampled_offsets
    return true_logits, sampled_logits


def _looked_up(table, ids, strategy, dtype):
    rows = embedding_lookup(table, ids, partition_strategy=strategy)
    return rows if rows.dtype == dtype else casting.cast(rows, dtype)


def _own_scores(inputs, rows, num_true):
    """The products of each input with the rows of its own classes, ``[batch, num_true]``."""
    width = arrays.shape(rows)[1:2]
    sizes = joining.concat([[-1, num_true], width], 0)
    products = multiply(arrays.expand_dims(inputs, 1), arrays.reshape(rows, sizes))
    matrix = arrays.reshape(products, joining.concat([[-1], width], 0))
    return arrays.reshape(_row_sums(matrix), [-1, num_true])


def _hits(labels, sampled, num_true, num_sampled, dtype):
    """``[batch, num_sampled]``: the lowest float where a sampled class is a true one, zero elsewhere."""
    rows, places, weights = sampling.compute_accidental_hits(labels, sampled, num_true=num_true)
    rows = arrays.reshape(rows, [-1, 1])
    places = arrays.reshape(casting.cast(places, int32), [-1, 1])
    indices = joining.concat([rows, places], 1, "sparse_indices")
    sizes = joining.concat([arrays.shape(labels)[:1], arrays.expand_dims(num_sampled, 0)], 0)
    if dtype != float32:
        weights = casting.cast(weights, dtype)
    return sparse_tensors.sparse_to_dense(indices, sizes, weights, default_value=0.0, validate_indices=False)


__all__ = ["nce_loss", "sampled_softmax_loss"]
