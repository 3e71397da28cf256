"""Adagrad."""

from graphcore.ops import arrays, casting, initializers, sequences
from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


def check_positive(name, value):
    """ValueError unless an accumulator starts above zero: the step divides by its root."""
    if value <= 0.0:
        raise ValueError(f"{name} must be positive: {value}")


class AdagradOptimizer(UpdateOpOptimizer):
    """``accumulator += gradient²``; ``variable -= learning_rate * gradient / √accumulator``.

    Args:
      learning_rate: a number, a tensor, or a function of nothing that gives one.
      initial_accumulator_value: what the accumulators start with, a positive number (ValueError otherwise).
      use_locking: whether updates wait for each other.
      name: prefix of the operations made, and name of the slot variables.
    """

    _op = "Adagrad"
    _slot_order = ("accumulator",)

    def __init__(self, learning_rate, initial_accumulator_value=0.1, use_locking=False, name="Adagrad"):
        check_positive("initial_accumulator_value", initial_accumulator_value)
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value
        self._learning_rate_tensor = None

    def _create_slots(self, var_list):
        for var in var_list:
            dtype, shape = var.dtype.base, var.get_shape()
            if shape.is_fully_defined():
                start = initializers.Constant(self._initial_accumulator_value, dtype=dtype)
            else:
                start = self._filled_like(var, dtype)
            self._get_or_make_slot_with_initializer(var, start, shape, dtype, "accumulator", self._name)

    def _filled_like(self, var, dtype):
        return lambda: casting.cast(sequences.fill(arrays.shape(var), self._initial_accumulator_value), dtype)

    def _prepare(self):
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")

    def _settings(self, var):
        return {"lr": of_dtype(self._learning_rate_tensor, var)}
