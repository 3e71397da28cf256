"""Random graphs: what the passes and the compiled code give is what the plain interpreter gives.

Two things are asked of a graph.  What is exact, in all that it comes from, has the same bits in a run that fetches
little, with variables that change between the runs and during them.  And in a run that fetches everything, each op's
results are those of the plain op for the inputs that it had in that run: bit for bit, within 4 ulp where it is
transcendental, within the error bound of their length where a sum may be made in another order.  No error travels from
op to op in this, so that the bounds stay sharp however deep a graph is.
"""

import hypothesis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphcore as tf
from graphcore.core import flags


def _if(condition, function):
    return lambda x: function(x) if condition(x) else x


def _rank_2(x):
    return x.shape.ndims == 2


def _has_axes(x):
    return bool(x.shape.ndims)


def _product(x, y):
    """A product of matrices, with what is turned so that some of the sizes can fit."""
    return tf.matmul(x, y, transpose_a=True) if x.shape.ndims == y.shape.ndims == 2 else x - y


def _cross_entropy(x, y):
    if x.shape.ndims != 2 or y.shape.ndims != 2:
        return x * y
    return tf.nn.softmax_cross_entropy_with_logits(labels=tf.stop_gradient(y), logits=x)


UNARY = [tf.negative, tf.abs, tf.square, tf.exp, tf.tanh, tf.sigmoid, tf.nn.relu, tf.sign, tf.identity, tf.stop_gradient,
         tf.ones_like, tf.zeros_like, lambda x: tf.cast(tf.size(x), x.dtype) + x, lambda x: tf.cast(x > 0, x.dtype),
         lambda x: tf.log1p(tf.abs(x)), tf.nn.softplus, tf.floor, tf.nn.elu,
         lambda x: tf.cast(tf.cast(tf.clip_by_value(x, -9, 9), tf.int32) // 2, x.dtype), lambda x: 2 * x - 1]
BINARY = [tf.add, tf.subtract, tf.multiply, tf.maximum, tf.minimum, lambda x, y: x / (1 + tf.square(y)),
          lambda x, y: tf.where(x < y, x, y) if x.shape.as_list() == y.shape.as_list() else x + y, _product, _product, _cross_entropy,
          tf.squared_difference, lambda x, y: tf.add_n([x, x, tf.zeros_like(x)]) + y]
SHAPING = [_if(_has_axes, lambda x: tf.reduce_sum(x, axis=-1, keepdims=True)), tf.reduce_mean, tf.reduce_sum,
           _if(_has_axes, lambda x: tf.reduce_max(x, axis=0)), lambda x: tf.reshape(tf.reshape(x, [-1]), tf.shape(x)),
           lambda x: tf.expand_dims(x, 0)[0], _if(_rank_2, tf.transpose), lambda x: tf.reduce_sum(tf.expand_dims(x, -1), -1),
           _if(_has_axes, tf.nn.softmax), _if(_has_axes, tf.nn.log_softmax), _if(_rank_2, lambda x: tf.reduce_mean(x, 0)),
           lambda x: tf.reshape(x, [-1, 1]), _if(_has_axes, lambda x: x[:1]), _if(_rank_2, lambda x: tf.concat([x, x], 1))]
SHAPES = [(), (1,), (3,), (0,), (2, 3), (2, 1), (1, 3), (3, 3), (2, 0), (0, 3), (7, 5), (2, 3, 4)]
CHANGES = [tf.assign_add, tf.assign_sub, tf.assign]


@st.composite
def recipes(draw):
    """Shapes of two feeds, and for each node which operation takes which of the earlier values."""
    count = draw(st.integers(1, 12))
    number = st.integers(0, 30)
    steps = [(draw(st.sampled_from(["unary", "unary", "binary", "binary", "shaping", "change"])), draw(number), draw(number), draw(number))
             for _ in range(count)]
    shapes = draw(st.sampled_from(SHAPES)), draw(st.sampled_from(SHAPES))
    kinds = dict(dtype=draw(st.sampled_from([tf.float32, tf.float32, tf.float64])), known=draw(st.booleans()),
                 resource=draw(st.booleans()))
    return shapes, steps, draw(st.booleans()), kinds


def build(shapes, steps, differentiate, dtype=tf.float32, known=False, resource=False):
    """(feeds, fetches) of a recipe; what does not fit together is left out."""
    feeds = [tf.placeholder(dtype, shape if known else [None] * len(shape)) for shape in shapes]
    number = tf.Variable(dtype.as_numpy_dtype(1.5), use_resource=resource, name="number")
    row = tf.Variable(np.array([1, -2, 4], dtype.as_numpy_dtype), use_resource=resource, name="row")
    values = [*feeds, number.value(), row * 2]
    changed = []
    for kind, operation, first, second in steps:
        x, y = values[first % len(values)], values[second % len(values)]
        try:
            if kind == "binary":
                values.append(BINARY[operation % len(BINARY)](x, y))
            elif kind == "change":
                values.append(change(CHANGES[operation % 3], [number, row][first % 2], second, changed))
            else:
                choices = UNARY if kind == "unary" else SHAPING
                values.append(choices[operation % len(choices)](x))
        except ValueError:
            continue
    fetches = values[len(feeds):]
    if differentiate:
        slopes = tf.gradients(tf.reduce_sum(values[-1]), feeds)
        fetches += [slope for slope in slopes if slope is not None]
    return feeds, [*fetches, number, row]


def change(how, variable, amount, changed):
    """A variable is changed after all changes before, and read after that."""
    with tf.control_dependencies(changed):
        changed[:] = [how(variable, tf.ones_like(variable.initial_value) * amount)]
    with tf.control_dependencies(changed):
        return variable.read_value() * 0.5


def results(session, fetches, feed_dict):
    try:
        return session.run(fetches, feed_dict)
    except tf.errors.InvalidArgumentError as error:
        return str(error).splitlines()[0]


def data(feeds, shapes, seed, whole):
    """Values for the feeds; small whole numbers, with which sums are exact in any order, or any."""
    random = np.random.RandomState(seed)
    return {feed: (random.randint(-3, 4, shape) if whole else random.standard_normal(shape)).astype(feed.dtype.as_numpy_dtype)
            for feed, shape in zip(feeds, shapes)}


# ---------------------------------------------------------------- what may differ, and by how much

TRANSCENDENTAL = {"Exp", "Tanh", "Sigmoid", "Log1p", "Elu", "SoftplusGrad"}
EPSILON = {"float32": 2.0 ** -23, "float64": 2.0 ** -52}


def _spacing(array):
    return np.spacing(np.maximum(np.abs(array), np.finfo(array.dtype).tiny))


def _of_sum(op, inputs, expected):
    """Two sums of n numbers in any order: each is off by n half spacings of the sum of their sizes."""
    sizes = np.abs(inputs[0].astype(np.longdouble))
    axes = tuple(np.ravel(inputs[1]))
    count = np.prod([sizes.shape[axis] for axis in axes])
    total = sizes.sum(axis=axes, keepdims=op.get_attr("keep_dims"))
    return (count + 1) * EPSILON[expected.dtype.name] * total / (count if op.type == "Mean" and count else 1)


def _of_product(op, inputs, expected):
    a, b = (np.abs(v.astype(np.longdouble)) for v in inputs)
    a, b = a.T if op.get_attr("transpose_a") else a, b.T if op.get_attr("transpose_b") else b
    return (a.shape[1] + 1) * EPSILON[expected.dtype.name] * (a @ b)


def _of_softmax(op, inputs, expected):
    """Exponentials of 4 ulp, their sum, a division."""
    return (inputs[0].shape[-1] + 10) * _spacing(expected)


def _of_log_softmax(op, inputs, expected):
    """x - max - log(sum): the sum's relative error is the logarithm's absolute one."""
    return (inputs[0].shape[-1] + 10) * EPSILON[expected.dtype.name] + 8 * _spacing(expected)


def _of_softplus(op, inputs, expected):
    """log(exp(x) + 1), as in TF: the sum may be rounded to either side, for its logarithm an error of half of 1's spacing."""
    return EPSILON[expected.dtype.name] + 8 * _spacing(expected)


def _of_cross_entropy(op, inputs, expected):
    logits, labels = (v.astype(np.longdouble) for v in inputs)
    if expected.ndim == 2:  # the gradient: softmax - labels
        return (logits.shape[1] + 10) * EPSILON[expected.dtype.name] * (1 + np.abs(labels))
    spread = logits.max(1, keepdims=True) - logits if logits.size else np.zeros_like(logits)
    terms = np.abs(labels) * (spread + np.log(max(logits.shape[1], 1)) + 1)
    return (2 * logits.shape[1] + 12) * EPSILON[expected.dtype.name] * terms.sum(1)


INEXACT = {"Sum": _of_sum, "Mean": _of_sum, "MatMul": _of_product, "Softmax": _of_softmax, "LogSoftmax": _of_log_softmax,
           "SoftmaxCrossEntropyWithLogits": _of_cross_entropy,
           "Softplus": _of_softplus,
           **dict.fromkeys(TRANSCENDENTAL, lambda op, inputs, expected: 4 * _spacing(expected))}


def _signs(array):
    """Which are negative, -0.0 too; not of what is no number: neither IEEE nor LLVM says what sign a NaN comes out with."""
    return np.signbit(array) & ~np.isnan(array)


def agree(op, inputs, expected, found):
    """Check one result of an op against the plain op's for the same inputs."""
    assert found.dtype == expected.dtype and np.shape(found) == np.shape(expected), op.name
    if np.array_equal(expected, found, equal_nan=expected.dtype.kind == "f") and np.array_equal(_signs(expected), _signs(found)):
        return
    assert op.type in INEXACT, f"{op.type} {op.name} is exact: {expected!r}, but {found!r}, for {inputs!r}"
    with np.errstate(all="ignore"):
        bound = INEXACT[op.type](op, inputs, expected)
        off = np.abs(found.astype(np.longdouble) - expected)
    # Where the sizes of what is added overflow, so may a sum in another order.
    fine = (off <= bound) | (found == expected) | (np.isnan(found) & np.isnan(expected)) | (bound > np.finfo(expected.dtype).max)
    assert np.all(fine), f"{op.type} {op.name}: {expected!r}, but {found!r}, for {inputs!r}"


def inexact(graph, known):
    """The tensors that come from anything inexact, for these values of all tensors."""
    found = set()
    for op in graph.get_operations():
        values = [known.get(t) for t in op.inputs]
        own = op.type in TRANSCENDENTAL | {"Softplus", "Softmax", "LogSoftmax", "SoftmaxCrossEntropyWithLogits"}
        if op.type in INEXACT and not own:
            with np.errstate(all="ignore"):
                own = any(v is None or not _are_small_whole_numbers(v) for v in values)
        if own or any(t in found for t in op.inputs):
            found.update(op.outputs)
    return found


def _are_small_whole_numbers(array):
    """Whether sums of these numbers and of their products are exact in any order."""
    return array.size == 0 or bool((np.abs(array) <= 1000).all() and (array == np.round(array)).all() and array.size < 100)


# ---------------------------------------------------------------- the properties


def check(recipe, seed):
    """A random graph, plain and compiled."""
    shapes, steps, differentiate, kinds = recipe
    with tf.Graph().as_default() as graph, flags.verify.set(True):
        feeds, fetches = build(shapes, steps, differentiate, **kinds)
        start = tf.global_variables_initializer()
        feed_dict = data(feeds, shapes, seed, whole=seed % 2)
        with flags.jit.set("off"), tf.Session(graph=graph) as plain:  # a session is plain if it is made so
            plain.run(start)
            expected = [results(plain, fetches, feed_dict) for _ in range(2)]
            with flags.jit.set("eager"), tf.Session(graph=graph) as session:
                session.run(start)
                found = [results(session, fetches, feed_dict) for _ in range(2)]
                assert [type(f) for f in found] == [type(e) for e in expected]
                if isinstance(expected[0], str):
                    assert found == expected
                    return
                ops = [op for op in graph.get_operations() if _can_be_fetched(op)]
                tensors = [t for op in ops for t in op.outputs]
                known = dict(zip(tensors, session.run(tensors, feed_dict)))
            differing = inexact(graph, known)
            for one, other in zip(expected, found):
                for tensor, a, b in zip(fetches, one, other):
                    tensor = graph.as_graph_element(tensor, allow_operation=False)
                    assert a.dtype == b.dtype and np.shape(a) == np.shape(b), tensor
                    assert tensor in differing or np.array_equal(a, b, equal_nan=True), (tensor, a, b)
            for op in ops:
                check_op(plain, op, known, feed_dict)


def _can_be_fetched(op):
    return not op.definition.stateful and not any(t.dtype._is_ref_dtype or t.dtype == tf.resource for t in (*op.inputs, *op.outputs))


def check_op(plain, op, known, feed_dict):
    """Compare an op's results with those of the plain op for the same inputs, if these are known.

    The placeholders are fed for what it waits for.
    """
    if not op.inputs or any(t not in known or _shows_a_variable(t, known) for t in op.inputs):
        return
    inputs = [known[t] for t in op.inputs]
    expected = plain.run(op.outputs, {**feed_dict, **{t: v for t, v in zip(op.inputs, inputs) if t.op.type != "Const"}})
    for tensor, value in zip(op.outputs, expected):
        agree(op, inputs, value, known[tensor])


def _shows_a_variable(tensor, known):
    """Whether the tensor is a variable's content under another name: fetched, it is that at the end of the run."""
    while tensor.op.definition.view and tensor in known:
        tensor = tensor.op.inputs[0]
    return tensor not in known


SHARE, SHARES, MORE = 250, 4, 40  # graphs a test, so that several processes can share them; tests in the usual round, and in the larger one


def check_many(share):
    """Random graphs; each share has others."""
    shared = settings(max_examples=SHARE)(given(recipes(), st.integers(0, 100000))(check))
    hypothesis.seed(share)(shared)()


@pytest.mark.parametrize("share", range(SHARES))
def test_compiled_equals_plain(share):
    check_many(share)


@pytest.mark.long
@pytest.mark.parametrize("share", range(SHARES, SHARES + MORE))
def test_compiled_equals_plain_in_many_graphs(share):
    check_many(share)


@settings(max_examples=120)
@given(recipes(), st.integers(0, 1000))
def test_optimised_equals_plain(recipe, seed):
    """Before anything is compiled, all is bit for bit."""
    shapes, steps, differentiate, kinds = recipe
    with tf.Graph().as_default() as graph:
        feeds, fetches = build(shapes, steps, differentiate, **kinds)
        start = tf.global_variables_initializer()
        feed_dict = data(feeds, shapes, seed, whole=False)
        with flags.jit.set("off"), tf.Session(graph=graph) as plain:
            plain.run(start)
            expected = [results(plain, fetches, feed_dict) for _ in range(3)]
        with flags.jit.set("lazy"), flags.verify.set(True), tf.Session(graph=graph) as session:
            session.run(start)
            found = [results(session, fetches, feed_dict) for _ in range(3)]
        for one, other in zip(expected, found):
            assert type(one) is type(other)
            if isinstance(one, str):
                assert one == other
                continue
            for a, b in zip(one, other):
                assert a.dtype == b.dtype and np.shape(a) == np.shape(b)
                assert np.array_equal(a, b, equal_nan=True)


@settings(max_examples=60)
@given(recipes())
def test_export_equals_import(recipe):
    shapes, steps, differentiate, kinds = recipe
    with tf.Graph().as_default() as graph:
        build(shapes, steps, differentiate, **kinds)
        message = graph.as_graph_def()
    with tf.Graph().as_default() as again:
        tf.import_graph_def(message, name="")
        assert again.as_graph_def() == message
