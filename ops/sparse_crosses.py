"""Crossed features: each combination of the features in one row of several tensors, as text or as a hash."""

import numpy as np

from graphcore.core.dtypes import int64, string
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr, TypeListAttr
from graphcore.core.sparse import SparseTensor
from graphcore.ops import casting
from graphcore.ops.kernels import crossing

_FEATURES = {int64, string}
_HASH_KEY = 0xDECAFCAFFE  # TF's, for callers that give none


class SparseCross(Op, refuses=True):
    """For each row every combination of one feature from each input, sparse inputs first, as a sparse tensor."""

    N = Attr(int, minimum=0)
    hashed_output = Attr(bool)
    num_buckets = Attr(int, minimum=0)
    hash_key = Attr(int)
    sparse_types = TypeListAttr(_FEATURES)
    dense_types = TypeListAttr(_FEATURES)
    out_type = TypeAttr(_FEATURES)
    internal_type = TypeAttr(_FEATURES)
    indices = Input(int64, count=N)
    values = Input(sparse_types)
    shapes = Input(int64, count=N)
    dense_inputs = Input(dense_types)
    output_indices = Output(int64)
    output_values = Output(out_type)
    output_shape = Output(int64)
    example = dict(indices=[np.array([[0, 0], [1, 0], [1, 1]]), np.array([[0, 0], [1, 0]])],
                   values=[np.array([b"a", b"b", b"c"], object), np.array([5, 6])], shapes=[np.array([2, 2]), np.array([2, 1])],
                   dense_inputs=[], hashed_output=False, num_buckets=0, hash_key=7, out_type=string, internal_type=string,
                   output_indices=np.array([[0, 0], [1, 0], [1, 1]]), output_values=[b"a_X_5", b"b_X_6", b"c_X_6"],
                   output_shape=np.array([2, 2]))

    def infer(node):
        return [(None, 2), (None,), (2,)]

    def kernel(indices, values, shapes, dense_inputs, *, num_buckets, hash_key, out_type):
        columns = crossing.columns(indices, values, shapes, dense_inputs)
        if out_type is int64:  # `hashed_output` says it too, but this is what TF's runtime goes by
            return crossing.hashed(columns, num_buckets, hash_key)
        return crossing.joined(columns)


def sparse_cross(inputs, name=None):
    """The features of each row combined: text such as ``"a_X_b"``, in a SparseTensor of strings.

    Args:
      inputs: a list of SparseTensors and Tensors of rank 2 and the same number of rows, of strings or integers.

    >>> import graphcore as tf
    >>> size, colour = tf.SparseTensor([[0, 0], [0, 1]], ["S", "M"], [1, 2]), tf.SparseTensor([[0, 0]], ["red"], [1, 1])
    >>> with tf.Session() as session:
    ...     session.run(tf.sparse.cross([size, colour])).values
    array([b'S_X_red', b'M_X_red'], dtype=object)
    """
    return _crossed(inputs, string, 0, None, name)


def sparse_cross_hashed(inputs, num_buckets=0, hash_key=None, name=None):
    """The features of each row combined into hashes, in a SparseTensor of int64, with TF's own numbers.

    Args:
      inputs: as for `sparse_cross`.
      num_buckets: the hashes are below this number, if it is not 0.
      hash_key: an integer that other hashes come of.
    """
    return _crossed(inputs, int64, num_buckets, hash_key, name)


def _crossed(inputs, out_type, num_buckets, hash_key, name):
    if not isinstance(inputs, list):
        raise TypeError("Inputs must be a list")
    if not all(isinstance(each, (SparseTensor, Tensor)) for each in inputs):
        raise TypeError("All inputs must be SparseTensors")
    sparse = [each for each in inputs if isinstance(each, SparseTensor)]
    values = [_as_feature(each.values) for each in sparse]
    dense = [_as_feature(each) for each in inputs if not isinstance(each, SparseTensor)]
    internal = int64 if any(each.dtype is int64 for each in values + dense) else string
    parts = SparseCross.build([each.indices for each in sparse], values, [each.dense_shape for each in sparse], dense,
                              hashed_output=out_type is int64, num_buckets=num_buckets, hash_key=hash_key or _HASH_KEY,
                              out_type=out_type, internal_type=internal, name=name)
    return SparseTensor(*parts)


def _as_feature(tensor):
    return tensor if tensor.dtype.base is string else casting.cast(tensor, int64)


__all__ = []
