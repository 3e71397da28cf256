"""Adadelta."""

from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


class AdadeltaOptimizer(UpdateOpOptimizer):
    """Steps in the ratio of the running sizes of earlier steps and of the gradients (Zeiler, arXiv 1212.5701).

    Args:
      learning_rate: a factor on the steps; 1.0 is the form of the paper.
      rho: how much of the running means is kept.
      epsilon: added under the roots.
      use_locking: whether updates wait for each other.
      name: prefix of the operations made, and name of the slot variables.

    The first three may be numbers, tensors, or functions of nothing that give one.
    """

    _op = "Adadelta"
    _slot_order = ("accum", "accum_update")

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-8, use_locking=False, name="Adadelta"):
        super().__init__(use_locking, name)
        self._lr, self._rho, self._epsilon = learning_rate, rho, epsilon
        self._lr_t = self._rho_t = self._epsilon_t = None

    def _create_slots(self, var_list):
        for var in var_list:
            self._zeros_slot(var, "accum", self._name)
            self._zeros_slot(var, "accum_update", self._name)

    def _prepare(self):
        self._lr_t = self._tensor(self._lr, "lr")
        self._rho_t = self._tensor(self._rho, "rho")
        self._epsilon_t = self._tensor(self._epsilon, "epsilon")

    def _settings(self, var):
        return {"lr": of_dtype(self._lr_t, var), "rho": of_dtype(self._rho_t, var), "epsilon": of_dtype(self._epsilon_t, var)}
