"""Session: fetches and feeds → plan → program → run, each plan made once."""

import contextlib
import itertools
import warnings
import weakref

from graphcore.core import errors, flags, source
from graphcore.core.graph import Graph
from graphcore.core.node import Operation, Tensor
from graphcore.core.scopes import get_default_graph, session_stack
from graphcore.core.structure import flatten
from graphcore.core.threads import BlasThreads
from graphcore.session import evaluation  # noqa: F401 (attaches `run` and `eval`)
from graphcore.session.config import checked_config, settings
from graphcore.session.fetches import Fetches, components_of, fetch_key, key_parts
from graphcore.session.placement import Placement, local_devices
from graphcore.session.plan import show
from graphcore.session.runs import Run, entry_of
from graphcore.session.state import Store
from graphcore.session.workers import Workers

_TARGETS: dict = {"": lambda session: Store(session._settings.jit)}  # session target → where its state lives


class _Held:
    """The entry of a callable, for as long as its session is open: variables and buffers hang on it."""

    __slots__ = "entry", "__weakref__"

    def __init__(self, entry):
        self.entry = entry


def _closed_meanwhile(*values):
    raise RuntimeError("Attempted to use a closed Session. Another thread closed it.")


class BaseSession:
    """What `Session` and `InteractiveSession` share."""

    _places_pruned = False  # whether only what runs is placed on devices

    def __init__(self, target="", graph=None, config=None):
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        target = _checked_target(target)
        self._graph = graph or get_default_graph()
        self._target = target
        self._config = checked_config(config)
        self._settings = settings(self._config)
        if flags.jit.get() == "off":
            self._settings = self._settings._replace(plain=True)
        self._devices = local_devices(self._config)
        self._store = _TARGETS[target](self)
        self._runs = {}
        self._mutations = self._graph._mutations
        self._closed = False
        self._reset = False
        self._partial = {}
        self._callables = weakref.WeakSet()
        self._partial_numbers = itertools.count()
        self._placement = Placement(self._graph, self._devices, self._config, self._places_pruned)
        self._workers = Workers(len(self._devices), self._settings.devices_at_once)
        self._blas = BlasThreads(self._settings.blas_threads) if self._settings.blas_threads else None
        _open_sessions.add(self)

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
        if self._closed:
            raise errors.CancelledError(None, None, "Session has been closed.")
        return list(self._devices)

    def close(self):
        """Release what the session holds; it cannot run afterwards."""
        self._closed = self._closed or source.user_frame() or True
        self._runs = {}
        self._partial = {}
        for held in list(self._callables):
            held.entry = _closed_meanwhile
        self._store = Store()
        self._workers.close()

    def _check_open(self):
        if self._closed:
            if self._reset:
                raise errors.CancelledError(None, None, "Session has been closed: tf.Session.reset() closes every session.")
            raise self._closed_error()
        if not self._graph._ops:
            raise RuntimeError("The Session graph is empty.  Add operations to the graph before calling run().")

    def _closed_error(self):
        place = "" if self._closed is True else f" It was closed at {source.describe(self._closed)}."
        return RuntimeError(f"Attempted to use a closed Session.{place} Run before that, or make another session; the values of "
                            "its variables are gone with it.")

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
        try:
            if options is None and run_metadata is None:
                try:
                    entry = self._runs.get((fetches if fetches.__class__ is Tensor else fetch_key(fetches), *(feed_dict or ())))
                except TypeError:
                    entry = None
                if entry is not None and self._mutations == self._graph._mutations:
                    return entry[0](feed_dict)
            return self._run_carefully(fetches, feed_dict, options, run_metadata)
        except errors.OpError as error:
            source.shortened(error)
            raise
        except (RuntimeError, TypeError, ValueError) as error:
            source.placed(error)
            raise

    def _run_carefully(self, fetches, feed_dict, options, run_metadata):
        self._check_open()
        feed_dict = self._expanded(feed_dict)
        entry, run = self._entry_for(fetches, tuple(feed_dict))
        if not options and run_metadata is None:
            return entry(feed_dict)
        from graphcore.session.trace import run_with_options  # messages are loaded when asked for

        return run_with_options(self, run, list(feed_dict.values()), options, run_metadata)

    def _expanded(self, feed_dict):
        """The feeds one by one: tuples, `IndexedSlices` and the like among the keys are taken apart."""
        if not feed_dict:
            return {}
        if not isinstance(feed_dict, dict):
            raise TypeError(f"input must be a dictionary: feed_dict is a {type(feed_dict).__name__}")
        result = {}
        for key, value in feed_dict.items():
            parts = components_of(key)
            if parts is not None:
                result.update(zip(parts, value))
            elif isinstance(key, tuple):
                keys, values = flatten(key), flatten(value)
                if len(keys) != len(values):
                    raise ValueError(f"Could not flatten dictionary. Key had {len(keys)} elements, but value had {len(values)} "
                                     f"elements. Key: {keys}, value: {values}.")
                result.update(zip(keys, values))
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
            run = Run(self, fetches, feed_keys)
            found = self._runs[key] = entry_of(run), run
            if flags.debug.get() >= 1:
                print(f"plan for {fetches!r}\n{show(run.plan)}")
        return found

    def make_callable(self, fetches, feed_list=None, accept_options=False):
        """A function of the values of ``feed_list`` that runs ``fetches``: `run` without looking anything up.

        It takes ``options`` and ``run_metadata`` as well, whether ``accept_options`` says so or not.
        """
        if feed_list is not None and not isinstance(feed_list, (list, tuple)):
            raise TypeError("`feed_list` must be a list or tuple.")
        if self._closed:
            raise errors.CancelledError(None, None, "Session has been closed.")
        keys = tuple(feed_list or ())
        parts = key_parts(keys)
        apart = parts != list(keys)  # some stand for several tensors
        parts = tuple(dict.fromkeys(parts) if apart else parts)
        held = _Held(entry_of(Run(self, fetches, parts), as_arguments=True))
        self._callables.add(held)
        owner = weakref.ref(self)

        def call(*values, options=None, run_metadata=None):
            session = owner()
            if session is None:
                raise RuntimeError("Attempted to use a closed Session. It is gone: keep it as long as its callables are used.")
            if session._closed:
                raise session._closed_error()
            if len(values) == len(keys) and options is None and run_metadata is None:
                if not apart:
                    return held.entry(*values)
                feeds = session._expanded(dict(zip(keys, values)))
                if tuple(feeds) == parts:
                    return held.entry(*feeds.values())
            # As in TF values may be missing: what they stand for is then not fed.
            return session.run(fetches, dict(zip(keys, values)), options, run_metadata)

        return call

    def partial_run_setup(self, fetches, feeds=None):
        """Begin a run that is fed and fetched in parts; gives the handle for `partial_run`."""
        from graphcore.session.partial import PartialRun

        self._check_open()
        run = PartialRun(self, fetches, feeds or ())
        handle = f"{run.signature}{next(self._partial_numbers)}"
        self._partial[handle] = run
        return handle

    def partial_run(self, handle, fetches, feed_dict=None):
        """Continue the run ``handle``: feed some more values and fetch what they make computable."""
        self._check_open()
        run = self._partial.get(handle)
        if run is None:
            return _nothing_left(self.graph, fetches, feed_dict)
        try:
            return run.proceed(fetches, self._expanded(feed_dict))
        finally:
            if run.finished:
                self._partial.pop(handle, None)

    def explain(self, fetches, feed_dict=None):
        """What becomes of ``fetches``, as text: the plan, a line a node, what the passes leave for what is fed, kernels and memory.

        >>> import graphcore as tf
        >>> x = tf.placeholder(tf.float32, [None], name="x")
        >>> with tf.Session() as session:
        ...     print(session.explain(tf.size(x), {x: [1.0, 2.0]}))  # doctest: +ELLIPSIS
        %0 = Feed(x:0) : float32[?]
        %1 = Size(%0) : int32[]...
        return %1
        <BLANKLINE>
        for x:0 (2,)
        %1 = 2 : int32[]
        %0 = Feed(x:0) : float32[?]
        return %1
        <BLANKLINE>
        kernels: none, every node is a call of its own
        buffers: 0 arrays, 0 bytes in all
        peak memory: 0 bytes
        """
        self._check_open()
        feeds = self._expanded(feed_dict)
        return self._entry_for(fetches, tuple(feeds))[1].explained(list(feeds.values()))

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
        self._entered = None

    def __enter__(self):
        if self._entered is not None:
            raise RuntimeError("Session context managers are not re-entrant. Use `Session.as_default()` if you want to enter "
                               "a session multiple times.")
        self._entered = contextlib.ExitStack()
        self._entered.enter_context(self.graph.as_default())
        self._entered.enter_context(self.as_default())
        return self

    def __exit__(self, exec_type, exec_value, exec_tb):
        entered, self._entered = self._entered, None
        try:
            entered.__exit__(exec_type, exec_value, exec_tb)
        finally:
            self.close()

    @staticmethod
    def reset(target, containers=None, config=None):
        """Close every open session of ``target`` after clearing its variables (those in ``containers``, or all)."""
        target, _ = _checked_target(target), checked_config(config)
        names = [c.decode() if isinstance(c, bytes) else c for c in containers or ()]
        for session in list(_open_sessions):
            if session._target == target and not session._closed:
                session._store.clear(names)
                session.close()
                session._reset = True


class InteractiveSession(BaseSession):
    """A session that is the default one from the moment it is made until it is closed, for shells and notebooks."""

    _places_pruned = True  # a shell keeps every mistake in its graph
    _active = 0

    def __init__(self, target="", graph=None, config=None):
        super().__init__(target, graph, config)
        if InteractiveSession._active:
            warnings.warn("An interactive session is already active. This can cause out-of-memory errors in some cases. You "
                          "must explicitly call `InteractiveSession.close()` to release resources held by the other "
                          "session(s).", stacklevel=2)
        InteractiveSession._active += 1
        self._entered = contextlib.ExitStack()
        self._entered.enter_context(session_stack.pushed(self, enforce_nesting=False))
        if graph is not None:
            self._entered.enter_context(graph.as_default())

    def close(self):
        """Release what the session holds, and stop being the default."""
        if self._closed:
            return
        super().close()
        InteractiveSession._active -= 1
        self._entered.close()


def _checked_target(target):
    """The target as a string; errors for what is none, or is not there."""
    if target is not None and not isinstance(target, (str, bytes)):
        raise TypeError(f"target must be a string, but got {type(target)}")
    target = target.decode() if isinstance(target, bytes) else target or ""
    if target.startswith("grpc://"):
        raise NotImplementedError(f"target {target!r}: running on other machines is not built yet; leave the target empty")
    if target not in _TARGETS:
        raise errors.NotFoundError(None, None, "No session factory registered for the given session options: "
                                   f"{{target: \"{target}\"}}. graphcore runs in this process: leave the target empty.")
    return target


def _nothing_left(graph, fetches, feed_dict):
    """What `partial_run` gives for a handle that is used up: nothing for nothing, else an error."""
    if not feed_dict and not Fetches(graph, fetches).elements:
        return Fetches(graph, fetches).build([])
    raise errors.InvalidArgumentError(None, None, "Must run 'setup' before performing partial runs! (The handle is unknown, or "
                                      "everything it was set up for has been fetched.)")


_open_sessions: "weakref.WeakSet[BaseSession]" = weakref.WeakSet()

__all__ = ["InteractiveSession", "Operation", "Session"]
