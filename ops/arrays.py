"""Tensors as they are, in another shape, and what is known about their shape."""

import math

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr, TypeListAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, TensorShape, as_shape, broadcast, format_shape, with_rank
from graphcore.core.view import shape_from
from graphcore.ops.constants import constant

INDEX = frozenset({int32, int64})


class Identity(Op, same=True):
    """The same tensor under a name of its own."""

    T = TypeAttr(ALL)
    input = Input(T)
    output = Output(T)
    example = dict(input=[1.0, 2.0], output=[1.0, 2.0])

    def infer(node):
        return node.input.shape

    def kernel(input):
        return input

    def grad(node, dy):
        return dy


class StopGradient(Op, same=True, differentiable=False):
    """The same tensor, through which no gradient passes."""

    T = TypeAttr(ALL)
    input = Input(T)
    output = Output(T)
    example = dict(input=[1.0, 2.0], output=[1.0, 2.0])

    def infer(node):
        return node.input.shape

    def kernel(input):
        return input


class PreventGradient(Op, same=True):
    """The same tensor; asking for a gradient through it is an error that says ``message``."""

    T = TypeAttr(ALL)
    message = Attr(bytes, default=b"")
    input = Input(T)
    output = Output(T)

    def infer(node):
        return node.input.shape

    def kernel(input):
        return input

    def grad(node, dy):
        raise LookupError(f"Gradient explicitly disabled. Reason: {node.message!r}")


class IdentityN(Op, aliases=True):
    """The same tensors; all of them are there when one is used."""

    T = TypeListAttr(ALL, minimum=1)
    input = Input(T)
    output = Output(T)

    def infer(node):
        return [each.shape for each in node.input]

    def kernel(input):
        return list(input)

    def grad(node, *dys):
        return dys


def identity(input, name=None):
    """A tensor with the same contents as ``input``, made in the current scopes (names, devices, control dependencies)."""
    result = Identity.build(input, name=name)
    if getattr(input, "_handle_data", None) is not None:
        result._handle_data = input._handle_data
    return result


def identity_n(input, name=None):
    """A list of tensors with the contents of the list ``input``."""
    return IdentityN.build(input, name=name)


stop_gradient = StopGradient.function()


# ---------------------------------------------------------------- reshaping


class Reshape(Op, view=True):
    """The elements of ``tensor`` in row-major order, in another shape."""

    T = TypeAttr(ALL)
    Tshape = TypeAttr(INDEX, default=int32)
    tensor = Input(T)
    shape = Input(Tshape, static=True)
    output = Output(T)
    example = dict(tensor=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], shape=[3, -1], output=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    def infer(node):
        with_rank(node.shape.shape.sizes, 1)
        return _reshaped(node.tensor.shape, shape_from(node.shape).sizes)

    def kernel(tensor, shape):
        tensor = np.asarray(tensor)
        return tensor.reshape(_completed(tensor.shape, [int(s) for s in shape]))

    def grad(node, dy):
        return reshape(dy, shape(node.tensor)), None


def _reshaped(given, wanted):
    """Static sizes of a reshape to ``wanted``, in which at most one unknown size follows from the others."""
    count = given.num_elements()
    if wanted is None or count is None:
        return wanted
    unknown = [axis for axis, size in enumerate(wanted) if size is None]
    known = math.prod(size for size in wanted if size is not None)
    if not unknown and known != count:
        raise ShapeMismatch(f"Cannot reshape a tensor with {count} elements to shape {format_shape(wanted)} "
                            f"({known} elements)")
    if len(unknown) != 1 or known == 0:
        return wanted
    if count % known:
        raise ShapeMismatch(f"Dimension size must be evenly divisible by {known} but is {count}")
    return wanted[:unknown[0]] + (count // known,) + wanted[unknown[0] + 1:]


def _completed(sizes, wanted):
    """The requested sizes with -1 replaced, checked against the number of elements there are."""
    count = math.prod(sizes)
    negative = [axis for axis, size in enumerate(wanted) if size < 0]
    for axis in negative:
        if wanted[axis] != -1:
            raise errors.InvalidArgumentError(None, None, f"Size {axis} must be non-negative, not {wanted[axis]}")
    if len(negative) > 1:
        raise errors.InvalidArgumentError(
            None, None, f"Only one input size may be -1, not both {negative[0]} and {negative[1]}")
    known = math.prod(size for size in wanted if size >= 0)
    if negative:
        if known == 0:
            # Of an empty tensor the sizes that are not zero are shared out.
            given = math.prod(size for size in sizes if size)
            wanted[negative[0]] = given // math.prod(size for size in wanted if size > 0)
        elif count % known:
            raise errors.InvalidArgumentError(None, None, f"Input to reshape is a tensor with {count} values, but the "
                                              f"requested shape requires a multiple of {known}")
        else:
            wanted[negative[0]] = count // known
    elif known != count:
        raise errors.InvalidArgumentError(
            None, None, f"Input to reshape is a tensor with {count} values, but the requested shape has {known}")
    return wanted


class ExpandDims(Op, view=True):
    """``input`` with a new axis of size 1 at ``dim``; negative positions count from the end of the result."""

    T = TypeAttr(ALL)
    Tdim = TypeAttr(INDEX, default=int32)
    input = Input(T)
    dim = Input(Tdim, static=True)
    output = Output(T)
    example = dict(input=[1.0, 2.0], dim=1, output=[[1.0], [2.0]])

    def infer(node):
        sizes, dim = node.input.shape.sizes, node.dim.value
        if sizes is None:
            return None
        if dim is None:
            return (None,) * (len(sizes) + 1)
        dim, rank = int(np.ravel(dim)[0]), len(sizes)
        if not -1 - rank <= dim <= rank:
            raise ShapeMismatch(f"dim {dim} not in the interval [{-1 - rank}, {rank}].")
        dim += (rank + 1) * (dim < 0)
        return sizes[:dim] + (1,) + sizes[dim:]

    def kernel(input, dim):
        dim, rank = int(np.ravel(dim)[0]), np.ndim(input)
        if not -1 - rank <= dim <= rank:
            raise _invalid(f"Tried to expand dim index {dim} for tensor with {rank} dimensions.")
        return np.expand_dims(input, dim)

    def grad(node, dy):
        return reshape(dy, shape(node.input)), None


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class Squeeze(Op, view=True):
    """``input`` without the axes of size 1 in ``squeeze_dims``, or without any if that is empty."""

    T = TypeAttr(ALL)
    squeeze_dims = Attr([int], default=())
    input = Input(T)
    output = Output(T)
    example = dict(input=[[[1.0], [2.0]]], squeeze_dims=[0], output=[[1.0], [2.0]])

    def infer(node):
        sizes, gone = node.input.shape.sizes, node.squeeze_dims
        if sizes is None or not gone and None in sizes:
            return None
        return _squeezed(sizes, gone, ShapeMismatch)

    def kernel(input, *, squeeze_dims):
        input = np.asarray(input)
        return input.reshape(_squeezed(input.shape, squeeze_dims, _invalid))

    def grad(node, dy):
        return reshape(dy, shape(node.input))


def _squeezed(sizes, gone, error):
    """``sizes`` without the axes ``gone``, which have to be of size 1 as far as known."""
    rank, axes = len(sizes), set()
    for number, axis in enumerate(gone):
        if not -rank <= axis < rank:
            raise error(f"squeeze_dims[{number}] not in [{-rank},{rank})." if error is ShapeMismatch else
                        f"Tried to squeeze dim index {axis} for tensor with {rank} dimensions.")
        axes.add(axis % rank)
        if sizes[axis] not in (1, None):
            raise error(f"Can not squeeze dim[{axis % rank}], expected a dimension of 1, got {sizes[axis]}")
    if not gone:
        return tuple([size for size in sizes if size != 1])
    return tuple([size for axis, size in enumerate(sizes) if axis not in axes])


def reshape(tensor, shape, name=None):
    """The elements of ``tensor``, in the same order, as a tensor of ``shape``; one size may be -1: what is left.

    Raises:
      ValueError: the static sizes cannot hold the elements.
      tf.errors.InvalidArgumentError: the same, found when it runs.

    >>> import graphcore as tf
    >>> tf.reshape(tf.constant([1, 2, 3, 4, 5, 6]), [2, -1]).shape.as_list()
    [2, 3]
    """
    return Reshape.build(tensor, shape, name=name)


def renamed(new_name, new_value, old_name, old_value):
    """The value of an argument that has two spellings, of which at most one may be given."""
    if old_value is None:
        return new_value
    if new_value is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'")
    return old_value


def expand_dims(input, axis=None, name=None, dim=None):
    """``input`` with a new axis of size 1 before ``axis``; -1 puts it last.

    ``dim`` is the old spelling of ``axis``.  ValueError if neither or both are given, or the axis is out of range.

    >>> import graphcore as tf
    >>> tf.expand_dims(tf.zeros([2, 3]), 1).shape.as_list()
    [2, 1, 3]
    """
    axis = renamed("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return ExpandDims.build(input, axis, name=name)


def squeeze(input, axis=None, name=None, squeeze_dims=None):
    """``input`` without its axes of size 1, or without those in ``axis`` (an int or a list) alone.

    ``squeeze_dims`` is the old spelling of ``axis``.  ValueError if such an axis has another size.
    """
    axis = renamed("axis", axis, "squeeze_dims", squeeze_dims)
    if np.isscalar(axis):
        axis = [axis]
    return Squeeze.build(input, squeeze_dims=() if axis is None else axis, name=name)


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
        static = to_tensor(input)._shape
        if static.is_fully_defined():
            return constant(static.num_elements(), out_type, name=name)
        if static.sizes and 0 in static.sizes:
            return constant(0, out_type, name=name)
        return Size.build(input, out_type=out_type, name=name)


def rank(input, name=None):
    """The number of axes of ``input``: a constant where it is known."""
    with name_scope(name, "Rank", [input]) as name:
        known = to_tensor(input)._shape.rank
        if known is not None:
            return constant(known, int32, name=name)
        return Rank.build(input, name=name)


# ---------------------------------------------------------------- filled tensors


class Fill(Op):
    """A tensor of shape ``dims``, every element ``value``."""

    T = TypeAttr(ALL)
    index_type = TypeAttr(INDEX, default=int32)
    dims = Input(index_type, static=True)
    value = Input(T)
    output = Output(T)
    example = dict(dims=[2, 2], value=3.0, output=[[3.0, 3.0], [3.0, 3.0]])

    def infer(node):
        with_rank(node.dims.shape.sizes, 1)
        with_rank(node.value.shape.sizes, 0)
        if node.dims.value is not None and (node.dims.value < 0).any():
            raise ShapeMismatch("Fill dimensions must be >= 0")
        return shape_from(node.dims)

    def kernel(dims, value):
        for axis, size in enumerate(dims):
            if size < 0:
                raise _invalid(f"Dimension {size} must be >= 0 (it is number {axis} of dims)")
        value = np.asarray(value)
        return np.full(dims, value, value.dtype)

    def grad(node, dy):
        from graphcore.ops import reductions

        return None, reductions.reduce_sum(dy)


class ZerosLike(Op, differentiable=False):
    """Zeros in the shape of ``x``."""

    T = TypeAttr(ALL)
    x = Input(T)
    y = Output(T)
    example = dict(x=[1.0, 2.0], y=[0.0, 0.0])

    def infer(node):
        return node.x.shape

    def kernel(x):
        return _same_everywhere(x, 0, b"")


class OnesLike(Op, differentiable=False):
    """Ones in the shape of ``x``."""

    T = TypeAttr(ALL)
    x = Input(T)
    y = Output(T)
    example = dict(x=[1.0, 2.0], y=[1.0, 1.0])

    def infer(node):
        return node.x.shape

    def kernel(x):
        return np.ones(np.shape(x), x.dtype)


def _same_everywhere(x, number, text):
    dtype = np.asarray(x).dtype
    return np.full(np.shape(x), text if dtype.kind == "O" else number, dtype)


fill = Fill.function()


# ---------------------------------------------------------------- broadcasting


class BroadcastArgs(Op, differentiable=False):
    """The shape that tensors of the shapes ``s0`` and ``s1`` broadcast to."""

    T = TypeAttr(INDEX, default=int32)
    s0 = Input(T)
    s1 = Input(T)
    r0 = Output(T)
    example = dict(s0=[2, 1], s1=[3], r0=[2, 3])

    def infer(node):
        lengths = [each.shape.sizes and each.shape.sizes[0] for each in node.inputs]
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
