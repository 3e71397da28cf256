"""Pooling by factors that are no whole numbers: windows of two sizes, in an order that is drawn."""

from collections import namedtuple

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import float32, float64, int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops.kernels import fractional
from graphcore.ops.kernels.philox import PhiloxState

_TYPES = {float32, float64, int32, int64}


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _sizes(node, op_name):
    """The shapes of the result and of the windows' beginnings."""
    ratios = node.pooling_ratio
    if len(ratios) > 4:
        raise ShapeMismatch("pooling_ratio field must specify 4 dimensions")
    sizes = with_rank(node.value.shape.sizes, 4) or (None,) * 4
    pooled = [None if size is None else int(size / ratio) for size, ratio in zip(sizes, ratios)]
    if any(size is not None and size < 0 for size in pooled):
        raise ShapeMismatch(f"Size computed for dim {pooled.index(min(pooled))} is negative")
    return [tuple(pooled), (None,), (None,)]  # TF says as many as windows, which is one too few


def _windows(value, ratios, even, deterministic, seed, seed2):
    """The beginnings of the windows along rows and along columns."""
    if not deterministic and (seed or seed2):
        raise _invalid("Both seed and seed2 should be 0 if deterministic is false.")
    for ratio in ratios:
        if ratio < 1:
            raise _invalid(f"pooling_ratio cannot be smaller than 1, got: {ratio}")
    if ratios[0] != 1 or ratios[3] != 1:
        raise errors.UnimplementedError(None, None, "Fractional pooling is not yet supported on the batch nor channel dimension.")
    if value.ndim != 4:
        raise _invalid(f"tensor_in must be 4-dimensional: its shape is {format_shape(value.shape)}")
    counts = [int(np.floor(size / ratio)) for size, ratio in zip(value.shape, ratios)]
    for size, count, ratio in zip(value.shape[1:3], counts[1:3], ratios[1:3]):
        if not count:
            raise _invalid(f"pooling_ratio {ratio} leaves nothing of {size} elements")
    state = PhiloxState(seed, seed2)
    return [fractional.starts_of(state, size, count, even) for size, count in zip(value.shape[1:3], counts[1:3])]


_IMAGE = [[[[1.0], [5.0], [3.0]], [[4.0], [2.0], [6.0]], [[9.0], [8.0], [7.0]]]]
_THIRDS = dict(pooling_ratio=[1.0, 3.0, 3.0, 1.0], deterministic=True, seed=1)
_STARTS = dict(row_pooling_sequence=np.array([0, 2, 3]), col_pooling_sequence=np.array([0, 1, 3]))


class FractionalMaxPool(Op, stateful=True):
    """The maximum of each of windows of unequal sizes, and where the windows begin."""

    pooling_ratio = Attr([float], minimum=4)
    pseudo_random = Attr(bool, default=False)
    overlapping = Attr(bool, default=False)
    deterministic = Attr(bool, default=False)
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    T = TypeAttr(_TYPES)
    value = Input(T)
    output = Output(T)
    row_pooling_sequence = Output(int64)
    col_pooling_sequence = Output(int64)
    example = dict(value=_IMAGE, output=[[[[9.0]]]], row_pooling_sequence=[0, 3], col_pooling_sequence=[0, 3], **_THIRDS)

    def infer(node):
        return _sizes(node, "FractionalMaxPool")

    def kernel(value, *, pooling_ratio, pseudo_random, overlapping, deterministic, seed, seed2):
        rows, columns = _windows(value, pooling_ratio, pseudo_random, deterministic, seed, seed2)
        return fractional.maxima(value, rows, columns, overlapping), rows, columns

    def grad(node, dy, *_):
        return FractionalMaxPoolGrad.build(node.value, node.output, dy, node.row_pooling_sequence, node.col_pooling_sequence,
                                           overlapping=node.overlapping)


class FractionalMaxPoolGrad(Op, refuses=True):
    """``out_backprop`` where the maxima of `FractionalMaxPool` came from: the first ones of their windows."""

    overlapping = Attr(bool, default=False)
    T = TypeAttr(_TYPES)
    orig_input = Input(T)
    orig_output = Input(T)
    out_backprop = Input(T)
    row_pooling_sequence = Input(int64)
    col_pooling_sequence = Input(int64)
    output = Output(T)
    example = dict(orig_input=_IMAGE, orig_output=[[[[4.0], [6.0]], [[9.0], [8.0]]]], out_backprop=[[[[1.0], [2.0]], [[3.0], [4.0]]]],
                   output=[[[[0.0], [0.0], [0.0]], [[1.0], [0.0], [2.0]], [[3.0], [4.0], [0.0]]]], **_STARTS)

    def infer(node):
        return with_rank(node.orig_input.shape.sizes, 4)

    def kernel(orig_input, orig_output, out_backprop, row_pooling_sequence, col_pooling_sequence, *, overlapping):
        _check(orig_input.shape, out_backprop, row_pooling_sequence, col_pooling_sequence)
        return fractional.to_maxima(orig_input, out_backprop, row_pooling_sequence, col_pooling_sequence, overlapping)


class FractionalAvgPool(Op, stateful=True):
    """The mean of each of windows of unequal sizes, and where the windows begin."""

    pooling_ratio = Attr([float], minimum=4)
    pseudo_random = Attr(bool, default=False)
    overlapping = Attr(bool, default=False)
    deterministic = Attr(bool, default=False)
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    T = TypeAttr(_TYPES)
    value = Input(T)
    output = Output(T)
    row_pooling_sequence = Output(int64)
    col_pooling_sequence = Output(int64)
    example = dict(value=_IMAGE, output=[[[[5.0]]]], row_pooling_sequence=[0, 3], col_pooling_sequence=[0, 3], **_THIRDS)

    def infer(node):
        return _sizes(node, "FractionalAvgPool")

    def kernel(value, *, pooling_ratio, pseudo_random, overlapping, deterministic, seed, seed2):
        rows, columns = _windows(value, pooling_ratio, pseudo_random, deterministic, seed, seed2)
        return fractional.means(value, rows, columns, overlapping), rows, columns

    def grad(node, dy, *_):
        return FractionalAvgPoolGrad.build(node.value.get_shape(), dy, node.row_pooling_sequence, node.col_pooling_sequence,
                                           overlapping=node.overlapping)


class FractionalAvgPoolGrad(Op, refuses=True):
    """``out_backprop`` shared out over the elements of the windows of `FractionalAvgPool`."""

    overlapping = Attr(bool, default=False)
    T = TypeAttr(_TYPES)
    orig_input_tensor_shape = Input(int64, static=True)
    out_backprop = Input(T)
    row_pooling_sequence = Input(int64)
    col_pooling_sequence = Input(int64)
    output = Output(T)
    example = dict(orig_input_tensor_shape=[1, 3, 3, 1], out_backprop=[[[[2.0], [4.0]], [[3.0], [8.0]]]],
                   output=[[[[1.0], [1.0], [1.0]], [[1.0], [1.0], [1.0]], [[3.0], [4.0], [4.0]]]], **_STARTS)

    def infer(node):
        entries = node.orig_input_tensor_shape.partial
        return with_rank(None if entries is None else tuple(entries), 4)

    def kernel(orig_input_tensor_shape, out_backprop, row_pooling_sequence, col_pooling_sequence, *, overlapping):
        if orig_input_tensor_shape.shape != (4,):
            raise _invalid(f"original input tensor shape must be a vector of 4 sizes, not {format_shape(orig_input_tensor_shape.shape)}")
        sizes = tuple(orig_input_tensor_shape.tolist())
        _check(sizes, out_backprop, row_pooling_sequence, col_pooling_sequence)
        return fractional.shared_out(sizes, out_backprop, row_pooling_sequence, col_pooling_sequence, overlapping)


def _check(sizes, out_backprop, rows, columns):
    if len(sizes) != 4 or rows.ndim != 1 or columns.ndim != 1 or not rows.size or not columns.size:
        raise _invalid(f"images must be 4-dimensional and pooling sequences vectors: their shapes are {format_shape(sizes)}, "
                       f"{format_shape(rows.shape)} and {format_shape(columns.shape)}")
    wanted = (sizes[0], len(rows) - 1, len(columns) - 1, sizes[3])
    if out_backprop.shape != wanted:
        raise _invalid(f"out_backprop has the shape {format_shape(out_backprop.shape)}, not {format_shape(wanted)}")
    for starts, size in ((rows, sizes[1]), (columns, sizes[2])):
        if starts[0] < 0 or starts[-1] > size or (np.diff(starts) < 1).any():
            raise _invalid(f"pooling sequences have to rise from 0 to at most {size}: {starts.tolist()}")


# ---------------------------------------------------------------- public functions

_FIELDS = [output.name for output in FractionalMaxPool.outputs]
_MAXIMA, _MEANS = namedtuple("FractionalMaxPool", _FIELDS), namedtuple("FractionalAvgPool", _FIELDS)


def fractional_max_pool(value, pooling_ratio, pseudo_random=False, overlapping=False, deterministic=False, seed=0, seed2=0, name=None):
    """``(output, row_pooling_sequence, col_pooling_sequence)``: maxima of images whose sizes shrink by any factors.

    Args:
      value: images, ``[batch, rows, columns, channels]``.
      pooling_ratio: four floats, those of rows and columns at least 1: the factors.
      pseudo_random: whether the windows' sizes follow one another evenly, from a place that is drawn.
      overlapping: whether windows have their neighbours' first elements too.
      deterministic: whether each run draws the same windows; ``seed`` and ``seed2`` say which.

    >>> import graphcore as tf
    >>> image = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.fractional_max_pool(image, [1.0, 3.0, 3.0, 1.0]))[0].ravel()
    array([8.], dtype=float32)
    """
    return _MAXIMA(*FractionalMaxPool.build(value, pooling_ratio=pooling_ratio, pseudo_random=pseudo_random, overlapping=overlapping,
                                   deterministic=deterministic, seed=seed, seed2=seed2, name=name))


def fractional_avg_pool(value, pooling_ratio, pseudo_random=False, overlapping=False, deterministic=False, seed=0, seed2=0, name=None):
    """As `fractional_max_pool`, with means."""
    return _MEANS(*FractionalAvgPool.build(value, pooling_ratio=pooling_ratio, pseudo_random=pseudo_random, overlapping=overlapping,
                                   deterministic=deterministic, seed=seed, seed2=seed2, name=name))


__all__ = ["fractional_avg_pool", "fractional_max_pool"]
