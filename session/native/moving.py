"""Elements of a step that only move, rows that are picked and rows that change, as instructions.

Each function writes one part of the recipe into ``code`` (a `code._Code`).
"""

import math

from llvmlite import ir

from graphcore.session.native.expressions import evaluated
from graphcore.session.native.numbers import NUMBERS, WORD


def turned(code, part):
    rows, columns = code.recipe.arrays[part.takes].sizes
    others = (part.takes, part.gives)

    def element(i, j):
        code.store(part.gives, _place(code, j, rows, i), code.load(part.takes, _place(code, i, columns, j), others), others)

    code.repeat(code.word(rows), lambda i: code.repeat(code.word(columns), lambda j: element(i, j)))


def moved(code, part):
    others = (*part.takes, part.gives)
    for block in part.blocks:
        def one(i, block=block):
            source = _place(code, i, block.source_step, code.word(block.source))
            target = _place(code, i, block.target_step, code.word(block.target))
            _copy(code, block.width, (part.takes[block.taken], source), (part.gives, target), others)

        code.times(block.count, one)


def inside(code, part):
    outside = code.variable("bool")
    code.builder.store(ir.Constant(NUMBERS["bool"], 0), outside)

    def one(i):  # as a number without sign, a negative one is large
        beyond = code.builder.icmp_unsigned(">=", _index(code, part.takes, i), code.word(part.count))
        code.builder.store(code.builder.or_(code.builder.load(outside), beyond), outside)

    code.times(code.count(part.takes), one)
    code.leave_unless(code.builder.not_(code.builder.load(outside)), code.amiss)


def picked(code, part):
    array, numbers = part.takes
    width, others = math.prod(code.recipe.arrays[array].sizes[1:]), (*part.takes, part.gives)

    def row(i):
        source = code.builder.mul(_index(code, numbers, i, others), code.word(width))
        _copy(code, width, (array, source), (part.gives, code.builder.mul(i, code.word(width))), others)

    code.times(code.count(numbers), row)


def changed(code, part):
    array, numbers, updates = part.takes
    width, others = math.prod(code.recipe.arrays[array].sizes[1:]), part.takes

    def row(i):
        first, update = code.builder.mul(_index(code, numbers, i, others), code.word(width)), code.builder.mul(i, code.word(width))

        def element(j):
            place = code.builder.add(first, j)
            known = {"x0": code.load(array, place, others), "x1": code.get(updates, code.builder.add(update, j), others)}
            code.store(array, place, evaluated(code, part.text, known), others)

        code.times(width, element)

    code.times(code.count(numbers), row)


def _place(code, index, step, start):
    """``index * step + start``."""
    return code.builder.add(code.builder.mul(index, code.word(step)), start)


def _copy(code, width, source, target, others):
    """So many elements from a place in one array to a place in another."""
    (taken, first), (given, place) = source, target
    code.times(width, lambda j: code.put(given, code.builder.add(place, j), code.get(taken, code.builder.add(first, j), others), others))


def _index(code, number, i, others=()):
    """Element i of an array of integers, as a word."""
    value = code.get(number, i, others).llvm
    return value if value.type == WORD else code.builder.sext(value, WORD)
