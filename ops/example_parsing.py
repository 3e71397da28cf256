"""Serialized `Example` messages as tensors: what features they have, dense and sparse."""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.opdef import Attr, Input, Op, Output, TypeListAttr
from graphcore.core.shapes import ShapeMismatch, TensorShape, with_rank
from graphcore.ops.kernels import examples, texts

string = dtypes.string
_TYPES = (dtypes.float32, dtypes.int64, string)
_KINDS = {dtypes.float32: "float", dtypes.int64: "int64", string: "string"}


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _read(serialized):
    """The features of one Example."""
    try:
        return examples.features(serialized)
    except examples.Malformed as error:
        raise _invalid(f"Could not parse example input, value: '{texts.printable(serialized)}' ({error})") from None


def _array(values, dtype):
    return texts.array_of(list(values), len(values)) if dtype is string else np.asarray(values, dtype.np)


def _check_lengths(node, sparse, dense):
    """`ShapeMismatch` unless there are as many types, shapes and defaults as keys."""
    for what, found, wanted in (("sparse_types", len(node.sparse_types), sparse), ("dense_types", len(node.Tdense), dense),
                                ("dense_shapes", len(node.dense_shapes), dense), ("dense_defaults", len(node.dense_defaults), dense)):
        if found != wanted:
            raise ShapeMismatch(f"len({'sparse_keys' if what == 'sparse_types' else 'dense_keys'}) != len({what}): {wanted} vs. {found}")


def _shown(shape):
    return f"[{','.join('?' if size is None else str(size) for size in shape)}]"


def _check_default(key, shape, default):
    """`InvalidArgumentError` for a default that is there and cannot stand for a value, or an element of one that varies."""
    varies = bool(shape) and shape[0] is None
    wanted = 1 if varies else int(np.prod(shape, dtype=np.int64))
    if np.size(default) not in ((wanted,) if varies else (0, wanted)):
        raise _invalid(f"Key: {texts.printable(key)}.  The default has the shape {_shown(np.shape(default))}, which does not go with "
                       f"the dense shape {_shown(shape)}")


class _Reader:
    """Takes features out of Examples; ``where`` names an Example and a key in errors."""

    def __init__(self, serialized, where, absent):
        self.examples = [_read(text) for text in serialized]
        self.where, self.absent = where, absent

    def values(self, key, dtype, expected):
        """For each Example an array of what it has under ``key``, None if that is nothing."""
        found = []
        for row, example in enumerate(self.examples):
            kind, values = example.get(key, (None, ()))
            if kind not in (None, _KINDS[dtype]):
                names = (_KINDS[dtype], kind) if expected else (kind, _KINDS[dtype])
                words = "Expected type: {}, Actual type: {}" if expected else "Data type: {} but expected type: {}"
                raise _invalid(f"{self.where(row, key)}Data types don't match. {words.format(*names)}")
            found.append(None if kind is None else _array(values, dtype))
        return found

    def sparse(self, key, dtype):
        """(places of the values, values, shape) with a row for each Example."""
        rows = [() if values is None else values for values in self.values(key, dtype, expected=True)]
        places = [(row, column) for row, values in enumerate(rows) for column in range(len(values))]
        values = _array([value for values in rows for value in values], dtype)
        sizes = np.array([len(rows), max(map(len, rows), default=0)], np.int64)
        return np.array(places, np.int64).reshape(-1, 2), values, sizes

    def dense(self, key, dtype, shape, default):
        """An array with a row of ``shape`` for each Example, whose first size may be unknown: filled up with the default."""
        _check_default(key, shape, default)
        rows = self.values(key, dtype, expected=False)
        if shape and shape[0] is None:
            return self.padded(key, dtype, shape, default, rows)
        size = int(np.prod(shape, dtype=np.int64))
        result = np.empty((len(rows), size), dtype.np)
        for row, values in enumerate(rows):
            if values is None:
                if np.size(default) == 0:
                    raise _invalid(f"{self.absent(row, key)} (data type: {_KINDS[dtype]}) is required but could not be found.")
                values = np.ravel(default)
            elif len(values) != size:
                raise _invalid(f"{self.where(row, key)}{self.wrong_size(_KINDS[dtype], len(values), shape)}")
            result[row] = values
        return result.reshape(len(rows), *shape)

    def wrong_size(self, kind, size, shape):
        return f"Number of {kind} values != expected.  Values size: {size} but output shape: {_shown(shape)}"

    def padded(self, key, dtype, shape, default, rows):
        stride = int(np.prod(shape[1:], dtype=np.int64))
        lengths = []
        for row, values in enumerate(rows):
            count = 0 if values is None else len(values)
            if stride == 0 or count % stride:
                raise _invalid(f"{self.where(row, key)}Number of {_KINDS[dtype]} values is not a multiple of stride length. Saw {count} "
                               f"values but output shape is: {_shown(shape)}")
            lengths.append(count // stride)
        longest = max(lengths, default=0)
        result = np.full((len(rows), longest * stride), np.asarray(default)[()], dtype.np)
        for row, values in enumerate(rows):
            if values is not None:
                result[row, :len(values)] = values
        return result.reshape(len(rows), longest, *shape[1:])


def _outputs(reader, sparse_keys, sparse_types, dense_keys, dense_types, dense_shapes, defaults):
    """(indices, values, shapes of the sparse features, the dense ones)."""
    sparse = [reader.sparse(key, dtype) for key, dtype in zip(sparse_keys, sparse_types)]
    dense = [reader.dense(key, dtype, shape.sizes, default)
             for key, dtype, shape, default in zip(dense_keys, dense_types, dense_shapes, defaults)]
    return *([part[number] for part in sparse] for number in range(3)), dense


class ParseExample(Op, refuses=True, strict=True):
    """The features of a batch of serialized Examples: sparse ones as three tensors each, dense ones with a row for each."""

    Nsparse = Attr(int, minimum=0)
    Ndense = Attr(int, minimum=0)
    sparse_types = TypeListAttr(_TYPES)
    Tdense = TypeListAttr(_TYPES)
    dense_shapes = Attr([TensorShape], minimum=0)
    serialized = Input(string)
    names = Input(string)
    sparse_keys = Input(string, count=Nsparse)
    dense_keys = Input(string, count=Ndense)
    dense_defaults = Input(Tdense)
    sparse_indices = Output(dtypes.int64, count=Nsparse)
    sparse_values = Output(sparse_types)
    sparse_shapes = Output(dtypes.int64, count=Nsparse)
    dense_values = Output(Tdense)
    example = dict(serialized=[b"\n\r\n\v\n\x01a\x12\x06\x1a\x04\n\x02\x01\x02", b""], names=np.zeros(0, object), sparse_keys=["a"],
                   dense_keys=["b"], dense_defaults=[1.5], sparse_types=[dtypes.int64], dense_shapes=[[]],
                   sparse_indices=[np.array([[0, 0], [0, 1]])], sparse_values=[np.array([1, 2])], sparse_shapes=[np.array([2, 2])],
                   dense_values=[[1.5, 1.5]])

    def infer(node):
        _check_lengths(node, len(node.sparse_keys), len(node.dense_keys))
        batch, = with_rank(node.serialized.shape.sizes, 1)
        with_rank(node.names.shape.sizes, 1)
        for key in (*node.sparse_keys, *node.dense_keys):
            with_rank(key.shape.sizes, 0)
        sparse = len(node.sparse_keys)
        dense = [None if shape.sizes is None else (batch, *shape.sizes) for shape in node.dense_shapes]
        return [(None, 2)] * sparse + [(None,)] * sparse + [(2,)] * sparse + dense

    def kernel(serialized, names, sparse_keys, dense_keys, dense_defaults, *, sparse_types, Tdense, dense_shapes):
        known = texts.listed(names)
        if known and len(known) != len(serialized):
            raise _invalid(f"Expected len(names) == len(serialized), got: {len(known)} vs. {len(serialized)}")

        def name(row):
            return f"Name: {texts.printable(known[row]) if known else '<unknown>'}"

        reader = _Reader(texts.listed(serialized), lambda row, key: f"{name(row)}, Key: {texts.printable(key)}, Index: {row}.  ",
                         lambda row, key: f"{name(row)}, Feature: {texts.printable(key)}")
        keys = [[np.asarray(key, object)[()] for key in group] for group in (sparse_keys, dense_keys)]
        found = _outputs(reader, keys[0], sparse_types, keys[1], Tdense, dense_shapes, dense_defaults)
        return [array for group in found for array in group]


class _SingleReader(_Reader):
    """The same for a single Example, in the words of the other op."""

    def wrong_size(self, kind, size, shape):
        return f"Can't parse serialized Example. {super().wrong_size(kind, size, shape)}"


class ParseSingleExample(Op, refuses=True):
    """The features of one serialized Example: sparse ones as three tensors each, and dense ones."""

    num_sparse = Attr(int, minimum=0)
    sparse_keys = Attr([bytes], minimum=0)
    dense_keys = Attr([bytes], minimum=0)
    sparse_types = TypeListAttr(_TYPES)
    Tdense = TypeListAttr(_TYPES)
    dense_shapes = Attr([TensorShape], minimum=0)
    serialized = Input(string)
    dense_defaults = Input(Tdense)
    sparse_indices = Output(dtypes.int64, count=num_sparse)
    sparse_values = Output(sparse_types)
    sparse_shapes = Output(dtypes.int64, count=num_sparse)
    dense_values = Output(Tdense)
    example = dict(serialized=b"\n\r\n\v\n\x01a\x12\x06\x1a\x04\n\x02\x01\x02", dense_defaults=[1.5], num_sparse=1, sparse_keys=["a"],
                   dense_keys=["b"], sparse_types=[dtypes.int64], dense_shapes=[[]], sparse_indices=[np.array([[0], [1]])],
                   sparse_values=[np.array([1, 2])], sparse_shapes=[np.array([2])], dense_values=[1.5])

    def infer(node):
        _check_lengths(node, len(node.sparse_keys), len(node.dense_keys))
        if node.num_sparse != len(node.sparse_keys):
            raise ShapeMismatch(f"len(sparse_keys) != num_sparse: {len(node.sparse_keys)} vs. {node.num_sparse}")
        with_rank(node.serialized.shape.sizes, 0)
        sparse = node.num_sparse
        return [(None, 1)] * sparse + [(None,)] * sparse + [(1,)] * sparse + [shape.sizes for shape in node.dense_shapes]

    def kernel(serialized, dense_defaults, *, sparse_keys, dense_keys, sparse_types, Tdense, dense_shapes):
        if np.ndim(serialized):
            raise _invalid(f"Input serialized must be a scalar; it has shape {_shown(np.shape(serialized))}")
        reader = _SingleReader(texts.listed(serialized), lambda row, key: f"Key: {texts.printable(key)}.  ",
                               lambda row, key: f"Feature: {texts.printable(key)}")
        places, values, sizes, dense = _outputs(reader, sparse_keys, sparse_types, dense_keys, Tdense, dense_shapes, dense_defaults)
        return [*(place[:, 1:] for place in places), *values, *(size[1:] for size in sizes), *(array[0, ...] for array in dense)]


__all__ = []
