"""Softmax, cross-entropies and tf.losses: nodes, values and gradients."""
import numpy as np
from catalog import program

LOGITS = np.array([[1.0, 2.0, 0.5], [-1.0, 3.0, 0.0]], np.float32)
LABELS = np.array([[0.0, 1.0, 0.0], [0.3, 0.3, 0.4]], np.float32)
WHY = "logarithms and exponentials differ in their last bits"


def with_gradient(tf, loss, x, feed):
    """The value of a loss and its gradient in ``x``."""
    gradient, = tf.gradients(loss, x)
    with tf.Session() as session:
        value, slope = session.run([loss, gradient], feed)
    return {"form": str(loss), "value": value, "gradient": slope, "gradient_form": str(gradient)}


@program(graph=True, rtol=4e-6, why=WHY)
def softmax(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    # Weighted: the gradient of the plain sum is 0, of which only rounding is left.
    return with_gradient(tf, tf.nn.softmax(x) * LABELS, x, {x: LOGITS})


@program(graph=True, rtol=4e-6, why=WHY)
def softmax_of_three_dimensions(tf):
    x = tf.placeholder(tf.float32, [2, None, 3])
    made = tf.nn.softmax(x, axis=1) + tf.nn.softmax(x) + tf.nn.softmax(x, dim=0)
    return with_gradient(tf, made * LABELS, x, {x: [LOGITS, LOGITS * 2]})


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def log_softmax(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    return with_gradient(tf, tf.nn.log_softmax(x) * LABELS, x, {x: LOGITS})


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def softmax_cross_entropy(tf):
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 3])
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x)
    return with_gradient(tf, loss, x, {x: LOGITS, y: LABELS})


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def softmax_cross_entropy_v2_in_labels_too(tf):
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 3])
    loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x)
    gradients = tf.gradients(loss, [x, y])
    with tf.Session() as session:
        return {"values": session.run([loss] + gradients, {x: LOGITS, y: LABELS})}


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def softmax_cross_entropy_of_three_dimensions(tf):
    x = tf.placeholder(tf.float32, [2, 2, 3])
    loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.stack([LABELS, LABELS]), logits=x)
    return with_gradient(tf, loss, x, {x: [LOGITS, LOGITS * 2]})


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def sparse_softmax_cross_entropy(tf):
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.int32, [None])
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x)
    return with_gradient(tf, loss, x, {x: LOGITS, y: [1, 0]})


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def sigmoid_cross_entropy(tf):
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 3])
    loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=x)
    return with_gradient(tf, loss, x, {x: LOGITS * 10, y: LABELS})


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def weighted_cross_entropy(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    loss = tf.nn.weighted_cross_entropy_with_logits(labels=LABELS, logits=x, pos_weight=2.0)
    return with_gradient(tf, loss, x, {x: LOGITS})


@program(graph=True, rtol=1e-5, atol=1e-6, why=WHY)
def losses_module(tf):
    x = tf.placeholder(tf.float32, [2, 3])
    made = [tf.losses.mean_squared_error(LABELS, x), tf.losses.absolute_difference(LABELS, x), tf.losses.huber_loss(LABELS, x),
            tf.losses.softmax_cross_entropy(LABELS, x), tf.losses.sigmoid_cross_entropy(LABELS, x),
            tf.losses.sparse_softmax_cross_entropy([1, 0], x), tf.losses.hinge_loss(LABELS, x), tf.losses.log_loss(LABELS, tf.sigmoid(x)),
            tf.losses.mean_squared_error(LABELS, x, weights=[[1.0], [2.0]]),
            tf.losses.mean_squared_error(LABELS, x, reduction=tf.losses.Reduction.SUM), tf.losses.get_total_loss()]
    with tf.Session() as session:
        return {each.name: value for each, value in zip(made, session.run(made, {x: LOGITS}))}


@program(graph=True, rtol=1e-5, atol=1e-6, why=WHY)
def losses_of_pairs_angles_and_smooth_labels(tf):
    x = tf.placeholder(tf.float32, [2, 3])
    made = [tf.losses.mean_pairwise_squared_error(LABELS, x, weights=[[1.0], [0.0]]), tf.losses.cosine_distance(LABELS, x, 1),
            tf.losses.cosine_distance(LABELS, x, dim=0, scope="columns"),
            tf.losses.softmax_cross_entropy(LABELS, x, label_smoothing=0.1, weights=[1.0, 0.5]),
            tf.losses.sigmoid_cross_entropy(LABELS, x, label_smoothing=0.1)]
    made += [tf.losses.absolute_difference(LABELS, x, 0.5, reduction=each) for each in sorted(set(tf.losses.Reduction.all()))]
    with tf.Session() as session:
        return {each.name: value for each, value in zip(made, session.run(made, {x: LOGITS}))}


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def weights_of_unknown_shape(tf):
    x, weights = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32)
    loss = tf.losses.mean_squared_error(tf.zeros_like(x), x, weights=weights)
    with tf.Session() as session:
        return {"values": [session.run(loss, {x: LOGITS, weights: each}) for each in (2.0, [[1.0], [2.0]], LABELS)]}


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def sparse_labels_of_unknown_rank(tf):
    x, y, weights = tf.placeholder(tf.float32), tf.placeholder(tf.int32), tf.placeholder(tf.float32)
    loss = tf.losses.sparse_softmax_cross_entropy(y, x, weights=weights)
    with tf.Session() as session:
        return {"values": [session.run(loss, {x: LOGITS, y: labels, weights: each})
                           for labels in ([1, 0], [[1], [0]]) for each in (2.0, [1.0, 0.0], [[1.0], [0.0]])]}


@program(graph=True, rtol=4e-6, atol=1e-6, why=WHY)
def losses_by_hand(tf):
    """Losses written out by hand, as loss notebooks do: L1, L2, pseudo-Huber, hinge, cross-entropy."""
    x = tf.linspace(-1.0, 1.0, 5)
    target = tf.constant(0.0)
    delta = tf.constant(0.25)
    made = [tf.square(target - x), tf.abs(target - x),
            tf.multiply(tf.square(delta), tf.sqrt(1.0 + tf.square((target - x) / delta)) - 1.0),
            tf.maximum(0.0, 1.0 - tf.multiply(tf.constant(1.0), x)),
            -tf.multiply(0.5, tf.log(x + 2.0)) - tf.multiply(1.0 - 0.5, tf.log(3.0 - x))]
    with tf.Session() as session:
        return {each.name: value for each, value in zip(made, session.run(made))}
