"""Where the largest and smallest elements are."""

import collections

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import FLOATS, INDICES, INTS, NUMBERS, QUANTIZED, float32, int32, int64
from graphcore.core.dtypes import bool as boolean
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, merged_size, with_rank, with_rank_at_least
from graphcore.ops import arrays, casting, gathering, joining, reductions, sequences
from graphcore.ops.kernels import ranking, reducing


class _Position(Op, abstract=True):
    """What ArgMax and ArgMin share: the input's shape without one axis."""

    def infer(node):
        with_rank(node.dimension.shape.sizes, 0)
        sizes, axis = node.input.shape.sizes, node.dimension.value
        if sizes is None or len(sizes) <= 1:
            return sizes if sizes is None else ()
        rank = len(sizes)
        if axis is None:
            return (None,) * (rank - 1)
        if not -rank <= axis < rank:
            raise ShapeMismatch(f"Dimension ({int(axis)}) must be in the range [{-rank}, {rank}), where {rank} is the number "
                                "of dimensions in the input.")
        return tuple(size for i, size in enumerate(sizes) if i != axis % rank)


class ArgMax(_Position, differentiable=False):
    """Where along the axis ``dimension`` the largest element of ``input`` is, the first one of equals."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    output_type = TypeAttr(INDICES, default=int64)
    input = Input(T)
    dimension = Input(Tidx, static=True)
    output = Output(output_type)

    example = dict(input=[[1.0, 3.0, 3.0], [2.0, 0.0, 1.0]], dimension=np.array(1, np.int32), output=np.array([1, 0]))

    def kernel(input, dimension, *, output_type):
        return reducing.index_of_largest(input, dimension, output_type.np)


class ArgMin(_Position, differentiable=False):
    """Where along the axis ``dimension`` the smallest element of ``input`` is, the first one of equals."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    Tidx = TypeAttr(INDICES, default=int32)
    output_type = TypeAttr(INDICES, default=int64)
    input = Input(T)
    dimension = Input(Tidx, static=True)
    output = Output(output_type)

    example = dict(input=[[1.0, 3.0, 1.0], [2.0, 0.0, 1.0]], dimension=np.array(1, np.int32), output=np.array([0, 1]))

    def kernel(input, dimension, *, output_type):
        return reducing.index_of_smallest(input, dimension, output_type.np)


def _first_k(input, k):
    """Values and indices of the ``k`` largest along the last axis, largest first, the lower index first among equals."""
    k = int(k)
    if input.ndim < 1:
        raise errors.InvalidArgumentError(None, None, f"input must be >= 1-D, got shape {list(input.shape)}")
    if k < 0:
        raise errors.InvalidArgumentError(None, None, f"Need k >= 0, got {k}")
    if input.shape[-1] < k:
        raise errors.InvalidArgumentError(None, None, f"input must have at least k columns. Had {input.shape[-1]}, needed {k}")
    return ranking.first_k(input, k)


class TopKV2(Op):
    """The ``k`` largest ``values`` along the last axis and their ``indices``, largest first."""

    sorted = Attr(bool, default=True)
    T = TypeAttr(FLOATS | INTS)
    input = Input(T)
    k = Input(int32, static=True)
    values = Output(T)
    indices = Output(int32)

    example = dict(input=[[1.0, 4.0, 3.0], [2.5, 0.0, 2.0]], k=np.array(2, np.int32), values=[[4.0, 3.0], [2.5, 2.0]],
                   indices=np.array([[1, 2], [0, 2]], np.int32))

    def infer(node):
        sizes = with_rank_at_least(node.input.shape.sizes, 1)
        with_rank(node.k.shape.sizes, 0)
        k = None if node.k.value is None else int(node.k.value)
        if k is not None and k < 0:
            raise ShapeMismatch(f"Dimension size, given by scalar input 1, must be non-negative but is {k}")
        if sizes is None:
            return [None, None]
        if k is not None and sizes[-1] is not None and sizes[-1] < k:
            raise ShapeMismatch(f"input must have last dimension >= k = {k} but is {sizes[-1]}")
        return [(*sizes[:-1], k)] * 2

    def kernel(input, k):
        return _first_k(input, k)

    def grad(node, dy, _):
        in_shape, shape = arrays.shape(node.input), arrays.shape(node.indices)
        width = gathering.gather(casting.cast(shape, int64), arrays.size(shape) - 1)
        rows = arrays.reshape(node.indices, joining.stack([-1, width]))
        in_width = gathering.gather(casting.cast(in_shape, int64), arrays.size(in_shape) - 1)
        count = casting.cast(arrays.shape(rows)[0], int64)
        starts = arrays.expand_dims(sequences.range(0, count * in_width, in_width), -1)
        places = arrays.reshape(rows + casting.cast(starts, int32), [-1])
        spread = gathering.scatter_nd(arrays.expand_dims(places, -1), arrays.reshape(dy, [-1]), [reductions.reduce_prod(in_shape)])
        return arrays.reshape(spread, in_shape), sequences.zeros([], dtype=int32)


class InTopKV2(Op, refuses=True):
    """For each row of ``predictions``, whether its ``targets`` entry is among the ``k`` largest; ties count as in."""

    T = TypeAttr(INDICES, default=int32)
    predictions = Input(float32)
    targets = Input(T)
    k = Input(T)
    precision = Output(boolean)

    example = dict(predictions=[[1.0, 4.0, 3.0], [2.0, 0.0, 2.0]], targets=np.array([2, 1], np.int32), k=np.array(2, np.int32),
                   precision=[True, False])

    def infer(node):
        rows = with_rank(node.predictions.shape.sizes, 2)[0]
        length = with_rank(node.targets.shape.sizes, 1)[0]
        return (merged_size(rows, length),)

    def kernel(predictions, targets, k):
        if predictions.ndim != 2:
            raise errors.InvalidArgumentError(None, None, "predictions must be 2-dimensional")
        if targets.ndim != 1:
            raise errors.InvalidArgumentError(None, None, "targets must be 1-dimensional")
        if len(predictions) != len(targets):
            raise errors.InvalidArgumentError(None, None, f"First dimension of predictions {len(predictions)} must match length "
                                              f"of targets {len(targets)}")
        known = (targets >= 0) & (targets < predictions.shape[1])
        wanted = predictions[np.arange(len(targets)), np.where(known, targets, 0)] if predictions.size else np.zeros(len(targets))
        ahead = (predictions > wanted[:, None]).sum(axis=1)
        # A row up to whose k-th place something is not finite cannot be ranked.
        return known & np.isfinite(predictions).all(axis=1) & (ahead < k)


TopKResult = collections.namedtuple("TopKV2", ["values", "indices"])


def argmax(input, axis=None, name=None, dimension=None, output_type=int64):
    """Where along ``axis`` (the first one by default) the largest element is, the first one of equals.

    Args:
      dimension: the old name of ``axis``.
      output_type: ``tf.int64`` or ``tf.int32``.

    NaN is passed over.  An empty axis raises ``tf.errors.InvalidArgumentError`` in the run.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.argmax([[1.0, 5.0], [7.0, 2.0]], axis=1))
    array([1, 0])
    """
    axis = arrays.renamed("axis", axis, "dimension", dimension)
    return ArgMax.build(input, 0 if axis is None else axis, output_type=output_type, name=name)


def argmin(input, axis=None, name=None, dimension=None, output_type=int64):
    """Where along ``axis`` the smallest element is; arguments as of `argmax`."""
    axis = arrays.renamed("axis", axis, "dimension", dimension)
    return ArgMin.build(input, 0 if axis is None else axis, output_type=output_type, name=name)


def arg_max(input, dimension, output_type=int64, name=None):
    """The older form of `argmax`."""
    return ArgMax.build(input, dimension, output_type=output_type, name=name)


def arg_min(input, dimension, output_type=int64, name=None):
    """The older form of `argmin`."""
    return ArgMin.build(input, dimension, output_type=output_type, name=name)


def top_k(input, k=1, sorted=True, name=None):
    """``(values, indices)`` of the ``k`` largest elements along the last axis, largest first, lower indices first."""
    return TopKResult(*TopKV2.build(input, k, sorted=sorted, name=name))


def in_top_k(predictions, targets, k, name=None):
    """For each row of ``predictions`` [batch, classes], whether class ``targets[i]`` is among the ``k`` largest."""
    with name_scope(name, "in_top_k"):
        return InTopKV2.build(predictions, targets, k, name=name)


__all__ = ["arg_max", "arg_min", "argmax", "argmin"]
