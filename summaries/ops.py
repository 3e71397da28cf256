"""``tf.summary`` of numbers: ops whose values are serialized Summary messages, for a FileWriter to write."""

from graphcore.core import dtypes, source
from graphcore.core.dtypes import REAL
from graphcore.core.keys import GraphKeys
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.summaries import protos
from graphcore.summaries.scopes import clean_tag, collect, summary_scope


class ScalarSummary(Op, differentiable=False):
    """One scalar value for each tag, serialized."""

    T = TypeAttr(REAL)
    tags = Input(dtypes.string)
    values = Input(T)
    summary = Output(dtypes.string)

    example = dict(tags="a", values=1.0, summary=b"\n\x08\n\x01a\x15\x00\x00\x80?")

    def infer(node):
        return ()

    def kernel(tags, values):
        return protos.scalar_summary(tags, values)


class HistogramSummary(Op, differentiable=False):
    """The histogram of the values, serialized; InvalidArgumentError for NaN or infinity."""

    T = TypeAttr(REAL, default=dtypes.float32)
    tag = Input(dtypes.string)
    values = Input(T)
    summary = Output(dtypes.string)
    example = dict(tag="a", values=[1.0, 2.0],
                   summary=b'\n\x87\x01\n\x01a*\x81\x01\t\x00\x00\x00\x00\x00\x00\xf0?\x11\x00\x00\x00\x00\x00\x00\x00@\x19\x00\x00'
                           b'\x00\x00\x00\x00\x00@!\x00\x00\x00\x00\x00\x00\x08@)\x00\x00\x00\x00\x00\x00\x14@2(\x08\x99i\x19'
                           b'\x15Z\xed?+\x14\xfa\xcd\xbe$\xf0?\xdc\x94\xcd.\x8du\xff?\xe0\x11\xf1\x0ctM\x01@\xff\xff'
                           b'\xff\xff\xff\xff\xef\x7f:(\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00'
                           b'\x00\x00\x00\x00\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00\x00\x00')

    def infer(node):
        return ()

    def kernel(tag, values):
        return protos.histogram_summary(tag, values, source.NODE_NAME)


class MergeSummary(Op, differentiable=False):
    """One summary with the values of all; InvalidArgumentError for a tag that occurs twice."""

    N = Attr(int)
    inputs_ = Input(dtypes.string, count=N)
    summary = Output(dtypes.string)

    example = dict(inputs=[b"\n\x08\n\x01a\x15\x00\x00\x80?"], summary=b"\n\x08\n\x01a\x15\x00\x00\x80?")

    def infer(node):
        return ()

    def kernel(inputs_):
        return protos.merge_summaries(inputs_)


def scalar(name, tensor, collections=None, family=None):
    """A summary of one number, drawn as a curve.

    Args:
      name: becomes the tag, below the current name scope.
      tensor: a real scalar.
      collections: where to add the op; default ``[GraphKeys.SUMMARIES]``, which ``merge_all`` takes.
      family: a prefix of the tag that groups curves in TensorBoard.

    Raises:
      TypeError: the tensor is not of real numbers.
      tf.errors.InvalidArgumentError: when it runs, for another rank.

    >>> import graphcore as tf
    >>> with tf.name_scope("train"):
    ...     loss = tf.summary.scalar("loss", 0.5)
    >>> with tf.Session() as session:
    ...     value = tf.Summary.FromString(session.run(loss)).value[0]
    >>> value.tag, value.simple_value
    ('train/loss', 0.5)
    """
    with summary_scope(name, family, [tensor]) as (tag, scope):
        summary = ScalarSummary.build(tag, tensor, name=scope)
        return collect(summary, collections, [GraphKeys.SUMMARIES])


def histogram(name, values, collections=None, family=None):
    """A summary of the distribution of the numbers in a tensor.

    They are counted in 1550 buckets, each a tenth wider than the one nearer to 0: TensorFlow's own, so that the picture is the same.

    Args:
      name: becomes the tag, below the current name scope.
      values: a real tensor of any shape.
      collections: where to add the op; default ``[GraphKeys.SUMMARIES]``, which ``merge_all`` takes.
      family: a prefix of the tag that groups charts in TensorBoard.

    Raises:
      TypeError: the tensor is not of real numbers.
      tf.errors.InvalidArgumentError: when it runs, for NaN or infinity.

    >>> import graphcore as tf
    >>> spread = tf.summary.histogram("spread", [[1.0, -2.0], [1.0, 0.0]])
    >>> with tf.Session() as session:
    ...     value = tf.Summary.FromString(session.run(spread)).value[0]
    >>> value.histo.num, value.histo.min, value.histo.max, value.histo.sum_squares
    (4.0, -2.0, 1.0, 6.0)
    """
    with summary_scope(name, family, [values], "HistogramSummary") as (tag, scope):
        summary = HistogramSummary.build(tag, values, name=scope)
        return collect(summary, collections, [GraphKeys.SUMMARIES])


def merge(inputs, collections=None, name=None):
    """One summary op with the values of all ``inputs``.

    Args:
      inputs: summary ops, or other string tensors of serialized summaries.
      collections: where to add the op; default nowhere.

    Raises:
      ValueError: there are no inputs.
      tf.errors.InvalidArgumentError: when it runs, for a tag that occurs twice.

    >>> import graphcore as tf
    >>> both = tf.summary.merge([tf.summary.scalar("one", 1.0), tf.summary.scalar("two", 2.0)])
    >>> with tf.Session() as session:
    ...     [value.tag for value in tf.Summary.FromString(session.run(both)).value]
    ['one', 'two']
    """
    inputs, name = list(inputs), clean_tag(name)
    with name_scope(name, "Merge", inputs):
        return collect(MergeSummary.build(inputs, name=name), collections, [])


def merge_all(key=GraphKeys.SUMMARIES, scope=None, name=None):
    """Merge the summaries in a collection; None when there is none.

    Args:
      key: the collection, by default the one that summaries are added to.
      scope: a regular expression that the names of the summaries have to begin with.

    >>> import graphcore as tf
    >>> nothing = tf.summary.merge_all()
    >>> with tf.name_scope("train"):
    ...     loss = tf.summary.scalar("loss", 0.5)
    >>> nothing, tf.summary.merge_all().op.inputs[0] is loss, tf.summary.merge_all(scope="test")
    (None, True, None)
    """
    summaries = get_default_graph().get_collection(key, scope=scope)
    return merge(summaries, name=name) if summaries else None


__all__ = ["histogram", "merge", "merge_all", "scalar"]
