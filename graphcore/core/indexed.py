"""IndexedSlices: a tensor of which only some rows are given, as gradients of gathers are."""

import collections

from graphcore.core.scopes import graph_of

IndexedSlicesValue = collections.namedtuple("IndexedSlicesValue", ["values", "indices", "dense_shape"])
IndexedSlicesValue.__doc__ = "What a run gives for an `IndexedSlices`: its arrays; ``dense_shape`` may be None."


class IndexedSlices:
    """Rows ``values[i]`` that belong at ``indices[i]`` of a larger tensor; rows of one index add up, the others are zero.

    ``dense_shape`` is the shape of that tensor, a vector tensor, or None if it is not known.
    """

    def __init__(self, values, indices, dense_shape=None):
        graph_of([part for part in (values, indices, dense_shape) if part is not None])
        self._values, self._indices, self._dense_shape = values, indices, dense_shape

    @property
    def values(self):
        """The rows."""
        return self._values

    @property
    def indices(self):
        """Where each row belongs, a vector of integers."""
        return self._indices

    @property
    def dense_shape(self):
        """The shape of the whole tensor, or None."""
        return self._dense_shape

    @property
    def name(self):
        return self._values.name

    @property
    def device(self):
        return self._values.device

    @property
    def op(self):
        return self._values.op

    @property
    def dtype(self):
        return self._values.dtype

    @property
    def graph(self):
        return self._values.graph

    def consumers(self):
        """The operations that take one of the parts."""
        found = []
        for part in (self._values, self._indices, self._dense_shape):
            found += [op for op in (() if part is None else part.consumers()) if op not in found]
        return found

    def __str__(self):
        shape = "" if self._dense_shape is None else f", dense_shape={self._dense_shape}"
        return f"IndexedSlices(indices={self._indices}, values={self._values}{shape})"

    def __neg__(self):
        return IndexedSlices(-self._values, self._indices, self._dense_shape)
