"""Runs in parts: what may be fed and fetched when, and that every operation runs once."""

import pytest

import graphcore as tf


@pytest.fixture
def graph():
    """Placeholders a, b, c and the tensors a + b and (a + b) * c."""
    a, b, c = (tf.placeholder(tf.float32, [], name=name) for name in "abc")
    total = tf.add(a, b, name="total")
    return a, b, c, total, tf.multiply(total, c, name="product")


@pytest.fixture
def session():
    return tf.Session()


def refused(session, handle, fetches, feed_dict=None):
    """The text of the InvalidArgumentError that a part raises."""
    with pytest.raises(tf.errors.InvalidArgumentError) as info:
        session.partial_run(handle, fetches, feed_dict)
    return str(info.value)


def test_a_result_can_be_fed_back(session, graph):
    a, b, c, total, product = graph
    handle = session.partial_run_setup([total, product], [a, b, c])
    first = session.partial_run(handle, total, feed_dict={a: 1, b: 2})
    assert first == 3.0
    assert session.partial_run(handle, product, feed_dict={c: first * 10}) == 90.0


def test_feeds_may_come_over_several_calls_and_without_fetches(session, graph):
    a, b, _, total, _ = graph
    handle = session.partial_run_setup([total], [a, b])
    assert session.partial_run(handle, [], {a: 1}) == []
    assert session.partial_run(handle, {"x": (total,)}, {"b:0": 2}) == {"x": (3.0,)}


def test_two_handles_do_not_meet(session, graph):
    a, b, _, total, _ = graph
    first, second = (session.partial_run_setup([total], [a, b]) for _ in range(2))
    assert first != second
    session.partial_run(first, [], {a: 1})
    session.partial_run(second, [], {a: 10})
    assert session.partial_run(first, total, {b: 1}) == 2.0
    assert session.partial_run(second, total, {b: 1}) == 11.0


def test_every_operation_runs_once_for_a_handle(session, graph):
    a, b = graph[:2]
    v = tf.Variable(0.0)
    session.run(v.initializer)
    count = v.assign_add(1.0)
    x = count + a
    y = count * b
    handle = session.partial_run_setup([x, y], [a, b])
    assert session.partial_run(handle, x, {a: 10}) == 11.0
    assert session.partial_run(handle, y, {b: 10}) == 10.0
    assert session.run(v) == 1.0


def test_what_needs_no_feed_runs_in_the_first_part(session, graph):
    a = graph[0]
    v = tf.Variable(0.0)
    session.run(v.initializer)
    x = v.assign_add(1.0) + a
    handle = session.partial_run_setup([x, v], [a])
    assert session.partial_run(handle, v) == 1.0
    assert session.partial_run(handle, x, {a: 10}) == 11.0


def test_a_later_part_reads_variables_as_they_are_then(session, graph):
    a = graph[0]
    v = tf.Variable(1.0)
    session.run(v.initializer)
    x = v + a
    handle = session.partial_run_setup([x], [a])
    session.partial_run(handle, [])
    session.run(v.assign(5.0))
    assert session.partial_run(handle, x, {a: 1}) == 6.0


def test_branches_in_parts(session):
    which, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [])
    y = tf.cond(which, lambda: x * 2.0, lambda: x - 1.0)
    for value, expected in ((True, 10.0), (False, 4.0)):
        handle = session.partial_run_setup([y], [which, x])
        session.partial_run(handle, [], {which: value})
        assert session.partial_run(handle, y, {x: 5.0}) == expected


def test_a_fetched_feed(session, graph):
    a, b, _, total, _ = graph
    handle = session.partial_run_setup([total], [a, b])
    assert session.partial_run(handle, [a], {a: 1}) == [1.0]
    assert session.partial_run(handle, [total], {b: 1}) == [2.0]


def test_fetching_too_early_names_the_feed_and_loses_nothing(session, graph):
    a, b, c, total, product = graph
    handle = session.partial_run_setup([total, product], [a, b, c])
    assert "Fetch b:0 can't be computed from the feeds that have been fed so far." in refused(session, handle, total, {a: 1})
    assert session.partial_run(handle, total, {a: 1, b: 2}) == 3.0


def test_fetching_and_feeding_twice(session, graph):
    a, b, c, total, product = graph
    handle = session.partial_run_setup([total, product], [a, b, c])
    session.partial_run(handle, total, {a: 1, b: 2})
    assert "The fetch total:0 has already been fetched." in refused(session, handle, total)
    assert "The feed a:0 has already been fed." in refused(session, handle, product, {a: 1, c: 3})
    assert session.partial_run(handle, product, {c: 3}) == 9.0


def test_what_was_not_declared(session, graph):
    a, b, c, total, product = graph
    handle = session.partial_run_setup([total], [a, b])
    assert "The feed c:0 was not specified in partial_run_setup." in refused(session, handle, total, {a: 1, b: 2, c: 3})
    assert "The fetch product:0 was not specified in partial_run_setup." in refused(session, handle, product, {a: 1, b: 2})


def test_operations_cannot_be_fetched(session, graph):
    a, b, _, total, _ = graph
    handle = session.partial_run_setup([total, total.op], [a, b])
    with pytest.raises(RuntimeError, match=r"partial_run\(\) requires empty target_list."):
        session.partial_run(handle, total.op, {a: 1, b: 2})


def test_a_used_up_handle(session, graph):
    a, b, _, total, _ = graph
    handle = session.partial_run_setup([total], [a, b])
    session.partial_run(handle, total, {a: 1, b: 2})
    assert "Must run 'setup' before performing partial runs!" in refused(session, handle, total)
    assert "Must run 'setup' before performing partial runs!" in refused(session, "no handle", total, {a: 1})
    assert session.partial_run(handle, []) == []


def test_a_failed_part_ends_the_handle_not_the_session(session):
    x = tf.placeholder(tf.float32, name="x")
    bad = tf.add(x, [1.0, 2.0], name="bad")
    handle = session.partial_run_setup([bad], [x])
    assert "[[node bad (defined at " in refused(session, handle, bad, {x: [1.0, 2.0, 3.0]})
    assert "Must run 'setup'" in refused(session, handle, bad, {x: [1.0, 2.0]})
    assert session.run(bad, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0]


def test_bad_values_lose_nothing(session, graph):
    a, b, _, total, _ = graph
    handle = session.partial_run_setup([total], [a, b])
    with pytest.raises(ValueError, match="Cannot feed value of shape"):
        session.partial_run(handle, total, {a: [1.0], b: 2})
    with pytest.raises(TypeError, match="The value of a feed cannot be a tf.Tensor object."):
        session.partial_run(handle, total, {a: a, b: 2})
    assert session.partial_run(handle, total, {a: 1, b: 2}) == 3.0


@pytest.mark.parametrize("fetches, feeds, phrase", [
    ([], ["a:0"], "Must specify at least one target to fetch or execute."),
    (["total:0"], ["a:0", "a:0"], 'Endpoint "a:0" fed more than once.'),
    (["total:0", "a:0"], ["a:0"], "a:0 is both fed and fetched."),
])
def test_setups_that_make_no_sense(session, graph, fetches, feeds, phrase):
    with pytest.raises(tf.errors.InvalidArgumentError) as info:
        session.partial_run_setup(fetches, feeds)
    assert phrase in str(info.value)


def test_closed_session(session, graph):
    a, b, _, total, _ = graph
    handle = session.partial_run_setup([total], [a, b])
    session.close()
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session."):
        session.partial_run(handle, total, {a: 1, b: 2})
