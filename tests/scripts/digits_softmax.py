"""Which digit is it? Softmax regression on scikit-learn's small digits, in batches."""
import numpy as np
from sklearn.datasets import load_digits

import graphcore as tf

digits = load_digits()
images = (digits.data / 16.0).astype(np.float32)
train_images, train_labels = images[:1500], digits.target[:1500]
test_images, test_labels = images[1500:], digits.target[1500:]
batch_size = 100

x = tf.placeholder(tf.float32, [None, 64], name="pixels")
label = tf.placeholder(tf.int64, [None], name="label")
one_hot = tf.one_hot(label, depth=10)

W = tf.Variable(tf.zeros([64, 10]), name="W")
b = tf.Variable(tf.zeros([10]), name="b")
logits = tf.matmul(x, W) + b
probability = tf.nn.softmax(logits)
cross_entropy = tf.reduce_mean(-tf.reduce_sum(one_hot * tf.log(probability), reduction_indices=[1]))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)

hit = tf.equal(tf.argmax(logits, 1), label)
accuracy = tf.reduce_mean(tf.cast(hit, tf.float32))
confusion = tf.reduce_sum(tf.expand_dims(one_hot, 2) * tf.expand_dims(tf.one_hot(tf.argmax(logits, 1), 10), 1), 0)

with tf.Session() as sess:
    sess.run(tf.initialize_all_variables())
    for epoch in range(5):
        for start in range(0, len(train_images), batch_size):
            part = slice(start, start + batch_size)
            sess.run(train_step, feed_dict={x: train_images[part], label: train_labels[part]})
        loss = cross_entropy.eval({x: train_images, label: train_labels})
        print("epoch %d loss %.5f test accuracy %.4f" % (epoch, loss, accuracy.eval({x: test_images, label: test_labels})))
    table = sess.run(confusion, {x: test_images, label: test_labels})
    sure, digit = sess.run(tf.nn.top_k(probability, k=2), {x: test_images[:1]})

for row in table.astype(int):
    print(" ".join("%2d" % count for count in row))
print("first test digit:", digit[0].tolist(), "with %.4f and %.4f" % tuple(sure[0]), "truth", test_labels[0])
