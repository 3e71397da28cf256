"""Candidate samplers with TF's own numbers, and the losses over sampled classes with their gradients."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(17)
TRUE = [[0, 3], [5, 2]]
CLOSE = dict(rtol=1e-5, atol=1e-6, why="logarithms of short floats")


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def runs(tf, made, times=3, feed=None):
    """Forms of the tensors and their values in several runs of one session."""
    flat = [each for outputs in made for each in outputs]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return {"forms": [str(each) for each in flat], "values": [session.run(flat, feed) for _ in range(times)]}


@program(graph=True, **CLOSE)
def log_uniform(tf):
    sampler = tf.nn.log_uniform_candidate_sampler
    return runs(tf, [sampler(TRUE, 2, 8, True, 20, seed=7), sampler(TRUE, 2, 8, False, 1000, seed=7, name="more"),
                     tf.random.log_uniform_candidate_sampler(np.zeros([0, 1], np.int64), 1, 64, True, 50000, seed=1)])


@program(graph=True, **CLOSE)
def uniform(tf):
    sampler = tf.nn.uniform_candidate_sampler
    classes = tf.placeholder(tf.int64, name="classes")
    return runs(tf, [sampler(TRUE, 2, 10, True, 10, seed=3), sampler(TRUE, 2, 4, False, 1 << 40, seed=3),
                     sampler(classes, 2, 9, True, 16, seed=3)], feed={classes: TRUE})


@program(**CLOSE)
def graph_seed(tf):
    tf.set_random_seed(11)
    return runs(tf, [tf.nn.uniform_candidate_sampler(TRUE, 2, 5, True, 100), tf.nn.log_uniform_candidate_sampler(TRUE, 2, 5, False, 100)])


@program(**CLOSE)
def learned(tf):
    sampler = tf.nn.learned_unigram_candidate_sampler
    return runs(tf, [sampler(TRUE, 2, 5, True, 10, seed=4), sampler(TRUE, 2, 5, False, 6, seed=4)], 5)


@program(graph=True, **CLOSE)
def weighted(tf):
    sampler, weights = tf.nn.fixed_unigram_candidate_sampler, [1., 2, 3, 4, 5, 6, 7, 8]
    return runs(tf, [sampler(TRUE, 2, 5, False, 8, unigrams=weights, seed=4),
                     sampler(TRUE, 2, 5, True, 8, unigrams=weights[:7], distortion=0.7, num_reserved_ids=1, seed=4),
                     sampler([[0, 1], [1, 2]], 2, 3, True, 4, unigrams=weights, num_shards=2, shard=1, seed=4)])


@program(graph=True)
def everything(tf):
    x = tf.placeholder(tf.int64, [None, 2], name="x")
    return runs(tf, [tf.nn.all_candidate_sampler(TRUE, 2, 6, True), tf.nn.compute_accidental_hits(TRUE, [5, 1, 2, 5, 3], 2),
                     tf.nn.compute_accidental_hits(x, tf.constant([0, 4], tf.int64), 2)], 1, {x: np.zeros([0, 2])})


@program
def fetched_by_name(tf):
    with tf.Session() as session:
        made = tf.nn.all_candidate_sampler([[1]], 1, 2, True)
        return {"sampled": session.run(made.sampled_candidates), "fields": list(made._fields)}


@program(graph=True, **CLOSE)
def noise_contrastive(tf):
    w, b = tf.Variable(normal(12, 3), name="w"), tf.Variable(normal(12), name="b")
    x, y = tf.constant(normal(4, 3)), tf.constant([[1], [0], [7], [3]])
    loss = tf.reduce_mean(tf.nn.nce_loss(w, b, y, x, 5, 12, sampled_values=tf.nn.log_uniform_candidate_sampler(
        tf.cast(y, tf.int64), 1, 5, True, 12, seed=3)))
    slices = tf.gradients(loss, [w, b, x])
    return runs(tf, [[loss, slices[0].values, slices[0].indices, slices[1].values, slices[2]]], 2)


@program(**CLOSE)
def noise_contrastive_options(tf):
    tf.set_random_seed(5)
    w, b = normal(10, 3), normal(10)
    x, y = tf.constant(normal(3, 3)), tf.constant([[1, 9], [0, 2], [7, 7]], tf.int64)
    parts = [tf.constant(w[0::2]), tf.constant(w[1::2])]
    halves = [tf.constant(w[:5]), tf.constant(w[5:])]
    loss = tf.nn.nce_loss(weights=tf.constant(w), biases=tf.constant(b), labels=y, inputs=x, num_sampled=4, num_classes=10, num_true=2)
    return runs(tf, [[loss, tf.nn.nce_loss(parts, b, y, x, 4, 10, 2, remove_accidental_hits=True),
                      tf.nn.nce_loss(halves, b, y, x, 4, 10, 2, partition_strategy="div", name="halves")] + tf.gradients(loss, x)], 2)


@program(graph=True, **CLOSE)
def softmax(tf):
    w, b = tf.constant(normal(12, 3)), tf.constant(normal(12))
    x, y = tf.constant(normal(4, 3)), tf.constant([[1], [0], [7], [3]], tf.int64)
    loss = tf.nn.sampled_softmax_loss(w, b, y, x, 6, 12, seed=9)
    return runs(tf, [[loss] + tf.gradients(loss, x)], 2)


@program(**CLOSE)
def softmax_options(tf):
    w, b, x = normal(8, 2), normal(8), tf.constant(normal(3, 2))
    y = tf.constant([[1, 4], [0, 5], [6, 6]], tf.int64)
    all_of_them = tf.nn.all_candidate_sampler(y, 2, 8, True)
    return runs(tf, [[tf.nn.sampled_softmax_loss(w, b, y, x, 8, 8, 2, sampled_values=all_of_them),
                      tf.nn.sampled_softmax_loss(w, b, y, x, 3, 8, 2, remove_accidental_hits=False, seed=2),
                      tf.nn.sampled_softmax_loss(w, b, tf.cast(y, tf.int32), x, 3, 8, 2, seed=2)]], 2)


@raises("Sampler's range is too small.")
def too_many(tf):
    with tf.Session() as session:
        session.run(tf.nn.uniform_candidate_sampler(TRUE, 2, 11, True, 10))


@raises("true_classes must have num_true columns, expected: 2 was: 1")
def other_columns(tf):
    with tf.Session() as session:
        session.run(tf.nn.uniform_candidate_sampler(TRUE, 1, 2, True, 10))


@raises("Shape must be rank 2 but is rank 1 for 'UniformCandidateSampler'")
def a_vector(tf):
    tf.nn.uniform_candidate_sampler([1], 1, 2, True, 10)


@raises("Attr 'num_sampled' of 'LogUniformCandidateSampler' Op passed 0 less than minimum 1.")
def no_samples(tf):
    tf.nn.log_uniform_candidate_sampler(TRUE, 2, 0, True, 10)


@raises("Must provide either vocab_file or unigrams.")
def no_weights(tf):
    with tf.Session() as session:
        session.run(tf.nn.fixed_unigram_candidate_sampler(TRUE, 2, 2, False, 10))


@raises("Dimension must be 1 but is 2 for 'ComputeAccidentalHits'")
def other_hits(tf):
    tf.nn.compute_accidental_hits(TRUE, [1], 1)


@raises("Unrecognized partition strategy")
def other_strategy(tf):
    tf.nn.nce_loss([normal(2, 2)] * 2, normal(4), tf.constant([[1]]), tf.constant(normal(1, 2)), 2, 4, partition_strategy="x")
