"""``tf.tensordot``: contraction of any axes of two tensors, as a matrix product of their reshaped forms."""

import math
import numbers

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import int32
from graphcore.core.scopes import name_scope
from graphcore.ops import arrays, gathering, joining, linalg, partitions, reductions, selection, sequences, transposing


def tensordot(a, b, axes, name=None):
    """The sum of the products of ``a`` and ``b`` over pairs of their axes; the other axes remain, those of ``a`` first.

    Args:
      axes: a number n for the last n axes of ``a`` against the first n of ``b``, or a pair of axes or of lists of
        axes, or such a pair as an int32 tensor.

    Raises:
      ValueError: ``axes`` is neither, or names more axes than there are.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.tensordot([[1.0, 2.0], [3.0, 4.0]], [10.0, 1.0], axes=1))
    array([12., 34.], dtype=float32)
    """
    with name_scope(name, "Tensordot", [a, b, axes]) as name:
        a, b = to_tensor(a, name="a"), to_tensor(b, name="b")
        axes_a, axes_b = _pairs(a, axes)
        a = _Factor(a, axes_a, contracted_last=True)
        b = _Factor(b, axes_b, contracted_last=False)
        product = linalg.matmul(a.matrix, b.matrix)
        if isinstance(a.free, list) and isinstance(b.free, list):
            return arrays.reshape(product, a.free + b.free, name=name)
        free = joining.concat([to_tensor(a.free, dtype=int32), to_tensor(b.free, dtype=int32)], 0)
        product = arrays.reshape(product, free, name=name)
        if a.free_sizes is not None and b.free_sizes is not None:
            product.set_shape(a.free_sizes + b.free_sizes)
        return product


def _pairs(a, axes):
    """The axes of ``a`` and those of ``b`` to sum over, as lists or tensors."""
    if isinstance(axes, numbers.Integral):
        return _counted_pairs(a, int(axes))
    if not isinstance(axes, (list, tuple)):
        axes = to_tensor(axes, name="axes", dtype=int32)
        return axes[0], axes[1]
    if len(axes) != 2:
        raise ValueError("'axes' must be an integer or have length 2.")
    first, second = axes
    if isinstance(first, numbers.Integral) and isinstance(second, numbers.Integral):
        return [first], [second]
    if len(first) != len(second):
        raise ValueError(f"Different number of contraction axes 'a' and 'b', {len(first)} != {len(second)}.")
    return first, second


def _counted_pairs(a, count):
    if count < 0:
        raise ValueError("'axes' must be at least 0.")
    rank = a._shape.rank
    if rank is None:
        rank = arrays.rank(a)
        return sequences.range(rank - count, rank, dtype=int32), sequences.range(count, dtype=int32)
    if count > rank:
        raise ValueError(f"'axes' must not be larger than the number of dimensions of tensor {a}.")
    return list(range(rank - count, rank)), list(range(count))


class _Factor:
    """A tensor as a ``matrix`` with its contracted axes as one, the sizes of its other axes as a list or tensor (``free``)
    and as far as they are known (``free_sizes``)."""

    def __init__(self, tensor, axes, contracted_last):
        self.contracted_last = contracted_last
        if not isinstance(axes, (list, tuple)):
            self._unknown_axes(tensor, axes)
        elif tensor._shape.is_fully_defined():
            self._known(tensor, axes)
        elif tensor._shape.rank is None:
            self._unknown_axes(tensor, axes)
        else:
            self._known_rank(tensor, axes)

    def _ordered(self, free, contracted):
        return [free, contracted] if self.contracted_last else [contracted, free]

    def _known(self, tensor, axes):
        sizes = tensor._shape.sizes
        axes, free = _split(axes, len(sizes))
        self.free = self.free_sizes = [sizes[i] for i in free]
        first, second = self._ordered(free, axes)
        shape = [math.prod(sizes[i] for i in each) for each in (first, second)]
        self.matrix = arrays.reshape(transposing.transpose(tensor, first + second), shape)

    def _known_rank(self, tensor, axes):
        sizes = tensor._shape.sizes
        axes, free = _split(axes, len(sizes))
        self.free_sizes = [sizes[i] for i in free]
        axes = to_tensor(np.array(axes, np.int32), dtype=int32, name="axes")
        free = to_tensor(np.array(free, np.int32), dtype=int32, name="free")
        self._reshape(tensor, arrays.shape(tensor), axes, free)

    def _unknown_axes(self, tensor, axes):
        self.free_sizes = None
        shape, rank = arrays.shape(tensor), arrays.rank(tensor)
        axes = to_tensor(axes, dtype=int32, name="axes")
        axes = selection.where(axes >= 0, axes, axes + rank)
        free, _ = partitions.setdiff1d(sequences.range(rank), axes)
        self._reshape(tensor, shape, axes, free)

    def _reshape(self, tensor, shape, axes, free):
        self.free = gathering.gather(shape, free)
        contracted = gathering.gather(shape, axes)
        counts = reductions.reduce_prod(self.free), reductions.reduce_prod(contracted)
        order = joining.concat(self._ordered(free, axes), 0)
        matrix_shape = joining.stack(self._ordered(*counts))
        self.matrix = arrays.reshape(transposing.transpose(tensor, order), matrix_shape)


def _split(axes, rank):
    """Contracted axes counted from the front, and the others."""
    axes = [axis if axis >= 0 else axis + rank for axis in axes]
    return axes, [axis for axis in range(rank) if axis not in axes]


__all__ = ["tensordot"]
