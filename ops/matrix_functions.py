"""LU factors, square roots, logarithms and exponentials of square matrices."""

from collections import namedtuple

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import COMPLEX, FLOATS, INDICES, bfloat16, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.ops import arithmetic, arrays, diagonals, joining, linalg, reductions, slicing, solving, transposing
from graphcore.ops.inverses import MATRIX_TYPES, square_shape
from graphcore.ops.kernels import factors, matrices


def _unchanged_shape(node):
    square = square_shape(node.input.shape)
    return None if square is None else (*square[0], square[1], square[1])


class Lu(Op, refuses=True):
    """``lu``, the factors L and U of each matrix in one, and ``p``: row ``p[i]`` of the matrix is row ``i`` of their product."""

    T = TypeAttr(MATRIX_TYPES)
    output_idx_type = TypeAttr(INDICES, default=int32)
    input = Input(T)
    lu = Output(T)
    p = Output(output_idx_type)
    example = dict(input=[[1.0, 2.0], [2.0, 8.0]], lu=[[2.0, 8.0], [0.5, -2.0]], p=[1, 0])

    def infer(node):
        square = square_shape(node.input.shape)
        return [None, None] if square is None else [(*square[0], square[1], square[1]), (*square[0], square[1])]

    def kernel(input, *, output_idx_type):
        matrices.square_matrices(input)
        found, rows = factors.lu(input)
        return found, rows.astype(output_idx_type.np)


class MatrixSquareRoot(Op):
    """The principal square root of each matrix; NaN where a real matrix has none that is real."""

    T = TypeAttr(MATRIX_TYPES)
    input = Input(T)
    output = Output(T)
    example = dict(input=[[4.0, 5.0], [0.0, 9.0]], output=[[2.0, 1.0], [0.0, 3.0]])
    infer = _unchanged_shape

    def kernel(input):
        from scipy import linalg

        matrices.square_matrices(input)
        return factors.each_matrix(linalg.sqrtm, input)

    def grad(node, dy):
        root = node.output
        sizes = arrays.shape(root)
        side, count = sizes[-1], reductions.reduce_prod(sizes[0:-2])
        identity = arrays.reshape(diagonals.eye(side, dtype=root.dtype), [-1])
        identity = arrays.reshape(transposing.tile(identity, [count]), sizes)
        transposed = linalg.matrix_transpose(root)
        # A root R of A has dR R + R dR = dA: a linear system for dR, and its transpose for the gradient.
        system = arithmetic.add(_kronecker(identity, transposed), _kronecker(root, identity))
        batch = slicing.slice(sizes, [0], [arithmetic.subtract(arrays.size(sizes), 2)])
        columns = joining.concat([batch, [side * side], [1]], 0)
        right = arrays.reshape(linalg.matrix_transpose(dy), columns)
        return linalg.matrix_transpose(arrays.reshape(solving.matrix_solve(system, right), sizes))


def _kronecker(a, b):
    """The Kronecker product of each pair of matrices."""
    a_sizes, b_sizes = arrays.shape(a), arrays.shape(b)
    rows, columns = a_sizes[-1], b_sizes[-1]
    batch = slicing.slice(a_sizes, [0], [arithmetic.subtract(arrays.size(a_sizes), 2)])
    outer = joining.concat([batch, [rows], [1], [rows], [1]], 0)
    inner = joining.concat([batch, [1], [columns], [1], [columns]], 0)
    a, b = arrays.reshape(a, outer), arrays.reshape(b, inner)
    side = rows * columns
    sizes = joining.concat([batch, [side], [side]], 0)
    return arrays.reshape(a * b, sizes)


class MatrixLogarithm(Op, refuses=True):
    """The principal logarithm of each matrix."""

    T = TypeAttr(COMPLEX)
    input = Input(T)
    output = Output(T)
    example = dict(input=np.array([[1.0, 0.0], [0.0, np.e]], np.complex128), output=np.array([[0.0, 0.0], [0.0, 1.0]], np.complex128))
    infer = _unchanged_shape

    def kernel(input):
        from scipy import linalg

        matrices.square_matrices(input)
        return factors.each_matrix(lambda matrix: linalg.logm(matrix), input)


class MatrixExponential(Op):
    """The exponential of each matrix."""

    T = TypeAttr(MATRIX_TYPES)
    input = Input(T)
    output = Output(T)
    example = dict(input=[[0.0, 1.0], [0.0, 0.0]], output=[[1.0, 1.0], [0.0, 1.0]])
    infer = _unchanged_shape

    def kernel(input):
        from scipy import linalg

        matrices.square_matrices(input)
        return factors.each_matrix(linalg.expm, input)

    def grad(node, dy):
        # The exponential of [[A, G], [0, A]] has the derivative of exp at A in the direction G as its upper right block.
        side = arrays.shape(node.input)[-1]
        turned = linalg.adjoint(node.input)
        zeros = dy - dy
        above, below = joining.concat([turned, dy], -1), joining.concat([zeros, turned], -1)
        whole = MatrixExponential.build(joining.concat([above, below], -2))
        return whole[..., :side, side:]


# ---------------------------------------------------------------- public functions

_Factors = namedtuple("Lu", ["lu", "p"])


def lu(input, output_idx_type=int32, name=None):
    """``(lu, p)``: the factors of each matrix, L with a diagonal of ones, and the order of the rows.

    Row ``p[i]`` of a matrix is row ``i`` of L times U; ``lu`` holds L below its diagonal and U on and above it.

    Raises:
      tf.errors.InvalidArgumentError: a matrix is not invertible, when it runs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     lu, p = session.run(tf.linalg.lu([[1.0, 2.0], [2.0, 8.0]]))
    ...     print(lu, p)
    [[ 2.   8. ]
     [ 0.5 -2. ]] [1 0]
    """
    return _Factors(*Lu.build(input, output_idx_type=output_idx_type, name=name))


sqrtm, logm = MatrixSquareRoot.function("matrix_square_root"), MatrixLogarithm.function("matrix_logarithm")
matrix_square_root = sqrtm


def expm(input, name=None):
    """The exponential of each matrix: floats or complex numbers, ``[..., side, side]``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.linalg.expm([[0.0, 1.0], [0.0, 0.0]]))
    array([[1., 1.],
           [0., 1.]], dtype=float32)
    """
    with name_scope(name, "matrix_exponential", [input]):
        matrix = to_tensor(input, name="input")
        if matrix.dtype not in (FLOATS - {bfloat16}) | COMPLEX:
            raise ValueError(f"tf.linalg.expm does not support matrices of type {matrix.dtype!r}")
        return matrix if matrix.shape[-2:] == [0, 0] else MatrixExponential.build(matrix)


__all__ = ["matrix_square_root"]
