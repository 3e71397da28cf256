#!/usr/bin/env python3
"""Write a million scalar events, as a long training run does: seconds, and memory on the way.

    python benchmarks/million_events.py [--module graphcore | tensorflow.compat.v1] [--count 1000000]
"""
import argparse
import importlib
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TIMES_MEMORY_IS_SHOWN = 5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", default="graphcore")
    parser.add_argument("--count", type=int, default=1000000)
    arguments = parser.parse_args()
    sys.path.insert(0, os.path.dirname(HERE))
    tf = importlib.import_module(arguments.module)
    if hasattr(tf, "disable_v2_behavior"):
        tf.disable_v2_behavior()
    folder = tempfile.mkdtemp()
    try:
        written(tf, folder, arguments.count)
    finally:
        shutil.rmtree(folder)


def written(tf, folder, count):
    """Write the events, say what it took, and count what is in the file."""
    loss = tf.placeholder(tf.float32, [], name="loss")
    summary = tf.summary.scalar("loss", loss)
    with tf.Session() as session:
        evaluate = session.make_callable(summary, [loss])
        writer = tf.summary.FileWriter(folder, session.graph)
        start = time.time()
        for step in range(count):
            if step % (count // TIMES_MEMORY_IS_SHOWN or 1) == 0:
                print("%9d events, %s MiB in memory" % (step, memory()))
            writer.add_summary(evaluate(1.0 / (1 + step)), step)
        writer.close()
    print("%9d events, %s MiB in memory, %.1f s" % (count, memory(), time.time() - start))
    name, = os.listdir(folder)
    found = sum(event.WhichOneof("what") == "summary" for event in tf.train.summary_iterator(os.path.join(folder, name)))
    print("%9d events are read back" % found)


def memory():
    """MiB that the process holds; ? where the system does not say."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
    except OSError:
        return "?"


if __name__ == "__main__":
    main()
