"""Mistakes while building: TF's class and phrase, the user's lines in the message, and nothing lost by it."""

# ruff: noqa: F811 (fixtures by import)

import os
import traceback

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from tests.failing import assert_all_is_well, counter, fails, line, session  # noqa: F401

FILE = os.path.basename(__file__)


# ---------------------------------------------------------------- shapes and dtypes


def test_incompatible_shapes_at_build(session, counter):
    a = tf.constant([1.0, 2.0], name="a")
    made = line(1)
    b = tf.constant([1.0, 2.0, 3.0], name="b")
    operations = tf.get_default_graph().get_operations()
    with fails(ValueError, "Dimensions must be equal, but are 2 and 3 for 'add' (op: 'AddV2') with input shapes: [2], [3].") as caught:
        a + b
    for part in (line(1), made, "'a:0'", "'b:0'", "(2,)", "(3,)", "float32"):
        assert part in caught.text
    assert tf.get_default_graph().get_operations() == operations
    assert_all_is_well(session, counter)


def test_incompatible_shapes_of_a_matrix_product_at_build(session, counter):
    a = tf.placeholder(tf.float32, [2, 3])
    with fails(ValueError, "Dimensions must be equal, but are 3 and 2 for 'MatMul' (op: 'MatMul') with input shapes: [2,3], "
                           "[2,3].") as caught:
        tf.matmul(a, a)
    assert line(1) in caught.text and line(4) in caught.text
    assert_all_is_well(session, counter)


def test_the_static_values_that_shapes_depend_on_are_told():
    a, b = tf.zeros([1, 2]), tf.zeros([1, 3])
    with fails(ValueError, "with input shapes: [1,2], [1,3], [] and with computed input tensors: input[2] = <0>.") as caught:
        tf.concat([a, b], 0)
    assert line(1) in caught.text
    with fails(ValueError, "and with input tensors computed as partial shapes: input[1] = [4,?]."):
        tf.reshape(tf.zeros([2, 3]), [4, -1])


def test_incompatible_shapes_at_run(session, counter):
    a, b = tf.placeholder(tf.float32, name="a"), tf.placeholder(tf.float32, name="b")
    fed = line(1)
    total = a + b
    made = line(1)
    for _ in range(4):  # interpreted, then compiled
        with fails(tf.errors.InvalidArgumentError, "Incompatible shapes: [2] vs. [3]") as caught:
            session.run([total, counter], {a: [1, 2], b: [1, 2, 3]})
        assert made in caught.text and fed in caught.text
        assert "[[node add " in caught.text and "float32[2]" in caught.text and "'b:0'" in caught.text
        assert caught.error.op is total.op
    np.testing.assert_array_equal([2.0, 4.0], session.run(total, {a: [1, 2], b: [1, 2]}))
    assert_all_is_well(session, counter)


def test_incompatible_matrices_at_run(session, counter):
    a = tf.placeholder(tf.float32, [None, None])
    product = tf.matmul(a, a)
    made = line(1)
    with fails(tf.errors.InvalidArgumentError, "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]") as caught:
        session.run(product, {a: np.zeros([2, 3])})
    assert made in caught.text
    assert_all_is_well(session, counter)


@pytest.mark.parametrize("mix", [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: tf.maximum(a, b)])
def test_mixed_dtypes_name_both_tensors(session, counter, mix):
    a, b = tf.constant(1.0, name="a"), tf.constant(1, name="b")
    made = line(1)
    with fails(TypeError, "Op has type int32 that does not match type float32 of argument 'x'.") as caught:
        mix(a, b)
    for part in ("'a:0' float32", "'b:0' int32", made, FILE, "tf.cast"):
        assert part in caught.text
    assert_all_is_well(session, counter)


def test_division_of_mixed_dtypes_names_both_tensors():
    a, b = tf.constant(1.0, name="a"), tf.constant(1, name="b")
    with fails(TypeError, "x and y must have the same dtype, got tf.float32 != tf.int32") as caught:
        a / b
    for part in ("'a:0' float32", "'b:0' int32", line(1), line(3), "tf.cast"):
        assert part in caught.text


def test_dtype_that_an_op_does_not_take():
    with fails(TypeError, "Value passed to parameter 'x' has DataType int32 not in list of allowed values: bfloat16, float16, "
                          "float32, float64, complex64, complex128") as caught:
        tf.sigmoid(tf.constant(1))
    assert line(1) in caught.text


# ---------------------------------------------------------------- objects that are no tensors


class Foreign:
    """Something that is no tensor."""


@pytest.mark.parametrize(("use", "phrase"), [
    (lambda: tf.constant(Foreign()), "Failed to convert object of type"),
    (lambda: tf.convert_to_tensor(Foreign()), "Failed to convert object of type"),
    (lambda: tf.constant(1.0) + Foreign(), "Failed to convert object of type"),
    (lambda: tf.reduce_sum(Foreign()), "Failed to convert object of type"),
    (lambda: tf.matmul(Foreign(), [[1.0]]), "Failed to convert object of type"),
    (lambda: tf.add(tf.constant(1.0), {"a": 1}), "Expected float32"),
    (lambda: tf.constant([1, "a"]), "Failed to convert object of type <class 'list'> to Tensor. Contents: [1, 'a']."),
    (lambda: tf.constant(1.5, tf.int32), "Expected int32, got 1.5 of type 'float' instead."),
    (lambda: tf.constant("a", tf.float32), "Expected float32, got 'a' of type 'str' instead."),
])
def test_objects_that_are_no_tensors(session, counter, use, phrase):
    with fails(TypeError, phrase) as caught:
        use()
    assert FILE in caught.text
    assert_all_is_well(session, counter)


@pytest.mark.parametrize(("value", "phrase"), [
    (None, "None values not supported."),
    ([[1, 2], [3]], "Argument must be a dense tensor: [[1, 2], [3]] - got shape [2], but wanted [2, 2]."),
])
def test_values_that_make_no_constant(value, phrase):
    with fails(ValueError, phrase) as caught:
        tf.constant(value)
    assert line(1) in caught.text


def test_truth_value_and_iteration_name_the_tensor():
    condition = tf.constant([1.0, 2.0], name="c") > 1.5
    made = line(1)
    with fails(TypeError, "using a `tf.Tensor` as a Python `bool` is not allowed") as caught:
        if condition:
            pass
    assert made in caught.text and "'Greater:0'" in caught.text
    with fails(TypeError, "iterating over `tf.Tensor` is not allowed") as caught:
        for _ in condition:
            pass
    assert made in caught.text


# ---------------------------------------------------------------- training


def test_apply_gradients_of_none(session, counter):
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    with fails(ValueError, "No gradients provided for any variable: [\"<tf.Variable 'counter:0' shape=() "
                           "dtype=float32_ref>\"].") as caught:
        optimizer.apply_gradients([(None, counter)])
    assert line(1) in caught.text
    assert_all_is_well(session, counter)


def test_minimize_without_a_path(session, counter):
    loss = tf.constant(1.0, name="loss")
    made = line(1)
    with fails(ValueError, "No gradients provided for any variable, check your graph for ops that do not support gradients, "
                           "between variables") as caught:
        tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    assert made in caught.text and line(1) in caught.text and "counter:0" in caught.text
    assert_all_is_well(session, counter)


# ---------------------------------------------------------------- the user's own errors


def test_a_users_error_in_a_python_function_shows_the_users_frames_alone(session, counter):
    def function(x):
        raise KeyError("mine")

    y = tf.py_func(function, [counter], tf.float32)
    made = line(1)
    with fails(tf.errors.UnknownError, "KeyError: 'mine'") as caught:
        session.run(y)
    assert made in caught.text and "in function" in caught.text and "py_func.py" not in caught.text
    assert_all_is_well(session, counter)


def test_a_users_error_while_building_stays_the_users():
    def initializer(shape, dtype=None, partition_info=None):
        raise ValueError("mine")

    with fails(ValueError, "mine") as caught:
        tf.get_variable("w", [2], initializer=initializer)
    assert caught.text == "mine"
    assert traceback.extract_tb(caught.error.__traceback__)[-1].name == "initializer"


def test_full_tracebacks_on_request():
    with flags.traceback.set("full"), pytest.raises(ValueError, match="Dimensions must be equal") as caught:
        tf.zeros([2]) + tf.zeros([3])
    assert any("infer_shapes" in frame.name for frame in traceback.extract_tb(caught.value.__traceback__))
