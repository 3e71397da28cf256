"""Maxima and means over windows of volumes, and their gradients."""

from graphcore.core import errors
from graphcore.core.dtypes import FLOATS, REAL, bfloat16, float16, float32, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape, with_rank
from graphcore.ops import arrays, filling, volumes, windowing
from graphcore.ops.kernels import volumes as kernels
from graphcore.ops.windowing import PADDINGS

_SHORT = {float16, bfloat16, float32}


def _pooled_sizes(sizes, node):
    """The sizes after pooling volumes of these ``sizes``."""
    volumes.check_lists("Pool3D", strides=node.strides, ksize=node.ksize)
    sizes = with_rank(sizes, 5) or (None,) * 5
    places, channels = volumes.spatial(node.data_format)
    return volumes.output_sizes(sizes, [node.ksize[axis] for axis in places], node, sizes[channels])


def _spans(sizes, ksize, strides, padding, data_format):
    """The spans of planes, rows and columns; TF's errors for windows along other axes."""
    if len(sizes) != 5:
        raise volumes.invalid(f"tensor_in must be 5-dimensional: its shape is {format_shape(sizes)}")
    places, channels = volumes.spatial(data_format)
    for axis, what in ((0, "batch"), (channels, "depth")):
        if ksize[axis] != 1 or strides[axis] != 1:
            raise errors.UnimplementedError(None, None, f"Pooling is not yet supported on the {what} dimension.")
    return volumes.spans(sizes, [ksize[axis] for axis in places], strides, volumes.ONES, padding, data_format)


def _windows_of(node):
    return {name: getattr(node, name) for name in ("ksize", "strides", "padding", "data_format")}


def _check_pooled(array, sizes, spans, data_format, name):
    """Raise unless ``array`` has the shape of what pooling gives for volumes of these ``sizes``."""
    places, _ = volumes.spatial(data_format)
    wanted = list(sizes)
    for axis, span in zip(places, spans):
        wanted[axis] = span.count
    volumes.check_shape(array, wanted, name)


_VOLUME = [[[[[1.0], [5.0]], [[3.0], [4.0]]], [[[2.0], [6.0]], [[9.0], [8.0]]]]]
_PAIRS = dict(ksize=[1, 2, 1, 1, 1], strides=[1, 1, 1, 1, 1], padding="VALID")
_MAXIMA = [[[[[2.0], [6.0]], [[9.0], [8.0]]]]]
_FOUR = [[[[[1.0], [2.0]], [[3.0], [4.0]]]]]
_BACK = [[[[[0.0], [0.0]], [[0.0], [0.0]]], [[[1.0], [2.0]], [[3.0], [4.0]]]]]
_HALVES = [[[[[0.5], [1.0]], [[1.5], [2.0]]], [[[0.5], [1.0]], [[1.5], [2.0]]]]]


class MaxPool3D(Op):
    """The maximum of each window of the volumes ``input``, channel by channel."""

    ksize = Attr([int], minimum=5)
    strides = Attr([int], minimum=5)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = volumes.format_attr()
    T = TypeAttr(_SHORT)
    input = Input(T)
    output = Output(T)
    example = dict(input=_VOLUME, output=_MAXIMA, **_PAIRS)

    def infer(node):
        return _pooled_sizes(node.input.shape.sizes, node)

    def kernel(input, *, ksize, strides, padding, data_format):
        spans = _spans(input.shape, ksize, strides, padding, data_format)
        return volumes.in_format(kernels.maxima(volumes.channels_last(input, data_format), spans), data_format)

    def grad(node, dy):
        return MaxPool3DGrad.build(node.input, node.outputs[0], dy, **_windows_of(node))


class MaxPool3DGrad(Op):
    """``grad``, the gradient in the result of `MaxPool3D`, where its maxima came from: to each element that equals its window's maximum."""

    ksize = Attr([int], minimum=5)
    strides = Attr([int], minimum=5)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = volumes.format_attr()
    T = TypeAttr(_SHORT, default=float32)
    TInput = TypeAttr(_SHORT, default=float32)
    orig_input = Input(TInput)
    orig_output = Input(TInput)
    grad_ = Input(T)
    output = Output(T)
    example = dict(orig_input=_VOLUME, orig_output=_MAXIMA, grad=_FOUR, output=_BACK, **_PAIRS)

    def infer(node):
        return with_rank(node.orig_input.shape.sizes, 5)

    def kernel(orig_input, orig_output, grad, *, ksize, strides, padding, data_format):
        spans = _spans(orig_input.shape, ksize, strides, padding, data_format)
        _check_pooled(orig_output, orig_input.shape, spans, data_format, "orig_output")
        _check_pooled(grad, orig_input.shape, spans, data_format, "grad")
        gradients = volumes.channels_last(grad, data_format)
        inputs, outputs = volumes.channels_last(orig_input, data_format), volumes.channels_last(orig_output, data_format)
        return volumes.in_format(kernels.at_maxima(gradients, inputs, outputs, spans), data_format)

    def grad(node, dy):
        return (*_zeros_of(node), MaxPool3DGradGrad.build(node.orig_input, node.orig_output, dy, **_windows_of(node)))


class MaxPool3DGradGrad(Op):
    """The elements of ``grad`` that are where the first maxima of the windows of `MaxPool3D` came from."""

    ksize = Attr([int], minimum=5)
    strides = Attr([int], minimum=5)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = volumes.format_attr()
    T = TypeAttr(REAL)
    orig_input = Input(T)
    orig_output = Input(T)
    grad_ = Input(T)
    output = Output(T)
    example = dict(orig_input=_VOLUME, orig_output=_MAXIMA, grad=_VOLUME, output=_MAXIMA, **_PAIRS)

    def infer(node):
        return _pooled_sizes(node.orig_input.shape.sizes, node)

    def kernel(orig_input, orig_output, grad, *, ksize, strides, padding, data_format):
        spans = _spans(orig_input.shape, ksize, strides, padding, data_format)
        volumes.check_shape(grad, orig_input.shape, "grad")
        places = kernels.first_places(volumes.channels_last(orig_input, data_format), spans)
        return volumes.in_format(kernels.from_places(volumes.channels_last(grad, data_format), places, spans), data_format)

    def grad(node, dy):
        return (*_zeros_of(node), MaxPool3DGrad.build(node.orig_input, node.orig_output, dy, **_windows_of(node)))


def _zeros_of(node):
    """Zeros shaped like the volumes and like their maxima, which have no gradient of the second order."""
    return [filling.zeros(arrays.shape(each), dtype=each.dtype) for each in (node.orig_input, node.orig_output)]


class AvgPool3D(Op):
    """The mean of each window of the volumes ``input``, channel by channel; padding does not count."""

    ksize = Attr([int], minimum=5)
    strides = Attr([int], minimum=5)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = volumes.format_attr()
    T = TypeAttr(FLOATS)
    input = Input(T)
    output = Output(T)
    example = dict(input=_VOLUME, output=[[[[[1.5], [5.5]], [[6.0], [6.0]]]]], **_PAIRS)

    def infer(node):
        return _pooled_sizes(node.input.shape.sizes, node)

    def kernel(input, *, ksize, strides, padding, data_format):
        spans = _spans(input.shape, ksize, strides, padding, data_format)
        return volumes.in_format(kernels.means(volumes.channels_last(input, data_format), spans), data_format)

    def grad(node, dy):
        return AvgPool3DGrad.build(arrays.shape(node.input), dy, **_windows_of(node))


class AvgPool3DGrad(Op):
    """``grad``, the gradient in the result of `AvgPool3D`, shared out over the elements of each window."""

    ksize = Attr([int], minimum=5)
    strides = Attr([int], minimum=5)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = volumes.format_attr()
    T = TypeAttr(FLOATS)
    orig_input_shape = Input(int32, static=True)
    grad_ = Input(T)
    output = Output(T)
    example = dict(orig_input_shape=[1, 2, 2, 2, 1], grad=_FOUR, output=_HALVES, **_PAIRS)

    def infer(node):
        volumes.check_lists("Pool3D", strides=node.strides, ksize=node.ksize)
        return volumes.sizes_asked(node.orig_input_shape)

    def kernel(orig_input_shape, grad, *, ksize, strides, padding, data_format):
        sizes = volumes.sizes_of(orig_input_shape, "orig_input_shape")
        spans = _spans(sizes, ksize, strides, padding, data_format)
        _check_pooled(grad, sizes, spans, data_format, "grad")
        gradients = volumes.channels_last(grad, data_format)
        return volumes.in_format(kernels.shared_out(gradients, spans), data_format)

    def grad(node, dy):
        return arrays.stop_gradient(node.orig_input_shape), AvgPool3D.build(dy, **_windows_of(node))


# ---------------------------------------------------------------- public functions


def max_pool3d(input, ksize, strides, padding, data_format="NDHWC", name=None):
    """The maximum of each window of volumes, channel by channel.

    Args:
      input: volumes, ``[batch, planes, rows, columns, channels]``, or with the channels second in the format NCDHW.
      ksize: the size of a window: an int, or one for planes, rows and columns, or one for each axis.
      strides: how far the windows are apart; as ``ksize``.
      padding: "SAME" or "VALID" (whole windows only).

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.max_pool3d(tf.reshape(tf.range(8.0), [1, 2, 2, 2, 1]), [2, 2, 1], 1, "VALID")).ravel()
    array([6., 7.], dtype=float32)
    """
    with name_scope(name, "MaxPool3D", [input]) as name:
        return MaxPool3D.build(input, padding=padding, name=name, **_window_lists(ksize, strides, data_format))


def avg_pool3d(input, ksize, strides, padding, data_format="NDHWC", name=None):
    """The mean of each window of volumes, channel by channel, padding left out; arguments as for `max_pool3d`."""
    with name_scope(name, "AvgPool3D", [input]) as name:
        return AvgPool3D.build(input, padding=padding, name=name, **_window_lists(ksize, strides, data_format))


def _window_lists(ksize, strides, data_format):
    data_format = data_format or "NDHWC"
    channels = 1 if data_format.startswith("NC") else 4
    return dict(ksize=windowing.sequence_of(ksize, channels, "ksize", 3), strides=windowing.sequence_of(strides, channels, "strides", 3),
                data_format=data_format)


__all__ = ["avg_pool3d", "max_pool3d"]
