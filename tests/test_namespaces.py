"""Modes, versions and the namespaces around graphs: `tf.compat`, `tf.logging`, `tf.flags`, `tf.app`."""

import io
import logging
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import graphcore as tf
from tests.sources import ROOT


# ---------------------------------------------------------------- modes
def test_what_is_a_tensor():
    tensors = [tf.constant(1), tf.Variable(1.0), tf.get_variable("v", [], use_resource=True), tf.SparseTensor([[0]], [1], [2]),
               tf.IndexedSlices(tf.ones([2]), tf.constant([1, 2]))]
    assert all(tf.is_tensor(each) for each in tensors)
    assert not any(tf.is_tensor(each) for each in (1, np.ones(2), "x", None, [tf.constant(1)], tf.no_op()))


def test_static_values():
    sizes = tf.shape(tf.placeholder(tf.int32, [None, 3]))
    assert tf.get_static_value(sizes) is None and tf.get_static_value(sizes, partial=True) is None
    assert tf.get_static_value(tf.constant([1, 2])).tolist() == [1, 2]
    assert tf.get_static_value(tf.stack([1, sizes[0]]), partial=True).tolist() == [1, None]
    assert tf.get_static_value(3) == 3


def test_graphs_are_the_only_mode():
    assert tf.executing_eagerly() is False and tf.control_flow_v2_enabled() is False
    for name in ("eager_execution", "v2_behavior", "v2_tensorshape", "tensor_equality", "control_flow_v2"):
        assert getattr(tf, f"disable_{name}")() is None
        with pytest.raises(NotImplementedError, match=f"tf.enable_{name}: "):
            getattr(tf, f"enable_{name}")()


def test_v2_behavior_off_means_reference_variables():
    tf.enable_resource_variables()
    tf.disable_v2_behavior()
    assert not tf.resource_variables_enabled()
    assert tf.get_variable("v", []).op.type == "VariableV2"


def test_init_scope_leaves_dependencies_and_branches_but_keeps_names():
    with tf.name_scope("a"), tf.control_dependencies([tf.no_op()]), tf.init_scope():
        assert tf.constant(1, name="k").op.control_inputs == [] and tf.constant(1, name="k").name == "a/k_1:0"
    seen = []

    def branch():
        with tf.init_scope():
            seen.append(tf.constant(3.0, name="inner"))
        return seen[0] * 1.0

    tf.cond(tf.constant(True), branch, lambda: tf.constant(1.0))
    assert seen[0].name == "cond/inner:0" and seen[0].op._control_flow_context is None


def test_tables_initializer_does_nothing():
    made = [tf.tables_initializer(), tf.initialize_all_tables(), tf.tables_initializer(name="z")]
    assert [(op.name, op.type) for op in made] == [("init_all_tables", "NoOp"), ("init_all_tables_1", "NoOp"), ("z", "NoOp")]


def test_seed_of_a_graph(fresh_graph):
    assert fresh_graph.seed is None
    tf.set_random_seed(3)
    assert fresh_graph.seed == 3 and isinstance(type(fresh_graph).seed, property)


def test_versions(fresh_graph):
    assert tf.version.VERSION == tf.VERSION == tf.__version__ == "1.15.5"
    assert fresh_graph.graph_def_versions.producer == tf.version.GRAPH_DEF_VERSION == tf.GRAPH_DEF_VERSION == 134
    assert (tf.version.GIT_VERSION, tf.version.COMPILER_VERSION) == (tf.GIT_VERSION, tf.COMPILER_VERSION)


def test_dimensions_and_protos():
    assert [tf.dimension_value(each) for each in (tf.Dimension(3), 4, None)] == [3, 4, None]
    assert tf.dimension_at_index(tf.TensorShape([1, None]), 0).value == 1
    assert tf.dimension_at_index(tf.TensorShape(None), 5).value is None
    assert tf.make_ndarray(tf.make_tensor_proto([1, 2])).tolist() == [1, 2]


# ---------------------------------------------------------------- compat
def test_bytes_and_text():
    assert [tf.compat.as_bytes(each) for each in ("é", b"a", bytearray(b"a"))] == [b"\xc3\xa9", b"a", b"a"]
    assert [tf.compat.as_text(each) for each in ("é", b"\xc3\xa9")] == ["é", "é"]
    assert tf.compat.as_str is tf.compat.as_text
    assert [tf.compat.as_str_any(each) for each in (3, b"a", "a")] == ["3", "a", "a"]
    assert [tf.compat.path_to_str(each) for each in (pathlib.PurePosixPath("a/b"), "x", b"x", 3)] == ["a/b", "x", b"x", 3]
    for function in (tf.compat.as_bytes, tf.compat.as_text):
        with pytest.raises(TypeError, match="Expected binary or unicode string, got 3"):
            function(3)


def test_kinds_of_numbers():
    assert isinstance(np.int8(1), tf.compat.integral_types) and not isinstance(1.0, tf.compat.integral_types)
    assert isinstance(np.float16(1), tf.compat.real_types) and isinstance(1j, tf.compat.complex_types)
    assert isinstance(b"", tf.compat.bytes_or_text_types) and isinstance("", tf.compat.bytes_or_text_types)


def test_v1_is_graphcore_itself():
    import graphcore.compat.v1 as v1

    assert v1 is tf and tf.compat.v1 is tf


# ---------------------------------------------------------------- logging
@pytest.fixture
def messages(monkeypatch):
    """What is logged, as text with level, logger, file and function."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(filename)s:%(funcName)s:%(message)s"))
    logger = tf.get_logger()
    monkeypatch.setattr(logger, "handlers", [handler])
    level = logger.level
    yield lambda: stream.getvalue().splitlines()
    logger.setLevel(level)


def test_messages_go_to_tensorflows_logger(messages):
    tf.logging.set_verbosity(tf.logging.INFO)
    assert tf.logging.get_verbosity() == 20
    tf.logging.debug("not seen")
    tf.logging.info("one %d", 1)
    tf.logging.warn("two")
    tf.logging.error("three")
    tf.logging.log(tf.logging.FATAL, "four")
    where = "tensorflow:test_namespaces.py:test_messages_go_to_tensorflows_logger"
    assert messages() == [f"INFO:{where}:one 1", f"WARNING:{where}:two", f"ERROR:{where}:three", f"CRITICAL:{where}:four"]


def test_messages_now_and_then(messages):
    tf.logging.set_verbosity(tf.logging.INFO)
    for number in range(5):
        tf.logging.log_every_n(tf.logging.INFO, "every %d", 2, number)
        tf.logging.log_first_n(tf.logging.INFO, "first %d", 2, number)
        tf.logging.log_if(tf.logging.INFO, "if %d", number == 3, number)
    assert [line.rsplit(":", 1)[1] for line in messages()] == ["every 0", "first 0", "first 1", "every 2", "if 3", "every 4"]


def python(code, *arguments):
    """The finished process of a Python that runs `code`, which is a program of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, timeout=120)


def test_nothing_is_configured_until_something_is_logged():
    done = python("import logging, graphcore as tf\n"
                  "print(logging.getLogger('tensorflow').handlers, logging.getLogger().handlers)\n"
                  "tf.logging.warn('seen'); tf.logging.info('not seen')")
    assert done.stdout.split() == ["[]", "[]"]
    assert done.stderr == "WARNING:tensorflow:seen\n"


# ---------------------------------------------------------------- flags and app
PROGRAM = """
import graphcore as tf

tf.app.flags.DEFINE_integer("size", 3, "how many")
tf.flags.DEFINE_string(flag_name="kind", default_value="plain", docstring="which kind")

def main(arguments):
    print(arguments[1:], tf.flags.FLAGS.size, tf.app.flags.FLAGS.kind)
    return 5

tf.app.run()
"""


def test_app_runs_main_with_flags_and_leaves_unknown_ones():
    done = python(PROGRAM, "--size=7", "--unknown=1", "rest")
    assert done.stdout == "['--unknown=1', 'rest'] 7 plain\n"
    assert done.returncode == 5
    assert "Use of the keyword argument names (flag_name, default_value, docstring) is deprecated" in done.stderr


def test_a_flag_with_a_wrong_value_ends_the_program():
    done = python(PROGRAM, "--size=large")
    assert done.returncode != 0 and "flag --size=large: invalid literal for int()" in done.stderr


def test_flags_are_parsed_when_first_read():
    done = python("import graphcore as tf\ntf.flags.DEFINE_float('rate', 0.1, 'rate')\nprint(tf.flags.FLAGS.rate)\n"
                  "tf.flags.FLAGS.rate = 0.5\nprint(tf.flags.FLAGS.rate, 'rate' in tf.flags.FLAGS)", "--rate=0.25")
    assert done.stdout == "0.25\n0.5 True\n", done.stderr


def test_tables_of_types():
    assert tf.dtypes.float32 is tf.float32 and tf.dtypes.as_dtype("int8") is tf.int8
    assert tf.dtypes.cast(tf.constant(1.5), tf.dtypes.int32).dtype is tf.int32
