"""Products of matrices and of batches of matrices."""


from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import bfloat16, complex64, complex128, float16, float32, float64, int32, int64
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import broadcast, merge, merged_size, with_rank, with_rank_at_least
from graphcore.ops import arrays, broadcasting, casting, diagonals, joining, operands, reductions, sequences, transposing
from graphcore.ops.kernels import products

FACTORS = {bfloat16, float16, float32, float64, int32, int64, complex64, complex128}


def _product_shape(node):
    a, b = with_rank(node.a.shape.sizes, 2), with_rank(node.b.shape.sizes, 2)
    if node.transpose_a:
        a = a[::-1]
    if node.transpose_b:
        b = b[::-1]
    merged_size(a[1], b[0])
    return a[0], b[1]


class MatMul(Op):
    """The matrix product of ``a`` and ``b``, either of them transposed first if so wanted."""

    transpose_a = Attr(bool, default=False)
    transpose_b = Attr(bool, default=False)
    T = TypeAttr(FACTORS)
    a = Input(T)
    b = Input(T)
    product = Output(T)

    example = dict(a=[[1.0, 2.0], [3.0, 4.0]], b=[[1.0, 0.5], [0.0, 2.0]], transpose_a=True, product=[[1.0, 6.5], [2.0, 9.0]])
    infer = _product_shape

    def kernel(a, b, *, transpose_a, transpose_b):
        return products.MATRIX_PRODUCTS[transpose_a, transpose_b](a, b)

    @classmethod
    def bind(cls, attrs):
        """The product with both flags decided."""
        return products.MATRIX_PRODUCTS[attrs["transpose_a"], attrs["transpose_b"]]

    def multiplies(node):
        return node.transpose_a, node.transpose_b

    def grad(node, dy):
        build = MatMul.build
        turned_a, turned_b = node.transpose_a, node.transpose_b
        a, b = operands.conj(node.a), operands.conj(node.b)
        if turned_a:
            da = build(b, dy, transpose_a=turned_b, transpose_b=True)
        else:
            da = build(dy, b, transpose_a=False, transpose_b=not turned_b)
        if turned_b:
            db = build(dy, a, transpose_a=True, transpose_b=turned_a)
        else:
            db = build(a, dy, transpose_a=not turned_a, transpose_b=False)
        return da, db


class SparseMatMul(Op):
    """The matrix product of ``a`` and ``b`` in float32, of which one may hold many zeros."""

    transpose_a = Attr(bool, default=False)
    transpose_b = Attr(bool, default=False)
    a_is_sparse = Attr(bool, default=False)
    b_is_sparse = Attr(bool, default=False)
    Ta = TypeAttr({float32, bfloat16}, default=float32)
    Tb = TypeAttr({float32, bfloat16}, default=float32)
    a = Input(Ta)
    b = Input(Tb)
    product = Output(float32)

    example = dict(a=[[1.0, 0.0], [0.0, 4.0]], b=[[1.0, 0.5], [0.0, 2.0]], a_is_sparse=True, product=[[1.0, 0.5], [0.0, 8.0]])
    infer = _product_shape

    def kernel(a, b, *, transpose_a, transpose_b):
        return products.sparse_product(a, b, transpose_a, transpose_b)

    def grad(node, dy):
        sparse = {id(dy): dy.op.type == "ReluGrad", id(node.a): node.a_is_sparse}
        sparse[id(node.b)] = node.b_is_sparse
        product = _SparseProduct(sparse)
        turned_a, turned_b = node.transpose_a, node.transpose_b
        if turned_a:
            da = product(node.b, dy, node.a.dtype, turned_b, True)
        else:
            da = product(dy, node.b, node.a.dtype, False, not turned_b)
        if turned_b:
            db = product(dy, node.a, node.b.dtype, True, turned_a)
        else:
            db = product(node.a, dy, node.b.dtype, not turned_a, False)
        return da, db


class _SparseProduct:
    """Products of tensors that are known, by their ids, to hold many zeros or not."""

    def __init__(self, sparse):
        self.sparse = sparse

    def __call__(self, a, b, dtype, transpose_a, transpose_b):
        sparse_a, sparse_b = self.sparse[id(a)], self.sparse[id(b)]
        if transpose_b:
            b = transposing.transpose(b)
        result = matmul(a, b, transpose_a=transpose_a, a_is_sparse=sparse_a, b_is_sparse=sparse_b)
        return result if result.dtype is dtype else casting.cast(result, dtype)


class BatchMatMul(Op):
    """The matrix products of the last two axes of ``x`` and ``y``, whose other axes agree."""

    adj_x = Attr(bool, default=False)
    adj_y = Attr(bool, default=False)
    T = TypeAttr(FACTORS)
    x = Input(T)
    y = Input(T)
    output = Output(T)

    example = dict(x=[[[1.0, 2.0], [3.0, 4.0]]], y=[[[1.0, 0.5], [0.0, 2.0]]], output=[[[1.0, 4.5], [3.0, 9.5]]])

    def infer(node):
        x, y = with_rank_at_least(node.x.shape.sizes, 2), with_rank_at_least(node.y.shape.sizes, 2)
        batch = merge(None if x is None else x[:-2], None if y is None else y[:-2])
        return _batch_product_shape(node, x, y, batch)

    def kernel(x, y, *, adj_x, adj_y):
        products.check_equal_batches(x, y)
        return products.batch_product(x, y, adj_x, adj_y)

    def grad(node, dy):
        return _batch_grads(node, dy)


class BatchMatMulV2(Op):
    """The matrix products of the last two axes of ``x`` and ``y``, whose other axes are broadcast."""

    adj_x = Attr(bool, default=False)
    adj_y = Attr(bool, default=False)
    T = TypeAttr(FACTORS)
    x = Input(T)
    y = Input(T)
    output = Output(T)

    example = dict(x=[[[1.0, 2.0]], [[3.0, 4.0]]], y=[[1.0, 0.5], [0.0, 2.0]], output=[[[1.0, 4.5]], [[3.0, 9.5]]])

    def infer(node):
        x, y = with_rank_at_least(node.x.shape.sizes, 2), with_rank_at_least(node.y.shape.sizes, 2)
        batch = None if x is None or y is None else broadcast(x[:-2], y[:-2])
        return _batch_product_shape(node, x, y, batch)

    def kernel(x, y, *, adj_x, adj_y):
        return products.batch_product(x, y, adj_x, adj_y)

    def grad(node, dy):
        dx, d_y = _batch_grads(node, dy)
        x, y = node.x, node.y
        if x._shape.is_fully_defined() and x._shape.sizes == y._shape.sizes:
            return dx, d_y
        shape_x, shape_y = arrays.shape(x), arrays.shape(y)
        axes_x, axes_y = broadcasting.BroadcastGradientArgs.build(shape_x[:-2], shape_y[:-2])
        dx = arrays.reshape(reductions.reduce_sum(dx, axes_x), shape_x)
        return dx, arrays.reshape(reductions.reduce_sum(d_y, axes_y), shape_y)


def _batch_product_shape(node, x, y, batch):
    rows, inner = (None, None) if x is None else x[-2:]
    inner_y, columns = (None, None) if y is None else y[-2:]
    if node.adj_x:
        rows, inner = inner, rows
    if node.adj_y:
        inner_y, columns = columns, inner_y
    merged_size(inner, inner_y)
    return None if batch is None else (*batch, rows, columns)


def _batch_grads(node, dy):
    x, y, turned_x, turned_y = node.x, node.y, node.adj_x, node.adj_y
    if turned_x:
        dx = matmul(y, dy, adjoint_a=turned_y, adjoint_b=True)
    else:
        dx = matmul(dy, y, adjoint_b=not turned_y)
    if turned_y:
        d_y = matmul(dy, x, adjoint_a=True, adjoint_b=turned_x)
    else:
        d_y = matmul(x, dy, adjoint_a=not turned_x)
    return dx, d_y


# ---------------------------------------------------------------- public functions


def matmul(a, b, transpose_a=False, transpose_b=False, adjoint_a=False, adjoint_b=False, a_is_sparse=False,
           b_is_sparse=False, name=None):
    """The matrix product ``a @ b`` of matrices, or of the last two axes of tensors of higher rank.

    Args:
      a, b: tensors of one dtype and rank 2 or more; the axes before the last two are broadcast.
      transpose_a, transpose_b: swap the last two axes first.
      adjoint_a, adjoint_b: swap them and conjugate.
      a_is_sparse, b_is_sparse: hints that an operand of rank 2 holds many zeros.

    Raises:
      ValueError: inner dimensions differ, a rank is below 2, an operand is to be both transposed and adjoint.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.matmul([[1.0, 2.0]], [[3.0], [4.0]]))
    array([[11.]], dtype=float32)
    """
    if a.__class__ is Tensor and b.__class__ is Tensor and a._shape.rank == b._shape.rank == 2 and a.dtype.base is b.dtype.base \
            and not (adjoint_a or adjoint_b or a_is_sparse or b_is_sparse):
        return MatMul.build(a, b, transpose_a=transpose_a, transpose_b=transpose_b, name=name)
    with name_scope(name, "MatMul", [a, b]) as name:
        for side, transposed, adjoint in (("a", transpose_a, adjoint_a), ("b", transpose_b, adjoint_b)):
            if transposed and adjoint:
                raise ValueError(f"Only one of transpose_{side} and adjoint_{side} can be True.")
        a, b = to_tensor(a, name="a"), to_tensor(b, name="b")
        if not (a_is_sparse or b_is_sparse) and (a._shape.rank != 2 or b._shape.rank != 2) and _maybe_batches(a, b):
            # BatchMatMulV2 has adjoints only.
            a, b = operands.conj(a) if transpose_a else a, operands.conj(b) if transpose_b else b
            return BatchMatMulV2.build(a, b, adj_x=transpose_a or adjoint_a, adj_y=transpose_b or adjoint_b, name=name)
        a, b = operands.conj(a) if adjoint_a else a, operands.conj(b) if adjoint_b else b
        transposed = dict(transpose_a=transpose_a or adjoint_a, transpose_b=transpose_b or adjoint_b)
        if _wants_sparse(a.dtype.base, b.dtype.base, a_is_sparse or b_is_sparse):
            product = SparseMatMul.build(a, b, **transposed, a_is_sparse=a_is_sparse, b_is_sparse=b_is_sparse, name=name)
            both_short = a.dtype.base is bfloat16 and b.dtype.base is bfloat16
            return casting.cast(product, bfloat16) if both_short else product
        return MatMul.build(a, b, **transposed, name=name)


def _maybe_batches(*tensors):
    return any(t._shape.rank is None or t._shape.rank > 2 for t in tensors)


def _wants_sparse(a, b, said):
    if said and {a, b} <= {bfloat16, float32}:
        return True
    return a is not b and bfloat16 in (a, b)  # MatMul takes one dtype only


def matvec(a, b, transpose_a=False, adjoint_a=False, a_is_sparse=False, b_is_sparse=False, name=None):
    """The products of the matrices ``a`` with the vectors along the last axis of ``b``; the arguments are those of `matmul`.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.linalg.matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]))
    array([3., 7.], dtype=float32)
    """
    with name_scope(name, "MatVec", [a, b]):
        columns = matmul(a, arrays.expand_dims(b, axis=-1), transpose_a=transpose_a, adjoint_a=adjoint_a, a_is_sparse=a_is_sparse,
                         b_is_sparse=b_is_sparse)
        return arrays.squeeze(columns, axis=-1)


def matrix_transpose(a, name="matrix_transpose", conjugate=False):
    """``a`` with its last two axes swapped, conjugated too if ``conjugate``."""
    with name_scope(name, values=[a]):
        a = to_tensor(a, name="a")
        rank = a._shape.rank
        if rank is None:
            rank = arrays.rank(a)
            order = joining.concat((sequences.Range.build(0, rank - 2, 1), [rank - 1, rank - 2]), 0)
        elif rank < 2:
            raise ValueError(f"Argument 'a' should be a (batch) matrix, with rank >= 2.  Found: {a._shape}")
        else:
            order = [*range(rank - 2), rank - 1, rank - 2]
        return transposing.transpose(a, perm=order, conjugate=conjugate)


def adjoint(matrix, name=None):
    """``matrix`` with its last two axes swapped, and conjugated."""
    with name_scope(name, "adjoint", [matrix]):
        matrix = to_tensor(matrix, name="matrix")
        return matrix_transpose(matrix, conjugate=True)


def trace(x, name=None):
    """The sum of the diagonal of the last two axes of ``x``."""
    with name_scope(name, "Trace", [x]) as name:
        x = to_tensor(x, name="x")
        return reductions.reduce_sum(diagonals.matrix_diag_part(x), [-1], name=name)


from graphcore.ops.tensordots import tensordot  # noqa: E402 (built on the products above)

__all__ = ["matmul", "matrix_transpose", "tensordot", "trace"]
