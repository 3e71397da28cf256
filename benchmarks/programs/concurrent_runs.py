"""The same runs by one thread and shared by two: twice as quick where kernels let other threads run, equally quick where they do not.

Every kernel has one thread (intra_op_parallelism_threads), so that what is gained comes from the runs alone.
As a program of its own this prints the ratios: python benchmarks/programs/concurrent_runs.py [module with the API]
"""
import threading

import numpy as np

KINDS = ["chain", "matmul", "conv", "training"]
VARIANTS = ["chain_1", "chain_2", "matmul_1", "matmul_2", "conv_1", "conv_2", "training_1", "training_2"]
UNIT = "ms"
RUNS = 8


def graph(tf, kind):
    """What to fetch and to feed; with ``training``, each thread changes variables of its own."""
    random = np.random.RandomState(0)
    if kind == "chain":
        x = tf.placeholder(tf.float32, [500_000])
        y = x
        for _ in range(4):
            y = tf.tanh(y * 1.5) + tf.exp(-y * y)
        return [tf.reduce_sum(y)] * 2, {x: random.standard_normal(500_000).astype(np.float32)}
    if kind == "matmul":
        x = tf.placeholder(tf.float32, [512, 512])
        return [tf.reduce_sum(tf.matmul(x, x))] * 2, {x: random.standard_normal((512, 512)).astype(np.float32)}
    if kind == "conv":
        x = tf.placeholder(tf.float32, [16, 28, 28, 32])
        filters = tf.constant(random.standard_normal((5, 5, 32, 32)).astype(np.float32))
        y = tf.reduce_sum(tf.nn.conv2d(x, filters, [1, 1, 1, 1], "SAME"))
        return [y] * 2, {x: random.standard_normal((16, 28, 28, 32)).astype(np.float32)}
    x = tf.placeholder(tf.float32, [100, 784])
    steps = []
    for _ in range(2):
        w, v = (tf.Variable(random.standard_normal(shape).astype(np.float32) * 0.05) for shape in ((784, 256), (256, 10)))
        loss = tf.reduce_mean(tf.square(tf.matmul(tf.nn.relu(tf.matmul(x, w)), v) - 1.0))
        with tf.control_dependencies([tf.train.GradientDescentOptimizer(0.01).minimize(loss)]):
            steps.append(tf.identity(loss))
    return steps, {x: random.standard_normal((100, 784)).astype(np.float32)}


def build(tf, variant):
    kind, count = variant.split("_")
    fetches, feeds = graph(tf, kind)
    session = tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1))
    session.run(tf.global_variables_initializer())

    def work(fetch, runs):
        for _ in range(runs):
            session.run(fetch, feeds)

    def step():
        if count == "1":
            for fetch in fetches:
                work(fetch, RUNS // 2)
            return
        threads = [threading.Thread(target=work, args=(fetch, RUNS // 2)) for fetch in fetches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def check():
        return dict(value=float(session.run(fetches[0], feeds)))

    return dict(step=step, check=check, close=session.close)


def main(module):
    """Print, for each kind of graph, how many times as quick two threads are."""
    import importlib
    import os
    import statistics
    import time

    tf = importlib.import_module(module)
    rounds = 11
    for kind in KINDS:
        with tf.Graph().as_default():
            ways = [build(tf, "%s_%d" % (kind, threads)) for threads in (1, 2)]
            times = [[], []]
            for number in range(rounds + 3):  # the first ones compile
                for way, taken in zip(ways, times):
                    start = time.perf_counter()
                    way["step"]()
                    if number >= 3:
                        taken.append(time.perf_counter() - start)
            one, two = map(statistics.median, times)
            print("%-10s one thread %8.2f ms, two threads %8.2f ms: %.2f times as quick, on %d cores"
                  % (kind, one * 1e3, two * 1e3, one / two, os.cpu_count()))
            for way in ways:
                way["close"]()


if __name__ == "__main__":
    import sys

    main(sys.argv[1] if len(sys.argv) > 1 else "graphcore")
