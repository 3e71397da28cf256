"""A fused group as one call: NumPy calls at first, the compiled kernel once the group has proven hot."""

import math

import numpy as np

from graphcore.session.kernels.compiling import kernel_of
from graphcore.session.kernels.hot import HotCall
from graphcore.session.kernels.loops import BLOCK, FIRST

_OF_ALL = {"added": np.add, "multiplied": np.multiply, "largest_number": np.maximum, "smallest_number": np.minimum}
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


def fused_call(group, plain, threads, jit):
    """The call of a group's input arrays."""
    return HotCall(kernel_of(group.loop), plain, len(group.shapes), jit, lambda function: _written(group, function, plain, threads))


def _written(group, function, plain, threads):
    """The function of the input arrays that calls the kernel, written for the group's shapes.

    Arrays of other shapes than planned, or of a layout that the kernel cannot take, go the plain way.
    """
    loop, names = group.loop, [f"v{i}" for i in range(len(group.shapes))]
    namespace = dict(function=function, plain=plain, empty=np.empty, full=np.full, asarray=np.asarray, inf=np.inf,
                     threads=threads, ascontiguousarray=np.ascontiguousarray)
    lines, outputs, given = [], [], []
    for number, (result, (shape, divisor)) in enumerate(zip(loop.results, group.results)):
        namespace[f"type{number}"] = np.dtype(result.kind)
        whole = result.sum and not any(result.mask)
        made = (_units(group),) if whole else shape
        first = f", {FIRST[result.step]}" if result.sum and not whole else ""
        lines.append(f"o{number} = {'full' if first else 'empty'}({made!r}{first}, type{number})")
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
    text = f"total{number}(o{number})" if whole else f"o{number}"
    namespace[f"total{number}"] = _OF_ALL[result.step].reduce
    if divisor is not None:
        namespace[f"divisor{number}"] = np.dtype(result.kind).type(divisor)
        text = f"{text} / divisor{number}"
    if whole and shape != ():
        return f"asarray({text}).reshape({shape!r})"
    return text if whole or shape != () else f"{text}[()]"
