"""One linear model found four times: solved exactly, by gradients written by hand,
by gradients that the graph derives, and by an optimizer."""
import numpy as np

import graphcore as tf

rng = np.random.RandomState(7)
features = rng.uniform(-1.0, 1.0, size=(120, 3)).astype(np.float32)
targets = (features.dot([[2.0], [-3.5], [0.75]]) + 1.25 + 0.1 * rng.standard_normal((120, 1))).astype(np.float32)
with_bias = np.hstack([np.ones((120, 1), np.float32), features])
num_steps, learning_rate = 200, 0.3

X = tf.constant(with_bias, dtype=tf.float32, name="X")
y = tf.constant(targets, dtype=tf.float32, name="y")
XT = tf.transpose(X)
# The normal equation says what learning should come to.
with tf.Session() as sess:
    products, correlations = sess.run([tf.matmul(XT, X), tf.matmul(XT, y)])
print("exact:", " ".join("%.4f" % value for value in np.linalg.solve(products, correlations).ravel()))


def report(name, theta, mse, training_op):
    """Train and print how the error falls."""
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for step in range(num_steps):
            if step % 50 == 0:
                print("%s step %3d mse %.6f" % (name, step, mse.eval()))
            sess.run(training_op)
        print("%s:" % name, " ".join("%.4f" % value for value in theta.eval().ravel()), "mse %.6f" % sess.run(mse))


def model():
    """The parameters, the residuals and their mean square."""
    theta = tf.Variable(tf.random_uniform([4, 1], -1.0, 1.0, seed=42), name="theta")
    error = tf.matmul(X, theta, name="predictions") - y
    return theta, error, tf.reduce_mean(tf.square(error), name="mse")


theta, error, mse = model()
gradients = 2 / 120 * tf.matmul(XT, error)
report("by hand", theta, mse, tf.assign(theta, theta - learning_rate * gradients))

theta, error, mse = model()
(gradients,) = tf.gradients(mse, [theta])
report("tf.gradients", theta, mse, tf.assign_sub(theta, learning_rate * gradients))

theta, error, mse = model()
optimizer = tf.train.GradientDescentOptimizer(learning_rate)
report("optimizer", theta, mse, optimizer.minimize(mse))
print(theta.name, mse.name, optimizer.get_name())
