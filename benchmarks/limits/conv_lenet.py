"""A training step of the network for digits: BLAS products around hand-fused loops."""
import data
import numpy as np

f32 = np.float32
LR = 0.01


def build(kind, variant):
    params, bs = data.conv()
    i = [0]
    if kind == "numba":
        import fused
        W1, b1, W2, b2, W3, b3, W4, b4 = [p.copy() for p in params]
        B = 64
        A1 = np.empty((B * 784, 25), f32)
        Z1 = np.empty((B * 784, 32), f32)
        P1, K1 = np.empty((B, 14, 14, 32), f32), np.empty((B, 14, 14, 32), np.uint8)
        A2 = np.empty((B * 196, 800), f32)
        Z2 = np.empty((B * 196, 64), f32)
        P2, K2 = np.empty((B, 7, 7, 64), f32), np.empty((B, 7, 7, 64), np.uint8)
        H, LG = np.empty((B, 1024), f32), np.empty((B, 10), f32)
        GL, g4, g3 = np.empty((B, 10), f32), np.empty(10, f32), np.empty(1024, f32)
        GH = np.empty((B, 1024), f32)
        G3 = np.empty_like(W3)

        def train(x, y):
            w1, w2 = W1.reshape(25, 32), W2.reshape(800, 64)
            fused.im2col(x, 5, 2, A1)
            np.dot(A1, w1, out=Z1)
            fused.bias_relu_pool(Z1.reshape(B, 28, 28, 32), b1, P1, K1)
            fused.im2col(P1, 5, 2, A2)
            np.dot(A2, w2, out=Z2)
            fused.bias_relu_pool(Z2.reshape(B, 14, 14, 64), b2, P2, K2)
            F = P2.reshape(B, -1)
            np.dot(F, W3, out=H)
            fused.bias_relu(H, b3)
            np.dot(H, W4, out=LG)
            l = fused.softmax_xent_grad(LG, b4, y, GL, g4)
            gW4 = H.T.dot(GL)
            np.dot(GL, W4.T, out=GH)
            fused.relu_grad_bias(GH, H, g3)
            np.dot(F.T, GH, out=G3)
            GF = GH.dot(W3.T)
            fused.pool_grad(GF.reshape(B, 7, 7, 64), K2, Z2.reshape(B, 14, 14, 64))
            gW2, gb2 = A2.T.dot(Z2), Z2.sum(0)
            np.dot(Z2, w2.T, out=A2)
            fused.col2im(A2, 5, 2, P1)
            fused.pool_grad(P1, K1, Z1.reshape(B, 28, 28, 32))
            gW1, gb1 = A1.T.dot(Z1), Z1.sum(0)
            for p, q in ((w1, gW1), (w2, gW2), (W3, G3), (W4, gW4)):
                fused.sgd(p.reshape(-1), q.reshape(-1), f32(LR))
            for p, q in ((b1, gb1), (b2, gb2), (b3, g3), (b4, g4)):
                fused.sgd(p, q, f32(LR))
            return l
    else:
        raise NotImplementedError

    def step():
        bx, by = bs[i[0] & 3]
        i[0] += 1
        return train(bx, by)

    def check():
        for _ in range(4):
            l = step()
        return dict(loss=float(l))

    return dict(step=step, check=check)
