"""``tf.math``: arithmetic, reductions and special functions under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.activations import softplus, softsign
from graphcore.ops.arithmetic import (
    abs,
    add,
    maximum,
    minimum,
    multiply,
    multiply_no_nan,
    negative,
    scalar_mul,
    sign,
    square,
    squared_difference,
    subtract,
)
from graphcore.ops.bessel import bessel_i0, bessel_i0e, bessel_i1, bessel_i1e
from graphcore.ops.checks import is_non_decreasing, is_strictly_increasing
from graphcore.ops.comparison import (
    equal,
    greater,
    greater_equal,
    is_finite,
    is_inf,
    is_nan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
)
from graphcore.ops.complex_numbers import angle, conj, imag, real
from graphcore.ops.counting import bincount, confusion_matrix
from graphcore.ops.division import (
    div_no_nan as divide_no_nan,
)
from graphcore.ops.division import (
    divide,
    floordiv,
    floormod,
    pow,
    reciprocal,
    reciprocal_no_nan,
    truediv,
)
from graphcore.ops.division import (
    floormod as mod,
)
from graphcore.ops.dropout import zero_fraction
from graphcore.ops.gammas import betainc, igamma, igammac, lbeta, zeta
from graphcore.ops.mathematics import ceil, exp, expm1, floor, log, log1p, log_sigmoid, rint, round, rsqrt, sigmoid, sqrt, xdivy, xlogy
from graphcore.ops.norms import l2_normalize
from graphcore.ops.positions import argmax, argmin, in_top_k, top_k
from graphcore.ops.reductions import (
    count_nonzero,
    reduce_all,
    reduce_any,
    reduce_euclidean_norm,
    reduce_logsumexp,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_std,
    reduce_sum,
    reduce_variance,
)
from graphcore.ops.scans import cumprod, cumsum, cumulative_logsumexp
from graphcore.ops.segment_reductions import (
    segment_max,
    segment_mean,
    segment_min,
    segment_prod,
    unsorted_segment_max,
    unsorted_segment_mean,
    unsorted_segment_min,
    unsorted_segment_prod,
    unsorted_segment_sqrt_n,
)
from graphcore.ops.segments import segment_sum, unsorted_segment_sum
from graphcore.ops.softmaxes import log_softmax, softmax
from graphcore.ops.special import digamma, erf, erfc, lgamma, polygamma
from graphcore.ops.sums import accumulate_n, add_n
from graphcore.ops.transposing import invert_permutation
from graphcore.ops.trigonometry import acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, sin, sinh, tan, tanh
from graphcore.ops.vectors import nextafter, polyval
