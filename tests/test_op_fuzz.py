"""Bad input for every op: an error in words that names the op and the user's line, never NumPy's, never a crash, a hang or nonsense.

The cases are the same in every run; ``make test-long`` tries many more.
"""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core.opdef import Attr
from tests.op_examples import OPS
from tests.op_fuzz import Case, complaints

FUZZED = [name for name, op in OPS.items() if op.example is not None and not op.variable and name != "Placeholder"
          and (op.inputs or any(isinstance(attr, Attr) for attr in op.attrs.values()))]
FEW, MANY = range(6), range(6, 110)


@pytest.mark.parametrize("name", FUZZED)
def test_bad_input_is_refused_in_words(name, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some ops write files
    check(name, FEW)


@pytest.mark.long
@pytest.mark.parametrize("name", FUZZED)
def test_much_bad_input_is_refused_in_words(name, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check(name, MANY)


def check(name, numbers):
    found = [f"case {number}: {text}" for number in numbers for text in complaints(Case(OPS[name], number))]
    assert not found, "\n".join([f"{name}:", *found])


GATHERS = {
    "gather": lambda x, i: tf.gather(x, i),
    "gather_nd": lambda x, i: tf.gather_nd(x, tf.expand_dims(i, 1)),
    "scatter_update": lambda x, i: tf.scatter_update(tf.Variable(x), i, tf.ones_like(i, tf.float32)),
    "scatter_nd": lambda x, i: tf.scatter_nd(tf.expand_dims(i, 1), tf.ones_like(i, tf.float32), [3]),
    "scatter_nd_add": lambda x, i: tf.scatter_nd_add(tf.Variable(x), tf.expand_dims(i, 1), tf.ones_like(i, tf.float32)),
    "tensor_scatter_update": lambda x, i: tf.tensor_scatter_nd_update(x, tf.expand_dims(i, 1), tf.ones_like(i, tf.float32)),
    "resource gather": lambda x, i: tf.gather(tf.Variable(x, use_resource=True), i),
    "resource scatter": lambda x, i: tf.Variable(x, use_resource=True).scatter_update(tf.IndexedSlices(tf.ones_like(i, tf.float32), i)),
    "embedding_lookup": lambda x, i: tf.nn.embedding_lookup(x, i),
    "sparse momentum": lambda x, i: tf.train.MomentumOptimizer(0.1, 0.9).apply_gradients(
        [(tf.IndexedSlices(tf.ones_like(i, tf.float32), i, [3]), tf.Variable(x))]),
}


@pytest.mark.parametrize("index", [3, -1, 2**31 - 1])
@pytest.mark.parametrize("name", GATHERS)
def test_an_index_that_is_out_of_range_is_named(name, index):
    indices = tf.placeholder(tf.int32, [2])
    made = GATHERS[name](np.array([1.0, 2.0, 3.0], np.float32), indices)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(made, {indices: [0, 2]})
        with pytest.raises(tf.errors.InvalidArgumentError, match=rf"{index}.*(is not in \[0, 3\)|does not index into|out of range)"):
            session.run(made, {indices: [0, index]})
