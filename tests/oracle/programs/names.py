"""Names: how operations are called, alone, in scopes and again; and how things print."""
import random

from catalog import program, raises


@program(graph=True)
def operator_names(tf):
    a, b = tf.constant(1.0), tf.constant(2.0)
    made = [tf.add(a, b), a + b, a + b, a - b, a * b, a / b, a // b, a % b, a ** b, -a, abs(a), a < b, a <= b, a > b,
            a >= b, tf.equal(a, b), tf.multiply(a, b), tf.subtract(a, b), tf.div(a, b), tf.divide(a, b),
            tf.truediv(a, b), tf.floordiv(a, b), tf.mod(a, b), tf.pow(a, b), tf.negative(a), tf.square(a)]
    return {"names": [str(each) for each in made]}


@program
def printed_forms(tf):
    c1 = tf.constant(5, name="x")
    p1 = tf.placeholder(tf.float32)
    p2 = tf.placeholder(tf.float32, [None, 3], name="rows")
    v = tf.Variable([.3], tf.float32)
    r = tf.Variable([.3], use_resource=True, name="r")
    i = tf.Variable(3, name="n")
    made = [c1, p1, p2, v, r, i, v.op, v.initializer, v.value(), r.value(), r.handle, p1.op.name, tf.float32, p2.shape,
            p1.shape, tf.TensorShape([]), tf.TensorShape([1, None]), p2.shape[0], p2.shape[1], tf.no_op(),
            v.dtype, tf.Dimension(None), tf.string, tf.bool, tf.get_default_graph().version]
    return {"str": [str(each) for each in made],
            "repr": [repr(each) for each in made if not isinstance(each, tf.Operation)],
            "operations": repr(tf.no_op())}


@program(graph=True)
def unique_names(tf):
    names = [tf.constant(1, name=name).name for name in ("a", "a", "A", "a_1", "a_1", "A_2", "a")]
    return {"names": names, "unique": [tf.get_default_graph().unique_name(name) for name in ("a", "B", "b")],
            "unmarked": [tf.get_default_graph().unique_name("c", mark_as_used=False) for _ in range(2)]}


@program(graph=True)
def name_scopes(tf):
    seen = []
    with tf.name_scope("outer") as outer:
        seen += [outer, tf.constant(1, name="a").name]
        with tf.name_scope("inner") as inner:
            seen += [inner, tf.constant(1, name="a").name, tf.add(1, 2).name]
        with tf.name_scope("inner") as again:
            seen += [again, tf.constant(1, name="a").name]
        with tf.name_scope(inner):
            seen += [tf.constant(1, name="a").name, tf.constant(1, name="b").name]
        with tf.name_scope(None):
            seen += [tf.constant(1, name="a").name]
        with tf.name_scope(""):
            seen += [tf.constant(1, name="top").name]
    with tf.name_scope("outer"):
        seen += [tf.constant(1, name="a").name]
    with tf.name_scope("OUTER"):
        seen += [tf.constant(1, name="a").name]
    with tf.name_scope("outer/"):
        seen += [tf.constant(1, name="a").name, tf.constant(1, name="z").name]
    with tf.name_scope(None, "default", [tf.constant(3)]) as scope:
        seen += [scope, tf.constant(1, name="a").name]
    with tf.name_scope("given", "default", [tf.constant(3)]) as scope:
        seen += [scope]
    with tf.get_default_graph().name_scope("g") as scope:
        seen += [scope, tf.get_default_graph().get_name_scope()]
    return {"seen": seen}


@program(graph=True)
def scope_and_operation_share_a_name(tf):
    tf.constant(1, name="x")
    with tf.name_scope("x") as scope:
        inside = tf.constant(1, name="x").name
    return {"scope": scope, "inside": inside, "after": tf.constant(1, name="x").name}


@program(graph=True)
def name_scope_inside_a_variable_scope(tf):
    seen = []
    with tf.variable_scope("v") as scope:
        seen += [scope.name, scope.original_name_scope, tf.constant(1, name="c").name, tf.get_variable("w", [1]).name]
        with tf.name_scope("n"):
            seen += [tf.constant(1, name="c").name, tf.get_variable("u", [1]).name, tf.Variable(1.0, name="t").name]
    with tf.variable_scope("v", reuse=True):
        seen += [tf.constant(1, name="c").name, tf.get_variable("w", [1]).name]
    with tf.variable_scope(scope, reuse=True):
        seen += [tf.constant(1, name="c").name, tf.get_variable("w", [1]).name]
    with tf.variable_scope(scope, reuse=True, auxiliary_name_scope=False):
        seen += [tf.constant(1, name="c").name, tf.get_variable("w", [1]).name]
    with tf.variable_scope(None, "dense"):
        seen += [tf.get_variable("w", [1]).name]
    with tf.variable_scope(None, "dense"):
        seen += [tf.get_variable("w", [1]).name]
    return {"seen": seen}


@program
def graph_elements(tf):
    graph = tf.get_default_graph()
    a = tf.constant([1, 2], name="a")
    b = tf.split(a, 2, name="b")
    return {"op": graph.get_operation_by_name("a").name, "tensor": graph.get_tensor_by_name("b:1").name,
            "element": [graph.as_graph_element(name).name for name in ("a", "a:0", "b:1")],
            "outputs": [t.name for t in b[0].op.outputs], "inputs": [t.name for t in b[0].op.inputs],
            "consumers": [op.name for op in a.consumers()], "version": graph.version,
            "operations": [op.name for op in graph.get_operations()], "index": b[1].value_index,
            "attr": [a.op.get_attr("dtype").name, b[0].op.get_attr("num_split")], "type": a.op.type,
            "feedable": graph.is_feedable(a), "fetchable": graph.is_fetchable(a)}


@program(graph=True)
def pairs_of_default_names(tf):
    x = tf.placeholder(tf.float32, [2, 3])
    i = tf.placeholder(tf.int32, [3])
    made = [tf.reduce_sum(x), tf.reduce_mean(x), tf.reduce_max(x), tf.reduce_min(x), tf.reduce_prod(x), tf.argmax(x, 1),
            tf.argmin(x, 0), tf.reshape(x, [6]), tf.transpose(x), tf.expand_dims(x, 0), tf.squeeze(x), tf.cast(x, tf.int32),
            tf.to_int32(x), tf.to_float(i), tf.concat([x, x], 0), tf.stack([x, x]), tf.unstack(x)[0], tf.split(x, 3, 1)[0],
            tf.gather(x, i), tf.one_hot(i, 4), tf.zeros([2]), tf.ones([2]), tf.zeros_like(x), tf.ones_like(x),
            tf.fill([2], 1.0), tf.range(3), tf.lin_space(0.0, 1.0, 3), tf.shape(x), tf.size(x), tf.rank(x), tf.identity(x),
            tf.stop_gradient(x), tf.tile(x, [1, 2]), tf.pad(x, [[1, 1], [0, 0]]), tf.slice(x, [0, 0], [1, 1]), x[0], x[:, 1],
            tf.nn.relu(x), tf.nn.softmax(x), tf.sigmoid(x), tf.tanh(x), tf.nn.softplus(x), tf.nn.elu(x),
            tf.nn.log_softmax(x), tf.maximum(x, 0.0), tf.where(x > 0, x, x), tf.clip_by_value(x, -1.0, 1.0),
            tf.squared_difference(x, x), tf.add_n([x, x]), tf.matmul(x, x, transpose_b=True), tf.diag(i), tf.eye(2),
            tf.cumsum(x), tf.nn.l2_loss(x), tf.nn.l2_normalize(x, 1), tf.norm(x), tf.reverse(x, [0]), tf.random_normal([2]),
            tf.random_uniform([2]), tf.truncated_normal([2]), tf.random_shuffle(x), tf.nn.top_k(x, 2).values,
            tf.tensordot(x, x, [[1], [1]]), tf.boolean_mask(x, [True, False]), tf.nn.bias_add(x, [1.0, 2.0, 3.0]),
            tf.nn.xw_plus_b(x, [[1.0], [2.0], [3.0]], [1.0]), tf.nn.dropout(x, 0.5), tf.nn.moments(x, [0])[0],
            tf.reduce_any(x > 0), tf.reduce_all(x > 0), tf.reduce_logsumexp(x), tf.accumulate_n([x, x]),
            tf.meshgrid(i, i)[0], tf.sign(x), tf.is_nan(x), tf.invert_permutation(i), tf.broadcast_to(i, [2, 3])]
    return {"made": [str(each) for each in made]}


@raises("Duplicate node name in graph: 'foo'")
def the_same_full_name(tf):
    tf.constant(1.0, name="foo/")
    tf.constant(2.0, name="foo/")


_GIVEN = ["a", "A", "a_1", "a_2", "a_01", "s", "s/a", "s_1/a", "Sum", "sum", "Sum_1", "Sum_2", "Add_3", "Sum_1/reduction_indices",
          "Sum_4/reduction_indices", "Sum_2/reduction_indices_1", "a_2/reduction_indices"]


def _wild_names(tf, random, steps, depth, scopes):
    """Names of operations made in a random order, most without a name, others with one that may be taken, now or later."""
    graph = tf.get_default_graph()
    x = graph.get_tensor_by_name("x:0")
    for _ in range(steps):
        choice, name = random.random(), random.choice(_GIVEN)
        if choice < 0.7:
            name = name if random.random() < 0.35 else None
            yield (tf.add(x, x, name) if choice < 0.3 else tf.reduce_sum(x, 1, name=name)).name
        elif choice < 0.8:
            yield graph.unique_name(name, mark_as_used=choice < 0.75)
        elif choice < 0.88:
            yield name in [op.name for op in graph.get_operations()] and graph.get_operation_by_name(name).type
        elif depth < 3:
            with tf.name_scope(random.choice(scopes) if random.random() < 0.4 else name) as scope:
                scopes.append(scope)
                for each in _wild_names(tf, random, random.randrange(8), depth + 1, scopes):
                    yield each


@program
def names_given_and_numbered(tf):
    found = {}
    for seed in range(6):
        with tf.Graph().as_default() as graph:
            tf.placeholder(tf.float32, [2, 3], name="x")
            made = list(_wild_names(tf, random.Random(seed), 60, 0, ["s/"]))
            found[str(seed)] = [made, [op.name for op in graph.get_operations()]]
    return found
