"""Activations whose constants depend on the dtype or on an attribute, and the fused softmax family."""

import ml_dtypes
import numpy as np

from graphcore.core import errors
from graphcore.ops.kernels.products import shape_text
from graphcore.ops.kernels.rounding import exp

# Beyond these, log(exp(x) + 1) is x, below their negatives it is exp(x): log(epsilon) + 2, negated.
_SOFTPLUS_BOUNDS = {np.dtype(t): -(np.log(float(eps)) + 2.0) for t, eps in (
    (np.float16, 2.0 ** -10), (np.float32, 2.0 ** -23), (np.float64, 2.0 ** -52), (ml_dtypes.bfloat16, 2.0 ** -7))}


def softplus(x):
    """``log(exp(x) + 1)`` element by element."""
    kind = x.dtype.type
    bound = kind(_SOFTPLUS_BOUNDS[x.dtype])
    grown = np.exp(x)
    return np.where(x > bound, x, np.where(x < -bound, grown, np.log(grown + kind(1))))


def softplus_loop(dtype):
    """`softplus` as the expression of one element."""
    bound = float(dtype.np.type(_SOFTPLUS_BOUNDS[dtype.np])) if dtype.np in _SOFTPLUS_BOUNDS else 0.0
    return f"where(features > {bound}, features, where(features < -{bound}, exp(features), log(exp(features) + 1)))"


def leaky_relu(x, alpha):
    """``x`` where positive, else ``alpha * x``."""
    # The attribute is a float32, as a GraphDef holds it.
    return np.where(x > 0, x, x * x.dtype.type(np.float32(alpha)))


def leaky_relu_grad(gradients, x, alpha):
    """``gradients`` where ``x`` is positive, else ``alpha * gradients``."""
    return np.where(x > 0, gradients, gradients * x.dtype.type(np.float32(alpha)))


def _complaint(text):
    return errors.InvalidArgumentError(None, None, text)


def _in_floats(x):
    """16-bit floats as float32."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


_NARROW = 32


def _classes_apart(logits):
    """``(array, axis)``: ``logits`` with the classes along ``axis``, in the layout in which reducing them is quick.

    NumPy reduces many short rows slowly: they become the columns of a copy.
    """
    logits = _in_floats(logits)
    if logits.ndim == 2 and logits.shape[1] <= _NARROW < logits.shape[0]:
        return np.ascontiguousarray(logits.T), 0
    return logits, -1


def _shifted(x, axis):
    """``x`` less its largest along ``axis``, in an array of its own."""
    return x - np.maximum.reduce(x, axis=axis, keepdims=True)


def _rows_again(x, axis, dtype):
    """What `_classes_apart` laid out, as rows of the wanted dtype."""
    return np.ascontiguousarray(x if axis else x.T, dtype=dtype)


def softmax(logits):
    """``exp(logits)`` along the last axis, divided by its sum."""
    if logits.ndim < 1:
        raise _complaint("logits must have >= 1 dimension, got []")
    if logits.size == 0:
        return np.empty(logits.shape, logits.dtype)
    x, axis = _classes_apart(logits)
    result = exp(_shifted(x, axis))
    result *= 1 / np.add.reduce(result, axis=axis, keepdims=True)
    return _rows_again(result, axis, logits.dtype)


def log_softmax(logits):
    """The logarithm of the softmax along the last axis."""
    if logits.ndim < 1:
        raise _complaint("logits must have >= 1 dimension, got []")
    if logits.size == 0:
        return np.empty(logits.shape, logits.dtype)
    x, axis = _classes_apart(logits)
    result = _shifted(x, axis)
    result -= np.log(np.add.reduce(np.exp(result), axis=axis, keepdims=True))
    return _rows_again(result, axis, logits.dtype)


def softmax_cross_entropy(logits, labels):
    """Loss of each row of a matrix, and its derivative in the logits: ``softmax(logits) - labels``."""
    if logits.shape != labels.shape:
        logits, labels = _broadcast(logits, labels)
    if logits.ndim != 2:
        raise _complaint("logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional")
    dtype = logits.dtype
    if logits.size == 0:
        return np.zeros(len(logits), dtype), np.empty(logits.shape, dtype)
    x, axis = _classes_apart(logits)
    wanted, _ = _classes_apart(labels)
    shifted = _shifted(x, axis)
    slope = np.exp(shifted)
    total = np.add.reduce(slope, axis=axis, keepdims=True)
    np.subtract(np.log(total), shifted, out=shifted)
    shifted *= wanted
    slope /= total
    slope -= wanted
    return np.add.reduce(shifted, axis=axis).astype(dtype, copy=False), _rows_again(slope, axis, dtype)


def _broadcast(logits, labels):
    try:
        return np.broadcast_arrays(logits, labels)
    except ValueError:
        raise _complaint(f"logits and labels must be broadcastable: logits_size={shape_text(logits)} "
                         f"labels_size={shape_text(labels)}") from None


def sparse_softmax_cross_entropy(logits, labels):
    """As `softmax_cross_entropy`, with the index of each row's class for a label."""
    _check_sparse(logits, labels)
    dtype = logits.dtype
    if logits.size == 0:
        return np.zeros(0, dtype), np.empty(logits.shape, dtype)
    _check_range(labels, logits.shape[1])
    x, axis = _classes_apart(logits)
    shifted = _shifted(x, axis)
    rows = np.arange(len(labels))
    places = (rows, labels) if axis else (labels, rows)
    chosen = shifted[places]
    slope = np.exp(shifted, out=shifted)
    total = np.add.reduce(slope, axis=axis, keepdims=True)
    slope /= total
    slope[places] -= 1
    return (np.log(total.ravel()) - chosen).astype(dtype, copy=False), _rows_again(slope, axis, dtype)


def _check_sparse(logits, labels):
    if logits.ndim != 2:
        raise _complaint(f"logits must be 2-D, but got shape {shape_text(logits)}")
    if labels.ndim != 1:
        raise _complaint(f"labels must be 1-D, but got shape {shape_text(labels)}")
    if len(logits) != len(labels):
        raise _complaint(f"logits and labels must have the same first dimension, got logits shape {shape_text(logits)} and "
                         f"labels shape {shape_text(labels)}")
    if logits.shape[1] == 0:
        raise _complaint(f"Must have at least one class, but got logits shape {shape_text(logits)}")


def _check_range(labels, classes):
    # Read as unsigned, a negative label is a large one: one comparison for both ends.
    unsigned = labels.view(labels.dtype.str.replace("i", "u"))
    if np.maximum.reduce(unsigned) >= classes:
        wrong = labels[unsigned >= classes][0]
        shown = " ".join(map(str, labels.tolist()))
        raise _complaint(f"Received a label value of {wrong} which is outside the valid range of [0, {classes}).  "
                         f"Label values: {shown}")
