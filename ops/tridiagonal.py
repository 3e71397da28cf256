"""Matrices with three diagonals: their products with others, and the systems they make."""

from graphcore.core.dimension import dimension_value
from graphcore.core.dtypes import complex64, complex128, float32, float64, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import with_rank_at_least
from graphcore.ops import (
    arrays,
    complex_numbers,
    constants,
    diagonals,
    filling,
    gathering,
    joining,
    linalg,
    padding,
    reductions,
    transposing,
)
from graphcore.ops.kernels import factors, matrices

_TYPES = {float32, float64, complex64, complex128}


class TridiagonalMatMul(Op):
    """The product of tridiagonal matrices with ``rhs`` ``[..., size, columns]``; each diagonal is ``[..., 1, size]``."""

    T = TypeAttr(_TYPES)
    superdiag = Input(T)
    maindiag = Input(T)
    subdiag = Input(T)
    rhs = Input(T)
    output = Output(T)
    example = dict(superdiag=[[1.0, 0.0]], maindiag=[[2.0, 3.0]], subdiag=[[0.0, 4.0]], rhs=[[1.0], [10.0]], output=[[12.0], [34.0]])

    def infer(node):
        with_rank_at_least(node.superdiag.shape.sizes, 2)
        return with_rank_at_least(node.rhs.shape.sizes, 2)

    def kernel(superdiag, maindiag, subdiag, rhs):
        wanted = (*rhs.shape[:-2], 1, rhs.shape[-2]) if rhs.ndim > 1 else None
        for name, given in (("superdiag", superdiag), ("maindiag", maindiag), ("subdiag", subdiag)):
            if given.shape != wanted:
                raise matrices.invalid(f"{name} must have the shape {wanted} for right-hand sides of the shape {rhs.shape}, "
                                       f"not {given.shape}")
        return factors.tridiagonal_product(superdiag, maindiag, subdiag, rhs)

    def grad(node, dy):
        above, main, below = (linalg.matrix_transpose(each, conjugate=True) for each in (node.superdiag, node.maindiag, node.subdiag))
        right = complex_numbers.conj(node.rhs)
        above_gradient = reductions.reduce_sum(_one_up(right) * dy, axis=-1)
        main_gradient = reductions.reduce_sum(right * dy, axis=-1)
        below_gradient = reductions.reduce_sum(_one_down(right) * dy, axis=-1)
        right_gradient = _one_down(above * dy) + main * dy + _one_up(below * dy)
        return (*[arrays.expand_dims(each, -2) for each in (above_gradient, main_gradient, below_gradient)], right_gradient)


def _padded(x, last_two):
    zeros = filling.zeros((arrays.rank(x) - 2, 2), dtype=int32)
    return joining.concat([zeros, constants.constant(last_two)], axis=0)


def _one_up(x):
    """The rows of ``x`` from the second on, and one of zeros."""
    pairs = _padded(x, [[0, 1], [0, 0]])
    return padding.pad(x[..., 1:, :], pairs)


def _one_down(x):
    """A row of zeros, and the rows of ``x`` but the last."""
    pairs = _padded(x, [[1, 0], [0, 0]])
    return padding.pad(x[..., :-1, :], pairs)


class TridiagonalSolve(Op):
    """The solutions of tridiagonal systems: ``diagonals`` ``[..., 3, size]``, right-hand sides ``[..., size, columns]``."""

    partial_pivoting = Attr(bool, default=True)
    T = TypeAttr(_TYPES)
    diagonals = Input(T)
    rhs = Input(T)
    output = Output(T)
    example = dict(diagonals=[[1.0, 0.0], [2.0, 3.0], [0.0, 4.0]], rhs=[[12.0], [34.0]], output=[[1.0], [10.0]])

    def infer(node):
        return node.rhs.shape

    def kernel(diagonals, rhs, *, partial_pivoting):
        if diagonals.ndim < 2 or rhs.ndim != diagonals.ndim or rhs.shape[:-2] != diagonals.shape[:-2]:
            raise matrices.invalid(f"diagonals and rhs must be batches of matrices of the same rank, their shapes are {diagonals.shape} "
                                   f"and {rhs.shape}")
        if diagonals.shape[-2] != 3:
            raise matrices.invalid(f"Expected diagonals to be provided as a matrix with 3 rows, got {diagonals.shape[-2]} rows.")
        if diagonals.shape[-1] != rhs.shape[-2]:
            raise matrices.invalid(f"Expected the same number of left-hand sides and right-hand sides, got {diagonals.shape[-1]} and "
                                   f"{rhs.shape[-2]}.")
        return factors.tridiagonal_solution(diagonals, rhs, partial_pivoting)

    def grad(node, dy):
        right = TridiagonalSolve.build(_transposed(node.diagonals), dy, partial_pivoting=node.partial_pivoting)
        return -_three_diagonals(right, node.output), right


def _transposed(diagonals):
    """The diagonals of the transposed matrices."""
    main = diagonals[..., 1, :]
    if diagonals.shape.is_fully_defined():
        zeros = filling.zeros([*diagonals.shape.as_list()[:-2], 1], dtype=diagonals.dtype)
        above = joining.concat((diagonals[..., 2, 1:], zeros), axis=-1)
        below = joining.concat((zeros, diagonals[..., 0, :-1]), axis=-1)
    else:
        zeros = filling.zeros((arrays.rank(diagonals) - 2, 2), dtype=int32)
        pairs = joining.concat((zeros, constants.constant([[0, 1]])), axis=0)
        above = padding.pad(diagonals[..., 2, 1:], pairs)
        pairs = joining.concat((zeros, constants.constant([[1, 0]])), axis=0)
        below = padding.pad(diagonals[..., 0, :-1], pairs)
    return joining.stack([above, main, below], axis=-2)


def _three_diagonals(x, y):
    """The three diagonals of the products of ``x`` with the transposed ``y``."""
    main = reductions.reduce_sum(x * y, axis=-1)
    if y.shape.is_fully_defined():
        sizes = x.shape.as_list()
        zeros = filling.zeros([*sizes[:-2], 1, sizes[-1]], dtype=x.dtype)
        above = reductions.reduce_sum(x * joining.concat((y[..., 1:, :], zeros), axis=-2), axis=-1)
        below = reductions.reduce_sum(x * joining.concat((zeros, y[..., :-1, :]), axis=-2), axis=-1)
    else:
        zeros = filling.zeros((arrays.rank(y) - 2, 2), dtype=int32)
        pairs = joining.concat((zeros, constants.constant([[0, 1], [0, 0]])), axis=0)
        above = reductions.reduce_sum(x * padding.pad(y[..., 1:, :], pairs), axis=-1)
        pairs = joining.concat((zeros, constants.constant([[1, 0], [0, 0]])), axis=0)
        below = reductions.reduce_sum(x * padding.pad(y[..., :-1, :], pairs), axis=-1)
    return joining.stack([above, main, below], axis=-2)


# ---------------------------------------------------------------- public functions


def tridiagonal_solve(diagonals, rhs, diagonals_format="compact", transpose_rhs=False, conjugate_rhs=False, name=None,
                      partial_pivoting=True):
    """The solutions of tridiagonal systems.

    Args:
      diagonals: "compact": ``[..., 3, size]``, the diagonals above, on and below the main one, the first without use of its last
        element and the last without use of its first; "sequence": three tensors, the outer ones as long or one shorter;
        "matrix": ``[..., size, size]``, of which only the three diagonals count.
      rhs: ``[..., size]`` or ``[..., size, columns]``.
      diagonals_format: "compact", "sequence" or "matrix".
      transpose_rhs, conjugate_rhs: whether ``rhs`` is transposed, the result too, or conjugated before.
      partial_pivoting: whether rows are exchanged where that is better for precision.

    Raises:
      ValueError: the shapes do not fit.
      tf.errors.InvalidArgumentError: a matrix is not invertible, when it runs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.linalg.tridiagonal_solve(tf.constant([[1.0, 0.0], [2.0, 3.0], [0.0, 4.0]]), tf.constant([12.0, 34.0])))
    array([ 1., 10.], dtype=float32)
    """
    if diagonals_format == "sequence":
        diagonals = _stacked(diagonals)
    elif diagonals_format == "matrix":
        diagonals = _gathered(diagonals)
    elif diagonals_format != "compact":
        raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}")
    return _solution(diagonals, rhs, transpose_rhs, conjugate_rhs, partial_pivoting, name)


def _stacked(given):
    """Three diagonals as one tensor."""
    if not isinstance(given, (tuple, list)) or len(given) != 3:
        raise ValueError("Expected diagonals to be a sequence of length 3.")
    above, main, below = given
    if not all(each.shape[:-1].is_compatible_with(main.shape[:-1]) for each in (above, below)):
        raise ValueError("Tensors representing the three diagonals must have the same shape,except for the last dimension, got "
                         f"{below.shape}, {main.shape}, {above.shape}")
    size = dimension_value(main.shape[-1])
    below = _lengthened(below, "subdiagonal", [1, 0], size)
    above = _lengthened(above, "superdiagonal", [0, 1], size)
    return joining.stack((above, main, below), axis=-2)


def _lengthened(diagonal, name, where, size):
    found = dimension_value(diagonal.shape[-1])
    if not found or found == size:
        return diagonal
    if found != size - 1:
        raise ValueError(f"Expected {name} to be have length {size} or {size - 1}, got {found}.")
    return padding.pad(diagonal, [[0, 0]] * (len(diagonal.shape) - 1) + [where])


def _side(matrix):
    columns, rows = dimension_value(matrix.shape[-1]), dimension_value(matrix.shape[-2])
    if columns and rows and columns != rows:
        raise ValueError(f"Expected last two dimensions of diagonals to be same, got {columns} and {rows}")
    return columns, rows


def _gathered(matrix):
    """The three diagonals of matrices."""
    size = next(filter(None, _side(matrix)), None)
    if not size:
        raise ValueError('The size of the matrix needs to be known for diagonals_format="matrix"')
    nothing = [0, 0]
    indices = [[[1, 0], [0, 0], nothing], *[[[i + 1, i], [i, i], [i - 1, i]] for i in range(1, size - 1)],
               [nothing, [size - 1, size - 1], [size - 2, size - 1]]]
    return transposing.transpose(gathering.gather_nd(transposing.transpose(matrix), indices))


def _check_solution(diagonals, rhs):
    rank, right_rank = len(diagonals.shape), len(rhs.shape)
    if rank < 2:
        raise ValueError(f"Expected diagonals to have rank at least 2, got {rank}")
    if right_rank not in (rank, rank - 1):
        raise ValueError(f"Expected the rank of rhs to be {rank - 1} or {rank}, got {right_rank}")
    if dimension_value(diagonals.shape[-2]) not in (None, 0, 3):
        raise ValueError(f"Expected 3 diagonals got {diagonals.shape[-2]}")
    if not diagonals.shape[:-2].is_compatible_with(rhs.shape[:rank - 2]):
        raise ValueError(f"Batch shapes {diagonals.shape[:-2]} and {rhs.shape[:rank - 2]} are incompatible")
    return right_rank == rank - 1


def _check_count(diagonals, rhs):
    left, right = dimension_value(diagonals.shape[-1]), dimension_value(rhs.shape[-2])
    if left and right and left != right:
        raise ValueError(f"Expected number of left-hand sided and right-hand sides to be equal, got {left} and {right}")


def _solution(diagonals, rhs, transpose_rhs, conjugate_rhs, partial_pivoting, name):
    if _check_solution(diagonals, rhs):
        rhs = arrays.expand_dims(complex_numbers.conj(rhs) if conjugate_rhs else rhs, -1)
        _check_count(diagonals, rhs)
        return arrays.squeeze(TridiagonalSolve.build(diagonals, rhs, partial_pivoting=partial_pivoting, name=name), -1)
    if transpose_rhs:
        rhs = linalg.matrix_transpose(rhs, conjugate=conjugate_rhs)
    elif conjugate_rhs:
        rhs = complex_numbers.conj(rhs)
    _check_count(diagonals, rhs)
    result = TridiagonalSolve.build(diagonals, rhs, partial_pivoting=partial_pivoting, name=name)
    return linalg.matrix_transpose(result) if transpose_rhs else result


def tridiagonal_matmul(diagonals, rhs, diagonals_format="compact", name=None):
    """The products of tridiagonal matrices with ``rhs`` ``[..., size, columns]``; ``diagonals`` as for `tridiagonal_solve`."""
    if diagonals_format == "compact":
        parts = [diagonals[..., number, :] for number in range(3)]
    elif diagonals_format == "sequence":
        parts = diagonals
    elif diagonals_format == "matrix":
        parts = _parts(diagonals)
    else:
        raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}")
    return TridiagonalMatMul.build(*[arrays.expand_dims(each, -2) for each in parts], rhs, name=name)


def _parts(matrix):
    """The diagonals above, on and below the main one."""
    columns, rows = _side(matrix)
    if not columns or not rows:
        raise ValueError('The size of the matrix needs to be known for diagonals_format="matrix"')
    main, turned = diagonals.matrix_diag_part(matrix), transposing.transpose(matrix)
    above = [[i + 1, i] for i in range(rows - 1)] + [[0, 0]]
    below = [[0, 0]] + [[i - 1, i] for i in range(1, rows)]
    above, below = (transposing.transpose(gathering.gather_nd(turned, places)) for places in (above, below))
    return above, main, below


__all__ = ["tridiagonal_matmul", "tridiagonal_solve"]
