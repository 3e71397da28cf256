"""Graph → GraphDef, TF's serialized form of a graph (and back, by `importing`)."""

import numpy as np

from graphcore import proto
from graphcore.core.dtypes import DType
from graphcore.core.graph import Graph
from graphcore.core.node import Operation, method_of
from graphcore.core.opdef import TypeAttr, TypeListAttr
from graphcore.core.shapes import TensorShape
from graphcore.interop.attributes import write_attr, write_shape
from graphcore.interop.tensors import array_proto

_PRODUCER = 134  # TF 1.15's GraphDef version


@method_of(Graph)
def as_graph_def(self, from_version=None, add_shapes=False):
    """The graph as a GraphDef message; ``add_shapes`` adds every node's static shapes as ``_output_shapes``.

    ``from_version`` leaves out the first so many operations.
    """
    message = proto.GraphDef()
    message.versions.producer = _PRODUCER
    for op in self._ops[from_version or 0:]:
        node = message.node.add()
        write_node(op, node)
        if add_shapes:
            shapes = node.attr["_output_shapes"].list.shape
            for tensor in op.outputs:
                write_shape(shapes.add(), tensor._shape)
    return message


@method_of(Graph)
@property
def graph_def_versions(self):
    """The version of the GraphDef format that `as_graph_def` writes, as a VersionDef message."""
    return proto.GraphDef(versions={"producer": _PRODUCER}).versions


@method_of(Operation)
@property
def node_def(self):
    """The operation as a NodeDef message."""
    node = proto.NodeDef()
    write_node(self, node)
    return node


@method_of(Operation, "__str__")
def _node_text(self):
    from google.protobuf import text_format  # its keys are in order, which str() does not promise

    return text_format.MessageToString(self.node_def)


@method_of(Operation)
@property
def op_def(self):
    """The declaration of the operation's type as an OpDef message."""
    return op_def_of(self.definition)


@method_of(Operation)
def _attr_message(self, value):
    """The protobuf form of an array or shape attribute."""
    if isinstance(value, TensorShape):
        return value.as_proto()
    return array_proto(value, self.attrs.get("dtype"))


def write_node(op, node):
    """Fill the NodeDef ``node`` from ``op``."""
    node.name, node.op = op.name, op.type
    node.input.extend(t.op.name if t.value_index == 0 else t.name for t in op._inputs)
    node.input.extend(sorted("^" + c.name for c in dict.fromkeys(op._control_inputs)))
    if op.device:
        node.device = op.device
    for key, value in op.attrs.items():
        if value is not None:
            write_attr(node.attr[key], value, op.definition.attrs.get(key), op)


_KIND_NAMES = {bool: "bool", int: "int", float: "float", bytes: "string", DType: "type", TensorShape: "shape", np.ndarray: "tensor"}


def op_def_of(definition):
    """A declaration as an OpDef message."""
    from tensorboard.compat.proto import op_def_pb2

    message = op_def_pb2.OpDef(name=definition.op_name, is_stateful=definition.stateful)
    for target, items in ((message.input_arg, definition.inputs), (message.output_arg, definition.outputs)):
        for item in items:
            argument = target.add(name=item.name, is_ref=item.ref)
            if isinstance(item.type, TypeListAttr):
                argument.type_list_attr = item.type.name
            elif isinstance(item.type, TypeAttr):
                argument.type_attr = item.type.name
            else:
                argument.type = item.type.enum
            if item.count is not None:
                argument.number_attr = item.count.name
    for name, declared in sorted(definition.attrs.items()):
        attr = message.attr.add(name=name)
        if isinstance(declared, TypeAttr):
            attr.type = "type"
            attr.allowed_values.list.type.extend(sorted(d.enum for d in declared.allowed))
        elif isinstance(declared, TypeListAttr):
            attr.type = "list(type)"
        else:
            many = isinstance(declared.kind, list)
            kind = _KIND_NAMES[declared.kind[0] if many else declared.kind]
            attr.type = f"list({kind})" if many else kind
    return message
