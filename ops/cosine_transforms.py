"""Discrete cosine transforms of the last axis, by way of Fourier transforms."""

import math

from graphcore.core.convert import to_tensor
from graphcore.core.dimension import dimension_value
from graphcore.core.dtypes import float32, int32
from graphcore.core.scopes import name_scope
from graphcore.ops import arrays, casting, complex_numbers, joining, mathematics, padding, real_fourier, sequences


def _check(tensor, kind, n, axis, norm):
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}")
    if n is not None and n < 1:
        raise ValueError("n should be a positive integer or None")
    if kind not in (1, 2, 3):
        raise ValueError("Only Types I, II and III (I)DCT are supported.")
    if kind == 1:
        if norm == "ortho":
            raise ValueError("Normalization is not supported for the Type-I DCT.")
        size = dimension_value(tensor.shape[-1])
        if size is not None and size < 2:
            raise ValueError("Type-I DCT requires the dimension to be greater than one.")
    if norm not in (None, "ortho"):
        raise ValueError(f"Unknown normalization. Expected None or 'ortho', got: {norm}")


def dct(input, type=2, n=None, axis=-1, norm=None, name=None):
    """The discrete cosine transform of the last axis.

    Args:
      input: float32, a tensor or array.
      type: 1, 2 or 3.
      n: the length of the transform: the input is cut off or filled up with zeros.
      axis: -1.
      norm: None, or "ortho" for an orthogonal transform (types 2 and 3).

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.signal.dct(tf.ones([2])))
    array([4., 0.], dtype=float32)
    """
    _check(input, type, n, axis, norm)
    with name_scope(name, "dct", [input]):
        input = to_tensor(input, dtype=float32)
        if n is not None:
            input = _of_length(input, n)
        size = _last_size(input)
        count = casting.cast(size, float32)
        if type == 1:
            return complex_numbers.real(real_fourier.rfft(joining.concat([input, input[..., -2:0:-1]], axis=-1)))
        return (_second if type == 2 else _third)(input, size, count, norm)


def _last_size(tensor):
    return dimension_value(tensor.shape[-1]) or arrays.shape(tensor)[-1]


def _of_length(tensor, n):
    size = _last_size(tensor)
    if n <= size:
        return tensor[..., 0:n]
    pairs = [[0, 0] for _ in range(len(tensor.shape))]
    pairs[-1][1] = n - size
    return padding.pad(tensor, paddings=to_tensor(pairs, dtype=int32))


def _weights(first, others, size):
    return padding.pad(arrays.expand_dims(first, 0), [[0, size - 1]], constant_values=others)


def _second(input, size, count, norm):
    turns = 2.0 * mathematics.exp(complex_numbers.complex(0.0, -sequences.range(count) * math.pi * 0.5 / count))
    result = complex_numbers.real(real_fourier.rfft(input, fft_length=[2 * size])[..., :size] * turns)
    if norm == "ortho":
        first = 0.5 * mathematics.rsqrt(count)
        result *= _weights(first, first * mathematics.sqrt(2.0), size)
    return result


def _third(input, size, count, norm):
    if norm == "ortho":
        first = mathematics.sqrt(count)
        input *= _weights(first, first * mathematics.sqrt(0.5), size)
    else:
        input *= count
    turns = 2.0 * mathematics.exp(complex_numbers.complex(0.0, sequences.range(count) * math.pi * 0.5 / count))
    turned = turns * complex_numbers.complex(input, 0.0)
    return complex_numbers.real(real_fourier.irfft(turned, fft_length=[2 * size]))[..., :size]


def idct(input, type=2, n=None, axis=-1, norm=None, name=None):
    """The inverse of `dct` up to a factor (``2 n``; 1 with "ortho"): the transform of the matching other type."""
    _check(input, type, n, axis, norm)
    return dct(input, type={1: 1, 2: 3, 3: 2}[type], n=n, axis=axis, norm=norm, name=name)


__all__ = ["dct", "idct"]
