"""The steady run of the chain: N np.add calls in a Python list walk (an interpreter's floor)."""
import time

import numpy as np


def build(kind, variant):
    if kind != "numpy" or not variant.startswith("chain"):
        raise NotImplementedError
    n = 100000 if variant.endswith("100k") else 10000
    x = np.ones(4, np.float32)
    clock = time.perf_counter

    class Node:
        __slots__ = ("f", "a", "b", "name")

        def __init__(self, f, a, b, name):
            self.f, self.a, self.b, self.name = f, a, b, name

    def sample():
        t0 = clock()
        nodes = [Node(np.add, i, 0, "Add_%d" % i) for i in range(n)]
        t1 = clock()
        plan = [(d.f, d.a, d.b) for d in nodes]
        vals = [None] * (n + 1)
        vals[0] = x

        def run():
            k = 1
            for f, a, b in plan:
                vals[k] = f(vals[a], vals[b])
                k += 1
        run()
        t2 = clock()
        ts = []
        for _ in range(5):
            a = clock()
            run()
            ts.append(clock() - a)
        return dict(construct=t1 - t0, first_run=t2 - t1, run=sorted(ts)[2])

    return dict(sample=sample)
