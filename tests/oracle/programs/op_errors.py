"""Bad input of ops that only a run can see: what is fed has shapes that are not known while building."""
import numpy as np
from catalog import raises

f32 = np.float32


def failing(name, phrase, build, *values):
    """Register a program that builds with placeholders of unknown shape, feeds the values and must fail."""
    def run(tf):
        arrays = [np.asarray(value) for value in values]
        fed = [tf.placeholder(tf.string if array.dtype.kind in "SUO" else array.dtype, None) for array in arrays]
        made = build(tf, *fed)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(made, dict(zip(fed, arrays)))

    run.__name__ = name
    raises(phrase)(run)


failing("gather_index", "indices[1] = 3 is not in [0, 3)", lambda tf, i: tf.gather([1., 2., 3.], i), [0, 3])
failing("gather_negative", "indices[0,1] = -1 is not in [0, 2)", lambda tf, i: tf.gather([[1.], [2.]], i), [[0, -1]])
failing("gather_axis", "Expected axis in the range [-1, 1), but got 3", lambda tf, a: tf.gather([1., 2.], [0], axis=a), np.int32(3))
failing("gather_nd_index", "indices[0] = [0, 2] does not index into param shape [2,2]",
        lambda tf, i: tf.gather_nd([[1., 2.], [3., 4.]], i),
        [[0, 2]])
failing("scatter_update_index", "indices[0] = 7 is not in [0, 3)", lambda tf, i: tf.scatter_update(tf.Variable([1., 2., 3.]), i, [5.]), [7])
failing("scatter_update_shape", "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got upda",
        lambda tf, u: tf.scatter_update(tf.Variable([[1., 2.], [3., 4.]]), [0], u),
        f32([1, 2, 3]))
failing("scatter_nd_index", "indices[0] = [4] does not index into shape [3]", lambda tf, i: tf.scatter_nd(i, [1.], [3]), [[4]])
failing("scatter_nd_update_index", "indices[0] = [9] does not index into shape [3]",
        lambda tf, i: tf.scatter_nd_update(tf.Variable([1., 2., 3.]), i, [5.]),
        [[9]])
failing("tensor_scatter", "indices[0] = [3] does not index into shape [3]",
        lambda tf, i: tf.tensor_scatter_update([1., 2., 3.], i, [5.]),
        [[3]])
failing("resource_gather", "indices[0] = 2 is not in [0, 2)", lambda tf, i: tf.gather(tf.Variable([1., 2.], use_resource=True), i), [2])
failing("matmul_run", "In[0] mismatch In[1] shape: 3 vs. 2: [2,3] [2,3] 0 0",
        lambda tf, a, b: tf.matmul(a, b),
        np.ones((2, 3), f32), np.ones((2, 3), f32))
failing("batch_matmul_run", "In[0] mismatch In[1] shape: 3 vs. 2: [2,2,3] [2,2,3] 0 0",
        lambda tf, a, b: tf.matmul(a, b),
        np.ones((2, 2, 3), f32), np.ones((2, 2, 3), f32))
failing("add_run", "Incompatible shapes: [2,3] vs. [4]", lambda tf, a, b: a+b, np.ones((2, 3), f32), np.ones((4, ), f32))
failing("concat_run", "ConcatOp : Dimensions of inputs should match: shape[0] = [2,3] vs. shape[1] = [2,2]",
        lambda tf, a, b: tf.concat([a, b], 0),
        np.ones((2, 3), f32), np.ones((2, 2), f32))
failing("concat_axis", "ConcatOp : Expected concatenating dimensions in the range [-2, 2), but got 3",
        lambda tf, a: tf.concat([a, a], 3),
        np.ones((2, 3), f32))
failing("stack_run", "Shapes of all inputs must match: values[0].shape = [2,3] != values[1].shape = [2,2]",
        lambda tf, a, b: tf.stack([a, b]),
        np.ones((2, 3), f32), np.ones((2, 2), f32))
failing("split_run", "Number of ways to split should evenly divide the split dimension, but got split_dim 0 (siz",
        lambda tf, a: tf.split(a, 2),
        np.ones(3, f32))
failing("splitv_run", "Determined shape must either match input shape along split_dim exactly if fully specified,",
        lambda tf, a: tf.split(a, [1, 1]),
        np.ones(3, f32))
failing("reshape_run", "Input to reshape is a tensor with 3 values, but the requested shape has 4",
        lambda tf, a: tf.reshape(a, [2, 2]),
        np.ones(3, f32))
failing("reshape_two_unknown", "Only one input size may be -1, not both 0 and 1", lambda tf, s: tf.reshape([1., 2.], s), np.int32([-1, -1]))
failing("reshape_zero", "Input to reshape is a tensor with 2 values, but the requested shape has 0",
        lambda tf, s: tf.reshape([1., 2.], s),
        np.int32([0, -1]))
failing("squeeze_run", "Can not squeeze dim[0], expected a dimension of 1, got 2", lambda tf, a: tf.squeeze(a, [0]), np.ones((2, 1), f32))
failing("expand_dims_run", "Tried to expand dim index 4 for tensor with 1 dimensions.", lambda tf, d: tf.expand_dims([1.], d), np.int32(4))
failing("transpose_run", "1 is missing from {0,0}.", lambda tf, p: tf.transpose([[1., 2.]], p), np.int32([0, 0]))
failing("tile_run", "Expected multiples[0] >= 0, but got -1", lambda tf, m: tf.tile([1., 2.], m), np.int32([-1]))
failing("tile_length", "Expected multiples argument to be a vector of length 1 but got length 2",
        lambda tf, m: tf.tile([1., 2.], m),
        np.int32([1, 2]))
failing("pad_run", "Paddings must be non-negative: -1 0", lambda tf, p: tf.pad([1., 2.], p), np.int32([[-1, 0]]))
failing("mirror_pad_run", "paddings must be less than the dimension size: 2, 0 not less than 2",
        lambda tf, p: tf.pad([1., 2.], p, 'REFLECT'),
        np.int32([[2, 0]]))
failing("slice_run", "Expected begin[0] in [0, 2], but got 3", lambda tf, b: tf.slice([1., 2.], b, [1]), np.int32([3]))
failing("strided_slice_zero", "strides[0] must be non-zero", lambda tf, s: tf.strided_slice([1., 2.], [0], [1], s), np.int32([0]))
failing("index_out", "slice index 5 of dimension 0 out of bounds.", lambda tf, i: tf.constant([1., 2.])[i], np.int32(5))
failing("fill_negative", "Dimension -1 must be >= 0", lambda tf, d: tf.fill(d, 1.), np.int32([-1]))
failing("fill_value", "value must be a scalar, got shape [2]", lambda tf, v: tf.fill([2], v), f32([1, 2]))
failing("range_wrong_way", "Requires start <= limit when delta > 0: 5/0", lambda tf, d: tf.range(5, 0, d), np.int32(1))
failing("linspace_num", "Requires num > 0: 0", lambda tf, n: tf.linspace(0., 1., n), np.int32(0))
failing("one_hot_depth", "depth must be non-negative, got: -1", lambda tf, d: tf.one_hot([1], d), np.int32(-1))
failing("argmax_axis", "Expected dimension in the range [-1, 1), but got 2", lambda tf, a: tf.argmax([1., 2.], a), np.int32(2))
failing("argmax_empty", "Reduction axis 0 is empty in shape [0]", lambda tf, a: tf.argmax(a, 0), np.zeros((0, ), f32))
failing("reduce_axis", "Invalid reduction dimension (3 for input with 1 dimension(s)",
        lambda tf, a: tf.reduce_sum([1., 2.], a),
        np.int32([3]))
failing("cumsum_axis", "ScanOp: Expected scan axis in the range [-1, 1), but got 2", lambda tf, a: tf.cumsum([1., 2.], a), np.int32(2))
failing("segment_order", "segment ids are not increasing", lambda tf, s: tf.segment_sum([1., 2.], s), np.int32([1, 0]))
failing("segment_length", "segment_ids should be the same size as dimension 0 of input.",
        lambda tf, s: tf.segment_sum([1., 2.], s),
        np.int32([0]))
failing("unsorted_segment", "segment_ids[1] = 5 is out of range [0, 2)",
        lambda tf, s: tf.unsorted_segment_sum([1., 2.], s, 2),
        np.int32([0, 5]))
failing("top_k_large", "input must have at least k columns. Had 2, needed 3", lambda tf, k: tf.nn.top_k([1., 2.], k), np.int32(3))
failing("in_top_k", "First dimension of predictions 1 must match length of targets 2",
        lambda tf, t: tf.nn.in_top_k([[1., 2.]], t, 1),
        np.int32([0, 1]))
failing("softmax_labels", "labels must be 1-D, but got shape [1,1]",
        lambda tf, labels: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=[[1., 2.]]),
        np.int32([[0]]))
failing("bias_add", "Must provide as many biases as the last dimension of the input tensor: [3] vs. [1,2]",
        lambda tf, b: tf.nn.bias_add([[1., 2.]], b),
        f32([1, 2, 3]))
failing("conv_depth", "input depth must be evenly divisible by filter depth: 3 vs 2",
        lambda tf, x: tf.nn.conv2d(x, np.ones((1, 1, 2, 1), f32), [1, 1, 1, 1], 'SAME'),
        np.ones((1, 2, 2, 3), f32))
failing("conv_rank", "input must be 4-dimensional[2,2,3]",
        lambda tf, x: tf.nn.conv2d(x, np.ones((1, 1, 2, 1), f32), [1, 1, 1, 1], 'SAME'),
        np.ones((2, 2, 3), f32))
failing("cholesky_bad", "Cholesky decomposition was not successful. The input might not be valid.",
        lambda tf, x: tf.cholesky(x),
        f32([[1, 2], [2, 1]]))
failing("inverse_singular", "Input is not invertible.", lambda tf, x: tf.matrix_inverse(x), f32([[1, 2], [2, 4]]))
failing("solve_shape", "Input matrix and rhs are incompatible.",
        lambda tf, x: tf.matrix_solve(x, [[1.], [2.], [3.]]),
        f32([[1, 2], [2, 5]]))
failing("where_shape", "Inputs to operation Select of type Select must have the same size and shape.  Input 0: [3]",
        lambda tf, c: tf.where(c, [1., 2.], [3., 4.]),
        np.array([True, False, True]))
failing("dynamic_partition", "partitions[1] = 2 is not in [0, 2)", lambda tf, p: tf.dynamic_partition([1., 2.], p, 2), np.int32([0, 2]))
failing("invert_permutation", "0 is duplicated in the input.", lambda tf, p: tf.invert_permutation(p), np.int32([0, 0]))
failing("unique_rank", "unique expects a 1D vector.", lambda tf, p: tf.unique(p)[0], np.int32([[0, 0]]))
failing("reverse_axis", "'axis'[0] = 1 is out of valid range [0, 0", lambda tf, p: tf.reverse([1., 2.], p), np.int32([1]))
failing("reverse_sequence", "seq_lens(0) > input.dims(1)", lambda tf, p: tf.reverse_sequence([[1., 2.]], p, 1, 0), np.int32([3]))
failing("space_to_batch", "padded_shape[0]=3 is not divisible by block_shape[0]=2",
        lambda tf, x: tf.space_to_batch_nd(x, [2], [[0, 0]]),
        np.ones((1, 3), f32))
failing("depth_to_space", "Input depth dimension 3 should be divisible by: 4",
        lambda tf, x: tf.depth_to_space(x, 2),
        np.ones((1, 1, 1, 3), f32))
failing("string_number", "StringToNumberOp could not correctly convert string: a", lambda tf, x: tf.string_to_number(x), [b'a'])
failing("decode_raw", "Input to DecodeRaw has length 3 that is not a multiple of 4, the size of float",
        lambda tf, x: tf.decode_raw(x, tf.float32),
        [b'abc'])
failing("decode_base64", "Invalid character found in base64.", lambda tf, x: tf.decode_base64(x), [b'!!'])
failing("substr", "pos 5 out of range for string b'abc' at index 0", lambda tf, p: tf.substr([b'abc'], p, 1), np.int32([5]))
failing("decode_png", "Expected image (JPEG, PNG, or GIF), got unknown format starting with 'abc'",
        lambda tf, x: tf.image.decode_png(x),
        np.array(b'abc', object))
failing("crop_box", "box_index has values outside [0, batch_size)",
        lambda tf, b: tf.image.crop_and_resize(np.ones((1, 2, 2, 1), f32), [[0., 0., 1., 1.]], b, [1, 1]),
        np.int32([3]))
failing("sparse_to_dense", "indices[0] = [4] is out of bounds: need 0 <= index < [3]",
        lambda tf, i: tf.sparse_to_dense(i, [3], 1.),
        np.int32([4]))
failing("sparse_order", "indices[1] = [1] is out of order. Many sparse ops require sorted indices.",
        lambda tf, i: tf.sparse_to_dense(i, [3], [1., 1.]),
        np.int32([2, 1]))
failing("integer_pow", "Integers to negative integer powers are not allowed", lambda tf, x: tf.pow(2, x), np.int32(-1))
failing("multinomial", "logits should be a matrix, got shape [2]", lambda tf, x: tf.multinomial(x, 1), f32([1, 2]))
failing("random_shape", "Dimension -2 must be >= 0", lambda tf, s: tf.random_uniform(s), np.int32([-2]))
failing("check_numerics", "bad : Tensor had NaN values", lambda tf, x: tf.check_numerics(x, 'bad'), f32([np.nan]))
failing("histogram", "value_range should satisfy value_range[0] < value_range[1], but got '[2, 1]'",
        lambda tf, x: tf.histogram_fixed_width([1.], x),
        f32([2, 1]))
failing("broadcast_to", "Incompatible shapes: [2] vs. [3]", lambda tf, s: tf.broadcast_to([1., 2.], s), np.int32([3]))
failing("cast_string", "Cast float to string is not supported", lambda tf, x: tf.cast(x, tf.string), f32([1]))
failing("bitcast", "Cannot bitcast from 1 to 2", lambda tf, x: tf.bitcast(x, tf.float64), f32([1, 2, 3]))
