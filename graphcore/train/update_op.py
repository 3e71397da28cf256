"""Optimizers whose update of a variable is one op (``ApplyAdam``, ``SparseApplyAdam``, ``ResourceApplyAdam`` …)."""

from graphcore.core.convert import to_tensor
from graphcore.core.node import Tensor
from graphcore.core.opdef import REGISTRY
from graphcore.ops import casting, training, training_sparse  # noqa: F401 (they register the ops)
from graphcore.train.optimizer import Optimizer
from graphcore.train.slot_creator import is_resource


class UpdateOpOptimizer(Optimizer):
    """Applies the op ``_op`` to a variable and its slots.

    A subclass says which op, what slots it takes (``_slot_order``, in the op's order), and in ``_settings`` what else.
    """

    _op = ""
    _slot_order = ()

    def _settings(self, var):
        """The op's inputs other than cells, gradient and indices: {input name: tensor of the variable's dtype}."""
        raise NotImplementedError(f"{type(self).__name__} does not say what settings its op takes")

    def _options(self):
        """The op's attributes other than ``use_locking``."""
        return {}

    def _apply_dense(self, grad, var):
        return self._update("Apply", var, grad)

    def _resource_apply_dense(self, grad, handle):
        return self._update("ResourceApply", handle, grad)

    def _apply_sparse(self, grad, var):
        return self._update("SparseApply", var, grad.values, grad.indices)

    def _resource_apply_sparse(self, grad, handle, indices):
        return self._update("ResourceSparseApply", handle, grad, indices)

    def _update(self, form, var, grad, indices=None):
        """The operation that moves ``var`` by ``grad``."""
        definition = REGISTRY[form + self._op]
        cells = [var, *(self.get_slot(var, name) for name in self._slot_order)]
        inputs = {declared.name: cell for declared, cell in zip(definition.inputs, cells)}
        if is_resource(var):
            inputs = {name: cell.handle for name, cell in inputs.items()}
        inputs.update(self._settings(var), grad=grad, delta=grad, indices=indices)
        result = definition.build(*[inputs[declared.name] for declared in definition.inputs],
                                  use_locking=self._use_locking, **self._options())
        return result.op if isinstance(result, Tensor) else result

    def _tensor(self, value, name):
        """A setting (a number, a tensor, or a function of nothing that gives one) as a tensor."""
        return to_tensor(self._call_if_callable(value), name=name)


def of_dtype(value, var):
    """``value`` in the dtype of ``var``; a resource variable that has it stays as it is, to be read by the op."""
    dtype = var.dtype.base
    return value if is_resource(value) and value.dtype.base is dtype else casting.cast(value, dtype)
