"""Tensors with places changed, histograms, and repeated elements."""
import numpy as np
from catalog import program, raises

X = np.arange(6, dtype=np.float32).reshape(3, 2)


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True)
def scattered(tf):
    made = []
    for name in ("update", "add", "sub"):
        function, longer = getattr(tf, "tensor_scatter_" + name), getattr(tf, "tensor_scatter_nd_" + name)
        made += [function(X, [[0], [2]], [[10., 11.], [12., 13.]]), longer(X, [[0, 1], [0, 1], [2, 0]], [10., 11., 3.]),
                 function(np.zeros([0, 2], np.float32), np.zeros([0, 1], np.int64), np.zeros([0, 2], np.float32))]
    return answers(tf, made)


@program(graph=True)
def scattered_gradients(tf):
    x, updates, made = tf.constant(X), tf.constant([[10., 11.], [12., 13.]]), []
    for function in (tf.tensor_scatter_update, tf.tensor_scatter_add, tf.tensor_scatter_sub):
        y = function(x, [[0], [2]], updates)
        made += tf.gradients(y * y, [x, updates])
    return answers(tf, made)


@program
def scattered_unknown_shapes(tf):
    x, i, u = tf.placeholder(tf.int32, [None, 2]), tf.placeholder(tf.int64), tf.placeholder(tf.int32)
    made = [tf.tensor_scatter_add(x, i, u), tf.tensor_scatter_update(u, i, u)]
    return answers(tf, made, {x: X, i: [[0], [1]], u: [[1, 2], [3, 4]]})


@raises("indices[1] = [3, 1] does not index into shape [3,2]")
def scattered_outside(tf):
    with tf.Session() as session:
        session.run(tf.tensor_scatter_add(X, [[0, 1], [3, 1]], [10., 11.]))


@raises("must match the outer 1 dimensions of updates.shape=[3,2]: Dimension 0 in both shapes must be equal, but are 2 and 3.")
def scattered_too_many(tf):
    tf.tensor_scatter_update(X, [[0], [2]], [[10., 11.], [12., 13.], [1., 1.]])


@raises("Inner dimensions of output shape must match inner dimensions of updates shape. Output: [3,2] updates: [1]")
def scattered_too_deep(tf):
    with tf.Session() as session:
        session.run(tf.tensor_scatter_update(X, [[0, 0, 0]], [10.]))


@program(graph=True)
def histograms(tf):
    count = tf.placeholder_with_default(3, [])
    h, b = tf.histogram_fixed_width, tf.histogram_fixed_width_bins
    return answers(tf, [h([-1., 0., 1.5, 2., 5., 15.], [0., 5.], 5), h([[-1, 0], [1, 2], [5, 15]], [0, 5], 5, dtype=tf.int64),
                        h([], [0., 5.], 4),
                        h(X.astype(np.float64), [0.5, 4.], count), b([[-1., 0., 1.5], [2., 5., 15.]], [0., 5.], 5),
                        b([np.inf, -np.inf, 0.1], [0., 1.])])


@raises("value_range should satisfy value_range[0] < value_range[1], but got '[5, 0]'")
def histogram_of_nothing(tf):
    with tf.Session() as session:
        session.run(tf.histogram_fixed_width([1.], [5., 0.], 3))


@raises("Requires nbins > 0: 0 for 'histogram_fixed_width' (op: 'HistogramFixedWidth')")
def histogram_without_bins(tf):
    tf.histogram_fixed_width([1.], [0., 5.], 0)


@program(graph=True)
def repeated(tf):
    x, times = [[1, 2], [3, 4]], tf.placeholder_with_default([2, 1], [None])
    return answers(tf, [tf.repeat([1, 2, 3], 2), tf.repeat(x, [1, 2], axis=0), tf.repeat(x, 3, axis=1), tf.repeat(x, [2, 0], axis=-1),
                        tf.repeat(3, [4]),
                        tf.repeat(x, times, axis=0), tf.repeat(x, [0, 0], axis=0)])


@program
def repeated_gradients(tf):
    x = tf.constant(X)
    y = tf.repeat(x, [2, 0, 3], axis=0)
    return answers(tf, tf.gradients(y * y, x) + tf.gradients(tf.repeat(x, 2, axis=1), x))


@raises("Dimensions 2 and 3 are not compatible")
def repeated_too_often(tf):
    tf.repeat([[1, 2], [3, 4]], [2, 0, 1], axis=-1)
