"""Record TensorFlow 1.15's answers to the tables of calls.

    PYTHON-WITH-TF-1.15 tests/oracle/record_calls.py [FAMILY...] [--show] [--check]

Writes ``golden/calls/<family>.json``. ``--show`` prints the answers instead; ``--check`` asks again and compares with what is
recorded: answers that change from run to run are no goldens.
"""
import argparse
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import call_table
import tensorflow as tf


def answers(family):
    """What TF gives for each call of a table; a promised phrase must be in the error's text."""
    found = {}
    for call in call_table.load(family):
        found[call.text] = call_table.answer(call, tf)
        for part in ("known", "fed"):
            error = found[call.text][part]
            if call.phrase is not None and not (isinstance(error, dict) and call.phrase in error["text"]):
                print("%s promises %r, TF gives %s" % (call.text, call.phrase, json.dumps(error)[:500]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", nargs="*")
    parser.add_argument("--show", action="store_true", help="print instead of writing")
    parser.add_argument("--check", action="store_true", help="compare with what is recorded instead of writing")
    wanted = parser.parse_args()
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    for family in wanted.family or call_table.families():
        if wanted.check:
            golden = call_table.goldens(family)
            for call in call_table.load(family):
                print("".join("%s %s\n" % (call.text, line) for line in call_table.differences(call, golden[call.text], tf)), end="")
            continue
        text = call_table.written(answers(family))
        if wanted.show:
            print(text)
            continue
        with open(call_table.golden_path(family), "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        print("%s: %d calls" % (family, len(text.split("\n")) - 3))


if __name__ == "__main__":
    main()
