"""Incomplete gamma and beta functions beside the contract: gradients against differences, the edges of their domains."""

import numpy as np
import pytest
from scipy import special

import graphcore as tf
from tests.tolerances import assert_close

A = np.array([0.1, 0.5, 1.0, 3.0, 10.0, 50.0, 100.0, 1000.0])
X = np.array([0.2, 0.1, 4.0, 2.5, 15.0, 40.0, 130.0, 900.0])


def run(fetches):
    with tf.Session() as session:
        return session.run(fetches)


def slope(function, at, step):
    """The derivative by an extrapolated central difference."""
    first, second = [(function(at + h) - function(at - h)) / (2 * h) for h in (step, step / 2)]
    return (4 * second - first) / 3


@pytest.mark.parametrize("name, sign", [("igamma", 1), ("igammac", -1)])
def test_gradients_of_the_incomplete_gamma_functions(name, sign):
    a, x = tf.constant(A), tf.constant(X)
    by_a, by_x = run(tf.gradients(getattr(tf, name)(a, x), [a, x]))
    np.testing.assert_allclose(by_x, sign * np.exp(-X + (A - 1) * np.log(X) - special.gammaln(A)), rtol=1e-9)
    np.testing.assert_allclose(by_a, sign * slope(lambda a: special.gammainc(a, X), A, 1e-3 * np.minimum(A, 1)), rtol=1e-5)


def test_where_the_gamma_distribution_ends():
    a, x = tf.constant([-1.0, 0.0, 1.0, 1.0]), tf.constant([1.0, 1.0, -1.0, 0.0])
    assert_close([np.nan, np.nan, np.nan, 0.0], run(tf.igamma(a, x)))
    assert_close([np.nan, np.nan, np.nan, 1.0], run(tf.igammac(a, x)))


def test_gradient_of_zeta_sums_over_what_was_broadcast():
    x, q = tf.constant([2.0, 3.0, 4.0], tf.float64), tf.constant(1.5, tf.float64)
    assert_close((-np.array([2, 3, 4]) * special.zeta([3, 4, 5], 1.5)).sum(), run(tf.gradients(tf.zeta(x, q), q)[0]))
    assert tf.gradients(tf.zeta(x, q), x) == [None]


def test_betainc_takes_scalars_with_any_shape():
    x = tf.constant([0.1, 0.5, 0.9], tf.float64)
    result = tf.betainc(tf.constant(2.0, tf.float64), tf.constant(3.0, tf.float64), x)
    assert result.shape == (3,)
    value, by_x = run([result, tf.gradients(result, x)[0]])
    assert_close(special.betainc(2, 3, [0.1, 0.5, 0.9]), value)
    assert_close(slope(lambda x: special.betainc(2, 3, x), np.array([0.1, 0.5, 0.9]), 1e-3), by_x, scale=1e3)


def test_betainc_refuses_two_shapes():
    with pytest.raises(ValueError):
        tf.betainc([1.0, 2.0], [1.0, 2.0, 3.0], 0.5)


def test_lbeta_of_each_row():
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert_close(special.betaln(rows[:, 0], rows[:, 1]), run(tf.lbeta(rows)))
