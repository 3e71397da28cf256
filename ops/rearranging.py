"""Tensors whose elements move along an axis: rolled around, or reversed in their first part; and tensors joined as they come."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, INDICES, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import (
    ShapeMismatch,
    TensorShape,
    as_shape,
    merge,
    merged_size,
    with_rank,
    with_rank_at_least,
    with_rank_at_most,
)
from graphcore.ops import reshaping


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class Roll(Op):
    """``input`` shifted along each of ``axis``; what falls off one end comes in at the other."""

    T = TypeAttr(ALL)
    Tshift = TypeAttr(INDICES)
    Taxis = TypeAttr(INDICES)
    input = Input(T)
    shift = Input(Tshift)
    axis = Input(Taxis)
    output = Output(T)
    example = dict(input=[1.0, 2.0, 3.0, 4.0], shift=np.array(1, np.int32), axis=np.array(0, np.int32), output=[4.0, 1.0, 2.0, 3.0])

    def infer(node):
        with_rank_at_least(node.input.shape.sizes, 1)
        merge(with_rank_at_most(node.shift.shape.sizes, 1), with_rank_at_most(node.axis.shape.sizes, 1))
        return node.input.shape

    def kernel(input, shift, axis):
        if np.ndim(input) < 1:
            raise _invalid("input must be 1-D or higher")
        if np.ndim(shift) > 1:
            raise _invalid(f"shift must be a scalar or a 1-D vector. Found: {list(shift.shape)}")
        if np.ndim(axis) > 1:
            raise _invalid(f"axis must be a scalar or a 1-D vector. Found: {list(axis.shape)}")
        if np.shape(shift) != np.shape(axis):
            raise _invalid("shift and axis must have the same size")
        axes = np.ravel(axis)
        axes = np.where(axes < 0, axes + input.ndim, axes)
        for each in axes:
            if not 0 <= each < input.ndim:
                raise _invalid(f"axis {each} is out of range")
        return np.roll(input, tuple(np.ravel(shift)), tuple(axes))

    def grad(node, dy):
        return roll(dy, -node.shift, node.axis), None, None


def roll(input, shift, axis, name=None):
    """``input`` shifted by ``shift`` along ``axis``; what falls off one end comes in at the other.

    Args:
      shift: an int or a list of ints, one per axis; negative ones shift towards the front.
      axis: an int or a list of ints; an axis named twice is shifted twice.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.roll([1, 2, 3, 4, 5], shift=2, axis=0))
    array([4, 5, 1, 2, 3], dtype=int32)
    """
    return Roll.build(input, shift, axis, name=name)


class ReverseSequence(Op):
    """The first ``seq_lengths[i]`` elements along ``seq_dim`` of each slice ``i`` along ``batch_dim`` in reverse."""

    seq_dim = Attr(int)
    batch_dim = Attr(int, default=0)
    T = TypeAttr(ALL)
    Tlen = TypeAttr(INDICES, default=int64)
    input = Input(T)
    seq_lengths = Input(Tlen)
    output = Output(T)
    example = dict(input=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], seq_lengths=np.array([2, 3]), seq_dim=1,
                   output=[[2.0, 1.0, 3.0], [6.0, 5.0, 4.0]])

    def infer(node):
        length = with_rank(node.seq_lengths.shape.sizes, 1)[0]
        sizes = node.input.shape.sizes
        if sizes is None:
            return None
        rank = len(sizes)
        if node.batch_dim >= rank:
            raise ShapeMismatch(f"batch_dim must be < input rank: {node.batch_dim} vs. {rank}")
        if node.seq_dim >= rank:
            raise ShapeMismatch(f"seq_dim must be < input rank: {node.seq_dim} vs. {rank}")
        batch = merged_size(sizes[node.batch_dim], length)
        return tuple(batch if axis == node.batch_dim % rank else size for axis, size in enumerate(sizes))

    def kernel(input, seq_lengths, *, seq_dim, batch_dim):
        _check_lengths(input, seq_lengths, seq_dim, batch_dim)
        places = np.arange(input.shape[seq_dim])
        lengths = seq_lengths[:, None]
        order = np.where(places < lengths, lengths - 1 - places, places)
        spread = [1] * input.ndim
        spread[batch_dim], spread[seq_dim] = len(seq_lengths), len(places)
        order = order if batch_dim < seq_dim else order.T
        return np.take_along_axis(input, np.broadcast_to(order.reshape(spread), input.shape), axis=seq_dim)

    def grad(node, dy):
        return reverse_sequence(dy, node.seq_lengths, seq_axis=node.seq_dim, batch_axis=node.batch_dim), None


def _check_lengths(input, lengths, seq_dim, batch_dim):
    """Raise, in TF's words and order, unless there is a length that fits for each slice."""
    if lengths.ndim != 1:
        raise _invalid(f"seq_lens input must be 1-dim, not {lengths.ndim}")
    if batch_dim == seq_dim:
        raise _invalid(f"batch_dim == seq_dim == {seq_dim}")
    for word, axis in (("seq_dim", seq_dim), ("batch_dim", batch_dim)):
        if axis >= input.ndim:
            raise _invalid(f"{word} must be < input.dims()( {axis} vs. {input.ndim})")
        if axis < 0:
            raise _invalid(f"{word} must be >= 0, not {axis}: count the axes from the front")
    if len(lengths) != input.shape[batch_dim]:
        raise _invalid(f"len(seq_lens) != input.dims({batch_dim}), ({len(lengths)} vs. {input.shape[batch_dim]})")
    for place in np.flatnonzero((lengths < 0) | (lengths > input.shape[seq_dim]))[:1]:
        raise _invalid(f"seq_lens({place}) < 0" if lengths[place] < 0 else f"seq_lens({place}) > input.dims({seq_dim})")


def reverse_sequence(input, seq_lengths, seq_axis=None, batch_axis=None, name=None, seq_dim=None, batch_dim=None):
    """The slices of ``input`` along ``batch_axis`` (0 by default), each with its first elements along ``seq_axis`` reversed.

    Args:
      seq_lengths: how many elements are reversed, an int32 or int64 vector with one entry per slice.
      seq_dim, batch_dim: old names of ``seq_axis`` and ``batch_axis``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1))
    array([[2, 1, 3],
           [6, 5, 4]], dtype=int32)
    """
    seq_axis = reshaping.renamed("seq_axis", seq_axis, "seq_dim", seq_dim)
    batch_axis = reshaping.renamed("batch_axis", batch_axis, "batch_dim", batch_dim)
    if seq_axis is None:
        raise TypeError("Expected int for argument 'seq_dim' not None: say seq_axis, along which to reverse.")
    return ReverseSequence.build(input, seq_lengths, seq_dim=seq_axis, batch_dim=0 if batch_axis is None else batch_axis, name=name)


class ParallelConcat(Op, refuses=True):
    """The ``values``, each with a first axis of size 1, one after another; ``shape`` is the result's, known beforehand."""

    N = Attr(int)
    T = TypeAttr(ALL)
    shape = Attr(TensorShape)
    values = Input(T, count=N)
    output = Output(T)
    example = dict(values=[[[1.0, 2.0]], [[3.0, 4.0]]], shape=[2, 2], output=[[1.0, 2.0], [3.0, 4.0]])

    def infer(node):
        wanted = node.shape.sizes
        if wanted is None or None in wanted:
            raise ShapeMismatch("shape attr must be fully defined.")
        joined = node.values[0].shape.sizes
        for place, value in enumerate(node.values):
            sizes = with_rank_at_least(value.shape.sizes, 1)
            if sizes is None or None in sizes:
                raise ShapeMismatch("All input shapes must be fully defined.")
            if sizes[0] != 1:
                raise ShapeMismatch("Size of first dimension must be 1.")
            try:
                joined = merge(sizes, joined)
            except ShapeMismatch as error:
                raise ShapeMismatch(f"{error}\n\tFrom merging shape {place} with other shapes.") from None
        if (len(node.values), *joined[1:]) != wanted:
            raise ShapeMismatch(f"shape attr {list(wanted)} is not that of {len(node.values)} values of shape {list(joined[1:])}")
        return wanted

    def kernel(values):
        return np.concatenate(values)


def parallel_stack(values, name="parallel_stack"):
    """The tensors of the list ``values``, all of one shape that is known, side by side along a new first axis.

    What `stack` does, without a gradient; ValueError if the shape is not known while the graph is built.
    """
    with name_scope(name):
        shape = as_shape([len(values)]).concatenate(to_tensor(values[0]).get_shape())
        return ParallelConcat.build([reshaping.expand_dims(value, 0) for value in values], shape=shape)


__all__ = ["parallel_stack", "reverse_sequence", "roll"]
