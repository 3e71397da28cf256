"""Tensors of one value: fill, zeros, ones."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, NUMERIC, as_dtype, float32, int32, string, uint32, uint64
from graphcore.core.dtypes import bool as bool_dtype
from graphcore.core.node import Tensor
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, TensorShape, format_shape, with_rank
from graphcore.core.view import shape_from
from graphcore.ops.constants import constant
from graphcore.ops.reshaping import INDEX, reshape

# From so many elements on zeros are made when they are needed, not kept in the graph.
_SMALL = 1000


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _shape(tensor, optimize):
    from graphcore.ops import arrays

    return arrays.shape_internal(tensor, optimize=optimize)


class Fill(Op):
    """A tensor of shape ``dims``, every element ``value``."""

    T = TypeAttr(ALL)
    index_type = TypeAttr(INDEX, default=int32)
    dims = Input(index_type, static=True)
    value = Input(T)
    output = Output(T)
    example = dict(dims=[2, 2], value=3.0, output=[[3.0, 3.0], [3.0, 3.0]])
    spread = "value"

    def infer(node):
        with_rank(node.dims.shape.sizes, 1)
        with_rank(node.value.shape.sizes, 0)
        if node.dims.value is not None and (node.dims.value < 0).any():
            raise ShapeMismatch("Fill dimensions must be >= 0")
        return shape_from(node.dims)

    def kernel(dims, value):
        for axis, size in enumerate(dims):
            if size < 0:
                raise _invalid(f"Dimension {size} must be >= 0 (it is number {axis} of dims)")
        value = np.asarray(value)
        if value.ndim:
            raise _invalid(f"value must be a scalar, got shape {format_shape(value.shape)}")
        return np.full(dims, value, value.dtype)

    def grad(node, dy):
        from graphcore.ops import reductions

        return None, reductions.reduce_sum(dy)


class ZerosLike(Op, differentiable=False):
    """Zeros in the shape of ``x``."""

    T = TypeAttr(ALL)
    x = Input(T)
    y = Output(T)
    example = dict(x=[1.0, 2.0], y=[0.0, 0.0])
    loop = "0"

    def infer(node):
        return node.x.shape

    def kernel(x):
        return _same_everywhere(x, 0, b"")


class OnesLike(Op, differentiable=False):
    """Ones in the shape of ``x``."""

    T = TypeAttr(NUMERIC - {uint32, uint64} | {bool_dtype})
    x = Input(T)
    y = Output(T)
    example = dict(x=[1.0, 2.0], y=[1.0, 1.0])
    loop = "1"

    def infer(node):
        return node.x.shape

    def kernel(x):
        return np.ones(np.shape(x), x.dtype)


def _same_everywhere(x, number, text):
    dtype = np.asarray(x).dtype
    return np.full(np.shape(x), text if dtype.kind == "O" else number, dtype)


fill = Fill.function()


def zeros(shape, dtype=float32, name=None):
    """A tensor of zeros (False, empty strings); ``shape`` is a list, a TensorShape, an int or a vector tensor.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.zeros([2, 2], tf.int32))
    array([[0, 0],
           [0, 0]], dtype=int32)
    """
    dtype = as_dtype(dtype).base
    return _filled(shape, False if dtype is bool_dtype else "" if dtype is string else 0, dtype, name, "zeros")


def ones(shape, dtype=float32, name=None):
    """A tensor of ones (True); ``shape`` is a list, a TensorShape, an int or a vector tensor."""
    dtype = as_dtype(dtype).base
    return _filled(shape, True if dtype is bool_dtype else 1, dtype, name, "ones")


def _filled(shape, value, dtype, name, default_name):
    """A Const where the shape is known and small, else a Fill."""
    with name_scope(name, default_name, [shape]) as name:
        if not isinstance(shape, Tensor):
            try:
                if _is_small(shape):
                    return constant(value, shape=shape, dtype=dtype, name=name)
                shape = to_tensor(TensorShape(shape))
            except (TypeError, ValueError):
                shape = to_tensor(shape, int32)
        if not shape._shape.sizes:
            shape = reshape(shape, [-1])
        return fill(shape, constant(value, dtype=dtype), name=name)


def _is_small(shape):
    """Whether ``shape`` is known to have fewer than 1000 elements.

    Sizes that are tensors are multiplied and compared too: TF's graphs hold these nodes, and so do ours.
    """
    try:
        return bool(_product(shape) < _SMALL)
    except TypeError:
        return False


def _product(shape):
    if isinstance(shape, TensorShape):
        shape = shape.dims
        if shape is None:
            return _SMALL
    if not isinstance(shape, (list, tuple)):
        # A bare number is no list of sizes: TF makes a Fill of it, however small.
        return np.prod(shape) if np.ndim(shape) else _SMALL
    result = None
    for size in shape:
        if isinstance(size, (list, tuple)):
            size = _product(size)
        result = size if result is None else result * size
    return 1 if result is None else result


def zeros_like(tensor, dtype=None, name=None, optimize=True):
    """Zeros in the shape of ``tensor``, of its type or ``dtype``; a constant where the shape is known (and ``optimize``)."""
    with name_scope(name, "zeros_like", [tensor]) as name:
        tensor = to_tensor(tensor, name="tensor")
        dtype = None if dtype is None else as_dtype(dtype)
        if optimize and tensor._shape.is_fully_defined():
            return zeros(tensor.shape, dtype or tensor.dtype, name=name)
        if dtype is not None and dtype is not tensor.dtype:
            return zeros(_shape(tensor, optimize), dtype, name=name)
        return ZerosLike.build(tensor, name=name)


def ones_like(tensor, dtype=None, name=None, optimize=True):
    """Ones in the shape of ``tensor``, of its type or ``dtype``."""
    with name_scope(name, "ones_like", [tensor]) as name:
        tensor = to_tensor(tensor, name="tensor")
        shape = _shape(tensor, optimize)
        result = ones(shape, tensor.dtype if dtype is None else dtype, name=name)
        result.set_shape(tensor.shape)
        return result


__all__ = ["fill", "ones", "ones_like", "zeros", "zeros_like"]
