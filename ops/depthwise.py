"""Convolutions that treat each channel on its own, and those that then mix the channels."""

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import FLOATS, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape, merged_size, with_rank
from graphcore.ops import arrays, convolution, dilated, reshaping, windowing
from graphcore.ops.kernels import windows
from graphcore.ops.windowing import ONES, PADDINGS


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _settings(node):
    return {name: getattr(node, name) for name in ("strides", "padding", "data_format", "dilations")}


def _spans(sizes, filter_sizes, strides, padding, data_format):
    """Spans for images of the ``sizes``, after TF's checks; dilations have no effect, as in TF's CPU kernels."""
    windowing.check_four(strides=strides)
    for name, found in (("input", sizes), ("filter", filter_sizes)):
        if len(found) != 4:
            raise _invalid(f"{name} must be 4-dimensional{format_shape(found)}")
    rows, columns, channels = windowing.spatial(data_format)
    if sizes[channels] != filter_sizes[2]:
        raise _invalid(f"input and filter must have the same depth: {sizes[channels]} vs {filter_sizes[2]}")
    if strides[rows] != strides[columns]:
        raise _invalid("Current implementation only supports equal length strides in the row and column dimensions.")
    return windowing.image_spans(sizes, filter_sizes[:2], (strides, ONES, padding, (), data_format))


def _check_gradient(op_name, outputs, batch, filter_sizes, spans):
    """Raise TF's error unless ``outputs``, channels last, could be a result of the convolution."""
    if outputs.ndim != 4:
        raise _invalid("out_backprop must be 4-dimensional")
    for axis, (name, span) in enumerate(zip(("rows", "cols"), spans), 1):
        if outputs.shape[axis] != span.count:
            raise _invalid(f"{op_name}: Number of {name} of out_backprop doesn't match computed: actual = {outputs.shape[axis]}, "
                           f"computed = {span.count}")
    wanted = (batch, spans[0].count, spans[1].count, filter_sizes[2] * filter_sizes[3])
    if outputs.shape != wanted:
        raise _invalid(f"Depthwise convolution: out_backprop must have the shape {format_shape(wanted)}, its shape is "
                       f"{format_shape(outputs.shape)}")


_IMAGE = [[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]
_FILTER = [[[[1.0, 2.0], [0.0, 1.0]], [[1.0, -1.0], [2.0, 0.0]]]]
_OUTPUT = [[[[4.0, -1.0, 8.0, 2.0]], [[12.0, 3.0, 16.0, 6.0]]]]
_ATTRIBUTES = dict(strides=[1, 1, 1, 1], padding="VALID")


class DepthwiseConv2dNative(Op):
    """Each channel of ``input`` convolved with its own filters, ``filter`` being ``[rows, columns, channels, filters each]``."""

    T = TypeAttr(FLOATS)
    strides = Attr([int])
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = windowing.format_attr()
    dilations = Attr([int], default=ONES)
    input = Input(T)
    filter = Input(T)
    output = Output(T)
    example = dict(input=_IMAGE, filter=_FILTER, output=_OUTPUT, **_ATTRIBUTES)

    def infer(node):
        sizes, filters = with_rank(node.input.shape.sizes, 4), with_rank(node.filter.shape.sizes, 4)
        windowing.check_lists("DepthwiseConv2D", strides=node.strides)
        rows, columns, channels = windowing.spatial(node.data_format)
        depth = merged_size(sizes[channels], filters[2])
        counts = [windowing.window_count(sizes[axis], window, node.strides[axis], 1, node.padding)
                  for axis, window in zip((rows, columns), filters)]
        depth = None if depth is None or filters[3] is None else depth * filters[3]
        return windowing.sizes_in_format(sizes[0], *counts, depth, node.data_format)

    def kernel(input, filter, *, strides, padding, data_format):
        spans = _spans(input.shape, filter.shape, strides, padding, data_format)
        result = windows.convolved_depthwise(windowing.channels_last(input, data_format), filter, spans)
        return windowing.in_format(result, data_format)

    def grad(node, dy):
        return (DepthwiseConv2dNativeBackpropInput.build(arrays.shape(node.input), node.filter, dy, **_settings(node)),
                DepthwiseConv2dNativeBackpropFilter.build(node.input, arrays.shape(node.filter), dy, **_settings(node)))


class DepthwiseConv2dNativeBackpropInput(Op):
    """The gradient of `DepthwiseConv2dNative` in its images, of the shape ``input_sizes``."""

    T = TypeAttr(FLOATS)
    strides = Attr([int])
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = windowing.format_attr()
    dilations = Attr([int], default=ONES)
    input_sizes = Input(int32, static=True)
    filter = Input(T)
    out_backprop = Input(T)
    output = Output(T)
    example = dict(input_sizes=[1, 2, 2, 2], filter=_FILTER, out_backprop=_OUTPUT, **_ATTRIBUTES,
                   output=[[[[2.0, 2.0], [5.0, 16.0]], [[18.0, 6.0], [9.0, 32.0]]]])

    def infer(node):
        return windowing.sizes_asked(node.input_sizes)

    def kernel(input_sizes, filter, out_backprop, *, strides, padding, data_format):
        sizes = tuple(input_sizes.tolist())
        spans = _spans(sizes, filter.shape, strides, padding, data_format)
        outputs = windowing.channels_last(out_backprop, data_format)
        _check_gradient("DepthwiseConv2DBackpropInput", outputs, sizes[0], filter.shape, spans)
        return windowing.in_format(windows.spread_depthwise(outputs, filter, spans), data_format)

    def grad(node, dy):
        return (None, DepthwiseConv2dNativeBackpropFilter.build(dy, arrays.shape(node.filter), node.out_backprop, **_settings(node)),
                DepthwiseConv2dNative.build(dy, node.filter, **_settings(node)))


class DepthwiseConv2dNativeBackpropFilter(Op):
    """The gradient of `DepthwiseConv2dNative` in its filter, of the shape ``filter_sizes``."""

    T = TypeAttr(FLOATS)
    strides = Attr([int])
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = windowing.format_attr()
    dilations = Attr([int], default=ONES)
    input = Input(T)
    filter_sizes = Input(int32, static=True)
    out_backprop = Input(T)
    output = Output(T)
    example = dict(input=_IMAGE, filter_sizes=[1, 2, 2, 2], out_backprop=_OUTPUT, **_ATTRIBUTES,
                   output=[[[[64.0, 14.0], [112.0, 40.0]], [[96.0, 18.0], [160.0, 56.0]]]])

    def infer(node):
        return windowing.sizes_asked(node.filter_sizes)

    def kernel(input, filter_sizes, out_backprop, *, strides, padding, data_format):
        sizes = tuple(filter_sizes.tolist())
        spans = _spans(input.shape, sizes, strides, padding, data_format)
        outputs = windowing.channels_last(out_backprop, data_format)
        _check_gradient("DepthwiseConv2DBackpropFilter", outputs, input.shape[0], sizes, spans)
        return windows.correlated_depthwise(windowing.channels_last(input, data_format), outputs, spans)

    def grad(node, dy):
        return (DepthwiseConv2dNativeBackpropInput.build(arrays.shape(node.input), dy, node.out_backprop, **_settings(node)), None,
                DepthwiseConv2dNative.build(node.input, dy, **_settings(node)))


# ---------------------------------------------------------------- public functions


def depthwise_conv2d_native(input, filter, strides, padding, data_format="NHWC", dilations=[1, 1, 1, 1], name=None):  # noqa: B006
    """As `depthwise_conv2d` without a rate; ``dilations`` are kept in the graph and, as in TF's CPU kernels, have no effect."""
    return DepthwiseConv2dNative.build(input, filter, strides=strides, padding=padding, data_format=data_format or "NHWC",
                                       dilations=dilations, name=name)


def depthwise_conv2d_native_backprop_input(input_sizes, filter, out_backprop, strides, padding, data_format="NHWC",
                                           dilations=[1, 1, 1, 1], name=None):  # noqa: B006
    """The gradient of `depthwise_conv2d_native` in its images, whose shape is ``input_sizes``."""
    return DepthwiseConv2dNativeBackpropInput.build(input_sizes, filter, out_backprop, strides=strides, padding=padding,
                                                    data_format=data_format or "NHWC", dilations=dilations, name=name)


def depthwise_conv2d_native_backprop_filter(input, filter_sizes, out_backprop, strides, padding, data_format="NHWC",
                                            dilations=[1, 1, 1, 1], name=None):  # noqa: B006
    """The gradient of `depthwise_conv2d_native` in its filter, whose shape is ``filter_sizes``."""
    return DepthwiseConv2dNativeBackpropFilter.build(input, filter_sizes, out_backprop, strides=strides, padding=padding,
                                                     data_format=data_format or "NHWC", dilations=dilations, name=name)


def depthwise_conv2d(input, filter, strides, padding, rate=None, name=None, data_format=None, dilations=None):
    """Each channel of images convolved with its own filters; the results side by side as channels.

    Args:
      input: images, ``[batch, rows, columns, channels]``.
      filter: ``[rows, columns, channels, filters of each channel]``.
      strides: four ints, that of rows and that of columns the same.
      rate, dilations: how far the elements of a filter are apart, for rows and columns; not above 1 together with ``strides``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.depthwise_conv2d([[[[1.0, 2.0]]]], [[[[10.0], [100.0]]]], [1, 1, 1, 1], "VALID"))
    array([[[[ 10., 200.]]]], dtype=float32)
    """
    rate = reshaping.renamed("dilations", dilations, "rate", rate)
    with name_scope(name, "depthwise", [input, filter]) as name:
        input, filter = to_tensor(input, name="tensor_in"), to_tensor(filter, name="filter_in")
        return _with_rate(input, filter, strides, padding, rate, data_format, name)


def _with_rate(input, filter, strides, padding, rate, data_format, name):
    """The depthwise convolution with filters whose elements are ``rate`` apart."""
    def op(blocks, _, padding):
        return depthwise_conv2d_native(blocks, filter, strides, padding, data_format, name=name)

    return dilated.with_space_to_batch(input=input, filter_shape=arrays.shape(filter), dilation_rate=[1, 1] if rate is None else rate,
                                       padding=padding, data_format=data_format, op=op)


def separable_conv2d(input, depthwise_filter, pointwise_filter, strides, padding, rate=None, name=None, data_format=None,
                     dilations=None):
    """`depthwise_conv2d` with ``depthwise_filter``, its channels then mixed by the 1 × 1 ``pointwise_filter``."""
    rate = reshaping.renamed("dilations", dilations, "rate", rate)
    with name_scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as name:
        input = to_tensor(input, name="tensor_in")
        depthwise_filter = to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise_filter = to_tensor(pointwise_filter, name="pointwise_filter")
        sizes = pointwise_filter.get_shape().with_rank(4)
        sizes.dims[0].assert_is_compatible_with(1)
        sizes.dims[1].assert_is_compatible_with(1)
        depthwise = _with_rate(input, depthwise_filter, strides, padding, rate, data_format, "depthwise")
        return convolution.conv2d(depthwise, pointwise_filter, [1, 1, 1, 1], "VALID", data_format=data_format, name=name)


__all__ = ["depthwise_conv2d", "depthwise_conv2d_native", "depthwise_conv2d_native_backprop_filter",
           "depthwise_conv2d_native_backprop_input", "separable_conv2d"]
