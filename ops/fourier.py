"""Discrete Fourier transforms over the last axes of tensors."""

import numpy as np

from graphcore.core.dtypes import COMPLEX, complex64
from graphcore.core.opdef import REGISTRY, Input, Op, Output, TypeAttr
from graphcore.core.shapes import format_shape, with_rank_at_least
from graphcore.ops import arrays, casting, reductions
from graphcore.ops.kernels import matrices


def _check_rank(array, count):
    if array.ndim < count:
        raise matrices.invalid(f"Input must have rank of at least {count} but got: {format_shape(array.shape)}")


def _size(tensor, count):
    return reductions.reduce_prod(arrays.shape(tensor)[-count:])


def _forward_gradient(dy, count, inverse):
    size = casting.cast(_size(dy, count), dy.dtype)
    return inverse(dy) * size


def _inverse_gradient(dy, count, forward):
    size = casting.cast(1.0 / casting.cast(_size(dy, count), dy.dtype.real_dtype), dy.dtype)
    return forward(dy) * size


_AXES = {1: "axis", 2: "two axes", 3: "three axes"}


def _declare(name, count, inverse):
    """The op that transforms the last ``count`` axes, or undoes it."""
    Tcomplex = TypeAttr(COMPLEX, default=complex64)
    transform, gradient = (np.fft.ifftn, _inverse_gradient) if inverse else (np.fft.fftn, _forward_gradient)
    other = name[1:] if inverse else f"I{name}"
    plain, transformed = [np.array(pair, np.complex64).reshape((1,) * (count - 1) + (2,)) for pair in ([1, 2j], [1 + 2j, 1 - 2j])]

    def infer(node):
        with_rank_at_least(node.input.shape.sizes, count)
        return node.input.shape

    def kernel(input):
        _check_rank(input, count)
        if not input.size:
            return input.copy()
        # In double, which NumPy's transforms are exact enough in.
        return transform(input.astype(np.complex128), axes=range(-count, 0)).astype(input.dtype)

    def grad(node, dy):
        return gradient(dy, count, REGISTRY[other].build)

    example = dict(input=transformed, output=plain) if inverse else dict(input=plain, output=transformed)
    body = dict(Tcomplex=Tcomplex, input=Input(Tcomplex), output=Output(Tcomplex), example=example, infer=infer, kernel=kernel, grad=grad,
                __doc__=f"The {'inverse ' if inverse else ''}Fourier transform of the last {_AXES[count]}.", __module__=__name__)
    return type(name, (Op,), body)


FFT, IFFT = _declare("FFT", 1, inverse=False), _declare("IFFT", 1, inverse=True)
FFT2D, IFFT2D = _declare("FFT2D", 2, inverse=False), _declare("IFFT2D", 2, inverse=True)
FFT3D, IFFT3D = _declare("FFT3D", 3, inverse=False), _declare("IFFT3D", 3, inverse=True)

fft, ifft = FFT.function("fft"), IFFT.function("ifft")
fft2d, ifft2d = FFT2D.function("fft2d"), IFFT2D.function("ifft2d")
fft3d, ifft3d = FFT3D.function("fft3d"), IFFT3D.function("ifft3d")

__all__ = ["fft", "fft2d", "fft3d", "ifft", "ifft2d", "ifft3d"]
