"""Maxima and means over windows of images, and their gradients."""

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import FLOATS, INDICES, REAL, float32, int8, int16, int32, int64, qint8, uint8, uint16
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape, with_rank
from graphcore.ops import arrays, filling, reshaping, windowing
from graphcore.ops.kernels import pooling
from graphcore.ops.kernels.windows import spans_of
from graphcore.ops.windowing import PADDINGS

_POOLED = FLOATS | {int32, int64, uint8, int16, int8, uint16}


def _pooled_sizes(sizes, node):
    """The sizes after pooling images of these ``sizes``."""
    sizes = with_rank(sizes, 4)
    windowing.check_lists("Pooling", strides=node.strides, ksize=node.ksize)
    counts = [windowing.window_count(size, window, stride, 1, node.padding)
              for size, window, stride in zip(sizes[1:], node.ksize[1:], node.strides[1:])]
    return (sizes[0], *counts)


def _spans(sizes, ksize, strides, padding, data_format, phrase=None):
    """The spans of rows and columns; TF's errors for windows along other axes, in its words ``phrase`` for channels."""
    if len(sizes) != 4:
        raise errors.InvalidArgumentError(None, None, f"tensor_in must be 4-dimensional: its shape is {format_shape(sizes)}")
    rows, columns, channels = windowing.spatial(data_format)
    if ksize[0] != 1 or strides[0] != 1:
        raise errors.UnimplementedError(None, None, "Pooling is not yet supported on the batch dimension.")
    if ksize[channels] != 1 or strides[channels] != 1:
        raise errors.UnimplementedError(None, None, phrase or "Non-spatial pooling is not yet supported. Volunteers? :)")
    return spans_of((sizes[rows], sizes[columns]), (ksize[rows], ksize[columns]), (strides[rows], strides[columns]), (1, 1), padding)


def _check_rank(images, name):
    if images.ndim != 4:
        raise errors.InvalidArgumentError(None, None, f"{name} must be 4-dimensional: its shape is {format_shape(images.shape)}")


def _windows_of(node):
    return {name: getattr(node, name) for name in ("ksize", "strides", "padding", "data_format")}


def _pooled_channels(input, ksize, strides, data_format):
    """Maxima over groups of channels."""
    rows, columns, channels = windowing.spatial(data_format)
    if ksize[rows] != 1 or ksize[columns] != 1:
        raise errors.UnimplementedError(None, None, "MaxPooling supports exactly one of pooling across depth or pooling across "
                                        "width/height.")
    length = ksize[channels]
    if input.shape[channels] % length:
        raise errors.UnimplementedError(None, None, "Depthwise max pooling requires the depth window to evenly divide the input depth")
    if strides[channels] != length:
        raise errors.UnimplementedError(None, None, "Depthwise max pooling requires the depth window to equal the depth stride")
    images = windowing.channels_last(input, data_format)
    groups = images.reshape(*images.shape[:3], -1, length)
    return windowing.in_format(groups.max(axis=-1), data_format)


_ON_CHANNELS = "MaxPoolingGrad is not yet supported on the depth dimension."
_IMAGE = [[[[1.0], [5.0], [3.0]], [[4.0], [2.0], [6.0]], [[9.0], [8.0], [7.0]]]]
_SAME = dict(ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
_MAXIMA = [[[[5.0], [6.0]], [[9.0], [7.0]]]]
_FOUR = [[[[1.0], [2.0]], [[3.0], [4.0]]]]
_BACK = [[[[0.0], [1.0], [0.0]], [[0.0], [0.0], [2.0]], [[3.0], [0.0], [4.0]]]]


class MaxPool(Op):
    """The maximum of each window of the images ``input``, channel by channel."""

    T = TypeAttr(_POOLED | {qint8}, default=float32, without_kernel={qint8})
    ksize = Attr([int], minimum=4)
    strides = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = windowing.format_attr()
    input = Input(T)
    output = Output(T)
    example = dict(input=_IMAGE, output=_MAXIMA, **_SAME)

    def infer(node):
        return _pooled_sizes(node.input.shape.sizes, node)

    def kernel(input, *, ksize, strides, padding, data_format):
        if len(ksize) == 4 == input.ndim and ksize[windowing.spatial(data_format)[2]] != 1 and ksize[0] == 1:
            return _pooled_channels(input, ksize, strides, data_format)
        spans = _spans(input.shape, ksize, strides, padding, data_format)
        return windowing.in_format(pooling.maxima(windowing.channels_last(input, data_format), spans), data_format)

    def grad(node, dy):
        return MaxPoolGrad.build(node.input, node.outputs[0], dy, **_windows_of(node))


class MaxPoolGrad(Op):
    """``grad``, the gradient in the result of `MaxPool`, where its maxima came from: the first ones of their windows."""

    ksize = Attr([int], minimum=4)
    strides = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = windowing.format_attr()
    T = TypeAttr(REAL, default=float32)
    orig_input = Input(T)
    orig_output = Input(T)
    grad_ = Input(T)
    output = Output(T)
    example = dict(orig_input=_IMAGE, orig_output=_MAXIMA, grad=_FOUR, output=_BACK, **_SAME)

    def infer(node):
        return with_rank(node.orig_input.shape.sizes, 4)

    def kernel(orig_input, orig_output, grad, *, ksize, strides, padding, data_format):
        spans = _spans(orig_input.shape, ksize, strides, padding, data_format, _ON_CHANNELS)
        images, gradients = windowing.channels_last(orig_input, data_format), windowing.channels_last(grad, data_format)
        _check_gradients(gradients, (len(images), spans[0].count, spans[1].count, images.shape[3]))
        return windowing.in_format(pooling.at_first_maxima(images, gradients, spans), data_format)

    def grad(node, dy):
        return (*_zeros_of(node), MaxPoolGradGrad.build(node.orig_input, node.orig_output, dy, **_windows_of(node)))


class MaxPoolGradGrad(Op):
    """The elements of ``grad`` that are where the maxima of `MaxPool` came from."""

    ksize = Attr([int], minimum=4)
    strides = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = windowing.format_attr()
    T = TypeAttr(REAL)
    orig_input = Input(T)
    orig_output = Input(T)
    grad_ = Input(T)
    output = Output(T)
    example = dict(orig_input=_IMAGE, orig_output=_MAXIMA, grad=_IMAGE, output=_MAXIMA, **_SAME)

    def infer(node):
        return _pooled_sizes(node.orig_input.shape.sizes, node)

    def kernel(orig_input, orig_output, grad, *, ksize, strides, padding, data_format):
        spans = _spans(orig_input.shape, ksize, strides, padding, data_format, _ON_CHANNELS)
        _, places = pooling.first_maxima(windowing.channels_last(orig_input, data_format), spans)
        if grad.shape != orig_input.shape:
            raise errors.InvalidArgumentError(None, None, f"Expected grad shape to be {format_shape(orig_input.shape)}, but got "
                                              f"{format_shape(grad.shape)}")
        return windowing.in_format(pooling.from_places(windowing.channels_last(grad, data_format), places, spans), data_format)

    def grad(node, dy):
        return (*_zeros_of(node), MaxPoolGrad.build(node.orig_input, node.orig_output, dy, **_windows_of(node)))


def _check_gradients(gradients, wanted):
    if gradients.shape != wanted:
        raise errors.InvalidArgumentError(None, None, f"Expected grad shape to be {format_shape(wanted)}, but got "
                                          f"{format_shape(gradients.shape)}")


def _zeros_of(node):
    """Zeros shaped like the images and like their maxima, which have no gradient of the second order."""
    return [filling.zeros(arrays.shape(each), dtype=each.dtype) for each in (node.orig_input, node.orig_output)]


class MaxPoolWithArgmax(Op):
    """The maximum of each window and its index in the flattened image, or in all images flattened."""

    ksize = Attr([int], minimum=4)
    strides = Attr([int], minimum=4)
    Targmax = TypeAttr(INDICES, default=int64)
    padding = Attr(bytes, allowed=PADDINGS)
    include_batch_in_index = Attr(bool, default=False)
    T = TypeAttr(REAL)
    input = Input(T)
    output = Output(T)
    argmax = Output(Targmax)
    example = dict(input=_IMAGE, output=_MAXIMA, argmax=[[[[1], [5]], [[6], [8]]]], **_SAME)

    def infer(node):
        return [_pooled_sizes(node.input.shape.sizes, node)] * 2

    def kernel(input, *, ksize, strides, padding, include_batch_in_index, Targmax):
        spans = _spans(input.shape, ksize, strides, padding, b"NHWC")
        largest, places = pooling.first_maxima(input, spans)
        return largest, pooling.flat_places(places, spans, input.shape[3], include_batch_in_index).astype(Targmax.np)

    def grad(node, dy, _):
        return MaxPoolGradWithArgmax.build(node.input, dy, node.outputs[1], ksize=node.ksize, strides=node.strides,
                                           padding=node.padding, include_batch_in_index=node.include_batch_in_index)


class MaxPoolGradWithArgmax(Op, refuses=True, strict=True):
    """``grad`` added up where ``argmax`` says, in zeros shaped like ``input``."""

    ksize = Attr([int], minimum=4)
    strides = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    include_batch_in_index = Attr(bool, default=False)
    Targmax = TypeAttr(INDICES)
    T = TypeAttr(REAL)
    input = Input(T)
    grad_ = Input(T)
    argmax = Input(Targmax)
    output = Output(T)
    example = dict(input=_IMAGE, grad=_FOUR, argmax=[[[[1], [5]], [[6], [8]]]], output=_BACK, **_SAME)

    def infer(node):
        return with_rank(node.input.shape.sizes, 4)

    def kernel(input, grad, argmax, *, include_batch_in_index):
        _check_rank(argmax, "argmax")
        if grad.shape != argmax.shape:
            raise errors.InvalidArgumentError(None, None, f"Expected grad shape to be {format_shape(argmax.shape)}, but got "
                                              f"{format_shape(grad.shape)}")
        index = argmax.reshape(len(argmax), -1).astype(np.int64)
        if not include_batch_in_index:
            index = index + np.arange(len(argmax))[:, None] * (input.size // max(1, len(input)))
        if index.size and not 0 <= index.min() <= index.max() < input.size:
            raise errors.InvalidArgumentError(None, None, "Invalid input backprop index: argmax has an index outside of the images")
        result = np.zeros(input.size, input.dtype)
        np.add.at(result, index.ravel(), grad.ravel())
        return result.reshape(input.shape)


class AvgPool(Op):
    """The mean of each window of the images ``value``, channel by channel; padding does not count."""

    ksize = Attr([int], minimum=4)
    strides = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = windowing.format_attr()
    T = TypeAttr(FLOATS)
    value = Input(T)
    output = Output(T)
    example = dict(value=_IMAGE, output=[[[[3.0], [4.5]], [[8.5], [7.0]]]], **_SAME)

    def infer(node):
        return _pooled_sizes(node.value.shape.sizes, node)

    def kernel(value, *, ksize, strides, padding, data_format):
        spans = _spans(value.shape, ksize, strides, padding, data_format)
        return windowing.in_format(pooling.means(windowing.channels_last(value, data_format), spans), data_format)

    def grad(node, dy):
        return AvgPoolGrad.build(arrays.shape(node.value), dy, **_windows_of(node))


class AvgPoolGrad(Op, strict=True):
    """``grad``, the gradient in the result of `AvgPool`, shared out over the elements of each window."""

    ksize = Attr([int], minimum=4)
    strides = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = windowing.format_attr()
    T = TypeAttr(FLOATS)
    orig_input_shape = Input(int32, static=True)
    grad_ = Input(T)
    output = Output(T)
    example = dict(orig_input_shape=[1, 3, 3, 1], grad=[[[[4.0], [2.0]], [[6.0], [7.0]]]],
                   output=[[[[1.0], [1.0], [1.0]], [[1.0], [1.0], [1.0]], [[3.0], [3.0], [7.0]]]], **_SAME)

    def infer(node):
        return windowing.sizes_asked(node.orig_input_shape)

    def kernel(orig_input_shape, grad, *, ksize, strides, padding, data_format):
        spans = _spans(tuple(orig_input_shape.tolist()), ksize, strides, padding, data_format)
        _check_rank(grad, "out_backprop")
        gradients = windowing.channels_last(grad, data_format)
        if gradients.shape[1:3] != (spans[0].count, spans[1].count):
            raise errors.InvalidArgumentError(None, None, f"out_backprop must have {spans[0].count} rows and {spans[1].count} columns, "
                                              f"its shape is {format_shape(grad.shape)}")
        channels = windowing.spatial(data_format)[2]
        if (len(gradients), gradients.shape[3]) != (orig_input_shape[0], orig_input_shape[channels]):
            raise errors.InvalidArgumentError(None, None, f"out_backprop must have the batch and the channels of orig_input_shape "
                                              f"{format_shape(orig_input_shape)}, its shape is {format_shape(grad.shape)}")
        return windowing.in_format(pooling.shared_out(gradients, spans), data_format)

    def grad(node, dy):
        return arrays.stop_gradient(node.orig_input_shape), AvgPool.build(dy, **_windows_of(node))


# ---------------------------------------------------------------- public functions


def max_pool(value, ksize, strides, padding, data_format="NHWC", name=None, input=None):
    """The maximum of each window of images, channel by channel.

    Args:
      value, input: images, ``[batch, rows, columns, channels]``, or ``[batch, channels, rows, columns]`` in the format NCHW.
      ksize: the size of a window: an int, or one for rows and one for columns, or one for each axis.
      strides: how far the windows are apart; as ``ksize``.
      padding: "SAME" or "VALID" (whole windows only).

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.max_pool(tf.reshape(tf.range(9.0), [1, 3, 3, 1]), 2, 1, "VALID"))[0, :, :, 0]
    array([[4., 5.],
           [7., 8.]], dtype=float32)
    """
    value = reshaping.renamed("input", input, "value", value)
    with name_scope(name, "MaxPool", [value]) as name:
        sizes = _window_lists(ksize, strides, data_format)
        if any(size == 0 for size in sizes["ksize"]):
            raise ValueError("ksize cannot be zero.")
        return MaxPool.build(value, padding=padding, name=name, **sizes)


def avg_pool(value, ksize, strides, padding, data_format="NHWC", name=None, input=None):
    """The mean of each window of images, channel by channel, padding left out; arguments as for `max_pool`.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.avg_pool(tf.reshape(tf.range(9.0), [1, 3, 3, 1]), 2, 1, "VALID"))[0, :, :, 0]
    array([[2., 3.],
           [5., 6.]], dtype=float32)
    """
    with name_scope(name, "AvgPool", [value]) as name:
        value = reshaping.renamed("input", input, "value", value)
        return AvgPool.build(value, padding=padding, name=name, **_window_lists(ksize, strides, data_format))


def max_pool2d(input, ksize, strides, padding, data_format="NHWC", name=None):
    """`max_pool` under the name ``MaxPool2d``."""
    with name_scope(name, "MaxPool2d", [input]) as name:
        return MaxPool.build(input, padding=padding, name=name, **_window_lists(ksize, strides, data_format))


def _window_lists(ksize, strides, data_format):
    data_format = data_format or "NHWC"
    channels = windowing.channel_axis(data_format)
    return dict(ksize=windowing.sequence_of(ksize, channels, "ksize"), strides=windowing.sequence_of(strides, channels, "strides"),
                data_format=data_format)


def max_pool_with_argmax(input, ksize, strides, padding, data_format="NHWC", Targmax=None, name=None, output_dtype=None,
                         include_batch_in_index=False):
    """``(maxima, indices)``: as `max_pool`, with the index of each maximum in its flattened image.

    ``ksize`` and ``strides`` are lists of four; ``output_dtype`` is int64 (the default) or int32.
    """
    if data_format != "NHWC":
        raise ValueError("Data formats other than 'NHWC' are not yet supported")
    dtype = reshaping.renamed("output_dtype", output_dtype, "Targmax", Targmax)
    return MaxPoolWithArgmax.build(input, ksize=ksize, strides=strides, padding=padding, Targmax=dtype or int64,
                                   include_batch_in_index=include_batch_in_index, name=name)


avg_pool2d = avg_pool  # in TF 1.15 the same function, name and all

__all__ = ["avg_pool", "avg_pool2d", "max_pool", "max_pool2d", "max_pool_with_argmax"]
