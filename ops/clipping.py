"""Clipping: tensors kept within bounds, by value or by norm."""

from collections import abc

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.indexed import IndexedSlices
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import arithmetic, arrays, casting, comparison, constants, mathematics, norms, reductions, selection, sequences


def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """``t`` with elements below ``clip_value_min`` or above ``clip_value_max`` replaced by these.

    Args:
      t: a Tensor or IndexedSlices.
      clip_value_min, clip_value_max: scalars, or tensors that broadcast to the shape of ``t``.

    Raises:
      ValueError: a bound would make the result larger than ``t``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.clip_by_value([-5.0, 0.5, 7.0], 0.0, 1.0))
    array([0. , 0.5, 1. ], dtype=float32)
    """
    with name_scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as name:
        values = _values_of(t, "t")
        low_enough = arithmetic.minimum(values, clip_value_max)
        values.shape.merge_with(low_enough.shape)
        clipped = arithmetic.maximum(low_enough, clip_value_min, name=name)
        values.shape.merge_with(clipped.shape)
        return _like(t, clipped)


def clip_by_norm(t, clip_norm, axes=None, name=None):
    """``t`` scaled down, if need be, to a Euclidean norm of ``clip_norm``.

    Args:
      t: a Tensor or IndexedSlices of floats.
      clip_norm: a positive scalar.
      axes: the axes that each norm extends over; default: all.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.clip_by_norm([3.0, 4.0], 1.0))
    array([0.6, 0.8], dtype=float32)
    """
    with name_scope(name, "clip_by_norm", [t, clip_norm]) as name:
        values = _values_of(t, "t")
        squares = reductions.reduce_sum(values * values, axes, keepdims=True)
        positive = squares > 0
        # The root of 0 has no finite gradient: nothing flows through it where the norm is 0.
        safe = selection.where(positive, squares, arrays.ones_like(squares))
        norm = selection.where(positive, mathematics.sqrt(safe), squares)
        scaled = values * clip_norm
        values.shape.merge_with(scaled.shape)
        return _like(t, arrays.identity(scaled / arithmetic.maximum(norm, clip_norm), name=name))


def clip_by_global_norm(t_list, clip_norm, use_norm=None, name=None):
    """(the tensors scaled down together, if need be, to a joint norm of ``clip_norm``; the norm they had).

    Args:
      t_list: a list of Tensors, IndexedSlices and None (which stay None).
      clip_norm: a positive scalar.
      use_norm: the joint norm if it is known already; default: `global_norm` of ``t_list``.

    If the norm is not finite, all elements become NaN.

    >>> import graphcore as tf
    >>> clipped, norm = tf.clip_by_global_norm([tf.constant([3.0]), tf.constant([4.0])], 1.0)
    >>> with tf.Session() as session:
    ...     session.run([clipped, norm])
    [[array([0.6], dtype=float32), array([0.8], dtype=float32)], np.float32(5.0)]

    Raises:
      TypeError: ``t_list`` is no sequence.
    """
    if not isinstance(t_list, abc.Sequence) or isinstance(t_list, str):
        raise TypeError("t_list should be a sequence")
    t_list = list(t_list)
    use_norm = norms.global_norm(t_list, name) if use_norm is None else use_norm
    with name_scope(name, "clip_by_global_norm", [*t_list, clip_norm]) as name:
        scale = _scale(clip_norm, use_norm)
        values = [None if t is None else _values_of(t, f"t_{i}") for i, t in enumerate(t_list)]
        clipped = []
        for i, value in enumerate(values):
            if value is not None:
                with get_default_graph().colocate_with(value):
                    value = arrays.identity(value * scale, name=f"{name}_{i}")
            clipped.append(value)
    return [_like(t, value) for t, value in zip(t_list, clipped)], use_norm


def _scale(clip_norm, norm):
    """What all elements are multiplied by; NaN where the norm is not finite."""
    scale = clip_norm * arithmetic.minimum(1.0 / norm, constants.constant(1.0, dtype=norm.dtype) / clip_norm)
    return selection.where(comparison.is_finite(norm), scale, constants.constant(float("nan"), dtype=norm.dtype))


def clip_by_average_norm(t, clip_norm, name=None):
    """``t`` scaled down, if need be, until its Euclidean norm divided by its number of elements is ``clip_norm``."""
    with name_scope(name, "clip_by_average_norm", [t, clip_norm]) as name:
        t = to_tensor(t, name="t")
        count = casting.cast(arrays.size(t), dtypes.float32)
        inverse = mathematics.rsqrt(reductions.reduce_sum(t * t, sequences.range(arrays.rank(t))))
        clipped = t * clip_norm * arithmetic.minimum(inverse * count, constants.constant(1.0) / clip_norm)
        return arrays.identity(clipped, name=name)


def _values_of(t, name):
    return to_tensor(t.values if isinstance(t, IndexedSlices) else t, name=name)


def _like(t, values):
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values


__all__ = ["clip_by_average_norm", "clip_by_global_norm", "clip_by_norm", "clip_by_value"]
