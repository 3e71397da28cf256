"""Matrix products of arrays.  Transposed operands stay views: BLAS reads them as they are."""

import numpy as np

from graphcore.core import errors
from graphcore.core.threads import BlasThreads, threads_of


def shape_text(x):
    """The shape as TF's messages print it: ``[2,3]``."""
    return f"[{','.join(map(str, x.shape))}]"


def _complaint(text):
    return errors.InvalidArgumentError(None, None, text)


def _matrix_product(transpose_a, transpose_b):
    """A function of two matrices with its flags decided."""

    def product(a, b):
        if a.ndim != 2 or b.ndim != 2:
            position, wrong = (0, a) if a.ndim != 2 else (1, b)
            raise _complaint(f"In[{position}] is not a matrix. Instead it has shape {shape_text(wrong)}")
        left = a.T if transpose_a else a
        right = b.T if transpose_b else b
        if left.shape[1] != right.shape[0]:
            raise _complaint(f"Matrix size-incompatible: In[0]: {shape_text(a)}, In[1]: {shape_text(b)}")
        return multiplied(left, right, np.dot)

    return product


def multiplied(left, right, multiply):
    """``left @ right`` by ``np.dot`` (quicker to call, matrices only) or ``np.matmul``; 16-bit floats are summed in 32 bits."""
    if left.dtype.itemsize == 2:
        return multiply(left.astype(np.float32), right.astype(np.float32)).astype(left.dtype)
    if multiply is np.dot:
        return product(left, right)
    return multiply(left, right)


_LARGE = 1 << 18  # multiplications from which on OpenBLAS takes threads
_PIECE = 1 << 23  # that are worth a thread's while
_MOST_PIECES = 8
_EDGE = 128  # rows or columns that a piece has at least
_ALONE = BlasThreads(1, ours_too=False)


def product(left, right):
    """``left @ right`` of two matrices; the threads that share a large one are ours.

    BLAS's own wait for each other, busily: where another process has one of the processors, a product of 0.3 ms took 24.
    How a product is cut depends on its shape alone, and so do its last digits.
    """
    rows, inner = left.shape
    columns = right.shape[1]
    work = rows * inner * columns
    if work <= _LARGE:
        return np.dot(left, right)
    with _ALONE:
        length = max(rows, columns)
        pieces = min(work // _PIECE, length // _EDGE, _MOST_PIECES)
        threads = threads_of(0)
        if pieces <= 1 or threads is None:
            return np.dot(left, right)
        result = np.empty((rows, columns), np.result_type(left, right))

        def multiply(start, stop):
            first, last = length * start // pieces, length * stop // pieces
            if rows >= columns:
                np.matmul(left[first:last], right, out=result[first:last])
            else:
                np.matmul(left, right[:, first:last], out=result[:, first:last])

        threads.share(multiply, (), pieces)
        return result


MATRIX_PRODUCTS = {(a, b): _matrix_product(a, b) for a in (False, True) for b in (False, True)}


def sparse_product(a, b, transpose_a, transpose_b):
    """The product in float32 of two float32 or bfloat16 matrices."""
    if a.ndim != 2 or b.ndim != 2:
        raise _complaint("a is not a matrix" if a.ndim != 2 else "b is not a matrix")
    left, right = a.T if transpose_a else a, b.T if transpose_b else b
    if left.shape[1] != right.shape[0]:
        raise _complaint(f"Matrix size incompatible: a: {shape_text(a)}, b: {shape_text(b)}")
    return np.dot(left.astype(np.float32, copy=False), right.astype(np.float32, copy=False))


def check_equal_batches(x, y):
    """Raise unless all axes but the last two agree."""
    if x.ndim != y.ndim:
        raise _complaint(f"In[0] and In[1] has different ndims: {shape_text(x)} vs. {shape_text(y)}")
    for axis in range(x.ndim - 2):
        if x.shape[axis] != y.shape[axis]:
            raise _complaint(f"In[0].dim({axis}) and In[1].dim({axis}) must be the same: {shape_text(x)} vs {shape_text(y)}")


def batch_product(x, y, adj_x, adj_y):
    """The products of the last two axes, adjoint where so wanted; the other axes are broadcast."""
    for position, operand in enumerate((x, y)):
        if operand.ndim < 2:
            raise _complaint(f"In[{position}] ndims must be >= 2: {operand.ndim}")
    left, right = _adjoint(x) if adj_x else x, _adjoint(y) if adj_y else y
    if left.shape[-1] != right.shape[-2]:
        raise _complaint(f"In[0] mismatch In[1] shape: {left.shape[-1]} vs. {right.shape[-2]}: {shape_text(x)} {shape_text(y)} "
                         f"{int(adj_x)} {int(adj_y)}")
    try:
        return multiplied(left, right, np.matmul)
    except ValueError:
        raise _complaint("In[0] and In[1] must have compatible batch dimensions: "
                         f"{shape_text(x)} vs. {shape_text(y)}") from None


def _adjoint(x):
    turned = np.swapaxes(x, -1, -2)
    return np.conjugate(turned) if x.dtype.kind == "c" else turned
