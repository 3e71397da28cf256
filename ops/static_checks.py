"""Assertions about what is known of a tensor: its rank, dtype, kind.

They are checked while building as far as shapes are known; ranks that are not, in the run.
"""

import numpy as np

from graphcore.core import dtypes
from graphcore.core.convert import to_tensor
from graphcore.core.node import Tensor
from graphcore.core.scopes import name_scope
from graphcore.ops import arrays, checks, comparison, constants, control_flow


def assert_rank(x, rank, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x`` has that rank.

    Args:
      rank: a scalar int32, usually a Python number.
      data, summarize, message: as for `tf.assert_equal`.

    Raises:
      ValueError: at once, if the ranks are known and differ.
      tf.errors.InvalidArgumentError: when it runs, if ``x`` has another rank then.

    >>> import graphcore as tf
    >>> tf.assert_rank([1.0, 2.0], 2)
    Traceback (most recent call last):
      ...
    ValueError: .  Tensor assert_rank/x:0 must have rank 2.  Received rank 1, shape (2,)
    """
    return _assert_rank("assert_rank", "rank", lambda has, wanted: has == wanted, comparison.equal, x, rank, data, summarize,
                        message, name)


def assert_rank_at_least(x, rank, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless ``x`` has at least that rank; arguments as for `assert_rank`."""
    return _assert_rank("assert_rank_at_least", "rank at least", lambda has, wanted: has >= wanted, comparison.greater_equal,
                        x, rank, data, summarize, message, name)


def _assert_rank(default_name, words, fits, compare, x, rank, data, summarize, message, name):
    with name_scope(name, default_name, (x, rank, *(data or ()))):
        x, rank, message = to_tensor(x, name="x"), to_tensor(rank, name="rank"), message or ""
        if data is None:
            data = [message, f"Tensor {x.name} must have {words}", rank, "Received shape: ", arrays.shape(x)]
        [known] = _scalar_ranks([rank])
        has = x.shape.ndims
        if known is not None and has is not None:
            if not fits(has, known):
                raise ValueError(f"{message}.  Tensor {x.name} must have {words} {known}.  Received rank {has}, shape {x.shape}")
            return control_flow.no_op(name="static_checks_determined_all_ok")
        return _assert_in_run(compare(arrays.rank(x), rank), [rank], [known], data, summarize)


def assert_rank_in(x, ranks, data=None, summarize=None, message=None, name=None):
    """An operation that fails unless the rank of ``x`` is one of ``ranks``; arguments as for `assert_rank`."""
    with name_scope(name, "assert_rank_in", (x, *ranks, *(data or ()))):
        x, message = to_tensor(x, name="x"), message or ""
        ranks = tuple(to_tensor(rank, name="rank") for rank in ranks)
        if data is None:
            data = [message, f"Tensor {x.name} must have rank in", *ranks, "Received shape: ", arrays.shape(x)]
        known = _scalar_ranks(ranks)
        has = x.shape.ndims
        if has is not None and None not in known:
            if has not in known:
                shown = tuple(np.array(rank, np.int32) for rank in known)
                raise ValueError(f"{message}.  Tensor {x.name} must have rank in {shown}.  Received rank {has}, shape {x.shape}")
            return control_flow.no_op(name="static_checks_determined_all_ok")
        return _assert_in_run(_is_one_of(arrays.rank(x), ranks), ranks, known, data, summarize)


def _scalar_ranks(ranks):
    """The ranks as ints, None where they are not known while building."""
    for rank in ranks:
        assert_type(rank, dtypes.int32)
    values = [checks.known_value(rank) for rank in ranks]
    if all(value is not None for value in values) and any(value.ndim for value in values):
        raise ValueError("Rank must be a scalar.")
    return [None if value is None else int(value) for value in values]


def _is_one_of(has, ranks):
    if not ranks:
        return constants.constant(False)
    found = comparison.equal(ranks[0], has)
    for rank in ranks[1:]:
        found = comparison.logical_or(found, comparison.equal(rank, has))
    return found


def _assert_in_run(condition, ranks, known, data, summarize):
    for rank, value in zip(ranks, known):
        if value is None:  # a rank that is computed has to be a scalar as well
            check = assert_rank(rank, 0, data=["Rank must be a scalar. Received rank: ", rank])
            condition = control_flow.with_dependencies([check], condition)
    return checks.Assert(condition, data, summarize=summarize)


def assert_integer(x, message=None, name=None):
    """An operation that does nothing; TypeError if ``x`` is not of integers."""
    with name_scope(name, "assert_integer", [x]):
        x = to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise TypeError(f'{message or ""}  Expected "x" to be integer type.  Found: {x.name} of dtype {x.dtype}')
        return control_flow.no_op("statically_determined_was_integer")


def assert_type(tensor, tf_type, message=None, name=None):
    """An operation that does nothing; TypeError if ``tensor`` has another dtype than ``tf_type``."""
    with name_scope(name, "assert_type", [tensor]):
        tensor = to_tensor(tensor, name="tensor")
        if tensor.dtype != dtypes.as_dtype(tf_type):
            raise TypeError(f"{message or ''}  {tensor.name} must be of type {dtypes.as_dtype(tf_type)}")
        return control_flow.no_op("statically_determined_correct_type")


def assert_scalar(tensor, name=None, message=None):
    """``tensor``; ValueError unless it is known to be a scalar."""
    with name_scope(name, "assert_scalar", [tensor]) as scope:
        tensor = to_tensor(tensor, name=scope)
        if tensor.shape.ndims != 0:
            raise ValueError(f"{message or ''}Expected scalar shape for {tensor.name}, saw shape: {tensor.shape}.")
        return tensor


def assert_proper_iterable(values):
    """TypeError if ``values`` cannot be iterated over, or is a tensor, an array or a string."""
    if isinstance(values, (Tensor, np.ndarray, str, bytes)):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


def assert_same_float_dtype(tensors=None, dtype=None):
    """The floating point dtype that all of ``tensors`` (None among them is skipped) and ``dtype`` have.

    float32 if there is nothing to ask; ValueError if they differ or the dtype is not a floating point one.
    """
    named = ""
    for item in tensors or ():
        if item is None:
            continue
        found = item.dtype.base
        if dtype is None:
            dtype, named = found, f" as {getattr(item, 'name', item)}"
        elif found != dtype:
            raise ValueError(f"{getattr(item, 'name', item)}, type={found}, must be of the same type "
                             f"({dtypes.as_dtype(dtype)}){named}.")
    if dtype is None:
        return dtypes.float32
    if not dtypes.as_dtype(dtype).is_floating:
        raise ValueError(f"Expected floating point type, got {dtypes.as_dtype(dtype)}.")
    return dtype


__all__ = ["assert_integer", "assert_proper_iterable", "assert_rank", "assert_rank_at_least", "assert_rank_in",
           "assert_same_float_dtype", "assert_scalar", "assert_type"]
