"""Convolutions: sizes, strides, dilations and paddings, their gradients of first and second order."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(11)
SUMS = dict(rtol=2e-5, atol=2e-5, why="sums of products in another order")


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


IMAGES, FILTER = normal(2, 5, 4, 2), normal(3, 2, 2, 3)
WEIGHTS = normal(3, 2, 2, 2)


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True, **SUMS)
def spellings(tf):
    x, f = tf.constant(IMAGES), tf.constant(FILTER)
    made = [tf.nn.conv2d(x, f, 1, "SAME"), tf.nn.conv2d(x, f, [1, 1, 1, 1], "VALID"), tf.nn.conv2d(x, f, [2, 1], "SAME"),
            tf.nn.conv2d(x, filters=f, strides=[1, 2, 3, 1], padding="SAME"), tf.nn.conv2d(x, f, 1, "SAME", dilations=2),
            tf.nn.conv2d(x, f, 1, "VALID", dilations=[1, 2, 1, 1], name="dilated"), tf.nn.conv2d(x, f, 3, "SAME", False),
            tf.nn.conv2d(x, f, 1, [[0, 0], [1, 2], [0, 1], [0, 0]]), tf.nn.conv2d(x[:, :, :1], f[:, :1], 1, "VALID")]
    return answers(tf, made)


@program(graph=True, **SUMS)
def unknown_shapes(tf):
    x, f = tf.placeholder(tf.float32, [None, None, 4, 2], name="x"), tf.placeholder(tf.float32, name="f")
    made = [tf.nn.conv2d(x, f, 2, "SAME"), tf.nn.conv2d(x, FILTER, 1, "VALID"), tf.nn.conv2d(f, f, 1, "SAME", dilations=[1, 1, 2, 1])]
    return answers(tf, made[:2], {x: IMAGES, f: FILTER})


@program(graph=True, **SUMS)
def gradients(tf):
    x, f = tf.constant(IMAGES), tf.constant(FILTER)
    y = tf.nn.conv2d(x, f, [1, 2, 1, 1], "SAME")
    first = tf.gradients(y * y, [x, f])
    second = tf.gradients([first[0] * first[0], first[1]], [x, f])
    return answers(tf, [y] + first + second)


@program(graph=True, **SUMS)
def backwards(tf):
    x, f, y = tf.constant(IMAGES), tf.constant(FILTER), tf.constant(normal(2, 3, 2, 3))
    sizes = tf.placeholder(tf.int32, [4], name="sizes")
    transposed = tf.nn.conv2d_transpose(y, f, [2, 5, 4, 2], 2)
    made = [tf.nn.conv2d_backprop_input([2, 5, 4, 2], f, y, [1, 2, 2, 1], "SAME"), transposed,
            tf.nn.conv2d_backprop_filter(x, [3, 2, 2, 3], y, [1, 2, 2, 1], "SAME"),
            tf.nn.conv2d_transpose(y, f, sizes, [2, 2], "SAME", name="up"),
            tf.nn.conv2d_transpose(y, f, tf.stack([tf.shape(y)[0], 5, 4, 2]), 2)] + tf.gradients(transposed, [y, f])
    return answers(tf, made, {sizes: [2, 5, 4, 2]})


@program(graph=True, **SUMS)
def sequences(tf):
    x, f = tf.constant(IMAGES[:, :, 0]), tf.constant(FILTER[:, 0])
    made = [tf.nn.conv1d(x, f, 1, "SAME"), tf.nn.conv1d(x, f, stride=2, padding="VALID", name="valid")]
    return answers(tf, made + tf.gradients(made[1], [x, f]))


@program(rtol=2e-3, atol=2e-3, why="float16")
def dtypes(tf):
    return answers(tf, [tf.nn.conv2d(IMAGES.astype(t), FILTER.astype(t), 1, "SAME") for t in (np.float16, np.float64)])


@raises("Depth of input (3) is not a multiple of input depth of filter (2)")
def other_depths(tf):
    tf.nn.conv2d(tf.ones([1, 5, 5, 3]), FILTER, 1, "SAME")


@raises("Negative dimension size caused by subtracting 3 from 2 for 'Conv2D' (op: 'Conv2D') with input shapes: [1,2,2,2], [3,2,2,3].")
def too_large_a_filter(tf):
    tf.nn.conv2d(tf.ones([1, 2, 2, 2]), FILTER, 1, "VALID")


@raises("Shape must be rank 4 but is rank 3 for 'Conv2D' (op: 'Conv2D') with input shapes: [5,5,2], [3,2,2,3].")
def other_ranks(tf):
    tf.nn.conv2d(tf.ones([5, 5, 2]), FILTER, 1, "VALID")


@raises("Stride must be > 0, but got 0")
def strides_of_zero(tf):
    tf.nn.conv2d(IMAGES, FILTER, 0, "VALID")


@raises("strides should be of length 1, 2 or 4 but was 3")
def three_strides(tf):
    tf.nn.conv2d(IMAGES, FILTER, [1, 1, 1], "VALID")


@raises("Current implementation does not yet support strides in the batch and depth dimensions.")
def strides_over_images(tf):
    tf.Session().run(tf.nn.conv2d(IMAGES, FILTER, [2, 1, 1, 1], "VALID"))


@raises("Attr 'padding' of 'Conv2D' Op passed string 'same' not in: \"SAME\", \"VALID\", \"EXPLICIT\".")
def other_paddings(tf):
    tf.nn.conv2d(IMAGES, FILTER, 1, "same")


@raises("Nonzero explicit padding in the batch or depth dimensions is not supported")
def padded_channels(tf):
    tf.nn.conv2d(IMAGES, FILTER, 1, [[0, 0], [1, 2], [0, 1], [1, 0]])


@raises("Size of out_backprop doesn't match computed: actual = 4, computed = 5")
def other_gradients(tf):
    tf.Session().run(tf.nn.conv2d_backprop_filter(IMAGES, [3, 3, 2, 4], tf.ones([2, 4, 4, 4]), [1, 1, 1, 1], "SAME"))
