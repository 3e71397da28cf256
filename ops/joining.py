"""Tensors put together (stack, concat, automatic packing of lists) and unstacked again."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import register_tensor_conversion_function, to_tensor
from graphcore.core.dimension import Dimension
from graphcore.core.dtypes import ALL, int32
from graphcore.core.node import Operation, Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, concatenated, format_shape, merge, with_rank
from graphcore.ops import arrays
from graphcore.ops.constants import constant


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class Pack(Op, moves=True):
    """Tensors of one shape side by side along a new axis."""

    N = Attr(int)
    T = TypeAttr(ALL)
    axis = Attr(int, default=0)
    values = Input(T, count=N)
    output = Output(T)
    example = dict(values=[[1.0, 2.0], [3.0, 4.0]], axis=1, output=[[1.0, 3.0], [2.0, 4.0]])

    def infer(node):
        every = [each.shape.sizes for each in node.values]
        sizes = every[-1]
        for index in reversed(range(len(every) - 1)):
            try:
                sizes = merge(every[index], sizes)
            except ShapeMismatch as error:
                raise ShapeMismatch(f"{error}\n\tFrom merging shape {index} with other shapes.") from None
        if sizes is None:
            return None
        rank, axis = len(sizes) + 1, node.axis
        if not -rank <= axis < rank:
            raise ShapeMismatch(f"Invalid axis: {axis}; must be in [{-rank},{rank})")
        axis %= rank
        return sizes[:axis] + (len(every),) + sizes[axis:]

    def partial_value(node):
        if node.axis or not node.T.is_integer or any(each.shape.rank for each in node.values):
            return None
        values = [each.value for each in node.values]
        return [None if value is None else int(value) for value in values]

    def kernel(values, *, axis, T):
        for index, value in enumerate(values):
            if np.shape(value) != np.shape(values[0]):
                raise _invalid(f"Shapes of all inputs must match: values[0].shape = {format_shape(np.shape(values[0]))} != "
                               f"values[{index}].shape = {format_shape(np.shape(value))}")
        if T.np is None or T.np.kind == "O":
            values = [np.asarray(value, object) for value in values]
        rank = np.ndim(values[0]) + 1
        if not -rank <= axis < rank:
            raise _invalid(f"axis = {axis} not in [{-rank}, {rank})")
        return np.stack(values, axis)

    def grad(node, dy):
        return (unstack(dy, num=node.N, axis=node.axis),)


class Unpack(Op, aliases=True, moves=True):
    """The ``num`` parts of ``value`` along ``axis``, without that axis."""

    num = Attr(int, minimum=0)
    T = TypeAttr(ALL)
    axis = Attr(int, default=0)
    value = Input(T)
    output = Output(T, count=num)
    example = dict(value=[[1.0, 2.0], [3.0, 4.0]], num=2, axis=1, output=[[1.0, 3.0], [2.0, 4.0]])

    def infer(node):
        sizes, axis = node.value.shape.sizes, node.axis
        if sizes is None:
            return [None] * node.num
        rank = len(sizes)
        if not -rank <= axis < rank:
            raise ShapeMismatch(f"Invalid axis: {axis}; must be in [{-rank},{rank})")
        axis %= rank
        if sizes[axis] not in (None, node.num):
            raise ShapeMismatch(f"Dimension must be {node.num} but is {sizes[axis]}")
        return [sizes[:axis] + sizes[axis + 1:]] * node.num

    def kernel(value, *, num, axis):
        rank = value.ndim
        if not -rank <= axis < rank:
            raise _invalid(f"axis = {axis} not in [{-rank}, {rank})")
        if value.shape[axis] != num:
            raise _invalid(f"Input shape axis {axis} must equal {num}, got shape {format_shape(value.shape)}")
        return [np.asarray(part) for part in np.moveaxis(value, axis, 0)]

    def grad(node, *dys):
        return stack(list(dys), axis=node.axis)


def stack(values, axis=0, name="stack"):
    """The tensors of the list ``values``, all of one shape, side by side along a new ``axis``.

    Raises ValueError when their shapes differ or the axis is out of range.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.stack([[1, 2], [3, 4]], axis=1))
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    if axis == 0 and not _must_be_packed(values):
        try:
            # Plain values become one constant, a list with tensors in it one Pack.
            return to_tensor(values, name=name)
        except (TypeError, ValueError):
            pass
    sizes = to_tensor(values[0], name=name)._shape.sizes
    if sizes is not None:
        rank = len(sizes) + 1
        if not -rank <= axis < rank:
            raise ValueError(f"axis = {axis} not in [{-rank}, {rank})")
    return Pack.build(values, axis=axis, name=name)


def _must_be_packed(values):
    """Whether TF makes no constant of a list without tensors, but packs it: lists of arrays or of Dimensions."""
    if not isinstance(values, (list, tuple)):
        return False
    first = values
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    return np.ndim(first) > 0 if isinstance(first, np.ndarray) else any(isinstance(value, Dimension) for value in values)


def unstack(value, num=None, axis=0, name="unstack"):
    """The parts of ``value`` along ``axis`` as a list of tensors without that axis; ``num`` where it is not known statically."""
    if num is None:
        value = to_tensor(value)
        sizes = value._shape.sizes
        if sizes is not None:
            rank = len(sizes)
            if not -rank <= axis < rank:
                raise ValueError(f"axis = {axis} not in [{-rank}, {rank})")
            num = sizes[axis]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {value.shape}")
    return Unpack.build(value, num=num, axis=axis, name=name)


# ---------------------------------------------------------------- lists with tensors in them


def _is_dense(value):
    return isinstance(value, Tensor) or (hasattr(value, "_as_graph_element") and hasattr(value, "dtype")
                                         and not isinstance(value, Operation))


def _dtype_within(values):
    """The dtype of the first tensor in a nested list, or None."""
    for value in values:
        if isinstance(value, (list, tuple)):
            found = _dtype_within(value)
            if found is not None:
                return found
        elif _is_dense(value):
            return value.dtype.base
    return None


def _cast_within(values, dtype):
    from graphcore.ops import casting

    result = []
    for value in values:
        if isinstance(value, (list, tuple)):
            value = _cast_within(value, dtype)
        elif _is_dense(value) and value.dtype.base is not dtype:
            value = casting.Cast.build(value, DstT=dtype)
        result.append(value)
    return result


def _convert_packed(value, dtype=None, name=None, as_ref=False):
    """A (nested) list that holds tensors, as Pack nodes; other lists are left to the conversion to constants."""
    if as_ref:
        return NotImplemented
    inferred = _dtype_within(value)
    if inferred is None:
        return NotImplemented
    dtype = inferred if dtype is None else dtype.base
    if dtype is not inferred:
        value = _cast_within(value, dtype)
    return _packed(value, dtype, name or "packed")


def _packed(values, dtype, name):
    with name_scope(name) as scope:
        converted = []
        for index, value in enumerate(values):
            if isinstance(value, (list, tuple)):
                value = _packed(value, dtype, str(index))
            elif _is_dense(value) and value.dtype.base is not dtype:
                raise TypeError(f"Cannot convert a list containing a tensor of dtype {value.dtype} to {dtype} "
                                f"(Tensor is: {value!r})")
            converted.append(value)
        if not any(_is_dense(value) for value in converted):
            return converted
        return Pack.build([value if _is_dense(value) else constant(value, dtype=dtype, name=str(index))
                           for index, value in enumerate(converted)], name=scope)


register_tensor_conversion_function((list, tuple), _convert_packed, 99)


# ---------------------------------------------------------------- concat


class ConcatV2(Op, moves=True):
    """The ``values`` one after the other along an existing ``axis``."""

    N = Attr(int, minimum=2)
    T = TypeAttr(ALL)
    Tidx = TypeAttr(arrays.INDEX, default=int32)
    values = Input(T, count=N)
    axis = Input(Tidx, static=True)
    output = Output(T)
    example = dict(values=[[[1.0], [2.0]], [[3.0], [4.0]]], axis=1, output=[[1.0, 3.0], [2.0, 4.0]])

    def infer(node):
        with_rank(node.axis.shape.sizes, 0)
        axis = node.axis.value
        return concatenated([each.shape.sizes for each in node.values], None if axis is None else int(axis))

    def partial_value(node):
        if not node.T.is_integer or any(each.shape.rank not in (None, 1) for each in node.values):
            return None
        parts = [each.partial for each in node.values]
        return None if any(part is None for part in parts) else [size for part in parts for size in part]

    def kernel(values, axis):
        return _concatenated(values, int(axis))

    def grad(node, dy):
        from graphcore.ops import joining_gradients

        return (joining_gradients.of_concat(node.values, node.axis, dy), None)


class Concat(Op, moves=True):
    """`ConcatV2` with the axis first: the op of old graphs."""

    N = Attr(int, minimum=2)
    T = TypeAttr(ALL)
    concat_dim = Input(int32, static=True)
    values = Input(T, count=N)
    output = Output(T)
    example = dict(concat_dim=0, values=[[1.0], [2.0, 3.0]], output=[1.0, 2.0, 3.0])

    def infer(node):
        axis = node.concat_dim.value
        return concatenated([each.shape.sizes for each in node.values], None if axis is None else int(axis))

    def kernel(concat_dim, values):
        return _concatenated(values, int(concat_dim))

    def grad(node, dy):
        from graphcore.ops import joining_gradients

        return (None, joining_gradients.of_concat(node.values, node.concat_dim, dy))


def _concatenated(values, axis):
    rank = np.ndim(values[0])
    if not -rank <= axis < rank:
        raise _invalid(f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), but got {axis}")
    try:
        return np.concatenate(values, axis)
    except ValueError:
        pass
    first = values[0].shape
    for index, value in enumerate(values):
        shapes = f"shape[0] = {format_shape(first)} vs. shape[{index}] = {format_shape(value.shape)}"
        if value.ndim != rank:
            raise _invalid(f"ConcatOp : Ranks of all input tensors should match: {shapes}")
        if any(a != b for at, (a, b) in enumerate(zip(first, value.shape)) if at != axis % rank):
            raise _invalid(f"ConcatOp : Dimensions of inputs should match: {shapes}")
    raise _invalid("ConcatOp : the inputs cannot be put together")


def _offset_axis(concat_dim, shapes):
    """The axis as an int, after TF's checks of what comes in."""
    if concat_dim.ndim:
        raise _invalid(f"Concat dim tensor should be a scalar integer, but got shape {format_shape(concat_dim.shape)}")
    for number, sizes in enumerate(shapes):
        if sizes.ndim != 1:
            raise _invalid(f"input {number} should be a vector, but got shape {format_shape(sizes.shape)}")
    axis, rank = int(concat_dim), len(shapes[0])
    if not -rank <= axis < rank:
        raise _invalid(f"Concat dim is out of range: {axis} vs. {rank}")
    axis %= rank
    for number, sizes in enumerate(shapes[1:], 1):
        if len(sizes) != rank:
            raise _invalid(f"input {number} should contain {rank} elements, but got {len(sizes)}")
        for place, (size, first) in enumerate(zip(sizes, shapes[0])):
            if place != axis and size != first:
                raise _invalid(f"All dimensions except {axis} must match. Input {number} has shape {format_shape(sizes)} and doesn't "
                               f"match input 0 with shape {format_shape(shapes[0])}.")
    return axis


class ConcatOffset(Op, differentiable=False):
    """Where each of several tensors of these shapes begins in what they give when concatenated."""

    N = Attr(int, minimum=2)
    concat_dim = Input(int32)
    shape = Input(int32, count=N)
    offset = Output(int32, count=N)
    example = dict(concat_dim=1, shape=[np.array([2, 2], np.int32), np.array([2, 3], np.int32)], offset=[[0, 0], [0, 2]])

    def infer(node):
        return [each.shape for each in node.shape]

    def kernel(concat_dim, shape):
        axis, offsets = _offset_axis(concat_dim, shape), []
        start = np.zeros_like(shape[0])
        for sizes in shape:
            offsets.append(start.copy())
            start[axis] += sizes[axis]
        return offsets


_concat = ConcatV2.function()


def concat(values, axis, name="concat"):
    """The tensors of the list ``values`` one after the other along ``axis``; they agree in every other size.

    Raises ValueError where the static shapes do not fit; see `tf.stack` for a new axis.

    >>> import graphcore as tf
    >>> tf.concat([tf.zeros([2, 3]), tf.zeros([1, 3])], 0).shape.as_list()
    [3, 3]
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) == 1:
        with name_scope(name):
            to_tensor(axis, int32, "concat_dim")._shape.assert_has_rank(0)
            return arrays.identity(values[0], name=name)
    return _concat(values, axis, name)


__all__ = ["concat", "stack", "unstack"]
