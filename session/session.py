"""Session: fetches and feeds → plan → program → run, each plan made once."""

import contextlib
import time
import weakref

import numpy as np

from graphcore.core import errors, flags
from graphcore.core.graph import Graph
from graphcore.core.node import Operation, Tensor
from graphcore.core.scopes import get_default_graph, session_stack
from graphcore.session import placement
from graphcore.session.fetches import Fetches, feed_converter, feed_tensors, fetch_key, finish, finish_copy
from graphcore.session.interpreter import interpret
from graphcore.session.plan import lower, show
from graphcore.session.program import Program
from graphcore.session.state import Store
from graphcore.session.straightline import compile_program

_RUNS_BEFORE_COMPILING = 2  # a program that runs once is not worth Python's compiler,
_RUNS_OF_LONG_PROGRAMS = 20  # and one of many steps only if it runs often
_LONG = 1000
_TARGETS: dict = {"": lambda session: Store()}  # session target → where its state lives


class _Run:
    """What one (fetches, feed keys) pair became: converters, a program and the way back to the user's nesting."""

    def __init__(self, session, fetches, feed_keys):
        self.session = session
        self.fetches = Fetches(session.graph, fetches)
        self.tensors = feed_tensors(session.graph, feed_keys)
        self.plan = lower(self.fetches.elements, self.tensors)
        placement.place(session, [n.origin for n in self.plan.nodes])
        self.program = Program(self.plan, session._store)
        self.converters = [feed_converter(t) for t in self.tensors]
        self.finishers = [None if f is None else finish if f in self.plan.owned else finish_copy for f in self.plan.fetches]
        self.build = self.fetches.build
        self.count = 0
        self.patience = _RUNS_OF_LONG_PROGRAMS if len(self.program.steps) > _LONG else _RUNS_BEFORE_COMPILING
        self.execute = self.warm_up
        # The commonest case, one tensor, skips the list of results.
        self.single = isinstance(fetches, (Tensor, str)) and len(self.finishers) == 1 and self.finishers[0]

    def warm_up(self, *values):
        """Interpret at first; a program that runs again becomes straight-line code."""
        self.count += 1
        if self.count >= self.patience and not self.session._plain:
            self.execute = compile_program(self.program)
            return self.execute(*values)
        return interpret(self.program, values)

    def interpreted(self, values, deadline, trace):
        return interpret(self.program, values, deadline, trace)

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


def _entry(run, keys, as_arguments=False):
    """A function of the feed_dict (or of the values one by one) written for these keys: convert, execute, finish."""
    lines, namespace = [], dict(run=run, errstate=np.errstate, ndarray=np.ndarray, finished=run.finished)
    for i, (key, tensor, convert) in enumerate(zip(keys, run.tensors, run.converters)):
        namespace[f"key{i}"], namespace[f"convert{i}"], namespace[f"dtype{i}"] = key, convert, tensor.dtype.base.np
        if not as_arguments:
            lines.append(f"    a{i} = feeds[key{i}]")
        lines.append(f"    if {_needs_conversion(f'a{i}', i, tensor)}: a{i} = convert{i}(a{i})")
    values = ", ".join(f"a{i}" for i in range(len(keys)))
    head = f"def entry({values}):" if as_arguments else "def entry(feeds):"
    lines.append("    with errstate(all='ignore'):")
    lines.append(f"        results = run.execute({values})")
    lines.append("    return finished(results)")
    exec(compile("\n".join([head, *lines]), "<graphcore entry>", "exec"), namespace)
    return namespace["entry"]


def _needs_conversion(name, number, tensor):
    """Source of the test whether a fed value is not already an array of the right dtype and shape."""
    test = f"{name}.__class__ is not ndarray or {name}.dtype is not dtype{number}"
    sizes = tensor._shape.sizes
    if sizes is None:
        return test
    if None not in sizes:
        return f"{test} or {name}.shape != {sizes!r}"
    known = [f"{name}.shape[{axis}] != {size}" for axis, size in enumerate(sizes) if size is not None]
    return " or ".join([test, f"{name}.ndim != {len(sizes)}", *known])


class BaseSession:
    """What `Session` and `InteractiveSession` share."""

    def __init__(self, target="", graph=None, config=None):
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        if target is not None and not isinstance(target, (str, bytes)):
            raise TypeError(f"target must be a string, but got {target}")
        target = target.decode() if isinstance(target, bytes) else target or ""
        if target not in _TARGETS:
            raise errors.UnimplementedError(None, None, f"No session factory registered for target {target!r}: graphcore runs "
                                            "in this process only; leave the target empty.")
        self._graph = graph or get_default_graph()
        self._target = target
        self._config = placement.checked_config(config)
        self._store = _TARGETS[target](self)
        self._runs = {}
        self._mutations = self._graph._mutations
        self._closed = False
        self._partial = {}
        self._plain = flags.jit.get() == "off" or placement.is_plain(self._config)
        self._devices = placement.local_devices(self._config)
        _open_sessions.add(self)
        if self._config is not None and self._config.log_device_placement:
            placement.log_mapping(self._devices)

    @property
    def graph(self):
        """The graph that this session runs."""
        return self._graph

    @property
    def graph_def(self):
        return self._graph.as_graph_def()

    @property
    def sess_str(self):
        return self._target.encode()

    def list_devices(self):
        """The devices of this session."""
        self._check_open()
        return list(self._devices)

    def close(self):
        """Release what the session holds; it cannot run afterwards."""
        self._closed = True
        self._runs = {}
        self._partial = {}
        self._store = Store()

    def _check_open(self):
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if not self._graph._ops:
            raise RuntimeError("The Session graph is empty.  Add operations to the graph before calling run().")

    # ------------------------------------------------------------ running
    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Compute ``fetches`` and return their values in the same nesting.

        Args:
          fetches: a Tensor, Operation (gives None), variable, name, or nested lists, tuples, dicts, namedtuples of these.
          feed_dict: values for placeholders or any other feedable tensor.
          options: a ``tf.RunOptions`` (timeout, trace level).
          run_metadata: a ``tf.RunMetadata`` to fill.

        Raises:
          RuntimeError: the session is closed.
          TypeError, ValueError: something that cannot be fetched or fed.
          tf.errors.OpError: an operation failed; the message names it and the line that made it.
        """
        if options is None and run_metadata is None:
            try:
                entry = self._runs.get((fetches if fetches.__class__ is Tensor else fetch_key(fetches), *(feed_dict or ())))
            except TypeError:
                entry = None
            if entry is not None and self._mutations == self._graph._mutations:
                return entry[0](feed_dict)
        return self._run_carefully(fetches, feed_dict, options, run_metadata)

    def _run_carefully(self, fetches, feed_dict, options, run_metadata):
        self._check_open()
        feed_dict = self._expanded(feed_dict)
        entry, run = self._entry_for(fetches, tuple(feed_dict))
        if options is None and run_metadata is None:
            return entry(feed_dict)
        from graphcore.session.trace import run_with_options  # messages are loaded when asked for

        return run_with_options(self, run, list(feed_dict.values()), options, run_metadata)

    def _expanded(self, feed_dict):
        if feed_dict is None:
            return {}
        if not isinstance(feed_dict, dict):
            raise TypeError(f"feed_dict must be a dict, not {type(feed_dict).__name__}")
        result = {}
        for key, value in feed_dict.items():
            if isinstance(key, tuple):
                parts = value if isinstance(value, (tuple, list)) else None
                if parts is None or len(parts) != len(key):
                    raise ValueError(f"feed_dict key {key!r} is a tuple, its value has to be one of the same length")
                result.update(zip(key, parts))
            elif hasattr(key, "_feed_components"):
                result.update(key._feed_components(value))
            else:
                result[key] = value
        return result

    def _entry_for(self, fetches, feed_keys):
        if self._mutations != self._graph._mutations:  # an edge or attribute changed: no plan can be trusted
            self._runs = {}
            self._mutations = self._graph._mutations
        key = (fetch_key(fetches), *feed_keys)
        try:
            found = self._runs.get(key)
        except TypeError:
            raise TypeError(f"Fetch argument {fetches!r} has invalid type {type(fetches)!r}, must be a string or Tensor. "
                            f"(Can not convert a {type(fetches).__name__} into a Tensor or Operation.)") from None
        if found is None:
            run = _Run(self, fetches, feed_keys)
            found = self._runs[key] = _entry(run, feed_keys), run
            if flags.debug.get() >= 1:
                print(f"plan for {fetches!r}\n{show(run.plan)}")
        return found

    def make_callable(self, fetches, feed_list=None, accept_options=False):
        """A function of the values of ``feed_list`` that runs ``fetches``: `run` without looking anything up."""
        self._check_open()
        if feed_list is not None and not isinstance(feed_list, (list, tuple)):
            raise TypeError("`feed_list` must be a list or tuple.")
        keys = tuple(feed_list or ())
        run = _Run(self, fetches, keys)
        entry = _entry(run, keys, as_arguments=True)
        owner = weakref.ref(self)

        def call(*values, **keywords):
            session = owner()
            if session is None or session._closed:
                raise RuntimeError("Attempted to use a closed Session.")
            if keywords:
                if not accept_options or set(keywords) - {"options", "run_metadata"}:
                    raise TypeError(f"unexpected keyword arguments {sorted(keywords)}; make_callable(accept_options=True) "
                                    "takes options and run_metadata")
                from graphcore.session.trace import run_with_options

                return run_with_options(session, run, list(values), keywords.get("options"), keywords.get("run_metadata"))
            if len(values) != len(keys):
                raise TypeError(f"the callable takes {len(keys)} values, {len(values)} were given")
            return entry(*values)

        return call

    def partial_run_setup(self, fetches, feeds=None):
        """Begin a run that is fed and fetched in parts; gives the handle for `partial_run`."""
        from graphcore.session.partial import PartialRun

        self._check_open()
        handle = f"partial_{len(self._partial)}_{time.monotonic_ns():x}"
        self._partial[handle] = PartialRun(self, fetches, feeds)
        return handle

    def partial_run(self, handle, fetches, feed_dict=None):
        """Continue the run ``handle``: feed some more values and fetch what they make computable."""
        self._check_open()
        if handle not in self._partial:
            raise errors.InvalidArgumentError(None, None, "Must run 'setup' before performing partial runs!")
        return self._partial[handle].run(fetches, self._expanded(feed_dict))

    def explain(self, fetches, feed_dict=None):
        """What becomes of ``fetches``, as text: the plan, a line for each step."""
        self._check_open()
        return show(self._entry_for(fetches, tuple(self._expanded(feed_dict)))[1].plan)

    # ------------------------------------------------------------ being the default
    def as_default(self):
        """A context manager that makes this the default session; the session stays open after it."""
        return session_stack.pushed(self)


class Session(BaseSession):
    """Runs a graph and holds the values of its variables.

    >>> import graphcore as tf
    >>> a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    >>> with tf.Session() as session:
    ...     print(session.run(a * b, {a: 2.0, b: 3.0}))
    6.0
    """

    def __init__(self, target="", graph=None, config=None):
        super().__init__(target, graph, config)
        self._contexts = []

    def __enter__(self):
        stack = contextlib.ExitStack()
        stack.enter_context(self.graph.as_default())
        stack.enter_context(self.as_default())
        self._contexts.append(stack)
        return self

    def __exit__(self, error_type, error, traceback):
        self._contexts.pop().__exit__(error_type, error, traceback)
        self.close()

    @staticmethod
    def reset(target, containers=None, config=None):
        """Clear the variables of every open session of ``target`` (those in ``containers``, or all) and close them."""
        names = [c.decode() if isinstance(c, bytes) else c for c in containers or ()]
        for session in list(_open_sessions):
            if session._target == (target or ""):
                session._store.clear(names)
                if not names:
                    session.close()


class InteractiveSession(BaseSession):
    """A session that is the default one from the moment it is made until it is closed, for shells and notebooks."""

    def __init__(self, target="", graph=None, config=None):
        super().__init__(target, graph, config)
        self._explicit_graph = graph
        self._default_session = session_stack.pushed(self, enforce_nesting=False)
        self._default_session.__enter__()
        self._default_graph = graph.as_default() if graph is not None else None
        if self._default_graph is not None:
            self._default_graph.__enter__()

    def close(self):
        """Release what the session holds, and stop being the default."""
        if self._closed:
            return
        super().close()
        if self._default_graph is not None:
            self._default_graph.__exit__(None, None, None)
        self._default_session.__exit__(None, None, None)


_open_sessions: "weakref.WeakSet[BaseSession]" = weakref.WeakSet()

__all__ = ["InteractiveSession", "Operation", "Session"]
