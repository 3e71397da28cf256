"""What a program expects of `Example` messages, feature by feature, and the tensors it gets."""

import collections
import re

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.node import Tensor
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import as_shape
from graphcore.core.sparse import SparseTensor
from graphcore.ops import constants, reshaping
from graphcore.ops.example_parsing import ParseExample, ParseSingleExample


class VarLenFeature(collections.namedtuple("VarLenFeature", ["dtype"])):
    """A feature with any number of values, which becomes a `SparseTensor` of ``dtype``: float32, int64 or string."""


class FixedLenFeature(collections.namedtuple("FixedLenFeature", ["shape", "dtype", "default_value"], defaults=[None])):
    """A feature with values for one ``shape``, which becomes a `Tensor`; an Example without it gets ``default_value``.

    If that is None, such an Example raises ``tf.errors.InvalidArgumentError`` in a run.
    """


class FixedLenSequenceFeature(collections.namedtuple("FixedLenSequenceFeature", ["shape", "dtype", "allow_missing", "default_value"],
                                                     defaults=[False, None])):
    """A feature with values for any number of items of one ``shape``, which becomes a `Tensor` with one axis more.

    Shorter ones of a batch are filled up with ``default_value``; 0, or the empty string, if it is None.
    """


class SparseFeature(collections.namedtuple("SparseFeature", ["index_key", "value_key", "dtype", "size", "already_sorted"],
                                           defaults=[False])):
    """Features with the places (one, or a list with one for each axis) and the values of a `SparseTensor` of the shape ``size``."""


class _Wanted:
    """The features that a program wants, sparse and dense ones apart, each in the order of their names."""

    def __init__(self, features):
        self.sparse_keys, self.sparse_types = [], []
        self.dense_keys, self.dense_types, self.dense_shapes, self.defaults = [], [], [], []
        for key in sorted(features):
            feature = features[key]
            if not isinstance(feature, (VarLenFeature, SparseFeature, FixedLenFeature, FixedLenSequenceFeature)):
                raise ValueError(f"Invalid feature {key}:{feature}.")
            if isinstance(feature, SparseFeature):
                self._add_merged(feature)
            if not feature.dtype:
                raise ValueError(f"Missing type for feature {key}.")
            if isinstance(feature, VarLenFeature):
                self.sparse_keys.append(key)
                self.sparse_types.append(feature.dtype)
            elif isinstance(feature, SparseFeature):
                self._add_sparse(feature.value_key, feature.dtype)
            else:
                self._add_dense(key, feature)
        _check_distinct(self.sparse_keys, self.dense_keys)

    def _add_merged(self, feature):
        """The places of a `SparseFeature`."""
        if not feature.index_key:
            raise ValueError(f"Missing index_key for SparseFeature {feature}.")
        if not feature.value_key:
            raise ValueError(f"Missing value_key for SparseFeature {feature}.")
        for key in sorted(_index_keys(feature)):
            self._add_sparse(key, dtypes.int64)

    def _add_sparse(self, key, dtype):
        """A feature that may be wanted twice, if as the same type."""
        if key not in self.sparse_keys:
            self.sparse_keys.append(key)
            self.sparse_types.append(dtype)
            return
        known = self.sparse_types[self.sparse_keys.index(key)]
        if known != dtype:
            raise ValueError(f"Conflicting type {known} vs {dtype} for feature {key}.")

    def _add_dense(self, key, feature):
        self.dense_keys.append(key)
        self.dense_types.append(feature.dtype)
        self.dense_shapes.append(_shape_of(key, feature))
        self.defaults.append(feature.default_value)

    def default_tensors(self):
        """A tensor for each dense feature: its default, nothing if it is required, what it is filled up with if it is a sequence."""
        return [_default(*each) for each in zip(self.dense_keys, self.dense_types, self.dense_shapes, self.defaults)]

    def tensors(self, indices, values, shapes, dense):
        """What the op gives as {name: SparseTensor or Tensor}."""
        sparse = [SparseTensor(*parts) for parts in zip(indices, values, shapes)]
        return dict(zip(self.sparse_keys + self.dense_keys, sparse + dense))


def _index_keys(feature):
    return [feature.index_key] if isinstance(feature.index_key, str) else list(feature.index_key)


def _check_distinct(sparse_keys, dense_keys):
    both = set(sparse_keys) & set(dense_keys)
    if both:
        raise ValueError(f"Dense and sparse keys must not intersect; intersection: {both}")


def _merged(features, tensors):
    """The tensors of ``features``: those of a `SparseFeature` made of its places and values, which go if nobody asked for them."""
    from graphcore.ops import sparse_rows

    result = dict(tensors)
    for key in sorted(features):
        feature = features[key]
        if isinstance(feature, SparseFeature):
            places = [result[name] for name in _index_keys(feature)]
            result[key] = sparse_rows.sparse_merge(places[0] if isinstance(feature.index_key, str) else places, result[feature.value_key],
                                                   feature.size, already_sorted=feature.already_sorted)
    return {key: tensor for key, tensor in result.items() if key in features}


def _shape_of(key, feature):
    """The shape of a dense feature; a sequence's begins with an unknown size."""
    if feature.shape is None:
        raise ValueError(f"Missing shape for feature {key}.")
    if isinstance(feature, FixedLenSequenceFeature):
        if not feature.allow_missing:
            raise ValueError("Unsupported: FixedLenSequenceFeature requires allow_missing to be True.")
        return as_shape([None, *feature.shape])
    shape = as_shape(feature.shape)
    if shape.ndims and shape.as_list()[0] is None:
        raise ValueError(f"First dimension of shape for feature {key} unknown. Consider using FixedLenSequenceFeature.")
    if not shape.is_fully_defined():
        raise ValueError(f"All dimensions of shape for feature {key} need to be known but received {feature.shape}.")
    return shape


def _default(key, dtype, shape, value):
    word = re.sub(r"[^A-Za-z0-9_.\-/]", "_", key)
    if shape.ndims and shape.as_list()[0] is None:
        if value is None:
            return to_tensor("" if dtype == dtypes.string else 0, dtype)
        return reshaping.reshape(to_tensor(value, dtype, f"padding_{word}"), [])
    if value is None:
        return constants.constant([], dtype=dtype)
    if isinstance(value, Tensor):
        return value
    return reshaping.reshape(to_tensor(value, dtype, f"key_{word}"), shape)


def parse_example(serialized, features, name=None, example_names=None):
    """The features of a vector of serialized Examples: {name: `SparseTensor` or `Tensor`}, each with a row for each Example.

    Args:
      features: {name: `VarLenFeature`, `FixedLenFeature`, `FixedLenSequenceFeature` or `SparseFeature`}.
      example_names: a vector of strings that name the Examples in errors.

    Raises:
      ValueError: no features, or one that is not described in full.
    """
    if not features:
        raise ValueError(f"Missing: features was {features}.")
    wanted = _Wanted(features)
    with name_scope(name, "ParseExample", [serialized, example_names]):
        defaults = wanted.default_tensors()
        tensors = wanted.tensors(*ParseExample.build(
            serialized, [] if example_names is None else example_names, wanted.sparse_keys, wanted.dense_keys, defaults,
            sparse_types=wanted.sparse_types, dense_shapes=wanted.dense_shapes, name=name))
    return _merged(features, tensors)


def parse_single_example(serialized, features, name=None, example_names=None):
    """The features of one serialized Example, a scalar: {name: `SparseTensor` or `Tensor`}.

    Args:
      features: {name: `VarLenFeature`, `FixedLenFeature`, `FixedLenSequenceFeature` or `SparseFeature`}.

    Raises:
      ValueError: no features, or one that is not described in full.

    >>> import graphcore as tf
    >>> example = b"\\n\\x0c\\n\\n\\n\\x01a\\x12\\x05\\x1a\\x03\\n\\x01\\x07"
    >>> with tf.Session() as session:
    ...     session.run(tf.parse_single_example(example, {"a": tf.FixedLenFeature([1], tf.int64)}))
    {'a': array([7])}
    """
    if not features:
        raise ValueError("Missing features.")
    if example_names is not None:
        raise NotImplementedError("tf.parse_single_example: example_names is not built yet; tf.parse_example takes them")
    wanted = _Wanted(features)
    with name_scope(name, "ParseSingleExample", [serialized]):
        serialized = to_tensor(serialized, name="serialized")
        defaults = wanted.default_tensors()
        tensors = wanted.tensors(*ParseSingleExample.build(
            serialized, defaults, num_sparse=len(wanted.sparse_keys), sparse_keys=wanted.sparse_keys, dense_keys=wanted.dense_keys,
            sparse_types=wanted.sparse_types, dense_shapes=wanted.dense_shapes, name=name))
    return _merged(features, tensors)


__all__ = ["FixedLenFeature", "FixedLenSequenceFeature", "SparseFeature", "VarLenFeature", "parse_example", "parse_single_example"]
