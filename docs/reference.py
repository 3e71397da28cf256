"""The reference of the public names, from their docstrings, and which of TensorFlow's names are not there."""

import ast
import inspect
from collections import defaultdict

import docstrings

import graphcore as tf
from tests import api_count
from tests.api_count import api

_KINDS = {"function": "function", "class": "class", "enum": "class"}
_INDEX = """# Reference

Every public name, with the arguments it takes, from its docstring. Names and arguments are TensorFlow 1.15's; what is not there is listed
[on its own page](../coverage.md).

```{{toctree}}
:maxdepth: 1

{names}
```
"""


def pages():
    """{file: Markdown} of the reference, a page for each namespace."""
    spaces = {space: [] for space in api.NAMESPACES if space == "" or api.reached(tf, space) is not None}
    for name, kind in api_count.ours().items():
        space, _, last = name.rpartition(".")
        if space in spaces and last and not api_count.is_own_module(name):
            spaces[space].append((name, kind))
    spaces = {space: names for space, names in spaces.items() if names}
    files = {f"api/{_file(space)}.md": _page(space, names) for space, names in spaces.items()}
    return {"api/index.md": _INDEX.format(names="\n".join(map(_file, spaces))), **files}


def _file(space):
    return f"tf.{space}" if space else "tf"


def _page(space, names):
    module = api.reached(tf, space) if space else tf
    parts = [f"# {_file(space)}", docstrings.markdown(inspect.getdoc(module) or "")]
    groups = defaultdict(list)
    for name, kind in names:
        groups[_family(name, kind)].append((name, kind))
    for family in sorted(groups, key=lambda family: (family.startswith("~"), family)):
        if len(groups) > 1:
            parts.append(f"## {family.lstrip('~')}")
        parts.extend(_described(name, kind) for name, kind in groups[family])
    return "\n\n".join(part for part in parts if part) + "\n"


def _family(name, kind):
    """What a name stands under: the first line of the module that defines it, without what follows a colon."""
    if kind.split(" ")[0] not in _KINDS:
        return "~Messages and constants"
    defined = inspect.getmodule(inspect.unwrap(api.reached(tf, name)))
    title = (inspect.getdoc(defined) or "").split("\n")[0] if defined and defined.__name__.startswith("graphcore.") else ""
    title = title.replace("`", "").split(":")[0].split(";")[0].rstrip(".")
    return title if title.startswith("tf.") else title[:1].upper() + title[1:] if title else "~Others"


def _described(name, kind):
    """One name: a directive that Sphinx's index knows."""
    item = api.reached(tf, name)
    word = kind.split(" ")[0]
    text = docstrings.markdown(inspect.getdoc(item) or "") if word in _KINDS else f"A {kind}."
    if word == "message":
        text = "A protobuf message."
    elif word == "constant":
        text = docstrings.escaped(f"Constant {kind.partition(' ')[2]}.")
    methods = [_method(name, item, method) for method in _methods(name, item)] if word == "class" else []
    inner = "\n\n".join([text, *methods]).strip()
    return f"`````{{py:{_KINDS.get(word, 'data')}}} tf.{name}{_signature(kind)}\n{inner}\n`````"


def _methods(name, item):
    if name not in api.CLASSES:
        return []
    return [method for method in api.methods_of(item) if not method.startswith("_") and
            inspect.getdoc(inspect.getattr_static(item, method)) and not isinstance(inspect.getattr_static(item, method), type)]


def _method(name, item, method):
    kind = api.described(inspect.getattr_static(item, method), inspect.unwrap, method=True)
    directive = "attribute" if kind.split(" ")[0] in ("property", "constant") else "method"
    text = docstrings.markdown(inspect.getdoc(getattr(item, method)) or "")
    return f"````{{py:{directive}}} tf.{name}.{method}{_signature(kind)}\n{text}\n````"


def _signature(kind):
    """The arguments in the description of a name, where Python could read them."""
    text = kind[kind.index("("):] if "(" in kind and kind.split(" ")[0] in ("function", "class", "staticmethod", "classmethod") else ""
    try:
        ast.parse(f"def f{text or '()'}: pass")
    except SyntaxError:
        return "(...)"
    return text


_COVERAGE = """# Which names are there

Of the {total} names that TensorFlow 1.15 has in the namespaces and classes below, {present} are here. The others:

"""


def coverage_page():
    """What TensorFlow has and graphcore does not, by namespace."""
    theirs, here = api_count.recorded(), api_count.ours()
    missing = defaultdict(list)
    for name in theirs:
        if name not in here:
            missing[name.rpartition(".")[0]].append(name.rpartition(".")[2])
    lines = [f"**{_file(space)}**: " + ", ".join(f"`{name}`" for name in sorted(names)) for space, names in sorted(missing.items())]
    return _COVERAGE.format(total=len(theirs), present=len(theirs) - sum(map(len, missing.values()))) + "\n\n".join(lines) + "\n"
