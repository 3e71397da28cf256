"""Vectors by their distinct values, and rows dealt out to several tensors and put together again."""

from collections import namedtuple

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import ALL, int32
from graphcore.core.indexed import IndexedSlices
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import format_shape, merge, merged_size, with_rank
from graphcore.ops import arrays

INDEX = arrays.INDEX


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


UniqueResult = namedtuple("Unique", ["y", "idx"])
UniqueWithCountsResult = namedtuple("UniqueWithCounts", ["y", "idx", "count"])
ListDiffResult = namedtuple("ListDiff", ["out", "idx"])


def _distinct(x):
    """(the distinct values in the order of their first appearance, for each element the number of its value, counts)."""
    if x.ndim != 1:
        raise _invalid("unique expects a 1D vector.")
    numbers, order = {}, []
    found = np.array([numbers.setdefault(value, len(numbers)) for value in x.tolist()], np.int64) if x.dtype.kind == "O" else None
    if found is not None:
        order = np.empty(len(numbers), object)
        order[:] = list(numbers)
        return order, found, np.bincount(found, minlength=len(numbers))
    values, first, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True, equal_nan=False)
    rank = np.argsort(first, kind="stable")
    new_number = np.empty(len(rank), np.int64)
    new_number[rank] = np.arange(len(rank))
    return values[rank], new_number[inverse.reshape(-1)], counts[rank]


class Unique(Op, refuses=True):
    """The distinct elements of ``x`` in the order of their first appearance, and for each element the number of its value."""

    T = TypeAttr(ALL)
    out_idx = TypeAttr(INDEX, default=int32)
    x = Input(T)
    y = Output(T)
    idx = Output(out_idx)
    example = dict(x=[3.0, 1.0, 3.0], y=[3.0, 1.0], idx=np.array([0, 1, 0], np.int32))

    def infer(node):
        with_rank(node.x.shape.sizes, 1)
        return [(None,), node.x.shape]

    def kernel(x, *, out_idx):
        values, numbers, _ = _distinct(x)
        return values, numbers.astype(out_idx.np)


class UniqueWithCounts(Op, refuses=True):
    """As `Unique`, and how often each value appears."""

    T = TypeAttr(ALL)
    out_idx = TypeAttr(INDEX, default=int32)
    x = Input(T)
    y = Output(T)
    idx = Output(out_idx)
    count = Output(out_idx)
    example = dict(x=[3.0, 1.0, 3.0], y=[3.0, 1.0], idx=np.array([0, 1, 0], np.int32), count=np.array([2, 1], np.int32))

    def infer(node):
        return [(None,), node.x.shape, (None,)]  # that it is a vector is looked at when it runs, as in TF

    def kernel(x, *, out_idx):
        values, numbers, counts = _distinct(x)
        return values, numbers.astype(out_idx.np), counts.astype(out_idx.np)


class ListDiff(Op, refuses=True):
    """The elements of ``x`` that are not in ``y``, in order, and their numbers in ``x``."""

    T = TypeAttr(ALL)
    out_idx = TypeAttr(INDEX, default=int32)
    x = Input(T)
    y = Input(T)
    out = Output(T)
    idx = Output(out_idx)
    example = dict(x=[1.0, 2.0, 3.0], y=[2.0], out=[1.0, 3.0], idx=np.array([0, 2], np.int32))

    def infer(node):
        for each in node.inputs:
            with_rank(each.shape.sizes, 1)
        return [(None,), (None,)]

    def kernel(x, y, *, out_idx):
        for name, each in (("x", x), ("y", y)):
            if each.ndim != 1:
                raise _invalid(f"{name} should be a 1D vector.")
        gone = set(y.tolist())
        kept = np.array([i for i, value in enumerate(x.tolist()) if value not in gone], out_idx.np)
        return x[kept], kept


def unique(x, out_idx=int32, name=None):
    """``(y, idx)``: the distinct elements of a vector in the order of first appearance, and ``x == y[idx]``."""
    return UniqueResult(*Unique.build(x, out_idx=out_idx, name=name))


def unique_with_counts(x, out_idx=int32, name=None):
    """``(y, idx, count)``: as `unique`, and how often each value appears."""
    return UniqueWithCountsResult(*UniqueWithCounts.build(x, out_idx=out_idx, name=name))


def setdiff1d(x, y, index_dtype=int32, name=None):
    """``(out, idx)``: the elements of the vector ``x`` that are not in ``y``, and their numbers in ``x``."""
    return ListDiffResult(*ListDiff.build(x, y, out_idx=index_dtype, name=name))


# ---------------------------------------------------------------- partitions


class DynamicPartition(Op):
    """``num_partitions`` tensors: the rows of ``data`` by the number of the part that each belongs to."""

    num_partitions = Attr(int)
    T = TypeAttr(ALL)
    data = Input(T)
    partitions = Input(int32)
    outputs = Output(T, count=num_partitions)
    example = dict(data=[1.0, 2.0, 3.0], partitions=np.array([1, 0, 1], np.int32), num_partitions=2, outputs=[[2.0], [1.0, 3.0]])

    def infer(node):
        if node.num_partitions < 1:
            raise ValueError(f"Attr 'num_partitions' of 'DynamicPartition' Op passed {node.num_partitions} less than minimum 1.")
        data, parts = node.data.shape.sizes, node.partitions.shape.sizes
        if data is None or parts is None:
            return [None] * node.num_partitions
        for x, y in zip(data, parts):
            merged_size(x, y)
        return [(None,) + data[len(parts):]] * node.num_partitions

    def kernel(data, partitions, *, num_partitions):
        data, parts = np.asarray(data), np.asarray(partitions)
        if data.shape[:parts.ndim] != parts.shape:
            raise _invalid(f"data.shape must start with partitions.shape, got data.shape = {format_shape(data.shape)}, "
                           f"partitions.shape = {format_shape(parts.shape)}")
        wrong = np.argwhere((parts < 0) | (parts >= num_partitions))
        if len(wrong):
            place = tuple(wrong[0])
            raise _invalid(f"partitions[{','.join(map(str, place))}] = {parts[place]} is not in [0, {num_partitions})")
        return [data[parts == number] for number in range(num_partitions)]

    def grad(node, *dys):
        from graphcore.ops import reductions, sequences

        shape = arrays.shape(node.partitions)
        numbers = arrays.reshape(sequences.range(reductions.reduce_prod(shape)), shape)
        numbers = dynamic_partition(numbers, node.partitions, node.num_partitions)
        return arrays.reshape(dynamic_stitch(numbers, list(dys)), arrays.shape(node.data)), None


def _stitched_sizes(node):
    rest, count = None, 0
    for index, data in zip(node.indices, node.data):
        if index.shape.sizes is not None and data.shape.sizes is not None:
            for x, y in zip(data.shape.sizes, index.shape.sizes):
                merged_size(x, y)
            rest = merge(rest, data.shape.sizes[index.shape.rank:])
        value = index.value
        count = None if value is None or count is None else max(count, int(value.max()) + 1 if value.size else 0)
    return None if rest is None else (count,) + rest


def _stitched(indices, data):
    count = max([int(index.max()) + 1 for index in indices if index.size], default=0)
    rest = data[0].shape[np.ndim(indices[0]):]
    result = np.zeros((count,) + rest, data[0].dtype)
    for number, (index, rows) in enumerate(zip(indices, data)):
        if rows.shape[:index.ndim] != index.shape:
            raise _invalid(f"data[{number}].shape = {format_shape(rows.shape)} does not start with indices[{number}].shape = "
                           f"{format_shape(index.shape)}")
        if index.size and index.min() < 0:
            raise _invalid(f"indices[{number}] is out of range: {index.min()} is negative")
        result[index.reshape(-1)] = rows.reshape((index.size,) + rest)
    return result


def _parts_of_stitched(node, dy):
    from graphcore.ops import gathering, segments

    if isinstance(dy, IndexedSlices):
        dy = segments.unsorted_segment_sum(dy.values, dy.indices, arrays.shape(node.merged)[0])
    return [None] * node.N, [gathering.gather(dy, index) for index in node.indices]


class DynamicStitch(Op):
    """``merged[indices[m][i]] = data[m][i]``: rows put together; later ones win."""

    N = Attr(int)
    T = TypeAttr(ALL)
    indices = Input(int32, count=N, static=True)
    data = Input(T, count=N)
    merged = Output(T)
    example = dict(indices=[np.array([0, 2], np.int32), np.array([1], np.int32)], data=[[1.0, 3.0], [2.0]],
                   merged=[1.0, 2.0, 3.0])
    infer = _stitched_sizes

    def kernel(indices, data):
        return _stitched(indices, data)

    grad = _parts_of_stitched


class ParallelDynamicStitch(Op, strict=True):
    """As `DynamicStitch`, but which of several rows for one place wins is not promised."""

    N = Attr(int)
    T = TypeAttr(ALL)
    indices = Input(int32, count=N, static=True)
    data = Input(T, count=N)
    merged = Output(T)
    example = dict(indices=[np.array([1], np.int32), np.array([0, 2], np.int32)], data=[[2.0], [1.0, 3.0]],
                   merged=[1.0, 2.0, 3.0])
    infer = _stitched_sizes

    def kernel(indices, data):
        return _stitched(indices, data)

    grad = _parts_of_stitched


dynamic_partition = DynamicPartition.function()
dynamic_stitch = DynamicStitch.function()
parallel_dynamic_stitch = ParallelDynamicStitch.function()

__all__ = ["dynamic_partition", "dynamic_stitch", "setdiff1d", "unique", "unique_with_counts"]
