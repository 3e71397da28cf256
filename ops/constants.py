"""Constants and placeholders, and how Python values become tensors."""

import numpy as np

from graphcore.core import dtypes, source
from graphcore.core.convert import register_tensor_conversion_function, to_tensor
from graphcore.core.dimension import Dimension
from graphcore.core.dtypes import ALL, as_dtype
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, DType, Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph
from graphcore.core.shapes import TensorShape, as_shape, merge
from graphcore.core.values import constant_array


class Const(Op, differentiable=False):
    """A constant; its value is part of the graph."""

    dtype = TypeAttr(ALL)
    value = Attr(np.ndarray)
    output = Output(dtype)

    example = dict(dtype=dtypes.float32, value=np.array([1.0, 2.0], np.float32), output=[1.0, 2.0])

    def infer(node):
        return TensorShape.of(node.value.shape)

    def constant_value(attrs):
        return _contiguous(attrs["value"])

    def kernel(*, value):
        return _contiguous(value)


def _contiguous(value):
    """The array itself or, of one value spread over a shape, a full copy as kernels want it."""
    return value if value.flags.c_contiguous else np.array(value, order="C")


class Placeholder(Op, refuses=True):
    """A value that every run has to feed."""

    dtype = TypeAttr(ALL)
    shape = Attr(TensorShape, default=None)
    output = Output(dtype)
    example = dict(dtype=dtypes.float32, shape=[2])

    def infer(node):
        return node.shape


class PlaceholderWithDefault(Op, aliases=True, strict=True):
    """``input``, unless a run feeds something else; the static shape may be less precise than the input's."""

    dtype = TypeAttr(ALL)
    shape = Attr(TensorShape)
    input = Input(dtype)
    output = Output(dtype)

    example = dict(input=[1.0, 2.0], shape=[None], output=[1.0, 2.0])

    def infer(node):
        merge(node.input.shape.sizes, node.shape.sizes)  # an error if what is fed could not take the input's place
        return node.shape

    def static_value(node):
        return None  # a run may feed something else

    def kernel(input):
        return input

    def grad(node, dy):
        return dy


_const_dtypes = {}


def constant_tensor(array, dtype, name="Const"):
    """A Const node for an array of that DType."""
    return get_default_graph()._append(made_of(array, dtype), (), name)._outputs


def made_of(array, dtype):
    """What the node for an array is made of: its definition, attributes, output dtypes and shapes."""
    dtypes_ = _const_dtypes.get(dtype)
    if dtypes_ is None:
        dtypes_ = _const_dtypes[dtype] = (dtype,)
    array.flags.writeable = False
    return Const, {"dtype": dtype, "value": array}, dtypes_, (TensorShape.of(array.shape),)


def constant(value, dtype=None, shape=None, name="Const", verify_shape=False):
    """A tensor that always has this value.

    Args:
      value: a Python number, string, (nested) list of these, or a NumPy array.
      dtype: its DType; Python floats become float32, ints int32, arrays keep theirs.
      shape: its shape; fewer values are filled up with the last one, unless ``verify_shape``.

    Raises:
      TypeError: the value does not fit ``dtype``, or not the shape when ``verify_shape``.
      ValueError: more elements than ``shape`` holds, a ragged list, None.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.constant([1, 2], tf.float32, shape=[2, 2]))
    array([[1., 2.],
           [2., 2.]], dtype=float32)
    """
    dtype = None if dtype is None else as_dtype(dtype).base
    try:
        array = constant_array(value, dtype, shape, verify_shape)
    except (TypeError, ValueError) as error:
        source.placed(error)
        raise
    return constant_tensor(array, dtype or as_dtype(array.dtype), name)


def _convert_constant(value, dtype=None, name=None, as_ref=False):
    key = _small_key(value, dtype)
    known = None if key is None else _small.get(key)
    if known is not None:
        return get_default_graph()._append(known, (), name or "Const")._outputs
    dtype = None if dtype is None else dtype.base
    try:
        array = constant_array(value, dtype)
    except (TypeError, ValueError) as error:
        source.placed(error)
        raise
    known = made_of(array, dtype or as_dtype(array.dtype))
    if key is not None and len(_small) < _MOST_SMALL:
        _small[key] = known
    return get_default_graph()._append(known, (), name or "Const")._outputs


_small = {}  # (value, DType asked for) → what its node is made of: the axes, sizes and numbers that ops are given
_MOST_SMALL = 1000
_MOST_ENTRIES = 8


def _small_key(value, dtype):
    """What a number or a short list of integers is remembered by, or None."""
    kind = value.__class__
    if kind is int or kind is bool or kind is float and value != 0:  # there are two zeros
        return kind, value, dtype
    if (kind is list or kind is tuple) and 0 < len(value) <= _MOST_ENTRIES:
        for entry in value:
            if entry.__class__ is not int:
                return None
        return kind, tuple(value), dtype
    return None


def _convert_shape(value, dtype=None, name=None, as_ref=False):
    if not value.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {value}")
    if dtype is not None and dtype.base not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype: {dtype.name}")
    sizes = value.as_list()
    if dtype is None:
        dtype = dtypes.int64 if any(s > 2147483647 for s in sizes) else dtypes.int32
    return constant_tensor(np.array(sizes, dtype.np), dtype.base, name or "shape_as_tensor")


def _convert_dimension(value, dtype=None, name=None, as_ref=False):
    if value.value is None:
        raise ValueError(f"Cannot convert an unknown Dimension to a Tensor: {value}")
    if dtype is not None and dtype.base not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype: {dtype.name}")
    return constant_tensor(np.array(value.value, (dtype or dtypes.int32).np), (dtype or dtypes.int32).base, name or "shape_as_tensor")


register_tensor_conversion_function(TensorShape, _convert_shape, 100)
register_tensor_conversion_function(Dimension, _convert_dimension, 100)
register_tensor_conversion_function((list, tuple), _convert_constant, 100)
register_tensor_conversion_function(object, _convert_constant, 200)


def placeholder(dtype, shape=None, name=None):
    """A tensor whose value every run has to feed: ``session.run(y, feed_dict={x: ...})``.

    Args:
      dtype: the DType of what will be fed.
      shape: what is known of its shape, None for nothing; fed values are checked against it.

    Running something that needs it without feeding it raises ``tf.errors.InvalidArgumentError``.
    """
    try:
        dtype = as_dtype(dtype)
    except TypeError:
        raise TypeError(f"Expected DataType for argument 'dtype' not {dtype!r}.") from None
    if dtype.is_ref:
        dtype = dtype.base
    try:
        shape = TensorShape.of(as_shape(shape).sizes)
    except (TypeError, ValueError) as error:
        raise type(error)(f"Error converting shape to a TensorShape: {error}.") from None
    graph = get_default_graph()
    return graph._append((Placeholder, {"dtype": dtype, "shape": shape}, (dtype,), (shape,)), (), name)._outputs


def placeholder_with_default(input, shape, name=None):
    """``input``, unless a run feeds this tensor; ``shape`` says what may be fed and has to allow ``input``."""
    return PlaceholderWithDefault.build(input, shape=shape, name=name)


def as_tensor(value, dtype=None, name=None):
    """``value`` as a Tensor; short for the many functions that start so."""
    return value if type(value) is Tensor and dtype is None else to_tensor(value, dtype, name)


__all__ = ["DType", "constant", "placeholder", "placeholder_with_default"]
