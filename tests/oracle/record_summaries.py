"""Record the bytes that TensorFlow 1.15 makes of summaries and tensors.

    PYTHON-WITH-TF-1.15 tests/oracle/record_summaries.py

Writes ``golden/summaries_bytes.json``: arrays as dtype, shape and hex, messages as hex, errors as class and text.
"""
import functools
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "summaries_bytes.json")
LARGEST = float(np.finfo(np.float64).max)
NUMBERS = "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 complex64 complex128 bfloat16".split()


def array_text(array):
    """An array as what JSON can hold; strings as text, bfloat16 as its bits."""
    array = np.asarray(array)
    if array.dtype.kind in "OSU":
        values = [each.decode("latin-1") if isinstance(each, bytes) else each for each in array.ravel().tolist()]
        return {"dtype": "string", "shape": list(array.shape), "values": values}
    name = tf.as_dtype(array.dtype).name
    return {"dtype": name, "shape": list(array.shape), "hex": array.tobytes().hex()}


def outcome(function, *arguments, **keywords):
    """The bytes that a function gives for arguments, as hex, or its error."""
    try:
        return {"hex": function(*arguments, **keywords).hex()}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error).split("\n")[0]}


def evaluated(op, **inputs):
    """What a summary op gives for arrays, in a graph and session of its own."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        fed = {key: tf.compat.v1.placeholder_with_default(value, None) for key, value in inputs.items()}
        return session.run(op(**fed))


def scalars():
    """Summaries of numbers of all types."""
    values = [0.0, -0.0, 1.5, 1e300, float("nan"), float("inf"), np.float32(0.1), np.float16(0.1), np.int64(2 ** 60 + 1),
              np.uint8(255), np.int32(-7)]
    pairs = [("loss", np.asarray(value)) for value in values] + [
        ("", np.float32(1)), (u"Verlust/\u00e4", np.float32(1)), ("long" * 60, np.float32(1)),
        (np.array(["a", "b"]), np.array([1.0, 2.0], np.float32)), (np.array([["a"], ["b"]]), np.array([1.0, 2.0])),
        ("a", np.array([1.0])), (np.array(["a", "b"]), np.array([1.0])), (np.array(["a"]), np.array(1.0))]
    return [{"tags": array_text(tag), "values": array_text(value),
             "result": outcome(evaluated, tf.raw_ops.ScalarSummary, tags=tag, values=value)}
            for tag, value in pairs]


def histograms():
    """Summaries of arrays: ordinary, at the edges of buckets, of every type, and not finite."""
    random = np.random.RandomState(7)
    step, edges = 1e-12, []
    while step < 1e20:
        edges.append(step)
        step *= 1.1
    arrays = [
        random.randn(300), random.randn(20, 10).astype(np.float32), random.randn(50).astype(np.float16),
        -np.abs(random.randn(40)), 10 ** random.uniform(-14, 22, 200), np.array([]), np.zeros((0, 3), np.float32),
        np.zeros(5), np.full(7, 3.25), np.array(2.0), np.array(-0.0), np.array([0.0, -0.0]), np.arange(-5, 6),
        np.array([2 ** 62 + 1, -2 ** 62, 3]), np.arange(200, 256).astype(np.uint8),
        np.array([-128, 127], np.int8), np.array(edges[::97]), -np.array(edges[::131]), np.nextafter(edges[::113], 0),
        np.array([1e20, 1e21, -1e25, 1e-13, -1e-13, 5e-324]), np.array([1e300, -1e300, 1e200]),
        np.array([np.nextafter(LARGEST, 0), -LARGEST]), np.array([1.0, np.nan]), np.array([1.0, -np.inf, np.nan]),
        np.array([np.nan, np.inf], np.float32), random.randn(30).astype(tf.bfloat16.as_numpy_dtype)]
    op = functools.partial(tf.raw_ops.HistogramSummary, name="spread")
    return [{"values": array_text(array), "result": outcome(evaluated, op, tag="h", values=array)} for array in arrays]


def merges():
    """Merged summaries, with tags repeated, empty and broken."""
    def summary(*tags):
        return tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(tag=tag, simple_value=1) for tag in tags]).SerializeToString()

    cases = [[summary("a"), summary("b")], [summary("a"), summary("a")], [summary("a", "b"), b""], [summary("", ""), summary("")],
             [b"\xff"], [summary("a", "a")]]
    return [{"inputs": [each.hex() for each in case], "result": outcome(merged, case)} for case in cases]


def merged(case):
    """What MergeSummary gives for a list of summaries."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        return session.run(tf.raw_ops.MergeSummary(inputs=case))


def tensors():
    """TensorProtos of arrays of all types and several shapes."""
    arrays = [np.array(value).astype(getattr(tf, name).as_numpy_dtype) for name in NUMBERS
              for value in (0, 1, [1], [], [1, 0, 3], [[1, 0, 3], [7, 7, 7]])]
    arrays += [np.array(value) for value in (True, [True, False], [[False]])] + [np.zeros((0, 3), np.float32)]
    arrays += [np.array(value).astype(np.float32) for value in (-0.0, np.nan, [np.inf, -np.inf])]
    arrays += [np.array(value, object) for value in (b"a", [b"a\0", b"", b"\xff"], [[b"x"]])]
    arrays += [np.array([-1, 300], np.int16), np.array(-1, np.int8), np.array(2 ** 64 - 1, np.uint64), np.array(1.5 - 2j)]
    return [{"values": array_text(array), "result": outcome(tensor_bytes, array)} for array in arrays]


def tensor_bytes(*arguments, **keywords):
    """The serialised TensorProto for arguments of make_tensor_proto."""
    return tf.compat.v1.make_tensor_proto(*arguments, **keywords).SerializeToString()


# Python values and arguments of make_tensor_proto, written as both sides evaluate them.
CALLS = """
1 | [1, 2], shape=[3] | 1, shape=[2, 2] | [] | [1, 2, 3], shape=[2] | [1, 2], shape=[1, 2], verify_shape=True | 'a' | [b'a', 'b']
2 ** 40 | [2 ** 40, 1] | 1.5, tf.int32 | 1, tf.float32 | 1, tf.bool | 'a', tf.float32 | None | [1.0, 2] | [1, 2.5] | 1j
[[1, 2], [3]] | [True, False] | 1.5, tf.bfloat16 | [1.5, 2], tf.bfloat16 | [1.0] * 3, tf.float16 | [], tf.string | [[]]
[[], []], tf.int32 | [], tf.int32, [0, 3] | -0.0 | 'abc', None, [2] | 1, tf.complex64 | 1, 'float32' | 1, 'bad' | 1, tf.resource
np.float64(1.5) | np.array([1, 2]) | np.array([1.5]), tf.int32 | bytearray(b'abc') | np.array(['a', 'bc']) | np.int64(5)
np.asfortranarray([[1, 2], [3, 4]]) | np.array([[1, 2]]), tf.float32, [2, 2] | 1, None, [2], False, True | 3, None, [-1]
[1, 2], None, [2], True, True | [1], None, [3], False, True | [1, 2], None, [3], False, True | np.array([1, 2]), tf.qint8 | 300, tf.int8
[np.int64(5)] | [np.float64(1.5)] | -1, tf.uint8 | 2 ** 31, tf.int32 | 1, None, [0] | [1, [2]] | [None] | {} | 2 ** 70 | [1, 'a']
"""


def calls():
    """What make_tensor_proto gives for Python values."""
    texts = [text.strip() for line in CALLS.strip().splitlines() for text in line.split("|")]
    names = {"tf": tf, "np": np, "tensor_bytes": tensor_bytes}
    return [{"arguments": text, "result": outcome(eval, "tensor_bytes(%s)" % text, names)} for text in texts]


def main():
    """Write the golden file, an answer a line."""
    subjects = {each.__name__: each() for each in (scalars, histograms, merges, tensors, calls)}
    parts = ['"%s": [\n%s\n]' % (name, ",\n".join(json.dumps(answer, sort_keys=True) for answer in answers))
             for name, answers in subjects.items()]
    with open(PATH, "w") as file:
        file.write("{%s}\n" % ",\n".join(parts))


if __name__ == "__main__":
    main()
