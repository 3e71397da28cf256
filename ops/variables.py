"""``tf.Variable``: tensors that live between runs, as references or as resources."""

import enum
import inspect

from graphcore.core.convert import register_tensor_conversion_function, to_tensor
from graphcore.core.dtypes import as_dtype
from graphcore.core.keys import GraphKeys
from graphcore.core.node import Tensor
from graphcore.core.scopes import get_default_graph, get_default_session, graph_of, name_scope
from graphcore.core.shapes import TensorShape, as_shape
from graphcore.ops import (
    arrays,
    initial_values,
    operators,  # noqa: F401 (gives Tensor the operators that are passed on below)
    slicing,
)
from graphcore.ops.scatter_ops import SCATTER_OPS
from graphcore.ops.variable_ops import Assign, AssignAdd, AssignSub, CountUpTo, IsVariableInitialized, VariableV2


class VariableSynchronization(enum.Enum):
    """When copies of a variable on several devices are brought together."""

    AUTO, NONE, ON_WRITE, ON_READ = 0, 1, 2, 3


class VariableAggregation(enum.Enum):
    """How copies of a variable on several devices are combined."""

    NONE, SUM, MEAN, ONLY_FIRST_REPLICA = 0, 1, 2, 3


class _VariableType(type):
    """Makes ``tf.Variable(…)`` ask the graph's variable creators; other variable classes are made as usual."""

    def __call__(cls, *args, **options):
        if cls is not Variable:
            return super().__call__(*args, **options)
        if len(args) > len(_DEFAULTS):
            raise TypeError(f"Variable() takes at most {len(_DEFAULTS)} arguments, {len(args)} were given")
        create = _created
        for creator in get_default_graph()._attachments.get("variable_creators", ()):
            create = _calling(creator, create)
        return create(**{**_DEFAULTS, **dict(zip(_DEFAULTS, args)), **options})


def _calling(creator, following):
    return lambda **options: creator(following, **options)


def _created(use_resource=None, **options):
    """What `tf.Variable` gives when no creator interferes."""
    from graphcore.ops import variable_scope  # it builds on this module
    from graphcore.ops.resource_variables import ResourceVariable

    unknown = next((o for o in options if o not in _DEFAULTS), None)
    if unknown:
        raise TypeError(f"Variable() got an unexpected keyword argument '{unknown}'")
    if use_resource is None:
        use_resource = variable_scope.get_variable_scope().use_resource
    if use_resource is None:
        use_resource = variable_scope.resource_variables_enabled()
    return type.__call__(ResourceVariable if use_resource else Variable, **options)


class Variable(metaclass=_VariableType):
    """A tensor that a session keeps between runs and that ops can change.

    Args:
      initial_value: what it holds once initialised: anything that converts to a tensor, or a function of nothing.
      trainable: whether optimizers change it by default (TF's second argument, not the dtype).
      collections: the graph collections it is added to; default ``[GraphKeys.GLOBAL_VARIABLES]``.
      validate_shape: False lets it change its shape.
      caching_device: where a copy for readers is kept.
      name, dtype: its name and dtype; by default ``"Variable"`` and the dtype of the initial value.
      variable_def: a VariableDef message, instead of ``initial_value``: the variable of nodes that are there already.
      constraint: a function of the content; optimizers apply it after each update.
      use_resource: reads take a snapshot when they run, instead of seeing later writes.

    Initialise it in every session before use: ``session.run(tf.global_variables_initializer())``.

    Raises:
      ValueError: no initial value, one of unknown shape, collections that are no list, or an initial value
        made inside a conditional.

    >>> import graphcore as tf
    >>> w = tf.Variable(3.0, name="w")
    >>> w
    <tf.Variable 'w:0' shape=() dtype=float32_ref>
    >>> with tf.Session() as session:
    ...     session.run(w.initializer)
    ...     print(session.run(w.assign_add(1.0)))
    4.0
    """

    __array_priority__ = 100  # NumPy leaves `array + variable` to __radd__
    __array_ufunc__ = None

    def __init__(self, initial_value=None, trainable=None, collections=None, validate_shape=True, caching_device=None,
                 name=None, variable_def=None, dtype=None, expected_shape=None, import_scope=None, constraint=None,
                 use_resource=None, synchronization=VariableSynchronization.AUTO, aggregation=VariableAggregation.NONE,
                 shape=None):
        self._caching_device = None
        self._save_slice_info = None
        if variable_def is not None:
            self._restore(initial_value, variable_def, import_scope)
            return
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        collections = _checked_collections(collections)
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` argument must be a callable.")
        self._constraint = constraint
        self._set_roles(synchronization, aggregation, trainable, name)
        if self._trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
            collections.append(GraphKeys.TRAINABLE_VARIABLES)
        dtype = None if dtype is None else as_dtype(dtype)
        graph = get_default_graph() if callable(initial_value) else graph_of([initial_value])
        with graph.as_default(), graph.control_dependencies(None):
            self._make(graph, initial_value, name, dtype, validate_shape, caching_device, shape)
        graph.add_to_collections(collections, self)

    def _set_roles(self, synchronization, aggregation, trainable, name):
        try:
            self._synchronization = VariableSynchronization(synchronization or 0)
        except ValueError:
            raise ValueError(f"Invalid variable synchronization mode: {synchronization} for variable: {name}") from None
        try:
            self._aggregation = VariableAggregation(aggregation or 0)
        except ValueError:
            raise ValueError(f"Invalid variable aggregation mode: {aggregation} for variable: {name}") from None
        on_read = self._synchronization is VariableSynchronization.ON_READ
        self._trainable = not on_read if trainable is None else trainable

    def _restore(self, initial_value, variable_def, import_scope):
        from graphcore.ops import variable_protos  # it builds on this module

        if initial_value is not None:
            raise ValueError("variable_def and initial_value are mutually exclusive.")
        variable_protos.restore(self, variable_def, import_scope)

    # ------------------------------------------------------------ making the nodes
    def _make(self, graph, initial_value, name, dtype, validate_shape, caching_device, shape):
        deferred = callable(initial_value)
        with name_scope(name, "Variable", [] if deferred else [initial_value]) as scope:
            if deferred:
                with graph._attr_scope({"_class": (b"loc:@" + scope[:-1].encode(),)}):
                    with graph.name_scope("Initializer"), graph.device(None):
                        self._initial_value = to_tensor(initial_value(), dtype, "initial_value")
                    self._make_holder(scope, validate_shape, shape)
            else:
                self._initial_value = to_tensor(initial_value, dtype, "initial_value")
                _check_outside(self._initial_value, scope)
                self._make_holder(scope, validate_shape, shape)
            if validate_shape and not self._initial_value._shape.is_fully_defined():
                raise ValueError(f"initial_value must have a shape specified: {self._initial_value}")
            guarded = initial_values.guarded(scope, self._initial_value)
            self._initializer_op = Assign.build(self._variable, guarded, validate_shape=validate_shape).op
            with graph.colocate_with(self._variable.op) if caching_device is None else graph.device(caching_device):
                self._snapshot = arrays.identity(self._variable, name="read")
        self._caching_device = caching_device

    def _make_holder(self, scope, validate_shape, shape):
        held = self._initial_value
        if shape is None:
            shape = held._shape if validate_shape else None
        shape = TensorShape.of(as_shape(shape).sizes)
        self._variable = VariableV2.build(shape=shape, dtype=held.dtype.base, name=scope,
                                          container=get_default_graph()._container)

    # ------------------------------------------------------------ what it is
    name = property(lambda self: self._variable.name, doc="The name of the tensor it stands for: ``w:0``.")
    op = property(lambda self: self._variable.op, doc="The operation that holds it.")
    graph = property(lambda self: self._variable.graph, doc="The graph it belongs to.")
    device = property(lambda self: self._variable.device, doc="The device it is on.")
    dtype = property(lambda self: self._variable.dtype, doc="The dtype; of a reference, such as ``float32_ref``.")
    shape = property(lambda self: self._variable.shape, doc="The static shape.")
    trainable = property(lambda self: self._trainable, doc="Whether optimizers change it by default.")
    constraint = property(lambda self: self._constraint, doc="The function optimizers apply after an update, or None.")
    synchronization = property(lambda self: self._synchronization)
    aggregation = property(lambda self: self._aggregation)
    initializer = property(lambda self: self._initializer_op, doc="The operation that initialises the variable.")
    initial_value = property(lambda self: self._initial_value, doc="The tensor that initialises the variable.")
    _shared_name = property(lambda self: self.name[:self.name.index(":")])

    def get_shape(self):
        """The static shape; the same as ``variable.shape``."""
        return self.shape

    def __repr__(self):
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other

    def __iter__(self):
        raise TypeError("'Variable' object is not iterable.")

    def experimental_ref(self):
        """Something hashable that stands for the variable: itself."""
        return self

    def set_shape(self, shape):
        """Merge ``shape`` into the static shape."""
        self._ref().set_shape(shape)
        self.value().set_shape(shape)

    # ------------------------------------------------------------ reading
    def value(self):
        """The tensor that consumers of the variable read."""
        return self._snapshot

    def read_value(self):
        """A new tensor of the content."""
        return arrays.identity(self._variable, name="read")

    def _ref(self):
        return self._variable

    def _as_graph_element(self):
        return self._variable

    def _gradient_source(self):
        """What ``tf.gradients`` differentiates with respect to."""
        return self._variable

    def eval(self, session=None):
        """The content in ``session`` or the default one."""
        return self._variable.eval(session=session)

    def is_initialized(self, name=None):
        """Whether the variable has a value yet, as a bool tensor."""
        return IsVariableInitialized.build(self._variable, name=name)

    def initialized_value(self):
        """The content if initialised, else the initial value: safe inside another variable's initial value."""
        from graphcore.ops import control_flow  # much is imported with it

        with self.graph.control_dependencies(None):
            return control_flow.cond(self.is_initialized(), self.read_value, lambda: self.initial_value)

    def to_proto(self, export_scope=None):
        """The variable as a VariableDef message; None if it is not in the name scope ``export_scope``."""
        from graphcore.ops import variable_protos  # it builds on this module

        return variable_protos.to_proto(self, export_scope)

    @staticmethod
    def from_proto(variable_def, import_scope=None):
        """The variable that a VariableDef message describes, of nodes that are in the graph already."""
        return Variable(variable_def=variable_def, import_scope=import_scope, use_resource=variable_def.is_resource)

    # ------------------------------------------------------------ writing
    def assign(self, value, use_locking=False, name=None, read_value=True):
        """Replace the content; the result (a reference to the new content) or, without ``read_value``, the operation."""
        return _result(Assign.build(self._variable, value, use_locking=use_locking, name=name), read_value)

    def assign_add(self, delta, use_locking=False, name=None, read_value=True):
        """Add ``delta``."""
        return _result(AssignAdd.build(self._variable, delta, use_locking=use_locking, name=name), read_value)

    def assign_sub(self, delta, use_locking=False, name=None, read_value=True):
        """Subtract ``delta``."""
        return _result(AssignSub.build(self._variable, delta, use_locking=use_locking, name=name), read_value)

    def _scattered(self, kind, indices, updates, use_locking, name):
        """The op ``kind``, of the sort that the variable needs."""
        return SCATTER_OPS[kind].build(self._variable, indices, updates, use_locking=use_locking, name=name)

    def batch_scatter_update(self, sparse_delta, use_locking=False, name=None):
        """Replace rows of each batch entry by `IndexedSlices`; see `tf.batch_scatter_update`."""
        from graphcore.ops import assignments  # it builds on this module

        return assignments.batch_scatter_update(self, sparse_delta.indices, sparse_delta.values, use_locking, name)

    def count_up_to(self, limit):
        """Increment, and give what it held; OutOfRangeError at ``limit``."""
        return CountUpTo.build(self._variable, limit=limit)

    def load(self, value, session=None):
        """Put ``value`` (an array) into the variable in ``session`` or the default one, without a new node."""
        session = session or get_default_session()
        if session is None:
            raise ValueError("Either session argument should be provided or default session should be established")
        session.run(self.initializer, {self.initializer._inputs[1]: value})

    def _strided_slice_assign(self, begin, end, strides, value, name, **masks):
        return slicing.StridedSliceAssign.build(self._ref(), begin, end, strides, value, name=name, **masks)

    def __getitem__(self, slice_spec):
        return slicing.getitem(self.value(), slice_spec, var=self)


_PARAMETERS = list(inspect.signature(Variable.__init__).parameters.values())[1:]
_DEFAULTS = {parameter.name: parameter.default for parameter in _PARAMETERS}
Variable.__signature__ = inspect.Signature(_PARAMETERS)


def _result(tensor, read_value):
    return tensor if read_value else tensor.op


def _checked_collections(collections):
    if collections is None:
        return [GraphKeys.GLOBAL_VARIABLES]
    if not isinstance(collections, (list, tuple, set)):
        raise ValueError("collections argument to Variable constructor must be a list, tuple, or set. "
                         f"Got {collections} of type {type(collections)}")
    return list(collections)


def _check_outside(initial_value, scope):
    if initial_value.op._control_flow_context is not None:
        raise ValueError(f"Initializer for variable {scope} is from inside a control-flow construct, such as a loop or "
                         "conditional. When creating a variable inside a loop or conditional, use a lambda as the initializer.")


# ---------------------------------------------------------------- methods that differ in a word only


def _scatter_method(word, doc):
    def method(self, sparse_delta, use_locking=False, name=None):
        if not (hasattr(sparse_delta, "indices") and hasattr(sparse_delta, "values")):
            raise TypeError("sparse_delta is not IndexedSlices: %s" % (sparse_delta,))
        return self._scattered("Scatter" + word, sparse_delta.indices, sparse_delta.values, use_locking, name)

    _attach(f"scatter_{word.lower()}", method, doc)


def _scatter_nd_method(word, doc):
    def method(self, indices, updates, name=None):
        return self._scattered("ScatterNd" + word, indices, updates, word == "Update", name)

    _attach(f"scatter_nd_{word.lower()}", method, doc)


def _attach(name, method, doc):
    method.__name__, method.__qualname__, method.__doc__ = name, f"Variable.{name}", doc
    setattr(Variable, name, method)


for _word, _doc in (("Update", "Replace the rows of `IndexedSlices`."), ("Add", "Add `IndexedSlices` to their rows."),
                    ("Sub", "Subtract `IndexedSlices` from their rows."), ("Mul", "Multiply rows by `IndexedSlices`."),
                    ("Div", "Divide rows by `IndexedSlices`."), ("Min", "The minimum of rows and `IndexedSlices`."),
                    ("Max", "The maximum of rows and `IndexedSlices`.")):
    _scatter_method(_word, _doc)
for _word, _doc in (("Update", "Replace what ``indices`` point to."), ("Add", "Add to what ``indices`` point to."),
                    ("Sub", "Subtract from what ``indices`` point to.")):
    _scatter_nd_method(_word, _doc)


def _operator(name):
    on_tensors = getattr(Tensor, name)

    def operate(self, *others):
        return on_tensors(self.value(), *others)

    operate.__wrapped__ = on_tensors  # lends its signature
    _attach(name, operate, f"What ``{name}`` of the value gives.")


for _name in ("add", "sub", "mul", "div", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "matmul"):
    _operator(f"__{_name}__")
    _operator(f"__r{_name}__")
for _name in ("neg", "abs", "invert", "lt", "le", "gt", "ge"):
    _operator(f"__{_name}__")


def _convert_variable(variable, dtype=None, name=None, as_ref=False):
    if dtype is not None and not dtype.is_compatible_with(variable.dtype):
        raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
                         f"'{variable.dtype.name}'")
    return variable._ref() if as_ref else variable.value()


register_tensor_conversion_function(Variable, _convert_variable)

__all__ = ["Variable", "VariableAggregation", "VariableSynchronization"]
