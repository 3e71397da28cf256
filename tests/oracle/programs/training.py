"""Pieces of training programs of the time: unknown ranks, batch normalization, functions with their own gradient."""
import numpy as np
from catalog import program

WHY = "transcendental functions and float32 sums differ in their last bits from one library to the next"


def evaluated(tf, made, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return {"forms": [str(each) for each in made], "values": session.run(list(made), feed)}


def nodes(graph):
    return [[op.name, op.type, [each.name for each in op.inputs]] for op in graph.get_operations()]


@program(graph=True, rtol=1e-5, why=WHY)
def line_through_points_fed_one_by_one(tf):
    x, y = tf.placeholder("float"), tf.placeholder("float")
    w, b = tf.Variable(0.5, name="weight"), tf.Variable(-1.0, name="bias")
    cost = tf.reduce_sum(tf.pow(tf.add(tf.multiply(x, w), b) - y, 2)) / (2 * 3)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(cost)
    points = [(1.0, 2.0), (2.5, 3.0), (3.0, 5.5)]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(4):
            for each in points:
                session.run(train, {x: each[0], y: each[1]})
        after = session.run([w, b])
        session.run(train, {x: [each[0] for each in points], y: [each[1] for each in points]})
        return {"after": after, "in one go": session.run([w, b]), "cost": session.run(cost, {x: 4.0, y: 5.0})}


@program(graph=True, rtol=2e-4, atol=1e-4, why=WHY)
def batch_normalization_and_its_gradient(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    mean, variance = tf.nn.moments(x, [0])
    scale, offset = tf.Variable(tf.ones([3])), tf.Variable(tf.zeros([3]))
    y = tf.nn.batch_normalization(x, mean, variance, offset, scale, 1e-3)
    slopes = tf.gradients(tf.reduce_sum(y * y * x), [x, scale, offset])
    return evaluated(tf, [y] + slopes, {x: np.arange(12).reshape(4, 3) ** 1.5})


@program(graph=True, rtol=1e-3, why=WHY)
def batch_normalization_without_scale_or_offset(tf):
    half, full = tf.constant([[1.0, 2.0], [3.0, 7.0]], tf.float16), tf.constant([[1.0, 2.0], [3.0, 7.0]])
    made = []
    for x in (half, full):
        mean, variance = tf.nn.moments(x, [0])
        made.append(tf.nn.batch_normalization(x, mean, variance, None, None, 0.125))
        made.append(tf.nn.batch_normalization(x, mean, variance, None, variance, 0.125, name="scaled"))
        made.append(tf.nn.batch_normalization(x, mean, variance, mean, None, 0.125, name="moved"))
    return evaluated(tf, made)


@program(graph=True, rtol=1e-6, why=WHY)
def gradients_accumulated(tf):
    x, unknown = tf.constant([2.0, 3.0]), tf.placeholder(tf.float32)
    every = tf.AggregationMethod.EXPERIMENTAL_ACCUMULATE_N
    made = [tf.gradients(x * x + tf.sin(x) + 3 * x, x, aggregation_method=every)[0],
            tf.gradients(x * x, x, aggregation_method=every)[0],
            tf.gradients(unknown * unknown + tf.sin(unknown), unknown, aggregation_method=every)[0]]
    return evaluated(tf, made, {unknown: [1.0]})


@program
def quotients_of_nothing(tf):
    none, zero = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [])
    made = [none % zero, none // zero, tf.truncatediv(none, zero), tf.truncatemod(none, zero), tf.div(none, zero)]
    made.append(tf.truncatediv(tf.placeholder_with_default([7.0, -7.0], [2]), 2.0))
    return evaluated(tf, made, {none: [], zero: 0})


@program(rtol=1e-6, why=WHY)
def a_function_with_its_own_gradient(tf):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    x = tf.constant([0.5, 100.0])
    y = log1pexp(x)
    slope = tf.gradients(y, x)
    return dict(evaluated(tf, [y] + slope + tf.gradients(slope, x)), nodes=nodes(tf.get_default_graph()), name=log1pexp.__name__)


@program
def a_nested_result_with_its_own_gradient(tf):
    @tf.custom_gradient
    def both(x, y):
        return {"a": x * 2, "b": (y, x + y)}, lambda *grads: (grads[0] * 7, grads[2])

    x, y = tf.constant(3.0), tf.constant(4.0)
    result = both(x, y)
    made = [result["a"], result["b"][0], result["b"][1]] + tf.gradients([result["a"], result["b"][1]], [x, y])
    return dict(evaluated(tf, made), nodes=nodes(tf.get_default_graph()))


@program
def own_gradient_of_a_variable(tf):
    @tf.custom_gradient
    def scaled(x):
        w = tf.get_variable("w", initializer=2.0, use_resource=True)
        return x * w, lambda dy, variables=None: (dy * 3, [dy * x * 10])

    x = tf.constant(3.0)
    y = scaled(x)
    made = [y] + tf.gradients(y, [x] + tf.global_variables())
    return dict(evaluated(tf, made), nodes=nodes(tf.get_default_graph()))


def refusal(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
    except (TypeError, ValueError) as error:
        return [type(error).__name__, str(error)[:100]]
    return "nothing"


@program
def own_gradients_that_are_refused(tf):
    @tf.custom_gradient
    def keyword(x):
        return x * 2, lambda dy: dy

    @tf.custom_gradient
    def of_a_reference(x):
        return x * tf.get_variable("reference", initializer=2.0), lambda dy: dy

    @tf.custom_gradient
    def without_variables(x):
        return x * tf.get_variable("resource", initializer=2.0, use_resource=True), lambda dy: dy

    @tf.custom_gradient
    def with_variables(x):
        return x * 2, lambda dy, variables=None: dy

    x = tf.constant(1.0)
    return {"keyword": refusal(keyword, x=x), "reference": refusal(of_a_reference, x), "without": refusal(without_variables, x),
            "with": refusal(with_variables, x)}
