"""The nodes of conditionals, and the context that puts what a branch builds behind its switch.

A ``Switch`` hands its data to one of two outputs; a ``Merge`` takes the input that has a value.  Everything
between the two runs only if its side was chosen: a session reads that off the switches.
"""

import contextlib

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import ALL
from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Operation, Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import ShapeMismatch, TensorShape
from graphcore.ops import arrays, comparison, ordering, sequences


def _switch_shapes(node):
    rank = node.pred.shape.ndims
    if rank not in (None, 0):
        raise ShapeMismatch(f"Shape must be rank 0 but is rank {rank}")
    return [node.data.shape, node.data.shape]


def _switch_grad(node, on_false, on_true):
    context = node.op._control_flow_context
    if context is None:
        return merge([switch(on_false, node.pred)[0], switch(on_true, node.pred)[1]])[0], None
    if (on_false, on_true)[1 - context.branch] is None:
        return None, None
    return merge([on_false, on_true], name="cond_grad")[0], None


class Switch(Op, branch="switch"):
    """``data`` at the second output if ``pred`` is true, else at the first; the other has no value."""

    T = TypeAttr(ALL)
    data = Input(T)
    pred = Input(dtypes.bool)
    output_false = Output(T)
    output_true = Output(T)
    example = dict(data=[1.0, 2.0], pred=True, output_true=[1.0, 2.0])

    infer = _switch_shapes
    grad = _switch_grad


class RefSwitch(Op, branch="switch"):
    """`Switch` of a variable itself, not of its value."""

    T = TypeAttr(ALL)
    data = Input(T, ref=True)
    pred = Input(dtypes.bool)
    output_false = Output(T, ref=True)
    output_true = Output(T, ref=True)
    example = dict(data=[1.0, 2.0], pred=False, output_false=[1.0, 2.0])

    infer = _switch_shapes
    grad = _switch_grad


def _merge_shapes(node):
    """Only what all inputs agree on is known of the output."""
    first, *others = [i.shape.sizes for i in node.inputs]
    for other in others:
        if first is None or other is None or len(first) != len(other):
            return [TensorShape.of(None), ()]
        first = tuple(a if a == b else None for a, b in zip(first, other))
    return [TensorShape.of(first), ()]


def _merge_grad(node, grad, _):
    op = node.op
    context = op._inputs[0].op._control_flow_context
    if context is not None:
        return _switch_tensor(grad, context.pred, name="cond_grad")
    taken = [comparison.equal(op.outputs[1], i) for i in range(len(op._inputs))]
    return [_switch_tensor(grad, condition)[1] for condition in taken]


class Merge(Op, branch="merge"):
    """The one of ``inputs`` that has a value, and its number."""

    T = TypeAttr(ALL)
    N = Attr(int)
    inputs_ = Input(T, count=N)
    output = Output(T)
    value_index = Output(dtypes.int32)
    example = dict(inputs=[[1.0, 2.0]], output=[1.0, 2.0], value_index=0)

    infer = _merge_shapes
    grad = _merge_grad


class RefMerge(Op, branch="merge"):
    """`Merge` of variables."""

    T = TypeAttr(ALL)
    N = Attr(int)
    inputs_ = Input(T, count=N, ref=True)
    output = Output(T, ref=True)
    value_index = Output(dtypes.int32)
    example = dict(inputs=[[1.0, 2.0]], output=[1.0, 2.0], value_index=0)

    infer = _merge_shapes
    grad = _merge_grad


# ---------------------------------------------------------------- switch and merge of anything


def switch(data, pred, dtype=None, name=None):
    """``(output_false, output_true)``: ``data`` comes out at the one that ``pred`` says."""
    with name_scope(name, "Switch", [data, pred]) as scope:
        if isinstance(data, IndexedSlices):
            pairs = [None if part is None else Switch.build(part, pred) for part in _parts(data)]
            return tuple(IndexedSlices(*(None if p is None else p[side] for p in pairs)) for side in (0, 1))
        data = to_tensor(data, dtype, "data", as_ref=True)
        return tuple(Switch.build(data, to_tensor(pred, name="pred"), name=scope))


def _switch_tensor(data, pred, name="Switch"):
    """`switch`, or the switch of a variable; placed with ``data``."""
    if not isinstance(data, IndexedSlices):
        data = to_tensor(data, name="data")
    with get_default_graph().colocate_with(data.op, ignore_existing=True):
        if isinstance(data, Tensor) and data.dtype.is_ref:
            return tuple(RefSwitch.build(data, pred, name=name))
        return switch(data, pred, name=name)


def merge(inputs, name=None):
    """``(output, value_index)``: the one of ``inputs`` that has a value, and its number.

    Tensors become `IndexedSlices` where some of ``inputs`` are; ValueError when one is None.
    """
    if any(value is None for value in inputs):
        raise ValueError(f"At least one of the merge inputs is None: {inputs}")
    with name_scope(name, "Merge", inputs) as scope:
        values = [v if isinstance(v, IndexedSlices) else to_tensor(v, as_ref=True) for v in inputs]
        if all(isinstance(v, Tensor) for v in values):
            op = RefMerge if all(v.dtype.is_ref for v in values) else Merge
            return tuple(op.build(values, name=scope))
        return _merge_slices([_as_slices(v) for v in values])


def _parts(slices):
    return slices.values, slices.indices, slices.dense_shape


def _as_slices(value):
    if isinstance(value, IndexedSlices):
        return value
    shape = arrays.shape_internal(value, optimize=False)
    return IndexedSlices(value, sequences.range(0, shape[0]), shape)


def _merge_slices(values):
    known = [v.dense_shape is not None for v in values]
    if any(known) and not all(known):
        raise ValueError("Cannot merge IndexedSlices of which only some have a dense_shape")
    merged = [Merge.build(list(parts)) for parts in zip(*map(_parts, values)) if parts[0] is not None]
    return IndexedSlices(*[output for output, _ in merged]), merged[0][1]


# ---------------------------------------------------------------- what is built inside a branch


class CondContext:
    """One branch of a conditional while it is built, and afterwards the mark of its operations.

    ``pred`` decides, ``pivot`` is ``pred`` behind the switch, ``branch`` is 1 for the true side and 0 for the
    false side.  ``values`` holds the names of the tensors that are usable inside as they are;
    ``external_values`` says by which tensor a tensor from outside is to be replaced.
    """

    def __init__(self, pred, pivot, branch, name="cond_text"):
        graph = pivot.graph
        self.name = graph.unique_name(name)
        self.pred, self.pivot, self.branch = pred, pivot, branch
        self.outer_context = graph._control_flow_context
        self.nested_contexts = []
        self.values = {pred.name, pivot.name}
        self.external_values = {pred.name: pred}
        if self.outer_context is not None:
            self.outer_context.nested_contexts.append(self)
        pivot.op._control_flow_context = self

    def __str__(self):
        return self.name

    @contextlib.contextmanager
    def entered(self):
        """Inside, operations belong to this branch."""
        with self.pivot.graph._setting(_control_flow_context=self):
            yield self

    def contains(self, op):
        """Whether ``op`` was built in this branch or in a conditional inside it."""
        context = op._control_flow_context
        while context is not None and context is not self:
            context = context.outer_context
        return context is self

    def add_op(self, op):
        """Adopt a new operation: inputs from outside are taken through switches, and one without inputs waits
        for the pivot."""
        graph = op.graph
        if not op._inputs:
            if not any(self.contains(control) for control in op._control_inputs):
                op._add_control_input(self.pivot.op)
        elif any(self._replacement(t) is not t for t in op._inputs):
            with graph.name_scope(op.name + "/"):
                for index, tensor in enumerate(op._inputs):
                    inside = self.add_value(tensor)
                    if inside is not tensor:
                        op._update_input(index, inside)
        self._note(*[t.name for t in op.outputs])
        graph.prevent_fetching(op)

    def _replacement(self, tensor):
        """What stands for ``tensor`` inside; None if that is still to be made."""
        return self.external_values.get(tensor.name, tensor) if tensor.name in self.values else None

    def _note(self, *names):
        context = self
        while context is not None:
            context.values.update(names)
            context = context.outer_context

    def add_value(self, tensor):
        """The tensor that stands for ``tensor`` inside this branch; made if it comes from outside."""
        inside = self._replacement(tensor)
        if inside is None:
            result = self._from_outside(tensor)
            with result.graph.control_dependencies(None):
                inside = _switch_tensor(result, self.pred)[self.branch]
            inside.graph.prevent_fetching(inside.op)
            inside.op._control_flow_context = self
            self._note(inside.name)
            self.external_values[tensor.name] = inside
        return inside

    def _from_outside(self, tensor):
        self.values.add(tensor.name)
        outer = self.outer_context
        if outer is None:
            return tensor
        result = outer.add_value(tensor)
        self.values.add(result.name)
        self.external_values[result.name] = result
        return result

    def result(self, value):
        """What a branch returned, as a tensor that has a value only if the branch ran."""
        if isinstance(value, Operation):
            return ordering.with_dependencies([value], self.pivot)  # the pivot stands for the operation
        tensor = to_tensor(value)
        inside = self._replacement(tensor)
        if inside is None:  # the branch returned a tensor from outside
            inside = _switch_tensor(self._from_outside(tensor), self.pred)[self.branch]
            self.external_values[tensor.name] = inside
        return inside

    def leave(self, tensors):
        """Make results usable in the conditional around this one."""
        if self.outer_context is not None:
            self.outer_context.values.update(t.name for t in tensors)


__all__ = []
