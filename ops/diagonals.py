"""Diagonals and bands of matrices: taking them out, putting them in, and identity matrices."""

import math

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, COMPLEX, bfloat16, float16, float32, float64, int32, int64, string
from graphcore.core.node import Tensor
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, merge, with_rank, with_rank_at_least
from graphcore.ops import arithmetic, arrays, joining, sequences
from graphcore.ops.band_diagonals import MatrixDiagPartV2, MatrixDiagV2, MatrixSetDiagV2

_DIAGONAL = COMPLEX | {bfloat16, float16, float32, float64, int32, int64}


# ---------------------------------------------------------------- tensors of twice the rank


class Diag(Op):
    """A tensor of twice the rank with ``diagonal`` on its diagonal, zero elsewhere."""

    T = TypeAttr(_DIAGONAL)
    diagonal = Input(T)
    output = Output(T)

    example = dict(diagonal=[1.0, 2.0], output=[[1.0, 0.0], [0.0, 2.0]])

    def infer(node):
        sizes = with_rank_at_least(node.diagonal.shape.sizes, 1)
        return None if sizes is None else sizes * 2

    def kernel(diagonal):
        if not diagonal.ndim:
            raise errors.InvalidArgumentError(None, None, "Input must be at least rank 1, got 0")
        return np.diag(diagonal.reshape(-1)).reshape(diagonal.shape * 2)

    def grad(node, dy):
        return diag_part(dy)


class DiagPart(Op):
    """The diagonal of a tensor whose shape is some shape twice."""

    T = TypeAttr(_DIAGONAL)
    input = Input(T)
    diagonal = Output(T)

    example = dict(input=[[1.0, 2.0], [3.0, 4.0]], diagonal=[1.0, 4.0])

    def infer(node):
        sizes = node.input.shape.sizes
        if sizes is None:
            return None
        if not sizes or len(sizes) % 2:
            raise ShapeMismatch(f"Input must have even and non-zero rank, input rank is {len(sizes)}")
        half = len(sizes) // 2
        for first, second in zip(sizes[:half], sizes[half:]):
            if None not in (first, second) and first != second:
                raise ShapeMismatch(f"Dimensions must be equal, but are {first} and {second}")
        return merge(sizes[:half], sizes[half:])

    def kernel(input):
        shape, half = input.shape, input.ndim // 2
        if not shape or input.ndim % 2:
            raise errors.InvalidArgumentError(None, None, "The rank of the tensor should be even and positive, got shape "
                                              f"{format_shape(shape)}")
        for axis in range(half):
            if shape[axis] != shape[half + axis]:
                raise errors.InvalidArgumentError(None, None, f"Invalid shape {format_shape(shape)}: dimensions {axis} and "
                                                  f"{half + axis} do not match.")
        size = math.prod(shape[:half])
        return input.reshape(size, size).diagonal().reshape(shape[:half]).copy()

    def grad(node, dy):
        return diag(dy)


# ---------------------------------------------------------------- batches of matrices


class MatrixDiag(Op):
    """Square matrices with the vectors ``diagonal[..., :]`` on their diagonals, zero elsewhere."""

    T = TypeAttr(ALL, without_kernel={string})
    diagonal = Input(T)
    output = Output(T)

    example = dict(diagonal=[[1.0, 2.0], [3.0, 4.0]], output=[[[1.0, 0.0], [0.0, 2.0]], [[3.0, 0.0], [0.0, 4.0]]])

    def infer(node):
        sizes = with_rank_at_least(node.diagonal.shape.sizes, 1)
        return None if sizes is None else (*sizes, sizes[-1])

    def kernel(diagonal):
        _need_rank("diagonal must be at least 1-dim", diagonal, 1)
        size = diagonal.shape[-1]
        result = np.zeros((*diagonal.shape, size), diagonal.dtype)
        result[..., np.arange(size), np.arange(size)] = diagonal
        return result

    def grad(node, dy):
        return matrix_diag_part(dy)


class MatrixDiagPart(Op):
    """The main diagonal of each matrix ``input[..., :, :]``."""

    T = TypeAttr(ALL)
    input = Input(T)
    diagonal = Output(T)

    example = dict(input=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], diagonal=[1.0, 5.0])

    def infer(node):
        sizes = with_rank_at_least(node.input.shape.sizes, 2)
        return None if sizes is None else (*sizes[:-2], _shorter(*sizes[-2:]))

    def kernel(input):
        _need_rank("input must be at least 2-dim", input, 2)
        return np.diagonal(input, axis1=-2, axis2=-1).copy()

    def grad(node, dy):
        sizes = node.input.shape.sizes
        if sizes is not None and sizes[-1] is not None and sizes[-1] == sizes[-2]:
            return matrix_diag(dy)
        return matrix_set_diag(sequences.zeros_like(node.input), dy)


class MatrixSetDiag(Op):
    """``input`` with the main diagonal of each matrix replaced by ``diagonal[..., :]``."""

    T = TypeAttr(ALL)
    input = Input(T)
    diagonal = Input(T)
    output = Output(T)

    example = dict(input=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], diagonal=[7.0, 8.0], output=[[7.0, 2.0, 3.0], [4.0, 8.0, 6.0]])

    def infer(node):
        sizes = with_rank_at_least(node.input.shape.sizes, 2)
        if sizes is None:
            with_rank_at_least(node.diagonal.shape.sizes, 1)
            return None
        diagonal = with_rank(node.diagonal.shape.sizes, len(sizes) - 1)
        shorter = _shorter(*sizes[-2:])
        if None not in (shorter, diagonal[-1]) and shorter != diagonal[-1]:
            raise ShapeMismatch(f"Dimensions must be equal, but are {shorter} and {diagonal[-1]}")
        return (*merge(sizes[:-2], diagonal[:-1]), *sizes[-2:])

    def kernel(input, diagonal):
        _need_rank("input must be at least 2-dim", input, 2)
        places = np.arange(min(input.shape[-2:]))
        wanted = (*input.shape[:-2], len(places))
        if diagonal.shape != wanted:
            raise errors.InvalidArgumentError(
                None, None, "Either first dimensions of diagonal don't match input.shape[:-2], or diagonal.shape[:-1] is not "
                "equal to the longests diagonal in range [lower_diag_index:upper_diag_index]. The input has shape "
                f"{format_shape(input.shape)}, the diagonal {format_shape(diagonal.shape)} instead of {format_shape(wanted)}.")
        result = input.copy()
        result[..., places, places] = diagonal
        return result

    def grad(node, dy):
        zeros = sequences.zeros(_diagonal_shape(node, dy), dtype=dy.dtype)
        return matrix_set_diag(dy, zeros), matrix_diag_part(dy)


def _diagonal_shape(node, dy):
    """The shape of the diagonal that was set: a list, or the tensors that work it out."""
    sizes = merge(node.input.shape.sizes, dy.shape.sizes)
    if sizes is not None:
        given = node.diagonal.shape.sizes
        sizes = (*sizes[:-2], _shorter(*sizes[-2:])) if given is None else \
            (*merge(sizes[:-2], given[:-1]), _shorter(*sizes[-2:]))
        if None not in sizes:
            return list(sizes)
    from graphcore.ops import reductions, slicing

    with dy.graph.colocate_with(dy.op):
        shape, rank = arrays.shape(dy), arrays.rank(dy)
        batch = slicing.slice(shape, [0], [rank - 2])
        smaller = reductions.reduce_min(slicing.slice(shape, [rank - 2], [2]))
        return joining.concat([batch, [smaller]], 0)


class MatrixBandPart(Op):
    """Each matrix with what lies outside a band around its diagonal set to zero."""

    T = TypeAttr(ALL, without_kernel={string})
    Tindex = TypeAttr({int32, int64}, default=int64)
    input = Input(T)
    num_lower = Input(Tindex)
    num_upper = Input(Tindex)
    band = Output(T)

    example = dict(input=[[1.0, 2.0], [3.0, 4.0]], num_lower=-1, num_upper=0, band=[[1.0, 0.0], [3.0, 4.0]])

    def infer(node):
        return node.input.shape

    def kernel(input, num_lower, num_upper):
        _need_rank("input must be at least 2-dim", input, 2)
        lower = _band("num_lower", num_lower, "rows", input.shape[-2])
        upper = _band("num_upper", num_upper, "columns", input.shape[-1])
        below = np.arange(input.shape[-2])[:, None] - np.arange(input.shape[-1])
        return np.where((below <= lower) & (-below <= upper), input, np.zeros((), input.dtype))

    def grad(node, dy):
        return matrix_band_part(dy, node.num_lower, node.num_upper), None, None


def _band(name, count, what, size):
    if count.ndim:
        raise errors.InvalidArgumentError(None, None, f"{name} must be scalar, got shape {format_shape(count.shape)}")
    if count > size:
        raise errors.InvalidArgumentError(None, None,
                                          f"{name} must be negative or less or equal to number of {what} ({size}) got: {count}")
    return int(count) if count >= 0 else size


def _need_rank(phrase, array, rank):
    if array.ndim < rank:
        raise errors.InvalidArgumentError(None, None, f"{phrase}, received shape: {format_shape(array.shape)}")


def _shorter(rows, columns):
    # A side of length 0 decides alone.
    if 0 in (rows, columns):
        return 0
    return None if None in (rows, columns) else min(rows, columns)


# ---------------------------------------------------------------- functions

diag = Diag.function()
diag_part = DiagPart.function()
matrix_band_part = MatrixBandPart.function()


def matrix_diag(diagonal, name="diag", k=0, num_rows=-1, num_cols=-1, padding_value=0):
    """Square matrices with the vectors ``diagonal[..., :]`` on their main diagonals, zero elsewhere.

    Args:
      k: which diagonal is given, above the main one if positive; a pair of numbers for a band from the lower to the higher one, whose
        diagonals are the rows of ``diagonal``, the highest first and each padded to the longest on the right.
      num_rows, num_cols: the sizes of the matrices; by default as small as can be.
      padding_value: what stands elsewhere.

    TF 1.15 documents these four and makes nothing of them; here they do what they say.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.matrix_diag([1, 2], k=-1))
    array([[0, 0, 0],
           [1, 0, 0],
           [0, 2, 0]], dtype=int32)
    """
    if _is_main(k) and _is_default(num_rows, -1) and _is_default(num_cols, -1) and _is_default(padding_value, 0):
        return MatrixDiag.build(diagonal, name=name)
    diagonal = to_tensor(diagonal)
    return MatrixDiagV2.build(diagonal, k, num_rows, num_cols, _padding(padding_value, diagonal), name=name)


def matrix_diag_part(input, name="diag_part", k=0, padding_value=0):
    """The main diagonal of each matrix ``input[..., :, :]``, rectangular ones included; others with ``k``, see `matrix_diag`."""
    if _is_main(k) and _is_default(padding_value, 0):
        return MatrixDiagPart.build(input, name=name)
    input = to_tensor(input)
    return MatrixDiagPartV2.build(input, k, _padding(padding_value, input), name=name)


def matrix_set_diag(input, diagonal, name="set_diag", k=0):
    """``input`` with the main diagonal of each matrix replaced by ``diagonal[..., :]``; others with ``k``, see `matrix_diag`."""
    if _is_main(k):
        return MatrixSetDiag.build(input, diagonal, name=name)
    return MatrixSetDiagV2.build(input, diagonal, k, name=name)


def _is_default(value, default):
    return not isinstance(value, Tensor) and np.ndim(value) == 0 and value == default


def _is_main(k):
    return _is_default(k, 0) or not isinstance(k, Tensor) and np.array_equal(k, [0, 0])


def _padding(value, like):
    return to_tensor(value, like.dtype.base, "padding_value")


def eye(num_rows, num_columns=None, batch_shape=None, dtype=float32, name=None):
    """An identity matrix, or a batch of them of shape ``batch_shape``; not square when ``num_columns`` is another.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.eye(2, 3))
    array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    """
    with name_scope(name, "eye", [num_rows, num_columns, batch_shape]):
        square = num_columns is None
        columns = num_rows if square else num_columns
        batch = [] if batch_shape is None else batch_shape
        if isinstance(num_rows, Tensor) or isinstance(columns, Tensor):
            size = arithmetic.minimum(num_rows, columns)
        else:
            if not all(isinstance(side, (int, np.integer)) for side in (num_rows, columns)):
                raise TypeError("num_rows and num_columns must be positive integer values.")
            square, size = num_rows == columns, min(num_rows, columns)
        join = _joined if isinstance(batch, Tensor) or isinstance(size, Tensor) else lambda a, b: [*a, *b]
        if join is _joined:
            batch = to_tensor(batch, int32, "shape")
        diagonal_shape = join(batch, [size])
        shape = None if square else join(batch, [num_rows, columns])
        ones = sequences.ones(diagonal_shape, dtype=dtype)
        return matrix_diag(ones) if square else matrix_set_diag(sequences.zeros(shape, dtype=dtype), ones)


def _joined(first, second):
    return joining.concat((first, second), axis=0)


__all__ = ["diag", "diag_part", "eye", "matrix_band_part", "matrix_diag", "matrix_diag_part", "matrix_set_diag"]
