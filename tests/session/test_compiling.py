"""Compiled kernels: in the background, on disk, in several processes at once."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.session.kernels import compiling

PROGRAM = """
import numpy as np, sys
import graphcore as tf
x = tf.placeholder(tf.float32, [None])
y = tf.tanh(x * 1.5) - x
with tf.Session() as session:
    print(session.run(y, {x: np.ones(200000, np.float32)})[0])
"""


def process(directory, **more):
    environment = {**os.environ, "GRAPHCORE_JIT": "eager", "GRAPHCORE_CACHE_DIR": str(directory), **more}
    return subprocess.Popen([sys.executable, "-W", "error", "-c", PROGRAM], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finished(running):
    output, complaints = running.communicate(timeout=300)
    assert running.returncode == 0, complaints
    return float(output)


def test_two_processes_that_start_with_an_empty_cache_both_work_and_a_third_compiles_nothing(tmp_path):
    both = [process(tmp_path), process(tmp_path)]
    expected = np.tanh(1.5) - 1
    assert [finished(each) for each in both] == pytest.approx([expected] * 2, rel=1e-6)
    (source,) = tmp_path.glob("graphcore_fused_*.py")
    machine_code = {path: path.stat().st_mtime_ns for path in tmp_path.glob("__pycache__/*.nbc")}
    assert machine_code and source.read_text().count("def fused") == 1
    assert finished(process(tmp_path)) == pytest.approx(expected, rel=1e-6)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("__pycache__/*.nbc")} == machine_code


def test_a_cache_directory_that_cannot_be_written_is_reported_once_and_worked_around(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    compiling.cache_directory.cache_clear()
    try:
        with flags.cache_dir.set(str(blocked / "inside")), pytest.warns(RuntimeWarning, match="GRAPHCORE_CACHE_DIR cannot be written"):
            other = compiling.cache_directory()
        assert os.path.isdir(other) and not other.startswith(str(tmp_path))
    finally:
        compiling.cache_directory.cache_clear()


def test_a_hot_group_is_compiled_in_the_background(monkeypatch):
    monkeypatch.setattr(compiling, "_COMPILING", 0.0)
    x = tf.placeholder(tf.float32, [None])
    y = tf.sigmoid(x * 0.375) + x
    data = np.linspace(-3, 3, 5000, dtype=np.float32)
    before = set(compiling._kernels)
    with flags.jit.set("lazy"), tf.Session() as session:
        first = [session.run(y, {x: data}) for _ in range(3)]
        (text,) = set(compiling._kernels) - before
        until = time.monotonic() + 120
        while compiling._kernels[text].function is None and time.monotonic() < until:
            np.testing.assert_array_equal(session.run(y, {x: data}), first[0])
        assert compiling._kernels[text].function is not None
        np.testing.assert_allclose(session.run(y, {x: data}), first[0], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("level", "compiles"), [(1, True), (2, True), (-1, False), (0, False)])
@pytest.mark.parametrize("size", [4, 200000])
def test_a_configuration_says_when_loops_are_compiled(level, compiles, size, monkeypatch):
    monkeypatch.setattr(compiling, "_kernels", {})
    compiling.kernel_of.cache_clear()
    options = tf.OptimizerOptions(global_jit_level=level)
    x = tf.placeholder(tf.float32, [size])
    y = tf.sigmoid(x * 0.375) * 2.0 + x
    with flags.jit.set("lazy"), tf.Session(config=tf.ConfigProto(graph_options=tf.GraphOptions(optimizer_options=options))) as session:
        found = session.run(y, {x: np.ones(size, np.float32)})
        np.testing.assert_allclose(found, np.full(size, 2 / (1 + np.exp(-0.375)) + 1), rtol=1e-6)
        assert any(kernel.function is not None for kernel in compiling._kernels.values()) is compiles
    compiling.kernel_of.cache_clear()
