"""``tf.summary``: what to log for TensorBoard, and the writer."""

from graphcore.summaries.media import *  # noqa: F403
from graphcore.summaries.ops import *  # noqa: F403
from graphcore.summaries.tensor_ops import *  # noqa: F403
from graphcore.summaries.writer import FileWriter, FileWriterCache  # noqa: F401


def __getattr__(name):
    if name in ("Summary", "Event", "SessionLog", "SummaryDescription", "TaggedRunMetadata"):
        from graphcore import proto  # messages are loaded when asked for

        return getattr(proto, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
