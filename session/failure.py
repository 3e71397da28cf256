"""A failed step becomes one of TF's errors that names the op, what it was given and the user's line."""

import numpy as np

from graphcore.core import errors, flags, source
from graphcore.core.build import refused
from graphcore.core.dtypes import runtime_name

# What a Python function raised inside the graph, as TF reports it.
_BY_PYTHON_CLASS = (
    (NotImplementedError, errors.UnimplementedError), (TypeError, errors.InvalidArgumentError),
    (ValueError, errors.InvalidArgumentError), (IndexError, errors.InvalidArgumentError),
    (ArithmeticError, errors.InvalidArgumentError), (np.linalg.LinAlgError, errors.InvalidArgumentError),
    (MemoryError, errors.ResourceExhaustedError), (StopIteration, errors.OutOfRangeError),
)
_TOO_BIG = ("array is too big", "Maximum allowed dimension exceeded", "Maximum allowed size exceeded",
            "iterator is too large")  # NumPy's words
_MOST_TOLD = 6


def complain_unfed(origin):
    """Raise for a placeholder that was not fed."""
    sizes = origin.outputs[0]._shape.sizes
    shape = f" and shape [{','.join('?' if size is None else str(size) for size in sizes)}]" if sizes else ""
    raise errors.InvalidArgumentError(
        None, None, f"You must feed a value for placeholder tensor '{origin.name}' with dtype "
        f"{runtime_name(origin.outputs[0].dtype)}{shape}. Give it one: session.run(..., feed_dict={{...}}).")


def explain(error, origin, arguments):
    """The error to raise instead of ``error``, which the kernel of ``origin`` raised for ``arguments``."""
    if isinstance(error, errors.OpError) and error.op is not None:
        return error
    where = f"\n\t [[node {origin.name} (defined at {origin.source or 'unknown place'}) ]]{_given(origin, arguments)}"
    if isinstance(error, errors.OpError):
        return type(error)(None, origin, f"{str(error.message).replace(source.NODE_NAME, origin.name)}{where}")
    if isinstance(error, ValueError) and any(phrase in str(error) for phrase in _TOO_BIG):
        error = MemoryError(str(error))
    cls = next((mapped for base, mapped in _BY_PYTHON_CLASS if isinstance(error, base)), errors.UnknownError)
    return cls(None, origin, f"{_phrase(error, origin, arguments)}{where}")


def cause(error, explained):
    """What the traceback of ``explained`` tells before it: Python's own error only where it is the fault of the library, or asked for."""
    if isinstance(error, errors.OpError):
        return None
    return error if isinstance(explained, errors.UnknownError) or flags.traceback.get() == "full" else None


def _given(origin, arguments):
    """A line on what the operation was given: names, dtypes and shapes of its inputs, and the lines that made them."""
    values = [v for item in arguments for v in (item if isinstance(item, list) else [item])]
    inputs = origin._inputs
    if not values or len(values) != len(inputs) or len(values) > _MOST_TOLD:
        return ""
    told = [f"'{tensor.name}' {tensor.dtype.base.name}{_brackets(value) if hasattr(value, 'shape') else ''} of "
            f"{tensor.op.source or '?'}" for tensor, value in zip(inputs, values)]
    return f"\n\t inputs: {', '.join(told)}"


def _phrase(error, origin, arguments):
    text = str(error)
    if isinstance(error, MemoryError):
        return f"OOM when allocating a tensor: {text}"
    if "could not be broadcast together" in text:
        shapes = [_brackets(a) for a in arguments if hasattr(a, "shape")]
        return f"Incompatible shapes: {' vs. '.join(shapes)}"
    # What NumPy says about shapes the op's own rule may say in words that the user knows.
    complaint = refused(origin.definition, origin.attrs, arguments, origin.name)
    if complaint is not None:
        return complaint
    given = ", ".join(f"{a.dtype}{_brackets(a)}" for a in arguments if hasattr(a, "shape"))
    return f"'{origin.type}' Op does not take these inputs ({given}): {type(error).__name__}: {text}"


def _brackets(array):
    return "[" + ",".join(map(str, array.shape)) + "]"
