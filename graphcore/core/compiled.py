"""Kernels that have a second form, compiled: who declares one says where it is, and NumPy computes until it is there.

    @compiled_in("graphcore.ops.kernels.compiled.gathering", {np.dtype("int32"), np.dtype("int64")})
    def rows_taken(indices, params): …

The module that is named imports Numba, so nobody imports it before it is wanted: it has a function of the same name
and arguments, which gives NotImplemented for what it does not take (another layout, a bad index).  Then, as everywhere
while there is no compiled form, the NumPy kernel computes, or complains.  Session sets ``compiler``; until then, and
with GRAPHCORE_JIT=off, there is NumPy alone.
"""

import functools
import time

from graphcore.core import flags

compiler = None  # (module, name of a dtype) → an object like `graphcore.session.kernels.compiling.Kernel`, its function the module


def compiled_in(module, kinds):
    """Decorator: the kernel has a compiled form in ``module`` where the dtype of its first argument is one of ``kinds``."""

    def decorate(plain):
        return _Tiers(plain, module, frozenset(kinds)).kernel()

    return decorate


class _Tiers:
    """A kernel's two forms, and for each dtype which one is called."""

    def __init__(self, plain, module, kinds):
        self.plain, self.module, self.kinds = plain, module, kinds
        self.ways = {}  # dtype → the compiled form
        self.waiting = {}  # dtype → the kernel that is or will be compiled
        self.asked = set()  # dtypes whose kernel has been asked for

    def kernel(self):
        """The function that calls one form or the other; ``plain``, ``compiled(kind)`` and ``ways`` give them by themselves."""
        plain, ways, first, mode = self.plain, self.ways, self.first, flags.jit.get

        @functools.wraps(plain)
        def kernel(*arguments):
            way = ways.get(arguments[0].dtype)
            if way is None or mode() == "off":
                return first(arguments)
            result = way(*arguments)
            return plain(*arguments) if result is NotImplemented else result

        kernel.plain, kernel.compiled, kernel.ways = plain, self.compiled, ways
        return kernel

    def first(self, arguments):
        """NumPy, timed: the compiled form is asked for when as much time went into NumPy as compiling costs."""
        kind, mode = arguments[0].dtype, flags.jit.get()
        if mode == "off" or kind not in self.kinds or compiler is None:
            return self.plain(*arguments)
        waiting = self.waiting.get(kind)
        if mode == "eager":
            way = self.compiled(kind)
            result = NotImplemented if way is None else way(*arguments)
            return self.plain(*arguments) if result is NotImplemented else result
        if waiting is None:
            waiting = self.waiting[kind] = compiler(self.module, kind.name)
        started = time.perf_counter()
        result = self.plain(*arguments)
        waiting.spent += time.perf_counter() - started
        if waiting.spent > waiting.worth and kind not in self.asked:
            self.asked.add(kind)
            waiting.when_ready(functools.partial(self.ready, kind))
        return result

    def compiled(self, kind):
        """The compiled form for this dtype, made now if need be; None if it cannot be."""
        module = compiler(self.module, kind.name).compiled()
        if module is not None:
            self.ready(kind, module)
        return self.ways.get(kind)

    def ready(self, kind, module):
        self.ways[kind] = getattr(module, self.plain.__name__)
