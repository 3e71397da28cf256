"""What is current while a program builds: the default graph and session, name scopes, control dependencies."""

import contextlib
import threading

from graphcore.core.structure import composites


class DefaultStack(threading.local):
    """A thread's stack of defaults (graphs, sessions)."""

    def __init__(self):
        self.items = []

    @contextlib.contextmanager
    def pushed(self, item, enforce_nesting=True):
        self.push(item)
        try:
            yield item
        finally:
            if enforce_nesting:
                if not self.items or self.items[-1] is not item:
                    raise AssertionError(f"Nesting violated for default stack of {type(item)} objects")
                self.pop(len(self.items) - 1)
            elif item in self.items:
                self.pop(self.items.index(item))

    def push(self, item):
        self.items.append(item)

    def pop(self, position):
        del self.items[position]


class _GraphStack(DefaultStack):
    """Default graphs; ``current`` is the innermost, or ``base``, which is made when it is first asked for and None before."""

    def __init__(self):
        super().__init__()
        self.base = self.current = None

    def push(self, item):
        self.items.append(item)
        self.current = item

    def pop(self, position):
        del self.items[position]
        self.current = self.items[-1] if self.items else self.base

    def clear(self):
        """No graph is the default one, also inside ``with`` blocks."""
        self.items.clear()
        self.base = self.current = None


graph_stack = _GraphStack()
session_stack = DefaultStack()


def get_default_graph():
    """The graph that new operations are added to in this thread."""
    graph = graph_stack.current
    if graph is None:
        from graphcore.core.graph import Graph  # graph.py builds on this module

        graph = graph_stack.base = graph_stack.current = Graph()
    return graph


def reset_default_graph():
    """Replace this thread's default graph by an empty one; not possible inside ``with graph.as_default()``."""
    if graph_stack.items:
        raise AssertionError("Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, "
                             "exit the nesting and create a new graph.")
    graph_stack.clear()


def get_default_session():
    """The innermost session made default in this thread, or None."""
    items = session_stack.items
    return items[-1] if items else None


def session_for(element, session, what, method, block):
    """The session to use; ValueError, in TF's words, if there is none or it runs another graph."""
    which, hint, noun = "given", "", what.rpartition(" ")[2]
    if session is None:
        which, hint = "default", f" Pass an explicit session to `{method}(session=sess)`."
        session = session_stack.items[-1] if session_stack.items else None
        if session is None:
            raise ValueError(f"Cannot {what} using `{method}()`: No default session is registered. Use `{block}` or pass an explicit "
                             f"session to `{method}(session=sess)`")
    if session.graph is not element.graph:
        raise ValueError(f"Cannot use the {which} session to {what}: the {noun}'s graph is different from the session's graph.{hint} "
                         f"('{element.name}' was made at {getattr(element, 'op', element).source or '?'}.)")
    return session


def graph_of(values, graph=None):
    """The one graph that all of ``values`` belong to (or the default graph); ValueError when they differ."""
    from graphcore.core.node import Operation, Tensor

    first = None
    for value in values:
        if isinstance(value, (Tensor, Operation)) or type(value) in composites:
            element = value
        else:
            element = getattr(value, "_as_graph_element", lambda: None)()
        if element is None or not hasattr(element, "graph"):
            continue
        if graph is None:
            graph, first = element.graph, element
        elif element.graph is not graph:
            if first is None:
                raise ValueError(f"{element} is not from the passed-in graph.")
            raise ValueError(f"{element} must be from the same graph as {first}.")
    return graph or get_default_graph()


class name_scope:
    """``with tf.name_scope(name, default_name, values) as scope:`` prefixes the names of what is built inside.

    ``name`` None takes ``default_name``; a name that ends in ``/`` re-enters that scope.  ``values`` are
    checked to be of one graph, which becomes the default inside.
    """

    def __init__(self, name, default_name=None, values=None):
        if not (default_name is None or isinstance(default_name, str)):
            raise TypeError("`default_name` type (%s) is not a string type. You likely meant to pass this into the "
                            "`values` kwarg." % type(default_name))
        self._name = default_name if name is None else name
        self._values = values
        self._has_name = not (name is None and values is not None and default_name is None)

    @property
    def name(self):
        return self._name

    def __enter__(self):
        if not self._has_name:
            raise ValueError("At least one of name (None) and default_name (None) must be provided.")
        default = get_default_graph()
        graph = self._graph = graph_of(self._values) if self._values else default
        self._before = graph._enter_scope(self._name)
        self._pushed = graph is not default
        if self._pushed:
            graph_stack.push(graph)
        return graph._scope[0]

    def __exit__(self, *error):
        if self._pushed:
            graph_stack.pop(-1)
        self._graph._scope = self._before


class NameScope:
    """``with graph.name_scope(name)``: what is built inside in ``graph`` has names that begin so."""

    __slots__ = ("_graph", "_name", "_before")

    def __init__(self, graph, name):
        self._graph, self._name = graph, name

    def __enter__(self):
        self._before = self._graph._enter_scope(self._name)
        return self._graph._scope[0]

    def __exit__(self, *error):
        self._graph._scope = self._before


class ControlScope:
    """One ``control_dependencies`` block: its operations, and those made inside it."""

    def __init__(self, graph, ops):
        self.graph, self.ops = graph, ops
        self.made_inside = set()  # ids; answers questions only
        self._is_reset = ops is None

    def __enter__(self):
        graph = self.graph
        if self._is_reset:
            self._outer_stack = graph._control_stack
            self._outer_context = graph._control_flow_context
            graph._control_stack = []
            graph._control_flow_context = None
        graph._control_stack = [*graph._control_stack, self]
        return self

    def __exit__(self, *error):
        graph = self.graph
        graph._control_stack = graph._control_stack[:-1]
        if self._is_reset:
            graph._control_stack = self._outer_stack
            graph._control_flow_context = self._outer_context

    def inputs_for(self, input_ops):
        """The block's operations that a new node has to wait for, given the operations it takes inputs from."""
        if not self.ops or any(op._id in self.made_inside for op in input_ops):
            return ()
        return [op for op in self.ops if op not in input_ops]
