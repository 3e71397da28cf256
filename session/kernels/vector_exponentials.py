"""exp and its relatives as straight lines of LLVM instructions: see `vector_values`.

float32 is computed as such, to one or two units in the last place; the functions that `once` makes compute it in double
instead and round once, at about twice the cost. The polynomials are minimax fits.
"""

from dataclasses import dataclass

from graphcore.session.kernels.vector_values import absolute, clamped, fma, polynomial, select, with_sign

_LOG2_E = 1.4426950408889634


@dataclass(frozen=True)
class Form:
    """How one calculation is carried out: constants that depend on its type and on the precision wanted."""

    growth: tuple       # exp(r) = 1 + r + r * r * growth(r), |r| <= ln(2) / 2
    high: float         # ln 2 in two parts; the first has zeros at its end, so that its product with an integer is exact
    low: float
    places: int         # of the fraction
    bias: int           # of the exponent
    lowest: float       # exp is 0 below, infinite above
    highest: float
    roomy: bool = False     # 2 ** n is a normal number for every n that occurs

    @property
    def magic(self):
        """Adding this to a small number leaves its nearest integer in the last bits."""
        return 1.5 * 2.0 ** self.places

    @property
    def tiny(self):
        """Odd functions are the identity below."""
        return 2.0 ** (-2 - self.places)


LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
FULL = Form((0.5000000000000012, 0.166666666666667, 0.041666666666515514, 0.008333333333306723, 0.0013888888946994638,
             0.00019841269918272758, 2.480148996063037e-05, 2.7557215617541993e-06, 2.763127486808673e-07, 2.5118049001887682e-08),
            LN2_HIGH, LN2_LOW, 52, 1023, -746.0, 710.6)
# Doubles that will be rounded to float32.
SHORT = Form((0.4999999999960455, 0.16666666666568322, 0.04166666698882797, 0.008333333388626565, 0.0013888807608132968,
              0.00019841162872717322, 2.4882266161776067e-05, 2.7643839252932942e-06),
             LN2_HIGH, LN2_LOW, 52, 1023, -104.0, 89.5, roomy=True)
SINGLE = Form((0.5000000093207361, 0.16666518809315664, 0.041666211247297386, 0.008368892847134613, 0.0013950174948698408),
              0.693359375, -2.1219444e-4, 23, 127, -104.0, 89.5)


def own_form(function):
    """``function(x, form)`` as a function of one value, computed in its own type."""
    return lambda x: function(x, SINGLE if x.is_single else FULL)


def once(function):
    """``function(x, form)`` as a function of one value; float32 is computed in double and rounded once."""
    return lambda x: function(x.widened(), SHORT).narrowed() if x.is_single else function(x, FULL)


def _reduced(x, form, low=None):
    """``(n, k, r)``: ``x + low`` is ``n * ln(2) + r``, and ``k`` holds the integer ``n`` in its last bits."""
    k = fma(x, _LOG2_E, form.magic)
    n = k - form.magic
    r = fma(n, -form.high, x)
    r = fma(n, -form.low, r if low is None else r + low)
    return n, k, r


def _grown(r, form):
    """``exp(r) - 1`` of a small ``r``."""
    return fma(r * r, polynomial(r, form.growth), r)


def _two_to(k, form, less=0):
    """2 to the power of the integer in the last bits of ``k``, less ``less``."""
    return ((k.bits() << form.places) + (form.bias - less << form.places)).as_float()


def exp(x, form, low=None):
    """e to the power of ``x``, or of ``x + low``."""
    n, k, r = _reduced(clamped(x, form.lowest, form.highest), form, low)
    growth = _grown(r, form)
    if form.roomy:
        scale = _two_to(k, form)
        return fma(scale, growth, scale)
    # In two steps, since 2 ** n alone may be too large or too small.
    half = fma(n, 0.5, form.magic)
    scale = _two_to(half, form)
    return fma(scale, growth, scale) * _two_to(n - (half - form.magic) + form.magic, form)


def _quarter_expm1(x, form):
    """``(exp(x) - 1) / 4``, which is finite wherever sinh is."""
    _, k, r = _reduced(clamped(x, -40.0, form.highest), form)
    scale = _two_to(k, form, less=2)
    return fma(scale, _grown(r, form), scale - 0.25)


def expm1(x, form):
    """``exp(x) - 1``, precise for small ``x``."""
    # Dividing cost a subnormal number its last bits; and -0.0 stays.
    return select(absolute(x) < form.tiny, x, _quarter_expm1(x, form) * 4.0)


def sigmoid(x, form):
    """``1 / (1 + exp(-x))``, precise also where exp(-x) is infinite."""
    shrunk = exp(-absolute(x), form)
    return select(x < 0.0, shrunk, 1.0) / (shrunk + 1.0)


def tanh(x, form):
    """The hyperbolic tangent of ``x``."""
    _, k, r = _reduced(clamped(absolute(x) * 2.0, 0.0, 40.0), form)
    scale = _two_to(k, form)
    growth = fma(scale, _grown(r, form), scale - 1.0)
    return with_sign(growth / (growth + 2.0), x)


def sinh(x, form):
    """The hyperbolic sine of ``x``."""
    size = absolute(x)
    quarter = _quarter_expm1(size, form)
    half = quarter + quarter
    return select(size < form.tiny, x, with_sign(half + quarter / (half + 0.5), x))


def cosh(x, form):
    """The hyperbolic cosine of ``x``."""
    half = fma(_quarter_expm1(absolute(x), form), 2.0, 0.5)
    return half + 0.25 / half
