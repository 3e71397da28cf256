"""TensorFlow 1.x graph mode on today's Python: ``import graphcore as tf``."""

from importlib import import_module as _import_module

from graphcore import _neighbours

_neighbours.install()

# ruff: noqa: E402, F403
from graphcore._later import HOME as _HOME
from graphcore._later import NAMES as _LATER
from graphcore.core import errors
from graphcore.core.convert import convert_to_tensor, register_tensor_conversion_function
from graphcore.core.current import *
from graphcore.core.device import DeviceSpec
from graphcore.core.dimension import Dimension, dimension_value
from graphcore.core.dtypes import *
from graphcore.core.errors import OpError
from graphcore.core.graph import Graph
from graphcore.core.indexed import IndexedSlices
from graphcore.core.keys import GraphKeys
from graphcore.core.node import Operation, Tensor
from graphcore.core.opdef import REGISTRY as _REGISTRY
from graphcore.core.scopes import get_default_graph, get_default_session, name_scope, reset_default_graph
from graphcore.core.shapes import TensorShape, dimension_at_index
from graphcore.core.sparse import *
from graphcore.drawing import notebook as _notebook
from graphcore.interop import graph_def as _graph_def
from graphcore.ops.arithmetic import *
from graphcore.ops.arrays import *
from graphcore.ops.assignments import *
from graphcore.ops.casting import *
from graphcore.ops.comparison import *
from graphcore.ops.constants import *
from graphcore.ops.division import *
from graphcore.ops.filling import *
from graphcore.ops.identities import *
from graphcore.ops.joining import *
from graphcore.ops.ordering import *
from graphcore.ops.random_seed import *
from graphcore.ops.reshaping import *
from graphcore.ops.sequences import *
from graphcore.ops.slicing import *
from graphcore.ops.sums import *
from graphcore.ops.variable_groups import *
from graphcore.ops.variable_scope import *
from graphcore.ops.variables import *
from graphcore.session.session import InteractiveSession, Session
from graphcore.version import (
    COMPILER_VERSION,
    GIT_VERSION,
    GRAPH_DEF_VERSION,
    GRAPH_DEF_VERSION_MIN_CONSUMER,
    GRAPH_DEF_VERSION_MIN_PRODUCER,
    VERSION,
)

__version__, __git_version__, __compiler_version__ = VERSION, GIT_VERSION, COMPILER_VERSION  # the TensorFlow whose programs run here

_MESSAGES = {"AttrValue", "ConfigProto", "Event", "GPUOptions", "GraphDef", "GraphOptions", "HistogramProto", "LogMessage",
             "MetaGraphDef", "NameAttrList", "NodeDef", "OptimizerOptions", "RunMetadata", "RunOptions", "SessionLog",
             "Summary", "SummaryMetadata"}
# Namespaces of this package: each is loaded when a program asks for it,
_NAMESPACES = ("audio", "bitwise", "debugging", "dtypes", "gfile", "image", "initializers", "io", "linalg", "logging", "losses", "manip",
               "math", "nn", "python_io", "random", "sets", "signal", "sparse", "spectral", "strings", "summary", "test", "train",
               "version")
# and these need libraries, or graphcore itself.
_OTHER_NAMESPACES = ("app", "compat", "contrib", "flags")


def _load_all():
    """Load every module that has public names, and so declare every op."""
    for module in (*_NAMESPACES, *_LATER):
        _import_module(f"graphcore.{module}")


_REGISTRY.load_all = _load_all


def __getattr__(name):
    """Namespaces, protobuf messages and what few programs use are loaded when a program asks for one."""
    if name in _HOME:
        value = globals()[name] = getattr(_import_module(f"graphcore.{_HOME[name]}"), name)
        return value
    if name in _NAMESPACES or name in _OTHER_NAMESPACES:
        return _import_module(f"graphcore.{name}")
    if name in _MESSAGES:
        return getattr(_import_module("graphcore.proto"), name)
    if name == "__all__":  # of `from graphcore import *`
        return [key for key in __dir__() if not key.startswith("_")]
    raise AttributeError(f"module 'graphcore' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_HOME, *_MESSAGES, *_NAMESPACES, *_OTHER_NAMESPACES})
