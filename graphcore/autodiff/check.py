"""Gradients checked by numbers: ``tf.test.compute_gradient`` and ``compute_gradient_error``."""

import numpy as np

from graphcore.autodiff.gradients import gradients
from graphcore.core.dtypes import float16, float32, float64
from graphcore.core.scopes import get_default_session
from graphcore.ops import constants


def compute_gradient(x, x_shape, y, y_shape, x_init_value=None, delta=1e-3, init_targets=None, extra_feed_dict=None):
    """(theoretical, numeric) Jacobian of ``y`` with respect to ``x``: arrays of shape [size of x, size of y].

    Args:
      x, y: tensors, or for x a list of tensors (then a list of pairs is returned); x_shape, y_shape: their shapes.
      x_init_value: where to differentiate; random if None.
      delta: the step of the central differences.
      init_targets: operations to run before.
      extra_feed_dict: what else has to be fed.

    Needs a default session.
    """
    extra = dict(extra_feed_dict or {})
    session = get_default_session()
    for target in init_targets if isinstance(init_targets, (list, tuple)) else [init_targets] if init_targets is not None else []:
        session.run(target)
    if isinstance(x, (list, tuple)):
        starts = x_init_value if x_init_value is not None else [None] * len(x)
        return [_jacobians(session, one, shape, y, y_shape, start, delta, extra)
                for one, shape, start in zip(x, x_shape, starts)]
    return _jacobians(session, x, x_shape, y, y_shape, x_init_value, delta, extra)


def compute_gradient_error(x, x_shape, y, y_shape, x_init_value=None, delta=1e-3, init_targets=None, extra_feed_dict=None):
    """The largest difference between the theoretical and the numeric Jacobian (over all x, if x is a list)."""
    pairs = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict)
    pairs = pairs if isinstance(pairs, list) else [pairs]
    return max(np.fabs(theory - numeric).max() if theory.size else 0.0 for theory, numeric in pairs)


def _jacobians(session, x, x_shape, y, y_shape, start, delta, extra):
    for tensor, name in ((x, "x"), (y, "y")):
        if tensor.dtype.base not in (float16, float32, float64) and not tensor.dtype.is_complex:
            raise AssertionError(f"compute_gradient: {name} has dtype {tensor.dtype.name}, a floating one is needed")
    kind = x.dtype.base.np
    data = np.random.random_sample(tuple(x_shape)).astype(kind) if start is None else np.asarray(start, kind).reshape(x_shape)
    return (_theoretical(session, x, data, y, tuple(y_shape), extra), _numeric(session, x, data, y, tuple(y_shape), delta, extra))


def _theoretical(session, x, data, y, y_shape, extra):
    """Row by row: the gradient of each element of y."""
    seed = constants.placeholder(y.dtype, y_shape)
    grad = gradients(y, x, grad_ys=seed)[0]
    size = int(np.prod(y_shape, dtype=int))
    jacobian = np.zeros((data.size, size), data.dtype)
    if grad is None:
        return jacobian
    for column in range(size):
        chosen = np.zeros(size, y.dtype.base.np)
        chosen[column] = 1
        found = session.run(grad, {**extra, x: data, seed: chosen.reshape(y_shape)})
        if hasattr(found, "indices"):
            dense = np.zeros_like(data)
            np.add.at(dense, found.indices, found.values)
            found = dense
        jacobian[:, column] = found.ravel()
    return jacobian


def _numeric(session, x, data, y, y_shape, delta, extra):
    jacobian = np.zeros((data.size, int(np.prod(y_shape, dtype=int))), data.dtype)
    for row in range(data.size):
        ends = []
        for step in (-delta, delta):
            moved = data.copy()
            moved.reshape(-1)[row] += step
            ends.append(session.run(y, {**extra, x: moved}))
        jacobian[row] = ((ends[1] - ends[0]) / (2 * delta)).ravel()
    return jacobian


__all__ = ["compute_gradient", "compute_gradient_error"]
