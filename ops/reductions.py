"""Reductions: sums, means, extremes and logic over the axes of a tensor."""

import functools

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import INDICES, NUMBERS, QUANTIZED, int32, int64
from graphcore.core.dtypes import bool as boolean
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import TensorShape, reduced, with_rank_at_most
from graphcore.ops import arithmetic, arrays, casting, comparison, constants, mathematics, selection, sequences
from graphcore.ops import reduction_gradients as gradients
from graphcore.ops.kernels import reducing


class _Reduction(Op, abstract=True):
    """What all reductions share: the shape of their result."""

    def infer(node):
        with_rank_at_most(node.reduction_indices.shape.sizes, 1)
        axes = node.reduction_indices.value
        return reduced(node.input.shape.sizes, None if axes is None else axes.ravel().tolist(), node.keep_dims)


    def same_elements(node, sizes):
        return node.input.shape.num_elements() == TensorShape.of(sizes).num_elements() != 0


def _over_its_axes(node):
    axes, rank = node.reduction_indices.value, node.input.shape.rank
    return None if axes is None else ({axis % rank for axis in axes.ravel().tolist()}, False)


class Sum(_Reduction):
    """The sum of ``input`` over the axes ``reduction_indices``; of nothing it is 0."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    input = Input(T)
    reduction_indices = Input(Tidx, static=True)
    output = Output(T)

    example = dict(input=[[1.0, 2.0], [3.0, 4.0]], reduction_indices=np.array([0], np.int32), output=[4.0, 6.0])
    adds_up = _over_its_axes

    def kernel(input, reduction_indices, *, keep_dims):
        return reducing.total(input, reducing.axes_of(reduction_indices, input.ndim), keep_dims)

    def grad(node, dy):
        return gradients.sum_grad(node, dy), None


class Mean(_Reduction):
    """The mean of ``input`` over the axes ``reduction_indices``; integer means are cut towards zero, of nothing it is NaN."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    input = Input(T)
    reduction_indices = Input(Tidx, static=True)
    output = Output(T)

    example = dict(input=[[1.0, 2.0], [3.0, 4.0]], reduction_indices=np.array([1], np.int32), output=[1.5, 3.5])

    def adds_up(node):
        axes = _over_its_axes(node)
        return axes and (axes[0], True)

    def kernel(input, reduction_indices, *, keep_dims):
        return reducing.mean(input, reducing.axes_of(reduction_indices, input.ndim), keep_dims)

    def grad(node, dy):
        return gradients.mean_grad(node, dy), None


class Prod(_Reduction):
    """The product of ``input`` over the axes ``reduction_indices``; of nothing it is 1."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    input = Input(T)
    reduction_indices = Input(Tidx, static=True)
    output = Output(T)

    example = dict(input=[[1.0, 2.0], [3.0, 4.0]], reduction_indices=np.array([0], np.int32), output=[3.0, 8.0])
    adds_up, step = _over_its_axes, "multiplied"

    def kernel(input, reduction_indices, *, keep_dims):
        axes = reducing.axes_of(reduction_indices, input.ndim)
        return np.multiply.reduce(input, axis=axes, dtype=input.dtype, keepdims=keep_dims)

    def grad(node, dy):
        return gradients.prod_grad(node, dy), None


class Max(_Reduction):
    """The largest element over the axes ``reduction_indices``; NaN is passed over, of nothing it is the lowest value."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    input = Input(T)
    reduction_indices = Input(Tidx, static=True)
    output = Output(T)

    example = dict(input=[[1.0, 2.0], [4.0, 3.0]], reduction_indices=np.array([0], np.int32), output=[4.0, 3.0])
    adds_up, step = _over_its_axes, "largest_number"

    def kernel(input, reduction_indices, *, keep_dims):
        return reducing.largest(input, reducing.axes_of(reduction_indices, input.ndim), keep_dims)

    def grad(node, dy):
        return gradients.extreme_grad(node, dy), None


class Min(_Reduction):
    """The smallest element over the axes ``reduction_indices``; NaN is passed over, of nothing it is the highest value."""

    keep_dims = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    input = Input(T)
    reduction_indices = Input(Tidx, static=True)
    output = Output(T)

    example = dict(input=[[1.0, 2.0], [4.0, 3.0]], reduction_indices=np.array([1], np.int32), output=[1.0, 3.0])
    adds_up, step = _over_its_axes, "smallest_number"

    def kernel(input, reduction_indices, *, keep_dims):
        return reducing.smallest(input, reducing.axes_of(reduction_indices, input.ndim), keep_dims)

    def grad(node, dy):
        return gradients.extreme_grad(node, dy), None


class EuclideanNorm(_Reduction, differentiable=False):
    """The square root of the sum of squared magnitudes over the axes ``reduction_indices``."""

    same_elements = None  # of one element it is still the magnitude
    keep_dims = Attr(bool, default=False)
    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    input = Input(T)
    reduction_indices = Input(Tidx, static=True)
    output = Output(T)

    example = dict(input=[[3.0, 4.0], [0.0, 2.0]], reduction_indices=np.array([1], np.int32), output=[5.0, 2.0])

    def kernel(input, reduction_indices, *, keep_dims):
        axes = reducing.axes_of(reduction_indices, input.ndim)
        if not axes:
            return input  # as it is, not its magnitude
        squares = input * np.conjugate(input) if input.dtype.kind == "c" else input * input
        return np.sqrt(reducing.total(squares, axes, keep_dims)).astype(input.dtype, copy=False)


class All(_Reduction, refuses=True):
    """Whether all elements over the axes ``reduction_indices`` are true; of nothing it is True."""

    keep_dims = Attr(bool, default=False)
    Tidx = TypeAttr(INDICES, default=int32)
    input = Input(boolean)
    reduction_indices = Input(Tidx, static=True)
    output = Output(boolean)

    example = dict(input=[[True, False], [True, True]], reduction_indices=np.array([1], np.int32), output=[False, True])

    def kernel(input, reduction_indices, *, keep_dims):
        axes = reducing.axes_of(reduction_indices, input.ndim)
        return np.logical_and.reduce(input, axis=axes, keepdims=keep_dims)


class Any(_Reduction, refuses=True):
    """Whether any element over the axes ``reduction_indices`` is true; of nothing it is False."""

    keep_dims = Attr(bool, default=False)
    Tidx = TypeAttr(INDICES, default=int32)
    input = Input(boolean)
    reduction_indices = Input(Tidx, static=True)
    output = Output(boolean)

    example = dict(input=[[False, False], [True, True]], reduction_indices=np.array([1], np.int32), output=[False, True])

    def kernel(input, reduction_indices, *, keep_dims):
        axes = reducing.axes_of(reduction_indices, input.ndim)
        return np.logical_or.reduce(input, axis=axes, keepdims=keep_dims)


# ---------------------------------------------------------------- public functions


def all_axes(x):
    """A tensor with the number of every axis of ``x``: a constant where the rank is known, else a range."""
    rank = x._shape.rank if isinstance(x, Tensor) else None
    if rank is None:
        return sequences.range(0, arrays.rank(x))
    return get_default_graph()._append(_axes_constant(rank), (), "Const")._outputs


@functools.cache
def _axes_constant(rank):
    """What the constant of so many axes is made of."""
    return constants.made_of(np.arange(rank, dtype=np.int32), int32)


_function = functools.cache(lambda op: op.function())


def _reduce(op, input_tensor, axis, keepdims, name, reduction_indices=None, keep_dims=None):
    if reduction_indices is not None or keep_dims is not None:
        axis, keepdims = _old_spellings(axis, reduction_indices, keepdims, keep_dims)
    keepdims = False if keepdims is None else keepdims
    if axis is not None:
        return _function(op)(input_tensor, axis, keepdims, name)
    return _scalar_if_all(_function(op)(input_tensor, all_axes(input_tensor), keepdims, name), keepdims)


def _scalar_if_all(output, keepdims):
    """``output``, reduced over all axes: a scalar even where the rank of the input is not known."""
    if not keepdims and not output._shape.is_fully_defined():
        output.set_shape(())
    return output


def _old_spellings(axis, reduction_indices, keepdims, keep_dims):
    return (arrays.renamed("axis", axis, "reduction_indices", reduction_indices),
            arrays.renamed("keepdims", keepdims, "keep_dims", keep_dims))


def reduce_sum(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The sum of ``input_tensor`` over ``axis`` (an int, several, or None for all), in its dtype.

    Args:
      input_tensor: numbers of any dtype; integers wrap around.
      axis: the axes to reduce, negative ones counted from the end.
      keepdims: keep the reduced axes with size 1.
      reduction_indices, keep_dims: the old names of ``axis`` and ``keepdims``.

    Raises:
      ValueError: an axis that does not exist, or both names of an argument.

    >>> import graphcore as tf
    >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> with tf.Session() as session:
    ...     session.run(tf.reduce_sum(x, axis=0))
    array([4., 6.], dtype=float32)
    """
    return _reduce(Sum, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_mean(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The mean of ``input_tensor`` over ``axis``, in its dtype: the mean of integers is an integer.

    Arguments as of `reduce_sum`.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.reduce_mean([1, 2, 6, 6])), session.run(tf.reduce_mean([1.0, 2.0, 6.0, 6.0]))
    (np.int32(3), np.float32(3.75))
    """
    return _reduce(Mean, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_prod(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The product of ``input_tensor`` over ``axis``.  Arguments as of `reduce_sum`."""
    return _reduce(Prod, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_max(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The largest element over ``axis``; NaN is passed over.  Arguments as of `reduce_sum`."""
    return _reduce(Max, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_min(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The smallest element over ``axis``; NaN is passed over.  Arguments as of `reduce_sum`."""
    return _reduce(Min, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_all(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """Whether all of the booleans over ``axis`` are true.  Arguments as of `reduce_sum`."""
    return _reduce(All, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_any(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """Whether any of the booleans over ``axis`` is true.  Arguments as of `reduce_sum`."""
    return _reduce(Any, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_euclidean_norm(input_tensor, axis=None, keepdims=False, name=None):
    """The Euclidean norm of ``input_tensor`` over ``axis``; it has no gradient (`tf.norm` has one)."""
    return _reduce(EuclideanNorm, input_tensor, axis, keepdims, name)


def reduce_logsumexp(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """``log(sum(exp(input_tensor)))`` over ``axis``, without overflow.  Arguments as of `reduce_sum`.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.reduce_logsumexp([1000.0, 0.0]))
    np.float32(1000.0)
    """
    axis, keepdims = _old_spellings(axis, reduction_indices, keepdims, keep_dims)
    input_tensor = to_tensor(input_tensor)
    with name_scope(name, "ReduceLogSumExp", [input_tensor]):
        largest = reduce_max(input_tensor, axis, keepdims=True)
        shift = arrays.stop_gradient(selection.where(comparison.is_finite(largest), largest, sequences.zeros_like(largest)))
        sums = reduce_sum(mathematics.exp(arithmetic.Sub.build(input_tensor, shift)), axis, keepdims=keepdims)
        result = mathematics.log(sums)
        if not keepdims:
            shift = arrays.reshape(shift, arrays.shape(result))
        return _scalar_if_all(arithmetic.Add.build(result, shift), keepdims) if axis is None else arithmetic.Add.build(result, shift)


def reduce_variance(input_tensor, axis=None, keepdims=False, name=None):
    """The variance of ``input_tensor`` over ``axis`` (divided by the count, not by one less)."""
    with name_scope(name or "reduce_variance"):
        centre = reduce_mean(input_tensor, axis, keepdims=True)
        return reduce_mean(arithmetic.Square.build(input_tensor - centre), axis, keepdims)


def reduce_std(input_tensor, axis=None, keepdims=False, name=None):
    """The standard deviation of ``input_tensor`` over ``axis`` (divided by the count, not by one less)."""
    with name_scope(name or "reduce_std"):
        return mathematics.sqrt(reduce_variance(input_tensor, axis, keepdims))


def count_nonzero(input_tensor=None, axis=None, keepdims=None, dtype=int64, name=None, reduction_indices=None,
                  keep_dims=None, input=None):
    """How many elements over ``axis`` are not zero (not empty, for strings), as ``dtype``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.count_nonzero([[0, 1, 0], [1, 1, 0]], axis=1))
    array([1, 2])
    """
    input_tensor = arrays.renamed("input_tensor", input_tensor, "input", input)
    axis, keepdims = _old_spellings(axis, reduction_indices, keepdims, keep_dims)
    with name_scope(name, "count_nonzero", [input_tensor]):
        input_tensor = to_tensor(input_tensor, name="input")
        zero = sequences.zeros([], dtype=input_tensor.dtype)
        nonzero = casting.cast(comparison.NotEqual.build(input_tensor, zero), int64)
        return casting.cast(reduce_sum(nonzero, axis, keepdims), dtype)


__all__ = ["count_nonzero", "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min",
           "reduce_prod", "reduce_sum"]
