"""``tf.signal``: Fourier transforms under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.cosine_transforms import dct, idct
from graphcore.ops.fourier import fft, fft2d, fft3d, ifft, ifft2d, ifft3d
from graphcore.ops.framing import frame, hamming_window, hann_window, overlap_and_add
from graphcore.ops.mel import linear_to_mel_weight_matrix, mfccs_from_log_mel_spectrograms
from graphcore.ops.real_fourier import fftshift, ifftshift, irfft, irfft2d, irfft3d, rfft, rfft2d, rfft3d
from graphcore.ops.short_time import inverse_stft, inverse_stft_window_fn, stft
