"""Array code of sums, products and extremes of sparse tensors, each given by its three parts."""

import numpy as np

from graphcore.core.shapes import format_shape
from graphcore.ops.kernels.sparsity import check_sizes, invalid, merged, merged_rows, places_among, shape_text, taken


def _check_two(a, b, of_indices, of_values):
    """Raise unless the two sparse tensors are well formed and of one shape."""
    shapes = [(shape_text(x), shape_text(y)) for x, y in zip(a, b)]
    if a[0].ndim != 2 or b[0].ndim != 2:
        raise invalid(of_indices.format(*shapes[0]))
    if a[1].ndim != 1 or b[1].ndim != 1:
        raise invalid(of_values.format(*shapes[1]))
    if len(a[0]) != len(a[1]) or len(b[0]) != len(b[1]):
        raise invalid(f"Expected {len(a[0])} and {len(b[0])} non-empty input values, got {len(a[1])} and {len(b[1])}")
    if a[2].ndim != 1 or b[2].ndim != 1:
        raise invalid("Input shapes should be a vector but received shapes {} and {}".format(*shapes[2]))
    _check_equal(a, b)


def _check_equal(a, b):
    (a_indices, _, a_sizes), (b_indices, _, b_sizes) = a, b
    if len(a_sizes) != len(b_sizes) or a_indices.shape[1] != len(a_sizes) or b_indices.shape[1] != len(b_sizes):
        raise invalid(f"Operands do not have the same ranks; got shapes: {' '.join(map(str, a_sizes))} and {' '.join(map(str, b_sizes))} "
                      f"(with indices of {a_indices.shape[1]} and {b_indices.shape[1]} numbers)")
    for axis, (x, y) in enumerate(zip(a_sizes, b_sizes)):
        if x != y:
            raise invalid(f"Operands' shapes do not match: got {x} and {y} for dimension {axis}")


def added(a, b, threshold):
    """The parts of ``a + b``, without the sums of two elements whose magnitude is less than the threshold."""
    if np.ndim(threshold):
        raise invalid(f"The magnitude threshold must be a scalar: got shape {shape_text(threshold)}")
    _check_two(a, b, "Input indices should be matrices but received shapes: {} and {}",
               "Input values should be vectors but received shapes: {} and {}")
    at_a, at_b = merged(a[0], b[0])
    total = taken(a[1], at_a) + taken(b[1], at_b)
    kept = (threshold <= np.abs(total)) | (at_a < 0) | (at_b < 0)
    return merged_rows(a[0], b[0], at_a, at_b)[kept], total[kept], a[2].copy()


def gradients_of_added(dy, a_indices, b_indices, sum_indices):
    """For each element of the operands the gradient of the element of the sum it went into; 0 if it was left out."""
    if dy.ndim != 1:
        raise invalid(f"Input backprop_val_grad should be a vector but received shape: {shape_text(dy)}")
    if any(each.ndim != 2 for each in (a_indices, b_indices, sum_indices)):
        raise invalid("Inputs *_indices should be matrices but received shapes: "
                      f"{', '.join(map(shape_text, (a_indices, b_indices, sum_indices)))}")
    if len(dy) != len(sum_indices):
        raise invalid("# elements of backprop_val_grad and # rows of sum_indices should match (#nnz of sum): "
                      f"got {len(dy)} and {len(sum_indices)}")
    if not a_indices.shape[1] == b_indices.shape[1] == sum_indices.shape[1]:
        raise invalid(f"The densified operands should have the same ndims: got {a_indices.shape[1]}, {b_indices.shape[1]}, "
                      f"{sum_indices.shape[1]}")
    return tuple(taken(dy, places_among(indices, sum_indices)) for indices in (a_indices, b_indices))


def chosen(a, b, choose):
    """(indices, values) of ``choose`` of each two elements, 0 for one that is not given."""
    _check_two(a, b, "Inputs a_indices and b_indices should be matrices but received shapes: {}, {}",
               "Inputs a_values and b_values should be vectors but received shapes: {} and {}")
    at_a, at_b = merged(a[0], b[0])
    return merged_rows(a[0], b[0], at_a, at_b), choose(taken(a[1], at_a), taken(b[1], at_b))


def added_to_dense(indices, values, sizes, dense):
    """``dense`` plus a sparse tensor of the same shape."""
    _check_with_dense(indices, values, sizes, dense)
    total = dense.copy()
    np.add.at(total, tuple(indices.T), values)
    return total


def _check_with_dense(indices, values, sizes, dense):
    if indices.ndim != 2:
        raise invalid(f"Input a_indices should be a matrix but received shape: {shape_text(indices)}")
    if values.ndim != 1 or sizes.ndim != 1:
        raise invalid(f"Inputs a_values and a_shape should be vectors but received shapes: {shape_text(values)} and {shape_text(sizes)}")
    if len(sizes) != np.ndim(dense) or indices.shape[1] != len(sizes):
        raise invalid(f"Two operands have different ranks; received: {len(sizes)} and {np.ndim(dense)}")
    if not 1 <= len(sizes) <= 5:
        raise invalid(f"Only tensors with ranks between 1 and 5 are currently supported.  Tensor rank: {len(sizes)}")
    if len(indices) != len(values):
        raise invalid(f"indices and values rows (indexing dimension) must match. (indices = {len(indices)}, values = {len(values)})")
    for axis, (x, y) in enumerate(zip(sizes, dense.shape)):
        if x != y:
            raise invalid(f"Dimension {axis} does not equal (no broadcasting is supported): sparse side {x} vs dense side {y}")
    outside = ((indices < 0) | (indices >= sizes)).any(axis=0)
    if outside.any():
        raise invalid(f"Sparse tensor has some invalid index on dimension {int(np.argmax(outside))}; dense tensor shape: "
                      f"{shape_text(dense)}")


def dense_at(indices, values, sizes, dense):
    """The elements of ``dense``, broadcast to the sparse tensor's shape, at its indices."""
    if indices.ndim != 2:
        raise invalid(f"Input sp_indices should be a matrix but received shape: {shape_text(indices)}")
    if values.ndim != 1 or sizes.ndim != 1:
        raise invalid(f"Inputs sp_values and sp_shape should be vectors but received shapes: {shape_text(values)} and {shape_text(sizes)}")
    if len(indices) != len(values):
        raise invalid(f"indices and values rows (indexing dimension) must match. (indices = {len(indices)}, values = {len(values)})")
    dense = np.asarray(dense)
    trailing = sizes[len(sizes) - dense.ndim:] if dense.ndim <= len(sizes) else None
    if trailing is None or any(y not in (1, x) for x, y in zip(trailing, dense.shape)):
        raise invalid("SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: "
                      f"{format_shape(sizes)} vs. {shape_text(dense)}")
    check_sizes(sizes)
    if indices.shape[1] != len(sizes) or ((indices < 0) | (indices >= sizes)).any():
        raise invalid("Provided indices are out-of-bounds w.r.t. dense side with broadcasted shape")
    return np.broadcast_to(dense, sizes)[tuple(indices.T)]


def quotient(x, y):
    """``x / y`` in their dtype; of integers cut towards zero."""
    if x.dtype.kind not in "iu":
        return x / y
    if (y == 0).any():
        raise invalid("Integer division by zero")
    return (x - np.fmod(x, y)) // y
