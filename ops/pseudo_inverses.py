"""Ranks and pseudo-inverses of matrices, and tensors divided by their norms."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.current import control_dependencies
from graphcore.core.dimension import dimension_value
from graphcore.core.dtypes import float32, int32
from graphcore.core.scopes import name_scope
from graphcore.ops import arithmetic, arrays, casting, linalg, norms, reductions, selection, spectra, static_checks


def _checked(matrices, validate_args):
    """``matrices``, known to be floats of rank 2 or more."""
    if not matrices.dtype.is_floating:
        raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {matrices.dtype.name}).")
    rank = matrices.shape.rank
    if rank is not None and rank < 2:
        raise ValueError(f"Input `a` must have at least 2 dimensions (saw: {rank}).")
    if rank is None and validate_args:
        check = static_checks.assert_rank_at_least(matrices, rank=2, message="Input `a` must have at least 2 dimensions.")
        with control_dependencies([check]):
            return arrays.identity(matrices)
    return matrices


def matrix_rank(a, tol=None, validate_args=False, name=None):
    """How many singular values of each matrix are above ``tol``, int32.

    Args:
      a: floats, ``[..., rows, columns]``.
      tol: by default the machine precision times the longer side times the largest singular value.
      validate_args: whether the rank of ``a`` is checked when it runs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     print(session.run(tf.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]])))
    1
    """
    with name_scope(name or "matrix_rank"):
        a = _checked(to_tensor(a, preferred_dtype=float32, name="a"), validate_args)
        values = spectra.svd(a, compute_uv=False)
        if tol is None:
            known = a.shape[-2:].is_fully_defined()
            longer = np.max(a.shape[-2:].as_list()) if known else reductions.reduce_max(arrays.shape(a)[-2:])
            precision = np.finfo(a.dtype.np).eps
            tol = precision * casting.cast(longer, a.dtype) * reductions.reduce_max(values, axis=-1, keepdims=True)
        return reductions.reduce_sum(casting.cast(values > tol, int32), axis=-1)


def pinv(a, rcond=None, validate_args=False, name=None):
    """The Moore-Penrose pseudo-inverse of each matrix.

    Args:
      a: floats, ``[..., rows, columns]``.
      rcond: singular values at most this times the largest one count as zero; by default ten times the machine precision times
        the longer side.
      validate_args: whether the rank of ``a`` is checked when it runs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.linalg.pinv([[2.0, 0.0], [0.0, 0.0]]))
    array([[0.5, 0. ],
           [0. , 0. ]], dtype=float32)
    """
    with name_scope(name or "pinv"):
        a = _checked(to_tensor(a, name="a"), validate_args)
        dtype = a.dtype.np
        if rcond is None:
            rcond = 10.0 * _longer_side(a) * np.finfo(dtype).eps
        rcond = to_tensor(rcond, dtype=a.dtype, name="rcond")
        values, left, right = spectra.svd(a, full_matrices=False, compute_uv=True)
        cutoff = rcond * reductions.reduce_max(values, axis=-1)
        values = selection.where_v2(values > arrays.expand_dims(cutoff, -1), values, np.array(np.inf, dtype))
        result = linalg.matmul(right / arrays.expand_dims(values, -2), left, adjoint_b=True)
        if a.shape.rank is not None:
            result.set_shape(a.shape[:-2].concatenate([a.shape[-1], a.shape[-2]]))
        return result


def _longer_side(a):
    """The larger of rows and columns, as a float of the matrices' dtype."""
    rows, columns = (dimension_value(a.shape[axis]) for axis in (-2, -1))
    if rows is not None and columns is not None:
        return float(max(rows, columns))
    rows, columns = (arrays.shape(a)[axis] if size is None else size for axis, size in ((-2, rows), (-1, columns)))
    return casting.cast(arithmetic.maximum(rows, columns), a.dtype)


def normalize(tensor, ord="euclidean", axis=None, name=None):
    """``(normalized, norm)``: ``tensor`` divided by its norm along ``axis``, and that norm; arguments as for `tf.norm`.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.linalg.normalize([3.0, 4.0])[0])
    array([0.6, 0.8], dtype=float32)
    """
    with name_scope(name, "normalize", [tensor]) as name:
        tensor = to_tensor(tensor)
        norm = casting.cast(norms.norm(tensor, ord, axis, keepdims=True), tensor.dtype)
        return tensor / norm, norm


__all__ = []
