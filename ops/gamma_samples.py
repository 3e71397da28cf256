"""How samples of gamma distributions change with the distribution: the gradient of `tf.random_gamma`.

A sample x of shape alpha is where the distribution function F(alpha, x) reaches the number that was drawn, so that
dx/dalpha = -(dF/dalpha) / (dF/dx).
"""

import numpy as np

from graphcore.core.dtypes import float32, float64, int32
from graphcore.core.opdef import Elementwise, Input, Output, TypeAttr
from graphcore.ops import arrays, filling, gammas, joining, operands, reductions, sequences

_TINY = 1e-12


class RandomGammaGrad(Elementwise, refuses=True):
    """The derivative of the gamma ``sample`` by the ``alpha`` it was drawn with."""

    T = TypeAttr({float32, float64})
    alpha = Input(T)
    sample = Input(T)
    output = Output(T)
    example = dict(alpha=[1.0, 2.0], sample=[1.0, 3.0], output=[1.17356303, 1.32179852])

    def kernel(alpha, sample):
        from scipy import special

        dtype = np.result_type(alpha)
        alpha, sample = np.broadcast_arrays(np.asarray(alpha, np.float64), np.asarray(sample, np.float64))
        density = np.exp((alpha - 1) * np.log(sample) - sample - special.gammaln(alpha))
        usual = -gammas.IgammaGradA.kernel(alpha, sample) / density
        # Close to 0 the distribution function is x^alpha / Gamma(alpha + 1), of which this is the quotient.
        small = -sample / alpha * (np.log(sample) - special.digamma(alpha + 1))
        return np.where(sample < _TINY, np.where(sample > 0, small, 0.0), usual).astype(dtype)


def gradient_of_alpha(node, dy):
    """The gradient of `RandomGamma` in its parameter: summed over the samples of each."""
    with operands.after(dy):
        count = arrays.shape(node.shape)[0]
        sizes = joining.concat([filling.ones([count], dtype=int32), arrays.shape(node.alpha)], axis=0)
        slopes = RandomGammaGrad.build(arrays.reshape(node.alpha, sizes), node.output)
        return reductions.reduce_sum(dy * slopes, axis=sequences.range(count))


__all__ = []
