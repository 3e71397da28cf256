"""Parts of a batch of tensors, each at places of its own."""

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import int32
from graphcore.core.scopes import name_scope
from graphcore.ops import arrays, casting, gathering, joining, reductions, sequences, transposing


def gathered_in_batches(params, indices, batch_dims, name):
    """What `gathering.gather_nd` gives if the first ``batch_dims`` axes number the tensors of a batch: TF's nodes for it."""
    with name_scope(name, "BatchGatherND", [params, indices]):
        indices, params = to_tensor(indices, name="indices"), to_tensor(params, name="params")
        _check(params, indices, batch_dims)
        params_shape, indices_shape = arrays.shape(params), arrays.shape(indices)
        batch = params_shape[:batch_dims]
        count = reductions.Prod.build(batch, [0])
        inner_rank = arrays.rank(indices) - batch_dims - 1
        inner = indices_shape[batch_dims:-1]
        numbers = _tensor_numbers(batch, inner_rank, inner, indices.dtype)
        flat = arrays.reshape(indices, joining.concat(([count], indices_shape[batch_dims:]), axis=0))
        result = gathering.gather_nd(params, joining.concat((numbers, flat), axis=-1))
        return arrays.reshape(result, joining.concat((batch, arrays.shape(result)[1:]), axis=0))


def _check(params, indices, batch_dims):
    if batch_dims < 0:
        raise ValueError("tf.gather_nd does not allow negative batch_dims.")
    for what, tensor in (("indices", indices), ("params", params)):
        rank = tensor.shape.ndims
        if rank is not None and batch_dims >= rank:
            raise ValueError(f"batch_dims = {batch_dims} must be less than rank({what}) = {rank}")


def _tensor_numbers(batch, inner_rank, inner, dtype):
    """For each index the place of its tensor in the batch, as a row in front of the index."""
    ranges = [casting.Cast.build(sequences.Range.build(0, size, 1), DstT=dtype.base) for size in joining.unstack(batch)]
    rows = [arrays.reshape(grid, (-1,)) for grid in transposing.meshgrid(*ranges, indexing="ij")]
    grid = transposing.transpose(joining.stack(rows, axis=0))
    sizes = arrays.shape(grid)
    spread = joining.concat([sizes[:1], sequences.ones(inner_rank, dtype=int32), sizes[1:]], axis=0)
    return transposing.tile(arrays.reshape(grid, spread), joining.concat(((1,), inner, (1,)), axis=0))
