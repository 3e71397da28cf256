"""`import graphcore` is quick, loads nothing heavy and touches no file."""

import ast
import importlib
import json
import os
import subprocess
import sys

import pytest

import graphcore as tf
from graphcore._later import NAMES
from tests.sources import ROOT

HEAVY = {"numba", "llvmlite", "tensorboard", "scipy", "google.protobuf", "PIL", "matplotlib", "pandas", "sklearn", "h5py"}
BOUND_SECONDS = 0.3

TIMED = """
import json, time
import numpy
start = time.process_time()  # what else runs beside has no part in it
import graphcore
print(json.dumps(time.process_time() - start))
"""

LOADED = "import json, sys, graphcore; print(json.dumps(sorted(sys.modules)))"

# Modules are read by the import system alone; every other way to a file, process or network leaves its event.
WATCHED = """
import json, os, sys
from importlib.machinery import all_suffixes
import numpy, ml_dtypes
seen = []
READ = tuple(all_suffixes())
SILENT = ("os.listdir", "os.scandir")

def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC)
        if writes or not str(path).endswith(READ):
            seen.append(f"open {path} {mode}")
    elif event.startswith(("os.", "shutil.", "tempfile.", "socket.", "subprocess.", "urllib.")) and event not in SILENT:
        seen.append(f"{event} {arguments}")

sys.addaudithook(watch)
import graphcore
print(json.dumps(seen))
"""


def answer(code: str, *options: str, **variables: str):
    """Return what `code` prints, as JSON, in a Python of its own that finds this clone and has `variables` in its environment."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_nothing_heavy_is_loaded():
    assert not HEAVY & set(answer(LOADED))


def test_no_file_is_touched():
    # -B: Python's own bytecode files are not ours to count.
    assert answer(WATCHED, "-B") == []


RESTS = """
import json, sys
import graphcore as tf
from graphcore.core.opdef import REGISTRY
before = sys.modules.keys() & {"graphcore.ops.edit_distances", "graphcore.nn", "graphcore.train", "graphcore.image"}
declared = dict.__len__(REGISTRY)
ANSWER
print(json.dumps([sorted(before), found, dict.__len__(REGISTRY) > declared]))
"""


@pytest.mark.parametrize("asked", [
    'REGISTRY["ResizeBilinear"].__name__', 'REGISTRY.get("ResizeBilinear").__name__', '"ResizeBilinear" in REGISTRY', "len(REGISTRY) > 400",
    '"ResizeBilinear" in set(REGISTRY)', "tf.edit_distance.__name__", "callable(tf.image.resize_bilinear)",
    'tf.get_default_graph().create_op("Softmax", [tf.constant([1.0])], [tf.float32]).type',
    '(exec("from graphcore import *", space := {}), "edit_distance" in space)[1]',
])
def test_what_is_not_loaded_at_first_is_found_when_asked_for(asked):
    before, found, more = answer(RESTS.replace("ANSWER", f"found = {asked}"))
    assert before == [] and found and more


@pytest.mark.parametrize("module", NAMES)
def test_the_index_of_names_is_true(module):
    listed = importlib.import_module(f"graphcore.{module}")
    if module.startswith("ops.") and NAMES[module] and module != "ops.image_patches":  # of that most is in tf.image
        assert set(NAMES[module]) == set(listed.__all__)
    assert all(getattr(tf, name) is getattr(listed, name) for name in NAMES[module])


def test_every_op_is_found():
    declared = {node.name for path in [*(ROOT / "ops").rglob("*.py"), *(ROOT / "summaries").rglob("*.py")]
                for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)
                and any(isinstance(line, ast.Assign) and line.targets[0].id in ("output", "example") for line in node.body
                        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name))}
    found = answer("import json, graphcore; from graphcore.core.opdef import REGISTRY; "
                   "print(json.dumps([op.__name__ for op in REGISTRY.values()]))")
    assert {name for name in declared if not name.startswith("_")} <= set(found)


@pytest.mark.slow
def test_import_costs_less_than_the_bound(tmp_path):
    # Bytecode is there as after an installation, also where the tests themselves run without it ("" counts as not set).
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    answer(TIMED, **kept)    # compiles
    cost = min(answer(TIMED, **kept) for _ in range(3))
    assert cost < BOUND_SECONDS, f"import graphcore took {cost:.3f} s more than numpy: see python -X importtime -c 'import graphcore'"
