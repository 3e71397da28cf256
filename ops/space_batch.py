"""Blocks of neighbours moved into the batch, and back: what lets a plain window work as a dilated one."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, INDICES, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, TensorShape, merge, with_rank_at_least
from graphcore.core.view import constant_value
from graphcore.ops import filling, joining, reshaping


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _known(node, pairs, name):
    """(sizes of the input, block, pairs), each None where it is not known; ShapeMismatch for what cannot be."""
    block = node.block_shape.shape.sizes
    if block is None or len(block) != 1:
        raise ShapeMismatch("block_shape must have rank 1.")
    if block[0] is None:
        raise ShapeMismatch("block_shape must have known size.")
    merge(pairs.shape.sizes, (block[0], 2))
    sizes = with_rank_at_least(node.input.shape.sizes, block[0] + 1)
    values, around = node.block_shape.value, pairs.value
    if values is not None and (values < 1).any():
        raise ShapeMismatch("block_shape must be positive")
    if around is not None and (around < 0).any():
        raise ShapeMismatch(f"{name} cannot be negative")
    return sizes, block[0], None if values is None else values.tolist(), None if around is None else around.sum(axis=1).tolist()


def _divided(size, divisor):
    if size is None or divisor is None:
        return None
    if size % divisor:
        raise ShapeMismatch(f"Dimension size must be evenly divisible by {divisor} but is {size}")
    return size // divisor


def _times(size, factor):
    return None if size is None or factor is None else size * factor


def _product(values):
    return None if values is None else int(np.prod(values))


def _check(input, block, pairs, name):
    if block.ndim > 1:
        raise _invalid("Block shape must be a scalar or 1-D vector")
    if input.ndim < 1 + block.size:
        raise _invalid(f"input rank should be >= {1 + block.size} instead of {input.ndim}")
    if pairs.shape != (block.size, 2):
        raise _invalid(f"{name} should have shape [{block.size}, 2] instead of [{','.join(map(str, pairs.shape))}]")
    if (block < 1).any():
        raise _invalid("block_shape must be positive")
    if (pairs < 0).any():
        raise _invalid(f"{name} must be non-negative")



class SpaceToBatchND(Op):
    """``input``, padded with zeros, cut into blocks along its axes after the first: the elements at each place in a block
    are a batch of their own."""

    T = TypeAttr(ALL)
    Tblock_shape = TypeAttr(INDICES, default=int32)
    Tpaddings = TypeAttr(INDICES, default=int32)
    input = Input(T)
    block_shape = Input(Tblock_shape, static=True)
    paddings = Input(Tpaddings, static=True)
    output = Output(T)
    example = dict(input=[[[1.0], [2.0], [3.0], [4.0]]], block_shape=[2], paddings=[[0, 0]], output=[[[1.0], [3.0]], [[2.0], [4.0]]])

    def infer(node):
        sizes, count, block, around = _known(node, node.paddings, "paddings")
        if sizes is None:
            return None
        block, around = block or [None] * count, around or [None] * count
        spatial = [_divided(None if size is None or more is None else size + more, each)
                   for size, each, more in zip(sizes[1:], block, around)]
        return (_times(sizes[0], None if None in block else _product(block)), *spatial, *sizes[count + 1:])

    def kernel(input, block_shape, paddings):
        _check(input, block_shape, paddings, "paddings")
        count, block = block_shape.size, block_shape.ravel().tolist()
        rest = input.ndim - 1 - count
        padded = np.pad(input, [(0, 0), *paddings.tolist(), *[(0, 0)] * rest])
        for axis, each in enumerate(block):
            if padded.shape[axis + 1] % each:
                raise _invalid(f"padded_shape[{axis}]={padded.shape[axis + 1]} is not divisible by block_shape[{axis}]={each}")
        spatial = [size // each for size, each in zip(padded.shape[1:], block)]
        parts = padded.reshape(len(padded), *[size for pair in zip(spatial, block) for size in pair], *padded.shape[1 + count:])
        blocks, places = range(1, 2 * count, 2), range(2, 2 * count + 1, 2)
        moved = parts.transpose(*places, 0, *blocks, *range(2 * count + 1, parts.ndim))
        return np.array(moved.reshape(len(padded) * int(np.prod(block)), *spatial, *padded.shape[1 + count:]))

    def grad(node, dy):
        return batch_to_space_nd(dy, node.block_shape, node.paddings), None, None


class BatchToSpaceND(Op):
    """The inverse of `SpaceToBatchND`: batches become places in blocks, and the edges ``crops`` are cut off."""

    T = TypeAttr(ALL)
    Tblock_shape = TypeAttr(INDICES, default=int32)
    Tcrops = TypeAttr(INDICES, default=int32)
    input = Input(T)
    block_shape = Input(Tblock_shape, static=True)
    crops = Input(Tcrops, static=True)
    output = Output(T)
    example = dict(input=[[[1.0], [3.0]], [[2.0], [4.0]]], block_shape=[2], crops=[[0, 1]], output=[[[1.0], [2.0], [3.0]]])

    def infer(node):
        sizes, count, block, around = _known(node, node.crops, "crops")
        if sizes is None:
            return None
        block, around = block or [None] * count, around or [None] * count
        batch = sizes[0]
        for each in block:
            batch = _divided(batch, each)
        spatial = [_less(_times(size, each), less) for size, each, less in zip(sizes[1:], block, around)]
        return (batch, *spatial, *sizes[count + 1:])

    def kernel(input, block_shape, crops):
        _check(input, block_shape, crops, "crops")
        count, block = block_shape.size, block_shape.ravel().tolist()
        product = int(np.prod(block))
        if len(input) % product:
            raise _invalid(f"Input batch dimension ({len(input)}) is not divisible by product of block sizes ({product})")
        spatial, rest = input.shape[1:1 + count], input.shape[1 + count:]
        whole = [size * each for size, each in zip(spatial, block)]
        for axis, (size, pair) in enumerate(zip(whole, crops.tolist())):
            if size < sum(pair):
                raise _invalid(f"cropped_shape[{axis}]={size - sum(pair)} must be non-negative")
        parts = input.reshape(*block, len(input) // product, *spatial, *rest)
        order = [axis for place in range(count) for axis in (count + 1 + place, place)]
        moved = parts.transpose(count, *order, *range(2 * count + 1, parts.ndim)).reshape(len(input) // product, *whole, *rest)
        inside = [slice(before, size - after) for size, (before, after) in zip(whole, crops.tolist())]
        return np.array(moved[(slice(None), *inside)], order="C")

    def grad(node, dy):
        return space_to_batch_nd(dy, node.block_shape, node.crops), None, None


def _less(size, less):
    if size is None or less is None:
        return None
    if size < less:
        raise ShapeMismatch(f"Negative dimension size caused by subtracting {less} from {size}")
    return size - less


# ---------------------------------------------------------------- public functions


def space_to_batch_nd(input, block_shape, paddings, name=None):
    """``input`` with the elements of each block of its spatial axes moved into the batch.

    Args:
      input: ``[batch, ...spatial axes, ...others]``.
      block_shape: the size of a block along each spatial axis.
      paddings: ``[spatial axes, 2]``: zeros before and behind, so that blocks fit.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.space_to_batch_nd([[1, 2, 3]], [2], [[0, 1]]))
    array([[1, 3],
           [2, 0]], dtype=int32)
    """
    return SpaceToBatchND.build(input, block_shape, paddings, name=name)


def batch_to_space_nd(input, block_shape, crops, name=None):
    """The inverse of `space_to_batch_nd`: ``crops`` are cut off the edges."""
    return BatchToSpaceND.build(input, block_shape, crops, name=name)


def space_to_batch(input, paddings, block_size=None, name=None, block_shape=None):
    """`space_to_batch_nd` of images ``[batch, rows, columns, channels]`` with square blocks."""
    block_size = reshaping.renamed("block_shape", block_shape, "block_size", block_size)
    result = space_to_batch_nd(input, np.array([block_size, block_size], np.int64), paddings, name=name)
    result.set_shape(result.get_shape().with_rank(4))
    return result


def batch_to_space(input, crops, block_size, name=None, block_shape=None):
    """`batch_to_space_nd` of images ``[batch, rows, columns, channels]`` with square blocks."""
    block_size = reshaping.renamed("block_shape", block_shape, "block_size", block_size)
    result = batch_to_space_nd(input, np.array([block_size, block_size], np.int64), crops, name=name)
    result.set_shape(result.get_shape().with_rank(4))
    return result


def required_space_to_batch_paddings(input_shape, block_shape, base_paddings=None, name=None):
    """``(paddings, crops)``: what `space_to_batch_nd` needs so that blocks fit, and `batch_to_space_nd` to undo it.

    Args:
      input_shape: the spatial sizes.
      base_paddings: ``[spatial axes, 2]``: the least paddings.

    >>> import graphcore as tf
    >>> paddings, crops = tf.required_space_to_batch_paddings([5], [2])
    >>> with tf.Session() as session:
    ...     session.run([paddings, crops])
    [array([[0, 1]], dtype=int32), array([[0, 1]], dtype=int32)]
    """
    with name_scope(name, "required_space_to_batch_paddings", [input_shape, block_shape]):
        input_shape = to_tensor(input_shape, dtype=int32, name="input_shape")
        block_shape = to_tensor(block_shape, dtype=int32, name="block_shape")
        block_shape.get_shape().assert_is_fully_defined()
        block_shape.get_shape().assert_has_rank(1)
        count = block_shape.get_shape().dims[0].value
        if count == 0:
            return filling.zeros([0, 2], int32), filling.zeros([0, 2], int32)
        input_shape.get_shape().assert_is_compatible_with(TensorShape([count]))
        if base_paddings is None:
            base_paddings = filling.zeros([count, 2], int32)
        else:
            base_paddings = to_tensor(base_paddings, dtype=int32, name="base_paddings")
            base_paddings.get_shape().assert_is_compatible_with(TensorShape([count, 2]))
        return _paddings_and_crops(count, *_constants([input_shape, block_shape, base_paddings]))


def _constants(tensors):
    """The values of the tensors if all are known, the tensors otherwise."""
    values = [constant_value(each) for each in tensors]
    return tensors if any(value is None for value in values) else values


def _paddings_and_crops(count, sizes, block, base):
    before, behind = base[:, 0], base[:, 1]
    whole = sizes + before + behind
    more = (block - whole % block) % block
    behind = behind + more
    paddings = joining.stack([[before[axis], behind[axis]] for axis in range(count)], name="paddings")
    crops = joining.stack([[0, more[axis]] for axis in range(count)], name="crops")
    return paddings, crops


__all__ = ["batch_to_space", "batch_to_space_nd", "required_space_to_batch_paddings", "space_to_batch", "space_to_batch_nd"]
