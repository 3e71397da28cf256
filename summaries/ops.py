"""``tf.summary``: ops whose values are serialized Summary messages, for a FileWriter to write."""

import contextlib
import logging
import re

from graphcore.core import dtypes, source
from graphcore.core.dtypes import REAL
from graphcore.core.keys import GraphKeys
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.summaries import protos

_log = logging.getLogger("graphcore")
_ILLEGAL = re.compile(r"[^-/\w\.]")


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


def clean_tag(name):
    """``name`` with the characters that a tag may not have replaced by ``_``; logged when it changes."""
    if name is None:
        return None
    cleaned = _ILLEGAL.sub("_", name).lstrip("/")
    if cleaned != name:
        _log.info("Summary name %s is illegal; using %s instead.", name, cleaned)
    return cleaned


@contextlib.contextmanager
def _summary_scope(name, family, values):
    """(tag, name scope) of a summary op."""
    name, family = clean_tag(name), clean_tag(family)
    base = name if family is None else f"{family}/{name}"
    with name_scope(base, None, values) as scope:
        tag = scope.rstrip("/")
        yield (tag if family is None else f"{family}/{tag}"), scope


def _collect(summary, collections, default):
    get_default_graph().add_to_collections(default if collections is None else collections, summary)
    return summary


def scalar(name, tensor, collections=None, family=None):
    """A summary of one number, drawn as a curve.

    Args:
      name: becomes the tag, below the current name scope.
      tensor: a real scalar.
      collections: where to add the op; default ``[GraphKeys.SUMMARIES]``, which ``merge_all`` takes.
      family: a prefix of the tag that groups curves in TensorBoard.
    """
    with _summary_scope(name, family, [tensor]) as (tag, scope):
        summary = ScalarSummary.build(tag, tensor, name=scope)
        return _collect(summary, collections, [GraphKeys.SUMMARIES])


def histogram(name, values, collections=None, family=None):
    """A summary of the distribution of a real tensor of any shape.

    Running it on NaN or infinity raises InvalidArgumentError.
    """
    with _summary_scope(name, family, [values]) as (tag, scope):
        summary = HistogramSummary.build(tag, values, name=scope)
        return _collect(summary, collections, [GraphKeys.SUMMARIES])


def merge(inputs, collections=None, name=None):
    """One summary op with the values of all ``inputs``; two of the same tag are an error when it runs."""
    inputs = list(inputs)
    with name_scope(name, "Merge", inputs):
        return _collect(MergeSummary.build(inputs, name=name), collections, [])


def merge_all(key=GraphKeys.SUMMARIES, scope=None, name=None):
    """Merge the summaries in a collection; None when there is none."""
    summaries = get_default_graph().get_collection(key, scope=scope)
    return merge(summaries, name=name) if summaries else None


def _not_built(what):
    return NotImplementedError(f"tf.summary.{what} is not built yet; scalar and histogram are")


def image(name, tensor, max_outputs=3, collections=None, family=None):
    """Not built yet: raises NotImplementedError."""
    raise _not_built("image")


def audio(name, tensor, sample_rate, max_outputs=3, collections=None, family=None):
    """Not built yet: raises NotImplementedError."""
    raise _not_built("audio")


def text(name, tensor, collections=None):
    """Not built yet: raises NotImplementedError."""
    raise _not_built("text")


def tensor_summary(name, tensor, summary_description=None, collections=None, summary_metadata=None, family=None,
                   display_name=None):
    """Not built yet: raises NotImplementedError."""
    raise _not_built("tensor_summary")

__all__ = ["audio", "histogram", "image", "merge", "merge_all", "scalar", "tensor_summary", "text"]
