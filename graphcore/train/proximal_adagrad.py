"""Adagrad with L1 and L2 penalties applied exactly."""

from graphcore.core.convert import to_tensor
from graphcore.core.scopes import get_default_graph
from graphcore.ops import constants
from graphcore.train.adagrad import check_positive
from graphcore.train.slot_creator import place_of
from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


class ProximalAdagradOptimizer(UpdateOpOptimizer):
    """A step of Adagrad, then of shrinkage towards zero (Duchi & Singer, 2009).

    Args:
      learning_rate: a number or a tensor.
      initial_accumulator_value: what the accumulators start with, a positive number (ValueError otherwise).
      l1_regularization_strength, l2_regularization_strength: numbers of at least 0.
      use_locking: whether updates wait for each other.
      name: prefix of the operations made, and name of the slot variables.
    """

    _op = "ProximalAdagrad"
    _slot_order = ("accumulator",)

    def __init__(self, learning_rate, initial_accumulator_value=0.1, l1_regularization_strength=0.0,
                 l2_regularization_strength=0.0, use_locking=False, name="ProximalAdagrad"):
        check_positive("initial_accumulator_value", initial_accumulator_value)
        super().__init__(use_locking, name)
        self._learning_rate, self._initial_accumulator_value = learning_rate, initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._learning_rate_tensor = None
        self._l1_regularization_strength_tensor = self._l2_regularization_strength_tensor = None

    def _create_slots(self, var_list):
        for var in var_list:
            with get_default_graph().colocate_with(place_of(var)):
                start = constants.constant(self._initial_accumulator_value, shape=var.get_shape(), dtype=var.dtype.base)
            self._get_or_make_slot(var, start, "accumulator", self._name)

    def _prepare(self):
        self._learning_rate_tensor = to_tensor(self._learning_rate, name="learning_rate")
        self._l1_regularization_strength_tensor = to_tensor(self._l1_regularization_strength, name="l1_regularization_strength")
        self._l2_regularization_strength_tensor = to_tensor(self._l2_regularization_strength, name="l2_regularization_strength")

    def _settings(self, var):
        return {"lr": of_dtype(self._learning_rate_tensor, var), "l1": of_dtype(self._l1_regularization_strength_tensor, var),
                "l2": of_dtype(self._l2_regularization_strength_tensor, var)}
