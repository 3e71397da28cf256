"""Rows of embedding tables, of which one may be cut into several variables."""

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import int32
from graphcore.core.indexed import IndexedSlices
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import arithmetic, arrays, casting, clipping, gathering, joining, partitions, reductions, selection, sequences
from graphcore.ops.constants import constant
from graphcore.ops.resource_variables import ResourceVariable


def embedding_lookup(params, ids, partition_strategy="mod", name=None, validate_indices=True, max_norm=None):
    """The rows ``ids`` of an embedding table: a tensor of the shape ``ids.shape + params.shape[1:]``.

    Args:
      params: the table, a tensor or variable; or a list of its parts, which differ in their first size at most.
      ids: integers of int32 or int64, in any shape.
      partition_strategy: how a list of ``n`` parts makes up the table. "mod": part ``p`` has the rows ``p``, ``p + n``,
        ``p + 2 n`` …; "div": the parts follow one another, and the first ones have a row more if they do not come out even.
      validate_indices: has no effect, ids are always checked.
      max_norm: rows of a greater Euclidean norm are scaled down to it.

    The gradient with respect to a part is an `IndexedSlices`: training touches only the rows that were looked up.

    Raises:
      ValueError: there are no ``params``, or the strategy is neither "mod" nor "div".
      tf.errors.InvalidArgumentError: an id has no row, when it runs.

    >>> import graphcore as tf
    >>> words = tf.constant([[0.0, 0.0], [0.1, 0.2], [0.3, 0.4]])
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.embedding_lookup(words, [2, 1]))
    array([[0.3, 0.4],
           [0.1, 0.2]], dtype=float32)

    Rows 0 and 2 in one part, row 1 in the other:

    >>> with tf.Session() as session:
    ...     session.run(tf.nn.embedding_lookup([[[0.0], [20.0]], [[10.0]]], [2, 1]))
    array([[20.],
           [10.]], dtype=float32)
    """
    if params is None:
        raise ValueError("params must be specified")
    if isinstance(params, (list, tuple)) and not params:
        raise ValueError("Need at least one param")
    if not isinstance(params, list):
        params = [params]
    with name_scope(name, "embedding_lookup", [*params, ids]) as name:
        if not any(isinstance(part, ResourceVariable) for part in params):
            params = [_as_table(part, f"params_{number}") for number, part in enumerate(params)]
        ids = to_tensor(ids, name="ids")
        if len(params) == 1:
            with _beside(params[0]):
                rows = _clipped(gathering.gather(params[0], ids, name=name), ids, max_norm)
            return arrays.identity(rows)
        return _clipped(_from_parts(params, ids, partition_strategy, name), ids, max_norm)


def _as_table(value, name):
    return value if isinstance(value, IndexedSlices) else to_tensor(value, name=name)


def _beside(part):
    """Nodes made inside are placed with ``part``."""
    return get_default_graph().colocate_with(part.handle if isinstance(part, ResourceVariable) else part)


def _clipped(rows, ids, max_norm):
    """``rows`` with those of too great a norm scaled down; a row is what lies behind the axes of ``ids``."""
    if max_norm is None:
        return rows
    first, last = ids._shape.rank, to_tensor(rows)._shape.rank
    if first and last:
        axes = list(range(first, last))
    else:  # TF asks at run time for the rank of a scalar too
        axes = sequences.range(first or arrays.rank(ids), last or arrays.rank(rows))
    return clipping.clip_by_norm(rows, max_norm, axes=axes)


def _from_parts(params, ids, strategy, name):
    """Each id looked up in the part that has it, and the rows put back in order."""
    flat = arrays.reshape(ids, [-1])
    places = sequences.range(arrays.size(flat))
    parts, rows_within = _assigned(params, flat, strategy)
    parts = casting.cast(parts, int32)
    wanted = partitions.dynamic_partition(rows_within, parts, len(params))
    places = partitions.dynamic_partition(places, parts, len(params))
    found = []
    for part, rows in zip(params, wanted):
        with _beside(part):
            found.append(gathering.gather(part, rows))
    result = partitions.parallel_dynamic_stitch(places, found, name=name)
    return _in_shape_of(ids, params, result)


def _assigned(params, ids, strategy):
    """(the number of each id's part, its row within that part)."""
    if strategy == "mod":
        return ids % len(params), ids // len(params)
    if strategy != "div":
        raise ValueError(f"Unrecognized partition strategy: {strategy}: it is 'mod' or 'div'")
    total = _number_of_rows(params, ids.dtype)
    each, more = total // len(params), total % len(params)
    parts = arithmetic.maximum(ids // (each + 1), (ids - more) // each)
    return parts, selection.where(parts < more, ids % (each + 1), (ids - more) % each)


def _number_of_rows(params, dtype):
    """How many rows all parts have together, as a tensor."""
    sizes = [part.shape[0].value for part in params]
    if None not in sizes and sum(sizes):
        return constant(sum(sizes), dtype)
    for number, part in enumerate(params):
        if sizes[number] is None:
            with _beside(part):
                sizes[number] = arrays.shape(part)[0]
    return reductions.reduce_sum(casting.cast(joining.stack(sizes), dtype))


def _in_shape_of(ids, params, rows):
    """The rows of the flat ids in the shape of ``ids``."""
    row_shape = params[0].shape[1:]
    for part in params[1:]:
        row_shape = row_shape.merge_with(part.shape[1:])
    sizes = row_shape
    if not row_shape.is_fully_defined():
        with _beside(params[0]):
            table_sizes = arrays.shape(params[0])
        sizes = table_sizes[1:]
    rows = arrays.reshape(rows, joining.concat([arrays.shape(ids), sizes], 0))
    rows.set_shape(ids.shape.concatenate(row_shape))
    return rows


__all__ = ["embedding_lookup"]
