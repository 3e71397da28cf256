"""The operators of Tensor: ``x + y``, ``-x``, ``x < y``, ``x @ y`` ...

``==`` and ``!=`` are not among them: as in TF 1.15 they compare identities (`tf.equal` compares values).
"""

from types import SimpleNamespace

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.node import Tensor, method_of
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.sparse import SparseTensor
from graphcore.ops import arithmetic, comparison, division, sparse_operators


def _scope(word, x, y):
    """The name scope of one operator; where ``x`` is of the default graph, without looking for the graph."""
    graph = get_default_graph()
    return graph.name_scope(word) if x.op.graph is graph else name_scope(None, word, [x, y])


def _attach(word, function, single=None):
    """Give Tensor ``__word__`` and ``__rword__``.

    ``function(x, y, name=)`` is what builds; ``single``, where the result is one node, has the quick way for two tensors,
    ``build`` (which an op's declaration gets when it is first used, and which is therefore asked for each time).
    """

    def operator(x, y):
        if single is not None and y.__class__ is Tensor and y.dtype is not dtypes.string:
            return single.build(x, y, name=word)
        with _scope(word, x, y) as name:
            if not isinstance(y, (Tensor, SparseTensor)):
                try:
                    y = to_tensor(y, None, "y", False, x.dtype.base)
                except TypeError:
                    if hasattr(type(y), f"__r{word}__"):
                        return NotImplemented
                    raise
            return function(x, y, name=name)

    def reversed_operator(y, x):
        with _scope(word, y, x) as name:
            return function(to_tensor(x, y.dtype.base, "x"), y, name=name)

    for method, attribute in ((operator, f"__{word}__"), (reversed_operator, f"__r{word}__")):
        method.__name__ = attribute
        method.__qualname__ = f"Tensor.{attribute}"
        method.__doc__ = function.__doc__
        method_of(Tensor, attribute)(method)


def _sum(x, y, name=None):
    """The sum ``x + y``, element by element; strings are joined."""
    definition = arithmetic.Add if x.dtype.base is dtypes.string else arithmetic.AddV2
    return definition.build(x, y, name=name)


def _product(x, y, name=None):
    """The product ``x * y``, element by element; a SparseTensor if ``y`` is one."""
    if isinstance(y, SparseTensor):
        return sparse_operators.product_with(x, y, name)
    return arithmetic.Mul.build(x, y, name=name)


def _quotient(x, y, name):
    """``x / y`` of two tensors; only those of floating-point or complex numbers make a single node."""
    dtype = x.dtype
    if dtype.base is y.dtype.base and (dtype.is_floating or dtype.is_complex):
        return division.RealDiv.build(x, y, name=name)
    return division.truediv(x, y)


def _matrix_product(x, y, name=None):
    """The matrix product ``x @ y``."""
    from graphcore.ops import linalg

    return linalg.matmul(x, y, name=name)


_attach("add", _sum, arithmetic.AddV2)
_attach("sub", arithmetic.subtract, arithmetic.Sub)
_attach("mul", _product, arithmetic.Mul)
_attach("div", division.div)
_attach("truediv", division.truediv, SimpleNamespace(build=_quotient))
_attach("floordiv", division.floordiv, division.FloorDiv)
_attach("mod", division.floormod, division.FloorMod)
_attach("pow", division.pow, division.Pow)
_attach("and", comparison.logical_and, comparison.LogicalAnd)
_attach("or", comparison.logical_or, comparison.LogicalOr)
_attach("xor", comparison.logical_xor)
_attach("matmul", _matrix_product)


def _negated(x, name=None):
    """The negative ``-x`` of each element."""
    return arithmetic.Neg.build(x, name=name)


def _inverted(x, name=None):
    """The logical not of each element; TypeError unless the tensor is of bools."""
    return comparison.LogicalNot.build(x, name=name)


method_of(Tensor, "__neg__")(_negated)
method_of(Tensor, "__abs__")(arithmetic.abs)
method_of(Tensor, "__invert__")(_inverted)
method_of(Tensor, "__lt__")(comparison.less)
method_of(Tensor, "__le__")(comparison.less_equal)
method_of(Tensor, "__gt__")(comparison.greater)
method_of(Tensor, "__ge__")(comparison.greater_equal)

__all__ = []
