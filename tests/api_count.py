"""How much of TF 1.15's public surface is here: ``python -m tests.api_count`` from the repository (``-v`` lists what is not)."""

import importlib
import inspect
import json
import sys
from pathlib import Path

ORACLE = Path(__file__).parent / "oracle"
sys.path.insert(0, str(ORACLE))

import api  # noqa: E402

import graphcore as tf  # noqa: E402


def recorded():
    """The names of TF 1.15 and what they are."""
    return json.loads((ORACLE / "golden" / "api.json").read_text(encoding="utf-8"))


def ours():
    """The public names of graphcore and what they are; its own packages (`tf.core`, `tf.train.adam`) are no part of it."""
    names, theirs = api.surface(tf, inspect.unwrap), recorded()
    return {name: text for name, text in names.items() if name in theirs or not is_own_module(name)}


def is_own_module(name):
    return inspect.ismodule(api.reached(tf, name))


def compared():
    """(names with TF's signature, names with another, names that TF does not have), sorted."""
    theirs, here = recorded(), ours()
    same = [name for name, text in here.items() if theirs.get(name) == text]
    other = [name for name, text in here.items() if name in theirs and theirs[name] != text]
    return sorted(same), sorted(other), sorted(set(here) - set(theirs))


def main():
    importlib.import_module("graphcore.proto")
    theirs, here = recorded(), ours()
    same, other, extra = compared()
    print(f"{len(same)} of TF 1.15's {len(theirs)} public names in {len(api.NAMESPACES)} namespaces and {len(api.CLASSES)} "
          f"classes are here with the same signature, {len(other)} with another, {len(extra)} are our own.")
    if "-v" in sys.argv:
        for name in other:
            print(f"{name}\n    here {here[name]}\n    TF   {theirs[name]}")
        print("our own:", ", ".join(extra))
        print("missing:", ", ".join(name for name in theirs if name not in here))


if __name__ == "__main__":
    main()
