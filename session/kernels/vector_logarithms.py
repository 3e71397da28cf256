"""Logarithms, softplus and powers as straight lines of LLVM instructions: see `vector_values`.

float32 is computed in double and rounded once, as the NumPy kernels do, so that printed digits agree.
"""

from graphcore.session.kernels.vector_exponentials import FULL, LN2_HIGH, LN2_LOW, SHORT, exp
from graphcore.session.kernels.vector_values import absolute, fma, once_rounded, polynomial, select, with_sign

_INFINITY, _NAN = float("inf"), float("nan")
_BIAS = 1023
_ONE = _BIAS << 52
_SQRT_HALF = 0x3FE6A09E667F3BCD
# An integer in the last bits of this is that much more than 2 ** 52.
_FLOATING = 0x4330000000000000

# log((1 + s) / (1 - s)) = 2 s + s ** 3 * polynomial(s * s), |s| <= 0.1716
_FULL = (0.6666666666666735, 0.39999999999411456, 0.28571428743194244, 0.22222198482105848, 0.18183569456933804,
         0.15313909774191747, 0.14797448180385744)
_SHORT = (0.6666666667584368, 0.39999995605236394, 0.28572111101112396, 0.22176100661182582, 0.19585509573677662)
# The same without its first term, 2 / 3, which is added in two parts.
_TAIL = (0.3999999999999999, 0.28571428571438406, 0.22222222218909712, 0.18181818724892024, 0.15384565591757463,
         0.13336018279867132, 0.1168029433313447, 0.11947505953969038)
_THIRDS_HIGH, _THIRDS_LOW = 0.6666666666666666, 3.700743415417188e-17


def _parts(x):
    """``(exponent, e, m)``: ``x`` is ``2 ** e * m``, ``m`` near 1; ``exponent`` is ``e``, biased, as an integer."""
    bits = x.bits()
    exponent = bits + (_ONE - _SQRT_HALF) >> 52
    e = (exponent | _FLOATING).as_float() - (2.0 ** 52 + _BIAS)
    return exponent, e, (bits - (exponent << 52) + _ONE).as_float()


def _normal_parts(x, short):
    """``(e, f)``: ``x`` is ``2 ** e * (1 + f)``; subnormal doubles, which are no float32, are made normal first."""
    if short:
        _, e, m = _parts(x)
        return e, m - 1.0
    small = x < 2.0 ** -1022
    _, e, m = _parts(select(small, x * 2.0 ** 54, x))
    return select(small, e - 54.0, e), m - 1.0


def _log(e, f, short):
    """The logarithm of ``2 ** e * (1 + f)``."""
    s = f / (f + 2.0)
    z = s * s
    rest = z * polynomial(z, _SHORT if short else _FULL)
    if short:
        return fma(e, LN2_HIGH + LN2_LOW, fma(s, rest, s + s))
    half = f * f * 0.5
    return fma(e, LN2_HIGH, f - (half - fma(s, half + rest, e * LN2_LOW)))


def _at_the_ends(result, x, pole):
    """``result``, with what a logarithm is at and below its ``pole`` and at infinity."""
    result = select(x > pole, result, select(x.equals(pole), x.like(-_INFINITY), _NAN))
    return select(x.equals(_INFINITY), x, result)


@once_rounded
def log(x, short):
    """The natural logarithm of ``x``."""
    return _at_the_ends(_log(*_normal_parts(x, short), short), x, 0.0)


def logarithm_of_one_more(x, short):
    """``log(1 + x)`` of a double, precise for small ``x``."""
    u = x + 1.0
    back = u - 1.0
    # What the sum lost.
    lost = (1.0 - (u - back)) + (x - back)
    exponent, e, m = _parts(u)
    # 2 ** (1 - e): without the 1 it were no normal number for the largest ones.
    scale = ((2 * _BIAS + 1) - exponent << 52).as_float()
    result = _log(e, fma(lost * 0.5, scale, m - 1.0), short)
    return _at_the_ends(select(absolute(x) < 2.0 ** -54, x, result), x, -1.0)


log1p = once_rounded(logarithm_of_one_more)


@once_rounded
def softplus(x, short):
    """``log(1 + exp(x))``, precise for very negative ``x``, without overflow."""
    return select(x < 0.0, 0.0, x) + logarithm_of_one_more(exp(-absolute(x), SHORT if short else FULL), short)


# ---- powers

def power(x, y):
    """``x`` to the power ``y``; the special cases are C's."""
    if not x.is_single:
        return _with_special_cases(x, y, _full_power(x, y))
    wide, exponent = x.widened(), y.widened()
    size = absolute(wide)
    # As precise as it gets: the logarithm is multiplied by up to 100 and more.
    logarithm = _at_the_ends(_log(*_normal_parts(size, short=True), short=False), size, 0.0)
    return _with_special_cases(wide, exponent, exp(exponent * logarithm, SHORT)).narrowed()


def _with_special_cases(x, y, size):
    """The power of ``x`` and ``y`` from that of ``abs(x)``."""
    half = y * 0.5
    whole = y.intrinsic("rint").equals(y)
    odd = whole & ~half.intrinsic("rint").equals(half)
    certain = y.equals(0.0) | x.equals(1.0) | (x.equals(-1.0) & absolute(y).equals(_INFINITY))
    result = select(odd, with_sign(size, x), size)
    result = select((x < 0.0) & (x > -_INFINITY) & ~whole, _NAN, result)
    return select(certain, 1.0, result)


def _full_power(x, y):
    """``abs(x) ** y``, from a logarithm in two doubles."""
    x = absolute(x)
    high, low = _log_in_two(x)
    high = select(x.equals(0.0), -_INFINITY, select(x < _INFINITY, high, x))
    product = y * high
    rest = fma(y, low, fma(y, high, -product))
    return exp(product, FULL, low=select(absolute(product) < 800.0, rest, 0.0))


def _quick_sum(x, y):
    """``x + y`` and what rounding it lost; ``x`` is the larger one, or 0."""
    total = x + y
    return total, y - (total - x)


def _product(x, x_low, y, y_low):
    """The product of two numbers of two doubles each."""
    high = x * y
    return high, fma(x, y, -high) + fma(x, y_low, x_low * y)


def _log_in_two(x):
    """The logarithm of a positive number as a sum of two doubles, with an error below 2 ** -64 of it."""
    e, f = _normal_parts(x, short=False)
    divisor = f + 2.0
    inverse = 1.0 / divisor
    s = f * inverse
    s_low = (fma(-s, divisor, f) - s * (f - (divisor - 2.0))) * inverse
    z, z_low = _product(s, s_low, s, s_low)
    tail = z * polynomial(z, _TAIL)
    factor = tail + _THIRDS_HIGH
    factor_low = (_THIRDS_HIGH - factor) + tail + _THIRDS_LOW
    cubic = _product(*_product(s, s_low, z, z_low), factor, factor_low)
    total, lost = _quick_sum(e * LN2_HIGH, s + s)
    total, lost_too = _quick_sum(total, cubic[0])
    rest = fma(e, LN2_LOW, cubic[1] + (s_low + s_low)) + (lost + lost_too)
    return _quick_sum(total, rest)
