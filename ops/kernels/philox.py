"""Philox4x32-10: random blocks of four 32-bit words as a pure function of (key, counter), and the state of one op.

J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC'11, 2011).
"""
import os
import threading

import numpy as np

from graphcore.core.compiled import compiled_in

COMPILED = "graphcore.ops.kernels.compiled.drawing"
FEW = 8                           # up to this many blocks are made one by one
LOW32, LOW64, LOW128 = (1 << 32) - 1, (1 << 64) - 1, (1 << 128) - 1
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
KEY_STEPS = 0x9E3779B9, 0xBB67AE85


class PhiloxState:
    """One op's generator: `key` from the first seed, `counter` (128 bits) that starts at second seed * 2**64.

    Two zero seeds mean "not seeded": key and counter then come from the operating system.
    """

    def __init__(self, seed=0, seed2=0):
        if seed == 0 and seed2 == 0:
            seed, seed2 = (int.from_bytes(os.urandom(8), "little") for _ in range(2))
        self.key = int(seed) & LOW64
        self.counter = (int(seed2) & LOW64) << 64
        self._lock = threading.Lock()

    def reserve(self, blocks):
        """Return the counter of the first of `blocks` blocks that from now on belong to the caller."""
        with self._lock:
            first = self.counter
            self.counter = (first + blocks) & LOW128
        return first


def philox(key, counter, n):
    """Return the `n` blocks from `counter` on, as an ``(n, 4)`` array of uint32."""
    return philox_at(key, counter, np.arange(n, dtype=np.uint64))


def philox_at(key, counter, offsets):
    """Return the blocks at ``counter + offsets`` (uint64 array), as a ``(len(offsets), 4)`` array of uint32."""
    if len(offsets) <= FEW:
        few = [_block(key, (counter + offset) & LOW128) for offset in offsets.tolist()]
        return np.array(few, np.uint32).reshape(-1, 4)
    return blocks_at(offsets, key, counter)


@compiled_in(COMPILED, [np.dtype(np.uint64)])
def blocks_at(offsets, key, counter):
    """`philox_at` for many blocks."""
    blocks = np.empty((len(offsets), 4), np.uint32)
    for column, word in enumerate(_rounds(key, *_counter_words(counter & LOW128, offsets))):
        blocks[:, column] = word
    return blocks


def _round_keys(key):
    """Return the ten pairs of 32-bit keys, one for each round."""
    return [((key + i * KEY_STEPS[0]) & LOW32, ((key >> 32) + i * KEY_STEPS[1]) & LOW32) for i in range(10)]


def _block(key, counter):
    """Return one block as four Python integers: for a few blocks this is much quicker than arrays."""
    a, b, c, d = (counter >> shift & LOW32 for shift in (0, 32, 64, 96))
    for key_a, key_b in _round_keys(key):
        product_a, product_c = a * MULTIPLIERS[0], c * MULTIPLIERS[1]
        a, b, c, d = product_c >> 32 ^ b ^ key_a, product_c & LOW32, product_a >> 32 ^ d ^ key_b, product_a & LOW32
    return a, b, c, d


def _counter_words(counter, offsets):
    """Return the four 32-bit words of ``counter + offsets``, each in a uint64 array of its own."""
    low = offsets + np.uint64(counter & LOW64)
    high = np.full_like(low, counter >> 64)
    high += low < offsets
    mask, half = np.uint64(LOW32), np.uint64(32)
    return low & mask, low >> half, high & mask, high >> half


def _rounds(key, a, b, c, d):
    """Do to four arrays, in place, what `_block` does to four integers."""
    multiplier_a, multiplier_c = map(np.uint64, MULTIPLIERS)
    mask, half = np.uint64(LOW32), np.uint64(32)
    product_a, product_c = np.empty_like(a), np.empty_like(c)
    for key_a, key_b in _round_keys(key):
        np.multiply(a, multiplier_a, out=product_a)
        np.multiply(c, multiplier_c, out=product_c)
        np.right_shift(product_c, half, out=a)
        a ^= b
        a ^= np.uint64(key_a)
        np.bitwise_and(product_c, mask, out=b)
        np.right_shift(product_a, half, out=c)
        c ^= d
        c ^= np.uint64(key_b)
        np.bitwise_and(product_a, mask, out=d)
    return a, b, c, d
