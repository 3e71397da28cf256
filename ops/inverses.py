"""Determinants, inverses and Cholesky factors of square matrices."""

from collections import namedtuple

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import complex64, complex128, float16, float32, float64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape, merged_size, with_rank_at_least
from graphcore.ops import arrays, complex_numbers, decompositions, diagonals, joining, linalg, mathematics, reductions
from graphcore.ops.kernels import matrices

MATRIX_TYPES = {float16, float32, float64, complex64, complex128}


def square_shape(shape, reverse=False):
    """The sizes of square matrices: (batch, side), or None; ``reverse`` names the columns first when the sides differ."""
    sizes = with_rank_at_least(shape.sizes, 2)
    if sizes is None:
        return None
    first, second = sizes[-2:][::-1] if reverse else sizes[-2:]
    return sizes[:-2], merged_size(first, second)


def _unchanged_shape(node):
    square = square_shape(node.input.shape)
    return None if square is None else (*square[0], square[1], square[1])


# ---------------------------------------------------------------- determinants


class MatrixDeterminant(Op):
    """The determinant of each matrix."""

    T = TypeAttr(MATRIX_TYPES)
    input = Input(T)
    output = Output(T)

    example = dict(input=[[1.0, 2.0], [3.0, 5.0]], output=-1.0)

    def infer(node):
        square = square_shape(node.input.shape, reverse=True)
        return None if square is None else square[0]

    def kernel(input):
        return matrices.contiguous(np.linalg.det(matrices.square_matrices(input)), input.dtype)

    def grad(node, dy):
        inverse = matrix_inverse(node.input, adjoint=True)
        return _per_matrix(dy * node.output, node.output) * inverse


class LogMatrixDeterminant(Op):
    """The sign of the determinant of each matrix, and the logarithm of its absolute value."""

    T = TypeAttr(MATRIX_TYPES)
    input = Input(T)
    sign = Output(T)
    log_abs_determinant = Output(T)

    example = dict(input=[[1.0, 2.0], [3.0, 8.0]], sign=1.0, log_abs_determinant=0.6931471805599453)

    def infer(node):
        square = square_shape(node.input.shape, reverse=True)
        return [None, None] if square is None else [square[0]] * 2

    def kernel(input):
        sign, size = np.linalg.slogdet(matrices.square_matrices(input))
        return matrices.contiguous(sign, input.dtype), matrices.contiguous(size, input.dtype)

    def grad(node, _, dy):
        inverse = matrix_inverse(node.input, adjoint=True)
        return _per_matrix(dy, node.log_abs_determinant) * inverse


def _per_matrix(numbers, like):
    """``numbers``, one a matrix, with two axes of size 1 added."""
    return arrays.reshape(numbers, joining.concat([arrays.shape(like), [1, 1]], 0))


class MatrixInverse(Op):
    """The inverse of each matrix, or of its adjoint."""

    adjoint = Attr(bool, default=False)
    T = TypeAttr(MATRIX_TYPES)
    input = Input(T)
    output = Output(T)

    example = dict(input=[[1.0, 2.0], [3.0, 5.0]], output=[[-5.0, 2.0], [3.0, -1.0]])
    infer = _unchanged_shape

    def kernel(input, *, adjoint):
        matrix = matrices.square_matrices(input)
        if np.isnan(matrix).any():
            raise matrices.invalid("Input is not invertible. It contains NaN.")
        try:
            inverse = np.linalg.inv(matrices.adjoint(matrix) if adjoint else matrix)
        except np.linalg.LinAlgError:
            raise matrices.invalid("Input is not invertible. A matrix of it is singular.") from None
        return matrices.contiguous(inverse, input.dtype)

    def grad(node, dy):
        inverse = node.output
        if node.adjoint:
            # TF leaves the adjoint out of its derivative, which is then wrong.
            return -linalg.matmul(inverse, linalg.matmul(dy, inverse, adjoint_a=True))
        return -linalg.matmul(inverse, linalg.matmul(dy, inverse, adjoint_b=True), adjoint_a=True)


# ---------------------------------------------------------------- Cholesky factors


class Cholesky(Op):
    """The lower triangular factor of each positive definite matrix, of which the lower triangle is read."""

    T = TypeAttr(MATRIX_TYPES)
    input = Input(T)
    output = Output(T)

    example = dict(input=[[4.0, 2.0], [2.0, 5.0]], output=[[2.0, 0.0], [1.0, 2.0]])
    infer = _unchanged_shape

    def kernel(input):
        return matrices.contiguous(matrices.cholesky_factors(matrices.square_matrices(input)), input.dtype)

    def grad(node, dy):
        factor = node.output
        rows, batch = arrays.shape(factor)[-1], arrays.shape(factor)[:-2]
        identity = diagonals.eye(rows, batch_shape=batch, dtype=factor.dtype)
        inverse = decompositions.matrix_triangular_solve(factor, identity)
        middle = linalg.matmul(factor, dy, adjoint_a=True)
        middle = diagonals.matrix_set_diag(middle, 0.5 * diagonals.matrix_diag_part(middle))
        middle = diagonals.matrix_band_part(middle, -1, 0)
        half = linalg.matmul(linalg.matmul(inverse, middle, adjoint_a=True), inverse)
        half += linalg.adjoint(half)
        return half * 0.5


class CholeskyGrad(Op, refuses=True):
    """The gradient of matrices, for that of their Cholesky factors ``l``."""

    T = TypeAttr({float16, float32, float64})
    l = Input(T)  # noqa: E741 (the name in GraphDefs)
    grad_ = Input(T)
    output = Output(T)

    example = dict(l=[[2.0, 0.0], [1.0, 3.0]], grad=[[1.0, 0.0], [0.5, 2.0]],
                   output=[[0.2708333333333333, -0.041666666666666664], [-0.041666666666666664, 0.3333333333333333]])

    def infer(node):
        square = square_shape(node.l.shape)
        return None if square is None else (*square[0], square[1], square[1])

    def kernel(l, grad):  # noqa: E741
        if l.shape != grad.shape:
            raise errors.InvalidArgumentError(None, None, f"Input matrices must have the same shape: l is {format_shape(l.shape)}, grad "
                                              f"is {format_shape(grad.shape)}")
        factor, slope = np.tril(matrices.square_matrices(l)), np.tril(matrices.square_matrices(grad))
        middle = np.tril(np.swapaxes(factor, -1, -2) @ slope)
        places = np.arange(factor.shape[-1])
        middle[..., places, places] *= 0.5
        # inverse^T @ middle @ inverse, by solving twice.
        upper = np.swapaxes(factor, -1, -2)
        try:
            left = np.linalg.solve(upper, middle)
            half = np.swapaxes(np.linalg.solve(upper, np.swapaxes(left, -1, -2)), -1, -2)
        except np.linalg.LinAlgError:  # a zero on the diagonal
            return np.full_like(l, np.nan)
        return matrices.contiguous((half + np.swapaxes(half, -1, -2)) / 2, l.dtype)


# ---------------------------------------------------------------- functions

_Logarithm = namedtuple("LogMatrixDeterminant", ["sign", "log_abs_determinant"])

cholesky = Cholesky.function()
matrix_determinant = MatrixDeterminant.function()
matrix_inverse = MatrixInverse.function()


def log_matrix_determinant(input, name=None):
    """The pair ``(sign, log_abs_determinant)`` for each matrix: the determinant is ``sign * exp(log_abs_determinant)``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.linalg.slogdet([[2.0, 0.0], [0.0, -0.5]]))
    LogMatrixDeterminant(sign=np.float32(-1.0), log_abs_determinant=np.float32(0.0))
    """
    return _Logarithm(*LogMatrixDeterminant.build(input, name=name))


def logdet(matrix, name=None):
    """The logarithm of the determinant of each positive definite matrix, from its Cholesky factor.

    Raises InvalidArgumentError when run with matrices that are not positive definite.
    """
    with name_scope(name, "logdet", [matrix]):
        factor = cholesky(matrix)
        diagonal = complex_numbers.real(diagonals.matrix_diag_part(factor))
        return 2.0 * reductions.reduce_sum(mathematics.log(diagonal), axis=[-1])


__all__ = ["cholesky", "matrix_determinant", "matrix_inverse"]
