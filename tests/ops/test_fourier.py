"""Fourier transforms: NumPy's values, inverses, gradients, TF 1.15's complaints."""
import numpy as np
import pytest

import graphcore as tf
from graphcore.autodiff.check import compute_gradient

PAIRS = [("fft", "ifft", 1), ("fft2d", "ifft2d", 2), ("fft3d", "ifft3d", 3)]
GENERATOR = np.random.default_rng(0)
VALUE = GENERATOR.normal(size=(2, 2, 3, 4)) + 1j * GENERATOR.normal(size=(2, 2, 3, 4))


def run(tensor, feed=None):
    with tf.Session() as session:
        return session.run(tensor, feed)


@pytest.mark.parametrize("forward, inverse, count", PAIRS)
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_transforms_are_numpys_and_undone(forward, inverse, count, dtype):
    x = tf.constant(VALUE.astype(dtype))
    made = getattr(tf.signal, forward)(x)
    there, back = run([made, getattr(tf, inverse)(made)])
    assert there.dtype == back.dtype == np.dtype(dtype)
    assert made.shape.as_list() == x.shape.as_list()
    np.testing.assert_allclose(there, np.fft.fftn(VALUE, axes=range(-count, 0)), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(back, VALUE, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name, count", [(name, count) for *names, count in PAIRS for name in names])
def test_gradients(name, count):
    real = GENERATOR.normal(size=(2, 2, 3))
    x = tf.constant(real)
    y = tf.real(getattr(tf.spectral, name)(tf.complex(x, x * x)))
    with tf.Session():
        theory, numeric = compute_gradient(x, real.shape, y, real.shape, real, delta=1e-6)
    np.testing.assert_allclose(theory, numeric, rtol=1e-5, atol=1e-6)


def test_empty_and_small_tensors():
    assert run(tf.fft(np.zeros((2, 0), np.complex64))).shape == (2, 0)
    with pytest.raises(ValueError, match=r"Shape must be at least rank 2 but is rank 1 for 'FFT2D' \(op: 'FFT2D'\)"):
        tf.fft2d([1.0, 2.0])
    x = tf.placeholder(tf.complex64)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Input must have rank of at least 2 but got: \[3\]"):
        run(tf.fft2d(x), {x: np.zeros(3)})
