"""Array code of sparse tensors: their rows of indices put in order, merged, looked up and grouped."""

import numpy as np

from graphcore.core import errors
from graphcore.core.shapes import format_shape


def invalid(text):
    """An InvalidArgumentError, to which the session adds the op's name and the user's line."""
    return errors.InvalidArgumentError(None, None, text)


def shape_text(array):
    """The shape of an array as TF's messages print it: ``[2,3]``."""
    return format_shape(np.shape(array))


def check_sizes(sizes):
    """Raise for a negative number in a dense shape."""
    for axis, size in enumerate(sizes):
        if size < 0:
            raise invalid(f"Dimension {size} must be >= 0 (it is number {axis} of the dense shape)")


def check_parts(indices, values, sizes, where=""):
    """Raise unless the three parts of a sparse tensor fit together; ``where`` ends the messages."""
    if np.ndim(indices) != 2:
        raise invalid(f"Input indices should be a matrix but received shape {shape_text(indices)}{where}")
    if np.ndim(values) != 1:
        raise invalid(f"Input values should be a vector but received shape {shape_text(values)}{where}")
    if np.ndim(sizes) != 1:
        raise invalid(f"Input shape should be a vector but received shape {shape_text(sizes)}{where}")
    check_counts(indices, values, sizes)


def check_counts(indices, values, sizes):
    """Raise unless there is a row of indices for each value, and a column for each size."""
    if len(indices) != len(values):
        raise invalid(f"indices and values rows (indexing dimension) must match. (indices = {len(indices)}, values = {len(values)})")
    if indices.shape[1] != len(sizes):
        raise invalid(f"Order length must be SparseTensor rank. (A row of indices has {indices.shape[1]} numbers, the shape {len(sizes)})")
    check_sizes(sizes)


def check_inside(indices, sizes):
    """Raise for the first index that lies outside of the dense shape."""
    outside = ((indices < 0) | (indices >= sizes)).any(axis=1)
    if outside.any():
        first = int(np.argmax(outside))
        raise invalid(f"indices[{first}] = {format_shape(indices[first])} is out of bounds: need 0 <= index < {format_shape(sizes)}")


def strides(sizes):
    """How far apart neighbours along each axis are, in elements, when all elements stand in row-major order."""
    return np.cumprod(np.r_[1, sizes[:0:-1]], dtype=np.int64)[::-1][:len(sizes)]


def check_order(indices, sizes):
    """Raise for the first index that is outside of the dense shape, before the one above it, or equal to it."""
    inside = ((indices >= 0) & (indices < sizes)).all(axis=1)
    flat = indices @ strides(sizes)
    wrong = ~inside
    wrong[1:] |= np.diff(flat) <= 0
    if not wrong.any():
        return
    first = int(np.argmax(wrong))
    which = f"indices[{first}] = {format_shape(indices[first])}"
    if not inside[first]:
        raise invalid(f"{which} is out of bounds: need 0 <= index < {format_shape(sizes)}")
    if flat[first] < flat[first - 1]:
        raise invalid(f"{which} is out of order. Many sparse ops require sorted indices.")
    raise invalid(f"{which} is repeated")


def _as_numbers(rows):
    """One number for each row, ordered as the rows are; None where there are no such numbers of 63 bits."""
    greatest = rows.max(axis=0, initial=0)
    if rows.min(initial=0) < 0 or np.prod(greatest + 1.0) >= 2**62:
        return None
    return rows @ strides(greatest + 1)


def order_of(rows):
    """The permutation that puts rows in row-major order; equal rows keep theirs."""
    if not rows.shape[1]:
        return np.arange(len(rows))
    numbers = _as_numbers(rows)
    # Sorting numbers takes a quarter of the time, and next to none where they are in order.
    return np.lexsort(rows.T[::-1]) if numbers is None else np.argsort(numbers, kind="stable")


def starts_of_runs(rows):
    """Where a run of equal rows begins, as positions."""
    if not len(rows):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.r_[True, (rows[1:] != rows[:-1]).any(axis=1)])


def _ascend(rows):
    """Whether each row is greater than the one above it."""
    numbers = _as_numbers(rows)
    if numbers is not None:
        return bool((np.diff(numbers) > 0).all())
    steps = np.diff(rows, axis=0)
    if not steps.size:
        return len(rows) < 2
    first = (steps != 0).argmax(axis=1)
    return bool((steps[np.arange(len(steps)), first] > 0).all())


def merged(a, b):
    """The union of rows that ascend, as (positions in ``a``, positions in ``b``) with -1 where a row is missing.

    Rows that do not ascend are merged as they come, the smaller of the next two first, as TF does.
    """
    if not (_ascend(a) and _ascend(b)):
        return _merged_as_they_come(a.tolist(), b.tolist())
    both = np.concatenate([a, b])
    order = order_of(both)
    starts = starts_of_runs(both[order])
    first, last = order[starts], order[np.r_[starts[1:], len(order)] - 1] if len(starts) else order
    return np.where(first < len(a), first, -1), np.where(last >= len(a), last - len(a), -1)


def _merged_as_they_come(a, b):
    i, j, places = 0, 0, []
    while i < len(a) or j < len(b):
        takes_a = j == len(b) or i < len(a) and a[i] <= b[j]
        takes_b = i == len(a) or j < len(b) and b[j] <= a[i]
        places.append((i if takes_a else -1, j if takes_b else -1))
        i, j = i + takes_a, j + takes_b
    return tuple(np.array(places, np.int64).reshape(-1, 2).T)


def taken(array, positions):
    """The elements at ``positions``, zeros where the position is -1."""
    if not len(array):
        return np.zeros((len(positions), *array.shape[1:]), array.dtype)
    found = array[positions]
    found[positions < 0] = 0
    return found


def merged_rows(a, b, at_a, at_b):
    """The rows themselves that `merged` found in ``a`` or else in ``b``."""
    return np.where((at_a >= 0)[:, None], taken(a, at_a), taken(b, at_b))


def places_among(rows, among):
    """The position of each of ``rows`` in ``among``, -1 where it is not there."""
    if not len(rows) or not len(among):
        return np.full(len(rows), -1)
    if not rows.shape[1]:
        return np.zeros(len(rows), np.int64)
    both = np.concatenate([among, rows])
    numbers = np.unique(both if _as_numbers(both) is None else _as_numbers(both)[:, None], axis=0, return_inverse=True)[1].ravel()
    table = np.full(len(numbers), -1)
    table[numbers[:len(among)]] = np.arange(len(among))
    return table[numbers[len(among):]]


# ---------------------------------------------------------------- reductions


def check_reduction(indices, values, sizes, axes):
    """Raise for parts or axes that cannot be reduced."""
    if indices.ndim != 2:
        raise invalid(f"indices must be a matrix, but got: {shape_text(indices)}")
    if values.ndim != 1:
        raise invalid(f"vals must be a vec, but got: {shape_text(values)}")
    if sizes.ndim != 1:
        raise invalid(f"Expected input_shape to be a vector; got shape: {shape_text(sizes)}")
    if np.ndim(axes) > 1:
        raise invalid(f"Expected reduction_axes to be a scalar or a vector; got shape: {shape_text(axes)}")
    check_counts(indices, values, sizes)
    for axis in np.ravel(axes):
        if not -len(sizes) <= axis < len(sizes):
            raise invalid(f"Invalid reduction dimension {axis}, for input with {len(sizes)} dimensions.")


def reduced(ufunc, indices, values, sizes, axes):
    """(rows of the axes that are left, in order; ``ufunc`` over the values of each; the axes that are left)."""
    check_reduction(indices, values, sizes, axes)
    gone = {int(axis) % len(sizes) for axis in np.ravel(axes)}
    left = [axis for axis in range(len(sizes)) if axis not in gone]
    order = order_of(indices[:, left])
    rows = indices[order][:, left]
    starts = starts_of_runs(rows)
    found = ufunc.reduceat(values[order], starts, dtype=values.dtype) if len(starts) else values[:0]
    if ufunc is np.fmax and values.dtype.kind not in "iu":
        # TF begins at -inf and takes no NaN.
        found = np.where(np.isnan(found), np.array(-np.inf, values.dtype), found)
    return rows[starts], found, left


def dense_reduction(ufunc, indices, values, sizes, axes, keep_dims):
    """A dense array of ``ufunc`` over the values that share the indices left; zeros where there is none."""
    rows, found, left = reduced(ufunc, indices, values, sizes, axes)
    kept = sizes[left]
    check_inside(rows, kept)
    result = np.zeros(kept, values.dtype)
    result[tuple(rows.T)] = found if left else found.sum(dtype=values.dtype)
    return result.reshape([size if axis in left else 1 for axis, size in enumerate(sizes)]) if keep_dims else result


def sparse_reduction(ufunc, indices, values, sizes, axes, keep_dims):
    """The parts of a sparse tensor of ``ufunc`` over the values that share the indices left."""
    rows, found, left = reduced(ufunc, indices, values, sizes, axes)
    if not keep_dims:
        return rows, found, sizes[left]
    wide, kept = np.zeros((len(rows), len(sizes)), np.int64), np.ones_like(sizes)
    wide[:, left], kept[left] = rows, sizes[left]
    return wide, found, kept


def softmax_of_rows(indices, values, sizes):
    """The softmax over the values given in each row, the runs that differ in the last index only."""
    if indices.ndim != 2:
        raise invalid(f"Input sp_indices should be a matrix but received shape: {shape_text(indices)}")
    if values.ndim != 1 or sizes.ndim != 1:
        raise invalid(f"Inputs sp_values and sp_shape should be vectors but received shapes: {shape_text(values)} and {shape_text(sizes)}")
    if len(sizes) < 2:
        raise invalid(f"Input should have rank >= 2, but received shape: {' '.join(map(str, sizes))}")
    check_counts(indices, values, sizes)
    starts = starts_of_runs(indices[:, :-1])
    if not len(starts):
        return values.copy()
    lengths = np.diff(np.r_[starts, len(values)])
    powers = np.exp(values - np.repeat(np.maximum.reduceat(values, starts), lengths))
    return powers / np.repeat(np.add.reduceat(powers, starts, dtype=values.dtype), lengths)
