"""What nodes cost before anything runs. build: seconds a node made (constants made on the way count) for five kinds of call
and the median of these, in a graph of its own for each. plan: seconds an op that running costs once, in a long graph: at the
first run (plan and program) and over the first 25 (optimised and compiled as well), beyond what as many later runs take."""
import gc
import time

import numpy as np

VARIANTS = ["build10k", "build100k", "plan10k", "plan100k"]
UNIT = "us"
WARM_RUNS = 25


def kinds(tf):
    """name → a function that makes one node, or a node and its constant, in the default graph."""
    x = tf.placeholder(tf.float32, [8, 4])
    v = tf.Variable(tf.zeros([8, 4]))
    images = tf.placeholder(tf.float32, [2, 8, 8, 3])
    filters = tf.placeholder(tf.float32, [3, 3, 3, 5])
    return dict(add=lambda: tf.add(x, x), sum=lambda: tf.reduce_sum(x, 1), concat=lambda: tf.concat([x, x], 0),
                assign=lambda: tf.assign(v, x), conv2d=lambda: tf.nn.conv2d(images, filters, strides=[1, 1, 1, 1], padding="SAME"))


def cost(tf, kind, count):
    with tf.Graph().as_default() as graph:
        make = kinds(tf)[kind]
        make()
        before = len(graph.get_operations())
        made = 0
        start = time.perf_counter()
        while made < count:
            for _ in range(1000):
                make()
            made += 1000 * (2 if kind in ("sum", "concat") else 1)
        elapsed = time.perf_counter() - start
        assert len(graph.get_operations()) - before == made
    return elapsed / made


def building(tf, count):
    def sample():
        found = {}
        for kind in ("add", "sum", "concat", "assign", "conv2d"):
            gc.collect()
            found[kind] = cost(tf, kind, count)
        return dict(found, median=sorted(found.values())[2])

    return sample


def long_graph(tf, count):
    """Layers of small products, biases, activations and sums: of ``count`` ops half can be fused."""
    x = tf.placeholder(tf.float32, [4, 4])
    w = tf.placeholder(tf.float32, [4, 4])
    t = x
    for _ in range(count // 6):
        h = tf.nn.relu(tf.matmul(t, w) + x)
        t = h - tf.reduce_mean(h, keepdims=True)  # two nodes and the axes' constant
    return x, w, t


def planning(tf, count):
    values = np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)

    def sample():
        gc.collect()
        with tf.Graph().as_default() as graph, tf.Session() as session:
            x, w, t = long_graph(tf, count)
            ops = len(graph.get_operations())
            times = []
            for _ in range(WARM_RUNS + 5):
                start = time.perf_counter()
                session.run(t, feed_dict=dict(zip((x, w), values)))
                times.append(time.perf_counter() - start)
        steady = sorted(times[WARM_RUNS:])[2]
        return dict(first=max(0.0, times[0] - steady) / ops, warm=max(0.0, sum(times[:WARM_RUNS]) - WARM_RUNS * steady) / ops)

    return sample


def build(tf, variant):
    count = 100000 if variant.endswith("100k") else 10000
    return dict(sample=(building if variant.startswith("build") else planning)(tf, count), heavy=variant.endswith("100k"))
