"""The unrolled LSTM with its gradients and Adam, one product for all weight gradients."""
import data
import numpy as np

f32 = np.float32


def build(kind, variant):
    cfg = data.LSTM
    T, U, B, I, C = (cfg[k] for k in ("steps", "units", "batch", "inputs", "classes"))
    W, b, Wo, bo, x, y = data.lstm()
    if kind in ("numba", "numpy"):
        if kind == "numba":
            import fused
        sig = lambda t: 1 / (1 + np.exp(-t))
        xh = np.zeros((T + 1, B, I + U), f32)
        z = np.empty((B, 4 * U), f32)
        act = np.empty((T, B, 4 * U), f32)
        c = np.zeros((T + 1, B, U), f32)
        tc = np.empty((T, B, U), f32)
        dz = np.empty((T, B, 4 * U), f32)
        gxh = np.zeros((B, I + U), f32)
        P = [W, b, Wo, bo]
        M, V = [np.zeros_like(p) for p in P], [np.zeros_like(p) for p in P]
        gW = np.empty_like(W)
        pw = [1.0, 1.0]

        def fwd():
            for t in range(T):
                xh[t, :, :I] = x[:, t]
                np.dot(xh[t], W, out=z)
                if kind == "numba":
                    fused.lstm_fwd(z, b, c[t], act[t], c[t + 1], tc[t], xh[t + 1], I)
                else:
                    zz = z + b
                    a = act[t]
                    a[:, :U] = sig(zz[:, :U])
                    a[:, U:2 * U] = np.tanh(zz[:, U:2 * U])
                    a[:, 2 * U:3 * U] = sig(zz[:, 2 * U:3 * U] + f32(1))
                    a[:, 3 * U:] = sig(zz[:, 3 * U:])
                    c[t + 1] = c[t] * a[:, 2 * U:3 * U] + a[:, :U] * a[:, U:2 * U]
                    tc[t] = np.tanh(c[t + 1])
                    xh[t + 1, :, I:] = tc[t] * a[:, 3 * U:]
            h = np.ascontiguousarray(xh[T, :, I:])
            lg = h.dot(Wo) + bo
            lg -= lg.max(1, keepdims=True)
            e = np.exp(lg)
            s = e.sum(1, keepdims=True)
            l = np.mean(np.log(s[:, 0]) - (lg * y).sum(1))
            return h, (e / s - y) / f32(B), l

        def bwd(h, g):
            gWo, gbo = h.T.dot(g), g.sum(0)
            gxh[:, I:] = g.dot(Wo.T)
            gc = np.zeros((B, U), f32)
            gb = np.zeros(4 * U, f32)
            for t in range(T - 1, -1, -1):
                if kind == "numba":
                    fused.lstm_bwd(gxh, gc, act[t], c[t], tc[t], dz[t], gb)
                else:
                    a = act[t]
                    i, j, f, o = (a[:, k * U:(k + 1) * U] for k in range(4))
                    gh = gxh[:, I:]
                    d = dz[t]
                    cg = gc + gh * o * (1 - tc[t] * tc[t])
                    d[:, :U] = cg * j * i * (1 - i)
                    d[:, U:2 * U] = cg * i * (1 - j * j)
                    d[:, 2 * U:3 * U] = cg * c[t] * f * (1 - f)
                    d[:, 3 * U:] = gh * tc[t] * o * (1 - o)
                    gc = cg * f
                    gb += d.sum(0)
                np.dot(dz[t], W.T, out=gxh)
            np.dot(xh[:T].reshape(T * B, I + U).T, dz.reshape(T * B, 4 * U), out=gW)  # one GEMM for all steps
            return [gW, gb, gWo, gbo]

        def step():
            h, g, l = fwd()
            if variant == "while_fwd":
                return l
            G = bwd(h, g)
            if variant == "while_grad":
                return G, l
            pw[0] *= 0.9
            pw[1] *= 0.999
            a = f32(0.001 * np.sqrt(1 - pw[1]) / (1 - pw[0]))
            for p, q, m, v in zip(P, G, M, V):
                if kind == "numba":
                    fused.adam(p.reshape(-1), q.reshape(-1), m.reshape(-1), v.reshape(-1), a)
                else:
                    m += f32(0.1) * (q - m)
                    v += f32(0.001) * (q * q - v)
                    p -= a * m / (np.sqrt(v) + f32(1e-8))
            return l
        if variant == "while_fwd":
            return dict(step=step, check=lambda: dict(loss=float(step())))
        if variant == "while_grad":
            return dict(step=step, check=lambda: dict(loss=float(step()[1]), gW=float(np.abs(step()[0][0]).sum())))
    else:
        raise NotImplementedError

    def check():
        for _ in range(3):
            l = step()
        return dict(loss=float(l))

    return dict(step=step, check=check)
