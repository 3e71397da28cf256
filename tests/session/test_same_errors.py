"""Errors in and beside what is joined, fused and compiled are those of the plain op: class, op, words, the user's line."""

# ruff: noqa: F811 (fixtures by import)

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from tests.failing import assert_all_is_well, counter, fails, line, session  # noqa: F401

GOOD_RUNS = 30  # enough that all that is hot is compiled, or nearly: the error may come before, meanwhile or after


@pytest.fixture(autouse=True, params=["off", "lazy", "eager"])
def tier(request, monkeypatch):
    """When loops and steps are compiled; a lazy session takes everything for hot at once."""
    from graphcore.session.kernels import compiling
    from graphcore.session.native import call

    monkeypatch.setattr(compiling, "_COMPILING", 0.0)
    monkeypatch.setattr(call, "_COMPILING", 0.0)
    with flags.jit.set(request.param), flags.verify.set(True):
        yield request.param


def element_wise(x):
    """Enough small nodes for a joined step."""
    return tf.tanh(x * 2.0 + 1.0) - tf.exp(-x)


def numerics(x):
    inner = element_wise(x)
    checked = tf.check_numerics(tf.log(inner), "not a number", name="guard")
    return line(1), element_wise(checked)


def division(x):
    whole = tf.cast(x * 2.0, tf.int32)
    quotient = tf.floordiv(whole + 7, whole - 4, name="quotient")
    return line(1), element_wise(tf.cast(quotient * 2 + 1, tf.float32))


def gathering(x):
    rows = tf.cast(tf.floor(x * 1.0 + 0.5), tf.int32) - 1
    found = tf.gather(element_wise(tf.constant([1.0, 2.0, 3.0])), rows, name="found")
    return line(1), element_wise(found)


def adding(x):
    inner = element_wise(x)
    total = tf.add(inner, tf.placeholder_with_default(tf.constant([1.0, 2.0, 3.0]), [None]), name="total")
    return line(1), element_wise(total)


def multiplying(x):
    inner = element_wise(tf.reshape(x, [1, -1]))
    product = tf.matmul(inner, tf.placeholder_with_default(tf.ones([3, 2]), [None, 2]), name="product")
    return line(1), element_wise(product)


CASES = {
    # what is built, what is fed when all is well, what when it fails, the op and the words
    "check_numerics": (numerics, [3.0, 3.0, 4.0], [3.0, np.inf, -3.0], "guard", "not a number : Tensor had NaN values"),
    "integer division by zero": (division, [1.0, 3.0, 4.0], [1.0, 2.0, 4.0], "quotient", "Integer division by zero"),
    "gather out of range": (gathering, [1.0, 2.0, 3.0], [1.0, 2.0, 4.0], "found", "indices[2] = 3 is not in [0, 3)"),
    "shapes that do not go together": (adding, [1.0, 2.0, 3.0], [1.0, 2.0], "total", "Incompatible shapes: [2] vs. [3]"),
    "matrices that do not go together": (multiplying, [1.0, 2.0, 3.0], [1.0, 2.0], "product",
                                         "Matrix size-incompatible: In[0]: [1,2], In[1]: [3,2]"),
}


LARGE = 150_000  # times as many elements: too many for a joined step, enough for a fused loop


@pytest.mark.parametrize(("name", "times", "form"), [(name, 1, "Joined(") for name in CASES] + [
    ("check_numerics", LARGE, "Fused("), ("integer division by zero", LARGE, "Fused(")])
def test_errors_in_a_run(name, times, form, tier, session, counter):
    build, good, bad, op, words = CASES[name]
    x = tf.placeholder(tf.float32, [None], name="x")
    made, result = build(x)
    change = counter.assign(counter * 1.0 + 0.0)
    good, bad = np.tile(np.float32(good), times), np.tile(np.float32(bad), times)
    assert tier == "off" or form in session.explain(result, {x: good})
    expected = session.run(result, {x: good})
    for number in range(GOOD_RUNS):
        np.testing.assert_allclose(session.run([result, change], {x: good})[0], expected, rtol=1e-5)
        if number % 10 == 0 or number == GOOD_RUNS - 1:
            with fails(tf.errors.InvalidArgumentError, words) as caught:
                session.run([result, change], {x: bad})
            assert caught.error.op.name == op and f"[[node {op} (defined at " in caught.text and made in caught.text
    assert_all_is_well(session, counter)


def test_an_uninitialised_variable(session, counter):
    w = tf.Variable([1.0, 2.0], name="weights")
    used = element_wise(w * 2.0)
    change = tf.group(w.assign_add([1.0, 1.0]), w.assign_sub(used), counter.assign(counter * 1.0))
    for fetched in (used, change, [used, change]):
        for _ in range(4):
            with fails(tf.errors.FailedPreconditionError, "Attempting to use uninitialized value weights") as caught:
                session.run(fetched)
            assert caught.error.op is not None and caught.error.op.name.startswith(("weights", "AssignAdd", "AssignSub"))
    session.run(w.initializer)
    session.run(change)
    assert_all_is_well(session, counter)
