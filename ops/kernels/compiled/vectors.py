"""Vectors of numbers as values of compiled kernels: what has to be vector instructions is written with them.

    sums = nothing(result)
    for k in range(count):
        sums = sum_of_products(spread_element(source, first + k), load(weights, k * lanes(weights)), sums)
    store(result, place, sums)

A vector has as many numbers (`lanes`) as belong to 64 bytes; LLVM cuts it into the machine's own.  The arrays are
contiguous; indices count elements, whatever the array's rank, and are not checked.  ``…_part`` is about the first
``count`` numbers of a vector alone: nothing else is read or written, and what is not read is 0.
"""

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic, models, register_model

_BYTES = 64
_INDEX = ir.IntType(64)


class Vector(types.Type):
    """The type of a vector of numbers of type ``kind``."""

    def __init__(self, kind):
        self.kind, self.count = kind, _BYTES * 8 // kind.bitwidth
        super().__init__(f"Vector({kind})")


@register_model(Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, ir.VectorType(manager[kind.kind].get_value_type(), kind.count))


def fused_multiply_add():
    """Whether the machine has it; where not, it would be a call of the C library."""
    if not llvmlite.binding.get_process_triple().startswith(("x86_64", "i386", "i686")):
        return True
    features = config.CPU_FEATURES
    return "+fma," in f"{llvmlite.binding.get_host_cpu_features().flatten() if features is None else features},"


def _pointer(context, builder, kind, array, index, whole=False):
    place = builder.gep(context.make_array(kind)(context, builder, array).data, [index], inbounds=True)
    if not whole:
        return place
    return builder.bitcast(place, ir.PointerType(ir.VectorType(place.type.pointee, Vector(kind.dtype).count)))


def _size(kind):
    return kind.dtype.bitwidth // 8


def _all(builder, value, count):
    """A vector whose numbers are all ``value``."""
    kind = ir.VectorType(value.type, count)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count))


def _mask(builder, count, lanes):
    """Which of a vector's numbers are among its first ``count``."""
    places = ir.Constant(ir.VectorType(_INDEX, lanes), list(range(lanes)))
    return builder.icmp_signed("<", places, _all(builder, count, lanes))


# ---------------------------------------------------------------- memory


@intrinsic
def lanes(typingctx, array):
    """How many of the array's elements a vector has: a constant of the compiled code."""

    def generate(context, builder, signature, arguments):
        return ir.Constant(_INDEX, Vector(signature.args[0].dtype).count)

    return types.int64(array), generate


@intrinsic
def element(typingctx, array, index):
    """The element of the array itself."""

    def generate(context, builder, signature, arguments):
        return builder.load(_pointer(context, builder, signature.args[0], *arguments))

    return array.dtype(array, types.int64), generate


@intrinsic
def load(typingctx, array, index):
    """The elements from ``index`` on."""

    def generate(context, builder, signature, arguments):
        return builder.load(_pointer(context, builder, signature.args[0], *arguments, whole=True), align=_size(signature.args[0]))

    return Vector(array.dtype)(array, types.int64), generate


@intrinsic
def store(typingctx, array, index, vector):
    """Put the vector's numbers at ``index`` and behind it."""

    def generate(context, builder, signature, arguments):
        array, index, vector = arguments
        kind = signature.args[0]
        builder.store(vector, _pointer(context, builder, kind, array, index, whole=True), align=_size(kind))
        return context.get_dummy_value()

    return types.void(array, types.int64, Vector(array.dtype)), generate


def _masked(builder, word, kind, pointer, count, value):
    """A call of LLVM's load or store of some numbers of a vector."""
    lanes = Vector(kind.dtype).count
    vector = pointer.type.pointee
    mask, align = _mask(builder, count, lanes), ir.Constant(ir.IntType(32), _size(kind))
    if word == "load":
        arguments, result = [pointer, align, mask, value], vector
    else:
        arguments, result = [value, pointer, align, mask], ir.VoidType()
    return _called(builder, f"masked.{word}.{_name(vector)}.p0", result, arguments)


def _called(builder, name, result, arguments):
    """A call of LLVM's intrinsic function of this name."""
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}"), arguments)


def _name(vector):
    return f"v{vector.count}{vector.element.intrinsic_name}"


@intrinsic
def load_part(typingctx, array, index, count):
    """As `load`, but of the first ``count`` elements."""

    def generate(context, builder, signature, arguments):
        array, index, count = arguments
        kind = signature.args[0]
        pointer = _pointer(context, builder, kind, array, index, whole=True)
        return _masked(builder, "load", kind, pointer, count, ir.Constant(pointer.type.pointee, None))

    return Vector(array.dtype)(array, types.int64, types.int64), generate


@intrinsic
def store_part(typingctx, array, index, vector, count):
    """As `store`, but of the first ``count`` numbers."""

    def generate(context, builder, signature, arguments):
        array, index, vector, count = arguments
        kind = signature.args[0]
        _masked(builder, "store", kind, _pointer(context, builder, kind, array, index, whole=True), count, vector)
        return context.get_dummy_value()

    return types.void(array, types.int64, Vector(array.dtype), types.int64), generate


# ---------------------------------------------------------------- arithmetic


@intrinsic
def nothing(typingctx, array):
    """A vector of zeros of the array's type."""

    def generate(context, builder, signature, arguments):
        return ir.Constant(context.get_value_type(signature.return_type), None)

    return Vector(array.dtype)(array), generate


@intrinsic
def spread_element(typingctx, array, index):
    """A vector whose numbers are all the element ``index``."""

    def generate(context, builder, signature, arguments):
        kind = signature.args[0]
        return _all(builder, builder.load(_pointer(context, builder, kind, *arguments)), Vector(kind.dtype).count)

    return Vector(array.dtype)(array, types.int64), generate


@intrinsic
def everywhere(typingctx, number):
    """A vector whose numbers are all this one."""

    def generate(context, builder, signature, arguments):
        return _all(builder, arguments[0], signature.return_type.count)

    return Vector(number)(number), generate


@intrinsic
def sum_of_products(typingctx, x, y, total):
    """``x * y + total``, rounded once where the machine can: for sums, whose rounding is nobody's business."""

    def generate(context, builder, signature, arguments):
        x, y, total = arguments
        if fused_multiply_add():
            return _called(builder, f"fma.{_name(x.type)}", x.type, arguments)
        return builder.fadd(builder.fmul(x, y), total)

    return x(x, y, total), generate


def _arithmetic(word):
    def function(typingctx, x, y):
        def generate(context, builder, signature, arguments):
            return getattr(builder, f"f{word}" if isinstance(signature.return_type.kind, types.Float) else word)(*arguments)

        return x(x, y), generate

    return intrinsic(function)


plus, minus, times = _arithmetic("add"), _arithmetic("sub"), _arithmetic("mul")


@intrinsic
def sum_of(typingctx, x):
    """The sum of the vector's numbers, added as a tree."""

    def generate(context, builder, signature, arguments):
        x, = arguments
        zero = ir.Constant(x.type.element, 0.0)
        kind = ir.FunctionType(x.type.element, [x.type.element, x.type])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.{_name(x.type)}")
        return builder.call(function, [zero, x], fastmath=("reassoc",))

    return x.kind(x), generate


@intrinsic
def divided(typingctx, x, y):
    """``x / y``."""

    def generate(context, builder, signature, arguments):
        return builder.fdiv(*arguments)

    return x(x, y), generate


# ---------------------------------------------------------------- which is largest


class Places(types.Type):
    """The type of as many integers as a vector of ``kind`` has numbers."""

    def __init__(self, kind):
        self.kind, self.count = kind, Vector(kind).count
        super().__init__(f"Places({kind})")


@register_model(Places)
class _PlacesModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, ir.VectorType(ir.IntType(kind.kind.bitwidth), kind.count))


def _place_everywhere(builder, place, kind):
    return _all(builder, builder.trunc(place, kind.element) if kind.element.width < 64 else place, kind.count)


@intrinsic
def larger(typingctx, x, largest):
    """The larger of each pair; ``largest`` where ``x`` is NaN, ``x`` where that is."""

    def generate(context, builder, signature, arguments):
        x, largest = arguments
        better = builder.or_(builder.fcmp_ordered(">", x, largest), builder.fcmp_unordered("uno", largest, largest))
        return builder.select(better, x, largest)

    return x(x, largest), generate


@intrinsic
def greater(typingctx, x, largest):
    """``x`` where that is greater, else ``largest``."""

    def generate(context, builder, signature, arguments):
        return builder.select(builder.fcmp_ordered(">", *arguments), *arguments)

    return x(x, largest), generate


@intrinsic
def places_of(typingctx, x, place):
    """``place`` for each number of ``x``."""

    def generate(context, builder, signature, arguments):
        return _place_everywhere(builder, arguments[1], context.get_value_type(signature.return_type))

    return Places(x.kind)(x, types.int64), generate


@intrinsic
def places_if_greater(typingctx, x, largest, places, place):
    """``place`` where ``x`` is greater than ``largest``, else what ``places`` says."""

    def generate(context, builder, signature, arguments):
        x, largest, places, place = arguments
        return builder.select(builder.fcmp_ordered(">", x, largest), _place_everywhere(builder, place, places.type), places)

    return places(x, largest, places, types.int64), generate


@intrinsic
def only_at(typingctx, x, places, place):
    """``x`` where ``places`` says ``place``, else 0."""

    def generate(context, builder, signature, arguments):
        x, places, place = arguments
        here = builder.icmp_signed("==", places, _place_everywhere(builder, place, places.type))
        return builder.select(here, x, ir.Constant(x.type, None))

    return x(x, places, types.int64), generate
