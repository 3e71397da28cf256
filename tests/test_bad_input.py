"""Bad input to runs: TF's class and phrase, the user's line in the message, and nothing lost by it."""

# ruff: noqa: F811 (fixtures by import)

import os
import re

import numpy as np
import pytest

import graphcore as tf
from tests.failing import assert_all_is_well, counter, fails, line, session  # noqa: F401

FILE = os.path.basename(__file__)
NAN = float("nan")


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
