"""Discrete Fourier transforms of real tensors, and of the halves of spectra that determine real ones."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import complex64, float32, int32
from graphcore.core.opdef import Input, Op, Output
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank, with_rank_at_least
from graphcore.core.view import partial_value
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    complex_numbers,
    constants,
    division,
    filling,
    joining,
    linalg,
    mathematics,
    padding,
    rearranging,
    reductions,
    sequences,
    transposing,
)
from graphcore.ops.kernels.matrices import invalid

_LENGTH = np.array([4], np.int32)


# ---------------------------------------------------------------- what the declarations share


def _spectrum_shape(count, inverse):
    """The shape rule: the last ``count`` sizes are those of the lengths, the last one of a spectrum about half of it."""
    def infer(node):
        sizes = with_rank_at_least(node.input.shape.sizes, count)
        lengths = with_rank(node.fft_length.shape.sizes, 1)
        if lengths is not None and lengths[0] not in (None, count):
            raise ShapeMismatch(f"Dimension must be {count} but is {lengths[0]}")
        if sizes is None:
            return None
        known = [None] * count if node.fft_length.value is None else node.fft_length.value.tolist()
        last = known[-1] if inverse or not known[-1] else known[-1] // 2 + 1
        return (*sizes[:-count], *known[:-1], last)

    return infer


def _check(input, fft_length, count, inverse):
    """The lengths of the transform; TF's errors unless the input has as many elements."""
    if input.ndim < count:
        raise invalid(f"Input must have rank of at least {count} but got: {format_shape(input.shape)}")
    if fft_length.shape != (count,):
        raise invalid(f"fft_length must have shape [{count}]")
    lengths = fft_length.tolist()
    for axis, length in enumerate(lengths):
        if length < 0:
            raise invalid(f"fft_length[{axis}] must be >= 0, but got: {length}")
        least = length // 2 + 1 if inverse and axis == count - 1 and length else length
        found = input.shape[input.ndim - count + axis]
        if input.size and found < least:
            raise invalid(f"Input dimension {input.ndim - count + axis} must have length of at least {least} but got: {found}")
    return lengths


def _forward_kernel(count):
    def kernel(input, fft_length):
        lengths = _check(input, fft_length, count, inverse=False)
        sizes = (*input.shape[:-count], *lengths[:-1], lengths[-1] // 2 + 1 if lengths[-1] else 0)
        if not input.size or 0 in sizes:
            return np.zeros(sizes, np.complex64)
        return np.fft.rfftn(input.astype(np.float64), lengths, range(-count, 0)).astype(np.complex64)

    return kernel


def _inverse_kernel(count):
    def kernel(input, fft_length):
        lengths = _check(input, fft_length, count, inverse=True)
        sizes = (*input.shape[:-count], *lengths)
        if not input.size or 0 in sizes:
            return np.zeros(sizes, np.float32)
        return np.fft.irfftn(input.astype(np.complex128), lengths, range(-count, 0)).astype(np.float32)

    return kernel


def _size(tensor, count):
    return reductions.reduce_prod(arrays.shape(tensor)[-count:])


def _signs(length):
    """1, -1, 1 …, complex."""
    return casting.cast(1 - 2 * (sequences.range(length) % 2), complex64)


def _forward_gradient(node, dy, count, inverse):
    """The part of the spectrum that was left out counts too: half the inverse transform, and what comes of the unpaired columns."""
    length, sizes = node.fft_length, arrays.shape(node.input)
    even = casting.cast(1 - length[-1] % 2, complex64)
    first = dy[..., 0:1]
    if count == 1:
        last = dy[..., -1:]
        unpaired = first + even * last * _signs(sizes[-1])
    else:
        turns = _tiled(_turns(sizes[-2]), first)
        unpaired = linalg.matmul(turns, complex_numbers.conj(first))
        last = dy[..., -1:]
        term = linalg.matmul(turns, complex_numbers.conj(last))
        width = sizes[-1]
        ones = filling.ones([arrays.rank(dy) - 1], int32)
        unpaired += even * (transposing.tile(term, joining.concat([ones, [width]], 0)) * _signs(width))
    size = casting.cast(_size(node.input, count), float32)
    return 0.5 * (inverse(dy, length) * size + complex_numbers.real(unpaired)), None


def _turns(length):
    """The matrix of a Fourier transform of that length."""
    rows = transposing.tile(arrays.expand_dims(sequences.range(length), 0), (length, 1))
    columns = transposing.transpose(rows, [1, 0])
    return mathematics.exp(-2j * np.pi * casting.cast(rows * columns, complex64) / casting.cast(length, complex64))


def _tiled(matrix, like):
    """``matrix`` for each matrix of ``like``."""
    ones = filling.ones([arrays.rank(like) - 2], int32)
    matrix = arrays.reshape(matrix, joining.concat([ones, arrays.shape(matrix)], 0))
    return transposing.tile(matrix, joining.concat([arrays.shape(like)[:-2], [1, 1]], 0))


def _inverse_gradient(node, dy, count, forward):
    """All columns but the first and, of an even length, the last count twice: they stand for others too."""
    length = node.fft_length
    odd = division.floormod(length[-1], 2)
    width = arrays.shape(node.input)[-1]
    times = joining.concat([[1.0], 2.0 * filling.ones([width - 2 + odd]), filling.ones([1 - odd])], 0)
    share = division.reciprocal(casting.cast(_size(dy, count), float32))
    return forward(dy, length) * casting.cast(share * times, complex64), None


# ---------------------------------------------------------------- declarations


class RFFT(Op):
    """The first half of the Fourier transform of the last axis."""

    input = Input(float32)
    fft_length = Input(int32, static=True)
    output = Output(complex64)
    example = dict(input=np.array([1, 2, 3, 4], np.float32), fft_length=_LENGTH, output=np.array([10, -2 + 2j, -2], np.complex64))
    infer = _spectrum_shape(1, inverse=False)
    kernel = _forward_kernel(1)

    def grad(node, dy):
        return _forward_gradient(node, dy, 1, irfft)


class IRFFT(Op):
    """The inverse of `RFFT`."""

    input = Input(complex64)
    fft_length = Input(int32, static=True)
    output = Output(float32)
    example = dict(input=np.array([10, -2 + 2j, -2], np.complex64), fft_length=_LENGTH, output=np.array([1, 2, 3, 4], np.float32))
    infer = _spectrum_shape(1, inverse=True)
    kernel = _inverse_kernel(1)

    def grad(node, dy):
        return _inverse_gradient(node, dy, 1, rfft)


class RFFT2D(Op):
    """The first half of the Fourier transform of the last two axes."""

    input = Input(float32)
    fft_length = Input(int32, static=True)
    output = Output(complex64)
    example = dict(input=np.array([[1, 2, 3, 4]], np.float32), fft_length=np.array([1, 4], np.int32),
                   output=np.array([[10, -2 + 2j, -2]], np.complex64))
    infer = _spectrum_shape(2, inverse=False)
    kernel = _forward_kernel(2)

    def grad(node, dy):
        return _forward_gradient(node, dy, 2, irfft2d)


class IRFFT2D(Op):
    """The inverse of `RFFT2D`."""

    input = Input(complex64)
    fft_length = Input(int32, static=True)
    output = Output(float32)
    example = dict(input=np.array([[10, -2 + 2j, -2]], np.complex64), fft_length=np.array([1, 4], np.int32),
                   output=np.array([[1, 2, 3, 4]], np.float32))
    infer = _spectrum_shape(2, inverse=True)
    kernel = _inverse_kernel(2)

    def grad(node, dy):
        return _inverse_gradient(node, dy, 2, rfft2d)


class RFFT3D(Op, refuses=True):
    """The first half of the Fourier transform of the last three axes."""

    input = Input(float32)
    fft_length = Input(int32, static=True)
    output = Output(complex64)
    example = dict(input=np.array([[[1, 2, 3, 4]]], np.float32), fft_length=np.array([1, 1, 4], np.int32),
                   output=np.array([[[10, -2 + 2j, -2]]], np.complex64))
    infer = _spectrum_shape(3, inverse=False)
    kernel = _forward_kernel(3)


class IRFFT3D(Op, refuses=True):
    """The inverse of `RFFT3D`."""

    input = Input(complex64)
    fft_length = Input(int32, static=True)
    output = Output(float32)
    example = dict(input=np.array([[[10, -2 + 2j, -2]]], np.complex64), fft_length=np.array([1, 1, 4], np.int32),
                   output=np.array([[[1, 2, 3, 4]]], np.float32))
    infer = _spectrum_shape(3, inverse=True)
    kernel = _inverse_kernel(3)


# ---------------------------------------------------------------- public functions


def rfft(input_tensor, fft_length=None, name=None):
    """The first ``length // 2 + 1`` numbers of the Fourier transform of the last axis of a real tensor; the others are their conjugates.

    Args:
      input_tensor: float32.
      fft_length: a list of one int: the input is cut off or filled up with zeros to this length.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.signal.rfft([1.0, 2.0, 3.0, 4.0]))
    array([10.+0.j, -2.+2.j, -2.+0.j], dtype=complex64)
    """
    return _transformed(RFFT, 1, "rfft", input_tensor, fft_length, name)


def irfft(input_tensor, fft_length=None, name=None):
    """The real tensor whose `rfft` is ``input_tensor``, complex64; of ``2 * (size - 1)`` elements if ``fft_length`` says nothing else."""
    return _transformed(IRFFT, 1, "irfft", input_tensor, fft_length, name)


def rfft2d(input_tensor, fft_length=None, name=None):
    """`rfft` of the last two axes; ``fft_length`` is a list of two."""
    return _transformed(RFFT2D, 2, "rfft2d", input_tensor, fft_length, name)


def irfft2d(input_tensor, fft_length=None, name=None):
    """The inverse of `rfft2d`."""
    return _transformed(IRFFT2D, 2, "irfft2d", input_tensor, fft_length, name)


def rfft3d(input_tensor, fft_length=None, name=None):
    """`rfft` of the last three axes; ``fft_length`` is a list of three."""
    return _transformed(RFFT3D, 3, "rfft3d", input_tensor, fft_length, name)


def irfft3d(input_tensor, fft_length=None, name=None):
    """The inverse of `rfft3d`."""
    return _transformed(IRFFT3D, 3, "irfft3d", input_tensor, fft_length, name)


def _transformed(op, count, default_name, tensor, length, name):
    inverse = op.outputs[0].type is float32
    with name_scope(name, default_name, [tensor, length]) as name:
        tensor = to_tensor(tensor, complex64 if inverse else float32)
        tensor.shape.with_rank_at_least(count)
        length = _length_of(tensor, count, inverse) if length is None else to_tensor(length, int32)
        return op.build(_filled(tensor, count, length, inverse), length, name=name)


def _length_of(tensor, count, inverse):
    """The lengths that suit a tensor."""
    sizes = tensor.get_shape()[-count:]
    if not sizes.is_fully_defined():
        lengths = arrays.shape(tensor)[-count:]
        if inverse:
            lengths = joining.unstack(lengths)
            lengths[-1] = arithmetic.maximum(0, 2 * (lengths[-1] - 1))
            lengths = joining.stack(lengths)
        return lengths
    lengths = sizes.as_list()
    if inverse and lengths:
        lengths[-1] = max(0, 2 * (lengths[-1] - 1))
    return constants.constant(lengths, int32)


def _filled(tensor, count, length, inverse):
    """``tensor`` with zeros behind it where it is shorter than the transform."""
    known, sizes = partial_value(length), tensor.shape
    if sizes.ndims is not None and 0 in sizes.as_list():
        return tensor
    if known is not None and None not in known and sizes.ndims is not None and sizes[-len(known):].is_fully_defined():
        lengths = [*known[:-1], known[-1] // 2 + 1] if inverse else known
        missing = [[0, max(length - size, 0)] for length, size in zip(lengths, sizes.as_list()[-len(known):])]
        if not any(behind for _, behind in missing):
            return tensor
        return padding.pad(tensor, [[0, 0]] * max(sizes.ndims - len(known), 0) + missing)
    rank, found = arrays.rank(tensor), arrays.shape(tensor)[-count:]
    outer = filling.zeros([arithmetic.maximum(0, rank - count)], length.dtype)
    if inverse:
        length = joining.concat([length[:-1], length[-1:] // 2 + 1], 0)
    missing = joining.concat([outer, arithmetic.maximum(0, length - found)], 0)
    return padding.pad(tensor, joining.stack([filling.zeros_like(missing), missing], axis=1))


def fftshift(x, axes=None, name=None):
    """``x`` rolled so that what was first is in the middle, along ``axes`` (an int or list) or all axes.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.signal.fftshift([0, 1, 2, 3, 4]))
    array([3, 4, 0, 1, 2], dtype=int32)
    """
    return _shifted(x, axes, name, "fftshift", lambda size: size // 2)


def ifftshift(x, axes=None, name=None):
    """The inverse of `fftshift`."""
    return _shifted(x, axes, name, "ifftshift", lambda size: -(size // 2))


def _shifted(x, axes, name, default_name, shift):
    with name_scope(name, default_name) as name:
        x = to_tensor(x)
        sizes = x.shape.as_list()
        if axes is None:
            axes = tuple(range(len(sizes)))
        steps = shift(sizes[axes]) if isinstance(axes, int) else [shift(sizes[axis]) for axis in axes]
        return rearranging.roll(x, steps, axes, name)


__all__ = ["fftshift", "ifftshift", "irfft", "irfft2d", "irfft3d", "rfft", "rfft2d", "rfft3d"]
