"""Gradients of gathers: IndexedSlices where whole rows were taken, sums over segments elsewhere."""

import warnings

from graphcore.core.dtypes import int32, int64
from graphcore.core.indexed import IndexedSlices
from graphcore.core.view import constant_value
from graphcore.ops import arrays, casting, gathering, joining, segments, sequences


def quietly_reshaped(grad, shape):
    """`reshape` that does not warn when ``grad`` is an IndexedSlices that has to become dense for it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Converting sparse IndexedSlices to a dense Tensor.*")
        return arrays.reshape(grad, shape)


def _params_shape(params):
    with params.graph.colocate_with(params.op):
        return casting.cast(arrays.shape(params, out_type=int64), int32)


def of_rows(params, indices, dy):
    """The gradient of ``params[indices]``: the rows of ``dy`` at their indices."""
    shape = _params_shape(params)
    count = arrays.expand_dims(arrays.size(indices), 0)
    values = quietly_reshaped(dy, joining.concat([count, shape[1:]], 0))
    return IndexedSlices(values, arrays.reshape(indices, count), shape)


def of_gather(node, dy):
    """The gradient of a GatherV2 with respect to its params."""
    shape = _params_shape(node.params)
    indices, axis, batch = node.indices, node.axis, node.batch_dims
    count = arrays.expand_dims(arrays.size(indices), 0)
    if batch < 0:
        batch += indices._shape.rank
    static_axis = constant_value(axis)
    if static_axis is not None and static_axis == 0:
        values = quietly_reshaped(dy, joining.concat([count, shape[1:]], 0))
        return IndexedSlices(values, arrays.reshape(indices, count), shape)
    return _along_axis(shape, indices, axis, batch, dy)


def _along_axis(shape, indices, axis, batch, dy):
    """Bring the gathered axis to the front (after the batch), sum what came from one place, and bring it back."""
    from graphcore.ops import transposing

    outer, inner = shape[:axis], shape[axis:][1:]
    values_shape = joining.concat([outer, [-1], inner], 0)
    rank, front = arrays.size(values_shape), arrays.size(outer)
    batches = sequences.range(batch)
    before = sequences.range(batch, front)
    behind = sequences.range(front + 1, rank)
    values = quietly_reshaped(dy, values_shape)
    values = transposing.transpose(values, joining.concat([batches, [front], before, behind], 0))
    grad = _summed(shape, values, indices, batch, shape[axis])
    return transposing.transpose(grad, joining.concat([batches, before + 1, [batch], behind], 0))


def _summed(shape, values, indices, batch, places):
    count = arrays.expand_dims(arrays.size(indices), 0)
    if batch:
        from graphcore.ops import reductions

        values_shape = arrays.shape(values)
        outer, inner = values_shape[:batch], values_shape[batch:][1:]
        batch_size = reductions.Prod.build(outer, [0], keep_dims=False)
        flat_shape = joining.concat([[-1], inner], 0)
        places = places * batch_size
        indices = _numbered_through(shape, indices, batch)
        values = quietly_reshaped(values, flat_shape)
    indices = arrays.reshape(indices, count)
    grad = segments.unsorted_segment_sum(values, indices, places)
    return arrays.reshape(grad, joining.concat([outer, flat_shape], 0)) if batch else grad


def _numbered_through(shape, indices, batch):
    """Indices within each batch as indices into all batches put one after the other."""
    result, rank, dtype = indices, indices._shape.rank, indices.dtype.base
    sizes = casting.cast(shape, dtype)
    step = sequences.ones((), dtype=dtype)
    for axis in range(batch, 0, -1):
        size = sizes[axis - 1]
        step = step * sizes[axis]
        start, one = sequences.zeros((), dtype=dtype), sequences.ones((), dtype=dtype)
        offsets = sequences.range(start, size, one) * step
        result = result + arrays.reshape(offsets, joining.stack([1] * (axis - 1) + [size] + [1] * (rank - axis), axis=0))
    return result


def of_places(params, indices, dy):
    """The gradient of a GatherNd: IndexedSlices where each place is one row number."""
    return at_places(arrays.shape(params, out_type=indices.dtype), indices, dy)


def at_places(shape, indices, dy):
    """``dy`` put at the places ``indices`` of a tensor of that shape: IndexedSlices where each place is one row number."""
    sizes = indices._shape.sizes
    if sizes is not None and len(sizes) == 2 and sizes[1] == 1:
        return IndexedSlices(dy, arrays.squeeze(indices, axis=-1), shape)
    return gathering.scatter_nd(indices, dy, shape)
