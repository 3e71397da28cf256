"""``tf.train.summary_iterator``: what is in an event file."""

from graphcore import proto
from graphcore.core.errors import DataLossError
from graphcore.core.files import path_of
from graphcore.summaries.records import read_records


def summary_iterator(path):
    """Yield the `Event` messages of the event file at `path`, in order.

    Raises:
      tf.errors.NotFoundError: there is no such file.
      tf.errors.DataLossError: a record is damaged or cut off, with its offset; the events before it were given.

    >>> import tempfile, os
    >>> import graphcore as tf
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with tf.summary.FileWriter(folder) as writer:
    ...         writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=0.5)]), 7)
    ...     file, = os.listdir(folder)
    ...     events = list(tf.train.summary_iterator(os.path.join(folder, file)))
    >>> [(event.step, value.tag, value.simple_value) for event in events for value in event.summary.value]
    [(7, 'loss', 0.5)]
    """
    from google.protobuf.message import DecodeError

    path = path_of(path)
    for number, record in enumerate(read_records(path)):
        try:
            event = proto.Event.FromString(record)
        except DecodeError as error:
            raise DataLossError(None, None, f"record {number} of {path} is no Event: {error}") from error
        yield event
