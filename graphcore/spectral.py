"""``tf.spectral``: the older name of `tf.signal`."""

# ruff: noqa: F401
from graphcore.ops.fourier import fft, fft2d, fft3d, ifft, ifft2d, ifft3d
