"""Normalizations by the batch and by neighbouring channels, depthwise convolutions."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(13)
IMAGES = RANDOM.standard_normal((2, 5, 4, 2)).astype(np.float32)
FILTER = RANDOM.standard_normal((3, 2, 2, 3)).astype(np.float32)
MIXER = RANDOM.standard_normal((1, 1, 6, 2)).astype(np.float32)
SUMS = dict(rtol=2e-5, atol=2e-5, why="sums in another order")


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True, **SUMS)
def training(tf):
    x, scale, offset = tf.constant(IMAGES), tf.constant([1.5, -2.0]), tf.constant([0.5, 1.0])
    y, mean, variance = tf.nn.fused_batch_norm(x, scale, offset)
    weights = tf.constant(np.arange(80, dtype=np.float32).reshape(2, 5, 4, 2) / 80)
    return answers(tf, [y, mean, variance] + tf.gradients(y * weights, [x, scale, offset]))


@program(graph=True, **SUMS)
def inference(tf):
    x, scale, offset = tf.placeholder(tf.float32, [None, 5, 4, 2], name="x"), tf.placeholder(tf.float32, [2]), tf.constant([0.5, 1.0])
    y = tf.nn.fused_batch_norm(x, scale, offset, mean=[0.5, 0.25], variance=[1.0, 2.0], epsilon=0.0, is_training=False)[0]
    return answers(tf, [y] + tf.gradients(y * y, [x, scale, offset]), {x: IMAGES, scale: [1.5, -2.0]})


@program(rtol=2e-3, atol=2e-3, why="float16")
def half(tf):
    x = tf.constant(IMAGES.astype(np.float16))
    made = tf.nn.fused_batch_norm(x, [1.5, -2.0], [0.5, 1.0])
    return answers(tf, list(made) + tf.gradients(made[0] * x, x))


@program(graph=True, **SUMS)
def plain(tf):
    x, mean, variance = tf.constant(IMAGES), tf.constant([0.5, 0.25]), tf.constant([1.0, 2.0])
    beta, gamma = tf.constant([1.0, 0.0]), tf.constant([2.0, 3.0])
    return answers(tf, [tf.nn.batch_normalization(x, mean, variance, None, gamma, 0.001),
                        tf.nn.batch_norm_with_global_normalization(x, mean, variance, beta, gamma, 0.001, True)])


@program(graph=True, **SUMS)
def neighbours(tf):
    x = tf.constant(IMAGES.reshape(1, 1, 8, 10))
    made = [tf.nn.lrn(x), tf.nn.local_response_normalization(x, 2, 1.0, 0.5, 0.75, name="local"), tf.nn.lrn(x, depth_radius=0)]
    return answers(tf, made + tf.gradients([made[1] * made[1], made[0]], x))


@program(graph=True, **SUMS)
def depthwise(tf):
    x, f = tf.constant(IMAGES), tf.constant(FILTER)
    made = [tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "SAME"), tf.nn.depthwise_conv2d_native(x, f, [1, 2, 2, 1], "VALID"),
            tf.nn.separable_conv2d(x, f, MIXER, [1, 2, 2, 1], "SAME")]
    first = tf.gradients([made[0], made[1] * made[1]], [x, f])
    return answers(tf, made + first + tf.gradients(first[0] * first[0], [x, f]))


@raises("Shape must be rank 4 but is rank 3 for 'FusedBatchNormV3' (op: 'FusedBatchNormV3')")
def other_ranks(tf):
    tf.nn.fused_batch_norm(tf.ones([2, 2, 1]), [1.0], [0.0])


@raises("Dimensions must be equal, but are 1 and 2 for 'FusedBatchNormV3' (op: 'FusedBatchNormV3')")
def other_channels(tf):
    tf.nn.fused_batch_norm(tf.ones([2, 2, 1, 1]), [1.0, 2.0], [0.0])


@raises("Both 'mean' and 'variance' must be None if is_training is True.")
def means_for_training(tf):
    tf.nn.fused_batch_norm(tf.ones([2, 2, 1, 1]), [1.0], [0.0], mean=[1.0])


@raises("Dimensions must be equal, but are 3 and 2 for 'depthwise' (op: 'DepthwiseConv2dNative')")
def other_depths(tf):
    tf.nn.depthwise_conv2d(tf.ones([1, 5, 5, 3]), FILTER, [1, 1, 1, 1], "SAME")


@raises("Current implementation only supports equal length strides in the row and column dimensions.")
def unequal_strides(tf):
    tf.Session().run(tf.nn.depthwise_conv2d(IMAGES, FILTER, [1, 1, 2, 1], "SAME"))
