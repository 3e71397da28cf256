"""Graphs without learning: the Mandelbrot set, heat in a rod, clusters of points, pi from random numbers."""
import numpy as np

import graphcore as tf

# Mandelbrot: complex numbers that change in place, and a count for each.
imaginary, real = np.mgrid[-1.2:1.2:0.2, -2:0.8:0.1]
with tf.Session() as sess:
    xs = tf.constant((real + 1j * imaginary).astype(np.complex64))
    zs = tf.Variable(xs)
    counts = tf.Variable(tf.zeros_like(xs, tf.float32))
    tf.global_variables_initializer().run()
    moved = zs * zs + xs
    small = tf.abs(moved) < 4
    step = tf.group(zs.assign(tf.where(small, moved, tf.fill(tf.shape(xs), tf.complex(4.0, 0.0)))),
                    counts.assign_add(tf.cast(small, tf.float32)))
    for _ in range(20):
        step.run()
    for row in counts.eval().astype(int):
        print("".join(" .:-=+*#%@"[min(count // 2, 9)] for count in row))

# Heat in a rod: one explicit step of the heat equation, with fixed ends.
tf.reset_default_graph()
rod = tf.Variable(np.sin(np.linspace(0, np.pi, 11)), name="rod", dtype=tf.float64)
flow = rod[:-2] - 2 * rod[1:-1] + rod[2:]
update = rod.assign_add(tf.pad(0.25 * flow, [[1, 1]]))
with tf.Session() as sess:
    sess.run(rod.initializer)
    for _ in range(3):
        print("rod", " ".join("%.4f" % value for value in sess.run(update)[:6]))

# k-means: distances by broadcasting, new centres as means over the members.
tf.reset_default_graph()
rng = np.random.RandomState(4)
data = np.concatenate([rng.normal(centre, 0.4, (50, 2)) for centre in ([0, 0], [3, 0], [0, 4])]).astype(np.float32)
points = tf.constant(data)
centres = tf.Variable(data[[0, 1, 2]], name="centres")
nearest = tf.argmin(tf.reduce_sum(tf.square(tf.expand_dims(points, 1) - tf.expand_dims(centres, 0)), 2), 1)
sums = tf.unsorted_segment_sum(points, nearest, 3)
members = tf.unsorted_segment_sum(tf.ones([150, 1]), nearest, 3)
improve = tf.assign(centres, sums / tf.maximum(members, 1.0))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(10):
        found = sess.run(improve)
    print("centres", np.round(found, 4).tolist(), "members", sess.run(members).ravel().astype(int).tolist())

# pi: the share of random points in a quarter of a circle; the seeds make the numbers TensorFlow's.
tf.reset_default_graph()
tf.set_random_seed(2)
draw = tf.random_uniform([1000, 2])
share = tf.reduce_mean(tf.to_float(tf.norm(draw, axis=1) < 1.0))
with tf.Session() as sess:
    print("pi is about", ", ".join("%.3f" % (4 * sess.run(share)) for _ in range(4)))
