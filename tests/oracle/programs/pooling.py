"""Poolings: sizes, strides, paddings and dtypes, ties and NaN, gradients of first and second order."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(12)
IMAGES = RANDOM.standard_normal((2, 5, 4, 2)).astype(np.float32)
SUMS = dict(rtol=2e-6, atol=2e-6, why="sums in another order")


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True, **SUMS)
def spellings(tf):
    x = tf.constant(IMAGES)
    made = [tf.nn.max_pool(x, 2, 2, "SAME"), tf.nn.avg_pool(x, 2, 2, "SAME"), tf.nn.max_pool(x, [1, 3, 2, 1], [1, 1, 2, 1], "VALID"),
            tf.nn.avg_pool(x, [3, 2], [1, 3], "VALID", name="mean"), tf.nn.max_pool(x, 1, 3, padding="SAME"),
            tf.nn.avg_pool(value=x, ksize=4, strides=1, padding="SAME"),
            tf.nn.max_pool(None, input=x, ksize=5, strides=3, padding="SAME"),
            tf.nn.max_pool(x, [1, 1, 1, 2], [1, 1, 1, 2], "SAME")]
    return answers(tf, made)


@program(graph=True, **SUMS)
def unknown_shapes(tf):
    x, y = tf.placeholder(tf.float32, [None, None, 4, 2], name="x"), tf.placeholder(tf.float32, name="y")
    made = [tf.nn.max_pool(x, 2, 2, "SAME"), tf.nn.avg_pool(x, 2, 1, "VALID"), tf.nn.max_pool(y, 2, 2, "VALID"),
            tf.nn.avg_pool(y, 3, 2, "SAME")]
    return answers(tf, made + tf.gradients(made, [x, y]), {x: IMAGES, y: IMAGES})


@program(graph=True, **SUMS)
def gradients(tf):
    x = tf.constant(IMAGES)
    y, z = tf.nn.max_pool(x, 3, 2, "SAME"), tf.nn.avg_pool(x, [1, 2, 3, 1], [1, 1, 2, 1], "SAME")
    first = tf.gradients(y * y, x)[0], tf.gradients(z * z, x)[0]
    second = [tf.gradients(each * each, x)[0] for each in first]
    return answers(tf, [y, z, *first, *second])


@program
def ties(tf):
    x = tf.ones([1, 4, 4, 1])
    nan = tf.constant(np.array([np.nan, 1, 2, 3, 1, np.nan, 2, 3], np.float32).reshape(2, 2, 2, 1))
    y, z = tf.nn.max_pool(x, 3, 1, "VALID"), tf.nn.max_pool(nan, 2, 2, "SAME")
    return answers(tf, [y, z] + tf.gradients(y, x) + tf.gradients(z, nan))


@program(graph=True)
def places(tf):
    x = tf.constant(IMAGES)
    made = list(tf.nn.max_pool_with_argmax(x, [1, 2, 3, 1], [1, 2, 1, 1], "SAME"))
    made += tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID", include_batch_in_index=True)
    return answers(tf, made + tf.gradients([made[0], made[2]], x))


@program(rtol=2e-3, atol=2e-3, why="float16")
def dtypes(tf):
    made = [tf.nn.max_pool((IMAGES * 9).astype(t), 3, 2, "SAME") for t in (np.float16, np.float64, np.int32, np.int8, np.int64)]
    return answers(tf, made + [tf.nn.avg_pool(IMAGES.astype(t), 3, 2, "SAME") for t in (np.float16, np.float64)])


@program(graph=True, **SUMS)
def blocks(tf):
    x = tf.constant(np.arange(96, dtype=np.float32).reshape(2, 4, 6, 2))
    made = [tf.nn.space_to_depth(x, 2), tf.nn.depth_to_space(tf.reshape(x, [2, 2, 3, 8]), 2, name="wide"),
            tf.nn.max_pool2d(x, 2, 2, "SAME"), tf.nn.avg_pool2d(x, 2, 1, "VALID")]
    return answers(tf, made + tf.gradients([each * each for each in made], x))


@raises("Dimension size must be evenly divisible by 2 but is 5 for 'SpaceToDepth' (op: 'SpaceToDepth') with input shapes: [1,5,4,2].")
def odd_rows(tf):
    tf.nn.space_to_depth(tf.ones([1, 5, 4, 2]), 2)


@raises("Input depth dimension 3 should be divisible by: 4")
def odd_channels(tf):
    tf.Session().run(tf.nn.depth_to_space(tf.placeholder_with_default(tf.ones([1, 5, 4, 3]), None), 2))


@raises("Pooling is not yet supported on the batch dimension.")
def windows_over_images(tf):
    tf.Session().run(tf.nn.max_pool(IMAGES, [2, 1, 1, 1], [1, 1, 1, 1], "SAME"))


@raises("Non-spatial pooling is not yet supported. Volunteers? :)")
def means_over_channels(tf):
    tf.Session().run(tf.nn.avg_pool(IMAGES, [1, 1, 1, 2], [1, 1, 1, 2], "SAME"))


@raises("MaxPooling supports exactly one of pooling across depth or pooling across width/height.")
def maxima_over_all_axes(tf):
    tf.Session().run(tf.nn.max_pool(IMAGES, [1, 2, 2, 2], [1, 1, 1, 2], "SAME"))


@raises("Shape must be rank 4 but is rank 3 for 'MaxPool' (op: 'MaxPool') with input shapes: [5,5,4].")
def other_ranks(tf):
    tf.nn.max_pool(tf.ones([5, 5, 4]), 2, 2, "SAME")


@raises("Negative dimension size caused by subtracting 3 from 2 for 'AvgPool' (op: 'AvgPool') with input shapes: [1,2,2,4].")
def too_large_a_window(tf):
    tf.nn.avg_pool(tf.ones([1, 2, 2, 4]), 3, 2, "VALID")


@raises("Stride must be > 0, but got 0")
def strides_of_zero(tf):
    tf.nn.max_pool(IMAGES, 2, 0, "VALID")


@raises("ksize cannot be zero.")
def windows_of_zero(tf):
    tf.nn.max_pool(IMAGES, 0, 2, "VALID")


@raises("Attr 'padding' of 'MaxPool' Op passed string 'EXPLICIT' not in: \"SAME\", \"VALID\".")
def other_paddings(tf):
    tf.nn.max_pool(IMAGES, 2, 2, "EXPLICIT")
