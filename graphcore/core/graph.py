"""Graph: the append-only list of operations that a program builds."""

import contextlib
import re
import threading

from graphcore.core import errors, source
from graphcore.core.device import merge_device
from graphcore.core.elements import Elements
from graphcore.core.names import Names
from graphcore.core.node import Operation, Tensor, add_consumer
from graphcore.core.scopes import ControlScope, get_default_graph, graph_stack
from graphcore.core.source import user_frame

_noting = threading.Lock()  # runs of several threads may be the first to ask for consumers


def _output(op, value_index, dtype, shape):
    tensor = Tensor()
    tensor.op, tensor.value_index, tensor.dtype, tensor._shape, tensor._consumers = op, value_index, dtype, shape, None
    return tensor


class Graph(Names, Elements):
    """A TensorFlow computation, represented as a dataflow graph.

    Operations are only ever added.  ``with graph.as_default():`` makes it the graph that new operations go to.
    """

    def __init__(self):
        super().__init__()
        self._ops = []
        self._noted = 0  # the number of operations that are among the consumers of their inputs
        self._line = None  # the user's line that everything built comes from, while it is known already
        self._colocated = {}  # variable → (attributes, the same with the variable's group) of the last node made on it
        self._control_stack = []
        self._device_stack = ()
        self._colocation_stack = ()
        self._attr_scopes = {}
        self._gradient_overrides = {}
        self._control_flow_context = None
        self._scoped = False  # whether anything but a name scope bears on new nodes
        self._original = None
        self._collections = {}
        self._finalized = False
        self._unfeedable = set()
        self._unfetchable = set()
        self._container = ""
        self._mutations = 0
        self._seed = None
        self._attachments = {}

    # ------------------------------------------------------------------ nodes
    @property
    def _last_id(self):
        return len(self._ops)

    @property
    def version(self):
        """The number of operations made so far."""
        return len(self._ops)

    @property
    def _version(self):
        return len(self._ops)

    @property
    def finalized(self):
        return self._finalized

    @property
    def seed(self):
        """The graph's seed, as `tf.set_random_seed` sets it; None if it has none."""
        return self._seed

    @seed.setter
    def seed(self, seed):
        self._seed = seed

    def finalize(self):
        """Make the graph read-only."""
        self._finalized = True

    def _unsafe_unfinalize(self):
        self._finalized = False

    def _check_not_finalized(self, what="a change"):
        if self._finalized:
            raise RuntimeError(f"Graph is finalized and cannot be modified. {source.describe(user_frame(2)) or '?'} asks for "
                               f"{what}. Build the graph before it is finalized; in a loop, only run it.")

    def _changed(self):
        """Something other than an appended node changed: cached plans are void."""
        self._check_not_finalized()
        self._mutations += 1

    def _append(self, kind, inputs, name):
        """Add a node and give it; ``kind`` is its definition, attributes, output dtypes and shapes, its name is made unique."""
        if self._finalized:
            self._check_not_finalized(f"a new operation '{name or kind[0].op_name}' ({kind[0].op_name})")
        name, number, key = self._new_name(name or kind[0].op_name)
        return self._make(kind, inputs, name, number, key, self._line or user_frame(3))

    def _make(self, kind, inputs, name, number, key, where):
        """`_append` with what `_new_name` gives, and the user's line.

        A node that takes a reference is placed with the variable.  This runs for every node of every graph: objects
        are made here without a call of their own.
        """
        definition, attrs, dtypes, shapes = kind
        ops = self._ops
        op = Operation()
        op.graph = self
        op._id = len(ops)
        op._name = name
        op._number = number
        op.definition = definition
        count = len(inputs)
        if count == 2:
            op._first_input, op._second_input = inputs
        else:
            op._first_input, op._second_input = inputs[0] if count == 1 else inputs, None
        op._control_inputs = self._scope_control_inputs(inputs) if self._scoped else ()
        op.attrs = attrs
        op._device = ""
        op.where = where
        op._rest = None
        if len(dtypes) == 1:
            op._outputs = tensor = Tensor()
            tensor.op = op
            tensor.value_index = 0
            tensor.dtype = dtypes[0]
            tensor._shape = shapes[0]
            tensor._consumers = None
        else:
            op._outputs = tuple([_output(op, i, *known) for i, known in enumerate(zip(dtypes, shapes))])
        ops.append(op)
        if number is None:
            self._names[key] = op
        if self._scoped:
            self._apply_scopes(op, [t.op for t in inputs if t.dtype.is_ref] if definition.takes_refs else ())
        elif definition.takes_refs:
            self._place_with_variable(op)
        return op

    def _note_consumers(self):
        """Enter new operations among the consumers of their inputs; few programs ask for these."""
        ops = self._ops
        if self._noted == len(ops):
            return
        with _noting:
            for op in ops[self._noted:]:
                for tensor in op._inputs:
                    add_consumer(tensor, op)
                self._noted += 1

    def _mark(self):
        """How far the graph is, for `_roll_back`."""
        return len(self._ops), dict(self._all_names()), dict(self._next_number), dict(self._number_to_try)

    def _roll_back(self, mark):
        """Take back the operations made since ``mark``, which nobody has seen: an import that fails leaves none."""
        count, self._names, self._next_number, self._number_to_try = mark
        for op in self._ops[count:]:
            for tensor in op._inputs:
                tensor._consumers = [user for user in tensor.consumers() if user._id < count] or None
        del self._ops[count:]
        self._entered = self._noted = count
        self._mutations += 1

    def create_op(self, op_type, inputs, dtypes=None, input_types=None, name=None, attrs=None, op_def=None,
                  compute_shapes=True, compute_device=True):
        """Add an operation of type ``op_type`` to the graph; the low-level way, for tools that rewrite graphs."""
        from graphcore.core.build import build_flat

        with self.as_default():
            return build_flat(self, op_type, list(inputs), attrs or {}, name)

    # ------------------------------------------------------------------ what scopes do to a new node
    def _refresh_scoped(self):
        self._scoped = bool(self._control_stack or self._device_stack or self._colocation_stack or self._attr_scopes or
                            self._gradient_overrides or self._control_flow_context or self._original)

    def _scope_control_inputs(self, inputs):
        if not self._control_stack:
            return ()
        input_ops = [t.op for t in inputs]
        return tuple(dict.fromkeys([op for scope in self._control_stack for op in scope.inputs_for(input_ops)]))

    def _apply_scopes(self, op, referenced):
        for scope in self._control_stack:
            scope.made_inside.add(op._id)
        if self._attr_scopes:
            op.attrs = {**self._attr_scopes, **op.attrs}
        if self._gradient_overrides and op.type in self._gradient_overrides:
            op.attrs = {**op.attrs, "_gradient_op_type": self._gradient_overrides[op.type].encode()}
        if self._original is not None:
            op._original_op = self._original
        if not referenced:
            self._apply_devices(op)
        self._apply_colocation(op, referenced)
        context = self._control_flow_context
        if context is not None:
            op._control_flow_context = context
            context.add_op(op)

    def _apply_devices(self, op):
        for function in reversed(self._device_stack):
            if function is None:
                break
            device = function(op)
            op._device = device if isinstance(device, str) else (device.to_string() if device is not None else "")

    def _apply_colocation(self, op, referenced):
        partners = (*self._colocation_stack, *referenced)
        if not partners:
            return
        groups = set()
        for other in partners:
            groups.update(other.colocation_groups())
            if other.device:
                op._device = other.device
        op.attrs = {**op.attrs, "_class": tuple(sorted(groups))}

    def _place_with_variable(self, op):
        """Put a node that takes a reference on the variable's device, and into its colocation group."""
        first = op._first_input
        variable = (first[0] if first.__class__ is tuple else first).op
        attrs, placed = self._colocated.get(variable, (None, None))
        if attrs is op.attrs and not variable._device:
            op.attrs = placed
            return
        attrs = op.attrs
        referenced = [t.op for t in op._inputs if t.dtype.is_ref]
        self._apply_colocation(op, referenced)
        if referenced == [variable]:
            self._colocated[variable] = attrs, op.attrs

    @contextlib.contextmanager
    def _setting(self, **fields):
        """Set fields for the length of a block."""
        before = {k: getattr(self, k) for k in fields}
        for k, v in fields.items():
            setattr(self, k, v)
        self._refresh_scoped()
        try:
            yield
        finally:
            for k, v in before.items():
                setattr(self, k, v)
            self._refresh_scoped()

    # ------------------------------------------------------------------ scopes for users
    def as_default(self):
        """A context manager that makes this graph the default one in this thread."""
        return graph_stack.pushed(self)

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs):
        """Operations made inside run after ``control_inputs``; None clears the dependencies of outer blocks."""
        scope = ControlScope(self, self._control_ops(control_inputs))
        try:
            with scope:
                self._refresh_scoped()
                yield
        finally:
            self._refresh_scoped()

    def _control_ops(self, control_inputs):
        if control_inputs is None:
            return None
        ops = []
        for item in control_inputs:
            op = self._op_behind(item)
            if op not in ops:
                ops.append(op)
        return ops

    def _op_behind(self, item):
        """The operation that a tensor, a variable, slices, a name or an operation stands for."""
        if hasattr(item, "values") and hasattr(item, "indices") or getattr(item, "handle", None) is not None:
            item = item.op  # of a resource variable not a read, but what holds or assigns it
        element = self.as_graph_element(item)
        return element.op if isinstance(element, Tensor) else element

    def device(self, device_name_or_function):
        """Operations made inside get this device: a string, a DeviceSpec, a function of the operation, or None."""
        if device_name_or_function is None or callable(device_name_or_function):
            function = device_name_or_function
        else:
            try:
                function = merge_device(device_name_or_function)
            except ValueError as error:
                source.placed(error)
                raise
        return self._setting(_device_stack=(*self._device_stack, function))

    @contextlib.contextmanager
    def colocate_with(self, op, ignore_existing=False):
        """Operations made inside are placed with ``op``."""
        if op is None and not ignore_existing:
            raise ValueError("Trying to reset colocation (op is None) but ignore_existing is not True")
        if op is not None and not isinstance(op, Operation):
            op = self._op_behind(op)
        outer = () if ignore_existing else self._colocation_stack
        stack = outer if op is None else (*outer, op)
        with self._setting(_colocation_stack=stack, _device_stack=()):
            yield

    def gradient_override_map(self, op_type_map):
        """Inside, operations of a type in the map get the gradient registered under the mapped name."""
        if not isinstance(op_type_map, dict):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        for op_type, mapped in op_type_map.items():
            if not isinstance(op_type, str) or not isinstance(mapped, str):
                raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        return self._setting(_gradient_overrides={**self._gradient_overrides, **op_type_map})

    @contextlib.contextmanager
    def _attr_scope(self, attr_map):
        kept = {k: v for k, v in {**self._attr_scopes, **attr_map}.items() if v is not None}
        with self._setting(_attr_scopes=kept):
            yield

    @contextlib.contextmanager
    def container(self, container_name):
        """Stateful operations made inside keep their state in this container."""
        with self._setting(_container=container_name):
            yield

    def _original_op(self, op):
        return self._setting(_original=op)

    # ------------------------------------------------------------------ collections and feeding
    def add_to_collection(self, name, value):
        self._check_not_finalized()
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names, value):
        for name in dict.fromkeys((names,) if isinstance(names, str) else names):
            self.add_to_collection(name, value)

    def get_collection(self, name, scope=None):
        """The values of a collection, as a new list; with ``scope`` those whose name matches it (a regex)."""
        values = self._collections.get(name, ())
        if scope is None:
            return list(values)
        pattern = re.compile(scope)
        return [v for v in values if hasattr(v, "name") and pattern.match(v.name)]

    def get_collection_ref(self, name):
        """The collection's own list: changes to it change the collection."""
        return self._collections.setdefault(name, [])

    def get_all_collection_keys(self):
        return [k for k in self._collections if isinstance(k, str)]

    @property
    def collections(self):
        return self.get_all_collection_keys()

    def clear_collection(self, name):
        self._check_not_finalized()
        self._collections.pop(name, None)

    def is_feedable(self, tensor):
        return tensor not in self._unfeedable

    def prevent_feeding(self, tensor):
        self._unfeedable.add(tensor)
        self._mutations += 1  # plans that feed it are void

    def is_fetchable(self, tensor_or_op):
        return getattr(tensor_or_op, "op", tensor_or_op) not in self._unfetchable

    def prevent_fetching(self, op):
        self._unfetchable.add(op)
        self._mutations += 1  # plans that fetch it are void

    @property
    def building_function(self):
        return False

    def switch_to_thread_local(self):
        """TF's switch to per-thread scopes; here a graph is built by one thread at a time."""


__all__ = ["Graph", "get_default_graph", "errors"]
