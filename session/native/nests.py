"""A nest of loops of a step, as instructions."""

import math

from llvmlite import ir

from graphcore.session.kernels.loops import FIRST, SIDE_BY_SIDE
from graphcore.session.kernels.vector_formulas import FORMULAS
from graphcore.session.kernels.vector_values import Value
from graphcore.session.native.expressions import evaluated
from graphcore.session.native.numbers import NUMBERS, VECTOR
from graphcore.session.native.recipe import BYTES


class Loops:
    """Writes one nest of loops."""

    def __init__(self, code, part):
        self.code, self.part = code, part
        self.loop, self.sizes = part.loop, part.sizes
        self.others = (*part.takes, *part.gives)
        self.known = {}  # name → Value
        self.totals = {}  # number of a result → where its running total is
        self.inner = [max((d for d, moves in enumerate(r.mask) if moves), default=-1) for r in self.loop.results]

    def write(self):
        code, part = self.code, self.part
        if math.prod(self.sizes) == 1:
            self.evaluate({f"x{k}": code.scalars[number] for k, number in enumerate(part.takes)})
            for k, (result, number) in enumerate(zip(self.loop.results, part.gives)):
                code.scalars[number] = self.divided(k, self.element(result))
            return
        for k, result in enumerate(self.loop.results):
            if result.sum and self.gathers(k):
                self.over_all(k, lambda i, k=k: self.put(k, i, code.number(self.loop.results[k].kind, self.first(k))))
        self.open(-1)
        self.loads(-1)
        self.level(0, [])
        self.close(-1, [])
        for k, result in enumerate(self.loop.results):
            if result.sum and self.gathers(k) and part.divisors[k] is not None:
                self.over_all(k, lambda i, k=k: self.put(k, i, self.divided(k, self.get(k, i))))

    def level(self, level, indices):
        """The loop of this level and all inside it."""
        def body(index):
            inside = [*indices, index]
            self.open(level)
            self.loads(level, inside)
            if level + 1 < len(self.sizes):
                self.level(level + 1, inside)
            else:
                self.innermost(inside)
            self.close(level, inside)

        is_innermost = level + 1 == len(self.sizes)
        self.code.repeat(self.code.word(self.sizes[level]), body, self.side_by_side() if is_innermost else 1)

    def side_by_side(self):
        """`Loop.side_by_side`, by the size of the innermost loop."""
        vectors = self.sizes[-1] * BYTES[self.loop.results[0].kind] // VECTOR
        return max(1, min(SIDE_BY_SIDE, vectors)) if self.loop.is_long else 1

    def loads(self, level, indices=()):
        """Elements that no further loop moves on are read here."""
        for k, (operand, number) in enumerate(zip(self.loop.operands, self.part.takes)):
            deepest = max((d for d, moves in enumerate(operand.mask) if moves), default=-1)
            if deepest == level:
                value = self.code.scalars.get(number)
                self.known[f"x{k}"] = value or self.code.load(number, self.place(operand.mask, indices), self.others)

    def innermost(self, indices):
        self.evaluate({})
        for k, result in enumerate(self.loop.results):
            value = self.element(result)
            if not result.sum:
                self.put(k, self.place(result.mask, indices), value)
            elif k in self.totals:
                builder, total = self.code.builder, self.totals[k]
                builder.store(self.stepped(k, Value(builder, builder.load(total)), value, ("reassoc",)).llvm, total)
            else:
                place = self.place(result.mask, indices)
                self.put(k, place, self.stepped(k, self.get(k, place), value) if self.gathers(k) else self.divided(k, value))

    # ------------------------------------------------------------ sums
    def first(self, k):
        """What a sum, or what is in place of one, begins with."""
        return FIRST[self.loop.results[k].step]

    def stepped(self, k, total, value, flags=()):
        """The total with one more value."""
        step = self.loop.results[k].step
        if step == "added":
            return Value(self.code.builder, self.code.builder.fadd(total.llvm, value.llvm, flags=flags))
        return FORMULAS[step](total, value)

    def gathers(self, k):
        """Whether a sum is added up in its array, coming back to the same element more than once."""
        mask, inner = self.loop.results[k].mask, self.inner[k]
        return not all(mask[:inner + 1]) and inner >= 0

    def open(self, level):
        for k, result in enumerate(self.loop.results):
            if result.sum and self.inner[k] == level and level < len(self.sizes) - 1:
                self.totals[k] = self.code.variable(result.kind)
                self.code.builder.store(ir.Constant(NUMBERS[result.kind], self.first(k)), self.totals[k])

    def close(self, level, indices):
        code = self.code
        for k, result in enumerate(self.loop.results):
            if k not in self.totals or self.inner[k] != level:
                continue
            total = Value(code.builder, code.builder.load(self.totals[k]))
            number, place = self.part.gives[k], self.place(result.mask, indices)
            if self.gathers(k):
                self.put(k, place, self.stepped(k, self.get(k, place), total))
            elif code.count(number) == 1:
                code.scalars[number] = self.divided(k, total)
            else:
                self.put(k, place, self.divided(k, total))

    def divided(self, k, value):
        divisor = self.part.divisors[k]
        return value if divisor is None else value / float(divisor)

    def over_all(self, k, body):
        self.code.repeat(self.code.word(self.code.count(self.part.gives[k])), body)

    # ------------------------------------------------------------ elements
    def put(self, k, place, value):
        self.code.store(self.part.gives[k], place, value, self.others)

    def get(self, k, place):
        return self.code.load(self.part.gives[k], place, self.others)

    def place(self, mask, indices):
        """The index of an array's element: its own loops' counters, row by row."""
        builder, place = self.code.builder, None
        for level, index in enumerate(indices):
            if mask[level]:
                if place is not None:
                    place = builder.mul(place, self.code.word(self.sizes[level]), flags=("nuw", "nsw"))
                    index = builder.add(place, index, flags=("nuw", "nsw"))
                place = index
        return self.code.word(0) if place is None else place

    def element(self, result):
        return self.evaluated(result.text)

    def evaluate(self, known):
        """Do the statements of one element."""
        self.known.update(known)
        for line in self.loop.lines:
            name, expression = line.split(" = ", 1)
            self.known[name] = self.evaluated(expression)

    def evaluated(self, expression):
        return evaluated(self.code, expression, self.known)
