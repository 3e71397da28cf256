"""Every registered op × every promise of its declaration: example, shape, dtype, gradient, GraphDef, wrong input."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core.opdef import TypeAttr
from tests.op_examples import OPS, Node, can_run, same_text
from tests.tolerances import assert_close

RUNNABLE = [name for name, op in OPS.items() if can_run(op)]
STATIC_SHAPES = {"ParallelConcat"}  # refuses inputs whose shape is not known when the graph is built


def ops(names):
    return pytest.mark.parametrize("op", [OPS[name] for name in names], ids=list(names))


@ops(RUNNABLE)
def test_the_example_holds(op):
    node = Node(op)
    with tf.Session() as session:
        values = node.run(session)
        for (expected, tensor), value in zip(node.named, values or []):
            if expected is None:
                continue  # random, or the work of a compressor: shapes and dtypes are tested below
            if tensor.dtype == tf.string:
                assert same_text(expected, value)
            else:
                assert_close(np.asarray(expected), value)
        for name, expected in node.example.after.items():
            assert_close(np.asarray(expected), session.run(node.variables[name].value()))


@ops(RUNNABLE)
def test_static_shape_and_dtype_agree_with_the_kernel(op):
    node = Node(op)
    with tf.Session() as session:
        values = node.run(session)
    for (_, tensor), value in zip(node.named, values or []):
        assert tensor.shape.is_compatible_with(np.shape(value)), (tensor.shape, np.shape(value))
        if tensor.dtype != tf.string:
            assert np.asarray(value).dtype == tensor.dtype.base.np


@ops([name for name in RUNNABLE if name not in STATIC_SHAPES])
def test_unknown_shapes_are_inferred_and_run(op):
    known = Node(op)
    with tf.Session() as session:
        wanted = known.run(session)
        for blur in (lambda shape: None, lambda shape: [None] * shape.ndims):
            node, feeds = fed(op, session, blur)
            values = node.run(session, feeds)
            for (_, tensor), value, same in zip(node.named, values or [], wanted or []):
                assert tensor.shape.is_compatible_with(np.shape(value))
                assert np.shape(value) == np.shape(same) or op.stateful


def fed(op, session, blur):
    """The example with placeholders for its values, except where they are wanted while building, and what to feed."""
    feeds = {}

    def change(declared, tensor):
        if declared.static or declared.ref or tensor.dtype == tf.resource:
            return tensor
        made = tf.placeholder(tensor.dtype, blur(tensor.shape))
        feeds[made] = session.run(tensor)
        return made

    return Node(op, change=change), feeds


@ops(OPS)
def test_graph_def_round_trip(op):
    Node(op)
    message = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default() as other:
        tf.import_graph_def(message, name="")
        again = other.as_graph_def()
    assert again == message


@ops(OPS)
def test_a_wrong_dtype_is_refused(op):
    """The first input that does not take everything is given text, or truth where it takes text."""
    node = Node(op)
    for place, declared in enumerate(op.inputs):
        if declared.is_list or declared.ref:
            continue
        allowed = declared.type.allowed if isinstance(declared.type, TypeAttr) else {declared.type}
        wrong = next((each for each in (tf.string, tf.bool) if each not in allowed), None)
        if wrong is not None:
            inputs = node.inputs[:place] + [tf.placeholder(wrong, name="wrong")] + node.inputs[place + 1:]
            with pytest.raises(TypeError, match=f"'{declared.name}'"):
                op.build(*inputs, **node.attrs)


@ops(OPS)
def test_a_wrong_number_of_inputs_is_refused_by_name(op):
    node = Node(op)
    with pytest.raises(TypeError, match=f"{op.op_name} takes {len(op.inputs)} inputs|takes .* positional argument"):
        op.build(*node.inputs, tf.constant(1.0), **node.attrs)


@ops(OPS)
def test_declarations_say_what_they_are(op):
    assert op.__doc__.strip()
    assert op.differentiable == (op.grad is not None)
    assert op.example is not None, "no example"


@ops(RUNNABLE)
def test_results_are_the_users_own(op):
    """What a run returns shares no memory with what was fed: an op that passes its input on has to say ``aliases=True``."""
    with tf.Session() as session:
        node, feeds = fed(op, session, lambda shape: shape)
        feeds = {tensor: np.array(value, order="C") for tensor, value in feeds.items()}
        before = {tensor: value.copy() for tensor, value in feeds.items()}
        earlier = []
        for _ in range(3):  # interpreted, then compiled
            values = node.run(session, feeds) or []
            assert not any(np.shares_memory(v, e) for v in values for e in earlier if np.asarray(v).dtype != object)
            earlier += values
            for value in values:
                assert not any(np.shares_memory(value, array) for array in feeds.values() if array.dtype != object)
    for tensor, value in feeds.items():
        assert np.array_equal(value, before[tensor]) or value.dtype.kind in "fc"
