"""Sparse tensors: made, reordered, reshaped, joined, cut, filled, merged; their gradients and errors."""
import numpy as np
from catalog import program, raises

ORDER = [[0, 1], [1, 0], [1, 2]]
NAN = float("nan")
LONG = np.array(ORDER, np.int64)


def run(tf, **made):
    with tf.Session() as session:
        return {name: seen(session.run(tensor)) for name, tensor in made.items()}


def seen(value):
    """A SparseTensorValue as the list of its parts."""
    if hasattr(value, "dense_shape"):
        return [np.asarray(part) for part in (value.indices, value.values, value.dense_shape)]
    return [seen(each) for each in value] if isinstance(value, (list, tuple)) else value


def sample(tf, indices=ORDER, values=(1.0, 2.0, 3.0), shape=(2, 3)):
    return tf.SparseTensor(np.array(indices, np.int64).reshape(len(values), len(shape)), np.array(values, np.float32), shape)


def other(tf):
    return sample(tf, [[0, 0], [1, 0], [1, 1]], (5.0, -2.0, 7.0))


def fed(tf, indices=ORDER, values=(1.0, 2.0, 3.0), shape=(2, 3)):
    """A sparse tensor of which nothing is known before the run."""
    parts = np.array(indices, np.int64), np.array(values, np.float32), np.array(shape, np.int64)
    return tf.SparseTensor(*[tf.placeholder_with_default(part, None) for part in parts])


def ranked(tf):
    """The sample as a sparse tensor of which the rank is known before the run."""
    return tf.SparseTensor(LONG, [1.0, 2.0, 3.0], tf.placeholder_with_default(np.array([2, 3]), [2]))


def slopes(tf, count, result, *sources):
    """The gradients of the result's elements, so many of them, each with another weight."""
    result = tf.reshape(result, [count])
    weights = np.arange(1, count + 1, dtype=np.float32)
    found = tf.gradients(result * weights, list(sources))
    with tf.Session() as session:
        return {"gradients": [None if each is None else session.run(each) for each in found]}


def shapes(*tensors):
    return [[str(part.shape) for part in (each.indices, each.values, each.dense_shape)] for each in tensors]


# ------------------------------------------------------------------ layout
@program(graph=True)
def reordered(tf):
    mixed = sample(tf, [[1, 2], [0, 1], [1, 0]])
    return run(tf, rows=tf.sparse_reorder(mixed), named=tf.sparse.reorder(fed(tf, [[1, 2], [0, 1], [0, 1]]), name="R"),
               empty=tf.sparse_reorder(sample(tf, [], ())), scalar=tf.sparse_reorder(sample(tf, [[]], (4.0,), ())))


@program(graph=True)
def gradient_of_reorder(tf):
    values = tf.constant([1.0, 2.0, 3.0])
    mixed = tf.SparseTensor([[1, 2], [0, 1], [1, 0]], values, [2, 3])
    return slopes(tf, 3, tf.sparse_reorder(mixed).values, values)


@program(graph=True)
def reshaped(tf):
    made = dict(known=tf.sparse_reshape(sample(tf), [3, -1]), flat=tf.sparse.reshape(sample(tf), [6], name="flat"),
                unknown=tf.sparse_reshape(fed(tf), [-1, 2]), deep=tf.sparse_reshape(sample(tf), np.array([1, 3, 2, 1])),
                empty=tf.sparse_reshape(sample(tf, [], (), (0, 3)), [-1, 3]))
    return dict(run(tf, **made), shapes=shapes(*[made[name] for name in sorted(made)]))


@raises("Cannot reshape a tensor with 6 elements to shape [4, 2] (8 elements).")
def reshaped_to_too_many(tf):
    tf.sparse_reshape(sample(tf), [4, 2])


@raises("At most one dimension can be inferred (-1). Found: [-1 -1]")
def reshaped_to_anything(tf):
    tf.sparse_reshape(sample(tf), [-1, -1])


@raises("Input to reshape is a tensor with 6 dense values, but the requested shape has 8. input_shape=[2,3] output_shape=[4,2]")
def fed_and_reshaped_to_too_many(tf):
    tf.Session().run(tf.sparse_reshape(fed(tf), [4, 2]))


@raises("Input to reshape is a SparseTensor with 6 dense values, but the requested shape requires a multiple of 4.")
def fed_and_reshaped_unevenly(tf):
    tf.Session().run(tf.sparse_reshape(fed(tf), [4, -1]))


@raises("only one output dimension may be -1, not both 0 and 1")
def fed_and_reshaped_to_anything(tf):
    tf.Session().run(tf.sparse_reshape(fed(tf), [-1, -1]))


@program(graph=True)
def transposed(tf):
    return run(tf, known=tf.sparse_transpose(sample(tf)), given=tf.sparse.transpose(sample(tf), [1, 0], name="T"),
               unknown=tf.sparse_transpose(fed(tf), perm=[0, 1]), three=tf.sparse_transpose(
                   sample(tf, [[0, 1, 2], [1, 0, 0]], (1.0, 2.0), (2, 3, 4)), [2, 0, 1]))


@program(graph=True)
def gradient_of_transpose(tf):
    values = tf.constant([1.0, 2.0, 3.0])
    return slopes(tf, 3, tf.sparse_transpose(tf.SparseTensor(ORDER, values, [2, 3])).values, values)


@program(graph=True)
def expanded(tf):
    return run(tf, last=tf.sparse.expand_dims(sample(tf)), first=tf.sparse.expand_dims(sample(tf), 0),
               middle=tf.sparse.expand_dims(sample(tf), -2, name="E"))


@raises("axis must be an integer value in range [-rank(sp_input) - 1, rank(sp_input)]")
def expanded_by_a_word(tf):
    tf.sparse.expand_dims(sample(tf), "x")


@program(graph=True)
def concatenated(tf):
    wide = sample(tf, [[0, 3], [2, 4]], (8.0, 9.0), (3, 5))
    made = dict(rows=tf.sparse_concat(0, [sample(tf), other(tf)]), columns=tf.sparse_concat(-1, [sample(tf), other(tf), sample(tf)]),
                fed=tf.sparse_concat(1, [fed(tf), sample(tf)], name="C"), single=tf.sparse_concat(1, [sample(tf)]),
                wider=tf.sparse_concat(0, [sample(tf), wide], expand_nonconcat_dim=True),
                taller=tf.sparse.concat(axis=-1, sp_inputs=[sample(tf), wide], expand_nonconcat_dim=True))
    return dict(run(tf, **made), shapes=shapes(*[made[name] for name in sorted(made)]))


@raises("Input shapes must match: expected 2 for dimension 0 but got 4 at position 1")
def concatenated_with_other_sizes(tf):
    tf.Session().run(tf.sparse_concat(1, [fed(tf), fed(tf, shape=(4, 3))]))


@raises("Concat dimension must be in range [-2, 2), got 2")
def concatenated_along_no_axis(tf):
    tf.Session().run(tf.sparse_concat(2, [fed(tf), fed(tf)]))


@raises("Ranks of all input tensors must match: expected 2 but got 3 at position 1")
def concatenated_with_another_rank(tf):
    tf.Session().run(tf.sparse_concat(1, [fed(tf), fed(tf, [[0, 0, 0]], [1.0], (2, 3, 4))]))


@raises("Dimensions must be equal, but are 2 and 3 for 'SparseConcat' (op: 'SparseConcat')")
def concatenated_with_another_known_rank(tf):
    tf.sparse_concat(0, [sample(tf), sample(tf, [[0, 0, 0]], [1.0], (2, 3, 4))])


@raises("Cannot specify both 'expand_nonconcat_dim' and 'expand_nonconcat_dims'")
def concatenated_with_the_new_spelling(tf):
    tf.sparse_concat(0, [sample(tf), other(tf)], expand_nonconcat_dims=True)


@raises("Inputs must be a list or tuple.")
def concatenated_alone(tf):
    tf.sparse_concat(0, sample(tf))


@raises("Input must be a SparseTensor.")
def concatenated_with_a_dense_one(tf):
    tf.sparse_concat(0, [sample(tf), tf.zeros([2, 3])])


@program(graph=True)
def split(tf):
    seven = sample(tf, [[0, 0], [0, 3], [1, 5], [1, 6]], (1.0, 2.0, 3.0, 4.0), (2, 7))
    made = dict(rows=tf.sparse_split(sp_input=sample(tf), num_split=2, axis=0), uneven=tf.sparse_split(
        sp_input=seven, num_split=3, axis=1, name="S"), fed=tf.sparse.split(sp_input=fed(tf), num_split=3, axis=1))
    return dict(run(tf, **made), shapes=shapes(*made["uneven"], *made["fed"]))


@raises("Keyword arguments are required for this function.")
def split_without_keywords(tf):
    tf.sparse_split(0, sample(tf), 2)


@raises("num_split is required")
def split_into_nothing(tf):
    tf.sparse_split(sp_input=sample(tf), axis=0)


@raises("Input num_split should be between 1 and the splitting dimension size (3), got 4")
def split_into_too_many(tf):
    tf.Session().run(tf.sparse_split(sp_input=fed(tf), num_split=4, axis=1)[0])


@raises("Input split_dim should be between 0 and rank (2), got 2")
def split_along_no_axis(tf):
    tf.Session().run(tf.sparse_split(sp_input=fed(tf), num_split=2, axis=2)[0])


@program(graph=True)
def sliced(tf):
    made = dict(part=tf.sparse_slice(sample(tf), [1, 0], [1, 2]), beyond=tf.sparse.slice(sample(tf), [0, 1], [9, 9], name="S"),
                empty=tf.sparse_slice(sample(tf), [0, 2], [1, 1]), fed=tf.sparse_slice(fed(tf), [1, 2], [1, 1]))
    return dict(run(tf, **made), shapes=shapes(*[made[name] for name in sorted(made)]))


@program(graph=True)
def gradient_of_slice(tf):
    values = tf.constant([1.0, 2.0, 3.0])
    return slopes(tf, 2, tf.sparse_slice(tf.SparseTensor(ORDER, values, [2, 3]), [1, 0], [1, 3]).values, values)


@raises("Expected start to be a vector of length 2 but got length 1")
def sliced_from_a_short_start(tf):
    tf.Session().run(tf.sparse_slice(fed(tf), tf.placeholder_with_default(np.array([0]), None), [1, 1]))


# ------------------------------------------------------------------ rows and elements
@program(graph=True)
def retained(tf):
    return run(tf, some=tf.sparse_retain(sample(tf), [True, False, True]), none=tf.sparse_retain(sample(tf), [False] * 3),
               fed=tf.sparse.retain(fed(tf), tf.placeholder_with_default(np.array([True, True, False]), [None])))


@raises("Dimensions 3 and 2 are not compatible")
def retained_by_too_few(tf):
    tf.sparse_retain(sample(tf), [True, False])


@program(graph=True)
def with_another_shape(tf):
    return run(tf, tight=tf.sparse_reset_shape(sample(tf, shape=(9, 9))), wide=tf.sparse_reset_shape(sample(tf), [4, 5]),
               fed=tf.sparse.reset_shape(ranked(tf), [2, 3]))


@raises("Requested new_shape should have dimension sizes >= sp_input.shape.")
def with_a_smaller_shape(tf):
    tf.sparse_reset_shape(sample(tf), [1, 3])


@raises("assertion failed:")
def with_a_smaller_shape_in_the_run(tf):
    tf.Session().run(tf.sparse_reset_shape(ranked(tf), [1, 3]))


@raises("Dimensions 1 and 2 are not compatible")
def with_a_shape_of_another_rank(tf):
    tf.sparse_reset_shape(sample(tf), [5])


@program(graph=True)
def filled(tf):
    gaps = sample(tf, [[3, 1], [0, 2], [0, 0]], (1.0, 2.0, 3.0), (5, 3))
    words = tf.SparseTensor([[1, 0]], ["a"], [2, 2])
    made = dict(gaps=tf.sparse_fill_empty_rows(gaps, 9), full=tf.sparse_fill_empty_rows(sample(tf), 9.0),
                text=tf.sparse.fill_empty_rows(words, "-", name="F"), empty=tf.sparse_fill_empty_rows(sample(tf, [], ()), -1.0),
                vector=tf.sparse_fill_empty_rows(fed(tf, [[1]], [4.0], [3]), 0.5))
    return dict(run(tf, **made), shapes=[str(made[name][1].shape) for name in sorted(made)])


@program(graph=True)
def gradient_of_fill(tf):
    values, default = tf.constant([1.0, 2.0]), tf.constant(9.0)
    full, _ = tf.sparse_fill_empty_rows(tf.SparseTensor([[2, 0], [0, 1]], values, [4, 2]), default)
    return slopes(tf, 4, full.values, values, default)


@raises("indices(1, 0) is invalid: 2 >= 2")
def filled_beyond_the_rows(tf):
    tf.Session().run(tf.sparse_fill_empty_rows(fed(tf, [[0, 1], [2, 0], [1, 2]]), 0.0))


@raises("Received SparseTensor with dense_shape[0] = 0 but indices.shape[0] = 3")
def filled_without_rows(tf):
    tf.Session().run(tf.sparse_fill_empty_rows(fed(tf, shape=(0, 3)), 0.0))


@raises("Shape must be rank 0 but is rank 1 for 'SparseFillEmptyRows/SparseFillEmptyRows'")
def filled_with_a_vector(tf):
    tf.sparse_fill_empty_rows(sample(tf), [0.0])


@program(graph=True)
def made_of_dense(tf):
    return run(tf, matrix=tf.sparse.from_dense([[0.0, 2.0], [3.0, 0.0]]), vector=tf.sparse.from_dense(np.array([0, 0, 4], np.int64)),
               nan=tf.sparse.from_dense(tf.placeholder_with_default(np.array([NAN, 0.0, -0.0]), None)))


@program(graph=True)
def identities(tf):
    return run(tf, square=tf.sparse.eye(2), wide=tf.sparse.eye(2, 3, dtype=tf.int32),
               tall=tf.sparse.eye(tf.constant(3), num_columns=tf.constant(1, tf.int64), name="I"))


@raises("num_rows must be an integer value")
def an_identity_of_half_a_row(tf):
    tf.sparse.eye(0.5)


@program(graph=True)
def masked(tf):
    slices = tf.IndexedSlices(tf.constant([[1.0], [2.0], [3.0]]), tf.constant([3, 8, 5]), tf.constant([10, 1]))
    some, all_ = tf.sparse_mask(slices, [3, 4, 5]), tf.sparse.mask(slices, [3, 8, 5], name="M")
    return run(tf, values=some.values, indices=some.indices, shape=some.dense_shape, none=all_.values)


@program(graph=True)
def merged(tf):
    ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], np.array([7, 2, 4], np.int32), [3, 2])
    more = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], np.array([1, 0, 1], np.int64), [3, 2])
    values = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [0.5, 0.25, 1.0], [3, 2])
    return run(tf, one=tf.sparse_merge(ids, values, 10), two=tf.sparse_merge([ids, more], values, [10, tf.constant(2)], name="M"),
               sorted=tf.sparse.merge(ids, values, 10, already_sorted=True))


@raises("vocab_size has to be a Tensor or Python int.")
def merged_with_a_list_of_sizes(tf):
    tf.sparse_merge(other(tf), sample(tf), [3])


@raises("sp_ids and vocab_size have to have equal lengths.")
def merged_with_too_few_sizes(tf):
    tf.sparse_merge([other(tf), other(tf)], sample(tf), [3])


@program(graph=True)
def indicators(tf):
    ids = tf.SparseTensor([[0, 0], [0, 1], [0, 2], [2, 0]], np.array([2, 0, 2, 1], np.int64), [3, 3])
    return run(tf, rows=tf.sparse_to_indicator(ids, 4), named=tf.sparse.to_indicator(ids, 3, name="I"))
