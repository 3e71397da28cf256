"""Tensors cut into parts along an axis."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dimension import Dimension
from graphcore.core.dtypes import ALL, int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import arrays, joining


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class Split(Op, aliases=True, moves=True):
    """``value`` in ``num_split`` equal parts along ``split_dim``."""

    num_split = Attr(int)
    T = TypeAttr(ALL)
    split_dim = Input(int32, static=True)
    value = Input(T)
    output = Output(T, count=num_split)
    example = dict(split_dim=0, value=[1.0, 2.0, 3.0, 4.0], num_split=2, output=[[1.0, 2.0], [3.0, 4.0]])

    def infer(node):
        sizes, axis, count = node.value.shape.sizes, node.split_dim.value, node.num_split
        with_rank(node.split_dim.shape.sizes, 0)
        if sizes is None or axis is None:
            return [None if sizes is None else (None,) * len(sizes)] * count
        axis = _split_axis(int(axis), len(sizes))
        if sizes[axis] is not None and sizes[axis] % count:
            raise ShapeMismatch(f"Dimension size must be evenly divisible by {count} but is {sizes[axis]}\n\t"
                                "Number of ways to split should evenly divide the split dimension")
        part = None if sizes[axis] is None else sizes[axis] // count
        return [sizes[:axis] + (part,) + sizes[axis + 1:]] * count

    def kernel(split_dim, value, *, num_split):
        axis = _run_axis(split_dim, value.ndim)
        if value.shape[axis] % num_split:
            raise _invalid(f"Number of ways to split should evenly divide the split dimension, but got split_dim {axis} "
                           f"(size = {value.shape[axis]}) and num_split {num_split}")
        return np.split(value, num_split, axis)

    def grad(node, *dys):
        return None, joining.concat(list(dys), node.split_dim)


class SplitV(Op, aliases=True, moves=True):
    """``value`` in parts of the sizes ``size_splits`` along ``split_dim``; one size may be -1: what is left."""

    num_split = Attr(int)
    T = TypeAttr(ALL)
    Tlen = TypeAttr(arrays.INDEX, default=int64)
    value = Input(T)
    size_splits = Input(Tlen, static=True)
    split_dim = Input(int32, static=True)
    output = Output(T, count=num_split)
    example = dict(value=[1.0, 2.0, 3.0], size_splits=np.array([1, -1], np.int32), split_dim=0, num_split=2,
                   output=[[1.0], [2.0, 3.0]])

    def infer(node):
        sizes, axis, count = node.value.shape.sizes, node.split_dim.value, node.num_split
        with_rank(node.split_dim.shape.sizes, 0)
        lengths, = with_rank(node.size_splits.shape.sizes, 1)
        if lengths not in (None, count):
            raise ShapeMismatch(f"Dimension must be {count} but is {lengths}")
        if sizes is None or axis is None:
            return [None if sizes is None else (None,) * len(sizes)] * count
        axis = _split_axis(int(axis), len(sizes))
        parts = [None] * count
        if node.size_splits.value is not None:
            parts = _static_parts([int(part) for part in node.size_splits.value], sizes[axis])
        return [sizes[:axis] + (part,) + sizes[axis + 1:] for part in parts]

    def kernel(value, size_splits, split_dim):
        axis = _run_axis(split_dim, value.ndim)
        parts, total = [int(part) for part in size_splits], value.shape[axis]
        if parts.count(-1) > 1:
            raise _invalid("There can only be one -1 in the input.")
        known = sum(part for part in parts if part != -1)
        if known > total or -1 not in parts and known != total:
            raise _invalid("Determined shape must either match input shape along split_dim exactly if fully specified, or be "
                           f"less than the size of the input along split_dim if not fully specified.  Got: {known}")
        parts = [total - known if part == -1 else part for part in parts]
        return np.split(value, np.cumsum(parts)[:-1], axis)

    def grad(node, *dys):
        return joining.concat(list(dys), node.split_dim), None, None


def _split_axis(axis, rank):
    if not -rank <= axis < rank:
        raise ShapeMismatch(f"Dimension size, given by scalar input {axis} must be in range [{-rank}, {rank})")
    return axis % rank


def _run_axis(axis, rank):
    if axis.ndim:
        raise _invalid(f"split_dim must be a scalar but has rank {axis.ndim}")
    axis = int(axis)
    if not -rank <= axis < rank:
        raise _invalid(f"-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}")
    return axis % rank


def _static_parts(parts, total):
    if parts.count(-1) > 1:
        raise ShapeMismatch("size_splits can only have one -1")
    known = sum(part for part in parts if part != -1)
    if total is None:
        return [None if part == -1 else part for part in parts]
    if known > total or -1 not in parts and known != total:
        raise ShapeMismatch(f"can't split axis of size {total} into pieces of size {format_shape(parts)}")
    return [total - known if part == -1 else part for part in parts]


def split(value, num_or_size_splits, axis=0, num=None, name="split"):
    """``value`` as a list of parts along ``axis``: so many equal ones (an int), or of these sizes (a list or a vector).

    ``num`` is the number of sizes where a vector's length is not known statically.
    """
    sizes = to_tensor(num_or_size_splits)
    if isinstance(num_or_size_splits, (int, Dimension)):
        return Split.build(axis, value, num_split=int(num_or_size_splits), name=name)
    if sizes._shape.rank == 0:
        raise ValueError("Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument provided: "
                         f"{num_or_size_splits}")
    if num is None:
        if sizes._shape.sizes:
            num = sizes._shape.sizes[0]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {num_or_size_splits}")
    return SplitV.build(value, sizes, axis, num_split=num, name=name)


__all__ = ["split"]
