"""``tf.random``: random numbers under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.random import (
    categorical,
    multinomial,
    truncated_normal,
)
from graphcore.ops.random import (
    random_gamma as gamma,
)
from graphcore.ops.random import (
    random_normal as normal,
)
from graphcore.ops.random import (
    random_poisson as poisson,
)
from graphcore.ops.random import (
    random_shuffle as shuffle,
)
from graphcore.ops.random import (
    random_uniform as uniform,
)
from graphcore.ops.random_seed import get_seed, set_random_seed
from graphcore.ops.sampling import (
    all_candidate_sampler,
    fixed_unigram_candidate_sampler,
    learned_unigram_candidate_sampler,
    log_uniform_candidate_sampler,
    uniform_candidate_sampler,
)
from graphcore.ops.stateless_random import stateless_categorical, stateless_multinomial, stateless_truncated_normal
from graphcore.ops.stateless_random import stateless_random_normal as stateless_normal
from graphcore.ops.stateless_random import stateless_random_uniform as stateless_uniform
