"""The plain interpreter and straight-line code give the same, bit for bit; chunks, guards, what is kept in memory."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphcore as tf
from graphcore.core.node import Tensor
from graphcore.session import straightline
from graphcore.session.interpreter import interpret, run_moves
from graphcore.session.plan import lower
from graphcore.session.program import Program
from graphcore.session.state import Store
from graphcore.session.straightline import compile_program
from tests.tolerances import assert_same

BINARY = (tf.add, tf.subtract, tf.multiply, tf.maximum, tf.minimum)
UNARY = (tf.negative, tf.abs, tf.square, tf.identity, tf.stop_gradient)


def program_of(fetches, feeds, store=None):
    return Program(lower(fetches, feeds), store or Store())


def initialised(*variables):
    """A store in which the variables have their initial values."""
    store = Store()
    interpret(program_of([v.initializer for v in variables], [], store), ())
    return store


def same_results(fetches, feeds, values, make_store=Store):
    """Run both ways, straight-line code twice; the results, and the number of steps."""
    plain = program_of(fetches, feeds, make_store())
    expected = interpret(plain, values)
    run = compile_program(program_of(fetches, feeds, make_store()))
    for wanted, got in zip(expected, run(*values)):
        if wanted is not None:
            assert_same(wanted, got)
    return expected, len(plain.steps)


# ---------------------------------------------------------------- random graphs
@st.composite
def recipes(draw):
    """A list of (kind, number of the function, operand, operand); operands count backwards from the newest."""
    return draw(st.lists(st.tuples(st.sampled_from(["binary", "unary", "assign", "read", "cond"]), st.integers(0, 4),
                                   st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=25))


def built(recipe):
    """The tensors of a recipe, with the feeds and the variables they need."""
    x, y, v = tf.placeholder(tf.float32, [3]), tf.placeholder(tf.float32, []), tf.Variable([1.0, -2.0, 3.0])
    made = [x, y, v.value(), tf.constant([0.5, 1.5, -1.0])]
    for kind, which, first, second in recipe:
        a, b = made[-1 - first % len(made)], made[-1 - second % len(made)]
        if kind == "binary":
            made.append(BINARY[which](a, b))
        elif kind == "unary":
            made.append(UNARY[which](a))
        elif kind == "assign":
            made.append(v.assign_add(tf.ones([3]) * a))
        elif kind == "read":
            made.append(v.read_value())
        else:
            made.append(tf.cond(tf.reduce_sum(a) > 0.0, lambda a=a, b=b: a + b, lambda a=a, b=b: a * b))
    return made, [x, y], v


@given(recipes(), st.sampled_from([1, 2, 7, 400]))
@settings(max_examples=120)
def test_both_ways_agree_on_random_graphs(recipe, chunk):
    with tf.Graph().as_default(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(straightline, "_CHUNK", chunk)
        made, feeds, v = built(recipe)
        fetches = [t for t in made if isinstance(t, Tensor)] + [v._variable]
        values = [np.array([1.0, -1.0, 2.0], np.float32), np.float32(0.5)]
        with np.errstate(all="ignore"):
            same_results(fetches, feeds, values, lambda: initialised(v))


# ---------------------------------------------------------------- long programs
@pytest.mark.parametrize("length", [399, 400, 401, 1601])
def test_long_chains_are_cut(length):
    x = y = tf.placeholder(tf.float32, [])
    for _ in range(length):
        y = y + 1.0
    expected, steps = same_results([y], [x], [np.float32(0.5)])
    assert steps == length
    assert expected[0] == length + 0.5


def test_values_cross_chunks(monkeypatch):
    monkeypatch.setattr(straightline, "_CHUNK", 2)
    x = tf.placeholder(tf.float32, [])
    early = x + 1.0
    y = x
    for _ in range(9):
        y = y * 2.0
    (total, again, _), _ = same_results([y + early, early, y.op], [x], [np.float32(1.0)])
    assert (total, again) == (514.0, 2.0)


def test_a_failure_in_a_chunk_names_the_operation(monkeypatch):
    monkeypatch.setattr(straightline, "_CHUNK", 2)
    x = tf.placeholder(tf.float32)
    y = tf.add(x * 2.0 + 1.0 - 3.0, [1.0, 2.0], name="bad") + 1.0
    run = compile_program(program_of([y], [x]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Incompatible shapes: \[3\] vs. \[2\]\n\t \[\[node bad "):
        run(np.ones(3, np.float32))


@pytest.mark.slow
def test_a_very_long_chain_needs_no_recursion():
    x = y = tf.constant(0.0)
    one = tf.constant(1.0)
    for _ in range(200_000):
        y = tf.add(y, one)
    session = tf.Session()
    assert session.run(y) == 200_000.0
    assert session.run(x) == 0.0


# ---------------------------------------------------------------- guards
@pytest.mark.parametrize("chunk", [2, 400])
@pytest.mark.parametrize("value, expected, counted", [(True, 11.0, 1.0), (False, 4.0, 0.0)])
def test_only_the_taken_branch_runs(monkeypatch, chunk, value, expected, counted):
    monkeypatch.setattr(straightline, "_CHUNK", chunk)
    which, x, v = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, []), tf.Variable(0.0)

    def counting():
        with tf.control_dependencies([v.assign_add(1.0)]):
            return x * 2.0 + 1.0

    y = tf.cond(which, counting, lambda: x - 1.0)
    results, _ = same_results([y, v._variable], [which, x], [np.bool_(value), np.float32(5.0)], lambda: initialised(v))
    assert [float(r) for r in results] == [expected, counted]


@pytest.mark.parametrize("outer, inner, expected", [(True, True, 1.0), (True, False, 2.0), (False, True, 3.0), (False, False, 3.0)])
def test_nested_branches(outer, inner, expected):
    p, q = tf.placeholder(tf.bool, []), tf.placeholder(tf.bool, [])
    y = tf.cond(p, lambda: tf.cond(q, lambda: tf.constant(1.0), lambda: tf.constant(2.0)), lambda: tf.constant(3.0))
    results, _ = same_results([y], [p, q], [np.bool_(outer), np.bool_(inner)])
    assert results[0] == expected


def test_a_failure_in_the_branch_not_taken_does_not_happen():
    which, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32)
    y = tf.cond(which, lambda: tf.add(x, [1.0, 2.0]), lambda: x)
    session = tf.Session()
    for _ in range(3):
        assert session.run(y, {which: False, x: [1.0, 2.0, 3.0]}).tolist() == [1.0, 2.0, 3.0]
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(y, {which: True, x: [1.0, 2.0, 3.0]})


# ---------------------------------------------------------------- memory
@pytest.mark.parametrize("compiled", [False, True])
def test_values_go_when_nothing_needs_them_any_more(compiled):
    alive = []

    class Watched(np.ndarray):
        """An array that can be seen to go."""

    def made(value):
        array = np.zeros(4, np.float32).view(Watched)
        alive.append(weakref.ref(array))
        return array

    def counted(value):
        gc.collect()
        return np.float32(sum(reference() is not None for reference in alive))

    x = tf.placeholder(tf.float32)
    first = tf.py_func(made, [x], tf.float32)
    second = tf.reduce_sum(first)
    count = tf.py_func(counted, [second], tf.float32)
    program = program_of([count], [x])
    run = compile_program(program) if compiled else lambda *values: interpret(program, values)
    assert run(np.float32(1.0))[0] == 0.0


@pytest.mark.parametrize("build", [lambda x: tf.add(tf.tanh(x), x), lambda x: tf.add(tf.negative(x), tf.square(x)),
                                   lambda x: tf.concat([x, x], 0), lambda x: tf.unstack(x)[1], lambda x: tf.where(x > 0, x, -x)])
def test_the_interpreter_keeps_nothing_but_what_is_fetched(build):
    x = tf.placeholder(tf.float32, [3])
    program = program_of([build(x)], [x])
    slots = program.template[:]
    (slots[program.feeds[0]],) = data, = np.ones((1, 3), np.float32)
    run_moves(program, slots)
    kept = {number for number, value in enumerate(slots) if value is not None}
    assert kept == {*program.plan.constants, *program.fetches}


def test_what_nobody_takes_is_not_kept_either():
    x = tf.placeholder(tf.float32, [2])
    with tf.control_dependencies([tf.add(x, x), tf.negative(x), tf.matmul([x], [x], transpose_b=True)]):
        y = tf.multiply(x, 3.0)
    program = program_of([y], [x])
    slots = program.template[:]
    slots[program.feeds[0]] = np.ones(2, np.float32)
    run_moves(program, slots)
    assert {number for number, value in enumerate(slots) if value is not None} == {*program.plan.constants, *program.fetches}
    assert slots[program.fetches[0]].tolist() == [3.0, 3.0]


@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_a_step_of_any_form_that_fails_is_named(inputs):
    x = tf.placeholder(tf.int32, [None], name="x")
    failing = {1: lambda: tf.check_numerics(1.0 / tf.cast(x, tf.float32), "no number", name="checked"),
               2: lambda: tf.floordiv(x, x, name="checked"),
               3: lambda: tf.scatter_nd(tf.reshape(x + 9, [-1, 1]), x, [3], name="checked")}[inputs]()
    program = program_of([failing], [x])
    with np.errstate(all="ignore"), pytest.raises(tf.errors.InvalidArgumentError) as caught:
        interpret(program, [np.zeros(2, np.int32)])
    assert caught.value.op is failing.op


def test_very_many_results_of_one_step():
    x = tf.placeholder(tf.float32, [1500])
    rows = tf.unstack(x)
    made = rows[0]
    for row in rows[1:]:
        made = tf.maximum(made, row) - row
    data = np.random.RandomState(3).standard_normal(1500).astype(np.float32)
    expected = data[0]
    for value in data[1:]:
        expected = np.maximum(expected, value) - value
    (result, *_), _ = same_results([made, rows[7], rows[1499]], [x], [data])
    assert result == expected
