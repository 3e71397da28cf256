"""`import graphcore` is quick, loads nothing heavy and touches no file."""

import json
import os
import subprocess
import sys

import pytest

from tests.sources import ROOT

HEAVY = {"numba", "llvmlite", "tensorboard", "scipy", "google.protobuf", "PIL", "matplotlib", "pandas", "sklearn", "h5py"}
BOUND_SECONDS = 0.3

TIMED = """
import json, time
import numpy
start = time.perf_counter()
import graphcore
print(json.dumps(time.perf_counter() - start))
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


@pytest.mark.slow
def test_import_costs_less_than_the_bound(tmp_path):
    # Bytecode is there as after an installation, also where the tests themselves run without it ("" counts as not set).
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    answer(TIMED, **kept)    # compiles
    cost = min(answer(TIMED, **kept) for _ in range(7))    # what else runs here only adds
    assert cost < BOUND_SECONDS, f"import graphcore took {cost:.3f} s more than numpy: see python -X importtime -c 'import graphcore'"
