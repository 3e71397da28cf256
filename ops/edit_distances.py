"""How many insertions, deletions and substitutions turn sequences into others: ``tf.edit_distance``."""

import numpy as np

from graphcore.core.dtypes import ALL, float32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch
from graphcore.ops.kernels import distances
from graphcore.ops.sparse_tensors import is_sparse


class EditDistance(Op, differentiable=False):
    """The Levenshtein distance of each two rows of sparse tensors, divided by the length of the truth if ``normalize``."""

    normalize = Attr(bool, default=True)
    T = TypeAttr(ALL)
    hypothesis_indices = Input(int64)
    hypothesis_values = Input(T)
    hypothesis_shape = Input(int64, static=True)
    truth_indices = Input(int64)
    truth_values = Input(T)
    truth_shape = Input(int64, static=True)
    output = Output(float32)
    example = dict(hypothesis_indices=np.array([[0, 0], [0, 1], [1, 0]]), hypothesis_values=np.array([1, 2, 3], np.int32),
                   hypothesis_shape=np.array([2, 2]), truth_indices=np.array([[0, 0], [0, 1], [1, 0], [1, 1]]),
                   truth_values=np.array([1, 3, 3, 4], np.int32), truth_shape=np.array([2, 2]), output=[0.5, 0.5])

    def infer(node):
        one, other = node.hypothesis_shape.value, node.truth_shape.value
        if one is None or other is None:
            return None
        if len(one) != len(other):
            raise ShapeMismatch(f"Num elements of hypothesis_shape does not match truth_shape: {len(one)} vs. {len(other)}")
        return tuple(int(max(x, y)) for x, y in zip(one[:-1], other[:-1]))

    def kernel(hypothesis_indices, hypothesis_values, hypothesis_shape, truth_indices, truth_values, truth_shape, *, normalize):
        hypothesis = hypothesis_indices, hypothesis_values, hypothesis_shape
        return distances.edit_distances(hypothesis, (truth_indices, truth_values, truth_shape), normalize)


def edit_distance(hypothesis, truth, normalize=True, name="edit_distance"):
    """The Levenshtein distance of each two sequences: how many insertions, deletions and substitutions turn one into the other.

    Args:
      hypothesis, truth: SparseTensors of one dtype and rank, whose last axis is that of the sequences.
      normalize: divide by the length of the truth; that is infinite if only the truth is empty.

    Returns:
      A float32 Tensor of the sizes without the last axis.

    Raises:
      TypeError: ``hypothesis`` or ``truth`` is not sparse.

    >>> import graphcore as tf
    >>> heard, said = (tf.SparseTensor([[0, 0], [0, 1]], words, [1, 2]) for words in (["a", "b"], ["a", "c"]))
    >>> with tf.Session() as session:
    ...     session.run(tf.edit_distance(heard, said))
    array([0.5], dtype=float32)
    """
    for word, value in (("Hypothesis", hypothesis), ("Truth", truth)):
        if not is_sparse(value):
            raise TypeError(f"{word} must be a SparseTensor. (It is of {type(value)}.)")
    return EditDistance.build(hypothesis.indices, hypothesis.values, hypothesis.dense_shape, truth.indices, truth.values,
                              truth.dense_shape, normalize=normalize, name=name)


__all__ = ["edit_distance"]
