"""get_variable and variable_scope: names, reuse, initializers, regularizers, collections."""
import numpy as np
from catalog import program


@program(graph=True)
def default_initializer(tf):
    made = [tf.get_variable("a", [2, 3]), tf.get_variable("b", [3], tf.int32), tf.get_variable("c", []),
            tf.get_variable("d", [2], tf.float64), tf.get_variable("e", [1], tf.bool)]
    return {"made": [str(v) for v in made]}


@program(graph=True)
def sharing(tf):
    with tf.variable_scope("layer"):
        a = tf.get_variable("w", [2], initializer=tf.constant_initializer(1.0))
        tf.get_variable_scope().reuse_variables()
        b = tf.get_variable("w", [2])
    with tf.variable_scope("layer", reuse=True):
        c = tf.get_variable("w")
    with tf.variable_scope("auto", reuse=tf.AUTO_REUSE):
        d, e = tf.get_variable("w", [1]), tf.get_variable("w", [1])
        with tf.variable_scope("deeper") as scope:
            f = tf.get_variable("w", [1])
            flags = [bool(scope.reuse), scope.name]
    return {"same": [a is b, b is c, d is e], "names": [v.name for v in (a, d, f)], "flags": flags,
            "all": [v.name for v in tf.global_variables()]}


@program(graph=True)
def nested_scopes(tf):
    seen = []
    with tf.variable_scope("outer", initializer=tf.constant_initializer(0.5), dtype=tf.float64):
        seen.append(str(tf.get_variable("w", [1])))
        with tf.variable_scope("inner"):
            seen += [str(tf.get_variable("w", [1])), tf.add(1, 2).name]
        with tf.variable_scope("inner"):
            seen += [tf.add(1, 2).name]
        with tf.variable_scope("inner/deep"):
            seen += [str(tf.get_variable("w", [1]))]
        with tf.variable_scope(""):
            seen += [str(tf.get_variable("z", [1]))]
    return {"seen": seen, "scope": tf.get_variable_scope().name}


@program(graph=True)
def initializer_forms(tf):
    made = [tf.get_variable("a", initializer=tf.constant([1.0, 2.0])), tf.get_variable("b", initializer=[3, 4]),
            tf.get_variable("c", initializer=np.ones([2])), tf.get_variable("d", [2], initializer=tf.ones_initializer),
            tf.get_variable("e", [2], initializer=tf.ones_initializer()),
            tf.get_variable("f", [2], initializer=tf.random_uniform_initializer(-1.0, 1.0, seed=3)),
            tf.get_variable("g", [2], initializer=tf.truncated_normal_initializer(stddev=0.1, seed=3)),
            tf.get_variable("h", initializer=lambda: tf.zeros([3])),
            tf.get_variable("i", [2, 2], initializer=tf.constant_initializer([1, 2, 3, 4])), tf.get_variable("j", initializer=2.0)]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return {"made": [str(v) for v in made], "values": session.run(made)}


@program(graph=True)
def regularizers(tf):
    def penalty(v):
        return 0.5 * tf.reduce_sum(tf.square(v))

    with tf.variable_scope("layer", regularizer=penalty):
        tf.get_variable("w", [2], initializer=tf.ones_initializer())
        tf.get_variable("b", [2], initializer=tf.ones_initializer(), regularizer=lambda v: None)
    tf.get_variable("u", [2], initializer=tf.ones_initializer(), regularizer=penalty)
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    return {"losses": [str(each) for each in losses], "sum": str(tf.losses.get_regularization_loss())}


@program(graph=True)
def custom_getter(tf):
    def doubled(getter, name, *args, **options):
        return getter(name + "_raw", *args, **options) * 2.0

    with tf.variable_scope("s", custom_getter=doubled):
        w = tf.get_variable("w", [1], initializer=tf.ones_initializer())
    return {"w": str(w), "all": [v.name for v in tf.global_variables()]}


@program(graph=True)
def local_variables(tf):
    v = tf.get_local_variable("v", [1], initializer=tf.zeros_initializer())
    w = tf.get_variable("w", [1], collections=["mine"], trainable=False)
    return {"v": str(v), "local": [each.name for each in tf.local_variables()],
            "mine": [each.name for each in tf.get_collection("mine")], "w": w.name,
            "global": [each.name for each in tf.global_variables()], "trainable": len(tf.trainable_variables())}


@program(graph=True)
def templates(tf):
    def layer(x):
        return x * tf.get_variable("w", [1], initializer=tf.ones_initializer())

    shared = tf.make_template("linear", layer)
    return {"names": [shared(tf.constant([1.0])).name, shared(tf.constant([2.0])).name],
            "all": [v.name for v in tf.global_variables()]}


@program
def collections(tf):
    with tf.variable_scope("a"):
        tf.get_variable("w", [1])
        tf.get_variable("b", [1], trainable=False)
    with tf.variable_scope("ab"):
        tf.get_variable("w", [1])
    tf.add_to_collection("mine", 3)
    tf.add_to_collections(["mine", "other"], 4)
    graph = tf.get_default_graph()
    return {"scoped": [v.name for v in tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope="a/")],
            "prefix": [v.name for v in tf.global_variables("a")], "mine": tf.get_collection("mine"),
            "trainable": [v.name for v in tf.trainable_variables("a")], "other": tf.get_collection("other"),
            "keys": sorted(key for key in graph.get_all_collection_keys()), "none": tf.get_collection("nothing"),
            "names": [tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.SUMMARIES, tf.GraphKeys.TRAINABLE_VARIABLES,
                      tf.GraphKeys.LOSSES, tf.GraphKeys.UPDATE_OPS, tf.GraphKeys.LOCAL_VARIABLES]}


@program(graph=True)
def every_initializer(tf):
    tf.set_random_seed(11)
    shape = [3, 4]
    kinds = [("zeros", tf.zeros_initializer()), ("ones", tf.ones_initializer()), ("constant", tf.constant_initializer(7)),
             ("uniform", tf.random_uniform_initializer()), ("uniform_range", tf.random_uniform_initializer(-2, 3)),
             ("uniform_none", tf.random_uniform_initializer(-2.0)),
             ("normal", tf.random_normal_initializer()), ("normal_seeded", tf.random_normal_initializer(1.0, 2.0, seed=5)),
             ("truncated", tf.truncated_normal_initializer()), ("scaling", tf.variance_scaling_initializer()),
             ("scaling_uniform", tf.variance_scaling_initializer(2.0, "fan_out", "uniform", seed=4)),
             ("scaling_untruncated", tf.variance_scaling_initializer(2.0, "fan_avg", "untruncated_normal", seed=4)),
             ("glorot_uniform", tf.glorot_uniform_initializer()), ("glorot_normal", tf.glorot_normal_initializer(seed=2)),
             ("unit", tf.uniform_unit_scaling_initializer(seed=6)), ("he_normal", tf.initializers.he_normal(seed=1)),
             ("he_uniform", tf.initializers.he_uniform(seed=1)), ("lecun_normal", tf.initializers.lecun_normal(seed=1)),
             ("lecun_uniform", tf.initializers.lecun_uniform(seed=1)), ("identity", tf.initializers.identity(2.0))]
    made = [tf.get_variable(name, shape, initializer=each) for name, each in kinds]
    ints = tf.get_variable("ints", [4], tf.int32, tf.random_uniform_initializer(0, 100, seed=9, dtype=tf.int32))
    doubles = tf.get_variable("doubles", [4], tf.float64, tf.random_normal_initializer(seed=9))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = {name: value for (name, _), value in zip(kinds, session.run(made))}
        values.update(ints=session.run(ints), doubles=session.run(doubles))
        return values


@program(rtol=2e-5, why="a QR decomposition stands behind the orthogonal initializer")
def orthogonal(tf):
    values = tf.orthogonal_initializer(seed=3)([3, 2])
    with tf.Session() as session:
        product = session.run(tf.matmul(values, values, transpose_a=True))
    return {"unit": np.round(product, 4) + 0.0}
