"""Conditionals: TF 1.15's nodes, and only the branch that was chosen runs.  Graphs and texts are TF's."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.ops import control_flow, ordering
from graphcore.ops.py_func import py_func


def nodes(graph):
    """Each operation as ``name type [inputs] [control inputs]``."""
    return [f"{op.name} {op.type} [{' '.join(t.name for t in op.inputs)}] [{' '.join(c.name for c in op.control_inputs)}]"
            for op in graph.get_operations()]


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


class Counted:
    """A branch that counts its runs."""

    def __init__(self, value):
        self.value, self.runs = np.float32(value), 0

    def __call__(self):
        return py_func(self.run, [], tf.float32)

    def run(self):
        self.runs += 1
        return self.value


# ---------------------------------------------------------------- the graph


def test_cond_makes_tf_nodes(fresh_graph):
    p, x = tf.placeholder(tf.bool, [], "p"), tf.constant([1.0, 2.0], name="x")
    y = tf.constant([3.0, 4.0], name="y")
    tf.cond(p, lambda: tf.add(x, y), lambda: tf.square(y))
    assert nodes(fresh_graph) == [
        "p Placeholder [] []", "x Const [] []", "y Const [] []", "cond/Switch Switch [p:0 p:0] []",
        "cond/switch_t Identity [cond/Switch:1] []", "cond/switch_f Identity [cond/Switch:0] []",
        "cond/pred_id Identity [p:0] []", "cond/Add Add [cond/Add/Switch:1 cond/Add/Switch_1:1] []",
        "cond/Add/Switch Switch [x:0 cond/pred_id:0] []", "cond/Add/Switch_1 Switch [y:0 cond/pred_id:0] []",
        "cond/Square Square [cond/Square/Switch:0] []", "cond/Square/Switch Switch [y:0 cond/pred_id:0] []",
        "cond/Merge Merge [cond/Square:0 cond/Add:0] []"]
    assert fresh_graph.get_operation_by_name("cond/Add/Switch").get_attr("_class") == [b"loc:@x"]


def test_nested_cond_switches_twice(fresh_graph):
    p, q = tf.placeholder(tf.bool, [], "p"), tf.placeholder(tf.bool, [], "q")
    x = tf.constant([1.0, 2.0], name="x")
    result = tf.cond(p, lambda: tf.cond(q, lambda: tf.add(x, 1.0), lambda: x), lambda: tf.constant([7.0]), name="outer")
    assert nodes(fresh_graph)[7:] == [
        "outer/cond/Switch Switch [outer/cond/Switch/Switch:1 outer/cond/Switch/Switch:1] []",
        "outer/cond/Switch/Switch Switch [q:0 outer/pred_id:0] []",
        "outer/cond/switch_t Identity [outer/cond/Switch:1] []", "outer/cond/switch_f Identity [outer/cond/Switch:0] []",
        "outer/cond/pred_id Identity [outer/cond/Switch/Switch:1] []", "outer/cond/Add/y Const [] [outer/cond/switch_t]",
        "outer/cond/Add Add [outer/cond/Add/Switch_1:1 outer/cond/Add/y:0] []",
        "outer/cond/Add/Switch Switch [x:0 outer/pred_id:0] []",
        "outer/cond/Add/Switch_1 Switch [outer/cond/Add/Switch:1 outer/cond/pred_id:0] []",
        "outer/cond/Switch_1 Switch [outer/cond/Add/Switch:1 outer/cond/pred_id:0] []",
        "outer/cond/Merge Merge [outer/cond/Switch_1:0 outer/cond/Add:0] []", "outer/Const Const [] [outer/switch_f]",
        "outer/Merge Merge [outer/Const:0 outer/cond/Merge:0] []"]
    assert str(result.shape) == "(?,)"


def test_operation_results_and_structures(fresh_graph):
    p, x = tf.placeholder(tf.bool, [], "p"), tf.constant([1.0, 2.0], name="x")
    result = tf.cond(p, lambda: {"b": x, "a": [tf.constant(1), tf.no_op()]},
                     lambda: {"a": [5, tf.no_op(name="mine")], "b": tf.negative(x)})
    assert {k: [t.name for t in v] if isinstance(v, list) else v.name for k, v in result.items()} == {
        "a": ["cond/Merge:0", "cond/Merge_1:0"], "b": "cond/Merge_2:0"}
    assert nodes(fresh_graph)[6:10] == [
        "cond/Const Const [] [cond/switch_t]", "cond/NoOp NoOp [] [cond/switch_t]",
        "cond/control_dependency Identity [cond/switch_t:0] [cond/NoOp]", "cond/Switch_1 Switch [x:0 cond/pred_id:0] []"]
    values = run(result, {p: False})
    assert (values["a"], values["b"].tolist()) == ([5, False], [-1.0, -2.0])


def test_outer_control_dependencies_stay(fresh_graph):
    with tf.control_dependencies([tf.no_op(name="a")]):
        tf.cond(tf.constant(True, name="p"), lambda: tf.constant(3), lambda: tf.constant(2))
    assert "cond/Const Const [] [a cond/switch_t]" in nodes(fresh_graph)


def test_variables_go_through_reference_switches(fresh_graph):
    v, p = tf.Variable([1.0, 2.0], name="v"), tf.placeholder(tf.bool, [], "p")
    changed = tf.cond(p, lambda: tf.assign(v, [3.0, 4.0]), lambda: tf.assign_add(v, [3.0, 4.0]))
    lines = nodes(fresh_graph)
    assert "cond/Assign/Switch RefSwitch [v:0 cond/pred_id:0] []" in lines
    assert lines[-1] == "cond/Merge RefMerge [cond/AssignAdd:0 cond/Assign:0] []"
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run(changed, {p: False}).tolist() == [4.0, 6.0]
        assert session.run(v).tolist() == [4.0, 6.0]
        assert session.run(changed, {p: True}).tolist() == [3.0, 4.0]


def test_insides_cannot_be_fetched():
    p = tf.placeholder(tf.bool, [], "p")
    tf.cond(p, lambda: tf.constant(3), lambda: tf.constant(2))
    with pytest.raises(ValueError, match="has been marked as not fetchable"):
        run("cond/Const:0", {p: True})


# ---------------------------------------------------------------- what runs


def test_only_the_chosen_branch_runs():
    p = tf.placeholder(tf.bool, [])
    left, right = Counted(1.0), Counted(2.0)
    result = tf.cond(p, left, right)
    with tf.Session() as session:
        for _ in range(3):  # interpreted first, compiled later
            assert session.run(result, {p: True}) == 1.0
            assert session.run(result, {p: False}) == 2.0
    assert (left.runs, right.runs) == (3, 3)


@pytest.mark.parametrize("outer, inner, expected", [(True, True, 1.0), (True, False, 2.0), (False, True, 3.0), (False, False, 3.0)])
def test_nested_branches(outer, inner, expected):
    p, q = tf.placeholder(tf.bool, []), tf.placeholder(tf.bool, [])
    a, b, c = Counted(1.0), Counted(2.0), Counted(3.0)
    result = tf.cond(p, lambda: tf.cond(q, a, b), c)
    with tf.Session() as session:
        for _ in range(4):
            assert session.run(result, {p: outer, q: inner}) == expected
    assert [branch.runs for branch in (a, b, c)] == [4 * (number == expected) for number in (1.0, 2.0, 3.0)]


@pytest.mark.parametrize("value, expected", [(True, 1.0), (False, 4.0)])
def test_nested_branches_of_one_predicate(value, expected):
    p = tf.placeholder(tf.bool, [])
    branches = [Counted(number) for number in (1.0, 2.0, 3.0, 4.0)]
    result = tf.cond(p, lambda: tf.cond(p, branches[0], branches[1]), lambda: tf.cond(p, branches[2], branches[3]))
    assert run(result, {p: value}) == expected
    assert [b.runs for b in branches] == [int(b.value == expected) for b in branches]


def test_predicate_computed_from_another_conditional():
    p, x = tf.placeholder(tf.bool, []), tf.constant(3.0)
    first = tf.cond(p, lambda: x, lambda: -x)
    second = tf.cond(first > 0.0, lambda: first * 10.0, lambda: first * 100.0)
    assert [float(run(second, {p: value})) for value in (True, False)] == [30.0, -300.0]


def test_what_is_built_outside_runs_anyway():
    outside, p = Counted(5.0), tf.placeholder(tf.bool, [])
    value = outside()
    assert run(tf.cond(p, lambda: value + 1.0, lambda: tf.constant(0.0)), {p: False}) == 0.0
    assert outside.runs == 1


def test_failing_branch_that_is_not_taken():
    p = tf.placeholder(tf.bool, [])
    failing = py_func(lambda: 1 / 0, [], tf.float32)  # built outside: fails in both cases, as in TF
    result = tf.cond(p, lambda: tf.check_numerics(tf.constant([np.nan]), "bad"), lambda: tf.constant([0.0]))
    assert run(result, {p: False}).tolist() == [0.0]
    with pytest.raises(tf.errors.InvalidArgumentError, match="bad : Tensor had NaN values"):
        run(result, {p: True})
    assert failing.op.type == "PyFunc"


def test_uninitialized_variable_is_not_read_in_the_other_branch():
    v = tf.Variable(3.0)
    p = tf.placeholder(tf.bool, [])
    result = tf.cond(p, lambda: tf.identity(v._variable), lambda: tf.constant(1.0))
    assert run(result, {p: False}) == 1.0
    with pytest.raises(tf.errors.FailedPreconditionError):
        run(result, {p: True})


def test_operations_as_branches():
    v = tf.Variable(0.0)
    p = tf.placeholder(tf.bool, [])
    step = tf.cond(p, lambda: tf.group(tf.assign_add(v, 1.0)), tf.no_op)
    with tf.Session() as session:
        session.run(v.initializer)
        for value in (True, False, True):
            session.run(step, {p: value})
        assert session.run(v) == 2.0


def test_index_of_the_input_that_a_merge_took():
    p = tf.placeholder(tf.bool, [])
    index = tf.cond(p, lambda: tf.constant(1), lambda: tf.constant(2)).op.outputs[1]
    values = [run(index, {p: value}) for value in (False, True)]
    assert (values, values[0].dtype) == ([0, 1], np.int32)


# ---------------------------------------------------------------- gradients


def test_gradient_nodes(fresh_graph):
    x, p = tf.constant([1.0, 2.0], name="x"), tf.placeholder(tf.bool, [], "p")
    y = tf.cond(p, lambda: tf.square(x), lambda: tf.constant([1.0, 1.0]))
    gradient, = tf.gradients(y, x)
    assert nodes(fresh_graph)[-10:] == [
        "gradients/cond/Merge_grad/cond_grad Switch [gradients/Fill:0 cond/pred_id:0] []",
        "gradients/cond/Square_grad/Const Const [] [gradients/cond/Merge_grad/cond_grad]",
        "gradients/cond/Square_grad/Mul Mul [cond/Square/Switch:1 gradients/cond/Square_grad/Const:0] []",
        "gradients/cond/Square_grad/Mul_1 Mul [gradients/cond/Merge_grad/cond_grad:1 gradients/cond/Square_grad/Mul:0] []",
        "gradients/Switch Switch [x:0 cond/pred_id:0] []", "gradients/Identity Identity [gradients/Switch:0] []",
        "gradients/Shape_1 Shape [gradients/Switch:0] []", "gradients/zeros/Const Const [] [gradients/Identity]",
        "gradients/zeros Fill [gradients/Shape_1:0 gradients/zeros/Const:0] []",
        "gradients/cond/Square/Switch_grad/cond_grad Merge [gradients/zeros:0 gradients/cond/Square_grad/Mul_1:0] []"]
    assert run(gradient, {p: True}).tolist() == [2.0, 4.0]
    assert run(gradient, {p: False}).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("outer, inner, expected", [(True, True, [2.0, 4.0]), (True, False, [3.0, 3.0]), (False, True, [-1.0, -1.0])])
def test_gradient_through_nested_branches(outer, inner, expected):
    x = tf.constant([1.0, 2.0])
    p, q = tf.placeholder(tf.bool, []), tf.placeholder(tf.bool, [])
    y = tf.cond(p, lambda: tf.cond(q, lambda: tf.square(x), lambda: 3.0 * x), lambda: tf.negative(x))
    assert run(tf.gradients(y, x)[0], {p: outer, q: inner}).tolist() == expected


# ---------------------------------------------------------------- complaints


@pytest.mark.parametrize("arguments, error, text", [
    (lambda: (tf.constant(True), lambda: 1, lambda: 1.0), ValueError,
     "Outputs of true_fn and false_fn must have the same type: int32, float32"),
    (lambda: (True, lambda: 1, lambda: 1), TypeError, "pred must not be a Python bool"),
    (lambda: (tf.constant(True), 1, lambda: 1), TypeError, "true_fn must be callable."),
    (lambda: (tf.constant(True), lambda: None, lambda: 1), ValueError, "true_fn must have a return value."),
    (lambda: (tf.constant(True), lambda: 1, lambda: None), ValueError, "false_fn must have a return value."),
    (lambda: (tf.constant(1), lambda: 1, lambda: 1), TypeError,
     "Input 'pred' of 'Switch' Op has type int32 that does not match expected type of bool."),
    (lambda: (tf.constant([True, False]), lambda: 1, lambda: 1), ValueError,
     "Shape must be rank 0 but is rank 1 for 'cond/Switch' (op: 'Switch') with input shapes: [2], [2]."),
    (lambda: (tf.constant(True), list, list), ValueError,
     "true_fn and false_fn must return at least one result."),
    (lambda: (tf.constant(True),), TypeError, "cond(): true_fn argument required"),
    (lambda: (tf.constant(True), lambda: 1), TypeError, "cond(): false_fn argument required")])
def test_complaints(arguments, error, text):
    with pytest.raises(error) as caught:
        tf.cond(*arguments())
    assert str(caught.value).startswith(text)


def test_different_structures():
    with pytest.raises(ValueError, match="^The two structures don't have the same nested structure.(?s:.*) number of elements"):
        tf.cond(tf.constant(True), lambda: [1, 2], lambda: [1, 2, 3])
    with pytest.raises(TypeError, match="^The two structures don't have the same nested structure.(?s:.*) has type tuple"):
        tf.cond(tf.constant(True), lambda: [1, 2], lambda: (1, 2))


def test_lists_of_one():
    assert tf.cond(tf.constant(True), lambda: [1], lambda: (1,)).name == "cond/Merge:0"
    assert [t.name for t in tf.cond(tf.constant(True), lambda: [1], lambda: [2], strict=True)] == ["cond_1/Merge:0"]
    assert run(tf.cond(tf.constant(False), fn1=lambda: [1], fn2=lambda: [2])) == 2
    with pytest.raises(TypeError, match="true_fn and fn1 may not be set simultaneously"):
        tf.cond(tf.constant(True), lambda: 1, lambda: 2, fn1=lambda: 3)


# ---------------------------------------------------------------- case, smart_cond


def test_case_takes_the_first_true():
    x = tf.placeholder(tf.int32, [])
    result = tf.case([(x < 10, lambda: 1), (x < 100, lambda: 2)], default=lambda: 3)
    assert result.name == "case/cond/Merge:0"
    with tf.Session() as session:
        assert [int(session.run(result, {x: value})) for value in (5, 50, 500)] == [1, 2, 3]


def test_case_of_sparse_tensors():
    # TF fails where conditionals are nested ("None values not supported."), so the expected values are written by hand.
    x = tf.placeholder(tf.int32, [])
    makers = [lambda place=place: tf.SparseTensor([[0, place]], [float(place)], [1, 3]) for place in range(3)]
    result = tf.case([(x < 1, makers[0]), (x < 2, makers[1])], default=makers[2])
    dense = tf.sparse_tensor_to_dense(result)
    with tf.Session() as session:
        for place in range(3):
            indices, values, shape = session.run(result, {x: place})
            assert (indices.tolist(), values.tolist(), shape.tolist()) == ([[0, place]], [place], [1, 3])
        assert session.run(dense, {x: 2}).tolist() == [[0, 0, 2]]


def test_case_without_default():
    x = tf.placeholder(tf.int32, [])
    result = tf.case([(x < 10, lambda: tf.constant(1)), (x < 100, lambda: tf.constant(2))])
    assert run(result, {x: 50}) == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="None of conditions evaluated as True:"):
        run(result, {x: 500})


def test_exclusive_case():
    x = tf.placeholder(tf.int32, [], "x")
    pairs = [(tf.less(x, 10, name="a"), lambda: 1), (tf.less(x, 100, name="b"), lambda: 2)]
    result = tf.case(pairs, default=lambda: 3, exclusive=True)
    assert run(result, {x: 50}) == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Input error: exclusive=True: more than 1 conditions "
                                                             r"\(a:0, b:0\) evaluated as True:\] \[1 1\]"):
        run(result, {x: 5})


@pytest.mark.parametrize("pairs, text", [
    (3, "fns must be a list, tuple, or dict"), ([3], "Each entry in pred_fn_pairs must be a 2-tuple"),
    ([(1, lambda: 1)], "pred must be a Tensor, got: 1")])
def test_case_complaints(pairs, text):
    with pytest.raises(TypeError, match=text):
        tf.case(pairs)


def test_smart_cond():
    assert control_flow.smart_cond(True, lambda: "yes", lambda: "no") == "yes"
    assert control_flow.smart_cond(0, lambda: "yes", lambda: "no") == "no"
    assert control_flow.smart_cond(tf.less(tf.constant(1), 2), lambda: "yes", lambda: "no") == "yes"
    p = tf.placeholder(tf.bool, [])
    assert run(control_flow.smart_cond(p, lambda: 1, lambda: 2), {p: True}) == 1
    with pytest.raises(TypeError, match="`pred` must be a Tensor, or a Python bool, or 1 or 0"):
        control_flow.smart_cond("x", lambda: 1, lambda: 2)


# ---------------------------------------------------------------- order


def test_group_by_device(fresh_graph):
    a = tf.constant(1, name="a")
    with tf.device("/cpu:0"):
        b = tf.constant(2, name="b")
    tf.group(a, b)
    tf.group(a)
    tf.group()
    tf.group([a, a.op], name="hey")
    assert nodes(fresh_graph)[2:] == [
        "group_deps/NoOp NoOp [] [a]", "group_deps/NoOp_1 NoOp [] [b]",
        "group_deps NoOp [] [group_deps/NoOp group_deps/NoOp_1]", "group_deps_1 NoOp [] [a]", "group_deps_2 NoOp [] []",
        "hey NoOp [] [a]"]
    assert fresh_graph.get_operation_by_name("group_deps/NoOp_1").device == "/device:CPU:0"
    assert run(tf.group(a, b)) is None
    with pytest.raises(TypeError, match="Expected tf.group\\(\\) expected Tensor arguments not '3' with type"):
        tf.group(3)


def test_tuple(fresh_graph):
    a = tf.constant(1, name="a")
    b = tf.no_op(name="b")
    result = control_flow.tuple([a, None, b], control_inputs=[a])
    assert nodes(fresh_graph)[2:] == [
        "tuple/group_deps NoOp [] [a b]", "tuple/control_dependency Identity [a:0] [tuple/group_deps]",
        "tuple/group_deps_1 NoOp [] [tuple/group_deps b]"]
    assert result[1] is None and result[0].op.get_attr("_class") == [b"loc:@a"]
    with pytest.raises(ValueError, match="Must have at least one Tensor"):
        control_flow.tuple([None])
    with pytest.raises(TypeError, match="Control input must be Operation or Tensor"):
        control_flow.tuple([a], control_inputs=[1])


def test_with_dependencies():
    counted = Counted(1.0)
    result = ordering.with_dependencies([counted()], tf.constant(7.0))
    assert result.name == "control_dependency:0"
    assert run(result) == 7.0
    assert counted.runs == 1
