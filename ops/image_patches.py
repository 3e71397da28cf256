"""Patches of images, one beside the other as channels."""

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import ALL, bool, complex64, complex128, qint8, qint16, qint32, quint8, quint16, resource, string, variant
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import arrays, constants, convolution, joining, reshaping, transposing, windowing
from graphcore.ops.kernels.windows import spans_of

_NUMBERS = ALL - {bool, complex64, complex128, qint8, qint16, qint32, quint8, quint16, resource, string, variant}
_PLACES = {"ksizes": "Only support ksizes across space.", "strides": "Only support strides across space.",
           "rates": "Only support rates across space."}


def _counts(node, sizes):
    """How many patches there are in rows and columns."""
    for axis in (1, 2):
        for name, word in (("strides", "Stride"), ("rates", None)):
            if word and getattr(node, name)[axis] <= 0:
                raise ShapeMismatch(f"{word} must be > 0, but got {getattr(node, name)[axis]}")
    return [_count(size, *numbers) for size, *numbers in
            zip(sizes[1:3], node.ksizes[1:3], node.strides[1:3], node.rates[1:3], (node.padding,) * 2)]


def _count(size, window, stride, rate, padding):
    if size is None:
        return None
    if padding == b"SAME":
        return -(-size // stride)
    reach = (window - 1) * rate + 1
    count = int((size - reach + stride) / stride)
    if count < 0 or reach > size + stride:
        raise ShapeMismatch(f"Computed output size would be negative: {(size - reach + stride) // stride} [input_size: {size}, "
                            f"effective_filter_size: {reach}, stride: {stride}]")
    return count


def _spans(sizes, ksizes, strides, rates, padding):
    for name, values in (("ksizes", ksizes), ("strides", strides), ("rates", rates)):
        if values[0] != 1 or values[3] != 1:
            raise errors.UnimplementedError(None, None, _PLACES[name])
        if min(values[1:3]) <= 0:
            raise errors.OutOfRangeError(None, None, f"{name} is out of range: {list(values)}.")
    return spans_of(sizes[1:3], ksizes[1:3], strides[1:3], rates[1:3], padding)


class ExtractImagePatches(Op):
    """Patches of ``images``, ``strides`` apart: each ``ksizes`` pixels, ``rates`` apart, one after the other along the channels."""

    ksizes = Attr([int], minimum=4)
    strides = Attr([int], minimum=4)
    rates = Attr([int], minimum=4)
    T = TypeAttr(_NUMBERS)
    padding = Attr(bytes, allowed=windowing.PADDINGS)
    images = Input(T)
    patches = Output(T)
    example = dict(images=[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]], ksizes=[1, 2, 2, 1], strides=[1, 1, 1, 1],
                   rates=[1, 1, 1, 1], padding="VALID", patches=[[[[1.0, 2.0, 4.0, 5.0], [2.0, 3.0, 5.0, 6.0]]]])

    def infer(node):
        sizes = with_rank(node.images.shape.sizes, 4)
        channels = None if sizes[3] is None else sizes[3] * node.ksizes[1] * node.ksizes[2]
        return (sizes[0], *_counts(node, sizes), channels)

    def kernel(images, *, ksizes, strides, rates, padding):
        if images.ndim != 4:
            raise errors.InvalidArgumentError(None, None, f"input must be 4-dimensional{format_shape(images.shape)}")
        rows, columns = _spans(images.shape, ksizes, strides, rates, padding)
        padded = np.pad(images, ((0, 0), (rows.before, rows.after), (columns.before, columns.after), (0, 0)))
        taps = [padded[:, rows.tap(row), columns.tap(column)] for row in range(rows.window) for column in range(columns.window)]
        return np.concatenate([tap[:, :rows.count, :columns.count] for tap in taps], axis=3)

    def grad(node, dy):
        # The patches of one channel are a convolution with filters that pick one pixel each.
        rows, columns = node.ksizes[1:3]
        count = rows * columns
        sizes, found = arrays.shape(node.images), arrays.shape(dy)
        filters = np.eye(count, dtype=node.images.dtype.np).reshape(rows, columns, 1, count)
        split = reshaping.reshape(dy, joining.stack([found[0], found[1], found[2], count, sizes[3]]))
        alone = reshaping.reshape(transposing.transpose(split, [0, 4, 1, 2, 3]), joining.stack([-1, found[1], found[2], count]))
        result = convolution.conv2d_backprop_input(
            joining.stack([sizes[0] * sizes[3], sizes[1], sizes[2], 1]), constants.constant(filters), alone,
            strides=list(node.strides), padding=node.padding.decode(), dilations=list(node.rates))
        together = reshaping.reshape(result, joining.stack([sizes[0], sizes[3], sizes[1], sizes[2]]))
        return transposing.transpose(together, [0, 2, 3, 1])


def _built(images, lists, padding, name):
    if padding is None:
        raise TypeError("Expected string for argument 'padding' not None.")
    return ExtractImagePatches.build(images, **lists, padding=padding, name=name)


def extract_patches(images, sizes, strides, rates, padding, name=None):
    """Patches of images ``[batch, rows, columns, channels]``: ``[batch, patches down, patches across, pixels * channels]``.

    Args:
      sizes: ``[1, rows, columns, 1]`` of a patch.
      strides: ``[1, rows, columns, 1]`` from one patch to the next.
      rates: ``[1, rows, columns, 1]`` from one pixel of a patch to the next.
      padding: "VALID" for patches within the image, "SAME" for zeros around it.
    """
    return _built(images, dict(ksizes=sizes, strides=strides, rates=rates), padding, name)


def extract_image_patches(images, ksizes=None, strides=None, rates=None, padding=None, name=None, sizes=None):
    """`extract_patches` with an old name for ``sizes``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.extract_image_patches([[[[1], [2]], [[3], [4]]]], [1, 2, 2, 1], [1] * 4, [1] * 4, "VALID"))
    array([[[[1, 2, 3, 4]]]], dtype=int32)
    """
    ksizes = reshaping.renamed("sizes", sizes, "ksizes", ksizes)
    return _built(images, dict(ksizes=ksizes, strides=strides, rates=rates), padding, name)


__all__ = ["extract_image_patches", "extract_patches"]
