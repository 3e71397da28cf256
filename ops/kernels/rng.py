"""The random numbers of TensorFlow 1.15 on a CPU, bit for bit, in vectorised NumPy.

Each op owns a `PhiloxState`, a counter-based generator: a million blocks of four random words are one array expression.
A kernel first reserves its part of the counter axis (TF's amounts, mostly far more than is used) and then reads
blocks from it:

- uniform, integer and normal values take blocks in a row, 256 blocks per value reserved;
- values made by rejection (truncated normal, gamma, Poisson) get 256 blocks each to try in (a truncated normal 64),
  so that no value depends on how many attempts another one needed;
- shuffle and multinomial take single words in a row.

Normals: G. E. P. Box and M. E. Muller (1958), with the logarithm, sine and cosine of `rng_float32`.
Gamma: G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables" (2000).
Poisson: D. E. Knuth's products of uniforms below rate 10, else W. Hoermann, "The transformed
rejection method for generating Poisson random variables" (1993).
"""
import math

import numpy as np

from graphcore.core.compiled import compiled_in
from graphcore.ops.kernels.philox import COMPILED, LOW32, LOW64, PhiloxState, philox, philox_at
from graphcore.ops.kernels.rng_float32 import log_float32, sin_cos_turn_float32

FLOAT32 = [np.dtype(np.float32)]
BLOCKS_PER_VALUE = 256
CHUNK = 16384                     # blocks worked on at a time: few calls, and arrays that stay in the caches
SMALLEST_UNIFORM = 1.0e-7         # what TF lifts a uniform to before it takes the logarithm


# ------------------------------------------------------------ from words to values

def _uniform_float32(words):
    """Return words as float32 in [0, 1): 23 random bits below the leading one of a number in [1, 2), minus 1."""
    bits = words & np.uint32(0x7FFFFF)
    bits |= np.uint32(0x3F800000)
    values = bits.view(np.float32)
    values -= np.float32(1)
    return values


def _uniform_float64(words):
    """Return pairs of words, ``(n, 2k)`` → ``(n, k)``, as float64 in [0, 1) with 52 random bits."""
    upper = (words[:, 0::2] & np.uint32(0xFFFFF)).astype(np.uint64)
    return ((upper << np.uint64(32)) | words[:, 1::2]) * 2.0 ** -52


def _uniform_16_bits(words, dtype):
    # A 16-bit float takes as many random bits as its mantissa has: 10, bfloat16 7. All exact in float32.
    bits = 10 if dtype == np.float16 else 7
    return ((words & np.uint32((1 << bits) - 1)) * np.float32(2.0 ** -bits)).astype(dtype)


def _normal_float32(words):
    """Return ``(n, 4)`` words as ``(n, 4)`` float32 normals: two Box-Muller pairs a block, sine before cosine."""
    words = words.reshape(-1, 2)
    uniform = np.maximum(_uniform_float32(words[:, 0]), np.float32(SMALLEST_UNIFORM))
    radius = np.sqrt(np.float32(-2) * log_float32(uniform))
    sine, cosine = sin_cos_turn_float32(words[:, 1] & np.uint32(0x7FFFFF))
    normals = np.empty(words.shape, np.float32)
    np.multiply(sine, radius, out=normals[:, 0])
    np.multiply(cosine, radius, out=normals[:, 1])
    return normals.reshape(-1, 4)


def _normal_float64(words):
    """Return ``(n, 4)`` words as ``(n, 2)`` float64 normals: one Box-Muller pair a block."""
    uniforms = _uniform_float64(words)
    radius = np.sqrt(-2.0 * _libm(math.log, np.maximum(uniforms[:, 0], SMALLEST_UNIFORM)))
    angle = 2.0 * math.pi * uniforms[:, 1]
    return np.stack([np.sin(angle) * radius, np.cos(angle) * radius], axis=1)


def _libm(function, *arrays):
    # NumPy's own float64 log and power differ from the C library's, which TF calls, in the last bit of some values.
    return np.fromiter(map(function, *(a.tolist() for a in arrays)), np.float64, len(arrays[0]))


# ------------------------------------------------------------ a fixed number of words per value

def random_uniform(state: PhiloxState, shape, dtype):
    """Return `shape` uniform values in [0, 1) of `dtype`: float16, bfloat16, float32 or float64."""
    dtype = _float_type("RandomUniform", dtype)
    if dtype == np.float64:
        return _fill(state, shape, dtype, 2, _uniform_float64)
    if dtype == np.float32:
        return _filled(fill_uniform, state, shape)
    return _fill(state, shape, dtype, 4, lambda words: _uniform_16_bits(words, dtype))


def random_uniform_int(state: PhiloxState, shape, minval, maxval):
    """Return `shape` integers in [`minval`, `maxval`), of the type (int32 or int64) that `minval` has."""
    low, high = np.asarray(minval), np.asarray(maxval)
    if low.dtype not in (np.int32, np.int64):
        raise TypeError(f"RandomUniformInt: minval must be int32 or int64, not {low.dtype}")
    if low.ndim or high.ndim:
        name, bound = ("minval", low) if low.ndim else ("maxval", high)
        raise ValueError(f"{name} must be 0-D, got shape {list(bound.shape)}")
    if _size(shape) and low >= high:
        raise ValueError(f"Need minval < maxval, got {low} >= {high}")
    wide = low.dtype == np.int64
    unsigned = np.uint64 if wide else np.uint32
    span = unsigned((int(high) - int(low)) & (LOW64 if wide else LOW32))

    def integers(words):
        bits = words[:, 0::2] | (words[:, 1::2].astype(np.uint64) << np.uint64(32)) if wide else words
        return (bits % span + low.astype(unsigned)).view(low.dtype)      # wraps around as two's complement does
    return _fill(state, shape, low.dtype, 2 if wide else 4, integers)


def random_standard_normal(state: PhiloxState, shape, dtype):
    """Return `shape` values of mean 0 and deviation 1 of `dtype`: float16, bfloat16, float32 or float64."""
    dtype = _float_type("RandomStandardNormal", dtype)
    if dtype == np.float64:
        return _fill(state, shape, dtype, 2, _normal_float64)
    if dtype == np.float32:
        return _filled(fill_normal, state, shape)
    return _fill(state, shape, dtype, 4, _normal_float32)


@compiled_in(COMPILED, FLOAT32)
def fill_uniform(values, key, counter):
    """Fill a vector with uniform values from the blocks from `counter` on."""
    _fill_from(values, key, counter, 4, _uniform_float32)


@compiled_in(COMPILED, FLOAT32)
def fill_normal(values, key, counter):
    """Fill a vector with normal values from the blocks from `counter` on."""
    _fill_from(values, key, counter, 4, _normal_float32)


def _filled(fill, state, shape):
    """Return an array of `shape` and float32 that `fill` has filled."""
    values = np.empty(_size(shape), np.float32)
    fill(values, state.key, state.reserve(values.size * BLOCKS_PER_VALUE))
    return values.reshape(shape)


def _fill(state, shape, dtype, values_per_block, convert):
    """Return an array of `shape` filled in order with ``convert(blocks)``."""
    values = np.empty(_size(shape), dtype)
    _fill_from(values, state.key, state.reserve(values.size * BLOCKS_PER_VALUE), values_per_block, convert)
    return values.reshape(shape)


def _fill_from(values, key, counter, values_per_block, convert):
    for first in range(0, values.size, CHUNK * values_per_block):
        part = values[first:first + CHUNK * values_per_block]
        blocks = philox(key, counter + first // values_per_block, -(-part.size // values_per_block))
        part[:] = convert(blocks).reshape(-1)[:part.size]


def _size(shape):
    return math.prod(int(dimension) for dimension in shape)


def _float_type(op, dtype):
    dtype = np.dtype(dtype)
    if dtype.name not in ("float16", "bfloat16", "float32", "float64"):
        raise TypeError(f"{op}: dtype must be float16, bfloat16, float32 or float64, not {dtype}")
    return dtype


# ------------------------------------------------------------ truncated normal

def truncated_normal(state: PhiloxState, shape, dtype):
    """Return `shape` standard normal values, redrawn until they lie within (-2, 2)."""
    dtype = _float_type("TruncatedNormal", dtype)
    if dtype == np.float32:
        return _filled(fill_truncated_normal, state, shape)
    values = np.empty(_size(shape), dtype)
    width, normals = (2, _normal_float64) if dtype == np.float64 else (4, _normal_float32)
    _fill_truncated(values, state.key, state.reserve(values.size * BLOCKS_PER_VALUE), width, normals)
    return values.reshape(shape)


@compiled_in(COMPILED, FLOAT32)
def fill_truncated_normal(values, key, counter):
    """Fill a vector with normal values in (-2, 2) from the regions of blocks from `counter` on."""
    _fill_truncated(values, key, counter, 4, _normal_float32)


def _fill_truncated(values, key, counter, width, normals):
    for first in range(0, -(-values.size // width), CHUNK):
        part = values[first * width:(first + CHUNK) * width]
        # TF draws `width` values at a time from a region of their own, long enough for `width` / 4 * 256 attempts.
        starts = np.arange(first, first - (-part.size // width), dtype=np.uint64) * np.uint64(width * BLOCKS_PER_VALUE // 4)
        part[:] = _truncated_groups(key, counter, starts, normals).reshape(-1)[:part.size]


def _truncated_groups(key, counter, starts, normals):
    """Return per start the first values in (-2, 2) of its stream: as many as one block gives."""
    groups = normals(philox_at(key, counter, starts))
    drawn, good = groups, np.abs(groups) < 2
    width, attempt = groups.shape[1], 0
    # A row of booleans seen as one integer: all true is much quicker to ask than by `all(axis=1)`.
    pending = np.flatnonzero(good.view(f"u{width}")[:, 0] != int("01" * width, 16))
    drawn, good, filled = drawn[pending], good[pending], np.zeros(len(pending), np.intp)
    while len(pending):
        for column in range(width):
            row = np.flatnonzero(good[:, column] & (filled < width))
            groups[pending[row], filled[row]] = drawn[row, column]
            filled[row] += 1
        short = filled < width
        pending, filled, attempt = pending[short], filled[short], attempt + 1
        drawn = normals(philox_at(key, counter, starts[pending] + np.uint64(attempt)))
        good = np.abs(drawn) < 2
    return groups


# ------------------------------------------------------------ gamma and Poisson: a stream per value

class _Streams:
    """Independent streams, one per value: stream i begins 256 * (first + i) blocks after `counter`."""

    def __init__(self, key, counter, first, count):
        self.key, self.counter = key, counter
        self.next_block = np.arange(first, first + count, dtype=np.uint64) * np.uint64(BLOCKS_PER_VALUE)

    def blocks(self, which):
        """Return the next block of each stream in `which` and move on."""
        blocks = philox_at(self.key, self.counter, self.next_block[which])
        self.next_block[which] += np.uint64(1)
        return blocks


class _Draws:
    """Single float64 values from `streams`: each block is converted to a pair, of which TF uses the second one first."""

    def __init__(self, streams, convert):
        self.streams, self.convert = streams, convert
        self.pairs = np.empty((len(streams.next_block), 2))
        self.left = np.zeros(len(streams.next_block), np.intp)

    def take(self, which):
        """Return the next value of each stream in `which` (indices, each at most once)."""
        empty = which[self.left[which] == 0]
        if len(empty):
            self.pairs[empty] = self.convert(self.streams.blocks(empty))
            self.left[empty] = 2
        self.left[which] -= 1
        return self.pairs[which, self.left[which]]


def _per_parameter(state, shape, parameters, dtype, sample):
    """Return `shape` + ``parameters.shape`` values; ``sample(streams, parameter of each stream)`` makes float64 ones."""
    each, count = _size(shape), parameters.size
    counter = state.reserve(each * count * BLOCKS_PER_VALUE)
    flat = parameters.reshape(-1).astype(np.float64)
    values = np.empty(each * count, dtype)
    # TF numbers the streams parameter by parameter, while the result has the parameters in its last dimensions.
    for first in range(0, len(values), CHUNK):
        part = values[first:first + CHUNK]
        chosen = flat[np.arange(first, first + len(part)) // each]
        part[:] = _narrowed(sample(_Streams(state.key, counter, first, len(part)), chosen), values.dtype)
    return np.ascontiguousarray(values.reshape(count, each).T).reshape(tuple(shape) + parameters.shape)


def _narrowed(values, dtype):
    """Return float64 values as TF converts them: half by way of float32, and numbers below the normal range to 0."""
    if dtype.kind != "f":
        return values
    values = values.astype(np.float32 if dtype == np.float16 else dtype)
    values[np.abs(values) < np.finfo(values.dtype).tiny] = 0
    return values


def random_gamma(state: PhiloxState, shape, alpha, dtype):
    """Return per element of `alpha` samples of `shape` of the gamma distribution with rate 1."""
    alpha = np.asarray(alpha)
    if not (alpha > -2 / 3).all():
        raise ValueError(f"RandomGamma: alpha must be positive, got {alpha[~(alpha > -2 / 3)][0]}: "
                         "no sample would ever be accepted")
    return _per_parameter(state, shape, alpha, dtype, _gamma_values)


def _gamma_values(streams, alpha):
    uniforms, normals = _Draws(streams, _uniform_float64), _Draws(streams, _normal_float64)
    values = np.empty(len(alpha))
    exponential = np.flatnonzero(alpha == 1)
    values[exponential] = -_libm(math.log, 1.0 - uniforms.take(exponential))
    small = alpha < 1
    d = alpha + np.where(small, 2.0 / 3, -1.0 / 3)
    pending = np.flatnonzero(alpha != 1)
    while len(pending):
        accepted, cubes = _gamma_attempt(pending, d[pending], uniforms, normals)
        done = pending[accepted]
        values[done] = d[done] * cubes[accepted]
        boosted = done[small[done]]
        values[boosted] *= _power(uniforms.take(boosted), alpha[boosted])
        pending = pending[~accepted]
    return values


def _power(uniforms, alpha):
    """Return ``uniforms ** (1 / alpha)``."""
    if (alpha > 0).all():
        return _libm(math.pow, uniforms, 1 / alpha)
    # For zero and negative parameters TF gives what IEEE arithmetic gives, where `math.pow` would raise.
    with np.errstate(all="ignore"):
        return np.power(uniforms, 1 / alpha)


def _gamma_attempt(which, d, uniforms, normals):
    """Return which streams accept in this round, and the cubes that are then to be scaled by `d`."""
    x = normals.take(which)
    v = 1 + 1.0 / 3 / np.sqrt(d) * x
    accepted = v > 0
    x, d, v = x[accepted], d[accepted], v[accepted]
    v = v * v * v
    u = uniforms.take(which[accepted])
    with np.errstate(divide="ignore", invalid="ignore"):
        squeezed = u < 1 - 0.0331 * (x * x) * (x * x)
        cubes = np.zeros(len(which))
        cubes[accepted] = v
        accepted[accepted] = squeezed | (np.log(u) < 0.5 * x * x + d * (1 - v + np.log(v)))
    return accepted, cubes


def random_poisson(state: PhiloxState, shape, rate, dtype):
    """Return per element of `rate` counts of `shape` of the Poisson distribution, as `dtype`."""
    highest = float(np.finfo(dtype).max if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max)
    rate = np.asarray(rate).astype(np.float64)
    if not (rate <= min(highest, 1e300)).all():
        raise ValueError(f"RandomPoissonV2: rate must be a finite number that fits {np.dtype(dtype)}, got {rate.max()}: "
                         "no sample would ever be accepted")
    return _per_parameter(state, shape, rate, dtype, lambda streams, rates: _poisson_values(streams, rates, highest))


def _poisson_values(streams, rate, highest):
    uniforms = _Draws(streams, _uniform_float64)
    values = np.zeros(len(rate))
    _poisson_products(values, np.flatnonzero(rate < 10), rate, uniforms)
    pending = np.flatnonzero(~(rate < 10))
    while len(pending):
        accepted, counts = _poisson_attempt(rate[pending], uniforms.take(pending) - 0.5, uniforms.take(pending), highest)
        values[pending[accepted]] = counts[accepted]
        pending = pending[~accepted]
    return values


def _poisson_products(values, pending, rate, uniforms):
    """Count in ``values[pending]`` the uniforms whose product stays above exp(-rate)."""
    with np.errstate(over="ignore"):
        product, limit = np.ones(len(rate)), np.exp(-rate)
    while len(pending):
        product[pending] *= uniforms.take(pending)
        pending = pending[product[pending] > limit[pending]]
        values[pending] += 1


def _poisson_attempt(rate, u, v, highest):
    """Return which attempts are accepted, and the counts they stand for (Hoermann's PTRD, his constants)."""
    b = 0.931 + 2.53 * np.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inside = 0.5 - np.abs(u)
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.floor((2 * a / inside + b) * u + rate + 0.43)
        fits = count <= highest
        quick = fits & (inside >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        open_ = fits & ~quick & ~((count < 0) | ((inside < 0.013) & (v > inside)))
        density = np.log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (inside * inside) + b))
    rest = np.flatnonzero(open_)
    likelihood = -rate[rest] + count[rest] * np.log(rate[rest]) - _libm(math.lgamma, count[rest] + 1)
    quick[rest] = density[rest] <= likelihood
    return quick, count


# ------------------------------------------------------------ words in a row

def multinomial(state: PhiloxState, logits, num_samples, output_dtype):
    """Return ``[batch, num_samples]`` classes drawn with probabilities softmax(`logits`), `logits` ``[batch, classes]``.

    The rows share one stream, as in TF with one intra-op thread; with more, TF restarts it where it cuts a large batch.
    """
    logits, num_samples = np.asarray(logits), int(num_samples)
    if logits.shape[1] == 0:
        raise ValueError("num_classes should be positive, got 0")
    batch = len(logits)
    counter = state.reserve(batch * (-(-num_samples // 4) * 8) * BLOCKS_PER_VALUE)
    words = philox(state.key, counter, -(-batch * num_samples // 2))
    uniforms = _uniform_float64(words).reshape(-1)[:batch * num_samples].reshape(batch, num_samples)
    classes = np.empty((batch, num_samples), output_dtype)
    for row, cumulated in enumerate(_cumulated_weights(logits)):
        classes[row] = np.searchsorted(cumulated, uniforms[row] * cumulated[-1], side="right")
    return classes


def _cumulated_weights(logits):
    """Return running sums along each row of exp(logit - largest logit); an infinite or NaN logit adds nothing."""
    logits = logits.astype(np.float64)
    finite = np.isfinite(logits)
    largest = np.max(logits, axis=1, keepdims=True, where=finite, initial=-np.inf)
    weights = np.zeros_like(logits)
    np.subtract(logits, largest, where=finite, out=weights)
    np.exp(weights, where=finite, out=weights)
    return np.cumsum(weights, axis=1)


def random_shuffle(state: PhiloxState, value):
    """Return `value` with its first dimension in random order (Fisher and Yates, from the front)."""
    value = np.asarray(value)
    if value.size <= 1 or len(value) <= 1:
        return value.copy()                   # TF draws nothing here
    count = len(value)
    blocks = -(-(count - 1) // 4)
    words = philox(state.key, state.reserve(blocks), blocks).reshape(-1)[:count - 1]
    steps = words % np.arange(count, 1, -1).astype(np.uint32)
    order = list(range(count))
    # Each swap depends on those before it, so this is a plain loop over plain integers.
    for here, step in enumerate(steps.tolist()):
        order[here], order[here + step] = order[here + step], order[here]
    return value[np.array(order, np.intp)]
