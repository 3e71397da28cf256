"""Whole process of the same y = w*x+b without a graph framework: KIND WHAT(import|full)."""
import sys
import time


def main(kind, what):
    t0 = time.perf_counter()
    if kind == "numpy":
        import numpy as np
    elif kind == "numba":
        import numba
        import numpy as np
    else:
        raise NotImplementedError(kind)
    t1 = time.perf_counter()
    if what == "full":
        if kind == "numpy":
            r = np.float32(3) * np.float32(2) + np.float32(1)
        else:
            r = numba.njit(lambda w, x, b: w * x + b)(np.float32(3), np.float32(2), np.float32(1))
        assert float(r) == 7.0
    t2 = time.perf_counter()
    print("COLD import=%.6f run=%.6f" % (t1 - t0, t2 - t1))


main(sys.argv[1], sys.argv[2])
