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

{count} ops, by the file that declares them. *Types* are those of the inputs that share the attribute, *fused* ops may become part of a
compiled loop with their neighbours, *gradient* says whether `tf.gradients` passes. Names are GraphDef's; the functions that build
them are in the [reference](api/index.md).
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
    lines = [f"\n## {path}\n", "| op | what it gives | types | gradient | fused |", "| --- | --- | --- | --- | --- |"]
    for op in sorted(ops, key=lambda op: op.op_name):
        summary = docstrings.escaped(inspect.getdoc(op).split("\n\n")[0].replace("\n", " "))
        lines.append(f"| {op.op_name} | {summary} | {types_of(op)} | {'yes' if op.differentiable else 'none'} | "
                     f"{'yes' if getattr(op, 'scalar', None) else ''} |")
    return "\n".join(lines) + "\n"


def types_of(op):
    """The types that an op's attributes allow, in words."""
    texts = [f"`{name}`: {set_name(attr.allowed)}" for name, attr in op.attrs.items() if isinstance(attr, TypeAttr)]
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
