"""Calls that were made before, with numbers or short lists among the inputs: constants and node are made at once.

What such a call becomes depends on the tensors' dtypes and shapes, the Python values and the attributes alone, and is
remembered by these: which constants are made under which names, and what the node itself is.
"""

from graphcore.core.convert import conversions
from graphcore.core.node import Tensor
from graphcore.core.source import user_frame

_MOST_REMEMBERED = 5000
_MOST_IN_LIST = 16
_STATIC_BYTES = 64


def key_of_call(cls, graph, values, attributes):
    """What a call is remembered by, ``attributes`` being the end of it; None for one that only the careful path can take."""
    try:
        parts = [(static_part if declared.static else part)(value, graph) for declared, value in zip(cls.inputs, values, strict=True)]
        key = (len(conversions), *parts, attributes)
        hash(key)
    except (TypeError, ValueError):  # attributes that cannot be hashed, inputs that are no numbers and tensors, wrong arity
        return None
    return key


def part(value, graph):
    """What an input is remembered by; TypeError for what only the careful path can take."""
    kind = value.__class__
    if kind is Tensor and value.op.graph is graph:
        return value.dtype, value._shape.sizes
    if kind is int or kind is bool or kind is float and value:  # there are two zeros
        return kind, value
    if (kind is list or kind is tuple) and len(value) <= _MOST_IN_LIST:
        return tuple([(each.dtype, each._shape.sizes) if each.__class__ is Tensor and each.op.graph is graph else _number(each)
                      for each in value])
    raise TypeError


def _number(value):
    if value.__class__ is int:
        return int, value
    raise TypeError


def static_part(value, graph):
    """`part` of an input whose value counts."""
    if value.__class__ is Tensor:
        return part(value, graph), static_key(value)
    for each in value if value.__class__ is list or value.__class__ is tuple else ():
        if each.__class__ is not int:
            raise TypeError
    return part(value, graph)


def static_key(tensor):
    """What inference may ask of a static input, hashable; raises TypeError when that takes more than a constant."""
    own = tensor.op.definition.constant_value
    if own is None:
        raise TypeError
    value = own(tensor.op.attrs)
    if value.nbytes > _STATIC_BYTES or value.dtype.kind == "O":
        raise TypeError
    return value.tobytes()


def remember(calls, key, values, tensors, kind, made):
    """Note that the call of ``key`` made a node of ``kind`` and, before it, the operations ``made``: its constants."""
    inputs = kind[0].inputs
    constants = []
    for position, (value, tensor) in enumerate(zip(values, tensors)):
        if value.__class__ is Tensor or inputs[position].is_list:
            continue
        op = tensor.op
        label = inputs[position].name
        if not made or op is not made[len(constants)] or op.definition.constant_value is None or label[-1].isdigit():
            return  # also where a label could be a numbered name: `Names` has to see these
        constants.append((position, (op.definition, op.attrs, (tensor.dtype,), (tensor._shape,)), label))
    if len(constants) == len(made) and len(calls) < _MOST_REMEMBERED:
        calls[key] = kind, constants, any(declared.is_list for declared in inputs)


def repeat(call, graph, values, name):
    """The operation that a remembered call makes of a list of values."""
    kind, constants, with_lists = call
    name, number, key = graph._new_name(name or kind[0].op_name)
    where = graph._line or user_frame(3)
    for position, constant, label in constants:
        inner, inner_key = graph._name_inside(name, key, label)
        values[position] = graph._make(constant, (), inner, number, inner_key, where)._outputs
    return graph._make(kind, _flat(values) if with_lists else tuple(values), name, number, key, where)


def _flat(values):
    flat = []
    for value in values:
        if value.__class__ is Tensor:
            flat.append(value)
        else:
            flat += value
    return tuple(flat)
