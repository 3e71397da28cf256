"""FTRL: follow the regularised leader."""

from graphcore.core.convert import to_tensor
from graphcore.core.scopes import get_default_graph
from graphcore.ops import constants
from graphcore.train.slot_creator import place_of
from graphcore.train.update_op import UpdateOpOptimizer, of_dtype

_SETTINGS = {"learning_rate": "lr", "l1_regularization_strength": "l1", "l2_regularization_strength": "l2",
             "l2_shrinkage_regularization_strength": "l2_shrinkage", "learning_rate_power": "lr_power"}


class FtrlOptimizer(UpdateOpOptimizer):
    """Follows the regularised leader (McMahan and others, 2013), for sparse linear models.

    Args:
      learning_rate: a number or a tensor.
      learning_rate_power: how the rate falls with the sum of the squared gradients; at most 0, 0 for a fixed rate.
      initial_accumulator_value: what the accumulators start with, at least 0.
      l1_regularization_strength, l2_regularization_strength: penalties on the change, at least 0.
      use_locking: whether updates wait for each other.
      name: prefix of the operations made.
      accum_name, linear_name: names of the two slot variables; default NAME and NAME_1.
      l2_shrinkage_regularization_strength: a penalty on the size of the variable, at least 0.

    Raises:
      ValueError: a number is out of its range.
    """

    _slot_order = ("accum", "linear")

    def __init__(self, learning_rate, learning_rate_power=-0.5, initial_accumulator_value=0.1,
                 l1_regularization_strength=0.0, l2_regularization_strength=0.0, use_locking=False, name="Ftrl",
                 accum_name=None, linear_name=None, l2_shrinkage_regularization_strength=0.0):
        super().__init__(use_locking, name)
        if learning_rate_power > 0.0:
            raise ValueError(f"learning_rate_power {learning_rate_power:f} needs to be negative or zero")
        for what, value in (("initial_accumulator_value", initial_accumulator_value),
                            ("l1_regularization_strength", l1_regularization_strength),
                            ("l2_regularization_strength", l2_regularization_strength),
                            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength)):
            if value < 0.0:
                raise ValueError(f"{what} {value:f} needs to be positive or zero")
        self._learning_rate, self._learning_rate_power = learning_rate, learning_rate_power
        self._initial_accumulator_value = initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self._accum_name, self._linear_name = accum_name, linear_name
        self._tensors = {}

    @property
    def _op(self):
        return "FtrlV2" if self._l2_shrinkage_regularization_strength > 0.0 else "Ftrl"

    def _create_slots(self, var_list):
        for var in var_list:
            with get_default_graph().colocate_with(place_of(var)):
                start = constants.constant(self._initial_accumulator_value, dtype=var.dtype.base, shape=var.get_shape())
                self._get_or_make_slot(var, start, "accum", self._accum_name or self._name)
                self._zeros_slot(var, "linear", self._linear_name or self._name)

    def _prepare(self):
        self._tensors = {short: to_tensor(getattr(self, "_" + name), name=name) for name, short in _SETTINGS.items()}

    def _settings(self, var):
        used = self._tensors if self._op == "FtrlV2" else {k: v for k, v in self._tensors.items() if k != "l2_shrinkage"}
        return {name: of_dtype(tensor, var) for name, tensor in used.items()}
