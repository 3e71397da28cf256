"""Reductions over segments, in order and in any order: values, gradients, what is refused."""
import numpy as np
from catalog import program, raises

X = np.array([[1.0, -2.0], [3.0, 0.0], [3.0, 5.0], [0.0, 7.0]], np.float32)
W = np.array([[1.0, 2.0], [3.0, -5.0], [0.5, 4.0]], np.float32)
SORTED = ("max", "min", "mean", "prod", "sum")
UNSORTED = ("max", "min", "prod", "sum", "mean", "sqrt_n")


def run(tf, made):
    with tf.Session() as session:
        return {name: session.run(tensor) for name, tensor in made.items()}


@program
def in_order(tf):
    made = {}
    for name in SORTED:
        function = getattr(tf.math, "segment_" + name)
        made[name] = function(X, [0, 0, 2, 2])
        made[name + " int"] = function(np.array([-3, 4, 8]), np.array([1, 1, 1]))
        made[name + " empty"] = function(X[:0], np.zeros(0, np.int32))
        made[name + " rank 1"] = function(X[:, 1], [0, 1, 1, 4])
    return run(tf, made)


@program
def in_any_order(tf):
    made = {}
    for name in UNSORTED:
        function = getattr(tf.math, "unsorted_segment_" + name)
        made[name] = function(X, [2, 0, 2, 0], 4)
        made[name + " left out"] = function(X, [-1, 1, 0, -7], 2)
        made[name + " rank 2"] = function(X, [[0, 1], [1, 1], [0, -1], [0, 0]], 2)
        made[name + " double"] = function(X.astype(np.float64), np.array([1, 1, 0, 1]), np.int64(3))
        made[name + " half"] = function(X.astype(np.float16), [1, 1, 2, 1], 4)
        if name != "sqrt_n":
            made[name + " int"] = function(np.array([-3, 4, 8], np.int32), [1, 1, 1], 3)
    return run(tf, made)


@program
def static_shapes(tf):
    count = tf.placeholder(tf.int32, [])
    unknown = tf.placeholder(tf.float32)
    made = [tf.segment_max(X, [0, 0, 1, 1]), tf.segment_mean(unknown, [0]), tf.unsorted_segment_max(X, [0, 0, 1, 1], 3),
            tf.unsorted_segment_prod(X, [0, 0, 1, 1], count), tf.unsorted_segment_min(unknown, [0], 3),
            tf.unsorted_segment_max(X, [[0, 0], [1, 1], [0, 0], [1, 1]], 3)]
    return {"shapes": [str(each.shape) for each in made]}


def of(function):
    def gradients(tf):
        x = tf.constant(X)
        return run(tf, {"gradient": tf.gradients(function(tf, x) * W, x)[0]})

    return gradients


@program(graph=True)
def gradient_of_segment_max(tf):
    return of(lambda tf, x: tf.segment_max(x, [0, 1, 1, 2]))(tf)


@program(graph=True)
def gradient_of_segment_min(tf):
    return of(lambda tf, x: tf.segment_min(x, [0, 1, 1, 2]))(tf)


@program(graph=True)
def gradient_of_segment_mean(tf):
    return of(lambda tf, x: tf.segment_mean(x, [0, 1, 1, 2]))(tf)


@program(graph=True)
def gradient_of_unsorted_segment_max(tf):
    return of(lambda tf, x: tf.unsorted_segment_max(x, [1, -1, 1, 2], 3))(tf)


@program(graph=True)
def gradient_of_unsorted_segment_min(tf):
    return of(lambda tf, x: tf.unsorted_segment_min(x, [1, -1, 1, 2], 3))(tf)


@program(graph=True)
def gradient_of_unsorted_segment_prod(tf):
    return of(lambda tf, x: tf.unsorted_segment_prod(x, [1, -1, 1, 1], 3))(tf)


@program(graph=True)
def gradient_of_unsorted_segment_mean(tf):
    return of(lambda tf, x: tf.unsorted_segment_mean(x, [1, -1, 1, 2], 3))(tf)


@program(graph=True)
def gradient_of_unsorted_segment_sqrt_n(tf):
    return of(lambda tf, x: tf.unsorted_segment_sqrt_n(x, [1, -1, 1, 2], 3))(tf)


@raises("segment ids are not increasing")
def ids_that_descend(tf):
    tf.Session().run(tf.segment_max(X, [0, 2, 1, 3]))


@raises("Segment id -1 out of range [0, 2), possibly because 'segment_ids' input is not sorted.")
def a_negative_id(tf):
    tf.Session().run(tf.segment_mean(X, [-1, 0, 0, 1]))


@raises("segment_ids should be the same size as dimension 0 of input.")
def too_few_ids(tf):
    tf.Session().run(tf.segment_prod(X, tf.placeholder_with_default([0, 1], [None])))


@raises("segment_ids should be the same size as dimension 0 of input.")
def too_few_ids_that_the_graph_knows(tf):
    tf.Session().run(tf.segment_min(X, [0, 1]))


@raises("Shape must be at least rank 1 but is rank 0 for 'SegmentMin' (op: 'SegmentMin') with input shapes: [], [1].")
def segments_of_a_scalar(tf):
    tf.segment_min(1.0, [0])


@raises("segment_ids[2] = 5 is out of range [0, 2)")
def an_id_behind_the_last(tf):
    tf.Session().run(tf.unsorted_segment_max(X, [0, 1, 5, 0], 2))


@raises("data.shape = [4,2] does not start with segment_ids.shape = [2]")
def ids_of_another_shape(tf):
    tf.Session().run(tf.unsorted_segment_min(X, tf.placeholder_with_default([0, 1], [None]), 2))


@raises("DataType int32 not in list of allowed values")
def roots_of_integers(tf):
    tf.unsorted_segment_sqrt_n([1, 2], [0, 1], 2)
