"""HotCall: a group of plan nodes as one call, NumPy calls at first, compiled code once it has proven hot."""

import functools
import time
import weakref


class HotCall:
    """The function of a group's values; it becomes quicker with time.

    ``kernel`` is what compiles it, ``plain`` computes the same with NumPy (it takes the first ``count`` values), ``jit()`` says
    when to compile, and ``write(function)`` gives the call of the compiled function.
    """

    def __init__(self, kernel, plain, count, jit, write):
        self.kernel, self.plain, self.count, self.jit, self.write = kernel, plain, count, jit, write
        self.users = []  # (namespace, name) of generated code that calls it: they are given the compiled way directly
        self.asked = False
        self.call = self.first

    def __call__(self, *values):
        return self.call(*values)

    def first(self, *values):
        """NumPy calls, timed; they ask for the compiled code when enough time went into them.  Code that is there is used at once."""
        mode = self.jit()
        function = self.kernel.compiled() if mode == "eager" else self.kernel.function if mode != "off" else None
        if function is not None:
            self.ready(function)
            return self.call(*values)
        started = time.perf_counter()
        results = self.plain(*values[:self.count])
        self.kernel.spent += time.perf_counter() - started
        if not self.asked and self.kernel.spent > self.kernel.worth and mode != "off":
            self.asked = True
            self.kernel.when_ready(functools.partial(_tell, weakref.ref(self)))  # a session that is closed does not wait for it
        return given(results)

    def ready(self, function):
        """From now on call the compiled function."""
        self.call = self.write(function)
        for namespace, name in self.users:
            namespace[name] = self.call

    def used_in(self, namespace, name):
        """Note that generated code calls this under ``name``; gives what to call at first."""
        if self.call == self.first:
            self.users.append((namespace, name))
            return self
        return self.call


def _tell(asking, function):
    call = asking()
    if call is not None:
        call.ready(function)


def given(results):
    """A list of results as a step gives them."""
    return results[0] if len(results) == 1 else results
