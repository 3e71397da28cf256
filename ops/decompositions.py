"""Decompositions of matrices, and solving with triangular ones."""

from collections import namedtuple

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import complex64, complex128, float16, float32, float64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, merge, with_rank_at_least
from graphcore.ops import diagonals, linalg
from graphcore.ops.kernels import matrices

_DECOMPOSED = {float16, float32, float64, complex64, complex128}


class Qr(Op):
    """Orthonormal ``q`` and upper triangular ``r`` whose product is each matrix of ``input``."""

    full_matrices = Attr(bool, default=False)
    T = TypeAttr(_DECOMPOSED)
    input = Input(T)
    q = Output(T)
    r = Output(T)

    example = dict(input=[[3.0, 1.0], [4.0, 2.0]], q=[[-0.6, -0.8], [-0.8, 0.6]], r=[[-5.0, -2.2], [0.0, 0.4]])

    def infer(node):
        sizes = with_rank_at_least(node.input.shape.sizes, 2)
        if sizes is None:
            return [None, None]
        *batch, rows, columns = sizes
        inner = rows if node.full_matrices else None if None in (rows, columns) else min(rows, columns)
        return [(*batch, rows, inner), (*batch, inner, columns)]

    def kernel(input, *, full_matrices):
        if input.ndim < 2:
            raise errors.InvalidArgumentError(None, None, f"Input tensor 0 must have rank >= 2, got shape {format_shape(input.shape)}")
        matrix = input.astype(np.float32) if input.dtype == np.float16 else input
        q, r = np.linalg.qr(matrix, mode="complete" if full_matrices else "reduced")
        return q.astype(input.dtype, copy=False), r.astype(input.dtype, copy=False)

    def grad(node, dq, dr):
        _check_qr_gradient(node)
        q, r = node.q, node.r
        qdq = linalg.matmul(q, dq, adjoint_a=True)
        skew_q = qdq - linalg.adjoint(qdq)
        rdr = linalg.matmul(r, dr, adjoint_b=True)
        skew_r = rdr - linalg.adjoint(rdr)
        lower = diagonals.matrix_band_part(skew_q + skew_r, -1, 0)
        inside = linalg.matmul(q, dr + _right_solved(lower, r))
        return inside + _right_solved(dq - linalg.matmul(q, qdq), r)


def _check_qr_gradient(node):
    if node.q.dtype.is_complex:
        raise NotImplementedError(f"QrGrad not implemented for dtype: {node.q.dtype}")
    sizes = node.r.shape.sizes
    if sizes is None or None in sizes[-2:]:
        raise NotImplementedError("QrGrad not implemented with dynamic shapes.")
    if sizes[-1] != sizes[-2]:
        raise NotImplementedError("QrGrad not implemented when ncols > nrows or full_matrices is true and ncols != nrows.")


def _right_solved(x, r):
    """``x`` times the inverse of the adjoint of upper triangular ``r``."""
    return linalg.adjoint(matrix_triangular_solve(r, linalg.adjoint(x), lower=False, adjoint=False))


class MatrixTriangularSolve(Op):
    """The ``x`` with ``matrix @ x = rhs``, reading one triangle of ``matrix`` only."""

    lower = Attr(bool, default=True)
    adjoint = Attr(bool, default=False)
    T = TypeAttr(_DECOMPOSED)
    matrix = Input(T)
    rhs = Input(T)
    output = Output(T)

    example = dict(matrix=[[2.0, 9.0], [1.0, 4.0]], rhs=[[2.0], [9.0]], output=[[1.0], [2.0]])

    def infer(node):
        matrix = with_rank_at_least(node.matrix.shape.sizes, 2)
        rhs = with_rank_at_least(node.rhs.shape.sizes, 2)
        if matrix is None or rhs is None:
            return None
        sides = {size for size in (matrix[-1], matrix[-2], rhs[-2]) if size is not None}
        if len(sides) > 1:
            first, second = (matrix[-2], matrix[-1]) if matrix[-1] != matrix[-2] else (matrix[-1], rhs[-2])
            raise ShapeMismatch(f"Dimensions must be equal, but are {first} and {second}")
        return (*merge(matrix[:-2], rhs[:-2]), sides.pop() if sides else None, rhs[-1])

    def kernel(matrix, rhs, *, lower, adjoint):
        matrices.check_ranks(matrix, rhs)
        matrices.square_matrices(matrix, "First input (lhs) must be a square matrix.")
        matrices.check_right_sides(matrix, rhs)
        if not np.diagonal(matrix, axis1=-2, axis2=-1).all():
            raise errors.InvalidArgumentError(None, None, "Input matrix is not invertible.")
        from scipy.linalg import solve_triangular  # heavy: only when a program solves

        narrow = matrix.dtype == np.float16
        result = np.empty(rhs.shape, np.float32 if narrow else rhs.dtype)
        for place in np.ndindex(rhs.shape[:-2]):
            result[place] = solve_triangular(matrix[place].astype(result.dtype), rhs[place].astype(result.dtype),
                                             trans="C" if adjoint else "N", lower=lower, check_finite=False)
        return result.astype(rhs.dtype, copy=False)

    def grad(node, dy):
        drhs = matrix_triangular_solve(node.matrix, dy, lower=node.lower, adjoint=not node.adjoint)
        if node.adjoint:
            dmatrix = -linalg.matmul(node.output, drhs, adjoint_b=True)
        else:
            dmatrix = -linalg.matmul(drhs, node.output, adjoint_b=True)
        return diagonals.matrix_band_part(dmatrix, *((-1, 0) if node.lower else (0, -1))), drhs


_QrResult = namedtuple("Qr", ["q", "r"])

matrix_triangular_solve = MatrixTriangularSolve.function()


def qr(input, full_matrices=False, name=None):
    """The pair ``(q, r)`` with ``input = q @ r`` for each matrix: ``q`` has orthonormal columns, ``r`` is upper triangular.

    ``full_matrices`` makes ``q`` square.
    """
    return _QrResult(*Qr.build(input, full_matrices=full_matrices, name=name))


# `tf.qr` and `tf.matrix_triangular_solve` are their old spellings at the top level; `tf.linalg` has both.
__all__ = ["matrix_triangular_solve", "qr"]
