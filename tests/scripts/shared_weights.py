"""One set of weights used by two towers: variable scopes, reuse, collections, and a penalty kept in one of them."""
import numpy as np

import graphcore as tf

tf.set_random_seed(5)


def l2(scale):
    """A regularizer for get_variable: its results gather in REGULARIZATION_LOSSES."""
    return lambda weights: scale * tf.nn.l2_loss(weights)


def dense(inputs, units, scope):
    """A layer whose variables are found again when the scope is reused."""
    with tf.variable_scope(scope):
        weights = tf.get_variable("weights", [inputs.shape[1].value, units], initializer=tf.glorot_uniform_initializer(seed=units),
                                  regularizer=l2(0.01), collections=[tf.GraphKeys.GLOBAL_VARIABLES, "kernels"])
        bias = tf.get_variable("bias", [units], initializer=tf.constant_initializer(0.05))
        return tf.matmul(inputs, weights) + bias


def tower(inputs):
    """Map points to the plane in which they are compared."""
    return dense(tf.tanh(dense(inputs, 6, "hidden")), 2, "out")


left = tf.placeholder(tf.float32, [None, 4], name="left")
right = tf.placeholder(tf.float32, [None, 4], name="right")
same = tf.placeholder(tf.float32, [None], name="same")
with tf.variable_scope("siamese") as scope:
    a = tower(left)
    scope.reuse_variables()
    b = tower(right)
with tf.variable_scope("siamese", reuse=tf.AUTO_REUSE):
    again = tf.get_variable("out/bias", [2])

distance = tf.sqrt(tf.reduce_sum(tf.squared_difference(a, b), axis=1) + 1e-6)
contrastive = tf.reduce_mean(same * tf.square(distance) + (1 - same) * tf.square(tf.maximum(0.0, 1.0 - distance)))
penalty = tf.add_n(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))
total = contrastive + penalty
kernels = tf.get_collection("kernels")
weights = kernels + tf.trainable_variables()
train = tf.train.AdamOptimizer(0.02).minimize(total, var_list=weights)

rng = np.random.RandomState(0)
groups = rng.randint(0, 2, (2, 100))
points = rng.standard_normal((2, 100, 4)) + 2.0 * groups[:, :, np.newaxis]
feed = {left: points[0], right: points[1], same: groups[0] == groups[1]}
with tf.Session() as sess:
    print(len(sess.run(tf.report_uninitialized_variables())), "to initialize")
    sess.run(tf.global_variables_initializer())
    for step in range(60):
        if step % 15 == 0:
            print("step %2d contrastive %.5f penalty %.5f" % (step, *sess.run([contrastive, penalty], feed)))
        sess.run(train, feed)
    near, far = sess.run([tf.boolean_mask(distance, tf.equal(same, 1)), tf.boolean_mask(distance, tf.equal(same, 0))], feed)
    print("mean distance: same group %.4f, other group %.4f" % (near.mean(), far.mean()))

for variable in tf.global_variables():
    print(variable.op.name, variable.get_shape().as_list())
print(again.name, [variable.op.name for variable in kernels], [variable.op.name for variable in tf.trainable_variables()])
try:
    with tf.variable_scope("siamese"):
        tf.get_variable("out/bias", [2])
except ValueError as error:
    print(str(error).split(".")[0])
