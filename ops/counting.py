"""How often each integer occurs: ``tf.bincount`` and ``tf.confusion_matrix``."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32, float64, int32, int64
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, with_rank
from graphcore.core.sparse import SparseTensor
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    checks,
    constants,
    control_flow,
    filling,
    joining,
    reductions,
    segments,
    sparse_arithmetic,
)
from graphcore.ops import (
    weights as weighing,
)


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class Bincount(Op, refuses=True):
    """How often each of 0, 1, ... ``size`` - 1 is in ``arr``; with ``weights``, what the elements weigh together."""

    T = TypeAttr({int32, int64, float32, float64})
    arr = Input(int32)
    size = Input(int32, static=True)
    weights = Input(T)
    bins = Output(T)
    example = dict(arr=np.array([1, 4, 1], np.int32), size=np.array(3, np.int32), weights=[1.0, 2.0, 3.0], bins=[0.0, 4.0, 0.0])

    def infer(node):
        with_rank(node.size.shape.sizes, 0)
        size = node.size.value
        if size is not None and size < 0:
            raise ShapeMismatch(f"size ({size}) must be non-negative")
        return (None if size is None else int(size),)

    def kernel(arr, size, weights):
        if size < 0:
            raise _invalid(f"size ({size}) must be non-negative")
        if (arr < 0).any():
            raise _invalid("Input arr must be non-negative!")
        if weights.size and weights.size != arr.size:
            raise _invalid(f"arr and weights must have as many elements, not {arr.size} and {weights.size}")
        counted = arr < size
        bins = np.zeros(int(size), weights.dtype)
        np.add.at(bins, arr[counted], weights.reshape(arr.shape)[counted] if weights.size else weights.dtype.type(1))
        return bins


def bincount(arr, weights=None, minlength=None, maxlength=None, dtype=int32):
    """How often each of 0, 1, ... is in ``arr``, up to the largest that is.

    Args:
      weights: what each element counts instead of 1, in the shape of ``arr``; then the result has their dtype.
      minlength: the least length of the result, filled with zeros.
      maxlength: the greatest length of the result; larger elements are not counted.
      dtype: the dtype of the result without weights.

    ``tf.errors.InvalidArgumentError`` in the run for negative elements.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.bincount([1, 1, 2, 3]))
    array([0, 2, 1, 1], dtype=int32)
    """
    with name_scope("bincount"):
        arr = to_tensor(arr, int32, name="arr")
        is_filled = reductions.reduce_prod(arrays.shape(arr)) > 0
        size = casting.cast(is_filled, int32) * (reductions.reduce_max(arr) + 1)
        if minlength is not None:
            size = arithmetic.maximum(to_tensor(minlength, int32, name="minlength"), size)
        if maxlength is not None:
            size = arithmetic.minimum(to_tensor(maxlength, int32, name="maxlength"), size)
        if weights is not None:
            return segments.unsorted_segment_sum(to_tensor(weights, name="weights"), arr, size)
        return Bincount.build(arr, size, constants.constant([], dtype))


def confusion_matrix(labels, predictions, num_classes=None, dtype=int32, name=None, weights=None):
    """How often each class was taken for each other: row is the label, column the prediction.

    Args:
      labels, predictions: vectors of class numbers.
      num_classes: the number of rows and columns; by default the largest number plus 1.
      dtype: the dtype of the result.
      weights: what each prediction counts instead of 1.

    ``tf.errors.InvalidArgumentError`` in the run for a number that is negative or not below ``num_classes``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.confusion_matrix([1, 2, 2], [1, 1, 2]))
    array([[0, 0, 0],
           [0, 1, 0],
           [0, 1, 1]], dtype=int32)
    """
    with name_scope(name, "confusion_matrix", (predictions, labels, num_classes, weights)):
        labels, predictions = _checked(to_tensor(labels, name="labels"), to_tensor(predictions, name="predictions"))
        if num_classes is None:
            num_classes = arithmetic.maximum(reductions.reduce_max(predictions), reductions.reduce_max(labels)) + 1
        else:
            below = casting.cast(num_classes, int64)
            labels = _after(checks.assert_less(labels, below, message="`labels` out of bound"), labels)
            predictions = _after(checks.assert_less(predictions, below, message="`predictions` out of bound"), predictions)
        if weights is not None:
            weights = to_tensor(weights, name="weights")
            predictions.get_shape().assert_is_compatible_with(weights.get_shape())
            weights = casting.cast(weights, dtype)
        return _counted(labels, predictions, num_classes, weights, dtype)


def _checked(labels, predictions):
    """Both as int64 vectors that are checked for negative numbers when they run."""
    labels, predictions = weighing.remove_squeezable_dimensions(labels, predictions)
    predictions, labels = casting.cast(predictions, int64), casting.cast(labels, int64)
    labels = _after(checks.assert_non_negative(labels, message="`labels` contains negative values"), labels)
    return labels, _after(checks.assert_non_negative(predictions, message="`predictions` contains negative values"), predictions)


def _after(check, tensor):
    return control_flow.with_dependencies([check], tensor)


def _counted(labels, predictions, num_classes, weights, dtype):
    """The matrix itself: a SparseTensor with an entry per prediction, added to zeros."""
    shape = joining.stack([num_classes, num_classes])
    places = joining.stack([labels, predictions], axis=1)
    values = filling.ones_like(predictions, dtype) if weights is None else weights
    sparse = SparseTensor(indices=places, values=values, dense_shape=casting.cast(shape, int64))
    empty = filling.zeros(casting.cast(shape, int32), dtype)
    return sparse_arithmetic.SparseTensorDenseAdd.build(sparse.indices, sparse.values, sparse.dense_shape, empty)


__all__ = ["bincount", "confusion_matrix"]
