"""Connectionist temporal classification: ``tf.nn.ctc_loss`` and its decoders."""

import numpy as np

from graphcore.core.dtypes import float32, float64, int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import merged_size, with_rank
from graphcore.core.sparse import SparseTensor
from graphcore.ops import arrays, joining, selection, transposing
from graphcore.ops.kernels import alignments

_FLOATS = {float32, float64}
_INPUTS = [[[0.0, 1.0]], [[2.0, 0.0]]]


def _time_and_batch(node):
    time, batch, classes = with_rank(node.inputs.shape.sizes, 3)
    return time, merged_size(batch, with_rank(node.sequence_length.shape.sizes, 1)[0]), classes


class CTCLoss(Op):
    """For each row of a batch minus the log probability of its labels, over all their alignments with the inputs.

    The last class is that of blanks. ``gradient`` is that of each loss for the inputs.
    """

    preprocess_collapse_repeated = Attr(bool, default=False)
    ctc_merge_repeated = Attr(bool, default=True)
    ignore_longer_outputs_than_inputs = Attr(bool, default=False)
    T = TypeAttr(_FLOATS, default=float32)
    inputs = Input(T)
    labels_indices = Input(int64)
    labels_values = Input(int32)
    sequence_length = Input(int32)
    loss = Output(T)
    gradient = Output(T)
    example = dict(inputs=_INPUTS, labels_indices=np.array([[0, 0]]), labels_values=np.array([0], np.int32),
                   sequence_length=np.array([2], np.int32), loss=[0.09117752],
                   gradient=[[[-0.02567405, 0.02567405]], [[-0.0840839, 0.0840839]]])

    def infer(node):
        time, batch, classes = _time_and_batch(node)
        merged_size(with_rank(node.labels_indices.shape.sizes, 2)[0], with_rank(node.labels_values.shape.sizes, 1)[0])
        return [(batch,), (time, batch, classes)]

    def kernel(inputs, labels_indices, labels_values, sequence_length, *, preprocess_collapse_repeated, ctc_merge_repeated,
               ignore_longer_outputs_than_inputs):
        return alignments.losses(inputs, labels_indices, labels_values, sequence_length, preprocess_collapse_repeated,
                                 ctc_merge_repeated, ignore_longer_outputs_than_inputs)

    def grad(node, dloss, _):
        once = arrays.PreventGradient.build(
            node.gradient, message="Currently there is no way to take the second  derivative of ctc_loss due to the fused "
            "implementation's interaction  with tf.gradients()")
        return arrays.expand_dims(dloss, -1) * once, None, None, None


class CTCGreedyDecoder(Op, differentiable=False):
    """The likeliest class at each time, without blanks (the last class), as the parts of a sparse tensor."""

    merge_repeated = Attr(bool, default=False)
    T = TypeAttr(_FLOATS, default=float32)
    inputs = Input(T)
    sequence_length = Input(int32)
    decoded_indices = Output(int64)
    decoded_values = Output(int64)
    decoded_shape = Output(int64)
    log_probability = Output(T)
    example = dict(inputs=_INPUTS, sequence_length=np.array([2], np.int32), decoded_indices=np.array([[0, 0]]),
                   decoded_values=np.array([0]), decoded_shape=np.array([1, 1]), log_probability=[[-3.0]])

    def infer(node):
        return [(None, 2), (None,), (2,), (_time_and_batch(node)[1], 1)]

    def kernel(inputs, sequence_length, *, merge_repeated):
        return alignments.greedy(inputs, sequence_length, merge_repeated)


class CTCBeamSearchDecoder(Op, differentiable=False):
    """The ``top_paths`` likeliest label sequences found by a search that keeps ``beam_width`` at each time."""

    beam_width = Attr(int, minimum=1)
    top_paths = Attr(int)
    merge_repeated = Attr(bool, default=True)
    T = TypeAttr(_FLOATS, default=float32)
    inputs = Input(T)
    sequence_length = Input(int32)
    decoded_indices = Output(int64, count=top_paths)
    decoded_values = Output(int64, count=top_paths)
    decoded_shape = Output(int64, count=top_paths)
    log_probability = Output(T)
    example = dict(inputs=_INPUTS, sequence_length=np.array([2], np.int32), beam_width=2, top_paths=1,
                   decoded_indices=[np.array([[0, 0]])], decoded_values=[np.array([0])], decoded_shape=[np.array([1, 1])],
                   log_probability=[[-0.09117752]])

    def infer(node):
        parts = [(None, 2)] * node.top_paths + [(None,)] * node.top_paths + [(2,)] * node.top_paths
        return [*parts, (_time_and_batch(node)[1], node.top_paths)]

    def kernel(inputs, sequence_length, *, beam_width, top_paths, merge_repeated):
        return alignments.beam_search(inputs, sequence_length, beam_width, top_paths, merge_repeated)


# ---------------------------------------------------------------- public functions


def ctc_loss(labels, inputs=None, sequence_length=None, preprocess_collapse_repeated=False, ctc_merge_repeated=True,
             ignore_longer_outputs_than_inputs=False, time_major=True, logits=None):
    """For each row of a batch minus the log probability of its labels, over all their alignments with the logits.

    Args:
      labels: an int32 SparseTensor with the labels of each row.
      inputs: logits of [time, batch, classes]; the last class is that of blanks.
      sequence_length: int32, how many time steps each row has.
      preprocess_collapse_repeated: whether repeated labels are made one first.
      ctc_merge_repeated: whether a label that lasts is one; if not, each time step of it is a label.
      ignore_longer_outputs_than_inputs: gives a loss of 0, not an error, where there are more labels than time steps.
      time_major: False for logits of [batch, time, classes].
      logits: the new name of ``inputs``.

    Raises:
      TypeError: the labels are not a SparseTensor.
      tf.errors.InvalidArgumentError: when it runs, for labels that are no classes or too many, or rows without labels.

    >>> import graphcore as tf
    >>> labels = tf.SparseTensor([[0, 0]], [0], [1, 1])
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.ctc_loss(labels, [[[0.0, 1.0]], [[2.0, 0.0]]], [2]))
    array([0.09117748], dtype=float32)
    """
    if not isinstance(labels, SparseTensor):
        raise TypeError("Expected labels (first argument) to be a SparseTensor")
    inputs = arrays.renamed("logits", logits, "inputs", inputs)
    if not time_major:
        inputs = transposing.transpose(inputs, [1, 0, 2])
    return CTCLoss.build(inputs, labels.indices, labels.values, sequence_length,
                         preprocess_collapse_repeated=preprocess_collapse_repeated, ctc_merge_repeated=ctc_merge_repeated,
                         ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs)[0]


def ctc_loss_v2(labels, logits, label_length, logit_length, logits_time_major=True, unique=None, blank_index=None, name=None):
    """`ctc_loss` of TensorFlow 2, for labels in a SparseTensor: ``blank_index`` says which class is that of blanks.

    Dense labels raise NotImplementedError; ``label_length``, ``unique`` and ``name`` have no meaning for sparse ones.
    """
    if not isinstance(labels, SparseTensor):
        raise NotImplementedError("tf.nn.ctc_loss_v2 of dense labels is not built: give them as a SparseTensor, with a blank_index.")
    if blank_index is None:
        raise ValueError("blank_index must be given when using SparseTensor labels.")
    classes = logits.shape[2].value
    classes = arrays.shape(logits)[2] if classes is None else classes
    if blank_index < 0:
        blank_index += classes
    if blank_index != classes - 1:
        before, after = logits[:, :, :blank_index], logits[:, :, blank_index + 1:]
        logits = joining.concat([before, after, logits[:, :, blank_index:blank_index + 1]], axis=2)
        values = selection.where(labels.values < blank_index, labels.values, labels.values - 1)
        labels = SparseTensor(labels.indices, values, labels.dense_shape)
    return ctc_loss(labels, logits, logit_length, time_major=logits_time_major)


def ctc_greedy_decoder(inputs, sequence_length, merge_repeated=True):
    """(a list of one SparseTensor: the likeliest class at each time, without blanks; minus the sum of their logits).

    Args:
      inputs: logits of [time, batch, classes]; the last class is that of blanks.
      sequence_length: int32, how many time steps each row has.
      merge_repeated: whether a class that lasts is one label.

    >>> import graphcore as tf
    >>> (labels,), _ = tf.nn.ctc_greedy_decoder([[[0.0, 1.0]], [[2.0, 0.0]]], [2])
    >>> with tf.Session() as session:
    ...     session.run(labels.values)
    array([0])
    """
    *parts, score = CTCGreedyDecoder.build(inputs, sequence_length, merge_repeated=merge_repeated)
    return [SparseTensor(*parts)], score


def ctc_beam_search_decoder(inputs, sequence_length, beam_width=100, top_paths=1, merge_repeated=True):
    """(a list of ``top_paths`` SparseTensors: the likeliest labels first; the logarithms of their probabilities).

    Args:
      inputs: logits of [time, batch, classes]; the last class is that of blanks.
      sequence_length: int32, how many time steps each row has.
      beam_width: how many label sequences are followed at a time.
      merge_repeated: whether equal neighbours among the labels found are made one.
    """
    *parts, scores = CTCBeamSearchDecoder.build(inputs, sequence_length, beam_width=beam_width, top_paths=top_paths,
                                                merge_repeated=merge_repeated)
    return [SparseTensor(*each) for each in zip(*parts)], scores


def ctc_beam_search_decoder_v2(inputs, sequence_length, beam_width=100, top_paths=1):
    """`ctc_beam_search_decoder` that leaves repeated labels as they are found."""
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated=False)


__all__ = []
