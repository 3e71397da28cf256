"""Variables as VariableDef messages, in collections of meta graphs."""

from graphcore.core.scopes import get_default_graph
from graphcore.core.shapes import TensorShape


def to_proto(variable, export_scope=None):
    """The VariableDef of ``variable``; None if it is not in the name scope ``export_scope``."""
    from graphcore import proto

    resource = hasattr(variable, "handle")
    holder = variable.handle if resource else variable._ref()
    if export_scope is not None and not holder.name.startswith(export_scope):
        return None
    if resource:
        snapshot = variable._graph_element if variable._cached_value is None else variable._cached_value
    else:
        snapshot = variable._snapshot
    message = proto.VariableDef()
    message.variable_name = _without(holder.name, export_scope)
    if variable.initial_value is not None:
        message.initial_value_name = _without(variable.initial_value.name, export_scope)
    message.initializer_name = _without(variable.initializer.name, export_scope)
    message.snapshot_name = _without(snapshot.name, export_scope)
    message.is_resource = resource
    message.trainable = bool(variable.trainable)
    message.synchronization = variable.synchronization.value
    message.aggregation = variable.aggregation.value
    return message


def restore(variable, message, import_scope=None):
    """Make ``variable`` the one of nodes that the default graph has already."""
    graph = get_default_graph()

    def element(name):
        return graph.as_graph_element(f"{import_scope}/{name}" if import_scope else name)

    resource = hasattr(type(variable), "handle")
    if message.is_resource != resource:
        raise ValueError("Trying to restore Variable as ResourceVariable." if resource else
                         "Trying to restore ResourceVariable as Variable: pass use_resource=True.")
    holder = element(message.variable_name)
    variable._initializer_op = element(message.initializer_name)
    variable._initial_value = element(message.initial_value_name) if message.initial_value_name else None
    variable._set_roles(message.synchronization, message.aggregation, message.trainable, message.variable_name)
    variable._constraint = None
    snapshot = element(message.snapshot_name)
    if not resource:
        variable._variable, variable._snapshot = holder, snapshot
        return
    variable._handle = holder
    variable._shape = TensorShape.of(holder.op.attrs["shape"].sizes)
    variable._dtype = holder.op.attrs["dtype"]
    variable._cached_value = None if snapshot.op.type == "ReadVariableOp" else snapshot
    while snapshot.op.type != "ReadVariableOp":
        snapshot = snapshot.op._inputs[0]
    variable._graph_element = snapshot


def _without(name, scope):
    """``name`` relative to ``scope``."""
    return name[len(scope.rstrip("/")) + 1:] if scope else name


__all__ = []
