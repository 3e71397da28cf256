"""Fusing: which nodes become one, and that the compiled loops give what the single nodes give."""

import importlib

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.session.kernels import compiling, loops
from graphcore.session.passes import optimized
from graphcore.session.plan import Fused, lower

JOIN = importlib.import_module("graphcore.session.passes.join")  # its function has the same name
ROWS = np.random.RandomState(1).standard_normal((37, 19)).astype(np.float32)


@pytest.fixture(autouse=True)
def compiled_at_once(monkeypatch):
    monkeypatch.setattr(JOIN, "_MOST_NODES", 0)  # small nodes too are fused
    with flags.jit.set("eager"), flags.verify.set(True):
        yield


def fused_ops(fetches, feeds, shapes):
    """The op names in each fused node of the plan for these shapes."""
    plan = optimized(lower(fetches, feeds), shapes)
    return [[node.op.op_name for node in each.attrs["group"].plan.nodes] for each in plan.nodes if each.op is Fused]


def placeholder(*sizes, dtype=tf.float32):
    return tf.placeholder(dtype, list(sizes))


def run(fetches, feed_dict):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed_dict)


# ---------------------------------------------------------------- which nodes


def test_a_chain_and_the_sum_at_its_end_are_one_node():
    x = placeholder(None, 19)
    total = tf.reduce_sum(tf.tanh(x * 2.0 + 1.0))
    assert fused_ops([total], [x], [(37, 19)]) == [["Mul", "AddV2", "Tanh", "Sum"]]


def test_a_path_that_leaves_a_group_does_not_come_back_into_it():
    x = placeholder(64, 64)
    square = tf.square(x) + 1.0
    back = square - tf.reduce_sum(tf.matmul(square, square)) * x
    assert fused_ops([back], [x], [(64, 64)]) == [["Square", "AddV2"], ["Mul", "Sub"]]


def test_a_read_after_a_write_is_not_fused_with_what_the_write_takes():
    x, v = placeholder(64, 64), tf.Variable(tf.ones([64, 64]))
    first = tf.exp(x) * 0.5 + v
    with tf.control_dependencies([v.assign(first)]):
        second = v.read_value() * x - tf.exp(x)
    data = np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64)
    np.testing.assert_allclose(run(second, {x: data}), (np.exp(data) * 0.5 + 1) * data - np.exp(data), rtol=1e-5)


def test_single_nodes_and_a_few_scalars_are_left_alone():
    x, y = placeholder(37, 19), placeholder()
    assert fused_ops([tf.exp(x), y * 2.0 + 1.0], [x, y], [(37, 19), ()]) == []


def test_integers_and_strings_are_left_alone():
    x = placeholder(5000, dtype=tf.int32)
    assert fused_ops([(x + x) * x // 2], [x], [(5000,)]) == []


def test_nodes_of_a_branch_are_left_alone():
    x, flag = placeholder(37, 19), placeholder(dtype=tf.bool)
    chosen = tf.cond(flag, lambda: tf.exp(x) * x + 1.0, lambda: x - tf.exp(x) * 2.0)
    assert fused_ops([chosen], [x, flag], [(37, 19), ()]) == []
    np.testing.assert_allclose(run(chosen, {x: ROWS, flag: True}), np.exp(ROWS) * ROWS + 1, rtol=1e-6)


def test_equal_groups_of_a_long_graph_are_one_kernel():
    x = placeholder(4)
    y = x
    for _ in range(3000):
        y = tf.add(y, x)
    plan = optimized(lower([y], [x]), [(4,)])
    groups = [node.attrs["group"] for node in plan.nodes]
    assert {node.op for node in plan.nodes} == {Fused} and len(groups) == 20
    sources = {loops.source(group.loop) for group in groups}
    assert len(sources) == 2  # the first group takes nothing but what is fed


def test_a_group_over_very_many_arrays_is_left_alone():
    values = [placeholder(40) for _ in range(70)]
    assert not fused_ops([tf.tanh(tf.add(a, b)) for a, b in zip(values, values[1:])], values, [(40,)] * 70)
    assert fused_ops([tf.tanh(tf.add(a, b)) for a, b in zip(values[:20], values[1:21])], values[:21], [(40,)] * 21)


def test_nodes_of_one_kind_take_their_own_inputs():
    x, y = placeholder(40), placeholder(40)
    made = tf.stack([x - x, x - y, y - x, y - y, (x - 2.0) - (y - 3.0)])
    a, b = np.arange(40, dtype=np.float32), np.full(40, 0.5, np.float32)
    np.testing.assert_array_equal(run(made, {x: a, y: b}), [0 * a, a - b, b - a, 0 * b, a - 2 - (b - 3)])


def test_powers_of_one_kind_have_their_own_exponents():
    x, two, three = placeholder(2000), tf.constant(2.0), tf.constant(3.0)
    made = tf.pow(tf.pow(x, two) + 1.0, three) + tf.pow(x, tf.constant(0.5))
    data = np.linspace(0, 2, 2000, dtype=np.float32)
    np.testing.assert_allclose(run(made, {x: data}), (data ** 2 + 1) ** 3 + data ** 0.5, rtol=1e-5)


def test_explain_shows_what_a_fused_node_is_made_of():
    x = placeholder(37, 19)
    text = tf.Session().explain(tf.exp(x) * x - x, {x: ROWS})
    assert "= Fused(%0)" in text and "    %1 = Exp(%0)" in text.split("for Placeholder")[1]


def test_a_sum_over_millions_is_precise():
    x = placeholder(None)
    data = np.full(3_000_001, 0.1, np.float32)
    total = run(tf.reduce_sum(x * 1.0 + 0.0), {x: data})
    pairwise = np.log2(data.size) * np.finfo(np.float32).eps / 2  # the bound of a sum in a balanced tree
    np.testing.assert_allclose(total, np.float64(data[0]) * data.size, rtol=pairwise)


def test_bits_do_not_depend_on_the_number_of_threads():
    from graphcore.core.threads import Threads

    loop = loops.Loop(1, (loops.Operand("float32", (True,), 1),), ("t0 = tanh(x0)",),
                      (loops.Result("t0", "float32", (False,), 1, True), loops.Result("t0", "float32", (True,), 1, False)))
    function = compiling.kernel_of(loop).compiled()
    data = np.random.RandomState(0).standard_normal(300_001).astype(np.float32)
    units = -(-data.size // loops.BLOCK)
    found = []
    for threads in (1, 2, 5):
        sums, values = np.empty(units, np.float32), np.empty_like(data)
        Threads(threads).share(function, (data, sums, values, data.size), units)
        found.append((sums, values))
    np.testing.assert_allclose(found[0][1], np.tanh(data), rtol=5e-7)
    for sums, values in found[1:]:
        assert np.array_equal(sums, found[0][0]) and np.array_equal(values, found[0][1])


def test_what_cannot_be_compiled_runs_as_numpy_calls(monkeypatch):
    def broken(kernel):
        raise OSError("no compiler")

    monkeypatch.setattr(compiling.Kernel, "made", broken)
    x = placeholder(None)
    made = tf.exp(x) * 3.25 - 11.0 * x
    data = np.arange(5.0, dtype=np.float32)
    with tf.Session() as session, pytest.warns(RuntimeWarning, match="runs as NumPy calls: OSError: no compiler"):
        first = session.run(made, {x: np.resize(data, 2000)})
    np.testing.assert_allclose(first[:5], np.exp(data) * 3.25 - 11 * data, rtol=1e-6)
