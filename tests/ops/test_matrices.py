"""Determinants, inverses, factors, solutions and spectra: what they are for, their gradients, and TF 1.15's complaints."""
import numpy as np
import pytest

import graphcore as tf
from graphcore.autodiff.check import compute_gradient

GENERATOR = np.random.default_rng(0)
SQUARE = GENERATOR.normal(size=(2, 3, 3)) + 2 * np.eye(3)
POSITIVE = SQUARE @ SQUARE.swapaxes(-1, -2) + np.eye(3)
HERMITIAN = POSITIVE + 1j * (SQUARE - SQUARE.swapaxes(-1, -2)) / 4
TYPES = [np.float32, np.float64, np.complex64, np.complex128]
ROUGH = dict(rtol=2e-4, atol=2e-4)


def run(tensor, feed=None):
    with tf.Session() as session:
        return session.run(tensor, feed)


def of_type(array, dtype):
    return array.astype(dtype) if np.dtype(dtype).kind == "c" else array.real.astype(dtype)


def check_gradient(make, value, symmetric=False):
    x = tf.constant(value)
    y = make(x)
    with tf.Session() as session:
        shape = session.run(y).shape
        theory, numeric = compute_gradient(x, value.shape, y, shape, value, delta=1e-6)
    if symmetric:
        numeric = (numeric + numeric.reshape(*value.shape, -1).swapaxes(-2, -3).reshape(numeric.shape)) / 2
    np.testing.assert_allclose(theory, numeric, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", TYPES)
def test_determinants_and_inverses(dtype):
    matrix = of_type(SQUARE, dtype)
    det, (sign, size), inverse, adjoint = run([tf.matrix_determinant(matrix), tf.linalg.slogdet(matrix), tf.matrix_inverse(matrix),
                                               tf.linalg.inv(matrix, adjoint=True)])
    assert {each.dtype for each in (det, sign, size, inverse, adjoint)} == {np.dtype(dtype)}
    np.testing.assert_allclose(det, np.linalg.det(SQUARE), **ROUGH)
    np.testing.assert_allclose(sign * np.exp(size), det, **ROUGH)
    np.testing.assert_allclose(inverse @ matrix, [np.eye(3)] * 2, **ROUGH)
    np.testing.assert_allclose(adjoint, np.conj(inverse.swapaxes(-1, -2)), **ROUGH)


@pytest.mark.parametrize("dtype", TYPES)
def test_factors_and_spectra_rebuild_their_input(dtype):
    matrix = of_type(HERMITIAN, dtype)
    factor, logdet, (e, v), values = run([tf.cholesky(matrix), tf.linalg.logdet(matrix), tf.self_adjoint_eig(matrix),
                                          tf.self_adjoint_eigvals(matrix)])
    np.testing.assert_allclose(factor @ np.conj(factor.swapaxes(-1, -2)), matrix, **ROUGH)
    assert not np.triu(factor, 1).any()
    np.testing.assert_allclose(logdet, np.linalg.slogdet(matrix)[1], **ROUGH)
    np.testing.assert_allclose((v * e[..., None, :]) @ np.conj(v.swapaxes(-1, -2)), matrix, **ROUGH)
    np.testing.assert_allclose(values, e, **ROUGH)
    assert e.dtype == v.dtype == factor.dtype == np.dtype(dtype)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 4, 4), (2, 0, 3), (0, 2, 2)])
@pytest.mark.parametrize("full", [False, True])
def test_singular_values(shape, full):
    matrix = GENERATOR.normal(size=shape)
    made = tf.svd(tf.constant(matrix), full_matrices=full)
    s, u, v = run(made)
    assert [each.shape.as_list() for each in made] == [list(each.shape) for each in (s, u, v)]
    inner = s.shape[-1]
    np.testing.assert_allclose((u[..., :inner] * s[..., None, :]) @ v[..., :inner].swapaxes(-1, -2), matrix, atol=1e-12)
    np.testing.assert_allclose(run(tf.svd(matrix, compute_uv=False)), s, atol=1e-12)


def test_singular_values_of_complex_matrices_are_real():
    matrix = np.array([[1 + 1j, 2], [0, 3j]], np.complex64)
    s, u, v = run(tf.svd(matrix))
    assert s.dtype == np.float32
    np.testing.assert_allclose((u * s) @ np.conj(v.T), matrix, **ROUGH)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("adjoint", [False, True])
def test_solutions(dtype, adjoint):
    matrix, right = of_type(SQUARE + 0.5j * np.eye(3), dtype), of_type(np.ones((2, 3, 2)), dtype)
    turned = np.conj(matrix.swapaxes(-1, -2)) if adjoint else matrix
    np.testing.assert_allclose(turned @ run(tf.matrix_solve(matrix, right, adjoint=adjoint)), right, **ROUGH)
    positive = of_type(HERMITIAN, dtype)
    np.testing.assert_allclose(positive @ run(tf.cholesky_solve(tf.cholesky(positive), right)), right, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3), (2, 4, 2)])
@pytest.mark.parametrize("known", [False, True])
def test_least_squares(shape, known):
    matrix, right = GENERATOR.normal(size=shape), GENERATOR.normal(size=(*shape[:-1], 2))
    wanted = np.linalg.pinv(matrix) @ right
    feed = {} if known else {tf.placeholder(tf.float64): matrix}
    given = next(iter(feed), matrix)
    np.testing.assert_allclose(run(tf.matrix_solve_ls(given, right), feed), wanted, atol=1e-9)
    np.testing.assert_allclose(run(tf.matrix_solve_ls(given, right, fast=False), feed), wanted, atol=1e-9)


def test_regularized_least_squares():
    matrix, right = np.array([[1.0, 1], [1, 1], [1, 2]]), np.array([[1.0], [2], [3]])
    np.testing.assert_allclose(run(tf.matrix_solve_ls(matrix, right, l2_regularizer=0.5)), [[4 / 9], [10 / 9]])
    with pytest.raises(NotImplementedError, match="disabled for complex128 and l2_regularizer != 0"):
        tf.matrix_solve_ls(matrix.astype(complex), right.astype(complex), l2_regularizer=0.5)


@pytest.mark.parametrize("make", [
    tf.matrix_determinant, lambda x: tf.linalg.slogdet(x)[1], tf.matrix_inverse, lambda x: tf.matrix_inverse(x, adjoint=True),
    lambda x: tf.matrix_solve(x, np.ones((2, 3, 2))), lambda x: tf.matrix_solve(x, np.ones((2, 3, 2)), adjoint=True),
    lambda x: tf.matrix_solve(SQUARE, x), lambda x: tf.matrix_solve_ls(x, np.ones((2, 3, 1))),
    lambda x: tf.norm(x, ord=2, axis=[-2, -1]), lambda x: tf.svd(x, compute_uv=False)])
def test_gradients_of_square_matrices(make):
    check_gradient(make, SQUARE)


@pytest.mark.parametrize("make", [tf.cholesky, tf.linalg.logdet])
def test_gradients_of_factors(make):
    check_gradient(make, POSITIVE, symmetric=True)


@pytest.mark.parametrize("make", [tf.self_adjoint_eigvals, lambda x: tf.self_adjoint_eig(x)[0],
                                  lambda x: tf.square(tf.self_adjoint_eig(x)[1])])
def test_gradients_of_eigenvalues(make):
    check_gradient(make, POSITIVE)


@pytest.mark.parametrize("shape, full", [((3, 3), False), ((2, 4), False), ((4, 2), False), ((2, 3), True), ((3, 2), True)])
def test_gradients_of_singular_vectors(shape, full):
    matrix = np.random.default_rng(3).normal(size=shape)
    for number in range(3):
        check_gradient(lambda x, number=number: tf.square(tf.svd(x, full_matrices=full)[number]), matrix)


def test_gradients_that_tf_does_not_have():
    x = tf.placeholder(tf.float64, [2, 5])
    with pytest.raises(NotImplementedError, match=r"svd gradient is not implemented for abs\(m - n\) > 1"):
        tf.gradients(tf.svd(x, full_matrices=True)[1], x)
    with pytest.raises(NotImplementedError, match="unknown inner matrix shape"):
        x = tf.placeholder(tf.float64, [2, None])
        tf.gradients(tf.svd(x)[1], x)
    with pytest.raises(ValueError, match="Gradient not defined for fast=False"):
        tf.gradients(tf.matrix_solve_ls(x, np.ones((2, 1)), fast=False), x)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3)])
@pytest.mark.parametrize("known", [False, True])
def test_gradient_of_the_least_squares_op(shape, known):
    from graphcore.ops.solving import MatrixSolveLs

    matrix, right = np.random.default_rng(4).normal(size=shape), np.ones((shape[0], 1))
    x = tf.constant(matrix) if known else tf.placeholder_with_default(tf.constant(matrix), [None, None])
    y = MatrixSolveLs.build(x, right, 0.1)
    with tf.Session():
        theory, numeric = compute_gradient(x, shape, y, (shape[1], 1), matrix, delta=1e-6)
    np.testing.assert_allclose(theory, numeric, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("axes", [(0, 1), (-1, 0), (1, 2)])
@pytest.mark.parametrize("known", [False, True])
def test_two_norm_of_matrices(axes, known):
    value = np.arange(24.0).reshape(2, 3, 4)
    given = tf.constant(value) if known else tf.placeholder_with_default(tf.constant(value), None)
    np.testing.assert_allclose(run(tf.norm(given, ord=2, axis=axes)), np.linalg.norm(value, 2, axes))
    np.testing.assert_allclose(run(tf.norm(given, ord=2, axis=axes, keepdims=True)), np.linalg.norm(value, 2, axes, keepdims=True))


@pytest.mark.parametrize("make, phrase", [
    (tf.matrix_inverse, "Input is not invertible."),
    (tf.cholesky, "Cholesky decomposition was not successful. The input might not be valid."),
    (lambda x: tf.matrix_solve(x, np.ones((2, 1))), "Input matrix is not invertible.")])
def test_singular_matrices(make, phrase):
    with pytest.raises(tf.errors.InvalidArgumentError, match=phrase):
        run(make(np.ones((2, 2))))


@pytest.mark.parametrize("function", [tf.matrix_determinant, tf.linalg.slogdet, tf.matrix_inverse, tf.cholesky, tf.self_adjoint_eig])
def test_matrices_that_are_not_square(function):
    with pytest.raises(ValueError, match="Dimensions must be equal, but are"):
        function(np.ones((2, 3)))
    with pytest.raises(ValueError, match="Shape must be at least rank 2 but is rank 1 for"):
        function(np.ones(2))
    x = tf.placeholder(tf.float64)
    made = function(x)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Input matrix must be square."):
        run(made, {x: np.ones((2, 3))})
    with pytest.raises(tf.errors.InvalidArgumentError, match="must have rank >= 2, got 1"):
        run(made, {x: np.ones(2)})


def test_values_that_are_not_finite():
    bad = np.array([[np.nan, 1], [1, 2]])
    assert np.isnan(run(tf.cholesky(bad))[1, 1])
    assert all(np.isnan(each).all() for each in run(tf.svd(bad)))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Self-adjoint eigen decomposition was not successful"):
        run(tf.self_adjoint_eig(bad))
