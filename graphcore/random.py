"""``tf.random``: random numbers under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.random import (
    categorical, multinomial, random_gamma as gamma, random_normal as normal, random_poisson as poisson, random_shuffle
    as shuffle, random_uniform as uniform, truncated_normal,
)
from graphcore.ops.random_seed import get_seed, set_random_seed
