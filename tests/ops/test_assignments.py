"""Functions and methods that change variables, beside those of the oracle's programs."""

import numpy as np
import pytest

import graphcore as tf


@pytest.mark.parametrize("resource", [False, True], ids=["reference", "resource"])
def test_rows_of_each_batch_entry_are_replaced(resource):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], use_resource=resource)
    slices = tf.IndexedSlices(tf.constant([[7.0], [8.0]]), tf.constant([[0], [1]]))
    change = v.batch_scatter_update(slices)
    with tf.Session() as session:
        session.run(v.initializer)
        np.testing.assert_array_equal([[7.0, 2.0], [3.0, 8.0]], session.run(change))
        np.testing.assert_array_equal([[7.0, 2.0], [3.0, 8.0]], session.run(v))


def test_rows_to_replace_need_a_known_rank():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    slices = tf.IndexedSlices(tf.constant([[7.0]]), tf.placeholder(tf.int32))
    with pytest.raises(ValueError, match="unknown shape"):
        v.batch_scatter_update(slices)
