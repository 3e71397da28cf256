"""MLP training step by hand. Also serves logreg (no hidden layer)."""
import data
import numpy as np

f32 = np.float32


def build(kind, variant):
    sizes, batch, opt, lr = data.MLP[variant]
    return make(kind, data.mlp_init(sizes), data.batches(sizes[0], sizes[-1], batch), opt, lr, 8)


def make(kind, init, bs, opt, lr, nchk):
    nl = len(init)
    B = bs[0][0].shape[0]
    i = [0]

    if kind == "numpy":
        Ws = [w.copy() for w, _ in init]
        bb = [b.copy() for _, b in init]
        acts = [np.empty((B, w.shape[1]), f32) for w in Ws]
        grads = [np.empty((B, w.shape[1]), f32) for w in Ws]
        gW = [np.empty_like(w) for w in Ws]
        if opt == "adam":
            M = [np.zeros_like(p) for p in Ws + bb]
            V = [np.zeros_like(p) for p in Ws + bb]
            T1 = [np.empty_like(p) for p in Ws + bb]
            pw = [1.0, 1.0]

        def train(x, y):
            h = x
            for k in range(nl):
                z = acts[k]
                np.dot(h, Ws[k], out=z)
                z += bb[k]
                if k < nl - 1:
                    np.maximum(z, 0, out=z)
                h = z
            z = acts[-1]
            z -= z.max(1, keepdims=True)
            e = np.exp(z, out=grads[-1])
            s = e.sum(1, keepdims=True)
            l = np.mean(np.log(s[:, 0]) - (z * y).sum(1))
            e /= s
            e -= y
            e *= f32(1.0 / B)
            g = e
            gbs = [None] * nl
            for k in range(nl - 1, -1, -1):
                inp = x if k == 0 else acts[k - 1]
                np.dot(inp.T, g, out=gW[k])
                gbs[k] = g.sum(0)
                if k:
                    ng = grads[k - 1]
                    np.dot(g, Ws[k].T, out=ng)
                    ng *= acts[k - 1] > 0
                    g = ng
            if opt == "sgd":
                for k in range(nl):
                    gW[k] *= f32(lr)
                    Ws[k] -= gW[k]
                    bb[k] -= f32(lr) * gbs[k]
            else:
                pw[0] *= 0.9
                pw[1] *= 0.999
                a = f32(lr * np.sqrt(1 - pw[1]) / (1 - pw[0]))
                for p, gg, m, v, t in zip(Ws + bb, gW + gbs, M, V, T1):
                    np.subtract(gg, m, out=t)
                    t *= f32(0.1)
                    m += t
                    np.square(gg, out=t)
                    t -= v
                    t *= f32(0.001)
                    v += t
                    np.sqrt(v, out=t)
                    t += f32(1e-8)
                    np.divide(m, t, out=t)
                    t *= a
                    p -= t
            return l
    elif kind == "numba":
        import fused
        Ws = [w.copy() for w, _ in init]
        bb = [b.copy() for _, b in init]
        acts = [np.empty((B, w.shape[1]), f32) for w in Ws]
        grads = [np.empty((B, w.shape[1]), f32) for w in Ws]
        gW = [np.empty_like(w) for w in Ws]
        gb = [np.empty_like(b) for b in bb]
        zeros = lambda: [np.zeros_like(p) for p in Ws + bb]
        M, V = (zeros(), zeros()) if opt == "adam" else (None, None)
        pw = [1.0, 1.0]

        def train(x, y):
            h = x
            for k in range(nl - 1):
                np.dot(h, Ws[k], out=acts[k])
                fused.bias_relu(acts[k], bb[k])
                h = acts[k]
            np.dot(h, Ws[-1], out=acts[-1])
            l = fused.softmax_xent_grad(acts[-1], bb[-1], y, grads[-1], gb[-1])
            g = grads[-1]
            for k in range(nl - 1, -1, -1):
                inp = x if k == 0 else acts[k - 1]
                np.dot(inp.T, g, out=gW[k])
                if k:
                    np.dot(g, Ws[k].T, out=grads[k - 1])
                    g = grads[k - 1]
                    fused.relu_grad_bias(g, acts[k - 1], gb[k - 1])
            if opt == "sgd":
                for k in range(nl):
                    fused.sgd(Ws[k].reshape(-1), gW[k].reshape(-1), f32(lr))
                    fused.sgd(bb[k], gb[k], f32(lr))
            else:
                pw[0] *= 0.9
                pw[1] *= 0.999
                a = f32(lr * np.sqrt(1 - pw[1]) / (1 - pw[0]))
                for p, gg, m, v in zip(Ws + bb, gW + gb, M, V):
                    fused.adam(p.reshape(-1), gg.reshape(-1), m.reshape(-1), v.reshape(-1), a)
            return l
    else:
        raise NotImplementedError

    def step():
        bx, by = bs[i[0] & 3]
        i[0] += 1
        return train(bx, by)

    def check():
        for _ in range(nchk):
            l = step()
        return dict(loss=float(l))

    return dict(step=step, check=check)
