"""``tf.summary``: what to log for TensorBoard, and the writer."""

from graphcore.summaries.media import *  # noqa: F403
from graphcore.summaries.ops import *  # noqa: F403
from graphcore.summaries.tensor_ops import *  # noqa: F403
from graphcore.summaries.writer import FileWriter, FileWriterCache  # noqa: F401

_OF_TENSORFLOW_2 = {"SummaryWriter", "create_file_writer", "create_noop_writer", "experimental", "flush", "graph", "record_if",
                    "should_record_summaries", "trace_export", "trace_off", "trace_on", "write"}


def __getattr__(name):
    if name in ("Summary", "Event", "SessionLog", "SummaryDescription", "TaggedRunMetadata"):
        from graphcore import proto  # messages are loaded when asked for

        return getattr(proto, name)
    newer = ": it is TensorFlow 2's, and not built; tf.summary.FileWriter writes event files here" if name in _OF_TENSORFLOW_2 else ""
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{newer}")


def all_v2_summary_ops():
    """The summary ops of TF 2's kind in the default graph: always none, since those are not built."""
    return []


def initialize(graph=None, session=None):
    """Would start the writers of ``tf.contrib.summary``, which are not built: always a RuntimeError, as TF's without one."""
    raise RuntimeError("No default tf.contrib.summary.SummaryWriter found: tf.contrib.summary is not built; tf.summary.FileWriter "
                       "writes what Session.run gives for a summary, without ops of its own")
