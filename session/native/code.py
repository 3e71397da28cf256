"""Recipe → the text of an LLVM module with one function, which computes it.

Every array of one element is a value in a register; the others are memory: arguments, constants, or parts of the
step's scratch memory.  Whatever touches memory says which array it is: no two of them overlap, and loops become
vector instructions.
"""

import ast
import math
import re
import sys

from llvmlite import ir

from graphcore.session.kernels.loops import FIRST, SIDE_BY_SIDE
from graphcore.session.kernels.vector_formulas import FORMULAS
from graphcore.session.kernels.vector_values import Value
from graphcore.session.native import layout
from graphcore.session.native.recipe import Changed, Inside, Moved, Nest, Picked, Product, Same, Turned

BYTE, WORD, INT = ir.IntType(8), ir.IntType(64), ir.IntType(32)
ADDRESS = BYTE.as_pointer()
NUMBERS = {"float32": ir.FloatType(), "float64": ir.DoubleType(), "int8": BYTE, "int16": ir.IntType(16), "int32": INT,
           "int64": WORD, "bool": ir.IntType(1)}  # as values; a bool in memory is a byte
BYTES = {"float32": 4, "float64": 8, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "bool": 1}
CASTS = {"f4": "float32", "f8": "float64", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64"}
NAME = "graphcore_step"
_LOOP = "loop "
_NAMED = re.compile(rf'^(!\d+) = !{{ !"{_LOOP}\d+",', re.MULTILINE)  # LLVM wants the metadata of a loop to begin with itself
_LINE = 64  # bytes: where an array begins in scratch memory

# Words of the table that a function is bound to.
ARRAY_CLASS, DONE, UNFIT, SCRATCH, RELEASE, ACQUIRE = range(6)  # the last two: functions of the interpreter's lock
FIRST_INPUT = 6  # then two words an input: its dtype, and where its rank and sizes stand; then a word a constant


def places_in_scratch(recipe):
    """(array → its byte in scratch memory, the bytes needed in all)."""
    given = {*recipe.inputs, *recipe.constants, *recipe.outputs}
    same = {part.gives for part in recipe.parts if isinstance(part, Same)}
    found, size = {}, 0
    for number, array in enumerate(recipe.arrays):
        if number not in given and number not in same and math.prod(array.sizes) > 1:
            found[number] = size
            size += -(-BYTES[array.kind] * math.prod(array.sizes) // _LINE) * _LINE
    return found, size


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

    # ------------------------------------------------------------ parts
    def same(self, part):
        if part.takes in self.scalars:
            self.scalars[part.gives] = self.scalars[part.takes]
        elif part.gives in self.recipe.outputs:
            others = (part.takes, part.gives)
            self.repeat(self.word(self.count(part.gives)), lambda i: self.store(part.gives, i, self.load(part.takes, i, others), others))
        else:
            self.memory[part.gives] = self.memory[part.takes]

    def nest(self, part):
        _Loops(self, part).write()

    def turned(self, part):
        rows, columns = self.recipe.arrays[part.takes].sizes
        others = (part.takes, part.gives)

        def element(i, j):
            at = self.builder.add(self.builder.mul(i, self.word(columns)), j)
            self.store(part.gives, self.builder.add(self.builder.mul(j, self.word(rows)), i), self.load(part.takes, at, others), others)

        self.repeat(self.word(rows), lambda i: self.repeat(self.word(columns), lambda j: element(i, j)))

    def product(self, part):
        _Products(self, part).write()

    # ------------------------------------------------------------ elements that move, rows that are picked and changed
    def get(self, number, place, others):
        return self.scalars.get(number) or self.load(number, place, others)

    def put(self, number, place, value, others):
        if self.count(number) == 1:
            self.scalars[number] = value
        else:
            self.store(number, place, value, others)

    def times(self, count, body):
        if count == 1:
            body(self.word(0))
        else:
            self.repeat(self.word(count), body)

    def along(self, index, step, start):
        """``start + index * step``."""
        if isinstance(start, int):
            start = self.word(start)
        return self.builder.add(self.builder.mul(index, self.word(step)), start)

    def moved(self, part):
        others = (*part.takes, part.gives)
        for block in part.blocks:
            taken = part.takes[block.taken]

            def one(i, block=block, taken=taken):
                source, target = self.along(i, block.source_step, block.source), self.along(i, block.target_step, block.target)
                self.times(block.width, lambda j: self.put(part.gives, self.builder.add(target, j),
                                                           self.get(taken, self.builder.add(source, j), others), others))

            self.times(block.count, one)

    def index(self, number, i, others=()):
        """Element i of an array of integers, as a word."""
        value = self.get(number, i, others).llvm
        return value if value.type == WORD else self.builder.sext(value, WORD)

    def inside(self, part):
        outside = self.variable("bool")
        self.builder.store(ir.Constant(NUMBERS["bool"], 0), outside)

        def one(i):  # as a number without sign, a negative one is large
            beyond = self.builder.icmp_unsigned(">=", self.index(part.takes, i), self.word(part.count))
            self.builder.store(self.builder.or_(self.builder.load(outside), beyond), outside)

        self.times(self.count(part.takes), one)
        self.leave_unless(self.builder.not_(self.builder.load(outside)), self.amiss)

    def picked(self, part):
        array, numbers = part.takes
        width, others = math.prod(self.recipe.arrays[array].sizes[1:]), (*part.takes, part.gives)

        def row(i):
            source, target = self.builder.mul(self.index(numbers, i, others), self.word(width)), self.builder.mul(i, self.word(width))
            self.times(width, lambda j: self.put(part.gives, self.builder.add(target, j),
                                                 self.get(array, self.builder.add(source, j), others), others))

        self.times(self.count(numbers), row)

    def changed(self, part):
        array, numbers, updates = part.takes
        width, others = math.prod(self.recipe.arrays[array].sizes[1:]), part.takes

        def row(i):
            first, update = self.builder.mul(self.index(numbers, i, others), self.word(width)), self.builder.mul(i, self.word(width))

            def element(j):
                place = self.builder.add(first, j)
                known = {"x0": self.load(array, place, others), "x1": self.get(updates, self.builder.add(update, j), others)}
                self.store(array, place, evaluated(self, part.text, known), others)

            self.times(width, element)

        self.times(self.count(numbers), row)


class _Loops:
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
        vectors = self.sizes[-1] * BYTES[self.loop.results[0].kind] // _VECTOR
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


def evaluated(code, expression, known):
    """The value of a typed expression."""
    return _Evaluation(code, known).visit(ast.parse(expression, mode="eval").body)


_ARITHMETIC = {ast.Add: Value.__add__, ast.Sub: Value.__sub__, ast.Mult: Value.__mul__, ast.Div: Value.__truediv__}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class _Evaluation(ast.NodeVisitor):
    """Writes the instructions of a typed expression (see `forms`)."""

    def __init__(self, code, known):
        self.code, self.known = code, known

    def visit_Name(self, node):
        return self.known[node.id]

    def visit_Constant(self, node):
        return self.code.number("bool", int(node.value))

    def visit_UnaryOp(self, node):
        return -self.visit(node.operand)

    def visit_BinOp(self, node):
        return _ARITHMETIC[type(node.op)](self.visit(node.left), self.visit(node.right))

    def visit_Compare(self, node):
        left, right = self.visit(node.left), self.visit(node.comparators[0])
        operator, builder = _COMPARISONS[type(node.ops[0])], self.code.builder
        if isinstance(left.type, ir.IntType):
            compare = builder.icmp_unsigned if left.type.width == 1 else builder.icmp_signed
        else:
            compare = builder.fcmp_unordered if operator == "!=" else builder.fcmp_ordered
        return Value(builder, compare(operator, left.llvm, right.llvm))

    def visit_Call(self, node):
        word = node.func.id
        if word in CASTS:
            return self.cast(node.args[0], CASTS[word])
        return FORMULAS[word](*[self.visit(argument) for argument in node.args])

    def cast(self, argument, kind):
        """A number of this type: a literal, or a value converted (see `forms.cast`)."""
        try:
            return self.code.number(kind, ast.literal_eval(argument))
        except ValueError:
            value, builder, wanted = self.visit(argument), self.code.builder, NUMBERS[kind]
        if isinstance(value.type, ir.IntType):
            return Value(builder, builder.sitofp(value.llvm, wanted))
        convert = builder.fpext if kind == "float64" else builder.fptrunc
        return value if value.type == wanted else Value(builder, convert(value.llvm, wanted))


_ROWS, _VECTOR = 6, 64  # of a tile of a product: rows, and bytes a row; twelve registers of AVX2


class _Products:
    """Writes one product of matrices, in the order of loops in which the innermost goes along memory."""

    def __init__(self, code, part):
        self.code, self.others = code, (*part.takes, part.gives)
        (self.a, self.b), self.out, (self.turned_a, self.turned_b) = part.takes, part.gives, part.turned
        a, b = (code.recipe.arrays[number].sizes for number in part.takes)
        self.rows, self.depth = a[::-1] if self.turned_a else a
        self.columns = b[0] if self.turned_b else b[1]
        self.kind = code.recipe.arrays[self.out].kind

    def write(self):
        rows, columns = self.rows, self.columns
        if rows >= _ROWS and 1 < columns and not self.turned_b:
            self.tiles()
            return
        along_b = not self.turned_b and columns > 1 or self.depth == 1  # rows of b are added up
        if not along_b and (not self.turned_a or rows == 1 or columns > 1):
            self.over(rows, lambda i: self.over(columns, lambda j: self.dot(i, j)))
            return
        self.over(rows * columns, lambda i: self.put(i, self.code.number(self.kind, 0)))
        if along_b:
            self.over(rows, lambda i: self.over(self.depth, lambda k: self.add_row(i, k)))
        else:  # of one column: columns of a are added up
            self.over(self.depth, lambda k: self.over(rows, lambda i: self.add_at(i, self.of_a(i, k), self.of_b(k, self.code.word(0)))))

    # ------------------------------------------------------------ tiles: some rows of a, by as many columns as a vector has
    def tiles(self):
        """The product in tiles whose elements stay in registers while rows of b pass by.

        Vectors have a power of two of elements: the last one begins earlier than it would have to, and computes some again.
        """
        width = min(_VECTOR // BYTES[self.kind], 1 << self.columns.bit_length() - 1)
        last = self.columns - width
        for count, first, rows in ((self.rows // _ROWS, 0, _ROWS), (1, self.rows - self.rows % _ROWS, self.rows % _ROWS)):
            if rows:
                self.over(count, lambda i, first=first, rows=rows: self.tiles_of(self.along(i, rows, first), rows, width, last))

    def along(self, i, step, first=0):
        return self.code.builder.add(self.code.builder.mul(i, self.code.word(step)), self.code.word(first))

    def tiles_of(self, first, rows, width, last):
        """All tiles of some rows of the result."""
        if last < width:  # one or two vectors are all
            self.tile(first, [self.code.word(column) for column in sorted({0, last})], rows, width)
            return
        self.over(self.columns // width, lambda j: self.tile(first, [self.along(j, width)], rows, width))
        if self.columns % width:
            self.tile(first, [self.code.word(last)], rows, width)

    def tile(self, first, columns, rows, width):
        builder, vector = self.code.builder, ir.VectorType(NUMBERS[self.kind], width)
        nothing, zeros = ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(INT, width), [0] * width)
        with builder.goto_block(self.code.entry):
            totals = [[builder.alloca(vector) for _ in columns] for _ in range(rows)]
        for total in (total for line in totals for total in line):
            builder.store(ir.Constant(vector, [0.0] * width), total)
        lines = [builder.add(first, self.code.word(r)) for r in range(rows)]

        def step(k):
            parts = [builder.load(self.vector_at(self.b, self.index(k, self.columns, column), vector), align=BYTES[self.kind])
                     for column in columns]
            for part in parts:
                self.code.marked(part, self.b, self.others)
            for line, sums in zip(lines, totals):
                factor = builder.insert_element(nothing, self.of_a(line, k).llvm, ir.Constant(INT, 0))
                factor = builder.shuffle_vector(factor, nothing, zeros)
                for part, total in zip(parts, sums):
                    product = builder.fmul(factor, part, flags=("contract",))
                    builder.store(builder.fadd(builder.load(total), product, flags=("contract",)), total)

        self.over(self.depth, step)
        for line, sums in zip(lines, totals):
            for column, total in zip(columns, sums):
                place = self.vector_at(self.out, self.index(line, self.columns, column), vector)
                self.code.marked(builder.store(builder.load(total), place, align=BYTES[self.kind]), self.out, self.others)

    def vector_at(self, number, place, vector):
        pointer = self.code.builder.gep(self.code.memory[number], [place], inbounds=True)
        return self.code.builder.bitcast(pointer, vector.as_pointer())

    # ------------------------------------------------------------ loops
    def over(self, count, body):
        if count == 1:
            body(self.code.word(0))
        else:
            self.code.repeat(self.code.word(count), body)

    def add_row(self, i, k):
        factor = self.of_a(i, k)
        self.over(self.columns, lambda j: self.add_at(self.index(i, self.columns, j), factor, self.of_b(k, j)))

    def add_at(self, place, x, y):
        self.put(place, self.multiplied(x, y, self.get(place)))

    def dot(self, i, j):
        builder, total = self.code.builder, self.code.variable(self.kind)
        builder.store(ir.Constant(NUMBERS[self.kind], 0), total)

        def step(k):
            product = builder.fmul(self.of_a(i, k).llvm, self.of_b(k, j).llvm, flags=("contract",))
            builder.store(builder.fadd(builder.load(total), product, flags=("reassoc", "contract")), total)

        self.over(self.depth, step)
        self.put(self.index(i, self.columns, j), Value(builder, builder.load(total)))

    def multiplied(self, x, y, total):
        builder = self.code.builder
        product = builder.fmul(x.llvm, y.llvm, flags=("contract",))
        return Value(builder, builder.fadd(total.llvm, product, flags=("contract",)))

    def index(self, i, size, j):
        builder = self.code.builder
        return builder.add(builder.mul(i, self.code.word(size), flags=("nuw", "nsw")), j, flags=("nuw", "nsw"))

    def of_a(self, i, k):
        return self.read(self.a, self.index(k, self.rows, i) if self.turned_a else self.index(i, self.depth, k))

    def of_b(self, k, j):
        return self.read(self.b, self.index(j, self.depth, k) if self.turned_b else self.index(k, self.columns, j))

    def read(self, number, place):
        return self.code.scalars.get(number) or self.code.load(number, place, self.others)

    def get(self, place):
        return self.code.scalars.get(self.out) or self.code.load(self.out, place, self.others)

    def put(self, place, value):
        if self.code.count(self.out) == 1:
            self.code.scalars[self.out] = value
        else:
            self.code.store(self.out, place, value, self.others)


_WRITERS = {Nest: _Code.nest, Same: _Code.same, Turned: _Code.turned, Product: _Code.product, Moved: _Code.moved, Inside: _Code.inside,
            Picked: _Code.picked, Changed: _Code.changed}
