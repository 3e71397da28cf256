"""First and second gradients of one op, as TensorFlow and graphcore both take them.

This file is read by the recording interpreter too, so it keeps to what Python 3.7 understands.
"""
import warnings

import numpy as np


def weights(shape, dtype):
    """What the elements of an output count: small numbers that differ."""
    size = int(np.prod(shape, dtype=int))
    return ((np.arange(size) * 7 % 5 + 1) / 4.0).reshape(shape).astype(dtype)


def slopes(tf, session, outputs, inputs, prepare):
    """``[first gradients, second gradients]`` in the inputs, each an array or None; the class of the error where there is one.

    ``prepare()`` puts the variables back to what they were.
    """
    outputs = [each for each in outputs if each.dtype.is_floating]
    prepare()
    shapes = [np.shape(each) for each in session.run(outputs)]
    found = []
    for _ in range(2):
        try:
            ys = [tf.constant(weights(shape, each.dtype.as_numpy_dtype)) for shape, each in zip(shapes, outputs)]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = [g if g is None else tf.convert_to_tensor(g) for g in tf.gradients(outputs, inputs, grad_ys=ys)]
        except (LookupError, NotImplementedError, ValueError, TypeError) as error:
            return found + [type(error).__name__]
        prepare()
        try:
            values = iter(session.run([g for g in made if g is not None]))
        except tf.errors.OpError as error:
            return found + [type(error).__name__]
        found.append([None if g is None else np.asarray(next(values)) for g in made])
        outputs = [g for g in made if g is not None and g.dtype.is_floating]
        shapes = [v.shape for v, g in zip([v for v in found[-1] if v is not None], [g for g in made if g is not None])
                  if g.dtype.is_floating]
        if not outputs:
            break
    return found
