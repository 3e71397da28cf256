"""Matrix products beside the contract: flags, batches, degenerate sizes, errors; norms and tensordot against NumPy."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.ops import norms
from tests.tolerances import assert_close, assert_same

RANDOM = np.random.RandomState(3)


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
def test_transposed_factors(transpose_a, transpose_b):
    a, b = normal(3, 4), normal(4, 5)
    product = tf.matmul(a.T if transpose_a else a, b.T if transpose_b else b, transpose_a, transpose_b)
    assert_close(a @ b, run(product), scale=2)


def test_adjoint_of_complex_matrices():
    a, b = normal(2, 3) + 1j * normal(2, 3), normal(2, 4) + 1j * normal(2, 4)
    assert_close(a.conj().T @ b, run(tf.matmul(a, b, adjoint_a=True)))


@pytest.mark.parametrize("a, b", [((4, 1, 2, 3), (5, 3, 2)), ((4, 2, 3), (3, 2)), ((2, 3), (4, 3, 2)), ((0, 2, 3), (3, 2))])
def test_batches_are_broadcast(a, b):
    a, b = normal(*a), normal(*b)
    product = tf.matmul(a, b)
    assert product.op.type == "BatchMatMulV2"
    assert_close(a @ b, run(product), scale=2)


@pytest.mark.parametrize("rows, inner, columns", [(2, 0, 3), (0, 2, 3), (2, 3, 0)])
def test_empty_matrices(rows, inner, columns):
    result = run(tf.matmul(np.ones((rows, inner), np.float32), np.ones((inner, columns), np.float32)))
    assert_same(np.zeros((rows, columns), np.float32), result)


def test_short_floats_are_summed_in_float32():
    ones = np.ones((1, 5000), np.float16)
    assert_same(np.array([[5000]], np.float16), run(tf.matmul(ones, ones, transpose_b=True)))


@pytest.mark.parametrize("a, b, phrase", [
    ((2, 3), (2, 3), "Dimensions must be equal, but are 3 and 2 for 'MatMul' (op: 'MatMul') with input shapes: [2,3], [2,3]."),
    ((2,), (2, 1), "Shape must be rank 2 but is rank 1 for 'MatMul' (op: 'MatMul')"),
    ((4, 2, 3), (3,), "Shape must be at least rank 2 but is rank 1 for 'MatMul' (op: 'BatchMatMulV2')"),
    ((4, 2, 3), (5, 3, 2), "Dimensions must be equal, but are 4 and 5 for 'MatMul' (op: 'BatchMatMulV2')")])
def test_shapes_that_do_not_fit_are_errors_when_building(a, b, phrase):
    with pytest.raises(ValueError) as caught:
        tf.matmul(np.ones(a, np.float32), np.ones(b, np.float32))
    assert phrase in str(caught.value)


@pytest.mark.parametrize("rank, a, b, phrase", [
    (2, (2, 3), (2, 3), "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]"),
    (3, (2, 2, 3), (2, 2, 3), "In[0] mismatch In[1] shape: 3 vs. 2: [2,2,3] [2,2,3] 0 0"),
    (3, (4, 2, 3), (5, 3, 2), "In[0] and In[1] must have compatible batch dimensions: [4,2,3] vs. [5,3,2]")])
def test_shapes_that_do_not_fit_are_errors_when_running(rank, a, b, phrase):
    x, y = tf.placeholder(tf.float32, [None] * rank), tf.placeholder(tf.float32, [None] * rank)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(tf.matmul(x, y), {x: np.ones(a), y: np.ones(b)})
    assert phrase in str(caught.value)


def test_transposed_and_adjoint_exclude_each_other():
    with pytest.raises(ValueError, match="Only one of transpose_a and adjoint_a can be True."):
        tf.matmul([[1.0]], [[1.0]], transpose_a=True, adjoint_a=True)


def test_a_sparse_hint_makes_a_sparse_product():
    a, b = normal(3, 2), normal(2, 4)
    product = tf.matmul(a, b, a_is_sparse=True)
    assert product.op.type == "SparseMatMul"
    assert_close(a @ b, run(product))


@pytest.mark.parametrize("axes", [1, 2, 0, [[1, 2], [1, 0]], [2, 0]])
@pytest.mark.parametrize("known", [True, False])
def test_tensordot(axes, known):
    a, b = normal(2, 3, 4), normal(4, 3, 5)
    if axes == 2:
        b = np.ascontiguousarray(b.transpose(1, 0, 2))
    x = tf.constant(a) if known else tf.placeholder(tf.float32, [None, 3, 4])
    result = run(tf.tensordot(x, b, axes), None if known else {x: a})
    assert_close(np.tensordot(a, b, axes), result, scale=2)


@pytest.mark.parametrize("order, axis", [("euclidean", None), (1, 0), (2, 1), (np.inf, 1), (3, 0), ("fro", [0, 1]),
                                         (1, [0, 1]), (np.inf, (0, 1))])
def test_norms(order, axis):
    x = normal(3, 4)
    wanted = 2 if order == "euclidean" else order
    expected = np.linalg.norm(x.ravel() if axis is None else x, wanted, tuple(axis) if isinstance(axis, list) else axis)
    assert_close(expected, run(norms.norm(x, order, axis)), scale=2)


def test_global_norm_skips_none():
    assert run(norms.global_norm([[3.0], None, [[4.0]]])) == 5.0
