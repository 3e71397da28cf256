"""Record the first and second gradients that TensorFlow 1.15 gives for the example of every op.

    python -m tests.oracle.op_graphs FILE
    PYTHON-WITH-TF-1.15 tests/oracle/record_op_gradients.py FILE

Writes ``golden/op_gradients.json``: for each op up to two lists with an entry for each floating input, null or the elements of the
gradient, or the class of the error in place of a list.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import op_gradients
import tensorflow as tf
from google.protobuf import json_format


def recorded(case):
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(json_format.ParseDict(case["graph"], tf.compat.v1.GraphDef()), name="")
        with tf.compat.v1.Session() as session:
            found = op_gradients.slopes(tf, session, [graph.get_tensor_by_name(n) for n in case["outputs"]],
                                        [graph.get_tensor_by_name(n) for n in case["inputs"]],
                                        lambda: session.run([graph.get_operation_by_name(n) for n in case["init"]]))
    return [each if isinstance(each, str) else [None if v is None else [plain(e) for e in v.ravel()] for v in each] for each in found]


def plain(element):
    return [element.real.item(), element.imag.item()] if element.dtype.kind == "c" else float("%.12g" % element)


def main():
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "op_gradients.json")
    lines = []
    with open(sys.argv[1], encoding="utf-8") as cases:
        for name, case in json.load(cases).items():
            try:
                lines.append("%s: %s" % (json.dumps(name), json.dumps(recorded(case), separators=(",", ":"))))
            except Exception as error:
                print("%s: %s: %s" % (name, type(error).__name__, str(error).split("\n")[0][:200]))
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write("{\n" + ",\n".join(lines) + "\n}\n")
    print("%d ops" % len(lines))


if __name__ == "__main__":
    main()
