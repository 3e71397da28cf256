"""The operators of SparseTensor: ``sparse * dense``, ``sparse / dense``, ``dense * sparse``.

The ops that they make are imported when an operator is used first: few programs have sparse tensors.
"""

from graphcore.core.convert import to_tensor
from graphcore.core.node import method_of
from graphcore.core.scopes import name_scope
from graphcore.core.sparse import SparseTensor


def _attach(word, build):
    """Give SparseTensor ``__word__``: a sparse tensor of the same indices."""

    def operator(sparse, y):
        with name_scope(None, word, [sparse, y]) as name:
            y = to_tensor(y, sparse.dtype.base, "y")
            values = build(sparse.indices, sparse.values, sparse.dense_shape, y, name=name)
            return SparseTensor(sparse.indices, values, sparse.dense_shape)

    operator.__name__ = f"__{word}__"
    operator.__qualname__ = f"SparseTensor.__{word}__"
    operator.__doc__ = build.__doc__
    method_of(SparseTensor, operator.__name__)(operator)


def _true_quotient(indices, values, sizes, y, name=None):
    """The given values divided by the dense tensor's at their places; integers are cast to floating-point numbers."""
    from graphcore.ops.casting import cast
    from graphcore.ops.division import TRUE_QUOTIENT
    from graphcore.ops.sparse_arithmetic import SparseDenseCwiseDiv

    with name_scope(name, "truediv", [indices, values, sizes, y]) as name:
        if values.dtype.base not in TRUE_QUOTIENT:
            raise TypeError(f"Invalid dtype {values.dtype.base!r} in __truediv__")
        dtype = TRUE_QUOTIENT[values.dtype.base]
        if dtype is not None:
            values, y = cast(values, dtype), cast(y, dtype)
        return SparseDenseCwiseDiv.build(indices, values, sizes, y, name=name)


def _quotient(indices, values, sizes, y, name=None):
    """The given values divided by the dense tensor's at their places."""
    from graphcore.ops.sparse_arithmetic import SparseDenseCwiseDiv

    return SparseDenseCwiseDiv.build(indices, values, sizes, y, name=name)


def _product(indices, values, sizes, y, name=None):
    """The given values multiplied with the dense tensor's at their places."""
    from graphcore.ops.sparse_arithmetic import SparseDenseCwiseMul

    return SparseDenseCwiseMul.build(indices, values, sizes, y, name=name)


_attach("div", _quotient)
_attach("truediv", _true_quotient)
_attach("mul", _product)


def product_with(dense, sparse, name=None):
    """``dense * sparse``: a SparseTensor, whose values are multiplied with those of ``dense`` at their places."""
    values = _product(sparse.indices, sparse.values, sparse.dense_shape, dense, name)
    return SparseTensor(sparse.indices, values, sparse.dense_shape)


__all__ = []
