"""``tf.spectral``: the older name of `tf.signal`."""

# ruff: noqa: F401
from graphcore.ops.cosine_transforms import dct, idct
from graphcore.ops.fourier import fft, fft2d, fft3d, ifft, ifft2d, ifft3d
from graphcore.ops.real_fourier import irfft, irfft2d, irfft3d, rfft, rfft2d, rfft3d
