"""Norms of tensors, and tensors divided by theirs."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import FLOATS
from graphcore.core.indexed import IndexedSlices
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    constants,
    division,
    joining,
    mathematics,
    operands,
    partitions,
    reductions,
    sequences,
    transposing,
)


class L2Loss(Op):
    """Half the sum of the squares of ``t``."""

    T = TypeAttr(FLOATS)
    t = Input(T)
    output = Output(T)

    example = dict(t=[[1.0, 2.0], [3.0, 0.0]], output=7.0)

    def infer(node):
        return ()

    def kernel(t):
        half = t.dtype.type(0.5)
        return np.add.reduce(t * t * half, axis=None, dtype=t.dtype)

    def grad(node, dy):
        return node.t * dy


l2_loss = L2Loss.function()

_EUCLIDEAN = ("fro", "euclidean", 2, 2.0)


def norm(tensor, ord="euclidean", axis=None, keepdims=None, name=None, keep_dims=None):
    """The norm of vectors or matrices, or of all elements of a tensor.

    Args:
      tensor: floats or complex numbers.
      ord: "euclidean", 1, ``np.inf`` or any positive number p for the p-norm; for matrices "euclidean", "fro", 1
        (largest column sum), 2 (largest singular value) or ``np.inf`` (largest row sum).
      axis: None for all elements as one vector, an int for vectors, two ints for matrices.
      keepdims: keep the reduced axes with size 1; ``keep_dims`` is its old name.

    Raises:
      ValueError: an ``ord`` or ``axis`` of another kind.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.norm([3.0, 4.0]))
    np.float32(5.0)
    """
    keepdims = arrays.renamed("keepdims", keepdims, "keep_dims", keep_dims)
    of_matrices = isinstance(axis, (list, tuple)) and len(axis) == 2
    axis = _matrix_axes(ord, axis) if of_matrices else _vector_axes(ord, axis)
    with name_scope(name, "norm", [tensor]):
        result = _kept_norm(to_tensor(tensor), ord, axis, of_matrices)
        return result if keepdims else arrays.squeeze(result, axis)


def _matrix_axes(ord, axis):
    if not all(isinstance(each, int) for each in axis) or axis[0] == axis[1]:
        raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
    supported = ["euclidean", "fro", 1, 2, np.inf]
    if ord not in supported:
        raise ValueError(f"'ord' must be a supported matrix norm in {supported}, got {ord}")
    return tuple(axis)


def _vector_axes(ord, axis):
    if not (axis is None or isinstance(axis, int)):
        raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
    if ord != "euclidean" and (isinstance(ord, str) or not np.isreal(ord) or ord <= 0):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")
    return None if axis is None else (axis,)


def _kept_norm(tensor, ord, axis, of_matrices):
    """The norm with the reduced axes kept."""
    if of_matrices and ord == 2:
        return _largest_singular_value(tensor, axis)
    if ord in _EUCLIDEAN:
        squares = tensor * operands.conj(tensor)
        return mathematics.sqrt(reductions.reduce_sum(squares, axis, keepdims=True))
    sizes = arithmetic.abs(tensor)
    first = None if axis is None else axis[0]
    if ord == 1:
        sums = reductions.reduce_sum(sizes, first, keepdims=True)
        return reductions.reduce_max(sums, axis[-1], keepdims=True) if of_matrices else sums
    if ord == np.inf:
        if of_matrices:
            sizes = reductions.reduce_sum(sizes, axis[1], keepdims=True)
        return reductions.reduce_max(sizes, first, keepdims=True)
    powers = reductions.reduce_sum(division.pow(sizes, ord), axis, keepdims=True)
    return division.pow(powers, 1.0 / ord)


def _largest_singular_value(tensor, axes):
    """The 2-norm of the matrices along two axes, kept with size 1."""
    from graphcore.ops import spectra

    rank = tensor._shape.rank
    if rank is None:
        order = _axes_last(arrays.rank(tensor), axes)
        back = transposing.invert_permutation(order)
    else:
        last = [axis + rank if axis < 0 else axis for axis in axes]
        order = [*(axis for axis in range(rank) if axis not in last), *last]
        back = sorted(range(rank), key=order.__getitem__)
    values = arithmetic.abs(spectra.svd(transposing.transpose(tensor, perm=order), compute_uv=False))
    largest = arrays.expand_dims(reductions.reduce_max(values, axis=-1, keepdims=True), axis=-1)
    return transposing.transpose(largest, perm=back)


def _axes_last(rank, axes):
    """The permutation that moves ``axes`` behind all others, for tensors whose rank a run tells."""
    last = joining.stack([axis + rank if axis < 0 else axis for axis in axes])
    others = partitions.setdiff1d(sequences.range(rank), last)[0]
    return joining.concat([others, last], axis=0)


def normalize(tensor, ord="euclidean", axis=None, name=None):
    """``(tensor / norm, norm)`` with `norm` of the same arguments, its axes kept."""
    with name_scope(name, "normalize", [tensor]):
        tensor = to_tensor(tensor)
        size = casting.cast(norm(tensor, ord, axis, keepdims=True), tensor.dtype.base)
        return tensor / size, size


def l2_normalize(x, axis=None, epsilon=1e-12, name=None, dim=None):
    """``x / sqrt(max(sum(x**2), epsilon))`` with the sum over ``axis``; ``dim`` is its old name."""
    axis = arrays.renamed("axis", axis, "dim", dim)
    with name_scope(name, "l2_normalize", [x]) as name:
        x = to_tensor(x, name="x")
        squares = reductions.reduce_sum(arithmetic.square(x), axis, keepdims=True)
        return arithmetic.multiply(x, mathematics.rsqrt(arithmetic.maximum(squares, epsilon)), name=name)


def global_norm(t_list, name=None):
    """The Euclidean norm of all elements of several tensors together; entries that are None do not count."""
    if isinstance(t_list, (str, bytes)) or not hasattr(t_list, "__getitem__") or not hasattr(t_list, "__len__"):
        raise TypeError("t_list should be a sequence")
    t_list = list(t_list)
    with name_scope(name, "global_norm", t_list):
        tensors = [_dense_part(t, number) for number, t in enumerate(t_list)]
        halves = []
        for tensor in tensors:
            if tensor is not None:
                with get_default_graph().colocate_with(tensor):
                    halves.append(l2_loss(tensor))
        half = reductions.reduce_sum(joining.stack(halves))
        return mathematics.sqrt(half * constants.constant(2.0, dtype=half.dtype.base), name="global_norm")


def _dense_part(tensor, number):
    if tensor is None:
        return None
    return to_tensor(tensor.values if isinstance(tensor, IndexedSlices) else tensor, name=f"t_{number}")


__all__ = ["global_norm", "norm"]
