"""Compiling kernels: in the background or at once, each source once, kept on disk for the next process.

A kernel's source is a module of its own in the cache directory, named by a digest of the source, of the versions of
Numba and NumPy and of the modules that its words come from; Numba keeps the machine code beside it.  What is compiled
so are fused loops, written for a plan, and the `libraries` of the ops.
"""

import atexit
import contextlib
import functools
import os
import queue
import sys
import threading
import warnings

import numpy as np

from graphcore.core import flags
from graphcore.session.kernels import loops

_COMPILING, _LOADING = 0.25, 0.02  # seconds that a kernel costs, roughly, the second if it is on disk
# Seconds after which a thread that computes lets the compiling one go on. NumPy gives the interpreter's lock up for an instant in
# every call: it wakes whoever waits for it, too late, and begins their wait anew. At Python's own 5 ms they would wait for ever.
_TURN = 2e-6
_kernels = {}  # what it is made from → Kernel
_lock = threading.Lock()
# What only compiling needs (hashlib, importlib.util, tempfile) is imported there: `import graphcore` stays quick.


class Kernel:
    """One compiled source, or one still to be: ``function`` is None until it is there; ``failure`` says why it will not be."""

    what = "a fused loop"
    size = 1  # how many times what a fused loop costs it costs to compile it, roughly
    directory = os.path.dirname(__file__)  # of the modules that the source is written in terms of

    def __init__(self, text):
        self.text = text
        self.function = None
        self.failure = None
        self.spent = 0.0  # seconds in the NumPy calls that it would replace, wherever it is used
        self._waiting = []
        self._asked = False
        self._making = threading.Lock()

    @functools.cached_property
    def worth(self):
        """Seconds in NumPy calls after which a kernel should be there: about what it costs to get it."""
        if self.function is not None:
            return 0.0
        return _LOADING if os.path.exists(self.path) else _COMPILING * self.size

    @functools.cached_property
    def name(self):
        """The name of the module with this source."""
        return f"graphcore_fused_{digest(self.directory, self.text)}"

    @property
    def path(self):
        return place(f"{self.name}.py")

    def when_ready(self, call):
        """Have ``call(function)`` called once the kernel is compiled, by another thread; compiling begins if it has not."""
        with _lock:
            if self.failure is not None:
                return
            if self.function is None:
                self._waiting.append(call)
                if not self._asked:
                    self._asked = True
                    _worker().put(self)
                return
        call(self.function)

    def compiled(self):
        """The function, compiled by this thread if need be; None if it cannot be compiled."""
        with self._making:
            if self.function is None and self.failure is None:
                try:
                    self.function = self.made_of_what_is_whole()
                except Exception as error:
                    self.failure = error
                    warnings.warn(f"{self.what} could not be compiled and runs as NumPy calls: {type(error).__name__}: {error}",
                                  RuntimeWarning, stacklevel=2)
        with _lock:
            waiting, self._waiting = self._waiting, []
        if self.function is not None:
            for call in waiting:
                call(self.function)
        return self.function

    def made_of_what_is_whole(self):
        """The function; if it cannot be made of the files in the cache directory, these go, and it is made without."""
        found = os.path.exists(self.path)
        try:
            return self.made()
        except Exception:
            if not found:
                raise
        for path in _files(os.path.dirname(self.path), os.path.basename(self.path)):
            with contextlib.suppress(OSError):  # another process did
                os.remove(path)
        function = self.made()
        report_broken(os.path.dirname(self.path))
        return function

    def made(self):
        """The function: its machine code, if that is on disk, else what Numba makes of the source or finds in its own cache."""
        from graphcore.session.kernels import loading

        possible = loading.is_possible()
        function = loading.loaded(self) if possible else None
        if function is None:
            function = self.imported().fused
            if possible:
                with contextlib.suppress(Exception):  # what cannot be kept so is Numba's alone, now and in the next process
                    function = loading.keep(self, self.anew() if function.stats.cache_hits else function)
        return function

    def anew(self):
        """The function as Numba compiles it now: its cache has the machine code of what it compiled before, and nothing else."""
        for path in _files(os.path.dirname(self.path), os.path.basename(self.path))[:-1]:
            with contextlib.suppress(OSError):  # another process did
                os.remove(path)
        return self.imported().fused

    def imported(self):
        """The module with this source, which is put into the cache directory: Numba keeps the machine code beside it."""
        return _imported(self.name, written(self.path, self.text))


@functools.lru_cache(maxsize=1000)
def kernel_of(loop):
    """The one Kernel for this nest of loops."""
    return known(loops.source(loop), Kernel)


def known(key, make):
    """The one Kernel that ``make(key)`` made."""
    with _lock:
        kernel = _kernels.get(key)
        if kernel is None:
            kernel = _kernels[key] = make(key)
    return kernel


# ---------------------------------------------------------------- the thread that compiles

_STOP = object()


@functools.cache
def _worker():
    """The queue of a thread that compiles one kernel after the other; it ends with the process, after the one it is at."""
    waiting = queue.SimpleQueue()
    closing = threading.Event()

    def work():
        while True:
            item = waiting.get()
            if item is _STOP or closing.is_set():
                return
            before = sys.getswitchinterval()
            sys.setswitchinterval(_TURN)
            try:
                item.compiled()
            finally:
                sys.setswitchinterval(before)

    thread = threading.Thread(target=work, name="graphcore compiler", daemon=True)
    thread.start()

    def close():
        closing.set()
        waiting.put(_STOP)
        thread.join()

    atexit.register(close)
    return waiting


# ---------------------------------------------------------------- on disk


def written(path, content):
    """``path``, where the content (text or bytes) is then; it is put there as a whole, so that others never see half of it."""
    import tempfile

    content = content if isinstance(content, bytes) else content.encode()
    with contextlib.suppress(FileNotFoundError):
        with open(path, "rb") as file:
            if file.read() == content:
                return path
        report_broken(os.path.dirname(path))
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(draft, path)
    return path


def place(name):
    """The path of a file of the cache, there or not; where the cache can only be read, the file and what belongs to it come from there."""
    path = os.path.join(cache_directory(), name)
    readable = cache_directories()[1]
    if readable is not None and not os.path.exists(path):
        import shutil

        with contextlib.suppress(OSError):  # the worst is that it is compiled again
            for source in _files(readable, name):
                own = os.path.join(cache_directory(), os.path.relpath(source, readable))
                os.makedirs(os.path.dirname(own), exist_ok=True)
                shutil.copy2(source, own)  # with its time, by which Numba knows whose machine code it is
    return path


def _files(directory, name):
    """The file of this name that is there, after what Python and Numba keep beside it."""
    beside, stem = os.path.join(directory, "__pycache__"), f"{os.path.splitext(name)[0]}."
    names = sorted(os.listdir(beside)) if os.path.isdir(beside) else ()
    paths = [*(os.path.join(beside, name) for name in names if name.startswith(stem)), os.path.join(directory, name)]
    return [path for path in paths if os.path.isfile(path)]


@functools.cache
def report_broken(directory):
    """Say, once, that there was a file in the cache directory that could not be used."""
    warnings.warn(f"a file in {directory} was broken, and the compiled kernel in it is made again", RuntimeWarning, stacklevel=2)


def _imported(name, path):
    import importlib.util

    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # Numba looks a kernel's module up by its name
    spec.loader.exec_module(module)
    return module


def digest(directory, text):
    """A digest of a source and of all that its meaning comes from, the modules in ``directory`` among it."""
    import hashlib

    return hashlib.sha256(f"{_words_digest(directory)}{text}".encode()).hexdigest()[:32]


@functools.cache
def _words_digest(directory):
    import hashlib
    import importlib.util

    found = hashlib.sha256(f"{sys.version_info[:2]} {np.__version__}".encode())
    # Numba's version, from its file: importing Numba, or asking importlib.metadata, takes longer than loading a kernel.
    with open(os.path.join(os.path.dirname(importlib.util.find_spec("numba").origin), "_version.py"), "rb") as file:
        found.update(file.read())
    for name in sorted(os.listdir(directory)):
        if name.endswith(".py"):
            with open(os.path.join(directory, name), "rb") as file:
                found.update(file.read())
    return found.hexdigest()


def cache_directory():
    """A directory that can be written: GRAPHCORE_CACHE_DIR, the user's own cache, or one for this process alone."""
    return cache_directories()[0]


@functools.cache
def cache_directories():
    """`cache_directory`, and None or the directory that should be it and can only be read."""
    import tempfile

    wanted = flags.cache_dir.get() or _usual_directory()
    try:
        os.makedirs(wanted, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted, None
    except OSError as error:
        own = tempfile.mkdtemp(prefix="graphcore-")
        atexit.register(_removed, own)
        if flags.cache_dir.get():
            warnings.warn(f"GRAPHCORE_CACHE_DIR cannot be written ({error}): what this process compiles is gone with it",
                          RuntimeWarning, stacklevel=3)
        return own, wanted if os.path.isdir(wanted) else None


def _usual_directory():
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "graphcore")


def _removed(directory):
    import shutil

    shutil.rmtree(directory, ignore_errors=True)
