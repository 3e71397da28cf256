"""Arithmetic, comparison, logic and the common mathematics: nodes, values and dtypes."""
import numpy as np
from catalog import program

X = np.array([-2.5, -1.0, -0.3, 0.0, 0.7, 1.0, 3.5], np.float32)
P = np.array([0.1, 0.5, 0.9, 1.0, 2.0, 5.5, 30.0], np.float32)
WHY = "transcendental functions differ in their last bits from one library to the next"


def answers(tf, made, feed=None):
    """Names and values of the tensors made."""
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {each.name: value for each, value in zip(made, values)}


@program(graph=True)
def operators_with_python_numbers(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    made = [x + 1, 1 + x, x - 2, 2 - x, x * 3, 3 * x, x / 4, 4 / x, x // 2, 2 // x, x % 2, 7 % x, x ** 2, 2 ** x, -x, abs(x),
            x < 1, x <= 1, x > 1, x >= 1, +1.5 * x, x + np.float32(1), np.float32(2) * x, x + [1.0, 2.0, 3.0],
            [1.0, 2.0, 3.0] - x, x * tf.Variable([1.0]).initial_value]
    return answers(tf, made, {x: [1.0, 2.5, -3.0]})


@program(graph=True)
def operators_of_integers(tf):
    x, y = tf.placeholder(tf.int32, [4], name="x"), tf.placeholder(tf.int32, [4], name="y")
    made = [x + y, x - y, x * y, x / y, x // y, x % y, tf.div(x, y), tf.truediv(x, y), tf.floordiv(x, y), tf.mod(x, y),
            tf.truncatediv(x, y), tf.truncatemod(x, y), tf.floormod(x, y), x ** 2, -x, abs(x), 2 / x, x / 2, 7 // x,
            tf.maximum(x, y), tf.minimum(x, y), tf.square(x), tf.sign(x), tf.bitwise.bitwise_and(x, y), tf.floor_div(x, y),
            tf.divide(x, y), tf.realdiv(tf.cast(x, tf.float32), 2.0), tf.abs(x), tf.squared_difference(x, y)]
    return answers(tf, made, {x: [7, -7, 7, -7], y: [2, 2, -2, -3]})


@program(graph=True)
def operators_of_small_integers_and_doubles(tf):
    a, b = tf.constant([200, 3], tf.uint8), tf.constant([100, 2], tf.uint8)
    c, d = tf.constant([5, -5], tf.int64), tf.constant([2.0, -3.0], tf.float64)
    e = tf.constant([1.0, 2.5], tf.float16)
    made = [a + b, a * b, a - b, a / b, a // b, c / 2, c // 2, c % 3, d / 3, d // 2, d % 2, d ** 3, e + 1, e * e, e / 3,
            tf.constant([1], tf.int8) / tf.constant([2], tf.int8), tf.constant([1], tf.int16) / tf.constant([2], tf.int16)]
    return answers(tf, made)


@program(graph=True)
def logic(tf):
    a, b = tf.placeholder(tf.bool, [4], name="a"), tf.constant([True, False, True, False])
    made = [a & b, a | b, a ^ b, ~a, tf.logical_and(a, b), tf.logical_or(a, b), tf.logical_not(a), tf.logical_xor(a, b),
            a & True, False | a, True ^ a, tf.equal(a, b), tf.not_equal(a, b)]
    return answers(tf, made, {a: [True, True, False, False]})


@program(graph=True)
def comparisons(tf):
    x = tf.constant([1.0, np.nan, np.inf, -0.0])
    y = tf.constant([1.0, np.nan, 2.0, 0.0])
    made = [tf.equal(x, y), tf.not_equal(x, y), tf.less(x, y), tf.less_equal(x, y), tf.greater(x, y), tf.greater_equal(x, y),
            tf.maximum(x, y), tf.minimum(x, y), tf.is_nan(x), tf.is_inf(x), tf.is_finite(x), tf.equal("a", ["a", "b"]),
            tf.maximum(0.0, tf.constant([np.nan, 1.0])), tf.minimum(tf.constant([np.nan, 1.0]), 0.0)]
    python = [x == y, x != y, x is x]
    known = answers(tf, made)
    known["python"] = python
    return known


@program(graph=True)
def operators_of_tensors(tf):
    a, b = tf.placeholder(tf.float32, [2, 2], name="a"), tf.placeholder(tf.float32, [None, 2], name="b")
    made = [a + b, a - b, a * b, a / b, a // b, a % b, a ** b, a @ a, a @ [[1.0, 0.0], [0.0, 2.0]], -b, abs(b),
            tf.add(a, b), tf.subtract(a, b), tf.multiply(a, b), tf.div(a, b), tf.divide(a, b), tf.pow(a, b), tf.scalar_mul(2.0, a),
            tf.add_n([a, b, a]), tf.add_n([a]), tf.div_no_nan(a, b), a + a[0], a[:, :1] * b]
    return answers(tf, made, {a: [[1.0, 2.0], [3.0, 4.0]], b: [[2.0, 3.0], [-2.0, 0.5]]})


@program(graph=True, rtol=1e-5, why=WHY)
def matrix_products(tf):
    a, b = tf.placeholder(tf.float32, [2, 3], name="a"), tf.placeholder(tf.float32, [None, 3], name="b")
    c, v = tf.placeholder(tf.float32, [2, 2, 3], name="c"), tf.constant([1.0, 2.0, 3.0])
    made = [tf.matmul(a, b, transpose_b=True), tf.matmul(a, b, transpose_a=True), tf.matmul(a, b, False, True),
            tf.matmul(a, b, adjoint_b=True), tf.matmul(c, c, transpose_b=True), tf.tensordot(a, b, [[1], [1]]),
            tf.tensordot(a, v, 1), tf.tensordot(a, v, axes=[[1], [0]]), tf.matmul(a, a, transpose_a=True, a_is_sparse=True),
            tf.nn.xw_plus_b(a, [[1.0], [2.0], [3.0]], [0.5]), tf.nn.bias_add(a, v), tf.trace([[1.0, 2.0], [3.0, 4.0]]),
            tf.matrix_transpose(c), tf.einsum("ij,kj->ik", a, b)]
    feed = {a: np.arange(6).reshape(2, 3), b: np.arange(6).reshape(2, 3) * 0.5, c: np.arange(12).reshape(2, 2, 3)}
    return answers(tf, made, feed)


@program(graph=True)
def einsums(tf):
    """Products of whole numbers, so that the order of sums does not matter; gradients too."""
    a, b = tf.placeholder(tf.float32, [2, 3], name="a"), tf.placeholder(tf.float32, [None, 3], name="b")
    c, v = tf.placeholder(tf.float32, [None, 2, 3], name="c"), tf.constant([1.0, 2.0, 3.0])
    made = [tf.einsum("ij,jk->ik", a, tf.transpose(b)), tf.einsum("ij,kj", a, b), tf.einsum("ij->ji", b), tf.einsum("i,i->", v, v),
            tf.einsum("i,j->ji", v, v, name="outer"), tf.einsum("bij,bkj->bik", c, c), tf.einsum("bij,kj,j->kib", c, b, v),
            tf.einsum("...ij,jk->...ik", c, tf.transpose(a)), tf.einsum("...j->...", c), tf.einsum("ii", tf.ones([2, 2])),
            tf.einsum("j,j,j->j", v, v, v), tf.einsum("abc,dac->bd", c, c), tf.einsum("i,i,i->", v, v, v)]
    made += tf.gradients(made[6], [b, c, v]) + tf.gradients(made[11], [c])
    feed = {a: np.arange(6).reshape(2, 3), b: np.arange(6).reshape(2, 3) - 2.0, c: np.arange(12).reshape(2, 2, 3)}
    return answers(tf, made, feed)


@program(graph=True, rtol=4e-6, why=WHY)
def functions(tf):
    x = tf.placeholder(tf.float32, [None], name="x")
    made = [getattr(tf, name)(x) for name in ("abs", "negative", "sign", "square", "exp", "expm1", "sin", "cos", "tan", "tanh",
                                             "sinh", "cosh", "asinh", "atan", "sigmoid", "floor", "ceil", "round", "rint", "erf", "erfc")]
    made += [tf.nn.relu(x), tf.nn.relu6(x), tf.nn.elu(x), tf.nn.selu(x), tf.nn.softplus(x), tf.nn.softsign(x),
             tf.nn.leaky_relu(x), tf.nn.crelu(x), tf.log_sigmoid(x), tf.nn.softmax(x), tf.nn.log_softmax(x),
             tf.clip_by_value(x, -1.0, 1.0), tf.maximum(x, 0.0), tf.minimum(x, 0.0), tf.atan2(x, 2.0), tf.nn.sigmoid(x),
             tf.nn.tanh(x), tf.nn.l2_loss(x), tf.nn.l2_normalize(x, 0)]
    return answers(tf, made, {x: X})


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def functions_of_positive_numbers(tf):
    x = tf.placeholder(tf.float32, [None], name="x")
    names = ("log", "log1p", "sqrt", "rsqrt", "reciprocal", "lgamma", "digamma", "acosh")
    made = [getattr(tf, name)(x if name != "acosh" else x + 1.0) for name in names]
    made += [tf.pow(x, 0.5), tf.pow(x, x * 0.1), tf.acos(x / 31.0), tf.asin(x / 31.0), tf.atanh(x / 31.0), tf.floormod(x, 0.3),
             tf.igamma(x, 1.0), tf.zeta(x + 1.5, 1.0), tf.polygamma(1.0, x), tf.igammac(x, 1.0), tf.lbeta([1.0, 2.0])]
    return answers(tf, made, {x: P})


@program(rtol=1e-11, atol=1e-12, why=WHY)
def functions_of_doubles(tf):
    x = tf.constant(X.astype(np.float64), name="x")
    p = tf.constant(P.astype(np.float64), name="p")
    made = [tf.exp(x), tf.sin(x), tf.tanh(x), tf.sigmoid(x), tf.erf(x), tf.nn.softplus(x), tf.log(p), tf.sqrt(p), tf.lgamma(p),
            tf.pow(p, 1.5), tf.nn.softmax(x), tf.nn.elu(x), tf.expm1(x), tf.log1p(p), tf.rsqrt(p), tf.nn.selu(x)]
    return answers(tf, made)


@program
def corner_values(tf):
    # Only normal numbers: TF takes subnormal ones (below 1.2e-38) for 0, NumPy does not.
    x = tf.constant([np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-30, 1e37])
    halves = tf.constant([0.5, 1.5, 2.5, -0.5, -1.5])
    made = [tf.abs(x), -x, tf.sign(x), tf.square(x), tf.sqrt(x), tf.nn.relu(x), tf.maximum(x, 0.0), tf.minimum(x, 0.0), x * 0.0,
            1.0 / x, tf.reduce_max(x), tf.reduce_min(x), tf.reduce_sum(x[3:5]), tf.round(halves), tf.floor(halves), tf.rint(halves),
            tf.cast(halves, tf.int32), tf.clip_by_value(x, -1.0, 1.0), tf.div_no_nan(x, 0.0), tf.nn.relu6(x), tf.is_nan(x / x),
            tf.argmax(x[1:]), tf.floordiv(halves, 0.7), tf.mod(-halves, 0.7), tf.reduce_mean(tf.zeros([0])),
            tf.reduce_max(tf.zeros([0])), tf.reduce_prod(tf.zeros([0])), tf.reduce_sum(tf.zeros([0, 2]), 0)]
    return answers(tf, made)


@program
def complex_numbers(tf):
    z = tf.constant([1 + 2j, -3 + 0.5j], tf.complex64)
    made = [tf.real(z), tf.imag(z), tf.conj(z), tf.abs(z), tf.angle(z), z * z, z + z, -z, tf.complex([1.0], [2.0]), z / 2.0,
            tf.square(z), tf.reduce_sum(z)]
    return answers(tf, made)
