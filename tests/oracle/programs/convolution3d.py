"""Convolutions and poolings of volumes, their gradients of first and second order."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(23)
SUMS = dict(rtol=2e-5, atol=2e-5, why="sums of products in another order")


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


VOLUMES, FILTER = normal(2, 3, 4, 3, 2), normal(2, 3, 2, 2, 2)
ONES = [1, 1, 1, 1, 1]


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(**SUMS)
def volumes(tf):
    x, f = tf.constant(VOLUMES), tf.constant(FILTER)
    made = [tf.nn.conv3d(x, f, ONES, "SAME"), tf.nn.conv3d(x, f, [1, 2, 1, 3, 1], "VALID"),
            tf.nn.conv3d(x, filters=f, strides=[1, 1, 2, 2, 1], padding="SAME"),
            tf.nn.conv3d(VOLUMES.astype(np.float64), FILTER.astype(np.float64), ONES, "VALID", name="double")]
    return answers(tf, made)


@program(graph=True, **SUMS)
def volumes_of_unknown_shapes(tf):
    x, f = tf.placeholder(tf.float32, [None, None, 4, 3, 2], name="x"), tf.placeholder(tf.float32, name="f")
    made = [tf.nn.conv3d(x, f, ONES, "SAME"), tf.nn.conv3d(x, FILTER, ONES, "VALID"), tf.nn.conv3d(f, f, ONES, "SAME")]
    return answers(tf, made[:2], {x: VOLUMES, f: FILTER})


@program(graph=True, **SUMS)
def volume_gradients(tf):
    x, f = tf.constant(VOLUMES), tf.constant(FILTER)
    y = tf.nn.conv3d(x, f, [1, 1, 2, 1, 1], "SAME")
    first = tf.gradients(y * y, [x, f])
    second = tf.gradients([first[0] * first[0], first[1]], [x, f])
    return answers(tf, [y] + first + second)


@program(**SUMS)
def volumes_backwards(tf):
    x, f, y = tf.constant(VOLUMES), tf.constant(FILTER), tf.constant(normal(2, 2, 2, 2, 2))
    sizes = tf.placeholder(tf.int32, [5], name="sizes")
    up = tf.nn.conv3d_transpose(y, f, [2, 3, 4, 3, 2], 2)
    made = [up, tf.nn.conv3d_backprop_filter(x, [2, 3, 2, 2, 2], y, [1, 2, 2, 2, 1], "SAME"),
            tf.nn.conv3d_transpose(y, f, sizes, [2, 2, 2], name="up"),
            tf.nn.conv3d_transpose(y, f, tf.constant([2, 3, 4, 3, 2], tf.int64), [1, 2, 2, 2, 1])]
    return answers(tf, made + tf.gradients(up * up, [y, f]), {sizes: [2, 3, 4, 3, 2]})


@program(**SUMS)
def pooled_volumes(tf):
    x = tf.constant(VOLUMES)
    made = [tf.nn.max_pool3d(x, 2, 2, "SAME"), tf.nn.max_pool3d(x, [1, 2, 2, 2, 1], [1, 1, 2, 1, 1], "VALID"),
            tf.nn.max_pool3d(x, [2, 1, 3], 1, "SAME", name="m"),
            tf.nn.avg_pool3d(x, 2, 2, "SAME"), tf.nn.avg_pool3d(x, [1, 2, 3, 2, 1], [1, 1, 2, 1, 1], "VALID"),
            tf.nn.avg_pool3d(VOLUMES.astype(np.float64), 3, 1, "SAME")]
    return answers(tf, made)


@program(graph=True, **SUMS)
def pooled_volume_gradients(tf):
    x, w = tf.constant(np.round(VOLUMES)), tf.constant(VOLUMES)  # rounded: ties
    y, z = tf.nn.max_pool3d(x, 2, 1, "SAME"), tf.nn.avg_pool3d(w, [2, 2, 3], [1, 2, 1], "SAME")
    first = tf.gradients(y * y, x) + tf.gradients(z * z, w)
    return answers(tf, first + tf.gradients(first[0] * first[0], x) + tf.gradients(first[1] * first[1], w))


@program(rtol=2e-3, atol=2e-3, why="float16")
def short_floats(tf):
    x, f = VOLUMES.astype(np.float16), FILTER.astype(np.float16)
    return answers(tf, [tf.nn.conv3d(x, f, ONES, "SAME"), tf.nn.max_pool3d(x, 2, 1, "SAME"), tf.nn.avg_pool3d(x, 2, 1, "SAME")])


@raises("Depth of input (1) is not a multiple of input depth of filter (2) for 'Conv3D'")
def other_depths(tf):
    tf.nn.conv3d(VOLUMES[..., :1], FILTER, ONES, "SAME")


@raises("Negative dimension size caused by subtracting 2 from 1 for 'Conv3D'")
def too_large_a_filter(tf):
    tf.nn.conv3d(VOLUMES[:, :1], FILTER, ONES, "VALID")


@raises("Attr 'strides' of 'Conv3D' Op passed list of length 4 less than minimum 5.")
def four_strides(tf):
    tf.nn.conv3d(VOLUMES, FILTER, ONES[1:], "SAME")


@raises("Current implementation does not yet support strides in the batch and depth dimensions.")
def strides_of_the_batch(tf):
    with tf.Session() as session:
        session.run(tf.nn.conv3d(VOLUMES, FILTER, [2, 1, 1, 1, 1], "SAME"))


@raises("Conv3DBackpropInputOp: Size of out_backprop doesn't match computed: actual = 2, computed = 3 spatial_dim: 1")
def other_sizes(tf):
    with tf.Session() as session:
        session.run(tf.nn.conv3d_transpose(VOLUMES[:, :2], FILTER, [2, 3, 4, 3, 2], 1))


@raises("Shape must be rank 5 but is rank 4 for 'conv3d_transpose' (op: 'Conv3DBackpropInputV2') with input shapes: [4], ")
def four_sizes(tf):
    tf.nn.conv3d_transpose(VOLUMES, FILTER, [3, 4, 3, 2], 1)


@raises("Pooling is not yet supported on the depth dimension.")
def pooled_channels(tf):
    with tf.Session() as session:
        session.run(tf.nn.max_pool3d(VOLUMES, [1, 2, 2, 2, 2], 1, "SAME"))
