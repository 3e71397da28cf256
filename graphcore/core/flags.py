"""Settings from the environment, `GRAPHCORE_*`, each to be overridden for a while in code.

>>> with debug.set(3):
...     debug.get()
3
"""

import os
from contextlib import contextmanager


class Flag:
    """One setting: read from its environment variable on first use, `with flag.set(value):` overrides it."""

    def __init__(self, name, parse, default):
        self.name = name
        self._parse = parse
        self._default = default
        self._values = []

    def get(self):
        """The value in force: the innermost `set`, else the environment's, else the default."""
        if not self._values:
            self._values.append(self._from_environment())
        return self._values[-1]

    def _from_environment(self):
        text = os.environ.get(self.name, "").strip()
        return self._checked(text) if text else self._default

    def _checked(self, value):
        try:
            return self._parse(value)
        except ValueError as error:
            raise ValueError(f"{self.name} must be {error}, not {value!r}. Correct or remove the environment "
                             "variable, or pass such a value to set().") from None

    @contextmanager
    def set(self, value):
        """Have another value inside the `with` block."""
        self.get()
        self._values.append(self._checked(value))
        try:
            yield
        finally:
            self._values.pop()

    def __bool__(self):
        return bool(self.get())

    def __repr__(self):
        return f"{self.name}={self.get()!r}"


def _level(value):
    """Parse 0 to 4; a bool counts as 0 or 1."""
    if str(int(value) if isinstance(value, bool) else value) not in ("0", "1", "2", "3", "4"):
        raise ValueError("a number from 0 (quiet) to 4 (everything)")
    return int(value)


def _switch(value):
    """Parse on or off."""
    known = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}
    try:
        return known[str(value).lower()]
    except KeyError:
        raise ValueError("on (1, true, yes) or off (0, false, no)") from None


def _compilation(value):
    """Parse when fused kernels are compiled."""
    if value not in ("off", "lazy", "eager"):
        raise ValueError("'off', 'lazy' (compile what runs often) or 'eager' (compile at once)")
    return value


def _length(value):
    """Parse how much of a traceback is shown."""
    if value not in ("short", "full"):
        raise ValueError("'short' (the user's lines) or 'full' (also this package's)")
    return value


def _directory(value):
    """Parse a directory name, which need not exist yet; None leaves the choice to the program."""
    if value is None:
        return None
    path = os.path.abspath(os.path.expanduser(os.fspath(value)))
    if os.path.exists(path) and not os.path.isdir(path):
        raise ValueError("the name of a directory")
    return path


debug = Flag("GRAPHCORE_DEBUG", _level, 0)
verify = Flag("GRAPHCORE_VERIFY", _switch, False)
jit = Flag("GRAPHCORE_JIT", _compilation, "lazy")
cache_dir = Flag("GRAPHCORE_CACHE_DIR", _directory, None)
traceback = Flag("GRAPHCORE_TRACEBACK", _length, "short")
