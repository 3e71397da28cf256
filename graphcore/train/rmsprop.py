"""RMSProp."""

from graphcore.ops import arrays, initializers
from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


class RMSPropOptimizer(UpdateOpOptimizer):
    """Steps by the gradient over the root of its running mean square, with momentum::

        rms = decay * rms + (1 - decay) * gradient²
        mom = momentum * mom + learning_rate * gradient / √(rms + epsilon)
        variable -= mom

    With a gradient of rows (IndexedSlices) only those rows of variable and slots change.

    Args:
      learning_rate, decay, momentum, epsilon: numbers, tensors, or functions of nothing that give one.
      use_locking: whether updates wait for each other.
      centered: divide by the root of the variance of the gradient instead: its mean is kept too.
      name: prefix of the operations made, and name of the slot variables.
    """

    def __init__(self, learning_rate, decay=0.9, momentum=0.0, epsilon=1e-10, use_locking=False, centered=False,
                 name="RMSProp"):
        super().__init__(use_locking, name)
        self._learning_rate, self._decay, self._momentum, self._epsilon = learning_rate, decay, momentum, epsilon
        self._centered = centered
        self._learning_rate_tensor = self._decay_tensor = self._momentum_tensor = self._epsilon_tensor = None

    @property
    def _op(self):
        return "CenteredRMSProp" if self._centered else "RMSProp"

    @property
    def _slot_order(self):
        return ("mg", "rms", "momentum") if self._centered else ("rms", "momentum")

    def _create_slots(self, var_list):
        for var in var_list:
            dtype, shape = var.dtype.base, var.get_shape()
            start = initializers.Ones(dtype=dtype) if shape.is_fully_defined() else arrays.ones_like(var)
            self._get_or_make_slot_with_initializer(var, start, shape, dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(var, "mg", self._name)
            self._zeros_slot(var, "momentum", self._name)

    def _prepare(self):
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        self._decay_tensor = self._tensor(self._decay, "decay")
        self._momentum_tensor = self._tensor(self._momentum, "momentum")
        self._epsilon_tensor = self._tensor(self._epsilon, "epsilon")

    def _settings(self, var):
        return {"lr": of_dtype(self._learning_rate_tensor, var), "rho": of_dtype(self._decay_tensor, var),
                "momentum": of_dtype(self._momentum_tensor, var), "epsilon": of_dtype(self._epsilon_tensor, var)}
