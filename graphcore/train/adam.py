"""Adam."""

from graphcore.core.scopes import get_default_graph
from graphcore.ops import assignments, control_flow, mathematics
from graphcore.ops.scatter_ops import RESOURCE_SCATTER_OPS
from graphcore.train.slot_creator import place_of
from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


class AdamOptimizer(UpdateOpOptimizer):
    """Steps by the running mean of the gradient over the root of that of its square (Kingma & Ba, arXiv 1412.6980)::

        t += 1;  rate = learning_rate * √(1 - beta2^t) / (1 - beta1^t)
        m += (1 - beta1) * (gradient - m);  v += (1 - beta2) * (gradient² - v)
        variable -= rate * m / (√v + epsilon)

    With a gradient of rows (IndexedSlices) the other rows decay and move too, as with a gradient of zeros.

    Args:
      learning_rate, beta1, beta2, epsilon: numbers, tensors, or functions of nothing that give one.
      use_locking: whether updates wait for each other.
      name: prefix of the operations made, and name of the slot variables (``m`` is NAME, ``v`` is NAME_1).
    """

    _op = "Adam"
    _slot_order = ("m", "v")

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, use_locking=False, name="Adam"):
        super().__init__(use_locking, name)
        self._lr, self._beta1, self._beta2, self._epsilon = learning_rate, beta1, beta2, epsilon
        self._lr_t = self._beta1_t = self._beta2_t = self._epsilon_t = None

    def _get_beta_accumulators(self):
        graph = get_default_graph()
        return self._get_non_slot_variable("beta1_power", graph=graph), self._get_non_slot_variable("beta2_power", graph=graph)

    def _create_slots(self, var_list):
        first = min(var_list, key=lambda var: var.name)
        self._create_non_slot_variable(initial_value=self._beta1, name="beta1_power", colocate_with=first)
        self._create_non_slot_variable(initial_value=self._beta2, name="beta2_power", colocate_with=first)
        for var in var_list:
            self._zeros_slot(var, "m", self._name)
            self._zeros_slot(var, "v", self._name)

    def _prepare(self):
        self._lr_t = self._tensor(self._lr, "learning_rate")
        self._beta1_t = self._tensor(self._beta1, "beta1")
        self._beta2_t = self._tensor(self._beta2, "beta2")
        self._epsilon_t = self._tensor(self._epsilon, "epsilon")

    def _settings(self, var):
        beta1_power, beta2_power = self._get_beta_accumulators()
        return {"beta1_power": of_dtype(beta1_power, var), "beta2_power": of_dtype(beta2_power, var),
                "lr": of_dtype(self._lr_t, var), "beta1": of_dtype(self._beta1_t, var),
                "beta2": of_dtype(self._beta2_t, var), "epsilon": of_dtype(self._epsilon_t, var)}

    def _apply_sparse(self, grad, var):
        def scatter_add(slot, indices, rows):
            return assignments.scatter_add(slot, indices, rows, use_locking=self._use_locking)

        return self._apply_sparse_shared(grad.values, var, grad.indices, scatter_add)

    def _resource_apply_sparse(self, grad, handle, indices):
        return self._apply_sparse_shared(grad, handle, indices, self._resource_scatter_add)

    def _resource_scatter_add(self, slot, indices, rows):
        update = RESOURCE_SCATTER_OPS["ScatterAdd"].build(slot.handle, indices, rows)
        with get_default_graph().control_dependencies([update]):
            return slot.value()

    def _apply_sparse_shared(self, grad, var, indices, scatter_add):
        """A step made of simple ops: there is no op that moves all rows by a gradient of some."""
        given = self._settings(var)
        lr = given["lr"] * mathematics.sqrt(1 - given["beta2_power"]) / (1 - given["beta1_power"])
        mean = self._decayed(var, "m", given["beta1"], grad * (1 - given["beta1"]), indices, scatter_add)
        square = self._decayed(var, "v", given["beta2"], (grad * grad) * (1 - given["beta2"]), indices, scatter_add)
        root = mathematics.sqrt(square)
        update = assignments.assign_sub(var, lr * mean / (root + given["epsilon"]), use_locking=self._use_locking)
        return control_flow.group(update.op, mean, square)

    def _decayed(self, var, slot_name, beta, rows, indices, scatter_add):
        """The slot, after it has decayed and the rows have been added."""
        slot = self.get_slot(var, slot_name)
        decayed = assignments.assign(slot, slot * beta, use_locking=self._use_locking)
        with get_default_graph().control_dependencies([decayed.op]):
            return scatter_add(slot, indices, rows)

    def _finish(self, update_ops, name_scope):
        graph = get_default_graph()
        with graph.control_dependencies(update_ops):
            beta1_power, beta2_power = self._get_beta_accumulators()
            with graph.colocate_with(place_of(beta1_power)):
                update_beta1 = beta1_power.assign(beta1_power * self._beta1_t, use_locking=self._use_locking)
                update_beta2 = beta2_power.assign(beta2_power * self._beta2_t, use_locking=self._use_locking)
        return control_flow.group(*update_ops, update_beta1.op, update_beta2.op, name=name_scope)
