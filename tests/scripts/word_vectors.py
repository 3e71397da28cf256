"""Words as vectors: an embedding learned from neighbours, with sparse gradients and negative samples."""
import numpy as np

import graphcore as tf

text = ("the king rules the land and the queen rules the land the man walks the dog and the woman walks the dog "
        "the king is a man and the queen is a woman the dog is in the land").split()
words = sorted(set(text))
numbers = [words.index(word) for word in text]
pairs = [(numbers[i], numbers[j]) for i in range(len(text)) for j in (i - 2, i - 1, i + 1, i + 2) if 0 <= j < len(text)]
centre_words, context_words = np.array(pairs, np.int32).T
wrong_words = np.random.RandomState(6).randint(0, len(words), (len(pairs), 3)).astype(np.int32)

centre = tf.placeholder(tf.int32, [None])
context = tf.placeholder(tf.int32, [None])
wrong = tf.placeholder(tf.int32, [None, 3])
with tf.variable_scope("vectors", initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=8)):
    inner = tf.get_variable("inner", [len(words), 8])
    outer = tf.get_variable("outer", [len(words), 8])
vector = tf.gather(inner, centre)
right_score = tf.reduce_sum(vector * tf.gather(outer, context), 1)
wrong_score = tf.squeeze(tf.matmul(tf.gather(outer, wrong), tf.expand_dims(vector, 2)), 2)
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.ones_like(right_score), logits=right_score)
                      + tf.reduce_sum(tf.nn.softplus(wrong_score), 1))
gradients = tf.gradients(loss, [inner, outer])
print([type(gradient).__name__ for gradient in gradients])
optimizer = tf.train.AdagradOptimizer(0.5)
train = optimizer.apply_gradients(zip(gradients, [inner, outer]))

unit = tf.nn.l2_normalize(inner, 1)
likeness = tf.matmul(unit, unit, transpose_b=True)
closest = tf.nn.top_k(likeness - 2 * tf.eye(len(words)), 2)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(12):
        for start in range(0, len(pairs), 20):
            part = slice(start, start + 20)
            value, _ = sess.run([loss, train], {centre: centre_words[part], context: context_words[part], wrong: wrong_words[part]})
        if epoch % 3 == 2:
            feed = {centre: centre_words, context: context_words, wrong: wrong_words}
            print("epoch %2d loss %.5f" % (epoch, sess.run(loss, feed)))
    scores, indices = sess.run(closest)
for word, row, near in zip(words, scores, indices):
    print("%-6s" % word, " ".join("%s %.3f" % (words[index], score) for score, index in zip(row, near)))
