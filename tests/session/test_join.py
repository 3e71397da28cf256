"""Joining: which nodes become one step, the order in which variables change, and machine code that is not to be had."""

import contextlib
import importlib
import threading

import numpy as np
import pytest
from scipy import special

import graphcore as tf
from graphcore.core import flags
from graphcore.session.native import call, recipe
from graphcore.session.passes import optimized
from graphcore.session.plan import Joined, lower

JOIN = importlib.import_module("graphcore.session.passes.join")  # its function has the same name


@pytest.fixture(autouse=True)
def compiled_at_once():
    with flags.jit.set("eager"), flags.verify.set(True):
        yield


def steps(fetches, feeds=(), shapes=()):
    """For each step of the plan for these shapes, the op names of what it stands for; the op's name for what stays alone."""
    plan = optimized(lower([getattr(f, "op", f) if isinstance(f, tf.Operation) else f for f in fetches], list(feeds)), shapes)
    return [[inner.op.op_name for inner in node.attrs["group"].plan.nodes] if node.op is Joined else node.op.op_name
            for node in plan.nodes]


@pytest.fixture
def regression():
    """(loss, training step, feeds) of a linear model."""
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 1])
    w, b = tf.Variable(tf.zeros([3, 1])), tf.Variable(tf.zeros([1]))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
    return loss, tf.train.GradientDescentOptimizer(0.1).minimize(loss), (x, y)


# ---------------------------------------------------------------- which nodes


def test_a_whole_training_step_is_one_step(regression):
    loss, train, feeds = regression
    alone = [each for each in steps([train], feeds, [(5, 3), (5, 1)]) if isinstance(each, str)]
    assert set(alone) == {"Read"}
    (joined,) = [each for each in steps([train, loss], feeds, [(5, 3), (5, 1)]) if not isinstance(each, str)]
    assert {"MatMul", "Mean", "ApplyGradientDescent"} <= set(joined)


def test_what_stays_alone_divides_steps():
    x = tf.placeholder(tf.float32, [4, 4])
    before = tf.exp(x) * 2.0 + 1.0
    after = tf.sin(tf.matrix_inverse(before)) * 3.0 + before
    assert steps([after], [x], [(4, 4)]) == [["Exp", "Mul", "AddV2"], "MatrixInverse", ["Sin", "Mul", "AddV2"]]


def test_little_is_left_alone_and_so_is_what_is_large():
    x, y = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [200, 200])
    assert steps([x + 1.0, tf.matmul(y, y)], [x, y], [(), (200, 200)]) == ["AddV2", "MatMul"]


def test_long_runs_of_little_nodes_are_several_steps():
    x = total = tf.placeholder(tf.float32, [3])
    for _ in range(250):
        total = total + x
    assert [len(step) for step in steps([total], [x], [(3,)])] == [100, 100, 50]


def test_explain_shows_what_a_step_is_made_of(regression):
    loss, _, (x, y) = regression
    with tf.Session() as session:
        text = session.explain(loss, {x: np.ones((2, 3)), y: np.ones((2, 1))})
    assert "= Joined(" in text and "    %" in text and "MatMul(" in text


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("turned_a", [False, True])
@pytest.mark.parametrize("turned_b", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (4, 1, 3), (1, 7, 1), (5, 9, 1), (1, 9, 5), (13, 40, 1), (6, 7, 8), (17, 33, 19)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products(turned_a, turned_b, sizes, dtype):
    rows, depth, columns = sizes
    random = np.random.RandomState(0)
    a, b = random.standard_normal((rows, depth)).astype(dtype), random.standard_normal((depth, columns)).astype(dtype)
    x, y = (tf.placeholder(dtype, [None, None]) for _ in range(2))
    made = tf.exp(tf.matmul(x, y, transpose_a=turned_a, transpose_b=turned_b) * 0.125) + 1.0
    with tf.Session() as session:
        found = session.run(made, {x: a.T if turned_a else a, y: b.T if turned_b else b})
    np.testing.assert_allclose(found, np.exp(a.astype(np.float64) @ b * 0.125) + 1, rtol=60 * np.finfo(dtype).eps)


def test_results_that_are_seen_in_several_shapes():
    x = tf.placeholder(tf.float32, [6])
    row = tf.exp(x) * 2.0 + 1.0
    made = [row, tf.reshape(row, [2, 3]), tf.reshape(row, [3, 2]) * 2.0, tf.reshape(tf.reduce_sum(row), [1, 1])]
    data = np.linspace(0, 1, 6, dtype=np.float32)
    with tf.Session() as session:
        found = session.run(made, {x: data})
    expected = np.exp(data) * 2 + 1
    for value, wanted in zip(found, [expected, expected.reshape(2, 3), expected.reshape(3, 2) * 2, expected.sum().reshape(1, 1)]):
        np.testing.assert_allclose(value, wanted, rtol=1e-6)
    found[0][:] = 0  # the user's own
    np.testing.assert_allclose(found[1], expected.reshape(2, 3), rtol=1e-6)


def test_constants_of_many_elements_are_read_where_they_are():
    x = tf.placeholder(tf.float32, [3])
    made = tf.square(x * tf.constant([1.0, 2.0, 3.0]) + tf.constant([[1.0], [2.0]])) - 1.0
    with tf.Session() as session:
        found = session.run(made, {x: [1.0, 1.0, 1.0]})
    np.testing.assert_array_equal(found, [[3.0, 8.0, 15.0], [8.0, 15.0, 24.0]])


def test_sums_in_the_middle_axis():
    x = tf.placeholder(tf.float32, [2, 5, 3])
    made = [tf.reduce_sum(tf.square(x) + 1.0, [0, 2]), tf.reduce_mean(tf.square(x) + 1.0, 1), tf.reduce_mean(tf.square(x), [0, 1])]
    data = np.arange(30.0, dtype=np.float32).reshape(2, 5, 3)
    with tf.Session() as session:
        found = session.run(made, {x: data})
    expected = [(data ** 2 + 1).sum((0, 2)), (data ** 2 + 1).mean(1), (data ** 2).mean((0, 1))]
    for value, wanted in zip(found, expected):
        np.testing.assert_allclose(value, wanted, rtol=1e-6)


ROWWISE = {
    "softmax": lambda x, y: tf.nn.softmax(x), "log_softmax": lambda x, y: tf.nn.log_softmax(x),
    "cross entropy": lambda x, y: tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x),
    "its gradient": lambda x, y: tf.gradients(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x), x)[0],
}


@pytest.mark.parametrize("name", ROWWISE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (40, 33)])
def test_rows_of_classes(name, dtype, shape):
    x, y = (tf.placeholder(dtype, [None, None]) for _ in range(2))
    made = ROWWISE[name](x * 1.0, y + 0.0)
    random = np.random.RandomState(2)
    logits, labels = random.standard_normal(shape).astype(dtype) * 9, random.dirichlet(np.ones(shape[1]), shape[0]).astype(dtype)
    exact = logits.astype(np.float64)
    sizes = special.logsumexp(exact, -1, keepdims=True)
    expected = {"softmax": np.exp(exact - sizes), "log_softmax": exact - sizes, "cross entropy": ((sizes - exact) * labels).sum(-1),
                "its gradient": np.exp(exact - sizes) - labels}[name]
    assert any(not isinstance(step, str) for step in steps([made], [x, y], [shape, shape]))
    with tf.Session() as session:
        np.testing.assert_allclose(session.run(made, {x: logits, y: labels}), expected, rtol=30 * np.finfo(dtype).eps,
                                   atol=30 * np.finfo(dtype).eps)


@pytest.mark.parametrize("row", [[np.inf, 1.0, 2.0], [-np.inf, 1.0, 2.0], [np.nan, 1.0, 2.0], [1e38, -1e38, 0.0], [-np.inf] * 3])
def test_rows_with_infinities_are_as_in_the_plain_interpreter(row):
    x = tf.placeholder(tf.float32, [None, 3])
    made = [tf.nn.softmax(x * 1.0), tf.nn.log_softmax(x * 1.0)]
    rows = np.array([row, [0.0, 1.0, 2.0]], np.float32)
    with tf.Session() as session:
        found = session.run(made, {x: rows})
    with flags.jit.set("off"), tf.Session() as session:
        expected = session.run(made, {x: rows})
    for value, wanted in zip(found, expected):
        np.testing.assert_allclose(value, wanted, rtol=1e-6)


def test_long_steps_of_many_threads_do_not_share_their_scratch_memory():
    weights = np.random.RandomState(9).standard_normal((300, 20)).astype(np.float32)
    x = tf.placeholder(tf.float32, [100, 300])
    made = tf.reduce_sum(tf.tanh(tf.matmul(x, tf.constant(weights))) * 2.0, 1)
    data = [np.random.RandomState(seed).standard_normal((100, 300)).astype(np.float32) for seed in range(4)]
    with tf.Session() as session:
        expected = [session.run(made, {x: each}) for each in data]
        wrong = []

        def work(number):
            for _ in range(200):
                if not np.array_equal(session.run(made, {x: data[number]}), expected[number]):
                    wrong.append(number)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
    for each, value in zip(data, expected):
        np.testing.assert_allclose(value, (np.tanh(each.astype(np.float64) @ weights) * 2).sum(1), rtol=1e-4, atol=1e-5)


# ---------------------------------------------------------------- variables


def test_changes_in_a_row_see_each_other():
    v, w = tf.Variable(1.0), tf.Variable([10.0, 20.0])
    first = tf.assign_add(v, 2.0)
    with tf.control_dependencies([first]):
        second = tf.assign(w, w * 2.0)
        with tf.control_dependencies([second, tf.assign_sub(v, 0.5)]):
            third = tf.assign_add(w, [1.0, 2.0])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(third)
        np.testing.assert_array_equal(session.run(v), 5.5)
        np.testing.assert_array_equal(session.run(w), [87.0, 174.0])


def test_what_reads_after_a_change_sees_it_and_what_reads_before_does_not():
    v = tf.Variable([1.0, 2.0])
    before = v.read_value() * 2.0 + 1.0
    with tf.control_dependencies([before]):
        change = tf.assign_add(v, [10.0, 10.0])
    with tf.control_dependencies([change]):
        after = v.read_value() * 2.0 + 1.0
    with tf.Session() as session:
        session.run(v.initializer)
        found = session.run([before, after])
        np.testing.assert_array_equal(found, [[3.0, 5.0], [23.0, 25.0]])


@pytest.mark.parametrize("resource", [False, True])
def test_a_run_that_fails_has_done_what_came_before_and_nothing_else(resource):
    v, w = tf.Variable(1.0, use_resource=resource), tf.Variable(1.0, use_resource=resource)
    x = tf.placeholder(tf.float32)
    first = tf.group(v.assign_add(1.0), v.assign_add(1.0))
    bad = tf.add(x, [1.0, 2.0])
    last = tf.group(w.assign_add(1.0), w.assign_add(1.0))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes"):
            session.run([first, bad, last], {x: [1.0, 2.0, 3.0]})
        assert session.run([v, w]) == [3.0, 1.0]


def test_an_uninitialised_variable_is_named():
    v = tf.Variable([1.0, 2.0], name="weights")
    change = tf.group(v.assign_add([1.0, 1.0]), v.assign_add([1.0, 1.0]))
    with tf.Session() as session:
        for _ in range(2):
            with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value weights"):
                session.run(change)
        session.run(v.initializer)
        session.run(change)
        np.testing.assert_array_equal(session.run(v), [3.0, 4.0])


def test_what_a_user_got_or_fed_never_changes():
    v, x = tf.Variable([1.0, 2.0]), tf.placeholder(tf.float32, [2])
    change = tf.group(tf.assign(v, x), tf.assign_add(v, x * 2.0))
    fed = np.array([5.0, 6.0], np.float32)
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(change, {x: fed})
        got = session.run(v)
        session.run(change, {x: fed + 1})
        np.testing.assert_array_equal(got, [15.0, 18.0])
        np.testing.assert_array_equal(fed, [5.0, 6.0])


def test_threads_that_change_the_same_variables_lose_nothing():
    v, w = tf.Variable(0.0), tf.Variable([0.0, 0.0])
    one, other = (tf.group(a.assign_add(tf.ones_like(a)), b.assign_add(tf.ones_like(b))) for a, b in ((v, w), (w, v)))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        threads = [threading.Thread(target=lambda change=change: [session.run(change) for _ in range(300)])
                   for change in (one, other) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert session.run(v) == 2400
        np.testing.assert_array_equal(session.run(w), [2400, 2400])


def test_a_step_that_changes_more_variables_than_python_nests_blocks():
    variables = [tf.Variable(float(number)) for number in range(60)]
    change = tf.group(*[variable.assign_add(1.0) for variable in variables])
    assert [len(step) for step in steps([change]) if not isinstance(step, str)] == [60]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(change)
        assert session.run(variables) == [number + 1.0 for number in range(60)]


# ---------------------------------------------------------------- machine code


def small_program():
    x = tf.placeholder(tf.float32, [4])
    return x, tf.tanh(x * 0.71875) - x * 3.0


def test_machine_code_that_was_damaged_on_disk_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(call.compiling, "cache_directory", lambda: str(tmp_path))
    data = np.linspace(0, 1, 4, dtype=np.float32)
    expected = np.tanh(data * 0.71875) - data * 3
    for damage in (None, lambda content: content[:-7], lambda content: content[:100] + b"\0" + content[101:], lambda content: b""):
        call.compiling._kernels.clear()
        for path in tmp_path.glob("*.o"):
            path.write_bytes(damage(path.read_bytes()))
        x, made = small_program()
        call.compiling.report_broken.cache_clear()
        told = contextlib.nullcontext() if damage is None else pytest.warns(RuntimeWarning, match="was broken.*made again")
        with tf.Session() as session, told:
            np.testing.assert_allclose(session.run(made, {x: data}), expected, rtol=1e-6)
        (path,) = tmp_path.glob("graphcore_step_*.o")
        assert path.stat().st_size > 500


def test_what_cannot_be_compiled_runs_as_numpy_calls(monkeypatch):
    def broken(code):
        raise OSError("no compiler")

    monkeypatch.setattr(call.MachineCode, "made", broken)
    monkeypatch.setattr(call.compiling, "_kernels", {})
    x, made = small_program()
    data = np.linspace(0, 1, 4, dtype=np.float32)
    with tf.Session() as session, pytest.warns(RuntimeWarning, match="a joined step .* runs as NumPy calls: OSError: no compiler"):
        np.testing.assert_allclose(session.run(made, {x: data}), np.tanh(data * 0.71875) - data * 3, rtol=1e-6)


def test_equal_steps_share_their_machine_code(monkeypatch):
    monkeypatch.setattr(call.compiling, "_kernels", {})
    data = np.linspace(0, 1, 4, dtype=np.float32)
    for _ in range(2):
        with tf.Graph().as_default() as graph:
            x, made = small_program()
            with tf.Session(graph=graph) as session:
                session.run(made, {x: data})
    assert [type(key) for key in call.compiling._kernels] == [recipe.Recipe]
