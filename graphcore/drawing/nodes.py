"""The nodes of a picture, read from a Graph or from a GraphDef, whose ops need not be known here."""

from typing import NamedTuple


class Node(NamedTuple):
    """An operation: whose outputs it takes, as (number of the node, output), and whom it waits for."""

    name: str
    op: str
    inputs: tuple[tuple[int, int], ...]
    controls: tuple[int, ...]
    origin: object    # the Operation or NodeDef, for the texts below


def nodes_of_graph(graph):
    """The nodes of a Graph, in the order they were made."""
    return [Node(op.name, op.type, tuple([(t.op._id, t.value_index) for t in op._inputs]),
                 tuple([c._id for c in op._control_inputs]), op) for op in graph._ops]


def nodes_of_message(graph_def):
    """The nodes of a GraphDef; ValueError if a name occurs twice, or an input is not there."""
    numbers = {}
    for number, node in enumerate(graph_def.node):
        if numbers.setdefault(node.name, number) != number:
            raise ValueError(f"the GraphDef has two nodes named {node.name!r}")
    return [_node_of_message(node, numbers) for node in graph_def.node]


def _node_of_message(node, numbers):
    inputs, controls = [], []
    for text in node.input:
        name, _, slot = text.removeprefix("^").partition(":")
        if name not in numbers:
            raise ValueError(f"node {node.name!r} of the GraphDef has the input {text!r}, but there is no node {name!r}")
        if text.startswith("^"):
            controls.append(numbers[name])
        else:
            inputs.append((numbers[name], int(slot) if slot.isdecimal() else 0))
    return Node(node.name, node.op, tuple(inputs), tuple(controls), node)


# ---------------------------------------------------------------- texts


def tensor_text(node, slot):
    """The shape of an output, as ``?×3``; empty for scalars and where it is not known."""
    sizes = _sizes_of_message(node.origin, slot) if hasattr(node.origin, "attr") else node.origin.outputs[slot]._shape.sizes
    return "×".join("?" if size is None else str(size) for size in sizes or ())


def _sizes_of_message(node_def, slot):
    """The sizes that a NodeDef has for an output, where `add_shapes` or a placeholder says them."""
    shapes = node_def.attr["_output_shapes"].list.shape if "_output_shapes" in node_def.attr else ()
    if slot < len(shapes):
        shape = shapes[slot]
    elif "shape" in node_def.attr and node_def.attr["shape"].HasField("shape"):
        shape = node_def.attr["shape"].shape
    else:
        return None
    return None if shape.unknown_rank else [None if dim.size < 0 else dim.size for dim in shape.dim]


def description(node):
    """What is known of a node, in a few lines."""
    origin = node.origin
    lines = [f"{node.name} ({node.op})"]
    if origin.device:
        lines.append(f"on {origin.device}")
    if hasattr(origin, "attr"):
        shape = tensor_text(node, 0)
        lines.extend([shape] if shape else [])
    else:
        lines.extend(f"{tensor.dtype.name} {tensor._shape}" for tensor in origin.outputs[:4])
        lines.extend([f"made at {origin.source}"] if origin.source else [])
    return "\n".join(lines)
