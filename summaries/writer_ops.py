"""The ops through which a `FileWriter` of a session writes: the event file belongs to the session, by the name of its directory."""

import functools

import numpy as np

from graphcore.core import dtypes
from graphcore.core.errors import InvalidArgumentError, NotFoundError
from graphcore.core.opdef import Attr, Input, Op, Output
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape
from graphcore.ops.constants import constant, placeholder_with_default
from graphcore.summaries.event_file import EventFile

_ENDING = ".v2"    # of the file's name, where the program gives no suffix
_DEVICE = "cpu:0"


class SummaryWriter(Op, stateful=True, refuses=True, variable=True):
    """Stands for an event file; the output is a handle to it."""

    shared_name = Attr(bytes, default=b"")
    container = Attr(bytes, default=b"")
    writer = Output(dtypes.resource)

    example = dict(shared_name=b"logdir:logs")

    def infer(node):
        return ()


def _handle():
    """A handle for examples."""
    return SummaryWriter.build()


class CreateSummaryFileWriter(Op, stateful=True, refuses=True):
    """Opens the event file in a directory, unless it is open."""

    writer = Input(dtypes.resource)
    logdir = Input(dtypes.string)
    max_queue = Input(dtypes.int32)
    flush_millis = Input(dtypes.int32)
    filename_suffix = Input(dtypes.string)

    example = dict(writer=_handle, logdir="logs", max_queue=10, flush_millis=1000, filename_suffix=".train")

    def kernel(writer, logdir, max_queue, flush_millis, filename_suffix):
        for name, value in (("logdir", logdir), ("max_queue", max_queue), ("flush_millis", flush_millis),
                            ("filename_suffix", filename_suffix)):
            if np.ndim(value):
                raise InvalidArgumentError(None, None, f"{name} must be a scalar, its shape is {format_shape(np.shape(value))}")
        with writer.lock:
            if writer.value is None:
                writer.value = EventFile(_text(logdir), int(max_queue), float(flush_millis) / 1000, _text(filename_suffix))


class ImportEvent(Op, stateful=True, refuses=True):
    """Writes a serialized Event."""

    writer = Input(dtypes.resource)
    event = Input(dtypes.string)

    example = dict(writer=_handle, event=b"")

    def kernel(writer, event):
        _opened(writer).put(event if isinstance(event, bytes) else event.item())


class FlushSummaryWriter(Op, stateful=True, refuses=True):
    """Brings to the disk what was written so far."""

    writer = Input(dtypes.resource)

    example = dict(writer=_handle)

    def kernel(writer):
        _opened(writer).flush()


class CloseSummaryWriter(Op, stateful=True, refuses=True):
    """Closes the event file, for all who share it."""

    writer = Input(dtypes.resource)

    example = dict(writer=_handle)

    def kernel(writer):
        with writer.lock:
            file, writer.value = _opened(writer), None
        file.close()


def _opened(writer):
    """The event file behind a handle; NotFoundError if it is not open."""
    file = writer.value
    if file is None:
        raise NotFoundError(None, None, f"Resource localhost/{writer.name}/SummaryWriterInterface does not exist: the event file is "
                                        "closed, perhaps by another writer of its session and directory; FileWriter.reopen opens it again")
    return file


def _text(value):
    text = (value if isinstance(value, bytes) else value.item()).decode(errors="surrogateescape")
    if "\0" in text:
        raise InvalidArgumentError(None, None, f"{text!r} is no name of a file: it holds a zero byte")
    return text


class SessionEventFile:
    """What `EventFile` is, written through ops of a session's graph; all of one session and directory share one file."""

    def __init__(self, session, directory, capacity, flush_seconds, suffix=""):
        self._session = session
        graph = session.graph
        with graph.as_default(), name_scope("filewriter"):
            with graph.device(_DEVICE):
                suffix = suffix or constant(_ENDING)
                writer = SummaryWriter.build(shared_name=f"logdir:{directory}".encode())
                create = functools.partial(CreateSummaryFileWriter.build, writer, directory, capacity, int(flush_seconds * 1000), suffix)
                create()    # TF makes this one, and a flush below, for uses of the writer that are not made here
            self._event = placeholder_with_default(constant("unused", dtypes.string), shape=[])
            self._write = ImportEvent.build(writer, self._event)
            with graph.device(_DEVICE):
                FlushSummaryWriter.build(writer)
            self._create = create()
            with graph.device(_DEVICE):
                self._flush = FlushSummaryWriter.build(writer)
                with graph.control_dependencies([FlushSummaryWriter.build(writer)]):
                    self._close = CloseSummaryWriter.build(writer)

    def opened(self):
        """Open the file unless it is; gives this object."""
        self._session.run(self._create)
        return self

    def put(self, event):
        """Write a serialised event."""
        self._session.run(self._write, {self._event: event})

    def flush(self):
        """Return when all events put so far are in the file."""
        self._session.run(self._flush)

    def close(self):
        """Write what is queued, and close the file."""
        self._session.run(self._close)

    def finish(self):
        """Nothing: the file is the session's."""


__all__ = ["SessionEventFile"]
