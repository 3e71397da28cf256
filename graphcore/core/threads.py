"""Threads: ours, which share the work of large kernels, and BLAS's, which are kept out of their way."""

import functools
import itertools
import os
import queue
import sys
import threading

_PIECES = 4  # for each thread: whoever is held up does less of them


class Threads:
    """So many threads, the caller's among them; the others are made when first needed and then wait for work."""

    def __init__(self, count):
        self.count = count
        self._jobs = None
        self._lock = threading.Lock()

    def share(self, function, arguments, units):
        """``function(*arguments, start, stop)`` over all of ``range(units)``, in pieces that the threads take in turn.

        A thread that has not begun when the others are done is not waited for: on a busy machine the caller does it all.
        """
        limit = BlasThreads.limit() or self.count  # who limits BLAS means our threads as well
        if limit == 1 or units == 1:
            function(*arguments, 0, units)
            return
        job = _Job(function, arguments, units, min(units, self.count * _PIECES))
        jobs = self._jobs or self._started()
        for _ in range(min(self.count, limit, job.pieces) - 1):
            jobs.put(job)
        try:
            job.work()
        finally:
            job.close()
        if job.error is not None:
            raise job.error

    def _started(self):
        """The queue of work; from now on threads wait at it, until the process ends."""
        with self._lock:
            if self._jobs is None:
                jobs = queue.SimpleQueue()
                for number in range(self.count - 1):
                    threading.Thread(target=_help, args=(jobs,), name=f"graphcore work {number}", daemon=True).start()
                self._jobs = jobs
        return self._jobs


def _help(jobs):
    while True:
        jobs.get().help()


class _Job:
    """One call of `Threads.share`."""

    __slots__ = ("function", "arguments", "units", "pieces", "turns", "lock", "helping", "closed", "left", "error")

    def __init__(self, function, arguments, units, pieces):
        self.function, self.arguments, self.units, self.pieces = function, arguments, units, pieces
        self.turns = itertools.count()
        self.lock = threading.Lock()
        self.helping, self.closed, self.error = 0, False, None
        self.left = threading.Lock()  # held while the caller waits for the last helper
        self.left.acquire()

    def work(self):
        units, pieces = self.units, self.pieces
        for piece in self.turns:
            if piece >= pieces:
                return
            self.function(*self.arguments, units * piece // pieces, units * (piece + 1) // pieces)

    def help(self):
        with self.lock:
            if self.closed:
                return
            self.helping += 1
        try:
            self.work()
        except BaseException as error:
            self.error = error
        with self.lock:
            self.helping -= 1
            if self.closed and not self.helping:
                self.left.release()

    def close(self):
        """Wait for those that help; nobody begins any more."""
        with self.lock:
            self.closed = True
            if not self.helping:
                return
        self.left.acquire()


@functools.cache
def threads_of(count):
    """The process's Threads of this number (0: one for each processor it may use); None for a single one."""
    count = count or _processors()
    return Threads(count) if count > 1 else None


def _processors():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# ---------------------------------------------------------------- BLAS


class BlasThreads:
    """A context manager: inside it BLAS uses at most ``count`` threads.

    The number belongs to the whole process.  Of several runs at the same time the smallest wish holds, and the
    number from before comes back when the last one is done.
    """

    _lock = threading.Lock()
    _wishes: list[int] = []
    _limits: list[int] = []  # those among the wishes that our own threads keep to as well
    _before = None

    def __init__(self, count, ours_too=True):
        self.count, self.ours_too = count, ours_too

    def __enter__(self):
        with BlasThreads._lock:
            wishes = BlasThreads._wishes
            if not wishes:
                BlasThreads._before = [asked() for asked, _ in _numbers()]
            wishes.append(self.count)
            if self.ours_too:
                BlasThreads._limits.append(self.count)
            if len(wishes) == 1 or min(wishes) == self.count:
                BlasThreads._apply()

    def __exit__(self, *error):
        with BlasThreads._lock:
            BlasThreads._wishes.remove(self.count)
            if self.ours_too:
                BlasThreads._limits.remove(self.count)
            BlasThreads._apply()

    @staticmethod
    def limit():
        """The number of threads that the configurations of sessions at work allow; 0 if none says so."""
        return min(BlasThreads._limits, default=0)

    @staticmethod
    def _apply():
        wish = min(BlasThreads._wishes, default=None)
        numbers = _numbers()
        BlasThreads._before += [asked() for asked, _ in numbers[len(BlasThreads._before):]]  # of what was loaded meanwhile
        for (_, put), before in zip(numbers, BlasThreads._before):
            put(before if wish is None else min(wish, before))


def _numbers():
    """For each BLAS library that is loaded, functions that give and set its number of threads."""
    return _numbers_of("scipy.linalg" in sys.modules, "scipy.special" in sys.modules)


@functools.cache
def _numbers_of(*loaded):
    """`_numbers`, looked for again when one of the modules is loaded that bring a library of their own, after NumPy's."""
    import threadpoolctl  # only who sets a number of threads pays for it

    return [_functions(library) for library in threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers]


def _functions(library):
    """OpenBLAS's own functions where they are found: any thread may set the number by them, and at a tenth of the cost."""
    symbol = getattr(library, "_get_symbol", None)
    own = [symbol(f"openblas_{word}_num_threads") for word in ("get", "set")] if symbol and library.internal_api == "openblas" else [None]
    return tuple(own) if all(own) else (lambda: library.num_threads, library.set_num_threads)
