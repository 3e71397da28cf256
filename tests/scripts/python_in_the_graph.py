"""Python functions as nodes: py_func, a gradient of one's own for it, and order by control dependencies."""
import numpy as np

import graphcore as tf


@tf.RegisterGradient("SoftSignOfPython")
def _soft_sign_gradient(op, grad):
    return grad / tf.square(1 + tf.abs(op.inputs[0]))


def soft_sign(value):
    """The function that the graph calls, with arrays."""
    return value / (1 + np.abs(value))


x = tf.placeholder(tf.float32, [3], name="x")
with tf.get_default_graph().gradient_override_map({"PyFunc": "SoftSignOfPython"}):
    y = tf.py_func(soft_sign, [x], tf.float32, name="soft_sign")
y.set_shape([3])
(slope,) = tf.gradients(tf.reduce_sum(tf.square(y)), x)

calls = []
note = tf.py_func(lambda text: calls.append(text.decode()), [tf.constant("noted")], [], stateful=True)
total = tf.Variable(0.0, name="total", dtype=tf.float64)
with tf.control_dependencies([note]):
    add = tf.assign_add(total, tf.py_func(lambda value: np.float64(np.sum(value)), [y], tf.float64))
with tf.control_dependencies([add]):
    after = tf.identity(total, name="after")
smallest, largest = tf.py_func(lambda value: (value.min(), value.max()), [x], [tf.float32, tf.float32])
split = tf.py_func(lambda text: np.array(text.split(), dtype=object), [tf.constant("a graph of words")], tf.string)

with tf.Session() as sess:
    sess.run(total.initializer)
    for values in ([0.0, 1.0, -3.0], [0.5, 0.5, 0.5]):
        print("y", " ".join("%.5f" % value for value in y.eval({x: values})),
              "slope", " ".join("%.5f" % value for value in slope.eval({x: values})), "total %.5f" % sess.run(after, {x: values}))
    print("calls:", calls)
    print("range: %.1f %.1f" % tuple(sess.run([smallest, largest], {x: [4.0, -1.0, 2.5]})))
    print(split.eval().tolist(), smallest.shape, y.shape)
    checked = tf.Assert(tf.reduce_all(x > 0), [x], name="positive")
    for values in ([1.0, 2.0, 3.0], [1.0, -2.0, 3.0]):
        try:
            sess.run(checked, {x: values})
            print("all positive")
        except tf.errors.InvalidArgumentError as error:
            print(type(error).__name__, "assertion failed" in str(error))
    try:
        sess.run(tf.py_func(lambda: 1 // 0, [], tf.int64))
    except tf.errors.OpError as error:
        print(type(error).__name__, "ZeroDivisionError" in str(error))
