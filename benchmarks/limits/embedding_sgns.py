"""Skip-gram with negative sampling: the rows alone that a step touches."""
import data
import numpy as np

f32 = np.float32
LR = 0.5


def build(kind, variant):
    c = data.SGNS
    E, O, bs = data.sgns()
    B, K, D = c["batch"], c["neg"], c["dim"]
    i = [0]
    if kind == "numba":
        import fused
        ge, go, gn = np.empty((B, D), f32), np.empty((B, D), f32), np.empty((B, K, D), f32)

        def train(a, p, n):
            return fused.sgns(E, O, a, p, n, f32(LR), ge, go, gn)
    elif kind == "numpy":
        def train(a, p, n):
            e, o, w = E[a], O[p], O[n]
            pl = np.einsum("bd,bd->b", e, o)
            nl = np.einsum("bd,bkd->bk", e, w)
            l = (np.logaddexp(0, -pl).sum() + np.logaddexp(0, nl).sum()) / B
            gp = ((1 / (1 + np.exp(-pl)) - 1) / B).astype(f32)
            gn = (1 / (1 + np.exp(-nl)) / B).astype(f32)
            ge = gp[:, None] * o + np.einsum("bk,bkd->bd", gn, w)
            np.subtract.at(E, a, f32(LR) * ge)
            np.subtract.at(O, p, f32(LR) * gp[:, None] * e)
            np.subtract.at(O, n.reshape(-1), (f32(LR) * gn[:, :, None] * e[:, None]).reshape(-1, D))
            return l
    else:
        raise NotImplementedError

    def step():
        a, b, d = bs[i[0] & 7]
        i[0] += 1
        return train(a, b, d)

    def check():
        for _ in range(8):
            l = step()
        return dict(loss=float(l))

    return dict(step=step, check=check)
