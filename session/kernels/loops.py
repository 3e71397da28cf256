"""Loop: a group of plan nodes over one space of elements, as the nest of loops that computes it, and its source.

    def kernel(a0, a1, o0, p0, n0, n1, start, stop):
        for i0 in range(start, stop):
            x1 = load(a1, i0)
            ...

The arrays are contiguous; axes along which all of them go on alike are one loop.  Sizes are arguments: loops that
differ in sizes alone are one kernel.
"""

import math
from typing import NamedTuple

from graphcore.session.kernels.forms import NUMBER_TYPES

SIDE_BY_SIDE, _LONG_FORMULA = 4, 8
# What the steps of reductions begin with (see `vector_formulas.STEPS`, which takes LLVM).
FIRST = {"added": 0.0, "largest": -math.inf, "multiplied": 1.0, "smallest": math.inf, "largest_number": -math.inf,
         "smallest_number": math.inf}
BLOCK = 4096  # elements that a sum over all elements adds up on the way; fixed, so that no thread count changes bits


class Operand(NamedTuple):
    """An array that the loops read: per loop whether it moves on (else it is the same element again).

    ``result`` is the number of the result that takes its place, in the same memory: then it is no argument of its own.
    """

    kind: str
    mask: tuple
    ndim: int
    result: int | None = None


class Result(NamedTuple):
    """What the loops give: the variable ``text`` of each element, or for ``sum`` the sum over the loops not in ``mask``.

    ``step`` says what is done in place of adding (a word of `vector_formulas.STEPS`).
    """

    text: str
    kind: str
    mask: tuple
    ndim: int
    sum: bool
    step: str = "added"


class Loop(NamedTuple):
    """The nest: as many loops as masks are long."""

    depth: int
    operands: tuple
    lines: tuple  # "t3 = (x0 + t2)": a statement a node, in order
    results: tuple

    @property
    def whole_sums(self):
        """Numbers of the results that are sums over everything: they come as partial sums."""
        return [k for k, r in enumerate(self.results) if r.sum and not any(r.mask)]

    @property
    def divisible(self):
        """Whether parts of the outermost loop may run at the same time: none adds to what another adds to."""
        return not any(r.sum and any(r.mask) and not r.mask[0] for r in self.results)

    @property
    def work(self):
        """Instructions for an element, very roughly."""
        return sum(4 if "(" in line else 1 for line in self.lines)

    @property
    def is_long(self):
        return self.work >= _LONG_FORMULA

    @property
    def side_by_side(self):
        """How many vectors a loop should work on at once: a long formula alone is a chain of instructions that wait for each other.

        0 leaves it to LLVM, as where a loop inside others may be short.
        """
        return SIDE_BY_SIDE if self.depth == 1 and self.is_long else 0

    @property
    def in_blocks(self):
        return self.depth == 1 and bool(self.whole_sums)


def collapsed(sizes, masks):
    """(sizes of the loops, the masks for them): axes of size 1 go, and neighbours that all arrays treat alike become one."""
    loops, kept = [], [[] for _ in masks]
    for axis, size in enumerate(sizes):
        if size == 1:
            continue
        if loops and all(mask[axis] == have[-1] for mask, have in zip(masks, kept)):
            loops[-1] *= size
            continue
        loops.append(size)
        for mask, have in zip(masks, kept):
            have.append(mask[axis])
    if not loops:
        loops, kept = [1], [[True] for _ in masks]
    return tuple(loops), [tuple(have) for have in kept]


def source(loop):
    """The text of the module that holds the kernel of ``loop``."""
    given = [(i, operand) for i, operand in enumerate(loop.operands) if operand.result is None]
    arguments = [f"a{i}" for i, _ in given] + [f"o{k}" for k in range(len(loop.results))]
    arguments += [f"n{d}" for d in range(loop.depth)] + ["start", "stop"]
    body = _Nest(loop).lines()
    signature = ", ".join([f"read('{operand.kind}', {operand.ndim})" for _, operand in given] +
                          [f"write('{r.kind}', {1 if r.sum and not any(r.mask) else r.ndim})" for r in loop.results])
    return "\n".join(['"""A fused loop, written by graphcore."""', "from graphcore.session.kernels.words import *", "", "",
                      f"@kernel([{signature}], {loop.depth + 2}, {loop.side_by_side})", f"def fused({', '.join(arguments)}):", *body, ""])


class _Nest:
    """Writes the loops of one kernel."""

    def __init__(self, loop):
        self.loop = loop
        self.written = []

    def lines(self):
        loop = self.loop
        self.loads(1, -1)
        if loop.in_blocks:
            self.put(1, "for block in range(start, stop):")
            self.open_sums(2)
            self.put(2, f"for i0 in range(block * {BLOCK}, min(n0, block * {BLOCK} + {BLOCK})):")
            self.innermost(3, 0)
            self.close_sums(2, "block")
        else:
            self.nest(0)
        return self.written

    def put(self, depth, text):
        self.written.append("    " * depth + text)

    def nest(self, level):
        """The loop of this level, and what is inside."""
        last = self.loop.depth - 1
        self.put(level + 1, f"for i{level} in range({'start, stop' if level == 0 else f'n{level}'}):")
        if level < last:
            self.loads(level + 2, level)
            if level == last - 1:
                self.open_sums(level + 2)
            self.nest(level + 1)
            if level == last - 1:
                self.close_sums(level + 2, "i0")
        else:
            self.innermost(level + 2, level)

    def loads(self, depth, level):
        """Elements that no further loop moves on are read once, here."""
        for number, operand in enumerate(self.loop.operands):
            deepest = max((d for d, moves in enumerate(operand.mask) if moves), default=-1)
            if deepest == level:
                source = f"load(a{number}" if operand.result is None else f"load_{operand.result}(o{operand.result}"
                self.put(depth, f"x{number} = {source}, {self.place(operand.mask)})")

    def innermost(self, depth, level):
        self.loads(depth, level)
        for line in self.loop.lines:
            self.put(depth, line)
        for number, result in enumerate(self.loop.results):
            where = self.place(result.mask)
            if not result.sum:
                self.put(depth, f"store_{number}(o{number}, {where}, {result.text})")
            elif result.mask[-1]:
                self.put(depth, f"store_{number}(o{number}, {where}, {result.step}(load_{number}(o{number}, {where}), {result.text}))")
            else:
                self.put(depth, f"s{number} = {result.step}(s{number}, {result.text})")

    def open_sums(self, depth):
        for number, result in self.inner_sums():
            self.put(depth, f"s{number} = {NUMBER_TYPES[result.kind]}({FIRST[result.step]})")

    def close_sums(self, depth, unit):
        for number, result in self.inner_sums():
            where = self.place(result.mask) if any(result.mask) else unit
            self.put(depth, f"store_{number}(o{number}, {where}, s{number})")

    def inner_sums(self):
        return [(k, r) for k, r in enumerate(self.loop.results) if r.sum and not r.mask[-1]]

    def place(self, mask):
        """The index of an array's element: its own loops' counters, row by row."""
        text = "0"
        for level, moves in enumerate(mask):
            if moves:
                text = f"i{level}" if text == "0" else f"({text}) * n{level} + i{level}"
        return text
