"""Choosing in a run: ``tf.cond`` and ``tf.case``."""

import builtins
import warnings
from collections import OrderedDict

import numpy as np

from graphcore.core import dtypes, structure
from graphcore.core.indexed import IndexedSlices
from graphcore.core.node import Tensor
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.view import constant_value
from graphcore.ops import arrays, casting, checks, comparison, constants, joining, reductions
from graphcore.ops.branches import CondContext, merge, switch
from graphcore.ops.ordering import group, no_op, tuple, with_dependencies  # noqa: F401


def cond(pred, true_fn=None, false_fn=None, strict=False, name=None, fn1=None, fn2=None):
    """What ``true_fn()`` returned if ``pred`` is true, else what ``false_fn()`` returned.

    Both functions are called once, to build the graph.  In a run only the operations that they made belong
    to the choice: those of the other side do not run, but what was built outside does.

    Args:
      pred: a boolean scalar tensor.
      true_fn, false_fn: functions without arguments that return tensors, in the same nested structure and with
        the same dtypes.  An operation counts as a boolean tensor; SparseTensors and `IndexedSlices` may be among them.
      strict: keep a list or tuple of one element; otherwise the element alone is returned.
      fn1, fn2: the old names of ``true_fn`` and ``false_fn``.

    Raises:
      TypeError: not callable, or ``pred`` is a Python bool, or the structures are of other kinds.
      ValueError: structures or dtypes differ, or a function returned nothing.

    >>> import graphcore as tf
    >>> x = tf.placeholder(tf.float32, [])
    >>> y = tf.cond(x > 0.0, lambda: tf.sqrt(x), lambda: -x)
    >>> with tf.Session() as session:
    ...     print(session.run(y, {x: 9.0}), session.run(y, {x: -5.0}))
    3.0 5.0
    """
    true_fn = _one_of(true_fn, fn1, "true_fn", "fn1")
    false_fn = _one_of(false_fn, fn2, "false_fn", "fn2")
    for function, word in ((true_fn, "true_fn"), (false_fn, "false_fn")):
        if not callable(function):
            raise TypeError(f"{word} must be callable.")
    with name_scope(name, "cond", [pred]):
        if isinstance(pred, bool):
            raise TypeError("pred must not be a Python bool")
        on_false, on_true = switch(pred, pred)
        pivots = arrays.identity(on_true, name="switch_t"), arrays.identity(on_false, name="switch_f")
        pred = arrays.identity(pred, name="pred_id")
        for tensor in (on_true, *pivots, pred):
            tensor.graph.prevent_fetching(tensor.op)
        true_context, true_value, true_result = _branch(true_fn, "true_fn", CondContext(pred, pivots[0], 1), strict)
        false_context, false_value, false_result = _branch(false_fn, "false_fn", CondContext(pred, pivots[1], 0), strict)
        leaves = _leaves_alike(true_value, false_value, true_result, false_result)
        merged = [merge((on_false, on_true))[0] for on_true, on_false in leaves]
        if true_context.outer_context is None:
            for context in (true_context, false_context):
                context.pred.graph.add_to_collection("cond_context", context)
        return _alone(structure.pack_sequence_as(true_value, merged, expand_composites=True), strict)


def _one_of(function, old, word, old_word):
    if function is None and old is None:
        raise TypeError(f"cond(): {word} argument required")
    if function is not None and old is not None:
        raise TypeError(f"cond(): {word} and {old_word} may not be set simultaneously.")
    return old if function is None else function


def _branch(function, word, context, strict):
    """(the context, what the function returned, the same with tensors of the branch)."""
    with context.entered():
        value = function()
        if value is None:
            raise ValueError(f"{word} must have a return value.")
        result = structure.map_structure(context.result, value, expand_composites=True)
        context.leave(structure.flatten(result, expand_composites=True))
    return context, _alone(value, strict), _alone(result, strict)


def _alone(value, strict):
    single = not strict and isinstance(value, (list, builtins.tuple)) and len(value) == 1
    return value[0] if single else value


def _leaves_alike(true_value, false_value, true_result, false_result):
    """The pairs of tensors that both sides returned; errors if the two do not go together."""
    try:
        structure.assert_same_structure(true_value, false_value, expand_composites=True)
    except (TypeError, ValueError):
        values = _with_same_indices(true_value, false_value)
        true_result, false_result = _with_same_indices(true_result, false_result)
        _check_alike(*values)
    pairs = list(zip(*[structure.flatten(each, expand_composites=True) for each in (true_result, false_result)]))
    if not pairs:
        raise ValueError("true_fn and false_fn must return at least one result.")
    for first, second in pairs:
        if first.dtype.base is not second.dtype.base:
            raise ValueError("Outputs of true_fn and false_fn must have the same type: "
                             f"{first.dtype.name}, {second.dtype.name}")
    return pairs


def _with_same_indices(first, second):
    """Both, but `IndexedSlices` of int32 indices are of int64 where their counterparts are."""
    structure.assert_same_structure(first, second)
    pairs = [_same_indices(*pair) for pair in zip(structure.flatten(first), structure.flatten(second))]
    return [structure.pack_sequence_as(each, leaves) for each, leaves in zip((first, second), zip(*pairs))]


def _same_indices(*pair):
    if all(isinstance(each, IndexedSlices) for each in pair) and pair[0].indices.dtype is not pair[1].indices.dtype:
        return [IndexedSlices(s.values, casting.cast(s.indices, dtypes.int64), s.dense_shape) for s in pair]
    return pair


def _check_alike(true_value, false_value):
    try:
        structure.assert_same_structure(true_value, false_value, expand_composites=True)
    except TypeError as error:
        raise TypeError(f"Incompatible return types of true_fn and false_fn: {error}") from None
    except ValueError as error:
        raise ValueError(f"Incompatible return values of true_fn and false_fn: {error}") from None


def smart_cond(pred, true_fn=None, false_fn=None, name=None):
    """`cond`, but where ``pred`` is known while building, just the result of the function that it chooses."""
    if not callable(true_fn):
        raise TypeError("`true_fn` must be callable.")
    if not callable(false_fn):
        raise TypeError("`false_fn` must be callable.")
    known = smart_constant_value(pred)
    if known is None:
        return cond(pred, true_fn, false_fn, name=name)
    return true_fn() if known else false_fn()


def smart_constant_value(pred):
    """The truth of ``pred`` if it is known while building, else None."""
    if isinstance(pred, Tensor):
        value = constant_value(pred)
        return None if value is None else bool(value)
    if isinstance(pred, (bool, int, np.bool_)) and pred in (0, 1):
        return bool(pred)
    raise TypeError(f"`pred` must be a Tensor, or a Python bool, or 1 or 0. Found instead: {type(pred)}")


def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name="case"):
    """What the function of the first true predicate returned.

    Args:
      pred_fn_pairs: a list of ``(boolean scalar tensor, function)``, or a dict of them.
      default: the function for when none is true.  Without one that is an error when it happens.
      exclusive: more than one true predicate is an error.
      strict: as for `cond`.

    Raises:
      TypeError: ``pred_fn_pairs`` is something else.
      tf.errors.InvalidArgumentError: in a run, when no predicate holds, or several that exclude each other.

    >>> import graphcore as tf
    >>> x = tf.placeholder(tf.int32, [])
    >>> size = tf.case([(x < 10, lambda: tf.constant("small")), (x < 100, lambda: tf.constant("middling"))],
    ...                default=lambda: tf.constant("large"))
    >>> with tf.Session() as session:
    ...     session.run(size, {x: 50})
    b'middling'
    """
    predicates, functions = _checked_pairs(pred_fn_pairs, exclusive, name)
    with name_scope(name, "case", predicates):
        guards = predicates
        if default is None:
            default, guards, functions = _last_as_default(predicates, functions)
        chosen = default
        for predicate, function in reversed(list(zip(guards, functions))):
            chosen = _either(predicate, function, chosen, strict)
        if not exclusive:
            return chosen()
        with get_default_graph().control_dependencies([_at_most(guards, 1, "Input error: exclusive=True")]):
            return chosen()


def _either(predicate, function, otherwise, strict):
    return lambda: cond(predicate, function, otherwise, strict)


def _checked_pairs(pairs, exclusive, name):
    if not isinstance(pairs, (list, builtins.tuple, dict)):
        raise TypeError("fns must be a list, tuple, or dict")
    if isinstance(pairs, dict):
        if not isinstance(pairs, OrderedDict):
            if not exclusive:
                warnings.warn(f"{name}: an unordered dictionary of predicate/fn pairs was provided, but exclusive=False. The "
                              "tests run in the order of the predicates' names.", stacklevel=3)
            pairs = dict(sorted(pairs.items(), key=lambda pair: pair[0].name))
        pairs = list(pairs.items())
    for pair in pairs:
        if not isinstance(pair, builtins.tuple) or len(pair) != 2:
            raise TypeError("Each entry in pred_fn_pairs must be a 2-tuple")
        predicate, function = pair
        if not isinstance(predicate, Tensor):
            raise TypeError(f"pred must be a Tensor, got: {predicate}")
        if predicate.dtype.base is not dtypes.bool:
            raise TypeError(f"pred must be Tensor of type bool: {predicate.name}")
        if not callable(function):
            raise TypeError(f"fn for pred {predicate.name} must be callable.")
    return builtins.tuple(zip(*pairs))


def _last_as_default(predicates, functions):
    """(the last function with a check that its turn is right, the other predicates, the other functions)."""
    *others, last = predicates
    *other_functions, function = functions

    def default():
        wrong = ("Implementation error: selected default action #%d was called, but some of other predicates are True: "
                 % len(others))
        none = ["Input error: None of conditions evaluated as True:", joining.stack(predicates, name="preds_c")]
        with get_default_graph().control_dependencies([_at_most(others, 0, wrong), checks.Assert(last, none)]):
            return function()

    return default, others, other_functions


def _at_most(predicates, count, message):
    """An assertion that no more than ``count`` of ``predicates`` are true."""
    values = joining.stack(predicates, name="preds_c")
    true = reductions.reduce_sum(casting.cast(values, dtypes.int32), name="num_true_conds")
    holds = comparison.less_equal(true, constants.constant(count, name="n_true_conds"))
    names = ", ".join(p.name for p in predicates)
    return checks.Assert(holds, [f"{message}: more than {count} conditions ({names}) evaluated as True:", values],
                         summarize=len(predicates))


__all__ = ["case", "cond", "group", "no_op", "tuple"]
