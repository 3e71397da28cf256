"""The oracle programs: small TF1 programs written once, recorded from TF and replayed on graphcore.

A program is a function of a module ``tf`` that returns a dict of values. It runs in a fresh default graph.
This file is read by the recording interpreter too, so it keeps to what Python 3.7 understands.
"""
import contextlib
import importlib.util
import os

HERE = os.path.dirname(os.path.abspath(__file__))
_CURRENT = []


class Program:
    """One recorded program: its function, what is recorded of it and how closely values must agree."""

    def __init__(self, function, graph=False, values=True, phrase=None, rtol=None, atol=None, why=None):
        self.function, self.name = function, function.__name__
        self.graph, self.values, self.phrase = graph, values, phrase
        self.rtol, self.atol, self.why = rtol, atol, why
        if (rtol is not None or atol is not None) and not why:
            raise TypeError("%s widens a tolerance and must say why" % self.name)

    def run(self, tf):
        """Return (values, GraphDef) of the program run on ``tf`` in a fresh default graph."""
        with tf.Graph().as_default() as graph:
            values = self.function(tf)
            return values, (graph.as_graph_def() if self.graph else None)


def program(function=None, **options):
    """Register a program; ``graph=True`` records the default graph's GraphDef beside the values."""
    def register(function):
        _CURRENT.append(Program(function, **options))
        return function
    return register if function is None else register(function)


def raises(phrase):
    """Register a program that must fail: the error's class and this phrase of its text are promised."""
    return program(phrase=phrase)


@contextlib.contextmanager
def _collecting():
    saved, _CURRENT[:] = list(_CURRENT), []
    try:
        yield _CURRENT
    finally:
        _CURRENT[:] = saved


def subjects():
    """Names of all program files."""
    files = sorted(os.listdir(os.path.join(HERE, "programs")))
    return [name[:-3] for name in files if name.endswith(".py") and not name.startswith("_")]


def load(subject):
    """Programs of one file, in the order they are written."""
    path = os.path.join(HERE, "programs", subject + ".py")
    # Loaded by path under a name of its own: `random.py` must not shadow the standard library.
    spec = importlib.util.spec_from_file_location("oracle_programs_" + subject, path)
    module = importlib.util.module_from_spec(spec)
    with _collecting() as found:
        spec.loader.exec_module(module)
        names = [each.name for each in found]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError("%s: programs with the same name: %s" % (path, sorted(doubled)))
        return list(found)


def golden_path(subject):
    """Where the recorded answers of one program file lie."""
    return os.path.join(HERE, "golden", subject + ".json")
