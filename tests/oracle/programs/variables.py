"""Variables: the nodes they are made of, and what reading and writing gives."""
import numpy as np
from catalog import program


def initialised(tf):
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


@program(graph=True)
def kinds_of_initial_values(tf):
    made = [tf.Variable([.3], tf.float32), tf.Variable(3, name="n"), tf.Variable(np.arange(3), False, name="frozen"),
            tf.Variable(tf.zeros([2]), dtype=tf.float32), tf.Variable(lambda: tf.ones([2]), name="late"),
            tf.Variable(1.5, dtype=tf.float64, trainable=False), tf.Variable("text"), tf.Variable(True, name="flag"),
            tf.Variable([1, 2], dtype=tf.int64, expected_shape=[2]), tf.Variable(tf.random_normal([2], seed=1))]
    session = initialised(tf)
    return {"made": [str(v) for v in made], "trainable": [v.name for v in tf.trainable_variables()],
            "global": [v.name for v in tf.global_variables()], "values": session.run(made[:6]),
            "text": session.run(made[6]), "flag": session.run(made[7])}


@program(graph=True)
def initialized_value(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(v.initialized_value() * 2.0, name="w")
    return {"w": initialised(tf).run(w)}


@program(graph=True)
def variable_from_variable(tf):
    """A variable in an initial value is replaced by its own initialised value."""
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(v * 2.0 + 1.0, name="w")
    return {"w": initialised(tf).run(w)}


@program(graph=True)
def chain_of_variables(tf):
    """Only the graph: the third variable reads the first one unguarded, which fails in TF unless that one is ready."""
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(v * 2.0 + 1.0, name="w")
    u = tf.Variable(w, name="u")
    return {"u": str(u)}


@program(graph=True)
def resource_variable_from_variable(tf):
    v = tf.Variable([1.0, 2.0], name="v", use_resource=True)
    w = tf.Variable(v.initialized_value() * 2.0, name="w", use_resource=True)
    return {"w": initialised(tf).run(w)}


@program(graph=True)
def assignments(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    ops = [v.assign([3.0, 4.0]), v.assign_add([1.0, 1.0]), v.assign_sub([0.5, 0.5]), tf.assign(v, [9.0, 8.0]),
           tf.assign_add(v, [1.0, 2.0]), tf.assign_sub(v, [1.0, 2.0])]
    session = initialised(tf)
    values = [session.run(op) for op in ops]
    v.load([0.0, 0.5], session)
    return {"values": values, "loaded": session.run(v), "read": v.eval(session), "names": [str(op) for op in ops],
            "read_value": str(v.read_value()), "value": str(v.value()), "initial": str(v.initial_value)}


@program(graph=True)
def assign_of_another_shape(tf):
    v = tf.Variable([1.0, 2.0], name="v", validate_shape=False)
    change = tf.assign(v, [[1.0, 2.0, 3.0]], validate_shape=False)
    session = initialised(tf)
    return {"shape": str(v.shape), "change": session.run(change), "after": session.run(v)}


@program(graph=True)
def scatters(tf):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="v")
    i, u = [0, 2, 0], [[1.0, 1.0], [2.0, 2.0], [3.0, 4.0]]
    ops = [tf.scatter_update(v, i, u), tf.scatter_add(v, i, u), tf.scatter_sub(v, i, u), tf.scatter_mul(v, i, u),
           tf.scatter_div(v, i, u), tf.scatter_min(v, i, u), tf.scatter_max(v, i, u),
           tf.scatter_nd_update(v, [[0, 1], [1, 0]], [7.0, 8.0]), tf.scatter_nd_add(v, [[0, 1], [0, 1]], [7.0, 8.0]),
           tf.scatter_nd_sub(v, [[0, 1]], [7.0]), v.scatter_sub(tf.IndexedSlices(tf.ones([1, 2]), tf.constant([1])))]
    session = initialised(tf)
    return {op.name: session.run(op) for op in ops}


@program(graph=True)
def scatter_of_scalars(tf):
    v = tf.Variable([1, 2, 3], name="v")
    session = initialised(tf)
    return {"add": session.run(tf.scatter_add(v, 1, 5)), "update": session.run(tf.scatter_update(v, [0, 1], 7))}


@program(graph=True)
def variable_operators(tf):
    v = tf.Variable([4, 9], name="v")
    ops = [v + 1, 1 + v, v - 1, 1 - v, v * 2, 2 * v, v // 2, 9 // v, v % 2, v ** 2, -v, abs(v), v[0], v[:1], v / 2, v > 5, v <= 5]
    return {op.name: value for op, value in zip(ops, initialised(tf).run(ops))}


@program(graph=True)
def resource_variables(tf):
    v = tf.Variable([1.0, 2.0], name="v", use_resource=True)
    w = tf.get_variable("w", [2], use_resource=True, initializer=tf.zeros_initializer())
    ops = [v + w, v.assign_add([1.0, 1.0]), v.assign([5.0, 6.0]), v.assign_sub([1.0, 1.0]), v.read_value(), v * 2.0,
           tf.gather(v, [0]), v[1], tf.identity(v)]
    scatter = v.scatter_add(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0])))
    session = initialised(tf)
    return {"values": [session.run(op) for op in ops], "scatter": session.run(scatter), "v": session.run(v),
            "forms": [str(v), str(ops[1])], "types": [v.op.type, v.dtype.name, v.handle.dtype.name]}


@program(graph=True)
def resource_variable_training(tf):
    v = tf.Variable([1.0, 2.0], name="v", use_resource=True)
    loss = tf.reduce_sum(tf.square(v) * [1.0, 3.0])
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    session = initialised(tf)
    session.run(train)
    return {"v": session.run(v)}


@program(graph=True)
def initialisers(tf):
    v = tf.Variable(1.0, name="v")
    w = tf.Variable(2.0, name="w", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    ops = [tf.global_variables_initializer(), tf.local_variables_initializer(), tf.variables_initializer([v, w]),
           tf.initialize_all_variables(), tf.initialize_variables([v], name="mine"), tf.initialize_local_variables(),
           tf.variables_initializer([])]
    return {"names": [op.name for op in ops], "types": [op.type for op in ops],
            "old": [each.name for each in tf.all_variables()], "local": [each.name for each in tf.local_variables()]}


@program(graph=True)
def uninitialised_report(tf):
    v, _ = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w", use_resource=True)
    report = tf.report_uninitialized_variables()
    known = tf.is_variable_initialized(v)
    session = tf.Session()
    before = session.run([report, known])
    session.run(v.initializer)
    return {"before": before, "after": session.run([report, known])}


@program(graph=True)
def assert_variables_initialised(tf):
    tf.Variable(1.0, name="v")
    check = tf.assert_variables_initialized()
    session = initialised(tf)
    return {"check": session.run(check)}


@program(graph=True)
def constraint_and_caching(tf):
    v = tf.Variable([1.0], name="v", constraint=lambda x: tf.clip_by_value(x, 0.0, 0.5))
    w = tf.Variable([1.0], name="w", caching_device="/cpu:0")
    session = initialised(tf)
    loss = tf.reduce_sum(-v - w)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    session.run(train)
    return {"v": session.run(v), "w": session.run(w), "constraint": v.constraint is not None}


@program
def static_facts(tf):
    v = tf.Variable([[1.0, 2.0]], name="v")
    return {"shape": v.shape.as_list(), "get_shape": v.get_shape().as_list(), "dtype": v.dtype.name, "name": v.name,
            "op": v.op.name, "device": v.device, "graph": v.graph is tf.get_default_graph(),
            "initializer": v.initializer.name, "trainable": v.trainable, "string": v.op.type,
            "base": v.dtype.base_dtype.name, "ref": v.dtype._is_ref_dtype, "equal": v.dtype == tf.float32}


@program(graph=True)
def counters(tf):
    counter = tf.Variable(0, name="counter")
    total = counter.count_up_to(3)
    step = tf.train.get_or_create_global_step()
    again = tf.train.get_global_step()
    session = initialised(tf)
    values = [session.run(total) for _ in range(3)]
    try:
        session.run(total)
        end = "none"
    except tf.errors.OutOfRangeError as error:
        end = str(error).split("\n")[0][:30]
    return {"values": values, "end": end, "step": str(step), "same": step is again,
            "value": tf.train.global_step(session, step)}
