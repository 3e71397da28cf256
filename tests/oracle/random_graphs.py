"""Random graphs of element-wise ops, reductions and array ops: a number decides a graph, its inputs and its gradients.

The recorder and the tests build the same graphs, the one with TensorFlow, the others with graphcore; so nothing here depends on
the interpreter, on hashes or on NumPy's generators but `RandomState`, and the file keeps to what Python 3.7 understands.
"""
import warnings

import numpy as np

SHAPES = [(), (1,), (3,), (2, 3), (3, 1), (1, 3), (2, 1, 3), (0,), (2, 0)]
DTYPES = ["float32", "float64", "int32"]
MOST_NODES = 9
MOST_KEPT = 8  # of a value's elements, at equal steps


def graph(tf, number):
    """``(inputs, outputs, feeds)`` of one graph: placeholders with their arrays, and every value that was made, gradients last."""
    random = np.random.RandomState(number)
    floats = "float64" if random.randint(2) else "float32"
    inputs = [_input(tf, random, floats) for _ in range(2)] + [_input(tf, random, "int32")]
    values = [tensor for tensor, _ in inputs]
    made = []
    for _ in range(1 + random.randint(MOST_NODES)):
        node = _node(tf, random, values)
        if node is not None:
            values.append(node)
            made.append(node)
    return [tensor for tensor, _ in inputs], made + _gradients(tf, made, values[:2]), dict(inputs)


def _input(tf, random, dtype):
    shape = SHAPES[random.randint(len(SHAPES))]
    if dtype == "int32":
        array = random.randint(-5, 6, size=shape).astype(np.int32)
    else:
        # Quarters: sums and products of these are exact, so that ties and zeros happen.
        array = (random.randint(-12, 13, size=shape) / 4.0).astype(dtype)
    known = shape if random.randint(2) else [None] * len(shape)
    return tf.placeholder(dtype, known), np.asarray(array)


def _gradients(tf, made, inputs):
    """Gradients of the last floating value in the floating inputs, where there are any."""
    last = [each for each in made if each.dtype.is_floating][-1:]
    if not last:
        return []
    try:
        found = tf.gradients(last, inputs)
    except (ValueError, LookupError):
        return ["no gradients"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rows of unknown shape made dense: here they are few
        return [tf.convert_to_tensor(each) for each in found if each is not None]


def _node(tf, random, values):
    """One more value of earlier ones; None where they do not fit together."""
    kind, choice = random.randint(10), random.randint(1000)
    x, y, z = [values[random.randint(len(values))] for _ in range(3)]
    parameter = random.randint(1000)
    table = UNARY if kind < 3 else BINARY if kind < 6 else REDUCING if kind < 8 else ARRAYS
    try:
        return table[choice % len(table)](tf, x, y, z, parameter)
    except (ValueError, TypeError):
        return None


def _real(tf, x):
    """x as a floating value of moderate size, so that no function of it overflows."""
    return x if x.dtype.is_floating else tf.cast(x, tf.float32)


def _bounded(tf, x):
    return tf.clip_by_value(_real(tf, x), -4.0, 4.0)


def _positive(tf, x):
    return tf.abs(_real(tf, x)) + 0.25


def _axis(x, parameter):
    return parameter % x.shape.ndims if x.shape.ndims else None


def _like(tf, x, y):
    """y in the dtype of x, if it is not; TF promotes nothing."""
    return y if x.dtype == y.dtype else tf.cast(y, x.dtype)


UNARY = [
    lambda tf, x, y, z, p: tf.negative(x),
    lambda tf, x, y, z, p: tf.abs(x),
    lambda tf, x, y, z, p: tf.sign(x),
    lambda tf, x, y, z, p: tf.square(x),
    lambda tf, x, y, z, p: tf.exp(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.expm1(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.log(_positive(tf, x)),
    lambda tf, x, y, z, p: tf.log1p(_positive(tf, x)),
    lambda tf, x, y, z, p: tf.sqrt(_positive(tf, x)),
    lambda tf, x, y, z, p: tf.rsqrt(_positive(tf, x)),
    lambda tf, x, y, z, p: tf.reciprocal(_positive(tf, x)),
    lambda tf, x, y, z, p: tf.tanh(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.sigmoid(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.sin(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.cos(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.atan(_real(tf, x)),
    lambda tf, x, y, z, p: tf.erf(_real(tf, x)),
    lambda tf, x, y, z, p: tf.floor(_real(tf, x)),
    lambda tf, x, y, z, p: tf.ceil(_real(tf, x)),
    lambda tf, x, y, z, p: tf.round(x),
    lambda tf, x, y, z, p: tf.nn.relu(x),
    lambda tf, x, y, z, p: tf.nn.relu6(x),
    lambda tf, x, y, z, p: tf.nn.elu(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.nn.softplus(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.nn.softsign(_real(tf, x)),
    lambda tf, x, y, z, p: tf.cast(x > _like(tf, x, y), x.dtype),
    lambda tf, x, y, z, p: tf.cast(_real(tf, x), tf.int32),
    lambda tf, x, y, z, p: tf.cast(x, tf.float64),
    lambda tf, x, y, z, p: tf.ones_like(x),
    lambda tf, x, y, z, p: tf.stop_gradient(x),
]
BINARY = [
    lambda tf, x, y, z, p: x + _like(tf, x, y),
    lambda tf, x, y, z, p: x - _like(tf, x, y),
    lambda tf, x, y, z, p: x * _like(tf, x, y),
    lambda tf, x, y, z, p: _real(tf, x) / _like(tf, _real(tf, x), _positive(tf, y)),
    lambda tf, x, y, z, p: tf.floordiv(x, _like(tf, x, tf.abs(y) + _like(tf, y, tf.constant(1)))),
    lambda tf, x, y, z, p: tf.floormod(x, _like(tf, x, tf.abs(y) + _like(tf, y, tf.constant(1)))),
    lambda tf, x, y, z, p: tf.maximum(x, _like(tf, x, y)),
    lambda tf, x, y, z, p: tf.minimum(x, _like(tf, x, y)),
    lambda tf, x, y, z, p: tf.squared_difference(x, _like(tf, x, y)),
    lambda tf, x, y, z, p: tf.pow(_like(tf, _bounded(tf, y), _positive(tf, x)), _bounded(tf, y)),
    lambda tf, x, y, z, p: tf.atan2(_real(tf, x), _like(tf, _real(tf, x), y)),
    lambda tf, x, y, z, p: tf.where(x > _like(tf, x, z), x, _like(tf, x, z)),
    lambda tf, x, y, z, p: tf.add_n([x, _like(tf, x, y)]),
    lambda tf, x, y, z, p: tf.cast(tf.logical_and(x > _like(tf, x, y), tf.not_equal(x, _like(tf, x, z))), tf.int32),
]
REDUCING = [
    lambda tf, x, y, z, p: tf.reduce_sum(x, axis=_axis(x, p), keepdims=p % 5 == 0),
    lambda tf, x, y, z, p: tf.reduce_mean(_real(tf, x), axis=_axis(x, p), keepdims=p % 5 == 0),
    lambda tf, x, y, z, p: tf.reduce_max(x, axis=_axis(x, p), keepdims=p % 5 == 0),
    lambda tf, x, y, z, p: tf.reduce_min(x, axis=_axis(x, p)),
    lambda tf, x, y, z, p: tf.reduce_prod(_bounded(tf, x), axis=_axis(x, p)),
    lambda tf, x, y, z, p: tf.reduce_logsumexp(_bounded(tf, x), axis=_axis(x, p), keepdims=p % 5 == 0),
    lambda tf, x, y, z, p: tf.cumsum(x, axis=_axis(x, p) or 0, exclusive=p % 2 == 0, reverse=p % 3 == 0),
    lambda tf, x, y, z, p: tf.cast(tf.argmax(x, axis=_axis(x, p) or 0), tf.int32),
    lambda tf, x, y, z, p: tf.nn.softmax(_bounded(tf, x)),
    lambda tf, x, y, z, p: tf.nn.l2_loss(_real(tf, x)),
    lambda tf, x, y, z, p: tf.count_nonzero(x, axis=_axis(x, p), dtype=tf.int32),
]
ARRAYS = [
    lambda tf, x, y, z, p: tf.reshape(x, [-1]),
    lambda tf, x, y, z, p: tf.expand_dims(x, p % 2),
    lambda tf, x, y, z, p: tf.squeeze(tf.expand_dims(x, 0), axis=[0]),
    lambda tf, x, y, z, p: tf.transpose(x),
    lambda tf, x, y, z, p: tf.concat([x, _like(tf, x, y)], axis=0),
    lambda tf, x, y, z, p: tf.stack([x, _like(tf, x, y)], axis=p % 2),
    lambda tf, x, y, z, p: tf.tile(x, [1 + p % 2] * x.shape.ndims),
    lambda tf, x, y, z, p: tf.pad(x, [[p % 3, 1]] * x.shape.ndims),
    lambda tf, x, y, z, p: tf.reverse(x, [_axis(x, p)]),
    lambda tf, x, y, z, p: x[..., tf.newaxis],
    lambda tf, x, y, z, p: x[1:],
    lambda tf, x, y, z, p: x[::-1],
    lambda tf, x, y, z, p: tf.gather(x, tf.zeros([2], tf.int32)),
    lambda tf, x, y, z, p: tf.broadcast_to(x, [2] + x.shape.as_list()),
    lambda tf, x, y, z, p: tf.matmul(x, _like(tf, x, y), transpose_a=p % 2 == 0, transpose_b=p % 3 == 0),
    lambda tf, x, y, z, p: tf.cast(tf.shape(x), tf.float32),
    lambda tf, x, y, z, p: tf.cast(tf.size(x), x.dtype) * x,
    lambda tf, x, y, z, p: tf.one_hot(tf.reshape(tf.cast(x, tf.int32), [-1]), 3),
]


def results(tf, number, runs=1):
    """Dtypes, and what the last of ``runs`` of the graph gives for each output: an array, or the class of the error."""
    with tf.Graph().as_default():
        _, outputs, feeds = graph(tf, number)
        with tf.Session() as session:
            found = []
            for output in outputs:
                try:
                    for _ in range(runs):
                        value = output if isinstance(output, str) else np.asarray(session.run(output, feeds))
                    found.append(value)
                except tf.errors.OpError as error:
                    found.append(type(error).__name__)
            return [getattr(output, "dtype", tf.string).name for output in outputs], found
