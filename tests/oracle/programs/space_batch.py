"""Blocks moved into the batch and back: sizes, paddings, crops, gradients."""
import numpy as np
from catalog import program, raises

X = np.arange(48, dtype=np.float32).reshape(2, 4, 6)


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True)
def blocks(tf):
    x = tf.constant(X)
    made = [tf.space_to_batch_nd(x, [2], [[0, 0]]), tf.space_to_batch_nd(x, [2, 3], [[1, 1], [0, 3]]),
            tf.space_to_batch_nd(tf.constant(X[:, :, :, None]), [1, 2], [[0, 0], [2, 0]], name="three"),
            tf.space_to_batch(X[..., None], [[0, 0], [0, 0]], 2), tf.space_to_batch(X[..., None], [[0, 0], [0, 0]], block_shape=2),
            tf.nn.space_to_batch(X[..., None], [[1, 1], [0, 0]], 2), tf.manip.space_to_batch_nd(X, tf.constant([2], tf.int64), [[0, 0]]),
            tf.space_to_batch_nd(np.arange(3, dtype=np.int32)[None], [3], [[0, 0]]),
            tf.space_to_batch_nd(X, np.zeros([0], np.int32), np.zeros([0, 2], np.int32))]
    return answers(tf, made)


@program(graph=True)
def back(tf):
    x = tf.constant(X)
    made = [tf.batch_to_space_nd(x, [2], [[0, 0]]), tf.batch_to_space_nd(x, [2], [[1, 2]]),
            tf.batch_to_space_nd(tf.constant(X), [1, 2][:1], [[3, 1]]),
            tf.batch_to_space(np.arange(16.).reshape(4, 2, 2, 1), [[0, 1], [1, 0]], 2),
            tf.manip.batch_to_space_nd(x, [1, 1], [[0, 1], [1, 0]])]
    return answers(tf, made)


@program(graph=True)
def unknown_shapes(tf):
    x, y = tf.placeholder(tf.float32, [None, 4, None], name="x"), tf.placeholder(tf.float32, name="y")
    block = tf.placeholder(tf.int32, [2], name="block")
    made = [tf.space_to_batch_nd(x, [2, 2], [[0, 0], [0, 0]]), tf.space_to_batch_nd(x, block, [[0, 0], [0, 0]]),
            tf.space_to_batch_nd(y, [2], [[0, 0]]), tf.batch_to_space_nd(x, [2], [[1, 0]]), tf.batch_to_space_nd(x, block[:1], [[1, 0]])]
    return answers(tf, made, {x: X, y: X, block: [2, 3]})


@program(graph=True)
def gradients(tf):
    x = tf.constant(X)
    made = [tf.space_to_batch_nd(x, [2, 3], [[1, 1], [0, 3]]), tf.batch_to_space_nd(x, [2], [[1, 2]])]
    return answers(tf, tf.gradients(made[0] * made[0], x) + tf.gradients(made[1] * made[1], x))


@program(graph=True)
def required(tf):
    sizes = tf.placeholder(tf.int32, [2], name="sizes")
    found = [tf.required_space_to_batch_paddings([5, 6], [2, 3]), tf.required_space_to_batch_paddings([5, 6], [2, 4], [[1, 0], [2, 3]]),
             tf.required_space_to_batch_paddings(sizes, [2, 4]),
             tf.required_space_to_batch_paddings(np.zeros([0], np.int32), np.zeros([0], np.int32))]
    return answers(tf, [each for pair in found for each in pair], {sizes: [5, 7]})


@raises("Dimension size must be evenly divisible by 4 but is 6")
def blocks_that_do_not_fit(tf):
    tf.space_to_batch_nd(X, [2, 4], [[0, 0], [0, 0]])


@raises("padded_shape[1]=6 is not divisible by block_shape[1]=4")
def blocks_that_do_not_fit_in_a_run(tf):
    with tf.Session() as session:
        session.run(tf.space_to_batch_nd(tf.placeholder_with_default(X, None), [2, 4], [[0, 0], [0, 0]]))


@raises("block_shape must be positive")
def an_empty_block(tf):
    tf.space_to_batch_nd(X, [2, 0], [[0, 0], [0, 0]])


@raises("crops cannot be negative")
def negative_crops(tf):
    tf.batch_to_space_nd(X, [2], [[0, -1]])


@raises("Input batch dimension (2) is not divisible by product of block sizes (4)")
def too_small_a_batch(tf):
    with tf.Session() as session:
        session.run(tf.batch_to_space_nd(tf.placeholder_with_default(X, None), [2, 2], [[0, 0], [0, 0]]))


@raises("cropped_shape[0]=-1 must be non-negative")
def crops_that_leave_nothing(tf):
    with tf.Session() as session:
        session.run(tf.batch_to_space_nd(tf.placeholder_with_default(X, None), [2], [[4, 5]]))
