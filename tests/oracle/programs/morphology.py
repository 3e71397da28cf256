"""Dilation and erosion of images, pooling by fractions with TF's own windows, and their gradients."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(31)
IMAGES = np.round(RANDOM.standard_normal((2, 5, 6, 2)) * 2).astype(np.float32)
FILTER = np.round(RANDOM.standard_normal((2, 3, 2))).astype(np.float32)
ONES = [1, 1, 1, 1]
RATIO = [1.0, 1.44, 1.73, 1.0]


def answers(tf, made, feed=None, times=1):
    with tf.Session() as session:
        return {"values": [session.run(list(made), feed) for _ in range(times)]}


@program(graph=True)
def dilation(tf):
    x, f = tf.constant(IMAGES), tf.constant(FILTER)
    made = [tf.nn.dilation2d(x, f, ONES, ONES, "SAME"), tf.nn.dilation2d(x, f, [1, 2, 1, 1], [1, 2, 2, 1], "VALID"),
            tf.nn.dilation2d(x, filters=f, strides=[1, 2, 3, 1], dilations=[1, 1, 2, 1], padding="SAME", name="named")]
    with tf.Session() as session:
        session.run(made)
    return answers(tf, made + [g for y in made for g in tf.gradients(y * y, [x, f])])


@program
def dilation_of_other_types(tf):
    made = [tf.nn.dilation2d(IMAGES.astype(t), FILTER.astype(t), ONES, [1, 1, 2, 1], "SAME") for t in (np.int32, np.float64, np.int8,
                                                                                                       np.float16)]
    made += [tf.nn.dilation2d(np.abs(IMAGES).astype(np.uint8), np.abs(FILTER).astype(np.uint8), ONES, ONES, "SAME")]
    blurred = tf.placeholder_with_default(IMAGES, [None, None, 6, None])
    made += [tf.nn.dilation2d(blurred, FILTER, ONES, ONES, "VALID"), tf.nn.dilation2d(IMAGES[:0], FILTER, ONES, ONES, "VALID")]
    return dict(answers(tf, made), forms=[str(each) for each in made])


@program(graph=True)
def erosion(tf):
    x, f = tf.constant(IMAGES), tf.constant(FILTER)
    made = [tf.nn.erosion2d(x, f, ONES, ONES, "SAME") + 0.5, tf.nn.erosion2d(x, f, [1, 2, 1, 1], [1, 2, 1, 1], "VALID", name="named") + 0.5]
    return answers(tf, made + tf.gradients(made[0] * made[0], [x, f]))


@program(graph=True)
def fractional_maxima(tf):
    x, found = tf.constant(IMAGES), []
    for even in (False, True):
        for overlapping in (False, True):
            made = tf.nn.fractional_max_pool(x, RATIO, even, overlapping, deterministic=True, seed=3, seed2=5)
            found += list(made) + tf.gradients(made[0] * made[0], x)
    return answers(tf, found, times=2)


@program(graph=True, rtol=1e-6, atol=1e-6, why="sums in another order")
def fractional_means(tf):
    x, found = tf.constant(IMAGES), []
    for even in (False, True):
        for overlapping in (False, True):
            made = tf.nn.fractional_avg_pool(x, RATIO, even, overlapping, deterministic=True, seed=7, seed2=1)
            found += list(made) + tf.gradients(made[0] * made[0], x)
    return answers(tf, found, times=2)


@program
def fractions_of_large_images(tf):
    x, found = np.zeros([1, 61, 90, 1]), []
    for seed in range(1, 6):
        for even in (False, True):
            found += list(tf.nn.fractional_max_pool(x, [1.0, 1.5 + seed / 4, 2.2, 1.0], even, deterministic=True, seed=seed)[1:])
    return answers(tf, found)


@program
def fractions_of_integers(tf):
    x = tf.placeholder_with_default(IMAGES.astype(np.int32), [None, 5, None, 2])
    made = tf.nn.fractional_max_pool(x, RATIO, deterministic=True, seed=2), tf.nn.fractional_avg_pool(x, RATIO, deterministic=True, seed=2)
    return dict(answers(tf, [made[0].output, made[1].output]), forms=[str(each.output) for each in made])


@raises("Both seed and seed2 should be 0 if deterministic is false.")
def seeds_for_nothing(tf):
    with tf.Session() as session:
        session.run(tf.nn.fractional_max_pool(IMAGES, RATIO, seed=3))


@raises("Dimensions must be equal, but are 2 and 1 for 'Dilation2D' (op: 'Dilation2D') with input shapes: [2,5,6,2], [2,3,1].")
def other_depths(tf):
    tf.nn.dilation2d(IMAGES, FILTER[..., :1], ONES, ONES, "SAME")


@raises("Attr 'rates' of 'Dilation2D' Op passed list of length 3 less than minimum 4.")
def three_rates(tf):
    tf.nn.dilation2d(IMAGES, FILTER, ONES, ONES[1:], "SAME")


@raises("Stride is only supported across spatial dimensions.")
def strides_of_channels(tf):
    with tf.Session() as session:
        session.run(tf.nn.dilation2d(IMAGES, FILTER, [1, 1, 1, 2], ONES, "SAME"))
