"""What compiled kernels are declared with: for which types, and that other threads run meanwhile.

A module of kernels is compiled for one dtype ``T`` at a time:

    @kernel(lambda T: (reads(T), reads(T), writes(T), i8, i8))
    def added(x, y, result, start, stop): …

No bounds are checked in there: whoever calls has made sure that all indices are inside.
"""

import numba
import numpy as np
from numba import types

from graphcore.core.threads import threads_of

i8, i4, u1, b1, f4, f8 = types.int64, types.int32, types.uint8, types.boolean, types.float32, types.float64


def reads(kind, ndim=1):
    """The type of a contiguous array that is read, and perhaps not to be written."""
    return types.Array(kind, ndim, "C", readonly=True)


def writes(kind, ndim=1):
    """The type of a contiguous array that is written."""
    return types.Array(kind, ndim, "C")


def kernel(arguments):
    """Decorator: compiled for the types ``arguments(T)`` when the module is made ready for the dtype T; the GIL is free meanwhile."""

    def decorate(function):
        dispatcher = numba.njit(nogil=True, error_model="numpy", cache=True)(function)
        dispatcher.arguments_for = arguments
        return dispatcher

    return decorate


def part(function):
    """Decorator: a function that kernels call; it becomes part of their code."""
    return numba.njit(error_model="numpy", inline="never")(function)


def flat(array):
    """The array's elements one after the other, as kernels take them: a view where that is possible."""
    flags = array.flags
    if flags.c_contiguous and flags.aligned:
        return array.reshape(-1)
    return np.array(array, order="C").reshape(-1)


def run(function, arguments, units, is_large):
    """``function(*arguments, start, stop)`` over ``range(units)``; where there is much to do, threads share it."""
    threads = threads_of(0) if is_large else None
    if threads is None:
        function(*arguments, 0, units)
    else:
        threads.share(function, arguments, units)
