"""What a session remembers between runs: the content of variables, the state of random ops and the like."""

import sys
import threading

import numpy as np

from graphcore.core import errors, flags

_REFERENCES = 2  # to an array that only a cell holds, as sys.getrefcount counts: the cell's, and that of the count itself


class Cell:
    """One variable of a session.

    Its array is replaced, or changed in place where nobody else holds it: readers keep what they read.
    """

    __slots__ = ("value", "name", "sizes", "lock", "store")

    def __init__(self, name, sizes=None, store=None):
        self.value = None
        self.name = name
        self.sizes = sizes  # the static shape: None for an unknown rank
        self.store = store
        self.lock = threading.RLock()

    def read(self):
        """The content; FailedPreconditionError while uninitialised."""
        value = self.value
        if value is None:
            raise errors.FailedPreconditionError(
                None, None, f"Attempting to use uninitialized value {self.name}. Initialize it first: "
                "session.run(tf.global_variables_initializer()).")
        return value

    def is_sole_holder(self):
        """Whether nothing but this cell holds its array, or a view of it: then it may be changed in place."""
        return sys.getrefcount(self.value) == _REFERENCES and self.value.flags.owndata

    def room(self):
        """An array for the next content: the present one where it may be changed in place, else a new one."""
        return self.value if self.is_sole_holder() else np.empty_like(self.value)

    def own(self):
        """The content as a contiguous array that may be changed: the present one, or a copy that takes its place."""
        if not (self.is_sole_holder() and self.value.flags.c_contiguous):
            self.value = self.value.copy()
        return self.value

    def assign(self, value):
        """Hold a copy of ``value``."""
        self.keep(np.array(value))

    def keep(self, value):
        """Hold ``value`` itself, an array that nobody changes from now on."""
        if value.shape != self.sizes and self.store is not None:
            self.store.note_shape(self.sizes, value.shape)
        self.value = value

    @property
    def initialized(self):
        return self.value is not None


class Store:
    """The state of one session (or of several that share it), by container and name.

    ``jit`` says when loops are compiled, where that is not as GRAPHCORE_JIT says.
    """

    def __init__(self, jit=None):
        self.jit = flags.jit.get if jit is None else lambda: jit
        self._cells = {}
        self._states = {}
        self._lock = threading.Lock()
        self.reshaped = False  # whether a variable ever took a shape that its declaration excludes

    def note_shape(self, declared, shape):
        """A variable takes ``shape``: what was concluded from declared shapes may not hold any longer."""
        if declared is not None and None not in declared:
            self.reshaped = True

    def cell(self, container, name, sizes=None):
        key = container, name
        with self._lock:
            cell = self._cells.get(key)
            if cell is None:
                cell = self._cells[key] = Cell(name, sizes, self)
            return cell

    def state(self, key, make):
        """The private state of an operation, made when first asked for."""
        with self._lock:
            if key not in self._states:
                self._states[key] = make()
            return self._states[key]

    def clear(self, containers=None):
        """Forget everything, or only the variables in ``containers``."""
        with self._lock:
            for (container, _), cell in self._cells.items():
                if not containers or container in containers:
                    cell.value = None
            if not containers:
                self._states.clear()
