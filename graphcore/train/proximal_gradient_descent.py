"""Gradient descent with L1 and L2 penalties applied exactly."""

from graphcore.core.convert import to_tensor
from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


class ProximalGradientDescentOptimizer(UpdateOpOptimizer):
    """A step of gradient descent, then of shrinkage towards zero (Duchi & Singer, 2009).

    Args:
      learning_rate: a number or a tensor.
      l1_regularization_strength, l2_regularization_strength: numbers of at least 0.
      use_locking: whether updates wait for each other.
      name: prefix of the operations made.
    """

    _op = "ProximalGradientDescent"

    def __init__(self, learning_rate, l1_regularization_strength=0.0, l2_regularization_strength=0.0, use_locking=False,
                 name="ProximalGradientDescent"):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._l1_regularization_strength_tensor = self._l2_regularization_strength_tensor = None

    def _prepare(self):
        self._learning_rate_tensor = to_tensor(self._learning_rate, name="learning_rate")
        self._l1_regularization_strength_tensor = to_tensor(self._l1_regularization_strength, name="l1_regularization_strength")
        self._l2_regularization_strength_tensor = to_tensor(self._l2_regularization_strength, name="l2_regularization_strength")

    def _settings(self, var):
        return {"alpha": of_dtype(self._learning_rate_tensor, var),
                "l1": of_dtype(self._l1_regularization_strength_tensor, var),
                "l2": of_dtype(self._l2_regularization_strength_tensor, var)}
