"""Operation and Tensor: the nodes of a graph and the values between them."""

import numpy as np

from graphcore.core import source
from graphcore.core.shapes import ShapeMismatch, TensorShape, as_shape, merge


def method_of(cls, name=None):
    """Decorator: attach a function to a core class from the layer that can provide it.

    A function of the same name may not be there already: one method, one home.
    """

    def attach(function):
        attribute = name or getattr(function, "fget", function).__name__
        if attribute in cls.__dict__:
            raise TypeError(f"{cls.__name__}.{attribute} is defined twice")
        setattr(cls, attribute, function)
        return function

    return attach


class OperatorNotAllowedInGraphError(TypeError):
    """Python asked a tensor for its value (`if`, `for`, `in`) while the graph is built."""


class Tensor:
    """A symbolic value: output ``value_index`` of ``op``, with a dtype and what is known of its shape."""

    __slots__ = ("op", "value_index", "dtype", "_shape", "_consumers", "__weakref__", "__dict__")  # `Graph._make` sets them
    __array_priority__ = 100  # NumPy leaves `array + tensor` to Tensor.__radd__
    __array_ufunc__ = None  # and never loops over a tensor by itself

    @property
    def graph(self):
        return self.op.graph

    @property
    def name(self):
        return f"{self.op.name}:{self.value_index}"

    @property
    def device(self):
        return self.op.device

    @property
    def shape(self):
        """The static shape as a TensorShape; unknown sizes equal only those of the same tensor."""
        shape = self._shape
        if shape._shared and not shape.is_fully_defined():
            shape = self._shape = shape.unshared()
        return shape

    def get_shape(self):
        """The static shape; the same as ``tensor.shape``."""
        return self.shape

    def _shape_tuple(self):
        return self._shape.sizes

    def set_shape(self, shape):
        """Merge ``shape`` into what is known statically; ValueError when the two cannot both hold."""
        merged = self._shape_with(as_shape(shape))
        self._shape = TensorShape.of(merged.sizes)

    def _shape_with(self, shape):
        try:
            sizes = merge(self._shape.sizes, shape.sizes)
        except ShapeMismatch as error:
            raise ValueError(f"{error} set_shape() of '{self.name}', made at {self.op.source or '?'}.") from None
        return TensorShape(sizes)

    def consumers(self):
        """The operations that take this tensor as an input, in the order they were made."""
        self.op.graph._note_consumers()
        consumers = self._consumers
        if consumers is None:
            return []
        return list(consumers) if consumers.__class__ is list else [consumers]

    def __repr__(self):
        return f"<tf.Tensor '{self.name}' shape={self._shape} dtype={self.dtype.name}>"

    def __str__(self):
        shape = f", shape={self._shape}" if self._shape.sizes is not None else ""
        device = f", device={self.device}" if self.device else ""
        return f'Tensor("{self.name}"{shape}, dtype={self.dtype.name}{device})'

    def __iter__(self):
        self._has_no_value("iterating over `tf.Tensor`", "tf.unstack gives its rows as tensors, session.run(tensor) its values.")
        yield  # a generator, as in TF: what fails is the first step, so that `x in tensor` says the same

    def __bool__(self):
        self._has_no_value("using a `tf.Tensor` as a Python `bool`",
                           "`if t is not None:` asks whether there is a tensor, tf.cond and tf.where choose by its value.")

    def _has_no_value(self, task, advice):
        raise OperatorNotAllowedInGraphError(
            f"{task} is not allowed in Graph execution. Use Eager execution or decorate this function with @tf.function. While a "
            f"graph is built a tensor has no value yet ('{self.name}', made at {self.op.source or '?'}): {advice}")

    def __len__(self):
        raise TypeError(f"len is not well defined for symbolic Tensors. ({self.name}) Please call `x.shape` rather "
                        "than `len(x)` for shape information.")

    def __array__(self, dtype=None, copy=None):
        raise NotImplementedError(f"Cannot convert a symbolic Tensor ({self.name}) to a numpy array. "
                                  "Run it: session.run(tensor), or tensor.eval().")

    def _as_graph_element(self):
        return self


def _rarely_set(key):
    """An attribute that is None until it is set; all of these share a slot."""
    def get(self):
        return self._rest and self._rest.get(key)

    def set(self, value):
        self._rest = {**(self._rest or {}), key: value}

    return property(get, set)


class Operation:
    """A node of a graph: an op with its inputs, attributes, name, device and the user's line."""

    # What the garbage collector has to look at, again and again while a large graph grows, is the objects. So one or two
    # inputs are kept without a tuple around them, and there is no __dict__. `Graph._append` makes operations.
    __slots__ = ("graph", "_id", "_name", "_number", "definition", "_first_input", "_second_input", "_control_inputs", "attrs", "_outputs",
                 "_device", "where", "_rest", "__weakref__")
    _original_op = _rarely_set("original op")
    _control_flow_context = _rarely_set("context")
    _gradient_function = _rarely_set("gradient")

    @property
    def name(self):
        number = self._number
        return self._name if number is None else self._name % number

    @property
    def type(self):
        return self.definition.op_name

    @property
    def _inputs(self):
        first, second = self._first_input, self._second_input
        if second is not None:
            return first, second
        return first if first.__class__ is tuple else (first,)

    @_inputs.setter
    def _inputs(self, inputs):
        self._first_input, self._second_input = inputs if len(inputs) == 2 else (inputs[0] if len(inputs) == 1 else inputs, None)

    @property
    def inputs(self):
        """The input tensors, flat, in order."""
        return InputList(self._inputs)

    @property
    def outputs(self):
        """The output tensors, as a new list."""
        outputs = self._outputs  # most operations have one: it is kept without a list around it
        return [outputs] if outputs.__class__ is Tensor else list(outputs)

    @property
    def control_inputs(self):
        return list(self._control_inputs)

    @property
    def device(self):
        return self._device() if callable(self._device) else self._device

    @property
    def source(self):
        """``file.py:12`` of the user's line that made this node."""
        return source.describe(self.where)

    @property
    def traceback(self):
        place = source.line_of(self.where)
        return [place] if place else []

    @property
    def traceback_with_start_lines(self):
        """`traceback`, with the number of each function's first line at the end."""
        return [(*place, self.where[0].co_firstlineno) for place in self.traceback]

    def values(self):
        return tuple(self.outputs)

    def colocation_groups(self):
        """Names of the colocation groups (``loc:@name``, as bytes); its own when it has none."""
        groups = [g for g in self.attrs.get("_class", ()) if g.startswith(b"loc:@")]
        return groups or [b"loc:@" + self.name.encode()]

    def get_attr(self, name):
        """The attribute ``name``; ValueError when the op has none of that name."""
        if name not in self.attrs:
            raise ValueError(f"Operation '{self.name}' has no attr named '{name}'. A {self.type} has {', '.join(self.attrs) or 'none'}.")
        value = self.attrs[name]
        if isinstance(value, tuple):
            return list(value)
        return self._attr_message(value) if isinstance(value, (np.ndarray, TensorShape)) else value

    def __repr__(self):
        return f"<tf.Operation '{self.name}' type={self.type}>"

    # ------------------------------------------------------------ what graph rewriting code does
    def _set_attr(self, name, value):
        self.attrs = {**self.attrs, name: value}
        self.graph._changed()

    def _clear_attr(self, name):
        self.attrs = {k: v for k, v in self.attrs.items() if k != name}
        self.graph._changed()

    def _set_device(self, device):
        self._device = device if isinstance(device, str) else (device.to_string() if device else "")
        self.graph._changed()

    def _add_control_input(self, op):
        self._add_control_inputs([op])

    def _add_control_inputs(self, ops):
        new = [op for op in ops if op not in self._control_inputs]
        for op in new:
            if op.graph is not self.graph:
                raise ValueError(f"Operation '{op.name}' is of another graph than '{self.name}'")
        self._control_inputs = (*self._control_inputs, *new)
        self.graph._changed()

    def _remove_all_control_inputs(self):
        self._control_inputs = ()
        self.graph._changed()

    def _update_input(self, index, tensor):
        self.graph._note_consumers()
        old = self._inputs[index]
        self._inputs = (*self._inputs[:index], tensor, *self._inputs[index + 1:])
        if old not in self._inputs:
            old._consumers = [op for op in old.consumers() if op is not self]
        add_consumer(tensor, self)
        self.graph._changed()

    def _as_graph_element(self):
        return None


class InputList(tuple):
    """``op.inputs``: a tuple that prints and compares as TF's input list does."""

    def __repr__(self):
        return repr(list(self))

    def __eq__(self, other):
        return list(self) == list(other)

    __hash__ = tuple.__hash__


def add_consumer(tensor, op):
    """Note that ``op`` takes ``tensor``; once, also when it takes it twice."""
    consumers = tensor._consumers
    if consumers is None:
        tensor._consumers = op  # most tensors have one consumer
    elif consumers.__class__ is not list:
        if consumers is not op:
            tensor._consumers = [consumers, op]
    elif not consumers or consumers[-1] is not op:
        consumers.append(op)
