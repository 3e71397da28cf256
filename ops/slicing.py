"""Parts of tensors: ``x[1:, ..., ::-1]``, `slice`, `strided_slice`, and assignment to parts of variables."""

import sys

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.dimension import Dimension
from graphcore.core.dtypes import ALL, as_dtype
from graphcore.core.node import Tensor, method_of
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, merge, with_rank
from graphcore.core.values import zeros
from graphcore.core.view import shape_from
from graphcore.ops import arrays, joining
from graphcore.ops.constants import constant
from graphcore.ops.slice_plans import Masks, numpy_index, static_sizes

newaxis = None
_PythonSlice = slice


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _masks(node):
    return Masks(node.begin_mask, node.end_mask, node.ellipsis_mask, node.new_axis_mask, node.shrink_axis_mask)


def _keywords(node):
    return dict(begin_mask=node.begin_mask, end_mask=node.end_mask, ellipsis_mask=node.ellipsis_mask,
                new_axis_mask=node.new_axis_mask, shrink_axis_mask=node.shrink_axis_mask)


def _static_sizes(node, sizes):
    """The sizes of a slice from an input with ``sizes``, or None."""
    count = (None,)
    for each in (node.begin, node.end, node.strides):
        count = merge(count, with_rank(each.shape.sizes, 1))
    strides = node.strides.value
    if sizes is None or count == (None,) or strides is None:
        return None
    return static_sizes(sizes, node.begin.value, node.end.value, strides, _masks(node), ShapeMismatch)


def _check_bounds(begin, end, strides):
    if not (begin.ndim == 1 and begin.shape == end.shape == strides.shape):
        raise _invalid("Expected begin, end, and strides to be 1D equal size tensors, but got shapes "
                       f"{format_shape(begin.shape)}, {format_shape(end.shape)}, and {format_shape(strides.shape)} instead.")


class StridedSlice(Op, aliases=True, moves=True):
    """A part of ``input``; bit i of a mask says how the i-th of ``begin``, ``end`` and ``strides`` is meant."""

    T = TypeAttr(ALL)
    Index = TypeAttr(arrays.INDEX)
    begin_mask = Attr(int, default=0)
    end_mask = Attr(int, default=0)
    ellipsis_mask = Attr(int, default=0)
    new_axis_mask = Attr(int, default=0)
    shrink_axis_mask = Attr(int, default=0)
    input = Input(T)
    begin = Input(Index, static=True)
    end = Input(Index, static=True)
    strides = Input(Index, static=True)
    output = Output(T)
    example = dict(input=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], begin=np.array([1, 0], np.int32), end=np.array([2, 3], np.int32),
                   strides=np.array([1, 2], np.int32), shrink_axis_mask=1, output=[4.0, 6.0])

    def infer(node):
        return _static_sizes(node, node.input.shape.sizes)

    def partial_value(node):
        if node.ellipsis_mask or node.new_axis_mask or node.shrink_axis_mask or not node.T.is_integer:
            return None
        bounds = [each.value for each in (node.begin, node.end, node.strides)]
        if node.input.shape.rank != 1 or any(bound is None or len(bound) != 1 for bound in bounds):
            return None
        entries = node.input.partial
        if entries is None or bounds[2][0] == 0:
            return None
        return entries[numpy_index((len(entries),), *bounds, _masks(node), ShapeMismatch)[0]]

    def kernel(input, begin, end, strides, *, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask):
        _check_bounds(begin, end, strides)
        masks = Masks(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
        return np.asarray(input[numpy_index(input.shape, begin, end, strides, masks, _invalid)], input.dtype)

    def grad(node, dy):
        # The shape has the dtype of the bounds: StridedSliceGrad takes all of one.
        shape = arrays.shape(node.input, out_type=node.begin.dtype)
        return StridedSliceGrad.build(shape, node.begin, node.end, node.strides, dy, **_keywords(node)), None, None, None


class StridedSliceGrad(Op):
    """Zeros of ``shape`` with ``dy`` at the place that a StridedSlice with these arguments takes."""

    T = TypeAttr(ALL)
    Index = TypeAttr(arrays.INDEX)
    begin_mask = Attr(int, default=0)
    end_mask = Attr(int, default=0)
    ellipsis_mask = Attr(int, default=0)
    new_axis_mask = Attr(int, default=0)
    shrink_axis_mask = Attr(int, default=0)
    shape = Input(Index, static=True)
    begin = Input(Index)
    end = Input(Index)
    strides = Input(Index)
    dy = Input(T)
    output = Output(T)
    example = dict(shape=np.array([4], np.int32), begin=np.array([1], np.int32), end=np.array([3], np.int32),
                   strides=np.array([1], np.int32), dy=[1.0, 2.0], output=[0.0, 1.0, 2.0, 0.0])

    def infer(node):
        return shape_from(node.shape)

    def kernel(shape, begin, end, strides, dy, *, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask):
        _check_bounds(begin, end, strides)
        if shape.ndim != 1:
            raise _invalid(f"shape must be 1-D, its own shape is {format_shape(shape.shape)}")
        if shape.min(initial=0) < 0:
            raise _invalid(f"Dimension {shape.min()} must be >= 0")
        masks = Masks(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
        index = numpy_index(tuple(shape.tolist()), begin, end, strides, masks, _invalid)
        result = zeros(shape, dy.dtype)
        if result[index].shape != dy.shape:
            raise _invalid(f"shape of dy was {format_shape(dy.shape)} instead of {format_shape(result[index].shape)}")
        result[index] = dy
        return result

    def grad(node, dy):
        return None, None, None, None, strided_slice(dy, node.begin, node.end, node.strides, **_keywords(node))


class StridedSliceAssign(Op, stateful=True, refuses=True):
    """Replaces a part of the variable's content by ``value``."""

    T = TypeAttr(ALL)
    Index = TypeAttr(arrays.INDEX)
    begin_mask = Attr(int, default=0)
    end_mask = Attr(int, default=0)
    ellipsis_mask = Attr(int, default=0)
    new_axis_mask = Attr(int, default=0)
    shrink_axis_mask = Attr(int, default=0)
    ref = Input(T, ref=True)
    begin = Input(Index)
    end = Input(Index)
    strides = Input(Index)
    value = Input(T)
    output_ref = Output(T, ref=True)
    example = dict(ref=[1.0, 2.0, 3.0], begin=[1], end=[3], strides=[1], value=[4.0, 5.0], after=dict(ref=[1.0, 4.0, 5.0]))

    def infer(node):
        return node.ref.shape

    def kernel(ref, begin, end, strides, value, *, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask):
        _assign_part(ref, begin, end, strides, value,
                     Masks(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask))


class ResourceStridedSliceAssign(Op, stateful=True, refuses=True):
    """Replaces a part of a resource variable's content by ``value``."""

    T = TypeAttr(ALL)
    Index = TypeAttr(arrays.INDEX)
    begin_mask = Attr(int, default=0)
    end_mask = Attr(int, default=0)
    ellipsis_mask = Attr(int, default=0)
    new_axis_mask = Attr(int, default=0)
    shrink_axis_mask = Attr(int, default=0)
    ref = Input(dtypes.resource)
    begin = Input(Index)
    end = Input(Index)
    strides = Input(Index)
    value = Input(T)
    example = dict(ref=[1.0, 2.0, 3.0], begin=[1], end=[3], strides=[1], value=[4.0, 5.0], after=dict(ref=[1.0, 4.0, 5.0]))

    def kernel(ref, begin, end, strides, value, *, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask):
        _assign_part(ref, begin, end, strides, value,
                     Masks(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask))


def _assign_part(cell, begin, end, strides, value, masks):
    _check_bounds(begin, end, strides)
    with cell.lock:
        cell.read()
        changed = cell.own()
        index = numpy_index(changed.shape, begin, end, strides, masks, _invalid)
        taken, given = changed[index].shape, np.shape(value)
        if taken != given and given != ():
            raise _invalid(f"Input l-value shape {format_shape(taken)} does not match r-value shape {format_shape(given)}. "
                           "Automatic broadcasting not yet implemented.")
        changed[index] = value


class Slice(Op, aliases=True, moves=True):
    """The part of ``input`` that begins at ``begin`` and has ``size``; a size of -1 reaches to the end."""

    T = TypeAttr(ALL)
    Index = TypeAttr(arrays.INDEX)
    input = Input(T)
    begin = Input(Index, static=True)
    size = Input(Index, static=True)
    output = Output(T)
    example = dict(input=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], begin=np.array([0, 1], np.int32),
                   size=np.array([-1, 2], np.int32), output=[[2.0, 3.0], [5.0, 6.0]])

    def infer(node):
        count = merge(with_rank(node.begin.shape.sizes, 1), with_rank(node.size.shape.sizes, 1))[0]
        sizes = node.input.shape.sizes
        if count is None:
            return None if sizes is None else (None,) * len(sizes)
        sizes = with_rank(sizes, count)
        begin, size = node.begin.partial or [None] * count, node.size.partial or [None] * count
        if node.size.value is None:
            # As TF, which cannot tell -1 from unknown once part of the sizes is unknown.
            size = [None if length == -1 else length for length in size]
        return tuple([_slice_length(*each) for each in zip(sizes, begin, size)])

    def kernel(input, begin, size):
        if len(begin) != input.ndim or len(size) != input.ndim:
            raise _invalid(f"Expected begin and size arguments to be 1-D tensors of size {input.ndim}, but got shapes "
                           f"[{len(begin)}] and [{len(size)}] instead.")
        index = []
        for axis, (start, length, given) in enumerate(zip(begin.tolist(), size.tolist(), input.shape)):
            length = given - start if length == -1 else length
            if not 0 <= start <= given:
                raise _invalid(f"Expected begin[{axis}] in [0, {given}], but got {start}")
            if not 0 <= length <= given - start:
                raise _invalid(f"Expected size[{axis}] in [0, {given - start}], but got {length}")
            index.append(_PythonSlice(start, start + length))
        return np.asarray(input[tuple(index)], input.dtype)

    def grad(node, dy):
        from graphcore.ops import padding

        rank = arrays.rank(node.input)
        taken = arrays.shape(node.output)
        shape = joining.stack([rank, 1])
        before = arrays.reshape(node.begin, shape)
        after = arrays.reshape(arrays.shape(node.input) - taken - node.begin, shape)
        return padding.pad(dy, joining.concat([before, after], 1)), None, None


def _slice_length(given, start, length):
    """The static size of one axis of a Slice."""
    if length is not None and length != -1:
        if length < 0:
            raise ValueError(f"Invalid value in tensor used for shape: {length}")
        return length
    if length is None or given is None or start is None or start < 0:
        return None
    if start > given:
        raise ShapeMismatch(f"Negative dimension size caused by subtracting {start} from {given}")
    return given - start


def slice(input_, begin, size, name=None):
    """The part of ``input_`` that begins at ``begin`` and has the sizes ``size``, where -1 is all that is left.

    Runs raise ``tf.errors.InvalidArgumentError`` when that is not inside ``input_``.
    """
    return Slice.build(input_, begin, size, name=name)


def strided_slice(input_, begin, end, strides=None, begin_mask=0, end_mask=0, ellipsis_mask=0, new_axis_mask=0,
                  shrink_axis_mask=0, var=None, name=None):
    """Every ``strides``-th element of ``input_`` from ``begin`` up to but not including ``end``, axis by axis.

    A bit in ``begin_mask`` (``end_mask``) lets that axis begin (end) where it does, in ``ellipsis_mask`` stands for as
    many axes as are left, in ``new_axis_mask`` makes an axis of size 1, in ``shrink_axis_mask`` takes one element and
    drops the axis.  With ``var`` the result has a method ``assign(value)`` for that part of the variable.
    """
    from graphcore.ops import sequences

    if strides is None:
        strides = sequences.ones_like(begin)
    masks = dict(begin_mask=begin_mask, end_mask=end_mask, ellipsis_mask=ellipsis_mask, new_axis_mask=new_axis_mask,
                 shrink_axis_mask=shrink_axis_mask)
    result = StridedSlice.build(input_, begin, end, strides, name=name, **masks)
    parent_name = name

    def assign(val, name=None):
        """Replace this part of the variable; the operation's output is the variable."""
        if var is None:
            raise ValueError("Sliced assignment is only supported for variables")
        return var._strided_slice_assign(begin=begin, end=end, strides=strides, value=val,
                                         name=parent_name + "_assign" if name is None else name, **masks)

    result.assign = assign
    return result


# ---------------------------------------------------------------- x[…]


def _check_index(index):
    if isinstance(index, (int, Dimension)):
        return
    dtype = getattr(index, "dtype", None)
    if dtype is None or as_dtype(dtype).base not in arrays.INDEX or (
            index.shape and len(index.shape) == 1):
        raise TypeError("Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 "
                        f"tensors are valid indices, got {index!r}")


class _Specs:
    """Begins, ends, strides and masks, gathered from the items between the brackets."""

    def __init__(self, items):
        self.begin, self.end, self.strides = [], [], []
        self.masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
        for item in items:
            if isinstance(item, _PythonSlice):
                self._add_slice(item)
            elif item is Ellipsis:
                self._add(0, 0, 1, "ellipsis_mask")
            elif item is newaxis:
                self._add(0, 0, 1, "new_axis_mask")
            else:
                _check_index(item)
                self._add(item, item + 1, 1, "shrink_axis_mask")

    def _add(self, begin, end, stride, *masks):
        for mask in masks:
            self.masks[mask] |= 1 << len(self.begin)
        self.begin.append(begin)
        self.end.append(end)
        self.strides.append(stride)

    def _add_slice(self, item):
        masks = []
        for mask, bound in (("begin_mask", item.start), ("end_mask", item.stop)):
            if _is_open(bound):
                masks.append(mask)
            else:
                _check_index(bound)
        if item.step is not None:
            _check_index(item.step)
        self._add(0 if "begin_mask" in masks else item.start, 0 if "end_mask" in masks else item.stop,
                  1 if item.step is None else item.step, *masks)


def _is_open(bound):
    return bound is None or not isinstance(bound, Tensor) and isinstance(bound, int) and bound == sys.maxsize


def _is_mask(item):
    return isinstance(item, bool) or getattr(item, "dtype", None) in (dtypes.bool, np.bool_) and isinstance(
        item, (Tensor, np.ndarray))


@method_of(Tensor, "__getitem__")
def getitem(tensor, slice_spec, var=None):
    """The part of a tensor between brackets, as in NumPy: ints, slices, ``...``, ``tf.newaxis`` and integer tensors.

    A boolean tensor or array of the shape of the first axes selects as `tf.boolean_mask` does.

    >>> import graphcore as tf
    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> with tf.Session() as session:
    ...     session.run(x[1, ::-1])
    array([6, 5, 4], dtype=int32)
    """
    if _is_mask(slice_spec):
        from graphcore.ops import gathering

        return gathering.boolean_mask(tensor, slice_spec)
    specs = _Specs(slice_spec if isinstance(slice_spec, (list, tuple)) else [slice_spec])
    with name_scope(None, "strided_slice", [tensor] + specs.begin + specs.end + specs.strides) as name:
        if specs.begin:
            bounds = _of_one_type([joining.stack(each) for each in (specs.begin, specs.end, specs.strides)])
        else:
            bounds = [constant([], dtypes.int32)] * 3
        return strided_slice(tensor, *bounds, var=var, name=name, **specs.masks)


def _of_one_type(bounds):
    """int64 if one of them is."""
    if not any(bound.dtype is dtypes.int64 for bound in bounds):
        return bounds
    from graphcore.ops import casting

    return [bound if bound.dtype is dtypes.int64 else casting.Cast.build(bound, DstT=dtypes.int64) for bound in bounds]


__all__ = ["newaxis", "slice", "strided_slice"]
