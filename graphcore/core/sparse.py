"""SparseTensor: a tensor given by the few of its elements that are not zero, as graph nodes."""

import collections

import numpy as np

from graphcore.core import source
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import as_dtype, int64
from graphcore.core.scopes import name_scope, session_for
from graphcore.core.structure import Specification, register_composite
from graphcore.core.view import StaticInput, shape_from

SparseTensorValue = collections.namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])
SparseTensorValue.__doc__ = "What a run gives for a `SparseTensor`, and what is fed for one: its three arrays."


class SparseTensor:
    """``values[i]`` stands at ``indices[i]`` of a tensor of shape ``dense_shape``; everything else is zero.

    Args:
      indices: int64, [N, rank]; one row for each element, in row-major order as most operations want it.
      values: [N], of any dtype.
      dense_shape: int64, [rank].

    Raises:
      ValueError: the static shapes of the three do not fit together.

    >>> import graphcore as tf
    >>> diagonal = tf.SparseTensor(indices=[[0, 0], [1, 1]], values=[5.0, 7.0], dense_shape=[2, 3])
    >>> diagonal.shape
    TensorShape([Dimension(2), Dimension(3)])
    >>> with tf.Session() as session:
    ...     session.run(diagonal).values
    array([5., 7.], dtype=float32)
    """

    def __init__(self, indices, values, dense_shape):
        try:
            with name_scope(None, "SparseTensor", [indices, values, dense_shape]):
                self._indices = to_tensor(indices, int64, "indices")
                self._values = to_tensor(values, None, "values")
                self._dense_shape = to_tensor(dense_shape, int64, "dense_shape")
            self._check_parts()
        except ValueError as error:
            source.placed(error)
            raise

    def _check_parts(self):
        """Raise ValueError if ranks or sizes of the parts contradict each other."""
        rows, columns = _ranked(self._indices, 2, "indices of a SparseTensor: a matrix, one row for each value").dims
        count, = _ranked(self._values, 1, "values of a SparseTensor: a vector").dims
        rank, = _ranked(self._dense_shape, 1, "dense_shape of a SparseTensor: a vector").dims
        _agree(rows, count, "a SparseTensor has one row of indices for each of its values")
        _agree(columns, rank, "a row of a SparseTensor's indices has one number for each entry of dense_shape")

    @classmethod
    def from_value(cls, sparse_tensor_value):
        """A SparseTensor of the parts of a `SparseTensorValue` (or of another SparseTensor)."""
        if not isinstance(sparse_tensor_value, (SparseTensor, SparseTensorValue)):
            raise TypeError(f"Neither a SparseTensor nor SparseTensorValue: {sparse_tensor_value}.")
        return cls(indices=sparse_tensor_value.indices, values=sparse_tensor_value.values,
                   dense_shape=sparse_tensor_value.dense_shape)

    @property
    def indices(self):
        """Where the values stand, int64 [N, rank]."""
        return self._indices

    @property
    def values(self):
        """The elements that are given, a vector."""
        return self._values

    @property
    def dense_shape(self):
        """The shape of the whole tensor, an int64 vector tensor."""
        return self._dense_shape

    @property
    def dtype(self):
        return self._values.dtype

    @property
    def op(self):
        """The operation that makes the values."""
        return self._values.op

    @property
    def graph(self):
        return self._indices.graph

    @property
    def shape(self):
        """What is known while building of the whole tensor's shape, as a TensorShape."""
        return shape_from(StaticInput(self._dense_shape))

    def get_shape(self):
        """The static shape; the same as ``sparse.shape``."""
        return self.shape

    def consumers(self):
        """The operations that take one of the parts."""
        return list(dict.fromkeys(op for part in (self._indices, self._values, self._dense_shape) for op in part.consumers()))

    def eval(self, feed_dict=None, session=None):
        """The `SparseTensorValue` in ``session`` or the default session."""
        session = session_for(self._values, session, "evaluate tensor", "eval", "with sess.as_default()")
        parts = session.run([self._indices, self._values, self._dense_shape], feed_dict)
        return SparseTensorValue(*parts)

    def __str__(self):
        return f"SparseTensor(indices={self._indices}, values={self._values}, dense_shape={self._dense_shape})"


def _from_parts(parts):
    """A SparseTensor of tensors, a `SparseTensorValue` of arrays."""
    return (SparseTensorValue if all(isinstance(part, np.ndarray) for part in parts) else SparseTensor)(*parts)


def _specify(sparse):
    return Specification(("SparseTensor", sparse.dtype), f"SparseTensorSpec({sparse.shape!r}, {sparse.dtype!r})")


register_composite(SparseTensor, lambda sparse: [sparse.indices, sparse.values, sparse.dense_shape], _from_parts, _specify)


def _ranked(part, rank, meaning):
    try:
        return part.shape.with_rank(rank)
    except ValueError as error:
        raise ValueError(f"{error} ({meaning})") from None


def _agree(size, other, meaning):
    try:
        size.assert_is_compatible_with(other)
    except ValueError as error:
        raise ValueError(f"{error} ({meaning})") from None


def convert_to_tensor_or_sparse_tensor(value, dtype=None, name=None):
    """A SparseTensor for a SparseTensor or `SparseTensorValue`, else ``value`` as a Tensor.

    Raises:
      RuntimeError: it is sparse and of another dtype than ``dtype``.
    """
    dtype = None if dtype is None else as_dtype(dtype)
    if isinstance(value, SparseTensorValue):
        value = SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        return to_tensor(value, dtype, name)
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise RuntimeError(f"Sparse dtype: requested = {dtype.name}, actual = {value.dtype.name}")
    return value


__all__ = ["SparseTensor", "SparseTensorValue", "convert_to_tensor_or_sparse_tensor"]
