"""The words of ``scalar`` expressions as functions that generated Numba loops call: float32 in, float32 out, float64 likewise.

Loops around them become vector instructions: `vector_values` says how. All operands of a call have one type; so
whoever writes the call gives literals theirs. Import this module only where Numba is wanted anyway.

Never compile such loops with ``fastmath``: it would apply to what is inside these functions, which count on every
rounding. A reduction that may be reordered says so itself, with ``added`` and its like.

How exact they are, in units in the last place: 0.5 (float32 by way of double) to 3.5 (erfc of float64); the arithmetic
ones, and remainders, are NumPy's bit for bit.
"""

import llvmlite.binding
from numba.core import config, types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from graphcore.session.kernels import vector_formulas as formulas
from graphcore.session.kernels.vector_formulas import NOT_VECTORISED
from graphcore.session.kernels.vector_values import Value

_FLOATS = frozenset({types.float32, types.float64})
_INTEGERS = frozenset({types.int8, types.int16, types.int32, types.int64})
_TRUTH = frozenset({types.boolean})


def _type_of(word, operands, allowed):
    """The one type of the operands."""
    if len(set(operands)) > 1:
        raise TypingError(f"{word}: operands of one type are wanted, got {', '.join(map(str, operands))}")
    if operands[0] not in allowed:
        raise TypingError(f"{word}: not for {operands[0]}, only for {', '.join(sorted(map(str, allowed)))}")
    return operands[0]


def _writer(formula):
    """What Numba calls to have the formula written."""

    def write(context, builder, signature, arguments):
        return formula(*(Value(builder, argument) for argument in arguments)).llvm

    return write


def _function(word, formula):
    """The Numba function that computes ``word``."""
    allowed = _TRUTH if word in formulas.OF_TRUTH_VALUES else _FLOATS
    allowed = allowed | _INTEGERS if word in formulas.OF_INTEGERS else allowed
    result = types.boolean if word in formulas.GIVING_TRUTH_VALUES else None

    def of_one(typingctx, x):
        kind = _type_of(word, [x], allowed)
        return (result or kind)(kind), _writer(formula)

    def of_two(typingctx, x, y):
        kind = _type_of(word, [x, y], allowed)
        return (result or kind)(kind, kind), _writer(formula)

    return _named(of_two if word in formulas.OF_TWO else of_one, word)


def _named(function, word):
    function.__name__ = function.__qualname__ = word
    return intrinsic(function)


def _where(typingctx, condition, x, y):
    _type_of("where", [condition], _TRUTH)
    kind = _type_of("where", [x, y], _FLOATS | _INTEGERS | _TRUTH)
    return kind(condition, kind, kind), _writer(formulas.FORMULAS["where"])


def machine_vectorises():
    """Whether what Numba compiles for has fused multiply-adds; without them, each is a call of the C library."""
    if not llvmlite.binding.get_process_triple().startswith(("x86_64", "i386", "i686")):
        return True
    features = config.CPU_FEATURES
    return "+fma," in f"{llvmlite.binding.get_host_cpu_features().flatten() if features is None else features},"


FUNCTIONS = {word: _function(word, formula) for word, formula in formulas.FORMULAS.items() if word != "where"}
FUNCTIONS["where"] = _named(_where, "where")
VOCABULARY = {word: FUNCTIONS[word] for word in formulas.VOCABULARY}

__all__ = ["FUNCTIONS", "NOT_VECTORISED", "VOCABULARY", "machine_vectorises"]
