"""Compare what a module gives for an oracle program with what TF 1.15 gave.

Exact: structure, dtypes, shapes, integers, booleans, strings, the GraphDef node for node, error class and phrase.
Floats: within ``RTOL`` of the element, or ``ATOL`` of the largest element (sums that cancel keep the error of
their terms). A program that needs more says so, with the reason.
"""
import builtins
import json
import math
import os
import sys

import canonical
import catalog

RTOL = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 2e-6, "complex64": 2e-6}
ATOL = {"float16": 1e-3, "bfloat16": 8e-3, "float32": 5e-7, "complex64": 5e-7}
FLOATS = {"float16", "bfloat16", "float32", "float64", "complex64", "complex128"}
DEFAULT_RTOL, DEFAULT_ATOL = 1e-12, 1e-13


def goldens(subject):
    """Recorded answers of one program file: {program name: answer}."""
    with open(catalog.golden_path(subject), encoding="utf-8") as recorded:
        return json.load(recorded)


def differences(program, golden, tf):
    """What differs between the golden and a run on ``tf``, one line each; [] when all agrees."""
    if "error" in golden:
        return error_differences(program, golden, tf)
    values, graph_def = program.run(tf)
    found = []
    if "values" in golden:
        ours = json.loads(json.dumps(canonical.encode(values)))
        found += value_differences(golden["values"], ours, program, "")
    if "graph" in golden:
        found += graph_differences(golden["graph"], canonical.encode_graph(graph_def))
    return found


# ------------------------------------------------------------------ errors
def error_differences(program, golden, tf):
    """Differences in class and phrase of the error a program must raise."""
    try:
        program.run(tf)
    except Exception as error:
        found = []
        if not isinstance(error, named_class(golden["error"], tf)):
            found.append("raises %s, TF raises %s: %s" % (type(error).__name__, golden["error"], error))
        if golden["phrase"] not in str(error):
            found.append("the text lacks %r: %s" % (golden["phrase"], error))
        return found
    return ["raises nothing, TF raises %s: %s" % (golden["error"], golden["message"])]


def named_class(name, tf):
    """The error class of a recorded name."""
    if name.startswith("tf.errors."):
        return getattr(tf.errors, name[len("tf.errors."):])
    return getattr(builtins, name)


# ------------------------------------------------------------------ values
def value_differences(want, got, program, path):
    """Differences between two encoded values, with the path to each."""
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        return [line for number, pair in enumerate(zip(want, got))
                for line in value_differences(pair[0], pair[1], program, "%s[%d]" % (path, number))]
    if is_array(want) and is_array(got):
        return array_differences(want, got, program, path)
    if isinstance(want, dict) and isinstance(got, dict) and "dict" in want and "dict" in got:
        return dict_differences(want, got, program, path)
    if isinstance(want, dict) and isinstance(got, dict) and "tuple" in want and "tuple" in got:
        heads = [{key: item for key, item in each.items() if key != "tuple"} for each in (want, got)]
        if heads[0] == heads[1]:
            return value_differences(want["tuple"], got["tuple"], program, path)
    if type(want) is float and type(got) is float:
        return [] if close(want, got, 1e-12, 0.0) else ["%s: %r, TF gives %r" % (path, got, want)]
    if want == got and type(want) is type(got):
        return []
    return ["%s: %s, TF gives %s" % (path or "value", json.dumps(got)[:400], json.dumps(want)[:400])]


def dict_differences(want, got, program, path):
    """Differences between encoded dictionaries; the order of their keys does not matter."""
    ours = {json.dumps(key): item for key, item in got["dict"]}
    theirs = {json.dumps(key): item for key, item in want["dict"]}
    found = ["%s: key %s is missing" % (path, key) for key in theirs if key not in ours]
    found += ["%s: key %s is too many" % (path, key) for key in ours if key not in theirs]
    if want["type"] != got["type"]:
        found.append("%s: type %s, TF gives %s" % (path, got["type"], want["type"]))
    for key, item in theirs.items():
        if key in ours:
            found += value_differences(item, ours[key], program, "%s[%s]" % (path, key))
    return found


def is_array(value):
    return isinstance(value, dict) and ("array" in value or "scalar" in value)


def array_differences(want, got, program, path):
    """Differences between two encoded arrays: kind, dtype, shape, then elements."""
    kinds = [("array" if "array" in each else "scalar", each["dtype"], each["shape"]) for each in (want, got)]
    if kinds[0] != kinds[1]:
        return ["%s: %s of %s%s, TF gives %s of %s%s" % ((path,) + kinds[1] + kinds[0])]
    theirs, ours = want[kinds[0][0]], got[kinds[0][0]]
    if want["dtype"] not in FLOATS:
        return [] if theirs == ours else ["%s: %s, TF gives %s" % (path, ours, theirs)]
    rtol, atol = tolerances(program, want["dtype"])
    flat_theirs, flat_ours = flattened(theirs), flattened(ours)
    scale = max([abs(item) for item in flat_theirs if math.isfinite(item)] or [0.0])
    wrong = [number for number, (a, b) in enumerate(zip(flat_theirs, flat_ours)) if not close(a, b, rtol, atol * scale)]
    if not wrong:
        return []
    first = wrong[0]
    return ["%s: %d of %d elements differ beyond rtol %g, first [%d]: %r, TF gives %r"
            % (path, len(wrong), len(flat_theirs), rtol, first, flat_ours[first], flat_theirs[first])]


def tolerances(program, dtype):
    """Relative tolerance of an element and tolerance relative to the largest one."""
    rtol = RTOL.get(dtype, DEFAULT_RTOL) if program.rtol is None else program.rtol
    atol = ATOL.get(dtype, DEFAULT_ATOL) if program.atol is None else program.atol
    return rtol, atol


def flattened(items):
    """Floats of an encoded array; a complex element gives two."""
    return [part for item in items for part in (item if isinstance(item, list) else [item])]


def close(want, got, rtol, atol):
    if want != want or got != got:
        return want != want and got != got
    return want == got or abs(want - got) <= max(rtol * abs(want), atol)


# ------------------------------------------------------------------ graphs
def graph_differences(want, got, context=3):
    """Where two encoded graphs part: the first differing node with its neighbours, and what is missing or extra."""
    if want == got:
        return []
    theirs, ours = [[canonical.node_line(*node) for node in nodes] for nodes in (want, got)]
    at = next((n for n, (a, b) in enumerate(zip(theirs, ours)) if a != b), min(len(theirs), len(ours)))
    before = ["      " + line for line in ours[max(0, at - context):at]]
    lines = ["graph: %d nodes, TF has %d; they part at node %d:" % (len(ours), len(theirs), at)] + before
    lines += ["   ours " + line for line in ours[at:at + context]]
    lines += ["   TF   " + line for line in theirs[at:at + context]]
    wanted, have = {node[0] for node in want}, {node[0] for node in got}
    lines += ["   missing: " + node[0] for node in want if node[0] not in have][:10]
    lines += ["   extra: " + node[0] for node in got if node[0] not in wanted][:10]
    return ["\n".join(lines)]


# ------------------------------------------------------------------ from the command line
def outcome(program, golden, tf):
    """Differences of one program; an unexpected error is one too."""
    try:
        return differences(program, golden, tf)
    except Exception as error:
        return ["raises %s: %s" % (type(error).__name__, str(error).split("\n")[0][:200])]


def main():
    """Replay the subjects or ``subject.program`` names given on graphcore; print what differs, and how much agrees."""
    sys.path.insert(0, os.path.dirname(os.path.dirname(catalog.HERE)))
    import graphcore as tf
    for wanted in sys.argv[1:] or catalog.subjects():
        subject, _, only = wanted.partition(".")
        programs, golden = [each for each in catalog.load(subject) if only in ("", each.name)], goldens(subject)
        found = {each.name: outcome(each, golden[each.name], tf) for each in programs}
        for name, lines in found.items():
            print("".join("%s.%s %s\n" % (subject, name, line) for line in lines), end="")
        print("%s: %d of %d agree" % (subject, sum(not lines for lines in found.values()), len(found)))


if __name__ == "__main__":
    main()
