"""Diagonals beside the main one, and bands of several: taking them out of matrices and putting them in.

A band is numbered by its lowest and highest diagonal: 0 is the main one, 1 the one above it. Its diagonals are rows of one length, the
highest first; shorter ones are padded on the right.
"""

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import ALL, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank, with_rank_at_least
from graphcore.ops import sequences


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


# ---------------------------------------------------------------- which diagonals
def _static_band(k):
    """(lowest, highest) of a static input ``k``; None if they are not known."""
    if k.shape.rank is not None and k.shape.rank > 1:
        raise ShapeMismatch(f"diag_index must be a scalar or vector, received shape: {format_shape(k.shape.sizes)}")
    if k.value is None:
        return None
    numbers = np.ravel(k.value).tolist()
    if len(numbers) not in (1, 2):
        raise ShapeMismatch(f"diag_index must be a vector with one or two elements. It has {len(numbers)} elements.")
    if numbers[0] > numbers[-1]:
        raise ShapeMismatch("lower_diag_index is greater than upper_diag_index")
    return numbers[0], numbers[-1]


def _band(k):
    if k.ndim > 1:
        raise _invalid(f"diag_index must be a scalar or vector, received shape: {format_shape(k.shape)}")
    if k.size not in (1, 2):
        raise _invalid(f"diag_index must have only one or two elements, received {k.size} elements.")
    low, high = int(k.flat[0]), int(k.flat[-1])
    if low > high:
        raise _invalid(f"lower_diag_index must not be larger than upper_diag_index: {low} > {high}")
    return low, high


def _check_inside(low, high, rows, columns, fail):
    for name, number in (("lower", low), ("upper", high)):
        if not (-rows < number < columns or number == 0):
            raise fail(f"{name}_diag_index is out of bound: {number} It must be between {-rows} and {columns}")


def _length(low, high, rows, columns):
    """The length of the longest diagonal of a band."""
    return min(rows + min(high, 0), columns - max(low, 0))


def _places(number, length):
    """Rows and columns of the first ``length`` places of a diagonal."""
    along = np.arange(length)
    return along - min(number, 0), along + max(number, 0)


def _diagonals(low, high, rows, columns):
    """For each diagonal of a band, from the highest, its rows and columns."""
    for number in range(high, low - 1, -1):
        yield _places(number, max(0, min(rows + min(number, 0), columns - max(number, 0))))


# ---------------------------------------------------------------- ops
def _check_scalars(**values):
    for name, value in values.items():
        if np.ndim(value):
            raise _invalid(f"{name} must be a scalar, received shape: {format_shape(value.shape)}")


class MatrixDiagV2(Op):
    """Matrices with the band ``k`` of diagonals given, ``padding_value`` elsewhere; sizes of -1 are as small as can be."""

    T = TypeAttr(ALL)
    diagonal = Input(T)
    k = Input(int32, static=True)
    num_rows = Input(int32, static=True)
    num_cols = Input(int32, static=True)
    padding_value = Input(T)
    output = Output(T)
    example = dict(diagonal=[1.0, 2.0], k=1, num_rows=-1, num_cols=-1, padding_value=9.0,
                   output=[[9.0, 1.0, 9.0], [9.0, 9.0, 2.0], [9.0, 9.0, 9.0]])

    def infer(node):
        sizes, band = with_rank_at_least(node.diagonal.shape.sizes, 1), _static_band(node.k)
        if sizes is None or band is None:
            return None
        low, high = band
        batch = sizes[:-1] if low == high else sizes[:-2]
        if low < high:
            with_rank_at_least(sizes, 2)
            if sizes[-2] not in (None, high - low + 1):
                raise ShapeMismatch("The number of rows of `diagonal` doesn't match the number of diagonals implied from `d_lower` and "
                                    f"`d_upper`.\nnum_diags = {sizes[-2]}, d_lower = {low}, d_upper = {high}")
        wanted = [None if each.value is None else int(each.value) for each in (node.num_rows, node.num_cols)]
        if sizes[-1] is None or None in wanted:
            return (*batch, None, None)
        return (*batch, *_matrix_sizes(sizes[-1], low, high, *wanted, ShapeMismatch))

    def kernel(diagonal, k, num_rows, num_cols, padding_value):
        if diagonal.ndim < 1:
            raise _invalid(f"diagonal must be at least 1-dim, received shape: {format_shape(diagonal.shape)}")
        _check_scalars(num_rows=num_rows, num_cols=num_cols, padding_value=padding_value)
        low, high = _band(k)
        rows_given = diagonal[..., None, :] if low == high else diagonal
        if rows_given.ndim < 2 or rows_given.shape[-2] != high - low + 1:
            raise _invalid("The number of diagonals provided in the input does not match the lower_diag_index and upper_diag_index range.")
        rows, columns = _matrix_sizes(diagonal.shape[-1], low, high, int(num_rows), int(num_cols), _invalid)
        result = np.full((*rows_given.shape[:-2], rows, columns), padding_value, diagonal.dtype)
        for number, places in enumerate(_diagonals(low, high, rows, columns)):
            result[(..., *places)] = rows_given[..., number, :len(places[0])]
        return result

    def grad(node, dy):
        zero = sequences.zeros([], dtype=dy.dtype)
        return MatrixDiagPartV2.build(dy, node.k, zero), None, None, None, None


def _matrix_sizes(length, low, high, rows, columns, fail):
    """How many rows and columns a matrix with a band of diagonals of that length has."""
    least_rows, least_columns = length - min(high, 0), length + max(low, 0)
    if rows != -1 and rows < least_rows:
        raise fail("num_rows is too small.")
    if columns != -1 and columns < least_columns:
        raise fail("num_cols is too small.")
    if rows == columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows, columns = least_rows if rows == -1 else rows, least_columns if columns == -1 else columns
    if rows != least_rows and columns != least_columns:
        raise fail("num_rows and num_cols are not consistent with lower_diag_index, upper_diag_index, and the length of the given "
                   f"diagonals.\nnum_rows = {rows} != min_num_rows = {least_rows}, num_cols = {columns} != min_num_cols = {least_columns}")
    return rows, columns


class MatrixDiagPartV2(Op):
    """The band ``k`` of diagonals of each matrix, shorter ones padded with ``padding_value``; one diagonal alone is a vector."""

    T = TypeAttr(ALL)
    input = Input(T)
    k = Input(int32, static=True)
    padding_value = Input(T)
    diagonal = Output(T)
    example = dict(input=[[1.0, 2.0], [3.0, 4.0]], k=np.array([0, 1], np.int32), padding_value=0.0, diagonal=[[2.0, 0.0], [1.0, 4.0]])

    def infer(node):
        sizes, band = with_rank_at_least(node.input.shape.sizes, 2), _static_band(node.k)
        if sizes is None or band is None:
            return None
        low, high = band
        count = () if low == high else (high - low + 1,)
        if None in sizes[-2:]:
            return (*sizes[:-2], *count, None)
        _check_inside(low, high, *sizes[-2:], ShapeMismatch)
        return (*sizes[:-2], *count, _length(low, high, *sizes[-2:]))

    def kernel(input, k, padding_value):
        _check_scalars(padding_value=padding_value)
        if input.ndim < 2:
            raise _invalid(f"input must be at least 2-dim, received shape: {format_shape(input.shape)}")
        low, high = _band(k)
        _check_inside(low, high, *input.shape[-2:], _invalid)
        result = np.full((*input.shape[:-2], high - low + 1, _length(low, high, *input.shape[-2:])), padding_value, input.dtype)
        for number, places in enumerate(_diagonals(low, high, *input.shape[-2:])):
            result[..., number, :len(places[0])] = input[(..., *places)]
        return result if low < high else result[..., 0, :]

    def grad(node, dy):
        return MatrixSetDiagV2.build(sequences.zeros_like(node.input), dy, node.k), None, None


class MatrixSetDiagV2(Op):
    """``input`` with the band ``k`` of diagonals of each matrix replaced."""

    T = TypeAttr(ALL)
    input = Input(T)
    diagonal = Input(T)
    k = Input(int32, static=True)
    output = Output(T)
    example = dict(input=[[1.0, 2.0], [3.0, 4.0]], diagonal=[9.0], k=-1, output=[[1.0, 2.0], [9.0, 4.0]])

    def infer(node):
        sizes, band = with_rank_at_least(node.input.shape.sizes, 2), _static_band(node.k)
        if sizes is None or band is None:
            return sizes
        low, high = band
        with_rank(node.diagonal.shape.sizes, len(sizes) - (low == high))
        if None not in sizes[-2:]:
            _check_inside(low, high, *sizes[-2:], ShapeMismatch)
        return sizes

    def kernel(input, diagonal, k):
        if input.ndim < 2:
            raise _invalid(f"input must be at least 2-dim, received shape: {format_shape(input.shape)}")
        low, high = _band(k)
        _check_inside(low, high, *input.shape[-2:], _invalid)
        count = () if low == high else (high - low + 1,)
        wanted = (*input.shape[:-2], *count, _length(low, high, *input.shape[-2:]))
        if diagonal.shape != wanted:
            raise _invalid(
                "Either first dimensions of diagonal don't match input.shape[:-2], or diagonal.shape[:-1] is not equal to the longests "
                f"diagonal in range [lower_diag_index:upper_diag_index].\nInput shape: {format_shape(input.shape)}\nDiagonal shape: "
                f"{format_shape(diagonal.shape)}\nExpected diagonal shape: {format_shape(wanted)}")
        rows, result = diagonal if count else diagonal[..., None, :], input.copy()
        for number, places in enumerate(_diagonals(low, high, *input.shape[-2:])):
            result[(..., *places)] = rows[..., number, :len(places[0])]
        return result

    def grad(node, dy):
        zero = sequences.zeros([], dtype=dy.dtype)
        cleared = MatrixSetDiagV2.build(dy, sequences.zeros_like(node.diagonal), node.k)
        return cleared, MatrixDiagPartV2.build(dy, node.k, zero), None
