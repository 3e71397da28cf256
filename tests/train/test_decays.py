"""Learning-rate decays: what TF 1.15 gives, and what they complain about; graphs and more values are in tests/oracle."""
import numpy as np
import pytest

import graphcore as tf
from graphcore.train import decays


def rates(make, steps, dtype=tf.int32):
    step = tf.placeholder(dtype, [])
    rate = make(step)
    with tf.Session() as session:
        return [session.run(rate, {step: number}) for number in steps]


def test_staircase_changes_at_whole_periods():
    found = rates(lambda step: decays.exponential_decay(0.1, step, 5, 0.5, staircase=True), [0, 4, 5, 9, 10])
    np.testing.assert_allclose(found, [0.1, 0.1, 0.05, 0.05, 0.025], rtol=1e-6)


def test_polynomial_stays_at_its_end():
    found = rates(lambda step: decays.polynomial_decay(0.1, step, 8, 0.01), [0, 4, 8, 100])
    np.testing.assert_allclose(found, [0.1, 0.055, 0.01, 0.01], rtol=1e-6)


def test_cosine_ends_at_alpha():
    found = rates(lambda step: decays.cosine_decay(0.1, step, 8, alpha=0.2), [0, 4, 8, 9])
    np.testing.assert_allclose(found, [0.1, 0.06, 0.02, 0.02], rtol=1e-6)


def test_restarts_with_periods_twice_as_long():
    found = rates(lambda step: decays.cosine_decay_restarts(0.1, step, 3), [0, 3, 9])
    np.testing.assert_allclose(found, [0.1, 0.1, 0.1], rtol=1e-6)


def test_the_rate_decides_the_dtype():
    assert rates(lambda step: decays.inverse_time_decay(tf.constant(0.1, tf.float64), step, 5, 0.5), [5])[0].dtype == np.float64


def test_piecewise_casts_boundaries_to_an_int64_step():
    assert rates(lambda step: decays.piecewise_constant(step, [3], [1.0, 2.0]), [3, 4], tf.int64) == [1.0, 2.0]


@pytest.mark.parametrize("make, phrase", [
    (lambda step: decays.piecewise_constant(step, [3.0], [1.0, 2.0]),
     r"Boundaries \(<dtype: 'float32'>\) must have the same dtype as x \(<dtype: 'int32'>\)."),
    (lambda step: decays.piecewise_constant(step, [3], [1.0, 2]), "Values must have elements all with the same dtype"),
    (lambda step: decays.piecewise_constant(step, [3], [1.0]), "length of boundaries should be 1 less")])
def test_complaints(make, phrase):
    with pytest.raises(ValueError, match=phrase):
        make(tf.placeholder(tf.int32, []))
