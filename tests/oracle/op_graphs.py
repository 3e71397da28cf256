"""Write the examples of all ops with a gradient as GraphDefs, for TensorFlow to differentiate.

    python -m tests.oracle.op_graphs FILE

from the repository, before ``record_op_gradients.py`` reads the file.
"""
import json
import os
import sys

from google.protobuf import json_format

import graphcore as tf
from tests.op_examples import OPS, Node

HERE = os.path.dirname(os.path.abspath(__file__))


def names():
    """The ops that have a gradient here or in TF, and give the same twice."""
    with open(os.path.join(HERE, "golden", "opdefs.json"), encoding="utf-8") as recorded:
        golden = json.load(recorded)
    return [name for name, op in OPS.items() if op.example is not None and not op.variable and op.inputs
            and (op.differentiable or golden[name].get("gradient")) and (not op.stateful or name.startswith(("Read", "ResourceGather")))]


def node_of(name):
    """The example in float64 where that can be."""
    return Node(OPS[name], wide=True)


def differentiated(node):
    """(outputs, inputs) as tensors: what a run gives, and what it is given but for ints and text."""
    outputs = [tensor for _, tensor in node.named]
    inputs = [each for each in node.flat_inputs if each.dtype.is_floating or each.dtype == tf.resource]
    return outputs, inputs


def main():
    graphs = {}
    for name in names():
        with tf.Graph().as_default() as graph:
            node = node_of(name)
            outputs, inputs = differentiated(node)
            graphs[name] = dict(graph=json_format.MessageToDict(graph.as_graph_def()), outputs=[each.name for each in outputs],
                                inputs=[each.name for each in inputs], init=[v.initializer.name for v in node.variables.values()])
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(graphs, out)
    print("%d ops" % len(graphs))


if __name__ == "__main__":
    main()
