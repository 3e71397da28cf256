"""What `explain` says of kernels and memory."""

import numpy as np

import graphcore as tf
from graphcore.core import flags
from graphcore.session.passes import optimized
from graphcore.session.plan import lower
from graphcore.session.summary import memory


def test_memory_is_that_of_arrays_that_live_at_the_same_time():
    x = tf.placeholder(tf.float32, [100, 100])
    square = tf.matmul(x, x)  # 40,000 bytes each; the inverse's are there while the product still is
    made = tf.matmul(tf.matrix_inverse(square), square)
    plan = optimized(lower([made], [x]), [(100, 100)])
    count, total, most, where = memory(plan)
    assert (count, total, most) == (3, 120_000, 120_000)
    assert where.op.op_name == "MatMul"


def test_what_is_handed_on_takes_no_memory():
    x = tf.placeholder(tf.float32, [300, 300])
    plan = optimized(lower([tf.matmul(tf.reshape(x, [100, 900]), tf.reshape(x, [900, 100]))], [x]), [(300, 300)])
    assert memory(plan)[:3] == (1, 40_000, 40_000)


def test_explain_ends_with_kernels_buffers_and_peak():
    x = tf.placeholder(tf.float32, [None])
    y = tf.placeholder(tf.float32, [3])
    made = [tf.exp(x) * 2.0 + 1.0, tf.reduce_sum(tf.square(y) + 1.0)]
    with flags.jit.set("lazy"), tf.Session() as session:
        text = session.explain(made, {x: np.zeros(200000), y: np.zeros(3)})
    ending = text[text.rindex("kernels"):].splitlines()
    assert "nest of loops over 200000" in ending[1] and "in one call, under the interpreter's lock" in ending[2]
    assert ending[3] == "buffers: 2 arrays, 781.3 KiB in all"
    assert ending[4].startswith("peak memory: 781.3 KiB, at %")
