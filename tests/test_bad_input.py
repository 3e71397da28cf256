"""Bad input: TF's class and phrase, the user's line in the message, and nothing lost by it."""

import os
import re
import sys
import traceback

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags, source

FILE = os.path.basename(__file__)
NAN = float("nan")


def line(back=0):
    """``file:line`` of the caller, or of a line before it."""
    return f"{FILE}:{sys._getframe(1).f_lineno - back}"


class Expected:
    """What `fails` caught."""

    text = ""
    error = None


class fails:
    """``with fails(cls, phrase) as caught:`` the block raises that class with that phrase, in few frames of ours."""

    def __init__(self, cls, phrase):
        self.cls, self.phrase = cls, phrase

    def __enter__(self):
        self.short = flags.traceback.set("short")
        self.short.__enter__()
        self.caught = Expected()
        return self.caught

    def __exit__(self, cls, error, trace):
        self.short.__exit__(None, None, None)
        assert error is not None, f"nothing was raised; {self.cls.__name__} was due"
        if not isinstance(error, self.cls):
            return False
        self.caught.text, self.caught.error = str(error), error
        assert self.phrase in self.caught.text
        assert_users_frames_come_first(error)
        return True


def assert_users_frames_come_first(error):
    """The printed traceback begins with the user, and no chained error shows this package's inside."""
    assert error.__cause__ is None and error.__suppress_context__ or error.__context__ is None
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    assert not source.is_internal(files[0])
    assert sum(source.is_internal(name) for name in files) <= 9


@pytest.fixture
def session():
    with tf.Session() as opened:
        yield opened


@pytest.fixture
def counter(session):
    """A variable of value 5, initialised."""
    variable = tf.Variable(5.0, name="counter")
    session.run(variable.initializer)
    return variable


def assert_all_is_well(session, counter):
    """Session and variable are as they were, and go on working."""
    assert session.run(counter) == 5.0
    assert session.run(counter + 1.0) == 6.0


# ---------------------------------------------------------------- feeding


def test_unfed_placeholder(session, counter):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    made = line(1)
    y = x * counter
    with fails(tf.errors.InvalidArgumentError, "You must feed a value for placeholder tensor 'x' with dtype float and shape "
                                               "[?,2]") as caught:
        session.run(y)
    assert made in caught.text and "feed_dict" in caught.text
    assert caught.error.op is x.op
    np.testing.assert_array_equal([[5.0, 10.0]], session.run(y, {x: [[1, 2]]}))
    assert_all_is_well(session, counter)


def test_wrong_dtype_fed(session, counter):
    x = tf.placeholder(tf.float32, name="x")
    made = line(1)
    with fails(ValueError, "could not convert string to float") as caught:
        session.run(x + counter, {x: "hello"})
    assert made in caught.text and line(1) in caught.text
    assert "'x:0'" in caught.text and "float32" in caught.text
    assert_all_is_well(session, counter)


def test_integer_too_large_for_the_dtype_fed(session, counter):
    x = tf.placeholder(tf.int32, name="x")
    made = line(1)
    with fails(TypeError, "is not compatible with Tensor type") as caught:
        session.run(x + 1, {x: 2**40})
    assert made in caught.text and "'x:0'" in caught.text
    assert session.run(x + 1, {x: 1}) == 2
    assert_all_is_well(session, counter)


@pytest.mark.parametrize(("shape", "printed"), [([2], "(2,)"), ([None, 2], "(?, 2)"), ([], "()")])
def test_wrong_shape_fed(session, counter, shape, printed):
    x = tf.placeholder(tf.float32, shape, name="x")
    made = line(1)
    for _ in range(4):  # the first run is checked, and so are those of the compiled program
        with fails(ValueError, f"Cannot feed value of shape (3,) for Tensor 'x:0', which has shape '{printed}'") as caught:
            session.run(x * counter, {x: np.zeros(3, np.float32)})
        assert made in caught.text and line(1) in caught.text
    assert_all_is_well(session, counter)


def test_ragged_list_fed(session, counter):
    x = tf.placeholder(tf.float32, name="x")
    made = line(1)
    with fails(ValueError, "setting an array element with a sequence") as caught:
        session.run(x * counter, {x: [[1, 2], [3]]})
    assert made in caught.text
    assert_all_is_well(session, counter)


def test_tensor_fed(session, counter):
    x = tf.placeholder(tf.float32, name="x")
    with fails(TypeError, "The value of a feed cannot be a tf.Tensor object.") as caught:
        session.run(x * 2.0, {x: counter + 1.0})
    assert line(1) in caught.text
    assert_all_is_well(session, counter)


def test_feed_key_that_does_not_exist(session, counter):
    tf.placeholder(tf.float32, name="features")
    with fails(TypeError, "Cannot interpret feed_dict key as Tensor: The name 'feature:0' refers to a Tensor which does not "
                          "exist.") as caught:
        session.run(counter, {"feature:0": 1.0})
    assert line(1) in caught.text and "'features'" in caught.text
    assert_all_is_well(session, counter)


# ---------------------------------------------------------------- fetching


def test_fetch_of_a_foreign_graphs_tensor(session, counter):
    with tf.Graph().as_default():
        foreign = tf.constant(1.0, name="foreign")
        made = line(1)
    with fails(ValueError, 'Tensor Tensor("foreign:0", shape=(), dtype=float32) is not an element of this graph.') as caught:
        session.run([counter, foreign])
    assert made in caught.text and line(1) in caught.text
    assert_all_is_well(session, counter)


def test_feed_of_a_foreign_graphs_tensor(session, counter):
    with tf.Graph().as_default():
        foreign = tf.placeholder(tf.float32)
        made = line(1)
    with fails(TypeError, "is not an element of this graph.") as caught:
        session.run(counter, {foreign: 1.0})
    assert made in caught.text
    assert_all_is_well(session, counter)


@pytest.mark.parametrize(("fetch", "phrase"), [
    ("los:0", "The name 'los:0' refers to a Tensor which does not exist. The operation, 'los', does not exist in the graph."),
    ("los", "The name 'los' refers to an Operation not in the graph."),
    ("loss:3", "The operation, 'loss', exists but only has 1 outputs."),
    ("a:b:c", "looks a like a Tensor name, but is not a valid one."),
])
def test_string_fetch_that_does_not_exist(session, counter, fetch, phrase):
    tf.constant(1.0, name="loss")
    with fails(ValueError, phrase) as caught:
        session.run(fetch)
    assert f"Fetch argument '{fetch}' cannot be interpreted as a Tensor." in caught.text
    assert line(2) in caught.text
    assert "'loss'" in caught.text or ":b:" in fetch
    assert_all_is_well(session, counter)


@pytest.mark.parametrize("fetch", [3, object(), 1.5])
def test_fetch_of_something_else(session, counter, fetch):
    with fails(TypeError, "has invalid type") as caught:
        session.run(fetch)
    assert "must be a string or Tensor." in caught.text and line(1) in caught.text
    assert_all_is_well(session, counter)


def test_fetch_of_a_gradient_that_is_none(session, counter):
    x = tf.constant(1.0)
    gradients = tf.gradients(tf.constant(2.0), [x])
    with fails(TypeError, "Fetch argument None has invalid type <class 'NoneType'>") as caught:
        session.run(gradients)
    assert "tf.gradients" in caught.text and line(1) in caught.text
    assert_all_is_well(session, counter)


# ---------------------------------------------------------------- variables


@pytest.mark.parametrize("resource", [False, True])
def test_uninitialised_variable(session, counter, resource):
    w = tf.Variable(1.0, name="w", use_resource=resource)
    made = line(1)
    product = w * counter
    phrase = "Error while reading resource variable w" if resource else "Attempting to use uninitialized value w"
    with fails(tf.errors.FailedPreconditionError, phrase) as caught:
        session.run(product)
    assert made in caught.text and "tf.global_variables_initializer()" in caught.text
    assert_all_is_well(session, counter)
    session.run(w.initializer)
    assert session.run(product) == 5.0


def test_a_failed_run_keeps_what_it_finished_and_no_more(session, counter):
    x = tf.placeholder(tf.float32, [None])
    with tf.control_dependencies([counter.assign_add(1.0)]):
        fails_after = tf.reshape(x, [2]) + 0.0
    with tf.control_dependencies([fails_after]):
        never = counter.assign(100.0)
    with fails(tf.errors.InvalidArgumentError, "Input to reshape is a tensor with 3 values, but the requested shape has 2"):
        session.run(never, {x: [1, 2, 3]})
    assert session.run(counter) in (5.0, 6.0)
    assert session.run(never, {x: [1, 2]}) == 100.0


def test_variable_name_twice(session, counter):
    tf.get_variable("w", [1])
    made = line(1)
    with fails(ValueError, "Variable w already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in "
                           "VarScope? Originally defined at:") as caught:
        tf.get_variable("w", [1])
    assert re.search(rf'{FILE}", line {made.rpartition(":")[2]}', caught.text)
    assert line(2) in caught.text
    assert [v.name for v in tf.global_variables()] == ["counter:0", "w:0"]
    assert_all_is_well(session, counter)


def test_value_of_another_shape_assigned(session, counter):
    before = len(tf.get_default_graph().get_operations())
    with fails(ValueError, "in both shapes must be equal") as caught:
        tf.Variable([1.0], name="w").assign([1.0, 2.0])
    assert line(1) in caught.text
    assert len(tf.get_default_graph().get_operations()) > before  # the variable itself is there
    assert_all_is_well(session, counter)


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


# ---------------------------------------------------------------- devices


@pytest.mark.parametrize("device", ["/gpu:0", "/cpu:7", "/job:worker/task:1"])
def test_device_that_is_not_there(device):
    with tf.Graph().as_default():
        with tf.device(device):
            a = tf.constant(1.0, name="a")
            made = line(1)
        with tf.Session() as session:
            with fails(tf.errors.InvalidArgumentError, "Cannot assign a device for operation a: node a (defined at") as caught:
                session.run(a)
            assert made in caught.text and "available devices are [ /job:localhost/replica:0/task:0/device:CPU:0" in caught.text
            assert "allow_soft_placement" in caught.text


def test_device_that_is_none(session, counter):
    with fails(ValueError, "Unknown attribute: 'nonsense' in '/nonsense:0'") as caught:
        with tf.device("/nonsense:0"):
            pass
    assert line(2) in caught.text
    assert tf.constant(1.0).device == ""
    assert_all_is_well(session, counter)


# ---------------------------------------------------------------- sessions and graphs that are over


def test_closed_session():
    a = tf.constant(1.0)
    session = tf.Session()
    session.close()
    closed = line(1)
    with fails(RuntimeError, "Attempted to use a closed Session.") as caught:
        session.run(a)
    assert closed in caught.text and line(1) in caught.text
    with tf.Session() as another:
        assert another.run(a) == 1.0


def test_session_after_its_with_block():
    a = tf.constant(1.0)
    with tf.Session() as session:
        assert session.run(a) == 1.0
    with fails(RuntimeError, "Attempted to use a closed Session."):
        a.eval(session=session)


def test_callable_of_a_closed_session():
    session = tf.Session()
    call = session.make_callable(tf.constant(1.0))
    session.close()
    with fails(RuntimeError, "Attempted to use a closed Session."):
        call()


def test_finalized_graph(session, counter):
    graph = tf.get_default_graph()
    graph.finalize()
    operations = graph.get_operations()
    for build in (lambda: counter + 1.0, lambda: tf.constant(2.0), lambda: tf.Variable(1.0), lambda: tf.placeholder(tf.int32)):
        with fails(RuntimeError, "Graph is finalized and cannot be modified.") as caught:
            build()
        assert FILE in caught.text
    assert graph.get_operations() == operations
    assert session.run(counter) == 5.0


def test_a_graph_that_grows_in_a_loop_names_the_line(session, counter):
    tf.get_default_graph().finalize()
    with fails(RuntimeError, "Graph is finalized and cannot be modified.") as caught:
        for _ in range(3):
            session.run(tf.add(counter, counter))
    assert line(1) in caught.text and "loop" in caught.text and "Add" in caught.text
    assert session.run(counter) == 5.0


def test_empty_graph():
    with tf.Graph().as_default(), tf.Session() as session:
        with fails(RuntimeError, "The Session graph is empty.  Add operations to the graph before calling run()."):
            session.run([])


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(("value", "word"), [(NAN, "Nan"), (float("inf"), "Infinity")])
def test_histogram_of_what_is_no_number(session, counter, value, word):
    x = tf.placeholder(tf.float32, [None])
    histogram = tf.summary.histogram("weights", x)
    made = line(1)
    with fails(tf.errors.InvalidArgumentError, f"{word} in summary histogram for: weights") as caught:
        session.run(histogram, {x: [1.0, value]})
    assert made in caught.text
    assert session.run(histogram, {x: [1.0]})
    assert_all_is_well(session, counter)


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
