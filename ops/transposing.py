"""Elements in another order or repeated: transpose, reverse, tile, broadcast, meshgrid."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, NUMERIC, bool, int32, string, uint32, uint64
from graphcore.core.indexed import IndexedSlices
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, merged_size, with_rank, with_rank_at_most
from graphcore.core.view import shape_from
from graphcore.ops import arrays, joining, sequences


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class Transpose(Op, aliases=True):
    """``x`` with its axes in the order ``perm``."""

    T = TypeAttr(ALL)
    Tperm = TypeAttr(arrays.INDEX, default=int32)
    x = Input(T)
    perm = Input(Tperm, static=True)
    y = Output(T)
    example = dict(x=[[1.0, 2.0, 3.0]], perm=[1, 0], y=[[1.0], [2.0], [3.0]])

    def infer(node):
        return _transposed_sizes(node.x.shape.sizes, node.perm.shape.sizes, node.perm.value)

    def kernel(x, perm):
        return np.transpose(x, _checked_order(perm, np.ndim(x)))

    def grad(node, dy):
        return transpose(dy, invert_permutation(node.perm)), None


class ConjugateTranspose(Op, aliases=True):
    """The complex conjugate of ``x`` with its axes in the order ``perm``."""

    T = TypeAttr(ALL)
    Tperm = TypeAttr(arrays.INDEX, default=int32)
    x = Input(T)
    perm = Input(Tperm, static=True)
    y = Output(T)
    example = dict(x=np.array([[1 + 2j, 3j]]), perm=[1, 0], y=np.array([[1 - 2j], [-3j]]))

    def infer(node):
        return _transposed_sizes(node.x.shape.sizes, node.perm.shape.sizes, node.perm.value)

    def kernel(x, perm):
        result = np.transpose(x, _checked_order(perm, np.ndim(x)))
        return np.conjugate(result) if result.dtype.kind == "c" else result

    def grad(node, dy):
        return transpose(dy, invert_permutation(node.perm), conjugate=True), None


def _transposed_sizes(sizes, perm_sizes, perm):
    count = None if perm_sizes is None or None in perm_sizes else int(np.prod(perm_sizes))
    if sizes is None and (count is None or count < 2):
        # One number is ambiguous: it fits a scalar and a vector.
        return None
    rank = count if sizes is None else len(sizes)
    with_rank(perm_sizes, 1)
    if count is not None and count != rank:
        raise ShapeMismatch(f"Dimension must be {rank} but is {count}")
    if perm is None:
        return (None,) * rank
    for axis in perm:
        if not -rank <= axis < rank:
            raise ShapeMismatch(f"perm dim {axis} is out of range of input rank {rank}")
    return (None,) * rank if sizes is None else tuple([sizes[axis] for axis in perm])


def _checked_order(perm, rank):
    order = perm.tolist()
    if len(order) != rank:
        raise _invalid(f"transpose expects a vector of size {rank}. But input(1) is a vector of size {len(order)}")
    for axis in order:
        if not 0 <= axis < rank:
            raise _invalid(f"{axis} is out of range [0 .. {rank})")
    for axis in range(rank):
        if axis not in order:
            raise _invalid(f"{axis} is missing from {{{','.join(map(str, order))}}}.")
    return order


class InvertPermutation(Op, differentiable=False):
    """``y[x[i]] = i``."""

    T = TypeAttr(arrays.INDEX, default=int32)
    x = Input(T)
    y = Output(T)
    example = dict(x=[2, 0, 1], y=[1, 2, 0])

    def infer(node):
        return with_rank(node.x.shape.sizes, 1)

    def kernel(x):
        if x.ndim != 1:
            raise _invalid("invert_permutation expects a 1D vector.")
        result = np.full(len(x), -1, x.dtype)
        for i, place in enumerate(x.tolist()):
            if not 0 <= place < len(x):
                raise _invalid(f"{place} is not between 0 and {len(x)}")
            if result[place] != -1:
                raise _invalid(f"{place} is duplicated in the input.")
            result[place] = i
        return result


invert_permutation = InvertPermutation.function()


def transpose(a, perm=None, name="transpose", conjugate=False):
    """``a`` with its axes in the order ``perm``, by default reversed; ``conjugate`` also conjugates complex elements.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.transpose([[1, 2, 3], [4, 5, 6]]))
    array([[1, 4],
           [2, 5],
           [3, 6]], dtype=int32)
    """
    with name_scope(name, "transpose", [a]) as name:
        cls = ConjugateTranspose if conjugate and a.dtype.is_complex else Transpose
        if perm is not None:
            return cls.build(a, perm, name=name)
        a = to_tensor(a, name="a")
        rank = a._shape.rank
        if rank:
            perm = rank - 1 - np.arange(rank)
        else:
            # Unknown, or 0: TF asks when it runs.
            rank = arrays.Rank.build(a)
            perm = rank - 1 - sequences.Range.build(0, rank, 1)
        result = cls.build(a, perm, name=name)
        if a._shape.sizes is not None:
            result.set_shape(a._shape.sizes[::-1])
        return result


class ReverseV2(Op, aliases=True):
    """``tensor`` with the elements along each of the axes ``axis`` in reverse order."""

    Tidx = TypeAttr(arrays.INDEX, default=int32)
    T = TypeAttr(NUMERIC - {uint32, uint64} | {bool, string})
    tensor = Input(T)
    axis = Input(Tidx, static=True)
    output = Output(T)
    example = dict(tensor=[[1.0, 2.0], [3.0, 4.0]], axis=[1], output=[[2.0, 1.0], [4.0, 3.0]])

    def infer(node):
        with_rank(node.axis.shape.sizes, 1)
        if node.axis.value is not None and node.tensor.shape.sizes is not None:
            _reversed_axes(node.axis.value, node.tensor.shape.rank, ShapeMismatch)
        return node.tensor.shape

    def kernel(tensor, axis):
        tensor = np.asarray(tensor)
        return np.flip(tensor, _reversed_axes(axis, tensor.ndim, _invalid))

    def grad(node, dy):
        return reverse(dy, node.axis), None


def _reversed_axes(axes, rank, error):
    found = []
    for number, axis in enumerate(axes.tolist()):
        if not -rank <= axis < rank:
            raise error(f"'axis'[{number}] = {axis} is out of valid range [0, {rank - 1}")
        if axis % rank in found:
            raise error(f"axis {axis % rank} specified more than once.")
        found.append(axis % rank)
    return tuple(found)


reverse = ReverseV2.function("reverse")
reverse_v2 = reverse


def _product(size, times):
    if 0 in (size, times):
        return 0
    return None if size is None or times is None else size * times


class Tile(Op):
    """``input`` repeated ``multiples[i]`` times along axis i."""

    T = TypeAttr(ALL)
    Tmultiples = TypeAttr(arrays.INDEX, default=int32)
    input = Input(T)
    multiples = Input(Tmultiples, static=True)
    output = Output(T)
    example = dict(input=[[1.0, 2.0]], multiples=[2, 2], output=[[1.0, 2.0, 1.0, 2.0], [1.0, 2.0, 1.0, 2.0]])

    def loop(node):
        """Where the axes that are repeated are of size 1, the loops just stay at their element."""
        sizes, times = node.input.shape.sizes, node.multiples.value
        if sizes is None or times is None and set(sizes) != {1}:
            return None
        return "input" if all(size == 1 or times[axis] == 1 for axis, size in enumerate(sizes)) else None

    def infer(node):
        with_rank(node.multiples.shape.sizes, 1)
        sizes, times = node.input.shape.sizes, shape_from(node.multiples).sizes
        if times is None:
            return None if sizes is None else (None,) * len(sizes)
        sizes = (None,) * len(times) if sizes is None else sizes
        return tuple([_product(a, b) for a, b in zip(sizes, with_rank(times, len(sizes)))])

    def same_elements(node, sizes):
        return node.input.shape.sizes == sizes and 0 not in sizes

    def kernel(input, multiples):
        input = np.asarray(input)
        if len(multiples) != input.ndim:
            raise _invalid(f"Expected multiples argument to be a vector of length {input.ndim} but got length {len(multiples)}")
        for i, times in enumerate(multiples):
            if times < 0:
                raise _invalid(f"Expected multiples[{i}] >= 0, but got {times}")
        return np.tile(input, multiples)

    def grad(node, dy):
        from graphcore.ops import casting, division, reductions, segments

        shape = arrays.shape(node.input, out_type=node.multiples.dtype)
        # Each axis as (how often, how long): the sum goes over how often.
        pairs = arrays.reshape(transpose(joining.stack([node.multiples, shape])), [-1])
        axes = sequences.range(0, arrays.size(pairs), 2)
        if isinstance(dy, IndexedSlices):
            rows = casting.cast(shape[0], dy.indices.dtype)
            dy = segments.unsorted_segment_sum(dy.values, division.mod(dy.indices, rows), rows)
            pairs = joining.concat([[1], pairs[1:]], axis=0)
        result = reductions.reduce_sum(arrays.reshape(dy, pairs), axes)
        result.set_shape(node.input.shape)
        return result, None


tile = Tile.function()


class BroadcastTo(Op):
    """``input`` repeated along its axes of size 1, and along new first axes, until it has ``shape``."""

    T = TypeAttr(ALL)
    Tidx = TypeAttr(arrays.INDEX, default=int32)
    input = Input(T)
    shape = Input(Tidx, static=True)
    output = Output(T)
    example = dict(input=[1.0, 2.0], shape=[2, 2], output=[[1.0, 2.0], [1.0, 2.0]])
    spread = "input"

    def infer(node):
        with_rank(node.shape.shape.sizes, 1)
        sizes, wanted = node.input.shape.sizes, shape_from(node.shape).sizes
        if sizes is not None and wanted is not None:
            with_rank_at_most(sizes, len(wanted))
            for have, want in zip(reversed(sizes), reversed(wanted)):
                if have != 1:
                    merged_size(have, want)
        return wanted

    def kernel(input, shape):
        input, sizes = np.asarray(input), tuple(shape.tolist())
        if input.ndim > len(sizes):
            raise _invalid(f"Rank of input ({input.ndim}) must be no greater than rank of output shape ({len(sizes)}).")
        try:
            return np.array(np.broadcast_to(input, sizes))
        except ValueError:
            raise _invalid(f"Incompatible shapes: {format_shape(input.shape)} vs. {format_shape(sizes)}") from None

    def grad(node, dy):
        from graphcore.ops import broadcasting, reductions

        shape = arrays.shape(node.input)
        _, axes = broadcasting.BroadcastGradientArgs.build(node.shape, shape)
        return arrays.reshape(reductions.reduce_sum(dy, axis=axes, keepdims=True), shape), None


broadcast_to = BroadcastTo.function()


def meshgrid(*args, **kwargs):
    """For N vectors N tensors of rank N that hold, at each point of the grid, that point's coordinates.

    ``indexing="xy"`` (the default) swaps the first two axes as pictures have them, ``"ij"`` does not.
    """
    indexing, name = kwargs.pop("indexing", "xy"), kwargs.pop("name", "meshgrid")
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError("indexing parameter must be either 'xy' or 'ij'")
    with name_scope(name, "meshgrid", args) as name:
        count = len(args)
        ones = (1,) * count
        grids = [arrays.reshape(joining.stack(x), ones[:i] + (-1,) + ones[i + 1:]) for i, x in enumerate(args)]
        sizes = [arrays.size(x) for x in args]
        dtype = to_tensor(args[0]).dtype.base
        if indexing == "xy" and count > 1:
            grids[0] = arrays.reshape(grids[0], (1, -1) + (1,) * (count - 2))
            grids[1] = arrays.reshape(grids[1], (-1, 1) + (1,) * (count - 2))
            sizes[0], sizes[1] = sizes[1], sizes[0]
        factor = sequences.ones(sizes, dtype)
        return [grid * factor for grid in grids]


__all__ = ["broadcast_to", "invert_permutation", "meshgrid", "reverse", "reverse_v2", "tile", "transpose"]
