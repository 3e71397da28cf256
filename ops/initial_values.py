"""Initial values that depend on other variables: safe whatever the order of initialisation.

TF copies the part of the graph between the initial value and the variables it reads, reading the copy
from each variable's ``initialized_value()``.
"""

from graphcore.core.build import build_flat
from graphcore.core.keys import GraphKeys


def guarded(scope, tensor):
    """``tensor``, or a copy of its computation that is right before the variables it reads are initialised.

    ``scope`` is the name scope of the variable to be, with its slash: copied nodes are named after it.
    """
    order = _ancestors(tensor.op)
    if order is None or not any(op.definition.variable for op in order):
        return tensor
    copies = {}
    for op in order:
        copies[op] = _copied(op, scope, copies)
    return copies[tensor.op].outputs[tensor.value_index]


_READS = {"IsVariableInitialized", "VarIsInitializedOp", "ReadVariableOp"}


def _ancestors(op):
    """The operations ``op`` is computed from, inputs first, itself last; None if there is a cycle."""
    order, done, open_ops = [], set(), set()
    stack = [(op, iter(_sources(op)))]
    open_ops.add(op)
    while stack:
        current, sources = stack[-1]
        following = next((s for s in sources if s not in done), None)
        if following is None:
            stack.pop()
            open_ops.discard(current)
            if current not in done:
                done.add(current)
                order.append(current)
        elif following in open_ops:
            return None
        else:
            open_ops.add(following)
            stack.append((following, iter(_sources(following))))
    return order


def _sources(op):
    return [] if op.type in _READS or op.definition.variable else [t.op for t in op._inputs]


def _copied(op, scope, copies):
    """``op`` itself, or what takes its place."""
    if op.type in _READS:
        return op
    if op.definition.variable:
        value = _initialized_value(op)
        return op if value is None else value.op
    inputs = [copies[t.op].outputs[t.value_index] for t in op._inputs]
    if all(new is old for new, old in zip(inputs, op._inputs)):
        return op
    op_type = "Switch" if op.type == "RefSwitch" else op.type
    return build_flat(op.graph, op_type, inputs, dict(op.attrs), f"{op.name}_{scope}".replace(":", "_"))


def _initialized_value(variable_op):
    names = variable_op.name, variable_op.name + ":0"
    for collection in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES):
        for variable in variable_op.graph.get_collection(collection):
            if variable.name in names:
                return variable.initialized_value()
    return None
