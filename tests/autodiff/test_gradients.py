"""`tf.gradients` and the registry of gradient functions: what the oracle's programs leave out. Texts are TF 1.15's."""

import pytest

import graphcore as tf
from graphcore.autodiff import registry


@pytest.fixture
def registered():
    """The registry of gradient functions, as it was again after the test."""
    before = dict(registry._registered), dict(registry._places)
    yield
    for found, kept in zip((registry._registered, registry._places), before):
        found.clear()
        found.update(kept)


# ---------------------------------------------------------------- stop_gradients
@pytest.mark.parametrize("resource", [False, True], ids=["reference", "resource"])
@pytest.mark.parametrize("listed", [False, True], ids=["alone", "in a list"])
def test_a_variable_among_the_stops_still_has_its_gradient(resource, listed):
    v = tf.Variable(2.0, use_resource=resource)
    grad, = tf.gradients(v * 3.0 + v, v, stop_gradients=[v] if listed else v)
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run(grad) == 4.0


def test_stops_make_derivatives_partial():
    a = tf.constant(2.0)
    b = 2.0 * a
    with tf.Session() as session:
        assert session.run(tf.gradients(a + b, [a, b], stop_gradients=[a, b])) == [1.0, 1.0]
        assert session.run(tf.gradients(a + b, [a, b])) == [3.0, 1.0]


def test_a_tensor_between_stops_the_gradient():
    a = tf.constant(2.0)
    b = 2.0 * a
    assert tf.gradients(b * b, a, stop_gradients=[b]) == [None]


# ---------------------------------------------------------------- registering
def test_a_second_gradient_of_a_name_tells_where_the_first_was_registered(registered):
    tf.RegisterGradient("RegisteredTwice")(lambda op, grad: grad)
    line = test_a_second_gradient_of_a_name_tells_where_the_first_was_registered.__code__.co_firstlineno + 1
    with pytest.raises(KeyError, match="Registering two gradient with name 'RegisteredTwice'! \\(Previous registration was in "
                                       f"test_gradients.py:{line}\\)"):
        tf.NotDifferentiable("RegisteredTwice")
