"""When a graph that runs again and again is optimised and becomes straight-line code: never for its first run."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.session import passes, runs, straightline

X = np.linspace(-1, 1, 4, dtype=np.float32)


@pytest.fixture(autouse=True)
def lazily():
    with flags.jit.set("lazy"):
        yield


@pytest.fixture
def stages(monkeypatch):
    """What was done for a graph beside interpreting it, in order."""
    done = []

    def noting(module, name):
        function = getattr(module, name)

        def noted(*arguments):
            done.append(name)
            return function(*arguments)

        monkeypatch.setattr(module, name, noted)

    noting(runs, "interpret")
    noting(passes, "optimized")
    noting(straightline, "compile_program")
    return done


def chain(length):
    x = tf.placeholder(tf.float32, [4])
    y = x
    for number in range(length):  # no kernel takes these
        y = tf.reverse(y, [0]) if number % 2 else tf.gather(y, [1, 2, 3, 0])
    return x, y


def run_times(count, length):
    x, y = chain(length)
    with tf.Session() as session:
        return [session.run(y, {x: X}) for _ in range(count)]


def test_a_short_graph_is_interpreted_once_and_then_compiled(stages):
    run_times(3, 10)
    assert stages == ["interpret", "optimized", "compile_program"]


def test_a_long_graph_is_interpreted_until_the_next_stage_pays(stages, monkeypatch):
    monkeypatch.setattr(runs, "_OPTIMIZING", 1e9)
    run_times(30, 1100)
    assert stages == ["interpret"] * 30


def test_a_long_graph_is_optimised_before_it_becomes_code(stages, monkeypatch):
    monkeypatch.setattr(runs, "_OPTIMIZING", 1e-12)
    monkeypatch.setattr(runs, "_WRITING", 1e-12)
    results = run_times(5, 1100)
    assert stages == ["interpret", "optimized", "interpret", "compile_program"]
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


def test_the_first_run_of_a_graph_does_what_the_plain_interpreter_does_and_no_more(stages):
    for length in (1, 100, 1100):
        stages.clear()
        with tf.Graph().as_default():
            run_times(1, length)
        assert stages == ["interpret"]


def test_an_eager_session_compiles_at_once_however_long_the_graph_is(stages):
    with flags.jit.set("eager"):
        run_times(2, 1100)
    assert stages == ["optimized", "compile_program"]


def test_an_error_in_a_long_graph_is_the_same_in_every_stage(monkeypatch):
    monkeypatch.setattr(runs, "_OPTIMIZING", 1e-12)
    monkeypatch.setattr(runs, "_WRITING", 1e-12)
    x, y = chain(1100)
    checked = tf.check_numerics(y, "not a number", name="checked")
    words = []
    with tf.Session() as session:
        for _ in range(5):
            session.run(checked, {x: X})
            with pytest.raises(tf.errors.InvalidArgumentError) as caught:
                session.run(checked, {x: X * np.nan})
            words.append(caught.value.message)
            assert caught.value.op is checked.op
    assert len(set(words)) == 1
