"""Borders around tensors: of one value, or mirrored."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import is_tensor_like
from graphcore.core.dtypes import ALL, NUMERIC, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.core.view import constant_value, partial_value
from graphcore.ops import arrays, joining, slicing


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _padded_sizes(sizes, paddings, sign=1):
    """Static sizes after padding (or, ``sign=-1``, before it) with the input ``paddings``."""
    pairs = with_rank(paddings.shape.sizes, 2)
    if pairs[1] not in (None, 2):
        raise ShapeMismatch(f"Dimension must be 2 but is {pairs[1]}")
    if pairs[0] is not None:
        sizes = with_rank(sizes, pairs[0])
    value = paddings.value
    if value is None:
        return None if sizes is None else (None,) * len(sizes)
    if (value < 0).any():
        raise ShapeMismatch("Paddings must be non-negative")
    return tuple([None if size is None else size + sign * int(pair.sum()) for size, pair in zip(sizes, value)])


def _check(paddings, rank, sizes):
    if len(paddings) != rank:
        raise _invalid("The first dimension of paddings must be the rank of inputs"
                       f"{format_shape(paddings.shape)} {format_shape(sizes)}")
    for before, after in paddings:
        if before < 0 or after < 0:
            raise _invalid(f"Paddings must be non-negative: {before} {after}")


def _with_border(input, paddings, value):
    input = np.asarray(input)
    _check(paddings, input.ndim, input.shape)
    sizes = [size + before + after for size, (before, after) in zip(input.shape, paddings.tolist())]
    result = np.full(sizes, value, input.dtype)
    result[tuple([slice(before, before + size) for size, (before, _) in zip(input.shape, paddings.tolist())])] = input
    return result


class Pad(Op):
    """``input`` with ``paddings[i]`` zeros before and after along axis i."""

    T = TypeAttr(ALL)
    Tpaddings = TypeAttr(arrays.INDEX, default=int32)
    input = Input(T)
    paddings = Input(Tpaddings, static=True)
    output = Output(T)
    example = dict(input=[1.0, 2.0], paddings=[[1, 2]], output=[0.0, 1.0, 2.0, 0.0, 0.0])

    def infer(node):
        return _padded_sizes(node.input.shape.sizes, node.paddings)

    def kernel(input, paddings):
        return _with_border(input, paddings, b"" if input.dtype.kind == "O" else 0)

    def grad(node, dy):
        return _inside(node.input, node.paddings, dy), None


class PadV2(Op):
    """``input`` with ``paddings[i]`` elements ``constant_values`` before and after along axis i."""

    T = TypeAttr(ALL)
    Tpaddings = TypeAttr(arrays.INDEX, default=int32)
    input = Input(T)
    paddings = Input(Tpaddings, static=True)
    constant_values = Input(T)
    output = Output(T)
    example = dict(input=[1.0, 2.0], paddings=[[1, 0]], constant_values=5.0, output=[5.0, 1.0, 2.0])

    def infer(node):
        return _padded_sizes(node.input.shape.sizes, node.paddings)

    def kernel(input, paddings, constant_values):
        if constant_values.ndim:
            raise _invalid(f"constant_values must be a scalar. Found: {format_shape(constant_values.shape)}")
        return _with_border(input, paddings, constant_values)

    def grad(node, dy):
        return _inside(node.input, node.paddings, dy), None, None


def _inside(x, paddings, dy):
    before = slicing.slice(paddings, [0, 0], joining.stack([arrays.rank(x), 1]))
    begin = arrays.reshape(before, [-1])
    return slicing.slice(dy, begin, arrays.shape(x))


def _mirror_index(size, before, after, mode):
    """For each place along a padded axis the place in the middle that it mirrors."""
    limit = size - 1 if mode == b"REFLECT" else size
    if max(before, after) > limit:
        phrase = "must be less than" if mode == b"REFLECT" else "must be no greater than"
        which = "not less than" if mode == b"REFLECT" else "greater than"
        raise _invalid(f"paddings {phrase} the dimension size: {before}, {after} {which} {size}")
    return np.pad(np.arange(size), (before, after), mode.decode().lower())


class MirrorPad(Op):
    """``input`` continued by its mirror image; ``REFLECT`` does not repeat the border itself, ``SYMMETRIC`` does."""

    T = TypeAttr(ALL)
    Tpaddings = TypeAttr(arrays.INDEX, default=int32)
    mode = Attr(bytes, allowed=(b"REFLECT", b"SYMMETRIC"))
    input = Input(T)
    paddings = Input(Tpaddings, static=True)
    output = Output(T)
    example = dict(input=[1.0, 2.0, 3.0], paddings=[[2, 1]], mode="REFLECT", output=[3.0, 2.0, 1.0, 2.0, 3.0, 2.0])

    def infer(node):
        return _padded_sizes(node.input.shape.sizes, node.paddings)

    def kernel(input, paddings, *, mode):
        _check(paddings, input.ndim, input.shape)
        index = [_mirror_index(size, before, after, mode) for size, (before, after) in zip(input.shape, paddings.tolist())]
        return input[np.ix_(*index)] if index else input.copy()

    def grad(node, dy):
        return MirrorPadGrad.build(dy, node.paddings, mode=node.mode), None


class MirrorPadGrad(Op):
    """The gradient of a MirrorPad: what was mirrored is added to where it came from."""

    T = TypeAttr(ALL, without_kernel=ALL - NUMERIC)
    Tpaddings = TypeAttr(arrays.INDEX, default=int32)
    mode = Attr(bytes, allowed=(b"REFLECT", b"SYMMETRIC"))
    input = Input(T)
    paddings = Input(Tpaddings, static=True)
    output = Output(T)
    example = dict(input=[1.0, 2.0, 4.0, 8.0], paddings=[[1, 0]], mode="SYMMETRIC", output=[3.0, 4.0, 8.0])

    def infer(node):
        return _padded_sizes(node.input.shape.sizes, node.paddings, -1)

    def kernel(input, paddings, *, mode):
        _check(paddings, input.ndim, input.shape)
        result = input
        for axis, (before, after) in enumerate(paddings.tolist()):
            index = _mirror_index(result.shape[axis] - before - after, before, after, mode)
            moved = np.moveaxis(result, axis, 0)
            summed = np.zeros((len(index) - before - after,) + moved.shape[1:], input.dtype)
            np.add.at(summed, index, moved)
            result = np.moveaxis(summed, 0, axis)
        return np.array(result, order="C")

    def grad(node, dy):
        return MirrorPad.build(dy, node.paddings, mode=node.mode), None


def pad(tensor, paddings, mode="CONSTANT", name=None, constant_values=0):
    """``tensor`` with ``paddings[i][0]`` elements added before and ``paddings[i][1]`` after along axis i.

    ``mode`` says which: "CONSTANT" (``constant_values``), "REFLECT" or "SYMMETRIC" (the mirror image without and with
    the border), in capital or small letters; ValueError for another.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.pad([1, 2], [[1, 0]]))
    array([0, 1, 2], dtype=int32)
    """
    mode = mode.upper()
    if mode == "CONSTANT":
        if not is_tensor_like(constant_values) and constant_values == 0:
            result = Pad.build(tensor, paddings, name=name)
        else:
            result = PadV2.build(tensor, paddings, constant_values, name=name)
    elif mode in ("REFLECT", "SYMMETRIC"):
        result = MirrorPad.build(tensor, paddings, mode=mode, name=name)
    else:
        raise ValueError(f"Unknown padding mode: {mode}")
    _set_partly_known_shape(result)
    return result


def _set_partly_known_shape(result):
    """Sizes that follow although not every padding is known: paddings packed from numbers and tensors."""
    source, paddings = result.op._inputs[:2]
    sizes = source._shape.sizes
    if sizes is None or result._shape.is_fully_defined():
        return
    pairs = _partial_pairs(paddings)
    if pairs is not None:
        result.set_shape([None if size is None or pair is None or None in pair else size + sum(pair)
                          for size, pair in zip(sizes, pairs)])


def _partial_pairs(paddings):
    value = constant_value(paddings)
    if value is not None:
        return value.tolist()
    if paddings.op.type != "Pack" or paddings.op.attrs["axis"]:
        return None
    return [partial_value(row) for row in paddings.op._inputs]


__all__ = ["pad"]
