"""IndexedSlices: a tensor of which only some rows are given, as gradients of gathers are."""

import collections

import numpy as np

from graphcore.core.scopes import graph_of
from graphcore.core.shapes import TensorShape
from graphcore.core.structure import Specification, register_composite
from graphcore.core.view import StaticInput, shape_from

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


def _parts(slices):
    return [part for part in (slices.values, slices.indices, slices.dense_shape) if part is not None]


def _from_parts(parts):
    """An IndexedSlices of tensors, an `IndexedSlicesValue` of arrays."""
    if all(isinstance(part, np.ndarray) for part in parts):
        return IndexedSlicesValue(*parts, *[None] * (3 - len(parts)))
    return IndexedSlices(*parts)


def _specify(slices):
    shape, dtypes = slices.dense_shape, [part.dtype for part in _parts(slices)]
    whole = TensorShape([None]).concatenate(slices.values.shape[1:]) if shape is None else shape_from(StaticInput(shape))
    text = ", ".join(map(repr, (whole, *dtypes, *[None] * (3 - len(dtypes)), slices.indices.shape)))
    return Specification(("IndexedSlices", *dtypes), f"IndexedSlicesSpec({text})")


register_composite(IndexedSlices, _parts, _from_parts, _specify)
