"""Assertions: TF 1.15's nodes and texts, at once where the values are known, else in a run."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import errors
from graphcore.ops.kernels.summarize import summarize, summarize_ends


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


def failure(operation, feeds=None):
    """The text of the InvalidArgumentError of running ``operation``, without the place."""
    with pytest.raises(errors.InvalidArgumentError) as caught:
        run(operation, feeds)
    return caught.value.message.split("\n\t")[0]


# ---------------------------------------------------------------- texts, from TF 1.15


@pytest.mark.parametrize("value, entries, text", [
    ([1, 2, 3, 4], 3, "1 2 3..."), ([[1, 2], [3, 4]], 3, "[1 2][3...]..."), ([[1, 2], [3, 4]], 5, "[1 2][3 4]"),
    (np.arange(8).reshape(2, 2, 2), 5, "[[0 1][2 3]][[4...]]..."), (np.arange(18).reshape(3, 3, 2), 1, "[[0...]]..."),
    (np.zeros((0, 2)), -1, ""), (5, 3, "5"),
    (np.array([1 / 3, 0.1, 1e10, 1e-5, 123456789.0, np.nan, np.inf, -np.inf, 1.0, 1e5, 1e6, 3.14159274, -0.0], np.float32), -1,
     "0.333333343 0.1 1e+10 1e-05 123456792 nan inf -inf 1 100000 1e+06 3.14159274 -0"),
    (np.array([1 / 3, 0.1, 1e20]), 3, "0.33333333333333331 0.1 1e+20"), ([True, False], 3, "1 0"),
    (np.array([1 + 2j]), 3, "?"), (np.array(1 / 3, np.float16), 3, "0.333251953"),
    (np.array([b"a\n", 'é"\'\\x'.encode(), b"b\x00"], object), 3, 'a\\n \\303\\251\\"\\\'\\\\x b\\000')])
def test_summaries(value, entries, text):
    assert summarize(value, entries) == text


@pytest.mark.parametrize("value, entries, text", [
    (np.arange(10), 3, "[0 1 2 ... 7 8 9]"), (np.arange(6), 3, "[0 1 2 3 4 5]"), (1.5, 3, "1.5"),
    (np.array([b"a"], object), 3, '["a"]'),
    (np.arange(100).reshape(10, 10), 2, "[[0 1 ... 8 9]\n [10 11 ... 18 19]\n ...\n [80 81 ... 88 89]\n [90 91 ... 98 99]]")])
def test_summaries_with_both_ends(value, entries, text):
    assert summarize_ends(value, entries) == text


# ---------------------------------------------------------------- Assert


def test_assert_of_strings_and_integers_is_one_node(fresh_graph):
    operation = tf.Assert(tf.constant(False), ["hi", tf.constant([1, 2, 3, 4])])
    assert (operation.name, operation.type) == ("Assert/Assert", "Assert")
    assert failure(operation) == "assertion failed: [hi] [1 2 3...]"


def test_assert_of_other_data_is_guarded(fresh_graph):
    p = tf.placeholder(tf.bool, [], "p")
    operation = tf.Assert(p, [tf.constant([1.5])], summarize=1)
    assert (operation.name, operation.type) == ("Assert/AssertGuard/Merge", "Merge")
    assert [op.name for op in fresh_graph.get_operations() if op.type == "Assert"] == ["Assert/AssertGuard/Assert"]
    run(operation, {p: True})
    assert failure(operation, {p: False}) == "assertion failed: [1.5]"


def test_others_wait_for_an_assertion():
    x = tf.placeholder(tf.int32, [None], "x")
    with tf.control_dependencies([tf.assert_positive(x)]):
        y = tf.identity(x)
    assert run(y, {x: [1, 2]}).tolist() == [1, 2]
    assert failure(y, {x: [1, 0]}) == "assertion failed: [] [Condition x > 0 did not hold element-wise:] [x (x:0) = ] [1 0]"


# ---------------------------------------------------------------- in a run

FED = [
    (lambda a: tf.assert_equal(a, [1, 3]), "[Condition x == y did not hold element-wise:] [x (a:0) = ] [1 2] "
                                           "[y (assert_equal_1/y:0) = ] [1 3]"),
    (lambda a: tf.assert_none_equal(a, [1, 3]), "[Condition x != y did not hold element-wise:] [x (a:0) = ] [1 2] "
                                                "[y (assert_none_equal/y:0) = ] [1 3]"),
    (lambda a: tf.assert_less(a, 2, message="oh"), "[oh] [Condition x < y did not hold element-wise:] [x (a:0) = ] [1 2] "
                                                   "[y (assert_less/y:0) = ] [2]"),
    (lambda a: tf.assert_greater_equal(a, 2), "[Condition x >= y did not hold element-wise:] [x (a:0) = ] [1 2] "
                                              "[y (assert_greater_equal/y:0) = ] [2]"),
    (lambda a: tf.assert_non_positive(a, message="m"), "[m] [Condition x <= 0 did not hold element-wise:x (a:0) = ] [1 2]"),
    (lambda a: tf.assert_rank(a, 2), "[] [Tensor a:0 must have rank] [2] [Received shape: ] [2]"),
    (lambda a: tf.assert_rank_at_least(a, 2), "[] [Tensor a:0 must have rank at least] [2] [Received shape: ] [2]"),
    (lambda a: tf.assert_rank_in(a, [2, 3]), "[] [Tensor a:0 must have rank in] [2] [3] [Received shape: ] [2]"),
    (lambda a: tf.assert_near(tf.cast(a, tf.float32), [2.0, 2.0]),
     '[] [x and y not equal to tolerance rtol = Tensor(\\"assert_near/rtol:0\\", shape=(), dtype=float32), atol = '
     'Tensor(\\"assert_near/atol:0\\", shape=(), dtype=float32)] [x (Cast:0) = ] [1 2] [y (assert_near/y:0) = ] [2 2]')]


@pytest.mark.parametrize("build, text", FED)
def test_failures_in_a_run(build, text):
    a = tf.placeholder(tf.int32, name="a")
    assert failure(build(a), {a: [1, 2]}) == f"assertion failed: {text}"


@pytest.mark.parametrize("build", [
    lambda a: tf.assert_equal(a, [1, 2]), lambda a: tf.assert_less(a, 3), lambda a: tf.assert_less_equal(a, [1, 2]),
    lambda a: tf.assert_greater(a, 0), lambda a: tf.assert_positive(a), lambda a: tf.assert_non_negative(a),
    lambda a: tf.assert_negative(-a), lambda a: tf.assert_rank(a, 1), lambda a: tf.assert_rank_in(a, (0, 1)),
    lambda a: tf.assert_near(tf.cast(a, tf.float64), [1.0, 2.0]), lambda a: tf.assert_equal(a, a)])
def test_what_holds_passes(build):
    a = tf.placeholder(tf.int32, name="a")
    assert run(build(a), {a: [1, 2]}) is None


# ---------------------------------------------------------------- while building

KNOWN = [
    (lambda: tf.assert_equal([1, 2], [1, 3]), errors.InvalidArgumentError,
     "Condition x == y did not hold element-wise:\nx (assert_equal_1/x:0) = \n[1 2]\ny (assert_equal_1/y:0) = \n[1 3]"),
    (lambda: tf.assert_positive([1, 0]), errors.InvalidArgumentError,
     "\nCondition x > 0 did not hold element-wise:\nx (assert_positive/x:0) = \n[1 0]"),
    (lambda: tf.assert_rank([1], 2), ValueError, ".  Tensor assert_rank/x:0 must have rank 2.  Received rank 1, shape (1,)"),
    (lambda: tf.assert_rank_at_least([1], 2, message="m"), ValueError,
     "m.  Tensor assert_rank_at_least/x:0 must have rank at least 2.  Received rank 1, shape (1,)"),
    (lambda: tf.assert_rank_in([1], [2, 3]), ValueError, ".  Tensor assert_rank_in/x:0 must have rank in "
     "(array(2, dtype=int32), array(3, dtype=int32)).  Received rank 1, shape (1,)"),
    (lambda: tf.assert_rank([1], [1]), ValueError, "Rank must be a scalar."),
    (lambda: tf.assert_rank([1], 1.0), TypeError, "  assert_rank/rank:0 must be of type <dtype: 'int32'>"),
    (lambda: tf.assert_integer(1.0), TypeError,
     "  Expected \"x\" to be integer type.  Found: assert_integer/x:0 of dtype <dtype: 'float32'>"),
    (lambda: tf.assert_type(1.0, tf.int32), TypeError, "  assert_type/tensor:0 must be of type <dtype: 'int32'>"),
    (lambda: tf.assert_scalar([1]), ValueError, "Expected scalar shape for assert_scalar:0, saw shape: (1,)."),
    (lambda: tf.assert_proper_iterable("a"), TypeError,
     "Expected argument \"values\" to be a \"proper\" iterable.  Found: <class 'str'>"),
    (lambda: tf.assert_proper_iterable(1), TypeError, "Expected argument \"values\" to be iterable.  Found: <class 'int'>"),
    (lambda: tf.assert_same_float_dtype([tf.constant(1.0, name="x"), tf.constant(1, name="y")]), ValueError,
     "y:0, type=<dtype: 'int32'>, must be of the same type (<dtype: 'float32'>) as x:0."),
    (lambda: tf.assert_same_float_dtype([tf.constant(1)]), ValueError, "Expected floating point type, got <dtype: 'int32'>."),
    (lambda: tf.assert_near(1, 1), ValueError, "data type <class 'numpy.int32'> not inexact"),
    (lambda: tf.ensure_shape([1, 2], [3]), ValueError, "Dimension 0 in both shapes must be equal, but are 3 and 2. Shapes are "
     "[3] and [2]. for 'EnsureShape' (op: 'EnsureShape') with input shapes: [2]."),
    (lambda: tf.is_non_decreasing([True]), TypeError,
     'Expected x to be numeric, instead found: Tensor("is_non_decreasing/Reshape:0", shape=(1,), dtype=bool)')]


@pytest.mark.parametrize("build, error, text", KNOWN)
def test_failures_while_building(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert getattr(caught.value, "message", str(caught.value)).startswith(text)


def test_a_sum_is_not_known_while_building():
    operation = tf.assert_equal(tf.constant([1]) + 1, [3])
    assert failure(operation) == ("assertion failed: [Condition x == y did not hold element-wise:] [x (add:0) = ] [2] "
                                  "[y (assert_equal_1/y:0) = ] [3]")


def test_known_ranks_need_no_check():
    assert tf.assert_rank([1.0], 1).name == "assert_rank/static_checks_determined_all_ok"
    assert tf.assert_integer(1).name == "assert_integer/statically_determined_was_integer"
    assert tf.assert_type(1.0, tf.float32).name == "assert_type/statically_determined_correct_type"
    assert tf.assert_scalar(1.0, name="s").name == "s:0"
    assert tf.assert_same_float_dtype() is tf.float32
    assert tf.assert_same_float_dtype([tf.constant(1.0, tf.float64), None]) is tf.float64


# ---------------------------------------------------------------- order, NaN, shapes


@pytest.mark.parametrize("values, rises, never_falls", [
    ([1, 2, 3], True, True), ([1, 2, 2], False, True), ([2, 1], False, False), ([1], True, True), ([[1, 2], [2, 3]], False, True)])
def test_order(values, rises, never_falls):
    x = tf.placeholder(tf.int32)
    assert run([tf.is_strictly_increasing(x), tf.is_non_decreasing(x)], {x: values}) == [rises, never_falls]


def test_is_numeric_tensor():
    assert tf.is_numeric_tensor(tf.constant(1))
    assert not tf.is_numeric_tensor(tf.constant(1.0, tf.float16))
    assert not tf.is_numeric_tensor(1)


@pytest.mark.parametrize("values, text", [
    ([1.0, np.nan], "mess : Tensor had NaN values"), ([np.inf], "mess : Tensor had Inf values"),
    ([np.nan, -np.inf], "mess : Tensor had Inf and NaN values")])
def test_check_numerics(values, text):
    assert failure(tf.check_numerics(values, "mess")) == text
    assert failure(tf.verify_tensor_all_finite(values, "mess")) == text


def test_gradient_is_checked_too(fresh_graph):
    x = tf.constant([1.0])
    gradient, = tf.gradients(tf.check_numerics(x, "mess"), x)
    assert gradient.op.type == "CheckNumerics"
    assert gradient.op.get_attr("message") == b"Not a number (NaN) or infinity (Inf) values detected in gradient. b'mess'"


def test_add_check_numerics_ops(fresh_graph):
    x = tf.placeholder(tf.float32, [], "x")
    y = tf.square(x, name="y")
    check = tf.add_check_numerics_ops()
    assert [op.get_attr("message") for op in fresh_graph.get_operations() if op.type == "CheckNumerics"] == [b"x:0", b"y:0"]
    run(check, {x: 1.0})
    assert failure([y, check], {x: 1e30}) == "y:0 : Tensor had Inf values"
    tf.cond(x > 0, lambda: x, lambda: x)
    with pytest.raises(ValueError, match="not compatible with TensorFlow control flow operations"):
        tf.add_check_numerics_ops()


def test_ensure_shape():
    x = tf.placeholder(tf.float32)
    y = tf.ensure_shape(x, [None, 3])
    assert str(y.shape) == "(?, 3)"
    assert run(y, {x: np.ones((2, 3))}).shape == (2, 3)
    assert failure(y, {x: np.ones(2)}).endswith("[2] is not compatible with expected shape [?,3].")


def test_what_an_assertion_shows_is_a_list():
    with pytest.raises(TypeError, match="values must be a sequence."):
        tf.Assert(tf.constant(True), 3)
