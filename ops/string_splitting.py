"""Strings split into parts, as sparse tensors of one row for each string."""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.convert import to_tensor
from graphcore.core.opdef import Attr, Input, Op, Output
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import with_rank
from graphcore.core.sparse import SparseTensor
from graphcore.ops import arrays, joining, reshaping
from graphcore.ops.kernels import texts

string, int64 = dtypes.string, dtypes.int64
_RAGGED = ("result_type='RaggedTensor': graphcore has no ragged tensors yet; result_type='SparseTensor' gives the same parts "
           "as a sparse tensor")


def _vector(strings, word, separator):
    """The list of strings and the separator, if these are a vector and a scalar."""
    if np.ndim(strings) != 1:
        raise errors.InvalidArgumentError(None, None, f"input must be a vector, got shape: {_shown(strings)}")
    if np.ndim(separator) != 0:
        raise errors.InvalidArgumentError(None, None, f"{word} must be a scalar, got shape: {_shown(separator)}")
    return texts.listed(strings), np.asarray(separator, object)[()]


def _shown(array):
    return f"[{','.join(map(str, np.shape(array)))}]"


def _shapes(node):
    with_rank(node.inputs[0].shape.sizes, 1)
    with_rank(node.inputs[1].shape.sizes, 0)
    return [(None, 2), (None,), (2,)]


def _unknown(node):
    """No value before a run, as in TF: how many parts there will be is no static shape."""
    return None


def _sparse(rows):
    """(indices, values, dense shape) of a list of lists of strings."""
    indices = [(row, column) for row, parts in enumerate(rows) for column in range(len(parts))]
    values = [part for parts in rows for part in parts]
    sizes = (len(rows), max(map(len, rows), default=0))
    return np.array(indices, np.int64).reshape(-1, 2), texts.array_of(values, len(values)), np.array(sizes, np.int64)


class StringSplit(Op, differentiable=False):
    """The parts of each string of ``input`` between bytes of ``delimiter``, any of which splits; bytes if it is empty."""

    skip_empty = Attr(bool, default=True)
    input = Input(string)
    delimiter = Input(string)
    indices = Output(int64)
    values = Output(string)
    shape = Output(int64)
    example = dict(input=["a b", "c"], delimiter=" ", indices=np.array([[0, 0], [0, 1], [1, 0]]), values=[b"a", b"b", b"c"],
                   shape=np.array([2, 2]))

    infer = _shapes
    static_value = _unknown

    def kernel(input, delimiter, *, skip_empty):
        strings, marks = _vector(input, "delimiter", delimiter)
        return _sparse([_split_at_any(text, marks, skip_empty) for text in strings])


def _split_at_any(text, marks, skip_empty):
    if not marks:
        return [text[place:place + 1] for place in range(len(text))]
    if not text:
        return []
    one = marks[:1]
    parts = text.translate(bytes.maketrans(marks, one * len(marks))).split(one)
    return [part for part in parts if part] if skip_empty else parts


class StringSplitV2(Op, refuses=True):
    """The parts of each string of ``input`` between its first ``maxsplit`` ``sep``, or between white space if that is empty."""

    maxsplit = Attr(int, default=-1)
    input = Input(string)
    sep = Input(string)
    indices = Output(int64)
    values = Output(string)
    shape = Output(int64)
    example = dict(input=["a,,b", "c"], sep=",", indices=np.array([[0, 0], [0, 1], [0, 2], [1, 0]]), values=[b"a", b"", b"b", b"c"],
                   shape=np.array([2, 3]))

    infer = _shapes
    static_value = _unknown

    def kernel(input, sep, *, maxsplit):
        strings, separator = _vector(input, "sep", sep)
        if maxsplit == 0:
            return _sparse([[text] for text in strings])
        return _sparse([text.split(separator or None, maxsplit) for text in strings])


# ---------------------------------------------------------------- public functions


def string_split(source, sep=None, skip_empty=True, delimiter=None, result_type="SparseTensor", name=None):
    """The parts of each string of the vector ``source`` as a `SparseTensor` with one row for each string.

    Args:
      sep: every byte of it splits; a space if None. If it is empty, the parts are single bytes.
      skip_empty: whether empty parts are left out.
      delimiter: old name of ``sep``.
      result_type: ``"SparseTensor"``; there are no ragged tensors.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.string_split(["hello world", "a b c"])).values
    array([b'hello', b'world', b'a', b'b', b'c'], dtype=object)
    """
    with name_scope(name, "StringSplit", [source]):
        sep = reshaping.renamed("sep", sep, "delimiter", delimiter)
        marks = to_tensor(" " if sep is None else sep, string)
        parts = SparseTensor(*StringSplit.build(to_tensor(source, string), marks, skip_empty=skip_empty))
        _check_result_type(result_type)
        return parts


def split(input=None, sep=None, maxsplit=-1, result_type="SparseTensor", source=None, name=None):
    """The parts of each string of ``input`` as a `SparseTensor` with one axis more, as Python's ``str.split`` gives them.

    Args:
      sep: what stands between the parts; white space, however much, if it is None or empty.
      maxsplit: split so many times only; everywhere if negative.
      result_type: ``"SparseTensor"``; there are no ragged tensors, but for a scalar ``"RaggedTensor"`` gives a vector.
      source: another name of ``input``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.strings.split(["1,,2", "3"], sep=",")).values
    array([b'1', b'', b'2', b'3'], dtype=object)
    """
    input = reshaping.renamed("input", input, "source", source)
    with name_scope(name, "StringSplit", [input]):
        input = to_tensor(input, string, "input")
        rank = input.shape.ndims
        if rank == 0:
            return _parts_of_scalar(input, sep, maxsplit, result_type)
        _check_result_type(result_type)
        return _parts_of_vector(input, sep, maxsplit) if rank in (1, None) else _parts_of_rows(input, rank, sep, maxsplit)


def _check_result_type(result_type):
    if result_type == "RaggedTensor":
        raise NotImplementedError(_RAGGED)
    if result_type != "SparseTensor":
        raise ValueError("result_type must be 'RaggedTensor' or 'SparseTensor'.")


def _parts_of_vector(strings, sep, maxsplit):
    separator = to_tensor("" if sep is None else sep, string)
    return SparseTensor(*StringSplitV2.build(strings, separator, maxsplit=maxsplit))


def _parts_of_scalar(text, sep, maxsplit, result_type):
    """The parts of one string, a vector; TF gives no sparse one."""
    if result_type == "SparseTensor":
        raise AttributeError("'Tensor' object has no attribute 'to_sparse': the parts of a scalar are no sparse tensor; split a vector, "
                             "tf.strings.split([text]), or say result_type='RaggedTensor', which gives a vector here")
    if result_type != "RaggedTensor":
        _check_result_type(result_type)
    with name_scope(None, "StringSplit", [text]):
        return _parts_of_vector(joining.stack([text]), sep, maxsplit).values


def _parts_of_rows(strings, rank, sep, maxsplit):
    """The parts of strings of any rank: those of all of them, then each row's number as a place again."""
    sizes = arrays.shape(strings, out_type=int64)
    parts = _parts_of_vector(reshaping.reshape(strings, [-1]), sep, maxsplit)
    places = []
    row = parts.indices[:, 0]
    for axis in range(rank - 1, -1, -1):
        places.insert(0, row % sizes[axis])
        row = row // sizes[axis]
    indices = joining.stack([*places, parts.indices[:, 1]], axis=1)
    return SparseTensor(indices, parts.values, joining.concat([sizes, parts.dense_shape[1:]], 0))


def bytes_split(input, name=None):
    """The bytes of the scalar string ``input``, a vector of strings; for other ranks ragged tensors would be needed."""
    with name_scope(name, "StringsByteSplit", [input]):
        input = to_tensor(input, name="input")
        rank = input.shape.ndims
        if rank is None:
            raise ValueError("input must have a statically-known rank.")
        if rank:
            raise NotImplementedError("tf.strings.bytes_split of a tensor of rank 1 or more gives a RaggedTensor, and graphcore has no "
                                      "ragged tensors yet; tf.string_split(input, sep='') gives the bytes as a SparseTensor")
        with name_scope(None, "StringsByteSplit", [input]):
            return StringSplit.build(joining.stack([input]), "", skip_empty=False)[1]


__all__ = ["string_split"]
