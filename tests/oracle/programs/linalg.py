"""Determinants, inverses, factors, solutions and spectra of matrices: nodes, values and gradients."""
import numpy as np
from catalog import program, raises

SQUARE = np.array([[[2, 1, 0.5], [0.25, 3, 1], [1, -1, 4]], [[1, 0, 2], [0.5, 2, 0], [0, 1, 3]]])
POSITIVE = np.matmul(SQUARE, np.swapaxes(SQUARE, -1, -2)) + np.eye(3)
RIGHT = np.array([[[1, 2], [3, 4], [5, 6.5]], [[1, 0], [2, -1], [0.5, 1]]])


def answers(tf, made):
    """Printed forms and values of the tensors made."""
    with tf.Session() as session:
        return {"forms": [str(each) for each in made], "values": session.run(list(made))}


@program(graph=True)
def determinants(tf):
    x = tf.constant(SQUARE, name="x")
    slogdet = tf.linalg.slogdet(x)
    made = [tf.matrix_determinant(x), slogdet.sign, slogdet.log_abs_determinant, tf.linalg.det(x[0]),
            tf.linalg.logdet(POSITIVE), tf.linalg.adjoint(x)]
    return answers(tf, made + tf.gradients(made[0], x) + tf.gradients(made[2], x))


@program(graph=True)
def inverses(tf):
    x = tf.constant(SQUARE, name="x")
    made = [tf.matrix_inverse(x), tf.linalg.inv(x, adjoint=True), tf.matrix_inverse(tf.zeros([2, 0, 0], tf.float64))]
    return answers(tf, made + tf.gradients(made[0], x))


@program(graph=True)
def factors(tf):
    x = tf.constant(POSITIVE, name="x")
    factor = tf.cholesky(x)
    made = [factor, tf.cholesky_solve(factor, RIGHT)]
    return answers(tf, made + tf.gradients(made, x))


@program(graph=True)
def solutions(tf):
    x, y = tf.constant(SQUARE, name="x"), tf.constant(RIGHT, name="y")
    made = [tf.matrix_solve(x, y), tf.matrix_solve(x, y, adjoint=True)]
    return answers(tf, made + tf.gradients(made, [x, y]))


@program(graph=True)
def least_squares(tf):
    x, y = tf.constant(SQUARE[:, :, :2], name="x"), tf.constant(RIGHT, name="y")
    wide = tf.constant(SQUARE[:, :2], name="wide")
    made = [tf.matrix_solve_ls(x, y), tf.matrix_solve_ls(x, y, l2_regularizer=0.5), tf.matrix_solve_ls(wide, y[:, :2]),
            tf.matrix_solve_ls(wide, y[:, :2], fast=False)]
    return answers(tf, made + tf.gradients(made[1], [x, y]))


@program(graph=True)
def spectra(tf):
    x = tf.constant(POSITIVE, name="x")
    e, v = tf.self_adjoint_eig(x)
    s, u, w = tf.svd(tf.constant(SQUARE[:, :2]), full_matrices=True)
    # Signs of vectors are not determined: what is made of them is.
    made = [e, tf.square(v), tf.self_adjoint_eigvals(x), s, tf.square(u), tf.square(w), tf.svd(x, compute_uv=False)]
    return answers(tf, made + tf.gradients(made[:3], x))


@program(graph=True, atol=1e-11, why="differences of squared singular values are divided by")
def gradients_of_singular_values(tf):
    x = tf.constant(SQUARE[:, :2], name="x")
    s, u, v = tf.svd(x)
    square = tf.svd(POSITIVE[0] * 1.0)
    return answers(tf, tf.gradients([s, tf.square(u), tf.square(v)], x) + tf.gradients(tf.svd(x, compute_uv=False), x) + [square[0]])


@program(graph=True, rtol=1e-5, atol=1e-6, why="TF transforms in float32")
def transforms(tf):
    x = tf.constant(SQUARE + 1j, tf.complex64, name="x")
    made = [tf.fft(x), tf.ifft(x), tf.fft2d(x), tf.signal.ifft2d(x), tf.signal.fft3d(x), tf.spectral.ifft3d(x)]
    return answers(tf, made + [tf.gradients(tf.real(each), x)[0] for each in made])


@program(graph=True)
def products_with_vectors(tf):
    x, y = tf.constant(SQUARE, name="x"), tf.constant(RIGHT[:, :, 0], name="y")
    made = [tf.linalg.matvec(x, y), tf.linalg.matvec(x, y, transpose_a=True), tf.linalg.matvec(x, y, adjoint_a=True)]
    return answers(tf, made + tf.gradients(made[0], [x, y]))


@raises("Input is not invertible.")
def singular(tf):
    with tf.Session() as session:
        session.run(tf.matrix_inverse(np.ones((2, 2))))


@raises("Cholesky decomposition was not successful. The input might not be valid.")
def indefinite(tf):
    with tf.Session() as session:
        session.run(tf.cholesky([[1.0, 2.0], [2.0, 1.0]]))


@raises("Dimensions must be equal, but are 3 and 2 for 'MatrixDeterminant' (op: 'MatrixDeterminant') with input shapes: [2,3].")
def oblong(tf):
    tf.matrix_determinant(np.ones((2, 3)))


@raises("Shapes must be equal rank, but are 1 and 0 for 'MatrixSolve' (op: 'MatrixSolve') with input shapes: [2,2,2], [2,1].")
def batches_that_differ(tf):
    tf.matrix_solve(np.ones((2, 2, 2)), np.ones((2, 1)))
