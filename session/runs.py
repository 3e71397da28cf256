"""What one (fetches, feed keys) pair becomes: converters, a program, and the way back to the user's nesting."""

import contextlib
import time

import numpy as np

from graphcore.core import errors, flags
from graphcore.core.node import Tensor
from graphcore.core.quiet import hush, loudness, unhush
from graphcore.session.fetches import Fetches, array_caster, feed_converter, feed_tensors, finish, finish_copy, finish_fed
from graphcore.session.interpreter import interpret
from graphcore.session.plan import Read, lower, show
from graphcore.session.program import Program
from graphcore.session.workers import Schedule, run_in_parallel

_LONG = 1000  # steps; shorter programs are optimised and compiled when they run for the second time
# A longer one runs as it is until that has taken as much time as the next stage costs, in seconds for each step.
_OPTIMIZING = 3e-5
_WRITING = 3e-4  # ten times what Python's compiler takes: it spares about a tenth of the time of a step
_MOST_SHAPES = 16  # a program is specialised for so many combinations of fed shapes


class Run:
    """Made once for each pair of fetches and feed keys, then run many times."""

    def __init__(self, session, fetches, feed_keys):
        self.session = session
        self.keys = feed_keys
        self.fetches = Fetches(session.graph, fetches)
        self.tensors = feed_tensors(session.graph, feed_keys)
        session._placement.check(self.fetches.elements, self.tensors)
        self.plan = lower(self.fetches.elements, self.tensors)
        self.program = Program(self.plan, session._store)
        spread = session._placement.spread(self.plan.nodes)
        self.schedule = None if spread is None else Schedule(self.program, spread)
        self.converters = [feed_converter(t) for t in self.tensors]
        self.finishers = [self._finisher(e, v) for e, v in zip(self.fetches.elements, self.plan.fetches)]
        self.build = self.fetches.build
        self.spent = 0.0  # seconds in runs of the plain program
        self.fixed = all(t._shape.is_fully_defined() for t in self.tensors)  # no shape that is fed can differ
        self.reads = any(node.op is Read for node in self.plan.nodes)
        self.ready, self.general = {}, None  # shapes of the feeds → the function to call
        eager = session._store.jit() == "eager"
        self.patience = 0.0 if eager else _patience(self.program, _OPTIMIZING)  # seconds
        self.execute = self._way_to_execute(session._settings)
        # The commonest case, one tensor, skips the list of results.
        self.single = isinstance(fetches, (Tensor, str)) and len(self.finishers) == 1 and self.finishers[0]

    def _finisher(self, element, value):
        if value is None:
            return None
        if element in self.tensors:
            return finish_fed
        return finish if value in self.plan.owned else finish_copy

    def _way_to_execute(self, settings):
        if settings.devices_at_once == 1:
            self.schedule = None
        if self.schedule is not None or settings.timeout is not None or settings.plain:
            return self.interpreted
        return self.warm_up

    # ------------------------------------------------------------ executing
    def warm_up(self, *values):
        """Interpret at first; a program that runs again becomes straight-line code."""
        if self.spent >= self.patience:
            self.execute = self._compiled_way()
            return self.execute(*values)
        started = time.perf_counter()
        try:
            return interpret(self.program, values)
        finally:
            self.spent += time.perf_counter() - started

    def carefully(self, *values):
        """Run the arrays fed in the way that it is done at present, while no function is ready for their shapes."""
        before = loudness()
        try:
            hush()
            with self.session._blas or contextlib.nullcontext():
                return self.execute(*values)
        finally:
            unhush(before)

    def _compiled_way(self):
        """The function to run from now on."""
        from graphcore.session.passes import keeps_shapes

        return self.compiled if keeps_shapes(self.plan) else self.written(self.program)

    def compiled(self, *values):
        """Run the straight-line code for the shapes of these values."""
        shapes = () if self.fixed else tuple([value.shape for value in values])
        function = self.ready.get(shapes) or self.compile_for(shapes, values)
        return (self.general or self.compile_for(None))(*values) if self.session._store.reshaped else function(*values)

    def compile_for(self, shapes, values=()):
        """The function for arrays of these shapes (None: for any), and of ``values`` for one."""
        from graphcore.session.passes import optimized

        if shapes is None or len(self.ready) >= _MOST_SHAPES:
            if self.general is None:
                self.general = self.written(self.program)
            return self.general
        started = time.perf_counter()
        plan = optimized(self.plan, tuple([value.shape for value in values]))
        function = self.written(Program(plan, self.session._store))
        if flags.debug.get() >= 2:
            print(f"{len(self.plan.nodes)} nodes became {len(plan.nodes)} in {1e3 * (time.perf_counter() - started):.1f} ms")
        # What was the run's own may have become a constant, a feed or another fetch: the user gets a copy.
        shared = [position for position, (before, after) in enumerate(zip(self.plan.fetches, plan.fetches))
                  if before in self.plan.owned and (before != after or after not in plan.owned)]
        self.ready[shapes] = _copying(function, shared) if shared else function
        return self.ready[shapes]

    def written(self, program):
        """The program as a function, which is straight-line code in the end."""
        from graphcore.session.straightline import compile_program

        is_soon = self.session._store.jit() == "eager" or len(program.moves) <= _LONG
        function, blas = compile_program(program) if is_soon else _WrittenLater(program), self.session._blas
        return function if blas is None or program.takes_one_thread else _limited(function, blas)

    def interpreted(self, *values, timeout=None, trace=None):
        """Run step by step, on all devices there are; ``timeout`` (in seconds) or the session's is kept to."""
        timeout = timeout or self.session._settings.timeout
        deadline = None if timeout is None else time.monotonic() + timeout
        if self.schedule is not None:
            return run_in_parallel(self.schedule, self.session._workers, values, deadline, trace)
        return interpret(self.program, values, deadline, trace)

    def watched(self, values, timeout, trace):
        """The user's result for the values fed, as ``session.run`` gives it, with a timeout and a trace."""
        arrays = [convert(value) for convert, value in zip(self.converters, values)]
        if trace is not None:
            trace.feeds(arrays)
        with np.errstate(all="ignore"), self.session._blas or contextlib.nullcontext():
            results = self.interpreted(*arrays, timeout=timeout, trace=trace)
        for position, number in self.fed_text():
            results[position] = np.asarray(values[number], object)
        return self.finished(results)

    def explained(self, values):
        """The plan, and what the passes make of it for these values."""
        from graphcore.session.passes import keeps_shapes, optimized
        from graphcore.session.summary import summary

        if not keeps_shapes(self.plan):
            return show(self.plan)
        shapes = tuple([np.shape(value) for value in values])
        fed = ", ".join(f"{tensor.name} {shape}" for tensor, shape in zip(self.tensors, shapes))
        plan = optimized(self.plan, shapes)
        return "\n".join([show(self.plan), "", f"for {fed or 'no feeds'}", show(plan), "", *summary(plan)])

    # ------------------------------------------------------------ giving back
    def fed_text(self):
        """(position among the fetches, number of the feed) of strings that are fed and fetched: they come back as fed."""
        return [(position, self.tensors.index(element)) for position, element in enumerate(self.fetches.elements)
                if element in self.tensors and element.dtype.name == "string"]

    def finished(self, results):
        if self.single:
            if results[0] is None:
                self.complain_dead(0)
            return self.single(results[0])
        done = []
        for position, (finisher, value) in enumerate(zip(self.finishers, results)):
            if finisher is not None and value is None:
                self.complain_dead(position)
            done.append(None if finisher is None else finisher(value))
        return self.build(done)

    def complain_dead(self, position):
        element = self.fetches.elements[position]
        raise errors.InvalidArgumentError(None, element.op, f"Retval[{position}] does not have value: {element.name} is in a "
                                          "branch of a conditional that was not taken")


def _patience(program, cost):
    """Seconds of running that a program's next stage is worth, at a cost in seconds for each step; a short one has to have run."""
    return cost * len(program.moves) if len(program.moves) > _LONG else 1e-9


class _WrittenLater:
    """A long program as a function: interpreted until enough time went into that, then straight-line code."""

    def __init__(self, program):
        self.program, self.code = program, None
        self.spent, self.patience = 0.0, _patience(program, _WRITING)

    def __call__(self, *values):
        if self.code is None and self.spent >= self.patience:
            from graphcore.session.straightline import compile_program

            self.code = compile_program(self.program)
        if self.code is not None:
            return self.code(*values)
        started, before = time.perf_counter(), loudness()
        try:
            hush()
            return interpret(self.program, values)
        finally:
            unhush(before)
            self.spent += time.perf_counter() - started


def _limited(function, blas):
    """``function``, while which runs no library takes more threads than the session's configuration allows."""
    def run(*values):
        with blas:
            return function(*values)

    return run


def _copying(function, positions):
    """``function``, with copies of the results at these positions."""
    def run(*values):
        results = function(*values)
        for position in positions:
            results[position] = np.array(results[position])
        return results

    return run


def entry_of(run, as_arguments=False):
    """A function of the feed_dict (or of the values one by one) written for one Run: convert, execute, finish."""
    namespace = dict(run=run, ndarray=np.ndarray, asarray=np.asarray, finished=run.finished, carefully=run.carefully,
                     ready=run.ready, store=run.session._store)
    names = [f"a{i}" for i in range(len(run.keys))]
    for i, (key, tensor, convert) in enumerate(zip(run.keys, run.tensors, run.converters)):
        namespace.update({f"key{i}": key, f"dtype{i}": tensor.dtype.base.np, f"convert{i}": convert,
                          f"cast{i}": array_caster(tensor, convert)})
    body = [] if as_arguments else [f"a{i} = feeds[key{i}]" for i in range(len(names))]
    texts = run.fed_text()
    body += [f"text{i} = asarray(a{i}, object)" for _, i in texts]
    body += [line for i, tensor in enumerate(run.tensors) for line in _conversion(f"a{i}", i, tensor, run.fixed)]
    key = "()" if run.fixed else f"({' '.join(f'{name}.shape,' for name in names)})"
    body += [f"function = ready.get({key})",
             f"if function is None{' or store.reshaped' if run.reads else ''}:",
             *[f"    {line}" for i, tensor in enumerate(run.tensors) for line in _shape_check(f"a{i}", i, tensor) if not run.fixed],
             f"    results = carefully({', '.join(names)})",
             f"else: results = function({', '.join(names)})"]
    body += [f"results[{position}] = text{i}" for position, i in texts]
    head = f"def entry({', '.join(names)}):" if as_arguments else "def entry(feeds):"
    source = "\n".join([head, *[f"    {line}" for line in body], *_ending(run, namespace)])
    exec(compile(source, "<graphcore entry>", "exec"), namespace)
    return namespace["entry"]


def _ending(run, namespace):
    """Source that gives the user the results; one tensor is the commonest case and takes no function for it."""
    if not run.single:
        return ["    return finished(results)"]
    namespace.update(single=run.single, complain_dead=run.complain_dead)
    return ["    value = results[0]", "    if value is None: complain_dead(0)", "    return single(value)"]


def _conversion(name, number, tensor, with_shape):
    """Source that makes what was fed an array of the tensor's dtype; a plain float needs no look at its shape."""
    dtype = tensor.dtype.base
    if dtype.name == "string":
        return [f"{name} = convert{number}({name})"]  # the elements have to be looked at
    wrong = " or ".join([f"{name}.__class__ is not ndarray", *(_wrong_shape(name, tensor) if with_shape else ())])
    lines = [f"if {wrong}: {name} = convert{number}({name})", f"elif {name}.dtype is not dtype{number}: {name} = cast{number}({name})"]
    if dtype.is_floating and tensor._shape.sizes in (None, ()):
        largest = float(np.finfo(dtype.np).max) if dtype.name in ("float16", "float32", "float64") else 1.0  # nothing overflows up to it
        lines = [f"if {name}.__class__ is float and {-largest!r} <= {name} <= {largest!r}: {name} = asarray({name}, dtype{number})",
                 f"el{lines[0]}", *lines[1:]]
    return lines


def _shape_check(name, number, tensor):
    """Source that has the converter complain of an array of a shape that does not fit."""
    wrong = _wrong_shape(name, tensor)
    return [f"if {' or '.join(wrong)}: {name} = convert{number}({name})"] if wrong else []


def _wrong_shape(name, tensor):
    """Source of the tests whether an array's shape does not fit the tensor's."""
    sizes = tensor._shape.sizes
    if sizes is None:
        return []
    if None not in sizes:
        return [f"{name}.shape != {sizes!r}"]
    return [f"{name}.ndim != {len(sizes)}", *[f"{name}.shape[{axis}] != {size}" for axis, size in enumerate(sizes) if size is not None]]
