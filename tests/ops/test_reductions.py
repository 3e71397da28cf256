"""Reductions, scans and positions where TF's results are not NumPy's; expected values recorded from TF 1.15.5."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.ops import positions, reductions
from tests.tolerances import assert_close, assert_same

NAN, INF = np.nan, np.inf


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("values, largest, smallest", [
    ([NAN, 1, 2], 2, 1), ([1, NAN, 2], 2, 1), ([1, 2, NAN], 2, 1), ([NAN, NAN], -INF, INF), ([NAN], NAN, NAN)])
def test_extremes_pass_over_nan(values, largest, smallest, dtype):
    x = tf.constant(np.array(values, dtype))
    assert_same(np.array([largest, smallest], dtype), np.array(run([tf.reduce_max(x), tf.reduce_min(x)])))


def test_an_axis_of_one_element_keeps_its_nan():
    assert_same(np.array([NAN, 1], np.float32), run(tf.reduce_max(np.array([[NAN], [1]], np.float32), 1)))


@pytest.mark.parametrize("values, largest, smallest", [
    ([NAN, 1, 2], 2, 1), ([1, NAN, 2], 2, 0), ([1, 2, NAN], 1, 0), ([NAN, NAN], 0, 0), ([NAN, -INF, NAN], 0, 1)])
def test_positions_pass_over_nan(values, largest, smallest):
    x = tf.constant(np.array(values, np.float32))
    assert run([tf.argmax(x), tf.argmin(x)]) == [largest, smallest]


def test_the_first_of_equals_is_the_position():
    assert run(tf.argmax([[1.0, 2.0, 2.0], [3.0, 3.0, 1.0]], 1)).tolist() == [1, 0]


@pytest.mark.parametrize("function, dtype, expected", [
    (tf.reduce_sum, np.float32, 0.0), (tf.reduce_mean, np.float32, NAN), (tf.reduce_prod, np.float32, 1.0),
    (tf.reduce_max, np.float32, -INF), (tf.reduce_min, np.float32, INF), (tf.reduce_mean, np.int32, 0),
    (tf.reduce_max, np.int32, -2147483648), (tf.reduce_min, np.uint8, 255), (tf.reduce_all, np.bool_, True),
    (tf.reduce_any, np.bool_, False)])
def test_of_nothing(function, dtype, expected):
    result = run(function(np.zeros((0, 2), dtype), 0))
    assert result.dtype == dtype
    assert_close([expected, expected], result)


@pytest.mark.parametrize("values, dtype, expected", [
    ([-3, 2, 2, -8], np.int32, -1), ([-7, 2], np.int32, -2), ([200, 100], np.uint8, 22), ([100, 100], np.int8, -28),
    ([2**31 - 1, 2**31 - 1], np.int32, -1), ([1] * 300, np.uint8, 1)])
def test_integer_means_wrap_and_are_cut(values, dtype, expected):
    assert_same(np.array(expected, dtype), run(tf.reduce_mean(np.array(values, dtype))))


def test_a_short_float_mean_overflows_in_its_own_dtype():
    assert np.isnan(run(tf.reduce_mean(np.full(100000, 1.5, np.float16))))


def test_long_float32_sums_stay_accurate():
    values = np.random.RandomState(1).rand(1_000_003).astype(np.float32)
    assert_close(np.float32(values.astype(np.float64).sum()), run(tf.reduce_sum(values)))


@pytest.mark.parametrize("values, phrase", [
    ((np.ones((2, 3), np.float32), 2), "Invalid reduction dimension 2 for input with 2 dimensions. for 'Sum' (op: 'Sum')"),
    ((np.ones((2, 3), np.float32), [[0]]), "Shape must be at most rank 1 but is rank 2 for 'Sum'")])
def test_a_wrong_axis_is_an_error_when_building(values, phrase):
    with pytest.raises(ValueError) as caught:
        tf.reduce_sum(*values)
    assert phrase in str(caught.value)


def test_a_wrong_axis_is_an_error_when_running():
    axis = tf.placeholder(tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(tf.reduce_sum(np.ones((2, 3), np.float32), axis), {axis: 5})
    assert "Invalid reduction dimension (5 for input with 2 dimension(s)" in str(caught.value)


def test_both_spellings_of_an_argument_are_an_error():
    with pytest.raises(ValueError, match="Cannot specify both 'reduction_indices' and 'axis'"):
        tf.reduce_sum([1.0], 0, reduction_indices=0)


def test_the_position_along_an_empty_axis_is_an_error():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(tf.argmax(np.zeros((2, 0), np.float32), 1))
    assert "Reduction axis 1 is empty in shape [2,0]" in str(caught.value)


@pytest.mark.parametrize("axis, shape", [(None, ()), ([0], None), (1, None)])
def test_all_axes_of_an_unknown_rank_give_a_scalar(axis, shape):
    reduced = tf.reduce_sum(tf.placeholder(tf.float32), axis)
    assert reduced.shape.rank == (None if shape is None else len(shape))


@pytest.mark.parametrize("exclusive, reverse, expected", [
    (False, False, [1, 3, 6]), (True, False, [0, 1, 3]), (False, True, [6, 5, 3]), (True, True, [5, 3, 0])])
def test_running_sums(exclusive, reverse, expected):
    assert run(tf.cumsum([1, 2, 3], exclusive=exclusive, reverse=reverse)).tolist() == expected


def test_running_products_along_the_first_axis():
    x = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    assert_same(np.array([[1, 1], [1, 2], [3, 8]], np.float32), run(tf.cumprod(x, exclusive=True)))


def test_the_gradient_of_a_product_is_right_beside_a_zero():
    x = tf.constant([[2.0, 0.0, 3.0]])
    assert_same(np.array([[0, 6, 0]], np.float32), run(tf.gradients(tf.reduce_prod(x, 1), x)[0]))


def test_ties_share_the_gradient_of_a_maximum():
    x = tf.constant([1.0, 4.0, 4.0])
    assert_same(np.array([0, 0.5, 0.5], np.float32), run(tf.gradients(tf.reduce_max(x), x)[0]))


@pytest.mark.parametrize("values, expected", [([1000.0, 1000.0], 1000.6931), ([-INF, -INF], -INF), ([INF, 1.0], INF)])
def test_logsumexp_without_overflow(values, expected):
    assert_close(np.float32(expected), run(tf.reduce_logsumexp(values)))


def test_count_nonzero_of_strings():
    assert run(tf.count_nonzero(tf.constant([b"", b"a"]))) == 1


def test_the_largest_k():
    values, indices = run(positions.top_k([[1.0, 3.0, 3.0, NAN, 2.0]], 3))
    assert (values.tolist(), indices.tolist()) == ([[3.0, 3.0, 2.0]], [[1, 2, 4]])


def test_in_top_k_counts_ties_as_in_and_what_is_not_finite_as_out():
    predictions = [[1, 3, 3, 2], [1, 2, 3, 4], [1, NAN, 2, 0], [INF, 0, 1, 2], [3, 3, 3, 3], [1, 2, 3, 4]]
    result = run(positions.in_top_k(np.array(predictions, np.float32), [1, 1, 1, 0, 3, 9], 2))
    assert result.tolist() == [True, False, False, False, True, False]


def test_an_integer_euclidean_norm_is_cut():
    assert run(reductions.reduce_euclidean_norm(tf.constant([3, 5]))) == 5
