"""The chain of element-wise functions: block by block in NumPy, or as one loop."""
import data
import numpy as np

f32 = np.float32


def build(kind, variant):
    x, y = data.elementwise()
    n = x.size
    gx = gy = None
    if kind == "numba":
        import fused
        if variant == "fwd":
            def step():
                return fused.chain_fwd(x, y)
        else:
            gx, gy = np.empty_like(x), np.empty_like(y)

            def step():
                return fused.chain_grad(x, y, gx, gy)
    elif kind == "numpy":  # op at a time on cache-sized blocks: no fusion, no extra traffic
        if variant != "fwd":
            raise NotImplementedError
        BL = 16384
        t, c, e = (np.empty(BL, f32) for _ in range(3))

        def step():
            s = 0.0
            for k in range(0, n, BL):
                xs, ys = x[k:k + BL], y[k:k + BL]
                v = xs
                for _ in range(3):
                    np.multiply(v, ys, out=t)
                    np.add(t, xs, out=t)
                    np.tanh(t, out=c)
                    np.exp(c, out=t)
                    np.negative(t, out=t)
                    np.exp(t, out=t)
                    np.add(t, f32(1), out=t)
                    np.reciprocal(t, out=t)
                    np.multiply(t, t, out=t)
                    np.add(t, f32(1), out=t)
                    np.sqrt(t, out=t)
                    np.maximum(t, c, out=t)
                    np.subtract(t, xs, out=e)
                    v = e
                s += float(v.sum())
            return s
    else:
        raise NotImplementedError

    def check():
        r = dict(loss=float(step()))
        if gx is not None:
            r.update(gx=float(gx.sum(dtype="f8")), gy=float(gy.sum(dtype="f8")))
        return r

    return dict(step=step, check=check)
