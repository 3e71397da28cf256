"""MNIST as the TF 1.x tutorials read it: ``input_data.read_data_sets``."""
from graphcore.examples.tutorials.mnist import input_data

__all__ = ["input_data"]
