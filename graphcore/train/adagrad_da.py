"""Adagrad with dual averaging, for sparse linear models."""

from graphcore.core.convert import to_tensor
from graphcore.core.scopes import get_default_graph
from graphcore.ops import arrays, constants
from graphcore.train.adagrad import check_positive
from graphcore.train.slot_creator import place_of
from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


class AdagradDAOptimizer(UpdateOpOptimizer):
    """Adagrad that steps from the sum of all gradients so far: features that were not seen are regularised as well.

    Args:
      learning_rate: a number or a tensor.
      global_step: the number of the current step, a variable or tensor.
      initial_gradient_squared_accumulator_value: what these accumulators start with, a positive number.
      l1_regularization_strength, l2_regularization_strength: numbers of at least 0.
      use_locking: whether updates wait for each other.
      name: prefix of the operations made, and name of the slot variables.
    """

    _op = "AdagradDA"
    _slot_order = ("gradient_accumulator", "gradient_squared_accumulator")

    def __init__(self, learning_rate, global_step, initial_gradient_squared_accumulator_value=0.1,
                 l1_regularization_strength=0.0, l2_regularization_strength=0.0, use_locking=False, name="AdagradDA"):
        check_positive("initial_gradient_squared_accumulator_value", initial_gradient_squared_accumulator_value)
        super().__init__(use_locking, name)
        self._learning_rate, self._global_step = learning_rate, global_step
        self._initial_gradient_squared_accumulator_value = initial_gradient_squared_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._learning_rate_tensor = self._global_step_on_worker = None

    def _create_slots(self, var_list):
        for var in var_list:
            dtype, shape = var.dtype.base, var.get_shape()
            with get_default_graph().colocate_with(place_of(var)):
                zeros = constants.constant(0.0, shape=shape, dtype=dtype)
                squares = constants.constant(self._initial_gradient_squared_accumulator_value, shape=shape, dtype=dtype)
            self._get_or_make_slot(var, zeros, "gradient_accumulator", self._name)
            self._get_or_make_slot(var, squares, "gradient_squared_accumulator", self._name)

    def _prepare(self):
        self._learning_rate_tensor = to_tensor(self._learning_rate, name="learning_rate")
        with get_default_graph().colocate_with(self._learning_rate_tensor.op):
            self._global_step_on_worker = arrays.identity(self._global_step) + 1

    def _settings(self, var):
        with get_default_graph().device(var.device):
            global_step = arrays.identity(self._global_step_on_worker)
        return {"lr": of_dtype(self._learning_rate_tensor, var), "l1": of_dtype(self._l1_regularization_strength, var),
                "l2": of_dtype(self._l2_regularization_strength, var), "global_step": global_step}
