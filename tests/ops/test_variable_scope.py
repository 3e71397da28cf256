"""Variable scopes: sharing and its mistakes, initializers, getters and creators. Texts and names are TF 1.15's."""

import inspect

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import source


def line_here():
    return inspect.currentframe().f_back.f_lineno


def value_of(variable):
    with tf.Session() as session:
        session.run(variable.initializer)
        return session.run(variable)


# ---------------------------------------------------------------- mistakes in sharing


def test_a_second_variable_of_a_name_tells_where_the_first_was_made():
    tf.get_variable("gv", [1]); line = line_here()  # noqa: E702 (one line)
    with pytest.raises(ValueError) as caught:
        tf.get_variable("gv", [1])
    text = str(caught.value)
    assert text.startswith("Variable gv already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in "
                           "VarScope? Originally defined at:\n\n")
    assert f'test_variable_scope.py", line {line}' in text and 'tf.get_variable("gv", [1])' in text


def test_reusing_what_does_not_exist():
    with tf.variable_scope("s", reuse=True), pytest.raises(ValueError) as caught:
        tf.get_variable("x", [1])
    assert source.unplaced(caught.value) == ("Variable s/x does not exist, or was not created with tf.get_variable(). Did you mean to set "
                                 "reuse=tf.AUTO_REUSE in VarScope?")


def test_a_plain_variable_is_not_found_by_name():
    tf.Variable(1.0, name="x")
    with tf.variable_scope("", reuse=True), pytest.raises(ValueError, match="Variable x does not exist"):
        tf.get_variable("x", [])


@pytest.mark.parametrize("arguments, text", [
    (dict(shape=[3]), "Trying to share variable w, but specified shape (3,) and found shape (2,)."),
    (dict(shape=[2], dtype=tf.int32), "Trying to share variable w, but specified dtype int32 and found dtype float32_ref."),
])
def test_sharing_with_another_shape_or_dtype(arguments, text):
    tf.get_variable("w", [2])
    with tf.variable_scope("", reuse=True), pytest.raises(ValueError) as caught:
        tf.get_variable("w", **arguments)
    assert source.unplaced(caught.value) == text


def test_an_unknown_shape_shares_with_any():
    w = tf.get_variable("w", [2])
    with tf.variable_scope("", reuse=True):
        assert tf.get_variable("w") is w and tf.get_variable("w", [None]) is w


@pytest.mark.parametrize("make, error, text", [
    (lambda: tf.variable_scope(None), TypeError, "If default_name is None then name_or_scope is required"),
    (lambda: tf.variable_scope("a", reuse=1), ValueError, "The reuse parameter must be True or False or None."),
    (lambda: tf.variable_scope("a", auxiliary_name_scope=1), TypeError, "The auxiliary_name_scope must be `True` or `False`"),
    (lambda: tf.variable_scope(3).__enter__(), TypeError, "VariableScope: name_or_scope must be a string or VariableScope."),
])
def test_arguments_that_make_no_scope(make, error, text):
    with pytest.raises(error) as caught:
        make()
    assert text in str(caught.value)


# ---------------------------------------------------------------- initial values


def test_what_makes_no_initial_value():
    with pytest.raises(ValueError, match="If initializer is a constant, do not specify shape."):
        tf.get_variable("a", [2], initializer=[1.0, 2.0])
    with pytest.raises(ValueError, match="The initializer passed is not valid"):
        tf.get_variable("b")
    with pytest.raises(ValueError, match="An initializer for variable c of tf.complex64 is required"):
        tf.get_variable("c", [1], tf.complex64)
    with pytest.raises(ValueError, match="don't match"):
        tf.get_variable("d", dtype=tf.float64, initializer=3)


def test_glorot_limits_follow_the_shape():
    w = tf.get_variable("w", [40, 20])
    largest = np.abs(value_of(w)).max()
    assert 0.9 * np.sqrt(6 / 60) < largest < np.sqrt(6 / 60)


@pytest.mark.parametrize("dtype, zero", [(tf.int32, 0), (tf.bool, False), (tf.string, b"")])
def test_what_is_no_float_starts_at_zero(dtype, zero):
    assert value_of(tf.get_variable("v", [1], dtype)).tolist() == [zero]


@pytest.mark.parametrize("shape", [[2], (2,), 2, tf.TensorShape([2])])
def test_forms_of_a_shape(shape):
    assert tf.get_variable("v", shape).shape.as_list() == [2]


def test_a_failed_attempt_leaves_no_variable_behind():
    def broken(shape, dtype=None, partition_info=None):
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        tf.get_variable("v", [1], initializer=broken)
    assert tf.global_variables() == []
    assert tf.get_variable("v", [1]).shape.as_list() == [1]


# ---------------------------------------------------------------- scopes


def test_reuse_holds_in_scopes_inside_and_ends_with_the_scope():
    with tf.variable_scope("a", reuse=tf.AUTO_REUSE):
        with tf.variable_scope("b", reuse=False) as inner:
            assert inner.reuse is tf.AUTO_REUSE
    assert tf.get_variable_scope().reuse is False


def test_a_scope_is_left_when_its_body_fails():
    with pytest.raises(KeyError), tf.variable_scope("a"), tf.variable_scope("b"):
        raise KeyError
    assert (tf.get_variable_scope().name, tf.constant(1).name) == ("", "Const:0")


def test_a_scope_entered_twice_by_the_same_statement():
    layer = tf.variable_scope("layer", reuse=tf.AUTO_REUSE)
    seen = []
    for _ in range(2):
        with layer as scope:
            seen.append((tf.get_variable("w", [1]).name, tf.constant(1).name, scope.original_name_scope))
    assert seen == [("layer/w:0", "layer/Const:0", "layer/"), ("layer/w:0", "layer_1/Const:0", "layer/")]


def test_default_names_are_numbered_in_their_scope():
    names = []
    for _ in range(2):
        with tf.variable_scope(None, "dense") as outer:
            with tf.variable_scope(None, "part") as inner:
                names += [outer.name, inner.name]
    assert names == ["dense", "dense/part", "dense_1", "dense_1/part"]


def test_defaults_are_changed_on_the_scope_object():
    with tf.variable_scope("a") as scope:
        scope.set_dtype(tf.float64)
        scope.set_initializer(tf.ones_initializer())
        v = tf.get_variable("v", [2])
    assert v.dtype.base_dtype == tf.float64
    assert value_of(v).tolist() == [1.0, 1.0]
    assert scope.global_variables() == scope.trainable_variables() == [v]


def test_values_choose_the_graph():
    other = tf.Graph()
    with other.as_default():
        x = tf.constant(1.0)
    with tf.variable_scope("s", values=[x]):
        assert tf.get_variable("v", [1]).graph is other
    assert tf.get_default_graph().get_operations() == []


def test_graphs_have_names_of_their_own():
    for _ in range(2):
        with tf.Graph().as_default():
            assert tf.get_variable("v", [1]).name == "v:0"


def test_scopes_give_resource_variables():
    with tf.variable_scope("s", use_resource=True):
        v, w = tf.get_variable("v", [1]), tf.Variable([1.0])
    assert (v.op.type, w.op.type, tf.Variable(1.0).op.type) == ("VarHandleOp", "VarHandleOp", "VariableV2")


def test_resource_variables_by_default():
    tf.enable_resource_variables()
    try:
        assert tf.resource_variables_enabled() and tf.Variable(1.0).op.type == "VarHandleOp"
    finally:
        tf.disable_resource_variables()
    assert tf.get_variable("v", [1]).op.type == "VariableV2"


def test_partitioners_are_not_built():
    with pytest.raises(NotImplementedError, match="not built yet"):
        tf.get_variable("v", [4], partitioner=lambda shape, dtype: [2])


# ---------------------------------------------------------------- getters, creators, templates


def test_custom_getters_are_called_from_the_inside_out():
    seen = []

    def note(word):
        def getter(getter, name, *args, **options):
            seen.append((word, name))
            return getter(name, *args, **options)

        return getter

    with tf.variable_scope("a", custom_getter=note("outer")), tf.variable_scope("b", custom_getter=note("inner")):
        tf.get_variable("v", [1])
    assert seen == [("inner", "a/b/v"), ("outer", "a/b/v")]


def test_a_getter_may_leave_the_constraint_out():
    def getter(getter, name, shape, dtype, initializer, regularizer, reuse, trainable, collections, caching_device, partitioner,
               validate_shape, use_resource, synchronization, aggregation):
        return getter(name, shape, dtype)

    assert tf.get_variable("v", [1], custom_getter=getter).name == "v:0"


def test_creators_see_plain_and_named_variables():
    def frozen(next_creator, **options):
        return next_creator(**{**options, "trainable": False})

    with tf.variable_creator_scope(frozen):
        made = [tf.Variable(1.0), tf.get_variable("v", [1])]
    assert [v.trainable for v in made] == [False, False]
    assert tf.Variable(1.0).trainable


def test_a_template_makes_its_variables_once():
    scale = tf.make_template("scale", lambda x: x * tf.get_variable("w", [1]))
    names = [scale(1.0).name, scale(2.0).name]
    assert names == ["scale/mul:0", "scale_1/mul:0"]
    assert [v.name for v in scale.trainable_variables] == ["scale/w:0"]


def test_a_template_refuses_variables_in_later_calls():
    template = tf.make_template("t", lambda: tf.Variable(1.0))
    template()
    with pytest.raises(ValueError, match="perhaps you used tf.Variable when you meant tf.get_variable"):
        template()


def test_local_variables_are_not_trainable():
    v = tf.get_local_variable("v", [1], collections=["mine"])
    assert tf.local_variables() == tf.get_collection("mine") == [v]
    assert tf.global_variables() == tf.trainable_variables() == []


def test_a_variable_needs_a_name():
    with pytest.raises(ValueError, match="'' is not a valid node name"):
        tf.get_variable("", [1])


def test_an_initial_value_of_another_dtype():
    text = "Initializer type '<dtype: 'float64'>' and explicit dtype '<dtype: 'float32'>' don't match."
    with pytest.raises(ValueError, match=text):
        tf.get_variable("w", initializer=np.zeros(2), dtype=tf.float32)
