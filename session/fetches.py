"""What a run gives back and takes: nested fetches and feeds ↔ flat tuples."""

from collections import abc

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.indexed import IndexedSlices, IndexedSlicesValue
from graphcore.core.node import Operation, Tensor
from graphcore.core.quiet import hush, loudness, unhush
from graphcore.core.sparse import SparseTensor, SparseTensorValue
from graphcore.core.structure import flatten

_ORDINARY = {bool, int, float, str, bytes, list, tuple, np.ndarray, np.float32, np.float64, np.int32, np.int64}
_ATOMS = (str, bytes, Tensor, Operation)
_expanders: dict = {}  # composite type → (to components, from arrays); added with register_fetch


def register_fetch(cls, components, assemble):
    """Let ``session.run`` fetch and feed objects of ``cls``.

    ``components(value)`` are the tensors fetched (or fed, in this order); ``assemble(list)`` of their values is returned.
    """
    _expanders[cls] = components, assemble


register_fetch(IndexedSlices,
               lambda slices: [part for part in (slices.values, slices.indices, slices.dense_shape) if part is not None],
               lambda parts: IndexedSlicesValue(*parts, *[None] * (3 - len(parts))))
register_fetch(SparseTensor,
               lambda sparse: [sparse.indices, sparse.values, sparse.dense_shape],
               lambda parts: SparseTensorValue(*parts))


def components_of(value):
    """The tensors that a composite value (such as `IndexedSlices`) stands for; None for anything else."""
    for cls, (components, _) in _expanders.items():
        if isinstance(value, cls):
            return components(value)
    return None


def key_parts(keys):
    """What is fed one by one for the keys of feeds: composites and tuples of tensors are taken apart."""
    parts = []
    for key in keys:
        components = components_of(key)
        if components is None:
            components = flatten(key) if isinstance(key, tuple) else [key]
        parts += components
    return parts


def fetch_key(fetches):
    """A hashable key that says what is fetched and in which nesting."""
    cls = type(fetches)
    if cls is Tensor or cls is Operation or cls is str:
        return fetches
    if isinstance(fetches, (list, tuple)):
        return (cls, *map(fetch_key, fetches))
    if isinstance(fetches, abc.Mapping):
        return (cls, *[(k, fetch_key(v)) for k, v in fetches.items()])
    if hasattr(cls, "__attrs_attrs__"):
        return (cls, *[fetch_key(getattr(fetches, field.name)) for field in cls.__attrs_attrs__])
    return fetches


class Fetches:
    """Flat, distinct elements to fetch, and how to put their values back into the user's nesting."""

    def __init__(self, graph, fetches):
        self.graph = graph
        self.elements = []
        self._positions = {}
        self.build = self._structure(fetches)

    def _structure(self, fetches):
        """A function of the list of fetched values that builds the user's structure."""
        if fetches is None:
            raise TypeError(f"Fetch argument {fetches!r} has invalid type {type(fetches)!r}. tf.gradients gives None for what its ys "
                            "do not depend on (through differentiable operations): leave such entries out.")
        for cls, (components, assemble) in _expanders.items():
            if isinstance(fetches, cls):
                parts = [self._structure(c) for c in components(fetches)]
                return lambda values: assemble([p(values) for p in parts])
        if isinstance(fetches, (list, tuple)) and not isinstance(fetches, _ATOMS):
            return self._sequence(fetches)
        if isinstance(fetches, abc.Mapping):
            return self._mapping(fetches)
        if hasattr(type(fetches), "__attrs_attrs__"):
            cls = type(fetches)
            parts = [self._structure(getattr(fetches, field.name)) for field in cls.__attrs_attrs__]
            return lambda values: cls(*[p(values) for p in parts])
        return self._leaf(fetches)

    def _mapping(self, fetches):
        keys, parts, cls = list(fetches), [self._structure(fetches[key]) for key in fetches], type(fetches)
        if not issubclass(cls, dict):
            cls = dict

        def build(values):
            result = cls()
            for key, part in zip(keys, parts):
                result[key] = part(values)
            return result

        return build

    def _sequence(self, fetches):
        parts = [self._structure(f) for f in fetches]
        cls = type(fetches)
        if isinstance(fetches, list):  # as in TF, whatever kind of list it is
            return lambda values: [p(values) for p in parts]
        if cls is tuple:
            return lambda values: tuple([p(values) for p in parts])
        return lambda values: cls(*[p(values) for p in parts])

    def _leaf(self, fetch):
        try:
            element = self.graph.as_graph_element(fetch)
        except TypeError as error:
            raise TypeError(f"Fetch argument {fetch!r} has invalid type {type(fetch)!r}, must be a string or Tensor. "
                            f"({error})") from None
        except (ValueError, KeyError) as error:
            raise ValueError(f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error})") from None
        if not self.graph.is_fetchable(element):
            raise ValueError(f"Operation {getattr(element, 'op', element).name!r} has been marked as not fetchable. "
                             "Typically this happens when it is defined in another function or code block. Use return values,"
                             "explicit Python locals or TensorFlow collections to access it.")
        if element not in self._positions:
            self._positions[element] = len(self.elements)
            self.elements.append(element)
        position = self._positions[element]
        if isinstance(element, Operation):
            return lambda values: None
        return lambda values: values[position]


def feed_tensors(graph, keys):
    """The tensor that each key of a feed_dict stands for."""
    tensors = []
    for key in keys:
        try:
            tensor = graph.as_graph_element(key, allow_operation=False)
        except Exception as error:
            text = error.args[0] if error.args else error
            raise TypeError(f"Cannot interpret feed_dict key as Tensor: {text}") from None
        if not graph.is_feedable(tensor):
            raise ValueError(f"Tensor {tensor} may not be fed. (Graph.prevent_feeding says so{_maker(tensor)}.)")
        tensors.append(tensor)
    return tensors


def feed_converter(tensor):
    """A function of a fed value that gives an array of the tensor's dtype, or complains as TF does."""
    dtype, wanted = tensor.dtype.base, tensor._shape
    numpy_dtype, sizes = dtype.np, wanted.sizes

    def convert(value):
        if value.__class__ not in _ORDINARY and (isinstance(value, Tensor) or hasattr(value, "_as_graph_element")):
            raise TypeError("The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python "
                            f"scalars, strings, lists, numpy ndarrays, or TensorHandles. For reference, the tensor object "
                            f"was {value} which was passed to the feed with key {tensor}.")
        array = _as_array(value, tensor, dtype, numpy_dtype)
        if array.shape != sizes and not _fits(array.shape, sizes):
            raise ValueError(f"Cannot feed value of shape {array.shape!r} for Tensor {tensor.name!r}, which has shape "
                             f"'{wanted}'{_maker(tensor)}")
        return array

    return convert


def _fits(shape, sizes):
    """Whether a shape agrees with the static sizes, of which some, or all, may be unknown."""
    return sizes is None or len(shape) == len(sizes) and all(b is None or a == b for a, b in zip(shape, sizes))


def _as_array(value, tensor, dtype, numpy_dtype):
    if numpy_dtype is None:
        raise TypeError(f"Tensor {tensor.name!r} of dtype {dtype.name} may not be fed")
    if isinstance(value, int) and not _keeps(value, dtype, numpy_dtype):
        raise TypeError(f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type "
                        f"{dtype.as_numpy_dtype}. Try explicitly setting the type of the feed tensor to a larger type "
                        f"(e.g. int64). Tensor {tensor.name!r} is of {dtype.name}{_maker(tensor)}")
    if dtype is dtypes.string:
        return _text_array(value)
    try:
        return _cast(value, numpy_dtype)
    except (ValueError, TypeError) as error:
        raise type(error)(f"{error} (value fed for Tensor {tensor.name!r} of dtype {dtype.name}{_maker(tensor)})") from None


def _maker(tensor):
    return f", made at {tensor.op.source}" if tensor.op.source else ""


def _keeps(value, dtype, numpy_dtype):
    """Whether a Python int is the same number in ``dtype``."""
    if dtype is dtypes.string:
        return False
    if dtype.is_integer:
        limits = np.iinfo(numpy_dtype)
        return limits.min <= value <= limits.max
    with np.errstate(all="ignore"):
        return np.asarray(value, numpy_dtype).item() == value


def array_caster(tensor, convert):
    """`feed_converter`'s ``convert`` for arrays of another dtype, whatever their shape."""
    numpy_dtype = tensor.dtype.base.np
    if numpy_dtype is None or tensor.dtype.base is dtypes.string:
        return convert
    return lambda array: _cast(array, numpy_dtype) if array.dtype.kind in "biuf" else convert(array)


def _cast(value, numpy_dtype):
    before = loudness()
    try:
        hush()  # what is cast may overflow, which TF does not warn of
        return np.asarray(value, numpy_dtype)
    except OverflowError:  # the ints of a list wrap in TF
        return np.asarray(value).astype(numpy_dtype)
    finally:
        unhush(before)


def _text_array(value):
    """Strings as an object array of bytes."""
    array = np.asarray(value, object)
    result = np.empty(array.shape, object)
    for index, text in enumerate(array.flat):
        if not isinstance(text, (str, bytes)):
            raise errors.InternalError(None, None, f"Unsupported object type {type(text).__name__}: a string is fed as str or "
                                       "bytes.")
        result.flat[index] = text.encode() if isinstance(text, str) else bytes(text)
    return result


def finish(value):
    """A fetched value that belongs to the user already; scalars come as NumPy scalars."""
    return value if value.__class__ is np.ndarray and value.ndim else value if isinstance(value, bytes) else value[()]


def finish_copy(value):
    """A fetched value that something else holds too: the user gets a copy."""
    if value.__class__ is np.ndarray and value.ndim:
        return value.copy()
    return value if isinstance(value, bytes) else value[()]


def finish_fed(value):
    """A value that was fed and fetched: an array, also where an op would have given a scalar."""
    return np.array(value)
