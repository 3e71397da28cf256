"""Recipe: what a small step computes, as plain data: which arrays it takes, its loops in order, what it gives.

Arrays have numbers, in every recipe from 0 on, so that equal steps are equal recipes and share their machine code.
"""

import math
from typing import NamedTuple

from graphcore.session.kernels.loops import Loop


class Array(NamedTuple):
    """What is known of an array: a dtype's name, and its sizes."""

    kind: str
    sizes: tuple


class Nest(NamedTuple):
    """A nest of loops: over ``sizes``, from the arrays ``takes`` to ``gives``; a sum is divided by its divisor, if it has one."""

    loop: Loop
    sizes: tuple
    takes: tuple
    gives: tuple
    divisors: tuple


class Same(NamedTuple):
    """The array ``gives`` has the elements of ``takes``, in another shape."""

    takes: int
    gives: int


class Turned(NamedTuple):
    """The matrix ``gives`` is ``takes`` with rows for columns."""

    takes: int
    gives: int


class Product(NamedTuple):
    """The matrix product of two arrays, which are seen turned if their flags say so."""

    takes: tuple
    gives: int
    turned: tuple


class Block(NamedTuple):
    """Elements that stand together: ``count`` times ``width`` of them, from the place ``source`` in the array that is number
    ``taken`` of a part to the place ``target`` in what the part gives, each time so many elements (the steps) further.
    """

    taken: int
    count: int
    width: int
    source: int
    source_step: int
    target: int
    target_step: int


class Moved(NamedTuple):
    """The array ``gives`` is put together from blocks of elements."""

    takes: tuple
    gives: int
    blocks: tuple


class Inside(NamedTuple):
    """The integers in ``takes`` are at least 0 and below ``count``; else the step is left before anything has changed."""

    takes: int
    count: int


class Picked(NamedTuple):
    """The array ``gives`` is those rows of the first of ``takes`` that the second numbers; they are inside it."""

    takes: tuple
    gives: int


class Changed(NamedTuple):
    """Rows of an array become, where it stands, what ``text`` says of their elements ``x0`` and those of the updates, ``x1``.

    ``takes`` are the array, the rows' numbers, which are inside it, and the updates: a row for each, or one number.
    """

    takes: tuple
    text: str


class Recipe(NamedTuple):
    """Arrays come as arguments (``inputs``, then room for ``outputs``) or from the table (``constants``).

    A step with much ``work`` (operations on numbers, roughly) does it without the interpreter's lock; then its scratch
    memory comes as the last argument.
    """

    arrays: tuple
    inputs: tuple
    constants: tuple
    parts: tuple
    outputs: tuple

    @property
    def work(self):
        return sum(_WORK[type(part)](self, part) for part in self.parts)

    @property
    def is_long(self):
        return self.work > _LONG


_LONG = 100_000  # some twenty microseconds of work
_WORK = {
    Nest: lambda recipe, part: math.prod(part.sizes) * part.loop.work,
    Same: lambda recipe, part: 0,
    Turned: lambda recipe, part: math.prod(recipe.arrays[part.gives].sizes),
    Moved: lambda recipe, part: math.prod(recipe.arrays[part.gives].sizes),
    Inside: lambda recipe, part: math.prod(recipe.arrays[part.takes].sizes),
    Picked: lambda recipe, part: 2 * math.prod(recipe.arrays[part.gives].sizes),
    Changed: lambda recipe, part: 4 * math.prod(recipe.arrays[part.takes[1]].sizes) * math.prod(recipe.arrays[part.takes[0]].sizes[1:]),
    Product: lambda recipe, part: math.prod(recipe.arrays[part.gives].sizes) * recipe.arrays[part.takes[0]].sizes[not part.turned[0]] // 4,
}

NAME = "graphcore_step"  # of the function in a recipe's machine code
BYTES = {"float32": 4, "float64": 8, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "bool": 1}
LINE = 64  # bytes: scratch memory, and every array in it, begins at such an address


def places_in_scratch(recipe):
    """(array → its byte in scratch memory, the bytes needed in all)."""
    given = {*recipe.inputs, *recipe.constants, *recipe.outputs}
    same = {part.gives for part in recipe.parts if isinstance(part, Same)}
    found, size = {}, 0
    for number, array in enumerate(recipe.arrays):
        if number not in given and number not in same and math.prod(array.sizes) > 1:
            found[number] = size
            size += -(-BYTES[array.kind] * math.prod(array.sizes) // LINE) * LINE
    return found, size
