"""A learning rate that decays with the global step, and shadow variables that average the trained ones."""
import numpy as np

import graphcore as tf

rng = np.random.RandomState(1)
inputs = rng.uniform(-2, 2, 300).astype(np.float32)
outputs = (0.5 * inputs ** 2 - inputs + 2 + 0.3 * rng.standard_normal(300)).astype(np.float32)

x = tf.placeholder(tf.float32, [None])
t = tf.placeholder(tf.float32, [None])
coefficients = tf.Variable(tf.zeros([3]), name="coefficients")
powers = tf.stack([tf.ones_like(x), x, tf.square(x)], axis=1)
prediction = tf.squeeze(tf.matmul(powers, tf.expand_dims(coefficients, 1)), 1)
loss = tf.reduce_mean(tf.squared_difference(prediction, t))

global_step = tf.train.get_or_create_global_step()
rate = tf.train.exponential_decay(0.1, global_step, decay_steps=40, decay_rate=0.7, staircase=True)
optimizer = tf.train.GradientDescentOptimizer(rate)
pairs = optimizer.compute_gradients(loss)
clipped, norm = tf.clip_by_global_norm([gradient for gradient, _ in pairs], 5.0)
apply = optimizer.apply_gradients(zip(clipped, [variable for _, variable in pairs]), global_step=global_step)

average = tf.train.ExponentialMovingAverage(0.95, num_updates=global_step)
with tf.control_dependencies([apply]):
    train = average.apply([coefficients])
shadow = average.average(coefficients)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(6):
        for start in range(0, 300, 15):
            feed = {x: inputs[start:start + 15], t: outputs[start:start + 15]}
            sess.run(train, feed)
        step, now, size, error = sess.run([global_step, rate, norm, loss], {x: inputs, t: outputs})
        print("step %3d rate %.6f gradient %.5f loss %.5f" % (step, now, size, error))
    last, mean = sess.run([coefficients, shadow])
    print("last:   ", " ".join("%.4f" % value for value in last))
    print("average:", " ".join("%.4f" % value for value in mean))
    sess.run(tf.assign(coefficients, shadow))
    print("loss with the averages %.5f" % loss.eval({x: inputs, t: outputs}))
print(average.average_name(coefficients), shadow.name, tf.train.global_step(tf.Session(), tf.constant(9, name="n")))
print([variable.op.name for variable in tf.moving_average_variables()], sorted(average.variables_to_restore()))
