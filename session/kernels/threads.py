"""Threads that share the loops of large kernels; kernels run without Python's lock."""

import functools
import itertools
import os

_PIECES = 4  # for each thread: whoever is held up does less of them


class Threads:
    """So many threads, the caller's among them."""

    def __init__(self, count):
        self.count = count
        self._pool = None

    def share(self, function, arguments, units):
        """``function(*arguments, start, stop)`` over all of ``range(units)``, in pieces that the threads take in turn.

        A thread that has not begun when the others are done is not waited for: on a busy machine the caller does it all.
        """
        pieces = min(units, self.count * _PIECES)
        bounds = [units * piece // pieces for piece in range(pieces + 1)]
        turns = itertools.count()

        def work():
            for piece in turns:
                if piece >= pieces:
                    return
                function(*arguments, bounds[piece], bounds[piece + 1])

        from concurrent.futures import wait

        helpers = [self.pool.submit(work) for _ in range(min(self.count, pieces) - 1)]
        try:
            work()
        finally:
            begun = [helper for helper in helpers if not helper.cancel()]
            wait(begun)
        for helper in begun:
            helper.result()

    @property
    def pool(self):
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self.count - 1, "graphcore loops")
        return self._pool


@functools.cache
def threads_of(count):
    """The process's Threads of this number (0: one for each processor it may use); None for a single one."""
    count = count or _processors()
    return Threads(count) if count > 1 else None


def _processors():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
