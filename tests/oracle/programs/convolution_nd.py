"""Convolutions and poolings of any number of dimensions, dilated and transposed ones, with their gradients."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(23)
SUMS = dict(rtol=2e-5, atol=2e-5, why="sums of products in another order")


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


VOLUMES, FILTER = normal(2, 3, 4, 3, 2), normal(2, 3, 2, 2, 2)
IMAGES, FLAT = normal(1, 6, 5, 2), normal(2, 3, 2, 2)
SEQUENCES, THIN = normal(2, 7, 2), normal(3, 2, 2)
ONES = [1, 1, 1, 1, 1]


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True, **SUMS)
def any_rank(tf):
    c = tf.nn.convolution
    made = [c(SEQUENCES, tf.constant(THIN), "SAME"), c(tf.constant(SEQUENCES), THIN, "VALID", strides=[2]),
            c(tf.constant(IMAGES), tf.constant(FLAT), "SAME", strides=[2, 1]),
            c(tf.constant(VOLUMES), tf.constant(FILTER), "VALID"), c(tf.constant(SEQUENCES), tf.constant(THIN), "SAME", dilation_rate=[2]),
            c(tf.constant(IMAGES), tf.constant(FLAT), "VALID", dilation_rate=[1, 2]),
            c(tf.constant(IMAGES), None, filters=tf.constant(FLAT), padding="SAME", dilations=[3, 2], name="wide"),
            c(tf.constant(VOLUMES), tf.constant(FILTER), "SAME", dilation_rate=[1, 2, 1]),
            c(tf.constant(IMAGES), tf.constant(FLAT), "SAME", dilation_rate=2)]
    return answers(tf, made)


@program(graph=True, **SUMS)
def any_rank_of_unknown_shapes(tf):
    x, f = tf.placeholder(tf.float32, [None, None, None, 2], name="x"), tf.placeholder(tf.float32, [2, 3, 2, 2], name="f")
    made = [tf.nn.convolution(x, f, "SAME", dilation_rate=[2, 2]), tf.nn.atrous_conv2d(x, FLAT, 2, "VALID"),
            tf.nn.convolution(x, f, "SAME")]
    return answers(tf, made + tf.gradients(made[0], [x, f]), {x: IMAGES, f: FLAT})


@program(graph=True, **SUMS)
def atrous(tf):
    x, f = tf.constant(IMAGES), tf.constant(FLAT)
    made = [tf.nn.atrous_conv2d(x, f, 2, "SAME"), tf.nn.atrous_conv2d(x, f, 1, "VALID"), tf.nn.atrous_conv2d(x, f, 2, "VALID", name="v")]
    return answers(tf, made + tf.gradients(made[0] * made[0], [x, f]))


@program(graph=True, **SUMS)
def atrous_transposed(tf):
    x, f = tf.constant(IMAGES), tf.constant(FLAT)
    sizes = tf.placeholder(tf.int32, [4], name="sizes")
    made = [tf.nn.atrous_conv2d_transpose(x, f, [1, 6, 5, 2], 2, "SAME"), tf.nn.atrous_conv2d_transpose(x, f, [1, 8, 9, 2], 2, "VALID"),
            tf.nn.atrous_conv2d_transpose(x, f, (1, 6, 5, 2), 1, "SAME"), tf.nn.atrous_conv2d_transpose(x, f, sizes, 2, "SAME")]
    return answers(tf, made + tf.gradients(made[0], [x, f]), {sizes: [1, 6, 5, 2]})


@program(**SUMS)
def transposed(tf):
    x, f = tf.constant(SEQUENCES), tf.constant(THIN)
    sizes = tf.placeholder(tf.int32, [3], name="sizes")
    made = [tf.nn.conv1d_transpose(x, f, [2, 14, 2], 2), tf.nn.conv1d_transpose(x, f, [2, 9, 2], 1, "VALID"),
            tf.nn.conv1d_transpose(x, f, sizes, [2]),
            tf.nn.conv_transpose(x, f, [2, 14, 2], 2), tf.nn.conv_transpose(tf.constant(IMAGES), tf.constant(FLAT), [1, 12, 5, 2], [2, 1]),
            tf.nn.conv_transpose(tf.constant(VOLUMES), tf.constant(FILTER), [2, 6, 4, 3, 2], [2, 1, 1])]
    return answers(tf, made + tf.gradients(made[0], [x, f]), {sizes: [2, 14, 2]})


@program(graph=True, **SUMS)
def pools(tf):
    x, s, v = tf.constant(IMAGES), tf.constant(SEQUENCES), tf.constant(VOLUMES)
    made = [tf.nn.pool(x, [2, 2], "MAX", "SAME"), tf.nn.pool(x, [2, 3], "AVG", "VALID", strides=[1, 2]),
            tf.nn.pool(s, [3], "MAX", "SAME", strides=[2]),
            tf.nn.pool(v, [2, 2, 1], "AVG", "SAME"), tf.nn.pool(v, [2, 2, 1], "MAX", "VALID", name="named"),
            tf.nn.pool(x, [2, 2], "MAX", "VALID", dilation_rate=[2, 1]),
            tf.nn.pool(s, [2], "AVG", "VALID", dilations=[3])]
    return answers(tf, made + tf.gradients(made[5], x))


@program(**SUMS)
def pools_of_each_rank(tf):
    x, s, v = tf.constant(IMAGES), tf.constant(SEQUENCES), tf.constant(VOLUMES)
    made = [tf.nn.max_pool1d(s, 2, 2, "SAME"), tf.nn.max_pool1d(s, [3], [1], "VALID"), tf.nn.avg_pool1d(s, 2, 1, "SAME"),
            tf.nn.max_pool_v2(s, 2, 1, "SAME"),
            tf.nn.max_pool_v2(x, 2, 2, "SAME"), tf.nn.max_pool_v2(v, [2, 1, 1], 1, "VALID"), tf.nn.avg_pool_v2(s, 2, 1, "SAME"),
            tf.nn.avg_pool_v2(x, 2, 2, "VALID"),
            tf.nn.avg_pool_v2(v, [2, 1, 2], 1, "VALID", name="a")]
    return answers(tf, made + tf.gradients(made[0], s))


@program(graph=True, **SUMS)
def depthwise(tf):
    x, f, p = tf.constant(IMAGES), tf.constant(FLAT), tf.constant(normal(1, 1, 4, 2))
    made = [tf.nn.depthwise_conv2d(x, f, ONES[1:], "SAME", rate=[2, 2]), tf.nn.depthwise_conv2d(x, f, ONES[1:], "VALID", rate=[1, 2]),
            tf.nn.separable_conv2d(x, f, p, ONES[1:], "SAME", rate=[2, 1]), tf.nn.separable_conv2d(x, f, p, [1, 2, 2, 1], "VALID")]
    return answers(tf, made + tf.gradients(made[2], [x, f, p]))


@program(**SUMS)
def own_blocks(tf):
    def doubled(blocks, count, padding):
        assert (count, padding) == (1, "VALID")
        return blocks[:, 1:] + blocks[:, :-1]

    x = tf.constant(IMAGES)
    made = [tf.nn.with_space_to_batch(x, [2], "VALID", doubled), tf.nn.with_space_to_batch(x, [2], "SAME", doubled, filter_shape=[2]),
            tf.nn.with_space_to_batch(x, [3], "VALID", lambda blocks, count, padding: blocks[:, :, 1:], spatial_dims=[2])]
    return answers(tf, made)


@program
def nothing(tf):
    return answers(tf, [tf.nn.conv3d(VOLUMES[:0], FILTER, ONES, "SAME"),
                        tf.nn.convolution(tf.constant(SEQUENCES[:0]), THIN, "SAME", dilation_rate=[2])])


@raises("strides > 1 not supported in conjunction with dilation_rate > 1")
def strides_and_dilations(tf):
    tf.nn.convolution(tf.constant(IMAGES), tf.constant(FLAT), "SAME", strides=[2, 2], dilation_rate=[2, 2])


@raises("Input tensor must be of rank 3, 4 or 5 but was 2.")
def too_few_dimensions(tf):
    tf.nn.convolution(tf.ones([2, 3]), tf.ones([2, 3]), "SAME")


@raises("pooling with SAME padding is not implemented for dilation_rate > 1")
def padded_dilated_pool(tf):
    tf.nn.pool(IMAGES, [2, 2], "MAX", "SAME", dilation_rate=[2, 2])


@raises("2-D MIN pooling is not supported.")
def other_pool(tf):
    tf.nn.pool(IMAGES, [2, 2], "MIN", "SAME")


@raises("rate 0 cannot be less than one")
def no_rate(tf):
    tf.nn.atrous_conv2d_transpose(IMAGES, FLAT, [1, 6, 5, 2], 0, "SAME")
