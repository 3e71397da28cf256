# ruff: noqa: B023 (every function made in a loop is called before the loop goes on)
"""tf.gradients: nodes and values of every op's gradient, paths, slices, second derivatives."""
import numpy as np
from catalog import program

X = np.array([[-1.5, -0.4, 0.3], [0.8, 1.7, 2.6]], np.float32)
P = np.array([[0.2, 0.5, 0.9], [1.3, 2.1, 3.7]], np.float32)
WEIGHTS = np.array([[1.0, -2.0, 0.5], [3.0, 1.5, -1.0]], np.float32)
WHY = "transcendental functions differ in their last bits from one library to the next"


def slope(tf, function, value):
    """d sum(function(x) * weights) / dx, with weights that tell the elements apart."""
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, value.shape)
        y = function(x)
        size = int(np.prod(y.shape.as_list()))
        weights = np.resize(WEIGHTS, size).reshape(y.shape.as_list())
        gradient, = tf.gradients(y, x, grad_ys=tf.constant(weights))
        with tf.Session() as session:
            return session.run(gradient, {x: value}) if gradient is not None else "no gradient"


def evaluated(tf, made, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return {"forms": [str(each) for each in made], "values": session.run(list(made), feed)}


@program(rtol=8e-6, atol=1e-6, why=WHY)
def of_functions(tf):
    names = ("abs", "negative", "sign", "square", "exp", "expm1", "sin", "cos", "tan", "tanh", "sinh", "cosh", "asinh", "atan",
             "sigmoid", "floor", "ceil", "round", "rint", "erf", "erfc", "identity", "stop_gradient", "zeros_like", "ones_like")
    seen = {name: slope(tf, getattr(tf, name), X) for name in names}
    for name in ("relu", "relu6", "elu", "selu", "softplus", "softsign", "leaky_relu", "softmax", "log_softmax", "l2_loss"):
        seen[name] = slope(tf, getattr(tf.nn, name), X)
    return seen


@program(rtol=8e-6, atol=1e-6, why=WHY)
def of_functions_of_positive_numbers(tf):
    names = ("log", "log1p", "sqrt", "rsqrt", "reciprocal", "lgamma", "digamma")
    seen = {name: slope(tf, getattr(tf, name), P) for name in names}
    seen.update(acos=slope(tf, tf.acos, P / 4), asin=slope(tf, tf.asin, P / 4), atanh=slope(tf, tf.atanh, P / 4),
                acosh=slope(tf, tf.acosh, P + 1), power=slope(tf, lambda x: tf.pow(x, 2.5), P), square=slope(tf, lambda x: x ** 2, P),
                exponent=slope(tf, lambda x: 2.0 ** x, P), itself=slope(tf, lambda x: x ** x, P),
                at_zero=slope(tf, lambda x: x ** 2.0, X * 0), root_of_zero=slope(tf, tf.sqrt, X * 0))
    return seen


@program(rtol=8e-6, atol=1e-6, why=WHY)
def of_two_arguments(tf):
    row, column = tf_array([[0.5, -1.0, 2.0]]), tf_array([[1.5], [-0.5]])
    two = {"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
           "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b, "maximum": tf.maximum, "minimum": tf.minimum,
           "squared_difference": tf.squared_difference, "realdiv": tf.realdiv, "div_no_nan": tf.div_no_nan,
           "where": lambda a, b: tf.where(a > 0.0, a * 1.0, tf.ones_like(a) * b)}
    seen = {}
    for name, function in two.items():
        for kind, other in (("same", WEIGHTS), ("row", row), ("column", column), ("scalar", np.float32(0.7))):
            seen[name + " " + kind] = [slope(tf, lambda x: function(x, tf.constant(other)), X)]
            if kind != "same":
                seen[name + " " + kind].append(slope(tf, lambda x: function(tf.constant(X), x), np.asarray(other)))
    seen["atan2 same"] = [slope(tf, lambda x: tf.atan2(x, WEIGHTS), X), slope(tf, lambda x: tf.atan2(X, x), WEIGHTS)]
    return seen


def tf_array(values):
    return np.array(values, np.float32)


@program(rtol=8e-6, atol=1e-6, why=WHY)
def of_reductions(tf):
    ties = tf_array([[2.0, 1.0, 2.0], [0.0, 2.0, 0.5]])
    seen = {}
    for name in ("sum", "mean", "max", "min", "prod", "logsumexp"):
        function = getattr(tf, "reduce_" + name)
        seen[name] = [slope(tf, function, X), slope(tf, lambda x: function(x, 0), X), slope(tf, lambda x: function(x, [1], True), X),
                      slope(tf, function, ties), slope(tf, lambda x: function(x, []), X)]
    seen["product with zeros"] = [slope(tf, lambda x: tf.reduce_prod(x, 1), ties), slope(tf, tf.reduce_prod, ties * 0)]
    seen["norm"] = [slope(tf, tf.norm, X), slope(tf, lambda x: tf.norm(x, axis=1), X), slope(tf, lambda x: tf.nn.l2_normalize(x, 1), X)]
    seen["moments"] = [slope(tf, lambda x: tf.nn.moments(x, [0])[1], X), slope(tf, lambda x: tf.cumsum(x, 1), X),
                       slope(tf, lambda x: tf.cumsum(x, 0, exclusive=True, reverse=True), X), slope(tf, lambda x: tf.cumprod(x, 1), X)]
    return seen


@program
def of_array_functions(tf):
    functions = {
        "reshape": lambda x: tf.reshape(x, [3, 2]), "transpose": lambda x: tf.transpose(x), "permute": lambda x: tf.transpose(x, [1, 0]),
        "expand_dims": lambda x: tf.expand_dims(x, 1), "squeeze": lambda x: tf.squeeze(tf.expand_dims(x, 0)), "tile": lambda x: tf.tile(x,
        [2, 1]),
        "pad": lambda x: tf.pad(x, [[1, 0], [0, 1]]), "mirror": lambda x: tf.pad(x, [[1, 1], [0, 1]], "REFLECT"),
        "slice": lambda x: tf.slice(x, [0, 1], [2, 1]), "row": lambda x: x[1], "strided": lambda x: x[::-1, ::2],
        "newaxis": lambda x: x[:, tf.newaxis, 1:], "concat": lambda x: tf.concat([x, 2.0 * x], 1), "stack": lambda x: tf.stack([x, -x], 1),
        "unstack": lambda x: tf.unstack(x)[1], "split": lambda x: tf.split(x, 3, 1)[2], "split sizes": lambda x: tf.split(x, [1, 2], 1)[1],
        "reverse": lambda x: tf.reverse(x, [1]), "gather": lambda x: tf.gather(x, [1, 1, 0]), "gather axis": lambda x: tf.gather(x, [2, 0,
        2], axis=1),
        "gather_nd": lambda x: tf.gather_nd(x, [[0, 1], [1, 2], [0, 1]]), "boolean_mask": lambda x: tf.reshape(tf.boolean_mask(x, [True,
        False]), [3]),
        "fill": lambda x: tf.fill([2, 2], x[0, 0]), "top_k": lambda x: tf.nn.top_k(x, 2).values, "diag": lambda x: tf.diag(x[0]),
        "diag_part": lambda x: tf.diag_part(x[:, :2]), "band": lambda x: tf.matrix_band_part(x, 0, -1),
        "broadcast_to": lambda x: tf.broadcast_to(x, [2, 2, 3]),
        "add_n": lambda x: tf.add_n([x, x, 2.0 * x]), "clip": lambda x: tf.clip_by_value(x, -0.4, 1.7),
        "cast": lambda x: tf.cast(tf.cast(x, tf.float64), tf.float32),
        "cast to int": lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32), "select": lambda x: tf.where([True, False], x, -x),
        "matmul": lambda x: tf.matmul(x, WEIGHTS, transpose_b=True), "matmul left": lambda x: tf.matmul(WEIGHTS, x, transpose_a=True),
        "matmul itself": lambda x: tf.matmul(x, x, True, False), "matmul both": lambda x: tf.matmul(x, WEIGHTS.reshape(3, 2), True, True),
        "bias_add": lambda x: tf.nn.bias_add(x, [1.0, 2.0, 3.0]), "bias": lambda x: tf.nn.bias_add(tf.constant(X), x[0]),
        "tensordot": lambda x: tf.tensordot(x, WEIGHTS, [[1], [1]]), "segment_sum": lambda x: tf.reshape(tf.segment_sum(x, [0, 0]), [1, 3]),
        "unsorted": lambda x: tf.unsorted_segment_sum(x, [1, 0], 3), "argmax": lambda x: tf.cast(tf.argmax(x, 1), tf.float32),
        "equal": lambda x: tf.cast(tf.equal(x, x), tf.float32), "size": lambda x: tf.cast(tf.size(x), tf.float32),
        "print": lambda x: tf.identity(x) * 1.0}
    return {name: slope(tf, function, X) for name, function in functions.items()}


def graph_of(build):
    """Register a program that records the forward and gradient graph of ``build(tf)`` -> (ys, xs)."""
    def run(tf):
        ys, xs = build(tf)
        gradients = tf.gradients(ys, xs)
        return {"gradients": [str(each) for each in gradients]}
    run.__name__ = build.__name__
    program(run, graph=True)
    return build


@graph_of
def nodes_of_broadcast_arithmetic(tf):
    x, y = tf.placeholder(tf.float32, [2, 3], name="x"), tf.placeholder(tf.float32, [3], name="y")
    return [x + y, x - y, x * y, x / y, tf.maximum(x, y), tf.squared_difference(x, y), tf.pow(x, y)], [x, y]


@graph_of
def nodes_of_known_equal_shapes(tf):
    """Equal static shapes need no BroadcastGradientArgs for some ops."""
    x, y = tf.placeholder(tf.float32, [2, 3], name="x"), tf.placeholder(tf.float32, [2, 3], name="y")
    return [x + y, x - y, x * y, x / y, tf.minimum(x, y), x * 2.0, 3.0 - x], [x, y]


@graph_of
def nodes_of_unknown_shapes(tf):
    x, y = tf.placeholder(tf.float32, name="x"), tf.placeholder(tf.float32, [None, 3], name="y")
    return [x + y, x * y, x / y, tf.reduce_mean(x), tf.reduce_sum(y, 1), tf.square(x), tf.matmul(y, y, transpose_b=True)], [x, y]


@graph_of
def nodes_of_functions(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    return [tf.exp(x), tf.log(x), tf.sqrt(x), tf.rsqrt(x), tf.abs(x), tf.tanh(x), tf.sigmoid(x), tf.nn.relu(x), tf.nn.softplus(x),
            tf.nn.elu(x), tf.sin(x), tf.cos(x), -x, 1.0 / x, x ** 2, tf.nn.l2_loss(x), tf.sign(x), tf.nn.relu6(x), tf.log1p(x),
            tf.erf(x)], x


@graph_of
def nodes_of_reductions(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    return [tf.reduce_sum(x), tf.reduce_sum(x, 0), tf.reduce_mean(x, 1), tf.reduce_max(x), tf.reduce_min(x, 0), tf.reduce_prod(x),
            tf.reduce_sum(x, 1, keepdims=True), tf.reduce_logsumexp(x), tf.reduce_mean(x, [0, 1], keepdims=True)], x


@graph_of
def nodes_of_arrays(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    return [tf.reshape(x, [6]), tf.transpose(x), tf.expand_dims(x, 0), tf.squeeze(tf.expand_dims(x, 0)), tf.concat([x, x], 0),
                tf.stack([x, x]),
            tf.unstack(x)[0], tf.split(x, 3, 1)[1], tf.tile(x, [1, 2]), tf.pad(x, [[1, 0], [0, 0]]), tf.slice(x, [0, 0], [1, 2]), x[0],
            x[:, 1:],
            tf.gather(x, [0]), tf.gather_nd(x, [[0, 0]]), tf.identity(x), tf.stop_gradient(x), tf.cast(x, tf.float64), tf.add_n([x, x]),
            tf.clip_by_value(x, 0.0, 1.0), tf.where(x > 0.0, x, x), tf.nn.bias_add(x, [1.0, 2.0, 3.0]), tf.matmul(x, tf.ones([3, 1]))], x


@program(graph=True)
def walk_and_sum(tf):
    """Contributions of several paths are added with AddN; of one path, passed on."""
    x = tf.placeholder(tf.float32, [2], name="x")
    y = x * x + tf.sin(x) * x
    z = y * y
    return evaluated(tf, tf.gradients(z, [x, y]) + tf.gradients([y, z], x), {x: [0.5, 1.0]})


@program(graph=True)
def no_path(tf):
    x, y = tf.constant(1.0, name="x"), tf.constant(2.0, name="y")
    z = tf.square(y)
    through_ints = tf.cast(tf.cast(y, tf.int32), tf.float32)
    return {"none": tf.gradients(z, x), "mixed": [str(each) for each in tf.gradients(z, [x, y])],
            "ints": tf.gradients(through_ints, y), "stopped": tf.gradients(tf.stop_gradient(z), y),
            "argmax": tf.gradients(tf.cast(tf.argmax([y, x], 0), tf.float32), y),
            "zero": [str(each) for each in tf.gradients(z, [x, y], unconnected_gradients="zero")],
            "itself": [str(each) for each in tf.gradients(z, z)]}


@program(graph=True)
def arguments(tf):
    x, y = tf.placeholder(tf.float32, [2], name="x"), tf.placeholder(tf.float32, [2], name="y")
    z = x * y
    w = z * x
    made = [tf.gradients(w, x, stop_gradients=[z])[0], tf.gradients(w, [x, y], grad_ys=[tf.constant([1.0, 10.0])])[1],
            tf.gradients([w, z], [x], grad_ys=[None, [2.0, 3.0]])[0], tf.gradients(w, x, name="slopes")[0],
            tf.gradients(w, x, colocate_gradients_with_ops=True)[0], tf.gradients(w, x, gate_gradients=True)[0],
            tf.gradients(w, x, aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE)[0],
            tf.gradients(tf.add_n([w, z]), y, aggregation_method=tf.AggregationMethod.ADD_N)[0]]
    return evaluated(tf, made, {x: [1.0, 2.0], y: [3.0, 4.0]})


@program(graph=True)
def second_derivative(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = x ** 3 + x * x
    first, = tf.gradients(y, x)
    second, = tf.gradients(first, x)
    return evaluated(tf, [first, second], {x: [0.5, 2.0]})


@program(rtol=1e-5, atol=1e-6, why=WHY)
def second_derivatives_of_functions(tf):
    seen = {}
    for name in ("exp", "tanh", "sigmoid", "sin", "square", "log", "sqrt", "reciprocal", "rsqrt"):
        seen[name] = slope(tf, lambda x: tf.gradients(getattr(tf, name)(x), x)[0], P)
    for name in ("softplus", "elu", "relu", "softmax", "log_softmax"):
        seen[name] = slope(tf, lambda x: tf.gradients(getattr(tf.nn, name)(x) * WEIGHTS, x)[0], X)
    seen["cross_entropy"] = slope(tf, lambda x: tf.gradients(tf.nn.softmax_cross_entropy_with_logits_v2(labels=abs(WEIGHTS), logits=x),
            x)[0], X)
    seen["matmul"] = slope(tf, lambda x: tf.gradients(tf.matmul(x, x, transpose_b=True) ** 2, x)[0], X)
    return seen


@program()
def hessian(tf):
    """Values alone: TF fills in the rows in a while loop, graphcore makes the nodes of each."""
    x = tf.placeholder(tf.float32, [2], name="x")
    made = tf.hessians(x[0] ** 2 * x[1] + x[1] ** 3, x)
    return evaluated(tf, made, {x: [2.0, 3.0]})


@program(graph=True)
def indexed_slices(tf):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="v")
    i = tf.placeholder(tf.int32, [None], name="i")
    once, = tf.gradients(tf.reduce_sum(tf.square(tf.gather(v, i))), v)
    twice, = tf.gradients(tf.reduce_sum(tf.gather(v, i)) + tf.reduce_sum(tf.gather(v, [0])), v)
    mixed, = tf.gradients(tf.reduce_sum(tf.gather(v, i)) + tf.reduce_sum(tf.square(v)), v)
    lookup, = tf.gradients(tf.nn.embedding_lookup(v, [[0, 2]]), v)
    with tf.Session() as session:
        session.run(v.initializer)
        values = session.run([once, twice, mixed, lookup], {i: [0, 2, 0]})
    return {"forms": [str(each) for each in (once, twice, mixed, lookup)],
            "values": [list(each) if isinstance(each, tuple) else each for each in values]}


@program(graph=True)
def registered_gradient(tf):
    try:
        @tf.RegisterGradient("OracleTenfold")
        def tenfold(op, grad):
            return 10.0 * grad * op.inputs[0]
    except KeyError:
        pass  # registered by an earlier run in this process
    x = tf.placeholder(tf.float32, [2], name="x")
    with tf.get_default_graph().gradient_override_map({"Identity": "OracleTenfold"}):
        y = tf.identity(x, name="y")
    return evaluated(tf, tf.gradients(y, x), {x: [1.0, 2.0]})


@program(graph=True)
def of_variables(tf):
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3.0, name="w", use_resource=True)
    loss = tf.reduce_sum(v * w + v.read_value())
    made = tf.gradients(loss, [v, w, v.value()])
    return evaluated(tf, [each for each in made if each is not None])


@program(graph=True)
def clipping(tf):
    x, y = tf.constant([3.0, 4.0]), tf.constant([[1.0, -5.0]])
    slices = tf.IndexedSlices(tf.constant([[3.0, 4.0]]), tf.constant([0]), tf.constant([2, 2]))
    clipped, norm = tf.clip_by_global_norm([x, None, y], 2.0)
    made = [tf.clip_by_norm(x, 1.0), tf.clip_by_norm(y, 2.0, axes=[1]), tf.clip_by_norm(x, 10.0), tf.clip_by_value(x, 0.5, 3.5),
            tf.clip_by_average_norm(x, 1.0), clipped[0], clipped[2], norm, tf.global_norm([x, y]),
            tf.clip_by_global_norm([slices, x], 1.0)[0][0].values, tf.clip_by_norm(slices, 1.0).values]
    return dict(evaluated(tf, made), none=clipped[1])


@program(graph=True)
def compute_and_apply(tf):
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable([3.0], name="w")
    tf.Variable(1.0, name="unused")
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    pairs = optimizer.compute_gradients(tf.reduce_sum(v * w))
    clipped = [(tf.clip_by_value(g, -1.0, 1.0), x) for g, x in pairs if g is not None]
    step = tf.train.get_or_create_global_step()
    train = optimizer.apply_gradients(clipped, global_step=step, name="train")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(train)
        values = session.run([v, w, step])
    return {"pairs": [[str(g), x.name] for g, x in pairs], "values": values, "train": train.name, "type": train.type}


@program
def numeric_check(tf):
    with tf.Session():
        x = tf.constant([[1.0, 2.0]], tf.float64)
        y = tf.square(x)
        theoretical, numeric = tf.test.compute_gradient(x, [1, 2], y, [1, 2], np.array([[1.0, 2.0]]), delta=2.0 ** -10)
        error = tf.test.compute_gradient_error(x, [1, 2], y, [1, 2], np.array([[1.0, 2.0]]), delta=2.0 ** -10)
    return {"theoretical": theoretical, "numeric": np.round(numeric, 8), "small": bool(error < 1e-6)}
