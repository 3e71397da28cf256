"""Record the public names of TensorFlow 1.15 and their arguments.

    PYTHON-WITH-TF-1.15 tests/oracle/record_api.py

Writes ``golden/api.json``: one line for each name of the namespaces and classes that ``api.py`` lists.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import api
import tensorflow as tf
from tensorflow.python.util import tf_decorator


def unwrap(function):
    """The function that TF's decorators hide."""
    try:
        return tf_decorator.unwrap(function)[1]
    except Exception:
        return function


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "api.json")
    names = api.surface(tf, unwrap)
    lines = ["%s: %s" % (json.dumps(name), json.dumps(names[name])) for name in sorted(names)]
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write("{\n " + ",\n ".join(lines) + "\n}\n")
    print("%d names" % len(lines))


if __name__ == "__main__":
    main()
