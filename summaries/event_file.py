"""An event file: a queue of events, which a thread writes to disk, or whoever finds it full."""

import atexit
import collections
import logging
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

_log = logging.getLogger("graphcore")
_NAP, _SECONDS_BETWEEN_LOOKS = 0.05, 1.0

# Files with events to write, or with a failure nobody was told of; the program waits for them when it ends.
_unfinished = set()


class EventFile:
    """Writes serialised events to `events.out.tfevents.<seconds>.<host><suffix>` in `directory`, in the background.

    The file is made when the first event comes. At most `capacity` events wait, any number if that is 0. What the disk
    refuses is a warning by the next `put`, which leaves the program running without events; `flush` and `close` raise it
    as one of `tf.errors`.
    """

    def __init__(self, directory, capacity, flush_seconds, suffix=""):
        # The empty path is the directory where the program runs.
        directory = directory or os.curdir
        make_directory(directory)
        self._directory, self._suffix, self._capacity, self._flush_seconds = directory, suffix, capacity, flush_seconds
        self._waiting = collections.deque()
        # A SimpleQueue may be filled from a finalizer, whatever this thread was doing; a lock could be held by itself.
        self._bell = queue.SimpleQueue()
        self._asleep = self._ended = False
        self._writing = threading.RLock()
        self._file = self._path = self._failure = None
        self._told, self._dirty, self._flush_due, self._look_due = False, False, 0.0, 0.0
        self._thread = threading.Thread(target=self._run, name="EventFile", daemon=True)
        _unfinished.add(self)
        self._thread.start()

    def put(self, event):
        """Queue a serialised event."""
        if self._failure is not None:
            self._warn()
            return
        self._waiting.append(event)
        if self._asleep:
            self._asleep = False
            self._bell.put(None)
        # To write a full queue here is quicker than to wait until the thread has.
        if len(self._waiting) > self._capacity > 0:
            self._write_waiting()

    def flush(self):
        """Return when all events put so far are in the file."""
        self._write_waiting(self._flush)
        self._raise_failure()

    def finish(self):
        """Let the thread write what is queued and end; do not wait for it."""
        self._waiting.append(None)
        self._bell.put(None)

    def close(self):
        """Write what is queued, and close the file."""
        self.finish()
        self._write_waiting()
        self._thread.join()
        self._raise_failure()

    def _warn(self):
        """Say once that events are lost."""
        if not self._told:
            self._told = True
            _unfinished.discard(self)
            warnings.warn(f"{self._failure} No more events are written to {self._directory}; the program goes on.", RuntimeWarning,
                          stacklevel=5)

    def _raise_failure(self):
        if self._failure is not None:
            _unfinished.discard(self)
            raise self._failure

    def _run(self):
        """Write what comes, and flush when that is due, until `finish`."""
        while not self._ended:
            self._asleep = True
            # Asked after saying so: what is put from now on rings.
            if self._waiting or self._rings_within(max(0.0, self._flush_due - time.monotonic()) if self._dirty else None):
                # More will follow. To wake up for each event would keep the program from its work.
                self._asleep = False
                self._rings_within(_NAP)
            self._asleep = False
            self._write_waiting()

    def _rings_within(self, seconds):
        """Sleep until the bell rings or the time, if any, is over; gives whether it rang."""
        try:
            self._bell.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def _write_waiting(self, then=None):
        """Write what is queued; flush if it is time, and do what comes `then`."""
        with self._writing:
            events = [self._waiting.popleft() for _ in range(len(self._waiting))]
            # Twice where a writer was dropped just before the program ended.
            while events and events[-1] is None:
                self._ended = True
                events.pop()
            if events:
                self._attempt(self._write, events)
            if self._dirty and time.monotonic() >= self._flush_due:
                self._attempt(self._flush)
            if then is not None:
                self._attempt(then)
            if self._ended:
                self._attempt(self._end)
                if self._failure is None:
                    _unfinished.discard(self)

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

    def _write(self, events):
        """Append events; the first of a file follow the version, and are flushed at once."""
        if self._file is None or self._was_removed():
            self._open()
        self._file.write(b"".join(map(framed, events)))
        self._dirty = True

    def _was_removed(self):
        """Whether the file is gone: who deletes the directory of a running program means to start afresh."""
        if self._dirty and time.monotonic() < self._look_due:
            return False
        self._look_due = time.monotonic() + _SECONDS_BETWEEN_LOOKS
        if os.path.exists(self._path):
            return False
        _log.warning("The event file %s was removed; what was in it is lost, further events go to a new one.", self._path)
        return True

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
            self._dirty = False


@atexit.register
def _finish_all():
    """Write what is still queued when the program ends."""
    for event_file in list(_unfinished):
        try:
            event_file.close()
        except Exception as failure:
            warnings.warn(f"events were lost: {failure}", RuntimeWarning, stacklevel=2)
