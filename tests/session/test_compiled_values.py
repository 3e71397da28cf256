"""Compiled loops give what the single nodes give, fused in Numba's loops or joined in steps of machine code."""

import importlib

import numpy as np
import pytest
from scipy import special

import graphcore as tf
from graphcore.core import flags

JOIN = importlib.import_module("graphcore.session.passes.join")  # its function has the same name
ROWS = np.random.RandomState(1).standard_normal((37, 19)).astype(np.float32)


@pytest.fixture(autouse=True, params=["fused", "joined"])
def compiled_at_once(request, monkeypatch):
    if request.param == "fused":
        monkeypatch.setattr(JOIN, "_MOST_NODES", 0)
    else:
        monkeypatch.setattr(JOIN, "_LEAST_WEIGHT", 1)
    with flags.jit.set("eager"), flags.verify.set(True):
        yield


def placeholder(*sizes, dtype=tf.float32):
    return tf.placeholder(dtype, list(sizes))


def run(fetches, feed_dict):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed_dict)


def plainly(fetches, feed_dict):
    with flags.jit.set("off"):
        return run(fetches, feed_dict)


EXACT = {
    "arithmetic": lambda x, y: (x + y) * (x - y) / (1.0 + tf.square(y)) - (-x),
    "choices": lambda x, y: tf.maximum(x, y) - tf.minimum(x, 0.5) + tf.where(x < y, x, y) + tf.nn.relu(x) + tf.nn.relu6(x * 9.0),
    "roots and steps": lambda x, y: tf.sqrt(tf.abs(x)) + tf.floor(y) + tf.ceil(x) + tf.rint(y * 3.0) + tf.sign(x),
    "signs": lambda x, y: tf.sign(x) * 3.0 + tf.sign(y),  # in TF that of NaN is 0
    "logic": lambda x, y: tf.cast(tf.logical_or(x < y, tf.logical_and(x > 0.5, tf.logical_not(y >= x))), tf.float32) * x,
    "slopes": lambda x, y: tf.gradients(tf.nn.relu(x * y) + tf.nn.leaky_relu(x - y) + tf.square(x) / (y * y + 1.0), x)[0],
    "powers": lambda x, y: x ** 2.0 + tf.reciprocal(y) + tf.zeros_like(x) - tf.ones_like(y) + tf.add_n([x, y, x]),
    "casts": lambda x, y: tf.cast(tf.cast(x, tf.float64) * tf.cast(y, tf.float64), tf.float32) + tf.cast(tf.equal(x, y), tf.float32),
}


@pytest.mark.parametrize(("name", "dtype"), [(name, dtype) for name in EXACT for dtype in ("float32", "float64")
                                             if (name, dtype) != ("casts", "float64")])  # it casts between the two
def test_exact_ops_agree_bit_for_bit(name, dtype):
    x, y = tf.placeholder(dtype, [None, 19]), tf.placeholder(dtype, [None, 19])
    made = EXACT[name](x, y) if dtype == "float32" or name != "logic" else tf.cast(x < y, tf.float64) * x + y
    special_values = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -1.0, 2.5, 1e30], dtype)
    a, b = (grid.ravel() for grid in np.meshgrid(special_values, special_values))
    a = np.resize(np.concatenate([a, ROWS.ravel()]), (38, 19)).astype(dtype)
    b = np.resize(np.concatenate([b, ROWS.ravel()[::-1]]), (38, 19)).astype(dtype)
    expected, found = plainly(made, {x: a, y: b}), run(made, {x: a, y: b})
    assert found.dtype == expected.dtype == dtype
    np.testing.assert_array_equal(found, expected)


FUNCTIONS = {
    "exp": (tf.exp, np.exp), "tanh": (tf.tanh, np.tanh), "sigmoid": (tf.sigmoid, special.expit), "log": (tf.log, np.log),
    "log1p": (tf.math.log1p, np.log1p), "expm1": (tf.expm1, np.expm1), "sin": (tf.sin, np.sin), "erf": (tf.erf, special.erf),
    "rsqrt": (tf.rsqrt, lambda x: 1 / np.sqrt(x)), "softplus": (tf.nn.softplus, lambda x: np.logaddexp(x, 0)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_right_to_a_few_last_digits(name):
    ours, reference = FUNCTIONS[name]
    x = placeholder(None)
    data = np.linspace(0.01, 9.0, 3001, dtype=np.float32)
    found = run(-1.0 * (-1.0 * ours(x)), {x: data})
    np.testing.assert_allclose(found, reference(data.astype(np.float64)), rtol=4 * np.finfo(np.float32).eps)


@pytest.mark.parametrize("shapes", [((37, 19), (19,)), ((37, 19), (37, 1)), ((37, 19), ()), ((3, 1, 5, 7), (3, 4, 1, 7)), ((6,), (6,)),
                                    ((2, 3, 4), (3, 4)), ((1, 1), (5, 1))])
def test_broadcasting(shapes):
    x, y = placeholder(*shapes[0]), placeholder(*shapes[1])
    random = np.random.RandomState(0)
    feeds = {x: random.standard_normal(shapes[0]).astype(np.float32), y: random.standard_normal(shapes[1]).astype(np.float32)}
    made = [(x * y + 1.0) * (x - y), tf.square(x * y) - x]
    for found, expected in zip(run(made, feeds), plainly(made, feeds)):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("axis", [None, 0, 1, [0, 1], -1, []])
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_and_means_at_the_end(axis, keepdims):
    x = placeholder(None, 19)
    squares = tf.square(x) - 0.25 * x
    made = [tf.reduce_sum(squares, axis, keepdims), tf.reduce_mean(squares, axis, keepdims), squares]
    data = ROWS.astype(np.float64)
    expected = data * data - 0.25 * data
    numpy_axis = tuple(axis) if isinstance(axis, list) else axis
    total, mean, _ = run(made, {x: ROWS})
    np.testing.assert_allclose(total, expected.sum(numpy_axis, keepdims=keepdims), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(mean, expected.mean(numpy_axis, keepdims=keepdims), rtol=1e-5, atol=1e-5)
    assert total.dtype == mean.dtype == np.float32


EXTREMES = {tf.reduce_max: (np.fmax, -np.inf), tf.reduce_min: (np.fmin, np.inf)}


@pytest.mark.parametrize("axis", [None, 0, 1, -1, [0, 1]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extremes_at_the_end_pass_over_nan(axis, dtype):
    x = tf.placeholder(dtype, [None, 19])
    data = ROWS.astype(dtype)
    data[3], data[:, 5], data[7, 8] = np.nan, np.nan, np.inf  # a row and a column of nothing else
    made = [reduce(tf.square(x) + x, axis) for reduce in EXTREMES] + [tf.sqrt(tf.abs(tf.square(x) + x))]
    numpy_axis = tuple(axis) if isinstance(axis, list) else axis
    *found, _ = run(made, {x: data})
    for value, (function, start) in zip(found, EXTREMES.values()):
        np.testing.assert_array_equal(value, function.reduce(data * data + data, numpy_axis, initial=start))


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_products_at_the_end(axis):
    x = placeholder(None, 19)
    made = [tf.reduce_prod(tf.square(x) * 0.01 + 0.9, axis), tf.exp(tf.square(x) * 0.01 + 0.9)]
    factors = ROWS.astype(np.float64) ** 2 * 0.01 + 0.9
    np.testing.assert_allclose(run(made, {x: ROWS})[0], factors.prod(axis), rtol=ROWS.size * 2.0 ** -23)


# ---------------------------------------------------------------- what comes otherwise than planned


def test_arrays_of_other_layouts_and_read_only_ones_are_taken():
    x = placeholder(None, None)
    made = tf.exp(x) * x - 1.0
    wide = np.repeat(ROWS, 2, axis=1)
    read_only = ROWS.copy()
    read_only.flags.writeable = False
    with tf.Session() as session:
        for data in (ROWS, ROWS.T, wide[:, ::2], read_only, ROWS[::-1]):
            np.testing.assert_allclose(session.run(made, {x: data}), np.exp(data) * data - 1, rtol=1e-5, atol=1e-6)


def test_a_shape_that_was_promised_and_is_not_kept_reads_no_foreign_memory():
    rows = tf.py_func(lambda: np.ones(5, np.float32), [], tf.float32)
    rows.set_shape([4000])
    made = tf.exp(rows) * 2.0 + 1.0
    with tf.Session() as session:
        for _ in range(3):
            np.testing.assert_allclose(session.run(made), np.full(5, np.exp(1.0) * 2 + 1), rtol=1e-6)


def test_results_are_the_users_own():
    x = placeholder(None, 19)
    made = [tf.exp(x) * 0.5, tf.exp(x) * 0.5 + x]
    with tf.Session() as session:
        first = session.run(made, {x: ROWS})
        kept = [array.copy() for array in first]
        session.run(made, {x: ROWS * 2})
        for array, copy in zip(first, kept):
            assert array.flags.writeable and np.array_equal(array, copy)


def test_an_error_inside_a_run_names_the_op_and_not_the_group():
    x, y = placeholder(None, None), placeholder(None, None)
    made = tf.matmul(tf.exp(x) * 2.0, tf.exp(y) * 2.0, name="product")
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="product"):
        session.run(made, {x: ROWS, y: ROWS})
