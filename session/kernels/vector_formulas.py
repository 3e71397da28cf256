"""Which formula writes which word: those of ``scalar`` expressions, and some more that kernels compute.

A formula takes `Value`s of one type and gives a `Value`; so it serves Numba as well as a loop that is written in LLVM itself.
"""

from graphcore.session.kernels import vector_angles as angles
from graphcore.session.kernels import vector_arithmetic as arithmetic
from graphcore.session.kernels import vector_exponentials as exponentials
from graphcore.session.kernels import vector_inverses as inverses
from graphcore.session.kernels import vector_logarithms as logarithms
from graphcore.session.kernels.vector_exponentials import once, own_form

# The words of core.expr.VOCABULARY.
VOCABULARY = {
    "abs": arithmetic.magnitude, "arccos": inverses.arccos, "arccosh": inverses.arccosh, "arcsin": inverses.arcsin,
    "arcsinh": inverses.arcsinh, "arctan": inverses.arctan, "arctan2": inverses.arctan2, "arctanh": inverses.arctanh,
    "ceil": arithmetic.ceil, "conj": arithmetic.same, "cos": angles.cos, "cosh": own_form(exponentials.cosh),
    "equal": arithmetic.equal, "exp": own_form(exponentials.exp), "expm1": own_form(exponentials.expm1),
    "floor": arithmetic.floor, "fmod": arithmetic.fmod, "isfinite": arithmetic.isfinite, "isinf": arithmetic.isinf,
    "isnan": arithmetic.isnan, "log": logarithms.log, "log1p": logarithms.log1p, "logical_and": arithmetic.logical_and,
    "logical_not": arithmetic.logical_not, "logical_or": arithmetic.logical_or, "maximum": arithmetic.maximum,
    "minimum": arithmetic.minimum, "negative": arithmetic.negative, "not_equal": arithmetic.not_equal, "power": logarithms.power,
    "reciprocal": arithmetic.reciprocal, "rint": arithmetic.rint, "sign": arithmetic.sign, "sin": angles.sin,
    "sinh": own_form(exponentials.sinh), "sqrt": arithmetic.sqrt, "square": arithmetic.square, "tan": angles.tan,
    "tanh": own_form(exponentials.tanh), "where": arithmetic.where,
}

# Of kernels that have no ``scalar``; the operators // and %; and float32 functions by way of double, rounded once.
OTHERS = {
    "erf": inverses.erf, "erfc": inverses.erfc, "exp_once": once(exponentials.exp), "expm1_once": once(exponentials.expm1),
    "floor_divide": arithmetic.floor_divide, "remainder": arithmetic.remainder, "rsqrt": arithmetic.rsqrt,
    "sigmoid": own_form(exponentials.sigmoid), "sigmoid_once": once(exponentials.sigmoid), "softplus": logarithms.softplus,
    "tanh_once": once(exponentials.tanh),
}
# One step of a reduction: of the result so far, and of what comes next.
STEPS = {
    "added": arithmetic.added, "largest": arithmetic.largest, "multiplied": arithmetic.multiplied, "smallest": arithmetic.smallest,
    "largest_number": arithmetic.largest_number, "smallest_number": arithmetic.smallest_number,
}
FORMULAS = VOCABULARY | OTHERS | STEPS

# Exact remainders take a loop of their own for each element: these call the C library.
NOT_VECTORISED = frozenset({"floor_divide", "fmod", "remainder"})

OF_TWO = frozenset({"arctan2", "equal", "floor_divide", "fmod", "logical_and", "logical_or", "maximum", "minimum", "not_equal",
                    "power", "remainder"}) | STEPS.keys()
# What they take besides float32 and float64, or instead of them.
OF_INTEGERS = frozenset({"abs", "conj", "equal", "maximum", "minimum", "negative", "not_equal", "sign", "square", "where", "added",
                         "largest", "multiplied", "smallest"})
OF_TRUTH_VALUES = frozenset({"logical_and", "logical_not", "logical_or"})
GIVING_TRUTH_VALUES = frozenset({"equal", "isfinite", "isinf", "isnan", "not_equal"}) | OF_TRUTH_VALUES
