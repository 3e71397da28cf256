"""The arguments of a new node: attributes as they are kept, inputs as tensors, complaints in TF's words."""

from graphcore.core import convert, source
from graphcore.core.dtypes import as_dtype, in_tf_order
from graphcore.core.node import Tensor
from graphcore.core.opdef import REQUIRED, TypeAttr, TypeListAttr, check_minimum, normalise

_MOST_REMEMBERED = 5000


def known_attrs(cls, attrs, key, given):
    """`_given_attrs`, remembered."""
    try:
        known = given.get(key)
    except TypeError:
        return _given_attrs(cls, attrs)
    if known is None:
        known = _given_attrs(cls, attrs)
        if len(given) < _MOST_REMEMBERED:
            given[key] = known
    return dict(known)


def _given_attrs(cls, attrs):
    resolved = {}
    for key, value in attrs.items():
        key = key.rstrip("_")
        declared = cls.attrs.get(key)
        if declared is None:
            if not key.startswith("_"):
                raise TypeError(f"{cls.op_name}() got an unexpected keyword argument '{key}'")
            resolved[f"_{key}".replace("__", "_", 1)] = value
        elif isinstance(declared, TypeAttr):
            if value is not None:
                resolved[key] = as_dtype(value).base
        elif isinstance(declared, TypeListAttr):
            resolved[key] = tuple(as_dtype(v).base for v in value)
        elif value is not None or declared.default is REQUIRED or declared.default is None:  # None asks for the default
            resolved[key] = normalise(cls.op_name, declared, value)
    return resolved


def complete_attrs(cls, resolved):
    for key, declared in cls.attrs.items():
        if key not in resolved:
            default = getattr(declared, "default", REQUIRED)
            if default is REQUIRED or (default is None and isinstance(declared, TypeAttr)):
                raise TypeError(f"{cls.op_name}: attribute '{key}' is missing")
            resolved[key] = default if isinstance(declared, TypeAttr) else normalise(cls.op_name, declared, default)
        elif isinstance(declared, TypeAttr):
            _check_allowed(cls, declared, resolved[key], f"parameter '{key}'")


def _check_allowed(cls, declared, dtype, what):
    if dtype not in declared.allowed:
        allowed = ", ".join(d.name for d in in_tf_order(declared.allowed))
        raise TypeError(f"Value passed to {what} has DataType {dtype.name} not in list of allowed values: {allowed}")


def convert_inputs(cls, values, resolved):
    """The inputs as tensors; TypeAttrs met on the way are entered into ``resolved``."""
    tensors, came_from = [], {}
    for declared, value in zip(cls.inputs, values):
        if value.__class__ is Tensor and _fits(declared, value, resolved, came_from):
            tensor = value
        elif not declared.is_list:
            tensor = _convert_one(cls, declared, value, resolved, came_from)
            note_type(cls, declared, tensor, resolved, came_from)
        elif isinstance(declared.type, TypeListAttr):
            tensor = _convert_any(cls, declared, value, resolved)
        else:
            tensor = _convert_list(cls, declared, value, resolved, came_from)
        tensors.append(tensor)
    return tensors


def _fits(declared, tensor, resolved, came_from):
    """Whether a tensor is just what an input takes, as most are; its type is then entered into ``resolved``."""
    kind, base = declared.type, tensor.dtype.base
    if kind.__class__ is not TypeAttr or declared.is_list or declared.ref and not tensor.dtype.is_ref:
        return False
    known = resolved.get(kind.name)
    if known is None and base in kind.allowed:
        known = resolved[kind.name] = base
        came_from[kind.name] = declared.name
    return known is base


def _wanted(declared, resolved):
    """(the dtype an input must have, or None; the dtype to prefer, or None)."""
    if not isinstance(declared.type, TypeAttr):
        return declared.type, None
    known = resolved.get(declared.type.name)
    return known, None if known else declared.type.default


def _convert_one(cls, declared, value, resolved, came_from):
    dtype, preferred = _wanted(declared, resolved)
    op_name, name = cls.op_name, declared.name
    try:
        tensor = convert.to_tensor(value, dtype, name, declared.ref, preferred)
    except TypeError as error:
        if dtype is None:
            raise
        raise TypeError(f"Expected {dtype.name} passed to parameter '{name}' of op '{op_name}', got {value!r} of type "
                        f"'{type(value).__name__}' instead. Error: {source.unplaced(error)}") from None
    except ValueError as error:
        raise _mismatch(declared, value, resolved, came_from, op_name, error) from None
    if declared.ref and not tensor.dtype.is_ref:
        raise TypeError(f"'{op_name}' Op requires that input '{name}' be a mutable tensor (e.g.: a tf.Variable)")
    return tensor


def _mismatch(declared, value, resolved, came_from, op_name, error):
    try:
        observed = convert.to_tensor(value).dtype.name
    except ValueError as inner:
        return ValueError(f"Tried to convert '{declared.name}' to a tensor and failed. Error: {source.unplaced(inner)}")
    prefix = f"Input '{declared.name}' of '{op_name}' Op has type {observed} that does not match"
    if not isinstance(declared.type, TypeAttr):
        return TypeError(f"{prefix} expected type of {declared.type.name}.")
    other = came_from.get(declared.type.name)
    if other is None:
        return error
    known = resolved[declared.type.name].name
    return TypeError(f"{prefix} type {known} of argument '{other}'. tf.cast(..., tf.{known}) converts.")


def note_type(cls, declared, tensor, resolved, came_from):
    if isinstance(declared.type, TypeAttr):
        key, base = declared.type.name, tensor.dtype.base
        if key not in resolved:
            _check_allowed(cls, declared.type, base, f"parameter '{declared.name}'")
            resolved[key] = base
            came_from[key] = declared.name
        elif resolved[key] is not base:
            raise TypeError(f"Input '{declared.name}' of '{cls.op_name}' Op has type {base.name} that does not match type "
                            f"{resolved[key].name} of argument '{came_from.get(key, key)}'.")


def _convert_list(cls, declared, values, resolved, came_from):
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"Expected list for '{declared.name}' argument to '{cls.op_name}' Op, not {values}.")
    if _all_fit(declared, values, resolved, came_from):
        resolved[declared.count.name] = len(values)
        return values
    dtype, preferred = _wanted(declared, resolved)
    if dtype is None and not declared.ref:
        dtype = next((v.dtype.base for v in values if isinstance(v, Tensor)), None)
    try:
        tensors = convert.convert_n_to_tensor(values, dtype, declared.name, preferred, declared.ref)
        if dtype is None and tensors and any(t.dtype.base is not tensors[0].dtype.base for t in tensors):
            raise TypeError
    except (TypeError, ValueError):
        raise _list_mismatch(cls, declared, values, dtype, came_from) from None
    _check_length(cls, declared, tensors, declared.count.minimum)
    resolved[declared.count.name] = len(tensors)
    for tensor in tensors:
        note_type(cls, declared, tensor, resolved, came_from)
    return tensors


def _all_fit(declared, values, resolved, came_from):
    """Whether a list is one of tensors that are just what the input takes; its type is then entered into ``resolved``."""
    kind = declared.type
    if kind.__class__ is not TypeAttr or declared.ref or not values or len(values) < declared.count.minimum:
        return False
    base = values[0].dtype.base if values[0].__class__ is Tensor else None
    for value in values:
        if value.__class__ is not Tensor or value.dtype.base is not base:
            return False
    if resolved.setdefault(kind.name, base) is base and base in kind.allowed:
        came_from.setdefault(kind.name, declared.name)
        return True
    return False


def _list_mismatch(cls, declared, values, dtype, came_from):
    seen = []
    for value in values:
        try:
            seen.append(convert.to_tensor(value).dtype.base.name)
        except (TypeError, ValueError):
            seen.append("<NOT CONVERTIBLE TO TENSOR>")
    prefix = f"Tensors in list passed to '{declared.name}' of '{cls.op_name}' Op have types [{', '.join(seen)}]"
    if isinstance(declared.type, TypeAttr) and declared.type.name in came_from:
        return TypeError(f"{prefix} that do not match type {dtype.name} inferred from earlier arguments.")
    if not isinstance(declared.type, TypeAttr):
        return TypeError(f"{prefix} that do not match expected type {declared.type.name}.")
    return TypeError(f"{prefix} that don't all match.")


def _convert_any(cls, declared, values, resolved):
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"Expected list for '{declared.name}' argument to '{cls.op_name}' Op, not {values}.")
    tensors = convert.convert_n_to_tensor(values, None, declared.name, None, declared.ref)
    if declared.type.allowed is not None:
        for tensor in tensors:
            _check_allowed(cls, declared.type, tensor.dtype.base, f"parameter '{declared.name}'")
    resolved[declared.type.name] = tuple(t.dtype.base for t in tensors)
    check_minimum(cls.op_name, declared.type, tensors)
    return tensors


def _check_length(cls, declared, tensors, minimum):
    if len(tensors) < minimum:
        raise ValueError(f"List argument '{declared.name}' to '{cls.op_name}' Op with length {len(tensors)} shorter than "
                         f"minimum length {minimum}.")
