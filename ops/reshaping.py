"""The same elements in another shape: reshape, expand_dims, squeeze."""

import math

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import ALL, int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.core.view import shape_from

INDEX = frozenset({int32, int64})


def _shape(tensor):
    from graphcore.ops import arrays

    return arrays.shape(tensor)


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


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
        for size in node.shape.partial or ():
            if size is not None and size < -1:
                raise ValueError(f"Invalid value in tensor used for shape: {size}")
        return _reshaped(node.tensor.shape, shape_from(node.shape).sizes)

    def same_elements(node, sizes):
        return node.shape.value is not None  # else the sizes only say what must be fed

    def kernel(tensor, shape):
        tensor = np.asarray(tensor)
        return tensor.reshape(_completed(tensor.shape, [int(s) for s in shape]))

    def grad(node, dy):
        return reshape(dy, _shape(node.tensor)), None


def _reshaped(given, wanted):
    """Static sizes of a reshape to ``wanted``, in which at most one unknown size follows from the others."""
    count = 0 if 0 in (given.sizes or ()) else given.num_elements()
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
            raise _invalid(f"Size {axis} must be non-negative, not {wanted[axis]}")
    if len(negative) > 1:
        raise _invalid(
            f"Only one input size may be -1, not both {negative[0]} and {negative[1]}")
    known = math.prod(size for size in wanted if size >= 0)
    if negative:
        if known == 0:
            # Of an empty tensor the sizes that are not zero are shared out.
            given = math.prod(size for size in sizes if size)
            wanted[negative[0]] = given // math.prod(size for size in wanted if size > 0)
            if count:
                raise _invalid(f"Input to reshape is a tensor with {count} values, but the requested shape has 0")
        elif count % known:
            raise _invalid(f"Input to reshape is a tensor with {count} values, but the "
                                              f"requested shape requires a multiple of {known}")
        else:
            wanted[negative[0]] = count // known
    elif known != count:
        raise _invalid(
            f"Input to reshape is a tensor with {count} values, but the requested shape has {known}")
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
            return None  # the rank would be known: TF does not say it
        if dim.size != 1:
            raise ShapeMismatch("'dim' must be a tensor with a single value")
        dim, rank = int(dim.item()), len(sizes)
        if not -1 - rank <= dim <= rank:
            raise ShapeMismatch(f"dim {dim} not in the interval [{-1 - rank}, {rank}].")
        dim += (rank + 1) * (dim < 0)
        return sizes[:dim] + (1,) + sizes[dim:]

    def same_elements(node, sizes):
        return True

    def kernel(input, dim):
        if dim.size != 1:
            raise _invalid("'dim' must be a tensor with a single value")
        dim, rank = int(dim.item()), np.ndim(input)
        if not -1 - rank <= dim <= rank:
            raise _invalid(f"Tried to expand dim index {dim} for tensor with {rank} dimensions.")
        return np.expand_dims(input, dim)

    def grad(node, dy):
        return reshape(dy, _shape(node.input)), None


class Squeeze(Op, view=True):
    """``input`` without the axes of size 1 in ``squeeze_dims``, or without any if that is empty."""

    T = TypeAttr(ALL)
    squeeze_dims = Attr([int], default=(), minimum=0)
    input = Input(T)
    output = Output(T)
    example = dict(input=[[[1.0], [2.0]]], squeeze_dims=[0], output=[[1.0], [2.0]])

    def infer(node):
        sizes, gone = node.input.shape.sizes, node.squeeze_dims
        if sizes is None or not gone and None in sizes:
            return None
        return _squeezed(sizes, gone, ShapeMismatch)

    def same_elements(node, sizes):
        return True

    def kernel(input, *, squeeze_dims):
        input = np.asarray(input)
        return input.reshape(_squeezed(input.shape, squeeze_dims, _invalid))

    def grad(node, dy):
        return reshape(dy, _shape(node.input))


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


__all__ = ["expand_dims", "reshape", "squeeze"]
