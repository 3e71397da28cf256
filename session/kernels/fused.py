"""A fused group as one call: NumPy calls at first, the compiled kernel once the group has proven hot."""

import math
import time

import numpy as np

from graphcore.session.kernels.compiling import kernel_of
from graphcore.session.kernels.loops import BLOCK

PARALLEL = 1 << 16  # elements from which on threads share the work


class Group:
    """A fused group of plan nodes: what it takes and gives, its loops, and the plan of its own that it stands for."""

    def __init__(self, plan, loop, sizes, shapes, results):
        self.plan = plan  # from the inputs to the outputs
        self.loop = loop
        self.sizes = sizes  # of the loops
        self.shapes = shapes  # of the inputs
        self.results = results  # per output: (shape, divisor or None)

    @property
    def count(self):
        return math.prod(self.sizes)


class FusedCall:
    """The function of a group's input arrays; it becomes quicker with time.

    ``users`` are (namespace, name) of generated code that calls it: they are given the compiled way directly.
    """

    def __init__(self, group, plain, threads, jit):
        self.group, self.plain, self.threads, self.jit = group, plain, threads, jit
        self.kernel = kernel_of(group.loop)
        self.users = []
        self.asked = False
        self.call = self.first

    def __call__(self, *values):
        return self.call(*values)

    def first(self, *values):
        """NumPy calls, timed; they ask for the kernel when enough time went into them."""
        if self.jit() == "eager":
            function = self.kernel.compiled()
            if function is not None:
                self.ready(function)
                return self.call(*values)
        started = time.perf_counter()
        results = self.plain(*values)
        self.kernel.spent += time.perf_counter() - started
        if not self.asked and self.kernel.spent > self.kernel.worth and self.jit() != "off":
            self.asked = True
            self.kernel.when_ready(self.ready)
        return results if len(results) > 1 else results[0]

    def ready(self, function):
        """From now on call the compiled function."""
        self.call = _written(self.group, function, self.plain, self.threads)
        for namespace, name in self.users:
            namespace[name] = self.call

    def used_in(self, namespace, name):
        """Note that generated code calls this under ``name``; gives what to call at first."""
        if self.call == self.first:
            self.users.append((namespace, name))
            return self
        return self.call


def _written(group, function, plain, threads):
    """The function of the input arrays that calls the kernel, written for the group's shapes.

    Arrays of other shapes than planned, or of a layout that the kernel cannot take, go the plain way.
    """
    loop, names = group.loop, [f"v{i}" for i in range(len(group.shapes))]
    namespace = dict(function=function, plain=plain, empty=np.empty, zeros=np.zeros, asarray=np.asarray, total=np.add.reduce,
                     threads=threads, ascontiguousarray=np.ascontiguousarray)
    lines, outputs, given = [], [], []
    for number, (result, (shape, divisor)) in enumerate(zip(loop.results, group.results)):
        namespace[f"type{number}"] = np.dtype(result.kind)
        whole = result.sum and not any(result.mask)
        made = (_units(group),) if whole else shape
        lines.append(f"o{number} = {'zeros' if result.sum and not whole else 'empty'}({made!r}, type{number})")
        outputs.append(f"o{number}")
        given.append(_finished(number, result, shape, divisor, whole, namespace))
    test = " and ".join([f"{n}.shape == {s!r}" for n, s in zip(names, group.shapes)]) or "True"
    prepared = [f"{n} = asarray({n})" for n, s in zip(names, group.shapes) if s == ()]
    call = ", ".join([*names, *outputs, *map(str, group.sizes)])
    plain_call = f"results = plain({', '.join(names)})\nreturn {'results' if len(outputs) > 1 else 'results[0]'}"
    run = f"function({call}, 0, {_units(group)})"
    if threads is not None and loop.divisible and group.count >= PARALLEL:
        run = f"threads.share(function, ({call},), {_units(group)})"
    body = [f"if not ({test}):", *_indented(plain_call.splitlines()), *prepared, *lines, "try:", f"    {run}", "except TypeError:",
            *_indented([f"{n} = ascontiguousarray({n})" for n, s in zip(names, group.shapes) if s != ()]), f"    {run}",
            f"return {', '.join(given)}"]
    text = "\n".join([f"def call({', '.join(names)}):", *_indented(body)])
    exec(compile(text, "<graphcore fused call>", "exec"), namespace)
    return namespace["call"]


def _indented(lines):
    return [f"    {line}" for line in lines]


def _units(group):
    """How many steps the outermost loop has: blocks of elements where a sum goes over all of them."""
    return -(-group.sizes[0] // BLOCK) if group.loop.in_blocks else group.sizes[0]


def _finished(number, result, shape, divisor, whole, namespace):
    """The text of what becomes of an output array."""
    text = f"total(o{number})" if whole else f"o{number}"
    if divisor is not None:
        namespace[f"divisor{number}"] = np.dtype(result.kind).type(divisor)
        text = f"{text} / divisor{number}"
    if whole and shape != ():
        return f"asarray({text}).reshape({shape!r})"
    return text if whole or shape != () else f"{text}[()]"
