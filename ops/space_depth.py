"""Blocks of pixels turned into channels, and back."""

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import ALL
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import windowing


def _divided(size, divisor):
    """``size / divisor``, None if it is not known."""
    if size is None:
        return None
    if size % divisor:
        raise ShapeMismatch(f"Dimension size must be evenly divisible by {divisor} but is {size}")
    return size // divisor


def _check(images, block_size):
    if block_size < 2:
        raise errors.InvalidArgumentError(None, None, f"Block size should be > 1, but was: {block_size}")
    if images.ndim != 4:
        raise errors.InvalidArgumentError(None, None, f"Input rank should be: 4 instead of: {images.ndim}")


def _axes(node):
    """The sizes of rows, columns and channels of ``node.input``."""
    sizes = with_rank(node.input.shape.sizes, 4)
    return sizes[0], *[sizes[axis] for axis in windowing.spatial(node.data_format)]


class SpaceToDepth(Op):
    """Each block of ``block_size`` × ``block_size`` pixels of ``input`` as one pixel with all their channels."""

    T = TypeAttr(ALL)
    block_size = Attr(int, minimum=2)
    data_format = windowing.format_attr()
    input = Input(T)
    output = Output(T)
    example = dict(input=[[[[1.0], [2.0]], [[3.0], [4.0]]]], block_size=2, output=[[[[1.0, 2.0, 3.0, 4.0]]]])

    def infer(node):
        batch, rows, columns, channels = _axes(node)
        block = node.block_size
        channels = None if channels is None else channels * block * block
        return windowing.sizes_in_format(batch, _divided(rows, block), _divided(columns, block), channels, node.data_format)

    def kernel(input, *, block_size, data_format):
        _check(input, block_size)
        images = windowing.channels_last(input, data_format)
        batch, rows, columns, channels = images.shape
        if rows % block_size or columns % block_size:
            raise errors.InvalidArgumentError(None, None, f"Image width {columns} and height {rows} should be divisible by block_size: "
                                              f"{block_size}")
        blocks = images.reshape(batch, rows // block_size, block_size, columns // block_size, block_size, channels)
        result = blocks.transpose(0, 1, 3, 2, 4, 5).reshape(batch, rows // block_size, columns // block_size, channels * block_size ** 2)
        return _owned(windowing.in_format(result, data_format), input)

    def grad(node, dy):
        return depth_to_space(dy, node.block_size, data_format=node.data_format.decode())


class DepthToSpace(Op):
    """Each pixel of ``input`` as a block of ``block_size`` × ``block_size`` pixels, which share its channels out."""

    T = TypeAttr(ALL)
    block_size = Attr(int, minimum=2)
    data_format = windowing.format_attr()
    input = Input(T)
    output = Output(T)
    example = dict(input=[[[[1.0, 2.0, 3.0, 4.0]]]], block_size=2, output=[[[[1.0], [2.0]], [[3.0], [4.0]]]])

    def infer(node):
        batch, rows, columns, channels = _axes(node)
        block = node.block_size
        wide = [None if size is None else size * block for size in (rows, columns)]
        return windowing.sizes_in_format(batch, *wide, _divided(channels, block * block), node.data_format)

    def kernel(input, *, block_size, data_format):
        _check(input, block_size)
        images = windowing.channels_last(input, data_format)
        batch, rows, columns, channels = images.shape
        if channels % block_size ** 2:
            raise errors.InvalidArgumentError(None, None, f"Input depth dimension {channels} should be divisible by: {block_size ** 2}; "
                                              f"the input's shape is {format_shape(input.shape)}")
        kept = channels // block_size ** 2
        blocks = images.reshape(batch, rows, columns, block_size, block_size, kept)
        result = blocks.transpose(0, 1, 3, 2, 4, 5).reshape(batch, rows * block_size, columns * block_size, kept)
        return _owned(windowing.in_format(result, data_format), input)

    def grad(node, dy):
        return space_to_depth(dy, node.block_size, data_format=node.data_format.decode())


def _owned(result, input):
    """``result`` in memory of its own: a single row of pixels may still be the input's."""
    return result.copy() if np.may_share_memory(result, input) else result


def space_to_depth(input, block_size, name=None, data_format="NHWC"):
    """Blocks of ``block_size`` × ``block_size`` pixels turned into channels.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.space_to_depth([[[[1], [2]], [[3], [4]]]], 2))
    array([[[[1, 2, 3, 4]]]], dtype=int32)
    """
    return SpaceToDepth.build(input, block_size=block_size, data_format=data_format, name=name)


def depth_to_space(input, block_size, name=None, data_format="NHWC"):
    """Channels turned into blocks of ``block_size`` × ``block_size`` pixels: the inverse of `space_to_depth`."""
    return DepthToSpace.build(input, block_size=block_size, data_format=data_format, name=name)


__all__ = ["depth_to_space", "space_to_depth"]
