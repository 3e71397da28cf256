"""Floors for one call: what a bare dispatch of the same arithmetic costs."""
import numpy as np

f32 = np.float32


def build(kind, variant):
    callable_ = variant.endswith("callable")
    if variant.startswith("scalar"):
        if kind == "numpy":  # dict feed, conversion, one ufunc: the least a Python run() could do
            fd = {"a": 3.0, "b": 4.5}

            def step():
                if callable_:
                    return np.add(f32(3.0), f32(4.5))
                e = {k: np.asarray(v, f32) for k, v in fd.items()}
                return np.add(e["a"], e["b"])
        elif kind == "numba":
            import numba
            g = numba.njit("float32(float32,float32)")(lambda a, b: a + b)

            def step():
                return g(3.0, 4.5)
        else:
            raise NotImplementedError
        return dict(step=step, check=lambda: dict(c=float(step())))

    vals = [np.arange(8, dtype=f32) + i for i in range(5)]

    def body(a):
        t = []
        for i in range(5):
            t.append(a[i] + a[(i + 1) % 5])
            t.append(a[i] * a[(i + 2) % 5])
        return t

    if kind == "numpy":
        def run():
            return body([np.asarray(v, f32) for v in vals])
    elif kind == "numba":
        import numba

        @numba.njit(fastmath=True)
        def g(a0, a1, a2, a3, a4):
            return (a0 + a1, a0 * a2, a1 + a2, a1 * a3, a2 + a3, a2 * a4, a3 + a4, a3 * a0, a4 + a0, a4 * a1)

        def run():
            return g(*vals)
    else:
        raise NotImplementedError

    def step():
        t = run()
        return {"a": [t[0], t[1]], "b": (t[2], {"c": t[3], "d": [t[4], t[5]]}), "e": t[6:]}

    def check():
        return dict(s=float(sum(float(np.sum(t)) for t in run())))

    return dict(step=step, check=check)
