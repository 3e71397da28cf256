"""Every optimizer in the same banana-shaped valley, and Newton's method, which needs second derivatives."""
import numpy as np

import graphcore as tf


def rosenbrock(point):
    """A narrow curved valley whose lowest point is (1, 1)."""
    u, v = tf.unstack(point)
    return tf.square(1 - u) + 100 * tf.square(v - tf.square(u))


makers = [
    ("gradient descent", tf.train.GradientDescentOptimizer(0.001)),
    ("momentum", tf.train.MomentumOptimizer(0.0005, 0.9)),
    ("nesterov", tf.train.MomentumOptimizer(0.0005, 0.9, use_nesterov=True)),
    ("adagrad", tf.train.AdagradOptimizer(0.3)),
    ("adadelta", tf.train.AdadeltaOptimizer(1.0, rho=0.9)),
    ("rmsprop", tf.train.RMSPropOptimizer(0.01, momentum=0.5)),
    ("centered", tf.train.RMSPropOptimizer(0.01, centered=True)),
    ("adam", tf.train.AdamOptimizer(0.05)),
    ("ftrl", tf.train.FtrlOptimizer(0.3, l1_regularization_strength=0.01)),
    ("proximal", tf.train.ProximalGradientDescentOptimizer(0.001, l2_regularization_strength=0.1)),
]
points, losses, steps = [], [], []
for name, optimizer in makers:
    with tf.variable_scope(name.replace(" ", "_")):
        point = tf.get_variable("point", initializer=tf.constant([-1.2, 1.0]))
        loss = rosenbrock(point)
        points.append(point)
        losses.append(loss)
        steps.append(optimizer.minimize(loss, var_list=[point]))
all_steps = tf.group(*steps, name="all_steps")

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(1, 41):
        sess.run(all_steps)
        if step in (1, 40):
            for (name, _), point, loss in zip(makers, *sess.run([points, losses])):
                print("step %2d %-16s at (%.4f, %.4f) loss %.4f" % (step, name, point[0], point[1], loss))
    print("slots:", [(name, optimizer.get_slot_names()) for name, optimizer in makers if optimizer.get_slot_names()])

where = tf.placeholder(tf.float64, [2])
value = rosenbrock(where)
(gradient,) = tf.gradients(value, where)
(hessian,) = tf.hessians(value, where)
(a, b), (_, d) = [tf.unstack(row) for row in tf.unstack(hessian)]
inverse = tf.stack([[d, -b], [-b, a]]) / (a * d - b * b)
move = where - tf.reduce_sum(inverse * gradient, axis=1)
with tf.Session() as sess:
    here = np.array([-1.2, 1.0])
    for step in range(5):
        here, before = sess.run([move, value], {where: here})
        print("newton %d loss %.6f moves to (%.6f, %.6f)" % (step, before, *here))
