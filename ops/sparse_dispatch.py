"""Functions of one tensor that take a SparseTensor too: they map the values that are given."""

import functools

from graphcore.core.sparse import SparseTensor


def maps_values(node):
    """Decorator: of a SparseTensor, the function of its values in a SparseTensor of the same indices.

    ``node`` is the default name of the function's node. It stays unused then, as in TF, where a first attempt with the
    SparseTensor itself takes it.
    """

    def decorate(function):
        @functools.wraps(function)
        def mapped(x, name=None):
            if not isinstance(x, SparseTensor):
                return function(x, name=name)
            x.graph.unique_name(name or node)
            return SparseTensor(x.indices, function(x.values, name=name), x.dense_shape)

        return mapped

    return decorate


__all__ = []
