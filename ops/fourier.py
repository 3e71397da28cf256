"""Discrete Fourier transforms over the last axes of tensors."""

import numpy as np

from graphcore.core.dtypes import COMPLEX, complex64
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.shapes import format_shape, with_rank_at_least
from graphcore.ops import arrays, casting, reductions
from graphcore.ops.kernels import matrices


def _check_rank(array, count):
    if array.ndim < count:
        raise matrices.invalid(f"Input must have rank of at least {count} but got: {format_shape(array.shape)}")


def _complex_kernel(count, inverse):
    transform = np.fft.ifftn if inverse else np.fft.fftn

    def kernel(input):
        _check_rank(input, count)
        if not input.size:
            return input.copy()
        # In double, which NumPy's transforms are exact enough in.
        return transform(input.astype(np.complex128), axes=range(-count, 0)).astype(input.dtype)

    return kernel


def _same_shape(count):
    def infer(node):
        with_rank_at_least(node.input.shape.sizes, count)
        return node.input.shape

    return infer


def _size(tensor, count):
    return reductions.reduce_prod(arrays.shape(tensor)[-count:])


def _forward_gradient(dy, count, inverse):
    size = casting.cast(_size(dy, count), dy.dtype)
    return inverse(dy) * size


def _inverse_gradient(dy, count, forward):
    size = casting.cast(1.0 / casting.cast(_size(dy, count), dy.dtype.real_dtype), dy.dtype)
    return forward(dy) * size


class FFT(Op):
    """The Fourier transform of the last axis."""

    Tcomplex = TypeAttr(COMPLEX, default=complex64)
    input = Input(Tcomplex)
    output = Output(Tcomplex)

    example = dict(input=np.array([1, 2j], np.complex64), output=np.array([1 + 2j, 1 - 2j], np.complex64))
    infer = _same_shape(1)
    kernel = _complex_kernel(1, inverse=False)

    def grad(node, dy):
        return _forward_gradient(dy, 1, ifft)


class IFFT(Op):
    """The inverse Fourier transform of the last axis."""

    Tcomplex = TypeAttr(COMPLEX, default=complex64)
    input = Input(Tcomplex)
    output = Output(Tcomplex)

    example = dict(input=np.array([1 + 2j, 1 - 2j], np.complex64), output=np.array([1, 2j], np.complex64))
    infer = _same_shape(1)
    kernel = _complex_kernel(1, inverse=True)

    def grad(node, dy):
        return _inverse_gradient(dy, 1, fft)


class FFT2D(Op):
    """The Fourier transform of the last two axes."""

    Tcomplex = TypeAttr(COMPLEX, default=complex64)
    input = Input(Tcomplex)
    output = Output(Tcomplex)

    example = dict(input=np.array([[1, 2j]], np.complex64), output=np.array([[1 + 2j, 1 - 2j]], np.complex64))
    infer = _same_shape(2)
    kernel = _complex_kernel(2, inverse=False)

    def grad(node, dy):
        return _forward_gradient(dy, 2, ifft2d)


class IFFT2D(Op):
    """The inverse Fourier transform of the last two axes."""

    Tcomplex = TypeAttr(COMPLEX, default=complex64)
    input = Input(Tcomplex)
    output = Output(Tcomplex)

    example = dict(input=np.array([[1 + 2j, 1 - 2j]], np.complex64), output=np.array([[1, 2j]], np.complex64))
    infer = _same_shape(2)
    kernel = _complex_kernel(2, inverse=True)

    def grad(node, dy):
        return _inverse_gradient(dy, 2, fft2d)


class FFT3D(Op):
    """The Fourier transform of the last three axes."""

    Tcomplex = TypeAttr(COMPLEX, default=complex64)
    input = Input(Tcomplex)
    output = Output(Tcomplex)

    example = dict(input=np.array([[[1, 2j]]], np.complex64), output=np.array([[[1 + 2j, 1 - 2j]]], np.complex64))
    infer = _same_shape(3)
    kernel = _complex_kernel(3, inverse=False)

    def grad(node, dy):
        return _forward_gradient(dy, 3, ifft3d)


class IFFT3D(Op):
    """The inverse Fourier transform of the last three axes."""

    Tcomplex = TypeAttr(COMPLEX, default=complex64)
    input = Input(Tcomplex)
    output = Output(Tcomplex)

    example = dict(input=np.array([[[1 + 2j, 1 - 2j]]], np.complex64), output=np.array([[[1, 2j]]], np.complex64))
    infer = _same_shape(3)
    kernel = _complex_kernel(3, inverse=True)

    def grad(node, dy):
        return _inverse_gradient(dy, 3, fft3d)


fft, ifft = FFT.function("fft"), IFFT.function("ifft")
fft2d, ifft2d = FFT2D.function("fft2d"), IFFT2D.function("ifft2d")
fft3d, ifft3d = FFT3D.function("fft3d"), IFFT3D.function("ifft3d")

__all__ = ["fft", "fft2d", "fft3d", "ifft", "ifft2d", "ifft3d"]
