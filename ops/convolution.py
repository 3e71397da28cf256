"""Two-dimensional convolution, its two gradients, and the public functions made of them."""

from graphcore.core import errors
from graphcore.core.dtypes import FLOATS, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import arrays, reshaping, windowing
from graphcore.ops.kernels import windows
from graphcore.ops.windowing import ONES

PADDINGS = (*windowing.PADDINGS, b"EXPLICIT")


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _settings(node):
    """The attributes that a convolution hands on to its gradients."""
    return {name: getattr(node, name) for name in
            ("strides", "use_cudnn_on_gpu", "padding", "explicit_paddings", "data_format", "dilations")}


def _check_static(node):
    windowing.check_lists("Conv2D", dilations=node.dilations, strides=node.strides)
    explicit = node.explicit_paddings
    if node.padding != b"EXPLICIT":
        return
    if len(explicit) != 8:
        raise ShapeMismatch(f"explicit_paddings attribute must contain 8 values, but got: {len(explicit)}")
    if min(explicit) < 0:
        raise ShapeMismatch("All elements of explicit_paddings must be nonnegative")
    channels = windowing.spatial(node.data_format)[2]
    if any(explicit[:2]) or any(explicit[2 * channels:2 * channels + 2]):
        raise ShapeMismatch("Nonzero explicit padding in the batch or depth dimensions is not supported")


def _output_sizes(node):
    """The sizes that the windows of ``node.input`` and the filters give."""
    sizes, filters = with_rank(node.input.shape.sizes, 4), with_rank(node.filter.shape.sizes, 4)
    _check_static(node)
    rows, columns, channels = windowing.spatial(node.data_format)
    depth = sizes[channels]
    if depth is not None and filters[2] is not None and (depth % filters[2] if filters[2] else depth):
        raise ShapeMismatch(f"Depth of input ({depth}) is not a multiple of input depth of filter ({filters[2]})")
    groups = depth // filters[2] if depth and filters[2] else 1
    if filters[3] is not None and filters[3] % groups:
        raise ShapeMismatch(f"Depth of output ({filters[3]}) is not a multiple of the number of groups ({groups})")
    counts = []
    around = windowing.explicit_pairs(node.explicit_paddings, rows, columns)
    for axis, window, explicit in zip((rows, columns), filters, around):
        counts.append(windowing.window_count(sizes[axis], window, node.strides[axis], node.dilations[axis], node.padding, explicit))
    return windowing.sizes_in_format(sizes[0], *counts, filters[3], node.data_format)


def _spans(sizes, filter_sizes, strides, padding, explicit_paddings, data_format, dilations):
    """Spans for images of the ``sizes``, after TF's checks of what comes in."""
    windowing.check_four(strides=strides, dilations=dilations)
    if len(sizes) != 4:
        raise _invalid(f"input must be 4-dimensional{format_shape(sizes)}")
    if len(filter_sizes) != 4:
        raise _invalid(f"filter must be 4-dimensional: {format_shape(filter_sizes)}")
    depth, taken = sizes[windowing.spatial(data_format)[2]], filter_sizes[2]
    if depth != taken and taken and depth % taken == 0:
        raise errors.UnimplementedError(
            None, None, "The Conv2D op currently does not support grouped convolutions on the CPU. A grouped convolution was attempted "
            f"to be run because the input depth of {depth} does not match the filter input depth of {taken}")
    if depth != taken:
        raise _invalid(f"input depth must be evenly divisible by filter depth: {depth} vs {taken}")
    return windowing.image_spans(sizes, filter_sizes[:2], (strides, dilations, padding, explicit_paddings, data_format))


def _check_gradient(outputs, batch, filter_sizes, spans, label):
    """Raise TF's error unless ``outputs``, channels last, could be a result of the convolution."""
    if outputs.ndim != 4:
        raise _invalid("out_backprop must be 4-dimensional")
    if outputs.shape[0] != batch:
        raise _invalid(f"{label}: input and out_backprop must have the same batch size input batch: {batch} outbackprop batch: "
                       f"{outputs.shape[0]} batch_dim: 0")
    if outputs.shape[3] != filter_sizes[3]:
        raise _invalid(f"{label}: filter and out_backprop must have the same out_depth: {filter_sizes[3]} and {outputs.shape[3]}")
    for axis, span in enumerate(spans, 1):
        if outputs.shape[axis] != span.count:
            raise _invalid(f"{label}: Size of out_backprop doesn't match computed: actual = {outputs.shape[axis]}, "
                           f"computed = {span.count} spatial_dim: {axis} input: {span.size} filter: {span.window} "
                           f"output: {outputs.shape[axis]} stride: {span.stride} dilation: {span.dilation}")


_IMAGE = [[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]
_FILTER = [[[[1.0]], [[0.0]]], [[[0.0]], [[-2.0]]]]


class Conv2D(Op):
    """The sums of products of ``filter`` ``[rows, columns, channels, channels out]`` with each window of the images ``input``."""

    T = TypeAttr(FLOATS)
    strides = Attr([int])
    use_cudnn_on_gpu = Attr(bool, default=True)
    padding = Attr(bytes, allowed=PADDINGS)
    explicit_paddings = Attr([int], default=())
    data_format = windowing.format_attr()
    dilations = Attr([int], default=ONES)
    input = Input(T)
    filter = Input(T)
    output = Output(T)

    example = dict(input=_IMAGE, filter=_FILTER, strides=[1, 1, 1, 1], padding="VALID",
                   output=[[[[-9.0], [-10.0]], [[-12.0], [-13.0]]]])

    def infer(node):
        return _output_sizes(node)

    def kernel(input, filter, *, strides, padding, explicit_paddings, data_format, dilations):
        spans = _spans(input.shape, filter.shape, strides, padding, explicit_paddings, data_format, dilations)
        images = windowing.channels_last(input, data_format)
        return windowing.in_format(windows.convolved(images, filter, spans), data_format)

    def grad(node, dy):
        sizes, filter_sizes = arrays.shape_n([node.input, node.filter])
        return (Conv2DBackpropInput.build(sizes, node.filter, dy, **_settings(node)),
                Conv2DBackpropFilter.build(node.input, filter_sizes, dy, **_settings(node)))


class Conv2DBackpropInput(Op):
    """The gradient of `Conv2D` in its images, of the shape ``input_sizes``: a transposed convolution."""

    T = TypeAttr(FLOATS)
    strides = Attr([int])
    use_cudnn_on_gpu = Attr(bool, default=True)
    padding = Attr(bytes, allowed=PADDINGS)
    explicit_paddings = Attr([int], default=())
    data_format = windowing.format_attr()
    dilations = Attr([int], default=ONES)
    input_sizes = Input(int32, static=True)
    filter = Input(T)
    out_backprop = Input(T)
    output = Output(T)

    example = dict(input_sizes=[1, 3, 3, 1], filter=_FILTER, out_backprop=[[[[1.0], [2.0]], [[3.0], [4.0]]]], strides=[1, 1, 1, 1],
                   padding="VALID", output=[[[[1.0], [2.0], [0.0]], [[3.0], [2.0], [-4.0]], [[0.0], [-6.0], [-8.0]]]])

    def infer(node):
        return windowing.sizes_asked(node.input_sizes)

    def kernel(input_sizes, filter, out_backprop, *, strides, padding, explicit_paddings, data_format, dilations):
        sizes = tuple(input_sizes.tolist())
        spans = _spans(sizes, filter.shape, strides, padding, explicit_paddings, data_format, dilations)
        outputs = windowing.channels_last(out_backprop, data_format)
        _check_gradient(outputs, sizes[0], filter.shape, spans, "Conv2DCustomBackpropInput")
        return windowing.in_format(windows.spread(outputs, filter, spans), data_format)

    def grad(node, dy):
        return (None, Conv2DBackpropFilter.build(dy, arrays.shape(node.filter), node.out_backprop, **_settings(node)),
                Conv2D.build(dy, node.filter, **_settings(node)))


class Conv2DBackpropFilter(Op):
    """The gradient of `Conv2D` in its filter, of the shape ``filter_sizes``."""

    T = TypeAttr(FLOATS)
    strides = Attr([int])
    use_cudnn_on_gpu = Attr(bool, default=True)
    padding = Attr(bytes, allowed=PADDINGS)
    explicit_paddings = Attr([int], default=())
    data_format = windowing.format_attr()
    dilations = Attr([int], default=ONES)
    input = Input(T)
    filter_sizes = Input(int32, static=True)
    out_backprop = Input(T)
    output = Output(T)

    example = dict(input=_IMAGE, filter_sizes=[2, 2, 1, 1], out_backprop=[[[[1.0], [2.0]], [[3.0], [4.0]]]], strides=[1, 1, 1, 1],
                   padding="VALID", output=[[[[37.0]], [[47.0]]], [[[67.0]], [[77.0]]]])

    def infer(node):
        return windowing.sizes_asked(node.filter_sizes)

    def kernel(input, filter_sizes, out_backprop, *, strides, padding, explicit_paddings, data_format, dilations):
        sizes = tuple(filter_sizes.tolist())
        spans = _spans(input.shape, sizes, strides, padding, explicit_paddings, data_format, dilations)
        outputs = windowing.channels_last(out_backprop, data_format)
        _check_gradient(outputs, input.shape[0], sizes, spans, "Conv2DCustomBackpropFilter")
        return windows.correlated(windowing.channels_last(input, data_format), outputs, spans)

    def grad(node, dy):
        return (Conv2DBackpropInput.build(arrays.shape(node.input), dy, node.out_backprop, **_settings(node)), None,
                Conv2D.build(node.input, dy, **_settings(node)))


# ---------------------------------------------------------------- public functions


def _padding(padding):
    """``(padding, explicit_paddings)`` as the ops take them."""
    if padding == "SAME" or padding == "VALID":
        return padding, ()
    if padding == "EXPLICIT":
        raise ValueError('"EXPLICIT" is not a valid value for the padding parameter. To use explicit padding, the padding parameter '
                         "must be a list.")
    if not isinstance(padding, (list, tuple)):
        return padding, []
    for index, pair in enumerate(padding):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            fault = f"has size {len(pair)}" if isinstance(pair, (list, tuple)) else "is not a list/tuple"
            raise ValueError("When padding is a list, each element of padding must be a list/tuple of size 2. Element with index "
                             f"{index} of padding {fault}")
    if len(padding) != 4:
        raise ValueError(f"When padding is a list, it must be of size 4. Got padding of size: {len(padding)}")
    return "EXPLICIT", [side for pair in padding for side in pair]


_conv2d = Conv2D.function()


def conv2d(input, filter=None, strides=None, padding=None, use_cudnn_on_gpu=True, data_format="NHWC", dilations=[1, 1, 1, 1],  # noqa: B006
           name=None, filters=None):
    """The convolution of images with filters: at each place the sum of products of the window there with each filter.

    Args:
      input: images, ``[batch, rows, columns, channels]``, or ``[batch, channels, rows, columns]`` in the format NCHW.
      filter, filters: ``[rows, columns, channels, channels out]``.
      strides: how far the windows are apart: an int, or one for rows and one for columns, or one for each axis.
      padding: "SAME" pads with zeros so that stride 1 keeps the size, "VALID" takes whole windows only; or for each axis
        a pair of paddings.
      dilations: how far the elements of a window are apart; as ``strides``.
      use_cudnn_on_gpu: kept in the graph.

    Raises:
      ValueError: the shapes do not fit, or an argument is none of these.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.conv2d(tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1]), 1, "SAME"))[0, :, :, 0]
    array([[4., 4., 2.],
           [4., 4., 2.],
           [2., 2., 1.]], dtype=float32)
    """
    if filters is not None:
        filter = reshaping.renamed("filters", filters, "filter", filter)
    padding, explicit = _padding(padding)
    data_format = data_format or "NHWC"
    channels = windowing.channel_axis(data_format)
    strides = windowing.sequence_of(strides, channels, "strides")
    dilations = windowing.sequence_of(dilations, channels, "dilations")
    return _conv2d(input, filter, strides, padding, use_cudnn_on_gpu, explicit, data_format, dilations, name)


def conv2d_backprop_input(input_sizes, filter=None, out_backprop=None, strides=None, padding=None, use_cudnn_on_gpu=True,
                          data_format="NHWC", dilations=[1, 1, 1, 1], name=None, filters=None):  # noqa: B006
    """The gradient of `conv2d` in its images, whose shape is ``input_sizes``, from the gradient in its result."""
    filter = reshaping.renamed("filters", filters, "filter", filter)
    padding, explicit = _padding(padding)
    return Conv2DBackpropInput.build(input_sizes, filter, out_backprop, strides=strides, padding=padding,
                                     use_cudnn_on_gpu=use_cudnn_on_gpu, explicit_paddings=explicit, data_format=data_format,
                                     dilations=dilations, name=name)


def conv2d_backprop_filter(input, filter_sizes, out_backprop, strides, padding, use_cudnn_on_gpu=True, data_format="NHWC",
                           dilations=[1, 1, 1, 1], name=None):  # noqa: B006
    """The gradient of `conv2d` in its filter, whose shape is ``filter_sizes``, from the gradient in its result."""
    padding, explicit = _padding(padding)
    return Conv2DBackpropFilter.build(input, filter_sizes, out_backprop, strides=strides, padding=padding,
                                      use_cudnn_on_gpu=use_cudnn_on_gpu, explicit_paddings=explicit, data_format=data_format,
                                      dilations=dilations, name=name)


def conv2d_transpose(value=None, filter=None, output_shape=None, strides=None, padding="SAME", data_format="NHWC", name=None,
                     input=None, filters=None, dilations=None):
    """The transposed convolution, the gradient of `conv2d`: images of ``output_shape`` from the smaller ``value``.

    Args:
      filter, filters: ``[rows, columns, channels out, channels of value]``.
      output_shape: the shape of the result, a list or tensor.
    """
    value = reshaping.renamed("input", input, "value", value)
    filter = reshaping.renamed("filters", filters, "filter", filter)
    with name_scope(name, "conv2d_transpose", [value, filter, output_shape]) as name:
        data_format = data_format or "NHWC"
        channels = windowing.channel_axis(data_format)
        strides = windowing.sequence_of(strides, channels, "strides")
        dilations = windowing.sequence_of(dilations, channels, "dilations")
        return Conv2DBackpropInput.build(output_shape, filter, value, strides=strides, padding=padding, data_format=data_format,
                                         dilations=dilations, name=name)


def conv1d(value=None, filters=None, stride=None, padding=None, use_cudnn_on_gpu=None, data_format=None, name=None, input=None,
           dilations=None):
    """The convolution of sequences ``[batch, width, channels]`` with filters ``[width, channels, channels out]``.

    ``data_format`` is "NWC" (the default) or "NCW"; the other arguments are `conv2d`'s.
    """
    value = reshaping.renamed("input", input, "value", value)
    with name_scope(name, "conv1d", [value, filters]) as name:
        if data_format not in (None, "NHWC", "NWC", "NCHW", "NCW"):
            raise ValueError('data_format must be "NWC" or "NCW".')
        first, channels, wide_format = (2, 1, "NCHW") if data_format in ("NCHW", "NCW") else (1, 2, "NHWC")
        strides = [1, *windowing.sequence_of(stride, channels, "stride", 1)]
        dilations = [1, *windowing.sequence_of(dilations, channels, "dilations", 1)]
        value, filters = arrays.expand_dims(value, first), arrays.expand_dims(filters, 0)
        use_cudnn_on_gpu = True if use_cudnn_on_gpu is None else use_cudnn_on_gpu
        result = Conv2D.build(value, filters, strides=strides, padding=padding, use_cudnn_on_gpu=use_cudnn_on_gpu,
                              data_format=wide_format, dilations=dilations, name=name)
        return arrays.squeeze(result, [first])


__all__ = ["conv1d", "conv2d", "conv2d_backprop_filter", "conv2d_backprop_input", "conv2d_transpose"]
