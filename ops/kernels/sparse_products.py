"""The product of a sparse matrix and a dense array."""

import numpy as np

from graphcore.ops.kernels.sparsity import check_sizes, invalid, shape_text


def _check(indices, values, sizes, b):
    if b.ndim != 2:
        raise invalid("Tensor 'b' is not a matrix")
    if sizes.ndim != 1:
        raise invalid("Tensor 'a_shape' is not a vector")
    if len(sizes) != 2:
        raise invalid(f"Tensor 'a_shape' must have 2 elements (it has {len(sizes)})")
    if values.ndim != 1:
        raise invalid("Tensor 'a_values' is not a vector")
    if indices.ndim != 2:
        raise invalid("Tensor 'a_indices' is not a matrix")
    if len(indices) != len(values):
        raise invalid(f"Number of rows of a_indices does not match number of entries in a_values ({len(indices)} and {len(values)})")
    if indices.shape[1] != 2:
        raise invalid(f"Number of columns of a_indices does not match number of entries in a_shape ({indices.shape[1]} and 2)")
    check_sizes(sizes)


def _check_inside(indices, limits):
    """``limits`` is for each column of the indices its letter in the product and its size."""
    for column, (letter, size) in enumerate(limits):
        outside = (indices[:, column] < 0) | (indices[:, column] >= size)
        if outside.any():
            row = int(np.argmax(outside))
            raise invalid(f"{letter} ({indices[row, column]}) from index[{row},{column}] out of bounds (>={size})")


def product(indices, values, sizes, b, adjoint_a, adjoint_b):
    """The dense product; elements that are not given do not count, not even times NaN."""
    _check(indices, values, sizes, b)
    rows, inner = (int(size) for size in sizes[::-1 if adjoint_a else 1])
    right = b.conj().T if adjoint_b else b
    if right.shape[0] != inner:
        raise invalid(f"Cannot multiply A and B because inner dimension does not match: {inner} vs. {right.shape[0]}.  Did you forget a "
                      f"transpose?  Dimensions of A: [{sizes[0]}, {sizes[1]}).  Dimensions of B: {shape_text(b)}")
    _check_inside(indices, [("k", inner), ("m", rows)] if adjoint_a else [("m", rows), ("k", inner)])
    at_row, at_inner = indices.T[::-1 if adjoint_a else 1]
    if values.dtype.itemsize == 2:  # bfloat16, of which SciPy knows nothing
        return _multiplied(at_row, at_inner, values.astype(np.float32), right.astype(np.float32), rows).astype(values.dtype)
    return _multiplied(at_row, at_inner, values, right, rows)


def _multiplied(at_row, at_inner, values, right, rows):
    if not len(values) or not right.shape[1]:
        return np.zeros((rows, right.shape[1]), values.dtype)
    from scipy.sparse import csr_array

    if (np.diff(at_row) < 0).any():
        order = np.argsort(at_row, kind="stable")
        at_row, at_inner, values = at_row[order], at_inner[order], values[order]
    starts = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(at_row, minlength=rows), out=starts[1:])
    return np.asarray(csr_array((values, at_inner, starts), shape=(rows, len(right))) @ np.ascontiguousarray(right))
