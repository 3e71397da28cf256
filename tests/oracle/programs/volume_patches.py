"""Patches of volumes with their gradients, and losses averaged over batches."""
import numpy as np
from catalog import program, raises

X = np.arange(54, dtype=np.float32).reshape(1, 3, 3, 3, 2)
ONES = [1, 1, 1, 1, 1]


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program
def patches(tf):
    p = tf.extract_volume_patches
    return answers(tf, [p(X, [1, 2, 2, 2, 1], ONES, "VALID"), p(X.astype(np.int32), [1, 2, 3, 2, 1], [1, 2, 1, 2, 1], "SAME"),
                        p(X[:0], ONES, ONES, "SAME"),
                        p(X, [1, 1, 2, 2, 1], [1, 1, 2, 1, 1], "VALID", name="named")])


@program
def gradients(tf):
    x = tf.constant(X)
    made = []
    for padding in ("SAME", "VALID"):
        y = tf.extract_volume_patches(x, [1, 2, 3, 2, 1], [1, 2, 1, 2, 1], padding)
        made += tf.gradients(y * y, x)
    with tf.Session() as session:
        return {"values": session.run(made)}


@raises("Attr 'ksizes' of 'ExtractVolumePatches' Op passed list of length 4 less than minimum 5.")
def four_sizes(tf):
    tf.extract_volume_patches(X, [1, 2, 2, 2], ONES, "VALID")


@raises("Only support ksizes across space.")
def patches_of_channels(tf):
    with tf.Session() as session:
        session.run(tf.extract_volume_patches(X, [1, 2, 2, 2, 2], ONES, "VALID"))


@program
def averages(tf):
    c = tf.nn.compute_average_loss
    with tf.Session() as session:
        return {"values": session.run([c([1., 2., 3.]), c([1., 2., 3.], global_batch_size=6), c(tf.constant([1., 2.]), [.5, 1.]),
                            c(tf.constant([[1., 2.]]), [[.5], [1.]][:1]),
                            tf.nn.scale_regularization_loss([1., 2.])])}


@raises("Invalid value passed for `per_example_loss`. Expected a tensor with at least rank 1")
def an_average_of_one(tf):
    tf.nn.compute_average_loss(3.)
