"""The functions of generated loops: how exact they are, what they give at the edges, and that loops around them vectorise."""

import platform
import re

import numpy as np
import pytest
import scipy.special

from graphcore.core import expr

numba = pytest.importorskip("numba", reason="Numba is not installed: no loops are generated")

from graphcore.session.kernels import vector_math  # noqa: E402
from graphcore.session.kernels.vector_formulas import GIVING_TRUTH_VALUES  # noqa: E402

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
# At most that many units in the last place beside the exact value: float32, float64. (Of float64, "_once" is the same function.)
BOUNDS = {
    "arccos": (0.51, 2.0), "arccosh": (0.51, 3.0), "arcsin": (0.51, 2.5), "arcsinh": (0.51, 2.5), "arctan": (0.51, 2.0),
    "arctanh": (0.51, 2.5), "cos": (0.51, 1.0), "cosh": (2.0, 2.0), "erf": (0.51, 2.0), "erfc": (0.51, 3.5),
    "exp": (1.25, 1.1), "exp_once": (0.51, None), "expm1": (1.75, 1.75), "expm1_once": (0.51, None), "log": (0.51, 1.0),
    "log1p": (0.51, 1.0), "sigmoid": (2.5, 2.5), "sigmoid_once": (0.51, None), "sin": (0.51, 1.0), "sinh": (2.5, 2.5),
    "softplus": (0.51, 2.0), "tan": (0.51, 2.5), "tanh": (2.5, 2.75), "tanh_once": (0.51, None),
}
BOUNDS_OF_TWO = {"arctan2": (0.51, 2.0), "power": (0.51, 1.25)}
EXACT = ("abs", "ceil", "conj", "floor", "isfinite", "isinf", "isnan", "negative", "reciprocal", "rint", "rsqrt", "sign",
         "sqrt", "square")
EXACT_OF_TWO = ("equal", "floor_divide", "fmod", "maximum", "minimum", "not_equal", "remainder")
REDUCING = ("added", "largest", "multiplied", "smallest")
PASSING_OVER_NAN = ("largest_number", "smallest_number")
LOGICAL = ("logical_and", "logical_not", "logical_or")
# Where the interesting values are; bit patterns of all sizes are tried as well.
RANGES = {"arccosh": (1, 8), "erf": (-6, 6), "erfc": (-7, 30), "log": (0, 4), "log1p": (-1, 4), "tanh": (-25, 25)}
BOUNDED = {"arccos", "arcsin", "arctanh"}
# Their references are doubles themselves, off by up to this.
LOOSE = {"erf": 1.0, "erfc": 3.0}


def erfc(x):
    """erfc of long doubles, where SciPy's loses digits with exp(-x * x)."""
    high = x.astype(np.float32).astype(x.dtype)
    scaled = scipy.special.erfcx(np.maximum(x, 0.5).astype(np.float64))
    precise = scaled * np.exp(-high * high) * np.exp(-(x - high) * (x + high))
    return np.where((x > 0.5) & (x < 110), precise, scipy.special.erfc(x.astype(np.float64)))


REFERENCES = {
    "exp_once": np.exp, "expm1_once": np.expm1, "tanh_once": np.tanh,
    "erf": lambda x: scipy.special.erf(x.astype(np.float64)), "erfc": erfc, "rsqrt": lambda x: 1 / np.sqrt(x),
    # Precise at both ends, as exp(-x) may be infinite and 1 + exp(x) just 1.
    "sigmoid": lambda x: np.where(x < 0, np.exp(np.minimum(x, 0)), 1) / (1 + np.exp(-np.abs(x))),
    "softplus": lambda x: np.where(x < 0, x.dtype.type(0), x) + np.log1p(np.exp(-np.abs(x))),
}
REFERENCES["sigmoid_once"] = REFERENCES["sigmoid"]


def reference(word):
    """NumPy's or SciPy's function of that name."""
    return REFERENCES.get(word) or getattr(np, word)


def specials(dtype):
    """The values that go wrong first."""
    facts = np.finfo(dtype)
    one, two = dtype.type(1), dtype.type(2)
    sizes = [0.0, facts.smallest_subnormal, facts.smallest_subnormal * 3, np.nextafter(facts.tiny, one * 0), facts.tiny, 1e-20,
             facts.eps / 4, facts.eps, 0.25, 0.5, np.nextafter(one, one * 0), 1.0, np.nextafter(one, two), 1.5, 2.0, 2.5, 3.0, 20.0, 88.0,
             88.75, 89.2, 104.0, 709.5, 710.4, 745.2, 1e5, 1e10, 1e20, facts.max / 2, facts.max, np.inf]
    sizes = np.array(sizes, dtype)
    return np.concatenate([sizes, -sizes, np.array([np.nan, -np.nan], dtype)])


def patterns(dtype, count=50_000):
    """Evenly spaced bit patterns of ``dtype``: numbers of all sizes and both signs, some NaN."""
    unsigned = np.uint32 if dtype == SINGLE else np.uint64
    step = (2 ** (8 * dtype.itemsize)) // count
    return (np.arange(count, dtype=unsigned) * unsigned(step) + unsigned(step // 3)).view(dtype)


def samples(word, dtype):
    """What to compute ``word`` of."""
    low, high = RANGES.get(word, (-20, 20))
    largest = 110 if dtype == SINGLE else 750
    parts = [np.linspace(low, high, 40_013), np.linspace(-largest, largest, 10_007), 1 + np.linspace(-0.01, 0.01, 10_007)]
    if word in BOUNDED:
        parts = [np.linspace(-1, 1, 20_011)]
    return np.concatenate([specials(dtype), patterns(dtype), *(part.astype(dtype) for part in parts)])


def kernel(words, operands):
    """A function of arrays and a matrix ``out``, whose rows one loop fills with ``words`` of the arrays."""
    names = ["x", "y"][:operands]
    source = [f"def loop({', '.join(names)}, out):"]
    source += [f"    row{k} = out[{k}]" for k in range(len(words))]
    source += ["    for i in range(x.size):"]
    source += [f"        row{k}[i] = f{k}({', '.join(name + '[i]' for name in names)})" for k in range(len(words))]
    scope = {f"f{k}": vector_math.FUNCTIONS[word] for k, word in enumerate(words)}
    exec("\n".join(source), scope)
    return numba.njit(scope["loop"], error_model="numpy")


GROUPS = [
    (("exp", "expm1", "sigmoid", "tanh", "cosh", "sinh"), 1), (("exp_once", "expm1_once", "sigmoid_once", "tanh_once"), 1),
    (("log", "log1p", "softplus"), 1), (("sin", "cos", "tan"), 1), (("arctan", "arcsin", "arccos"), 1),
    (("arcsinh", "arccosh", "arctanh"), 1), (("erf", "erfc"), 1), (("power", "arctan2"), 2),
    (("abs", "ceil", "conj", "floor", "negative", "reciprocal"), 1), (("rint", "rsqrt", "sign", "sqrt", "square"), 1),
    (("isfinite", "isinf", "isnan"), 1), (("equal", "not_equal"), 2), (("maximum", "minimum"), 2),
    (("floor_divide", "fmod", "remainder"), 2),
]
KERNELS = {}


def compiled(word):
    """``(kernel, words)``: the kernel that computes ``word``, and all that it computes."""
    words, operands = next(group for group in GROUPS if word in group[0])
    if words not in KERNELS:
        KERNELS[words] = kernel(words, operands)
    return KERNELS[words], words


def results(word, *arrays):
    """What the vectorised loop makes of the arrays."""
    loops, words = compiled(word)
    out = np.empty((len(words), arrays[0].size), bool if word in GIVING_TRUTH_VALUES else arrays[0].dtype)
    loops(*arrays, out)
    return out[words.index(word)]


def finer(dtype):
    return np.float64 if dtype == SINGLE else np.longdouble


def ulps(result, exact):
    """How far ``result`` is from the finer ``exact``, in units of the last place of ``exact``."""
    dtype = result.dtype
    with np.errstate(all="ignore"):
        rounded = exact.astype(dtype)
        exponent = np.frexp(np.abs(exact))[1] - 1
        facts = np.finfo(dtype)
        unit = np.ldexp(exact.dtype.type(1), np.maximum(exponent, facts.minexp) - facts.nmant)
        distance = np.abs(result.astype(exact.dtype) - exact) / unit
        same = (np.isnan(result) & np.isnan(exact)) | ((result == rounded) & ~np.isfinite(rounded))
    return np.where(same, 0, np.where(np.isfinite(result) & np.isfinite(exact), distance, np.inf))


def check(word, bound, result, exact, arguments):
    """At most ``bound`` units in the last place, and the right sign of zeros."""
    distance = ulps(result, exact)
    # A result just beside the largest number may be infinite.
    edge = np.isinf(result) & (np.abs(exact) >= np.finfo(result.dtype).max)
    distance = np.where(edge, 0, distance)
    worst = int(np.argmax(distance))
    shown = [float(x[worst]) for x in arguments]
    assert distance[worst] <= bound, f"{word}{tuple(shown)} is {result[worst]!r}, not {exact[worst]!r}: {distance[worst]} ulp"
    zero = (exact == 0) & (result == 0)
    assert np.array_equal(np.signbit(result[zero]), np.signbit(exact[zero])), f"{word}: sign of zero"


def bound_of(bounds, word, dtype):
    single, double = bounds[word]
    if dtype == SINGLE:
        return single
    # The reference is no finer than the result where long double is double.
    return double + LOOSE.get(word, 0.0) + (2.0 if np.finfo(np.longdouble).nmant < 63 else 0.0)


@pytest.mark.parametrize(("word", "dtype"), [(word, dtype) for word in BOUNDS for dtype in (SINGLE, DOUBLE)
                                              if dtype == SINGLE or BOUNDS[word][1]], ids=str)
@np.errstate(all="ignore")
def test_close_to_the_exact_value(word, dtype):
    x = samples(word, dtype)
    check(word, bound_of(BOUNDS, word, dtype), results(word, x), reference(word)(x.astype(finer(dtype))), [x])


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize("word", BOUNDS_OF_TWO)
@np.errstate(all="ignore")
def test_close_to_the_exact_value_of_two(word, dtype):
    special = specials(dtype)
    size = np.abs(patterns(dtype, 30_000))
    near = np.linspace(0.5, 2, 20_011).astype(dtype)
    # Exponents that make powers of every size.
    exponents = np.resize(np.linspace(-1, 1, 7_919), size.size) * (100 if dtype == SINGLE else 700)
    with np.errstate(all="ignore"):
        exponents = (exponents / np.log(size.astype(np.float64))).astype(dtype)
    x = np.concatenate([np.repeat(special, special.size), size, near, -near])
    y = np.concatenate([np.tile(special, special.size), exponents, 40 * near[::-1], np.rint(20 * near[::-1])])
    kind = finer(dtype)
    check(word, bound_of(BOUNDS_OF_TWO, word, dtype), results(word, x, y), reference(word)(x.astype(kind), y.astype(kind)), [x, y])


def assert_same_bits(result, expected):
    """Every bit, except that a NaN is like another."""
    assert result.dtype == expected.dtype
    nan = np.isnan(expected) if expected.dtype.kind == "f" else np.zeros(expected.shape, bool)
    assert np.array_equal(np.isnan(result) if nan.any() else nan, nan)
    assert result[~nan].tobytes() == expected[~nan].tobytes()


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize("word", EXACT)
@np.errstate(all="ignore")
def test_exact(word, dtype):
    x = samples(word, dtype)
    assert_same_bits(results(word, x), reference(word)(x))


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize("word", EXACT_OF_TWO)
@np.errstate(all="ignore")
def test_exact_of_two(word, dtype):
    special, plain = specials(dtype), np.linspace(-9, 9, 2_001).astype(dtype)
    x = np.concatenate([np.repeat(special, special.size), plain, plain])
    y = np.concatenate([np.tile(special, special.size), plain[::-1] / 3, np.roll(plain, 7)])
    assert_same_bits(results(word, x, y), reference(word)(x, y))


@pytest.fixture(scope="module")
def reductions():
    """The four reductions of an array, from 0 or 1 on."""
    added, largest, multiplied, smallest = (vector_math.FUNCTIONS[word] for word in REDUCING)

    @numba.njit(error_model="numpy")
    def reduced(x, out):
        total, most, product, least = x[0], x[0], x[0], x[0]
        for i in range(1, x.size):
            total = added(total, x[i])
        for i in range(1, x.size):
            most = largest(most, x[i])
        for i in range(1, x.size):
            product = multiplied(product, x[i])
        for i in range(1, x.size):
            least = smallest(least, x[i])
        out[0] = total
        out[1] = most
        out[2] = product
        out[3] = least

    return reduced


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize(("word", "start", "expected"), [("largest_number", -np.inf, 500.0), ("smallest_number", np.inf, -500.0)])
def test_extremes_pass_over_nan(word, start, expected, dtype):
    step = vector_math.FUNCTIONS[word]

    @numba.njit(error_model="numpy")
    def reduced(x, found):
        for i in range(x.size):
            found = step(found, x[i])
        return found

    x = np.arange(-500, 501).astype(dtype)
    x[1:-1:2] = np.nan
    assert reduced(x, dtype.type(start)) == expected
    assert reduced(np.full(9, np.nan, dtype), dtype.type(start)) == start
    assert_vectorised(reduced, 1)


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE, np.dtype(np.int32)], ids=str)
def test_reductions(reductions, dtype):
    x, out = (1 + np.arange(1_001) % 3 * (np.arange(1_001) < 9)).astype(dtype), np.empty(4, dtype)
    reductions(x, out)
    assert out.tolist() == [x.sum(), 3, 6 ** 3, 1]
    if dtype.kind == "f":
        x[500] = np.nan
        reductions(x, out)
        assert np.isnan(out).all()


def test_integers_and_truth_values():
    functions = vector_math.FUNCTIONS
    where, both, either, no = (functions[word] for word in ("where", "logical_and", "logical_or", "logical_not"))
    largest, size, square, sign = (functions[word] for word in ("maximum", "abs", "square", "sign"))

    @numba.njit
    def loop(x, y, out):
        for i in range(x.size):
            chosen = where(no(either(x[i] < 0, y[i] < 0)), largest(x[i], y[i]), size(x[i]))
            out[i] = where(both(x[i] > 2, y[i] > 2), square(y[i]), chosen) + sign(x[i])

    x, y = np.array([1, -5, 3, 0], np.int32), np.array([2, 7, 4, -1], np.int32)
    out = np.empty_like(x)
    loop(x, y, out)
    assert out.tolist() == [3, 4, 17, 0]


def test_mixed_types_are_refused():
    maximum = vector_math.VOCABULARY["maximum"]

    @numba.njit
    def named(x):
        return maximum(x, 0)

    with pytest.raises(numba.TypingError, match="maximum: operands of one type are wanted, got float32"):
        named(np.float32(1))


def test_every_word_has_its_function():
    assert set(vector_math.VOCABULARY) == set(expr.VOCABULARY)
    tested = {*BOUNDS, *BOUNDS_OF_TWO, *EXACT, *EXACT_OF_TWO, *LOGICAL, *REDUCING, *PASSING_OVER_NAN, "where"}
    assert tested == set(vector_math.FUNCTIONS)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 assembly")
@pytest.mark.skipif(not vector_math.machine_vectorises(), reason="this machine has no fused multiply-add")
@pytest.mark.parametrize(("words", "operands"), [group for group in GROUPS if vector_math.NOT_VECTORISED.isdisjoint(group[0])],
                         ids=lambda value: value[0] if isinstance(value, tuple) else None)
def test_loops_become_vector_instructions(words, operands):
    for dtype in (SINGLE, DOUBLE) if BOUNDS.get(words[0], "exact")[1] else (SINGLE,):
        results(words[0], *[np.ones(8, dtype)] * operands)
    assert_vectorised(compiled(words[0])[0], 1)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 assembly")
def test_reductions_become_vector_instructions(reductions):
    reductions(np.ones(8, SINGLE), np.ones(4, SINGLE))
    assert_vectorised(reductions, len(REDUCING))


def assert_vectorised(compiled_loops, count):
    """That many vector loops, none of which calls anything, in each compiled version."""
    for assembly in compiled_loops.inspect_asm().values():
        blocks = vector_loops(assembly)
        assert len(blocks) >= count
        assert not [line for block in blocks for line in block.splitlines() if re.match(r"\s*call", line)]


def vector_loops(assembly):
    """The blocks that jump back to their own start and work on vectors: in wide registers, or by SSE's packed instructions."""
    blocks = re.split(r"\n(?=\.?L\w*:)", assembly)
    loops = [block for block in blocks if re.search(r"\sj\w+\s+" + re.escape(block.split(":")[0]) + r"\b", block)]
    return [block for block in loops if re.search(r"%[yz]mm|\s(add|mul|and|cmp|div|cvt)\w*p[sd]\s", block)]
