"""Strings as numbers of buckets, the same ones as TF's."""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.opdef import Attr, Input, Op, Output
from graphcore.ops import reshaping
from graphcore.ops.kernels import hashing, texts

string = dtypes.string


def _same_shape(node):
    return node.inputs[0].shape


def _buckets(function, strings, count):
    """The bucket of each string, by a hash function of lists of strings."""
    return hashing.buckets(function(texts.listed(strings)), count).reshape(np.shape(strings))


class StringToHashBucketFast(Op, differentiable=False):
    """The bucket of each string of ``input``: its FarmHash fingerprint modulo ``num_buckets``."""

    num_buckets = Attr(int, minimum=1)
    input = Input(string)
    output = Output(dtypes.int64)
    example = dict(input=["a", "hello"], num_buckets=1000, output=np.array([939, 296]))

    infer = _same_shape

    def kernel(input, *, num_buckets):
        return _buckets(hashing.fingerprints, input, num_buckets)


def string_to_hash_bucket_fast(input, num_buckets, name=None):
    """The bucket of each string of ``input``, from 0 to ``num_buckets - 1``, int64: the same in every program.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.string_to_hash_bucket_fast(["a", "hello", "a"], 1000))
    array([939, 296, 939])
    """
    return StringToHashBucketFast.build(input, num_buckets=num_buckets, name=name)


class StringToHashBucketStrong(Op, differentiable=False):
    """The bucket of each string of ``input``: its SipHash under the two numbers of ``key``, modulo ``num_buckets``."""

    num_buckets = Attr(int, minimum=1)
    key = Attr([int])
    input = Input(string)
    output = Output(dtypes.int64)
    example = dict(input=["a", "hello"], num_buckets=1000, key=[1, 2], output=np.array([646, 622]))

    infer = _same_shape

    def kernel(input, *, num_buckets, key):
        if len(key) != 2:
            raise errors.InvalidArgumentError(None, None, f"Key must have 2 elements, not {len(key)}")
        return _buckets(lambda strings: hashing.keyed(strings, key), input, num_buckets)


string_to_hash_bucket_strong = StringToHashBucketStrong.function()


class StringToHashBucket(Op, differentiable=False):
    """The bucket of each string: an older hash of it modulo ``num_buckets``."""

    num_buckets = Attr(int, minimum=1)
    string_tensor = Input(string)
    output = Output(dtypes.int64)
    example = dict(string_tensor=["a", "hello"], num_buckets=1000, output=np.array([868, 938]))

    infer = _same_shape

    def kernel(string_tensor, *, num_buckets):
        return _buckets(hashing.older, string_tensor, num_buckets)


def string_to_hash_bucket(string_tensor=None, num_buckets=None, name=None, input=None):
    """The bucket of each string, by an older hash function; prefer `string_to_hash_bucket_fast`.

    Args:
      string_tensor, input: two names of the strings.
      num_buckets: how many buckets there are, at least 1.
    """
    strings = reshaping.renamed("input", input, "string_tensor", string_tensor)
    return StringToHashBucket.build(strings, num_buckets=num_buckets, name=name)


__all__ = ["string_to_hash_bucket", "string_to_hash_bucket_fast", "string_to_hash_bucket_strong"]
