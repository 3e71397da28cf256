"""Python functions as nodes: ``tf.py_func`` and ``tf.numpy_function``.

A node holds a token; the function stands in a table of this process and goes when its graph goes.
"""

import itertools
import threading
import traceback
import weakref

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.opdef import Attr, Input, Op, Output, TypeListAttr
from graphcore.core.scopes import get_default_graph

_functions = weakref.WeakValueDictionary()  # token → _Registered
_numbers = itertools.count()
_lock = threading.Lock()

_ERRORS = ((NotImplementedError, errors.UnimplementedError), (ValueError, errors.InvalidArgumentError),
           (TypeError, errors.InvalidArgumentError), (StopIteration, errors.OutOfRangeError),
           (MemoryError, errors.ResourceExhaustedError))


class _Registered:
    """A function that graphs know by ``token``."""

    def __init__(self, function):
        self.function = function
        with _lock:
            self.token = f"pyfunc_{next(_numbers)}"
        _functions[self.token] = self


def register(function, graph):
    """The token of ``function``, which lives as long as ``graph``."""
    entry = _Registered(function)
    graph._attachments.setdefault("py_funcs", []).append(entry)
    return entry.token.encode()


def _call(input, token, Tout):
    name = token.decode(errors="replace")
    entry = _functions.get(name)
    if entry is None:
        raise errors.InvalidArgumentError(None, None, f"ValueError: callback {name} is not found: a graph that calls Python "
                                          "functions runs only in the process that made it.")
    # Scalars come as NumPy scalars (bytes for strings); arrays are copies, the function may write into them.
    arguments = [np.array(value) if np.ndim(value) else np.asarray(value)[()] for value in input]
    try:
        result = entry.function(*arguments)
    except Exception as error:
        kind = next((mapped for base, mapped in _ERRORS if isinstance(error, base)), errors.UnknownError)
        # The frame of this module comes first; the user's own begin after it.
        told = "\n".join(traceback.format_exception(error.with_traceback(error.__traceback__.tb_next)))
        raise kind(None, None, f"{type(error).__name__}: {error}\n{told}") from error
    return _checked(result, name, Tout)


def _checked(result, name, wanted):
    values = [] if result is None else list(result) if isinstance(result, (tuple, list)) else [result]
    if len(values) != len(wanted):
        raise errors.InvalidArgumentError(None, None, f"{name} returns {len(values)} values, but expects to see {len(wanted)} "
                                          "values.")
    arrays = []
    for number, (value, dtype) in enumerate(zip(values, wanted)):
        array = _as_array(value)
        found = dtypes.as_dtype(array.dtype)
        if found is not dtype:
            raise errors.InvalidArgumentError(None, None, f"{number}-th value returned by {name} is "
                                              f"{dtypes.runtime_name(found)}, but expects {dtypes.runtime_name(dtype)}")
        arrays.append(array)
    return arrays


def _as_array(value):
    """A copy of what the function returned, with strings as bytes objects."""
    array = np.array(value) if not isinstance(value, (str, bytes)) else np.array(value, object)
    if array.dtype.kind == "S" or array.dtype.kind == "U":
        array = np.array(value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value, object)
    if array.dtype.kind != "O":
        try:
            dtypes.as_dtype(array.dtype)
        except TypeError:
            raise errors.UnimplementedError(None, None, f"Unsupported numpy type {array.dtype}") from None
        return array
    flat = array.reshape(-1)
    for i, item in enumerate(flat):
        if isinstance(item, str):
            flat[i] = item.encode()
        elif not isinstance(item, bytes):
            raise errors.InternalError(None, None, f"Unsupported object type {type(item).__name__}")
    return array


class PyFunc(Op, stateful=True, differentiable=False):
    """The values that the Python function named by ``token`` returns for ``input``; it runs in every run."""

    token = Attr(bytes)
    Tin = TypeListAttr()
    Tout = TypeListAttr()
    input = Input(Tin)
    output = Output(Tout)
    example = dict(input=[[1.0], [2.0]], token=lambda: register(np.add, get_default_graph()), Tout=[dtypes.float32], output=[[3.0]])

    def kernel(input, *, token, Tout):
        return _call(input, token, Tout)


class PyFuncStateless(Op, differentiable=False):
    """`PyFunc` of a function that always returns the same for the same: one call may serve for several nodes."""

    token = Attr(bytes)
    Tin = TypeListAttr()
    Tout = TypeListAttr()
    input = Input(Tin)
    output = Output(Tout)
    example = dict(input=[[1.0], [2.0]], token=lambda: register(np.add, get_default_graph()), Tout=[dtypes.float32], output=[[3.0]])

    def kernel(input, *, token, Tout):
        return _call(input, token, Tout)


def py_func(func, inp, Tout, stateful=True, name=None):
    """What the Python function ``func`` returns for the arrays of ``inp``, as a tensor.

    Args:
      func: takes NumPy arrays (NumPy scalars for scalars, bytes for strings) and returns one value, or a list of
        them, of exactly the dtypes ``Tout``.
      inp: a list of tensors.
      Tout: the dtype of the result, or a list of dtypes for a list of results.
      stateful: False says that ``func`` always returns the same for the same arguments.

    The shape of the result is unknown; say it with ``set_shape``.  No gradient flows through.

    Raises:
      ValueError: ``func`` is not callable.
      tf.errors.InvalidArgumentError: in a run, if the number or the dtypes of the values are not those of ``Tout``, or
        ``func`` raised a ValueError or TypeError.  Other exceptions become other classes of ``tf.errors``.

    >>> import graphcore as tf
    >>> y = tf.py_func(lambda x: np.sort(x), [tf.constant([3.0, 1.0, 2.0])], tf.float32)
    >>> with tf.Session() as session:
    ...     session.run(y)
    array([1., 2., 3.], dtype=float32)
    """
    if not callable(func):
        raise ValueError(f"Expected func to be callable, got func of type {type(func)}")
    several = isinstance(Tout, (list, tuple))
    wanted = list(Tout) if several else [Tout]
    try:
        wanted = [dtypes.as_dtype(dtype) for dtype in wanted]
    except TypeError:
        raise TypeError(f"Expected DataType for argument 'Tout' not {Tout!r}.") from None
    definition = PyFunc if stateful else PyFuncStateless
    result = definition.build(inp, token=register(func, get_default_graph()), Tout=wanted, name=name)
    if several:
        return result or get_default_graph().get_operations()[-1]
    return result[0]


def numpy_function(func, inp, Tout, name=None):
    """`py_func` of a function that may return something else each time."""
    return py_func(func, inp, Tout, stateful=True, name=name)


__all__ = ["numpy_function", "py_func"]
