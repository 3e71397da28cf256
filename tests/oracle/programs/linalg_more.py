"""Factors, functions and pseudo-inverses of matrices, and matrices with three diagonals."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(41)
A = RANDOM.standard_normal((2, 3, 3))
POSITIVE = A @ A.transpose(0, 2, 1) + np.eye(3)
D, B = RANDOM.standard_normal((3, 4)), RANDOM.standard_normal((4, 2))
CLOSE = dict(rtol=1e-9, atol=1e-9, why="another algorithm")
SHORT = dict(rtol=2e-4, atol=2e-5, why="float32, another algorithm")


def answers(tf, made, feed=None):
    flat = [each for entry in made for each in (entry if isinstance(entry, (list, tuple)) else [entry])]
    with tf.Session() as session:
        values = session.run(flat, feed)
    return {"forms": [str(each) for each in flat], "values": values}


def values(tf, made):
    with tf.Session() as session:
        return session.run(list(made))


@program(graph=True, **CLOSE)
def factors(tf):
    lu = tf.linalg.lu
    blurred = tf.placeholder_with_default(A, [None, 3, None])
    return answers(tf, [lu(A), lu(A + 1j * A[::-1]), lu(A[0], output_idx_type=tf.int64), lu(np.zeros([0, 3, 3])), lu(np.zeros([0, 0])),
                        lu(blurred)])


@program(**SHORT)
def short_factors(tf):
    x = A.astype(np.float32)
    return answers(tf, [tf.linalg.lu(x), tf.linalg.sqrtm(POSITIVE.astype(np.float32)), tf.linalg.pinv(x),
                        tf.linalg.logm(POSITIVE.astype(np.complex64))])


@program(graph=True, **CLOSE)
def roots(tf):
    x = tf.constant(POSITIVE)
    y = tf.linalg.sqrtm(x)
    made = [y, tf.linalg.sqrtm(np.array([[0., -1.], [1., 0.]])), tf.linalg.sqrtm(np.array([[-1., 0.], [0., 3.]])),
            tf.linalg.sqrtm(A + 2j * np.eye(3)),
            tf.matrix_square_root(np.zeros([0, 0])), tf.linalg.sqrtm(tf.placeholder_with_default(POSITIVE, [None, None, 3]))]
    return answers(tf, made + tf.gradients(y * y, x))


@program(**CLOSE)
def logarithms(tf):
    return answers(tf, [tf.linalg.logm(POSITIVE.astype(np.complex128)), tf.linalg.logm(A + 3j * np.eye(3))])


@program(**CLOSE)
def exponentials(tf):
    x = tf.constant(A)
    y = tf.linalg.expm(x)
    made = [y, tf.linalg.expm(A * np.array([1e-3, 8]).reshape(2, 1, 1)), tf.linalg.expm(1j * A[0]), tf.linalg.expm(np.zeros([0, 0])),
            tf.linalg.expm(np.zeros([2, 2]))]
    first = tf.gradients(y * y, x)[0]
    return {"values": values(tf, made + [first])}


@program(**SHORT)
def short_exponentials(tf):
    return {"values": values(tf, [tf.linalg.expm(A.astype(np.float32)),
                                  tf.linalg.expm(tf.placeholder_with_default(A.astype(np.float32) * 3, None))])}


@program(**CLOSE)
def tridiagonal(tf):
    d, b = tf.constant(D), tf.constant(B)
    three, whole = [tf.constant(each) for each in D], tf.constant(np.diag(D[1]) + np.diag(D[0, :-1], 1) + np.diag(D[2, 1:], -1))
    solve, multiply = tf.linalg.tridiagonal_solve, tf.linalg.tridiagonal_matmul
    made = [solve(d, b), solve(three, b, "sequence"), solve([three[0][:-1], three[1], three[2][1:]], b, "sequence"),
            solve(whole, b, "matrix"),
            solve(d, b[:, 0]), solve(d, tf.transpose(b), transpose_rhs=True), solve(d, b, partial_pivoting=False), solve(d[:, :1], b[:1]),
            solve(d[:, :0], b[:0]),
            multiply(d, b), multiply(three, b, "sequence"), multiply(whole, b, "matrix"),
            solve(tf.cast(d, tf.complex128), tf.complex(b, 2 * b), conjugate_rhs=True)]
    return answers(tf, made)


@program(graph=True, **CLOSE)
def tridiagonal_gradients(tf):
    made = []
    for blur in (lambda value, shape: tf.constant(value), lambda value, shape: tf.placeholder_with_default(value, shape)):
        d, b = blur(np.stack([D, D + 1]), [None, 3, None]), blur(np.stack([B, B - 1]), [2, None, None])
        for function in (tf.linalg.tridiagonal_solve, tf.linalg.tridiagonal_matmul):
            y = function(d, b)
            made += tf.gradients(y * y, [d, b])
    return answers(tf, made)


@program(**CLOSE)
def pseudo_inverses(tf):
    blurred = tf.placeholder_with_default(A, [None, None, None])
    unknown = tf.placeholder_with_default(A, None)
    made = [tf.linalg.pinv(A), tf.linalg.pinv(np.array([[1., 2.], [2., 4.]])), tf.linalg.pinv(A[:, :2], rcond=0.5),
            tf.linalg.pinv(blurred), tf.linalg.pinv(unknown, validate_args=True)]
    ranks = [tf.linalg.matrix_rank(A), tf.linalg.matrix_rank(np.array([[1., 2.], [2., 4.]])),
             tf.linalg.matrix_rank(np.diag([1., 1e-3, 1e-9]), tol=1e-2), tf.linalg.matrix_rank(blurred)]
    return answers(tf, made + ranks)


@program(graph=True, **CLOSE)
def normalized(tf):
    x = tf.constant(A[0])
    made = [tf.linalg.normalize(x), tf.linalg.normalize(x, axis=1, ord=1), tf.linalg.normalize(x, axis=[0, 1], ord="fro"),
            tf.linalg.normalize(x, axis=0, ord=np.inf)]
    return answers(tf, made + tf.gradients(made[1][0] * made[1][0], x))


@raises("Input is not invertible.")
def factors_of_zeros(tf):
    with tf.Session() as session:
        session.run(tf.linalg.lu(np.zeros([2, 2])))


@raises("Dimensions must be equal, but are 2 and 3 for 'Lu' (op: 'Lu') with input shapes: [2,3].")
def factors_of_rectangles(tf):
    tf.linalg.lu(np.ones([2, 3]))


@raises("The matrix is not invertible.")
def singular(tf):
    with tf.Session() as session:
        session.run(tf.linalg.tridiagonal_solve(tf.constant([[1., 0.], [1., 4.], [0., 4.]]), tf.constant([[1.], [2.]])))


@raises("The matrix is either not invertible, or requires pivoting. Try setting partial_pivoting = True.")
def unordered(tf):
    with tf.Session() as session:
        session.run(tf.linalg.tridiagonal_solve(tf.constant(D * [[1], [0], [1]]), tf.constant(B), partial_pivoting=False))


@raises("Expected number of left-hand sided and right-hand sides to be equal, got 4 and 3")
def too_few_sides(tf):
    tf.linalg.tridiagonal_solve(tf.constant(D), tf.constant(B[:3]))


@raises("Expected 3 diagonals got 2")
def two_diagonals(tf):
    tf.linalg.tridiagonal_solve(tf.constant(D[:2]), tf.constant(B))


@raises("Input `a` must have at least 2 dimensions (saw: 1).")
def a_vector(tf):
    tf.linalg.pinv(np.ones([2]))


@raises("Value passed to parameter 'input' has DataType float64 not in list of allowed values: complex64, complex128")
def a_real_logarithm(tf):
    tf.linalg.logm(A)


@raises("tf.linalg.expm does not support matrices of type")
def an_integer_exponential(tf):
    tf.linalg.expm(np.ones([2, 2], np.int32))
