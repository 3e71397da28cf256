"""Sparse tensors: what they are made of, what is fed and fetched, what cannot be."""

import numpy as np
import pytest

import graphcore as tf


@pytest.fixture
def session():
    return tf.Session()


def sparse(indices=((0, 1),), values=(2.0,), dense_shape=(2, 2)):
    return tf.SparseTensor(indices, values, dense_shape)


def test_parts_take_the_names_of_the_scope():
    with tf.name_scope("outer"):
        made = sparse()
    assert [part.name for part in (made.indices, made.values, made.dense_shape)] == [
        "outer/SparseTensor/indices:0", "outer/SparseTensor/values:0", "outer/SparseTensor/dense_shape:0"]
    assert made.op is made.values.op and made.graph is tf.get_default_graph() and made.dtype == tf.float32


@pytest.mark.parametrize(("parts", "message"), [
    (dict(indices=[0, 1]), r"Shape \(2,\) must have rank 2 .*indices"),
    (dict(values=2.0), r"Shape \(\) must have rank 1 .*values"),
    (dict(dense_shape=2), r"Shape \(\) must have rank 1 .*dense_shape"),
    (dict(values=[2.0, 3.0]), "Dimensions 1 and 2 are not compatible"),
    (dict(dense_shape=[2, 2, 2]), "Dimensions 2 and 3 are not compatible"),
    (dict(values=None), "None values not supported"),
])
def test_parts_have_to_fit_together(parts, message):
    with pytest.raises(ValueError, match=message):
        sparse(**parts)


def test_indices_are_whole_numbers():
    with pytest.raises(TypeError, match="Expected int64, got 0.0 of type 'float' instead"):
        sparse(indices=[[0.0, 1.0]])


def test_shape_is_what_the_graph_knows():
    sizes = tf.placeholder(tf.int64, [])
    assert sparse(dense_shape=tf.stack([sizes, 5])).shape.as_list() == [None, 5]
    assert sparse(dense_shape=tf.placeholder(tf.int64, [2])).get_shape().as_list() == [None, None]
    assert sparse(dense_shape=tf.placeholder(tf.int64)).shape.ndims is None


def test_no_tensor_is_made_of_one():
    with pytest.raises(TypeError, match="Failed to convert object of type .*SparseTensor.* to Tensor"):
        tf.convert_to_tensor(sparse())


def test_from_value_takes_both_forms_and_nothing_else(session):
    value = tf.SparseTensorValue([[0, 1]], [2.0], [2, 2])
    np.testing.assert_array_equal(session.run(tf.SparseTensor.from_value(value)).values, [2.0])
    assert tf.SparseTensor.from_value(sparse()).dtype == tf.float32
    with pytest.raises(TypeError, match="Neither a SparseTensor nor SparseTensorValue: 3"):
        tf.SparseTensor.from_value(3)


def test_conversion_checks_the_dtype():
    made = sparse()
    assert tf.convert_to_tensor_or_sparse_tensor(made, "float32") is made
    with pytest.raises(RuntimeError, match="Sparse dtype: requested = int32, actual = float32"):
        tf.convert_to_tensor_or_sparse_tensor(made, tf.int32)


@pytest.mark.parametrize("value", [
    tf.SparseTensorValue([[0, 1]], [2.0], [2, 2]), ([[0, 1]], [2.0], [2, 2]), [np.array([[0, 1]]), np.array([2]), np.array([2, 2])]])
def test_feeding_what_is_fetched(session, value):
    x = tf.sparse_placeholder(tf.float32)
    fetched, dense = session.run([x, tf.sparse_tensor_to_dense(x)], {x: value})
    assert isinstance(fetched, tf.SparseTensorValue) and fetched.values.dtype == np.float32
    np.testing.assert_array_equal(dense, [[0, 2], [0, 0]])
    with session.as_default():
        np.testing.assert_array_equal(x.eval({x: fetched}).indices, [[0, 1]])


def test_a_missing_part_is_not_fed(session):
    x = tf.sparse_placeholder(tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="You must feed a value for placeholder tensor 'Placeholder'"):
        session.run(x, {x: ([[0, 1]], [2.0])})


def test_eval_needs_a_session():
    with pytest.raises(ValueError, match="Cannot evaluate tensor using `eval\\(\\)`: No default session is registered"):
        sparse().eval()


@pytest.mark.parametrize(("indices", "values", "shape", "message"), [
    ([[1, 0], [0, 1]], [1, 2], [2, 2], r"indices\[1\] = \[0,1\] is out of order. Many sparse ops require sorted indices"),
    ([[0, 1], [0, 1]], [1, 2], [2, 2], r"indices\[1\] = \[0,1\] is repeated"),
    ([[0, 2]], [1], [2, 2], r"indices\[0\] = \[0,2\] is out of bounds: need 0 <= index < \[2,2\]"),
    ([[0, -1]], [1], [2, 2], r"indices\[0\] = \[0,-1\] is out of bounds"),
    ([[0, 1]], [1, 2], [2, 2], r"sparse_values has incorrect shape \[2\], should be \[\] or \[1\]"),
    ([[0, 1, 1]], [1], [2, 2], "output_shape has incorrect number of elements: 2 should be: 3"),
    ([[[0]]], [1], [2], r"sparse_indices should be a scalar, vector, or matrix, got shape \[1,1,1\]"),
    ([[0]], [1], [[2]], r"output_shape should be a vector, got shape \[1,1\]"),
    ([[0]], [1], [-2], "Dimension -2 must be >= 0"),
])
def test_what_has_no_dense_form(session, indices, values, shape, message):
    parts = tf.placeholder(tf.int64), tf.placeholder(tf.int64), tf.placeholder(tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        session.run(tf.sparse_to_dense(*parts), dict(zip(parts, (indices, shape, values))))


def test_unordered_indices_are_taken_when_asked(session):
    np.testing.assert_array_equal(session.run(tf.sparse_to_dense([2, 0, 2], [3], [1, 5, 9], validate_indices=False)), [5, 0, 9])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Indices are not valid \(out of bounds\).  Shape: \[3\]"):
        session.run(tf.sparse_to_dense([3], [3], [1], validate_indices=False))


@pytest.mark.parametrize(("indices", "values", "shape", "expected"), [
    (np.zeros([0, 2]), [], [2, 1], [[0], [0]]), (np.zeros([0, 2]), [], [2, 0], [[], []]), (np.zeros([1, 0]), [4], [], 4),
    (1, 5, [3], [0, 5, 0])])
def test_little_or_nothing(session, indices, values, shape, expected):
    parts = tf.placeholder(tf.int32), tf.placeholder(tf.int32), tf.placeholder(tf.float32)
    result = session.run(tf.sparse_to_dense(*parts), dict(zip(parts, (indices, shape, values))))
    np.testing.assert_array_equal(result, np.array(expected, np.float32), strict=True)


def test_dense_of_something_else():
    with pytest.raises(TypeError, match="Input must be a SparseTensor"):
        tf.sparse_tensor_to_dense(3)
