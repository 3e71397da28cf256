"""The derivative of singular value decompositions."""

from graphcore.core.shapes import TensorShape
from graphcore.ops import arithmetic, arrays, diagonals, division, linalg, operands, sequences


def gradient(node, ds, du, dv):
    """The gradient of the matrices that `Svd` decomposed; NotImplementedError where TF has none."""
    matrix = node.op.inputs[0]
    diagonal = diagonals.matrix_diag(ds)
    if not node.compute_uv:
        from graphcore.ops import spectra

        _, u, v = spectra.svd(matrix, compute_uv=True)
        result = linalg.matmul(u, linalg.matmul(diagonal, v, adjoint_b=True))
        result.set_shape(matrix._shape)
        return result
    shape = _known_shape(matrix, du, dv)
    rows, columns = shape.sizes[-2:]
    u, v = node.u, node.v
    turned = rows > columns
    if turned:  # the gradient of the transposed matrix, transposed
        u, v, du, dv, rows, columns = v, u, dv, du, columns, rows
    with operands.after(ds, *((dv, du) if turned else (du, dv))):
        if node.full_matrices and columns - rows > 1:
            raise NotImplementedError("svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True")
        result = _wide_gradient(node, diagonal, (u, v), (du, dv), (rows, columns))
        if turned:
            result = linalg.matrix_transpose(result)
        result.set_shape(shape)
        return result


def _known_shape(matrix, du, dv):
    if matrix.dtype.is_complex:
        raise NotImplementedError("SVD gradient is not implemented for complex types and compute_uv=True.")
    shape = matrix._shape.with_rank_at_least(2)
    vectors = TensorShape(None) if None in (du._shape.sizes, dv._shape.sizes) else du._shape[:-1].concatenate(dv._shape[-2])
    shape = shape.merge_with(vectors)
    if shape.sizes is None or None in shape.sizes[-2:]:
        raise NotImplementedError("SVD gradient has not been implemented for input with unknown inner matrix shape.")
    return shape


def _wide_gradient(node, diagonal, vectors, gradients, sizes):
    """The gradient of matrices with no more rows than columns."""
    (u, v), (du, dv), (rows, columns) = vectors, gradients, sizes
    s = node.s
    values = diagonals.matrix_diag(s)
    gaps = _gaps(s)
    inverse = diagonals.matrix_diag(division.reciprocal(s))
    v1, dv1 = v[..., :, :rows], dv[..., :, :rows]
    turn_u = linalg.matmul(u, du, adjoint_a=True)
    turn_v = linalg.matmul(v1, dv1, adjoint_a=True)
    turn_u, turn_v = gaps * turn_u, gaps * turn_v
    inside = diagonal + linalg.matmul(turn_u + linalg.adjoint(turn_u), values) \
        + linalg.matmul(values, turn_v + linalg.adjoint(turn_v))
    result = linalg.matmul(u, linalg.matmul(inside, v1, adjoint_b=True))
    if rows == columns:
        return result
    dv1_t = linalg.matrix_transpose(dv1)
    outside = dv1_t - linalg.matmul(linalg.matmul(dv1_t, v1), v1, adjoint_b=True)
    if node.full_matrices:
        v2, dv2 = v[..., :, rows:columns], dv[..., :, rows:columns]
        outside -= linalg.matmul(linalg.matmul(v1, dv2, adjoint_a=True), v2, adjoint_b=True)
    return result + linalg.matmul(linalg.matmul(u, inverse), outside)


def _gaps(s):
    """1 / (s_j^2 - s_i^2) beside the diagonal, zero on it; infinite where singular values are equal."""
    squares = arithmetic.square(s)
    shape = arrays.shape(s)
    identity = diagonals.eye(shape[-1], batch_shape=shape[:-1], dtype=s.dtype)
    # The identity keeps zeros out of the reciprocal, for second derivatives.
    gaps = arrays.expand_dims(squares, -2) - arrays.expand_dims(squares, -1) + identity
    return diagonals.matrix_set_diag(division.reciprocal(gaps), sequences.zeros_like(s))
