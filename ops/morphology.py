"""Dilation and erosion of images: maxima and minima of windows with a structuring function."""

from graphcore.core import errors
from graphcore.core.dtypes import REAL
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import arithmetic, reshaping, transposing
from graphcore.ops.kernels import morphology, windows
from graphcore.ops.windowing import PADDINGS


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _settings(node):
    return {name: getattr(node, name) for name in ("strides", "rates", "padding")}


def _check_lists(op_name, **lists):
    for name, values in lists.items():
        if len(values) > 4:
            raise ShapeMismatch(f"{op_name} requires the {name} attribute to contain 4 values, but got: {len(values)}")
        for value in values:
            if value < 1:
                raise ShapeMismatch(f"{'Stride' if name == 'strides' else 'Rate'} must be > 0, but got {value}")


def _output_sizes(node):
    sizes, filters = with_rank(node.input.shape.sizes, 4) or (None,) * 4, with_rank(node.filter.shape.sizes, 3) or (None,) * 3
    _check_lists("Dilation2D", strides=node.strides, rates=node.rates)
    if None not in (sizes[3], filters[2]) and sizes[3] != filters[2]:
        raise ShapeMismatch(f"Dimensions must be equal, but are {sizes[3]} and {filters[2]}")
    if None in (*sizes[1:3], *filters[:2]):
        return (sizes[0], None, None, filters[2] if sizes[3] is None else sizes[3])
    counts = [_count(*each, node.padding) for each in zip(sizes[1:3], filters, node.strides[1:3], node.rates[1:3])]
    return (sizes[0], *counts, filters[2] if sizes[3] is None else sizes[3])


def _count(size, window, stride, rate, padding):
    reach = (window - 1) * rate + 1
    if padding != b"SAME" and size - reach + stride < 0:
        raise ShapeMismatch(f"Negative dimension size caused by subtracting {reach} from {size}")
    return windows.span_of(size, window, stride, rate, padding).count


def _spans(input, filter, strides, rates, padding):
    """The spans of rows and columns, after TF's checks."""
    if strides[0] != 1 or strides[3] != 1:
        raise errors.UnimplementedError(None, None, "Stride is only supported across spatial dimensions.")
    if rates[0] != 1 or rates[3] != 1:
        raise errors.UnimplementedError(None, None, "Rate is only supported across spatial dimensions.")
    if input.ndim != 4:
        raise _invalid(f"input must be 4-dimensional: {format_shape(input.shape)}")
    if filter.ndim != 3:
        raise _invalid(f"filter must be 3-dimensional: {format_shape(filter.shape)}")
    if input.shape[3] != filter.shape[2]:
        raise _invalid(f"input and filter must have the same depth: {input.shape[3]} vs {filter.shape[2]}")
    return windows.spans_of(input.shape[1:3], filter.shape[:2], strides[1:3], rates[1:3], padding)


def _check_gradient(outputs, input, spans):
    wanted = (len(input), spans[0].count, spans[1].count, input.shape[3])
    if outputs.shape != wanted:
        raise _invalid(f"out_backprop has incompatible size: its shape is {format_shape(outputs.shape)}, not {format_shape(wanted)}")


_IMAGE = [[[[1.0], [5.0], [2.0]], [[3.0], [3.0], [4.0]]]]
_FILTER = [[[0.0], [1.0]]]
_VALID = dict(strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="VALID")


class Dilation2D(Op):
    """For each window of the images ``input`` the maximum of its elements plus those of ``filter`` ``[rows, columns, channels]``."""

    T = TypeAttr(REAL)
    strides = Attr([int], minimum=4)
    rates = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    input = Input(T)
    filter = Input(T)
    output = Output(T)
    example = dict(input=_IMAGE, filter=_FILTER, output=[[[[6.0], [5.0]], [[4.0], [5.0]]]], **_VALID)

    def infer(node):
        return _output_sizes(node)

    def kernel(input, filter, *, strides, rates, padding):
        return morphology.dilated(input, filter, _spans(input, filter, strides, rates, padding))

    def grad(node, dy):
        return (Dilation2DBackpropInput.build(node.input, node.filter, dy, **_settings(node)),
                Dilation2DBackpropFilter.build(node.input, node.filter, dy, **_settings(node)))


class Dilation2DBackpropInput(Op, refuses=True):
    """The gradient of `Dilation2D` in its images."""

    T = TypeAttr(REAL)
    strides = Attr([int], minimum=4)
    rates = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    input = Input(T)
    filter = Input(T)
    out_backprop = Input(T)
    in_backprop = Output(T)
    example = dict(input=_IMAGE, filter=_FILTER, out_backprop=[[[[1.0], [2.0]], [[3.0], [4.0]]]], **_VALID,
                   in_backprop=[[[[0.0], [3.0], [0.0]], [[0.0], [3.0], [4.0]]]])

    def infer(node):
        return node.input.shape

    def kernel(input, filter, out_backprop, *, strides, rates, padding):
        spans = _spans(input, filter, strides, rates, padding)
        _check_gradient(out_backprop, input, spans)
        return morphology.to_images(input, filter, out_backprop, spans)


class Dilation2DBackpropFilter(Op, refuses=True):
    """The gradient of `Dilation2D` in its filter."""

    T = TypeAttr(REAL)
    strides = Attr([int], minimum=4)
    rates = Attr([int], minimum=4)
    padding = Attr(bytes, allowed=PADDINGS)
    input = Input(T)
    filter = Input(T)
    out_backprop = Input(T)
    filter_backprop = Output(T)
    example = dict(input=_IMAGE, filter=_FILTER, out_backprop=[[[[1.0], [2.0]], [[3.0], [4.0]]]], **_VALID,
                   filter_backprop=[[[2.0], [8.0]]])

    def infer(node):
        return node.filter.shape

    def kernel(input, filter, out_backprop, *, strides, rates, padding):
        spans = _spans(input, filter, strides, rates, padding)
        _check_gradient(out_backprop, input, spans)
        return morphology.to_filters(input, filter, out_backprop, spans)


# ---------------------------------------------------------------- public functions


def dilation2d(input, filter=None, strides=None, rates=None, padding=None, name=None, filters=None, dilations=None):
    """For each window of images the maximum of its elements plus those of the filter, channel by channel.

    Args:
      input: images, ``[batch, rows, columns, channels]``.
      filter, filters: ``[rows, columns, channels]``.
      strides: four ints: how far windows are apart.
      rates, dilations: four ints: how far the elements of a window are apart.
      padding: "SAME" or "VALID".

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.dilation2d([[[[1.0], [5.0], [2.0]]]], [[[0.0], [1.0]]], [1] * 4, [1] * 4, "VALID")).ravel()
    array([6., 5.], dtype=float32)
    """
    filter = reshaping.renamed("filters", filters, "filter", filter)
    rates = reshaping.renamed("dilations", dilations, "rates", rates)
    return Dilation2D.build(input, filter, strides=strides, rates=rates, padding=padding, name=name)


def erosion2d(value, kernel, strides, rates, padding, name=None):
    """For each window of images the minimum of its elements less those of ``kernel``; arguments as for `dilation2d`."""
    with name_scope(name, "erosion2d", [value, kernel]) as name:
        negative, turned = arithmetic.negative(value), transposing.reverse(kernel, [0, 1])
        return arithmetic.negative(Dilation2D.build(negative, turned, strides=strides, rates=rates, padding=padding, name=name))


__all__ = ["dilation2d", "erosion2d"]
