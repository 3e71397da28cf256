"""Array code of sparse tensors that are reshaped, joined, cut and filled."""

import numpy as np

from graphcore.core import errors
from graphcore.core.shapes import format_shape
from graphcore.ops.kernels.sparsity import check_parts, check_sizes, invalid, order_of, places_among, shape_text, strides


# ---------------------------------------------------------------- reshape
def reshaped(indices, sizes, wanted):
    """(indices, shape) of the same elements in another dense shape, of which one size may be -1."""
    if indices.ndim != 2:
        raise invalid(f"Input indices should be a matrix but received shape {shape_text(indices)}")
    if sizes.ndim != 1:
        raise invalid(f"Input shape should be a vector but received shape {shape_text(sizes)}")
    if wanted.ndim != 1:
        raise invalid(f"Target shape should be a vector but received shape {shape_text(wanted)}")
    if indices.shape[1] != len(sizes):
        raise invalid(f"Order length must be SparseTensor rank. (A row of indices has {indices.shape[1]} numbers, the shape {len(sizes)})")
    check_sizes(sizes)
    completed = _completed(sizes, wanted)
    flat = indices @ strides(sizes)
    result = np.empty((len(indices), len(completed)), np.int64)
    for axis, stride in enumerate(strides(completed)):
        result[:, axis], flat = np.divmod(flat, max(stride, 1))
    return result, completed


def _completed(sizes, wanted):
    """``wanted`` with -1 replaced by the size that fits."""
    unknown = np.flatnonzero(wanted == -1)
    if len(unknown) > 1:
        raise invalid(f"only one output dimension may be -1, not both {unknown[0]} and {unknown[1]}")
    for axis, size in enumerate(wanted):
        if size < -1:
            raise invalid(f"size {axis} must be non-negative, not {size}")
    completed, total = wanted.copy(), int(np.prod(sizes))
    known = int(np.prod(wanted[wanted != -1]))
    if len(unknown):
        if not known:
            raise invalid("reshape cannot infer the missing input size for an empty tensor unless all specified input sizes are non-zero")
        completed[unknown[0]] = total // known
        if total % known:
            raise invalid(f"Input to reshape is a SparseTensor with {total} dense values, but the requested shape requires a multiple of "
                          f"{known}. input_shape={format_shape(sizes)} output_shape={format_shape(completed)}")
    elif known != total:
        raise invalid(f"Input to reshape is a tensor with {total} dense values, but the requested shape has {known}. "
                      f"input_shape={format_shape(sizes)} output_shape={format_shape(completed)}")
    return completed


# ---------------------------------------------------------------- concat and split
def concatenated(indices, values, shapes, axis):
    """The parts of sparse tensors joined along ``axis``, in row-major order."""
    for position, parts in enumerate(zip(indices, values, shapes)):
        if parts[2].ndim == 1 and shapes[0].ndim == 1 and len(parts[2]) != len(shapes[0]):
            raise invalid(f"Ranks of all input tensors must match: expected {len(shapes[0])} but got {len(parts[2])} "
                          f"at position {position}")
        check_parts(*parts, f" at position {position}")
    rank = len(shapes[0])
    if not -rank <= axis < rank:
        raise invalid(f"Concat dimension must be in range [{-rank}, {rank}), got {axis}")
    axis %= rank
    _check_joined(shapes, axis)
    moved, offset = [], 0
    for rows, sizes in zip(indices, shapes):
        moved.append(rows + np.eye(1, rank, axis, np.int64) * offset)
        offset += sizes[axis]
    rows, sizes = np.concatenate(moved), shapes[0].copy()
    sizes[axis] = offset
    order = order_of(rows)
    return rows[order], np.concatenate(values)[order], sizes


def _check_joined(shapes, axis):
    for position, sizes in enumerate(shapes):
        for number, (first, other) in enumerate(zip(shapes[0], sizes)):
            if number != axis and first != other:
                raise invalid(f"Input shapes must match: expected {first} for dimension {number} but got {other} at position {position}")


def split(axis, indices, values, sizes, count):
    """``count`` sparse tensors, the first ones larger if the size does not divide evenly: all indices, then all values, all shapes."""
    check_parts(indices, values, sizes)
    if np.size(axis) != 1:
        raise invalid(f"Input split_dim should be a scalar or a vector of one number, got shape {shape_text(axis)}")
    axis = int(np.ravel(axis)[0])
    if not 0 <= axis < len(sizes):
        raise invalid(f"Input split_dim should be between 0 and rank ({len(sizes)}), got {axis}")
    if not 1 <= count <= sizes[axis]:
        raise invalid(f"Input num_split should be between 1 and the splitting dimension size ({sizes[axis]}), got {count}")
    each, more = divmod(int(sizes[axis]), count)
    ends = np.cumsum([each + (number < more) for number in range(count)])
    part = np.searchsorted(ends, indices[:, axis], side="right")
    kept = [part == number for number in range(count)]
    moves = [np.eye(1, len(sizes), axis, np.int64)[0] * start for start in (0, *ends[:-1])]
    lengths = np.diff(np.r_[0, ends])
    shapes = [np.where(np.arange(len(sizes)) == axis, length, sizes) for length in lengths]
    return [*(indices[keep] - move for keep, move in zip(kept, moves)), *(values[keep] for keep in kept), *shapes]


# ---------------------------------------------------------------- slice
def sliced(indices, values, sizes, start, size):
    """The parts of what lies within ``size`` from ``start`` on."""
    for word, given in (("start", start), ("size", size)):
        if given.ndim != 1:
            raise invalid(f"Input {word} should be a vector but received shape {shape_text(given)}")
        if sizes.ndim == 1 and len(given) != len(sizes):
            raise invalid(f"Expected {word} to be a vector of length {len(sizes)} but got length {len(given)}")
    check_parts(indices, values, sizes)
    if (size < 0).any() or (start > sizes).any():
        raise invalid(f"The slice of sizes {format_shape(size)} from {format_shape(start)} on is not inside of shape {format_shape(sizes)}")
    kept = ((indices >= start) & (indices < start + size)).all(axis=1)
    return indices[kept] - start, values[kept], np.minimum(size, sizes - start)


def gradient_of_sliced(dy, indices, start, sliced_indices):
    """For each element before the slice the gradient of the one it became, else 0."""
    if dy.ndim != 1 or start.ndim != 1 or indices.ndim != 2 or sliced_indices.ndim != 2:
        raise invalid("Input backprop_val_grad and input_start should be vectors, the indices matrices, but received shapes "
                      f"{', '.join(map(shape_text, (dy, start, indices, sliced_indices)))}")
    if len(dy) != len(sliced_indices):
        raise invalid("# elements of backprop_val_grad and # rows of output_indices should match (#nnz of sum): "
                      f"got {len(dy)} and {len(sliced_indices)}")
    if not indices.shape[1] == sliced_indices.shape[1] == len(start):
        raise invalid("The indices should have as many columns as input_start has entries: "
                      f"got {indices.shape[1]}, {sliced_indices.shape[1]} and {len(start)}")
    places = places_among(sliced_indices + start, indices)
    if (places < 0).any():
        used = int((places >= 0).sum())
        raise errors.InternalError(None, None, "Elements of backprop_val_grad aren't all propagated. "
                                               f"Num elements:{len(dy)}, used: {used}")
    result = np.zeros(len(indices), dy.dtype)
    result[places] = dy
    return result


# ---------------------------------------------------------------- rows without elements
def filled(indices, values, sizes, default):
    """(indices, values, which rows were empty, where each element went), with ``default`` first in each empty row."""
    if sizes.ndim != 1:
        raise invalid(f"dense_shape must be a vector, saw: {shape_text(sizes)}")
    if indices.ndim != 2:
        raise invalid(f"indices must be a matrix, saw: {shape_text(indices)}")
    if values.ndim != 1:
        raise invalid(f"values must be a vector, saw: {shape_text(values)}")
    if np.ndim(default):
        raise invalid(f"default_value must be a scalar, saw: {shape_text(default)}")
    if not len(sizes):
        raise invalid("Dense shape cannot be empty.")
    check_parts(indices, values, sizes)
    count = int(sizes[0])
    _check_rows(indices, count)
    rows = indices[:, 0]
    lengths = np.bincount(rows, minlength=count)
    empty = lengths == 0
    starts = np.cumsum(np.maximum(lengths, 1)) - np.maximum(lengths, 1)
    order = np.argsort(rows, kind="stable")
    places = np.empty(len(rows), np.int64)
    places[order] = starts[rows[order]] + np.arange(len(rows)) - (np.cumsum(lengths) - lengths)[rows[order]]
    return *_with_default(indices, values, default, places, starts[empty], np.flatnonzero(empty)), empty, places


def _check_rows(indices, count):
    if not count and len(indices):
        raise invalid(f"Received SparseTensor with dense_shape[0] = 0 but indices.shape[0] = {len(indices)}")
    outside = (indices[:, 0] < 0) | (indices[:, 0] >= count)
    if outside.any():
        first = int(np.argmax(outside))
        raise invalid(f"indices({first}, 0) is invalid: {indices[first, 0]} >= {count}")


def _with_default(indices, values, default, places, added, empty_rows):
    total = len(places) + len(added)
    all_indices, all_values = np.zeros((total, indices.shape[1]), np.int64), np.empty(total, values.dtype)
    all_indices[places], all_values[places] = indices, values
    all_indices[added, 0] = empty_rows
    all_values[added] = default
    return all_indices, all_values


def gradients_of_filled(places, dy):
    """(gradient of the values, gradient of the default value)."""
    if places.ndim != 1 or dy.ndim != 1:
        raise invalid(f"reverse_index_map and grad_values must be vectors, saw: {shape_text(places)} and {shape_text(dy)}")
    outside = (places < 0) | (places >= len(dy))
    if outside.any():
        raise invalid(f"Elements in reverse index must be in [0, {len(dy)}) but got {places[int(np.argmax(outside))]}")
    added = np.ones(len(dy), bool)
    added[places] = False
    return dy[places], dy[added].sum(dtype=dy.dtype)
