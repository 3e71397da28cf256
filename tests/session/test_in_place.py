"""Variables change in place where nobody else holds their array; what anybody else holds never changes."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags

ONES = np.ones(20000, np.float32)  # small variables are given new arrays


@pytest.fixture
def session():
    with tf.Session() as opened:
        yield opened


def variable(session, **options):
    v = tf.Variable(tf.zeros([20000]), **options)
    session.run(v.initializer)
    return v


def array_of(session):
    (cell,) = session._store._cells.values()
    return cell.value


CHANGES = {
    "add": lambda v, x: v.assign_add(x), "subtract": lambda v, x: v.assign_sub(x),
    "scatter": lambda v, x: tf.scatter_add(v, [0, 7], [1.0, 2.0]), "slice": lambda v, x: v[1:3].assign([1.0, 2.0]),
    "descent": lambda v, x: tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_sum(v * x)),
}
# The rule of an optimizer makes new arrays where it is NumPy calls: only its compiled loop works in place.
IN_PLACE = [(name, jit) for name in CHANGES for jit in ("off", "eager") if (name, jit) != ("descent", "off")]


@pytest.mark.parametrize(("change", "jit"), IN_PLACE)
def test_what_nobody_else_holds_is_changed_in_place(session, change, jit):
    v, x = variable(session), tf.placeholder(tf.float32, [20000])
    made = CHANGES[change](v, x)
    changed = getattr(made, "op", made)
    with flags.jit.set(jit):
        session.run(changed, {x: ONES})
        place = array_of(session).ctypes.data
        session.run(changed, {x: ONES})
        assert array_of(session).ctypes.data == place


@pytest.mark.parametrize("resource", [False, True])
def test_what_a_user_got_never_changes(session, resource):
    v = variable(session, use_resource=resource)
    add = v.assign_add(ONES)
    got = [session.run(v), session.run(add), session.run(v.read_value()), session.run([v, add])[0]]
    kept = [array.copy() for array in got]
    for _ in range(3):
        session.run(add)
    for array, copy in zip(got, kept):
        np.testing.assert_array_equal(array, copy)


def test_what_was_assigned_is_the_variables_own(session):
    v, x = variable(session), tf.placeholder(tf.float32, [20000])
    doubled = x * 2.0
    assign, add = v.assign(doubled), v.assign_add(ONES)
    fed = ONES.copy()
    fetched, _ = session.run([doubled, assign.op], {x: fed})
    session.run(add.op)
    np.testing.assert_array_equal(fetched, 2 * ONES)
    fetched[:] = -1.0
    np.testing.assert_array_equal(session.run(v), 3 * ONES)
    session.run(v.assign(x).op, {x: fed})
    session.run(add.op)
    np.testing.assert_array_equal(fed, ONES)


def test_a_value_that_was_read_before_an_update_stays_as_it_was(session):
    v = variable(session, use_resource=True)
    before = v.read_value()
    with tf.control_dependencies([before]):
        add = v.assign_add(ONES)
    with tf.control_dependencies([add]):
        after, later = v.read_value(), before * 1.0
    for step in range(3):
        first, second, third = session.run([before, after, later])
        assert first[0] == third[0] == step and second[0] == step + 1


def test_two_variables_with_one_array_part_when_either_changes(session):
    v, w = tf.Variable(ONES), tf.Variable(tf.zeros([20000]))
    copy, add = w.assign(v), w.assign_add(ONES)
    session.run(tf.global_variables_initializer())
    session.run(copy.op)
    session.run(add.op)
    session.run(add.op)
    assert session.run(v)[0] == 1 and session.run(w)[0] == 3


def test_columns_that_were_assigned_can_be_scattered_into(session):
    x = tf.placeholder(tf.float32, [3, 2])
    v = tf.Variable(tf.zeros([2, 3]))
    session.run(v.initializer)
    session.run(v.assign(tf.transpose(x)).op, {x: [[1, 2], [3, 4], [5, 6]]})
    session.run(tf.scatter_nd_update(v, [[1, 2]], [9.0]).op)
    np.testing.assert_array_equal(session.run(v), [[1, 3, 5], [2, 4, 9]])
