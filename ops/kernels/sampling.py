"""Classes drawn from a range by several distributions, and how often each is to be expected; TF 1.15's numbers for TF's seeds.

A sampler has ``size``, the number of its classes, ``draws(words, count)``, ``count`` classes from a stream of random words,
and ``chance(classes)``, their probabilities.
"""

import math

import numpy as np

from graphcore.ops.kernels.philox import philox

BLOCKS_PER_SAMPLE = 512  # what TF sets aside, whether needed or not
_FIRST_BLOCKS = 64


class Words:
    """A stream of random 32-bit words, in the order of the generator's blocks."""

    def __init__(self, state, blocks):
        self.key, self.counter, self.words, self.place = state.key, state.reserve(blocks), [], 0

    def take(self, count):
        """The next ``count`` words, a list of ints."""
        while len(self.words) < self.place + count:
            blocks = max(_FIRST_BLOCKS, -(-count // 4))
            self.words = self.words[self.place:] + philox(self.key, self.counter, blocks).ravel().tolist()
            self.counter, self.place = self.counter + blocks, 0
        first, self.place = self.place, self.place + count
        return self.words[first:self.place]

    def below(self, limit, width=32):
        """An even integer of [0, limit) made of ``width`` random bits at a time."""
        words = width // 32
        power_of_two = not limit & (limit - 1)
        skewed = 0 if power_of_two else (2**width - 1) % limit + 1  # as many of the lowest numbers would favour some results
        while True:
            number = sum(word << 32 * place for place, word in enumerate(self.take(words)))
            if number >= skewed:
                return number % limit

    def fraction(self):
        """A float64 of [0, 1)."""
        high, low = self.take(2)
        return ((high & 0xFFFFF) << 32 | low) / 2.0**52

    def short_fraction(self):
        """A float32 of [0, 1), as a Python float."""
        return (self.take(1)[0] & 0x7FFFFF) / 2.0**23


class Uniform:
    """Each class as likely as the others."""

    def __init__(self, size):
        self.size = size

    def draws(self, words, count):
        return [words.below(self.size, 64) for _ in range(count)]

    def chance(self, classes):
        return np.full(classes.shape, np.float32(1.0 / self.size))


class LogUniform:
    """Class ``k`` with the probability ``log((k + 2) / (k + 1)) / log(size + 1)``: frequent words first, as Zipf found them."""

    def __init__(self, size):
        self.size, self.scale = size, math.log1p(size)

    def draws(self, words, count):
        return [(int(math.exp(words.fraction() * self.scale)) - 1) % self.size for _ in range(count)]

    def chance(self, classes):
        classes = classes.astype(np.float64)
        return (np.log((classes + 2.0) / (classes + 1.0)) / self.scale).astype(np.float32)


class Learned:
    """Each class as likely as it was frequent so far; every one starts with a count of 1."""

    def __init__(self, size):
        self.size, self.counts, self.ends = size, np.ones(size, np.int64), None

    def draws(self, words, count):
        if self.ends is None:
            self.ends = np.cumsum(self.counts)
        places = [words.below(int(self.ends[-1])) for _ in range(count)]
        return np.searchsorted(self.ends, places, side="right").tolist()

    def chance(self, classes):
        return self.counts[classes].astype(np.float32) / np.float32(self.counts.sum())

    def learn(self, classes):
        np.add.at(self.counts, classes.ravel(), 1)
        self.ends = None


class Weighted:
    """Each class with a chance in proportion to its weight; drawn in constant time from A. J. Walker's table of aliases."""

    def __init__(self, weights):
        self.weights = np.asarray(weights, np.float32)
        self.size = len(self.weights)
        self.total = np.float32(0)
        for weight in self.weights:  # one by one, as TF adds them
            self.total += weight
        self.shares, self.others = _aliases(self.weights)

    def draws(self, words, count):
        return [self._draw(words) for _ in range(count)]

    def _draw(self, words):
        fraction, number = words.short_fraction(), words.below(self.size)
        return number if fraction < self.shares[number] else self.others[number]

    def chance(self, classes):
        known = (classes >= 0) & (classes < self.size)
        return np.where(known, self.weights[np.where(known, classes, 0)] / self.total, np.float32(0))


def _aliases(weights):
    """(the share of each class in its own cell, the class that has the rest of it)."""
    size = len(weights)
    total = sum(weights.tolist())
    shares = [float(each) / total for each in weights * np.float32(size)]
    low, high = ([number for number, share in enumerate(shares) if (share < 1) == wanted] for wanted in (True, False))
    others = list(range(size))
    while high and low:
        short, rich = low.pop(), high.pop()
        others[short] = rich
        shares[rich] -= 1.0 - shares[short]
        (low if shares[rich] < 1 else high).append(rich)
    for number in low + high:  # what rounding left: whole cells
        shares[number] = 1.0
    return np.array(shares, np.float32).tolist(), others


def sampled(sampler, words, count, unique):
    """``(classes, tries)``: ``count`` classes, all different if ``unique``, and how many were drawn for them."""
    if not unique:
        return sampler.draws(words, count), count
    found, tries = {}, 0
    while len(found) < count:
        # Each draw is kept or left before the next one: exactly as many words are used as draws are made.
        for number in sampler.draws(words, count - len(found)):
            found[number] = None
            tries += 1
    return list(found), tries


def expected_counts(chances, count, tries):
    """How often classes of these ``chances`` (float32) are to be expected among ``count`` samples that took ``tries``."""
    if tries == count:
        return chances * np.float32(count)
    logs = np.float32(tries) * np.log1p(-chances.astype(np.float64)).astype(np.float32)
    return -np.expm1(logs.astype(np.float64)).astype(np.float32)


def accidental_hits(true_classes, sampled_classes):
    """``(rows, places)``: which samples are among the true classes of which row, in the order of the true classes."""
    places = {}
    for place, number in enumerate(sampled_classes.tolist()):
        places[number] = place  # of a class sampled twice the last place counts
    width = true_classes.shape[1]
    hits = [(number, places[each]) for number, each in enumerate(true_classes.ravel().tolist()) if each in places]
    numbers, found = np.array(hits, np.int64).reshape(-1, 2).T
    return (numbers // max(1, width)).astype(np.int32), found
