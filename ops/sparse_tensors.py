"""Sparse tensors: placeholders for them, and their dense form."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, int64
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import TensorShape, with_rank
from graphcore.core.sparse import SparseTensor, SparseTensorValue
from graphcore.core.view import StaticInput, shape_from
from graphcore.ops import checks
from graphcore.ops.constants import placeholder
from graphcore.ops.kernels import sparsity
from graphcore.ops.reshaping import INDEX


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _brackets(numbers):
    return f"[{','.join(str(int(number)) for number in numbers)}]"


class SparseToDense(Op):
    """``default_value`` everywhere in ``output_shape``, but ``sparse_values[i]`` at ``sparse_indices[i]``."""

    validate_indices = Attr(bool, default=True)
    T = TypeAttr(ALL)
    Tindices = TypeAttr(INDEX)
    sparse_indices = Input(Tindices)
    output_shape = Input(Tindices, static=True)
    sparse_values = Input(T)
    default_value = Input(T)
    dense = Output(T)
    example = dict(sparse_indices=np.array([[0, 1], [1, 0]], np.int32), output_shape=np.array([2, 2], np.int32),
                   sparse_values=[5.0, 7.0], default_value=1.0, dense=[[1.0, 5.0], [7.0, 1.0]])

    def infer(node):
        with_rank(node.output_shape.shape.sizes, 1)
        return shape_from(node.output_shape)

    def kernel(sparse_indices, output_shape, sparse_values, default_value, *, validate_indices):
        indices, sizes = np.asarray(sparse_indices), np.asarray(output_shape)
        values, default = np.asarray(sparse_values), np.asarray(default_value)
        _check_shapes(indices, sizes, values, default)
        places = indices.reshape(1 if indices.ndim == 0 else len(indices), sizes.size)
        if validate_indices:
            sparsity.check_order(places, sizes)
        elif not ((places >= 0) & (places < sizes)).all():
            raise _invalid(f"Indices are not valid (out of bounds).  Shape: {_brackets(sizes)}")
        dense = np.full(int(np.prod(sizes)), default, values.dtype)
        dense[places @ sparsity.strides(sizes)] = values
        return dense.reshape(sizes)

    def grad(node, dy):
        from graphcore.ops import filling, gathering, reductions

        values = gathering.gather_nd(dy, node.sparse_indices)
        default = reductions.reduce_sum(dy) - reductions.reduce_sum(values)
        return filling.zeros_like(node.sparse_indices), filling.zeros_like(node.output_shape), values, default


def _check_shapes(indices, sizes, values, default):
    """InvalidArgumentError unless the inputs of SparseToDense fit together."""
    if indices.ndim > 2:
        raise _invalid(f"sparse_indices should be a scalar, vector, or matrix, got shape {_brackets(indices.shape)}")
    count = len(indices) if indices.ndim else 1
    rank = indices.shape[1] if indices.ndim > 1 else 1
    if sizes.ndim != 1:
        raise _invalid(f"output_shape should be a vector, got shape {_brackets(sizes.shape)}")
    if sizes.size != rank:
        raise _invalid(f"output_shape has incorrect number of elements: {sizes.size} should be: {rank} (the length of an index)")
    if values.shape not in ((), (count,)):
        raise _invalid(f"sparse_values has incorrect shape {_brackets(values.shape)}, should be [] or [{count}]")
    if default.ndim:
        raise _invalid(f"default_value should be a scalar. (It has shape {_brackets(default.shape)}.)")
    for axis, size in enumerate(sizes):
        if size < 0:
            raise _invalid(f"Dimension {size} must be >= 0 (it is number {axis} of output_shape)")


def is_sparse(value):
    """Whether ``value`` is a SparseTensor or a `SparseTensorValue`."""
    return isinstance(value, (SparseTensor, SparseTensorValue))


def as_sparse(value):
    """``value`` as a SparseTensor; TypeError unless it is one, or a `SparseTensorValue`."""
    if not is_sparse(value):
        raise TypeError(f"Input must be a SparseTensor. (It is of {type(value)}.)")
    return value if isinstance(value, SparseTensor) else SparseTensor.from_value(value)


def all_sparse(values):
    """Each of a list or tuple of values `as_sparse`."""
    if not isinstance(values, (list, tuple)):
        raise TypeError("Inputs must be a list or tuple.")
    return [as_sparse(value) for value in values]


def sizes_in(shape):
    """The sizes that TF knows while building of what ``shape`` holds: a tuple with None for unknown ones, or None."""
    value = checks.known_value(shape)
    if value is not None:
        return tuple(None if size < 0 else int(size) for size in value)
    if shape.op.type == "Pack":
        values = [checks.known_value(each) for each in shape.op.inputs]
        return tuple(None if size is None or size < 0 else int(size) for size in values)
    if shape.op.type in ("Shape", "ConcatV2", "StridedSlice"):
        return shape_from(StaticInput(shape)).sizes
    return None if shape.shape.num_elements() is None else (None,) * shape.shape.num_elements()


def known_shape(sparse):
    """The dense shape of a SparseTensor as far as TF knows it while building; ``sparse.shape`` may know more."""
    return TensorShape.of(sizes_in(sparse.dense_shape))


def sparse_to_dense(sparse_indices, output_shape, sparse_values, default_value=0, validate_indices=True, name=None):
    """A tensor with ``sparse_values`` at ``sparse_indices`` and ``default_value`` everywhere else.

    Args:
      sparse_indices: int32 or int64: a matrix with one row for each value, a vector for a vector, or one number.
      output_shape: a vector of the same dtype.
      sparse_values: a vector, or one value for all the indices.
      default_value: a scalar.
      validate_indices: whether indices have to be in row-major order and without repetition.

    Indices that are outside, or that `validate_indices` refuses, raise ``tf.errors.InvalidArgumentError`` in a run.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_to_dense([0, 2], [4], [5, 7], default_value=-1))
    array([ 5, -1,  7, -1], dtype=int32)
    """
    return SparseToDense.build(sparse_indices, output_shape, sparse_values, default_value, validate_indices=validate_indices, name=name)


def sparse_tensor_to_dense(sp_input, default_value=None, validate_indices=True, name=None):
    """The dense tensor that ``sp_input``, a `SparseTensor`, stands for.

    Args:
      default_value: what stands where nothing is given; zero (or the empty string) if None.
      validate_indices: whether indices have to be in row-major order and without repetition.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_tensor_to_dense(tf.SparseTensor([[0, 1]], [2.0], [2, 2])))
    array([[0., 2.],
           [0., 0.]], dtype=float32)
    """
    from graphcore.ops import filling

    sparse = as_sparse(sp_input)
    if default_value is None:
        default_value = filling.zeros([], sparse.dtype)
    return sparse_to_dense(sparse.indices, sparse.dense_shape, sparse.values, default_value, validate_indices, name)


def sparse_placeholder(dtype, shape=None, name=None):
    """A `SparseTensor` that every run has to feed with a `SparseTensorValue`, or a tuple of its three arrays.

    Args:
      dtype: the DType of its values.
      shape: its dense shape; None, or a None in it, leaves the shape to the run.
      name: prefix of the names of its three parts.

    >>> import graphcore as tf
    >>> x = tf.sparse_placeholder(tf.float32)
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_tensor_to_dense(x), {x: ([[1]], [4.0], [3])})
    array([0., 4., 0.], dtype=float32)
    """
    dense_shape, rank = _dense_shape(shape, _part(name, "shape"))
    values = placeholder(dtype, [None], _part(name, "values"))
    indices = placeholder(int64, [None, rank], _part(name, "indices"))
    return SparseTensor(indices, values, dense_shape)


def _part(name, part):
    return None if name is None else f"{name}/{part}"


def _dense_shape(shape, name):
    """The dense shape as a tensor, a constant if it is fully known, and how long it is (None if unknown)."""
    if shape is None:
        return placeholder(int64, [None], name), None
    if isinstance(shape, Tensor):
        return to_tensor(shape, int64, name), shape.shape[0]
    rank = len(shape)
    if any(size is None for size in shape):
        return placeholder(int64, [rank], name), rank
    return to_tensor(shape, int64, name), rank


__all__ = ["sparse_placeholder", "sparse_tensor_to_dense", "sparse_to_dense"]
