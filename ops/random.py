"""Random tensors: uniform, normal, gamma and Poisson values, choices and shuffles; TF 1.15's numbers for TF's seeds."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dimension import dimension_value
from graphcore.core.dtypes import ALL, FLOATS, REAL, as_dtype, float16, float32, float64, int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.core.view import shape_from
from graphcore.ops import arithmetic, arrays, sequences
from graphcore.ops.kernels import rng
from graphcore.ops.kernels.philox import PhiloxState
from graphcore.ops.random_seed import seed_attributes

# ---------------------------------------------------------------- what the declarations share


class RandomOp(Op, abstract=True):
    """An op with a generator of its own, which belongs to the session and moves on with every run."""

    stateful = True
    differentiable = False

    def new_state(node):
        return PhiloxState(node.seed, node.seed2)

    def infer(node):
        return static_shape(node.shape)


def static_shape(argument):
    """The TensorShape that a ``shape`` input asks for, as far as it is known while building."""
    with_rank(argument.shape.sizes, 1)
    for size in argument.partial or ():
        if size is not None and size < -1:
            raise ValueError(f"Invalid value in tensor used for shape: {size}")
    return shape_from(argument)


def sizes_of(shape):
    """The value of a ``shape`` input as a tuple; InvalidArgumentError when it is not the shape of anything."""
    if shape.ndim != 1:
        _reject(f"shape must be a vector of {{int32,int64}}, got shape {format_shape(shape.shape)}")
    sizes = tuple(shape.tolist())
    for size in sizes:
        if size < 0:
            _reject(f"Dimension {size} must be >= 0")
    return sizes


def _reject(phrase):
    raise errors.InvalidArgumentError(None, None, phrase)


def drawn(sample, *arguments):
    """``sample(*arguments)``; a value that it cannot work with is an InvalidArgumentError."""
    try:
        return sample(*arguments)
    except ValueError as error:
        raise errors.InvalidArgumentError(None, None, str(error)) from None


# ---------------------------------------------------------------- declarations


class RandomUniform(RandomOp):
    """Values drawn evenly from [0, 1)."""

    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    dtype = TypeAttr(FLOATS)
    T = TypeAttr({int32, int64})
    shape = Input(T, static=True)
    output = Output(dtype)

    example = dict(shape=[3], dtype=float32, seed=1, seed2=2, output=[0.40639675, 0.8575996, 0.05539584])

    def kernel(state, shape, *, dtype):
        return rng.random_uniform(state, sizes_of(shape), dtype.np)


class RandomUniformInt(RandomOp, refuses=True):
    """Integers drawn evenly from [minval, maxval)."""

    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    Tout = TypeAttr({int32, int64})
    T = TypeAttr({int32, int64})
    shape = Input(T, static=True)
    minval = Input(Tout)
    maxval = Input(Tout)
    output = Output(Tout)

    example = dict(shape=[3], minval=0, maxval=10, seed=1, seed2=2, output=[9, 5, 2])

    def infer(node):
        with_rank(node.minval.shape.sizes, 0)
        with_rank(node.maxval.shape.sizes, 0)
        return static_shape(node.shape)

    def kernel(state, shape, minval, maxval):
        return drawn(rng.random_uniform_int, state, sizes_of(shape), minval, maxval)


class RandomStandardNormal(RandomOp):
    """Values drawn from the normal distribution of mean 0 and standard deviation 1."""

    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    dtype = TypeAttr(FLOATS)
    T = TypeAttr({int32, int64})
    shape = Input(T, static=True)
    output = Output(dtype)

    example = dict(shape=[3], dtype=float32, seed=1, seed2=2, output=[-1.0467793, 0.8397046, 1.2358364])

    def kernel(state, shape, *, dtype):
        return rng.random_standard_normal(state, sizes_of(shape), dtype.np)


class TruncatedNormal(RandomOp):
    """Standard normal values, drawn anew until they lie within two standard deviations."""

    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    dtype = TypeAttr(FLOATS)
    T = TypeAttr({int32, int64})
    shape = Input(T, static=True)
    output = Output(dtype)

    example = dict(shape=[3], dtype=float32, seed=1, seed2=2, output=[-1.0467793, 0.8397046, 1.2358364])

    def kernel(state, shape, *, dtype):
        return rng.truncated_normal(state, sizes_of(shape), dtype.np)


class RandomGamma(RandomOp, differentiable=True):
    """Values drawn from the gamma distributions of shape ``alpha`` and rate 1, ``shape`` of them for each alpha."""

    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    S = TypeAttr({int32, int64})
    T = TypeAttr({float16, float32, float64})
    shape = Input(S, static=True)
    alpha = Input(T)
    output = Output(T)

    example = dict(shape=[2], alpha=[1.0, 2.0], seed=1, seed2=2, output=[[0.5854895, 1.8044789], [1.1293961, 1.2996737]])

    def infer(node):
        return static_shape(node.shape).concatenate(node.alpha.shape)

    def kernel(state, shape, alpha, *, T):
        return drawn(rng.random_gamma, state, sizes_of(shape), alpha, T.np)

    def grad(node, dy):
        from graphcore.ops import gamma_samples  # of this gradient alone

        return None, gamma_samples.gradient_of_alpha(node, dy)


class RandomPoissonV2(RandomOp, refuses=True):
    """Counts drawn from the Poisson distributions of the given rates, ``shape`` of them for each rate."""

    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    S = TypeAttr({int32, int64})
    R = TypeAttr({float16, float32, float64, int32, int64}, default=float64)
    dtype = TypeAttr({float16, float32, float64, int32, int64}, default=int64)
    shape = Input(S, static=True)
    rate = Input(R)
    output = Output(dtype)

    example = dict(shape=[2], rate=[1.0, 20.0], dtype=float32, seed=1, seed2=2, output=[[1.0, 16.0], [1.0, 17.0]])

    def infer(node):
        return static_shape(node.shape).concatenate(node.rate.shape)

    def kernel(state, shape, rate, *, dtype):
        return drawn(rng.random_poisson, state, sizes_of(shape), rate, dtype.np)


class Multinomial(RandomOp):
    """Classes drawn with the probabilities softmax(logits), ``num_samples`` for each row."""

    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    T = TypeAttr(REAL)
    output_dtype = TypeAttr({int32, int64}, default=int64)
    logits = Input(T)
    num_samples = Input(int32, static=True)
    output = Output(output_dtype)

    example = dict(logits=[[0.0, 1.0, 2.0]], num_samples=6, seed=1, seed2=2, output=[[1, 2, 1, 1, 2, 2]])

    def infer(node):
        rows, _ = with_rank(node.logits.shape.sizes, 2)
        with_rank(node.num_samples.shape.sizes, 0)
        count = None if node.num_samples.value is None else int(node.num_samples.value)
        if count is not None and count < 0:
            raise ShapeMismatch(f"Dimension size, given by scalar input 1, must be non-negative but is {count}")
        return rows, count

    def kernel(state, logits, num_samples, *, output_dtype):
        if logits.ndim != 2:
            _reject(f"logits should be a matrix, got shape {format_shape(logits.shape)}")
        if num_samples.ndim:
            _reject(f"num_samples should be a scalar, got shape {format_shape(num_samples.shape)}")
        if num_samples < 0:
            _reject(f"num_samples should be nonnegative, got {num_samples}")
        return drawn(rng.multinomial, state, logits, num_samples, output_dtype.np)


class RandomShuffle(RandomOp, refuses=True):
    """``value`` with its first dimension in random order."""

    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    T = TypeAttr(ALL)
    value = Input(T)
    output = Output(T)

    example = dict(value=[1, 2, 3, 4], seed=1, seed2=2, output=[4, 1, 3, 2])

    def infer(node):
        return node.value.shape

    def kernel(state, value):
        return rng.random_shuffle(state, value)


# ---------------------------------------------------------------- functions


def random_uniform(shape, minval=0, maxval=None, dtype=float32, seed=None, name=None):
    """Values drawn evenly from [minval, maxval).

    Args:
      shape: the shape of the result, a list of sizes or a 1-D integer tensor.
      minval, maxval: the bounds, of type ``dtype``; ``maxval`` defaults to 1, integers need one.
      dtype: float16, bfloat16, float32, float64, int32 or int64.
      seed: the op seed; see `set_random_seed`.

    Raises:
      ValueError: another ``dtype``, integers without ``maxval``.
      tf.errors.InvalidArgumentError: ``minval >= maxval`` for integers, when it runs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.random_uniform([3], maxval=10, dtype=tf.int32, seed=1))
    array([7, 9, 3], dtype=int32)
    """
    dtype = as_dtype(dtype)
    if dtype not in FLOATS and dtype not in (int32, int64):
        raise ValueError(f"Invalid dtype {dtype!r}")
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with name_scope(name, "random_uniform", [shape, minval, maxval]) as name:
        shape = shape_tensor(shape)
        minval = to_tensor(minval, dtype, "min")
        maxval = to_tensor(maxval, dtype, "max")
        seeds = seed_attributes(seed)
        if dtype.is_integer:
            return RandomUniformInt.build(shape, minval, maxval, name=name, **seeds)
        values = RandomUniform.build(shape, dtype=dtype, **seeds)
        return arithmetic.add(values * (maxval - minval), minval, name=name)


def random_normal(shape, mean=0.0, stddev=1.0, dtype=float32, seed=None, name=None):
    """Values drawn from the normal distribution of this mean and standard deviation.

    Args:
      shape: the shape of the result, a list of sizes or a 1-D integer tensor.
      mean, stddev: of type ``dtype``; tensors that broadcast to ``shape`` give each value its own.
      dtype: float16, bfloat16, float32 or float64.
      seed: the op seed; see `set_random_seed`.

    >>> import graphcore as tf
    >>> tf.set_random_seed(777)
    >>> with tf.Session() as session:
    ...     session.run(tf.random_normal([1]))
    array([2.2086694], dtype=float32)
    """
    return _scaled(RandomStandardNormal, "random_normal", shape, mean, stddev, dtype, seed, name)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=float32, seed=None, name=None):
    """Like `random_normal`, but values two standard deviations or more from the mean are drawn anew."""
    return _scaled(TruncatedNormal, "truncated_normal", shape, mean, stddev, dtype, seed, name)


def _scaled(distribution, default_name, shape, mean, stddev, dtype, seed, name):
    dtype = as_dtype(dtype)
    with name_scope(name, default_name, [shape, mean, stddev]) as name:
        shape = shape_tensor(shape)
        mean = to_tensor(mean, dtype, "mean")
        stddev = to_tensor(stddev, dtype, "stddev")
        values = distribution.build(shape, dtype=dtype, **seed_attributes(seed))
        return arithmetic.add(values * stddev, mean, name=name)


def shape_tensor(shape):
    """A ``shape`` argument as a tensor called ``shape``: int32, or int64 for sizes that need it."""
    if not isinstance(shape, (tuple, list)):
        return to_tensor(shape, None, "shape")
    return to_tensor(tuple(dimension_value(size) for size in shape), None if shape else int32, "shape")


def random_gamma(shape, alpha, beta=None, dtype=float32, seed=None, name=None):
    """Values drawn from gamma distributions of shape ``alpha`` and rate ``beta``.

    Args:
      shape: how many to draw for each pair of parameters; int32.
      alpha, beta: the parameters, broadcast against each other; ``beta`` defaults to 1.
      dtype: float16, float32 or float64.

    The result has the shape ``shape + broadcast(alpha, beta).shape``; a zero becomes the smallest normal number.
    """
    dtype = as_dtype(dtype)
    with name_scope(name, "random_gamma", [shape, alpha, beta]):
        shape = to_tensor(shape, int32, "shape")
        alpha = to_tensor(alpha, dtype, "alpha")
        beta = to_tensor(1 if beta is None else beta, dtype, "beta")
        alpha = alpha + sequences.zeros_like(beta)
        samples = RandomGamma.build(shape, alpha, **seed_attributes(seed))
        return arithmetic.maximum(np.finfo(alpha.dtype.np).tiny, samples / beta)


def random_poisson(lam, shape, dtype=float32, seed=None, name=None):
    """Counts drawn from Poisson distributions of rate ``lam``: of shape ``shape + lam.shape`` and type ``dtype``."""
    with name_scope(name, "random_poisson", [lam, shape]):
        shape = to_tensor(shape, int32, "shape")
        return RandomPoissonV2.build(shape, lam, dtype=dtype, **seed_attributes(seed))


def multinomial(logits, num_samples, seed=None, name=None, output_dtype=None):
    """Classes drawn with the probabilities softmax(logits).

    Args:
      logits: unnormalised log-probabilities ``[batch, classes]``.
      num_samples: how many to draw for each row.
      output_dtype: int64 (if None) or int32.

    The result has the shape ``[batch, num_samples]``.
    """
    return _classes("multinomial", logits, num_samples, output_dtype, seed, name)


def categorical(logits, num_samples, dtype=None, seed=None, name=None):
    """`multinomial` under its newer name ``tf.random.categorical``, with ``dtype`` before ``seed``."""
    return _classes("categorical", logits, num_samples, dtype, seed, name)


def _classes(default_name, logits, num_samples, dtype, seed, name):
    with name_scope(name, default_name, [logits]):
        logits = to_tensor(logits, None, "logits")
        return Multinomial.build(logits, num_samples, output_dtype=dtype, **seed_attributes(seed))


def random_shuffle(value, seed=None, name=None):
    """``value`` with its rows, the slices along its first dimension, in random order.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.random_shuffle([[0, 1], [2, 3], [4, 5], [6, 7]], seed=2))
    array([[6, 7],
           [2, 3],
           [4, 5],
           [0, 1]], dtype=int32)
    """
    return RandomShuffle.build(value, name=name, **seed_attributes(seed))


def random_crop(value, size, seed=None, name=None):
    """A slice of ``value`` of shape ``size``, from an evenly drawn place.

    Raises:
      tf.errors.InvalidArgumentError: ``value`` is smaller than ``size`` somewhere, when it runs.
    """
    from graphcore.ops import checks, control_flow, reductions, slicing  # they are many, and few programs crop

    with name_scope(name, "random_crop", [value, size]) as name:
        value = to_tensor(value, None, "value")
        size = to_tensor(size, int32, "size")
        shape = arrays.shape(value)
        fits = checks.Assert(reductions.reduce_all(shape >= size), ["Need value.shape >= size, got ", shape, size],
                             summarize=1000)
        shape = control_flow.with_dependencies([fits], shape)
        places = shape - size + 1
        offset = random_uniform(arrays.shape(shape), dtype=size.dtype, maxval=size.dtype.max, seed=seed) % places
        return slicing.slice(value, offset, size, name=name)


__all__ = ["multinomial", "random_crop", "random_gamma", "random_normal", "random_poisson", "random_shuffle",
           "random_uniform", "truncated_normal"]
