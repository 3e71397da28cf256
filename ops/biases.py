"""Biases added to the channels of a tensor, and the linear layers made with them."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import NUMBERS, QUANTIZED
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import merged_size, with_rank, with_rank_at_least
from graphcore.ops import activations, arrays, joining, linalg, reductions, sequences, transposing
from graphcore.ops.kernels.products import shape_text

_FORMATS = (b"NHWC", b"NCHW")


def _channel_axis(data_format):
    return 1 if data_format == b"NCHW" else -1


def _with_bias_shape(node, data_format):
    """The shape of ``value``, completed by the length of ``bias``."""
    sizes = with_rank_at_least(node.value.shape.sizes, 3 if data_format == b"NCHW" else 2)
    length, = with_rank(node.bias.shape.sizes, 1)
    if sizes is None:
        return None
    axis = _channel_axis(data_format) % len(sizes)
    return (*sizes[:axis], merged_size(sizes[axis], length), *sizes[axis + 1:])


def _added(value, bias, data_format):
    if value.ndim < 2:
        raise errors.InvalidArgumentError(None, None, f"Input tensor must be at least 2D: {shape_text(value)}")
    if bias.ndim != 1:
        raise errors.InvalidArgumentError(None, None, f"Biases must be 1D: {shape_text(bias)}")
    if value.shape[_channel_axis(data_format)] != bias.shape[0]:
        raise errors.InvalidArgumentError(None, None, "Must provide as many biases as the last dimension of the input tensor: "
                                          f"{shape_text(bias)} vs. {shape_text(value)}")
    if data_format == b"NCHW":
        bias = bias.reshape((-1,) + (1,) * (value.ndim - 2))
    return value + bias


class BiasAdd(Op):
    """``value`` with ``bias`` added to its last axis, or to axis 1 in the format NCHW."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    data_format = Attr(bytes, default=b"NHWC", allowed=_FORMATS)
    value = Input(T)
    bias = Input(T)
    output = Output(T)

    example = dict(value=[[1.0, 2.0], [3.0, 4.0]], bias=[0.5, -1.0], output=[[1.5, 1.0], [3.5, 3.0]])

    def loop(node):
        return "value + bias" if node.data_format == b"NHWC" else None


    def infer(node):
        return _with_bias_shape(node, node.data_format)

    def kernel(value, bias, *, data_format):
        return _added(value, bias, data_format)

    def grad(node, dy):
        return dy, BiasAddGrad.build(dy, data_format=node.data_format)


class BiasAddGrad(Op):
    """The sum of ``out_backprop`` over all axes but the one with the biases."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    data_format = Attr(bytes, default=b"NHWC", allowed=_FORMATS)
    out_backprop = Input(T)
    output = Output(T)

    example = dict(out_backprop=[[1.0, 2.0], [3.0, 5.0]], output=[4.0, 7.0])

    def adds_up(node):
        rank = node.out_backprop.shape.rank
        channels = _channel_axis(node.data_format) % rank
        return {axis for axis in range(rank) if axis != channels}, False

    def infer(node):
        sizes = with_rank_at_least(node.out_backprop.shape.sizes, 3 if node.data_format == b"NCHW" else 2)
        return (None,) if sizes is None else (sizes[_channel_axis(node.data_format)],)

    def kernel(out_backprop, *, data_format):
        if out_backprop.ndim < 2:
            raise errors.InvalidArgumentError(None, None, f"Input tensor must be at least 2D: {shape_text(out_backprop)}")
        channels = _channel_axis(data_format) % out_backprop.ndim
        axes = tuple(axis for axis in range(out_backprop.ndim) if axis != channels)
        return np.add.reduce(out_backprop, axis=axes, dtype=out_backprop.dtype)

    def grad(node, dy):
        shape, length = arrays.shape(node.out_backprop), arrays.shape(dy)
        if node.data_format == b"NCHW":
            parts = [sequences.ones_like(shape[:1]), length, sequences.ones_like(shape[2:])]
            expanded = joining.concat(parts, 0)
            multiples = joining.concat([shape[:1], [1], shape[2:]], 0)
        else:
            expanded = joining.concat([sequences.ones_like(shape[:-1]), length], 0)
            multiples = joining.concat([shape[:-1], [1]], 0)
        return transposing.tile(arrays.reshape(dy, expanded), multiples)


class BiasAddV1(Op):
    """``value`` with ``bias`` added to its last axis: the older form of `BiasAdd`."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    value = Input(T)
    bias = Input(T)
    output = Output(T)

    example = dict(value=[[1.0, 2.0], [3.0, 4.0]], bias=[0.5, -1.0], output=[[1.5, 1.0], [3.5, 3.0]])

    def infer(node):
        return _with_bias_shape(node, b"NHWC")

    def kernel(value, bias):
        return _added(value, bias, b"NHWC")

    def grad(node, dy):
        return dy, reductions.reduce_sum(dy, sequences.range(arrays.rank(dy) - 1))


def bias_add(value, bias, data_format=None, name=None):
    """``value`` with the vector ``bias`` added along its channels.

    Args:
      value: rank 2 or more.
      bias: as long as the last axis of ``value``, or as axis 1 where ``data_format`` starts with NC.
      data_format: "N...C" (the default) or "NC...".

    Raises:
      ValueError: the lengths differ, or the format is neither.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.bias_add([[1.0, 2.0]], [10.0, 20.0]))
    array([[11., 22.]], dtype=float32)
    """
    with name_scope(name, "BiasAdd", [value, bias]) as name:
        if data_format is not None:
            if not (data_format.startswith("NC") or data_format.startswith("N") and data_format.endswith("C")):
                raise ValueError("data_format must be of the form `N...C` or `NC...`")
            data_format = "NCHW" if data_format.startswith("NC") else "NHWC"
        value = to_tensor(value, name="input")
        bias = to_tensor(bias, dtype=value.dtype.base, name="bias")
        return BiasAdd.build(value, bias, data_format=data_format or "NHWC", name=name)


def xw_plus_b(x, weights, biases, name=None):
    """``x @ weights + biases``: a linear layer."""
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as name:
        product, biases = _product(x, weights, biases)
        return bias_add(product, biases, name=name)


def relu_layer(x, weights, biases, name=None):
    """``relu(x @ weights + biases)``: a fully connected layer."""
    with name_scope(name, "relu_layer", [x, weights, biases]) as name:
        product, biases = _product(x, weights, biases)
        return activations.relu(bias_add(product, biases), name=name)


def _product(x, weights, biases):
    x, weights, biases = to_tensor(x, name="x"), to_tensor(weights, name="weights"), to_tensor(biases, name="biases")
    return linalg.matmul(x, weights), biases


__all__ = ["bias_add", "relu_layer", "xw_plus_b"]
