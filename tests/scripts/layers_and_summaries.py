"""A perceptron whose layers come from a function, with name scopes and everything worth watching summarized."""
import os
import shutil
import tempfile

import numpy as np

import graphcore as tf

rng = np.random.RandomState(3)
points = rng.uniform(-1, 1, (400, 2)).astype(np.float32)
inside = (np.square(points).sum(axis=1) < 0.5).astype(np.int32)


def variable_summaries(var):
    """Watch a variable's mean, deviation, extremes and distribution."""
    with tf.name_scope("summaries"):
        mean = tf.reduce_mean(var)
        tf.summary.scalar("mean", mean)
        with tf.name_scope("stddev"):
            stddev = tf.sqrt(tf.reduce_mean(tf.square(var - mean)))
        tf.summary.scalar("stddev", stddev)
        tf.summary.scalar("max", tf.reduce_max(var))
        tf.summary.histogram("histogram", var)


def layer(inputs, size_in, size_out, name, act=tf.nn.relu):
    """A fully connected layer under its own name."""
    with tf.name_scope(name):
        with tf.name_scope("weights"):
            weights = tf.Variable(tf.truncated_normal([size_in, size_out], stddev=0.5, seed=size_in))
            variable_summaries(weights)
        with tf.name_scope("biases"):
            biases = tf.Variable(tf.constant(0.1, shape=[size_out]))
        with tf.name_scope("Wx_plus_b"):
            preactivate = tf.matmul(inputs, weights) + biases
        return act(preactivate, name="activation")


tf.set_random_seed(11)
with tf.name_scope("input"):
    x = tf.placeholder(tf.float32, [None, 2], name="x-input")
    y_ = tf.placeholder(tf.int32, [None], name="y-input")
hidden = layer(x, 2, 16, "layer1")
with tf.name_scope("dropout"):
    keep_prob = tf.placeholder_with_default(1.0, [], name="keep_prob")
    dropped = tf.nn.dropout(hidden, keep_prob)
logits = layer(dropped, 16, 2, "layer2", act=tf.identity)
with tf.name_scope("cross_entropy"):
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y_, logits=logits))
tf.summary.scalar("cross_entropy", loss)
with tf.name_scope("accuracy"):
    accuracy = tf.reduce_mean(tf.to_float(tf.nn.in_top_k(logits, y_, 1)))
tf.summary.scalar("accuracy", accuracy)
with tf.name_scope("train"):
    train_step = tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True).minimize(loss)
merged = tf.summary.merge_all()

logdir = tempfile.mkdtemp()
with tf.Session() as sess:
    writer = tf.summary.FileWriter(os.path.join(logdir, "train"), sess.graph)
    sess.run(tf.global_variables_initializer())
    for i in range(101):
        feed = {x: points, y_: inside}
        if i % 20 == 0:
            summary, acc, value = sess.run([merged, accuracy, loss], feed)
            writer.add_summary(summary, i)
            print("step %3d accuracy %.3f loss %.5f" % (i, acc, value))
        sess.run(train_step, {keep_prob: 0.95, **feed} if i < 5 else feed)
    writer.close()
    print("files:", len(os.listdir(os.path.join(logdir, "train"))))
shutil.rmtree(logdir)

for value in tf.Summary.FromString(summary).value:
    if value.HasField("histo"):
        print(value.tag, "histogram of %d, sum %.4f" % (value.histo.num, value.histo.sum))
    else:
        print(value.tag, "%.4f" % value.simple_value)
for variable in tf.trainable_variables():
    print(variable.name, variable.shape)
print(train_step.name, logits)
