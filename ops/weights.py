"""What losses and metrics share: weights checked against values and broadcast to them, a last axis of size 1 dropped."""

from graphcore.core.convert import to_tensor
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.view import constant_value
from graphcore.ops import arithmetic, arrays, checks, comparison, control_flow, filling, joining, ordering, reshaping, sets

_REFUSED = "weights can not be broadcast to values."


def assert_broadcastable(weights, values):
    """An operation that fails unless ``weights`` is a scalar or has, on each axis, the size of ``values`` or 1.

    Raises ValueError where the static shapes tell already.
    """
    with name_scope(None, "assert_broadcastable", (weights, values)) as scope:
        weights, *of_weights = _measured(weights, "weights")
        values, *of_values = _measured(values, "values")
        known = _check_static(weights, values, of_weights, of_values)
        if known:
            return ordering.no_op(name=f"static_{known}_check_success")
        is_scalar = comparison.equal(0, of_weights[1], name="is_scalar")
        data = (_REFUSED, "weights.shape=", weights.name, of_weights[0], "values.shape=", values.name, of_values[0],
                "is_scalar=", is_scalar)
        valid = control_flow.cond(is_scalar, lambda: is_scalar, lambda: _of_same_rank(of_weights, of_values), name="is_valid_shape")
        return checks.Assert(valid, data, name=scope)


def _measured(value, name):
    """(the tensor, its shape, its rank), made under the scope ``name``."""
    with name_scope(None, name, (value,)) as scope:
        value = to_tensor(value, name=scope)
        return value, arrays.shape(value, name="shape"), arrays.rank(value, name="rank")


def _check_static(weights, values, of_weights, of_values):
    """"scalar" or "dims" for what settles statically that the weights fit, None if nothing does; ValueError if they do not."""
    (weights_shape, weights_rank), (values_shape, values_rank) = [[constant_value(each) for each in of] for of in (of_weights, of_values)]
    if weights_rank is None or values_rank is None:
        return None
    if weights_rank == 0:
        return "scalar"
    if weights_rank != values_rank:
        raise ValueError(f"{_REFUSED} values.rank={values_rank}. weights.rank={weights_rank}. values.shape={values.shape}. "
                         f"weights.shape={weights.shape}.")
    if weights_shape is None or values_shape is None:
        return None
    for axis, (size, wanted) in enumerate(zip(weights_shape, values_shape)):
        if size not in (1, wanted):
            raise ValueError(f"{_REFUSED} Mismatch at dim {axis}. values.shape={values_shape} weights.shape={weights_shape}.")
    return "dims"


def _of_same_rank(of_weights, of_values):
    with name_scope(None, "has_valid_nonscalar_shape", (of_weights[1], of_weights[0], of_values[1], of_values[0])) as scope:
        same = comparison.equal(of_values[1], of_weights[1], name="is_same_rank")
        return control_flow.cond(same, lambda: _of_fitting_sizes(of_weights[0], of_values[0]), lambda: same, name=scope)


def _of_fitting_sizes(weights_shape, values_shape):
    """Whether each size of the weights is one of {the size of the values, 1}."""
    with name_scope(None, "has_invalid_dims", (weights_shape, values_shape)) as scope:
        column = reshaping.expand_dims(values_shape, -1)
        allowed = joining.concat((column, filling.ones_like(column)), axis=1)
        wrong = sets.values_of_difference(reshaping.expand_dims(weights_shape, -1), allowed)
        return comparison.equal(0, arrays.size(wrong, name="num_invalid_dims"), name=scope)


def broadcast_weights(weights, values):
    """``weights`` in the shape of ``values``; see `assert_broadcastable` for what is allowed."""
    with name_scope(None, "broadcast_weights", (weights, values)) as scope:
        values = to_tensor(values, name="values")
        weights = to_tensor(weights, values.dtype.base, "weights")
        ours, theirs = weights.shape, values.shape
        if ours.is_fully_defined() and theirs.is_fully_defined() and ours.is_compatible_with(theirs):
            return weights
        with get_default_graph().control_dependencies((assert_broadcastable(weights, values),)):
            return arithmetic.multiply(weights, filling.ones_like(values), name=scope)


def remove_squeezable_dimensions(labels, predictions, expected_rank_diff=0, name=None):
    """(labels, predictions), of which one loses its last axis if their ranks differ by 1 from what they should.

    Args:
      expected_rank_diff: by how much the rank of the predictions should exceed that of the labels.
    """
    with name_scope(name, "remove_squeezable_dimensions", [labels, predictions]):
        predictions, labels = to_tensor(predictions), to_tensor(labels)
        ranks = predictions._shape.rank, labels._shape.rank
        if None not in ranks:
            excess = ranks[0] - ranks[1] - expected_rank_diff
            if excess == 1:
                predictions = reshaping.squeeze(predictions, [-1])
            elif excess == -1:
                labels = reshaping.squeeze(labels, [-1])
            return labels, predictions
        difference = arrays.rank(predictions) - arrays.rank(labels)
        predictions = squeezed_if(expected_rank_diff + 1, difference, predictions)
        return squeezed_if(expected_rank_diff - 1, difference, labels), predictions


def squeezed_if(wanted, difference, x):
    """``x`` without its last axis if the ``difference`` of ranks is ``wanted`` when it runs, and the axis can have size 1."""
    sizes = x._shape.sizes
    if sizes is not None and (not sizes or sizes[-1] not in (None, 1)):
        return x
    return control_flow.cond(comparison.equal(wanted, difference), lambda: reshaping.squeeze(x, [-1]), lambda: x)


__all__ = []
