"""Record the streams of TensorFlow 1.15's random ops, two to three runs of one session each.

    PYTHON-WITH-TF-1.15 tests/oracle/record_rng.py

Writes ``golden/rng.json``: a list of cases with op, seeds, arguments and what each run gave. Of long results it keeps
the shape, every n-th value and a checksum of all values. The ops are made directly, so that both seeds are known.
"""
import json
import os
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.python.ops import gen_random_ops

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "rng.json")
SEEDS = [(1, 0), (0, 5), (777, 3), (87654321, 42), (-5, 1 << 40), ((1 << 63) - 1, -1)]
FLOATS = ["float16", "bfloat16", "float32", "float64"]
SHAPES = [[], [0], [1], [7], [3, 5], [2, 0, 3]]
LONG = [[10007], [300, 301]]
KEPT = 40


def filling(op):
    """Cases of an op that takes shape and dtype only."""
    for dtype in FLOATS:
        for shape in SHAPES + LONG:
            yield dict(op=op, seeds=SEEDS[2], shape=shape, dtype=dtype)
        for seeds in SEEDS:
            yield dict(op=op, seeds=seeds, shape=[5], dtype=dtype)


def integers():
    ranges = [("int32", 0, 100), ("int32", -(1 << 31), (1 << 31) - 1), ("int32", -7, -6), ("int64", 0, 100),
              ("int64", -(1 << 63), (1 << 63) - 1), ("int64", -5, 1 << 40), ("int32", 5, 3 << 29)]
    for dtype, minval, maxval in ranges:
        for shape in ([], [0], [7], [10007]):
            yield dict(op="random_uniform_int", seeds=SEEDS[3], shape=shape, dtype=dtype, minval=minval, maxval=maxval)


def gammas():
    for dtype in ("float16", "float32", "float64"):
        for shape, alpha in (([], 2.0), ([5], 1.0), ([3, 2], [0.5, 1.0, 4.0]), ([0], 2.0), ([7], [[0.01], [30.0]]),
                             ([3001], [0.9, 1.5, 1.0])):
            for seeds in SEEDS[2:4]:
                yield dict(op="random_gamma", seeds=seeds, shape=shape, dtype=dtype, alpha=alpha)


def poissons():
    for dtype in ("float16", "float32", "float64", "int32", "int64"):
        for shape, rate in (([], 2.0), ([6], 0.0), ([3, 2], [0.5, 10.0, 40.0]), ([0], 2.0), ([3001], [3.0, 12.0, 1000.0])):
            yield dict(op="random_poisson", seeds=SEEDS[3], shape=shape, dtype=dtype, rate=rate)


def multinomials():
    rows = [[[0.0, 1.0, 2.0]], [[1.0, 1.0], [0.0, 5.0], [-3.0, 0.5]], [[float("-inf"), 0.0, 1.0, -1.0]]]
    for dtype in ("float16", "float32", "float64"):
        for logits in rows:
            for num_samples in (0, 1, 6, 333):
                for output_dtype in ("int32", "int64"):
                    yield dict(op="multinomial", seeds=SEEDS[2], logits=logits, logits_dtype=dtype, num_samples=num_samples,
                               dtype=output_dtype)


def shuffles():
    for seeds in SEEDS:
        for shape in ([0], [1], [2], [6], [9, 2], [1, 4], [5, 0], [3, 2, 2], [1001], [1002, 2]):
            yield dict(op="random_shuffle", seeds=seeds, shape=shape, dtype="int32")


def node(case):
    """Return the op of one case."""
    seeds = dict(zip(("seed", "seed2"), case["seeds"]))
    dtype = tf.as_dtype(case["dtype"])
    if case["op"] == "random_uniform_int":
        return gen_random_ops.random_uniform_int(shape(case), tf.constant(case["minval"], dtype), tf.constant(case["maxval"], dtype),
                                                 **seeds)
    if case["op"] == "random_gamma":
        return gen_random_ops.random_gamma(shape(case), tf.constant(case["alpha"], dtype), **seeds)
    if case["op"] == "random_poisson":
        return gen_random_ops.random_poisson_v2(shape(case), tf.constant(case["rate"], tf.float32), dtype=dtype, **seeds)
    if case["op"] == "multinomial":
        return gen_random_ops.multinomial(tf.constant(case["logits"], case["logits_dtype"]), case["num_samples"],
                                          output_dtype=dtype, **seeds)
    if case["op"] == "random_shuffle":
        return gen_random_ops.random_shuffle(np.arange(np.prod(case["shape"], dtype=int), dtype="int32").reshape(case["shape"]), **seeds)
    return getattr(gen_random_ops, case["op"])(shape(case), dtype=dtype, **seeds)


def shape(case):
    return tf.constant(case["shape"], tf.int32)


def runs(case):
    """Return what three runs of a case in one session give, as arrays; bfloat16 as the float32 of the same value."""
    with tf.Graph().as_default():
        result = node(case)
        if case["dtype"] == "bfloat16":
            result = tf.cast(result, tf.float32)
        # One thread: TF restarts the stream of `multinomial` where it cuts a large batch for several.
        with tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1)) as session:
            return [session.run(result) for _ in range(3 if result.shape.num_elements() else 1)]


def summary(array):
    """Return a short JSON form of an array."""
    flat = array.reshape(-1)
    step = max(1, flat.size // KEPT)
    return dict(shape=list(array.shape), step=step, values=flat[::step].tolist(), checksum=zlib.crc32(flat.tobytes()))


def cases():
    for op in ("random_uniform", "random_standard_normal", "truncated_normal"):
        yield from filling(op)
    for family in (integers, gammas, poissons, multinomials, shuffles):
        yield from family()


def main():
    recorded = [dict(case, runs=[summary(run) for run in runs(case)]) for case in cases()]
    with open(FILE, "w") as stream:
        stream.write("[\n" + ",\n".join(json.dumps(case) for case in recorded) + "\n]\n")


if __name__ == "__main__":
    main()
