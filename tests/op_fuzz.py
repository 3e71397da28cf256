"""Bad input for one op: its example with some inputs or attributes changed, and what may come of it.

A case is a sequence of changes that a seed decides. It is built twice: from constants, where all shapes are known while
building, and from placeholders of unknown shape, where only a run can complain.
"""

import contextlib
import os
import re
import signal
import warnings
import zlib

import numpy as np

import graphcore as tf
from graphcore.core import dtypes
from graphcore.core.dtypes import as_dtype
from graphcore.core.opdef import Attr
from tests.op_examples import Node

try:
    import resource
except ImportError:  # Windows
    resource = None

# TF's own words for what only looks like Python's or the library's.
TENSORFLOWS = ("ValueError: callback ", "Elements of backprop_val_grad aren't all propagated")
# A switch has no kernel: the branch that is taken goes by the truth of what is fed. TF's kernel of Substr does not compare what its
# shape rule compares. An Unpack into no parts has nothing to run.
UNCHECKED = ("Switch", "RefSwitch", "Substr", "Unpack")
SECONDS = 20  # far more than any case needs
BYTES = 3 << 30  # beyond what the process has: an op that asks for more is told so at once
# What the kernels did not see coming: the failure of a NumPy call, or worse.
_PYTHON = re.compile(r"^\w*(Error|Exception|Warning|StopIteration)\b:|.* Op does not take these inputs")


# ---------------------------------------------------------------- changes


def reshaped(random, array):
    """The elements under another rank."""
    kind = random.randint(4)
    if kind == 0:
        return array[None]
    if kind == 1:
        return array[..., None]
    if kind == 2:
        return array.reshape(-1)
    return array.reshape(-1)[0] if array.size else array.reshape(0, 1)


def resized(random, array):
    """More elements along an axis, or fewer, or none."""
    if not array.ndim:
        return np.array([array[()]] * random.randint(3), array.dtype)
    axis = random.randint(array.ndim)
    count = random.choice([0, 1, max(0, array.shape[axis] - 1), array.shape[axis] + 1])
    return np.take(array, np.arange(count) % max(1, array.shape[axis]), axis) if array.shape[axis] else array


def emptied(random, array):
    return np.zeros([0] * max(1, array.ndim), array.dtype) if random.randint(2) else array[..., None][..., :0]


def revalued(random, array):
    """One element, or all, of an unusual value."""
    kind = array.dtype.kind
    if kind in "iu":
        limits = np.iinfo(array.dtype)
        choices = [-1, 0, 1, 2, 7, 100, -100, limits.max, limits.min, limits.max // 2, 1 << 20]
        choices = [int(each) for each in choices if limits.min <= each <= limits.max]
    elif kind == "f":
        choices = [np.nan, np.inf, -np.inf, 0.0, -0.0, -1.0, 1e30, -1e30, 0.5]
    elif kind == "c":
        choices = [complex(np.nan, 0), complex(np.inf, -np.inf), 0j, -1 + 1j]
    elif kind == "b":
        choices = [True, False]
    elif kind == "O":
        choices = [b"", b"\xff\xfe", b"[(", b"a" * 300, b"\0", "é".encode(), b"-1", b"1e999", b"%s{}\\9"]
    else:
        return array
    array = array.copy()
    value = choices[random.randint(len(choices))]
    with np.errstate(all="ignore"):
        if not array.size or not array.ndim or random.randint(2):
            array[...] = value
        else:
            array.reshape(-1)[random.randint(array.size)] = value
    return array


INPUT_CHANGES = (reshaped, resized, emptied, revalued, revalued)


def attribute_changed(random, attr, value):
    """Another value of an attribute, of the right Python type."""
    if isinstance(attr.kind, list):
        value = list(value)
        kind = random.randint(4)
        if kind == 0:
            return value[:-1]
        if kind == 1:
            return [*value, *value[-1:]]
        if kind == 2:
            return []
        if value and isinstance(value[0], (int, float)) and not isinstance(value[0], bool):
            value[random.randint(len(value))] = type(value[0])(random.choice([-1, 0, 3, 1000, 1 << 30]))
        return value
    if attr.kind is bool:
        return not value
    if attr.kind is int:
        return int(random.choice([-1, 0, 1, 2, 5, 1000, (1 << 31) - 1, -(1 << 31)]))
    if attr.kind is float:
        return float(random.choice([-1.0, 0.0, 1e30, np.nan, 0.5]))
    if attr.kind is bytes:
        return [b"", b"nonsense", b"\xff"][random.randint(3)]
    return value


class Case:
    """One bad input of ``op``: ``number`` decides which."""

    def __init__(self, op, number):
        self.op, self.number = op, number
        self.told = []

    def built(self, session, fed):
        """``(node, feeds)``; raises what building raises.  ``fed`` makes placeholders of what was changed, of unknown shape."""
        random = np.random.RandomState(zlib.crc32(f"{self.op.op_name} {self.number}".encode()))
        self.told, feeds = [], {}
        changeable = [i.name for i in self.op.inputs if i.type is not dtypes.resource and not i.ref]
        attributes = [a for a in self.op.attrs.values() if isinstance(a, Attr) and a.kind is not np.ndarray
                      and not any(i.count is a for i in self.op.inputs)]
        chosen = [changeable[random.randint(len(changeable))] for _ in range(1 + random.randint(2))] if changeable else []
        change_attribute = attributes and random.randint(4) == 0

        def change(declared, tensor):
            if declared.name not in changeable:
                return tensor
            array = session.run(tensor) if declared.name in chosen or fed else None
            if declared.name in chosen:
                array = np.asarray(array, object if tensor.dtype == tf.string else None)
                function = INPUT_CHANGES[random.randint(len(INPUT_CHANGES))]
                array = np.asarray(function(random, array), array.dtype)
                shown = repr(array.tolist()) if array.size < 20 else "..."
                self.told.append(f"{declared.name} {function.__name__}: {array.dtype}{list(array.shape)} {shown}")
                tensor = tf.constant(array, tensor.dtype)
            if fed and not declared.static:
                placeholder = tf.placeholder(tensor.dtype)
                feeds[placeholder] = array
                return placeholder
            return tensor

        node = Node(self.op, change=change, attributes=self._attributes(random, attributes) if change_attribute else None)
        return node, feeds

    def _attributes(self, random, attributes):
        attr = attributes[random.randint(len(attributes))]

        def changed(values):
            if attr.name not in values and not isinstance(attr.default, (bool, int, float, bytes, tuple)):
                return values
            value = attribute_changed(random, attr, values.get(attr.name, attr.default))
            self.told.append(f"{attr.name}={value!r}")
            return {**values, attr.name: value}

        return changed


# ---------------------------------------------------------------- what may come of it


def complaints(case):
    """What is wrong with how a case ends, built from constants and built from placeholders."""
    found, ends, refusal = [], [], ""
    for fed in (False, True):
        try:
            end, error, wrong = outcome(case, fed)
        except TookTooLong as late:
            end, error, wrong = "late", late, [str(late)]
        ends.append(end)
        refusal = refusal or str(error)
        found += [f"{'fed' if fed else 'constant'} {case.told}: {text}" for text in wrong]
    # Where TF's kernels are kinder than its shape rules: windows that do not fit once give no windows.
    if ends == ["built", "fine"] and "Negative dimension size caused by" not in refusal and case.op.op_name not in UNCHECKED:
        found.append(f"{case.told} is refused while building, and runs when it is fed: {refusal}")
    return found


def outcome(case, fed):
    """``("built", error)``, ``("run", error)`` or ``("fine", None)``, and the complaints about how it came."""
    with tf.Graph().as_default(), tf.Session() as session, bounded():
        try:
            node, feeds = case.built(session, fed)
        except (TypeError, ValueError, NotImplementedError, tf.errors.OpError) as error:
            return "built", error, build_complaints(case.op, error)
        except Exception as error:
            return "built", error, [f"building raises {type(error).__name__}: {error}"]
        try:
            values = node.run(session, feeds) or []
        except tf.errors.OpError as error:
            return "run", error, run_complaints(node, error)
        except Exception as error:
            return "run", error, [f"the run raises {type(error).__name__}: {error}"]
        return "fine", None, value_complaints(node, values)


def build_complaints(op, error):
    text = str(error)
    found = []
    if op.op_name not in text and not any(f"'{i.name}'" in text for i in op.inputs):
        found.append(f"building names neither op nor input: {type(error).__name__}: {text}")
    if __file__.rsplit("/", 1)[-1] not in text and "op_examples.py" not in text:
        found.append(f"building does not name the user's line: {text}")
    return found


def run_complaints(node, error):
    message = error.message
    if error.op is None:
        return [f"the error has no op: {message}"]
    found = []
    if message.startswith(TENSORFLOWS) or node.example.op.op_name.startswith("PyFunc"):  # the user's function speaks
        pass
    elif isinstance(error, (tf.errors.UnknownError, tf.errors.InternalError)):
        found.append(f"{type(error).__name__}: {message}")
    elif _PYTHON.match(message) and not isinstance(error, tf.errors.ResourceExhaustedError):
        found.append(f"NumPy's or Python's own words: {message.splitlines()[0]}")
    if error.op.name not in message or "op_examples.py" not in message:
        found.append(f"the error does not name the node and the user's line: {message}")
    return found


def value_complaints(node, values):
    found = []
    for (_, tensor), value in zip(node.named, values):
        if not tensor.shape.is_compatible_with(np.shape(value)):
            found.append(f"{tensor.name} should have the shape {tensor.shape}, has {np.shape(value)}")
        if tensor.dtype.base != tf.string and as_dtype(np.asarray(value).dtype) is not tensor.dtype.base:
            found.append(f"{tensor.name} should be {tensor.dtype.base.name}, is {np.asarray(value).dtype}")
    return found


class TookTooLong(BaseException):
    """Not an Exception: nothing on the way may take it for the op's own."""


@contextlib.contextmanager
def bounded():
    """Stops a block that takes too long, refuses it memory that no sensible case needs, and takes warnings for errors."""
    if resource is None or not os.path.exists("/proc/self/statm"):  # Windows, macOS
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as sizes:
        used = int(sizes.read().split()[0]) * resource.getpagesize()
    earlier = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, hard))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGALRM, earlier)


def _ring(number, frame):
    raise TookTooLong(f"more than {SECONDS} seconds")
