"""Training: optimizers, learning-rate decays, and what keeps a training run going."""

from graphcore.summaries.reader import summary_iterator
from graphcore.train.adadelta import AdadeltaOptimizer
from graphcore.train.adagrad import AdagradOptimizer
from graphcore.train.adagrad_da import AdagradDAOptimizer
from graphcore.train.adam import AdamOptimizer
from graphcore.train.decays import *  # noqa: F403 (its __all__ are the public decays)
from graphcore.train.decays import __all__ as _decays
from graphcore.train.ftrl import FtrlOptimizer
from graphcore.train.gradient_descent import GradientDescentOptimizer
from graphcore.train.momentum import MomentumOptimizer
from graphcore.train.moving_averages import ExponentialMovingAverage
from graphcore.train.optimizer import Optimizer
from graphcore.train.proximal_adagrad import ProximalAdagradOptimizer
from graphcore.train.proximal_gradient_descent import ProximalGradientDescentOptimizer
from graphcore.train.rmsprop import RMSPropOptimizer
from graphcore.train.training_util import (
    assert_global_step,
    create_global_step,
    get_global_step,
    get_or_create_global_step,
    global_step,
)

__all__ = ["AdadeltaOptimizer", "AdagradDAOptimizer", "AdagradOptimizer", "AdamOptimizer", "ExponentialMovingAverage",
           "FtrlOptimizer", "GradientDescentOptimizer", "MomentumOptimizer", "Optimizer", "ProximalAdagradOptimizer",
           "ProximalGradientDescentOptimizer", "RMSPropOptimizer", "assert_global_step", "create_global_step",
           "get_global_step", "get_or_create_global_step", "global_step", "summary_iterator", *_decays]

_MESSAGES = {"BytesList", "Example", "Feature", "FeatureList", "FeatureLists", "Features", "FloatList", "Int64List", "SequenceExample"}


def __getattr__(name):
    """Protobuf messages are loaded when a program asks for one."""
    if name in _MESSAGES:
        from graphcore import proto

        return getattr(proto, name)
    raise AttributeError(f"module 'graphcore.train' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_MESSAGES})
