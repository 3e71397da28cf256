"""Record the answers of TensorFlow 1.15 to the oracle programs.

    PYTHON-WITH-TF-1.15 tests/oracle/record.py [SUBJECT...] [--show PROGRAM | --check]

Writes ``golden/<subject>.json``. ``--show`` prints one program's answers instead of writing; ``--check`` runs
the programs again and compares with what is recorded: answers that change from run to run are no goldens.
"""
import argparse
import json
import os
import re
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import canonical
import catalog
import replay
import tensorflow as tf


def error_class(error):
    """Name of an error's class: TF's, or the nearest one of Python itself."""
    if isinstance(error, tf.errors.OpError):
        return "tf.errors." + type(error).__name__
    return next(each.__name__ for each in type(error).__mro__ if each.__module__ == "builtins")


def first_line(text):
    """First line of an error's text, without the recording machine's files."""
    return re.sub(r"\(defined at [^)]*\)", "(defined at FILE:LINE)", text.split("\n")[0])[:300]


def answer(program):
    """What TF gives for one program: values and graph, or the error it promises."""
    if program.phrase is None:
        values, graph_def = program.run(tf)
        recorded = {"values": canonical.encode(values)} if program.values else {}
        if graph_def is not None:
            recorded["graph"] = canonical.encode_graph(graph_def)
        return recorded
    try:
        program.run(tf)
    except Exception as error:
        # TF's stack trace quotes its own source, which has many phrases.
        text = str(error).split("\nOriginal stack trace")[0]
        if program.phrase not in text:
            raise AssertionError("%s promises %r, TF says: %s" % (program.name, program.phrase, text)) from error
        return {"error": error_class(error), "phrase": program.phrase, "message": first_line(text)}
    raise AssertionError("%s should fail and does not" % program.name)


def written(answers):
    """Answers as JSON text with one node or value a line."""
    lines = []
    for name, recorded in answers.items():
        parts = []
        for key, item in recorded.items():
            if key == "graph":
                item_text = "[\n   " + ",\n   ".join(json.dumps(node) for node in item) + "]"
            elif key == "values":
                item_text = '{"type": "dict", "dict": [\n   ' + ",\n   ".join(json.dumps(pair) for pair in item["dict"]) + "]}"
            else:
                item_text = json.dumps(item)
            parts.append("  %s: %s" % (json.dumps(key), item_text))
        lines.append(" %s: {\n%s}" % (json.dumps(name), ",\n".join(parts)))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def shown(name, recorded):
    """One program's answers for people to read."""
    graph = recorded.pop("graph", None)
    values = "\n".join("%s: %s" % (key, json.dumps(item)) for key, item in recorded.get("values", {}).get("dict", []))
    error = recorded.get("error") and "%s: %s" % (recorded["error"], recorded["message"])
    parts = [name, values, error, graph and canonical.listing(graph)]
    return "\n".join(part for part in parts if part)


def checked(subject):
    """Compare TF with its own goldens; returns the number of programs that differ."""
    recorded, failed = replay.goldens(subject), 0
    for program in catalog.load(subject):
        known = recorded.get(program.name)
        found = replay.differences(program, known, tf) if known else ["is not recorded"]
        failed += bool(found)
        print("".join("%s.%s %s\n" % (subject, program.name, line) for line in found), end="")
    return failed


def recorded(subject, only=None):
    """Answers of a subject's programs, and how many of them failed to give one."""
    answers, failed = {}, 0
    for program in catalog.load(subject):
        if only not in (None, "all", program.name):
            continue
        try:
            answers[program.name] = answer(program)
        except Exception as error:
            failed += 1
            print("FAILED %s.%s: %s: %s" % (subject, program.name, type(error).__name__, str(error)[:1500]))
    return answers, failed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", nargs="*")
    parser.add_argument("--show", metavar="PROGRAM", help="print this program's answers ('all' for every one)")
    parser.add_argument("--check", action="store_true", help="compare with the goldens instead of writing them")
    return parser.parse_args()


def main():
    wanted, failed = arguments(), 0
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    for subject in wanted.subject or catalog.subjects():
        if wanted.check:
            failed += checked(subject)
            continue
        answers, missed = recorded(subject, wanted.show)
        failed += missed
        if wanted.show:
            print("\n\n".join(shown(name, each) for name, each in answers.items()))
            continue
        with open(catalog.golden_path(subject), "w", encoding="utf-8", newline="\n") as out:
            out.write(written(answers))
        print("%s: %d programs" % (subject, len(answers)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
