"""Sparse operations: what goldens do not cover: SciPy as judge, other dtypes, runs with feeds, training."""

import itertools

import numpy as np
import pytest
import scipy.sparse

import graphcore as tf


@pytest.fixture
def session():
    return tf.Session()


def random_sparse(seed, rows=7, columns=5, density=0.4):
    """A SciPy matrix and the same as a SparseTensor."""
    matrix = scipy.sparse.random(rows, columns, density, "coo", random_state=seed)
    order = np.lexsort([matrix.col, matrix.row])
    places = np.stack([matrix.row, matrix.col], 1)[order].astype(np.int64)
    return matrix.toarray(), tf.SparseTensor(places, matrix.data[order], [rows, columns])


def dense(session, sparse):
    return session.run(tf.sparse_tensor_to_dense(sparse))


@pytest.mark.parametrize("seed", range(4))
def test_operations_agree_with_dense_ones(session, seed):
    (a, sparse_a), (b, sparse_b) = random_sparse(seed), random_sparse(seed + 100)
    np.testing.assert_allclose(dense(session, tf.sparse_add(sparse_a, sparse_b)), a + b)
    np.testing.assert_allclose(dense(session, tf.sparse_maximum(sparse_a, sparse_b)), np.maximum(a, b))
    np.testing.assert_allclose(dense(session, tf.sparse_transpose(sparse_a)), a.T)
    np.testing.assert_allclose(dense(session, tf.sparse_concat(1, [sparse_a, sparse_b])), np.concatenate([a, b], 1))
    np.testing.assert_allclose(dense(session, tf.sparse_slice(sparse_a, [2, 1], [3, 9])), a[2:5, 1:])
    np.testing.assert_allclose(dense(session, tf.sparse_reshape(sparse_a, [5, -1])), a.reshape(5, 7))
    np.testing.assert_allclose(session.run(tf.sparse_reduce_sum(sparse_a, 0)), a.sum(0))
    np.testing.assert_allclose(session.run(tf.sparse_tensor_dense_matmul(sparse_a, b, adjoint_a=True)), a.T @ b)
    np.testing.assert_allclose(session.run(tf.sparse_add(sparse_a, b)), a + b)


@pytest.mark.parametrize("indices", [np.zeros([0, 2]), [[0, 0]], [[1, 2], [0, 1], [1, 2], [1, 0]]], ids=["empty", "one", "repeated"])
def test_products_take_indices_in_any_order(session, indices):
    indices = np.array(indices, np.int64)
    values = np.arange(1.0, len(indices) + 1)
    expected = scipy.sparse.coo_array((values, indices.T), shape=(2, 3)).toarray() @ np.arange(12.0).reshape(3, 4)
    a = tf.SparseTensor(indices, values, [2, 3])
    np.testing.assert_allclose(session.run(tf.sparse_tensor_dense_matmul(a, np.arange(12.0).reshape(3, 4))), expected)


@pytest.mark.parametrize("dtype", [tf.int32, tf.float32, tf.float64, tf.bfloat16, tf.complex64])
def test_products_keep_the_dtype(session, dtype):
    a = tf.SparseTensor([[0, 1]], tf.cast([3], dtype), [1, 2])
    product = session.run(tf.sparse_tensor_dense_matmul(a, tf.cast([[1], [2]], dtype)))
    assert product.dtype == dtype.as_numpy_dtype and complex(product[0, 0]) == 6


def test_a_product_without_a_kernel_is_refused(session):
    a = tf.SparseTensor([[0, 1]], tf.cast([3], tf.int64), [1, 2])
    with pytest.raises(tf.errors.InvalidArgumentError, match="No OpKernel was registered to support Op 'SparseTensorDenseMatMul'.*int64"):
        session.run(tf.sparse_tensor_dense_matmul(a, tf.cast([[1], [2]], tf.int64)))


@pytest.mark.parametrize("dtype", [tf.int8, tf.uint16, tf.int64, tf.float16, tf.bfloat16])
def test_sums_and_maxima_keep_the_dtype(session, dtype):
    a = tf.SparseTensor([[0, 0], [0, 1], [2, 1]], tf.cast([3, 4, 5], dtype), [3, 2])
    total, most, both = session.run([tf.sparse_reduce_sum(a, 1), tf.sparse_reduce_max(a, 0), tf.sparse_add(a, a).values])
    assert total.dtype == most.dtype == both.dtype == dtype.as_numpy_dtype
    assert [total.tolist(), most.tolist(), both.tolist()] == [[7, 0, 5], [3, 5], [6, 8, 10]]


# TF itself aborts the process, or reads outside of its arrays, on these.
@pytest.mark.parametrize("make", [
    lambda sparse: tf.sparse_reduce_sum(sparse, 1),
    lambda sparse: tf.sparse_reorder(sparse).values,
    lambda sparse: tf.sparse_reshape(sparse, [-1]).indices,
    lambda sparse: tf.sparse_slice(sparse, [0, 0], [1, 1]).values,
    lambda sparse: tf.sparse_softmax(sparse).values,
    lambda sparse: tf.sparse_tensor_dense_matmul(sparse, np.ones([3, 1], np.float32)),
    lambda sparse: (sparse * 2.0).values,
])
def test_negative_sizes_are_refused(session, make):
    parts = tf.placeholder_with_default(np.array([-2, 3]), [2])
    with pytest.raises(tf.errors.InvalidArgumentError, match="Dimension -2 must be >= 0"):
        session.run(make(tf.SparseTensor([[0, 1]], [1.0], parts)))


def test_what_crashes_tf_is_an_error(session):
    outside = tf.SparseTensor([[5, 1]], [1.0], [2, 3])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[0\] = \[5\] is out of bounds: need 0 <= index < \[2\]"):
        session.run(tf.sparse_reduce_sum(outside, 1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Integer division by zero"):
        session.run((tf.SparseTensor([[0]], [3], [2]).__div__([0, 1])).values)
    with pytest.raises(tf.errors.InvalidArgumentError, match="is not inside of shape"):
        session.run(tf.sparse_slice(tf.SparseTensor([[0, 1]], [1.0], [2, 3]), [5, 0], [1, 1]).values)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[0\] = \[5,1\] is out of bounds"):
        session.run(tf.edit_distance(outside, outside))


@pytest.mark.parametrize("order", [[[1, 1], [0, 0]], [[0, 0], [0, 0]]], ids=["out of order", "repeated"])
def test_sums_of_unordered_tensors_merge_them_as_they_come(session, order):
    found = session.run(tf.sparse_add(tf.SparseTensor(order, [1.0, 2.0], [2, 3]), tf.SparseTensor([[0, 0], [1, 1]], [1.0, 2.0], [2, 3])))
    # As TF 1.15 gives it.
    expected = {1: ([[0, 0], [1, 1], [0, 0]], [1, 3, 2]), 0: ([[0, 0], [0, 0], [1, 1]], [2, 2, 2])}[order[0][0]]
    assert (found.indices.tolist(), found.values.tolist()) == expected


def test_gradients_of_a_slice_have_to_be_used(session):
    from graphcore.ops.sparse_layout import SparseSliceGrad

    parts = [1.0], np.array([[0, 0], [1, 1]]), np.array([1, 1]), np.array([[0, 1]])
    with pytest.raises(tf.errors.InternalError, match="Elements of backprop_val_grad aren't all propagated. Num elements:1, used: 0"):
        session.run(SparseSliceGrad.build(*parts))


@pytest.mark.parametrize("operation", [tf.sparse_maximum, tf.sparse_minimum])
def test_gradients_that_tf_has_not(operation):
    values = tf.constant([1.0])
    a = tf.SparseTensor([[0, 1]], values, [2, 3])
    with pytest.raises(NotImplementedError, match="is currently not implemented yet"):
        tf.gradients(operation(a, a).values, values)


def test_distances_of_words(session):
    def sparse(words):
        places = [[row, column] for row, word in enumerate(words) for column in range(len(word))]
        return tf.SparseTensor(places, list("".join(words)), [len(words), max(map(len, words))])

    heard, said = sparse(["kitten", "flaw", "", "abc"]), sparse(["sitting", "lawn", "ab", "abc"])
    absolute = session.run(tf.edit_distance(heard, said, normalize=False))
    np.testing.assert_array_equal(absolute, np.array([3, 2, 2, 0], np.float32), strict=True)
    np.testing.assert_allclose(session.run(tf.edit_distance(heard, said)), [3 / 7, 0.5, 1, 0], rtol=1e-6)
    np.testing.assert_array_equal(session.run(tf.edit_distance(said, heard))[2], np.inf)
    for pair in ((3, said), (heard, 3)):
        with pytest.raises(TypeError, match="(Hypothesis|Truth) must be a SparseTensor"):
            tf.edit_distance(*pair)


@pytest.mark.parametrize(("function", "expected"), [
    (tf.abs, 4), (tf.negative, 4), (tf.sign, -1), (tf.square, 16), (tf.math.tanh, np.tanh(-4)), (tf.erf, -1)])
def test_functions_of_one_tensor_map_the_values(session, function, expected):
    mapped = function(tf.SparseTensor([[2]], [-4.0], [9]))
    assert isinstance(mapped, tf.SparseTensor)
    result = session.run(mapped)
    assert (result.indices.tolist(), result.dense_shape.tolist()) == ([[2]], [9])
    np.testing.assert_allclose(result.values, [expected], rtol=1e-6)


def test_the_first_name_of_a_mapped_function_stays_unused():
    assert tf.sqrt(tf.SparseTensor([[2]], [4.0], [9])).values.name == "Sqrt_1:0"
    assert tf.sqrt(tf.SparseTensor([[2]], [4.0], [9]), name="root").values.name == "root_1:0"


def test_a_sparse_linear_model_learns(session):
    x, y = tf.sparse_placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 1])
    weights = tf.Variable(tf.zeros([3, 1]))
    loss = tf.reduce_mean(tf.square(tf.sparse_tensor_dense_matmul(x, weights) - y))
    step = tf.train.GradientDescentOptimizer(0.3).minimize(loss)
    rows = scipy.sparse.random(40, 3, 0.6, "coo", random_state=3, dtype=np.float32)
    order = np.lexsort([rows.col, rows.row])
    fed = tf.SparseTensorValue(np.stack([rows.row, rows.col], 1)[order], rows.data[order], rows.shape)
    session.run(tf.global_variables_initializer())
    truth = np.array([[1.0], [-2.0], [0.5]], np.float32)
    for _ in range(400):
        session.run(step, {x: fed, y: rows.toarray() @ truth})
    np.testing.assert_allclose(session.run(weights), truth, atol=1e-3)


def test_embeddings_of_sparse_ids_learn_the_rows_they_name(session):
    table = tf.Variable(tf.zeros([5, 2]))
    ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], np.array([1, 3, 1]), [2, 2])
    looked_up = tf.nn.embedding_lookup_sparse(table, ids, None, combiner="sum")
    step = tf.train.GradientDescentOptimizer(1.0).minimize(-tf.reduce_sum(looked_up))
    session.run(tf.global_variables_initializer())
    session.run(step)
    np.testing.assert_array_equal(session.run(table), [[0, 0], [2, 2], [0, 0], [1, 1], [0, 0]])


def test_callables_and_feeds_of_parts(session):
    x = tf.sparse_placeholder(tf.float32)
    total = tf.sparse_reduce_sum(x)
    value = tf.SparseTensorValue(np.array([[0, 1]]), np.array([2.0], np.float32), np.array([2, 2]))
    assert session.run(total, {x.indices: value.indices, x.values: value.values, x.dense_shape: value.dense_shape}) == 2
    assert session.make_callable(total, [x.indices, x.values, x.dense_shape])(*value) == 2


def every_alignment(logits):
    """The probability of each label sequence, summed over all ways to read it off class by class."""
    probabilities = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    found = {}
    for classes in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        read = tuple(label for label, _ in itertools.groupby(classes) if label != logits.shape[1] - 1)
        found[read] = found.get(read, 0) + np.prod([row[label] for row, label in zip(probabilities, classes)])
    return found


@pytest.mark.parametrize("labels", [(0,), (1, 0), (1, 1), (0, 1, 1)])
def test_losses_sum_over_every_alignment(session, labels):
    logits = np.random.default_rng(5).normal(size=(5, 3))
    sparse = tf.SparseTensor([[0, place] for place in range(len(labels))], list(labels), [1, len(labels)])
    loss = session.run(tf.nn.ctc_loss(sparse, tf.constant(logits[:, None]), [5]))
    np.testing.assert_allclose(loss, [-np.log(every_alignment(logits)[labels])], rtol=1e-10)


def test_a_wide_beam_finds_the_likeliest_labels(session):
    logits = np.random.default_rng(8).normal(size=(5, 3))
    paths, scores = session.run(tf.nn.ctc_beam_search_decoder(tf.constant(logits[:, None]), [5], 100, 3, merge_repeated=False))
    best = sorted(every_alignment(logits).items(), key=lambda item: -item[1])[:3]
    assert [tuple(path.values.tolist()) for path in paths] == [labels for labels, _ in best]
    np.testing.assert_allclose(scores[0], np.log([probability for _, probability in best]), rtol=1e-10)


def test_losses_of_dense_labels_are_not_built():
    with pytest.raises(NotImplementedError, match="ctc_loss_v2 of dense labels is not built"):
        tf.nn.ctc_loss_v2(tf.constant([[1]]), tf.zeros([2, 1, 3]), [1], [2])
    with pytest.raises(ValueError, match="blank_index must be given when using SparseTensor labels"):
        tf.nn.ctc_loss_v2(tf.SparseTensor([[0, 0]], [1], [1, 1]), tf.zeros([2, 1, 3]), [1], [2])


@pytest.mark.parametrize("width", [3, 400])
def test_segments_of_few_and_of_many_elements(session, width):
    random = np.random.default_rng(2)
    data, picked, ids = random.normal(size=(50, width)), random.integers(0, 50, 90), np.sort(random.integers(0, 30, 90))
    expected = np.zeros([31, width])
    for row, target in zip(picked, ids):
        expected[target] += data[row]
    x = tf.constant(data)
    total = tf.sparse_segment_sum(x, picked, ids, num_segments=31)
    mean = tf.sparse_segment_mean(x, picked, ids, num_segments=31)
    counts = np.maximum(np.bincount(ids, minlength=31), 1)
    sums, means, slopes = session.run([total, mean, tf.gradients(mean, x)[0]])
    np.testing.assert_allclose(sums, expected, atol=1e-12)
    np.testing.assert_allclose(means, expected / counts[:, None], atol=1e-12)
    shares = np.bincount(picked, 1 / counts[ids], minlength=50)
    np.testing.assert_allclose(slopes, np.repeat(shares[:, None], width, 1), atol=1e-12)


def test_indices_too_large_for_one_number_are_ordered_too(session):
    far = 2**62
    a = tf.SparseTensor([[far, 1], [2, far], [2, 0]], [1.0, 2.0, 3.0], [2**63 - 1, 2**63 - 1])
    assert session.run(tf.sparse_reorder(a).values).tolist() == [3, 2, 1]
    ordered = tf.sparse_reorder(a)
    assert session.run(tf.sparse_add(ordered, ordered).values).tolist() == [6, 4, 2]
