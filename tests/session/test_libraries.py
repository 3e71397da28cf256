"""Compiled forms of ops' kernels: when they are made, what becomes of failures, and what stays on disk."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import compiled, flags
from graphcore.ops.kernels import rows
from graphcore.session.kernels import compiling, libraries

KIND = np.dtype(np.int32)
PARAMS = np.arange(12.0).reshape(4, 3)
INDICES = np.array([[3, 0], [1, 3]], np.int32)


@pytest.fixture
def taken(monkeypatch):
    """`rows_taken` as in a new process: nothing is compiled, nothing has been asked for."""
    monkeypatch.setattr(compiling, "_kernels", {})
    return compiled.compiled_in("graphcore.ops.kernels.compiled.rows", [KIND])(rows.rows_taken.plain)


def library():
    return libraries.library("graphcore.ops.kernels.compiled.rows", "int32")


def test_off_compiles_nothing(taken):
    with flags.jit.set("off"):
        np.testing.assert_array_equal(taken(INDICES, PARAMS), PARAMS[INDICES])
    assert not compiling._kernels


def test_eager_compiles_at_once(taken):
    with flags.jit.set("eager"):
        np.testing.assert_array_equal(taken(INDICES, PARAMS), PARAMS[INDICES])
    assert library().function is not None


def test_off_leaves_alone_what_is_compiled(taken):
    taken.compiled(KIND)
    library().function.rows_taken = taken.ways[KIND] = None  # calling it would fail
    with flags.jit.set("off"):
        np.testing.assert_array_equal(taken(INDICES, PARAMS), PARAMS[INDICES])


def test_lazy_compiles_in_the_background_what_took_as_long_as_compiling(taken):
    with flags.jit.set("lazy"):
        taken(INDICES, PARAMS)
        kernel = library()
        assert 0 < kernel.spent < kernel.worth and kernel.function is None
        kernel.spent = 10.0
        until = time.monotonic() + 120
        while kernel.function is None and time.monotonic() < until:
            np.testing.assert_array_equal(taken(INDICES, PARAMS), PARAMS[INDICES])
    assert kernel.function is not None


def test_another_dtype_goes_the_plain_way(taken):
    with flags.jit.set("eager"):
        np.testing.assert_array_equal(taken(INDICES.astype(np.uint8), PARAMS), PARAMS[INDICES])
    assert not compiling._kernels


def test_another_layout_goes_the_plain_way(taken):
    assert taken.compiled(KIND)(INDICES, PARAMS[:, ::2]) is NotImplemented
    np.testing.assert_array_equal(taken(INDICES, PARAMS[:, ::2]), PARAMS[INDICES][..., ::2])


def test_a_failure_is_told_once_and_numpy_goes_on(taken, monkeypatch):
    def fails(module, kind):
        raise RuntimeError("no such machine")

    monkeypatch.setattr(libraries, "compile_all", fails)
    with flags.jit.set("eager"):
        with pytest.warns(RuntimeWarning, match="could not be compiled and runs as NumPy calls: RuntimeError: no such machine") as told:
            for _ in range(3):
                np.testing.assert_array_equal(taken(INDICES, PARAMS), PARAMS[INDICES])
    assert len(told) == 1


def test_an_error_names_the_op_and_the_index():
    x = tf.constant(PARAMS)
    y = tf.gather(x, tf.placeholder(tf.int32, [2], name="which"), name="chosen")
    with flags.jit.set("eager"), tf.Session() as session, \
            pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = -1 is not in \[0, 4\)") as caught:
        session.run(y, {"which:0": [0, -1]})
    assert caught.value.op.name == "chosen"


PROGRAM = """
import numpy as np
import graphcore as tf
with tf.Session() as session:
    print(session.run(tf.gather(tf.constant([1.0, 2.0, 4.0]), [2, 0, 2])).sum())
"""


def test_the_machine_code_is_kept_for_the_next_process(tmp_path):
    environment = {**os.environ, "GRAPHCORE_JIT": "eager", "GRAPHCORE_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", PROGRAM]

    def machine_code():
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=300)
        assert (done.stdout, done.stderr) == ("9.0\n", "")
        return {path: path.stat().st_mtime_ns for path in tmp_path.glob("__pycache__/graphcore_rows_*.nbc")}

    first = machine_code()
    assert first and machine_code() == first
