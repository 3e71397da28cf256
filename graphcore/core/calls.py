"""Calls that were made before, with numbers or short lists among the inputs: constants and node are made at once.

What such a call becomes depends on the tensors' dtypes and shapes, the Python values and the attributes alone, and is
remembered by these: which constants are made under which names, and what the node itself is.
"""

from graphcore.core import convert, source
from graphcore.core.node import Tensor

_MOST_REMEMBERED = 5000
_MOST_IN_LIST = 16
_STATIC_BYTES = 64


def key_of_call(cls, graph, values, attributes):
    """What a call is remembered by, ``attributes`` being the end of it; None for one that only the careful path can take."""
    parts = [len(convert._registry)]  # a conversion that is registered may change what lists become
    try:
        for declared, value in zip(cls.inputs, values, strict=True):
            kind = value.__class__
            if kind is Tensor:
                if value.op.graph is not graph:
                    return None
                parts += value.dtype, value._shape.sizes
                if declared.static:
                    parts.append(static_key(value))
            elif kind is int or kind is bool or kind is float and value:  # there are two zeros
                parts += kind, value
            elif (kind is list or kind is tuple) and len(value) <= _MOST_IN_LIST:
                parts.append(len(value))
                for each in value:
                    kind = each.__class__
                    if kind is Tensor and not declared.static and each.op.graph is graph:
                        parts += each.dtype, each._shape.sizes
                    elif kind is int:
                        parts += kind, each
                    else:
                        return None
            else:
                return None
        key = (*parts, *attributes)
        hash(key)
    except (TypeError, ValueError):  # attributes that cannot be hashed, a static input that is not constant, wrong arity
        return None
    return key


def static_key(tensor):
    """What inference may ask of a static input, hashable; raises TypeError when that takes more than a constant."""
    own = tensor.op.definition.constant_value
    if own is None:
        raise TypeError
    value = own(tensor.op.attrs)
    if value.nbytes > _STATIC_BYTES or value.dtype.kind == "O":
        raise TypeError
    return value.tobytes()


def remember(calls, key, cls, values, tensors, entry, made):
    """Note that the call of ``key`` made a node of ``entry`` and, before it, the operations ``made``: its constants."""
    constants = []
    for position, (value, tensor) in enumerate(zip(values, tensors)):
        if value.__class__ is Tensor or cls.inputs[position].is_list:
            continue
        op = tensor.op
        if not made or op is not made[len(constants)] or op.definition.constant_value is None:
            return
        known = op.definition, op.attrs, (tensor.dtype,), (tensor._shape,), ()
        constants.append((position, known, cls.inputs[position].name))
    if len(constants) == len(made) and len(calls) < _MOST_REMEMBERED:
        calls[key] = entry, constants


def repeat(call, cls, graph, values, name):
    """The operation that a remembered call makes of these values."""
    entry, constants = call
    if not constants:
        return graph._append(cls, *entry, _flat(values), name)
    before, line = graph._enter_scope(name or cls.op_name), graph._line
    graph._line = line or source.user_frame(4)
    try:
        inputs = list(values)
        for position, known, label in constants:
            inputs[position] = graph._append(*known, label)._outputs
        return graph._append(cls, *entry, _flat(inputs), graph._scope[0])
    finally:
        graph._scope, graph._line = before, line


def _flat(values):
    flat = []
    for value in values:
        if value.__class__ is Tensor:
            flat.append(value)
        else:
            flat += value
    return tuple(flat)
