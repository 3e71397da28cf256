"""Random ops in a session: streams, seeds, shapes and complaints; expected values are TF 1.15's."""
import numpy as np
import pytest

import graphcore as tf
from graphcore.core.graph import Graph
from graphcore.ops import random
from graphcore.ops.random_seed import get_seed, set_random_seed

STREAMS = {
    "normal": (lambda seed: random.random_normal([4], seed=seed),
               [0.802145540714264, 0.5056790113449097, 1.8120126724243164, -0.031891226768493652]),
    "uniform": (lambda seed: random.random_uniform([2, 3], seed=seed),
                [[0.63789964, 0.16047871, 0.19355309], [0.25280082, 0.31931257, 0.13823259]]),
    "truncated": (lambda seed: random.truncated_normal([2, 3], seed=seed),
                  [[0.8021455, 0.505679, 1.8120127], [-0.03189123, 0.36362436, -0.3596657]]),
    "integers": (lambda seed: random.random_uniform([2, 3], 0, 10, tf.int64, seed=seed), [[2, 1, 0], [6, 9, 0]]),
    "poisson": (lambda seed: random.random_poisson([1.0, 20.0], [2], dtype=tf.int32, seed=seed), [[1, 20], [0, 24]]),
    "choice": (lambda seed: random.categorical([[0.0, 1.0]], 3, tf.int32, seed=seed), [[0, 1, 1]]),
}
OPS_BEFORE = {"normal": 3, "uniform": 3, "truncated": 3, "integers": 3, "poisson": 1, "choice": 1}


def run(tensor, feed=None):
    with tf.Session() as session:
        return session.run(tensor, feed)


@pytest.mark.parametrize("name", STREAMS)
def test_graph_seed_and_number_of_nodes_decide_the_stream(name):
    set_random_seed(42)
    make, expected = STREAMS[name]
    np.testing.assert_allclose(run(make(None)), expected, rtol=1e-6)


@pytest.mark.parametrize("name", STREAMS)
def test_the_number_of_nodes_given_as_op_seed_is_the_same_stream(name):
    set_random_seed(42)
    make, expected = STREAMS[name]
    np.testing.assert_allclose(run(make(OPS_BEFORE[name])), expected, rtol=1e-6)


def test_runs_move_on_and_a_new_session_starts_again():
    values = random.random_uniform([], seed=1)
    with tf.Session() as session:
        first, second = session.run(values), session.run(values)
    assert first != second
    assert run(values) == first


def test_without_seeds_sessions_differ():
    values = random.random_uniform([8])
    assert values.op.inputs[0].op.inputs[0].op.get_attr("seed") == 0
    assert not np.array_equal(run(values), run(values))


@pytest.mark.parametrize("graph_seed, op_seed, expected", [
    (None, None, (None, None)), (None, 0, (87654321, 0)), (None, 3, (87654321, 3)), (0, None, (0, 2**31 - 1)),
    (0, 0, (0, 2**31 - 1)), (0, 2**31 - 1, (0, 2**31 - 1)), (2**31 + 5, 7, (6, 7)), (5, -1, (5, 2147483646)), (5, None, (5, 0))])
def test_get_seed(graph_seed, op_seed, expected):
    if graph_seed is not None:
        set_random_seed(graph_seed)
    assert get_seed(op_seed) == expected


def test_a_seed_that_is_no_number_says_so():
    with pytest.raises(TypeError, match="seed"):
        random.random_uniform([], seed="a")


def names_and_types():
    return [(op.name, op.type) for op in tf.get_default_graph().get_operations()]


def test_normal_builds_tensorflows_nodes():
    random.random_normal([2])
    assert names_and_types() == [
        ("random_normal/shape", "Const"), ("random_normal/mean", "Const"), ("random_normal/stddev", "Const"),
        ("random_normal/RandomStandardNormal", "RandomStandardNormal"), ("random_normal/mul", "Mul"), ("random_normal", "Add")]


def test_gamma_builds_tensorflows_nodes():
    random.random_gamma([2], [1.0, 2.0])
    assert names_and_types()[3:] == [
        ("random_gamma/zeros_like", "Const"), ("random_gamma/add", "AddV2"), ("random_gamma/RandomGamma", "RandomGamma"),
        ("random_gamma/truediv", "RealDiv"), ("random_gamma/Maximum/x", "Const"), ("random_gamma/Maximum", "Maximum")]


def test_shapes_known_in_part_while_building():
    size = tf.placeholder(tf.int32, [2])
    assert random.random_normal(size).shape.as_list() == [None, None]
    assert random.random_gamma(size, tf.placeholder(tf.float32, [None, 3])).shape.as_list() == [None, None, None, 3]
    assert random.multinomial(tf.placeholder(tf.float32), 3).shape.as_list() == [None, 3]
    assert random.random_uniform(tf.placeholder(tf.int32)).shape.rank is None


def test_each_value_may_have_its_own_parameters():
    set_random_seed(42)
    values = run(random.random_normal([2, 2], mean=[1.0, 2.0], stddev=[[1.0], [2.0]]))
    np.testing.assert_allclose(values, [[1.8021455, 2.5056791], [4.6240253, 1.9362175]], rtol=1e-6)


def test_gamma_never_gives_zero():
    assert run(random.random_gamma([50], 1e-3, seed=1)).min() >= np.finfo(np.float32).tiny


def test_poisson_takes_python_integers():
    assert run(random.random_poisson([1, 20], [2], seed=1)).dtype == np.float32


def test_shuffle_keeps_rows_together():
    set_random_seed(42)
    values = run(random.random_shuffle(np.arange(8).reshape(4, 2), seed=2))
    np.testing.assert_array_equal(values, [[4, 5], [2, 3], [0, 1], [6, 7]])


def test_crop_from_an_evenly_drawn_place():
    set_random_seed(42)
    values = run(random.random_crop(np.arange(16).reshape(4, 4), [2, 3], seed=3))
    np.testing.assert_array_equal(values, [[1, 2, 3], [5, 6, 7]])


def test_crop_larger_than_the_value():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Need value.shape >= size, got"):
        run(random.random_crop(tf.zeros([4, 4]), [5, 3]))


@pytest.mark.parametrize("make, phrase", [
    (lambda: random.random_normal([-3]), "Invalid value in tensor used for shape: -3"),
    (lambda: random.random_normal([[3]]), r"Shape must be rank 1 but is rank 2 for 'random_normal/RandomStandardNormal'"),
    (lambda: random.random_uniform([2], [5], 6, tf.int32), "Shape must be rank 0 but is rank 1"),
    (lambda: random.random_uniform([3], dtype=tf.int64), "Must specify maxval for integer dtype tf.int64"),
    (lambda: random.random_uniform([3], dtype=tf.complex64), "Invalid dtype tf.complex64"),
    (lambda: random.multinomial([0.0, 1.0], 3), "Shape must be rank 2 but is rank 1 for 'multinomial/Multinomial'"),
    (lambda: random.multinomial([[0.0]], -3), "given by scalar input 1, must be non-negative but is -3"),
    (lambda: random.multinomial([[0.0]], [3]), "Shape must be rank 0 but is rank 1")])
def test_build_errors(make, phrase):
    with pytest.raises(ValueError, match=phrase):
        make()


@pytest.mark.parametrize("make, phrase", [
    (lambda: random.random_normal([3], dtype=tf.int32), "Expected int32, got 0.0 of type 'float' instead."),
    (lambda: random.random_normal([3.0]), "'shape' has DataType float32 not in list of allowed values: int32, int64"),
    (lambda: random.multinomial([[0.0]], 2, output_dtype=tf.float32), "float32 not in list of allowed values: int32, int64"),
    (lambda: random.random_normal([None, 2]), r"Contents: \(None, 2\)")])
def test_type_errors(make, phrase):
    with pytest.raises(TypeError, match=phrase):
        make()


@pytest.mark.parametrize("make, fed, phrase", [
    (lambda p: random.random_normal(p), [-3], "Dimension -3 must be >= 0"),
    (lambda p: random.random_uniform(p), [[1]], r"shape must be a vector of \{int32,int64\}, got shape \[1,1\]"),
    (lambda p: random.random_gamma(p, 1.0), 2, r"shape must be a vector of \{int32,int64\}, got shape"),
    (lambda p: random.random_uniform([2], p, 5, tf.int32), 5, "Need minval < maxval, got 5 >= 5"),
    (lambda p: random.random_uniform([2], p, 6, tf.int32), [5], r"minval must be 0-D, got shape \[1\]"),
    (lambda p: random.multinomial([[1.0]], p), -3, "num_samples should be nonnegative, got -3"),
    (lambda p: random.multinomial([[1.0]], p), [3], r"num_samples should be a scalar, got shape \[1\]"),
    (lambda p: random.multinomial(p, 2), [5], r"logits should be a matrix, got shape \[1\]")])
def test_run_errors(make, fed, phrase):
    given = tf.placeholder(tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError, match=phrase):
        run(make(given), {given: fed})


def test_size_minus_one_is_unknown_while_building_and_wrong_when_run():
    values = random.random_normal([-1])
    assert values.shape.as_list() == [None]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Dimension -1 must be >= 0"):
        run(values)


def test_no_integers_need_no_range():
    assert run(random.random_uniform([0], 5, 5, tf.int32)).shape == (0,)


def test_graphs_have_seeds_of_their_own():
    set_random_seed(1)
    with Graph().as_default():
        assert get_seed(None) == (None, None)
