"""`Optimizer`: gradients of a loss, and an operation that applies them; the base of all optimizers."""

from graphcore.autodiff import gradients as autodiff
from graphcore.core import dtypes, source, structure
from graphcore.core.build import described
from graphcore.core.convert import to_tensor
from graphcore.core.current import convert_to_tensor_or_indexed_slices
from graphcore.core.indexed import IndexedSlices
from graphcore.core.keys import GraphKeys
from graphcore.core.node import Tensor
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import arrays, control_flow, partitions, segments, variable_ops, variables
from graphcore.train import slot_creator
from graphcore.train.slot_creator import is_resource, place_of


class Optimizer:
    """Base class of optimizers.

    Use a subclass, such as `GradientDescentOptimizer`: ``minimize`` adds what computes the gradients of a loss and
    what applies them; to work on the gradients in between, call ``compute_gradients`` and ``apply_gradients``.

    Some optimizers keep further variables ("slots") for each variable that they train; see ``get_slot``.

    An optimizer of your own derives from this class and defines ``_apply_dense(grad, var)``, which returns the
    operation that moves ``var``; as needed also ``_prepare()`` (tensors made once for all variables),
    ``_create_slots(var_list)``, ``_apply_sparse(grad, var)`` (for gradients of gathered rows), the
    ``_resource_apply_…`` forms for resource variables, and ``_finish(update_ops, name_scope)``.
    """

    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(self, use_locking, name):
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots = {}  # slot name → {(graph, variable name): slot}
        self._non_slot_dict = {}  # (name, graph) → variable

    def get_name(self):
        """The name given when the optimizer was made."""
        return self._name

    # ------------------------------------------------------------ the two halves of a training step
    def minimize(self, loss, global_step=None, var_list=None, gate_gradients=GATE_OP, aggregation_method=None,
                 colocate_gradients_with_ops=False, name=None, grad_loss=None):
        """The operation that does one step: moves ``var_list`` so that ``loss`` gets smaller.

        Args:
          loss: the tensor to minimise.
          global_step: a variable to increment by one after the variables have moved.
          var_list: the variables to move; default: all trainable ones of the graph.
          gate_gradients: GATE_NONE, GATE_OP or GATE_GRAPH: what of the gradients must be ready before any is used.
          aggregation_method: see `tf.AggregationMethod`.
          colocate_gradients_with_ops: place gradients with the operations they belong to.
          name: the operation's name; default: the optimizer's.
          grad_loss: the gradient of ``loss`` itself; default 1.

        Raises:
          ValueError: ``loss`` depends on none of the variables in a way that can be differentiated.

        >>> import graphcore as tf
        >>> w = tf.Variable(3.0)
        >>> step = tf.train.GradientDescentOptimizer(0.25).minimize(tf.square(w))
        >>> with tf.Session() as session:
        ...     session.run(w.initializer)
        ...     session.run(step)
        ...     print(session.run(w))
        1.5
        """
        grads_and_vars = self.compute_gradients(
            loss, var_list=var_list, gate_gradients=gate_gradients, aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops, grad_loss=grad_loss)
        if all(grad is None for grad, _ in grads_and_vars):
            raise source.placed(ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, between variables "
                f"{[str(v) for _, v in grads_and_vars]} and loss {loss}."), described([loss]))
        return self.apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def compute_gradients(self, loss, var_list=None, gate_gradients=GATE_OP, aggregation_method=None,
                          colocate_gradients_with_ops=False, grad_loss=None):
        """A list of (gradient, variable): the first half of ``minimize``, with the same arguments.

        A gradient is a Tensor, an IndexedSlices (of a variable of which only rows were used), or None (of a
        variable that ``loss`` does not depend on).  ``loss`` may also be a function of nothing that gives the tensor.
        """
        if callable(loss):
            loss = loss()
        if gate_gradients not in (Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH):
            raise ValueError("gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH.  "
                             f"Not {gate_gradients}")
        self._assert_valid_dtypes([loss] if grad_loss is None else [loss, grad_loss])
        graph = get_default_graph()
        if var_list is None:
            var_list = graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
        var_list = structure.flatten(var_list) + graph.get_collection(GraphKeys._STREAMING_MODEL_PORTS)
        for var in var_list:
            _check_kind(var)
        if not var_list:
            raise ValueError("No variables to optimize.")
        grads = autodiff.gradients(
            loss, var_list, grad_ys=grad_loss, gate_gradients=gate_gradients == Optimizer.GATE_OP,
            aggregation_method=aggregation_method, colocate_gradients_with_ops=colocate_gradients_with_ops)
        if gate_gradients == Optimizer.GATE_GRAPH:
            grads = control_flow.tuple(grads)
        grads_and_vars = list(zip(grads, var_list))
        self._assert_valid_dtypes([v for g, v in grads_and_vars if g is not None and v.dtype != dtypes.resource])
        return grads_and_vars

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """The operation that moves the variables: the second half of ``minimize``.

        Args:
          grads_and_vars: pairs as ``compute_gradients`` gives them; those with None are skipped.
          global_step: a variable to increment by one afterwards.
          name: the operation's name; default: the optimizer's.

        Raises:
          TypeError: a gradient is no tensor and cannot become one.
          ValueError: there is no gradient.
        """
        grads_and_vars = _converted(grads_and_vars)
        var_list = [var for grad, var in grads_and_vars if grad is not None]
        if not var_list:
            raise source.placed(ValueError(
                f"No gradients provided for any variable: {[str(v) for _, v in grads_and_vars]}. A gradient is None where the loss "
                "does not depend on the variable through differentiable operations; at least one has to be a tensor."))
        graph = get_default_graph()
        with graph.control_dependencies(None):  # slots belong to no branch and wait for nothing
            self._create_slots(var_list)
        with name_scope(name, self._name) as scope:
            self._prepare()
            updates = [self._updated(grad, var) for grad, var in grads_and_vars if grad is not None]
            if global_step is None:
                train_op = self._finish(updates, scope)
            else:
                with graph.control_dependencies([self._finish(updates, "update")]):
                    train_op = _incremented(global_step, scope)
        train_op = train_op.op if isinstance(train_op, Tensor) else train_op
        collection = graph.get_collection_ref(GraphKeys.TRAIN_OP)
        if train_op not in collection:
            collection.append(train_op)
        return train_op

    def _updated(self, grad, var):
        """The operation that moves one variable, made with it and under ``update_NAME``."""
        with name_scope("update_" + var.op.name), get_default_graph().colocate_with(place_of(var)):
            if not isinstance(var, variables.Variable):
                raise NotImplementedError("Trying to update a Tensor ", var)
            if isinstance(grad, IndexedSlices):
                return self._updated_rows(grad, var)
            update = self._resource_apply_dense(grad, var) if is_resource(var) else self._apply_dense(grad, var)
            if var.constraint is None:
                return update
            with get_default_graph().control_dependencies([update]):
                return var.assign(var.constraint(var)).op

    def _updated_rows(self, grad, var):
        if var.constraint is not None:
            raise RuntimeError("Cannot use a constraint function on a sparse variable.")
        if is_resource(var):
            return self._resource_apply_sparse_duplicate_indices(grad.values, var, grad.indices)
        return self._apply_sparse_duplicate_indices(grad, var)

    # ------------------------------------------------------------ slots
    def get_slot(self, var, name):
        """The variable that the optimizer keeps for ``var`` under the slot name ``name``; None if there is none."""
        return self._slots.get(name, {}).get(_key(var))

    def get_slot_names(self):
        """The names of the slots, sorted."""
        return sorted(self._slots)

    def variables(self):
        """The optimizer's own variables in the default graph, slots and others, sorted by name."""
        found = list(self._non_slot_variables())
        for slots in self._slots.values():
            found += slots.values()
        graph = get_default_graph()
        return sorted((v for v in found if v.graph is graph), key=lambda v: v.name)

    def _slot_dict(self, slot_name):
        return self._slots.setdefault(slot_name, {})

    def _slot(self, var, slot_name, create):
        slots = self._slot_dict(slot_name)
        if _key(var) not in slots:
            slots[_key(var)] = create()
        return slots[_key(var)]

    def _get_or_make_slot(self, var, val, slot_name, op_name):
        """The slot ``slot_name`` of ``var``; if need be it is made: it starts with the tensor ``val``."""
        return self._slot(var, slot_name, lambda: slot_creator.create_slot(var, val, op_name))

    def _get_or_make_slot_with_initializer(self, var, initializer, shape, dtype, slot_name, op_name):
        """The slot ``slot_name`` of ``var``; if need be it is made with an initializer."""
        return self._slot(var, slot_name,
                          lambda: slot_creator.create_slot_with_initializer(var, initializer, shape, dtype, op_name))

    def _zeros_slot(self, var, slot_name, op_name):
        """The slot ``slot_name`` of ``var``; if need be it is made: zeros of the shape of ``var``."""
        return self._slot(var, slot_name, lambda: slot_creator.create_zeros_slot(var, op_name))

    def _create_non_slot_variable(self, initial_value, name, colocate_with):
        """A variable of the optimizer that belongs to no trained one; it is placed with ``colocate_with``."""
        graph = colocate_with.graph
        key = name, graph
        if key not in self._non_slot_dict:
            with graph.colocate_with(place_of(colocate_with)):
                self._non_slot_dict[key] = variables.Variable(initial_value, name=name, trainable=False,
                                                              use_resource=is_resource(colocate_with))
        return self._non_slot_dict[key]

    def _get_non_slot_variable(self, name, graph=None):
        return self._non_slot_dict.get((name, graph))

    def _non_slot_variables(self):
        return self._non_slot_dict.values()

    # ------------------------------------------------------------ checks
    def _assert_valid_dtypes(self, tensors):
        valid = self._valid_dtypes()
        for tensor in tensors:
            if tensor.dtype.base not in valid:
                raise ValueError(f"Invalid type {tensor.dtype.base!r} for {tensor.name}, expected: "
                                 f"{sorted(valid, key=lambda dtype: dtype.name)}.")

    def _valid_dtypes(self):
        """The dtypes that loss, variables and gradients may have."""
        return {dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64}

    # ------------------------------------------------------------ what subclasses define
    def _create_slots(self, var_list):
        """Make the slots of these variables; nothing by default."""

    def _prepare(self):
        """Make the tensors that all updates share (the learning rate …); called inside the step's name scope."""

    def _apply_dense(self, grad, var):
        """The operation that moves ``var`` by the tensor ``grad``."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to move a variable: define _apply_dense(grad, var)")

    def _apply_sparse(self, grad, var):
        """The operation that moves rows of ``var``; the indices in ``grad`` (an IndexedSlices) are all different."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to move rows of a variable: define "
                                  "_apply_sparse(grad, var)")

    def _apply_sparse_duplicate_indices(self, grad, var):
        """`_apply_sparse` of the summed rows; define this instead if repeated indices do no harm."""
        summed, indices = _deduplicate_indexed_slices(values=grad.values, indices=grad.indices)
        return self._apply_sparse(IndexedSlices(summed, indices, grad.dense_shape), var)

    def _resource_apply_dense(self, grad, handle):
        """`_apply_dense` for the resource variable ``handle``."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to move a resource variable: define "
                                  "_resource_apply_dense(grad, handle)")

    def _resource_apply_sparse(self, grad, handle, indices):
        """`_apply_sparse` for the resource variable ``handle``: ``grad`` are the rows, ``indices`` all different."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to move rows of a resource variable: define "
                                  "_resource_apply_sparse(grad, handle, indices)")

    def _resource_apply_sparse_duplicate_indices(self, grad, handle, indices):
        """`_resource_apply_sparse` of the summed rows; define this instead if repeated indices do no harm."""
        summed, unique = _deduplicate_indexed_slices(values=grad, indices=indices)
        return self._resource_apply_sparse(summed, handle, unique)

    def _finish(self, update_ops, name_scope):
        """The operation, named ``name_scope``, that is done when all updates are."""
        return control_flow.group(*update_ops, name=name_scope)

    def _call_if_callable(self, param):
        """A setting that may be given as a function of nothing."""
        return param() if callable(param) else param


def _key(var):
    return var.op.graph, var.op.name


def _check_kind(var):
    if not isinstance(var, (variables.Variable, Tensor)):
        raise NotImplementedError("Trying to optimize unsupported type ", var)


def _converted(grads_and_vars):
    """The pairs with every gradient a Tensor, an IndexedSlices or None."""
    grads_and_vars = tuple(grads_and_vars)
    if not grads_and_vars:
        raise ValueError("No variables provided.")
    pairs = []
    for grad, var in grads_and_vars:
        if grad is not None:
            try:
                grad = convert_to_tensor_or_indexed_slices(grad)
            except TypeError:
                raise TypeError(f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {grad}") from None
        _check_kind(var)
        pairs.append((grad, var))
    return tuple(pairs)


def _incremented(global_step, name):
    """The operation that adds one to the global step."""
    with get_default_graph().colocate_with(place_of(global_step)):
        if is_resource(global_step):
            return variable_ops.AssignAddVariableOp.build(
                global_step.handle, to_tensor(1, global_step.dtype.base), name=name)
        return variable_ops.AssignAdd.build(global_step, 1, name=name)


def _deduplicate_indexed_slices(values, indices):
    """(rows, indices) with every index once and its rows summed."""
    unique, positions = partitions.unique(indices)
    count = arrays.shape(unique)[0]
    return segments.unsorted_segment_sum(values, positions, count), unique
