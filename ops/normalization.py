"""Means and variances together, and what layers that normalize do with them."""

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float16, float32
from graphcore.core.scopes import name_scope
from graphcore.ops import arithmetic, arrays, casting, constants, division, gathering, mathematics, reductions, sequences


def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
    """``(mean, variance)`` of ``x`` over ``axes``; float16 is computed in float32.

    Args:
      axes: the axes to reduce, a list.
      shift: not used any more.
      keep_dims, keepdims: keep the reduced axes with size 1.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.moments(tf.constant([1.0, 3.0]), [0]))
    (np.float32(2.0), np.float32(1.0))
    """
    keep_dims = arrays.renamed("keepdims", keepdims, "keep_dims", keep_dims)
    with name_scope(name, "moments", [x, axes]):
        half = x.dtype.base is float16
        precise = casting.cast(x, float32) if half else x
        mean = reductions.reduce_mean(precise, axes, keepdims=True, name="mean")
        distances = arithmetic.squared_difference(precise, arrays.stop_gradient(mean))
        variance = reductions.reduce_mean(distances, axes, keepdims=True, name="variance")
        return _finished(mean, variance, axes, keep_dims, half)


def _finished(mean, variance, axes, keep_dims, half):
    if not keep_dims:
        mean, variance = arrays.squeeze(mean, axes), arrays.squeeze(variance, axes)
    if half:
        mean, variance = casting.cast(mean, float16), casting.cast(variance, float16)
    return mean, variance


def weighted_moments(x, axes, frequency_weights, name=None, keep_dims=None, keepdims=None):
    """``(mean, variance)`` of ``x`` over ``axes``, each element counted ``frequency_weights`` times (broadcast)."""
    keep_dims = arrays.renamed("keepdims", keepdims, "keep_dims", keep_dims)
    with name_scope(name, "weighted_moments", [x, frequency_weights, axes]):
        x, weights = to_tensor(x, name="x"), to_tensor(frequency_weights, name="frequency_weights")
        half = x.dtype.base is float16
        if half:
            x = casting.cast(x, float32)
        if weights.dtype.base is not x.dtype.base:
            weights = casting.cast(weights, x.dtype.base)
        weighted_sum = reductions.reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        all_weights = weights + sequences.zeros_like(x)
        weight = reductions.reduce_sum(all_weights, axes, name="sum_of_weights", keepdims=True)
        divisor = division.reciprocal(weight, name="inv_weight_sum")
        mean = arithmetic.multiply(weighted_sum, divisor)
        distances = weights * arithmetic.squared_difference(x, mean)
        variance = reductions.reduce_sum(distances, axes, name="weighted_distsq", keepdims=True)
        return _finished(mean, arithmetic.multiply(variance, divisor), axes, keep_dims, half)


def sufficient_statistics(x, axes, shift=None, keep_dims=None, name=None, keepdims=None):
    """``(count, sum, sum of squares, shift)`` of ``x - shift`` over ``axes``: what `normalize_moments` needs."""
    axes = list(set(axes))
    keep_dims = arrays.renamed("keepdims", keepdims, "keep_dims", keep_dims)
    with name_scope(name, "sufficient_statistics", [x, shift]):
        x = to_tensor(x, name="x")
        count = _count(x, axes)
        if shift is None:
            values, squares = x, arithmetic.square(x)
        else:
            shift = to_tensor(shift, name="shift")
            values, squares = arithmetic.subtract(x, shift), arithmetic.squared_difference(x, shift)
        total = reductions.reduce_sum(values, axes, keepdims=keep_dims, name="mean_ss")
        return count, total, reductions.reduce_sum(squares, axes, keepdims=keep_dims, name="var_ss"), shift


def _count(x, axes):
    """How many elements are reduced into one: a constant where the shape tells."""
    sizes = x._shape.sizes
    if sizes is None or any(sizes[axis] is None for axis in axes):
        sizes = gathering.gather(casting.cast(arrays.shape(x), x.dtype.base), axes)
        return reductions.reduce_prod(sizes, name="count")
    count = 1
    for axis in axes:
        count *= sizes[axis]
    return constants.constant(count, dtype=x.dtype.base)


def normalize_moments(counts, mean_ss, variance_ss, shift, name=None):
    """``(mean, variance)`` from what `sufficient_statistics` gives."""
    with name_scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = division.reciprocal(counts, name="divisor")
        if shift is None:
            shifted = mean = arithmetic.multiply(mean_ss, divisor, name="mean")
        else:
            shifted = arithmetic.multiply(mean_ss, divisor, name="shifted_mean")
            mean = arithmetic.add(shifted, shift, name="mean")
        squares = arithmetic.multiply(variance_ss, divisor)
        return mean, arithmetic.subtract(squares, arithmetic.square(shifted), name="variance")


def batch_normalization(x, mean, variance, offset, scale, variance_epsilon, name=None):
    """``(x - mean) / √(variance + variance_epsilon) * scale + offset``, with broadcasting.

    Args:
      offset, scale: what a layer learns; None for none.
      variance_epsilon: a small number that keeps the divisor from 0.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.batch_normalization(tf.constant([1.0, 5.0]), 3.0, 4.0, None, None, 0.0))
    array([-1.,  1.], dtype=float32)
    """
    with name_scope(name, "batchnorm", [x, mean, variance, scale, offset]):
        factor = mathematics.rsqrt(variance + variance_epsilon)
        if scale is not None:
            factor *= scale
        scaled = x * casting.cast(factor, x.dtype)
        shift = offset - mean * factor if offset is not None else -mean * factor
        return scaled + casting.cast(shift, x.dtype)


__all__ = ["batch_normalization", "moments", "normalize_moments", "sufficient_statistics", "weighted_moments"]
