"""A joined step as one call: its nodes as NumPy calls at first, machine code once the step has proven hot."""

import contextlib
import ctypes
import functools
import itertools
import os
import sys

import numpy as np

from graphcore.core.quiet import hush, loudness, unhush
from graphcore.session.kernels import compiling
from graphcore.session.kernels.hot import HotCall
from graphcore.session.kernels.hot import given as given_by
from graphcore.session.native.recipe import LINE, NAME, places_in_scratch

# Seconds in NumPy calls that machine code is worth, if it is to be made and if it is on disk: another thread makes it.
_COMPILING, _LOADING = 0.02, 0.002
_DIGEST = 32  # bytes
_MOST_NESTED = 16  # locks that one function takes: Python nests 20 blocks


class MachineCode(compiling.Kernel):
    """The machine code of a recipe: ``function`` makes callables that are bound to a table."""

    what = "a joined step"

    def __init__(self, recipe):
        super().__init__(repr(recipe))
        self.recipe = recipe

    @functools.cached_property
    def worth(self):
        if self.function is not None:
            return 0.0
        return _LOADING if os.path.exists(self.path) else _COMPILING

    @functools.cached_property
    def name(self):
        from graphcore.session.native import machine

        made_for = f"{sys.version_info[:2]} {machine.processor()}"
        words = compiling.digest(os.path.dirname(compiling.__file__), self.text)
        return f"graphcore_step_{compiling.digest(os.path.dirname(__file__), made_for + words)}"

    @property
    def path(self):
        return compiling.place(f"{self.name}.o")

    def made(self):
        from graphcore.session.native import machine

        assembled = _kept(self.path)
        if assembled is None:
            from graphcore.session.native import code  # what writes code takes longer to import than a step to load

            assembled = machine.assembled(code.text(self.recipe))
            with contextlib.suppress(OSError):  # a full disk: the next process does it again
                compiling.written(self.path, _digest_of(assembled) + assembled)
        return machine.Loaded(assembled, NAME).bound


def _kept(path):
    """The machine code in a file, which begins with its digest; None if there is none, or another than was written."""
    try:
        with open(path, "rb") as file:
            digest, assembled = file.read(_DIGEST), file.read()
    except FileNotFoundError:
        return None
    return assembled if _digest_of(assembled) == digest else None


def _digest_of(data):
    import hashlib  # it brings OpenSSL with it, 4 MB that a short program has no need of

    return hashlib.sha256(data).digest()


def is_supported():
    """Whether machine code can be made and called here."""
    from graphcore.session.native import machine

    return machine.is_supported()


class Joint:
    """Some nodes of a plan as one step: what it takes and gives, its recipe, and the plan of its own that it stands for.

    It takes the values that ``plan`` is fed and then the cells of variables. The recipe's inputs are the first of the
    values and then the contents of the cells in ``held`` (positions), and of those in ``owned``, which it changes where they
    are; its outputs are what the step gives and then the new contents of the cells in ``changed``.
    """

    def __init__(self, plan, recipe, constants, cells, held, owned, changed):
        self.plan = plan  # from the values taken to those given
        self.recipe = recipe
        self.constants = constants  # the recipe's, as arrays
        self.cells, self.held, self.owned, self.changed = cells, held, owned, changed


def joined_call(joint, plain, jit):
    """The call of a step's values and cells; the plain way has the cells already."""
    plain = _hushed(plain)
    code = compiling.known(joint.recipe, MachineCode)
    return HotCall(code, plain, len(joint.plan.feeds), jit, lambda bound: _written(joint, bound, plain))


def _hushed(plain):
    """``plain`` without NumPy's warnings: machine code gives none, and whoever calls it does not expect any."""
    def call(*values):
        before = loudness()
        try:
            hush()
            return plain(*values)
        finally:
            unhush(before)

    return call


def _tidy(array):
    return np.asarray(array, order="C")


class _Table:
    """The words that machine code is bound to, and what they point to."""

    def __init__(self, joint):
        recipe = joint.recipe
        scratch = np.empty(0 if recipe.is_long else places_in_scratch(recipe)[1] + LINE, np.uint8)
        sizes = [np.array([len(recipe.arrays[number].sizes), *recipe.arrays[number].sizes], np.int64) for number in recipe.inputs]
        kinds = [np.dtype(recipe.arrays[number].kind) for number in recipe.inputs]
        self.kept = scratch, sizes, kinds, joint.constants
        lock = [ctypes.cast(function, ctypes.c_void_p).value
                for function in (ctypes.pythonapi.PyEval_SaveThread, ctypes.pythonapi.PyEval_RestoreThread)]
        words = [id(np.ndarray), id(True), id(False), -(-_address(scratch) // LINE) * LINE, *lock]
        words += itertools.chain.from_iterable((id(kind), _address(shape)) for kind, shape in zip(kinds, sizes))
        self.words = np.array([*words, *map(_address, joint.constants)], np.uint64)


class _Pool(list):
    """Scratch memory of a step that several threads may be at: what is not in use."""

    def __init__(self, recipe):
        super().__init__()
        self.size = places_in_scratch(recipe)[1]

    def take(self):
        try:
            return self.pop()
        except IndexError:
            memory = np.empty(self.size + LINE, np.uint8)
            start = -_address(memory) % LINE
            return memory[start:start + self.size]


def _address(array):
    return array.__array_interface__["data"][0]


def _written(joint, bound, plain):
    """The function of the values and cells that calls the machine code.

    What is not as planned (an array of another shape, a variable without content) goes the plain way, which complains
    if there is reason to.
    """
    recipe, table = joint.recipe, _Table(joint)
    names = [f"v{i}" for i in range(len(joint.plan.feeds))] + [f"c{i}" for i in range(joint.cells)]
    values = names[:len(recipe.inputs) - len(joint.held) - len(joint.owned)]
    namespace = dict(native=bound(table.words), code=bound, table=table, plain=plain, given=given_by, tidy=_tidy,
                     empty=np.empty, asarray=np.asarray, ndarray=np.ndarray)
    before = [f"if {name}.__class__ is not ndarray: {name} = asarray({name})"
              for name, number in zip(values, recipe.inputs) if recipe.arrays[number].sizes == ()]
    lines = [f"h{cell} = c{cell}.value" for cell in joint.held]
    lines += [f"h{cell} = c{cell}.value is not None and c{cell}.own()" for cell in joint.owned]
    for k, number in enumerate(recipe.outputs):
        namespace[f"type{k}"] = np.dtype(recipe.arrays[number].kind)
        lines.append(f"o{k} = empty({recipe.arrays[number].sizes!r}, type{k})")
    outputs = [f"o{k}" for k in range(len(recipe.outputs))]
    given = [*values, *[f"h{cell}" for cell in (*joint.held, *joint.owned)], *outputs]
    if recipe.is_long:  # others may run it at the same time
        pool = namespace["pool"] = _Pool(recipe)
        namespace.update(take=pool.take, back=pool.append)
        lines.append("scratch = take()")
        given.append("scratch")
    call = f"native({', '.join(given)})"
    plainly = f"return given(plain({', '.join(names[:len(joint.plan.feeds)])}))"
    if values:  # an array that is not row by row in memory may have been all that was amiss
        lines += [f"if not {call}:", f"    {', '.join(values)}, = map(tidy, ({', '.join(values)},))", f"    if not {call}: {plainly}"]
    else:
        lines.append(f"if not {call}: {plainly}")
    if recipe.is_long:
        lines.append("back(scratch)")
    results, contents = outputs[:len(outputs) - len(joint.changed)], outputs[len(outputs) - len(joint.changed):]
    lines += [f"c{cell}.value = {content}" for cell, content in zip(joint.changed, contents)]
    body = [*before, *lines]
    if results:
        body.append(f"return {results[0] if len(results) == 1 else '[' + ', '.join(results) + ']'}")
    source = _locking(body, ", ".join(names), joint.cells)
    exec(compile(source, "<graphcore joined step>", "exec"), namespace)
    return namespace["call"]


def _locking(body, arguments, cells):
    """Source of ``call``, which does what ``body`` says with the locks of all cells: always in the same order, so that no two
    steps wait for each other, and by ``with``, which no signal can come in between of (it can after ``acquire()``).
    """
    functions = []
    for start in reversed(range(0, cells, _MOST_NESTED)):
        locks = ", ".join([f"c{cell}.lock" for cell in range(start, min(start + _MOST_NESTED, cells))])
        body = [f"with {locks}:", *[f"    {line}" for line in body]]
        if start:
            functions.append((f"locked{start}", body))
            body = [f"return locked{start}({arguments})"]
    functions.append(("call", body))
    return "\n".join([line for name, inside in functions for line in (f"def {name}({arguments}):", *[f"    {each}" for each in inside])])
