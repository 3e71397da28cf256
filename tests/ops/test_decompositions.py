"""QR, triangular solving, diagonals and bands: rebuilt matrices, TF 1.15's values, shapes and complaints."""
import numpy as np
import pytest

import graphcore as tf
from graphcore.ops import decompositions, diagonals


def run(tensor, feed=None):
    with tf.Session() as session:
        return session.run(tensor, feed)


def test_qr_is_tensorflows_factorisation():
    q, r = run(decompositions.qr([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    np.testing.assert_allclose(q, [[-0.16903079, 0.897085], [-0.5070925, 0.2760267], [-0.8451542, -0.34503305]], atol=3e-6)
    np.testing.assert_allclose(r, [[-5.91608, -7.437357], [0, 0.82807845]], atol=3e-6)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 4, 4), (0, 3)])
@pytest.mark.parametrize("full", [False, True])
def test_qr_rebuilds_its_input(shape, full):
    matrices = np.random.default_rng(0).normal(size=shape)
    result = decompositions.qr(tf.constant(matrices), full_matrices=full)
    q, r = run(result)
    assert (result.q.shape.as_list(), result.r.shape.as_list()) == (list(q.shape), list(r.shape))
    np.testing.assert_allclose(q @ r, matrices, atol=1e-12)


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("adjoint", [False, True])
def test_triangular_solve(lower, adjoint):
    generator = np.random.default_rng(1)
    matrix, right = generator.normal(size=(2, 3, 3)) + 3 * np.eye(3), generator.normal(size=(2, 3, 2))
    x = run(decompositions.matrix_triangular_solve(matrix, right, lower=lower, adjoint=adjoint))
    triangle = np.tril(matrix) if lower else np.triu(matrix)
    np.testing.assert_allclose((triangle.swapaxes(-1, -2) if adjoint else triangle) @ x, right, atol=1e-12)


def test_singular_triangle():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Input matrix is not invertible."):
        run(decompositions.matrix_triangular_solve([[2.0, 9.0], [1.0, 0.0]], [[2.0], [3.0]]))


def test_diagonals_of_higher_rank():
    assert run(diagonals.diag([[1, 2]])).shape == (1, 2, 1, 2)
    np.testing.assert_array_equal(run(diagonals.diag_part(np.arange(16).reshape(2, 2, 2, 2))), [[0, 5], [10, 15]])


def test_bands():
    nine = np.arange(9).reshape(3, 3)
    np.testing.assert_array_equal(run(diagonals.matrix_band_part(nine, 1, 0)), [[0, 0, 0], [3, 4, 0], [0, 7, 8]])
    np.testing.assert_array_equal(run(diagonals.matrix_band_part(nine, -1, 0)), np.tril(nine))


def test_identity_matrices():
    np.testing.assert_array_equal(run(diagonals.eye(2, 3, [2])), [np.eye(2, 3)] * 2)
    np.testing.assert_array_equal(run(diagonals.eye(tf.constant(2), 3)), np.eye(2, 3))
    assert run(diagonals.eye(2, batch_shape=tf.constant([1]), dtype=tf.int32)).shape == (1, 2, 2)
    with pytest.raises(TypeError, match="num_rows and num_columns must be positive integer values."):
        diagonals.eye(2.5)


@pytest.mark.parametrize("make, phrase", [
    (lambda: decompositions.qr([1.0, 2.0]), r"Shape must be at least rank 2 but is rank 1 for 'Qr' \(op: 'Qr'\)"),
    (lambda: diagonals.diag_part(np.ones((2, 3))), "Dimensions must be equal, but are 2 and 3 for 'DiagPart'"),
    (lambda: diagonals.diag_part(np.ones(3)), "Input must have even and non-zero rank, input rank is 1"),
    (lambda: diagonals.matrix_diag(3), r"Shape must be at least rank 1 but is rank 0 for 'diag' \(op: 'MatrixDiag'\)"),
    (lambda: diagonals.matrix_set_diag(np.ones((2, 3)), np.ones(3)), "Dimensions must be equal, but are 2 and 3 for 'set_diag'")])
def test_build_errors(make, phrase):
    with pytest.raises(ValueError, match=phrase):
        make()


@pytest.mark.parametrize("lower, upper, phrase", [
    (5, 0, r"num_lower must be negative or less or equal to number of rows \(3\) got: 5"),
    (0, 4, r"num_upper must be negative or less or equal to number of columns \(3\) got: 4"),
    ([0], 0, r"num_lower must be scalar, got shape \[1\]")])
def test_bands_that_are_too_wide(lower, upper, phrase):
    with pytest.raises(tf.errors.InvalidArgumentError, match=phrase):
        run(diagonals.matrix_band_part(np.ones((3, 3)), lower, upper))
