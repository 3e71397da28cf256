"""``tf.signal``: Fourier transforms under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.fourier import fft, fft2d, fft3d, ifft, ifft2d, ifft3d
