"""``tf.gradients``: symbolic derivatives by a reverse walk, with TF 1.15's nodes in TF 1.15's order."""

import contextlib
import enum
import functools
from collections import deque

from graphcore.autodiff.registry import gradient_function
from graphcore.autodiff.sparse import aggregate
from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import as_dtype
from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Tensor
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import TensorShape
from graphcore.ops import arithmetic, arrays, constants, control_flow, sequences, sums

_DIFFERENTIABLE = {dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128,
                   dtypes.resource, dtypes.variant}


class AggregationMethod:
    """How several gradients of one tensor are summed.  All of them add the same numbers here."""

    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


class UnconnectedGradients(enum.Enum):
    """What ``tf.gradients`` gives where there is no path: None, or zeros."""

    NONE = "none"
    ZERO = "zero"


def gradients(ys, xs, grad_ys=None, name="gradients", colocate_gradients_with_ops=False, gate_gradients=False,
              aggregation_method=None, stop_gradients=None, unconnected_gradients=UnconnectedGradients.NONE):
    """The derivatives of ``sum(ys)`` with respect to each of ``xs``: a list of tensors of their shapes.

    Args:
      ys, xs: a tensor (or variable) or a list of them.
      grad_ys: a tensor for each of ``ys`` that its derivative is multiplied with; ones where None.
      gate_gradients: wait until all gradients of an op are computed before any is used.
      stop_gradients: tensors to be taken as constants.
      unconnected_gradients: "none" or "zero", for an x that no y depends on.

    Returns:
      For each x a Tensor, an `IndexedSlices` (for an x that was only gathered from) or None.

    Raises:
      LookupError: an op on the way has no gradient.
      ValueError, TypeError: ``grad_ys`` does not fit ``ys``.

    >>> import graphcore as tf
    >>> x = tf.constant([1.0, 2.0])
    >>> with tf.Session() as session:
    ...     session.run(tf.gradients(x * x, x))
    [array([2., 4.], dtype=float32)]
    """
    return _Walk(_listed(ys), _listed(xs), grad_ys, name, colocate_gradients_with_ops, gate_gradients,
                 aggregation_method, stop_gradients, unconnected_gradients).run()


def _listed(values):
    return list(values) if isinstance(values, (list, tuple)) and not hasattr(values, "indices") else [values]


def is_trainable(dtype):
    """Whether gradients flow through tensors of this dtype."""
    return as_dtype(dtype).base in _DIFFERENTIABLE


class _Walk:
    """One call of `gradients`."""

    def __init__(self, ys, xs, grad_ys, name, colocate, gate, aggregation, stop_gradients, unconnected):
        if aggregation not in (None, 0, 1, 2):
            raise ValueError("Invalid aggregation_method specified %s." % aggregation)
        try:
            unconnected = UnconnectedGradients(unconnected)
        except ValueError:
            raise ValueError(f"Unknown value for unconnected_gradients: {unconnected!r}") from None
        self.ys, self.xs, self.grad_ys, self.name = ys, xs, grad_ys, name
        self.colocate, self.gate, self.unconnected = colocate, gate, unconnected
        self.step_by_step, self.accumulate = aggregation in (1, 2), aggregation == 2
        self.stop_gradients = [] if stop_gradients is None else _listed(stop_gradients)
        self.grads = {}  # Operation → per output: a list of gradients, or their sum
        self.graph = get_default_graph()

    def run(self):
        given = [None] * len(self.ys) if self.grad_ys is None else _listed(self.grad_ys)
        if len(given) != len(self.ys):
            raise ValueError(f"Passed {len(given)} grad_ys for {len(self.ys)} ys")
        with name_scope(self.name, "gradients", [*self.ys, *self.xs, *self.stop_gradients, *given]):
            self.graph = get_default_graph()
            self.graph.unique_name("uid")  # TF takes this name here
            ys = [to_tensor(y, name=f"y_{i}") for i, y in enumerate(self.ys)]
            handles = [x._gradient_source() if hasattr(x, "_gradient_source") else x for x in self.xs]
            xs = [x if isinstance(x, IndexedSlices) else to_tensor(x, name=f"x_{i}", as_ref=True) for i, x in enumerate(handles)]
            for y, grad in zip(ys, self.starting_gradients(ys, given)):
                self.add(y, grad)
            self.walk(ys, xs)
        return [self.result(x) for x in xs]

    # ------------------------------------------------------------ where the walk begins
    def starting_gradients(self, ys, given):
        result = []
        given = [g if g is None or isinstance(g, IndexedSlices) else to_tensor(g, name=f"grad_y_{i}") for i, g in enumerate(given)]
        for i, (y, grad) in enumerate(zip(ys, given)):
            with self.placed_with(y.op):
                result.append(self.ones_for(i, y) if grad is None else _start(i, y, grad))
        return result

    def ones_for(self, i, y):
        if y.dtype.is_complex:
            raise TypeError(f"Gradients of complex tensors must set grad_ys (y.dtype = {y.dtype!r})")
        return sequences.fill(arrays.shape(y), constants.constant(1, dtype=y.dtype, name=f"grad_ys_{i}"))

    def placed_with(self, op):
        return self.graph.colocate_with(op, ignore_existing=True) if self.colocate else contextlib.nullcontext()

    # ------------------------------------------------------------ what lies between xs and ys
    def reached_from(self, xs):
        reached = set()
        queue = deque(x.op for x in xs)
        while queue:
            op = queue.popleft()
            if op not in reached:
                reached.add(op)
                for output in op.outputs:
                    if is_trainable(output.dtype):
                        queue.extend(output.consumers())
        return reached

    def between(self, ys, xs):
        """(operations on a path from xs to ys; for each the number of its uses by others of them)."""
        reached = self.reached_from(xs)
        found, queue = {}, deque(y.op for y in ys)
        while queue:
            op = queue.popleft()
            if op in reached:
                found[op] = 0
                reached.remove(op)
                queue.extend(t.op for t in op._inputs)
        for op in list(found):
            for tensor in op._inputs:
                if tensor.op in found:
                    found[tensor.op] += 1
        return found

    def walk(self, ys, xs):
        pending = self.between(ys, xs)
        stop_ops = {x.op for x in xs if not any(pending.get(t.op, 0) > 0 for t in x.op._inputs)}
        stop_ops.update(t.op for t in self.stop_gradients)  # of a variable what holds it, not a read
        queue = deque(dict.fromkeys(y.op for y in ys if y.op in pending and pending[y.op] == 0))
        while queue:
            op = queue.popleft()
            with self.placed_with(op):
                self.differentiate(op, stop_ops)
            for tensor in op._inputs:
                if tensor.op in pending:
                    pending[tensor.op] -= 1
                    if pending[tensor.op] == 0:
                        queue.append(tensor.op)

    # ------------------------------------------------------------ one operation
    def differentiate(self, op, stop_ops):
        out_grads = self.summed(op)
        if op in stop_ops or not any(g is not None for g in out_grads):
            return
        function = gradient_function(op)
        if function is None:
            return
        for i, grad in enumerate(out_grads):
            if grad is None and is_trainable(op.outputs[i].dtype):
                out_grads[i] = _zeros_for(op, i)
        with self.graph.name_scope(op.name + "_grad"), self.graph._original_op(op):
            in_grads = list(_one_each(op, function(*out_grads)))
            if self.gate and sum(g is not None for g in in_grads) > 1:
                with self.graph.device(None), self.graph.colocate_with(None, ignore_existing=True):
                    in_grads = control_flow.tuple(in_grads)
        for number, (tensor, grad) in enumerate(zip(op._inputs, in_grads)):
            if grad is not None:
                if isinstance(grad, Tensor) and tensor.dtype is not dtypes.resource:
                    _set_shape(grad, tensor, op, number)
                self.add(tensor, grad)

    def add(self, tensor, grad):
        lists = self.grads.get(tensor.op)
        if lists is None:
            lists = self.grads[tensor.op] = [[] for _ in tensor.op.outputs]
        if isinstance(lists[tensor.value_index], list):
            lists[tensor.value_index].append(grad)

    def summed(self, op):
        """The gradients of ``op``'s outputs, each summed; None where none arrived."""
        lists = self.grads.get(op)
        if lists is None:
            return [None] * len(op.outputs)
        for i, found in enumerate(lists):
            if isinstance(found, list):
                lists[i] = self.sum_of(found, op)
        return lists

    def sum_of(self, found, op):
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        if self.accumulate and len(found) > 2 and all(isinstance(g, Tensor) for g in found) and _known_shape(found):
            return sums.accumulate_n(found)
        if all(isinstance(g, Tensor) for g in found) and self.step_by_step:
            with name_scope(op.name + "_gradient_sum"):
                return functools.reduce(lambda total, grad: arithmetic.add_n([total, grad]), found)
        if all(isinstance(g, Tensor) for g in found):
            by_device = {}
            for grad in found:
                by_device.setdefault(grad.device, []).append(grad)
            totals = []
            for grads in by_device.values():
                with self.graph.colocate_with(grads[0].op, ignore_existing=True):
                    totals.append(arithmetic.add_n(grads))
            return arithmetic.add_n(totals) if len(totals) > 1 else totals[0]
        return aggregate(found)

    def result(self, x):
        lists = self.grads.get(x.op)
        grad = lists[x.value_index] if lists else None
        if isinstance(grad, list):
            grad = self.sum_of(grad, x.op)
        if grad is None and self.unconnected is UnconnectedGradients.ZERO:
            return arrays.zeros_like(x)
        return grad


def _known_shape(grads):
    """Whether the shapes of the gradients, taken together, leave nothing open."""
    return functools.reduce(lambda shape, grad: shape.merge_with(grad.shape), grads, TensorShape(None)).is_fully_defined()


def _start(i, y, grad):
    """The gradient given for ``y``, checked, as a node of its own."""
    real = y.dtype.is_floating or y.dtype.is_integer
    if real and not (grad.dtype.is_floating or grad.dtype.is_integer):
        raise TypeError(f"Gradient type {grad.dtype.name} generated for real or integer-valued tensor {y} with type "
                        f"{y.dtype.name} must be real or integer")
    if y.dtype.is_complex and not grad.dtype.is_complex:
        raise TypeError(f"Gradient type {grad.dtype.name} generated for complex-valued tensor {y} with type {y.dtype.name} must "
                        "be complex")
    if not isinstance(grad, IndexedSlices):
        return arrays.identity(grad, name=f"grad_ys_{i}")
    shape = grad.dense_shape
    return IndexedSlices(arrays.identity(grad.values, name=f"grad_ys_{i}_values"),
                         arrays.identity(grad.indices, name=f"grad_ys_{i}_indices"),
                         None if shape is None else arrays.identity(shape, name=f"grad_ys_{i}_shape"))


def _one_each(op, grads):
    if not isinstance(grads, (list, tuple)) or isinstance(grads, IndexedSlices):
        grads = [grads]
    if len(grads) != len(op._inputs):
        raise ValueError(f"Num gradients {len(grads)} generated for op {op.name} ({op.type}) do not match num inputs "
                         f"{len(op._inputs)}")
    return grads


def _set_shape(grad, tensor, op, number):
    try:
        if grad._shape is not tensor._shape and tensor._shape.sizes is not None:
            grad.set_shape(tensor._shape)
    except ValueError:
        raise ValueError("Incompatible shapes between op input and calculated input gradient. "
                         f"Forward operation: {op.name}. Input index: {number}. Original input shape: {tensor.shape}. "
                         f"Calculated input gradient shape: {grad.shape}") from None


def _zeros_for(op, index):
    """Zeros in place of the gradient of an output that nothing depended on."""
    value = op.outputs[index]
    context = op._control_flow_context
    if op.definition.branch == "switch" and context is not None:
        other = control_flow.switch(op._inputs[0], context.pred)[1 - context.branch]
        pivot = arrays.identity(other)
        shape = arrays.shape_internal(other, optimize=False)
        with op.graph.control_dependencies([pivot]):  # the zeros belong to the branch that was taken
            return sequences.zeros(shape, dtype=value.dtype)
    return arrays.zeros_like(value, optimize=False)


def hessians(ys, xs, name="hessians", colocate_gradients_with_ops=False, gate_gradients=False, aggregation_method=None):
    """The matrices of second derivatives of ``sum(ys)``: for an x of shape ``s`` a tensor of shape ``s + s``."""
    from graphcore.autodiff.second import hessian_of  # only second derivatives need it

    options = dict(colocate_gradients_with_ops=colocate_gradients_with_ops, gate_gradients=gate_gradients,
                   aggregation_method=aggregation_method)
    return [hessian_of(grad, x, options) for grad, x in zip(gradients(ys, _listed(xs), **options), _listed(xs))]


__all__ = ["AggregationMethod", "UnconnectedGradients", "gradients", "hessians"]
