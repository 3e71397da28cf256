"""Sums of lists of tensors."""

from graphcore.core.convert import register_tensor_conversion_function, to_tensor
from graphcore.core.dtypes import NUMBERS, QUANTIZED, variant
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, TensorShape, as_shape, format_shape, merge
from graphcore.ops.operands import is_slices


def _common_shape(node):
    shapes = [tensor.shape.sizes for tensor in node.inputs]
    sizes = shapes[-1]
    for position in reversed(range(len(shapes) - 1)):
        try:
            sizes = merge(shapes[position], sizes)
        except ShapeMismatch as error:
            raise ShapeMismatch(f"{error}\n\tFrom merging shape {position} with other shapes.") from None
    return sizes


def _total(inputs):
    """The sum from left to right, without broadcasting."""
    total = inputs[0]
    for position, other in enumerate(inputs):
        if other.shape != inputs[0].shape:
            raise InvalidArgumentError(None, None, "Inputs to operation AddN of type AddN must have the same size and shape.  "
                                       f"Input 0: {format_shape(inputs[0].shape)} != input {position}: "
                                       f"{format_shape(other.shape)}")
        total = total + other if position else other
    return total


class AddN(Op, aliases=True):
    """The sum of tensors of one shape and dtype."""

    N = Attr(int)
    T = TypeAttr(NUMBERS | {variant}, without_kernel=QUANTIZED)
    inputs = Input(T, count=N)
    sum = Output(T)

    example = dict(inputs=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], sum=[9.0, 12.0])

    def loop(node):
        return " + ".join(f"inputs_{i}" for i in range(node.N))

    infer = _common_shape

    def kernel(inputs):
        return _total(inputs)

    def grad(node, grad):
        return (grad,) * node.N


class AccumulateNV2(Op, aliases=True, strict=True):
    """The sum of tensors of one dtype, and of the shape ``shape``."""

    N = Attr(int)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    shape = Attr(TensorShape)
    inputs = Input(T, count=N)
    sum = Output(T)

    example = dict(inputs=[[1.0, 2.0], [3.0, 4.0]], shape=[2], sum=[4.0, 6.0])

    def infer(node):
        return merge(_common_shape(node), node.shape.sizes)

    def kernel(inputs):
        return _total(inputs)

    def grad(node, grad):
        return (grad,) * node.N


def add_n(inputs, name=None):
    """The sum of a list of tensors or IndexedSlices, all of one shape and dtype; nothing is broadcast.

    Raises:
      ValueError: the list is empty or no list, or the shapes differ.
      TypeError: the dtypes differ.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.add_n([tf.constant([3, 5]), tf.constant([1, 6])]))
    array([ 4, 11], dtype=int32)
    """
    tensors = _as_tensors(inputs, "inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape")
    if len(tensors) == 1:
        tensor = to_tensor(tensors[0]) if is_slices(tensors[0]) else tensors[0]
        return _named(tensor, name)
    return AddN.build(tensors, name=name)


def accumulate_n(inputs, shape=None, tensor_dtype=None, name=None):
    """The sum of a list of tensors of one shape and dtype, which ``shape`` and ``tensor_dtype`` may state.

    Raises:
      ValueError: the list is empty or no list, or shapes or dtypes differ.
      TypeError: ``tensor_dtype`` is not the tensors' dtype.
    """
    complaint = "inputs must be a list of at least one Tensor with the same dtype and shape"
    tensors = _as_tensors(inputs, complaint)
    if any(not isinstance(t, Tensor) or t.dtype != tensors[0].dtype for t in tensors):
        raise ValueError(complaint)
    shape = as_shape(shape)
    for tensor in tensors:
        shape = shape.merge_with(tensor.shape)
    if tensor_dtype is not None and tensor_dtype != tensors[0].dtype:
        raise TypeError(f"tensor_dtype is {tensor_dtype}, but input is of type {tensors[0].dtype}")
    if len(tensors) == 1:
        return _named(tensors[0], name)
    return AccumulateNV2.build(tensors, shape=shape, name=name)


def _as_tensors(inputs, complaint):
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise ValueError(complaint)
    return [value if is_slices(value) else to_tensor(value) for value in inputs]


def _named(tensor, name):
    from graphcore.ops import arrays

    return arrays.identity(tensor, name=name) if name else tensor


def _convert_slices(value, dtype=None, name=None, as_ref=False):
    from graphcore.ops import segments  # few programs make a dense tensor of slices

    return segments.convert_slices(value, dtype, name, as_ref)


register_tensor_conversion_function(IndexedSlices, _convert_slices)

__all__ = ["accumulate_n", "add_n"]
