"""Losses of examples as means over a batch that is shared out; here there is one worker, which has all of it."""

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32
from graphcore.ops import arrays, casting, reductions
from graphcore.ops.arithmetic import multiply


def compute_average_loss(per_example_loss, sample_weight=None, global_batch_size=None):
    """The sum of the losses of examples divided by the size of the whole batch.

    Args:
      per_example_loss: the losses, of rank 1 or more.
      sample_weight: weights that they are multiplied with.
      global_batch_size: by default the first size of the losses.

    Raises:
      ValueError: the losses are a scalar.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     print(session.run(tf.nn.compute_average_loss([1.0, 2.0, 3.0], global_batch_size=6)))
    1.0
    """
    losses = to_tensor(per_example_loss)
    if losses.shape.rank == 0:
        raise ValueError(f"Invalid value passed for `per_example_loss`. Expected a tensor with at least rank 1, received: {losses}")
    dtype = losses.dtype
    if sample_weight is not None:
        losses = _weighted(losses, sample_weight)
    losses = casting.cast(losses, dtype)
    if global_batch_size is None:
        global_batch_size = casting.cast(arrays.shape(losses)[0], dtype)
    return reductions.reduce_sum(losses) / global_batch_size


def _weighted(losses, weights):
    """The losses times weights, which may lack a last axis or have one of size 1 more."""
    losses, weights = casting.cast(losses, float32), casting.cast(to_tensor(weights), float32)
    ranks = losses.shape.rank, weights.shape.rank
    if None not in ranks and ranks[1]:
        if ranks[1] - ranks[0] == 1:
            weights = arrays.squeeze(weights, [-1])
        elif ranks[0] - ranks[1] == 1:
            weights = arrays.expand_dims(weights, -1)
    return multiply(losses, weights)


def scale_regularization_loss(regularization_loss):
    """The sum of a regularisation loss, which several workers would share out among them."""
    return reductions.reduce_sum(regularization_loss) / 1


__all__ = ["compute_average_loss", "scale_regularization_loss"]
