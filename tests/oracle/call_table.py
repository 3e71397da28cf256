"""Tables of calls: ``calls/*.py`` list one call a line, and what TF 1.15 gives for each is recorded and replayed.

A table reads as Python. Its other statements (constants, short functions) are executed once; every expression is a case:

    tf.add(T([1, 2]), T([[3], [4]]))
    tf.reshape(T([1, 2, 3]), [2, 2])                        #: Cannot reshape a tensor with 3 elements

``T(value, dtype=None)`` is a tensor. Each line is run twice: once with constants for the tensors, and once with
placeholders of unknown shape that are fed. Recorded are values, dtypes, static shapes and gradients for the tensors, or the
error: when it comes (at "build" or "run"), its class, and the first line of its text, or the phrase after ``#:``.
A table may have ``LOOSE = {function: (rtol, atol, why)}`` where values are known less closely than replay.py asks.
This file is read by the recording interpreter too, so it keeps to what Python 3.7 understands.
"""
import ast
import json
import os
import re
import sys
import warnings

import canonical
import numpy as np
import replay

HERE = os.path.dirname(os.path.abspath(__file__))
NARROW = {np.dtype("float64"): np.float32, np.dtype("int64"): np.int32}


class Call:
    """One line of a table."""

    def __init__(self, line, constants):
        code, _, phrase = line.partition("  #:")
        self.text, self.phrase, self.constants = code.strip(), phrase.strip() or None, constants
        self.tree = ast.parse(self.text, mode="eval")
        self.function = called(self.tree)
        self.rtol, self.atol, _ = constants.get("LOOSE", {}).get(self.function, (None, None, None))


def called(tree):
    """The public name that an expression calls, "nn.relu" for ``tf.nn.relu(…)``: the outermost one."""
    for node in ast.walk(tree):
        path = dotted(node.func) if isinstance(node, ast.Call) else ""
        if path.startswith("tf."):
            return path[len("tf."):]
    return ""


def dotted(node):
    """``tf.nn.relu`` as text; "" for what is no such path."""
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return head and head + "." + node.attr
    return node.id if isinstance(node, ast.Name) else ""


# ------------------------------------------------------------------ tables
def families():
    """Names of all tables."""
    return sorted(name[:-3] for name in os.listdir(os.path.join(HERE, "calls")) if name.endswith(".py"))


def load(family):
    """The calls of a table, in their order."""
    with open(os.path.join(HERE, "calls", family + ".py"), encoding="utf-8") as source:
        text = source.read()
    lines, tree = text.split("\n"), ast.parse(text)
    constants = dict(np=np, nan=np.nan, inf=np.inf, N=normals, R=counted)
    docstring, statements = tree.body[0], tree.body[1:]
    assert isinstance(docstring, ast.Expr), "a table begins with a line that says what it is"
    setup = ast.Module(body=[each for each in statements if not isinstance(each, ast.Expr)])
    setup.type_ignores = []
    exec(compile(setup, family, "exec"), constants)
    found = [Call(lines[each.lineno - 1], constants) for each in statements if isinstance(each, ast.Expr)]
    texts = [each.text for each in found]
    doubled = {text for text in texts if texts.count(text) > 1}
    assert not doubled, "written twice: %s" % sorted(doubled)
    return found


def golden_path(family):
    """Where the answers to a table lie."""
    return os.path.join(HERE, "golden", "calls", family + ".json")


def normals(*shape):
    """Some float32 numbers of a shape, of both signs, with two decimals."""
    return np.random.RandomState(len(shape) + sum(shape)).standard_normal(shape).round(2).astype(np.float32)


def counted(*shape):
    """0.0, 1.0, 2.0, … as float32 in a shape."""
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


# ------------------------------------------------------------------ running
class Inputs:
    """What a line's tensors are made by; fed ones have no static shape."""

    def __init__(self, tf, fed):
        self.tf, self.fed, self.feeds, self.tensors = tf, fed, {}, []

    def T(self, value, dtype=None):
        """A tensor; Python floats are float32 and ints int32 unless a dtype is named."""
        value = self.array(value, dtype)
        return self.placed(value, None) if self.fed else self.kept(self.tf.constant(value))

    def P(self, value, shape, dtype=None):
        """A placeholder of a static shape, fed."""
        return self.placed(self.array(value, dtype), shape)

    def S(self, indices, values, shape, dtype=None):
        """A SparseTensor."""
        indices = np.reshape(np.array(indices, np.int64), [-1, len(shape)])
        return self.tf.SparseTensor(self.T(indices), self.T(values, dtype), self.T(np.array(shape, np.int64)))

    def V(self, value, dtype=None):
        """A variable."""
        return self.tf.Variable(self.array(value, dtype))

    def array(self, value, dtype):
        if dtype is not None:
            return np.array(value, self.tf.as_dtype(dtype).as_numpy_dtype)
        array = np.array(value)
        return array if isinstance(value, (np.ndarray, np.generic)) else array.astype(NARROW.get(array.dtype, array.dtype))

    def placed(self, value, shape):
        tensor = self.kept(self.tf.placeholder(self.tf.as_dtype(value.dtype if value.dtype.kind not in "SU" else "string"), shape))
        self.feeds[tensor] = value
        return tensor

    def kept(self, tensor):
        self.tensors.append(tensor)
        return tensor

    def names(self, constants):
        return dict(constants, tf=self.tf, T=self.T, P=self.P, S=self.S, V=self.V)


def answer(call, tf):
    """What a module gives for a line: {"known": values or error, "fed": the same, "gradients": …}."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of gradients that become dense
        known, gradients = outcome(call, tf, fed=False)
        fed, _ = outcome(call, tf, fed=True)
    return dict({"known": known, "fed": fed}, **({"gradients": gradients} if gradients else {}))


def outcome(call, tf, fed):
    """(what the line gives, its gradients) with tensors that are known or fed."""
    inputs = Inputs(tf, fed)
    with tf.Graph().as_default():
        try:
            made = leaves(eval(compile(call.tree, "<call>", "eval"), inputs.names(call.constants)), tf)
        except Exception as error:
            return failure("build", error, call.phrase, tf), None
        with tf.Session() as session:
            try:
                session.run(tf.global_variables_initializer())
                values = session.run([each for each in made if is_fetched(each, tf)], inputs.feeds)
            except Exception as error:
                return failure("run", error, call.phrase, tf), None
            gradients = None if fed else gradients_of(made, inputs, session, tf)
    values = iter(values)
    return [recorded(each, next(values), tf) if is_fetched(each, tf) else plain(each, tf) for each in made], gradients


def plain(leaf, tf):
    """What is no tensor, as JSON; a SparseTensor's static shape stands before its parts."""
    return {"static": str(leaf)} if isinstance(leaf, tf.TensorShape) else canonical.encode(leaf)


def is_fetched(leaf, tf):
    return isinstance(leaf, (tf.Tensor, tf.Operation))


def leaves(made, tf):
    """The tensors, operations and plain values in what a call gave."""
    if isinstance(made, (list, tuple)):
        return [leaf for item in made for leaf in leaves(item, tf)]
    if isinstance(made, dict):
        return [leaf for key in sorted(made) for leaf in leaves(made[key], tf)]
    if isinstance(made, tf.SparseTensor):
        return [made.shape, made.indices, made.values, made.dense_shape]
    if isinstance(made, tf.IndexedSlices):
        return [made.values, made.indices] + ([] if made.dense_shape is None else [made.dense_shape])
    if isinstance(made, tf.Variable):
        return [made.read_value()]
    if isinstance(made, (tf.Dimension, tf.DType)):
        return [str(made)]
    return [made]


def recorded(leaf, value, tf):
    """A fetched value with what is known of it statically, where that is not the same."""
    if isinstance(leaf, tf.Operation):
        return "operation"
    found = canonical.encode_array(np.array(value, object) if isinstance(value, (bytes, str)) else np.asarray(value))
    if str(leaf.shape) != str(tf.TensorShape(found["shape"])):
        found["static"] = str(leaf.shape)
    if leaf.dtype.name != found["dtype"]:
        found["type"] = leaf.dtype.name
    return found


def gradients_of(made, inputs, session, tf):
    """Gradients of the outputs for the line's tensors, or the class of the error that comes instead."""
    floating = [each for each in inputs.tensors if each.dtype.is_floating or each.dtype.is_complex]
    outputs = [each for each in made if isinstance(each, tf.Tensor) and (each.dtype.is_floating or each.dtype.is_complex)]
    if not floating or not outputs:
        return None
    try:
        made = tf.gradients(outputs, floating)
        values = iter(session.run([tf.convert_to_tensor(each) for each in made if each is not None], inputs.feeds))
    except Exception as error:
        return class_name(error, tf)
    return [each if each is None else canonical.encode_array(np.asarray(next(values))) for each in made]


def failure(when, error, phrase, tf):
    text = str(error)
    return {"error": class_name(error, tf), "at": when, "phrase": phrase or first_line(text), "text": normal(text)}


def class_name(error, tf):
    """Name of an error's class: TF's, or the nearest one of Python itself."""
    if isinstance(error, tf.errors.OpError):
        return "tf.errors." + type(error).__name__
    return next(each.__name__ for each in type(error).__mro__ if each.__module__ == "builtins")


def first_line(text):
    """First line of an error's text, or of the first of several errors, without the recording machine's files."""
    text = normal(text).split("\n")
    root = re.match(r" +\(0\) [A-Z][a-z ]*: (.*)", text[1]) if "root error(s) found" in text[0] else None
    return re.sub(r"\(defined at [^)]*\)", "(defined at FILE:LINE)", root.group(1) if root else text[0])[:300]


def normal(text):
    """An error's text with listed types in the order of their names, as TF's order has no meaning, and without the values of
    those inputs that its shape function happened to look at."""
    text = re.sub(r" and with (computed input tensors|input tensors computed as partial shapes): .*", ".", text)
    return re.sub(r"(?<=list of allowed values: ).*", lambda types: ", ".join(sorted(types.group().split(", "))), text)


# ------------------------------------------------------------------ what is written
def compact(found):
    """An answer without what follows from it: of a fed run that gives the known values, the static shapes are enough."""
    found = {part: {key: item for key, item in each.items() if key != "text"} if is_error(each) and isinstance(each, dict) else each
             for part, each in found.items()}
    if without_statics(found["fed"]) == without_statics(found["known"]):
        found["fed"] = found["fed"] if isinstance(found["fed"], dict) else {"statics": [static_of(each) for each in found["fed"]]}
    if found["fed"] == found["known"]:
        del found["fed"]
    return found


def expanded(found):
    """The answer that `compact` was given."""
    fed = found.get("fed", found["known"])
    if isinstance(fed, dict) and "statics" in fed:
        fed = [with_static(leaf, static) for leaf, static in zip(found["known"], fed["statics"])]
    return dict(found, fed=fed)


def static_of(leaf):
    """The static shape of a recorded value; None for what has none."""
    if isinstance(leaf, dict):
        return leaf.get("static", shape_text(leaf["shape"]) if "shape" in leaf else None)
    return None


def with_static(leaf, static):
    if static is None:
        return leaf
    leaf = {key: item for key, item in leaf.items() if key != "static"}
    return leaf if "shape" in leaf and shape_text(leaf["shape"]) == static else dict(leaf, static=static)


def shape_text(shape):
    return "(%d,)" % shape[0] if len(shape) == 1 else "(%s)" % ", ".join(map(str, shape))


def without_statics(found):
    return [with_static(leaf, "") if static_of(leaf) else leaf for leaf in found] if isinstance(found, list) else found


def written(answers):
    """Answers as JSON text, a line each."""
    return "{\n" + ",\n".join("%s: %s" % (json.dumps(text), json.dumps(compact(each))) for text, each in answers.items()) + "\n}\n"


def goldens(family):
    """Recorded answers of a table: {text of the call: answer}."""
    with open(golden_path(family), encoding="utf-8") as source:
        return {text: expanded(each) for text, each in json.load(source).items()}


def differences(call, golden, tf):
    """What differs between the recorded answer and a module's, one line each."""
    ours, found = json.loads(json.dumps(answer(call, tf))), []
    for part in ("known", "fed", "gradients"):
        want, got = golden.get(part), ours.get(part)
        if is_error(want) or is_error(got):
            found += error_differences(want, got, part, tf)
        else:
            got = got and [theirs if says_more(mine, theirs) else mine for mine, theirs in zip(got, want or got)] + got[len(want or got):]
            found += replay.value_differences(want, got, call, part) + static_differences(want, got, part)
    return found


def says_more(ours, theirs):
    """Whether a SparseTensor's static shape knows what TF's does and more: here it follows from all constants."""
    if not (isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs) == ["static"]):
        return False
    if theirs["static"] == "<unknown>":
        return True
    mine, wanted = [each["static"].strip("()").split(", ") for each in (ours, theirs)]
    return len(mine) == len(wanted) and all(b in ("?", a) for a, b in zip(mine, wanted))


def static_differences(want, got, part):
    pairs = list(zip(want or (), got or ()))
    return ["%s[%d]: static shape %s, TF gives %s" % (part, number, static_of(ours), static_of(theirs))
            for number, (theirs, ours) in enumerate(pairs) if static_of(theirs) != static_of(ours)]


def is_error(found):
    return isinstance(found, str) or isinstance(found, dict) and "error" in found


def error_differences(want, got, part, tf):
    """Differences between errors: the stage, the class (or one below it), the phrase."""
    if isinstance(want, str) and isinstance(got, str):
        return []  # of gradients: that there is none is enough
    if not (is_error(want) and is_error(got)) or isinstance(want, str) or isinstance(got, str):
        return ["%s: %s\n            TF gives %s" % (part, json.dumps(got)[:200], json.dumps(want)[:200])]
    same = want["at"] == got["at"] and issubclass(replay.named_class(got["error"], tf), replay.named_class(want["error"], tf))
    if same and want["phrase"] in got["text"]:
        return []
    return ["%s: %s at %s: %s\n            TF raises %s at %s: %s" % (
        part, got["error"], got["at"], first_line(got["text"]), want["error"], want["at"], want["phrase"])]


# ------------------------------------------------------------------ from the command line
def main():
    """Replay the tables, or ``family.function`` names, given; print what differs, and how much agrees."""
    sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))
    import graphcore as tf
    for wanted in sys.argv[1:] or families():
        family, _, only = wanted.partition(":")
        golden, calls = goldens(family), [each for each in load(family) if only in ("", each.function)]
        found = {each.text: differences(each, golden[each.text], tf) for each in calls}
        for text, lines in found.items():
            print("".join(["%s\n" % text] + ["      %s\n" % line for line in lines]) if lines else "", end="")
        print("%s: %d of %d agree" % (family, sum(not lines for lines in found.values()), len(found)))


if __name__ == "__main__":
    main()
