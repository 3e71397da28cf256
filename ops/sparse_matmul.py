"""Products of sparse and dense matrices."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL, INDICES, bfloat16, complex64, complex128, float32, float64, int32, int64
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import merged_size, with_rank
from graphcore.core.view import shape_from
from graphcore.ops import gathering, linalg, reductions, transposing
from graphcore.ops.kernels import sparse_products
from graphcore.ops.sparse_tensors import as_sparse

# TF's registry allows any dtype, but these are what it has kernels for.
_COMPUTED = {float32, float64, int32, complex64, complex128, bfloat16}


class SparseTensorDenseMatMul(Op):
    """The matrix product of a sparse matrix ``a`` and a dense matrix ``b``.

    ``adjoint_b`` swaps the axes of ``b`` and conjugates; ``adjoint_a`` swaps those of ``a``, without conjugation, as in TF.
    """

    T = TypeAttr(ALL)
    Tindices = TypeAttr(INDICES, default=int64)
    adjoint_a = Attr(bool, default=False)
    adjoint_b = Attr(bool, default=False)
    a_indices = Input(Tindices)
    a_values = Input(T)
    a_shape = Input(int64, static=True)
    b = Input(T)
    product = Output(T)
    example = dict(a_indices=np.array([[0, 1], [1, 0]]), a_values=[2.0, 3.0], a_shape=np.array([2, 2]), b=[[1.0, 4.0], [5.0, 7.0]],
                   product=[[10.0, 14.0], [3.0, 12.0]])

    def infer(node):
        with_rank(node.a_indices.shape.sizes, 2)
        with_rank(node.a_values.shape.sizes, 1)
        with_rank(node.a_shape.shape.sizes, 1)
        rows, inner = with_rank(shape_from(node.a_shape).sizes, 2)[::-1 if node.adjoint_a else 1]
        inner_b, columns = with_rank(node.b.shape.sizes, 2)[::-1 if node.adjoint_b else 1]
        merged_size(inner, inner_b)
        return rows, columns

    def kernel(a_indices, a_values, a_shape, b, *, adjoint_a, adjoint_b, T):
        if T not in _COMPUTED:
            raise InvalidArgumentError(None, None, "No OpKernel was registered to support Op 'SparseTensorDenseMatMul' with values of "
                                                   f"{T.name}: cast them to float32 or float64")
        return sparse_products.product(a_indices, a_values, a_shape, b, adjoint_a, adjoint_b)

    def grad(node, dy):
        if node.T.is_complex:
            raise NotImplementedError("SparseTensorDenseMatMul op does not support complex gradients.")
        b_grad = SparseTensorDenseMatMul.build(node.a_indices, node.a_values, node.a_shape, dy, adjoint_a=not node.adjoint_a)
        if node.adjoint_b:
            b_grad = transposing.transpose(b_grad)
        rows, columns = node.a_indices[:, 0], node.a_indices[:, 1]
        if node.adjoint_a:
            rows, columns = columns, rows
        parts_a = gathering.gather(dy, rows)
        parts_b = gathering.gather(transposing.transpose(node.b) if node.adjoint_b else node.b, columns)
        return None, reductions.reduce_sum(parts_a * parts_b, axis=1), None, b_grad


def sparse_tensor_dense_matmul(sp_a, b, adjoint_a=False, adjoint_b=False, name=None):
    """The matrix product of a sparse matrix and a dense one, as a dense tensor.

    Args:
      sp_a: a `SparseTensor` (or `SparseTensorValue`) of rank 2; its indices may come in any order.
      b: a matrix of the same dtype.
      adjoint_a, adjoint_b: swap the axes of the operand first (and conjugate ``b``).

    Gradients for the sparse values and for ``b`` are defined, except for complex numbers.

    Raises:
      TypeError: ``sp_a`` is not sparse.
      ValueError: ranks are not 2, inner sizes differ. What is not known while building raises
        ``tf.errors.InvalidArgumentError`` in the run, as indices outside of the matrix do.

    >>> import graphcore as tf
    >>> a = tf.SparseTensor([[0, 1], [1, 0]], [2.0, 3.0], [2, 2])
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse_tensor_dense_matmul(a, [[1.0], [5.0]]))
    array([[10.],
           [ 3.]], dtype=float32)
    """
    sp_a = as_sparse(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [sp_a.indices, sp_a.values, b]):
        b = to_tensor(b, name="b")
        return SparseTensorDenseMatMul.build(sp_a.indices, sp_a.values, sp_a.dense_shape, b, adjoint_a=adjoint_a, adjoint_b=adjoint_b)


sparse_matmul = linalg.SparseMatMul.function("sparse_matmul")

__all__ = ["sparse_matmul", "sparse_tensor_dense_matmul"]
