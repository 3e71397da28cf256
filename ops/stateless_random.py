"""Random tensors that are functions of their seed, two integers that are an input of the node: TF's numbers."""

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import FLOATS, INDICES, REAL, as_dtype, float32, int32, int64
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import arithmetic
from graphcore.ops.kernels import rng
from graphcore.ops.kernels.philox import PhiloxState, philox
from graphcore.ops.random import drawn, shape_tensor, sizes_of, static_shape

_SCRAMBLE = 0x02461E293EC8F720
_LOW = (1 << 64) - 1


def _state(seed):
    """The generator that a ``seed`` input stands for: its bits are scrambled, so that any two numbers will do."""
    if seed.shape != (2,):
        raise errors.InvalidArgumentError(None, None, f"seed must have shape [2], not {format_shape(seed.shape)}")
    first, second = (int(each) & _LOW for each in seed.tolist())
    words = [int(word) for word in philox(_SCRAMBLE, second << 64 | first, 1)[0]]
    return PhiloxState(words[0] | words[1] << 32, words[2] | words[3] << 32)


def _check_seed(seed):
    sizes = with_rank(seed.shape.sizes, 1)
    if sizes is not None and sizes[0] not in (None, 2):
        raise ShapeMismatch(f"Dimension must be 2 but is {sizes[0]}")


def _shape(node):
    _check_seed(node.seed)
    return static_shape(node.shape)


def _declare(name, doc, draw, first):
    """An op that draws floating-point numbers by ``draw(state, sizes, dtype)``, which begin with ``first`` for seed (1, 2)."""
    dtype, T, Tseed = TypeAttr(FLOATS, default=float32), TypeAttr(INDICES, default=int32), TypeAttr(INDICES, default=int64)

    def kernel(shape, seed, *, dtype):
        return draw(_state(seed), sizes_of(shape), dtype.np)

    body = dict(dtype=dtype, T=T, Tseed=Tseed, shape=Input(T, static=True), seed=Input(Tseed), output=Output(dtype),
                example=dict(shape=[len(first)], seed=[1, 2], output=first), infer=_shape, kernel=kernel, __doc__=doc, __module__=__name__)
    return type(name, (Op,), body, differentiable=False)


StatelessRandomUniform = _declare("StatelessRandomUniform", "Values drawn evenly from [0, 1).", rng.random_uniform,
                                  [0.8440604209899902, 0.19204533100128174, 0.9962232112884521])
StatelessRandomNormal = _declare("StatelessRandomNormal", "Values drawn from the normal distribution of mean 0 and standard deviation 1.",
                                 rng.random_standard_normal, [0.5441101, 0.20738031, 0.07356432])
StatelessTruncatedNormal = _declare(
    "StatelessTruncatedNormal", "Standard normal values, drawn anew until they lie within two standard deviations.",
    rng.truncated_normal, [0.5441101, 0.20738031, 0.07356432])


class StatelessRandomUniformInt(Op, differentiable=False):
    """Integers drawn evenly from [minval, maxval)."""

    dtype = TypeAttr(INDICES)
    T = TypeAttr(INDICES)
    Tseed = TypeAttr(INDICES, default=int64)
    shape = Input(T, static=True)
    seed = Input(Tseed)
    minval = Input(dtype)
    maxval = Input(dtype)
    output = Output(dtype)
    example = dict(shape=[4], seed=[1, 2], minval=5, maxval=100, output=[45, 19, 14, 44])

    def infer(node):
        with_rank(node.minval.shape.sizes, 0)
        with_rank(node.maxval.shape.sizes, 0)
        return _shape(node)

    def kernel(shape, seed, minval, maxval):
        return drawn(rng.random_uniform_int, _state(seed), sizes_of(shape), minval, maxval)


class StatelessMultinomial(Op, differentiable=False):
    """Classes drawn with the probabilities softmax(logits), ``num_samples`` for each row."""

    T = TypeAttr(REAL)
    Tseed = TypeAttr(INDICES, default=int64)
    output_dtype = TypeAttr(INDICES, default=int64)
    logits = Input(T)
    num_samples = Input(int32, static=True)
    seed = Input(Tseed)
    output = Output(output_dtype)
    example = dict(logits=[[1.0, 2.0, 3.0]], num_samples=6, seed=[1, 2], output=[[2, 2, 1, 2, 2, 2]])

    def infer(node):
        _check_seed(node.seed)
        sizes = with_rank(node.logits.shape.sizes, 2)
        with_rank(node.num_samples.shape.sizes, 0)
        count = node.num_samples.value
        if count is not None and count < 0:
            raise ShapeMismatch(f"Dimension size, given by scalar input 1, must be non-negative but is {count}")
        return (None if sizes is None else sizes[0], None if count is None else int(count))

    def kernel(logits, num_samples, seed, *, output_dtype):
        if logits.ndim != 2:
            raise errors.InvalidArgumentError(None, None, f"logits should be a matrix, got shape {format_shape(logits.shape)}")
        if num_samples.ndim:
            raise errors.InvalidArgumentError(None, None, f"num_samples should be a scalar, got shape {format_shape(num_samples.shape)}")
        if num_samples < 0:
            raise errors.InvalidArgumentError(None, None, f"num_samples should be nonnegative, got {num_samples}")
        return drawn(rng.multinomial, _state(seed), logits, num_samples, output_dtype.np)


# ---------------------------------------------------------------- public functions


def stateless_random_uniform(shape, seed, minval=0, maxval=None, dtype=float32, name=None):
    """Values drawn evenly from [minval, maxval), the same ones in every run with the same seed.

    Args:
      shape: the shape of the result, a list of sizes or a 1-D integer tensor.
      seed: two integers, a list or tensor.
      maxval: 1 if None; needed for integers.
      dtype: float16, bfloat16, float32, float64, int32 or int64.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.random.stateless_uniform([2], seed=[1, 2]))
    array([0.8440604 , 0.19204533], dtype=float32)
    """
    dtype = as_dtype(dtype)
    if dtype not in FLOATS and dtype not in INDICES:
        raise ValueError(f"Invalid dtype {dtype!r}")
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with name_scope(name, "stateless_random_uniform", [shape, seed, minval, maxval]) as name:
        shape = shape_tensor(shape)
        minval, maxval = to_tensor(minval, dtype, "min"), to_tensor(maxval, dtype, "max")
        if dtype.is_integer:
            return StatelessRandomUniformInt.build(shape, seed, minval, maxval, name=name)
        values = StatelessRandomUniform.build(shape, seed, dtype=dtype)
        return arithmetic.add(values * (maxval - minval), minval, name=name)


def stateless_random_normal(shape, seed, mean=0.0, stddev=1.0, dtype=float32, name=None):
    """Values drawn from a normal distribution; the other arguments as for `stateless_random_uniform`."""
    return _scaled(StatelessRandomNormal, "stateless_random_normal", shape, seed, mean, stddev, dtype, name)


def stateless_truncated_normal(shape, seed, mean=0.0, stddev=1.0, dtype=float32, name=None):
    """Like `stateless_random_normal`, but values two standard deviations or more from the mean are drawn anew."""
    return _scaled(StatelessTruncatedNormal, "stateless_truncated_normal", shape, seed, mean, stddev, dtype, name)


def _scaled(distribution, default_name, shape, seed, mean, stddev, dtype, name):
    with name_scope(name, default_name, [shape, seed, mean, stddev]) as name:
        shape = shape_tensor(shape)
        mean, stddev = to_tensor(mean, dtype, "mean"), to_tensor(stddev, dtype, "stddev")
        values = distribution.build(shape, seed, dtype=dtype)
        return arithmetic.add(values * stddev, mean, name=name)


def stateless_multinomial(logits, num_samples, seed, output_dtype=int64, name=None):
    """`stateless_categorical` under its older name."""
    with name_scope(name, "stateless_multinomial", [logits, seed]):
        return StatelessMultinomial.build(to_tensor(logits, name="logits"), num_samples, seed, output_dtype=output_dtype)


def stateless_categorical(logits, num_samples, seed, dtype=int64, name=None):
    """Classes ``[batch, num_samples]`` drawn with the probabilities softmax(logits), ``logits`` ``[batch, classes]``."""
    with name_scope(name, "stateless_categorical", [logits, seed]):
        return StatelessMultinomial.build(to_tensor(logits, name="logits"), num_samples, seed, output_dtype=dtype)


__all__ = ["stateless_categorical", "stateless_multinomial", "stateless_random_normal", "stateless_random_uniform",
           "stateless_truncated_normal"]
