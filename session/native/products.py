"""A product of matrices in a step, as instructions."""

from llvmlite import ir

from graphcore.session.kernels.vector_values import Value
from graphcore.session.native.numbers import INT, NUMBERS, VECTOR
from graphcore.session.native.recipe import BYTES

_ROWS = 6  # of a tile of a product, of VECTOR bytes each: twelve registers of AVX2


class Products:
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
            self.code.times(rows, lambda i: self.code.times(columns, lambda j: self.dot(i, j)))
            return
        self.code.times(rows * columns, lambda i: self.put(i, self.code.number(self.kind, 0)))
        if along_b:
            self.code.times(rows, lambda i: self.code.times(self.depth, lambda k: self.add_row(i, k)))
        else:  # of one column: columns of a are added up
            self.code.times(self.depth, lambda k: self.code.times(
                rows, lambda i: self.add_at(i, self.of_a(i, k), self.of_b(k, self.code.word(0)))))

    # ------------------------------------------------------------ tiles: some rows of a, by as many columns as a vector has
    def tiles(self):
        """The product in tiles whose elements stay in registers while rows of b pass by.

        Vectors have a power of two of elements: the last one begins earlier than it would have to, and computes some again.
        """
        width = min(VECTOR // BYTES[self.kind], 1 << self.columns.bit_length() - 1)
        last = self.columns - width
        for count, first, rows in ((self.rows // _ROWS, 0, _ROWS), (1, self.rows - self.rows % _ROWS, self.rows % _ROWS)):
            if rows:
                self.code.times(count, lambda i, first=first, rows=rows: self.tiles_of(self.along(i, rows, first), rows, width, last))

    def along(self, i, step, first=0):
        return self.code.builder.add(self.code.builder.mul(i, self.code.word(step)), self.code.word(first))

    def tiles_of(self, first, rows, width, last):
        """All tiles of some rows of the result."""
        if last < width:  # one or two vectors are all
            self.tile(first, [self.code.word(column) for column in sorted({0, last})], rows, width)
            return
        self.code.times(self.columns // width, lambda j: self.tile(first, [self.along(j, width)], rows, width))
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

        self.code.times(self.depth, step)
        for line, sums in zip(lines, totals):
            for column, total in zip(columns, sums):
                place = self.vector_at(self.out, self.index(line, self.columns, column), vector)
                self.code.marked(builder.store(builder.load(total), place, align=BYTES[self.kind]), self.out, self.others)

    def vector_at(self, number, place, vector):
        pointer = self.code.builder.gep(self.code.memory[number], [place], inbounds=True)
        return self.code.builder.bitcast(pointer, vector.as_pointer())

    # ------------------------------------------------------------ loops
    def add_row(self, i, k):
        factor = self.of_a(i, k)
        self.code.times(self.columns, lambda j: self.add_at(self.index(i, self.columns, j), factor, self.of_b(k, j)))

    def add_at(self, place, x, y):
        self.put(place, self.multiplied(x, y, self.get(place)))

    def dot(self, i, j):
        builder, total = self.code.builder, self.code.variable(self.kind)
        builder.store(ir.Constant(NUMBERS[self.kind], 0), total)

        def step(k):
            product = builder.fmul(self.of_a(i, k).llvm, self.of_b(k, j).llvm, flags=("contract",))
            builder.store(builder.fadd(builder.load(total), product, flags=("reassoc", "contract")), total)

        self.code.times(self.depth, step)
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
        return self.code.get(number, place, self.others)

    def get(self, place):
        return self.read(self.out, place)

    def put(self, place, value):
        self.code.put(self.out, place, value, self.others)
