"""How many threads BLAS uses while a session runs, where its configuration says so."""

import threading
from functools import cache


class BlasThreads:
    """A context manager: inside it BLAS uses at most ``count`` threads.

    The number belongs to the whole process.  Of several runs at the same time the smallest wish holds, and the
    number from before comes back when the last one is done.
    """

    _lock = threading.Lock()
    _wishes: list[int] = []
    _before = None

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        with BlasThreads._lock:
            BlasThreads._wishes.append(self.count)
            if BlasThreads._before is None:
                BlasThreads._before = {library: library.num_threads for library in _libraries()}
            self._apply()

    def __exit__(self, *error):
        with BlasThreads._lock:
            BlasThreads._wishes.remove(self.count)
            self._apply()
            if not BlasThreads._wishes:
                BlasThreads._before = None

    @staticmethod
    def _apply():
        for library, before in BlasThreads._before.items():
            library.set_num_threads(min(BlasThreads._wishes, default=before))


@cache
def _libraries():
    """The BLAS libraries that are loaded."""
    import threadpoolctl  # only who sets a number of threads pays for it

    return threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers
