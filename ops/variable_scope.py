"""``tf.variable_scope`` and ``tf.get_variable``: variables by name, made once and shared."""

import contextlib
import enum
import functools
import threading

from graphcore.core import source
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import as_dtype, float32
from graphcore.core.keys import GraphKeys
from graphcore.core.scopes import get_default_graph, graph_of, name_scope
from graphcore.ops.variable_store import default_store
from graphcore.ops.variables import VariableAggregation, VariableSynchronization

_KEY = ("__varscope",)
_by_default = {"use_resource": False}


class _ReuseMode(enum.Enum):
    """What `tf.variable_scope` does about variables that exist, beside True, False and None."""

    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE


def enable_resource_variables():
    """Make `tf.Variable` and `tf.get_variable` give resource variables from now on."""
    _by_default["use_resource"] = True


def disable_resource_variables():
    """Make `tf.Variable` and `tf.get_variable` give reference variables again."""
    _by_default["use_resource"] = False


def resource_variables_enabled():
    """Whether variables are resource variables unless something else is asked for."""
    return _by_default["use_resource"]


def no_regularizer(_):
    """A regularizer that adds nothing: for variables that a scope's regularizer is not meant for."""


# ---------------------------------------------------------------- the scope as an object


class VariableScope:
    """A prefix for names of variables, with defaults for `tf.get_variable`."""

    def __init__(self, reuse, name="", initializer=None, regularizer=None, caching_device=None, partitioner=None,
                 custom_getter=None, name_scope="", dtype=float32, use_resource=None, constraint=None):
        self._reuse, self._name, self._name_scope = reuse, name, name_scope
        self._initializer, self._regularizer, self._constraint = initializer, regularizer, constraint
        self._caching_device, self._partitioner, self._custom_getter = caching_device, partitioner, custom_getter
        self._dtype, self._use_resource = dtype, use_resource

    name = property(lambda self: self._name, doc="The prefix of names of variables, without a slash at the end.")
    original_name_scope = property(lambda self: self._name_scope, doc="The name scope that was entered with it first.")
    reuse = property(lambda self: self._reuse, doc="True: variables must exist; AUTO_REUSE: they may; else they must not.")
    initializer = property(lambda self: self._initializer)
    regularizer = property(lambda self: self._regularizer)
    constraint = property(lambda self: self._constraint)
    caching_device = property(lambda self: self._caching_device)
    partitioner = property(lambda self: self._partitioner)
    custom_getter = property(lambda self: self._custom_getter)
    dtype = property(lambda self: self._dtype)
    use_resource = property(lambda self: self._use_resource)

    def reuse_variables(self):
        """From now on variables must exist already."""
        self._reuse = True

    def set_initializer(self, initializer):
        """Set the default initializer."""
        self._initializer = initializer

    def set_regularizer(self, regularizer):
        """Set the default regularizer."""
        self._regularizer = regularizer

    def set_caching_device(self, caching_device):
        """Set the default caching device."""
        self._caching_device = caching_device

    def set_partitioner(self, partitioner):
        """Set the default partitioner."""
        self._partitioner = partitioner

    def set_custom_getter(self, custom_getter):
        """Set the custom getter."""
        self._custom_getter = custom_getter

    def set_dtype(self, dtype):
        """Set the default dtype."""
        self._dtype = dtype

    def set_use_resource(self, use_resource):
        """Set whether variables are resource variables."""
        self._use_resource = use_resource

    def get_collection(self, name):
        """The values in a graph collection whose name begins with this scope's."""
        return get_default_graph().get_collection(name, self._name + "/" if self._name else "")

    def trainable_variables(self):
        """This scope's trainable variables."""
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self):
        """This scope's global variables."""
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self):
        """This scope's local variables."""
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def get_variable(self, var_store, name, shape=None, dtype=None, initializer=None, regularizer=None, reuse=None,
                     trainable=None, collections=None, caching_device=None, partitioner=None, validate_shape=True,
                     use_resource=None, custom_getter=None, constraint=None, synchronization=VariableSynchronization.AUTO,
                     aggregation=VariableAggregation.NONE):
        """The variable ``name`` of this scope in ``var_store``: what `tf.get_variable` calls."""
        with name_scope(None, ""):
            _check_dtype(initializer, dtype)
            return var_store.get_variable(
                f"{self._name}/{name}" if self._name else name, shape=shape, dtype=_first(dtype, self._dtype),
                initializer=_first(initializer, self._initializer), regularizer=_first(regularizer, self._regularizer),
                reuse=_first(reuse, self._reuse), trainable=trainable, collections=collections,
                caching_device=_first(caching_device, self._caching_device),
                partitioner=_first(partitioner, self._partitioner), validate_shape=validate_shape,
                use_resource=_first(use_resource, self._use_resource),
                custom_getter=_first(custom_getter, self._custom_getter), constraint=_first(constraint, self._constraint),
                synchronization=synchronization, aggregation=aggregation)


def _first(given, default):
    return default if given is None else given


def _check_dtype(initializer, dtype):
    if dtype is not None and initializer is not None and not callable(initializer):
        found = to_tensor(initializer).dtype.base
        if found is not as_dtype(dtype).base:
            raise ValueError(f"Initializer type '{found!s}' and explicit dtype '{dtype!s}' don't match.")


class _ScopeStore(threading.local):
    """What scopes of a graph are open in a thread, and how often each name was."""

    def __init__(self):
        self.current_scope = VariableScope(False)
        self.variable_scopes_count = {}

    def open(self, name):
        self.variable_scopes_count[name] = self.variable_scopes_count.get(name, 0) + 1

    def close_below(self, name):
        for other in self.variable_scopes_count:
            if other.startswith(name + "/"):
                self.variable_scopes_count[other] = 0

    def unique(self, prefix):
        """``prefix``, numbered if the current scope has opened one of that name before."""
        outer = self.current_scope.name
        counts, candidate, number = self.variable_scopes_count, prefix, 0
        while counts.get(f"{outer}/{candidate}" if outer else candidate, 0) > 0:
            number += 1
            candidate = f"{prefix}_{number}"
        return candidate


def scope_store():
    """The open variable scopes of the default graph in this thread."""
    collection = get_default_graph().get_collection_ref(_KEY)
    if not collection:
        collection.append(_ScopeStore())
    return collection[0]


def get_variable_scope():
    """The `VariableScope` that is open, or the outermost one."""
    return scope_store().current_scope


# ---------------------------------------------------------------- opening a scope


class variable_scope:
    """``with tf.variable_scope("layer"):`` prefixes names of variables made by `tf.get_variable`, and names of operations.

    Args:
      name_or_scope: the name, or the `VariableScope` to open again.
      default_name: the name if that is None, made unique.
      values: tensors that are passed on to what is inside: all must be of one graph.
      initializer, regularizer, caching_device, custom_getter, dtype, use_resource, constraint: defaults for
        `tf.get_variable`; they hold in scopes inside as well (but ``constraint``, as in TensorFlow).
      partitioner: not built yet for `tf.get_variable`.
      reuse: True: variables must exist already; `tf.AUTO_REUSE`: they are made if they do not.
      auxiliary_name_scope: False opens no name scope.

    Raises:
      ValueError: ``reuse`` is something else, or True without a name.
      TypeError: neither a name nor a default name, or a name of another type.

    >>> import graphcore as tf
    >>> with tf.variable_scope("layer"):
    ...     w = tf.get_variable("w", [2, 3])
    >>> with tf.variable_scope("layer", reuse=True):
    ...     print(tf.get_variable("w") is w, w.name)
    True layer/w:0
    """

    def __init__(self, name_or_scope, default_name=None, values=None, initializer=None, regularizer=None, caching_device=None,
                 partitioner=None, custom_getter=None, reuse=None, dtype=None, use_resource=None, constraint=None,
                 auxiliary_name_scope=True):
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if reuse is False:
            reuse = None
        if not (reuse is True or reuse is None or reuse is AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError(f"The auxiliary_name_scope must be `True` or `False`, while get {auxiliary_name_scope}")
        if name_or_scope is None and reuse:
            raise ValueError("reuse=True cannot be used without a name_or_scope")
        self._name_or_scope, self._default_name, self._reuse = name_or_scope, default_name, reuse
        self._own = dict(initializer=initializer, regularizer=regularizer, caching_device=caching_device,
                         partitioner=partitioner, custom_getter=custom_getter, dtype=dtype, use_resource=use_resource)
        self._constraint = constraint
        self._graph = graph_of(values or [])
        self._auxiliary = auxiliary_name_scope
        self._original = None
        self._opened = []  # one ExitStack for each time it is entered

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._graph.as_default())
            name_scope_name = self._enter_name_scope(stack)
            scope = stack.enter_context(self._open(name_scope_name))
            self._opened.append(stack.pop_all())
        return scope

    def __exit__(self, *error):
        return self._opened.pop().__exit__(*error)

    def _enter_name_scope(self, stack):
        """The name scope, with its slash; None if none is opened."""
        given = self._name_or_scope
        if given is None:
            name = self._default_name
        elif isinstance(given, str):
            name = given
        elif isinstance(given, VariableScope):
            name = given.name.split("/")[-1]
        else:
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if not self._auxiliary:
            current = self._graph.get_name_scope()
            return stack.enter_context(name_scope(current + "/" if current else ""))
        return stack.enter_context(name_scope(name)) if name else None

    @contextlib.contextmanager
    def _open(self, name_scope_name):
        """Open the variable scope alone."""
        store = scope_store()
        outer, given = store.current_scope, self._name_or_scope
        if isinstance(given, VariableScope):
            scope = self._derived(given, given.name, given.original_name_scope)
            store.open(scope.name)
            counts_after = dict(store.variable_scopes_count)
        else:
            if given is None:
                given = self._name_or_scope = store.unique(self._default_name)
            if self._original is None:  # entered again, it keeps what it had at first
                self._original = given if name_scope_name is None else name_scope_name
            scope = self._derived(outer, f"{outer.name}/{given}" if outer.name else given, self._original)
            store.open(scope.name)
        store.current_scope = scope
        try:
            yield scope
        finally:
            if store.current_scope is not scope:
                raise RuntimeError("Improper nesting of variable_scope.")
            if isinstance(given, VariableScope):
                store.variable_scopes_count = counts_after
            else:
                store.close_below(scope.name)
            store.current_scope = outer

    def _derived(self, origin, name, original_name_scope):
        """The scope with this statement's defaults where it has them, else those of ``origin``."""
        defaults = {key: _first(own, getattr(origin, key)) for key, own in self._own.items()}
        if self._own["custom_getter"] is not None:
            defaults["custom_getter"] = _chained(self._own["custom_getter"], origin.custom_getter)
        return VariableScope(self._reuse or origin.reuse, name, name_scope=original_name_scope, constraint=self._constraint,
                             **defaults)


def _chained(getter, outer_getter):
    """A custom getter whose own getter is the custom getter around it."""
    if outer_getter is None:
        return getter

    own_getter = getter

    def chained(getter, *args, **options):
        return own_getter(functools.partial(outer_getter, getter), *args, **options)

    return chained


@contextlib.contextmanager
def variable_op_scope(values, name_or_scope, default_name=None, initializer=None, regularizer=None, caching_device=None,
                      partitioner=None, custom_getter=None, reuse=None, dtype=None, use_resource=None, constraint=None):
    """The old spelling of `variable_scope`, which takes ``values`` first."""
    with variable_scope(name_or_scope, default_name, values, initializer, regularizer, caching_device, partitioner,
                        custom_getter, reuse, dtype, use_resource, constraint) as scope:
        yield scope


@contextlib.contextmanager
def variable_creator_scope(variable_creator):
    """Inside, `tf.Variable` calls ``variable_creator(next_creator, **arguments)`` and gives what that returns."""
    attachments = get_default_graph()._attachments
    before = attachments.get("variable_creators", ())
    attachments["variable_creators"] = (*before, variable_creator)
    try:
        yield
    finally:
        attachments["variable_creators"] = before


# ---------------------------------------------------------------- getting variables


def get_variable(name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=None, collections=None,
                 caching_device=None, partitioner=None, validate_shape=True, use_resource=None, custom_getter=None,
                 constraint=None, synchronization=VariableSynchronization.AUTO, aggregation=VariableAggregation.NONE):
    """The variable ``name`` of the current variable scope: an existing one, or a new one.

    Args:
      name: its name in the scope.
      shape, dtype: of a new variable; float32 by default.
      initializer: a function of (shape, dtype, partition_info), a class of such functions, a value, or a function
        of nothing. By default the scope's, else Glorot's uniform one (zeros for integers, booleans and strings).
      regularizer: a function of the new variable; what it gives is added to the regularization losses.
      trainable, collections, caching_device, validate_shape, use_resource, constraint: as of `tf.Variable`.
      partitioner: not built yet.
      custom_getter: is called instead of the getter, which it gets as its first argument.

    Raises:
      ValueError: the variable exists (or does not) against the scope's ``reuse``; or it exists with another shape or
        dtype; or there is no shape for a new one.

    >>> import graphcore as tf
    >>> tf.get_variable("b", [3], initializer=tf.zeros_initializer())
    <tf.Variable 'b:0' shape=(3,) dtype=float32_ref>
    """
    try:
        return get_variable_scope().get_variable(
            default_store(), name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=trainable,
            collections=collections, caching_device=caching_device, partitioner=partitioner, validate_shape=validate_shape,
            use_resource=use_resource, custom_getter=custom_getter, constraint=constraint, synchronization=synchronization,
            aggregation=aggregation)
    except (TypeError, ValueError) as error:
        source.placed(error)
        raise


def get_local_variable(name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=False, collections=None,
                       caching_device=None, partitioner=None, validate_shape=True, use_resource=None, custom_getter=None,
                       constraint=None, synchronization=VariableSynchronization.AUTO, aggregation=VariableAggregation.NONE):
    """`get_variable` for local variables: they are never trainable, and in the collection LOCAL_VARIABLES."""
    return get_variable(name, shape, dtype, initializer, regularizer, False,
                        [*(collections or []), GraphKeys.LOCAL_VARIABLES], caching_device, partitioner, validate_shape,
                        use_resource, custom_getter, constraint, synchronization, aggregation)


__all__ = ["AUTO_REUSE", "VariableScope", "disable_resource_variables", "enable_resource_variables", "get_local_variable",
           "get_variable", "get_variable_scope", "no_regularizer", "resource_variables_enabled", "variable_creator_scope",
           "variable_op_scope", "variable_scope"]
