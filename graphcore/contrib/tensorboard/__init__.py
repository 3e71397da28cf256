"""``tf.contrib.tensorboard``: what TensorBoard's plugins need from a program."""

from graphcore.contrib.tensorboard import plugins
