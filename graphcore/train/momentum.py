"""Gradient descent with momentum."""

from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


class MomentumOptimizer(UpdateOpOptimizer):
    """``accumulation = momentum * accumulation + gradient``; ``variable -= learning_rate * accumulation``.

    With a gradient of rows (IndexedSlices) only those rows of variable and accumulation change.

    Args:
      learning_rate, momentum: a number, a tensor, or a function of nothing that gives one.
      use_locking: whether updates wait for each other.
      name: prefix of the operations made, and name of the slot variables.
      use_nesterov: step by ``learning_rate * (gradient + momentum * accumulation)`` instead.
    """

    _op = "Momentum"
    _slot_order = ("momentum",)

    def __init__(self, learning_rate, momentum, use_locking=False, name="Momentum", use_nesterov=False):
        super().__init__(use_locking, name)
        self._learning_rate, self._momentum = learning_rate, momentum
        self._use_nesterov = use_nesterov

    def _create_slots(self, var_list):
        for var in var_list:
            self._zeros_slot(var, "momentum", self._name)

    def _prepare(self):
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        self._momentum_tensor = self._tensor(self._momentum, "momentum")

    def _settings(self, var):
        return {"lr": of_dtype(self._learning_rate_tensor, var), "momentum": of_dtype(self._momentum_tensor, var)}

    def _options(self):
        return {"use_nesterov": self._use_nesterov}
