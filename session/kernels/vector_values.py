"""Numbers inside a generated loop: Python arithmetic on a `Value` writes the LLVM instruction for it.

What is written with these stays one straight line (selects for branches, fused multiply-adds, bit patterns, no
call into a library), so that LLVM can turn the loop around it into vector instructions.
"""

from llvmlite import ir

SINGLE, DOUBLE, BIT, INTEGER = ir.FloatType(), ir.DoubleType(), ir.IntType(1), ir.IntType(64)
_INTEGERS = {SINGLE: ir.IntType(32), DOUBLE: INTEGER}
_FLOATS = {integer: kind for kind, integer in _INTEGERS.items()}


class Value:
    """An LLVM value and the builder that uses it; Python numbers beside it are constants of its type."""

    __slots__ = ("builder", "llvm")

    def __init__(self, builder, llvm):
        self.builder, self.llvm = builder, llvm

    @property
    def type(self):
        return self.llvm.type

    @property
    def is_single(self):
        return self.llvm.type == SINGLE

    @property
    def is_integer(self):
        return isinstance(self.llvm.type, ir.IntType)

    def like(self, other):
        """``other`` itself, or the number ``other`` as a constant of this type."""
        return other if isinstance(other, Value) else Value(self.builder, ir.Constant(self.type, other))

    def _made(self, method, other):
        """What the builder's ``method`` (of integers, with its ``f`` dropped) makes of this and ``other``."""
        method = method[1:] if self.is_integer else method
        return Value(self.builder, getattr(self.builder, method)(self.llvm, self.like(other).llvm))

    def _compared(self, operator, other):
        method = self.builder.icmp_signed if self.is_integer else self.builder.fcmp_ordered
        return Value(self.builder, method(operator, self.llvm, self.like(other).llvm))

    def __add__(self, other):
        return self._made("fadd", other)

    def __sub__(self, other):
        return self._made("fsub", other)

    def __mul__(self, other):
        return self._made("fmul", other)

    def __truediv__(self, other):
        return self._made("fdiv", other)

    def __radd__(self, other):
        return self.like(other) + self

    def __rsub__(self, other):
        return self.like(other) - self

    def __rmul__(self, other):
        return self.like(other) * self

    def __rtruediv__(self, other):
        return self.like(other) / self

    def __neg__(self):
        return Value(self.builder, self.builder.neg(self.llvm) if self.is_integer else self.builder.fneg(self.llvm))

    def __lt__(self, other):
        return self._compared("<", other)

    def __le__(self, other):
        return self._compared("<=", other)

    def __gt__(self, other):
        return self._compared(">", other)

    def __ge__(self, other):
        return self._compared(">=", other)

    def equals(self, other):
        """``self == other``; false for NaN."""
        return self._compared("==", other)

    def is_nan(self):
        return Value(self.builder, self.builder.fcmp_unordered("uno", self.llvm, self.llvm))

    # ---- of truth values and of integers

    def __and__(self, other):
        return Value(self.builder, self.builder.and_(self.llvm, self.like(other).llvm))

    def __or__(self, other):
        return Value(self.builder, self.builder.or_(self.llvm, self.like(other).llvm))

    def __xor__(self, other):
        return Value(self.builder, self.builder.xor(self.llvm, self.like(other).llvm))

    def __invert__(self):
        return Value(self.builder, self.builder.not_(self.llvm))

    def __lshift__(self, places):
        return Value(self.builder, self.builder.shl(self.llvm, self.like(places).llvm))

    def __rshift__(self, places):
        """Shifted to the right, with zeros from the left."""
        return Value(self.builder, self.builder.lshr(self.llvm, self.like(places).llvm))

    # ---- between types

    def bits(self):
        """The bit pattern of a floating-point number, as an integer."""
        return Value(self.builder, self.builder.bitcast(self.llvm, _INTEGERS[self.type]))

    def as_float(self):
        """The floating-point number with this integer's bit pattern."""
        return Value(self.builder, self.builder.bitcast(self.llvm, _FLOATS[self.type]))

    def widened(self):
        """A float32 as the double of the same value."""
        return Value(self.builder, self.builder.fpext(self.llvm, DOUBLE))

    def narrowed(self):
        """A double rounded to float32."""
        return Value(self.builder, self.builder.fptrunc(self.llvm, SINGLE))

    def intrinsic(self, name, *others):
        """LLVM's instruction-like function of that name, applied to this and ``others``."""
        function = self.builder.module.declare_intrinsic(f"llvm.{name}", [self.type])
        return Value(self.builder, self.builder.call(function, [self.llvm, *(self.like(other).llvm for other in others)]))


def fma(x, y, z):
    """``x * y + z``, rounded once; at least ``x`` or ``y`` is a Value."""
    x, y = (x, y) if isinstance(x, Value) else (y, x)
    # The declaration of fma has three operands, which declare_intrinsic knows for this name alone.
    return Value(x.builder, x.builder.fma(x.llvm, x.like(y).llvm, x.like(z).llvm))


def select(condition, x, y):
    """``x`` where ``condition`` holds, else ``y``; at least one of them is a Value."""
    kind = x if isinstance(x, Value) else y
    return Value(kind.builder, kind.builder.select(condition.llvm, kind.like(x).llvm, kind.like(y).llvm))


def absolute(x):
    return x.intrinsic("fabs")


def with_sign(x, sign):
    """The size of ``x`` with the sign of ``sign``."""
    function = x.builder.module.declare_intrinsic("llvm.copysign", [x.type], ir.FunctionType(x.type, [x.type, x.type]))
    return Value(x.builder, x.builder.call(function, [x.llvm, sign.llvm]))


def clamped(x, low, high):
    """``x`` between ``low`` and ``high``; NaN stays NaN."""
    x = select(x < low, low, x)
    return select(x > high, high, x)


def once_rounded(function):
    """``function(*values, short)`` of doubles as one of either type: float32 goes through double, with short polynomials."""

    def either(*values):
        if not values[0].is_single:
            return function(*values, short=False)
        return function(*(value.widened() for value in values), short=True).narrowed()

    return either


def looked_up(name, table, index):
    """``table[index]``; the doubles of ``table`` become the module's constant ``name``."""
    builder = index.builder
    constant = builder.module.globals.get(name)
    if constant is None:
        kind = ir.ArrayType(DOUBLE, len(table))
        constant = ir.GlobalVariable(builder.module, kind, name)
        constant.linkage, constant.global_constant, constant.unnamed_addr = "internal", True, True
        constant.initializer = ir.Constant(kind, list(table))
    place = builder.gep(constant, [ir.Constant(INTEGER, 0), index.llvm], inbounds=True)
    return Value(builder, builder.load(place))


def polynomial(x, coefficients):
    """The polynomial with these coefficients, lowest power first.

    Neighbours are paired (Estrin), so that few steps wait for each other: in a long fused loop it is the waiting
    that costs, not the number of instructions.
    """
    terms = list(coefficients)
    while len(terms) > 1:
        pairs = [fma(x, high, low) for low, high in zip(terms[::2], terms[1::2])]
        terms = pairs + terms[len(terms) - 1:] if len(terms) % 2 else pairs
        x = x * x if len(terms) > 1 else x
    return terms[0]
