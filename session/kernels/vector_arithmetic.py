"""Exact operations on `Value`s, each bit for bit what NumPy's ufunc of that name gives."""

import math

from llvmlite import ir

from graphcore.session.kernels.vector_values import Value, absolute, select, with_sign


def same(x):
    """``x``: the conjugate of a real number."""
    return x


def magnitude(x):
    """The absolute value of ``x``."""
    return select(x < 0, -x, x) if x.is_integer else absolute(x)


def negative(x):
    return -x


def square(x):
    return x * x


def reciprocal(x):
    return 1.0 / x


def sqrt(x):
    return x.intrinsic("sqrt")


def rsqrt(x):
    """``1 / sqrt(x)``, rounded twice as NumPy does it."""
    return 1.0 / sqrt(x)


def floor(x):
    return x.intrinsic("floor")


def ceil(x):
    return x.intrinsic("ceil")


def rint(x):
    """The nearest integer; halves go to the even one."""
    return x.intrinsic("rint")


def sign(x):
    """-1, 0 or 1; NaN stays NaN, and -0.0 becomes 0.0."""
    one, zero = x.like(1), x.like(0)
    result = select(x > 0, one, select(x < 0, x.like(-1), zero))
    return result if x.is_integer else select(x.is_nan(), x, result)


def maximum(x, y):
    """The larger one; NaN if one of them is, the second one of two zeros."""
    larger = x > y
    return select(larger if x.is_integer else larger | x.is_nan(), x, y)


def minimum(x, y):
    """The smaller one; NaN if one of them is, the second one of two zeros."""
    smaller = x < y
    return select(smaller if x.is_integer else smaller | x.is_nan(), x, y)


def where(condition, x, y):
    return select(condition, x, y)


def equal(x, y):
    return x.equals(y)


def not_equal(x, y):
    return ~x.equals(y)


def isnan(x):
    return x.is_nan()


def isinf(x):
    return absolute(x).equals(float("inf"))


def isfinite(x):
    return absolute(x) < float("inf")


def logical_and(x, y):
    return x & y


def logical_or(x, y):
    return x | y


def logical_not(x):
    return ~x


def fmod(x, y):
    """The remainder of the quotient rounded toward zero; it has the sign of ``x``."""
    return Value(x.builder, x.builder.frem(x.llvm, y.llvm))


def remainder(x, y):
    """The remainder of the quotient rounded down; it has the sign of ``y``."""
    rest = fmod(x, y)
    other_side = (rest < 0.0) ^ (y < 0.0)
    return select(rest.equals(0.0), with_sign(rest.like(0.0), y), select(other_side, rest + y, rest))


def floor_divide(x, y):
    """The quotient rounded down, without rounding it first: 1.0 // 0.1 is 9."""
    rest = fmod(x, y)
    off = ~rest.equals(0.0) & ((rest < 0.0) ^ (y < 0.0))
    quotient = (x - rest) / y
    quotient = select(off, quotient - 1.0, quotient)
    below = floor(quotient)
    rounded = select(quotient - below > 0.5, below + 1.0, below)
    plain = x / y
    rounded = select(quotient.equals(0.0), with_sign(rounded.like(0.0), plain), rounded)
    return select(y.equals(0.0), plain, rounded)


# ---- of reductions: any order will do, so that several partial results can be kept side by side

def added(total, x):
    """``total + x``, one step of a sum whose terms may be added in any order."""
    if total.is_integer:
        return total + x
    return Value(total.builder, total.builder.fadd(total.llvm, x.llvm, flags=("reassoc",)))


def multiplied(total, x):
    """``total * x``, one step of a product whose factors may be multiplied in any order."""
    if total.is_integer:
        return total * x
    return Value(total.builder, total.builder.fmul(total.llvm, x.llvm, flags=("reassoc",)))


def largest(total, x):
    """The larger one, NaN if one of them is, 0.0 rather than -0.0: one step of a maximum."""
    return maximum(total, x) if total.is_integer else _extreme("maximum", total, x)


def smallest(total, x):
    """The smaller one, NaN if one of them is, -0.0 rather than 0.0: one step of a minimum."""
    return minimum(total, x) if total.is_integer else _extreme("minimum", total, x)


def largest_number(total, x):
    """The larger one, but for NaN, which is passed over: one step of TF's maximum, which begins with what is lowest."""
    return largest(total, _extreme("maxnum", x, x.like(-math.inf)))


def smallest_number(total, x):
    """The smaller one, but for NaN, which is passed over: one step of TF's minimum, which begins with what is highest."""
    return smallest(total, _extreme("minnum", x, x.like(math.inf)))


def _extreme(name, x, y):
    # Written out, it would not be recognised as a step of a reduction.
    function = x.builder.module.declare_intrinsic(f"llvm.{name}", [x.type], ir.FunctionType(x.type, [x.type, x.type]))
    return Value(x.builder, x.builder.call(function, [x.llvm, y.llvm]))
