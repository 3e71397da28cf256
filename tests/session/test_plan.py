"""Plans, as text: what is left of a small graph, in which order, and which value every consumer reads."""

import re

import pytest

import graphcore as tf
from graphcore.session.plan import lower, needed_operations, show


def text(fetches, feeds=()):
    """The plan of some fetches, without the lines of this file."""
    elements = [getattr(f, "_variable", f) for f in fetches]
    return re.sub(r" +# \S+:\d+", "", show(lower(elements, list(feeds)))).splitlines()


def test_only_what_is_needed():
    x = tf.placeholder(tf.float32, [None, 3])
    tf.square(x)
    assert text([x + 1.0], [x]) == [
        "%1 = 1.0 : float32[]",
        "%0 = Feed(Placeholder:0) : float32[?,3]",
        "%2 = AddV2(%0, %1) : float32[?,3]",
        "return %2"]


def test_identities_dissolve():
    x = tf.placeholder(tf.float32, [2])
    y = tf.identity(tf.identity(x) * 2.0)
    assert text([y], [x])[-2:] == ["%2 = Mul(%0, %1) : float32[2]", "return %2"]


def test_a_fed_tensor_cuts_the_graph():
    x = tf.placeholder(tf.float32, [])
    inner = tf.square(x, name="inner")
    assert text([inner + 1.0], [inner]) == [
        "%1 = 1.0 : float32[]",
        "%0 = Feed(inner:0) : float32[]",
        "%2 = AddV2(%0, %1) : float32[]",
        "return %2"]


def test_a_fetched_feed_and_an_operation():
    x = tf.placeholder(tf.float32, [])
    y = x + 1.0
    assert text([x, y.op], [x])[-2:] == ["%2 = AddV2(%0, %1) : float32[]", "return %0, -"]


def test_lists_keep_their_brackets():
    a, b = tf.placeholder(tf.float32, [1]), tf.placeholder(tf.float32, [1])
    assert text([tf.concat([a, b], 0)], [a, b])[-2] == "%3 = ConcatV2([%0, %1], %2) : float32[2]"


# ---------------------------------------------------------------- variables
def test_consumers_between_writes_share_a_read():
    v = tf.Variable(1.0, name="v")
    assert text([v + v, v * 3.0]) == [
        "%2 = 3.0 : float32[]",
        "%0 = Read(&v) : float32[]",
        "%1 = AddV2(%0, %0) : float32[]",
        "%3 = Mul(%0, %2) : float32[]",
        "return %1, %3"]


def test_a_read_after_a_write_is_another_value():
    v = tf.Variable(1.0, name="v")
    before = v + 1.0
    change = v.assign_add(5.0)
    with tf.control_dependencies([change]):
        after = v + 2.0
    kinds = [re.search(r"= (\w+)\(", line).group(1) for line in text([before, after]) if "(" in line]
    assert kinds == ["Read", "AddV2", "AssignAdd", "Read", "AddV2"]


def test_a_fetched_variable_is_read_at_the_end():
    v = tf.Variable(1.0, name="v")
    change = v.assign_add(5.0)
    lines = text([v, change.op])
    assert re.match(r"%\d+ = AssignAdd\(&v, %\d+\)", lines[-3])
    assert re.match(r"%\d+ = Read\(&v\)", lines[-2])


def test_views_of_variables_are_taken_where_they_are_consumed():
    v = tf.Variable([[1.0, 2.0]], name="v")
    flat = tf.reshape(v, [2])
    with tf.control_dependencies([v.assign_add([[1.0, 1.0]])]):
        y = tf.identity(flat) + 1.0
    kinds = [re.search(r"= (\w+)\(", line).group(1) for line in text([y]) if "(" in line]
    assert kinds == ["AssignAdd", "Read", "Reshape", "AddV2"]


# ---------------------------------------------------------------- branches
def test_branches_become_guards():
    which, x = tf.placeholder(tf.bool, [], name="which"), tf.placeholder(tf.float32, [], name="x")
    y = tf.cond(which, lambda: x * x, lambda: x - x)
    lines = text([y], [which, x])
    (taken,) = (line for line in lines if "Mul" in line)
    (other,) = (line for line in lines if "Sub" in line)
    assert taken.endswith(" if %0")
    assert other.endswith(" if not %0")
    assert [line for line in lines if "Choose" in line]
    assert not [line for line in lines if "Switch" in line or "Merge" in line]


# ---------------------------------------------------------------- order
def test_age_decides_among_what_is_ready():
    a, b = tf.constant(1.0, name="a"), tf.constant(2.0, name="b")
    late, early = tf.add(a, b, name="late"), tf.add(a, a, name="early")
    assert [op.name for op in needed_operations([early, late], [])] == ["a", "b", "late", "early"]


def test_edges_added_later_bend_the_order():
    a = tf.constant(1.0, name="a")
    first, second = tf.add(a, a, name="first"), tf.add(a, a, name="second")
    first.op._add_control_input(second.op)
    assert [op.name for op in needed_operations([first], [])] == ["a", "second", "first"]


def test_a_circle_is_reported():
    a = tf.constant(1.0, name="a")
    first = tf.add(a, a, name="first")
    second = tf.add(first, a, name="second")
    first.op._add_control_input(second.op)
    with pytest.raises(tf.errors.InvalidArgumentError, match="couldn't be sorted in topological order"):
        tf.Session().run(second)


def test_session_explains():
    x = tf.placeholder(tf.float32, [], name="x")
    explained = tf.Session().explain(x + 1.0, {x: 1.0})
    assert "%2 = AddV2(%0, %1) : float32[]" in explained
    assert "test_plan.py:" in explained
