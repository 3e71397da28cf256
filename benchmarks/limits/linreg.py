"""Linear regression without a graph."""
import data
import numpy as np

f32 = np.float32
LR = 0.01


def build(kind, variant):
    walk = variant == "walkthrough"
    d = [np.ascontiguousarray(t, dtype=f32) for t in (data.linreg() if walk else data.multireg())]
    Xtr, ytr, Xte, yte = d
    n_in = Xtr.shape[1]
    st = [np.zeros((n_in, 1), f32), np.zeros(1, f32)]

    if kind == "numpy":
        def model(x, w, b):
            return x.dot(w) + b

        def train():
            w, b = st
            r = model(Xtr, w, b) - ytr
            l = f32(np.vdot(r, r)) / r.size
            r *= 2.0 / r.size
            w -= LR * Xtr.T.dot(r)
            b -= LR * r.sum(0)
            return l

        def loss(x, y):
            r = model(x, *st) - y
            return np.vdot(r, r) / r.size

        def r2(x, y):
            e = y - model(x, *st)
            t = y - y.mean()
            return 1 - np.vdot(e, e) / np.vdot(t, t)

        def step():
            if walk:
                train()
                return loss(Xtr, ytr), loss(Xte, yte), r2(Xte, yte)
            l = train()
            return l, loss(Xte, yte), r2(Xte, yte)
    elif kind == "numba":
        import numba
        jit = numba.njit(fastmath=True)

        @jit
        def train(X, y, w, b, gw, lr):
            n, k = X.shape
            for j in range(k):
                gw[j] = 0
            gb = f32(0)
            l = f32(0)
            for i in range(n):
                r = b[0] - y[i, 0]
                for j in range(k):
                    r += X[i, j] * w[j, 0]
                l += r * r
                gb += r
                for j in range(k):
                    gw[j] += r * X[i, j]
            s = f32(2.0) / f32(n) * lr
            for j in range(k):
                w[j, 0] -= s * gw[j]
            b[0] -= s * gb
            return l / f32(n)

        @jit
        def loss(X, y, w, b):
            n, k = X.shape
            l = f32(0)
            for i in range(n):
                r = b[0] - y[i, 0]
                for j in range(k):
                    r += X[i, j] * w[j, 0]
                l += r * r
            return l / f32(n)

        @jit
        def r2(X, y, w, b):
            n, k = X.shape
            m = f32(0)
            for i in range(n):
                m += y[i, 0]
            m /= f32(n)
            t = f32(0)
            for i in range(n):
                t += (y[i, 0] - m) * (y[i, 0] - m)
            return f32(1) - loss(X, y, w, b) * f32(n) / t

        gw = np.zeros(n_in, f32)
        lr = f32(LR)

        def step():
            w, b = st
            l = train(Xtr, ytr, w, b, gw, lr)
            if walk:
                l = loss(Xtr, ytr, w, b)
            return l, loss(Xte, yte, w, b), r2(Xte, yte, w, b)
    else:
        raise NotImplementedError

    def check():
        for _ in range(20):
            l, m, r = step()
        return dict(loss=float(l) if walk else 0.0, mse=float(m), r2=float(r))

    return dict(step=step, check=check)
