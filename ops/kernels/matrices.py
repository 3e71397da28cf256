"""What the kernels of matrix operations share: checks of shapes, and the types that LAPACK works in."""

import numpy as np

from graphcore.core import errors
from graphcore.core.shapes import format_shape


def invalid(phrase):
    """The error of a kernel that was given values or shapes it cannot work with."""
    return errors.InvalidArgumentError(None, None, phrase)


def wide(array):
    """``array`` in a type that LAPACK has: float16 becomes float32."""
    return array.astype(np.float32) if array.dtype == np.float16 else array


def matrices(array, number=0):
    """``array``, known to be one matrix or a batch of them, in a type that LAPACK has."""
    if array.ndim < 2:
        raise invalid(f"Input tensor {number} must have rank >= 2, got {array.ndim}")
    return wide(array)


def square_matrices(array, phrase="Input matrix must be square."):
    """``array``, known to be one square matrix or a batch of them, in a type that LAPACK has."""
    array = matrices(array)
    if array.shape[-1] != array.shape[-2]:
        raise invalid(f"{phrase} Its shape is {format_shape(array.shape)}")
    return array


def check_ranks(matrix, rhs):
    """Right-hand sides have the rank of the matrices."""
    if rhs.ndim != matrix.ndim:
        raise invalid(f"All input tensors must have the same rank. The matrix has shape {format_shape(matrix.shape)}, the "
                      f"right-hand side {format_shape(rhs.shape)}")


def check_right_sides(matrix, rhs):
    """Right-hand sides have the rank of the matrices, their batch, and as many rows."""
    check_ranks(matrix, rhs)
    if rhs.shape[:-2] != matrix.shape[:-2]:
        raise invalid("All input tensors must have the same outer dimensions. The matrix has shape "
                      f"{format_shape(matrix.shape)}, the right-hand side {format_shape(rhs.shape)}")
    if rhs.shape[-2] != matrix.shape[-2]:
        raise invalid(f"Input matrix and rhs are incompatible. Their shapes are {format_shape(matrix.shape)} and {format_shape(rhs.shape)}")


def adjoint(array):
    """The last two axes swapped, and conjugated."""
    return np.conj(np.swapaxes(array, -1, -2))


def contiguous(array, dtype):
    """``array`` in the dtype of the op's output, in C order."""
    return np.ascontiguousarray(array, dtype=dtype) if np.ndim(array) else np.asarray(array, dtype=dtype)


def cholesky_factors(array):
    """Lower triangular factors of positive definite matrices, of which the lower triangle is read; NaN stays NaN."""
    try:
        return np.linalg.cholesky(array)
    except np.linalg.LinAlgError:
        pass
    factors = np.empty_like(array)
    for place in np.ndindex(array.shape[:-2]):
        factors[place] = _cholesky_factor(array[place])
    return factors


def _cholesky_factor(matrix):
    # LAPACK calls a matrix with a NaN indefinite, TF works on.
    if np.isnan(np.tril(matrix)).any():
        return np.tril(np.full_like(matrix, np.nan))
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise invalid("Cholesky decomposition was not successful. The input might not be valid. "
                      "It has to be symmetric and positive definite.") from None
