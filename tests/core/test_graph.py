"""What a graph refuses to have fed or fetched, its constants in a GraphDef, conversions of other people's classes."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import convert


@pytest.fixture
def conversions():
    """The registry of conversions, as it was again after the test."""
    before = list(convert.conversions)
    yield
    convert.conversions[:] = before
    convert._by_type.clear()


# ---------------------------------------------------------------- feeding and fetching
def test_a_tensor_is_not_fed_any_more_after_prevent_feeding():
    x = tf.placeholder(tf.float32, name="x")
    y = x + 1.0
    with tf.Session() as session:
        assert session.run(y * 2.0, {y: 1.0}) == 2.0
        z = y * 3.0
        for _ in range(3):
            session.run(z, {y: 1.0})
        y.graph.prevent_feeding(y)
        with pytest.raises(ValueError, match='Tensor Tensor\\("add:0", dtype=float32\\) may not be fed.'):
            session.run(z, {y: 1.0})
        assert session.run(z, {x: 1.0}) == 6.0


def test_an_operation_is_not_fetched_any_more_after_prevent_fetching():
    y = tf.constant(1.0) + 1.0
    with tf.Session() as session:
        assert [session.run(y) for _ in range(3)] == [2.0, 2.0, 2.0]
        y.graph.prevent_fetching(y.op)
        with pytest.raises(ValueError, match="Operation 'add' has been marked as not fetchable"):
            session.run(y)


def test_what_an_operation_tells_of_itself():
    x = tf.constant(1.0, name="x")
    with pytest.raises(ValueError, match="Operation 'x' has no attr named 'axis'"):
        x.op.get_attr("axis")
    (*place, first_line), = x.op.traceback_with_start_lines
    assert (tuple(place), first_line) == (x.op.traceback[0], test_what_an_operation_tells_of_itself.__code__.co_firstlineno)
    assert x.graph.graph_def_versions.producer == 134


def test_a_failure_inside_control_dependencies_leaves_the_graph_without_scopes():
    graph = tf.get_default_graph()
    with pytest.raises(KeyError), tf.control_dependencies([tf.no_op()]):
        raise KeyError("made by the test")
    assert not graph._scoped and tf.constant(1.0).op.control_inputs == []


# ---------------------------------------------------------------- constants that are one value
ONE_VALUE = {
    "filled": (lambda: tf.constant(1.0, shape=[2, 3]), "float_val"),
    "zeros": (lambda: tf.zeros([3]), "float_val"),
    "ones": (lambda: tf.ones([2], tf.int32), "int_val"),
    "like": (lambda: tf.zeros_like([True, True]), "bool_val"),
    "text": (lambda: tf.constant("a", shape=[2]), "string_val"),
    "complex": (lambda: tf.constant(1j, shape=[2]), "dcomplex_val"),
}


@pytest.mark.parametrize("kind", ONE_VALUE)
def test_one_value_for_a_whole_shape_is_written_once(kind):
    make, field = ONE_VALUE[kind]
    constant = make()
    held = constant.op.node_def.attr["value"].tensor
    assert not held.tensor_content
    assert len(getattr(held, field)) == (2 if kind == "complex" else 1)
    assert constant.op.get_attr("value") == held
    definition = constant.graph.as_graph_def()
    with tf.Graph().as_default() as graph, tf.Session() as session:
        again, = tf.import_graph_def(definition, name="", return_elements=[constant.name])
        assert graph.as_graph_def() == definition
        value = session.run(again)
        assert value.shape == constant.shape and len(set(value.ravel().tolist())) == 1
        value[...] = value.ravel()[0]  # a fetched array is the user's own


def test_values_that_were_listed_are_all_written():
    assert tf.constant([1, 1]).op.node_def.attr["value"].tensor.tensor_content == b"\1\0\0\0\1\0\0\0"


# ---------------------------------------------------------------- conversions
@pytest.mark.parametrize("kind", [int, bool, float, np.ndarray, np.float32, (str, int)])
def test_what_numbers_become_cannot_be_changed(conversions, kind):
    with pytest.raises(TypeError, match="Cannot register conversions for Python numeric types and NumPy scalars and arrays."):
        tf.register_tensor_conversion_function(kind, lambda value, dtype=None, name=None, as_ref=False: None)
    assert tf.convert_to_tensor(3).dtype is tf.int32


def test_a_class_of_the_users_own_is_converted(conversions):
    class Degrees:
        pass

    tf.register_tensor_conversion_function(Degrees, lambda value, dtype=None, name=None, as_ref=False: tf.constant(180.0, dtype))
    with tf.Session() as session:
        assert session.run(tf.constant(1.0) + Degrees()) == 181.0


# ---------------------------------------------------------------- placeholders
@pytest.mark.parametrize("shape, phrase", [([3], "Dimension 0 in both shapes must be equal, but are 2 and 3"),
                                           ([], "Shapes must be equal rank, but are 1 and 0")])
def test_a_default_has_to_fit_its_placeholder(shape, phrase):
    with pytest.raises(ValueError, match=phrase):
        tf.placeholder_with_default([1.0, 2.0], shape)
    assert tf.placeholder_with_default([1.0, 2.0], [None]).shape.as_list() == [None]


@pytest.mark.parametrize("arguments, error, phrase", [
    ((None,), TypeError, "Expected DataType for argument 'dtype' not None."),
    (("number",), TypeError, "Expected DataType for argument 'dtype' not 'number'."),
    ((tf.float32, [-1]), ValueError, "Error converting shape to a TensorShape: Dimension -1 must be >= 0."),
])
def test_a_placeholder_of_no_type_or_shape(arguments, error, phrase):
    with pytest.raises(error, match=phrase):
        tf.placeholder(*arguments)
