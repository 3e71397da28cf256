"""Sparse tensors in another order, shape or number: reordered, reshaped, transposed, joined, split and sliced."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, NUMBERS, QUANTIZED, int32, int64
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import merge, merged_size, with_rank
from graphcore.core.sparse import SparseTensor
from graphcore.ops import (
    arrays,
    casting,
    checks,
    constants,
    filling,
    gathering,
    identities,
    joining,
    reductions,
    selection,
    sequences,
    transposing,
)
from graphcore.ops.kernels import sparse_layouts
from graphcore.ops.kernels.sparsity import check_parts, order_of
from graphcore.ops.sparse_tensors import all_sparse, as_sparse, known_shape, sizes_in


class SparseReorder(Op):
    """The elements of a sparse tensor with their indices in row-major order."""

    T = TypeAttr(ALL)
    input_indices = Input(int64)
    input_values = Input(T)
    input_shape = Input(int64)
    output_indices = Output(int64)
    output_values = Output(T)
    example = dict(input_indices=np.array([[1, 0], [0, 1]]), input_values=[1.0, 2.0], input_shape=np.array([2, 2]),
                   output_indices=np.array([[0, 1], [1, 0]]), output_values=[2.0, 1.0])

    def infer(node):
        with_rank(node.input_shape.shape.sizes, 1)
        return [with_rank(node.input_indices.shape.sizes, 2), with_rank(node.input_values.shape.sizes, 1)]

    def kernel(input_indices, input_values, input_shape):
        check_parts(input_indices, input_values, input_shape)
        order = order_of(input_indices)
        return input_indices[order], input_values[order]

    def grad(node, indices_grad, values_grad):
        numbers = sequences.range(arrays.shape(node.input_indices)[0])
        ordered = sparse_reorder(SparseTensor(node.input_indices, numbers, node.input_shape))
        return None, gathering.gather(values_grad, transposing.invert_permutation(ordered.values)), None


class SparseReshape(Op, refuses=True):
    """The indices of the same elements in another dense shape, of which one size may be -1."""

    input_indices = Input(int64)
    input_shape = Input(int64)
    new_shape = Input(int64, static=True)
    output_indices = Output(int64)
    output_shape = Output(int64)
    example = dict(input_indices=np.array([[0, 1], [1, 2]]), input_shape=np.array([2, 3]), new_shape=np.array([-1, 2]),
                   output_indices=np.array([[0, 1], [2, 1]]), output_shape=np.array([3, 2]))

    def infer(node):
        rows, _ = with_rank(node.input_indices.shape.sizes, 2)
        with_rank(node.input_shape.shape.sizes, 1)
        rank, = with_rank(node.new_shape.shape.sizes, 1)
        return [(rows, rank), (rank,)]

    def kernel(input_indices, input_shape, new_shape):
        return sparse_layouts.reshaped(input_indices, input_shape, new_shape)


class SparseConcat(Op, differentiable=False):
    """Sparse tensors joined along an axis that they have."""

    concat_dim = Attr(int)
    N = Attr(int, minimum=2)
    T = TypeAttr(ALL)
    indices = Input(int64, count=N)
    values = Input(T, count=N)
    shapes = Input(int64, count=N)
    output_indices = Output(int64)
    output_values = Output(T)
    output_shape = Output(int64)
    example = dict(indices=[np.array([[0], [2]]), np.array([[1]])], values=[[1.0, 2.0], [5.0]], shapes=[np.array([3]), np.array([2])],
                   concat_dim=0, output_indices=np.array([[0], [2], [4]]), output_values=[1.0, 2.0, 5.0], output_shape=np.array([5]))

    def infer(node):
        rows, rank, sizes = 0, None, (None,)
        for indices, values, shape in zip(node.indices, node.values, node.shapes):
            count, columns = with_rank(indices.shape.sizes, 2)
            count = merged_size(count, with_rank(values.shape.sizes, 1)[0])
            rows = None if rows is None or count is None else rows + count
            rank, sizes = merged_size(rank, columns), merge(sizes, with_rank(shape.shape.sizes, 1))
        return [(rows, merged_size(rank, sizes[0])), (rows,), sizes]

    def kernel(indices, values, shapes, *, concat_dim):
        return sparse_layouts.concatenated(indices, values, shapes, concat_dim)


class SparseSplit(Op, refuses=True):
    """A sparse tensor in ``num_split`` parts along ``split_dim``."""

    num_split = Attr(int)
    T = TypeAttr(ALL)
    split_dim = Input(int64)
    indices = Input(int64)
    values = Input(T)
    shape = Input(int64)
    output_indices = Output(int64, count=num_split)
    output_values = Output(T, count=num_split)
    output_shape = Output(int64, count=num_split)
    example = dict(split_dim=np.array(0), indices=np.array([[0], [3]]), values=[1.0, 2.0], shape=np.array([5]), num_split=2,
                   output_indices=[np.array([[0]]), np.array([[0]])], output_values=[[1.0], [2.0]],
                   output_shape=[np.array([3]), np.array([2])])

    def infer(node):
        shape = node.shape.shape.sizes
        rank = None if shape is None else shape[0]
        return [(None, rank)] * node.num_split + [(None,)] * node.num_split + [shape] * node.num_split

    def kernel(split_dim, indices, values, shape, *, num_split):
        return sparse_layouts.split(split_dim, indices, values, shape, num_split)


class SparseSlice(Op):
    """What of a sparse tensor lies within ``size`` from ``start`` on."""

    T = TypeAttr(ALL)
    indices = Input(int64)
    values = Input(T)
    shape = Input(int64)
    start = Input(int64)
    size = Input(int64)
    output_indices = Output(int64)
    output_values = Output(T)
    output_shape = Output(int64)
    example = dict(indices=np.array([[0, 1], [1, 2]]), values=[1.0, 2.0], shape=np.array([2, 3]), start=np.array([1, 1]),
                   size=np.array([1, 5]), output_indices=np.array([[0, 1]]), output_values=[2.0], output_shape=np.array([1, 2]))

    def infer(node):
        shape = node.shape.shape.sizes
        return [(None, None if shape is None else shape[0]), (None,), shape]

    def kernel(indices, values, shape, start, size):
        return sparse_layouts.sliced(indices, values, shape, start, size)

    def grad(node, indices_grad, values_grad, shape_grad):
        found = SparseSliceGrad.build(values_grad, node.indices, node.start, node.output_indices)
        found.set_shape(node.values.shape)
        return None, found, None, None, None


class SparseSliceGrad(Op, refuses=True):
    """The gradient of `SparseSlice` for the values it was cut from."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    backprop_val_grad = Input(T)
    input_indices = Input(int64)
    input_start = Input(int64)
    output_indices = Input(int64)
    val_grad = Output(T)
    example = dict(backprop_val_grad=[5.0], input_indices=np.array([[0, 1], [1, 2]]), input_start=np.array([1, 1]),
                   output_indices=np.array([[0, 1]]), val_grad=[0.0, 5.0])

    def infer(node):
        return with_rank(node.input_indices.shape.sizes, 2)[:1]

    def kernel(backprop_val_grad, input_indices, input_start, output_indices):
        return sparse_layouts.gradient_of_sliced(backprop_val_grad, input_indices, input_start, output_indices)


# ---------------------------------------------------------------- public functions


def sparse_reorder(sp_input, name=None):
    """The same sparse tensor with its indices in row-major order, as most operations want them.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_reorder(tf.SparseTensor([[2], [0]], [5.0, 7.0], [3])).values)
    array([7., 5.], dtype=float32)
    """
    sp_input = as_sparse(sp_input)
    indices, values = SparseReorder.build(sp_input.indices, sp_input.values, sp_input.dense_shape, name=name)
    return SparseTensor(indices, values, _same_shape(sp_input))


def _same_shape(sparse):
    known = known_shape(sparse)
    return known.as_list() if known.is_fully_defined() else identities.identity(sparse.dense_shape)


def sparse_reshape(sp_input, shape, name=None):
    """The elements of a sparse tensor in another dense shape, in which they have the same place in row-major order.

    Args:
      shape: the new shape; one size may be -1, for what is left.

    Raises:
      ValueError: the numbers of elements differ, or there is more than one -1; in the run
        ``tf.errors.InvalidArgumentError``, where the shapes are not known before.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_reshape(tf.SparseTensor([[1, 0]], [5.0], [2, 3]), [-1]).indices)
    array([[3]])
    """
    sp_input = as_sparse(sp_input)
    shape = casting.cast(shape, int64)
    with name_scope(name, "SparseReshape", [sp_input]) as name:
        indices, sizes = SparseReshape.build(sp_input.indices, sp_input.dense_shape, shape, name=name)
        known = _known_after(known_shape(sp_input), shape)
        if known is not None:
            sizes = constants.constant(known, int64)
        return SparseTensor(indices, identities.identity(sp_input.values), sizes)


def _known_after(before, shape):
    """The sizes after a reshape if they are known while building, else None; ValueError if they cannot be."""
    wanted = sizes_in(shape)
    if wanted is None or not before.is_fully_defined():
        return None
    value = checks.known_value(shape)
    if value is not None and (value == -1).sum() > 1:
        raise ValueError(f"At most one dimension can be inferred (-1). Found: {value}")
    missing = wanted.count(None)
    if missing > 1:
        return None
    total, rest = before.num_elements(), int(np.prod([size for size in wanted if size is not None]))
    known = [total // rest if size is None else size for size in wanted] if rest or not missing else None
    if known is None or int(np.prod(known)) != total:
        raise ValueError(f"Cannot reshape a tensor with {total} elements to shape {list(wanted)} "
                         f"({0 if known is None else int(np.prod(known))} elements).")
    return known


def sparse_transpose(sp_input, perm=None, name=None):
    """A sparse tensor with its axes in the order ``perm``, by default reversed; its indices come in row-major order.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_transpose(tf.SparseTensor([[0, 2]], [5.0], [2, 3])).indices)
    array([[2, 0]])
    """
    with name_scope(name, "SparseTranspose", [sp_input]):
        if perm is None:
            rank = arrays.rank(sp_input)
            perm = (rank - 1) - sequences.range(0, rank, 1)
        indices = transposing.transpose(gathering.gather(transposing.transpose(sp_input.indices), perm))
        order = checks.known_value(to_tensor(perm))
        if order is not None and known_shape(sp_input).is_fully_defined():
            before = sp_input.shape.as_list()
            sizes = [before[axis] for axis in order] + before[len(order):]
        else:
            sizes = gathering.gather(sp_input.dense_shape, perm)
        return sparse_reorder(SparseTensor(indices, sp_input.values, sizes))


def sparse_expand_dims(sp_input, axis=None, name=None):
    """A sparse tensor with a new axis of size 1 before ``axis``, by default after the last.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse.expand_dims(tf.SparseTensor([[4]], [5.0], [6]), 0)).dense_shape
    array([1, 6])
    """
    rank = sp_input.dense_shape.shape[0]
    axis = -1 if axis is None else axis
    with name_scope(name, "expand_dims", [sp_input]):
        if isinstance(axis, (int, np.integer)):
            axis = to_tensor(axis, int32, "axis")
        elif not isinstance(axis, Tensor):
            raise TypeError("axis must be an integer value in range [-rank(sp_input) - 1, rank(sp_input)]")
        axis = selection.where_v2(axis >= 0, axis, axis + rank + 1)
        count = arrays.shape(sp_input.indices)[0]
        column = filling.zeros([count, 1], int64)
        before, after = _slice(sp_input.indices, [0, 0], [-1, axis]), _slice(sp_input.indices, [0, axis], [-1, -1])
        indices = joining.concat([before, column, after], 1)
        before, after = _slice(sp_input.dense_shape, [0], [axis]), _slice(sp_input.dense_shape, [axis], [-1])
        shape = joining.concat([before, to_tensor([1], int64, "new_shape"), after], 0)
        return SparseTensor(indices, sp_input.values, shape)


def _slice(tensor, begin, size):
    from graphcore.ops import slicing

    return slicing.slice(tensor, begin, size)


def sparse_concat(axis, sp_inputs, name=None, expand_nonconcat_dim=False, concat_dim=None, expand_nonconcat_dims=None):
    """Sparse tensors of one rank joined along ``axis``; the indices of each have to be in row-major order.

    Args:
      axis: an axis that they have, also a negative one.
      sp_inputs: a list of SparseTensors; one alone is returned as it is.
      expand_nonconcat_dim: whether sizes along other axes may differ; the largest is taken then.
      concat_dim, expand_nonconcat_dims: other names of ``axis`` and ``expand_nonconcat_dim``.

    >>> import graphcore as tf
    >>> a, b = tf.SparseTensor([[0]], [1.0], [2]), tf.SparseTensor([[1]], [5.0], [3])
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_concat(0, [a, b])).indices
    array([[0],
           [3]])
    """
    # False is a value too: the new name is refused unless the old one is None, as in TF.
    expand_nonconcat_dim = arrays.renamed("expand_nonconcat_dims", expand_nonconcat_dims, "expand_nonconcat_dim", expand_nonconcat_dim)
    axis = arrays.renamed("axis", axis, "concat_dim", concat_dim)
    sp_inputs = all_sparse(sp_inputs)
    if len(sp_inputs) == 1:
        return sp_inputs[0]
    shapes = [each.dense_shape for each in sp_inputs]
    if expand_nonconcat_dim:
        shapes = _with_largest_sizes(shapes, axis)
    parts = [each.indices for each in sp_inputs], [each.values for each in sp_inputs], shapes
    indices, values, sizes = SparseConcat.build(*parts, concat_dim=axis, name=name)
    known = [checks.known_value(shape) for shape in shapes]
    if all(shape is not None for shape in known):
        sizes = known[0].copy()
        sizes[axis] = sum(shape[axis] for shape in known)
        sizes = to_tensor(sizes)
    return SparseTensor(indices, values, sizes)


def _with_largest_sizes(shapes, axis):
    """The shapes with the largest of their sizes everywhere but along ``axis``."""
    largest = reductions.reduce_max(joining.concat([arrays.reshape(shape, [1, -1]) for shape in shapes], 0), 0)
    last = axis == -1
    return [joining.concat([largest[:axis], shape[-1:] if last else shape[axis:axis + 1], [] if last else largest[axis + 1:]], 0)
            for shape in shapes]


class KeywordRequired:
    """Stands where an argument without keyword would go."""

    def __repr__(self):
        return "KeywordRequired()"


_NO_KEYWORD = KeywordRequired()


def sparse_split(keyword_required=_NO_KEYWORD, sp_input=None, num_split=None, axis=None, name=None, split_dim=None):
    """A list of ``num_split`` SparseTensors, cut from ``sp_input`` along ``axis``; all arguments need keywords.

    If the size does not divide evenly, the first parts get one more each.

    Raises:
      ValueError: an argument without keyword, or none for ``sp_input``, ``num_split`` or ``axis``.

    >>> import graphcore as tf
    >>> parts = tf.sparse_split(sp_input=tf.SparseTensor([[0], [4]], [1.0, 2.0], [5]), num_split=2, axis=0)
    >>> with tf.Session() as session:
    ...     session.run(parts[1]).dense_shape
    array([2])
    """
    if not isinstance(keyword_required, KeywordRequired):
        raise ValueError("Keyword arguments are required for this function.")
    for word, value in (("sp_input", sp_input), ("num_split", num_split), ("axis", axis)):
        if value is None:
            raise ValueError(f"{word} is required")
    axis = arrays.renamed("axis", axis, "split_dim", split_dim)
    sp_input = as_sparse(sp_input)
    parts = SparseSplit.build(axis, sp_input.indices, sp_input.values, sp_input.dense_shape, num_split=num_split, name=name)
    return [SparseTensor(*each) for each in zip(*parts)]


def sparse_slice(sp_input, start, size, name=None):
    """The part of a sparse tensor that begins at ``start`` and has at most the sizes ``size``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_slice(tf.SparseTensor([[0], [4]], [1.0, 2.0], [5]), [3], [9]))
    SparseTensorValue(indices=array([[1]]), values=array([2.], dtype=float32), dense_shape=array([2]))
    """
    sp_input = as_sparse(sp_input)
    start, size = to_tensor(start, int64), to_tensor(size, int64)
    with name_scope(name, "SparseSlice", [sp_input]) as name:
        return SparseTensor(*SparseSlice.build(sp_input.indices, sp_input.values, sp_input.dense_shape, start, size, name=name))


__all__ = ["sparse_concat", "sparse_reorder", "sparse_reshape", "sparse_slice", "sparse_split", "sparse_transpose"]
