"""``tf.make_template``: a function whose variables are made at its first call and shared by all later ones."""

import functools

from graphcore.core.keys import GraphKeys
from graphcore.core.scopes import get_default_graph
from graphcore.ops.variable_scope import scope_store, variable_scope


def make_template(name_, func_, create_scope_now_=False, unique_name_=None, custom_getter_=None, **kwargs):
    """``func_`` (with ``kwargs`` given already) as a function that makes its variables once.

    Args:
      name_: the name of the variable scope, made unique.
      create_scope_now_: make the name unique now instead of at the first call.
      unique_name_: the name of the scope as it is: then two templates can share their variables.
      custom_getter_: as of `tf.variable_scope`.

    >>> import graphcore as tf
    >>> scale = tf.make_template("scale", lambda x: x * tf.get_variable("w", [1]))
    >>> a, b = scale(tf.constant([1.0])), scale(tf.constant([2.0]))
    >>> [v.name for v in tf.global_variables()]
    ['scale/w:0']
    """
    return Template(name_, functools.partial(func_, **kwargs) if kwargs else func_, create_scope_now_, unique_name_,
                    custom_getter_)


class Template:
    """What `make_template` gives: call it like the function."""

    def __init__(self, name, func, create_scope_now=False, unique_name=None, custom_getter=None):
        if name is None:
            raise ValueError("name cannot be None.")
        self._name, self._func, self._unique_name, self._custom_getter = name, func, unique_name, custom_getter
        self._variable_scope = None
        self._called = self._variables_created = False
        if create_scope_now:
            named = unique_name or scope_store().unique(name)
            with variable_scope(named, custom_getter=custom_getter)._open(None) as scope:
                self._variable_scope = scope

    def __call__(self, *args, **kwargs):
        if self._variable_scope is not None:
            with variable_scope(self._variable_scope, reuse=self._called):
                return self._call(args, kwargs)
        with variable_scope(self._unique_name, self._name, custom_getter=self._custom_getter) as scope:
            self._variable_scope = scope
            return self._call(args, kwargs)

    def _call(self, args, kwargs):
        if not self._variables_created:
            called, self._called = self._called, True
            try:
                result = self._func(*args, **kwargs)
            except BaseException:
                self._called = called
                raise
            self._variables_created = True
            return result
        trainable = get_default_graph().get_collection_ref(GraphKeys.TRAINABLE_VARIABLES)
        before = len(trainable)
        result = self._func(*args, **kwargs)
        if len(trainable) != before:
            raise ValueError("Trainable variable created when calling a template after the first time, perhaps you used "
                             f"tf.Variable when you meant tf.get_variable: {trainable[before:]}")
        return result

    name = property(lambda self: self._name, doc="The name that was given.")
    func = property(lambda self: self._func, doc="The function.")
    variable_scope = property(lambda self: self._variable_scope, doc="The `VariableScope`, once there is one.")
    var_scope = variable_scope

    @property
    def variable_scope_name(self):
        """The prefix of the variables' names."""
        if self._variable_scope is None:
            return None
        name = self._variable_scope.name
        return name if not name or name.endswith("/") else name + "/"

    def _collection(self, key):
        return get_default_graph().get_collection(key, self.variable_scope_name) if self._variables_created else []

    @property
    def trainable_variables(self):
        """Its trainable variables."""
        return self._collection(GraphKeys.TRAINABLE_VARIABLES)

    @property
    def non_trainable_variables(self):
        """Its global variables that are not trainable."""
        trainable = self.trainable_variables
        return [v for v in self.global_variables if v not in trainable]

    @property
    def global_variables(self):
        """Its global variables."""
        return self._collection(GraphKeys.GLOBAL_VARIABLES)

    @property
    def local_variables(self):
        """Its local variables."""
        return self._collection(GraphKeys.LOCAL_VARIABLES)

    @property
    def variables(self):
        """Its global and local variables."""
        return self.global_variables + self.local_variables

    weights = variables
    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables


__all__ = ["make_template"]
