"""Hand-fused Numba kernels used by limits/ (float32, fastmath; exp is a vectorisable polynomial)."""
import math

import numba
import numpy as np
from numba import njit, prange

f32 = np.float32
i32 = np.int32
F = dict(fastmath=True, cache=True, error_model="numpy")


@numba.extending.intrinsic
def _bits_to_f32(typingctx, x):
    """int32 -> float32 bit cast."""
    from llvmlite import ir
    sig = numba.float32(numba.int32)

    def codegen(ctx, builder, s, args):
        return builder.bitcast(args[0], ir.FloatType())
    return sig, codegen


@njit(inline="always", **F)
def expf(x):
    # Cephes-style: 2^n * p(r), about 2 ulp; clamped, no NaN handling
    x = min(max(x, f32(-87.3)), f32(88.3))
    n = f32(math.floor(x * f32(1.44269504) + f32(0.5)))
    r = x - n * f32(0.693359375)
    r = r + n * f32(2.12194440e-4)
    p = f32(1.9875691500e-4)
    p = p * r + f32(1.3981999507e-3)
    p = p * r + f32(8.3334519073e-3)
    p = p * r + f32(4.1665795894e-2)
    p = p * r + f32(1.6666665459e-1)
    p = p * r + f32(5.0000001201e-1)
    p = p * r * r + r + f32(1.0)
    return p * _bits_to_f32((i32(n) + i32(127)) << i32(23))


@njit(inline="always", **F)
def sigmf(x):
    return f32(1.0) / (f32(1.0) + expf(-x))


@njit(inline="always", **F)
def tanhf(x):
    # rational minimax on the clamped range (the same form Eigen uses)
    x = min(max(x, f32(-7.90531110763549805)), f32(7.90531110763549805))
    x2 = x * x
    p = f32(-2.76076847742355e-16)
    p = p * x2 + f32(2.00018790482477e-13)
    p = p * x2 + f32(-8.60467152213735e-11)
    p = p * x2 + f32(5.12229709037114e-08)
    p = p * x2 + f32(1.48572235717979e-05)
    p = p * x2 + f32(6.37261928875436e-04)
    p = p * x2 + f32(4.89352455891786e-03)
    p = p * x
    q = f32(1.19825839466702e-06)
    q = q * x2 + f32(1.18534705686654e-04)
    q = q * x2 + f32(2.26843463243900e-03)
    q = q * x2 + f32(4.89352518554385e-03)
    return p / q


@njit(**F)
def bias_relu(z, b):
    n, m = z.shape
    for i in range(n):
        for j in range(m):
            z[i, j] = max(z[i, j] + b[j], f32(0))


@njit(**F)
def relu_grad_bias(g, a, gb):
    n, m = g.shape
    gb[:] = 0
    for i in range(n):
        for j in range(m):
            v = g[i, j] if a[i, j] > 0 else f32(0)
            g[i, j] = v
            gb[j] += v


@njit(**F)
def softmax_xent_grad(z, b, y, g, gb):
    n, m = z.shape
    gb[:] = 0
    loss = f32(0)
    inv = f32(1.0) / f32(n)
    for i in range(n):
        mx = f32(-3e38)
        for j in range(m):
            z[i, j] += b[j]
            mx = max(mx, z[i, j])
        s = f32(0)
        for j in range(m):
            e = expf(z[i, j] - mx)
            g[i, j] = e
            s += e
        ls = f32(math.log(s))
        rs = f32(1.0) / s
        for j in range(m):
            loss += y[i, j] * (ls - (z[i, j] - mx))
            v = (g[i, j] * rs - y[i, j]) * inv
            g[i, j] = v
            gb[j] += v
    return loss * inv


@njit(**F)
def sgd(p, g, lr):
    for i in range(p.size):
        p[i] -= lr * g[i]


@njit(**F)
def adam(p, g, m, v, a):
    for i in range(p.size):
        q = g[i]
        mi = m[i] + f32(0.1) * (q - m[i])
        vi = v[i] + f32(0.001) * (q * q - v[i])
        m[i] = mi
        v[i] = vi
        p[i] -= a * mi / (f32(math.sqrt(vi)) + f32(1e-8))


@njit(inline="always", **F)
def _stage(v, x, y):
    b = v * y + x
    c = tanhf(b)
    d = expf(c)
    e = sigmf(d)
    h = f32(math.sqrt(e * e + f32(1.0)))
    return c, d, e, h, max(h, c) - x


@njit(parallel=True, **F)
def chain_fwd(x, y):
    s = 0.0
    nb = x.size // 4096
    for k in prange(nb):
        t = f32(0)
        for i in range(k * 4096, k * 4096 + 4096):
            v = x[i]
            c, d, e, h, v = _stage(v, x[i], y[i])
            c, d, e, h, v = _stage(v, x[i], y[i])
            c, d, e, h, v = _stage(v, x[i], y[i])
            t += v
        s += t
    return s


@njit(inline="always", **F)
def _back(gv, vin, y, c, d, e, h):
    gm = gv
    take = h >= c
    gh = gm if take else f32(0)
    gc = f32(0) if take else gm
    ge = gh * e / h
    gd = ge * e * (f32(1.0) - e)
    gc += gd * d
    gb = gc * (f32(1.0) - c * c)
    return gb * y, gb * vin, gb - gv      # d/dvin, d/dy, d/dx


@njit(parallel=True, **F)
def chain_grad(x, y, gx, gy):
    s = 0.0
    nb = x.size // 4096
    for k in prange(nb):
        t = f32(0)
        for i in range(k * 4096, k * 4096 + 4096):
            xi = x[i]
            yi = y[i]
            c1, d1, e1, h1, v1 = _stage(xi, xi, yi)
            c2, d2, e2, h2, v2 = _stage(v1, xi, yi)
            c3, d3, e3, h3, v3 = _stage(v2, xi, yi)
            t += v3
            g2, gy3, gx3 = _back(f32(1.0), v2, yi, c3, d3, e3, h3)
            g1, gy2, gx2 = _back(g2, v1, yi, c2, d2, e2, h2)
            g0, gy1, gx1 = _back(g1, xi, yi, c1, d1, e1, h1)
            gx[i] = gx3 + gx2 + gx1 + g0
            gy[i] = gy3 + gy2 + gy1
        s += t
    return s


@njit(**F)
def lstm_fwd(z, b, c_prev, act, c, tc, h, stride_h):
    """z: (B,4U) pre-activations; act: (B,4U) i,j,f,o after nonlinearity; h written into h[:, stride_h:]."""
    B, U = c.shape
    for r in range(B):
        for u in range(U):
            act[r, u] = sigmf(z[r, u] + b[u])
        for u in range(U):
            act[r, U + u] = tanhf(z[r, U + u] + b[U + u])
        for u in range(U):
            act[r, 2 * U + u] = sigmf(z[r, 2 * U + u] + b[2 * U + u] + f32(1.0))
        for u in range(U):
            act[r, 3 * U + u] = sigmf(z[r, 3 * U + u] + b[3 * U + u])
        for u in range(U):
            cc = c_prev[r, u] * act[r, 2 * U + u] + act[r, u] * act[r, U + u]
            c[r, u] = cc
            t = tanhf(cc)
            tc[r, u] = t
            h[r, stride_h + u] = t * act[r, 3 * U + u]


@njit(**F)
def lstm_bwd(gh, gc, act, c_prev, tc, dz, gb):
    """gh: (B, >=U) last U columns are dL/dh; gc updated in place to dL/dc_prev."""
    B, U = gc.shape
    off = gh.shape[1] - U
    for r in range(B):
        for u in range(U):
            i = act[r, u]
            j = act[r, U + u]
            f = act[r, 2 * U + u]
            o = act[r, 3 * U + u]
            t = tc[r, u]
            g = gh[r, off + u]
            cg = gc[r, u] + g * o * (f32(1.0) - t * t)
            dz[r, u] = cg * j * i * (f32(1.0) - i)
            dz[r, U + u] = cg * i * (f32(1.0) - j * j)
            dz[r, 2 * U + u] = cg * c_prev[r, u] * f * (f32(1.0) - f)
            dz[r, 3 * U + u] = g * t * o * (f32(1.0) - o)
            gc[r, u] = cg * f
        for u in range(4 * U):
            gb[u] += dz[r, u]


@njit(parallel=True, **F)
def im2col(x, k, pad, out):
    """NHWC x -> out (N*H*W, k*k*C), SAME, stride 1."""
    N, H, W, C = x.shape
    for n in prange(N):
        for i in range(H):
            for j in range(W):
                row = (n * H + i) * W + j
                for a in range(k):
                    ii = i + a - pad
                    base = a * k * C
                    if ii < 0 or ii >= H:
                        for q in range(k * C):
                            out[row, base + q] = f32(0)
                        continue
                    for b in range(k):
                        jj = j + b - pad
                        if jj < 0 or jj >= W:
                            for q in range(C):
                                out[row, base + b * C + q] = f32(0)
                        else:
                            for q in range(C):
                                out[row, base + b * C + q] = x[n, ii, jj, q]


@njit(parallel=True, **F)
def col2im(cols, k, pad, gx):
    N, H, W, C = gx.shape
    for n in prange(N):
        gx[n] = f32(0)
        for i in range(H):
            for j in range(W):
                row = (n * H + i) * W + j
                for a in range(k):
                    ii = i + a - pad
                    if ii < 0 or ii >= H:
                        continue
                    for b in range(k):
                        jj = j + b - pad
                        if jj < 0 or jj >= W:
                            continue
                        for q in range(C):
                            gx[n, ii, jj, q] += cols[row, (a * k + b) * C + q]


@njit(parallel=True, **F)
def bias_relu_pool(z, b, out, arg):
    """z (N,H,W,C) -> out (N,H/2,W/2,C) = maxpool(relu(z+b)); arg = which of 4 (4: all <= 0)."""
    N, H, W, C = z.shape
    for n in prange(N):
        for i in range(H // 2):
            for j in range(W // 2):
                for c in range(C):
                    v0 = z[n, 2 * i, 2 * j, c]
                    v1 = z[n, 2 * i, 2 * j + 1, c]
                    v2 = z[n, 2 * i + 1, 2 * j, c]
                    v3 = z[n, 2 * i + 1, 2 * j + 1, c]
                    m = v0
                    k = np.uint8(0)
                    if v1 > m:
                        m = v1
                        k = np.uint8(1)
                    if v2 > m:
                        m = v2
                        k = np.uint8(2)
                    if v3 > m:
                        m = v3
                        k = np.uint8(3)
                    m += b[c]
                    if m <= f32(0):
                        m = f32(0)
                        k = np.uint8(4)
                    out[n, i, j, c] = m
                    arg[n, i, j, c] = k


@njit(parallel=True, **F)
def pool_grad(g, arg, gz):
    N, H, W, C = g.shape
    for n in prange(N):
        for i in range(H):
            for j in range(W):
                for c in range(C):
                    k = arg[n, i, j, c]
                    v = g[n, i, j, c]
                    gz[n, 2 * i, 2 * j, c] = v if k == 0 else f32(0)
                    gz[n, 2 * i, 2 * j + 1, c] = v if k == 1 else f32(0)
                    gz[n, 2 * i + 1, 2 * j, c] = v if k == 2 else f32(0)
                    gz[n, 2 * i + 1, 2 * j + 1, c] = v if k == 3 else f32(0)


@njit(**F)
def sgns(E, O, ce, po, ne, lr, ge, go, gn):
    B = ce.size
    K = ne.shape[1]
    D = E.shape[1]
    inv = f32(1.0) / f32(B)
    loss = f32(0)
    for i in range(B):
        e = E[ce[i]]
        o = O[po[i]]
        s = f32(0)
        for d in range(D):
            s += e[d] * o[d]
        loss += f32(math.log1p(math.exp(-abs(s)))) + max(-s, f32(0))
        q = (sigmf(s) - f32(1.0)) * inv
        for d in range(D):
            ge[i, d] = q * o[d]
            go[i, d] = q * e[d]
        for k in range(K):
            w = O[ne[i, k]]
            s = f32(0)
            for d in range(D):
                s += e[d] * w[d]
            loss += f32(math.log1p(math.exp(-abs(s)))) + max(s, f32(0))
            q = sigmf(s) * inv
            for d in range(D):
                ge[i, d] += q * w[d]
                gn[i, k, d] = q * e[d]
    for i in range(B):
        a = E[ce[i]]
        b = O[po[i]]
        for d in range(D):
            a[d] -= lr * ge[i, d]
            b[d] -= lr * go[i, d]
        for k in range(K):
            w = O[ne[i, k]]
            for d in range(D):
                w[d] -= lr * gn[i, k, d]
    return loss * inv
