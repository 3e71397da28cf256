"""`tf.summary.FileWriter`: what TensorBoard shows, written to event files."""

import os
import threading
import time
import warnings
import weakref

from graphcore import proto
from graphcore.core.scopes import get_default_graph
from graphcore.summaries.event_file import EventFile
from graphcore.summaries.protos import described
from graphcore.summaries.writer_ops import SessionEventFile


class FileWriter:
    """Writes summaries, graphs and other events to an event file in `logdir`, without making the program wait.

    Args:
      logdir: the directory, which is made if it is not there; the file is called ``events.out.tfevents.`` and more.
      graph: is written first, for TensorBoard's graph page.
      max_queue: so many events may wait to be written.
      flush_secs: what was written is on disk after so many seconds, or after `flush` or `close`.
      filename_suffix: ends the name of the file.
      session: write through operations of its graph; writers of one session and directory share a file.

    Raises:
      tf.errors.OpError: the directory cannot be made; which class depends on why.

    >>> import os, tempfile
    >>> import graphcore as tf
    >>> loss = tf.summary.scalar("loss", 0.5)
    >>> logdir = os.path.join(tempfile.mkdtemp(), "logs")
    >>> with tf.Session() as session, tf.summary.FileWriter(logdir, session.graph) as writer:
    ...     for step in range(3):
    ...         writer.add_summary(session.run(loss), step)
    >>> (name,) = os.listdir(logdir)
    >>> [event.WhichOneof("what") for event in tf.train.summary_iterator(os.path.join(logdir, name))]
    ['file_version', 'graph_def', 'meta_graph_def', 'summary', 'summary', 'summary']
    """

    def __init__(self, logdir, graph=None, max_queue=10, flush_secs=120, graph_def=None, filename_suffix=None, session=None):
        self._logdir = _directory(logdir)
        settings = self._logdir, max_queue, flush_secs, _text(filename_suffix)
        self._new_event_file = (lambda: EventFile(*settings)) if session is None else SessionEventFile(session, *settings).opened
        self._lock = threading.RLock()
        self._closed = False
        self._seen_tags, self._seen_runs = set(), set()
        self._open()
        if graph is not None or graph_def is not None:
            self.add_graph(graph, graph_def=graph_def)
            self.add_meta_graph(_meta_graph(_as_graph_def(graph, graph_def)))

    def _open(self):
        """Begin an event file; a writer that is dropped unclosed finishes it."""
        self._event_file = self._new_event_file()
        # No waiting here: garbage is collected at any time, in any thread.
        self._finalizer = weakref.finalize(self, self._event_file.finish)
        self._finalizer.atexit = False

    def __enter__(self):
        return self

    def __exit__(self, unused_type, unused_value, unused_traceback):
        self.close()

    def get_logdir(self):
        """The directory of the event file."""
        return self._logdir

    def add_summary(self, summary, global_step=None):
        """Write a `Summary`, or a serialised one as `Session.run` gives it, for the step `global_step`.

        What a tag's values are (`metadata`) is written with the first of them only.
        """
        event = _event(global_step)
        if isinstance(summary, bytes):
            _parse(event.summary, summary)
        elif isinstance(summary, proto.Summary):
            event.summary.CopyFrom(summary)
        else:
            raise TypeError(f"add_summary needs a Summary or its bytes, as Session.run gives them, not {summary!r}")
        with self._lock:
            fresh = set()
            for value in event.summary.value:
                if value.tag in self._seen_tags or value.tag in fresh:
                    value.ClearField("metadata")
                else:
                    fresh.add(value.tag)
            self.add_event(event)
            # Not before: an event that is refused has told nobody what its values are.
            self._seen_tags |= fresh

    def add_session_log(self, session_log, global_step=None):
        """Write a `SessionLog`: that a program started, stopped or saved a checkpoint."""
        self.add_event(_event(global_step, session_log=session_log))

    def add_graph(self, graph, global_step=None, graph_def=None):
        """Write a `Graph`, for TensorBoard's graph page; a `GraphDef` does too."""
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        self.add_event(_event(global_step, graph_def=bytes_of(_as_graph_def(graph, graph_def))))

    def add_meta_graph(self, meta_graph_def, global_step=None):
        """Write a `MetaGraphDef`."""
        if not isinstance(meta_graph_def, proto.MetaGraphDef):
            raise TypeError(f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def)}")
        self.add_event(_event(global_step, meta_graph_def=bytes_of(meta_graph_def)))

    def add_run_metadata(self, run_metadata, tag, global_step=None):
        """Write the times and memory of one `Session.run` under `tag`, which must be new."""
        if not isinstance(run_metadata, proto.RunMetadata):
            raise TypeError(f"run_metadata must be type RunMetadata, saw type: {type(run_metadata)}")
        tagged = proto.TaggedRunMetadata(tag=tag, run_metadata=bytes_of(run_metadata))
        event = _event(global_step, tagged_run_metadata=tagged)
        with self._lock:
            if tag in self._seen_runs:
                raise ValueError(f"The provided tag was already used for this event type: {tag!r}")
            self._seen_runs.add(tag)
            self.add_event(event)

    def add_event(self, event):
        """Write an `Event` as it is; nothing happens, with a warning, if the writer is closed."""
        if not isinstance(event, proto.Event):
            raise TypeError(f"Expected an event_pb2.Event proto, but got {type(event)}")
        with self._lock:
            if self._warn_if_closed():
                return
            # Serialised here, so that later changes to the event do not reach the file.
            self._event_file.put(bytes_of(event))

    def flush(self):
        """Return when everything added so far is in the file."""
        if not self._warn_if_closed():
            self._event_file.flush()

    def close(self):
        """Write what is queued and close the file."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._finalizer.detach()
            self._event_file.close()

    def reopen(self):
        """Go on after `close`, in a new file of the same directory; nothing if the writer is open."""
        with self._lock:
            if self._closed:
                self._open()
                self._closed = False

    def _warn_if_closed(self):
        """Return whether the writer is closed, and say so if it is."""
        if self._closed:
            warnings.warn("Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter "
                          "is explicitly reopened.", stacklevel=3)
        return self._closed


class FileWriterCache:
    """One `FileWriter` per directory, shared by all who ask."""

    _cache = {}
    _lock = threading.RLock()

    @staticmethod
    def clear():
        """Close the writers and forget them."""
        with FileWriterCache._lock:
            writers = list(FileWriterCache._cache.values())
            FileWriterCache._cache.clear()
            for writer in writers:
                writer.close()

    @staticmethod
    def get(logdir):
        """The writer for `logdir`; a new one is given the default graph."""
        with FileWriterCache._lock:
            if logdir not in FileWriterCache._cache:
                FileWriterCache._cache[logdir] = FileWriter(logdir, graph=get_default_graph())
            return FileWriterCache._cache[logdir]


def _directory(logdir):
    """Return `logdir` as a string."""
    if logdir is None:
        raise TypeError("FileWriter needs a directory: logdir is None")
    return os.fsdecode(logdir) if isinstance(logdir, (str, bytes, os.PathLike)) else str(logdir)


def _text(suffix):
    """Return a file name's suffix as a string."""
    return os.fsdecode(suffix) if suffix else ""


def _event(step, **content):
    """Return an `Event` of this moment."""
    event = proto.Event(wall_time=time.time(), **content)
    if step is not None:
        # What a run gives for a step of shape [1] is a step too.
        event.step = int(step.item() if getattr(step, "ndim", 0) else step)
    return event


def _parse(summary, data):
    """Read a serialised summary; protobuf's DecodeError, as in TF, if it is none."""
    from google.protobuf.message import DecodeError

    try:
        summary.MergeFromString(data)
    except DecodeError as error:
        raise DecodeError(f"add_summary: these {len(data)} bytes are no Summary, nothing of them is written ({error})") from error


def bytes_of(message):
    """Return a serialised message; ValueError, as in TF, for one of 2 GB or more, which protobuf does not make."""
    from google.protobuf.message import EncodeError

    try:
        return message.SerializeToString()
    except EncodeError as error:
        kind = type(message).__name__
        content = f": {described(message.summary)} at step {message.step}" if kind == "Event" and message.summary.value else ""
        raise ValueError(f"{kind} cannot be larger than 2GB{content}; nothing of it is written, what was added before is") from error



def _as_graph_def(graph, graph_def):
    """Return the one of the two that is given as a `GraphDef`."""
    given = graph if graph is not None else graph_def
    if isinstance(given, proto.GraphDef):
        return given
    if not callable(getattr(given, "as_graph_def", None)):
        raise TypeError("The passed graph must be an instance of `Graph` or the deprecated `GraphDef`, "
                        f"not {given!r} of type {type(given).__name__}")
    return given.as_graph_def(add_shapes=True)


def _meta_graph(graph_def):
    """Return the `MetaGraphDef` that goes with the graph in a new file."""
    meta_graph = proto.MetaGraphDef(graph_def=graph_def)
    meta_graph.meta_info_def.tensorflow_version = "1.15.5"
    meta_graph.meta_info_def.stripped_op_list.SetInParent()
    return meta_graph
