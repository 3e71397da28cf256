"""The graphs of the walkthroughs, gradient and optimizer nodes included, and what their first steps compute."""
import numpy as np
from catalog import program

X = np.array([[1.0, 2.0], [0.5, -1.0], [-1.5, 0.25], [2.0, 0.0]], np.float32)
Y = np.array([[3.0], [0.5], [-1.0], [2.5]], np.float32)
LABELS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], np.float32)
BINARY = np.array([[1], [0], [0], [1]], np.float32)


def steps(tf, feed, train, fetches, count=3):
    """Values of ``fetches`` after each of ``count`` training steps."""
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        seen = [session.run(fetches, feed)]
        for _ in range(count):
            session.run(train, feed)
            seen.append(session.run(fetches, feed))
    return {"step %d" % number: values for number, values in enumerate(seen)}


def regression(tf):
    """A linear model: (feed, x, y, w, b, model)."""
    x = tf.placeholder(dtype=tf.float32, name="x", shape=[None, 2])
    y = tf.placeholder(dtype=tf.float32, name="y", shape=[None, 1])
    w = tf.Variable(tf.zeros([2, 1]), name="w")
    b = tf.Variable(tf.zeros([1]), name="b")
    model = tf.matmul(x, w) + b
    return {x: X, y: Y}, x, y, w, b, model


@program(graph=True)
def first_model(tf):
    w = tf.Variable([.3], tf.float32)
    b = tf.Variable([-.3], tf.float32)
    x = tf.placeholder(tf.float32)
    y = w * x + b
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        value = session.run(y, {x: [1, 2, 3, 4]})
    return {"y": value, "w": str(w), "x": str(x), "y_form": repr(y)}


@program(graph=True)
def linear_regression_tiny(tf):
    w = tf.Variable([.3], tf.float32)
    b = tf.Variable([-.3], tf.float32)
    x = tf.placeholder(tf.float32)
    y = tf.placeholder(tf.float32)
    loss = tf.reduce_sum(tf.square(w * x + b - y))
    train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
    return steps(tf, {x: [1, 2, 3, 4], y: [0, -1, -2, -3]}, train, [w, b, loss])


@program(graph=True)
def linear_regression_sheet(tf):
    """Simple regression with mean squared error and R squared."""
    num_outputs, num_inputs = 1, 1
    x_tensor = tf.placeholder(dtype=tf.float32, shape=[None, num_inputs], name="x")
    y_tensor = tf.placeholder(dtype=tf.float32, shape=[None, num_outputs], name="y")
    w = tf.Variable(tf.zeros([num_inputs, num_outputs]), dtype=tf.float32, name="w")
    b = tf.Variable(tf.zeros([num_outputs]), dtype=tf.float32, name="b")
    model = tf.matmul(x_tensor, w) + b
    loss = tf.reduce_mean(tf.square(model - y_tensor))
    mse = tf.reduce_mean(tf.square(model - y_tensor))
    y_mean = tf.reduce_mean(y_tensor)
    total_error = tf.reduce_sum(tf.square(y_tensor - y_mean))
    unexplained_error = tf.reduce_sum(tf.square(y_tensor - model))
    rs = 1 - tf.div(unexplained_error, total_error)
    train = tf.train.GradientDescentOptimizer(0.001).minimize(loss)
    return steps(tf, {x_tensor: X[:, :1], y_tensor: Y}, train, [w, b, loss, mse, rs])


@program(graph=True)
def multiple_regression(tf):
    feed, x, y, w, b, model = regression(tf)
    loss = tf.reduce_mean(tf.square(model - y))
    mse = tf.reduce_mean(tf.square(model - y))
    mean = tf.reduce_mean(y)
    rs = 1 - tf.div(tf.reduce_sum(tf.square(y - model)), tf.reduce_sum(tf.square(y - mean)))
    train = tf.train.GradientDescentOptimizer(learning_rate=0.1).minimize(loss)
    return steps(tf, feed, train, [w, b, loss, mse, rs])


@program(graph=True)
def lasso(tf):
    """The factor of the penalty is a variable, and so trained with the rest, as the book writes it."""
    feed, x, y, w, b, model = regression(tf)
    lasso_param = tf.Variable(0.8, dtype=tf.float32)
    lasso_loss = tf.reduce_mean(tf.abs(w)) * lasso_param
    loss = tf.reduce_mean(tf.square(model - y)) + lasso_loss
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return steps(tf, feed, train, [w, b, lasso_param, loss])


@program(graph=True)
def lasso_with_a_smooth_step(tf):
    feed, x, y, w, b, model = regression(tf)
    limit = tf.constant(0.9)
    step = tf.truediv(1., tf.add(1., tf.exp(tf.multiply(-50., tf.subtract(w, limit)))))
    loss = tf.add(tf.reduce_mean(tf.square(y - model)), tf.multiply(step, 99.))
    train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
    return steps(tf, feed, train, [w, b, loss])


@program(graph=True)
def ridge(tf):
    feed, x, y, w, b, model = regression(tf)
    ridge_param = tf.Variable(0.8, dtype=tf.float32)
    ridge_loss = tf.reduce_mean(tf.square(w)) * ridge_param
    loss = tf.reduce_mean(tf.square(model - y)) + ridge_loss
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return steps(tf, feed, train, [w, b, ridge_param, loss])


@program(graph=True)
def elastic_net(tf):
    feed, x, y, w, b, model = regression(tf)
    l1, l2 = tf.constant(1.), tf.constant(1.)
    l1_term = tf.multiply(l1, tf.reduce_mean(tf.abs(w)))
    l2_term = tf.multiply(l2, tf.reduce_mean(tf.square(w)))
    loss = tf.expand_dims(tf.add(tf.add(tf.reduce_mean(tf.square(y - model)), l1_term), l2_term), 0)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return steps(tf, feed, train, [w, b, loss])


@program(graph=True)
def logistic_binary(tf):
    feed, x, y, w, b, model = regression(tf)
    feed[y] = BINARY
    y_hat = tf.nn.sigmoid(model)
    loss = tf.reduce_mean(-(y * tf.log(y_hat) + (1 - y) * tf.log(1 - y_hat)))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    predicted = tf.cast(tf.greater(y_hat, 0.5), tf.float32)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, y), tf.float32))
    return steps(tf, feed, train, [w, b, loss, accuracy])


@program(graph=True)
def logistic_binary_logits(tf):
    feed, x, y, w, b, model = regression(tf)
    feed[y] = BINARY
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=model, labels=y))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    correct = tf.equal(tf.cast(tf.round(tf.nn.sigmoid(model)), tf.int32), tf.cast(y, tf.int32))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return steps(tf, feed, train, [w, b, loss, accuracy])


@program(graph=True)
def softmax_by_hand(tf):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = tf.placeholder(tf.float32, [None, 3], name="y")
    w = tf.Variable(tf.zeros([2, 3]), name="w")
    b = tf.Variable(tf.zeros([3]), name="b")
    y_hat = tf.nn.softmax(tf.matmul(x, w) + b)
    loss = tf.reduce_mean(-tf.reduce_sum(y * tf.log(y_hat), reduction_indices=1))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    correct = tf.equal(tf.argmax(y_hat, 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return steps(tf, {x: X, y: LABELS}, train, [w, b, loss, accuracy])


@program(graph=True)
def softmax_mnist(tf):
    x = tf.placeholder(dtype=tf.float32, name="x", shape=[None, 2])
    y = tf.placeholder(dtype=tf.float32, name="y", shape=[None, 3])
    w = tf.Variable(tf.zeros([2, 3]), name="w")
    b = tf.Variable(tf.zeros([3]), name="b")
    logits = tf.add(tf.matmul(x, w), b, name="logits")
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=y))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    check = tf.equal(tf.argmax(tf.nn.softmax(logits), 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(check, tf.float32))
    return steps(tf, {x: X, y: LABELS}, train, [w, b, loss, accuracy])


@program(graph=True)
def softmax_old_cross_entropy(tf):
    x = tf.placeholder(tf.float32, [None, 2])
    y = tf.placeholder(tf.float32, [None, 3])
    w = tf.Variable(tf.zeros([2, 3]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=tf.matmul(x, w), labels=y))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    return steps(tf, {x: X, y: LABELS}, train, [w, loss])


@program(graph=True)
def softmax_sparse_labels(tf):
    x = tf.placeholder(tf.float32, [None, 2])
    y = tf.placeholder(tf.int64, [None])
    w = tf.Variable(tf.zeros([2, 3]))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=tf.matmul(x, w), labels=y)
    loss = tf.reduce_mean(losses)
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    return steps(tf, {x: X, y: [0, 1, 2, 0]}, train, [w, loss])


@program(graph=True, rtol=2e-5, why="three layers of products accumulate rounding over three steps")
def multilayer_perceptron(tf):
    tf.set_random_seed(123)

    def mlp(x, num_inputs, num_outputs, num_neurons):
        w, b = [], []
        sizes = [num_inputs] + num_neurons + [num_outputs]
        for i in range(len(sizes) - 1):
            w.append(tf.Variable(tf.random_normal([sizes[i], sizes[i + 1]]), name="w_{0:04d}".format(i)))
            b.append(tf.Variable(tf.random_normal([sizes[i + 1]]), name="b_{0:04d}".format(i)))
        layer = x
        for i in range(len(num_neurons)):
            layer = tf.nn.relu(tf.matmul(layer, w[i]) + b[i])
        return tf.matmul(layer, w[-1]) + b[-1]

    x = tf.placeholder(dtype=tf.float32, name="x", shape=[None, 2])
    y = tf.placeholder(dtype=tf.float32, name="y", shape=[None, 3])
    model = mlp(x, 2, 3, [4, 5])
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=model, labels=y))
    train = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
    check = tf.equal(tf.argmax(tf.nn.softmax(model), 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(check, tf.float32))
    return steps(tf, {x: X, y: LABELS}, train, [model, loss, accuracy])


@program(graph=True, rtol=2e-5, why="products accumulate rounding over three steps")
def maxout_classifier(tf):
    tf.set_random_seed(7)
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = tf.placeholder(tf.float32, [None, 3], name="y")
    w = tf.Variable(tf.truncated_normal([2, 8], stddev=0.5), name="w")
    b = tf.Variable(tf.constant(0.1, shape=[8]), name="b")
    pieces = tf.reshape(tf.matmul(x, w) + b, [-1, 4, 2])
    hidden = tf.reduce_max(pieces, axis=2)
    v = tf.Variable(tf.random_uniform([4, 3], -0.1, 0.1), name="v")
    logits = tf.matmul(hidden, v)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return steps(tf, {x: X, y: LABELS}, train, [w, b, v, loss])


@program(graph=True)
def decayed_learning_rate(tf):
    global_step = tf.Variable(0, trainable=False)
    rate = tf.train.exponential_decay(0.1, global_step, 10, 0.96, staircase=True)
    w = tf.Variable(tf.constant(5, dtype=tf.float32))
    loss = tf.square(w + 1)
    train = tf.train.GradientDescentOptimizer(rate).minimize(loss, global_step=global_step)
    return steps(tf, {}, train, [w, loss, rate, global_step], count=12)


@program(graph=True)
def random_after_minimize(tf):
    """Graph-level seeds count the nodes made so far, so the gradient's node count shows in the numbers."""
    tf.set_random_seed(42)
    feed, x, y, w, b, model = regression(tf)
    loss = tf.reduce_mean(tf.square(model - y))
    tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    after = tf.random_uniform([3])
    with tf.Session() as session:
        return {"random": session.run(after), "name": after.name}


@program(graph=True)
def minimal_tensorboard(tf):
    w = tf.Variable([.3], name="w", dtype=tf.float32)
    b = tf.Variable([-.3], name="b", dtype=tf.float32)
    x = tf.placeholder(name="x", dtype=tf.float32)
    y = w * x + b
    return {"y": str(y)}


@program(graph=True)
def regression_with_summaries(tf):
    feed, x, y, w, b, model = regression(tf)
    with tf.name_scope("loss"):
        loss = tf.reduce_mean(tf.square(model - y), name="mse")
        tf.summary.scalar("mse", loss)
    tf.summary.histogram("weights", w)
    with tf.name_scope("train"):
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    tf.summary.merge_all()
    return steps(tf, feed, train, [w, loss])
