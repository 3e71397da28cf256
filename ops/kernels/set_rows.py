"""Array code of sets: the rows along the last axis of dense or sparse tensors.

Sets come as (the shape without the last axis, a dictionary: index without the last axis → set of elements).
"""

import numpy as np

from graphcore.core.shapes import format_shape
from graphcore.ops.kernels.sparsity import check_order, check_parts, invalid, starts_of_runs

_OPERATIONS = {
    b"a-b": lambda a, b: a - b,
    b"b-a": lambda a, b: b - a,
    b"intersection": lambda a, b: a & b,
    b"union": lambda a, b: a | b,
}


def of_dense(array):
    """The sets that the rows of a dense array are."""
    if array.ndim < 2:
        raise invalid(f"Shape {format_shape(array.shape)} has rank {array.ndim} < 2: sets are the rows of a tensor of rank 2 or more.")
    groups = array.shape[:-1]
    return groups, {at: set(array[at].tolist()) for at in np.ndindex(*groups)}


def of_sparse(indices, values, sizes, validate_indices):
    """The sets that the rows of a sparse tensor are; TF checks their order even if ``validate_indices`` is false."""
    check_parts(indices, values, sizes)
    if len(sizes) < 2:
        raise invalid(f"Invalid rank {len(sizes)}.")
    check_order(indices, sizes)
    starts = starts_of_runs(indices[:, :-1])
    ends = [*starts[1:], len(indices)]
    elements = values.tolist()
    rows = {tuple(indices[start, :-1].tolist()): set(elements[start:end]) for start, end in zip(starts, ends)}
    return tuple(int(size) for size in sizes[:-1]), rows


def combined(operation, first, second, dtype):
    """The parts of a sparse tensor with the sorted results of a set operation on each two rows."""
    combine = _OPERATIONS.get(operation)
    if combine is None:
        raise invalid(f"Invalid set_operation {operation.decode(errors='replace')}.")
    groups, rows_a = first
    if groups != second[0]:
        raise invalid(f"Mismatched shapes {format_shape(groups)} vs {format_shape(second[0])} of the sets without their last axes")
    rows_b, found = second[1], {}
    for at in sorted(rows_a.keys() | rows_b.keys()):
        found[at] = sorted(combine(rows_a.get(at, set()), rows_b.get(at, set())))
    indices = [(*at, i) for at, row in found.items() for i in range(len(row))]
    values = np.array([value for row in found.values() for value in row], object if dtype.kind == "O" else dtype)
    longest = max(map(len, found.values()), default=0)
    return np.array(indices, np.int64).reshape(len(indices), len(groups) + 1), values, np.array([*groups, longest], np.int64)
