"""The mel scale of pitches as they are heard: spectra in its bands, and the cepstrum of those."""

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32
from graphcore.core.node import Tensor
from graphcore.core.scopes import name_scope
from graphcore.core.view import constant_value
from graphcore.ops import arithmetic, arrays, casting, cosine_transforms, framing, mathematics, padding, sequences, splitting

_BREAK, _QUALITY = 700.0, 1127.0  # in hertz, and in mel


def _check(num_mel_bins, sample_rate, lower, upper, dtype):
    if num_mel_bins <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {num_mel_bins}")
    if sample_rate <= 0.0:
        raise ValueError(f"sample_rate must be positive. Got: {sample_rate}")
    if lower < 0.0:
        raise ValueError(f"lower_edge_hertz must be non-negative. Got: {lower}")
    if lower >= upper:
        raise ValueError(f"lower_edge_hertz {lower:.1f} >= upper_edge_hertz {upper:.1f}")
    if upper > sample_rate / 2:
        raise ValueError("upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). "
                         f"Got: {upper} for sample_rate: {sample_rate}")
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {dtype!r}")


def _in_mel(hertz):
    with name_scope(None, "hertz_to_mel", [hertz]):
        return _QUALITY * mathematics.log(1.0 + to_tensor(hertz) / _BREAK)


def linear_to_mel_weight_matrix(num_mel_bins=20, num_spectrogram_bins=129, sample_rate=8000, lower_edge_hertz=125.0,
                                upper_edge_hertz=3800.0, dtype=float32, name=None):
    """``[num_spectrogram_bins, num_mel_bins]``: what spectra, on their last axis, are multiplied with to get bands of the mel scale.

    Args:
      num_mel_bins: how many bands, triangles that overlap by half and are equally wide on the mel scale.
      num_spectrogram_bins: how many numbers a spectrum has, from 0 to half the ``sample_rate``.
      lower_edge_hertz, upper_edge_hertz: where the first band begins and the last one ends.

    Raises:
      ValueError: an argument is out of its range.

    >>> import graphcore as tf
    >>> tf.signal.linear_to_mel_weight_matrix(8, 65).shape.as_list()
    [65, 8]
    """
    with name_scope(name, "linear_to_mel_weight_matrix") as name:
        if isinstance(sample_rate, Tensor):
            sample_rate = constant_value(sample_rate)
            if sample_rate is None:
                raise ValueError("`sample_rate` was a non-constant Tensor. Must be a Python float or a constant Tensor.")
        _check(num_mel_bins, sample_rate, lower_edge_hertz, upper_edge_hertz, dtype)
        sample_rate = to_tensor(sample_rate, dtype, name="sample_rate")
        lower = to_tensor(lower_edge_hertz, dtype, name="lower_edge_hertz")
        upper = to_tensor(upper_edge_hertz, dtype, name="upper_edge_hertz")
        zero = to_tensor(0.0, dtype)
        frequencies = sequences.linspace(zero, sample_rate / 2.0, num_spectrogram_bins)[1:]  # the constant part is in no band
        bins = arrays.expand_dims(_in_mel(frequencies), 1)
        edges = framing.frame(sequences.linspace(_in_mel(lower), _in_mel(upper), num_mel_bins + 2), frame_length=3, frame_step=1)
        begin, middle, end = (arrays.reshape(each, [1, num_mel_bins]) for each in splitting.split(edges, 3, axis=1))
        rising = (bins - begin) / (middle - begin)
        falling = (end - bins) / (end - middle)
        weights = arithmetic.maximum(zero, arithmetic.minimum(rising, falling))
        return padding.pad(weights, [[1, 0], [0, 0]], name=name)


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms, name=None):
    """The mel-frequency cepstral coefficients of logarithms of spectra in mel bands, ``[..., bands]``: scaled cosine transforms."""
    with name_scope(name, "mfccs_from_log_mel_spectrograms", [log_mel_spectrograms]):
        spectra = to_tensor(log_mel_spectrograms, dtype=float32)
        count = spectra.shape.dims[-1].value if spectra.shape.ndims else None
        if count == 0:
            raise ValueError(f"num_mel_bins must be positive. Got: {spectra}")
        if count is None:
            count = arrays.shape(spectra)[-1]
        return cosine_transforms.dct(spectra, type=2) * mathematics.rsqrt(casting.cast(count, float32) * 2.0)


__all__ = ["linear_to_mel_weight_matrix", "mfccs_from_log_mel_spectrograms"]
