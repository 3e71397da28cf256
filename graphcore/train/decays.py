"""Learning rates that change with the training step."""

import math

from graphcore.core.convert import convert_n_to_tensor, to_tensor
from graphcore.core.dtypes import int32, int64
from graphcore.core.scopes import name_scope
from graphcore.ops import arithmetic, casting, comparison, constants, control_flow, division, mathematics, random, trigonometry

# Each function emits TF 1.15's nodes, in its order and under its names: graph-level seeds count nodes.


def exponential_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """``learning_rate * decay_rate ** (global_step / decay_steps)``.

    Args:
      learning_rate: the rate at step 0, a float or a scalar tensor; it decides the dtype.
      global_step: the step counter, a scalar tensor or variable that is not negative.
      decay_steps: the steps after which the rate has been multiplied by ``decay_rate`` once.
      staircase: divide in whole numbers, so that the rate changes every ``decay_steps`` steps only.

    >>> import graphcore as tf
    >>> rate = tf.train.exponential_decay(0.1, tf.constant(20), 10, 0.5)
    >>> with tf.Session() as session:
    ...     print(session.run(rate))
    0.025
    """
    with name_scope(name or "ExponentialDecay") as name:
        rate, dtype = _first_rate(learning_rate)
        steps = casting.cast(decay_steps, dtype)
        factor = casting.cast(decay_rate, dtype)
        decays = _decays(global_step, steps, dtype, staircase)
        return arithmetic.multiply(rate, division.pow(factor, decays), name=name)


def natural_exp_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """``learning_rate * exp(-decay_rate * global_step / decay_steps)``; see `exponential_decay` for the arguments."""
    factor = mathematics.exp(arithmetic.negative(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, factor, staircase, name)


def inverse_time_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """``learning_rate / (1 + decay_rate * global_step / decay_steps)``; see `exponential_decay` for the arguments."""
    with name_scope(name or "InverseTimeDecay") as name:
        rate, dtype = _first_rate(learning_rate)
        steps = casting.cast(decay_steps, dtype)
        factor = casting.cast(decay_rate, dtype)
        decays = _decays(global_step, steps, dtype, staircase)
        one = casting.cast(constants.constant(1), dtype)
        return division.divide(rate, arithmetic.add(one, arithmetic.multiply(factor, decays)), name=name)


def _first_rate(learning_rate):
    rate = to_tensor(learning_rate, None, "initial_learning_rate")
    return rate, rate.dtype.base


def _decays(global_step, steps, dtype, staircase):
    """How many times ``steps`` have passed; whole times only for a staircase."""
    decays = casting.cast(global_step, dtype) / steps
    return mathematics.floor(decays) if staircase else decays


def piecewise_constant(x, boundaries, values, name=None):
    """``values[0]`` while ``x <= boundaries[0]``, ``values[1]`` while ``x <= boundaries[1]``, …, then the last value.

    Args:
      x: the step counter, a scalar tensor or variable.
      boundaries: increasing numbers of the dtype of ``x``; int32 ones are cast when ``x`` is int64.
      values: one more than ``boundaries``, all of one dtype.

    Raises:
      ValueError: dtypes differ, or the lengths do not fit.

    >>> import graphcore as tf
    >>> step = tf.placeholder(tf.int32, [])
    >>> rate = tf.train.piecewise_constant(step, [10, 20], [1.0, 0.5, 0.25])
    >>> with tf.Session() as session:
    ...     print([float(session.run(rate, {step: n})) for n in (10, 11, 21)])
    [1.0, 0.5, 0.25]
    """
    limits, values, step = convert_n_to_tensor(boundaries), convert_n_to_tensor(values), to_tensor(x)
    limits = [_as_step(limit, step) for limit in limits]
    for value in values[1:]:
        if value.dtype.base is not values[0].dtype.base:
            raise ValueError("Values must have elements all with the same dtype "
                             f"({values[0].dtype.base} vs {value.dtype.base}).")
    if len(limits) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    with name_scope(name or "PiecewiseConstant"):
        choices = [(step <= limits[0], lambda: values[0]), (step > limits[-1], lambda: values[-1])]
        for low, high, value in zip(limits[:-1], limits[1:], values[1:-1]):
            choices.append(((step > low) & (step <= high), lambda value=value: value))
        return control_flow.case(choices, lambda: values[0], exclusive=True)


def _as_step(limit, step):
    if limit.dtype.base is step.dtype.base:
        return limit
    if limit.dtype.base is int32 and step.dtype.base is int64:
        return casting.cast(limit, int64)
    raise ValueError(f"Boundaries ({limit.dtype.base}) must have the same dtype as x ({step.dtype.base}).")


def polynomial_decay(learning_rate, global_step, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False, name=None):
    """From ``learning_rate`` down to ``end_learning_rate``, reached after ``decay_steps`` steps.

    The rate is ``(learning_rate - end_learning_rate) * (1 - global_step / decay_steps) ** power + end_learning_rate``.
    Later it stays there; or, with ``cycle``, ``decay_steps`` is stretched to the next multiple and the rate rises again.
    """
    with name_scope(name or "PolynomialDecay") as name:
        rate, dtype = _first_rate(learning_rate)
        end = casting.cast(end_learning_rate, dtype)
        power = casting.cast(power, dtype)
        step = casting.cast(global_step, dtype)
        steps = casting.cast(decay_steps, dtype)
        if cycle:
            # Step 0 lies in the first cycle too.
            cycles = control_flow.cond(comparison.equal(step, 0), lambda: 1.0, lambda: mathematics.ceil(step / decay_steps))
            steps = arithmetic.multiply(steps, cycles)
        else:
            step = arithmetic.minimum(step, decay_steps)
        done = division.divide(step, steps)
        return arithmetic.add(arithmetic.multiply(rate - end, division.pow(1 - done, power)), end, name=name)


def cosine_decay(learning_rate, global_step, decay_steps, alpha=0.0, name=None):
    """From ``learning_rate`` along half a cosine wave down to ``alpha * learning_rate``, reached after ``decay_steps``."""
    with name_scope(name or "CosineDecay"):
        rate, dtype = _first_rate(learning_rate)
        steps = casting.cast(decay_steps, dtype)
        step = arithmetic.minimum(casting.cast(global_step, dtype), steps)
        wave = 0.5 * _one_plus_cosine(step / steps)
        return arithmetic.multiply(rate, (1 - alpha) * wave + alpha)


def _one_plus_cosine(half_turns):
    return 1.0 + trigonometry.cos(constants.constant(math.pi) * half_turns)


def cosine_decay_restarts(learning_rate, global_step, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name=None):
    """Cosine decays one after the other: the first takes ``first_decay_steps``.

    Each takes ``t_mul`` times as many steps as the one before and begins at ``m_mul`` times its rate; all end at
    ``alpha * learning_rate``.  Loshchilov and Hutter 2016, "SGDR".
    """
    with name_scope(name or "SGDRDecay") as name:
        rate, dtype = _first_rate(learning_rate)
        first = casting.cast(first_decay_steps, dtype)
        alpha, t_mul, m_mul = casting.cast(alpha, dtype), casting.cast(t_mul, dtype), casting.cast(m_mul, dtype)
        done = casting.cast(global_step, dtype) / first
        restarts, done = control_flow.cond(comparison.equal(t_mul, 1.0), lambda: _equal_periods(done),
                                           lambda: _growing_periods(done, t_mul))
        wave = 0.5 * m_mul ** restarts * _one_plus_cosine(done)
        return arithmetic.multiply(rate, (1 - alpha) * wave + alpha, name=name)


def _equal_periods(periods):
    """(whole periods, the part of the current one that is done)."""
    restarts = mathematics.floor(periods)
    return restarts, periods - restarts


def _growing_periods(periods, growth):
    """The same for periods of which each is ``growth`` times as long as the one before."""
    restarts = mathematics.floor(mathematics.log(1.0 - periods * (1.0 - growth)) / mathematics.log(growth))
    passed = (1.0 - growth ** restarts) / (1.0 - growth)
    return restarts, (periods - passed) / growth ** restarts


def linear_cosine_decay(learning_rate, global_step, decay_steps, num_periods=0.5, alpha=0.0, beta=0.001, name=None):
    """``learning_rate * ((alpha + linear) * cosine + beta)``: a line to 0 times ``num_periods`` cosine waves.

    Both end after ``decay_steps``.  Bello and others 2017, "Neural Optimizer Search".
    """
    with name_scope(name or "LinearCosineDecay") as name:
        rate, dtype = _first_rate(learning_rate)
        steps, num_periods, alpha, beta = [casting.cast(v, dtype) for v in (decay_steps, num_periods, alpha, beta)]
        step = arithmetic.minimum(casting.cast(global_step, dtype), steps)
        line = (steps - step) / steps
        wave = _waves(step, steps, num_periods)
        return arithmetic.multiply(rate, (alpha + line) * wave + beta, name=name)


def _waves(step, steps, num_periods):
    done = step / steps
    return 0.5 * _one_plus_cosine(2.0 * num_periods * done)


def noisy_linear_cosine_decay(learning_rate, global_step, decay_steps, initial_variance=1.0, variance_decay=0.55,
                              num_periods=0.5, alpha=0.0, beta=0.001, name=None):
    """`linear_cosine_decay` with normal noise on the line, of variance ``initial_variance / (1 + step) ** variance_decay``."""
    with name_scope(name or "NoisyLinearCosineDecay") as name:
        rate, dtype = _first_rate(learning_rate)
        steps, initial_variance, variance_decay, num_periods, alpha, beta = [
            casting.cast(v, dtype) for v in (decay_steps, initial_variance, variance_decay, num_periods, alpha, beta)]
        step = arithmetic.minimum(casting.cast(global_step, dtype), steps)
        line = (steps - step) / steps
        deviation = mathematics.sqrt(initial_variance / division.pow(1.0 + step, variance_decay))
        line = line + random.random_normal(line.shape, stddev=deviation)
        wave = _waves(step, steps, num_periods)
        return arithmetic.multiply(rate, (alpha + line) * wave + beta, name=name)


piecewise_constant_decay = piecewise_constant

__all__ = ["cosine_decay", "cosine_decay_restarts", "exponential_decay", "inverse_time_decay", "linear_cosine_decay",
           "natural_exp_decay", "noisy_linear_cosine_decay", "piecewise_constant", "piecewise_constant_decay",
           "polynomial_decay"]
