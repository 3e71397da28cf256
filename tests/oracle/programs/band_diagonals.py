"""Diagonals beside the main one. TF 1.15's functions pass ``k`` over, so what they say is recorded from the ops behind them."""
import numpy as np
from catalog import program, raises

DEFAULTS = dict(MatrixDiagV2=dict(num_rows=-1, num_cols=-1, padding_value=0.0), MatrixDiagPartV2=dict(padding_value=0.0))
FUNCTIONS = dict(MatrixDiagV2="matrix_diag", MatrixDiagPartV2="matrix_diag_part", MatrixSetDiagV2="matrix_set_diag")
SQUARE = np.arange(1.0, 10.0, dtype=np.float32).reshape(3, 3)
BATCH = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)


def made(tf, op, **arguments):
    """What the op gives; on graphcore its public function is called, with the same arguments."""
    if not hasattr(tf, "raw_ops"):
        return getattr(tf, FUNCTIONS[op])(**arguments)
    return getattr(tf.raw_ops, op)(**dict(DEFAULTS.get(op, {}), **arguments))


def diagonal(tf, value, **arguments):
    return made(tf, "MatrixDiagV2", diagonal=tf.constant(value), **arguments)


def part(tf, value, **arguments):
    return made(tf, "MatrixDiagPartV2", input=tf.constant(value), **arguments)


def placed(tf, value, diagonals, k):
    return made(tf, "MatrixSetDiagV2", input=tf.constant(value), diagonal=tf.constant(diagonals), k=k)


def answers(tf, results, feed=None):
    with tf.Session() as session:
        return {"values": session.run(results, feed), "shapes": [str(each.shape) for each in results]}


@program
def put_into_matrices(tf):
    return answers(tf, [
        diagonal(tf, [1.0, 2.0], k=1), diagonal(tf, [[1.0, 2.0], [3.0, 4.0]], k=-1, padding_value=9.0),
        diagonal(tf, [[1.0, 2.0], [3.0, 4.0]], k=[-1, 0]), diagonal(tf, [1.0, 2.0], k=1, num_rows=3),
        diagonal(tf, [1.0, 2.0], k=[1], num_cols=5, padding_value=-1.0),
        diagonal(tf, [[[1.0, 2.0, 0.0], [3.0, 4.0, 5.0]]], k=[0, 1]),
        diagonal(tf, np.zeros([0], np.float32), k=2)])


@program
def taken_out_of_matrices(tf):
    return answers(tf, [part(tf, SQUARE, k=1), part(tf, SQUARE, k=[-1, 1]), part(tf, BATCH, k=-2),
                        part(tf, BATCH, k=[-1, 2], padding_value=-1.0), part(tf, SQUARE, k=[2, 2]),
                        part(tf, np.zeros([0, 2, 2], np.float32), k=1)])


@program
def replaced(tf):
    return answers(tf, [placed(tf, SQUARE, [-1.0, -2.0], 1), placed(tf, SQUARE, [[-1.0, -2.0, 0.0], [-3.0, -4.0, -5.0]], [0, 1]),
                        placed(tf, BATCH, [[-1.0], [-2.0]], -2)])


@program
def fed_bands(tf):
    matrix, k = tf.placeholder(tf.float32, [None, None, 3]), tf.placeholder(tf.int32)
    return answers(tf, [
        made(tf, "MatrixDiagPartV2", input=matrix, k=k), made(tf, "MatrixDiagPartV2", input=matrix, k=[-1, 0]),
        made(tf, "MatrixDiagV2", diagonal=matrix[:, :2, :], k=k),
    ], {matrix: [SQUARE], k: [0, 1]})


def fails(name, phrase, build, feed):
    def run(tf):
        matrix, k = tf.placeholder(tf.float32), tf.placeholder(tf.int32)
        tf.Session().run(build(tf, matrix, k), {matrix: feed[0], k: feed[1]})
    run.__name__ = name
    raises(phrase)(run)


def of_fed(op, argument):
    return lambda tf, matrix, k: made(tf, op, k=k, **{argument: matrix})


PART, DIAGONAL = of_fed("MatrixDiagPartV2", "input"), of_fed("MatrixDiagV2", "diagonal")
fails("band_upside_down", "lower_diag_index must not be larger than upper_diag_index: 1 > 0", PART, (SQUARE, [1, 0]))
fails("band_outside", "upper_diag_index is out of bound: 4 It must be between -3 and 3", PART, (SQUARE, [0, 4]))
fails("vector", "input must be at least 2-dim, received shape: [1]", PART, ([1.0], 0))
fails("matrix_of_numbers", "diag_index must be a scalar or vector, received shape: [1,1]", PART, (SQUARE, [[0]]))
fails("three_numbers", "diag_index must have only one or two elements, received 3 elements.", PART, (SQUARE, [0, 1, 2]))
fails("scalar_diagonal", "diagonal must be at least 1-dim, received shape: []", DIAGONAL, (1.0, 1))
fails("too_few_diagonals", "The number of diagonals provided in the input does not match", DIAGONAL, ([1.0], [0, 1]))


@raises("num_cols is too small.")
def too_few_columns(tf):
    diagonal(tf, [1.0, 2.0], k=1, num_rows=2, num_cols=2)


@raises("num_rows = 4 != min_num_rows = 2, num_cols = 4 != min_num_cols = 3")
def sizes_that_do_not_fit(tf):
    diagonal(tf, [1.0, 2.0], k=1, num_rows=4, num_cols=4)


@raises("upper_diag_index is out of bound")
def known_band_outside(tf):
    part(tf, SQUARE, k=[-1, 5])


@raises("lower_diag_index is greater than upper_diag_index")
def known_band_upside_down(tf):
    part(tf, SQUARE, k=[1, 0])


@raises("diagonal.shape[:-1] is not equal to the longests diagonal in range [lower_diag_index:upper_diag_index].")
def replaced_by_too_many(tf):
    tf.Session().run(placed(tf, SQUARE, [0.0, 1.0, 2.0], -1))
