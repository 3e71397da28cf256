"""Three-dimensional convolution, its two gradients, and the public functions made of them."""

from graphcore.core import errors
from graphcore.core.dtypes import FLOATS, INDICES, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, with_rank
from graphcore.ops import arrays, reshaping, volumes, windowing
from graphcore.ops.kernels import volumes as kernels
from graphcore.ops.volumes import ONES, invalid
from graphcore.ops.windowing import PADDINGS


def _settings(node):
    """The attributes that a convolution hands on to its gradients."""
    return {name: getattr(node, name) for name in ("strides", "padding", "data_format", "dilations")}


def _output_sizes(node):
    """The sizes that the windows of ``node.input`` and the filters give."""
    sizes, filters = with_rank(node.input.shape.sizes, 5), with_rank(node.filter.shape.sizes, 5)
    volumes.check_lists("Conv3D", dilations=node.dilations, strides=node.strides)
    channels = volumes.spatial(node.data_format)[1]
    sizes, filters = sizes or (None,) * 5, filters or (None,) * 5
    depth, taken = sizes[channels], filters[3]
    if depth is not None and taken is not None and (depth % taken if taken else depth):
        raise ShapeMismatch(f"Depth of input ({depth}) is not a multiple of input depth of filter ({taken})")
    groups = depth // taken if depth and taken else 1
    if filters[4] is not None and filters[4] % groups:
        raise ShapeMismatch(f"Depth of output ({filters[4]}) is not a multiple of the number of groups ({groups})")
    return volumes.output_sizes(sizes, filters[:3], node, filters[4], node.dilations)


def _spans(sizes, filter_sizes, strides, padding, data_format, dilations, label=""):
    """Spans for volumes of the ``sizes``, after TF's checks of what comes in."""
    if len(sizes) != 5:
        raise invalid("input must be 5-dimensional")
    if len(filter_sizes) != 5:
        raise invalid("filter must be 5-dimensional")
    channels = volumes.spatial(data_format)[1]
    for name, values in (("strides", strides), ("dilations", dilations)):
        if values[0] != 1 or values[channels] != 1:
            raise invalid(f"Current implementation does not yet support {name} in the batch and depth dimensions.")
    depth, taken = sizes[channels], filter_sizes[3]
    if depth != taken and taken and depth % taken == 0:
        raise errors.UnimplementedError(None, None, f"Conv3D of groups is not built: volumes of {depth} channels with filters for {taken}")
    if depth != taken:
        start = f"{label}: input" if label else "Input"
        raise invalid(f"{start} depth must be evenly divisible by filter depth: {depth} vs {taken}")
    return volumes.spans(sizes, filter_sizes[:3], strides, dilations, padding, data_format)


def _check_gradient(outputs, batch, filter_sizes, spans, label):
    """Raise TF's error unless ``outputs``, channels last, could be a result of the convolution."""
    if outputs.ndim != 5:
        raise invalid("out_backprop must be 5-dimensional")
    if len(outputs) != batch:
        raise invalid(f"{label}: input and out_backprop must have the same batch sizeinput batch: {batch}outbackprop batch: "
                      f"{len(outputs)} batch_dim: 0")
    if outputs.shape[4] != filter_sizes[4]:
        raise invalid(f"{label}: filter and out_backprop must have the same out_depth: {filter_sizes[4]} and {outputs.shape[4]}")
    for axis, span in enumerate(spans, 1):
        if outputs.shape[axis] != span.count:
            raise invalid(f"{label}: Size of out_backprop doesn't match computed: actual = {outputs.shape[axis]}, "
                          f"computed = {span.count} spatial_dim: {axis} input: {span.size} filter: {span.window} "
                          f"output: {outputs.shape[axis]} stride: {span.stride} dilation: {span.dilation}")


_VOLUME = [[[[[1.0], [2.0]], [[3.0], [4.0]]], [[[5.0], [6.0]], [[7.0], [8.0]]]]]
_FILTER = [[[[[1.0]]]], [[[[-2.0]]]]]
_RESULT = [[[[[-9.0], [-10.0]], [[-11.0], [-12.0]]]]]
_VALID = dict(strides=[1, 1, 1, 1, 1], padding="VALID")


class Conv3D(Op):
    """The sums of products of ``filter`` ``[planes, rows, columns, channels, channels out]`` with each window of the volumes ``input``."""

    T = TypeAttr(FLOATS)
    strides = Attr([int], minimum=5)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = volumes.format_attr()
    dilations = Attr([int], default=ONES)
    input = Input(T)
    filter = Input(T)
    output = Output(T)
    example = dict(input=_VOLUME, filter=_FILTER, output=_RESULT, **_VALID)

    def infer(node):
        return _output_sizes(node)

    def kernel(input, filter, *, strides, padding, data_format, dilations):
        spans = _spans(input.shape, filter.shape, strides, padding, data_format, dilations)
        return volumes.in_format(kernels.convolved(volumes.channels_last(input, data_format), filter, spans), data_format)

    def grad(node, dy):
        return (Conv3DBackpropInputV2.build(arrays.shape(node.input), node.filter, dy, **_settings(node)),
                Conv3DBackpropFilterV2.build(node.input, arrays.shape(node.filter), dy, **_settings(node)))


class Conv3DBackpropInputV2(Op):
    """The gradient of `Conv3D` in its volumes, of the shape ``input_sizes``: a transposed convolution."""

    T = TypeAttr(FLOATS)
    strides = Attr([int], minimum=5)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = volumes.format_attr()
    dilations = Attr([int], default=ONES)
    Tshape = TypeAttr(INDICES, default=int32)
    input_sizes = Input(Tshape, static=True)
    filter = Input(T)
    out_backprop = Input(T)
    output = Output(T)
    example = dict(input_sizes=[1, 2, 2, 2, 1], filter=_FILTER, out_backprop=[[[[[1.0], [2.0]], [[3.0], [4.0]]]]], **_VALID,
                   output=[[[[[1.0], [2.0]], [[3.0], [4.0]]], [[[-2.0], [-4.0]], [[-6.0], [-8.0]]]]])

    def infer(node):
        with_rank(node.input_sizes.shape.sizes, 1)
        volumes.check_lists("Conv3D", dilations=node.dilations, strides=node.strides)
        return volumes.sizes_asked(node.input_sizes)

    def kernel(input_sizes, filter, out_backprop, *, strides, padding, data_format, dilations):
        sizes = volumes.sizes_of(input_sizes, "input_sizes")
        spans = _spans(sizes, filter.shape, strides, padding, data_format, dilations, "Conv3DBackpropInputOp")
        outputs = volumes.channels_last(out_backprop, data_format)
        _check_gradient(outputs, sizes[0], filter.shape, spans, "Conv3DBackpropInputOp")
        return volumes.in_format(kernels.spread(outputs, filter, spans), data_format)

    def grad(node, dy):
        return (None, Conv3DBackpropFilterV2.build(dy, arrays.shape(node.filter), node.out_backprop, **_settings(node)),
                Conv3D.build(dy, node.filter, **_settings(node)))


class Conv3DBackpropFilterV2(Op):
    """The gradient of `Conv3D` in its filter, of the shape ``filter_sizes``."""

    T = TypeAttr(FLOATS)
    strides = Attr([int], minimum=5)
    padding = Attr(bytes, allowed=PADDINGS)
    data_format = volumes.format_attr()
    dilations = Attr([int], default=ONES)
    input = Input(T)
    filter_sizes = Input(int32, static=True)
    out_backprop = Input(T)
    output = Output(T)
    example = dict(input=_VOLUME, filter_sizes=[2, 1, 1, 1, 1], out_backprop=[[[[[1.0], [2.0]], [[3.0], [4.0]]]]], **_VALID,
                   output=[[[[[30.0]]]], [[[[70.0]]]]])

    def infer(node):
        volumes.check_lists("Conv3D", dilations=node.dilations, strides=node.strides)
        return volumes.sizes_asked(node.filter_sizes)

    def kernel(input, filter_sizes, out_backprop, *, strides, padding, data_format, dilations):
        sizes = volumes.sizes_of(filter_sizes, "filter_sizes")
        spans = _spans(input.shape, sizes, strides, padding, data_format, dilations, "Conv3DBackpropFilterOp")
        outputs = volumes.channels_last(out_backprop, data_format)
        _check_gradient(outputs, len(input), sizes, spans, "Conv3DBackpropFilterOp")
        return kernels.correlated(volumes.channels_last(input, data_format), outputs, spans)

    def grad(node, dy):
        return (Conv3DBackpropInputV2.build(arrays.shape(node.input), dy, node.out_backprop, **_settings(node)), None,
                Conv3D.build(node.input, dy, **_settings(node)))


# ---------------------------------------------------------------- public functions


def conv3d(input, filter=None, strides=None, padding=None, data_format="NDHWC", dilations=[1, 1, 1, 1, 1], name=None,  # noqa: B006
           filters=None):
    """The convolution of volumes with filters: at each place the sum of products of the window there with each filter.

    Args:
      input: volumes, ``[batch, planes, rows, columns, channels]``, or with the channels second in the format NCDHW.
      filter, filters: ``[planes, rows, columns, channels, channels out]``.
      strides: five ints: how far the windows are apart.
      padding: "SAME" or "VALID".
      dilations: five ints: how far the elements of a window are apart.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.conv3d(tf.ones([1, 3, 1, 1, 1]), tf.ones([2, 1, 1, 1, 1]), [1] * 5, "SAME")).ravel()
    array([2., 2., 1.], dtype=float32)
    """
    filter = reshaping.renamed("filters", filters, "filter", filter)
    return Conv3D.build(input, filter, strides=strides, padding=padding, data_format=data_format or "NDHWC", dilations=dilations,
                        name=name)


def conv3d_backprop_filter(input, filter_sizes, out_backprop, strides, padding, data_format="NDHWC", dilations=[1, 1, 1, 1, 1],  # noqa: B006
                           name=None):
    """The gradient of `conv3d` in its filter, whose shape is ``filter_sizes``, from the gradient in its result."""
    return Conv3DBackpropFilterV2.build(input, filter_sizes, out_backprop, strides=strides, padding=padding, data_format=data_format,
                                        dilations=dilations, name=name)


def conv3d_transpose(value, filter=None, output_shape=None, strides=None, padding="SAME", data_format="NDHWC", name=None,
                     input=None, filters=None, dilations=None):
    """The transposed convolution, the gradient of `conv3d`: volumes of ``output_shape`` from the smaller ``value``.

    Args:
      filter, filters: ``[planes, rows, columns, channels out, channels of value]``.
      strides: an int, or one for planes, rows and columns, or one for each axis.
    """
    filter = reshaping.renamed("filters", filters, "filter", filter)
    value = reshaping.renamed("input", input, "value", value)
    with name_scope(name, "conv3d_transpose", [value, filter, output_shape]) as name:
        data_format = data_format or "NDHWC"
        channels = 1 if data_format.startswith("NC") else 4
        return Conv3DBackpropInputV2.build(
            output_shape, filter, value, strides=windowing.sequence_of(strides, channels, "strides", 3), padding=padding,
            data_format=data_format, dilations=windowing.sequence_of(dilations, channels, "dilations", 3), name=name)


conv3d_backprop_filter_v2 = conv3d_backprop_filter

__all__ = ["conv3d", "conv3d_backprop_filter", "conv3d_backprop_filter_v2", "conv3d_transpose"]
