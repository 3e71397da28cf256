"""Recipe → the text of an LLVM module with one function, which computes it.

Every array of one element is a value in a register; the others are memory: arguments, constants, or parts of the
step's scratch memory.  Whatever touches memory says which array it is: no two of them overlap, and loops become
vector instructions.  How the parts of a recipe are written stands in modules of their own.
"""

import math
import re
import sys

from llvmlite import ir

from graphcore.session.kernels.vector_values import Value
from graphcore.session.native import layout, moving
from graphcore.session.native.nests import Loops
from graphcore.session.native.numbers import ADDRESS, BYTE, INT, NUMBERS, WORD
from graphcore.session.native.products import Products
from graphcore.session.native.recipe import NAME, Changed, Inside, Moved, Nest, Picked, Product, Same, Turned, places_in_scratch

_LOOP = "loop "
_NAMED = re.compile(rf'^(!\d+) = !{{ !"{_LOOP}\d+",', re.MULTILINE)  # LLVM wants the metadata of a loop to begin with itself

# Words of the table that a function is bound to.
ARRAY_CLASS, DONE, UNFIT, SCRATCH, RELEASE, ACQUIRE = range(6)  # the last two: functions of the interpreter's lock
FIRST_INPUT = 6  # then two words an input: its dtype, and where its rank and sizes stand; then a word a constant


def text(recipe):
    """The module."""
    return _Code(recipe).text()


class _Code:
    """Writes one module."""

    def __init__(self, recipe):
        self.recipe = recipe
        self.module = ir.Module(NAME)
        self.function = ir.Function(self.module, ir.FunctionType(ADDRESS, [ADDRESS, ADDRESS.as_pointer(), WORD]), NAME)
        set.add(self.function.attributes, '"prefer-vector-width"="512"')
        self.entry = self.function.append_basic_block("entry")
        self.builder = ir.IRBuilder(self.entry)
        self.memory = {}  # array → pointer to its first element
        self.scalars = {}  # array of one element → Value
        self.domain = self.module.add_metadata(["arrays"])
        self.loops = 0  # that have metadata

    def text(self):
        self.receive()
        state = self.without_lock(RELEASE) if self.recipe.is_long else None
        self.amiss = self.function.append_basic_block("amiss")
        for part in self.recipe.parts:
            _WRITERS[type(part)](self, part)
        for number in dict.fromkeys(self.recipe.outputs):
            if number in self.scalars:
                self.store(number, self.word(0), self.scalars[number])
        for block, result in ((self.builder.block, DONE), (self.amiss, UNFIT)):
            self.builder.position_at_end(block)
            if state is not None:
                self.without_lock(ACQUIRE, state)
            self.give(result)
        return _NAMED.sub(r"\1 = distinct !{ \1,", str(self.module))

    # ------------------------------------------------------------ coming and going
    def word(self, number):
        return ir.Constant(WORD, number)

    def at(self, address, offset, kind=WORD):
        """What is in memory ``offset`` bytes after ``address``."""
        place = self.builder.gep(address, [self.word(offset)], inbounds=True)
        return self.builder.load(self.builder.bitcast(place, kind.as_pointer()))

    def from_table(self, index, kind=WORD):
        return self.at(self.table, 8 * index, kind)

    def without_lock(self, word, *arguments):
        """Give the interpreter's lock up (that gives a state) or take it again (that takes the state)."""
        result = ADDRESS if word == RELEASE else ir.VoidType()
        kind = ir.FunctionType(result, [ADDRESS] * len(arguments)).as_pointer()
        return self.builder.call(self.builder.inttoptr(self.from_table(word), kind), arguments)

    def receive(self):
        """Check the arguments, and find the memory of all arrays."""
        recipe, builder = self.recipe, self.builder
        self.table = self.at(self.function.args[0], layout.DATA, ADDRESS)
        unfit = self.function.append_basic_block("unfit")
        objects = [builder.load(builder.gep(self.function.args[1], [self.word(k)], inbounds=True))
                   for k in range(len(recipe.inputs) + len(recipe.outputs) + recipe.is_long)]
        if recipe.inputs:
            self.check(unfit)
        for k, number in enumerate(recipe.inputs):
            self.found(number, self.at(objects[k], layout.DATA, ADDRESS))
        for k, number in enumerate(recipe.constants):
            self.found(number, self.from_table(FIRST_INPUT + 2 * len(recipe.inputs) + k, ADDRESS))
        scratch = self.at(objects[-1], layout.DATA, ADDRESS) if recipe.is_long else self.from_table(SCRATCH, ADDRESS)
        for number, place in places_in_scratch(recipe)[0].items():
            self.memory[number] = self.pointer(number, builder.gep(scratch, [self.word(place)], inbounds=True))
        for k, number in enumerate(recipe.outputs, len(recipe.inputs)):
            self.memory[number] = self.pointer(number, self.at(objects[k], layout.DATA, ADDRESS))
        done = builder.block
        builder.position_at_end(unfit)
        self.give(UNFIT)
        builder.position_at_end(done)

    def found(self, number, address):
        """Array ``number`` is in memory at ``address``; a single element is read at once."""
        self.memory[number] = self.pointer(number, address)
        if self.count(number) == 1:
            self.scalars[number] = self.load(number, self.word(0), ())

    def check(self, unfit):
        """Go to ``unfit`` unless every input is an array of its dtype and sizes, row by row in memory."""
        builder, count = self.builder, len(self.recipe.inputs)
        fits = self.function.append_basic_block("fits")

        def one(k):
            thing = builder.load(builder.gep(self.function.args[1], [k], inbounds=True))
            entry = builder.gep(self.table, [builder.add(self.word(8 * FIRST_INPUT), builder.mul(k, self.word(16)))], inbounds=True)
            sizes = self.at(entry, 8, WORD.as_pointer())
            rank = builder.load(sizes)
            flags = builder.and_(self.at(thing, layout.FLAGS, INT), ir.Constant(INT, layout.CONTIGUOUS | layout.ALIGNED))
            good = builder.icmp_unsigned("==", self.at(thing, layout.CLASS), self.from_table(ARRAY_CLASS))
            # An object of another class may be shorter than an array: look no further then.
            self.leave_unless(good, unfit)
            good = builder.icmp_unsigned("==", self.at(thing, layout.DTYPE), self.at(entry, 0))
            good = builder.and_(good, builder.icmp_unsigned("==", flags, ir.Constant(INT, layout.CONTIGUOUS | layout.ALIGNED)))
            good = builder.and_(good, builder.icmp_unsigned("==", self.at(thing, layout.RANK, INT), builder.trunc(rank, INT)))
            self.leave_unless(good, unfit)
            have = self.at(thing, layout.SIZES, WORD.as_pointer())
            wanted = builder.gep(sizes, [self.word(1)], inbounds=True)

            def size(axis):
                pair = [builder.load(builder.gep(where, [axis], inbounds=True)) for where in (have, wanted)]
                self.leave_unless(builder.icmp_unsigned("==", *pair), unfit)

            after = self.function.append_basic_block("sizes_fit")
            some = self.function.append_basic_block("sizes")
            builder.cbranch(builder.icmp_unsigned(">", rank, self.word(0)), some, after)
            builder.position_at_end(some)
            self.repeat(rank, size)
            builder.branch(after)
            builder.position_at_end(after)

        self.repeat(self.word(count), one)
        builder.branch(fits)
        builder.position_at_end(fits)

    def leave_unless(self, condition, elsewhere):
        on = self.function.append_basic_block("on")
        self.builder.cbranch(condition, on, elsewhere)
        self.builder.position_at_end(on)

    def give(self, index):
        """Return one of the table's objects."""
        thing = self.from_table(index, ADDRESS)
        if sys.version_info < (3, 12):  # from then on True and False are not counted
            count = self.builder.bitcast(thing, WORD.as_pointer())
            self.builder.store(self.builder.add(self.builder.load(count), self.word(1)), count)
        self.builder.ret(thing)

    # ------------------------------------------------------------ memory
    def count(self, number):
        return math.prod(self.recipe.arrays[number].sizes)

    def in_memory(self, number):
        kind = self.recipe.arrays[number].kind
        return BYTE if kind == "bool" else NUMBERS[kind]

    def pointer(self, number, address):
        return self.builder.bitcast(address, self.in_memory(number).as_pointer())

    def marked(self, instruction, number, others):
        """Tell LLVM that ``instruction`` touches array ``number`` and none of the ``others``."""
        if others:
            instruction.set_metadata("alias.scope", self.module.add_metadata([self.scope(number)]))
            apart = [self.scope(other) for other in others if other != number]
            if apart:
                instruction.set_metadata("noalias", self.module.add_metadata(apart))

    def scope(self, number):
        return self.module.add_metadata([f"array {number}", self.domain])

    def load(self, number, index, others):
        value = self.builder.load(self.builder.gep(self.memory[number], [index], inbounds=True))
        self.marked(value, number, others)
        if self.recipe.arrays[number].kind == "bool":
            value = self.builder.icmp_unsigned("!=", value, ir.Constant(BYTE, 0))
        return Value(self.builder, value)

    def store(self, number, index, value, others=()):
        llvm = self.builder.zext(value.llvm, BYTE) if self.recipe.arrays[number].kind == "bool" else value.llvm
        self.marked(self.builder.store(llvm, self.builder.gep(self.memory[number], [index], inbounds=True)), number, others)

    def get(self, number, place, others):
        """An element, from memory or from its register."""
        return self.scalars.get(number) or self.load(number, place, others)

    def put(self, number, place, value, others):
        if self.count(number) == 1:
            self.scalars[number] = value
        else:
            self.store(number, place, value, others)

    def variable(self, kind):
        """Room for a running total: a register in the end."""
        with self.builder.goto_block(self.entry):
            return self.builder.alloca(NUMBERS[kind])

    def number(self, kind, value):
        return Value(self.builder, ir.Constant(NUMBERS[kind], value))

    def repeat(self, count, body, side_by_side=1):
        """``body(i)`` for i from 0 below ``count``, which is not 0; so many vectors of elements are worked on side by side."""
        builder, before = self.builder, self.builder.block
        loop = self.function.append_basic_block("loop")
        builder.branch(loop)
        builder.position_at_end(loop)
        index = builder.phi(WORD)
        index.add_incoming(self.word(0), before)
        body(index)
        following = builder.add(index, self.word(1), flags=("nuw", "nsw"))
        index.add_incoming(following, builder.block)
        after = self.function.append_basic_block("after")
        branch = builder.cbranch(builder.icmp_unsigned("<", following, count), loop, after)
        if side_by_side > 1:
            wish = self.module.add_metadata(["llvm.loop.interleave.count", ir.Constant(INT, side_by_side)])
            self.loops += 1
            branch.set_metadata("llvm.loop", self.module.add_metadata([f"{_LOOP}{self.loops}", wish]))
        builder.position_at_end(after)

    def times(self, count, body):
        """`repeat` so many times, which is known beforehand."""
        if count == 1:
            body(self.word(0))
        else:
            self.repeat(self.word(count), body)

    # ------------------------------------------------------------ parts
    def same(self, part):
        if part.takes in self.scalars:
            self.scalars[part.gives] = self.scalars[part.takes]
        elif part.gives in self.recipe.outputs:
            others = (part.takes, part.gives)
            self.repeat(self.word(self.count(part.gives)), lambda i: self.store(part.gives, i, self.load(part.takes, i, others), others))
        else:
            self.memory[part.gives] = self.memory[part.takes]


_WRITERS = {Nest: lambda code, part: Loops(code, part).write(), Product: lambda code, part: Products(code, part).write(), Same: _Code.same,
            Turned: moving.turned, Moved: moving.moved, Inside: moving.inside, Picked: moving.picked, Changed: moving.changed}
