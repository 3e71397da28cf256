"""The compiled forms of ops' kernels: modules of the package, each compiled for one dtype at a time, and kept on disk.

`graphcore.core.compiled` says how a kernel declares its form; this module is the compiler that it counts on.
"""

import functools
import importlib.util
import os

from graphcore.core import compiled
from graphcore.session.kernels import compiling


class Library(compiling.Kernel):
    """A module of compiled kernels for one dtype; its ``function`` is the module, once its functions are compiled."""

    what = "a library of compiled kernels"

    def __init__(self, module, kind):
        self.module, self.kind = module, kind
        spec = importlib.util.find_spec(module)  # finds the source and does not run it
        self.directory = os.path.dirname(spec.origin)
        super().__init__(f"# {kind}, from {module}\n{spec.loader.get_source(module)}")

    @property
    def size(self):
        return 2 * self.text.count("\n@kernel(")

    @functools.cached_property
    def name(self):
        return f"graphcore_{self.module.rpartition('.')[2]}_{compiling.digest(self.directory, self.text)}"

    def made(self):
        """The module, its source in the cache directory so that Numba keeps the machine code there."""
        module = self.imported()
        compile_all(module, self.kind)
        return module


def compile_all(module, kind):
    """Compile every kernel of ``module`` for the dtype of this name, and for no other."""
    import numba
    import numpy as np

    for value in list(vars(module).values()):
        arguments = getattr(value, "arguments_for", None)  # see `graphcore.ops.kernels.compiled.words`
        if arguments is not None:
            value.compile(tuple(arguments(numba.from_dtype(np.dtype(kind)))))
            value.disable_compile()


def library(module, kind):
    """The one Library of this module and dtype (the name of a NumPy dtype)."""
    return compiling.known((module, kind), lambda _: Library(module, kind))


compiled.compiler = library
