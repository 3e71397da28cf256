"""Segments of picked rows, lookups in embedding tables with sparse ids, sets, edit distances, alignments of labels."""
import numpy as np
from catalog import program, raises


def run(tf, **made):
    with tf.Session() as session:
        return {name: seen(session.run(tensor)) for name, tensor in made.items()}


def seen(value):
    """A SparseTensorValue as the list of its parts."""
    return [np.asarray(part) for part in (value.indices, value.values, value.dense_shape)] if hasattr(value, "dense_shape") else value


def slopes(tf, count, result, *sources):
    """The gradients of the result's elements, so many of them, each with another weight."""
    result = tf.reshape(result, [count])
    weights = np.arange(1, count + 1, dtype=np.float32)
    found = tf.gradients(result * weights, list(sources))
    with tf.Session() as session:
        return {"gradients": [None if each is None else session.run(each) for each in found]}


# ------------------------------------------------------------------ segments
DATA = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32)


@program(graph=True)
def segments(tf):
    picked = [0, 2, 1, 0], [0, 0, 2, 2]
    made = dict(sum=tf.sparse_segment_sum(DATA, *picked), mean=tf.sparse_segment_mean(DATA, *picked),
                root=tf.sparse_segment_sqrt_n(DATA, *picked),
                sum_of=tf.sparse.segment_sum(DATA, *picked, num_segments=4), mean_of=tf.sparse.segment_mean(DATA, *picked, num_segments=3),
                root_of=tf.sparse.segment_sqrt_n(DATA, *picked, num_segments=5, name="R"),
                whole=tf.sparse_segment_sum([1, 2, 3], np.array([2, 2]), [0, 1]),
                empty=tf.sparse_segment_mean(DATA, np.zeros(0, np.int32), np.zeros(0, np.int32), num_segments=2))
    return dict(run(tf, **made), shapes=[str(made[name].shape) for name in sorted(made)])


@program(graph=True)
def gradient_of_segments(tf):
    data = tf.constant(DATA)
    picked = [0, 2, 1, 0], [0, 0, 2, 2]
    parts = [getattr(tf, "sparse_segment_" + name)(data, *picked, **count) for name in ("sum", "mean", "sqrt_n")
             for count in ({}, dict(num_segments=4))]
    return slopes(tf, 42, tf.concat(parts, 0), data)


@raises("segment ids are not increasing")
def segments_out_of_order(tf):
    tf.Session().run(tf.sparse_segment_sum(DATA, [0, 1, 2], [0, 1, 0]))


@raises("Bad: indices[1] == 3 out of range [0, 3)")
def segments_of_no_row(tf):
    tf.Session().run(tf.sparse_segment_mean(DATA, [0, 3], [0, 1]))


@raises("segment ids must be < num_segments")
def more_segments_than_said(tf):
    tf.Session().run(tf.sparse_segment_sum(DATA, [0, 1], [0, 2], num_segments=2))


@raises("Cannot specify a negative value for num_segments for 'SparseSegmentSumWithNumSegments'")
def less_than_no_segments(tf):
    tf.sparse_segment_sum(DATA, [0, 1], [0, 2], num_segments=-2)


@raises("Dimension 0 in both shapes must be equal, but are 2 and 1. Shapes are [2] and [1]. for 'SparseSegmentSum'")
def segments_without_ids(tf):
    tf.sparse_segment_sum(DATA, [0, 1], [0])


# ------------------------------------------------------------------ lookups
def ids_and_weights(tf):
    places = [[0, 0], [0, 1], [1, 0], [3, 1]]
    return (tf.SparseTensor(places, np.array([1, 3, 0, 3], np.int64), [4, 2]),
            tf.SparseTensor(places, np.array([2.0, 0.5, 1.0, 3.0], np.float32), [4, 2]))


TABLE = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 9.0]], np.float32)


@program(graph=True)
def lookups(tf):
    ids, weights = ids_and_weights(tf)
    return run(tf, **{combiner + str(number): tf.nn.embedding_lookup_sparse(TABLE, ids, given, combiner=combiner)
                      for combiner in ("sum", "mean", "sqrtn") for number, given in enumerate((None, weights))})


@program(graph=True)
def lookups_in_parts(tf):
    ids, weights = ids_and_weights(tf)
    halves = [tf.constant(TABLE[:2]), tf.constant(TABLE[2:])]
    return run(tf, parts=tf.nn.embedding_lookup_sparse(halves, ids, weights, "div", combiner="mean"),
               clipped=tf.nn.embedding_lookup_sparse(TABLE, ids, None, combiner="sum", max_norm=1.0, name="L"))


@program(graph=True)
def gradient_of_lookup(tf):
    ids, weights = ids_and_weights(tf)
    table = tf.Variable(TABLE, name="table")
    results = [tf.nn.embedding_lookup_sparse(table, ids, given, combiner=each) for each, given in (("mean", None), ("sqrtn", weights))]
    found = tf.gradients(tf.concat(results, 0), [table, weights.values])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return dict(values=session.run(found[0].values), indices=session.run(found[0].indices), weights=session.run(found[1]))


def unsafe(tf):
    places = [[0, 0], [0, 1], [1, 0], [3, 1]]
    return (tf.SparseTensor(places, np.array([1, -1, 0, 3], np.int64), [5, 2]),
            tf.SparseTensor(places, np.array([2.0, 0.5, 0.0, 3.0], np.float32), [5, 2]))


@program(graph=True)
def safe_lookup(tf):
    ids, weights = unsafe(tf)
    return run(tf, weighted=tf.nn.safe_embedding_lookup_sparse(TABLE, ids, weights, name="L"))


@program
def safe_lookups(tf):
    ids, weights = unsafe(tf)
    deep = tf.SparseTensor([[0, 0, 0], [1, 1, 1]], np.array([1, 3], np.int64), [2, 2, 2])
    unknown = tf.SparseTensor(deep.indices, deep.values, tf.placeholder_with_default(np.array([2, 2, 2]), [None]))
    made = dict(plain=tf.nn.safe_embedding_lookup_sparse(TABLE, ids), deep=tf.nn.safe_embedding_lookup_sparse(TABLE, deep),
                sum=tf.nn.safe_embedding_lookup_sparse([TABLE[:2], TABLE[2:]], ids, weights, combiner="sum", name="S"),
                default=tf.nn.safe_embedding_lookup_sparse(TABLE, ids, default_id=2),
                unknown=tf.nn.safe_embedding_lookup_sparse(TABLE, unknown))
    return dict(run(tf, **made), shapes=[str(made[name].shape) for name in sorted(made)])


@raises("combiner must be one of 'mean', 'sqrtn' or 'sum'")
def lookup_with_another_combiner(tf):
    tf.nn.embedding_lookup_sparse(TABLE, ids_and_weights(tf)[0], None, combiner="max")


@raises("sp_ids must be SparseTensor")
def lookup_of_dense_ids(tf):
    tf.nn.embedding_lookup_sparse(TABLE, [1], None, combiner="sum")


@raises("sp_weights must be either None or SparseTensor")
def lookup_with_dense_weights(tf):
    tf.nn.embedding_lookup_sparse(TABLE, ids_and_weights(tf)[0], [1.0], combiner="sum")


@raises("Missing embedding_weights")
def safe_lookup_in_nothing(tf):
    tf.nn.safe_embedding_lookup_sparse([], ids_and_weights(tf)[0])


# ------------------------------------------------------------------ sets
@program(graph=True)
def set_operations(tf):
    a = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [5, 3, 5], [2, 2])
    b = tf.SparseTensor([[0, 0], [1, 1]], [3, 9], [2, 3])
    dense = [[1, 5, 1], [9, 9, 8]]
    made = {name + str(number): getattr(tf.sets, name)(*pair) for name in ("intersection", "difference", "union")
            for number, pair in enumerate([(a, b), (dense, a), (b, dense), (dense, [[1, 2], [9, 7]])])}
    made["turned"] = tf.sets.set_difference(a, dense, aminusb=False)
    made["text"] = tf.sets.set_union([["b", "a"]], [["c", "b"]])
    made["size"], made["deep"] = tf.sets.size(a), tf.sets.set_size(tf.SparseTensor([[0, 1, 0], [1, 0, 2], [1, 0, 3]], [1, 1, 1], [2, 2, 4]))
    return run(tf, **made)


@raises("Mismatched shapes [2] vs [3]")
def sets_of_other_groups(tf):
    tf.Session().run(tf.sets.union(tf.SparseTensor([[0, 0]], [3], [2, 3]), tf.SparseTensor([[0, 0]], [3], [3, 3])))


@raises("indices[1] = [0,1] is out of order. Many sparse ops require sorted indices.")
def sets_out_of_order(tf):
    tf.Session().run(tf.sets.size(tf.SparseTensor([[1, 0], [0, 1]], [3, 4], [2, 3])))


@raises("'a' invalid dtype <dtype: 'float32'>.")
def sets_of_floats(tf):
    tf.sets.union([[1.0]], [[2.0]])


@raises("Expected `SparseTensor`, got Tensor(")
def size_of_a_dense_set(tf):
    tf.sets.size([[1]])


# ------------------------------------------------------------------ distances and alignments
@program(graph=True)
def distances(tf):
    heard = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [1, 2, 3], [2, 2])
    said = tf.SparseTensor([[0, 0], [0, 1], [1, 0], [1, 1]], [1, 3, 3, 4], [3, 2])
    words = [tf.SparseTensor([[0, 0], [0, 1]], text, [1, 2]) for text in (["a", "b"], ["a", "c"])]
    deep = [tf.SparseTensor([[0, 0, 0], [1, number, 1]], [3, 4], [2, 2, 2]) for number in (0, 1)]
    unknown = tf.SparseTensor(heard.indices, heard.values, tf.placeholder_with_default(np.array([2, 2]), [2]))
    made = dict(known=tf.edit_distance(heard, said), absolute=tf.edit_distance(heard, said, normalize=False),
                turned=tf.edit_distance(said, heard),
                text=tf.edit_distance(*words, name="E"), deep=tf.edit_distance(*deep), fed=tf.edit_distance(unknown, said))
    return dict(run(tf, **made), shapes=[str(made[name].shape) for name in sorted(made)])


@raises("Num elements of hypothesis_shape does not match truth_shape: 2 vs. 3")
def distance_of_other_ranks(tf):
    tf.edit_distance(tf.SparseTensor([[0, 0]], [1], [1, 2]), tf.SparseTensor([[0, 0, 0]], [1], [1, 2, 3]))


@raises("Input SparseTensors must have rank at least 2, but truth_shape rank is: 1")
def distance_of_vectors(tf):
    tf.Session().run(tf.edit_distance(tf.SparseTensor([[0]], [1], [1]), tf.SparseTensor([[0]], [1], [1])))


LOGITS = np.array([[[0.0, 2.0, -1.0, 1.0], [1.0, 0.0, 3.0, 0.5]], [[2.0, 0.0, 0.5, 0.0], [0.0, 0.0, 0.0, 2.0]],
                   [[0.0, 0.5, 1.0, 2.0], [3.0, 1.0, 2.0, 0.0]], [[1.5, 1.0, 0.0, -2.0], [0.0, 1.0, 1.5, 1.0]]], np.float32)
WHY = "transcendental functions differ in their last bits from one library to the next"


def spoken(tf, labels=(1, 1, 2), places=((0, 0), (0, 1), (1, 0))):
    return tf.SparseTensor(places, list(labels), [2, 3])


@program(graph=True, rtol=1e-4, atol=1e-5, why=WHY)
def losses_of_alignments(tf):
    logits = tf.constant(LOGITS)
    loss = tf.nn.ctc_loss(spoken(tf), logits, [4, 3])
    return run(tf, loss=loss, gradient=tf.gradients(loss * np.array([1.0, 2.0], np.float32), logits)[0])


@program(rtol=1e-4, atol=1e-5, why=WHY)
def losses_with_options(tf):
    made = {"%d%d" % (collapse, merge): tf.nn.ctc_loss(spoken(tf), LOGITS, [4, 3], collapse, merge)
            for collapse in (False, True) for merge in (False, True)}
    long = spoken(tf, [1, 0, 1, 0, 2], [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)])
    made["ignored"] = tf.nn.ctc_loss(long, LOGITS, [2, 3], ignore_longer_outputs_than_inputs=True)
    made["batch first"] = tf.nn.ctc_loss(spoken(tf), logits=LOGITS.transpose(1, 0, 2).copy(), sequence_length=[4, 3], time_major=False)
    made["other blank"] = tf.nn.ctc_loss_v2(spoken(tf, (1, 2, 3)), tf.constant(LOGITS), None, [4, 3], blank_index=0)
    return run(tf, **made)


@raises("Not enough time for target transition sequence (required: 2, available: 1)")
def loss_of_more_labels_than_time(tf):
    tf.Session().run(tf.nn.ctc_loss(spoken(tf), LOGITS, [1, 3]))


@raises("Labels length is zero in batch 1")
def loss_without_labels(tf):
    tf.Session().run(tf.nn.ctc_loss(spoken(tf, [1, 1], [(0, 0), (0, 1)]), LOGITS, [4, 3]))


@raises("All labels must be nonnegative integers, batch: 0 labels: 1,-1")
def loss_of_negative_labels(tf):
    tf.Session().run(tf.nn.ctc_loss(spoken(tf, (1, -1, 2)), LOGITS, [4, 3]))


@raises("label SparseTensor is not valid: indices[1] = [0,1] is out of order.")
def loss_of_labels_out_of_order(tf):
    tf.Session().run(tf.nn.ctc_loss(spoken(tf, places=((1, 0), (0, 1), (1, 1))), LOGITS, [4, 3]))


@raises("Expected labels (first argument) to be a SparseTensor")
def loss_of_dense_labels(tf):
    tf.nn.ctc_loss([[1]], LOGITS, [4, 3])


@program(graph=True, rtol=1e-5, why=WHY)
def decoded(tf):
    (greedy,), score = tf.nn.ctc_greedy_decoder(LOGITS, [4, 3])
    (repeated,), _ = tf.nn.ctc_greedy_decoder(LOGITS, [4, 3], merge_repeated=False)
    paths, scores = tf.nn.ctc_beam_search_decoder(LOGITS, [4, 3], beam_width=3, top_paths=2)
    (best,), _ = tf.nn.ctc_beam_search_decoder_v2(LOGITS, [4, 2], beam_width=2)
    return run(tf, greedy=greedy, score=score, repeated=repeated, first=paths[0], second=paths[1], scores=scores, best=best)


@raises("requested more paths than the beam width.")
def more_paths_than_the_beam_has(tf):
    tf.Session().run(tf.nn.ctc_beam_search_decoder(LOGITS, [4, 3], beam_width=1, top_paths=2)[1])


@raises("sequence_length(1) <= 4")
def decoded_for_too_long(tf):
    tf.Session().run(tf.nn.ctc_greedy_decoder(LOGITS, [4, 5])[1])


# ------------------------------------------------------------------ crossed features
def features(tf):
    return (tf.SparseTensor([[0, 0], [1, 0], [1, 1]], ["a", "b", "c"], [2, 2]),
            tf.SparseTensor([[0, 0], [1, 0], [1, 1]], np.array([5, -6, 7], np.int64), [2, 2]),
            tf.SparseTensor([[1, 0]], [9], [2, 1]))


@program(graph=True)
def crosses(tf):
    words, numbers, few = features(tf)
    dense = tf.constant([["p", "q"], ["r", "s"]])
    return run(tf, two=tf.sparse.cross([words, numbers]), some=tf.sparse.cross([few, words], name="C"),
               dense=tf.sparse.cross([dense, numbers]),
               alone=tf.sparse.cross([words]), floats=tf.sparse.cross([words, tf.constant([[1.5], [2.5]])]))


@program
def hashed_crosses(tf):
    words, numbers, few = features(tf)
    return run(tf, two=tf.sparse.cross_hashed([words, numbers]), texts=tf.sparse.cross_hashed([words, words], 1000),
               keyed=tf.sparse.cross_hashed([numbers, few], num_buckets=100, hash_key=7), alone=tf.sparse.cross_hashed([numbers], 10))


@raises("Expected batch size 2 got 3 at position 1")
def cross_of_other_batches(tf):
    tf.Session().run(tf.sparse.cross([features(tf)[0], tf.SparseTensor([[0, 0]], ["x"], [3, 1])]))


@raises("Expected batch size 2 got 3 at dense tensor 0")
def cross_with_a_longer_dense_one(tf):
    tf.Session().run(tf.sparse.cross([features(tf)[0], tf.constant([["a"], ["b"], ["c"]])]))


@raises("Inputs must be a list")
def cross_of_a_tuple(tf):
    tf.sparse.cross(features(tf))


@raises("All inputs must be SparseTensors")
def cross_with_a_number(tf):
    tf.sparse.cross([features(tf)[0], 3])
