"""Inverse trigonometric and hyperbolic functions, and the error function, as straight lines of LLVM instructions.

float32 is computed in double and rounded once: see `vector_values`.
"""

from graphcore.session.kernels.vector_exponentials import FULL, SHORT, exp
from graphcore.session.kernels.vector_logarithms import logarithm_of_one_more
from graphcore.session.kernels.vector_values import absolute, clamped, fma, once_rounded, polynomial, select, with_sign

_HALF_PI, _HALF_PI_LOW = 1.5707963267948966, 6.123233995736766e-17
_LN2 = 0.6931471805599453
# x * x may be infinite above; x + 1 is x there.
_HUGE = 2.0 ** 60

# atan(x) = x + x ** 3 * polynomial(x * x), 0 <= x <= 1
_ARCTAN = (-0.33333333333333093, 0.19999999999955398, -0.14285714282800327, 0.11111111013601158, -0.09090907118468923,
           0.07692281178466588, -0.06666414935833237, 0.05880592218905102, -0.052538041790544956, 0.04723289044285885,
           -0.04221707264822598, 0.0366933245879296, -0.02998526477707926, 0.022084792287965917, -0.013994665512840926,
           0.007263142343102051, -0.0029192375567357706, 0.000843450045246486, -0.00015479005512901493, 1.3488625974652621e-05)
_ARCTAN_SHORT = (-0.33333333333105997, 0.1999999997224764, -0.1428571309249288, 0.11111084950777264, -0.0909056460419944,
                 0.07689318200156081, -0.06648528447900647, 0.0580223162960007, -0.049978055465534584, 0.04087706083001751,
                 -0.030067836118438173, 0.018661593822785455, -0.009108338620957718, 0.003210107984594968, -0.0007168473005141559,
                 7.552551467998474e-05)
# asin(x) = x + x ** 3 * polynomial(x * x), 0 <= x <= 1 / 2
_ARCSIN = (0.16666666666666763, 0.0749999999997011, 0.04464285717527883, 0.030381942675550323, 0.02237221589897555,
           0.017351595626237747, 0.013981016918382654, 0.011397307429773657, 0.010789233726087767, 0.0036725400331443477,
           0.021789728722128678, -0.02111535128209869, 0.03270126984502539)
_ARCSIN_SHORT = (0.16666666666437346, 0.07500000043620371, 0.04464282846220977, 0.03038287535037977, 0.02235488071520396,
                 0.017549641339394483, 0.01254813118997393, 0.01794401958938657, -0.0073645609148912045, 0.031557406323615554)
# erf(x) = x + x * polynomial(x * x), 0 <= x <= 1 / 2
_ERF = (0.12837916709551256, -0.37612638903183465, 0.11283791670924731, -0.026866170632686922, 0.005223977369830637,
        -0.0008548297478535936, 0.00012053321978880397, -1.4845522183924684e-05, 1.4722559172738813e-06)
_ERF_SHORT = (0.1283791670950847, -0.3761263889358161, 0.11283791315591211, -0.026866120319458973, 0.005223626012771165,
              -0.0008534905555627265, 0.00011768594900827199, -1.166022381471485e-05)
# erfc(x) = exp(-x * x) / (1 + 2 x) * (first + q * polynomial(q)), q = (x - 3) / (x + 3), 1 / 2 <= x
_ERFC_FIRST = 1.2530080582697296
_ERFC = (-0.1356211061245813, -0.04756229435345, 0.12964515870278026, -0.11927366341536076,
         0.0683080273431917, -0.023770514917137216, 0.002529391830549354, 0.0018886903353870243, -0.0007798324188850243,
         -0.00010515957209032706, 0.0001251002459883242, 4.948105412566226e-06, -2.0103963706098904e-05, -7.261252800305961e-07,
         3.4804715950154918e-06, 3.4330784596981115e-07, -6.280475396864349e-07, -1.2032833987101134e-07, 1.1015873531461684e-07,
         2.2402447333144498e-08, -1.4806222590777062e-08)
_ERFC_SHORT = (-0.1356211061092689, -0.04756229442515414, 0.12964515745740657, -0.11927366069855141,
               0.0683080568591682, -0.023770550884496106, 0.0025290829939532246, 0.0018888936468101716, -0.0007781864068455389,
               -0.00010562390101274647, 0.00012049747170926416, 5.072013513790393e-06, -1.377434105763177e-05)


def _odd(x, coefficients):
    """``x + x ** 3 * polynomial(x * x)``"""
    z = x * x
    return fma(x * z, polynomial(z, coefficients), x)


def _complemented(angle, steep):
    """``pi / 2 - angle`` where ``steep``, else ``angle``."""
    return select(steep, _HALF_PI - (angle - _HALF_PI_LOW), angle)


@once_rounded
def arctan(x, short):
    """The angle between -pi / 2 and pi / 2 whose tangent is ``x``."""
    size = absolute(x)
    steep = size > 1.0
    tangent = select(steep, 1.0, size) / select(steep, size, 1.0)
    return with_sign(_complemented(_odd(tangent, _ARCTAN_SHORT if short else _ARCTAN), steep), x)


@once_rounded
def arctan2(y, x, short):
    """The angle of the point ``(x, y)``, seen from the origin."""
    up, across = absolute(y), absolute(x)
    steep = up > across
    longer = select(steep, up, across)
    tangent = select(steep, across, up) / longer
    tangent = select((up + across).equals(0.0), 0.0, select(up.equals(across) & up.equals(float("inf")), 1.0, tangent))
    angle = _complemented(_odd(tangent, _ARCTAN_SHORT if short else _ARCTAN), steep)
    behind = x.bits() < 0
    return with_sign(select(behind, 2 * _HALF_PI - (angle - 2 * _HALF_PI_LOW), angle), y)


def _arcsine_of_small(size, short):
    """``(large, angle)``: the arcsine of ``size``, or where it is ``large`` half the angle that lacks from pi / 2."""
    large = size > 0.5
    sine = select(large, ((1.0 - size) * 0.5).intrinsic("sqrt"), size)
    return large, _odd(sine, _ARCSIN_SHORT if short else _ARCSIN)


@once_rounded
def arcsin(x, short):
    """The angle between -pi / 2 and pi / 2 whose sine is ``x``; NaN beyond 1."""
    large, angle = _arcsine_of_small(absolute(x), short)
    return with_sign(select(large, _HALF_PI - (angle + angle - _HALF_PI_LOW), angle), x)


@once_rounded
def arccos(x, short):
    """The angle between 0 and pi whose cosine is ``x``; NaN beyond 1."""
    large, angle = _arcsine_of_small(absolute(x), short)
    twice = angle + angle
    steep = _HALF_PI - (with_sign(angle, x) - _HALF_PI_LOW)
    return select(large, select(x < 0.0, 2 * _HALF_PI - (twice - 2 * _HALF_PI_LOW), twice), steep)


def _log1p_or_double(size, other, short):
    """log(1 + other), or where ``size`` is huge log(2 * size)."""
    huge = size > _HUGE
    return logarithm_of_one_more(select(huge, size, other), short) + select(huge, size.like(_LN2), 0.0)


@once_rounded
def arcsinh(x, short):
    """The number whose hyperbolic sine is ``x``."""
    size = absolute(x)
    squared = size * size
    return with_sign(_log1p_or_double(size, size + squared / ((squared + 1.0).intrinsic("sqrt") + 1.0), short), x)


@once_rounded
def arccosh(x, short):
    """The number, 0 or greater, whose hyperbolic cosine is ``x``; NaN below 1."""
    above = x - 1.0
    result = _log1p_or_double(x, above + fma(above, above, above + above).intrinsic("sqrt"), short)
    return select(x < 1.0, float("nan"), result)


@once_rounded
def arctanh(x, short):
    """The number whose hyperbolic tangent is ``x``; NaN beyond 1."""
    size = absolute(x)
    return with_sign(logarithm_of_one_more(size / (1.0 - size) * 2.0, short) * 0.5, x)


# ---- the error function

def _small_erf(size, short):
    return fma(size, polynomial(size * size, _ERF_SHORT if short else _ERF), size)


def _large_erfc(size, short):
    """erfc of ``size``, 1 / 2 or greater."""
    size = clamped(size, 0.0, 28.0)
    place = (size - 3.0) / (size + 3.0)
    squared = size * size
    lost = fma(size, size, -squared)
    shrunk = exp(-squared, SHORT) if short else exp(-squared, FULL, low=-lost)
    factor = fma(place, polynomial(place, _ERFC_SHORT if short else _ERFC), _ERFC_FIRST)
    return shrunk * (factor / fma(size, 2.0, 1.0))


@once_rounded
def erf(x, short):
    """The error function of ``x``."""
    size = absolute(x)
    return with_sign(select(size < 0.5, _small_erf(size, short), 1.0 - _large_erfc(size, short)), x)


@once_rounded
def erfc(x, short):
    """``1 - erf(x)``, precise for large ``x``."""
    size = absolute(x)
    large = _large_erfc(size, short)
    large = select(x < 0.0, 2.0 - large, large)
    return select(size < 0.5, 1.0 - with_sign(_small_erf(size, short), x), large)
