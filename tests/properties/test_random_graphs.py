"""Random graphs: what the passes and the generated code give equals the plain interpreter, bit for bit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import graphcore as tf
from graphcore.core import flags

UNARY = [tf.negative, tf.abs, tf.square, tf.exp, tf.tanh, tf.sigmoid, tf.nn.relu, tf.sign, tf.identity, tf.stop_gradient,
         tf.ones_like, tf.zeros_like, lambda x: tf.cast(tf.size(x), tf.float32) + x, lambda x: tf.cast(x > 0.0, tf.float32)]
BINARY = [tf.add, tf.subtract, tf.multiply, tf.maximum, tf.minimum, lambda x, y: x / (1.0 + tf.square(y)),
          lambda x, y: tf.where(x < y, x, y) if x.shape.as_list() == y.shape.as_list() else x + y]
SHAPING = [lambda x: tf.reduce_sum(x, axis=-1, keepdims=True) if x.shape.ndims else x,
           lambda x: tf.reduce_mean(x), lambda x: tf.reduce_max(x, axis=0) if x.shape.ndims else x,
           lambda x: tf.reshape(tf.reshape(x, [-1]), tf.shape(x)), lambda x: tf.expand_dims(x, 0)[0],
           lambda x: tf.transpose(x) if x.shape.ndims == 2 else x, lambda x: tf.reduce_sum(tf.expand_dims(x, -1), -1)]
SHAPES = [(), (1,), (3,), (2, 3), (2, 1), (1, 3)]


@st.composite
def recipes(draw):
    """Shapes of two feeds, and for each node which operation takes which of the earlier values."""
    count = draw(st.integers(1, 12))
    steps = [(draw(st.sampled_from(["unary", "binary", "shaping"])), draw(st.integers(0, 30)), draw(st.integers(0, 30)),
              draw(st.integers(0, 30))) for _ in range(count)]
    return draw(st.sampled_from(SHAPES)), draw(st.sampled_from(SHAPES)), steps, draw(st.booleans())


def build(shapes, steps, differentiate):
    """(feeds, fetches) of a recipe; what does not fit together is left out."""
    feeds = [tf.placeholder(tf.float32, [None] * len(shape)) for shape in shapes]
    values = list(feeds) + [tf.Variable(np.float32(1.5)).value()]
    for kind, operation, first, second in steps:
        x, y = values[first % len(values)], values[second % len(values)]
        try:
            if kind == "binary":
                values.append(BINARY[operation % len(BINARY)](x, y))
            else:
                choices = UNARY if kind == "unary" else SHAPING
                values.append(choices[operation % len(choices)](x))
        except ValueError:
            continue
    fetches = values[len(feeds):]
    if differentiate:
        slopes = tf.gradients(tf.reduce_sum(values[-1]), feeds)
        fetches += [slope for slope in slopes if slope is not None]
    return feeds, fetches


def results(session, fetches, feed_dict):
    try:
        return session.run(fetches, feed_dict)
    except tf.errors.InvalidArgumentError as error:
        return str(error).splitlines()[0]


@settings(max_examples=120)
@given(recipes(), st.integers(0, 1000))
def test_optimised_equals_plain(recipe, seed):
    first, second, steps, differentiate = recipe
    random = np.random.RandomState(seed)
    with tf.Graph().as_default() as graph:
        feeds, fetches = build((first, second), steps, differentiate)
        feed_dict = {f: random.standard_normal(shape).astype(np.float32) for f, shape in zip(feeds, (first, second))}
        with flags.jit.set("off"), tf.Session(graph=graph) as plain:
            plain.run(tf.global_variables_initializer())
            expected = results(plain, fetches, feed_dict)
        with flags.jit.set("lazy"), flags.verify.set(True), tf.Session(graph=graph) as session:
            session.run(tf.global_variables_initializer())
            for _ in range(3):
                found = results(session, fetches, feed_dict)
                assert type(found) is type(expected)
                if isinstance(expected, str):
                    assert found == expected
                    continue
                for a, b in zip(expected, found):
                    assert a.dtype == b.dtype and np.shape(a) == np.shape(b)
                    assert np.array_equal(a, b, equal_nan=True)


@settings(max_examples=60)
@given(recipes())
def test_export_equals_import(recipe):
    first, second, steps, differentiate = recipe
    with tf.Graph().as_default() as graph:
        build((first, second), steps, differentiate)
        message = graph.as_graph_def()
    with tf.Graph().as_default() as again:
        tf.import_graph_def(message, name="")
        assert again.as_graph_def() == message
