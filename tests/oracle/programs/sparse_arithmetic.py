"""Sparse tensors: reduced, added, multiplied, compared; their gradients and errors."""
import numpy as np
from catalog import program, raises

ORDER = [[0, 1], [1, 0], [1, 2]]
NAN = float("nan")
LONG = np.array(ORDER, np.int64)
WHY = "transcendental functions differ in their last bits from one library to the next"


def run(tf, **made):
    with tf.Session() as session:
        return {name: seen(session.run(tensor)) for name, tensor in made.items()}


def seen(value):
    """A SparseTensorValue as the list of its parts."""
    if hasattr(value, "dense_shape"):
        return [np.asarray(part) for part in (value.indices, value.values, value.dense_shape)]
    return [seen(each) for each in value] if isinstance(value, (list, tuple)) else value


def sample(tf, indices=ORDER, values=(1.0, 2.0, 3.0), shape=(2, 3)):
    return tf.SparseTensor(np.array(indices, np.int64).reshape(len(values), len(shape)), np.array(values, np.float32), shape)


def other(tf):
    return sample(tf, [[0, 0], [1, 0], [1, 1]], (5.0, -2.0, 7.0))


def fed(tf, indices=ORDER, values=(1.0, 2.0, 3.0), shape=(2, 3)):
    """A sparse tensor of which nothing is known before the run."""
    parts = np.array(indices, np.int64), np.array(values, np.float32), np.array(shape, np.int64)
    return tf.SparseTensor(*[tf.placeholder_with_default(part, None) for part in parts])


def slopes(tf, count, result, *sources):
    """The gradients of the result's elements, so many of them, each with another weight."""
    result = tf.reshape(result, [count])
    weights = np.arange(1, count + 1, dtype=np.float32)
    found = tf.gradients(result * weights, list(sources))
    with tf.Session() as session:
        return {"gradients": [None if each is None else session.run(each) for each in found]}


def shapes(*tensors):
    return [[str(part.shape) for part in (each.indices, each.values, each.dense_shape)] for each in tensors]


# ------------------------------------------------------------------ reductions
@program(graph=True)
def sums(tf):
    cube = sample(tf, [[0, 1, 2], [1, 0, 0], [1, 0, 3]], (1.0, 2.0, 4.0), (2, 3, 4))
    made = dict(all=tf.sparse_reduce_sum(sample(tf)), rows=tf.sparse_reduce_sum(sample(tf), 1), last=tf.sparse_reduce_sum(sample(tf), -1),
                kept=tf.sparse_reduce_sum(sample(tf), [0], keepdims=True), two=tf.sparse.reduce_sum(cube, axis=[0, -1]),
                fed=tf.sparse_reduce_sum(fed(tf), 0), empty=tf.sparse_reduce_sum(sample(tf, [], ()), 0),
                nothing=tf.sparse_reduce_sum(sample(tf), []), old=tf.sparse_reduce_sum(cube, reduction_axes=[1], keep_dims=True))
    return dict(run(tf, **made), shapes=[str(made[name].shape) for name in sorted(made)])


@program(graph=True)
def sparse_sums(tf):
    made = dict(all=tf.sparse_reduce_sum_sparse(sample(tf)), rows=tf.sparse_reduce_sum_sparse(sample(tf), 1),
                kept=tf.sparse.reduce_sum_sparse(sample(tf), [0], keepdims=True), empty=tf.sparse_reduce_sum_sparse(sample(tf, [], ()), 0))
    return dict(run(tf, **made), shapes=shapes(*[made[name] for name in sorted(made)]))


@program(graph=True)
def maxima(tf):
    low = sample(tf, values=(-1.0, -2.0, NAN))
    return run(tf, all=tf.sparse_reduce_max(low), rows=tf.sparse_reduce_max(low, 1, keepdims=True), columns=tf.sparse.reduce_max(low, -2),
               sparse=tf.sparse_reduce_max_sparse(low, 1), empty=tf.sparse_reduce_max(sample(tf, [], ()), 1),
               fed=tf.sparse_reduce_max_sparse(fed(tf)))


@program(graph=True)
def gradient_of_sum(tf):
    values = tf.constant([1.0, 2.0, 3.0])
    sparse = tf.SparseTensor(ORDER, values, [2, 3])
    return slopes(tf, 5, tf.concat([tf.sparse_reduce_sum(sparse, 0), tf.sparse_reduce_sum(sparse, [1])], 0), values)


@raises("Invalid reduction dimension 2, for input with 2 dimensions.")
def sum_over_no_axis(tf):
    tf.Session().run(tf.sparse_reduce_sum(sample(tf), 2))


@raises("Can't specify both axis' and 'reduction_indices'.")
def sum_over_two_axes(tf):
    tf.sparse_reduce_sum(sample(tf), 0, reduction_axes=1)


@raises("Expected input_shape to be a vector; got shape: [1,2]")
def sum_of_a_wrong_shape(tf):
    tf.Session().run(tf.sparse_reduce_sum(fed(tf, shape=[[2, 3]]), 1))


@program(graph=True, rtol=1e-6, why=WHY)
def softmaxes(tf):
    cube = sample(tf, [[0, 0, 0], [0, 0, 2], [0, 1, 1], [1, 0, 0]], (1.0, 2.0, 3.0, 4.0), (2, 2, 3))
    return run(tf, matrix=tf.sparse_softmax(sample(tf)), cube=tf.sparse.softmax(cube, name="S"),
               empty=tf.sparse_softmax(sample(tf, [], ())),
               infinite=tf.sparse_softmax(fed(tf, values=(1.0, float("-inf"), 3.0))))


@program(graph=True, rtol=1e-5, why=WHY)
def gradient_of_softmax(tf):
    values = tf.constant([1.0, 2.0, 3.0])
    return slopes(tf, 3, tf.sparse_softmax(tf.SparseTensor(ORDER, values, [2, 3])).values, values)


@raises("Gradient for SparseDenseCwiseAdd is currently not implemented yet.")
def second_gradient_of_softmax(tf):
    values = tf.constant([1.0, 2.0, 3.0])
    first, = tf.gradients(tf.sparse_softmax(tf.SparseTensor(ORDER, values, [2, 3])).values, values)
    tf.gradients(first, values)


@raises("Input should have rank >= 2, but received shape: 3")
def softmax_of_a_vector(tf):
    tf.Session().run(tf.sparse_softmax(fed(tf, [[0], [1], [2]], shape=[3])))


# ------------------------------------------------------------------ arithmetic
@program(graph=True)
def added(tf):
    dense = np.arange(6, dtype=np.float32).reshape(2, 3)
    made = dict(sparse=tf.sparse_add(sample(tf), other(tf)), above=tf.sparse.add(sample(tf), other(tf), threshold=2.5),
                value=tf.sparse_add(tf.SparseTensorValue(LONG, np.ones(3, np.float32), [2, 3]), fed(tf)),
                none=tf.sparse_add(sample(tf, [], ()), sample(tf, [], ())))
    made_dense = dict(right=tf.sparse_add(sample(tf), dense), left=tf.sparse_add(dense, fed(tf, [[1, 1], [1, 1], [0, 0]])))
    return dict(run(tf, **made, **made_dense), shapes=shapes(*[made[name] for name in sorted(made)]))


@program(graph=True)
def gradient_of_add(tf):
    a, b = tf.constant([1.0, 2.0, 3.0]), tf.constant([5.0, 6.0])
    total = tf.sparse_add(tf.SparseTensor(ORDER, a, [2, 3]), tf.SparseTensor([[1, 0], [1, 1]], b, [2, 3]))
    return slopes(tf, 4, total.values, a, b)


@program(graph=True)
def gradient_of_add_to_dense(tf):
    a, b = tf.constant([1.0, 2.0, 3.0]), tf.ones([2, 3])
    return slopes(tf, 6, tf.sparse_add(tf.SparseTensor(ORDER, a, [2, 3]), b), a, b)


@raises("At least one input should be SparseTensor; do you mean to use tf.add()?")
def added_dense(tf):
    tf.sparse_add([1.0], [2.0])


@raises("Operands' shapes do not match: got 3 and 4 for dimension 1")
def added_of_other_sizes(tf):
    tf.Session().run(tf.sparse_add(fed(tf), fed(tf, shape=(2, 4))))


@raises("Operands do not have the same ranks; got shapes: 2 3 and 2")
def added_of_another_rank(tf):
    tf.Session().run(tf.sparse_add(fed(tf), fed(tf, [[0], [1], [1]], shape=[2])))


@raises("Dimension 1 does not equal (no broadcasting is supported): sparse side 3 vs dense side 4")
def added_to_a_wider_one(tf):
    tf.Session().run(tf.sparse_add(sample(tf), tf.zeros([2, 4])))


@raises("Sparse tensor has some invalid index on dimension 1; dense tensor shape: [2,3]")
def added_outside(tf):
    tf.Session().run(tf.sparse_add(fed(tf, [[0, 1], [1, 0], [1, 3]]), tf.zeros([2, 3])))


@raises("Input indices should be matrices but received shapes: [3] and [3,2]")
def added_with_a_vector_of_indices(tf):
    tf.Session().run(tf.sparse_add(fed(tf, [0, 1, 2]), fed(tf)))


@program(graph=True)
def operators(tf):
    dense, number = tf.constant([[2.0, 4.0, 8.0]]), tf.SparseTensor([[0], [1]], [7, -7], [2])
    return run(tf, product=sample(tf) * dense, turned=dense * sample(tf), number=sample(tf) * 3, quotient=sample(tf) / dense,
               whole=number / tf.constant([2, 2]), column=sample(tf) * [[2.0], [3.0]], fed=fed(tf) * np.float32(2))


@program(graph=True)
def gradient_of_product(tf):
    a, b = tf.constant([1.0, 2.0, 3.0]), tf.constant([2.0, 4.0, 8.0])
    return slopes(tf, 3, (tf.SparseTensor(ORDER, a, [2, 3]) * b).values, a, b)


@program(graph=True)
def gradient_of_quotient(tf):
    a, b = tf.constant([1.0, 2.0, 3.0]), tf.constant([[2.0], [4.0]])
    return slopes(tf, 3, (tf.SparseTensor(ORDER, a, [2, 3]) / b).values, a, b)


@raises("SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: [2,3] vs. [2]")
def product_of_other_sizes(tf):
    tf.Session().run(sample(tf) * [1.0, 2.0])


@program(graph=True)
def extremes(tf):
    nan = sample(tf, values=(NAN, -1.0, NAN))
    return run(tf, most=tf.sparse_maximum(sample(tf), other(tf)), least=tf.sparse_minimum(sample(tf), other(tf)),
               nan=tf.sparse.maximum(sample(tf), nan, name="M"), nan_first=tf.sparse.minimum(nan, fed(tf)))


@raises("Operands' shapes do not match: got 3 and 4 for dimension 1")
def maximum_of_other_sizes(tf):
    tf.Session().run(tf.sparse_maximum(fed(tf), fed(tf, shape=(2, 4))))


# ------------------------------------------------------------------ products of matrices
@program(graph=True)
def products(tf):
    three, two = np.arange(6, dtype=np.float32).reshape(3, 2), np.arange(4, dtype=np.float32).reshape(2, 2)
    made = dict(plain=tf.sparse_tensor_dense_matmul(sample(tf), three), left=tf.sparse.matmul(sample(tf), two, adjoint_a=True),
                right=tf.sparse_tensor_dense_matmul(sample(tf), three.T.copy(), adjoint_b=True, name="P"),
                both=tf.sparse.sparse_dense_matmul(sample(tf), two, True, True),
                empty=tf.sparse_tensor_dense_matmul(sample(tf, [], ()), three),
                repeated=tf.sparse_tensor_dense_matmul(fed(tf, [[1, 2], [0, 1], [1, 2]]), three), nan=tf.sparse_tensor_dense_matmul(
                    sample(tf, [[0, 1]], [1.0]), np.array([[NAN], [2.0], [NAN]], np.float32)),
                whole=tf.sparse_tensor_dense_matmul(tf.SparseTensor([[0, 1]], [2], [2, 2]), [[1], [5]]))
    return dict(run(tf, **made), shapes=[str(made[name].shape) for name in sorted(made)])


@program
def products_of_complex_numbers(tf):
    a = tf.SparseTensor([[0, 0], [1, 1]], np.array([1 + 1j, 2], np.complex64), [2, 2])
    b = np.array([[1 + 1j, 1j], [2, 3 - 1j]], np.complex64)
    return run(tf, plain=tf.sparse.matmul(a, b), left=tf.sparse.matmul(a, b, adjoint_a=True), right=tf.sparse.matmul(a, b, adjoint_b=True))


@program(graph=True)
def gradient_of_matmul(tf):
    values, b = tf.constant([1.0, 2.0, 3.0]), tf.constant(np.arange(6, dtype=np.float32).reshape(3, 2))
    return slopes(tf, 4, tf.sparse_tensor_dense_matmul(tf.SparseTensor(ORDER, values, [2, 3]), b), values, b)


@program(graph=True)
def gradient_of_adjoint_matmul(tf):
    values, b = tf.constant([1.0, 2.0, 3.0]), tf.constant(np.arange(4, dtype=np.float32).reshape(2, 2))
    return slopes(tf, 6, tf.sparse.matmul(tf.SparseTensor(ORDER, values, [2, 3]), b, adjoint_a=True, adjoint_b=True), values, b)


@raises("Dimensions must be equal, but are 3 and 2 for 'SparseTensorDenseMatMul/SparseTensorDenseMatMul' (op: 'SparseTensorDenseMatMul') "
        "with input shapes: [3,2], [3], [2], [2,2] and with input tensors computed as partial shapes: input[2] = [2,3].")
def product_of_other_sizes_known(tf):
    tf.sparse_tensor_dense_matmul(sample(tf), tf.zeros([2, 2]))


@raises("Cannot multiply A and B because inner dimension does not match: 3 vs. 2.  Did you forget a transpose?  Dimensions of A: [2, 3).")
def product_of_other_sizes_fed(tf):
    tf.Session().run(tf.sparse_tensor_dense_matmul(fed(tf), tf.placeholder_with_default(np.zeros([2, 2], np.float32), None)))


@raises("k (3) from index[2,1] out of bounds (>=3)")
def product_outside(tf):
    tf.Session().run(tf.sparse_tensor_dense_matmul(fed(tf, [[0, 1], [1, 0], [1, 3]]), tf.zeros([3, 2])))


@raises("Tensor 'a_shape' must have 2 elements")
def product_of_a_cube(tf):
    tf.Session().run(tf.sparse_tensor_dense_matmul(fed(tf, [[0, 0, 0]], [1.0], (2, 3, 4)), tf.zeros([3, 2])))


@raises("Shape must be rank 2 but is rank 1")
def product_with_a_vector(tf):
    tf.sparse_tensor_dense_matmul(sample(tf), tf.zeros([3]))


@program(graph=True)
def products_of_matrices_with_zeros(tf):
    return run(tf, product=tf.sparse_matmul([[1.0, 0.0], [2.0, 3.0]], [[1.0], [2.0]], a_is_sparse=True),
               turned=tf.sparse_matmul([[1.0, 0.0], [2.0, 3.0]], [[1.0, 5.0]], transpose_a=True, transpose_b=True))


# ------------------------------------------------------------------ what dense functions make of them
@program(graph=True)
def shapes_of_sparse_tensors(tf):
    return run(tf, shape=tf.shape(sample(tf)), long=tf.shape(fed(tf), out_type=tf.int64), size=tf.size(sample(tf)),
               rank=tf.rank(sample(tf)),
               named=tf.rank(fed(tf), name="K"), cast=tf.cast(sample(tf), tf.int32))


@program(graph=True, rtol=1e-6, why=WHY)
def mapped_values(tf):
    made = {name: getattr(tf, name)(sample(tf)) for name in ("abs", "negative", "sign", "square", "sqrt", "erf", "tanh")}
    return run(tf, named=tf.square(sample(tf), name="N"), **made)
