"""Graph ↔ GraphDef, TF's serialized form of a graph."""

import heapq

import numpy as np

from graphcore import proto
from graphcore.core.build import build_flat
from graphcore.core.dtypes import DType, as_dtype
from graphcore.core.graph import Graph
from graphcore.core.node import Operation, Tensor, method_of
from graphcore.core.opdef import REGISTRY, Attr, TypeAttr, TypeListAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.core.shapes import TensorShape
from graphcore.interop.tensors import make_ndarray, make_tensor_proto

_PRODUCER = 134  # TF 1.15's GraphDef version
_MOST_RANKS = 254  # TF allows no more dimensions


# ---------------------------------------------------------------- graph → GraphDef


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
                _write_shape(shapes.add(), tensor._shape)
    return message


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


@method_of(TensorShape)
def as_proto(self):
    """This shape as a `TensorShapeProto`."""
    message = proto.TensorShapeProto()
    _write_shape(message, self)
    return message


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
    return make_tensor_proto(value, dtype=self.attrs.get("dtype"))


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


def write_attr(message, value, declared, op=None):
    """Fill an AttrValue; the declaration decides where Python's types do not."""
    if isinstance(declared, TypeListAttr) or isinstance(declared, Attr) and isinstance(declared.kind, list):
        _write_list(message.list, value, declared)
    elif isinstance(value, tuple):
        _write_list(message.list, value, None)
    elif isinstance(value, (bool, np.bool_)):
        message.b = bool(value)
    elif isinstance(value, int):
        message.i = value
    elif isinstance(value, float):
        message.f = value
    elif isinstance(value, (bytes, str)):
        message.s = value.encode() if isinstance(value, str) else value
    elif isinstance(value, DType):
        message.type = value.enum
    elif isinstance(value, TensorShape):
        _write_shape(message.shape, value)
    elif isinstance(value, np.ndarray):
        message.tensor.CopyFrom(make_tensor_proto(value, dtype=op.attrs.get("dtype")))
    else:
        raise TypeError(f"attribute of {op.name if op else '?'} cannot be exported: {value!r}")


def _write_list(message, values, declared):
    message.SetInParent()
    for value in values:
        if isinstance(value, bool):
            message.b.append(value)
        elif isinstance(value, int):
            message.i.append(value)
        elif isinstance(value, float):
            message.f.append(value)
        elif isinstance(value, (bytes, str)):
            message.s.append(value.encode() if isinstance(value, str) else value)
        elif isinstance(value, DType):
            message.type.append(value.enum)
        elif isinstance(value, TensorShape):
            _write_shape(message.shape.add(), value)
        else:
            raise TypeError(f"list attribute cannot be exported: {value!r}")


def _write_shape(message, shape):
    message.SetInParent()
    if shape.sizes is None:
        message.unknown_rank = True
    else:
        for size in shape.sizes:
            message.dim.add(size=-1 if size is None else size)


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


# ---------------------------------------------------------------- GraphDef → graph


def import_graph_def(graph_def, input_map=None, return_elements=None, name=None, op_dict=None, producer_op_list=None):
    """Add the nodes of a GraphDef to the default graph.

    Args:
      graph_def: a GraphDef message.
      input_map: names in the GraphDef → tensors that take their place.
      return_elements: names of operations and tensors to return.
      name: prefix of the new names, "import" by default; "" for none.

    Returns:
      The elements asked for, or None.

    Raises:
      TypeError, ValueError: a message that is no graph: unknown ops, missing inputs, wrong dtypes or shapes.
    """
    if type(graph_def).__name__ != "GraphDef":
        raise TypeError("graph_def must be a GraphDef proto.")
    if input_map is not None and not (isinstance(input_map, dict) and all(isinstance(k, (str, bytes)) for k in input_map)):
        raise TypeError("input_map must be a dictionary mapping strings to Tensor objects.")
    if return_elements is not None and not (isinstance(return_elements, (list, tuple)) and
                                            all(isinstance(e, (str, bytes)) for e in return_elements)):
        raise TypeError("return_elements must be a list of strings.")
    return _Import(graph_def, input_map or {}, return_elements, name).run()


class _Import:
    """One call of `import_graph_def`."""

    def __init__(self, graph_def, input_map, return_elements, name):
        self.nodes = {}
        for node in graph_def.node:
            if node.name in self.nodes:
                raise ValueError(f"Node '{node.name}' is not unique")
            self.nodes[node.name] = node
        self.order = {node.name: i for i, node in enumerate(graph_def.node)}
        self.input_map = {_text(k): v for k, v in input_map.items()}
        self.used = set()
        self.return_elements, self.name = return_elements, name
        self.made = {}

    def run(self):
        graph = get_default_graph()
        with name_scope(self.name, "import", list(self.input_map.values())) as scope:
            self.prefix = scope
            self.tensors = {k: v if isinstance(v, Tensor) else graph.as_graph_element(v) for k, v in self.input_map.items()}
            with graph.name_scope(None):
                for name in self.sorted():
                    self.made[name] = self.add(graph, self.nodes[name])
        unused = [k for k in self.input_map if k not in self.used and not self.exists(k)]
        if unused:
            raise ValueError("Attempted to map inputs that were not found in graph_def: "
                             f"[{', '.join(sorted(unused))}]")
        if self.return_elements is None:
            return None
        return [self.element(_text(e)) for e in self.return_elements]

    def exists(self, key):
        return _input_name(key)[0] in self.nodes

    def sorted(self):
        """Names of the nodes, inputs first, else in the order of the message."""
        waiting, users = {}, {}
        for name, node in self.nodes.items():
            sources = {_input_name(i)[0] for i in node.input if not self.mapped(i)}
            for source in sources:
                if source not in self.nodes:
                    raise ValueError(f"Node '{name}': Unknown input node '{source}'")
                users.setdefault(source, []).append(name)
            waiting[name] = len(sources)
        ready = [self.order[name] for name, count in waiting.items() if not count]
        heapq.heapify(ready)
        names, result = list(self.nodes), []
        while ready:
            name = names[heapq.heappop(ready)]
            result.append(name)
            for user in users.get(name, ()):
                waiting[user] -= 1
                if not waiting[user]:
                    heapq.heappush(ready, self.order[user])
        if len(result) < len(self.nodes):
            stuck = min((n for n in self.nodes if waiting[n]), key=self.order.get)
            raise ValueError(f"GraphDef has a cycle through node '{stuck}'; loops are not built yet")
        return result

    def mapped(self, text):
        source, index, control = _input_name(text)
        key = f"^{source}" if control else f"{source}:{index}"
        for candidate in (key, source if not control and index == 0 else key):
            if candidate in self.input_map:
                self.used.add(candidate)
                return candidate
        return None

    def add(self, graph, node):
        definition = REGISTRY.get(node.op)
        if definition is None:
            raise ValueError(f"Op type not registered '{node.op}' (node '{node.name}'): graphcore has no such op yet")
        inputs, controls = [], []
        for text in node.input:
            candidate = self.mapped(text)
            source, index, control = _input_name(text)
            if candidate is not None:
                value = self.tensors[candidate]
                (controls if control else inputs).append(value.op if control and isinstance(value, Tensor) else value)
            elif control:
                controls.append(self.made[source])
            else:
                inputs.append(self.output(node, source, index))
        op = self.build(graph, node, definition, inputs)
        op._control_inputs = (*op._control_inputs, *[c for c in dict.fromkeys(controls) if c not in op._control_inputs])
        if node.device:
            op._device = node.device
        return op

    def output(self, node, source, index):
        outputs = self.made[source].outputs
        if index >= len(outputs):
            raise ValueError(f"Node '{node.name}': Connecting to invalid output {index} of source node {source} which has "
                             f"{len(outputs)} outputs.")
        return outputs[index]

    def build(self, graph, node, definition, inputs):
        attrs = {}
        for key, message in node.attr.items():
            declared = definition.attrs.get(key)
            if declared is None and not key.startswith("_"):
                raise ValueError(f"NodeDef mentions attr '{key}' not in Op<name={node.op}>; NodeDef: {node.name}")
            if key != "_output_shapes":
                attrs[key] = read_attr(message, declared, node.name, key)
        if "_class" in attrs:
            attrs["_class"] = tuple(b"loc:@" + self.prefix.encode() + g[5:] if g.startswith(b"loc:@") and
                                    g[5:].decode() in self.nodes else g for g in attrs["_class"])
        self.check_inputs(definition, attrs, inputs, node)
        name = self.prefix + node.name
        if name in graph._by_name:
            raise ValueError(f"Node name '{name}' already exists in the Graph")
        try:
            op = build_flat(graph, node.op, inputs, attrs, graph.unique_name(name) + "/")
        except (TypeError, IndexError, KeyError) as error:
            raise ValueError(f"Node '{node.name}' ({node.op}) cannot be imported: {error}") from None
        return op

    @staticmethod
    def check_inputs(definition, attrs, inputs, node):
        wanted = 0
        for declared in definition.inputs:
            if declared.count is not None:
                wanted += _length(attrs.get(declared.count.name, 0), node)
            elif isinstance(declared.type, TypeListAttr):
                wanted += len(attrs.get(declared.type.name, ()))
            else:
                wanted += 1
        if wanted != len(inputs):
            raise ValueError(f"NodeDef expected {wanted} inputs, got {len(inputs)}; NodeDef: {node.name} = {node.op}")

    def element(self, name):
        source, index, _ = _input_name(name)
        if source not in self.made:
            raise ValueError(f"Requested return_element {name!r} not found in graph_def.")
        op = self.made[source]
        if ":" not in name:
            return op
        if index >= len(op.outputs):
            raise ValueError(f"Requested return_element {name!r}: '{source}' has {len(op.outputs)} outputs.")
        return op.outputs[index]


def _length(value, node):
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"NodeDef {node.name} has a list of {value!r} inputs")
    return value


def _text(name):
    return name.decode() if isinstance(name, bytes) else name


def _input_name(text):
    """(node, output index, whether it is a control input) of an input string."""
    if text.startswith("^"):
        return text[1:], 0, True
    name, colon, index = text.rpartition(":")
    if colon and index.isdigit():
        return name, int(index), False
    return text, 0, False


def read_attr(message, declared, node, key):
    """An AttrValue in the form that operations keep; ValueError if it is not of the declared kind."""
    kind = message.WhichOneof("value")
    wanted = _wanted_kind(declared)
    if wanted is not None and kind != wanted:
        raise ValueError(f"AttrValue of '{key}' of node '{node}' is {kind or 'empty'}, expected {wanted}")
    if kind == "list":
        return _read_list(message.list, declared)
    if kind == "type":
        return _read_type(message.type)
    if kind == "shape":
        return _read_shape(message.shape)
    if kind == "tensor":
        return _frozen(make_ndarray(message.tensor))
    if kind == "func":
        raise ValueError(f"attribute '{key}' of node '{node}' is a function; functions are not built yet")
    return getattr(message, kind) if kind else None


def _wanted_kind(declared):
    if declared is None:
        return None
    if isinstance(declared, TypeAttr):
        return "type"
    if isinstance(declared, TypeListAttr) or isinstance(declared.kind, list):
        return "list"
    return {bool: "b", int: "i", float: "f", bytes: "s", DType: "type", TensorShape: "shape", np.ndarray: "tensor"}[declared.kind]


def _read_type(enum):
    try:
        return as_dtype(enum).base
    except TypeError:
        raise ValueError(f"unknown DataType {enum}") from None


def _read_shape(message):
    if message.unknown_rank:
        return TensorShape.of(None)
    if len(message.dim) > _MOST_RANKS:
        raise ValueError(f"a shape of {len(message.dim)} dimensions; at most {_MOST_RANKS} are possible")
    if any(d.size < -1 for d in message.dim):
        raise ValueError(f"a shape with negative sizes: {[d.size for d in message.dim]}")
    return TensorShape.of(tuple(None if d.size == -1 else d.size for d in message.dim))


def _read_list(message, declared):
    for field, convert in (("s", None), ("i", None), ("f", None), ("b", None), ("type", _read_type), ("shape", _read_shape)):
        values = getattr(message, field)
        if len(values):
            return tuple(convert(v) if convert else v for v in values)
    if len(message.tensor):
        return tuple(_frozen(make_ndarray(t)) for t in message.tensor)
    return ()


def _frozen(array):
    array = np.asarray(array)
    if array.flags.owndata or array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


__all__ = ["import_graph_def"]
