"""Shapes and pieces of arrays: nodes and values."""
import numpy as np
from catalog import program

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def answers(tf, made, feed=None):
    """Printed forms and values of the tensors made."""
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True)
def slicing(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    n = tf.placeholder(tf.int32, [], name="n")
    made = [x[0], x[-1], x[0, 1], x[:, 1:], x[..., 0], x[..., tf.newaxis], x[tf.newaxis, :, 0], x[:, ::2], x[::-1],
            x[1:2, ..., 1:3], x[:, -1:, ::-2], x[n], x[:, n:], x[:, :n, n], x[:1, 1], x[:], x[...], x[0][1][2],
            x[tf.constant(1)], x[:, 1:1], x[np.int64(1)], x[0, ..., None], x[:, tf.constant(0):tf.constant(2)]]
    return answers(tf, made, {x: X, n: 1})


@program(graph=True)
def slicing_of_unknown_shape(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.placeholder(tf.float32)
    n = tf.placeholder(tf.int64, [])
    made = [x[0], x[1:], x[:, 1], x[:-1], y[0], y[..., 0], y[tf.newaxis], x[n:], x[:, ::2], tf.shape(x)[0]]
    return answers(tf, made, {x: X[0, :, :3], y: X[0], n: 1})


@program(graph=True)
def assignment_to_slices(tf):
    v = tf.Variable([1.0, 2.0, 3.0, 4.0], name="v")
    change = v[1:3].assign([9.0, 8.0])
    strided = tf.strided_slice(v, [0], [4], [2])
    with tf.Session() as session:
        session.run(v.initializer)
        return {"change": session.run(change), "v": session.run(v), "strided": session.run(strided)}


@program(graph=True)
def reshaping(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    y = tf.placeholder(tf.float32, [None, 1, 3], name="y")
    made = [tf.reshape(x, [6, 4]), tf.reshape(x, [-1]), tf.reshape(x, [2, -1]), tf.reshape(y, [tf.shape(y)[0], 3]),
            tf.transpose(x), tf.transpose(x, [1, 0, 2]), tf.transpose(tf.constant([[1, 2], [3, 4]])),
            tf.expand_dims(x, 1), tf.expand_dims(x, -1), tf.expand_dims(x, dim=0), tf.squeeze(y), tf.squeeze(y, [1]),
            tf.squeeze(y, squeeze_dims=[1]), tf.concat([x, x], 1), tf.concat([x, x], axis=-1), tf.concat([x], 0),
            tf.stack([x, x]), tf.stack([x, x], axis=2), tf.stack([1, 2]), tf.stack([1.0, tf.constant(2.0)]),
            tf.tile(x, [1, 2, 1]), tf.pad(x[0], [[1, 0], [0, 2]]), tf.pad(x[0], [[1, 1], [1, 1]], "REFLECT"),
            tf.pad(x[0], [[1, 1], [1, 1]], "SYMMETRIC"), tf.pad(x[0], [[1, 0], [0, 0]], constant_values=5.0),
            tf.slice(x, [0, 1, 0], [1, 2, -1]), tf.reverse(x, [0, 2]), tf.shape(x), tf.shape(y), tf.size(y),
            tf.size(x), tf.rank(y), tf.rank(x), tf.shape(x, out_type=tf.int64), tf.broadcast_to(tf.constant([1, 2]), [2, 2])]
    return answers(tf, made, {x: X, y: X[0][:, :3].reshape(3, 1, 3)})


@program(graph=True)
def splitting(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4])
    made = (tf.split(x, 2) + tf.split(x, [1, 2], 1) + tf.split(value=x, num_or_size_splits=2, axis=2) + tf.unstack(x)
            + tf.unstack(x, axis=1)[:1] + tf.unstack(x, num=4, axis=-1)[:1])
    return answers(tf, made, {x: X})


@program(graph=True)
def gathering(tf):
    x = tf.placeholder(tf.float32, [3, 4])
    i = tf.placeholder(tf.int32, [None])
    v = tf.Variable(X[0], name="v")
    made = [tf.gather(x, i), tf.gather(x, [2, 0]), tf.gather(x, 1), tf.gather(x, i, axis=1), tf.gather(x, [[0, 1], [2, 0]]),
            tf.gather_nd(x, [[0, 1], [2, 3]]), tf.gather_nd(x, [[1]]), tf.boolean_mask(x, [True, False, True]),
            tf.boolean_mask(x, x > 5.0), tf.dynamic_partition(x, [0, 1, 0], 2)[0], tf.one_hot(i, 3),
            tf.one_hot([0, 2, -1], 3, on_value=5, off_value=1), tf.one_hot(i, 2, axis=0, dtype=tf.int32),
            tf.where(x > 5.0), tf.where(x > 5.0, x, -x), tf.where([True, False, True], x, -x)]
    known = answers(tf, made, {x: X[0], i: [1, 2]})
    lookups = [tf.nn.embedding_lookup(v, i), tf.gather(v, i), tf.nn.embedding_lookup([v], i)]
    with tf.Session() as session:
        session.run(v.initializer)
        known["lookups"] = session.run(lookups, {i: [0, 2]})
    return known


@program(graph=True)
def filling(tf):
    x = tf.placeholder(tf.float32, [2, 3])
    y = tf.placeholder(tf.int32, [None, 3])
    made = [tf.zeros([2, 3]), tf.ones([2]), tf.zeros([]), tf.zeros([2], tf.int32), tf.zeros((1, 2), tf.bool), tf.ones([1], tf.int64),
            tf.zeros(tf.shape(y)), tf.ones(tf.shape(y)[0:1]), tf.zeros([50, 50])[0, 0], tf.zeros_like(x), tf.zeros_like(y),
            tf.ones_like(x), tf.ones_like(y), tf.zeros_like(x, dtype=tf.int32), tf.zeros_like(y, optimize=False),
            tf.fill([2, 2], 7), tf.fill([1], 2.5), tf.range(4), tf.range(1, 7, 2), tf.range(0.0, 1.0, 0.25), tf.range(5, 0, -2),
            tf.range(tf.constant(3)), tf.range(3, dtype=tf.float64), tf.lin_space(0.0, 1.0, 5), tf.linspace(1.0, 2.0, 1),
            tf.eye(2), tf.eye(2, 3), tf.eye(2, batch_shape=[2]), tf.diag([1.0, 2.0]), tf.diag_part([[1, 2], [3, 4]]),
            tf.matrix_band_part(x, 0, -1), tf.sequence_mask([1, 3], 4), tf.zeros([2], tf.string), tf.ones([], tf.complex64)]
    return answers(tf, made, {x: X[0][:2, :3], y: [[1, 2, 3]]})


@program(graph=True)
def casting(tf):
    x = tf.constant([-1.7, 0.0, 2.5, 300.0])
    made = [tf.cast(x, tf.int32), tf.cast(x, tf.float64), tf.cast(x, tf.bool), tf.cast(x, tf.float32), tf.to_int32(x),
            tf.to_int64(x), tf.to_double(x), tf.to_float(tf.constant([1, 2])), tf.cast([True, False], tf.float32),
            tf.cast([1, 2], tf.float16), tf.saturate_cast(x, tf.uint8), tf.cast(x, tf.complex64), tf.cast(3, tf.float32),
            tf.bitcast(tf.constant([1.0]), tf.int32), tf.cast(1.0, "int32")]
    return answers(tf, made)


@program(graph=True)
def sorting(tf):
    x = tf.constant([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]])
    made = [tf.argmax(x, 1), tf.argmax(x, axis=0), tf.argmax(x, dimension=1), tf.argmax(x), tf.argmin(x, 1),
            tf.arg_max(x, 1), tf.argmax(x, 1, output_type=tf.int32), tf.nn.top_k(x, 2).values, tf.nn.top_k(x, 2).indices,
            tf.unique([3, 1, 3])[0], tf.unique([3, 1, 3])[1], tf.nn.in_top_k(x, [0, 0], 1), tf.cumsum(x, 1),
            tf.cumsum(x, exclusive=True), tf.cumprod(x, 1, reverse=True), tf.invert_permutation([2, 0, 1]),
            tf.segment_sum(x, [0, 0]), tf.unsorted_segment_sum(x, [1, 0], 2), tf.dynamic_stitch([[0], [1]], [[5], [6]])]
    return answers(tf, made)


@program(graph=True)
def embedding_of_parts(tf):
    """Tables in parts, by both strategies, with known and unknown shapes, and with a greatest norm."""
    table = np.arange(22, dtype=np.float32).reshape(11, 2)
    parts = [tf.Variable(table[:6], name="upper"), tf.Variable(table[6:], name="lower")]
    held = [tf.placeholder(tf.float32, [None, None]), tf.placeholder(tf.float32, [5, None])]
    resource = tf.Variable(table, name="resource", use_resource=True)
    ids = tf.constant([[1, 2, 7], [3, 5, 0]])
    made = [tf.nn.embedding_lookup(parts, ids), tf.nn.embedding_lookup(parts, ids, partition_strategy="div"),
            tf.nn.embedding_lookup(held, ids, "div", name="held", max_norm=1.0), tf.nn.embedding_lookup(resource, ids, max_norm=3.0)]
    made += [each.values for each in tf.gradients(made[1], parts)]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = session.run(made, {held[0]: table[:6], held[1]: table[6:]})
    return {each.name: value for each, value in zip(made, values)}
