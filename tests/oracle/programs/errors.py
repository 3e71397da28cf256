"""Bad input: what is raised and what the text says."""
import numpy as np
from catalog import program, raises


@raises("You must feed a value for placeholder tensor 'a' with dtype float")
def unfed_placeholder(tf):
    a = tf.placeholder(tf.float32, name="a")
    tf.Session().run(a + 1)


@raises("You must feed a value for placeholder tensor 'a' with dtype float and shape [?,2]")
def unfed_placeholder_with_shape(tf):
    a = tf.placeholder(tf.float32, [None, 2], name="a")
    tf.Session().run(tf.reduce_sum(a))


@raises("Cannot feed value of shape (3,) for Tensor 'a:0', which has shape '(2,)'")
def wrong_shape_fed(tf):
    a = tf.placeholder(tf.float32, [2], name="a")
    tf.Session().run(a, {a: [1, 2, 3]})


@raises("Cannot feed value of shape (2, 3) for Tensor 'a:0', which has shape '(?, 2)'")
def wrong_shape_fed_partly_known(tf):
    a = tf.placeholder(tf.float32, [None, 2], name="a")
    tf.Session().run(a, {a: np.zeros([2, 3])})


@raises("could not convert string to float")
def wrong_dtype_fed_string(tf):
    a = tf.placeholder(tf.float32, name="a")
    tf.Session().run(a, {a: "hello"})


@raises("invalid literal for int()")
def wrong_dtype_fed_string_to_int(tf):
    a = tf.placeholder(tf.int32, name="a")
    tf.Session().run(a, {a: "hello"})


@program
def floats_fed_to_an_integer_are_cut(tf):
    """Only a fed Python ``int`` is checked against the dtype; everything else goes through NumPy's conversion."""
    a = tf.placeholder(tf.int32, name="a")
    session = tf.Session()
    return {"scalar": session.run(a, {a: 1.5}), "array": session.run(a, {a: np.array([1.7, -2.5])}),
            "bool": session.run(a, {a: True})}


@raises("is not compatible with Tensor type")
def wrong_dtype_fed_large_int(tf):
    a = tf.placeholder(tf.int32, name="a")
    tf.Session().run(a, {a: 2 ** 40})


@raises("setting an array element with a sequence")
def ragged_feed(tf):
    a = tf.placeholder(tf.float32, name="a")
    tf.Session().run(a, {a: [[1, 2], [3]]})


@raises("The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, strings, "
        "lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was Tensor(\"Const:0\"")
def tensor_fed(tf):
    a = tf.placeholder(tf.float32, name="a")
    tf.Session().run(a, {a: tf.constant(1.0)})


@raises("Cannot interpret feed_dict key as Tensor: The name 'nobody:0' refers to a Tensor which does not exist")
def feed_key_does_not_exist(tf):
    a = tf.placeholder(tf.float32, name="a")
    tf.Session().run(a, {"nobody:0": 1.0})


@raises("Cannot interpret feed_dict key as Tensor: Can not convert a int into a Tensor.")
def feed_key_is_no_tensor(tf):
    a = tf.placeholder(tf.float32, name="a")
    tf.Session().run(a, {3: 1.0})


@raises("Cannot interpret feed_dict key as Tensor: Can not convert a Operation into a Tensor.")
def feed_key_is_operation(tf):
    a = tf.placeholder(tf.float32, name="a")
    tf.Session().run(a, {a.op: 1.0})


@raises("is not an element of this graph.")
def feed_key_of_foreign_graph(tf):
    with tf.Graph().as_default():
        foreign = tf.placeholder(tf.float32, name="a")
    tf.Session().run(tf.constant(1), {foreign: 1.0})


@raises("may not be fed")
def prevented_feed(tf):
    a = tf.constant(1.0)
    tf.get_default_graph().prevent_feeding(a)
    tf.Session().run(a + 1, {a: 2.0})


@raises("is not an element of this graph.")
def fetch_of_foreign_graph(tf):
    with tf.Graph().as_default():
        foreign = tf.constant(1.0)
    tf.no_op()
    tf.Session().run(foreign)


@raises("Tensor Tensor(\"Const:0\", shape=(), dtype=float32) is not an element of this graph.")
def fetch_of_foreign_graph_names_the_tensor(tf):
    with tf.Graph().as_default():
        foreign = tf.constant(1.0)
    tf.no_op()
    tf.Session().run(foreign)


@raises("Cannot use the given session to evaluate tensor: the tensor's graph is different from the session's graph.")
def eval_in_session_of_other_graph(tf):
    with tf.Graph().as_default():
        foreign = tf.constant(1.0)
    foreign.eval(session=tf.Session())


@raises("Cannot use the default session to evaluate tensor: the tensor's graph is different from the session's graph. "
        "Pass an explicit session to `eval(session=sess)`.")
def eval_in_default_session_of_other_graph(tf):
    with tf.Session():
        with tf.Graph().as_default():
            foreign = tf.constant(1.0)
        foreign.eval()


@raises("Cannot evaluate tensor using `eval()`: No default session is registered. Use `with sess.as_default()` or pass "
        "an explicit session to `eval(session=sess)`")
def eval_without_session(tf):
    tf.constant(1.0).eval()


@raises("Cannot execute operation using `run()`: No default session is registered. Use `with sess.as_default():` or "
        "pass an explicit session to `run(session=sess)`")
def run_operation_without_session(tf):
    tf.no_op().run()


@raises("must be from the same graph as")
def inputs_of_two_graphs(tf):
    with tf.Graph().as_default():
        foreign = tf.constant(1.0)
    tf.constant(2.0) + foreign


@raises("Attempting to use uninitialized value w")
def uninitialised_variable(tf):
    w = tf.Variable([1.0], name="w")
    tf.Session().run(w + 1)


@raises("Attempting to use uninitialized value w")
def uninitialised_variable_fetched(tf):
    w = tf.Variable([1.0], name="w")
    tf.Session().run(w)


@raises("Attempting to use uninitialized value w")
def uninitialised_variable_assign_add(tf):
    w = tf.Variable([1.0], name="w")
    tf.Session().run(w.assign_add([1.0]))


@raises("Error while reading resource variable w from Container: localhost. This could mean that the variable was "
        "uninitialized.")
def uninitialised_resource_variable(tf):
    w = tf.Variable([1.0], name="w", use_resource=True)
    tf.Session().run(w + 1)


@raises("Dimensions must be equal, but are 2 and 3 for 'add' (op: 'AddV2') with input shapes: [2], [3].")
def add_shapes_at_build(tf):
    tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])


@raises("Dimensions must be equal, but are 2 and 3 for 'total' (op: 'Add') with input shapes: [2], [3].")
def named_add_shapes_at_build(tf):
    tf.add(tf.constant([1.0, 2.0]), tf.constant([1.0, 2.0, 3.0]), name="total")


@raises("Dimensions must be equal, but are 3 and 2 for 'MatMul' (op: 'MatMul') with input shapes: [2,3], [2,3].")
def matmul_shapes_at_build(tf):
    tf.matmul(tf.zeros([2, 3]), tf.zeros([2, 3]))


@raises("Shape must be rank 2 but is rank 1 for 'MatMul' (op: 'MatMul') with input shapes: [2], [2,3].")
def matmul_rank_at_build(tf):
    tf.matmul(tf.zeros([2]), tf.zeros([2, 3]))


@raises("Cannot reshape a tensor with 6 elements to shape [4] (4 elements) for 'Reshape' (op: 'Reshape') with input "
        "shapes: [2,3], [1] and with input tensors computed as partial shapes: input[1] = [4].")
def reshape_at_build(tf):
    tf.reshape(tf.zeros([2, 3]), [4])


@raises("Dimension size must be evenly divisible by 4 but is 6 for 'Reshape' (op: 'Reshape')")
def reshape_with_rest_at_build(tf):
    tf.reshape(tf.zeros([2, 3]), [4, -1])


@raises("Invalid reduction dimension 2 for input with 2 dimensions. for 'Sum' (op: 'Sum')")
def reduction_axis_at_build(tf):
    tf.reduce_sum(tf.zeros([2, 3]), 2)


@raises("Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3]. for 'concat' (op: 'ConcatV2')")
def concat_shapes_at_build(tf):
    tf.concat([tf.zeros([1, 2]), tf.zeros([1, 3])], 0)


@raises("Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3].")
def stack_shapes_at_build(tf):
    tf.stack([tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [3])])


@raises("slice index 5 of dimension 0 out of bounds. for 'strided_slice' (op: 'StridedSlice')")
def slice_index_at_build(tf):
    tf.zeros([3])[5]


@raises("Dimension 0 in both shapes must be equal, but are 1 and 2. Shapes are [1] and [2]. for 'Assign' "
        "(op: 'Assign') with input shapes: [1], [2].")
def assign_shape_at_build(tf):
    tf.assign(tf.Variable([1.0]), [1.0, 2.0])


@raises("Incompatible shapes: [2] vs. [3]")
def add_shapes_at_run(tf):
    a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    tf.Session().run(a + b, {a: [1, 2], b: [1, 2, 3]})


@raises("Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]")
def matmul_shapes_at_run(tf):
    a, b = tf.placeholder(tf.float32, [None, None]), tf.placeholder(tf.float32, [None, None])
    tf.Session().run(tf.matmul(a, b), {a: np.zeros([2, 3]), b: np.zeros([2, 3])})


@raises("In[0] mismatch In[1] shape: 3 vs. 2: [2,3] [2,3] 0 0")
def matmul_of_unknown_ranks_at_run(tf):
    """Unknown ranks make a BatchMatMulV2, with a message of its own."""
    a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    tf.Session().run(tf.matmul(a, b), {a: np.zeros([2, 3]), b: np.zeros([2, 3])})


@raises("Input to reshape is a tensor with 6 values, but the requested shape has 4")
def reshape_at_run(tf):
    a = tf.placeholder(tf.float32)
    tf.Session().run(tf.reshape(a, [4]), {a: np.zeros([2, 3])})


@raises("ConcatOp : Dimensions of inputs should match: shape[0] = [1,2] vs. shape[1] = [1,3]")
def concat_at_run(tf):
    a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    tf.Session().run(tf.concat([a, b], 0), {a: np.zeros([1, 2]), b: np.zeros([1, 3])})


@raises("indices[0] = 7 is not in [0, 3)")
def gather_index_at_run(tf):
    indices = tf.placeholder(tf.int32)
    tf.Session().run(tf.gather(tf.constant([1.0, 2.0, 3.0]), indices), {indices: [7]})


@raises("slice index 5 of dimension 0 out of bounds")
def slice_index_at_run(tf):
    a = tf.placeholder(tf.float32)
    tf.Session().run(a[5], {a: [1.0, 2.0]})


@raises("Integer division by zero")
def integer_division_by_zero(tf):
    a = tf.placeholder(tf.int32)
    tf.Session().run(tf.constant(3) // a, {a: 0})


@raises("Cannot assign a device for operation a: ")
def device_error_names_the_operation(tf):
    with tf.device("/gpu:0"):
        a = tf.constant(1.0, name="a")
    tf.Session().run(a)


@raises("was explicitly assigned to /device:GPU:0 but available devices are [ /job:localhost/replica:0/task:0/device:CPU:0")
def device_that_is_not_there(tf):
    with tf.device("/gpu:0"):
        a = tf.constant(1.0, name="a")
    tf.Session().run(a)


@raises("was explicitly assigned to /device:CPU:1 but available devices are")
def second_cpu_that_is_not_there(tf):
    with tf.device("/cpu:1"):
        a = tf.constant(1.0, name="a")
    tf.Session().run(a)


@raises("was explicitly assigned to /job:worker/task:1 but available devices are")
def job_that_is_not_there(tf):
    with tf.device("/job:worker/task:1"):
        a = tf.constant(1.0, name="a")
    tf.Session().run(a)


@raises("Unknown attribute")
def device_string_that_does_not_parse(tf):
    with tf.device("/nonsense:0"):
        a = tf.constant(1.0, name="a")
    tf.Session().run(a)


@raises("Attempted to use a closed Session.")
def closed_session(tf):
    session = tf.Session()
    session.close()
    session.run(tf.constant(1.0))


@raises("Attempted to use a closed Session.")
def session_after_its_with_block(tf):
    a = tf.constant(1.0)
    with tf.Session() as session:
        session.run(a)
    session.run(a)


@raises("Graph is finalized and cannot be modified.")
def finalized_graph(tf):
    tf.get_default_graph().finalize()
    tf.constant(1.0)


@raises("The Session graph is empty.  Add operations to the graph before calling run().")
def empty_graph(tf):
    tf.Session().run([])


@raises("Variable w already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?")
def variable_name_twice(tf):
    tf.get_variable("w", [1])
    tf.get_variable("w", [1])


@raises("Variable w does not exist, or was not created with tf.get_variable(). Did you mean to set "
        "reuse=tf.AUTO_REUSE in VarScope?")
def reused_variable_does_not_exist(tf):
    with tf.variable_scope("", reuse=True):
        tf.get_variable("w", [1])


@raises("Trying to share variable w, but specified shape (2,) and found shape (1,).")
def reused_variable_of_other_shape(tf):
    with tf.variable_scope("", reuse=tf.AUTO_REUSE):
        tf.get_variable("w", [1])
        tf.get_variable("w", [2])


@raises("Trying to share variable w, but specified dtype int32 and found dtype float32_ref.")
def reused_variable_of_other_dtype(tf):
    with tf.variable_scope("", reuse=tf.AUTO_REUSE):
        tf.get_variable("w", [1])
        tf.get_variable("w", [1], dtype=tf.int32)


@raises("The initializer passed is not valid. It should be a callable with no arguments and the shape should not be "
        "provided or an instance of `tf.keras.initializers.*' and `shape` should be fully defined.")
def variable_shape_not_defined(tf):
    tf.get_variable("w", [None, 2])


@raises("If initializer is a constant, do not specify shape.")
def constant_initializer_with_shape(tf):
    tf.get_variable("w", [1], initializer=tf.constant([1.0]))


@raises("initial_value must be specified.")
def variable_without_value(tf):
    tf.Variable()


@raises("initial_value must have a shape specified")
def variable_of_unknown_shape(tf):
    tf.Variable(tf.placeholder(tf.float32))


@raises("The name 'nobody:0' refers to a Tensor which does not exist. The operation, 'nobody', does not exist in the "
        "graph.")
def string_fetch_of_tensor(tf):
    tf.constant(1.0)
    tf.Session().run("nobody:0")


@raises("The name 'nobody' refers to an Operation not in the graph.")
def string_fetch_of_operation(tf):
    tf.constant(1.0)
    tf.Session().run("nobody")


@raises("The operation, 'a', exists but only has 1 outputs.")
def string_fetch_of_output_that_is_not_there(tf):
    tf.constant(1.0, name="a")
    tf.Session().run("a:3")


@raises("The name 'a:b:c' looks a like a Tensor name, but is not a valid one. Tensor names must be of the form "
        "\"<op_name>:<output_index>\".")
def string_fetch_that_is_no_name(tf):
    tf.constant(1.0, name="a")
    tf.Session().run("a:b:c")


@raises("Fetch argument 3 has invalid type <class 'int'>, must be a string or Tensor. (Can not convert a int into a "
        "Tensor or Operation.)")
def fetch_of_a_number(tf):
    tf.constant(1.0)
    tf.Session().run(3)


@raises("Fetch argument None has invalid type <class 'NoneType'>")
def fetch_of_none(tf):
    tf.constant(1.0)
    tf.Session().run([None])


@raises("Nan in summary histogram for: h")
def nan_in_histogram(tf):
    values = tf.placeholder(tf.float32)
    tf.Session().run(tf.summary.histogram("h", values), {values: [1.0, float("nan")]})


@raises("Infinity in summary histogram for: h")
def infinity_in_histogram(tf):
    values = tf.placeholder(tf.float32)
    tf.Session().run(tf.summary.histogram("h", values), {values: [1.0, float("inf")]})


@raises("tags and values not the same shape: [] != [2] (tag 's')")
def scalar_summary_of_vector(tf):
    tf.Session().run(tf.summary.scalar("s", tf.constant([1.0, 2.0])))


@raises("Failed to convert object of type <class 'object'> to Tensor.")
def object_that_is_no_tensor(tf):
    tf.constant(object())


@raises("Failed to convert object of type <class 'dict'> to Tensor. Contents: {}. Consider casting elements to a "
        "supported type.")
def dict_that_is_no_tensor(tf):
    tf.convert_to_tensor({})


@raises("None values not supported.")
def none_that_is_no_tensor(tf):
    tf.convert_to_tensor(None)


@raises("Failed to convert object of type <class 'set'> to Tensor.")
def set_added_to_tensor(tf):
    tf.constant(1.0) + {1}


@raises("Failed to convert object of type <class 'list'> to Tensor. Contents: [1, 'a']. Consider casting elements to a "
        "supported type.")
def mixed_sequence(tf):
    tf.convert_to_tensor([1, "a"])


@raises("Argument must be a dense tensor: [[1, 2], [3]] - got shape [2], but wanted [2, 2].")
def ragged_constant(tf):
    tf.constant([[1, 2], [3]])


@raises("Expected int32, got 1.5 of type 'float' instead.")
def float_where_int_is_wanted(tf):
    tf.constant(1.5, dtype=tf.int32)


@raises("Expected float32, got 'a' of type 'str' instead.")
def text_where_float_is_wanted(tf):
    tf.constant("a", dtype=tf.float32)


@raises("Cannot create a tensor proto whose content is larger than 2GB.")
def constant_larger_than_two_gigabytes(tf):
    tf.constant(np.broadcast_to(np.float32(0), [2 ** 20, 2 ** 10]))


@raises("Too many elements provided. Needed at most 2, but received 3")
def constant_with_too_many_elements(tf):
    tf.constant([1, 2, 3], shape=[2])


@raises("Expected Tensor's shape: (2,), got (1,).")
def constant_verify_shape(tf):
    tf.constant([1], shape=[2], verify_shape=True)


@raises("Input 'y' of 'AddV2' Op has type int32 that does not match type float32 of argument 'x'.")
def float_plus_int_tensor(tf):
    tf.constant(1.0) + tf.constant(1)


@raises("Input 'b' of 'MatMul' Op has type float64 that does not match type float32 of argument 'a'.")
def matmul_of_two_dtypes(tf):
    tf.matmul(tf.zeros([1, 1]), tf.zeros([1, 1], tf.float64))


@raises("Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument 'x'.")
def int_tensor_plus_float(tf):
    tf.constant(1) + 1.5


@raises("Value passed to parameter 'x' has DataType int32 not in list of allowed values: bfloat16, float16, float32, "
        "float64, complex64, complex128")
def sigmoid_of_int(tf):
    tf.sigmoid(tf.constant(1))


@raises("Value passed to parameter 'x' has DataType bool not in list of allowed values")
def negative_of_bool(tf):
    -tf.constant(True)


@raises("Tensor conversion requested dtype int32 for Tensor with dtype float32")
def convert_to_other_dtype(tf):
    tf.convert_to_tensor(tf.constant(1.0), dtype=tf.int32)


@raises("x and y must have the same dtype, got tf.float32 != tf.int32")
def true_division_of_two_dtypes(tf):
    tf.constant(1.0) / tf.constant(1)


@raises("using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution. Use Eager execution or decorate this "
        "function with @tf.function.")
def truth_value(tf):
    bool(tf.constant(True))


@raises("iterating over `tf.Tensor` is not allowed in Graph execution. Use Eager execution or decorate this function with "
        "@tf.function.")
def iteration(tf):
    list(tf.constant([1, 2]))


@raises("iterating over `tf.Tensor` is not allowed in Graph execution. Use Eager execution or decorate this function with "
        "@tf.function.")
def membership(tf):
    return 3 in tf.constant([1, 2])


@program
def class_of_what_python_may_not_ask(tf):
    """Iterating begins without complaint, as it is a generator that complains."""
    found = []
    for ask in (bool, next):
        try:
            ask(iter(tf.constant([1])) if ask is next else tf.constant(True))
        except TypeError as error:
            found.append([type(error).__name__, type(error).__mro__[1].__name__])
    return {"classes": found}


@raises("Variable' object is not iterable.")
def iteration_over_variable(tf):
    list(tf.Variable([1.0]))


@raises("len is not well defined for symbolic Tensors. (Const:0) Please call `x.shape` rather than `len(x)` for shape "
        "information.")
def length(tf):
    len(tf.constant([1, 2]))


@raises("Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3].")
def set_shape_that_does_not_fit(tf):
    tf.placeholder(tf.float32, [2]).set_shape([3])


@raises("No gradients provided for any variable, check your graph for ops that do not support gradients, between "
        "variables [\"<tf.Variable 'w:0' shape=(1,) dtype=float32_ref>\"] and loss Tensor(\"Const:0\", shape=(), "
        "dtype=float32).")
def minimize_without_path(tf):
    tf.Variable([1.0], name="w")
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))


@raises("No variables to optimize.")
def minimize_without_variables(tf):
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))


@raises("No gradients provided for any variable: [\"<tf.Variable 'w:0' shape=(1,) dtype=float32_ref>\"].")
def apply_none_gradients(tf):
    w = tf.Variable([1.0], name="w")
    tf.train.GradientDescentOptimizer(0.1).apply_gradients([(None, w)])


@raises("No variables provided.")
def apply_no_gradients(tf):
    tf.train.GradientDescentOptimizer(0.1).apply_gradients([])


@raises("Invalid type")
def minimize_integer_loss(tf):
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.Variable(1) * 2)


@raises("No gradient defined for operation 'same' (op type: Identity)")
def gradient_that_is_not_registered(tf):
    x = tf.constant(1.0)
    with tf.get_default_graph().gradient_override_map({"Identity": "NobodyRegisteredThis"}):
        y = tf.identity(x, name="same")
    tf.gradients(y, x)


@raises("Gradients of complex tensors must set grad_ys (y.dtype = tf.complex64)")
def gradient_of_complex(tf):
    x = tf.constant(1.0 + 2.0j, tf.complex64)
    tf.gradients(x * x, x)


@raises("'not a name' is not a valid scope name")
def scope_name_not_valid(tf):
    with tf.name_scope("not a name"):
        pass


@raises("'not a name' is not a valid node name")
def op_name_not_valid(tf):
    tf.get_default_graph().create_op("NoOp", [], [], name="not a name")


@raises("'_private' is not a valid node name")
def op_name_underscore_not_valid(tf):
    tf.constant(1.0, name="_private")


@raises("Dimension -5 must be >= 0")
def negative_dimension(tf):
    tf.placeholder(tf.float32, [-5])


@raises("Cannot specify both 'reduction_indices' and 'axis'")
def old_and_new_spelling(tf):
    tf.reduce_sum(tf.zeros([2]), axis=0, reduction_indices=0)


@raises("logits and labels must have the same shape ((2, 1) vs (2,))")
def sigmoid_cross_entropy_shapes(tf):
    tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.zeros([2]), logits=tf.zeros([2, 1]))


@raises("Only call `softmax_cross_entropy_with_logits` with named arguments (labels=..., logits=..., ...)")
def cross_entropy_with_positions(tf):
    tf.nn.softmax_cross_entropy_with_logits(tf.zeros([2]), tf.zeros([2]))


@raises("Received a label value of 5 which is outside the valid range of [0, 3).  Label values: 5")
def sparse_label_out_of_range(tf):
    labels = tf.placeholder(tf.int32, [None])
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=tf.zeros([1, 3]))
    tf.Session().run(loss, {labels: [5]})


@raises("assertion failed: [no good] [3]")
def assert_at_run(tf):
    x = tf.placeholder(tf.int32)
    tf.Session().run(tf.Assert(x > 5, ["no good", x]), {x: 3})


@raises("Condition x == y did not hold element-wise:")
def assert_equal_at_build(tf):
    tf.assert_equal(tf.constant(1), tf.constant(2))


@raises("Condition x == y did not hold element-wise:")
def assert_equal_at_run(tf):
    x = tf.placeholder(tf.int32, name="x")
    tf.Session().run(tf.assert_equal(x, 2), {x: 1})


@raises("RuntimeError: from inside")
def py_func_that_raises(tf):
    def bad(x):
        raise RuntimeError("from inside")
    tf.Session().run(tf.py_func(bad, [tf.constant(1.0)], tf.float32))


@raises(" is double, but expects float")
def py_func_of_other_dtype(tf):
    tf.Session().run(tf.py_func(lambda x: np.float64(1), [tf.constant(1.0)], tf.float32, name="f"))


@raises("Fetch argument <object object at")
def fetch_of_an_object(tf):
    tf.constant(1.0)
    tf.Session().run(object())


@program
def session_is_usable_after_errors(tf):
    a = tf.placeholder(tf.float32)
    w = tf.Variable([1.0, 2.0])
    session = tf.Session()
    session.run(w.initializer)
    seen = []
    for feed in ({}, {a: [1, 2, 3]}, {a: [5, 5]}):
        try:
            seen.append(session.run(w.assign_add(a), feed))
        except tf.errors.InvalidArgumentError as error:
            seen.append(type(error).__name__)
    return {"seen": seen, "w": session.run(w)}


@program
def parts_of_an_error(tf):
    a = tf.placeholder(tf.float32, name="a")
    try:
        tf.Session().run(a)
    except tf.errors.InvalidArgumentError as error:
        return {"code": error.error_code, "op": error.op.name, "is_op_error": isinstance(error, tf.errors.OpError),
                "node_def": error.node_def is None, "start": error.message[:60]}


# ------------------------------------------------------------------ dtypes that only an attribute says
@raises("Value passed to parameter 'output_type' has DataType float32 not in list of allowed values: int32, int64")
def output_type_of_argmax(tf):
    tf.argmax(tf.constant([1, 2]), output_type=tf.float32)


@raises("Value passed to parameter 'out_idx' has DataType string not in list of allowed values: int32, int64")
def index_type_of_unique(tf):
    tf.unique(tf.constant([1, 2]), out_idx=tf.string)


@raises("Value passed to parameter 'out_type' has DataType string not in list of allowed values: float32, float64, int32, int64")
def type_of_parsed_numbers(tf):
    tf.string_to_number("1", tf.string)


# ------------------------------------------------------------------ shapes of segments in any order
@raises("Shape must be rank 0 but is rank 1 for 'UnsortedSegmentSum' (op: 'UnsortedSegmentSum') with input shapes: [2], [2], [1].")
def number_of_segments_in_a_list(tf):
    tf.unsorted_segment_sum(tf.ones([2]), [0, 1], [3])


@raises("Shape must be at least rank 2 but is rank 1 for 'UnsortedSegmentSum' (op: 'UnsortedSegmentSum') with input shapes: "
        "[2], [1,2], [].")
def more_axes_of_segments_than_of_data(tf):
    tf.unsorted_segment_sum(tf.ones([2]), [[0, 1]], 3)


@raises("Dimensions must be equal, but are 2 and 1 for 'UnsortedSegmentSum' (op: 'UnsortedSegmentSum') with input shapes: [2], [1], [].")
def segments_of_another_length(tf):
    tf.unsorted_segment_sum(tf.ones([2]), [0], -3)


@raises("Invalid reduction dimension 5 for input with 2 dimensions. for 'ReduceJoin/ReduceJoin' (op: 'ReduceJoin') with input shapes: "
        "[1,1], [1] and with computed input tensors: input[1] = <5>.")
def axis_of_joined_strings(tf):
    tf.reduce_join(tf.constant([["a"]]), [5])


@raises("Dimension size, given by scalar input 2, must be non-negative but is -1 for 'UnsortedSegmentJoin' (op: 'UnsortedSegmentJoin') "
        "with input shapes: [2], [2], [] and with computed input tensors: input[2] = <-1>.")
def negative_number_of_joined_segments(tf):
    tf.strings.unsorted_segment_join(tf.constant(["a", "b"]), [0, 1], -1)
