"""Gradients of reductions: how a reduced value's gradient is spread over what was reduced."""

import math

from graphcore.core.dtypes import int32
from graphcore.core.scopes import get_default_graph
from graphcore.core.view import constant_value
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    comparison,
    constants,
    gathering,
    joining,
    operands,
    partitions,
    reductions,
    scans,
    sequences,
    transposing,
)


def sum_grad(node, grad):
    """``grad`` repeated over the shape of the sum's input."""
    sizes = node.input._shape.sizes
    axes = None if sizes is None else constant_value(node.reduction_indices)
    if axes is not None and axes.ndim == 1 and axes.tolist() == list(range(len(sizes))):
        grad = arrays.reshape(grad, [1] * len(sizes))
        full = arrays.shape(node.input) if None in sizes else constants.constant(sizes, int32)
        return transposing.tile(grad, full)
    if axes is not None and None not in sizes:
        kept, multiples = _static_kept_shape(sizes, tuple(axes.ravel()))
        return transposing.tile(arrays.reshape(grad, kept), multiples)
    shape = arrays.shape(node.input)
    with get_default_graph().colocate_with(shape):
        kept = reduced_shape(shape, node.reduction_indices)
        multiples = _safe_quotient(shape, kept)
    return transposing.tile(arrays.reshape(grad, kept), multiples)


def _static_kept_shape(sizes, axes):
    """(shape with reduced axes as 1, how often each axis was repeated), found once a graph for each pair.

    That first time leaves the nodes of the computation in the graph, as in TF.
    """
    known = get_default_graph()._attachments.setdefault("reduced shapes", {})
    found = known.get((sizes, axes))
    if found is None:
        reduced_shape(sizes, axes)
        gone = {int(axis) % len(sizes) for axis in axes}
        kept = tuple(1 if axis in gone else size for axis, size in enumerate(sizes))
        _safe_quotient(sizes, kept)
        multiples = tuple(size // max(left, 1) for size, left in zip(sizes, kept))
        found = known[sizes, axes] = (kept, multiples)
    return found


def _safe_quotient(x, y):
    """``x // y`` for shapes; nothing divided by nothing is nothing."""
    return x // arithmetic.maximum(y, 1)


def reduced_shape(input_shape, axes):
    """A tensor with ``input_shape`` where the sizes along ``axes`` are 1."""
    input_shape = casting.cast(input_shape, int32)
    axes = casting.cast(axes, int32)
    rank = arrays.size(input_shape)
    axes = (axes + rank) % rank
    axes_shape = arrays.shape(axes)
    return partitions.dynamic_stitch([sequences.range(rank), axes], [input_shape, arrays.fill(axes_shape, 1)])


def mean_grad(node, grad):
    """The gradient of a sum, divided by the number of elements in a mean."""
    grad = sum_grad(node, grad)
    before, after = node.input._shape, node.output._shape
    if before.is_fully_defined() and after.is_fully_defined():
        factor = math.prod(before.sizes) // max(math.prod(after.sizes), 1)
        factor = constants.constant(factor, dtype=grad.dtype)
    else:
        before, after = arrays.shape(node.input), arrays.shape(node.output)
        factor = _safe_quotient(reductions.reduce_prod(before), reductions.reduce_prod(after))
    return grad / casting.cast(factor, grad.dtype)


def extreme_grad(node, grad):
    """The gradient of a maximum or minimum, shared evenly by the elements that reach it."""
    kept = reduced_shape(arrays.shape(node.input), node.reduction_indices)
    extreme = arrays.reshape(node.output, kept)
    grad = arrays.reshape(grad, kept)
    reached = casting.cast(comparison.equal(extreme, node.input), grad.dtype)
    count = arrays.reshape(reductions.reduce_sum(reached, node.reduction_indices), kept)
    return reached / count * grad


def prod_grad(node, grad):
    """The gradient of a product: for each element the product of the others, right for zeros too."""
    shape = arrays.shape(node.input)
    indices = arrays.reshape(node.reduction_indices, [-1])
    kept = reduced_shape(shape, node.reduction_indices)
    multiples = _safe_quotient(shape, kept)
    grad = transposing.tile(arrays.reshape(grad, kept), multiples)
    order, sizes = _reduced_axes_first(node.input, shape, indices)
    turned = transposing.transpose(node.input, order)
    turned_shape = arrays.shape(turned)
    columns = arrays.reshape(turned, sizes)
    before = scans.cumprod(columns, axis=0, exclusive=True)
    after = scans.cumprod(columns, axis=0, exclusive=True, reverse=True)
    others = arrays.reshape(operands.conj(before) * operands.conj(after), turned_shape)
    return arrays.reshape(grad * transposing.transpose(others, transposing.invert_permutation(order)), shape)


def _reduced_axes_first(x, shape, indices):
    """The permutation that brings the reduced axes to the front, and how many elements they and the others hold."""
    with get_default_graph().device("/cpu:0"):
        rank = arrays.rank(x)
        reduced = casting.cast((indices + rank) % rank, int32)
        others, _ = partitions.setdiff1d(sequences.range(0, rank), reduced)
        order = joining.concat([reduced, others], 0)
        inner = reductions.reduce_prod(gathering.gather(shape, reduced))
        outer = reductions.reduce_prod(gathering.gather(shape, others))
    return order, (inner, outer)


__all__ = []
