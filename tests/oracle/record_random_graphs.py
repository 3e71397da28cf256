"""Record what TensorFlow 1.15 gives for the random graphs.

    PYTHON-WITH-TF-1.15 tests/oracle/record_random_graphs.py

Writes ``golden/random_graphs.json``: for each number a list with an entry for each value that the graph made: dtype, shape and
some elements at equal steps, or the class of the error.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import random_graphs
import tensorflow as tf

COUNT = 400

def entry(dtype, value):
    if isinstance(value, str):
        return value
    flat = value.ravel()
    step = max(1, -(-flat.size // random_graphs.MOST_KEPT))
    return [dtype, list(value.shape), [plain(each) for each in flat[::step]]]


def plain(element):
    return float("%.9g" % element) if element.dtype.kind == "f" and element.dtype.itemsize == 4 else element.item()


def main():
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "random_graphs.json")
    lines = []
    for number in range(COUNT):
        dtypes, values = random_graphs.results(tf, number)
        lines.append('"%d": %s' % (number, json.dumps([entry(*pair) for pair in zip(dtypes, values)], separators=(",", ":"))))
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write("{\n" + ",\n".join(lines) + "\n}\n")
    print("%d graphs" % len(lines))


if __name__ == "__main__":
    main()
