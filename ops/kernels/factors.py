"""Factors and functions of square matrices, one or a batch of them, that NumPy does not have."""

import warnings

import numpy as np

from graphcore.ops.kernels.matrices import invalid, wide


def lu(matrices):
    """``(factors, rows)``: L below and U on and above the diagonal, and which row of the matrix each row of L times U is."""
    array = np.array(wide(matrices))
    side, batch = array.shape[-1], array.shape[:-2]
    flat = array.reshape(_count(array), side, side)
    rows = np.tile(np.arange(side), (len(flat), 1))
    number = np.arange(len(flat))
    for step in range(side):
        pivot = step + np.abs(flat[:, step:, step]).argmax(axis=1)
        for each in (flat, rows):
            each[number, step], each[number, pivot] = each[number, pivot], each[number, step].copy()
        divisor = flat[:, step, step]
        if not divisor.all():
            raise invalid("Input is not invertible.")
        flat[:, step + 1:, step] /= divisor[:, None]
        flat[:, step + 1:, step + 1:] -= flat[:, step + 1:, step, None] * flat[:, step, None, step + 1:]
    return flat.reshape(matrices.shape).astype(matrices.dtype), rows.reshape(*batch, side)


def _count(matrices):
    return int(np.prod(matrices.shape[:-2]))


def each_matrix(function, matrices):
    """``function`` of every matrix, in double precision; complex results for real matrices become NaN."""
    kind = np.complex128 if matrices.dtype.kind == "c" else np.float64
    flat = matrices.reshape(_count(matrices), *matrices.shape[-2:]).astype(kind)
    result = np.empty(flat.shape, matrices.dtype)
    for number, matrix in enumerate(flat):
        found = _found(function, matrix)
        if kind is np.float64 and np.iscomplexobj(found):
            found = found.real if np.abs(found.imag).max() <= 1e-14 * np.abs(found).max() else np.nan
        result[number] = found
    return result.reshape(matrices.shape)


def _found(function, matrix):
    if not matrix.size or not np.isfinite(matrix).all():
        return np.full(matrix.shape, np.nan, matrix.dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of singular matrices: TF says nothing
        return function(matrix)


def tridiagonal_product(above, diagonal, below, right):
    """The product of tridiagonal matrices, diagonals ``[..., 1, size]``, with ``right`` ``[..., size, columns]``."""
    above, diagonal, below = (np.swapaxes(each, -1, -2) for each in (above, diagonal, below))
    result = diagonal * right
    result[..., :-1, :] += above[..., :-1, :] * right[..., 1:, :]
    result[..., 1:, :] += below[..., 1:, :] * right[..., :-1, :]
    return result


def tridiagonal_solution(diagonals, right, pivoting):
    """The solutions of tridiagonal systems, diagonals ``[..., 3, size]``, right-hand sides ``[..., size, columns]``."""
    result = np.empty(right.shape, right.dtype)
    solve = _solved if pivoting else _solved_in_order
    count = _count(right)
    bands = diagonals.reshape(count, *diagonals.shape[-2:])
    sides, solutions = right.reshape(count, *right.shape[-2:]), result.reshape(count, *right.shape[-2:])
    for number, band in enumerate(bands):
        solutions[number] = solve(band, sides[number]) if band.shape[-1] else sides[number]
    return solutions.reshape(result.shape)


def _solved(band, right):
    from scipy import linalg

    if band.shape[1] == 1:
        if not band[1, 0]:
            raise invalid("The matrix is not invertible.")
        return right / band[1]
    columns = np.stack([np.roll(band[0], 1), band[1], np.roll(band[2], -1)])  # each column of the matrix in one of the array
    try:
        return linalg.solve_banded((1, 1), columns, right, check_finite=False)
    except np.linalg.LinAlgError:
        raise invalid("The matrix is not invertible.") from None


def _solved_in_order(band, right):
    """Elimination from the first row to the last, without exchanges of rows."""
    above, diagonal, below = band[0], band[1].copy(), band[2]
    result = right.copy()
    for row in range(len(diagonal)):
        if row:
            factor = below[row] / diagonal[row - 1]
            diagonal[row] -= factor * above[row - 1]
            result[row] -= factor * result[row - 1]
        if not diagonal[row]:
            raise invalid("The matrix is either not invertible, or requires pivoting. Try setting partial_pivoting = True.")
    for row in reversed(range(len(diagonal))):
        if row + 1 < len(diagonal):
            result[row] -= above[row] * result[row + 1]
        result[row] /= diagonal[row]
    return result
