"""The gradient of concatenations: the pieces of the incoming gradient."""

from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Tensor
from graphcore.core.view import constant_value
from graphcore.ops import arrays, joining, slicing

# From so many pieces on one SplitV is quicker than as many Slices; TF's number.
_MANY = 16


def of_concat(values, axis, dy):
    """A gradient for each of ``values``, concatenated along the tensor ``axis``; ``dy`` is a Tensor or IndexedSlices."""
    if len(values) == 1:
        return [dy]
    axis_from_front = axis % arrays.rank(values[0])
    if isinstance(dy, Tensor):
        return _dense(values, axis_from_front, dy)
    if isinstance(dy, IndexedSlices):
        return _of_slices(values, axis, axis_from_front, dy)
    raise TypeError(f"Expected Tensor or IndexedSlices, got {type(dy)}")


def _dense(values, axis, dy):
    sizes = _shapes(values)
    if len(sizes) > _MANY:
        from graphcore.ops import splitting

        lengths = arrays.squeeze(slicing.slice(joining.stack(sizes, axis=1), [axis, 0], [1, -1]))
        return splitting.split(dy, lengths, axis)
    offsets = joining.ConcatOffset.build(axis, sizes)
    return [slicing.slice(dy, begin, size) for begin, size in zip(offsets, sizes)]


def _shapes(values):
    """Shapes as constants if all are known; else of one ShapeN (and what TF began to build stays in the graph)."""
    sizes = []
    for value in values:
        size = arrays.shape(value)
        if size.op.type != "Const":
            return arrays.shape_n(values)
        sizes.append(size)
    return sizes


def _of_slices(values, axis, axis_from_front, dy):
    static = constant_value(axis)
    if static is None:
        raise ValueError("Can only compute IndexedSlices gradient with statically-known concat_dim")
    static = int(static)
    if static < 0:
        rank = constant_value(arrays.rank(values[0]))
        if rank is None:
            raise ValueError("Can only compute IndexedSlices gradient with negative concat_dim when first value rank is "
                             "statically-known.")
        static %= int(rank)
    sizes = [arrays.shape(value) for value in values]
    return _columns(dy, sizes, axis_from_front) if static else _rows(dy, sizes, axis_from_front)


def _columns(dy, sizes, axis):
    """Every piece has all the indices, and its part of each row."""
    from graphcore.ops import arithmetic

    rank = arrays.shape(sizes[0])
    mask = joining.concat([arrays.fill(arrays.expand_dims(axis, 0), 0), [1], arrays.fill(rank - axis - 1, 0)], 0)
    begin = arrays.fill(rank, 0)
    grads = []
    for size in sizes:
        rest = joining.concat([[-1], slicing.slice(size, [1], [-1])], 0)
        grads.append(IndexedSlices(slicing.slice(dy.values, begin, rest), dy.indices, size))
        begin = arithmetic.add(begin, size * mask)
    return grads


def _rows(dy, sizes, axis):
    """Each piece has the indices that fall into it."""
    from graphcore.ops import casting, comparison, gathering, selection
    from graphcore.ops.constants import constant

    start, grads = constant(0, dtype=dy.indices.dtype), []
    for size in sizes:
        length = gathering.gather(size, axis)
        if length.dtype != dy.indices.dtype:
            length = casting.cast(length, dy.indices.dtype)
        end = start + length
        inside = comparison.logical_and(dy.indices >= start, dy.indices < end)
        chosen = arrays.squeeze(selection.where(inside), axis=[1])
        indices = gathering.gather(dy.indices, chosen) - start
        grads.append(IndexedSlices(gathering.gather(dy.values, chosen), indices, size))
        start = end
    return grads
