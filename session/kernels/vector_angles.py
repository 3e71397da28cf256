"""sin, cos and tan as straight lines of LLVM instructions: see `vector_values`.

An angle of any size is multiplied by 2 / pi to many digits, of which those that make whole turns are left out
beforehand: what they are depends on the exponent alone, so that they come from a table (after Payne and Hanek).
float32 is computed in double and rounded once.
"""

from fractions import Fraction
from functools import cache

from graphcore.session.kernels.vector_values import absolute, fma, looked_up, polynomial, select

_BIAS, _MAGIC = 1023, 1.5 * 2.0 ** 52
_HALF_PI, _HALF_PI_LOW = 1.5707963267948966, 6.123233995736766e-17
_ENOUGH_BITS = 1400
# Keeps the last digits in the range of normal numbers.
_SCALE = 2 ** 128
_ROWS = 971

# sin(pi / 2 * r) = r * polynomial(r * r) and cos(pi / 2 * r) = polynomial(r * r), |r| <= 1 / 2
_SINE_SHORT = (1.5707963267948895, -0.6459640975042382, 0.0796926261534722, -0.004681752565914592, 0.00016042914788504123,
               -3.556198141212095e-06)
_COSINE_SHORT = (0.9999999999999999, -1.2337005501361489, 0.2536695078997522, -0.02086348073304041, 0.0009192599354193236,
                 -2.5200083487381677e-05, 4.654607939426007e-07)
# sin(r) = r + r ** 3 * polynomial(r * r) and cos(r) = 1 - r * r / 2 + r ** 4 * polynomial(r * r), |r| <= pi / 4
_SINE = (-0.16666666666666632, 0.00833333333332241, -0.00019841269829805458, 2.7557313691187107e-06, -2.5050758011603024e-08,
         1.58967901512182e-10)
_COSINE = (0.0416666666666666, -0.0013888888888874131, 2.4801587289484736e-05, -2.7557314352782307e-07, 2.087572330763564e-09,
           -1.135964859352977e-11)


@cache
def _two_over_pi():
    """2 / pi as a fraction that is right to some ``_ENOUGH_BITS`` bits, by Machin's formula."""
    one = 1 << _ENOUGH_BITS + 64

    def inverse_tangent(n):
        term = total = one // n
        for k in range(3, 3 + _ENOUGH_BITS, 2):
            term //= -n * n
            total += term // k
        return total

    return Fraction(one, 2 * (4 * inverse_tangent(5) - inverse_tangent(239)))


@cache
def _turns_left_out():
    """``2 / pi * _SCALE`` in three parts, as three tables.

    Row 0 is for angles so small that all digits matter, each further row for angles twice as large: one more leading
    digit, which makes a multiple of four right angles with the last bit of the angle, and so with all of it, is left out.
    """
    rows = [_in_parts(_two_over_pi() % Fraction(2) ** (1 - row) * _SCALE, (52, 52, 52)) for row in range(_ROWS)]
    return list(zip(*rows))


def _in_parts(x, lengths):
    """Doubles that add up to the fraction ``x``, each of as many bits as ``lengths`` say, or one more."""
    parts = []
    for bits in lengths:
        unit = Fraction(2) ** (abs(x.numerator).bit_length() - x.denominator.bit_length() - bits)
        parts.append(float(round(x / unit) * unit))
        x -= Fraction(parts[-1])
    return parts


def _row(x):
    """Which row of the table is for ``x``."""
    row = (x.bits() >> 52 & 0x7FF) - (_BIAS + 53)
    row = select(row < 0, 0, row)
    return select(row > _ROWS - 1, _ROWS - 1, row)


def _quadrant_of_single(x):
    """``(bits, r)``: the double ``x``, once a float32, is ``pi / 2 * (n + r)``; ``bits`` end in those of ``n``.

    Reading a table takes longer than multiplying by all the digits there are.
    """
    *exact, last = _in_parts(_two_over_pi() / 4, 5 * (28,) + (53,))
    total, lost = _fraction(x * exact[0]), x.like(0.0)
    for part in exact[1:]:
        fraction = _fraction(x * part)
        longer = total + fraction
        lost = lost + (fraction - (longer - total))
        total = longer
    quarters = total * 4.0
    k = quarters + _MAGIC
    return k.bits(), fma(fma(x, last, lost), 4.0, quarters - (k - _MAGIC))


def _fraction(turns):
    return turns - turns.intrinsic("rint")


def _sum(x, y):
    """``x + y`` and what rounding it lost."""
    total = x + y
    back = total - x
    return total, (x - (total - back)) + (y - back)


def _quadrant(x):
    """``(bits, r, low)``: ``x`` is ``pi / 2 * n + r + low``; ``bits`` end in those of ``n``."""
    row = _row(x)
    parts = [looked_up(f"two_over_pi_{k}", table, row) for k, table in enumerate(_turns_left_out())]
    x = x * (1 / _SCALE)
    first, second = x * parts[0], x * parts[1]
    whole = first.intrinsic("rint")
    total, lost = _sum(first - whole, fma(x, parts[0], -first))
    total, lost_too = _sum(total, second)
    whole_too = total.intrinsic("rint")
    rest = lost + lost_too + fma(x, parts[2], fma(x, parts[1], -second))
    turn, low = _sum(total - whole_too, rest)
    n = fma((whole * 0.25).intrinsic("rint"), -4.0, whole) + whole_too + _MAGIC
    angle = turn * _HALF_PI
    return n.bits(), angle, fma(turn, _HALF_PI, -angle) + fma(turn, _HALF_PI_LOW, low * _HALF_PI)


def _sine_and_cosine(x):
    """``(bits, sine, cosine)`` of what is left of ``x`` beyond a multiple of pi / 2, which ``bits`` end in."""
    if x.is_single:
        bits, r = _quadrant_of_single(x.widened())
        z = r * r
        return bits, r * polynomial(z, _SINE_SHORT), polynomial(z, _COSINE_SHORT)
    bits, r, low = _quadrant(x)
    z = r * r
    half = z * 0.5
    sine = r + fma(r * z, polynomial(z, _SINE), low * (1.0 - half))
    most = 1.0 - half
    cosine = most + ((1.0 - most - half) + fma(z * z, polynomial(z, _COSINE), -(r * low)))
    return bits, sine, cosine


def _turned(x, quadrants):
    """The sine of ``x`` and that many right angles."""
    bits, sine, cosine = _sine_and_cosine(x)
    bits = bits + quadrants
    result = select((bits & 1).equals(0), sine, cosine)
    result = (result.bits() ^ (bits & 2) << 62).as_float()
    return result.narrowed() if x.is_single else result


def sin(x):
    """The sine of ``x``."""
    return select(absolute(x) < 2.0 ** -28, x, _turned(x, 0))


def cos(x):
    """The cosine of ``x``."""
    return _turned(x, 1)


def tan(x):
    """The tangent of ``x``."""
    bits, sine, cosine = _sine_and_cosine(x)
    even = (bits & 1).equals(0)
    result = select(even, sine, -cosine) / select(even, cosine, sine)
    return select(absolute(x) < 2.0 ** -28, x, result.narrowed() if x.is_single else result)
