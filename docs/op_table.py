"""The table of all ops, from their declarations."""

import inspect
from collections import defaultdict

import docstrings

import graphcore  # noqa: F401  registers the ops
from graphcore.core import dtypes
from graphcore.core.opdef import REGISTRY, TypeAttr

_SETS = {dtypes.FLOATS: "floats", dtypes.INTS: "integers", dtypes.COMPLEX: "complex", dtypes.REAL: "real", dtypes.NUMERIC: "numbers",
         dtypes.ALL: "all", dtypes.QUANTIZED: "quantized", dtypes.NUMBERS: "numbers, quantized"}
_MOST_DIFFERENT = 5
_INTRODUCTION = """# All ops

{count} ops, by the file that declares them. *Types* are those in which an attribute can be computed. *Gradient* is "yes" where
`tf.gradients` passes, "none" where the result does not depend on the inputs in a way that has a slope, and "error" where asking is a
`LookupError`, as in TensorFlow. *Fused* ops may become part of a compiled loop with their neighbours; a "sum" stands at the end of one.
*Line* is where the declaration begins. Names are GraphDef's; the functions that build them are in the [reference](api/index.md).
"""


def page():
    """The page, as Markdown."""
    files = defaultdict(list)
    for op in REGISTRY.values():
        if op.__module__.startswith("graphcore."):
            files[op.__module__].append(op)
    count = sum(map(len, files.values()))
    return _INTRODUCTION.format(count=count) + "".join(_section(module, files[module]) for module in sorted(files))


def _section(module, ops):
    path = module.removeprefix("graphcore.").replace(".", "/") + ".py"
    lines = [f"\n## {path}\n", "| op | what it gives | types | gradient | fused | line |", "| --- | --- | --- | --- | --- | --- |"]
    for op in sorted(ops, key=lambda op: op.op_name):
        summary = docstrings.escaped(inspect.getdoc(op).split("\n\n")[0].replace("\n", " "))
        lines.append(f"| {op.op_name} | {summary} | {types_of(op)} | {gradient_of(op)} | {fused(op)} | {line_of(op)} |")
    return "\n".join(lines) + "\n"


def gradient_of(op):
    """Whether an op has a gradient, in a word."""
    return "yes" if op.differentiable else "error" if op.refuses else "none"


def fused(op):
    """How an op takes part in compiled loops; empty if it does not."""
    if op.adds_up is not None:
        return "sum"
    return "yes" if getattr(op, "scalar", None) or op.loop is not None or op.spread is not None else ""


def line_of(op):
    """The number of the line where the class begins; empty for one that a function makes."""
    try:
        return inspect.getsourcelines(op)[1]
    except (OSError, TypeError):
        return ""


def types_of(op):
    """The types that an op's attributes allow, in words."""
    texts = [f"`{name}`: {set_name(attr.allowed - attr.without_kernel)}" for name, attr in op.attrs.items() if isinstance(attr, TypeAttr)]
    return "; ".join(texts) or ", ".join(dict.fromkeys(each.type.name for each in op.inputs if isinstance(each.type, dtypes.DType)))


def set_name(allowed):
    """A set of types in words: the named set that is nearest, and what is missing from it or added."""
    names = _names(allowed)
    nearest = min(_SETS, key=lambda each: len(each ^ allowed))
    missing, added = _names(nearest - allowed), _names(allowed - nearest)
    if len(names) <= len(missing) + len(added) + 1 or len(missing) + len(added) > _MOST_DIFFERENT:
        return ", ".join(names)
    return _SETS[nearest] + (f" but {', '.join(missing)}" if missing else "") + (f", also {', '.join(added)}" if added else "")


def _names(types):
    return sorted(dtype.name for dtype in types)
