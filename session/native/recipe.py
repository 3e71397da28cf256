"""Recipe: what a small step computes, as plain data: which arrays it takes, its loops in order, what it gives.

Arrays have numbers, in every recipe from 0 on, so that equal steps are equal recipes and share their machine code.
"""

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


class Product(NamedTuple):
    """The matrix product of two arrays, which are seen turned if their flags say so."""

    takes: tuple
    gives: int
    turned: tuple


class Recipe(NamedTuple):
    """Arrays come as arguments (``inputs``, then room for ``outputs``) or from the table (``constants``)."""

    arrays: tuple
    inputs: tuple
    constants: tuple
    parts: tuple
    outputs: tuple
