"""Record what TensorFlow 1.15 prints for the programs of tests/scripts.

    PYTHON-WITH-TF-1.15 tests/oracle/record_scripts.py [NAME...] [--check]

Runs ``tests/scripts/NAME.py`` (all of them without a name) with TensorFlow under the name ``graphcore`` and writes
``NAME.out`` beside it. ``--check`` compares with what is recorded instead: run it twice to see what chance decides.
"""
import argparse
import contextlib
import glob
import io
import os
import runpy
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scripts")


def printed(script):
    """What a program prints, in a graph of its own."""
    tf.reset_default_graph()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        runpy.run_path(script, run_name="__main__")
    return output.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    tf.logging.set_verbosity(tf.logging.ERROR)
    sys.modules["graphcore"] = tf
    scripts = sorted(glob.glob(os.path.join(SCRIPTS, "*.py")))
    names = arguments.names or [os.path.basename(script)[:-3] for script in scripts]
    differing = [name for name in names if not record(name, arguments.check)]
    return 1 if differing else 0


def record(name, check):
    """Write the record, or say whether it still holds."""
    text = printed(os.path.join(SCRIPTS, name + ".py"))
    path = os.path.join(SCRIPTS, name + ".out")
    if check:
        with io.open(path, encoding="utf-8") as file:
            same = file.read() == text
        print(name, "as recorded" if same else "DIFFERS")
        return same
    with io.open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    print(name, "recorded,", text.count("\n"), "lines")
    return True


if __name__ == "__main__":
    sys.exit(main())
