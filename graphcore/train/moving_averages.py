"""Moving averages of variables and tensors."""

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.keys import GraphKeys
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import (
    arithmetic,
    assignments,
    casting,
    control_flow,
    division,
    initializers,
    variable_groups,
    variable_scope,
    variables,
)
from graphcore.train import slot_creator

_DTYPES = (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64)


def assign_moving_average(variable, value, decay, zero_debias=True, name=None):
    """``variable -= (1 - decay) * (variable - value)``; gives the new average.

    An average that starts with zeros is too close to zero at first; ``zero_debias`` divides this bias out (two more
    variables, ``biased`` and ``local_step``, are made for that).
    """
    with name_scope(name, "AssignMovingAvg", [variable, value, decay]) as scope:
        rate = to_tensor(1.0 - decay, name="decay")
        if rate.dtype.base is not variable.dtype.base:
            rate = casting.cast(rate, variable.dtype.base)
        if zero_debias:
            return _without_bias(variable, value, rate, scope)
        return assignments.assign_sub(variable, (variable - value) * rate, name=scope)


def _without_bias(variable, value, rate, name):
    biased, local_step = _shadows(variable, value, rate)
    update = assignments.assign_sub(biased, (biased - value) * rate)
    count = local_step.assign_add(1)
    factor = 1 - division.pow(1.0 - rate, count)
    return assignments.assign(variable, update / factor, name=name)


def _shadows(variable, value, rate):
    """The biased average, and the number of updates so far."""
    with variable_scope.variable_scope(variable.op.name, values=[variable, value, rate]):
        graph = get_default_graph()
        with graph.colocate_with(slot_creator.place_of(variable)):
            make = dict(dtype=variable.dtype.base, initializer=initializers.Zeros(), trainable=False)
            biased = variable_scope.get_variable(_unused("biased"), shape=variable.get_shape(), **make)
            return biased, variable_scope.get_variable(_unused("local_step"), shape=[], **make)


def _unused(name):
    """``name``, numbered if the current variable scope has a variable of that name."""
    scope = variable_scope.get_variable_scope()
    taken = {v.op.name for v in scope.global_variables()}
    full = f"{scope.name}/{name}"
    if scope.reuse or full not in taken:
        return name
    return next(f"{name}_{i}" for i in range(1, len(taken) + 1) if f"{full}_{i}" not in taken)


class ExponentialMovingAverage:
    """Keeps averages of variables in which older values count exponentially less: ``decay`` times less a step.

    ``apply`` makes a variable for the average of each variable, and the operation that updates them: run it after
    each training step.  ``average`` gives the average's variable; `variables_to_restore` goes into a `Saver` to
    evaluate with the averages.

    Args:
      decay: how much of the average is kept, such as 0.999.
      num_updates: the number of updates so far; if given, at most ``(1 + num_updates) / (10 + num_updates)`` is kept, so
        that the average moves faster at first.
      zero_debias: divide the bias of averages of tensors out, which start with zeros.
      name: name of the averages, which is appended to the name of what they belong to.

    >>> import graphcore as tf
    >>> v = tf.Variable(0.0)
    >>> average = tf.train.ExponentialMovingAverage(0.5)
    >>> keep = average.apply([v])
    >>> with tf.Session() as session:
    ...     session.run(tf.global_variables_initializer())
    ...     _ = session.run(v.assign(8.0))
    ...     session.run(keep)
    ...     print(session.run(average.average(v)))
    4.0
    """

    def __init__(self, decay, num_updates=None, zero_debias=False, name="ExponentialMovingAverage"):
        self._decay, self._num_updates = decay, num_updates
        self._zero_debias = zero_debias
        self._name = name
        self._averages = {}  # variable or tensor → variable of the average

    @property
    def name(self):
        """The name of the averages."""
        return self._name

    def apply(self, var_list=None):
        """An operation that updates the averages of these variables and tensors (default: all trainable variables).

        The average of a variable starts with its initial value, that of a tensor with zeros.

        Raises:
          TypeError: the dtype is no float.
        """
        var_list = variable_groups.trainable_variables() if var_list is None else var_list
        debiased = set()
        for var in var_list:
            if var.dtype.base not in _DTYPES:
                raise TypeError(f"The variables must be half, float, or double: {var.name}")
            if var not in self._averages:
                self._averages[var] = self._started(var)
                if self._zero_debias and not isinstance(var, variables.Variable):
                    debiased.add(var)
        with name_scope(self.name) as scope:
            decay = self._current_decay()
            updates = [assign_moving_average(self._averages[var], var, decay, var in debiased).op for var in var_list]
            return control_flow.group(*updates, name=scope)

    def _started(self, var):
        """A new variable for the average of ``var``."""
        graph = get_default_graph()
        with graph.control_dependencies(None):  # averages belong to no branch and wait for nothing
            if not isinstance(var, variables.Variable):
                colocate = var.op.type in ("Variable", "VariableV2", "VarHandleOp")
                return slot_creator.create_zeros_slot(var, self.name, colocate_with_primary=colocate)
            average = slot_creator.create_slot(var, var.initialized_value(), self.name)
            graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
            return average

    def _current_decay(self):
        decay = to_tensor(self._decay, name="decay")
        if self._num_updates is None:
            return decay
        updates = casting.cast(self._num_updates, dtypes.float32, name="num_updates")
        return arithmetic.minimum(decay, (1.0 + updates) / (10.0 + updates))

    def average(self, var):
        """The variable that holds the average of ``var``; None if none is kept."""
        return self._averages.get(var)

    def average_name(self, var):
        """The name of the variable that holds, or would hold, the average of ``var``."""
        if var in self._averages:
            return self._averages[var].op.name
        return get_default_graph().unique_name(f"{var.op.name}/{self.name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables=None):
        """{name in a checkpoint: variable} that puts the averages into the variables that have one.

        ``moving_avg_variables`` are those that have; default: the trainable ones and those `apply` was given.
        """
        if moving_avg_variables is None:
            moving_avg_variables = variable_groups.trainable_variables() + variable_groups.moving_average_variables()
        averaged = dict.fromkeys(moving_avg_variables)
        names = {self.average_name(var): var for var in averaged}
        taken = {var.name for var in averaged}
        for var in dict.fromkeys(variable_groups.global_variables()):
            if var.name not in taken and var.op.name not in names:
                names[var.op.name] = var
        return names
