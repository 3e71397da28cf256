"""Rows taken and added to, compiled: every number of elements a row, repeated rows, bad numbers, layouts."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.ops.kernels import rows
from tests.ops.compiled_forms import form_of, with_threads
from tests.tolerances import assert_same

RANDOM = np.random.RandomState(3)
SHAPES = pytest.mark.parametrize("shape", [(7,), (7, 1), (9, 2, 3), (5, 16), (11, 17), (6, 5, 40), (3, 0), (4, 64)])
INDICES = pytest.mark.parametrize("index", [np.int32, np.int64])


def chosen(shape, index, sizes):
    return RANDOM.randint(0, shape[0], sizes).astype(index)


@SHAPES
@INDICES
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.int64, np.bool_, np.complex64, np.float16])
def test_rows_taken(shape, index, dtype):
    params = (RANDOM.standard_normal(shape) * 4).astype(dtype)
    take = form_of(rows.rows_taken, index)
    for sizes in ((5,), (2, 3), (), (0,), (4, 0)):
        indices = chosen(shape, index, sizes)
        assert_same(params[indices], take(indices, params))


@INDICES
def test_views_and_read_only_arrays_are_taken_from(index):
    params = RANDOM.standard_normal((6, 10)).astype(np.float32)
    params.setflags(write=False)
    indices = chosen(params.shape, index, (3, 4))
    assert_same(params[indices.T], form_of(rows.rows_taken, index)(indices.T, params))
    assert form_of(rows.rows_taken, index)(indices, params.T) is NotImplemented
    shifted = np.frombuffer(b"x" + params.tobytes(), np.float32, offset=1).reshape(params.shape)
    assert_same(params[indices], form_of(rows.rows_taken, index)(indices, shifted))


@INDICES
@pytest.mark.parametrize("bad", [-1, 6, 2**31 - 1, -2**31])
def test_a_number_outside_is_refused(index, bad):
    params, indices = np.zeros((6, 2)), np.array([0, 5, bad, 1], index)
    assert form_of(rows.rows_taken, index)(indices, params) is NotImplemented
    assert form_of(rows.all_inside, index)(indices, 6) is False
    assert form_of(rows.all_inside, index)(indices[:2], 6) is True


@pytest.mark.parametrize("name, change", [("add_rows", np.add), ("subtract_rows", np.subtract)])
@SHAPES
@INDICES
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64])
def test_rows_changed(name, change, shape, index, dtype):
    form = form_of(getattr(rows, name), dtype)
    for sizes in ((9,), (4, 5), (), (0,)):
        start = (RANDOM.standard_normal(shape) * 50).astype(dtype)
        indices, updates = chosen(shape, index, sizes), (RANDOM.standard_normal(sizes + shape[1:]) * 50).astype(dtype)
        expected, result = start.copy(), start.copy()
        change.at(expected, indices, updates)
        assert form(result, indices, updates) is None
        assert_same(expected, result)
    if shape[0]:
        expected, result = start.copy(), start.copy()
        indices = chosen(shape, index, (3,))
        change.at(expected, indices, dtype(3))
        form(result, indices, np.array(3, dtype))
        assert_same(expected, result)


def test_a_view_cannot_be_changed_by_the_compiled_form():
    array = np.zeros((4, 6), np.float32)
    assert form_of(rows.add_rows, np.float32)(array[:, ::2], np.array([1, 1]), np.ones((2, 3), np.float32)) is NotImplemented
    assert not array.any()


@pytest.mark.parametrize("width", [3, 40])
def test_bits_do_not_depend_on_the_number_of_threads(width, monkeypatch):
    start, updates = RANDOM.standard_normal((5, width)), RANDOM.standard_normal((300, width))
    indices, expected = RANDOM.randint(0, 5, 300), start.copy()
    np.add.at(expected, indices, updates)
    for threads in (1, 4):
        result = start.copy()
        with_threads(form_of(rows.add_rows, np.float64), threads, monkeypatch, result, indices, updates)
        assert_same(expected, result)
        assert_same(start[indices], with_threads(form_of(rows.rows_taken, np.int64), threads, monkeypatch, indices, start))


def test_scatters_and_segments_count_repeated_rows():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    changed = tf.scatter_sub(v, [2, 0, 2], [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    sums = tf.unsorted_segment_sum([[1.0], [2.0], [4.0], [8.0]], [1, -1, 1, 0], 3)
    ordered = tf.segment_sum(tf.constant([1, 2, 4]), [0, 0, 2])
    placed = tf.scatter_nd([[1], [3], [1]], [1.0, 2.0, 3.0], [4])
    with flags.jit.set("eager"), tf.Session() as session:
        session.run(tf.global_variables_initializer())
        np.testing.assert_array_equal(session.run(changed), [[-1, 0], [3, 4], [1, 2]])
        np.testing.assert_array_equal(session.run(sums), [[8], [5], [0]])
        np.testing.assert_array_equal(session.run(ordered), [3, 0, 4])
        np.testing.assert_array_equal(session.run(placed), [0, 4, 0, 2])


@pytest.mark.parametrize("mode", ["off", "eager"])
def test_a_bad_row_of_a_variable_is_told_of_and_changes_nothing(mode):
    v = tf.Variable(tf.ones([4, 3]))
    changed = tf.scatter_add(v, [1, 4], tf.ones([2, 3]))
    with flags.jit.set(mode), tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 4 is not in \[0, 4\)"):
            session.run(changed)
        np.testing.assert_array_equal(session.run(v), np.ones((4, 3)))


def test_a_row_that_comes_several_times_moves_as_often():
    """Momentum by hand: accum = 0.5 accum + g, var -= accum; the row 1 gets 1, 2 and 3 one after the other."""
    from graphcore.ops import training_sparse

    v, slot = tf.Variable(tf.zeros([3, 1])), tf.Variable(tf.zeros([3, 1]))
    step = training_sparse.SparseApplyMomentum.build(v._ref(), slot._ref(), 1.0, [[1.0], [5.0], [2.0], [3.0]], [1, 0, 1, 1], 0.5)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        np.testing.assert_array_equal(session.run([v, slot]), [[[-5.0], [-1.0 - 2.5 - 4.25], [0.0]], [[5.0], [4.25], [0.0]]])
