"""Variables: what they promise beside the nodes that the oracle's programs compare. Texts are TF 1.15's."""

import inspect
import threading

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import errors, source

KINDS = pytest.mark.parametrize("resource", [False, True], ids=["reference", "resource"])


def session_with(*variables):
    session = tf.Session()
    session.run([v.initializer for v in variables])
    return session


def first_line(caught):
    return str(caught.value).split("\n")[0]


def line_here():
    return f"test_variables.py:{inspect.currentframe().f_back.f_lineno}"


# ---------------------------------------------------------------- arrays and threads


@KINDS
def test_additions_of_64_threads_are_all_counted(resource):
    v = tf.Variable(0, use_resource=resource)
    session, add = session_with(v), v.assign_add(1, read_value=False)
    start = threading.Barrier(64)

    def work():
        start.wait()
        for _ in range(25):
            session.run(add)

    threads = [threading.Thread(target=work) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.run(v) == 64 * 25


def test_rows_scattered_by_threads_are_all_counted():
    v = tf.Variable(np.zeros(4, np.int64))
    session, add = session_with(v), tf.scatter_add(v, [0, 3, 3], np.array([1, 1, 1]))
    threads = [threading.Thread(target=lambda: [session.run(add.op) for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal([400, 0, 0, 800], session.run(v))


@KINDS
@pytest.mark.parametrize("read", ["itself", "identity", "read_value", "part"])
def test_an_array_that_run_gave_never_changes(resource, read):
    v = tf.Variable([1.0, 2.0], use_resource=resource)
    fetch = {"itself": v, "identity": tf.identity(v), "read_value": v.read_value(), "part": v[:]}[read]
    changes = [v.assign([5.0, 6.0]), v.assign_add([1.0, 1.0]), tf.scatter_update(v, [0], [9.0]), v[1].assign(7.0)]
    session = session_with(v)
    got = session.run(fetch)
    for change in changes:
        session.run(change)
    np.testing.assert_array_equal([1.0, 2.0], got)


@KINDS
def test_changing_a_fetched_array_leaves_the_variable_alone(resource):
    v = tf.Variable([1.0, 2.0], use_resource=resource)
    session = session_with(v)
    session.run(v)[:] = 100.0
    session.run(v.assign_add([1.0, 1.0]))[:] = 100.0
    np.testing.assert_array_equal([2.0, 3.0], session.run(v))


@KINDS
def test_a_fed_array_is_neither_kept_nor_changed(resource):
    v, x = tf.Variable([0.0, 0.0], use_resource=resource), tf.placeholder(tf.float32, [2])
    session, put, add = session_with(v), v.assign(x), v.assign_add([1.0, 1.0])
    fed = np.array([3.0, 4.0], np.float32)
    session.run(put, {x: fed})
    session.run(add)
    np.testing.assert_array_equal([3.0, 4.0], fed)
    fed[:] = 50.0
    np.testing.assert_array_equal([4.0, 5.0], session.run(v))


def test_sessions_have_variables_of_their_own():
    v = tf.Variable(1.0)
    one, two = session_with(v), session_with(v)
    one.run(v.assign(5.0))
    assert (one.run(v), two.run(v)) == (5.0, 1.0)


def test_load_puts_an_array_without_a_new_node():
    v = tf.Variable([1.0, 2.0])
    session, before = session_with(v), len(v.graph.get_operations())
    v.load([7.0, 8.0], session)
    np.testing.assert_array_equal([7.0, 8.0], session.run(v))
    assert len(v.graph.get_operations()) == before


# ---------------------------------------------------------------- errors while building


@pytest.mark.parametrize("arguments, text", [
    (dict(), "initial_value must be specified."),
    (dict(initial_value=1.0, collections="x"), "collections argument to Variable constructor must be a list, tuple, or set. Got x"),
    (dict(initial_value=1.0, constraint=3), "The `constraint` argument must be a callable."),
    (dict(initial_value=1.0, synchronization=17), "Invalid variable synchronization mode: 17 for variable: None"),
    (dict(initial_value=[1.0, 2.0], shape=[3], use_resource=True),
     "The initial value's shape ((2,)) is not compatible with the explicitly supplied `shape` argument ([3])."),
])
def test_arguments_that_make_no_variable(arguments, text):
    with pytest.raises(ValueError) as caught:
        tf.Variable(**arguments)
    assert text in str(caught.value)


def test_an_unknown_argument_is_named():
    with pytest.raises(TypeError, match="trainabel"):
        tf.Variable(1.0, trainabel=False)


def test_a_reference_variable_needs_a_whole_shape():
    with pytest.raises(ValueError, match="initial_value must have a shape specified"):
        tf.Variable(tf.placeholder(tf.float32, [None]))
    assert tf.Variable(tf.placeholder(tf.float32, [None]), validate_shape=False).shape.ndims is None


def test_an_initial_value_inside_a_branch_has_to_be_a_function():
    with pytest.raises(ValueError, match="use a lambda as the initializer"):
        tf.cond(tf.placeholder(tf.bool), lambda: tf.Variable(tf.constant(1.0) * 2.0).value(), lambda: tf.constant(1.0))


@pytest.mark.parametrize("resource, assign, text", [
    (False, "assign", "Dimension 0 in both shapes must be equal, but are 1 and 2. Shapes are [1] and [2]. for 'Assign' (op: 'Assign') "
     "with input shapes: [1], [2]."),
    (False, "assign_add", "Shapes are [1] and [2]. for 'AssignAdd' (op: 'AssignAdd') with input shapes: [1], [2]."),
    (True, "assign", "Shapes (1,) and (2,) are incompatible"),
    (True, "assign_sub", "Shapes are [1] and [2]. for 'AssignSubVariableOp' (op: 'AssignSubVariableOp') with input shapes: [], [2]."),
])
def test_a_value_of_another_static_shape(resource, assign, text):
    v = tf.Variable([1.0], name="v", use_resource=resource)
    with pytest.raises(ValueError) as caught:
        getattr(v, assign)([1.0, 2.0])
    assert text in str(caught.value)


def test_a_value_of_another_dtype():
    v = tf.Variable(0, name="v")
    with pytest.raises(TypeError, match="Expected int32 passed to parameter 'value' of op 'Assign', got 1.5 of type 'float'"):
        v.assign(1.5)
    with pytest.raises(ValueError, match="Incompatible type conversion requested to type 'float32' for variable of type 'int32_ref'"):
        tf.convert_to_tensor(v, tf.float32)


def test_points_and_updates_that_do_not_fit():
    v = tf.Variable([1.0, 2.0])
    with pytest.raises(ValueError) as caught:
        tf.scatter_nd_add(v, [[0], [1]], [1.0])
    assert source.unplaced(caught.value) == (
        "The outer 1 dimensions of indices.shape=[2,1] must match the outer 1 dimensions of updates.shape=[1]: Dimension 0 in both "
        "shapes must be equal, but are 2 and 1. Shapes are [2] and [1]. for 'ScatterNdAdd' (op: 'ScatterNdAdd') with input shapes: "
        "[2], [2,1], [1].")


@KINDS
def test_scattering_wants_indexed_slices(resource):
    with pytest.raises(TypeError, match="sparse_delta is not IndexedSlices: 3"):
        tf.Variable([0], use_resource=resource).scatter_add(3)


def test_what_only_resource_variables_refuse():
    v = tf.Variable(0, use_resource=True)
    with pytest.raises(RuntimeError, match=r"Variable \+= value not supported. Use variable.assign_add\(value\)"):
        v += 1
    with pytest.raises(NotImplementedError, match=r"ResourceVariable does not implement set_shape\(\)"):
        v.set_shape([])


def test_a_variable_is_not_iterable_and_equals_itself_only():
    v, w = tf.Variable([1.0]), tf.Variable([1.0])
    with pytest.raises(TypeError, match="'Variable' object is not iterable."):
        list(v)
    assert v == v and v != w and len({v, w, v}) == 2


# ---------------------------------------------------------------- errors in runs


@pytest.mark.parametrize("resource, error, text", [
    (False, errors.FailedPreconditionError, "Attempting to use uninitialized value v"),
    (True, errors.FailedPreconditionError, "Error while reading resource variable v from Container: localhost. This could mean that "
     "the variable was uninitialized."),
])
def test_reading_an_uninitialised_variable_names_it_and_the_users_line(resource, error, text):
    v = tf.Variable(1.0, name="v", use_resource=resource); line = line_here()  # noqa: E702 (one line)
    with tf.Session() as session, pytest.raises(error) as caught:
        session.run(v)
    assert first_line(caught).startswith(text)
    assert line in str(caught.value)


def test_changing_an_uninitialised_variable_names_the_users_line():
    v = tf.Variable([1.0], name="v")
    add = v.assign_add([1.0]); line = line_here()  # noqa: E702 (one line)
    with tf.Session() as session, pytest.raises(errors.FailedPreconditionError, match="uninitialized value v") as caught:
        session.run(add)
    assert line in str(caught.value) and "AssignAdd" in str(caught.value)


def test_changing_an_uninitialised_resource_variable():
    v = tf.Variable([1.0], name="v", use_resource=True)
    with tf.Session() as session, pytest.raises(errors.NotFoundError, match="Container localhost does not exist"):
        session.run(v.assign_add([1.0]))


@pytest.mark.parametrize("resource, assign, text", [
    (False, "assign", "Assign requires shapes of both tensors to match. lhs shape= [1] rhs shape= [2]"),
    (False, "assign_add", "Parameters and update must be the same size"),
    (True, "assign_add", "Cannot update variable with shape [1] using a Tensor with shape [2], shapes must be equal."),
])
def test_a_value_of_another_shape_in_a_run(resource, assign, text):
    v, x = tf.Variable([1.0], use_resource=resource), tf.placeholder(tf.float32)
    change = getattr(v, assign)(x); line = line_here()  # noqa: E702 (one line)
    with pytest.raises(errors.InvalidArgumentError) as caught:
        session_with(v).run(change, {x: [1.0, 2.0]})
    assert first_line(caught).startswith(text)
    assert line in str(caught.value)


def test_a_failed_change_changes_nothing():
    v, x = tf.Variable([1.0, 2.0]), tf.placeholder(tf.int32)
    session = session_with(v)
    with pytest.raises(errors.InvalidArgumentError):
        session.run(tf.scatter_add(v, x, 1.0), {x: [0, 5]})
    np.testing.assert_array_equal([1.0, 2.0], session.run(v))


@pytest.mark.parametrize("build, text", [
    (lambda v: tf.scatter_add(v, [[0, 5]], [[1.0, 1.0]]), "indices[0,1] = 5 is not in [0, 2)"),
    (lambda v: tf.scatter_sub(v, 7, 1.0), "indices = 7 is not in [0, 2)"),
    (lambda v: tf.scatter_nd_add(v, [[0], [7]], [1.0, 2.0]), "indices[1] = [7] does not index into shape [2]"),
])
def test_indices_outside_the_variable(build, text):
    v = tf.Variable([1.0, 2.0])
    with pytest.raises(errors.InvalidArgumentError) as caught:
        session_with(v).run(build(v))
    assert first_line(caught) == text


def test_gathered_indices_outside_a_resource_variable():
    v = tf.Variable([1.0, 2.0], use_resource=True)
    with pytest.raises(errors.InvalidArgumentError, match=r"indices\[0\] = 3 is not in \[0, 2\)"):
        session_with(v).run(v.sparse_read([3]))


@KINDS
def test_counting_up_ends(resource):
    v = tf.Variable(0, use_resource=resource)
    session, count = session_with(v), v.count_up_to(2)
    assert [session.run(count), session.run(count)] == [0, 1]
    with pytest.raises(errors.OutOfRangeError, match="Reached limit of 2"):
        session.run(count)


# ---------------------------------------------------------------- what writing gives


def test_an_assigned_resource_variable_reads_after_the_assignment():
    v = tf.Variable([1.0, 2.0], use_resource=True)
    changed = v.assign([5.0, 6.0])
    np.testing.assert_array_equal([6.0, 7.0], session_with(v).run(changed + 1.0))
    assert isinstance(changed, tf.Variable) and changed.shape.as_list() == [2]
    assert str(changed) == "<tf.Variable 'AssignVariableOp' shape=(2,) dtype=float32>"


@KINDS
def test_parts_are_assigned(resource):
    v = tf.Variable(np.zeros((2, 3), np.float32), use_resource=resource)
    session = session_with(v)
    session.run(v[1].assign([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal([[0, 5, 0], [1, 5, 3]], session.run(v[:, 1].assign([5.0, 5.0])))


def test_integers_are_divided_towards_zero():
    v = tf.Variable([7, -7, 8])
    np.testing.assert_array_equal([3, -3, -2], session_with(v).run(tf.scatter_div(v, [0, 1, 2], [2, 2, -3])))


def test_a_change_without_a_result_is_an_operation():
    v, w = tf.Variable(1.0), tf.Variable(1.0, use_resource=True)
    assert v.assign(2.0, read_value=False).type == "Assign"
    assert w.assign_sub(2.0, read_value=False).type == "AssignSubVariableOp"


def test_batch_scatter_update_writes_in_each_row():
    v = tf.Variable(np.zeros((2, 3), np.float32))
    np.testing.assert_array_equal([[5, 0, 0], [0, 0, 6]], session_with(v).run(tf.batch_scatter_update(v, [[0], [2]], [[5.0], [6.0]])))


def test_a_branch_changes_the_variable_only_if_it_runs():
    v, up = tf.Variable(1.0), tf.placeholder(tf.bool)
    step = tf.cond(up, lambda: v.assign_add(1.0), lambda: v.assign_sub(5.0))
    session = session_with(v)
    assert [session.run(step, {up: True}), session.run(step, {up: False}), session.run(v)] == [2.0, -3.0, -3.0]


# ---------------------------------------------------------------- gradients, messages


def test_the_gradient_of_gathering_is_indexed_slices():
    v = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2), use_resource=True)
    rows = tf.gradients(tf.square(v.sparse_read([0, 2, 0])), v)[0]
    values, indices = session_with(v).run([rows.values, rows.indices])
    np.testing.assert_array_equal([[0, 2], [8, 10], [0, 2]], values)
    np.testing.assert_array_equal([0, 2, 0], indices)


@KINDS
def test_a_variable_goes_through_its_message(resource):
    v = tf.Variable([1.0, 2.0], name="v", trainable=False, use_resource=resource)
    message = v.to_proto()
    assert (message.variable_name, message.initializer_name, message.is_resource) == ("v:0", "v/Assign", resource)
    again = tf.Variable.from_proto(message)
    assert (again.name, again.trainable, again.op, again.initializer) == (v.name, False, v.op, v.initializer)
    np.testing.assert_array_equal([3.0, 4.0], session_with(v).run(again.assign([3.0, 4.0])))


def test_a_message_is_made_inside_its_export_scope_only():
    with tf.name_scope("outer"):
        v = tf.Variable(1.0, name="v")
    assert v.to_proto("other") is None
    assert v.to_proto("outer").snapshot_name == "v/read:0"


def test_reads_of_resource_variables_know_their_shape_after_import():
    v, w = tf.Variable([[1.0, 2.0]], name="v", use_resource=True), tf.Variable([1.0], name="w", use_resource=True)
    assert (v.value().shape.as_list(), w.value().shape.as_list()) == ([1, 2], [1])
    v.sparse_read([0, 0, 0], name="rows")
    with tf.Graph().as_default() as other:
        tf.import_graph_def(v.graph.as_graph_def(), name="")
    assert other.get_tensor_by_name("v/Read/ReadVariableOp:0").shape.as_list() == [1, 2]
    assert other.get_tensor_by_name("rows:0").shape.as_list() == [3, 2]


def test_a_finished_graph_takes_no_variable():
    tf.get_default_graph().finalize()
    with pytest.raises(RuntimeError, match="Graph is finalized and cannot be modified."):
        tf.get_variable("v", [1])


def test_strings_keep_every_byte():
    v = tf.Variable(tf.constant(["ab", "c"])[0])
    session = session_with(v)
    assert session.run(v) == b"ab"
    assert session.run(v.assign("xyz\0")) == b"xyz\0"


def test_arrays_on_the_left_of_an_operator():
    v = tf.Variable([1.0, 2.0])
    assert isinstance(np.ones(2, np.float32) + v, tf.Tensor)
    np.testing.assert_array_equal([0.0, -1.0], session_with(v).run(np.ones(2, np.float32) - v))


# ---------------------------------------------------------------- all of a graph's variables


def test_report_of_uninitialised_variables():
    v, w = tf.Variable(1.0, name="v"), tf.Variable(1.0, name="w", use_resource=True)
    report, only_v = tf.report_uninitialized_variables(), tf.report_uninitialized_variables([v])
    with tf.Session() as session:
        assert list(session.run(report)) == [b"v", b"w"]
        session.run(v.initializer)
        assert list(session.run(report)) == [b"w"]
        assert session.run(only_v).size == 0
        session.run(w.initializer)
        assert session.run(report).size == 0


def test_a_graph_without_variables():
    with tf.Session() as session:
        assert session.run(tf.report_uninitialized_variables()).size == 0
        assert session.run(tf.global_variables_initializer()) is None
    assert tf.assert_variables_initialized() is None


def test_assertion_that_variables_are_initialised_fails():
    tf.Variable(1.0, name="v")
    with tf.Session() as session, pytest.raises(errors.FailedPreconditionError, match="uninitialized value v"):
        session.run(tf.assert_variables_initialized())
