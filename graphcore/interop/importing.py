"""GraphDef → graph: `import_graph_def`. A message is data: whatever is wrong with it is told, and leaves no trace."""

import heapq

from graphcore.core import errors
from graphcore.core.build import build_flat
from graphcore.core.convert import to_tensor
from graphcore.core.device import DeviceSpec
from graphcore.core.names import is_valid_name
from graphcore.core.node import Operation, Tensor
from graphcore.core.opdef import REGISTRY, REQUIRED, Attr, TypeListAttr
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.interop.attributes import read_attr


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
      TypeError, ValueError: a message that is no graph: missing inputs, cycles, wrong attributes, dtypes or shapes.
      tf.errors.NotFoundError: an op that is not known.

    After an error the default graph is as it was.
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
            _check_node(node)
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
        graph._check_not_finalized("the nodes of a GraphDef")
        mark = graph._mark()
        try:
            return self.add_all(graph)
        except Exception:
            graph._roll_back(mark)
            raise

    def add_all(self, graph):
        with name_scope(self.name, "import", list(self.input_map.values())) as scope:
            self.prefix = scope
            self.tensors = self.given()
            with graph.name_scope(None):
                order = self.sorted()
                self.names = {name: self.free_name(graph, scope + name) for name in order}
                for name in order:
                    self.made[name] = self.add(graph, self.nodes[name])
        unused = [k for k in self.input_map if k not in self.used and not self.exists(k)]
        if unused:
            raise ValueError("Attempted to map inputs that were not found in graph_def: "
                             f"[{', '.join(sorted(unused))}]")
        if self.return_elements is None:
            return None
        return [self.element(_text(e)) for e in self.return_elements]

    def given(self):
        """The values of the input map as tensors (or operations, for control inputs)."""
        if all(isinstance(value, (Tensor, Operation)) for value in self.input_map.values()):
            return self.input_map
        with name_scope("_inputs"):
            return {key: value if isinstance(value, Operation) else to_tensor(value) for key, value in self.input_map.items()}

    @staticmethod
    def free_name(graph, name):
        """``name``, or one like it if the graph has an operation of that name; unlike new names it may differ in case alone."""
        if graph._operation(name) is not None:
            return graph.unique_name(name)
        graph._claim_name(name)
        return name

    def exists(self, key):
        name, index, _ = _input_name(key)
        return name in self.made and (index == 0 or index < len(self.made[name].outputs))

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
            raise errors.NotFoundError(None, None, f"Op type not registered '{node.op}' (node '{node.name}'): graphcore has no such "
                                       "op yet")
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
        # Unlike other new nodes, all of them wait for the operations of control_dependencies() outside.
        controls += [other for scope in graph._control_stack for other in scope.ops or ()]
        op._control_inputs = tuple(dict.fromkeys(controls))
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
            attrs["_class"] = tuple([self.moved_group(group, node) for group in _groups(attrs["_class"], node)])
        _check_attrs(definition, attrs, node)
        self.check_inputs(definition, attrs, inputs, node)
        try:
            op = build_flat(graph, node.op, inputs, attrs, self.names[node.name] + "/")
        except (TypeError, IndexError, KeyError) as error:
            raise ValueError(f"Node '{node.name}' ({node.op}) cannot be imported: {error}") from None
        return op

    def moved_group(self, group, node):
        """A colocation group under the prefix of this import."""
        if not group.startswith(b"loc:@"):
            return group
        name = group[5:].decode(errors="replace")
        if name not in self.nodes:
            raise ValueError(f"Node '{node.name}' expects to be colocated with unknown node '{name}'")
        return b"loc:@" + self.names[name].encode()

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
            raise ValueError(f"Requested return {'tensor' if ':' in name else 'node'} '{name}' not found in graph def")
        op = self.made[source]
        if ":" not in name:
            return op
        if index >= len(op.outputs):
            raise ValueError(f"Invalid return output {index} of node '{source}', which has {len(op.outputs)} output(s)")
        return op.outputs[index]


def _check_node(node):
    """What a node has to be by itself."""
    if not is_valid_name(node.name):
        raise ValueError(f"Node '{node.name}': Node name contains invalid characters")
    kinds = [text.startswith("^") for text in node.input]
    if kinds != sorted(kinds):
        raise ValueError(f"Node '{node.name}': Control dependencies must come after regular dependencies")
    if node.device:
        DeviceSpec.from_string(node.device)


def _groups(value, node):
    if not isinstance(value, tuple) or not all(isinstance(group, bytes) for group in value):
        raise ValueError(f"attribute '_class' of node '{node.name}' is no list of strings: {value!r}")
    return value


def _check_attrs(definition, attrs, node):
    """Every attribute without a default has to be there, every value has to be allowed."""
    for key, declared in definition.attrs.items():
        if key not in attrs:
            if not _has_default(declared):
                raise ValueError(f"NodeDef missing attr '{key}' from Op<name={node.op}>; NodeDef: {node.name}")
        elif isinstance(declared, Attr) and declared.allowed and attrs[key] not in declared.allowed:
            raise ValueError(f"Value for attr '{key}' of {attrs[key]!r} is not in the list of allowed values: "
                             f"{', '.join(map(repr, declared.allowed))}; NodeDef: {node.name}")
    value = attrs.get("value")
    if hasattr(value, "dtype") and "dtype" in attrs and value.dtype != attrs["dtype"].np:
        raise ValueError(f"Node '{node.name}': its value is of {value.dtype}, its attr 'dtype' says {attrs['dtype'].name}")


def _has_default(declared):
    if isinstance(declared, Attr):
        return declared.default is not REQUIRED
    return not isinstance(declared, TypeListAttr) and declared.default is not None


def _length(value, node):
    if value < 1:
        raise ValueError(f"Value for the length of a list of inputs of {value} must be at least minimum 1; NodeDef: {node.name}")
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


__all__ = ["import_graph_def"]
