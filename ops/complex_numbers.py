"""Complex numbers: made of two real tensors, and taken apart again."""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import COMPLEX, complex64, complex128, float32, float64, variant
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.ops.broadcasting import unbroadcasts
from graphcore.ops.constants import constant
from graphcore.ops.operands import after

_PARTS = {float32, float64}


class Complex(Elementwise):
    """The complex numbers ``real + i imag``."""

    T = TypeAttr(_PARTS, default=float32)
    Tout = TypeAttr(COMPLEX, default=complex64)
    real = Input(T)
    imag = Input(T)
    out = Output(Tout)

    example = dict(real=np.array([2.25, 3.25], np.float32), imag=np.array([4.75], np.float32),
                   out=np.array([2.25 + 4.75j, 3.25 + 4.75j], np.complex64))

    def kernel(real, imag, *, Tout):
        # Not real + 1j * imag: that would turn an infinite part into NaN.
        result = np.empty(np.broadcast_shapes(real.shape, imag.shape), Tout.np)
        result.real, result.imag = real, imag
        return result

    def grad(node, grad):
        to_real, to_imag = unbroadcasts(node.real, node.imag)
        return to_real(real(grad)), to_imag(imag(grad))


class Real(Elementwise, aliases=True):
    """The real part of complex numbers."""

    T = TypeAttr(COMPLEX, default=complex64)
    Tout = TypeAttr(_PARTS, default=float32)
    input = Input(T)
    output = Output(Tout)

    example = dict(input=np.array([2.25 + 4.75j], np.complex64), output=np.array([2.25], np.float32))

    def kernel(input, *, Tout):
        return input.real.astype(Tout.np, copy=False)

    def grad(node, grad):
        zero = constant(0, grad.dtype)
        return complex(grad, zero)


class Imag(Elementwise, aliases=True):
    """The imaginary part of complex numbers."""

    T = TypeAttr(COMPLEX, default=complex64)
    Tout = TypeAttr(_PARTS, default=float32)
    input = Input(T)
    output = Output(Tout)

    example = dict(input=np.array([2.25 + 4.75j], np.complex64), output=np.array([4.75], np.float32))

    def kernel(input, *, Tout):
        return input.imag.astype(Tout.np, copy=False)

    def grad(node, grad):
        zero = constant(0, grad.dtype)
        return complex(zero, grad)


class Angle(Elementwise):
    """The angle of complex numbers, in radians."""

    T = TypeAttr(COMPLEX, default=complex64)
    Tout = TypeAttr(_PARTS, default=float32)
    input = Input(T)
    output = Output(Tout)

    example = dict(input=np.array([1 + 1j], np.complex64), output=np.array([0.7853982], np.float32))

    def kernel(input, *, Tout):
        return np.arctan2(input.imag, input.real).astype(Tout.np, copy=False)

    def grad(node, grad):
        from graphcore.ops.division import reciprocal

        with after(grad):
            first, second = real(node.input), imag(node.input)
            slope = reciprocal(complex(second, first))
            zero = constant(0, grad.dtype)
            return -complex(grad, zero) * slope


class Conj(Elementwise):
    """The conjugate of complex numbers."""

    T = TypeAttr(COMPLEX | {variant}, default=complex64)
    input = Input(T)
    output = Output(T)

    scalar = "conj(input)"
    example = dict(input=np.array([2.25 + 4.75j], np.complex64), output=np.array([2.25 - 4.75j], np.complex64))

    def grad(node, grad):
        return conj(grad)


class ComplexAbs(Elementwise):
    """The length of complex numbers."""

    T = TypeAttr(COMPLEX, default=complex64)
    Tout = TypeAttr(_PARTS, default=float32)
    x = Input(T)
    y = Output(Tout)

    example = dict(x=np.array([3 + 4j], np.complex64), y=np.array([5.0], np.float32))

    def kernel(x, *, Tout):
        return np.absolute(x).astype(Tout.np, copy=False)

    def grad(node, grad):
        from graphcore.ops import sequences
        from graphcore.ops.division import div_no_nan

        numerator = complex(grad, sequences.zeros_like(grad)) * node.x
        return div_no_nan(numerator, complex(node.y, sequences.zeros_like(node.y)))


def complex(real, imag, name=None):
    """The complex numbers ``real + i imag``; TypeError unless both are float32 or both float64.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.complex([2.25, 3.25], [4.75, 5.75]))
    array([2.25+4.75j, 3.25+5.75j], dtype=complex64)
    """
    real, imag = to_tensor(real, name="real"), to_tensor(imag, name="imag")
    with name_scope(name, "Complex", [real, imag]) as name:
        given = real.dtype.base
        if given not in _PARTS or imag.dtype.base is not given:
            raise TypeError(f"real and imag have incorrect types: {real.dtype.name} {imag.dtype.name}")
        return Complex.build(real, imag, Tout=complex64 if given is float32 else complex128, name=name)


def real(input, name=None):
    """The real part of ``input``; a tensor that is not complex is returned as it is."""
    with name_scope(name, "Real", [input]) as name:
        input = to_tensor(input, name="input")
        return Real.build(input, Tout=input.dtype.real_dtype, name=name) if input.dtype.is_complex else input


def imag(input, name=None):
    """The imaginary part of ``input``; zeros if it is not complex."""
    return _part(Imag, "Imag", input, name)


def angle(input, name=None):
    """The angle of complex numbers, in radians; zeros if ``input`` is not complex."""
    return _part(Angle, "Angle", input, name)


def _part(definition, default_name, input, name):
    from graphcore.ops import sequences

    with name_scope(name, default_name, [input]) as name:
        input = to_tensor(input, name="input")
        if input.dtype.is_complex:
            return definition.build(input, Tout=input.dtype.real_dtype, name=name)
        return sequences.zeros_like(input)


def conj(x, name=None):
    """The conjugate of ``x``; a real tensor is returned as it is; TypeError if it is not numeric."""
    with name_scope(name, "Conj", [x]) as name:
        x = to_tensor(x, name="x")
        if x.dtype.is_complex or x.dtype.base is dtypes.variant:
            return Conj.build(x, name=name)
        if x.dtype.is_floating or x.dtype.is_integer:
            return x
        raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}")


__all__ = ["angle", "complex", "conj", "imag", "real"]
