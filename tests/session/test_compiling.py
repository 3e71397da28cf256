"""Compiled kernels: in the background, on disk, in several processes at once."""

import os
import pickle
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.session.kernels import compiling
from graphcore.session.kernels.compiling import kernel_of
from graphcore.session.kernels.loops import Loop, Operand, Result

PROGRAM = """
import numpy as np, sys
import graphcore as tf
x = tf.placeholder(tf.float32, [None])
y = tf.tanh(x * 1.5) - x
with tf.Session() as session:
    print(session.run(y, {x: np.ones(200000, np.float32)})[0])
"""


JOINED = """
import numpy as np, os
import graphcore as tf
x, w = tf.placeholder(tf.float32, [None, 3]), tf.Variable(tf.zeros([3, 1]))
train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0)))
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(20):
        session.run(train, {x: np.ones((4, 3), np.float32)})
    print(session.run(w)[0, 0])
"""


def process(directory, program=PROGRAM, **more):
    environment = {**os.environ, "GRAPHCORE_JIT": "eager", "GRAPHCORE_CACHE_DIR": str(directory), **more}
    return subprocess.Popen([sys.executable, "-W", "error", "-c", program], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finished(running):
    output, complaints = running.communicate(timeout=300)
    assert running.returncode == 0, complaints
    return float(output)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache directory, and no kernels in memory."""
    monkeypatch.setattr(compiling, "cache_directory", lambda: str(tmp_path))
    monkeypatch.setattr(compiling, "_kernels", {})
    kernel_of.cache_clear()
    yield tmp_path
    kernel_of.cache_clear()


def test_two_processes_that_start_with_an_empty_cache_both_work_and_a_third_compiles_nothing(tmp_path):
    both = [process(tmp_path), process(tmp_path)]
    expected = np.tanh(1.5) - 1
    assert [finished(each) for each in both] == pytest.approx([expected] * 2, rel=1e-6)
    (source,) = tmp_path.glob("graphcore_fused_*.py")
    machine_code = {path: path.stat().st_mtime_ns for path in tmp_path.glob("__pycache__/*.nbc")}
    assert machine_code and source.read_text().count("def fused") == 1
    assert finished(process(tmp_path)) == pytest.approx(expected, rel=1e-6)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("__pycache__/*.nbc")} == machine_code


def test_a_process_whose_kernels_are_on_disk_does_without_numba(tmp_path):
    finished(process(tmp_path))
    (path,) = tmp_path.glob("graphcore_fused_*.o")
    written = path.stat().st_mtime_ns
    with_a_check = f"{PROGRAM}\nassert 'numba' not in sys.modules"
    assert finished(process(tmp_path, with_a_check)) == pytest.approx(np.tanh(1.5) - 1, rel=1e-6)
    assert path.stat().st_mtime_ns == written


def kernel_for(text, kinds, results, ndim=1):
    """A kernel of one line over arrays of these dtypes, into arrays of those."""
    operands = tuple([Operand(kind, (True,) * ndim, ndim) for kind in kinds])
    return kernel_of(Loop(ndim, operands, (f"t0 = {text}",), tuple([Result("t0", kind, (True,) * ndim, ndim, False) for kind in results])))


def test_machine_code_from_disk_computes_what_the_compiled_source_does(cache):
    x, y = np.linspace(-3, 3, 1001, dtype=np.float32), np.linspace(5, 1, 1001, dtype=np.float32)
    kernel = kernel_for("(exp(x0) * x1)", ["float32", "float32"], ["float32"])
    fresh, found, numba = kernel.made(), kernel.made(), kernel.imported().fused
    rows = []
    for function in (fresh, found, numba):
        rows.append(np.zeros(1001, np.float32))
        function(x, y, rows[-1], 1001, 0, 1001)
    np.testing.assert_allclose(rows[0], np.exp(x) * y, rtol=1e-6)
    assert rows[0].tobytes() == rows[1].tobytes() == rows[2].tobytes()


def test_machine_code_from_disk_refuses_what_the_compiled_source_does(cache):
    kernel = kernel_for("(x0 + f4(1.0))", ["float32"], ["float32"])
    good, room = np.ones(8, np.float32), np.empty(8, np.float32)
    closed = np.empty(8, np.float32)
    closed.flags.writeable = False
    bad = [(np.ones(16, np.float32)[::2], room, 8, 0, 8), (good.astype(np.float64), room, 8, 0, 8), (good.reshape(2, 4), room, 8, 0, 8),
           (good.tolist(), room, 8, 0, 8), (None, room, 8, 0, 8), (good, closed, 8, 0, 8), (good, room, 8, 0, "8"), (good, room, 8, 0),
           (good, room, 8, 0, 8, 8), ()]
    for function in (kernel.made(), kernel.made(), kernel.imported().fused):
        for arguments in bad:
            with pytest.raises(TypeError):
                function(*arguments)
        room[:] = 0
        function(good, room, 8, 0, 8)
        assert room.tolist() == [2.0] * 8


def test_machine_code_from_disk_takes_arrays_that_only_look_otherwise(cache):
    kernel = kernel_for("(x0 + f4(1.0))", ["float32"], ["float32"])
    kernel.made()
    function, room = kernel.made(), np.empty(4, np.float32)
    unpickled = pickle.loads(pickle.dumps(np.ones(4, np.float32)))  # of a dtype of its own
    unaligned = np.zeros(17, np.uint8)[1:].view(np.float32)
    unaligned[:] = 1
    assert unpickled.dtype is not room.dtype and not unaligned.flags.aligned
    for array in (unpickled, unaligned):
        room[:] = 0
        function(array, room, 4, 0, 4)
        assert room.tolist() == [2.0] * 4


@pytest.mark.parametrize("kind", ["float64", "int8", "int16", "int32", "int64", "uint8", "bool"])
def test_machine_code_from_disk_takes_arrays_of_every_dtype_and_rank(kind, cache):
    wanted = np.array([[0, 1, 1], [1, 0, 1]], kind)
    for ndim, array in ((1, wanted.ravel()), (2, wanted)):
        kernel = kernel_for("x0", [kind], [kind], ndim)
        for function in (kernel.made(), kernel.made()):
            room = np.zeros_like(array)
            function(array, room, *array.shape, 0, array.shape[0])
            np.testing.assert_array_equal(room, array)


@pytest.mark.parametrize("jit", ["lazy", "eager"])
def test_so_it_is_with_joined_steps(tmp_path, jit):
    expected = (1 - (1 - 0.6) ** 20) / 3  # each step takes 0.6 of what the sum of three equal weights misses
    many = [process(tmp_path, JOINED, GRAPHCORE_JIT=jit) for _ in range(3)]
    assert [finished(each) for each in many] == pytest.approx([expected] * 3, rel=1e-5)
    assert all(path.suffix == ".o" for path in tmp_path.glob("graphcore_step_*")) and not list(tmp_path.glob("tmp*"))
    machine_code = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.o")}
    assert machine_code or jit == "lazy"
    assert finished(process(tmp_path, JOINED, GRAPHCORE_JIT=jit)) == pytest.approx(expected, rel=1e-5)
    assert {path: path.stat().st_mtime_ns for path in machine_code} == machine_code


GATHERED = """
import numpy as np, os
import graphcore as tf
x = tf.placeholder(tf.float32, [3])
with tf.Session() as session:
    print(session.run(tf.gather(x, np.array([2, 0, 2], np.int32)), {x: [1.0, 2.0, 4.0]}).sum())
"""
ONLY_READ = """
import os, sys

CHANGES = ["os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate", "os.utime"]

def refuse(event, arguments):
    # As by a file system that can only be read: root may write whatever the mode of a directory is, and Windows knows no such mode.
    changes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if event == "open" else event in CHANGES
    for path in arguments if changes else ():
        if isinstance(path, str) and os.path.abspath(path).startswith(os.environ["GRAPHCORE_CACHE_DIR"]):
            raise OSError(30, "Read-only file system", path)

sys.addaudithook(refuse)
if {warm}:  # nothing is compiled, what is there is enough
    from graphcore.session.native import machine
    from numba.core import compiler

    def compiles(*arguments, **options):
        os._exit(3)

    machine.assembled = compiler.compile_extra = compiles
"""


@pytest.mark.parametrize("program", [PROGRAM, JOINED, GATHERED], ids=["fused", "joined", "library"])
@pytest.mark.parametrize("warm", [False, True], ids=["empty", "warm"])
def test_a_cache_that_can_only_be_read_is_read(tmp_path, program, warm):
    expected = finished(process(tmp_path, program))
    if not warm:
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    environment = {**os.environ, "GRAPHCORE_JIT": "eager", "GRAPHCORE_CACHE_DIR": str(tmp_path)}
    running = subprocess.run([sys.executable, "-c", ONLY_READ.replace("{warm}", str(warm)) + program], env=environment, text=True,
                             capture_output=True, timeout=300)
    assert running.returncode == 0 and float(running.stdout) == expected, running.stderr
    assert running.stderr.count("RuntimeWarning") == running.stderr.count("GRAPHCORE_CACHE_DIR cannot be written") == 1, running.stderr
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def half(content):
    return content[:len(content) // 2]


def zeros(content):
    return bytes(len(content))


def garbage(content):
    return b"garbage" * 100


@pytest.mark.parametrize(("kind", "damage"), [
    ("*.py", half), ("*.py", garbage), ("__pycache__/*.nbi", half), ("__pycache__/*.nbi", zeros), ("__pycache__/*.nbc", half),
    ("__pycache__/*.nbc", garbage), ("__pycache__/*.pyc", half), ("graphcore_step_*.o", zeros), ("graphcore_fused_*.o", zeros),
    ("graphcore_fused_*.o", half)])
def test_a_broken_file_is_told_once_and_made_again(tmp_path, kind, damage):
    program = JOINED if kind == "graphcore_step_*.o" else PROGRAM
    environment = {**os.environ, "GRAPHCORE_JIT": "eager", "GRAPHCORE_CACHE_DIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    first = subprocess.run([sys.executable, "-W", "error", "-c", program], env=environment, text=True, capture_output=True, timeout=300)
    paths = list(tmp_path.glob(kind))
    for path in () if kind.endswith(".o") else tmp_path.glob("graphcore_fused_*.o"):
        path.unlink()  # with it nothing else is looked at
    assert paths and first.returncode == 0, first.stderr
    sound = {path: path.read_bytes() for path in paths}
    for path in paths:
        path.write_bytes(damage(sound[path]))
    second = subprocess.run([sys.executable, "-c", program], env=environment, text=True, capture_output=True, timeout=300)
    assert (second.returncode, second.stdout) == (0, first.stdout), second.stderr
    # Python itself takes bytecode that says nothing for bytecode of another version, and makes it anew without a word.
    assert second.stderr.count("RuntimeWarning") == second.stderr.count("was broken, and") <= 1, second.stderr
    assert second.stderr.count("was broken, and") == 1 or kind == "__pycache__/*.pyc", second.stderr
    third = subprocess.run([sys.executable, "-W", "error", "-c", program], env=environment, text=True, capture_output=True, timeout=300)
    assert (third.returncode, third.stdout, third.stderr) == (0, first.stdout, "")


def test_a_cache_directory_that_cannot_be_written_is_reported_once_and_worked_around(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    compiling.cache_directories.cache_clear()
    try:
        with flags.cache_dir.set(str(blocked / "inside")), pytest.warns(RuntimeWarning, match="GRAPHCORE_CACHE_DIR cannot be written"):
            other = compiling.cache_directory()
            assert compiling.cache_directory() == other  # and nothing is said again
        assert os.path.isdir(other) and not other.startswith(str(tmp_path))
    finally:
        compiling.cache_directories.cache_clear()


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
