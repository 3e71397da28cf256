"""Eigenvalues of self-adjoint matrices, singular values of all, and what rests on them."""

import numpy as np

from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import with_rank_at_least
from graphcore.ops import (
    arrays,
    complex_numbers,
    diagonals,
    division,
    linalg,
    operands,
    sequences,
    svd_gradients,
)
from graphcore.ops.inverses import MATRIX_TYPES, square_shape
from graphcore.ops.kernels import matrices

# ---------------------------------------------------------------- eigenvalues


class SelfAdjointEigV2(Op):
    """Eigenvalues ``e`` in rising order and eigenvectors, the columns of ``v``, of self-adjoint matrices.

    Only the lower triangle of the matrices is read. Without ``compute_v``, ``v`` is empty.
    """

    compute_v = Attr(bool, default=True)
    T = TypeAttr(MATRIX_TYPES)
    input = Input(T)
    e = Output(T)
    v = Output(T)

    example = dict(input=[[1.72, 0.96], [0.96, 2.28]], e=[1.0, 3.0], v=[[-0.8, 0.6], [0.6, 0.8]])

    def infer(node):
        square = square_shape(node.input.shape)
        if square is None:
            return [None, None if node.compute_v else (0,)]
        batch, side = square
        return [(*batch, side), (*batch, side, side) if node.compute_v else (0,)]

    def kernel(input, *, compute_v):
        matrix = matrices.square_matrices(input)
        phrase = "Self-adjoint eigen decomposition was not successful. The input might not be valid."
        if np.isnan(matrix).any():
            raise matrices.invalid(f"{phrase} It contains NaN.")
        try:
            if not compute_v:
                return matrices.contiguous(np.linalg.eigvalsh(matrix, UPLO="L"), input.dtype), np.zeros(0, input.dtype)
            e, v = np.linalg.eigh(matrix, UPLO="L")
        except np.linalg.LinAlgError:
            raise matrices.invalid(phrase) from None
        return matrices.contiguous(e, input.dtype), matrices.contiguous(v, input.dtype)

    def grad(node, de, dv):
        with operands.after(de, dv):
            if node.compute_v:
                v, gaps = node.v, _gaps(node.e)
                middle = diagonals.matrix_diag(de) + gaps * linalg.matmul(v, dv, adjoint_a=True)
            else:
                _, v = self_adjoint_eig(node.input)
                middle = diagonals.matrix_diag(de)
            full = linalg.matmul(v, linalg.matmul(middle, v, adjoint_b=True))
            lower = diagonals.matrix_band_part(full + linalg.adjoint(full), -1, 0)
            return diagonals.matrix_set_diag(lower, 0.5 * diagonals.matrix_diag_part(lower))


def _gaps(e):
    """1 / (e_j - e_i) beside the diagonal, zero on it; infinite where eigenvalues are equal."""
    gaps = arrays.expand_dims(e, -2) - arrays.expand_dims(e, -1)
    return diagonals.matrix_set_diag(division.reciprocal(gaps), sequences.zeros_like(e))


# ---------------------------------------------------------------- singular values


class Svd(Op):
    """Singular values ``s`` in falling order, with ``input = u @ diag(s) @ v^H``, of each matrix.

    Without ``compute_uv``, ``u`` and ``v`` are empty; with ``full_matrices`` they are square.
    """

    compute_uv = Attr(bool, default=True)
    full_matrices = Attr(bool, default=False)
    T = TypeAttr(MATRIX_TYPES)
    input = Input(T)
    s = Output(T)
    u = Output(T)
    v = Output(T)

    example = dict(input=[[3.36, 0.52], [2.48, 3.36]], s=[5.0, 2.0], u=[[-0.6, -0.8], [-0.8, 0.6]],
                   v=[[-0.8, -0.6], [-0.6, 0.8]])

    def infer(node):
        sizes = with_rank_at_least(node.input.shape.sizes, 2)
        if sizes is None:
            return [None, None, None] if node.compute_uv else [None, (0,), (0,)]
        *batch, rows, columns = sizes
        shorter = 0 if 0 in (rows, columns) else None if None in (rows, columns) else min(rows, columns)
        if not node.compute_uv:
            return [(*batch, shorter), (0,), (0,)]
        full = node.full_matrices
        return [(*batch, shorter), (*batch, rows, rows if full else shorter), (*batch, columns, columns if full else shorter)]

    def kernel(input, *, compute_uv, full_matrices):
        matrix = matrices.matrices(input)
        finite = np.isfinite(matrix).all(axis=(-2, -1))
        if not finite.all():
            matrix = np.where(finite[..., None, None], matrix, np.zeros((), matrix.dtype))
        try:
            if compute_uv:
                u, s, v = np.linalg.svd(matrix, full_matrices=full_matrices)
                results = s, u, matrices.adjoint(v)
            else:
                results = (np.linalg.svd(matrix, compute_uv=False),)
        except np.linalg.LinAlgError:
            raise matrices.invalid("Singular value decomposition was not successful. The input might not be valid.") from None
        results = [np.array(result, dtype=input.dtype, order="C") for result in results]
        for result in results:
            result[~finite] = np.nan
        return tuple(results) if compute_uv else (*results, np.zeros(0, input.dtype), np.zeros(0, input.dtype))

    def grad(node, ds, du, dv):
        return svd_gradients.gradient(node, ds, du, dv)


# ---------------------------------------------------------------- functions


def self_adjoint_eig(tensor, name=None):
    """Eigenvalues, in rising order, and eigenvectors, as columns, of self-adjoint matrices: the pair ``(e, v)``.

    Only the lower triangle of the matrices is read. The sign of an eigenvector is not determined.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.self_adjoint_eig([[2.0, 0.0], [0.0, 3.0]])[0])
    array([2., 3.], dtype=float32)
    """
    e, v = SelfAdjointEigV2.build(tensor, compute_v=True, name=name)
    return e, v


def self_adjoint_eigvals(tensor, name=None):
    """The eigenvalues, in rising order, of self-adjoint matrices, of which only the lower triangle is read."""
    e, _ = SelfAdjointEigV2.build(tensor, compute_v=False, name=name)
    return e


def svd(tensor, full_matrices=False, compute_uv=True, name=None):
    """``(s, u, v)`` with ``tensor = u @ diag(s) @ v^H`` for each matrix, or ``s`` alone unless ``compute_uv``.

    The singular values are in falling order and real; ``full_matrices`` makes ``u`` and ``v`` square.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False))
    array([4., 3.], dtype=float32)
    """
    s, u, v = Svd.build(tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    s = complex_numbers.real(s)
    return (s, u, v) if compute_uv else s


__all__ = ["self_adjoint_eig", "self_adjoint_eigvals", "svd"]
