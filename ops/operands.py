"""What functions and gradients of element-wise ops share: their operands, conjugates, waiting for a gradient."""

from graphcore.core import source
from graphcore.core.build import described
from graphcore.core.convert import to_tensor
from graphcore.core.errors import InternalError, InvalidArgumentError
from graphcore.core.scopes import get_default_graph


def after(*tensors):
    """Nodes made inside wait for ``tensors``: TF's gradients are not computed ahead of their time."""
    return get_default_graph().control_dependencies(list(tensors))


def conj(x):
    """The conjugate of a complex tensor, any other tensor itself: what TF's gradients multiply with."""
    if not x.dtype.is_complex:
        return x
    from graphcore.ops.complex_numbers import conj as conjugate

    return conjugate(x)


def is_slices(value):
    """Whether ``value`` holds values at indices (IndexedSlices, a sparse tensor) instead of all of them."""
    return hasattr(value, "values") and hasattr(value, "indices") and hasattr(value, "dense_shape")


def with_values(slices, values):
    """The same indices and dense shape with other values."""
    return type(slices)(values=values, indices=slices.indices, dense_shape=slices.dense_shape)


def same_dtype(x, y, convert_y=True):
    """Both as tensors of one dtype; a ``y`` that is no tensor takes that of ``x`` if ``convert_y``."""
    x = to_tensor(x, name="x")
    y = to_tensor(y, x.dtype.base if convert_y else None, "y")
    if x.dtype.base is not y.dtype.base:
        raise source.placed(TypeError(
            f"x and y must have the same dtype, got {x.dtype.base!r} != {y.dtype.base!r}: tf.cast(y, {x.dtype.base!r}) converts."),
            described([x, y]))
    return x, y


def check_divisor(x, y, toward_zero=False):
    """Raise if a quotient of integers has a zero as its divisor; true if the two are integers.

    InvalidArgumentError; InternalError, as from TF, if the quotient is one rounded toward zero.
    """
    if y.dtype.kind not in "iu":
        return False
    # Where nothing is divided nothing is wrong: the gradient of reduce_sum takes an empty list of axes modulo a rank of 0.
    if x.size and not y.all():
        if toward_zero:
            raise InternalError(None, None, "Unexpected error in binary operator (only integer div and mod should have errors): "
                                            "integer division by zero")
        raise InvalidArgumentError(None, None, "Integer division by zero")
    return True


__all__ = []
