"""What is known of a tensor's shape, and tensors of one value; with what `filling`, `identities` and `reshaping` define."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, TensorShape, as_shape, broadcast, format_shape, with_rank
from graphcore.core.sparse import SparseTensor, SparseTensorValue
from graphcore.ops.constants import constant
from graphcore.ops.filling import (  # noqa: F401 (given on)
    OnesLike,
    ZerosLike,
    fill,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from graphcore.ops.identities import PreventGradient, identity, identity_n, stop_gradient  # noqa: F401 (given on)
from graphcore.ops.reshaping import INDEX, expand_dims, renamed, reshape, squeeze  # noqa: F401 (given on)

_SPARSE = (SparseTensor, SparseTensorValue)  # their dense shape is a tensor


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


# ---------------------------------------------------------------- shape, size, rank


class Shape(Op, differentiable=False):
    """The sizes of ``input`` as a vector."""

    T = TypeAttr(ALL)
    out_type = TypeAttr(INDEX, default=int32)
    input = Input(T)
    output = Output(out_type)
    example = dict(input=[[1.0, 2.0, 3.0]], output=[1, 3])

    def infer(node):
        return (node.input.shape.rank,)

    def kernel(input, *, out_type):
        return np.array(np.shape(input), out_type.np)

    def static_value(node):
        shape = node.input.shape
        return np.array(shape.sizes, node.out_type.np) if shape.is_fully_defined() else None

    def partial_value(node):
        sizes = node.input.shape.sizes
        return None if sizes is None else list(sizes)


class ShapeN(Op, differentiable=False):
    """The sizes of each tensor of a list."""

    N = Attr(int)
    T = TypeAttr(ALL)
    out_type = TypeAttr(INDEX, default=int32)
    input = Input(T, count=N)
    output = Output(out_type, count=N)
    example = dict(input=[[[1.0, 2.0]], [3.0]], output=[[1, 2], [1]])

    def infer(node):
        return [(each.shape.rank,) for each in node.input]

    def static_values(node):
        sizes = [each.shape.sizes for each in node.input]
        known = all(each is not None and None not in each for each in sizes)
        return [np.array(each, node.out_type.np) for each in sizes] if known else None

    def kernel(input, *, out_type):
        return [np.array(np.shape(each), out_type.np) for each in input]


class Size(Op, differentiable=False):
    """The number of elements of ``input``."""

    T = TypeAttr(ALL)
    out_type = TypeAttr(INDEX, default=int32)
    input = Input(T)
    output = Output(out_type)
    example = dict(input=[[1.0, 2.0, 3.0]], output=3)

    def infer(node):
        return ()

    def kernel(input, *, out_type):
        return np.array(np.size(input), out_type.np)

    def static_value(node):
        count = node.input.shape.num_elements()
        return None if count is None else np.array(count, node.out_type.np)


class Rank(Op, differentiable=False):
    """The number of axes of ``input``."""

    T = TypeAttr(ALL)
    input = Input(T)
    output = Output(int32)
    example = dict(input=[[1.0, 2.0, 3.0]], output=2)

    def infer(node):
        return ()

    def kernel(input):
        return np.array(np.ndim(input), np.int32)

    def static_value(node):
        rank = node.input.shape.rank
        return None if rank is None else np.array(rank, np.int32)


def shape(input, name=None, out_type=int32):
    """The sizes of ``input`` as a vector of ``out_type``: a constant where all are known, else asked when it runs.

    >>> import graphcore as tf
    >>> print(tf.shape(tf.placeholder(tf.float32, [None, 3])))
    Tensor("Shape:0", shape=(2,), dtype=int32)
    """
    return shape_internal(input, name, True, out_type)


def shape_internal(input, name=None, optimize=True, out_type=int32):
    """`shape`; with ``optimize`` False always a Shape node."""
    with name_scope(name, "Shape", [input]) as name:
        if isinstance(input, _SPARSE):
            from graphcore.ops import casting

            return casting.Cast.build(input.dense_shape, DstT=out_type)
        static = to_tensor(input)._shape
        if optimize and static.is_fully_defined():
            return constant(static.as_list(), out_type, name=name)
        return Shape.build(input, out_type=out_type, name=name)


def shape_n(input, out_type=int32, name=None):
    """The sizes of each tensor of the list ``input``."""
    return ShapeN.build(input, out_type=out_type, name=name)


def size(input, name=None, out_type=int32):
    """The number of elements of ``input``: a constant where it is known."""
    with name_scope(name, "Size", [input]) as name:
        if isinstance(input, _SPARSE):
            from graphcore.ops import casting, reductions

            return reductions.Prod.build(casting.Cast.build(input.dense_shape, DstT=out_type), 0, name=name)
        static = to_tensor(input)._shape
        if static.is_fully_defined():
            return constant(static.num_elements(), out_type, name=name)
        if static.sizes and 0 in static.sizes:
            return constant(0, out_type, name=name)
        return Size.build(input, out_type=out_type, name=name)


def rank(input, name=None):
    """The number of axes of ``input``: a constant where it is known."""
    with name_scope(name, "Rank", [input]) as name:
        if isinstance(input, _SPARSE):
            return Size.build(input.dense_shape, name=name)
        known = to_tensor(input)._shape.rank
        if known is not None:
            return constant(known, int32, name=name)
        return Rank.build(input, name=name)


# ---------------------------------------------------------------- broadcasting


class BroadcastArgs(Op, refuses=True, strict=True):
    """The shape that tensors of the shapes ``s0`` and ``s1`` broadcast to."""

    T = TypeAttr(INDEX, default=int32)
    s0 = Input(T)
    s1 = Input(T)
    r0 = Output(T)
    example = dict(s0=[2, 1], s1=[3], r0=[2, 3])

    def infer(node):
        lengths = [with_rank(each.shape.sizes, 1)[0] for each in node.inputs]
        return (None if None in lengths else max(lengths),)

    def kernel(s0, s1):
        try:
            return np.array(broadcast(tuple(s0.tolist()), tuple(s1.tolist())), s0.dtype)
        except ShapeMismatch:
            raise errors.InvalidArgumentError(
                None, None, f"Incompatible shapes: {format_shape(s0)} vs. {format_shape(s1)}") from None


def broadcast_dynamic_shape(shape_x, shape_y):
    """The shape, as a tensor, that two tensors of these shapes (tensors themselves) broadcast to."""
    return BroadcastArgs.build(shape_x, shape_y)


def broadcast_static_shape(shape_x, shape_y):
    """The TensorShape that tensors of these TensorShapes broadcast to; ValueError if they do not fit."""
    shape_x, shape_y = as_shape(shape_x), as_shape(shape_y)
    try:
        return TensorShape(broadcast(shape_x.sizes, shape_y.sizes))
    except ShapeMismatch:
        raise ValueError(f"Incompatible shapes for broadcasting: {shape_x} and {shape_y}") from None


__all__ = ["broadcast_dynamic_shape", "broadcast_static_shape", "expand_dims", "fill", "identity", "identity_n", "rank",
           "reshape", "shape", "shape_n", "size", "squeeze", "stop_gradient"]
