"""An op's example as tensors: what the contract, the test of dtypes and the fuzzer build nodes from.

An example names the inputs (of a variable: what it holds), the attributes, the expected outputs, and under "after" what
variables hold when the op has run. Of an output that it does not name only dtype and shape are promised; an op that
names none at all, such as a random one, is still run.
"""

import inspect

import numpy as np

import graphcore as tf
from graphcore.core import dtypes
from graphcore.core.dtypes import DType, as_dtype
from graphcore.core.opdef import REGISTRY, TypeAttr

# The package's own ops, not those that tests declare.
OPS = {name: op for name, op in sorted(REGISTRY.items()) if op.__module__.startswith("graphcore.")}


def can_run(op):
    """Whether the example runs as it stands: a placeholder has to be fed, a variable of which nothing is known but shape and
    dtype has no value, and what is no tensor, such as an event file, has tests of its own."""
    return op.example is not None and not op.variable and op.op_name != "Placeholder" and \
        not any(inspect.isfunction(op.example[declared.name]) for declared in op.inputs)


class Example:
    """The example of ``op``, taken apart."""

    def __init__(self, op):
        self.op = op
        rest = dict(op.example)
        self.inputs = {i.name: rest.pop(i.name) for i in op.inputs}
        self.after = rest.pop("after", {})
        self.outputs = {o.name: rest.pop(o.name) for o in op.outputs if o.name in rest and o.name not in op.attrs}
        self.attrs = rest

    def types(self, wide=False):
        """{attribute: dtype} of the example as it stands; float64 for float32 where the op allows it and ``wide`` asks for it."""
        found = {}
        for name, attr in self.op.attrs.items():
            if isinstance(attr, TypeAttr):
                found[name] = as_dtype(self.attrs[name]) if name in self.attrs else self._guessed(name, attr)
                if wide and found[name] is dtypes.float32 and dtypes.float64 in attr.allowed:
                    found[name] = dtypes.float64
        return found

    def _guessed(self, name, attr):
        """The dtype that the example's values have, or the nearest one that is allowed."""
        for declared in self.op.inputs:
            if declared.type is attr:
                values = self.inputs[declared.name] if declared.is_list else [self.inputs[declared.name]]
                guesses = [as_dtype(tf.constant(value).dtype) for value in values]
                choices = [*guesses, attr.default, dtypes.int64, dtypes.int32, dtypes.float32]
                return next(each for each in choices if each in attr.allowed)
        return attr.default

    def attributes(self, types):
        """The attributes to build with, those that are dtypes as ``types`` says; a function gives what belongs to the graph."""
        values = {k: v() if inspect.isfunction(v) else v for k, v in self.attrs.items()}
        return {k: types.get(k, v) if isinstance(self.op.attrs[k], TypeAttr) else v for k, v in values.items()}


class Node:
    """A node of the example in the default graph, its inputs constants and variables."""

    def __init__(self, op, types=None, wide=False, change=lambda declared, tensor: tensor, attributes=None):
        self.example = Example(op)
        self.types = types or self.example.types(wide)
        self.variables = {}
        self.inputs = [self._input(declared, value, change) for declared, value in zip(op.inputs, self.example.inputs.values())]
        self.attrs = self.example.attributes(self.types)
        if attributes:
            self.attrs = attributes(self.attrs)
        self.result = op.build(*self.inputs, **self.attrs)
        self.outputs = listed(self.result)

    def _input(self, declared, value, change):
        if declared.is_list:
            return [change(declared, self._tensor(declared, each)) for each in value]
        return change(declared, self._tensor(declared, value))

    def _tensor(self, declared, value):
        if declared.ref or declared.type is dtypes.resource:
            return self._variable(declared, value)
        if isinstance(declared.type, DType):
            return tf.constant(value, declared.type)
        return tf.constant(converted(value, self.types[declared.type.name])) if isinstance(declared.type, TypeAttr) else tf.constant(value)

    def _variable(self, declared, value):
        """A variable of the value's dtype, or of the one that the op's attribute gives it; a function gives a handle itself."""
        if inspect.isfunction(value):
            return value()
        name = declared.type.name if isinstance(declared.type, TypeAttr) else next((k for k in ("dtype", "T") if k in self.types), None)
        dtype = self.types[name] if name else as_dtype(tf.constant(value).dtype)
        value = tf.constant(converted(value, dtype))
        variable = tf.Variable(value, trainable=False, use_resource=not declared.ref)
        self.variables[declared.name] = variable
        return variable._ref() if declared.ref else variable.handle

    @property
    def flat_inputs(self):
        return [t for group in self.inputs for t in (group if isinstance(group, list) else [group])]

    @property
    def named(self):
        """[(expected value or None, tensor)] of the outputs that a run can give."""
        pairs = []
        groups = iter(self.result if isinstance(self.result, list) and len(self.example.op.outputs) > 1 else [self.result])
        for declared in self.example.op.outputs:
            group = next(groups)
            wanted = self.example.outputs.get(declared.name)
            members = group if isinstance(group, list) else [group]
            pairs += zip(wanted if declared.is_list and wanted is not None else [wanted] * len(members), members)
        if self.example.op.branch == "switch":  # the other side has no value
            pairs = [(wanted, tensor) for wanted, tensor in pairs if wanted is not None]
        return [(wanted, tensor) for wanted, tensor in pairs if tensor.dtype != tf.resource]

    @property
    def fetches(self):
        """What to run: the outputs that have a value, or the operation."""
        return [tensor for _, tensor in self.named] if self.outputs else self.result

    def run(self, session, feeds=None):
        """The values of `fetches`, in a session in which the variables are as the example wants them."""
        session.run([variable.initializer for variable in self.variables.values()])
        return session.run(self.fetches, feeds)


def listed(result):
    """All output tensors of what `Op.build` gave."""
    if isinstance(result, tf.Operation):
        return []
    return [t for r in (result if isinstance(result, list) else [result]) for t in (r if isinstance(r, list) else [r])]


def converted(value, dtype):
    """``value`` as an array of a dtype: integers rounded away from 0, unsigned ones without sign, text and truth as good as it goes.

    Raises:
      TypeError: there is no such array (handles).
    """
    if dtype.np is None:
        raise TypeError(f"no values of {dtype.name}")
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        if dtype is dtypes.string:
            return np.asarray(value, object)
        array = np.array([len(str(each)) for each in array.ravel()]).reshape(array.shape)
    if dtype is dtypes.string:
        return np.array([str(each).encode() for each in array.ravel()], object).reshape(array.shape)
    if not dtype.is_complex:
        array = array.real
    if dtype.is_quantized:
        base = dtype.np[0]
        return np.ascontiguousarray(array.astype(base)).view(dtype.np).reshape(array.shape)
    if dtype.is_integer and array.dtype.kind == "f":
        array = np.sign(array) * np.ceil(np.abs(array))
    if dtype.is_unsigned:
        array = np.abs(array)
    with np.errstate(all="ignore"):
        return array.astype(dtype.np)


def same_text(expected, actual):
    """Whether strings, or arrays of them, are the same bytes; NumPy's own arrays of bytes would lose zeros at their ends."""
    def flat(value):
        array = np.array(value, object)
        return array.shape, [each.encode() if isinstance(each, str) else each for each in array.ravel()]

    return flat(expected) == flat(actual)
