"""Dropout, and how many elements of a tensor are zero."""

import numbers

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32, int32, int64
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import TensorShape, as_shape
from graphcore.core.view import constant_value
from graphcore.ops import arrays, casting, comparison, control_flow, random, reductions, sequences


def dropout(x, keep_prob=None, noise_shape=None, seed=None, name=None, rate=None):
    """``x`` with each element zeroed with probability ``rate``, the others divided by ``1 - rate``.

    Args:
      x: floats.
      keep_prob: ``1 - rate``, the older way to say it; a number or a scalar tensor.
      noise_shape: the shape of the random choices; along its axes of size 1 elements are kept or zeroed together.
      seed: an int for repeatable choices (`tf.set_random_seed`).
      rate: a number in [0, 1) or a scalar tensor; 0 gives ``x`` itself.

    Raises:
      ValueError: integers, a rate outside [0, 1), neither or both of ``rate`` and ``keep_prob``.
    """
    try:
        given = None if keep_prob is None else 1.0 - keep_prob
    except TypeError:
        raise ValueError(f"keep_prob must be a floating point number or Tensor (got {keep_prob!r})") from None
    rate = arrays.renamed("rate", rate, "keep_prob", given)
    if rate is None:
        raise ValueError("You must provide a rate to dropout.")
    with name_scope(name, "dropout", [x]):
        x = to_tensor(x, name="x")
        rate = _checked_rate(x, rate)
        return x if rate is None else _dropped(x, rate, noise_shape, seed)


def _checked_rate(x, rate):
    """The rate as a scalar tensor; None when it is known to be 0."""
    if not x.dtype.is_floating:
        raise ValueError(f"x has to be a floating point tensor since it's going to be scaled. Got a {x.dtype} tensor instead.")
    if isinstance(rate, numbers.Real):
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be a scalar tensor or a float in the range [0, 1), got {rate:g}")
        if rate == 0:
            return None
    rate = to_tensor(rate, dtype=x.dtype.base, name="rate")
    rate._shape.assert_has_rank(0)
    return None if constant_value(rate) == 0 else rate


def _dropped(x, rate, noise_shape, seed):
    noise = random.random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=x.dtype.base)
    scale = 1 / (1 - rate)
    # The noise is a multiple of 2**-23 below 1: >= keeps what equals the rate.
    kept = noise >= rate
    result = x * scale * casting.cast(kept, x.dtype.base)
    result.set_shape(x._shape)
    return result


def _noise_shape(x, noise_shape):
    """The shape asked for, its unknown sizes filled in from ``x``."""
    if noise_shape is None:
        return arrays.shape(x)
    try:
        wanted = as_shape(noise_shape).sizes
    except (TypeError, ValueError):
        return noise_shape
    sizes = x._shape.sizes
    if wanted is None or sizes is None or len(sizes) != len(wanted):
        return noise_shape
    return TensorShape([size if want is None else want for want, size in zip(wanted, sizes)])


def zero_fraction(value, name=None):
    """The fraction of elements of ``value`` that are zero, as a float32 scalar; of nothing it is NaN."""
    with name_scope(name, "zero_fraction", [value]):
        value = to_tensor(value, name="value")
        size = arrays.size(value, out_type=int64)
        nonzero = control_flow.cond(size <= int32.max, true_fn=lambda: casting.cast(_count_nonzero(value, int32), int64),
                                    false_fn=lambda: _count_nonzero(value, int64))
        with name_scope("counts_to_fraction"):
            zeros = casting.cast(size - nonzero, float32)
            fraction = zeros / casting.cast(size, float32)
        return arrays.identity(fraction, "fraction")


def _count_nonzero(x, dtype):
    with name_scope("count_nonzero", values=[x]):
        zero = sequences.zeros([], dtype=x.dtype.base)
        return reductions.reduce_sum(casting.cast(comparison.NotEqual.build(x, zero), dtype), name="nonzero_count")


__all__ = ["dropout", "zero_fraction"]
