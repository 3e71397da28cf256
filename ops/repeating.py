"""Elements repeated along an axis."""

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import int32
from graphcore.core.scopes import name_scope
from graphcore.ops import arithmetic, arrays, casting, gathering, joining, reductions, sequences, transposing


def repeat(input, repeats, axis=None, name=None):
    """``input`` with each element along ``axis`` repeated.

    Args:
      repeats: how often: an int for all, or one for each element along ``axis``.
      axis: an int; None for the flattened tensor.

    Raises:
      ValueError: there are not as many ``repeats`` as elements.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.repeat([[1, 2], [3, 4]], [1, 2], axis=0))
    array([[1, 2],
           [3, 4],
           [3, 4]], dtype=int32)
    """
    if axis is None:
        input, axis = arrays.reshape(input, [-1]), 0
    if not isinstance(axis, int):
        raise TypeError(f"axis must be an int; got {type(axis).__name__}")
    with name_scope(name, "Repeat", [input, repeats]):
        data, repeats = to_tensor(input, name="data"), _as_integers(repeats)
        repeats.shape.with_rank_at_most(1)
        if data.shape.ndims is None and axis < 0:
            raise ValueError("axis may only be negative if ndims is statically known.")
        if data.shape.ndims is None:
            raise ValueError("the rank of the tensor must be statically known to repeat its elements")
        data = data if data.shape.ndims else joining.stack([data])
        sizes = arrays.shape(data)
        axis = _positive(axis, data.shape.ndims)
        if repeats.shape.ndims == 0:
            return _all_alike(data, repeats, axis, sizes)
        if repeats.shape.ndims == 1:
            data.shape.dims[axis].assert_is_compatible_with(repeats.shape[0])
        return _each_its_own(data, repeats, axis, sizes)


def _as_integers(repeats):
    repeats = to_tensor(repeats, name="repeats", preferred_dtype=int32)
    if not repeats.dtype.is_integer:
        raise TypeError(f"repeats must be an integer tensor; dtype={repeats.dtype!r}")
    return casting.Cast.build(repeats, DstT=int32, name="Cast")


def _positive(axis, rank):
    if not -rank <= axis < rank:
        raise ValueError(f"axis={axis} out of bounds: expected {-rank}<=axis<{rank}")
    return axis + rank if axis < 0 else axis


def _tiled(data, axis, repeats):
    """``data``, of size 1 along ``axis``, ``repeats`` times along it."""
    rank = data.shape.ndims
    multiples = [1] * axis + [repeats] + [1] * (rank - axis - 1)
    return transposing.tile(data, multiples)


def _merged(data, axis, sizes):
    return arrays.reshape(data, joining.concat([sizes[:axis], [-1], sizes[axis + 1:]], axis=0))


def _all_alike(data, repeats, axis, sizes):
    expanded = arrays.expand_dims(data, axis + 1)
    return _merged(_tiled(expanded, axis + 1, repeats), axis, sizes)


def _each_its_own(data, repeats, axis, sizes):
    """The elements as often as the greatest of ``repeats`` says, less those that are too many."""
    if repeats.shape.ndims != axis + 1:
        own, rank = arrays.shape(repeats), arrays.rank(repeats)
        wanted = joining.concat([sizes[:axis + 1 - rank], own], axis=0)
        count, repeats = repeats.shape, transposing.broadcast_to(repeats, wanted)
        repeats.set_shape([None] * (axis + 1))
    else:
        count = repeats.shape
    most = arithmetic.maximum(0, reductions.reduce_max(repeats))
    mask = sequences.sequence_mask(repeats, most)
    kept = gathering.boolean_mask(_tiled(arrays.expand_dims(data, axis + 1), axis + 1, most), mask)
    result = kept if axis == 0 else _merged(kept, axis, sizes)
    result.set_shape(data.shape[:axis].concatenate([0 if count.ndims == 1 and count[0] == 0 else None])
                     .concatenate(data.shape[axis + 1:]))
    return result


__all__ = ["repeat"]
