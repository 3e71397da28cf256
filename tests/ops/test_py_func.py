"""Python functions as nodes, and printing.  Types, texts and error classes are TF 1.15's."""

import gc
import sys

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import errors
from graphcore.ops import printing
from graphcore.ops import py_func as module
from graphcore.ops.py_func import numpy_function, py_func


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


def failure(error, fetches):
    with pytest.raises(error) as caught:
        run(fetches)
    return caught.value.message.split("\n\t")[0]


def test_what_the_function_gets():
    seen = []
    run(py_func(lambda *arguments: seen.extend(arguments), [1.0, [1, 2], "s", ["a", "bc"], True], []))
    assert [type(value) for value in seen] == [np.float32, np.ndarray, bytes, np.ndarray, np.bool_]
    assert seen[1].dtype == np.int32 and seen[3].tolist() == [b"a", b"bc"]


def test_the_function_may_write_into_its_arguments():
    x = tf.constant([1.0, 2.0])

    def double(value):
        value *= 2
        return value

    assert [v.tolist() for v in run([py_func(double, [x], tf.float32), x])] == [[2.0, 4.0], [1.0, 2.0]]


def test_results():
    x = tf.constant([1.0, 2.0])
    single = py_func(lambda v: v + 1, [x], tf.float32, name="hey")
    several = py_func(lambda v: (v, v + 1), [x], [tf.float32, tf.float32])
    listed = numpy_function(lambda v: v, [x], [tf.float32])
    assert (single.name, str(single.shape), [t.name for t in several], len(listed)) == (
        "hey:0", "<unknown>", ["PyFunc:0", "PyFunc:1"], 1)
    values = run([single, several, listed])
    assert values[0].tolist() == [2.0, 3.0] and [v.tolist() for v in values[1]] == [[1.0, 2.0], [2.0, 3.0]]
    assert py_func(lambda v: v, [x], tf.float32, stateful=False).op.type == "PyFuncStateless"


def test_python_values():
    assert run(py_func(lambda: 1.5, [], tf.float64)) == 1.5
    assert run(py_func(lambda: True, [], tf.bool)) is np.True_
    assert [v.tolist() for v in run(py_func(lambda: [[1.0, 2.0], [3.0, 4.0]], [], [tf.float64] * 2))] == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("value, expected", [
    ("héy", b"h\xc3\xa9y"), (b"hey", b"hey"), ([["a", "bcd"]], [b"a", b"bcd"]), (np.array(["a", "bcd"]), [b"a", b"bcd"]),
    (np.array([b"a", b"bcd"], object), [b"a", b"bcd"]), (np.array(["a", "bcd"], object), [b"a", b"bcd"])])
def test_strings(value, expected):
    assert np.asarray(run(py_func(lambda: value, [], tf.string)), object).tolist() == expected


@pytest.mark.parametrize("function, wanted, error, text", [
    (lambda: np.array([1.0]), tf.float32, errors.InvalidArgumentError, "0-th value returned by {} is double, but expects float"),
    (lambda: np.int64(1), tf.int32, errors.InvalidArgumentError, "0-th value returned by {} is int64, but expects int32"),
    (lambda: (np.float32(1), 2.0), [tf.float32] * 2, errors.InvalidArgumentError,
     "1-th value returned by {} is double, but expects float"),
    (lambda: [1.0, 2.0], tf.float64, errors.InvalidArgumentError, "{} returns 2 values, but expects to see 1 values."),
    (lambda: 1.0, [tf.float64] * 2, errors.InvalidArgumentError, "{} returns 1 values, but expects to see 2 values."),
    (lambda: None, tf.float32, errors.InvalidArgumentError, "{} returns 0 values, but expects to see 1 values."),
    (lambda: np.array([1, "a"], object), tf.string, errors.InternalError, "Unsupported object type int"),
    (lambda: object(), tf.float32, errors.InternalError, "Unsupported object type object")])
def test_wrong_results(function, wanted, error, text):
    result = py_func(function, [], wanted)
    token = (result[0] if isinstance(result, list) else result).op.get_attr("token").decode()
    assert failure(error, result) == text.format(token)


@pytest.mark.parametrize("raised, error", [
    (ValueError, errors.InvalidArgumentError), (TypeError, errors.InvalidArgumentError), (IndexError, errors.UnknownError),
    (KeyError, errors.UnknownError), (ZeroDivisionError, errors.UnknownError), (NotImplementedError, errors.UnimplementedError),
    (StopIteration, errors.OutOfRangeError), (MemoryError, errors.ResourceExhaustedError), (OSError, errors.UnknownError)])
def test_exceptions(raised, error):
    def fail():
        raise raised("boom")

    text = failure(error, py_func(fail, [], tf.float32))
    assert text.startswith(f"{raised.__name__}: ") and "boom" in text
    assert "Traceback (most recent call last):" in text and ", in fail" in text


def test_an_error_of_tensorflow_is_an_exception_like_another():
    def fail():
        raise errors.OutOfRangeError(None, None, "the end")

    assert failure(errors.UnknownError, py_func(fail, [], tf.float32)).startswith("OutOfRangeError: the end")


def test_complaints():
    with pytest.raises(ValueError, match="Expected func to be callable, got func of type <class 'int'>"):
        py_func(3, [1], tf.float32)
    with pytest.raises(TypeError, match="Expected list for 'input' argument to 'PyFunc' Op, not 1."):
        py_func(abs, 1, tf.float32)
    with pytest.raises(TypeError, match="Expected DataType for argument 'Tout' not 'zork'."):
        py_func(abs, [1], "zork")


def test_no_gradient():
    x = tf.constant([1.0])
    assert tf.gradients(py_func(lambda v: v, [x], tf.float32), x) == [None]


def test_functions_go_with_their_graph():
    graph = tf.Graph()
    with graph.as_default():
        token = py_func(lambda: 1.0, [], tf.float64).op.get_attr("token").decode()
    assert token in module._functions
    del graph
    gc.collect()
    assert token not in module._functions


# ---------------------------------------------------------------- printing


def test_print_passes_on_and_tells(capsys):
    a = tf.constant([1.5, 2.0, 3.0, 4.0])
    shown = printing.Print(a, [a, tf.shape(a), "s"], message="Hello ", first_n=2, summarize=2)
    with tf.Session() as session:
        for _ in range(3):
            assert session.run(shown).tolist() == [1.5, 2.0, 3.0, 4.0]
    assert capsys.readouterr().err == "Hello [1.5 2...][4][s]\n" * 2
    assert run(tf.gradients(shown, a)[0]).tolist() == [1.0] * 4


def test_tf_print(capsys):
    run(printing.print("a", tf.constant([1, 2]), {2: tf.constant(1.5)}, tf.range(10)))
    run(printing.print([tf.constant(1), "x", None], 5, sep=",", end="!\n", output_stream=sys.stdout))
    out, err = capsys.readouterr()
    assert err == "a [1 2] {2: 1.5} [0 1 2 ... 7 8 9]\n"
    assert out == "[1, 'x', None],5!\n"


def test_tf_print_to_a_file(tmp_path):
    path = tmp_path / "out.txt"
    run(printing.print(tf.constant("as it is"), output_stream=f"file://{path}"))
    assert path.read_text() == "as it is\n"
    with pytest.raises(ValueError, match="Unsupported output stream, logging level, or file.zork"):
        printing.print(1, output_stream="zork")


def test_tf_print_nodes(fresh_graph):
    x = tf.constant([1, 2], name="x")
    printing.print("a", x, 5, sep=",", name="pp")
    assert [op.name for op in fresh_graph.get_operations()] == ["x", "pp_format", "pp"]
    assert fresh_graph.get_operation_by_name("pp_format").get_attr("template") == b"a,{},5"
