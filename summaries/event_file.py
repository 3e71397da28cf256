"""An event file: a queue of events, and a thread that writes them to disk."""

import atexit
import os
import queue
import socket
import threading
import time
import warnings

from graphcore import proto
from graphcore.core.files import as_tf_error
from graphcore.summaries.files import make_directory
from graphcore.summaries.records import framed

# Files with events to write, or with a failure nobody was told of; the program waits for them when it ends.
_unfinished = set()


class EventFile:
    """Writes serialised events to `events.out.tfevents.<seconds>.<host><suffix>` in `directory`, in the background.

    The file is made when the first event comes. At most `capacity` events wait (any number if that is 0), then `put`
    waits too. What the disk refuses is raised, as one of `tf.errors`, by the `put`, `flush` or `close` that follows.
    """

    def __init__(self, directory, capacity, flush_seconds, suffix=""):
        make_directory(directory)
        self._directory, self._suffix, self._flush_seconds = directory, suffix, flush_seconds
        # A SimpleQueue may be filled from a finalizer, whatever this thread was doing; a Queue could deadlock.
        self._waiting = queue.SimpleQueue()
        self._room = threading.Semaphore(capacity) if capacity > 0 else None
        self._file = self._path = self._failure = None
        self._dirty, self._flush_due = False, 0.0
        self._thread = threading.Thread(target=self._run, name="EventFile", daemon=True)
        _unfinished.add(self)
        self._thread.start()

    def put(self, event):
        """Queue a serialised event."""
        self._raise_failure()
        while self._room is not None and not self._room.acquire(timeout=1.0):
            if not self._thread.is_alive():
                return
        self._waiting.put(event)

    def flush(self):
        """Return when all events put so far are in the file."""
        done = threading.Event()
        self._waiting.put(done)
        # The thread may have ended meanwhile, by a `close` elsewhere; that has flushed too.
        while not done.wait(timeout=1.0) and self._thread.is_alive():
            pass
        self._raise_failure()

    def finish(self):
        """Let the thread write what is queued and end; do not wait for it."""
        self._waiting.put(None)

    def close(self):
        """Write what is queued, and close the file."""
        self.finish()
        self._thread.join()
        self._raise_failure()

    def _raise_failure(self):
        if self._failure is not None:
            _unfinished.discard(self)
            raise self._failure

    def _run(self):
        """Write what comes until there comes None."""
        while (item := self._next()) is not None:
            if isinstance(item, bytes):
                self._attempt(self._write, item)
                if self._room is not None:
                    self._room.release()
            else:
                self._attempt(self._flush)
                item.set()
        self._attempt(self._end)
        if self._failure is None:
            _unfinished.discard(self)

    def _next(self):
        """Wait for the next item, flushing meanwhile when that is due."""
        while self._dirty:
            try:
                return self._waiting.get(timeout=max(0.0, self._flush_due - time.monotonic()))
            except queue.Empty:
                self._attempt(self._flush)
        return self._waiting.get()

    def _attempt(self, action, *arguments):
        """Do `action` unless something failed before; the thread goes on in any case, so that nobody waits forever."""
        if self._failure is not None:
            return
        try:
            action(*arguments)
        except OSError as error:
            self._fail(as_tf_error(error, self._path or self._directory, "writing events"))
        except Exception as error:
            self._fail(error)

    def _fail(self, failure):
        """Keep the failure for the callers, and give up the file."""
        self._failure, self._dirty = failure, False
        try:
            if self._file is not None:
                self._file.close()
        except OSError:
            # Closing tries to write once more, and fails for the same reason.
            pass

    def _write(self, event):
        """Append an event; the first of a file follows the version, and is flushed at once."""
        # Who deletes the directory of a running program means to start afresh.
        if self._file is None or not os.path.exists(self._path):
            self._open()
        self._file.write(framed(event))
        self._dirty = True
        if time.monotonic() >= self._flush_due:
            self._flush()

    def _open(self):
        """Make the next event file, leaving the one before."""
        self._end()
        make_directory(self._directory)
        seconds, host = int(time.time()), socket.gethostname()
        while True:
            self._path = os.path.join(self._directory, f"events.out.tfevents.{seconds:010d}.{host}{self._suffix}")
            try:
                self._file = open(self._path, "xb")
                break
            except FileExistsError:
                # Two writers of one second: TF overwrites the first one's file. The next second is as good a name.
                seconds += 1
        self._file.write(framed(proto.Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString()))
        self._flush_due = 0.0

    def _flush(self):
        if self._file is not None:
            self._file.flush()
        self._dirty, self._flush_due = False, time.monotonic() + self._flush_seconds

    def _end(self):
        if self._file is not None:
            self._file.close()


@atexit.register
def _finish_all():
    """Write what is still queued when the program ends."""
    for event_file in list(_unfinished):
        try:
            event_file.close()
        except Exception as failure:
            warnings.warn(f"events were lost: {failure}", RuntimeWarning, stacklevel=2)
