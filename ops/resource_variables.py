"""Resource variables: behind a handle, read by an operation of their own."""

from graphcore.core.convert import register_tensor_conversion_function, to_tensor
from graphcore.core.dtypes import as_dtype
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import ShapeMismatch, TensorShape, as_shape, format_shape, merge
from graphcore.ops import arrays, initial_values, slicing
from graphcore.ops.scatter_ops import RESOURCE_SCATTER_OPS
from graphcore.ops.variable_ops import (
    AssignAddVariableOp,
    AssignSubVariableOp,
    AssignVariableOp,
    ReadVariableOp,
    ResourceCountUpTo,
    ResourceGather,
    ResourceGatherNd,
    VarHandleOp,
    VarIsInitializedOp,
)
from graphcore.ops.variables import Variable, _check_outside


class ResourceVariable(Variable):
    """A variable behind a handle: a read is a snapshot of the moment it runs (``tf.Variable(…, use_resource=True)``)."""

    def _make(self, graph, initial_value, name, dtype, validate_shape, caching_device, shape):
        deferred = callable(initial_value)
        with name_scope(name, "Variable", [] if deferred else [initial_value]) as scope:
            with graph._attr_scope({"_class": (b"loc:@" + scope[:-1].encode(),)}):
                with graph.name_scope("Initializer"), graph.device(None):
                    held = to_tensor(initial_value() if deferred else initial_value, dtype, "initial_value")
                self._initial_value = held
                self._shape = _explicit_shape(held, shape)
                self._dtype = held.dtype.base
                self._handle = VarHandleOp.build(shape=self._shape, dtype=self._dtype, name=scope, shared_name=scope[:-1],
                                                 container=graph._container)
            _check_outside(held, scope)
            with graph.name_scope("IsInitialized"):
                VarIsInitializedOp.build(self._handle)
            self._make_initializer(graph, scope)
            with graph.name_scope("Read"), graph.device(self._handle.device):
                self._graph_element = self._read()
                self._cache(graph, caching_device)

    def _make_initializer(self, graph, scope):
        with graph.name_scope("Assign") as name, graph.colocate_with(None, ignore_existing=True):
            with graph.device(self._handle.device):
                guarded = initial_values.guarded(scope, self._initial_value)
                self._initializer_op = AssignVariableOp.build(self._handle, guarded, name=name)

    def _cache(self, graph, caching_device):
        self._caching_device = caching_device
        if caching_device is not None:
            with graph.colocate_with(None, ignore_existing=True), graph.device(caching_device):
                self._cached_value = arrays.identity(self._graph_element)

    _cached_value = None

    def _read(self):
        return ReadVariableOp.build(self._handle, dtype=self._dtype)

    # ------------------------------------------------------------ what it is
    name = property(lambda self: self._handle.op.name + ":0", doc="The name of the tensor it stands for: ``w:0``.")
    op = property(lambda self: self._handle.op, doc="The operation of its handle.")
    graph = property(lambda self: self._handle.graph, doc="The graph it belongs to.")
    device = property(lambda self: self._handle.device, doc="The device it is on.")
    dtype = property(lambda self: self._dtype, doc="The dtype.")
    shape = property(lambda self: self._shape, doc="The static shape.")
    handle = property(lambda self: self._handle, doc="The tensor of dtype resource that leads to the content.")
    create = property(lambda self: self._initializer_op, doc="The operation that initialises the variable.")

    def set_shape(self, shape):
        """Not possible: the shape was set when the variable was made."""
        raise NotImplementedError("ResourceVariable does not implement set_shape()")

    def __bool__(self):
        return bool(self.read_value())

    # ------------------------------------------------------------ reading
    def value(self):
        """A new read of the content."""
        if self._cached_value is not None:
            return self._cached_value
        graph = get_default_graph()
        if not (graph._colocation_stack or graph._device_stack or self._handle.device):
            return self._read()
        with graph.colocate_with(None, ignore_existing=True), graph.device(self._handle.device):
            return self._read()

    def read_value(self):
        """A new read of the content, under the name scope ``Read``."""
        graph = get_default_graph()
        with graph.name_scope("Read"), graph.device(self._handle.device):
            value = self._read()
        return arrays.identity(value)

    def sparse_read(self, indices, name=None):
        """A read of the rows ``indices``: the same as ``tf.gather(variable, indices)``."""
        with name_scope("Gather" if name is None else name) as scope:
            value = ResourceGather.build(self._handle, indices, dtype=self._dtype, name=scope)
        return arrays.identity(value)

    def gather_nd(self, indices, name=None):
        """A read of what the last axis of ``indices`` points to: the same as ``tf.gather_nd(variable, indices)``."""
        with name_scope("GatherNd" if name is None else name) as scope:
            value = ResourceGatherNd.build(self._handle, indices, dtype=self._dtype, name=scope)
        return arrays.identity(value)

    def is_initialized(self, name=None):
        """Whether the variable has a value yet, as a bool tensor."""
        return VarIsInitializedOp.build(self._handle, name=name)

    def _ref(self):
        return self._handle

    def _as_graph_element(self):
        return self._graph_element

    def _gradient_source(self):
        return self._handle

    def eval(self, session=None):
        """The content in ``session`` or the default one."""
        return self._graph_element.eval(session=session)

    # ------------------------------------------------------------ writing
    def _updated(self, definition, value, name, read_value):
        after = [] if self._cached_value is None else [self._cached_value]
        with get_default_graph().control_dependencies(after):
            value = to_tensor(value, self._dtype)
            self._check_fits(definition.op_name, value, name)
            op = definition.build(self._handle, value, name=name)
        return _AssignedVariable(self, op) if read_value else op

    def _check_fits(self, op_name, value, name):
        try:
            merge(self._shape.sizes, value._shape.sizes)
        except ShapeMismatch as error:
            raise ValueError(f"{error} for '{name or op_name}' (op: '{op_name}') with input shapes: [], "
                             f"{format_shape(value._shape.sizes)}.") from None

    def assign(self, value, use_locking=None, name=None, read_value=True):
        """Replace the content; gives the variable read after that or, without ``read_value``, the operation."""
        value = to_tensor(value, self._dtype)
        self._shape.assert_is_compatible_with(value._shape)
        op = AssignVariableOp.build(self._handle, value, name=name)
        return _AssignedVariable(self, op) if read_value else op

    def assign_add(self, delta, use_locking=None, name=None, read_value=True):
        """Add ``delta``."""
        return self._updated(AssignAddVariableOp, delta, name, read_value)

    def assign_sub(self, delta, use_locking=None, name=None, read_value=True):
        """Subtract ``delta``."""
        return self._updated(AssignSubVariableOp, delta, name, read_value)

    def _scattered(self, kind, indices, updates, use_locking, name):
        updates = to_tensor(updates, self._dtype)
        return _AssignedVariable(self, RESOURCE_SCATTER_OPS[kind].build(self._handle, indices, updates, name=name))

    def count_up_to(self, limit):
        """Increment, and give what it held; OutOfRangeError at ``limit``."""
        return ResourceCountUpTo.build(self._handle, limit=limit, T=self._dtype)

    def _strided_slice_assign(self, begin, end, strides, value, name, **masks):
        value = to_tensor(value, self._dtype)
        op = slicing.ResourceStridedSliceAssign.build(self._handle, begin, end, strides, value, name=name, **masks)
        return _AssignedVariable(self, op)


def _explicit_shape(initial_value, shape):
    if shape is None:
        return initial_value._shape
    if not initial_value._shape.is_compatible_with(as_shape(shape)):
        raise ValueError(f"The initial value's shape ({initial_value.shape}) is not compatible with the explicitly supplied "
                         f"`shape` argument ({shape}).")
    return TensorShape.of(as_shape(shape).sizes)


class _AssignedVariable(ResourceVariable):
    """What an assignment to a resource variable gives: the variable, read after the assignment."""

    def __init__(self, variable, op):
        self.__dict__.update(variable.__dict__)
        self._assignment = op
        self._initializer_op = self._initial_value = self._cached_value = None
        self._graph_element = self.value()

    name = property(lambda self: self._assignment.name)
    op = property(lambda self: self._assignment)
    _shared_name = property(lambda self: self._handle.op.name)

    def value(self):
        """A read that waits for the assignment."""
        with get_default_graph().control_dependencies([self._assignment]):
            return self._read()

    def read_value(self):
        """A read that waits for the assignment."""
        return self.value()


def _no_in_place(symbol, verb):
    def method(self, other):
        raise RuntimeError(f"Variable {symbol}= value not supported. Use {verb} to modify the variable value and "
                           f"variable = variable {symbol} value to get a new Tensor object.")

    return method


ResourceVariable.__iadd__ = _no_in_place("+", "variable.assign_add(value)")
ResourceVariable.__isub__ = _no_in_place("-", "variable.assign_sub(value)")
ResourceVariable.__imul__ = _no_in_place("*", "`var.assign(var * value)`")
ResourceVariable.__itruediv__ = _no_in_place("/", "`var.assign(var / value)`")
ResourceVariable.__ipow__ = _no_in_place("**", "`var.assign(var ** value)`")


def _convert_resource(variable, dtype=None, name=None, as_ref=False):
    if dtype is not None and not as_dtype(dtype).is_compatible_with(variable.dtype):
        raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
                         f"'{variable.dtype.name}'")
    return variable.read_value().op._inputs[0] if as_ref else variable.value()


# Before the conversion of reference variables, of which this is a special case.
register_tensor_conversion_function(ResourceVariable, _convert_resource, priority=99)

__all__ = []
