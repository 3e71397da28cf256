"""The compiled forms of what makes random numbers: Philox's words, and float32 values from them, with NumPy's bits.

A *block* is four words.  Every sum and product is rounded as in `rng_float32`, in the same order: nothing here may be
contracted or reordered.
"""

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from graphcore.ops.kernels import rng_float32 as formulas
from graphcore.ops.kernels.compiled.words import f4, i8, kernel, part, reads, run, writes

_PARALLEL = 1 << 15  # blocks from which on threads share the work
u4, u8 = types.uint32, types.uint64
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
MULTIPLIER_A, MULTIPLIER_C = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
STEP_A, STEP_B = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
ONE = np.uint64(1)
MANTISSA, EXPONENT = np.uint32(0x7FFFFF), np.uint32(0x3F800000)
SMALLEST = np.float32(1.0e-7)
INVERSE_CENTRES, CENTRE_LOGARITHMS = formulas.INVERSE_CENTRES, formulas.CENTRE_LOGARITHMS
L0, L1, L2 = formulas.LOG_TERMS
S0, S1, S2 = formulas.SINE_TERMS
C0, C1, C2, C3 = formulas.COSINE_TERMS
LN2, QUARTER_TURN = formulas.LN2, formulas.QUARTER_TURN
TURN = 4 * QUARTER_TURN * 2.0**-23


@intrinsic
def as_float(typingctx, bits):
    """The float32 with the bits of a uint32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.uint32), generate


@intrinsic
def as_bits(typingctx, x):
    """The bits of a float32, as int32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.int32(types.float32), generate


@part
def block(key, low, high):
    """The four words of the block with this 128-bit counter."""
    a, b, c, d = low & LOW, low >> HALF, high & LOW, high >> HALF
    key_a, key_b = key & LOW, key >> HALF
    for _ in range(10):
        product_a, product_c = a * MULTIPLIER_A, c * MULTIPLIER_C
        a, b, c, d = (product_c >> HALF) ^ b ^ key_a, product_c & LOW, (product_a >> HALF) ^ d ^ key_b, product_a & LOW
        key_a, key_b = (key_a + STEP_A) & LOW, (key_b + STEP_B) & LOW
    return np.uint32(a), np.uint32(b), np.uint32(c), np.uint32(d)


@part
def uniform(word):
    """A float32 in [0, 1) from 23 bits of a word."""
    return as_float((word & MANTISSA) | EXPONENT) - np.float32(1)


@part
def logarithm(x):
    """`rng_float32.log_float32`."""
    bits = as_bits(x)
    distance = bits - np.int32(0x3F330000)
    exponent = distance >> np.int32(23)
    interval = (distance >> np.int32(19)) & np.int32(15)
    r = np.float64(as_float(np.uint32(bits - np.int32(exponent << np.int32(23))))) * INVERSE_CENTRES[interval]
    r = r - 1.0
    square = r * r
    total = (L1 * r + L0) + L2 * square
    total = total * square
    total = total + ((CENTRE_LOGARITHMS[interval] + np.float64(exponent) * LN2) + r)
    return np.float32(total)


@part
def normals(first, second):
    """A Box-Muller pair from two words, as `rng_float32.sin_cos_turn_float32` turns the second one."""
    radius = np.float32(math.sqrt(np.float32(-2) * logarithm(max(uniform(first), SMALLEST))))
    numerator = second & MANTISSA
    quadrant = np.uint32(numerator + np.uint32(1 << 20)) >> np.uint32(21)
    x = np.float64(np.float32(np.float64(numerator) * TURN)) - np.float64(quadrant) * QUARTER_TURN
    square = x * x
    cube, fourth = square * x, square * square
    sine, cosine = x + cube * S0, (1.0 + square * C0) + fourth * C1
    sine = np.float32(sine + cube * square * (S1 + square * S2))
    cosine = np.float32(cosine + fourth * square * (C2 + square * C3))
    odd = (quadrant & np.uint32(1)) != 0
    up, across = (cosine, sine) if odd else (sine, cosine)
    up = -up if quadrant & np.uint32(2) else up
    across = -across if np.uint32(quadrant + np.uint32(1)) & np.uint32(2) else across
    return up * radius, across * radius


@part
def plus(low, high, offset):
    """The two halves of a 128-bit counter that is ``offset`` further."""
    moved = low + offset
    return moved, high + (ONE if moved < low else np.uint64(0))


@kernel(lambda T: (u8, u8, u8, reads(u8), writes(u4), i8, i8))
def words_at(key, low, high, offsets, result, start, stop):
    for i in range(start, stop):
        at_low, at_high = plus(low, high, offsets[i])
        a, b, c, d = block(key, at_low, at_high)
        result[4 * i], result[4 * i + 1], result[4 * i + 2], result[4 * i + 3] = a, b, c, d


@kernel(lambda T: (u8, u8, u8, writes(f4), i8, i8))
def uniforms(key, low, high, result, start, stop):
    for i in range(start, stop):
        at_low, at_high = plus(low, high, np.uint64(i))
        a, b, c, d = block(key, at_low, at_high)
        result[4 * i], result[4 * i + 1], result[4 * i + 2], result[4 * i + 3] = uniform(a), uniform(b), uniform(c), uniform(d)


@kernel(lambda T: (u8, u8, u8, writes(f4), i8, i8))
def standard_normals(key, low, high, result, start, stop):
    for i in range(start, stop):
        at_low, at_high = plus(low, high, np.uint64(i))
        a, b, c, d = block(key, at_low, at_high)
        result[4 * i], result[4 * i + 1] = normals(a, b)
        result[4 * i + 2], result[4 * i + 3] = normals(c, d)


@kernel(lambda T: (u8, u8, u8, writes(f4), i8, i8))
def truncated_normals(key, low, high, result, start, stop):
    """Four values at a time come from a region of their own: the first ones in (-2, 2) of its blocks."""
    for i in range(start, stop):
        at_low, at_high = plus(low, high, np.uint64(i) * np.uint64(256))
        filled = 0
        while filled < 4:
            a, b, c, d = block(key, at_low, at_high)
            for x in (*normals(a, b), *normals(c, d)):
                if abs(x) < np.float32(2) and filled < 4:
                    result[4 * i + filled] = x
                    filled += 1
            at_low, at_high = plus(at_low, at_high, ONE)


def _halves(counter):
    return np.uint64(counter & 0xFFFFFFFFFFFFFFFF), np.uint64(counter >> 64 & 0xFFFFFFFFFFFFFFFF)


def _run(function, arguments, blocks):
    run(function, arguments, blocks, blocks >= _PARALLEL)


def blocks_at(offsets, key, counter):
    """`philox.blocks_at`."""
    result = np.empty((len(offsets), 4), np.uint32)
    _run(words_at, (np.uint64(key), *_halves(counter), offsets, result.reshape(-1)), len(offsets))
    return result


def _fill(function, values, key, counter):
    blocks = -(-values.size // 4)
    whole = values if values.size % 4 == 0 and values.flags.c_contiguous else np.empty(4 * blocks, np.float32)
    _run(function, (np.uint64(key), *_halves(counter), whole), blocks)
    if whole is not values:
        values[:] = whole[:values.size]


def fill_uniform(values, key, counter):
    """`rng.fill_uniform`."""
    _fill(uniforms, values, key, counter)


def fill_normal(values, key, counter):
    """`rng.fill_normal`."""
    _fill(standard_normals, values, key, counter)


def fill_truncated_normal(values, key, counter):
    """`rng.fill_truncated_normal`."""
    _fill(truncated_normals, values, key, counter)
