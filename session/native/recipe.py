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
    Nest: lambda recipe, part: math.prod(part.sizes) * sum(4 if "(" in line else 1 for line in part.loop.lines),
    Same: lambda recipe, part: 0,
    Turned: lambda recipe, part: math.prod(recipe.arrays[part.gives].sizes),
    Product: lambda recipe, part: math.prod(recipe.arrays[part.gives].sizes) * recipe.arrays[part.takes[0]].sizes[not part.turned[0]] // 4,
}
