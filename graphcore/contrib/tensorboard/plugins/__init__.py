"""``tf.contrib.tensorboard.plugins``."""

from graphcore.contrib.tensorboard.plugins import projector
