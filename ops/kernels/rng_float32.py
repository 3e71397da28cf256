"""float32 logarithm, sine and cosine with the bits of the C library that TF 1.15 calls, from float64 sums and products.

NumPy's own float32 functions differ in up to 4 ulp and from machine to machine; these do not. Method and constants are those of
Arm's Optimized Routines (`logf.c`, `sincosf.c`; MIT or Apache-2.0 with LLVM exception), which glibc uses since
2.28. Compared with glibc 2.36 for all 2**23 arguments that a random float32 can give: no difference.
"""
import numpy as np

LN2 = float.fromhex("0x1.62e42fefa39efp-1")
# Per sixteenth of an octave: a number near 1 / centre, and minus its logarithm.
INVERSE_CENTRES, CENTRE_LOGARITHMS = np.array([[float.fromhex(text) for text in row.split()] for row in """
    0x1.661ec79f8f3bep+0 -0x1.57bf7808caadep-2
    0x1.571ed4aaf883dp+0 -0x1.2bef0a7c06ddbp-2
    0x1.49539f0f010bp+0 -0x1.01eae7f513a67p-2
    0x1.3c995b0b80385p+0 -0x1.b31d8a68224e9p-3
    0x1.30d190c8864a5p+0 -0x1.6574f0ac07758p-3
    0x1.25e227b0b8eap+0 -0x1.1aa2bc79c81p-3
    0x1.1bb4a4a1a343fp+0 -0x1.a4e76ce8c0e5ep-4
    0x1.12358f08ae5bap+0 -0x1.1973c5a611cccp-4
    0x1.0953f419900a7p+0 -0x1.252f438e10c1ep-5
    0x1p+0 0x0p+0
    0x1.e608cfd9a47acp-1 0x1.aa5aa5df25984p-5
    0x1.ca4b31f026aap-1 0x1.c5e53aa362eb4p-4
    0x1.b2036576afce6p-1 0x1.526e57720db08p-3
    0x1.9c2d163a1aa2dp-1 0x1.bc2860d22477p-3
    0x1.886e6037841edp-1 0x1.1058bc8a07ee1p-2
    0x1.767dcf5534862p-1 0x1.4043057b6ee09p-2
""".strip().splitlines()]).T.copy()
LOG_TERMS = tuple(map(float.fromhex, ("-0x1.ffffef20a4123p-2", "0x1.5575b0be00b6ap-2", "-0x1.00ea348b88334p-2")))
QUARTER_TURN = float.fromhex("0x1.921fb54442d18p0")
SINE_TERMS = tuple(map(float.fromhex, ("-0x1.555545995a603p-3", "0x1.1107605230bc4p-7", "-0x1.994eb3774cf24p-13")))
COSINE_TERMS = tuple(map(float.fromhex, ("-0x1.ffffffd0c621cp-2", "0x1.55553e1068f19p-5", "-0x1.6c087e89a359dp-10",
                                         "0x1.99343027bf8c3p-16")))


def log_float32(x):
    """Return the natural logarithm of a float32 array of positive normal numbers."""
    bits = x.view(np.int32)
    distance = bits - np.int32(0x3F330000)
    exponent = distance >> np.int32(23)
    interval = (distance >> np.int32(19)) & np.int32(15)
    r = (bits - (exponent << np.int32(23))).view(np.float32) * INVERSE_CENTRES.take(interval)
    r -= 1
    square = r * r
    total = (LOG_TERMS[1] * r + LOG_TERMS[0]) + LOG_TERMS[2] * square
    total *= square
    total += (CENTRE_LOGARITHMS.take(interval) + exponent * LN2) + r
    return total.astype(np.float32)


def sin_cos_turn_float32(numerators):
    """Return sine and cosine of ``2 * pi * numerators / 2**23``, an angle that is rounded to float32 first."""
    quadrant = (numerators + np.uint32(1 << 20)) >> np.uint32(21)
    angle = (numerators * (4 * QUARTER_TURN * 2.0 ** -23)).astype(np.float32)
    x = angle - quadrant * QUARTER_TURN
    square = x * x
    sine, cosine = _sine(x, square), _cosine(square)
    odd = (quadrant & np.uint32(1)).astype(bool)
    return (_negated_where(np.where(odd, cosine, sine), quadrant),
            _negated_where(np.where(odd, sine, cosine), quadrant + np.uint32(1)))


def _sine(x, square):
    cube = square * x
    total = x + cube * SINE_TERMS[0]
    total += cube * square * (SINE_TERMS[1] + square * SINE_TERMS[2])
    return total.astype(np.float32)


def _cosine(square):
    fourth = square * square
    total = (1.0 + square * COSINE_TERMS[0]) + fourth * COSINE_TERMS[1]
    total += fourth * square * (COSINE_TERMS[2] + square * COSINE_TERMS[3])
    return total.astype(np.float32)


def _negated_where(values, quadrant):
    """Return `values` with the sign flipped where bit 1 of `quadrant` is set."""
    sign = (quadrant & np.uint32(2)) << np.uint32(30)
    return (values.view(np.uint32) ^ sign).view(np.float32)
