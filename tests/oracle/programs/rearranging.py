"""Elements that are moved, sorted, found and counted: roll, reverse_sequence, sort, searchsorted, bincount, confusion_matrix."""
import numpy as np
from catalog import program, raises

X = np.array([[1.0, 5.0], [3.0, 4.0], [3.0, 0.0]], np.float32)
GRID = np.arange(12).reshape(3, 4)
NAN = float("nan")
WHY = "transcendental functions differ in their last bits from one library to the next"


def run(tf, **made):
    with tf.Session() as session:
        return {name: session.run(tensor) for name, tensor in made.items()}


def slopes(tf, function, *values):
    """The gradients of function(values) * weights, with weights that tell the elements apart."""
    given = [tf.constant(value) for value in values]
    result = function(*given)
    weights = np.arange(1, 1 + int(np.prod(result.shape.as_list())), dtype=result.dtype.as_numpy_dtype)
    found = tf.gradients(result * weights.reshape(result.shape.as_list()), given)
    with tf.Session() as session:
        return {"gradients": session.run(found)}


@program
def rolled(tf):
    return run(tf, vector=tf.roll([1, 2, 3, 4, 5], 2, 0), two=tf.roll(X, [1, -1], [0, 1]), twice=tf.roll(X, [1, 1], [0, 0]),
               last=tf.roll(X, 1, -1), text=tf.roll(["a", "b", "c"], 1, 0), long=tf.manip.roll(GRID, np.int64(-7), 1),
               empty=tf.roll(X[:0], 1, 0))


@program(graph=True)
def gradient_of_roll(tf):
    return slopes(tf, lambda x: tf.roll(x, [1], [0]), X)


@raises("axis 5 is out of range")
def roll_along_no_axis(tf):
    tf.Session().run(tf.roll(X, 1, 5))


@raises("shift and axis must have the same size")
def roll_with_too_few_shifts(tf):
    tf.Session().run(tf.roll(X, tf.placeholder_with_default([1], None), [0, 1]))


@raises("Shape must be at least rank 1 but is rank 0 for 'Roll' (op: 'Roll') with input shapes: [], [], [].")
def roll_of_a_scalar(tf):
    tf.roll(3, 1, 0)


@program
def reversed_sequences(tf):
    return run(tf, rows=tf.reverse_sequence(GRID, [1, 2, 4], seq_axis=1, batch_axis=0), old=tf.reverse_sequence(GRID, [0, 3, 4], seq_dim=1),
               columns=tf.reverse_sequence(GRID, [1, 2, 3, 1], seq_axis=0, batch_axis=1),
               deep=tf.reverse_sequence(np.arange(24).reshape(2, 3, 4), [2, 3], seq_axis=1, batch_axis=0),
               deep_back=tf.reverse_sequence(np.arange(24).reshape(2, 3, 4), [1, 2, 1, 0], seq_axis=0, batch_axis=2))


@program(graph=True)
def gradient_of_reverse_sequence(tf):
    return slopes(tf, lambda x: tf.reverse_sequence(x, [1, 2, 2], seq_axis=1), X)


@raises("seq_lens(2) > input.dims(1)")
def a_length_that_is_too_long(tf):
    tf.Session().run(tf.reverse_sequence(GRID, [1, 2, 5], seq_axis=1))


@raises("seq_lens(2) < 0")
def a_negative_length(tf):
    tf.Session().run(tf.reverse_sequence(GRID, [1, 2, -1], seq_axis=1))


@raises("len(seq_lens) != input.dims(0), (2 vs. 3)")
def too_few_lengths(tf):
    fed = tf.placeholder_with_default(GRID, None), tf.placeholder_with_default([1, 2], None)
    tf.Session().run(tf.reverse_sequence(*fed, seq_axis=1))


@raises("seq_dim must be < input rank: 2 vs. 2 for 'ReverseSequence'")
def reversed_along_no_axis(tf):
    tf.reverse_sequence(GRID, [1, 2, 3], seq_axis=2)


@raises("Expected int for argument 'seq_dim' not None")
def reversed_along_nothing(tf):
    tf.reverse_sequence(GRID, [1, 2, 3])


@program(graph=True)
def sorted_values(tf):
    return run(tf, up=tf.sort([3.0, 1.0, 2.0]), down=tf.sort([[3, 1, 2]], direction="DESCENDING"), first=tf.sort(X, axis=0),
               order=tf.argsort(X, axis=-2, direction="DESCENDING"), equals=tf.argsort([1, 1, 0, 1], name="stable"),
               unknown=tf.sort(tf.placeholder_with_default(X, None), axis=0))


@program(graph=True)
def gradient_of_sort(tf):
    return slopes(tf, lambda x: tf.sort(x, axis=0), np.array([[1.0, 5.0], [3.0, 4.0], [2.0, 0.0]], np.float32))


@raises("sideways should be one of ASCENDING, DESCENDING")
def sorted_sideways(tf):
    tf.sort([1], direction="sideways")


@raises("axis must be a constant scalar")
def sorted_along_a_placeholder(tf):
    tf.sort([1], axis=tf.placeholder(tf.int32))


@program(graph=True)
def places_in_sorted_rows(tf):
    rows, values = [[0, 3, 9, 9, 10], [1, 2, 3, 4, 5]], [[2, 4, 9], [0, 2, 6]]
    return run(tf, left=tf.searchsorted(rows, values), right=tf.searchsorted(rows, values, side="right", name="R"),
               long=tf.searchsorted([1.0, 3.0, 5.0], [3.0, 9.0, 0.0], out_type=tf.int64),
               nan=tf.searchsorted([1.0, 3.0, NAN], [3.0, NAN]), nan_right=tf.searchsorted([1.0, 3.0, NAN], [3.0, NAN], side="right"),
               deep=tf.searchsorted([[[1, 2], [3, 4]]], [[[1], [9]]]))


@raises("Leading dim_size of both tensors must match.")
def rows_that_do_not_match(tf):
    tf.Session().run(tf.searchsorted([[1, 2], [3, 4]], [[1]]))


@raises("side must be either 'right' or 'left'.  Saw: x.")
def no_side(tf):
    tf.searchsorted([1.0], [2.0], side="x")


@program
def unravelled(tf):
    shapes = [tf.unravel_index(tf.placeholder(tf.int32), [3, 3]), tf.unravel_index([5], tf.placeholder(tf.int32, [None]))]
    seen = run(tf, vector=tf.unravel_index([2, 5, 7], [3, 3]), scalar=tf.unravel_index(5, [3, 3]), beyond=tf.unravel_index([9], [3, 3]),
               negative=tf.unravel_index([-1], [3, 3]), long=tf.unravel_index(np.array([17]), np.array([2, 3, 4])))
    seen["shapes"] = [str(each.shape) for each in shapes]
    return seen


@raises('The indices can only be scalar or vector, got "[1,1]"')
def unravelled_matrix(tf):
    tf.Session().run(tf.unravel_index([[1]], [3, 3]))


@program(graph=True)
def gathered_in_batches(tf):
    return run(tf, two=tf.batch_gather([[1, 2], [3, 4]], [[1], [0]]), one=tf.batch_gather([1, 2, 3], [2, 0]),
               three=tf.batch_gather(np.arange(24).reshape(2, 3, 4), np.array([[[0, 1]] * 3] * 2)))


@raises("batch_gather does not allow indices with unknown shape.")
def gathered_by_unknown_indices(tf):
    tf.batch_gather([[1, 2]], tf.placeholder(tf.int32))


@program(graph=True)
def stacked_in_parallel(tf):
    return run(tf, rows=tf.parallel_stack([[1, 2], [3, 4]]), scalars=tf.parallel_stack([3, 4]))


@raises("shape attr must be fully defined. for 'parallel_stack/ParallelConcat' (op: 'ParallelConcat') with input shapes: [1,?], [1,?].")
def stacked_without_shape(tf):
    tf.parallel_stack([tf.placeholder(tf.int32, [None])] * 2)


@raises("Shapes are [1,3] and [1,2].\n\tFrom merging shape 2 with other shapes.")
def stacked_of_several_shapes(tf):
    tf.parallel_stack([tf.zeros([2]), tf.zeros([2]), tf.zeros([3])])


@program(graph=True)
def counted(tf):
    return run(tf, plain=tf.bincount([1, 1, 2, 3, 2, 4, 4, 5]), weighted=tf.bincount([1, 1, 2], weights=[0.5, 1.0, 2.0]),
               longer=tf.bincount([1, 1, 2], minlength=5), shorter=tf.math.bincount([1, 1, 2], maxlength=2, dtype=tf.float32),
               nothing=tf.bincount(np.zeros(0, np.int32)), matrix=tf.bincount([[1], [1]]))


@raises("Input arr must be non-negative!")
def counted_below_zero(tf):
    tf.Session().run(tf.bincount([-1, 2]))


@program(graph=True)
def confused(tf):
    return run(tf, plain=tf.confusion_matrix([1, 2, 4], [2, 2, 4]),
               wider=tf.math.confusion_matrix([1, 2], [2, 2], num_classes=4, dtype=tf.float32),
               weighted=tf.confusion_matrix([1, 2], [2, 2], weights=[0.5, 2.0], dtype=tf.float32, name="named"),
               squeezed=tf.confusion_matrix([[1], [2]], [1, 2]))


@raises("`labels` contains negative values")
def confused_below_zero(tf):
    tf.Session().run(tf.confusion_matrix(tf.placeholder_with_default([-1], [1]), [0]))


@raises("`labels` out of bound")
def confused_beyond_the_classes(tf):
    tf.Session().run(tf.confusion_matrix(tf.placeholder_with_default([3], [1]), [0], num_classes=2))


@program(graph=True)
def crossed(tf):
    return slopes(tf, tf.cross, np.array([[1.0, 2.0, 3.0]]), np.array([[4.0, 5.0, 7.0]]))


@raises("Dimension must be 3 but is 2 for 'Cross' (op: 'Cross') with input shapes: [2], [2].")
def crossed_in_the_plane(tf):
    tf.cross([1, 2], [1, 2])


@raises("Both inputs must be of same shape: [2] vs. [3]")
def crossed_with_another_shape(tf):
    tf.Session().run(tf.cross(tf.placeholder_with_default([1, 2], None), [1, 2, 3]))


@program(rtol=8e-6, atol=1e-6, why=WHY)
def running_logsumexp(tf):
    cumulative = tf.math.cumulative_logsumexp
    return run(tf, plain=cumulative([1.0, 2.0, 3.0]), exclusive=cumulative([1.0, 2.0, 3.0], exclusive=True),
               reverse=cumulative([[1.0, 2.0, 3.0]], axis=1, reverse=True), large=cumulative([1000.0, 1000.0, -1000.0]))


@program(graph=True, rtol=8e-6, atol=1e-6, why=WHY)
def gradient_of_running_logsumexp(tf):
    return slopes(tf, lambda x: -tf.math.cumulative_logsumexp(x, reverse=True), np.array([1.0, 2.0, 3.0], np.float32))


@program(graph=True)
def next_floats(tf):
    return run(tf, up=tf.math.nextafter([1.0, 2.0], [2.0, 1.0]), double=tf.math.nextafter(np.array([0.0]), np.array([1.0])))


@program(graph=True)
def gradient_of_next_floats(tf):
    return slopes(tf, tf.math.nextafter, np.array([1.0, 2.0]), np.array([4.0]))


@program(graph=True)
def polynomials(tf):
    return run(tf, of=tf.math.polyval([1.0, 2.0, 3.0], [0.0, 2.0]), none=tf.math.polyval([], [2.0]))
