"""Systems of linear equations: exact, by Cholesky factors, and in the sense of least squares."""

import math

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import complex128, float64
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import merge, merged_size, with_rank_at_least
from graphcore.ops import arrays, casting, control_flow, decompositions, diagonals, inverses, linalg
from graphcore.ops.inverses import MATRIX_TYPES
from graphcore.ops.kernels import matrices

# Above this many bytes, and with many matrices, one kernel that goes through them once is the quicker way.
_CACHE = 256000


class MatrixSolve(Op):
    """The ``x`` with ``matrix @ x = rhs`` for each pair, or with the adjoint of ``matrix``."""

    adjoint = Attr(bool, default=False)
    T = TypeAttr(MATRIX_TYPES)
    matrix = Input(T)
    rhs = Input(T)
    output = Output(T)

    example = dict(matrix=[[1.0, 2.0], [3.0, 5.0]], rhs=[[1.0], [2.0]], output=[[-1.0], [1.0]])

    def infer(node):
        return _solution_shape(node, square=True)

    def kernel(matrix, rhs, *, adjoint):
        matrices.check_ranks(matrix, rhs)
        matrix, right = matrices.square_matrices(matrix, "First input (lhs) must be a square matrix."), matrices.matrices(rhs, 1)
        matrices.check_right_sides(matrix, right)
        if np.isnan(matrix).any():
            raise matrices.invalid("Input matrix is not invertible. It contains NaN.")
        try:
            result = np.linalg.solve(matrices.adjoint(matrix) if adjoint else matrix, right)
        except np.linalg.LinAlgError:
            raise matrices.invalid("Input matrix is not invertible. It is singular.") from None
        return matrices.contiguous(result, rhs.dtype)

    def grad(node, dy):
        drhs = matrix_solve(node.matrix, dy, adjoint=not node.adjoint)
        if node.adjoint:
            return -linalg.matmul(node.output, drhs, adjoint_b=True), drhs
        return -linalg.matmul(drhs, node.output, adjoint_b=True), drhs


def _solution_shape(node, square):
    matrix = with_rank_at_least(node.matrix.shape.sizes, 2)
    rhs = with_rank_at_least(node.rhs.shape.sizes, 2)
    if square and matrix is not None:
        side = merged_size(matrix[-2], matrix[-1])
        matrix = (*matrix[:-2], side, side)
    if matrix is None or rhs is None:
        return None
    batch = merge(matrix[:-2], rhs[:-2])
    rows = merged_size(matrix[-2], rhs[-2])
    return (*batch, rows if square else matrix[-1], rhs[-1])


# ---------------------------------------------------------------- least squares


class MatrixSolveLs(Op):
    """The ``x`` for which ``matrix @ x`` is nearest to ``rhs``, or the smallest ``x`` that solves it, for each pair."""

    T = TypeAttr(MATRIX_TYPES)
    fast = Attr(bool, default=True)
    matrix = Input(T)
    rhs = Input(T)
    l2_regularizer = Input(float64)
    output = Output(T)

    example = dict(matrix=[[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], rhs=[[1.0], [3.0], [5.0]], l2_regularizer=np.float64(0.0),
                   output=[[1.0], [2.0]])

    def infer(node):
        return _solution_shape(node, square=False)

    def kernel(matrix, rhs, l2_regularizer, *, fast):
        matrix, right = matrices.matrices(matrix), matrices.matrices(rhs, 1)
        matrices.check_right_sides(matrix, right)
        solve = _by_normal_equations if fast else _by_singular_values
        if not matrix.size:
            return np.zeros((*matrix.shape[:-2], matrix.shape[-1], rhs.shape[-1]), rhs.dtype)
        return matrices.contiguous(solve(matrix, right, l2_regularizer), rhs.dtype)

    def grad(node, dy):
        if not node.fast:
            raise ValueError("Gradient not defined for fast=False")
        sizes = node.matrix.shape.sizes
        rows, columns = (None, None) if sizes is None else sizes[-2:]
        if None not in (rows, columns):
            return _tall_gradients(node, dy) if rows >= columns else _wide_gradients(node, dy)
        shape = arrays.shape(node.matrix)[-2:]
        tall = shape[-2] >= shape[-1]
        return (*control_flow.cond(tall, lambda: _tall_gradients(node, dy)[:2], lambda: _wide_gradients(node, dy)[:2]), None)


def _by_normal_equations(matrix, right, regularizer):
    tall = matrix.shape[-2] >= matrix.shape[-1]
    turned = matrices.adjoint(matrix)
    gramian = turned @ matrix if tall else matrix @ turned
    gramian += np.eye(gramian.shape[-1], dtype=gramian.dtype) * np.asarray(regularizer, matrix.dtype)
    try:
        # Solving again with the factor, as with a triangle: what it needs is a definite matrix.
        np.linalg.cholesky(gramian)
        return np.linalg.solve(gramian, turned @ right) if tall else turned @ np.linalg.solve(gramian, right)
    except np.linalg.LinAlgError:
        raise matrices.invalid("Input matrix was rank deficient or ill-conditioned. Try setting fast=False or provide a larger "
                               "l2_regularizer > 0.") from None


def _by_singular_values(matrix, right, _):
    result = np.full((*matrix.shape[:-2], matrix.shape[-1], right.shape[-1]), np.nan, right.dtype)
    for place in np.ndindex(matrix.shape[:-2]):
        if np.isfinite(matrix[place]).all() and np.isfinite(right[place]).all():
            result[place] = np.linalg.lstsq(matrix[place], right[place], rcond=None)[0]
    return result


def _tall_gradients(node, dy):
    matrix, solution = node.matrix, node.output
    factor = _regularized_factor(matrix, casting.cast(node.l2_regularizer, matrix.dtype.base), tall=True)
    z = cholesky_solve(factor, dy)
    product = linalg.matmul(solution, z, adjoint_b=True)
    symmetric = product + linalg.matrix_transpose(product)
    dmatrix = -linalg.matmul(matrix, symmetric) + linalg.matmul(node.rhs, z, adjoint_b=True)
    return dmatrix, linalg.matmul(matrix, z), None


def _wide_gradients(node, dy):
    matrix = node.matrix
    factor = _regularized_factor(matrix, casting.cast(node.l2_regularizer, matrix.dtype.base), tall=False)
    drhs = cholesky_solve(factor, linalg.matmul(matrix, dy))
    solved = cholesky_solve(factor, node.rhs)
    first = linalg.matmul(solved, matrix, adjoint_a=True)
    first = -linalg.matmul(drhs, first)
    second = dy - linalg.matmul(matrix, drhs, adjoint_a=True)
    second = linalg.matmul(solved, second, adjoint_b=True)
    return first + second, drhs, None


def _regularized_factor(matrix, regularizer, tall):
    """The Cholesky factor of ``matrix^H @ matrix``, or of ``matrix @ matrix^H``, plus some of the identity."""
    gramian = linalg.matmul(matrix, matrix, adjoint_a=tall, adjoint_b=not tall)
    if isinstance(regularizer, Tensor) or regularizer != 0:
        shape = arrays.shape(matrix)
        batch, side = shape[:-2], shape[-1 if tall else -2]
        identity = diagonals.eye(side, batch_shape=batch, dtype=matrix.dtype)
        sizes = matrix._shape.sizes
        if sizes is not None:
            known = sizes[-1 if tall else -2]
            identity.set_shape([*sizes[:-2], known, known])
        gramian += regularizer * identity
    return inverses.cholesky(gramian)


# ---------------------------------------------------------------- functions

matrix_solve = MatrixSolve.function()


def cholesky_solve(chol, rhs, name=None):
    """The ``x`` with ``chol @ chol^H @ x = rhs``, for lower triangular ``chol`` as `tf.cholesky` gives it.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.cholesky_solve(tf.cholesky([[4.0, 2.0], [2.0, 5.0]]), [[2.0], [5.0]]))
    array([[0.],
           [1.]], dtype=float32)
    """
    with name_scope(name, "cholesky_solve", [chol, rhs]):
        y = decompositions.matrix_triangular_solve(chol, rhs, adjoint=False, lower=True)
        return decompositions.matrix_triangular_solve(chol, y, adjoint=True, lower=True)


def matrix_solve_ls(matrix, rhs, l2_regularizer=0.0, fast=True, name=None):
    """The ``x`` that makes ``|matrix @ x - rhs|^2 + l2_regularizer * |x|^2`` smallest, for each pair.

    Args:
      matrix: shape ``[..., m, n]``; with fewer rows than columns the smallest solution is given.
      rhs: shape ``[..., m, k]``.
      l2_regularizer: a number, used only if ``fast``.
      fast: solve the normal equations, which needs matrices of full rank; the other way has no gradient.

    Raises:
      NotImplementedError: complex128 with a regularizer.
    """
    matrix = to_tensor(matrix, name="matrix")
    if matrix.dtype.base is complex128 and l2_regularizer != 0:
        raise NotImplementedError("matrix_solve_ls is currently disabled for complex128 and l2_regularizer != 0 due to poor accuracy.")
    if not fast or _is_long(matrix):
        return MatrixSolveLs.build(matrix, rhs, l2_regularizer, fast=bool(fast), name=name)
    with name_scope(name, "matrix_solve_ls", [matrix, rhs, l2_regularizer]):
        sizes = matrix._shape.sizes
        rows, columns = (None, None) if sizes is None else sizes[-2:]
        if None not in (rows, columns):
            return (_tall if rows >= columns else _wide)(matrix, rhs, l2_regularizer)
        shape = arrays.shape(matrix)[-2:]
        return control_flow.cond(shape[-2] >= shape[-1], lambda: _tall(matrix, rhs, l2_regularizer),
                                 lambda: _wide(matrix, rhs, l2_regularizer))


def _is_long(matrix):
    sizes = matrix._shape.sizes
    if sizes is None or None in sizes:
        return False
    size = math.prod(sizes) * matrix.dtype.size
    return size > _CACHE and math.prod(sizes[:-2]) > min(sizes[-2:])


def _tall(matrix, rhs, regularizer):
    factor = _regularized_factor(matrix, regularizer, tall=True)
    return cholesky_solve(factor, linalg.matmul(matrix, rhs, adjoint_a=True))


def _wide(matrix, rhs, regularizer):
    factor = _regularized_factor(matrix, regularizer, tall=False)
    return linalg.matmul(matrix, cholesky_solve(factor, rhs), adjoint_a=True)


__all__ = ["cholesky_solve", "matrix_solve", "matrix_solve_ls"]
