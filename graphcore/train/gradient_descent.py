"""Gradient descent."""

from graphcore.core.indexed import IndexedSlices
from graphcore.ops.scatter_ops import RESOURCE_SCATTER_OPS
from graphcore.train.update_op import UpdateOpOptimizer, of_dtype


class GradientDescentOptimizer(UpdateOpOptimizer):
    """``variable -= learning_rate * gradient``.

    Args:
      learning_rate: a number, a tensor, or a function of nothing that gives one.
      use_locking: whether updates wait for each other.
      name: prefix of the operations made.
    """

    _op = "GradientDescent"

    def __init__(self, learning_rate, use_locking=False, name="GradientDescent"):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._learning_rate_tensor = None

    def _prepare(self):
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")

    def _settings(self, var):
        return {"alpha": of_dtype(self._learning_rate_tensor, var)}

    def _apply_sparse_duplicate_indices(self, grad, var):
        rows = grad.values * of_dtype(self._learning_rate_tensor, var)
        return var.scatter_sub(IndexedSlices(rows, grad.indices, grad.dense_shape), use_locking=self._use_locking)

    def _resource_apply_sparse_duplicate_indices(self, grad, handle, indices):
        rows = -grad * self._call_if_callable(self._learning_rate)
        return RESOURCE_SCATTER_OPS["ScatterAdd"].build(handle.handle, indices, rows)
