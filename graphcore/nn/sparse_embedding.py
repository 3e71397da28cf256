"""Rows of embedding tables looked up and added together: one result for each row of a SparseTensor of ids."""

import logging

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import unknown_shape
from graphcore.core.sparse import SparseTensor
from graphcore.nn.embedding import embedding_lookup
from graphcore.ops import (
    arrays,
    casting,
    comparison,
    division,
    filling,
    gathering,
    joining,
    mathematics,
    partitions,
    reductions,
    selection,
    slicing,
    transposing,
)
from graphcore.ops.resource_variables import ResourceVariable
from graphcore.ops.segments import segment_sum
from graphcore.ops.sparse_layout import sparse_reshape
from graphcore.ops.sparse_rows import sparse_fill_empty_rows, sparse_retain
from graphcore.ops.sparse_segments import sparse_segment_mean, sparse_segment_sqrt_n, sparse_segment_sum

_COMBINERS = {"sum": sparse_segment_sum, "mean": sparse_segment_mean, "sqrtn": sparse_segment_sqrt_n}


def embedding_lookup_sparse(params, sp_ids, sp_weights, partition_strategy="mod", name=None, combiner=None, max_norm=None):
    """For each row of ``sp_ids`` the sum or mean of the rows of an embedding table that it names.

    Args:
      params, partition_strategy, max_norm: as for `embedding_lookup`.
      sp_ids: a SparseTensor of rank 2 of int32 or int64 ids; every row has to have one.
      sp_weights: a SparseTensor of the same indices with a weight for each id; None for weights of 1.
      combiner: "sum", "mean" (by the sum of the weights) or "sqrtn" (by the square root of the sum of their squares);
        None is "mean", with a warning.

    Returns:
      A Tensor with as many rows as ``sp_ids``, of the shape of the table's rows.

    Raises:
      TypeError: ids or weights are not SparseTensors.
      ValueError: another combiner.

    >>> import graphcore as tf
    >>> table = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [0, 2, 1], [2, 2])
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.embedding_lookup_sparse(table, ids, None, combiner="sum"))
    array([[6., 8.],
           [3., 4.]], dtype=float32)
    """
    if combiner is None:
        logging.getLogger("graphcore").warning('The default value of combiner will change from "mean" to "sqrtn" after 2016/11/01.')
        combiner = "mean"
    if combiner not in _COMBINERS:
        raise ValueError("combiner must be one of 'mean', 'sqrtn' or 'sum'")
    params = _listed(params)
    _check_sparse(sp_ids, sp_weights)
    with name_scope(name, "embedding_lookup_sparse", [*params, sp_ids]) as name:
        segments = sp_ids.indices[:, 0]
        if segments.dtype is not dtypes.int32:
            segments = casting.cast(segments, dtypes.int32)
        ids, places = partitions.unique(sp_ids.values)
        rows = embedding_lookup(params, ids, partition_strategy=partition_strategy, max_norm=max_norm)
        if rows.dtype in (dtypes.float16, dtypes.bfloat16):
            rows = casting.cast(rows, dtypes.float32)
        if sp_weights is None:
            return _COMBINERS[combiner](rows, places, segments, name=name)
        return _weighted(rows, places, segments, sp_weights.values, combiner, name)


def _listed(params):
    return params if isinstance(params, list) else [params]


def _check_sparse(sp_ids, sp_weights):
    if not isinstance(sp_ids, SparseTensor):
        raise TypeError("sp_ids must be SparseTensor")
    if sp_weights is None:
        return
    if not isinstance(sp_weights, SparseTensor):
        raise TypeError("sp_weights must be either None or SparseTensor")
    sp_ids.values.shape.assert_is_compatible_with(sp_weights.values.shape)
    sp_ids.indices.shape.assert_is_compatible_with(sp_weights.indices.shape)
    sp_ids.dense_shape.shape.assert_is_compatible_with(sp_weights.dense_shape.shape)


def _weighted(rows, places, segments, weights, combiner, name):
    """The rows times their weights, added within segments and divided as the combiner wants it."""
    if weights.dtype is not rows.dtype:
        weights = casting.cast(weights, rows.dtype)
    rows = gathering.gather(rows, places)
    weights = _as_columns(weights, rows)
    rows = rows * weights
    if combiner == "sum":
        return segment_sum(rows, segments, name=name)
    total = segment_sum(rows, segments)
    if combiner == "mean":
        return division.div(total, segment_sum(weights, segments), name=name)
    squares = segment_sum(division.pow(weights, 2), segments)
    return division.div(total, mathematics.sqrt(squares), name=name)


def _as_columns(weights, rows):
    """The weights with axes of size 1, so that they multiply whole rows."""
    ones = filling.fill(arrays.expand_dims(arrays.rank(rows) - 1, 0), 1)
    shape = joining.concat([arrays.shape(weights), ones], 0)
    before = weights.shape
    weights = arrays.reshape(weights, shape)
    if rows.shape.ndims is not None:
        weights.set_shape(before.concatenate([1] * (rows.shape.ndims - 1)))
    return weights


# ---------------------------------------------------------------- with ids missing or invalid


def safe_embedding_lookup_sparse(embedding_weights, sparse_ids, sparse_weights=None, combiner="mean", default_id=None, name=None,
                                 partition_strategy="div", max_norm=None):
    """`embedding_lookup_sparse` that takes rows without ids, and leaves out negative ids and weights that are not positive.

    Args:
      embedding_weights: the table, a tensor or variable, or a list of its parts.
      sparse_ids: a SparseTensor of ids of rank 2 or more; its last axis is combined.
      sparse_weights: None, or a SparseTensor of weights with the same indices.
      combiner: "sum", "mean" or "sqrtn".
      default_id: the id that a row without ids gets; None gives zeros.
      partition_strategy, max_norm: as for `embedding_lookup`.

    Raises:
      ValueError: there is no table.

    >>> import graphcore as tf
    >>> table = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> ids = tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [0, 2, -1], [3, 2])
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.safe_embedding_lookup_sparse(table, ids))
    array([[3., 4.],
           [0., 0.],
           [0., 0.]], dtype=float32)
    """
    if embedding_weights is None:
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    embedding_weights = _listed(embedding_weights)
    if not embedding_weights:
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    dtype = None if sparse_weights is None else sparse_weights.dtype
    tables = [_as_table(table, dtype) for table in embedding_weights]
    with name_scope(name, "embedding_lookup", [*tables, sparse_ids, sparse_weights]) as scope:
        shape, rank, ids = _as_matrix(sparse_ids)
        ids, weights = _valid(ids, sparse_weights, combiner)
        ids, is_empty = sparse_fill_empty_rows(ids, default_id or 0)
        if weights is not None:
            weights, _ = sparse_fill_empty_rows(weights, 1.0)
        result = embedding_lookup_sparse(tables, ids, weights, combiner=combiner, partition_strategy=partition_strategy,
                                         name=None if default_id is None else scope, max_norm=max_norm)
        if default_id is None:
            result = _with_zeros(result, is_empty, scope)
        return _in_outer_shape(result, shape, rank, sparse_ids)


def _as_table(table, dtype):
    if isinstance(table, ResourceVariable) and dtype in (None, table.dtype):
        return table
    return to_tensor(table, dtype)


def _as_matrix(sparse_ids):
    """(dense shape, rank, the ids with all axes but the last made one)."""
    shape = sparse_ids.dense_shape
    known = shape.shape[0].value
    rank = arrays.size(shape) if known is None else known
    rows = reductions.reduce_prod(slicing.slice(shape, [0], [rank - 1]))
    return shape, rank, sparse_reshape(sparse_ids, [rows, gathering.gather(shape, rank - 1)])


def _valid(ids, sparse_weights, combiner):
    """Ids and weights without negative ids and, unless they are summed, without weights that are not positive."""
    weights = None if sparse_weights is None else SparseTensor(ids.indices, sparse_weights.values, ids.dense_shape)
    is_valid = comparison.greater_equal(ids.values, 0)
    if weights is not None:
        is_valid = comparison.logical_and(is_valid, filling.ones_like(weights.values, dtype=dtypes.bool))
    ids, weights = _retained(ids, weights, is_valid)
    if combiner == "sum" or weights is None:
        return ids, weights
    return _retained(ids, weights, comparison.greater(weights.values, 0))


def _retained(ids, weights, kept):
    return sparse_retain(ids, kept), None if weights is None else sparse_retain(weights, kept)


def _with_zeros(result, is_empty, name):
    """``result`` with zeros in the rows that are empty."""
    is_empty = transposing.tile(arrays.reshape(is_empty, [-1, 1]), joining.stack([1, arrays.shape(result)[1]]))
    return selection.where(is_empty, filling.zeros_like(result), result, name=name)


def _in_outer_shape(result, shape, rank, sparse_ids):
    """The rows of the result in the shape of the ids without their last axis."""
    outer = slicing.slice(casting.cast(shape, dtypes.int32), [0], [rank - 1])
    inner = slicing.slice(arrays.shape(result), [1], [-1])
    final = arrays.reshape(result, joining.concat([outer, inner], 0))
    known = sparse_ids.dense_shape.shape[0].value
    unknown = unknown_shape(None if known is None else known - 1)
    final.set_shape(unknown.concatenate(result.shape[1:]))
    return final


__all__ = ["embedding_lookup_sparse", "safe_embedding_lookup_sparse"]
