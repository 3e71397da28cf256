"""TensorFlow 1.x graph mode on today's Python: ``import graphcore as tf``."""

from graphcore import _neighbours

_neighbours.install()

# ruff: noqa: E402, F403
from graphcore import (
    bitwise,
    debugging,
    dtypes,
    gfile,
    image,
    initializers,
    io,
    linalg,
    logging,
    losses,
    manip,
    math,
    nn,
    python_io,
    random,
    sets,
    signal,
    sparse,
    spectral,
    strings,
    summary,
    test,
    train,
    version,
)
from graphcore.autodiff.custom import custom_gradient
from graphcore.autodiff.gradients import *
from graphcore.autodiff.registry import NoGradient, NotDifferentiable, RegisterGradient
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
from graphcore.core.scopes import get_default_graph, get_default_session, name_scope, reset_default_graph
from graphcore.core.shapes import TensorShape, dimension_at_index
from graphcore.core.sparse import *
from graphcore.drawing import notebook as _notebook
from graphcore.interop.graph_def import import_graph_def
from graphcore.logging import get_logger
from graphcore.ops.arithmetic import *
from graphcore.ops.arrays import *
from graphcore.ops.assignments import *
from graphcore.ops.casting import *
from graphcore.ops.checks import *
from graphcore.ops.clipping import *
from graphcore.ops.comparison import *
from graphcore.ops.complex_numbers import *
from graphcore.ops.constants import *
from graphcore.ops.control_flow import *
from graphcore.ops.counting import *
from graphcore.ops.decompositions import *
from graphcore.ops.diagonals import *
from graphcore.ops.division import *
from graphcore.ops.edit_distances import *
from graphcore.ops.einsums import *
from graphcore.ops.example_features import *
from graphcore.ops.filling import *
from graphcore.ops.finding import *
from graphcore.ops.fourier import *
from graphcore.ops.gammas import *
from graphcore.ops.gathering import *
from graphcore.ops.histograms import *
from graphcore.ops.identities import *
from graphcore.ops.image_patches import extract_image_patches
from graphcore.ops.initializers import *
from graphcore.ops.inverses import *
from graphcore.ops.joining import *
from graphcore.ops.linalg import *
from graphcore.ops.mathematics import *
from graphcore.ops.matrix_functions import *
from graphcore.ops.modes import *
from graphcore.ops.norms import *
from graphcore.ops.numerics import *
from graphcore.ops.ordering import *
from graphcore.ops.padding import *
from graphcore.ops.parsing import *
from graphcore.ops.partitioners import *
from graphcore.ops.partitions import *
from graphcore.ops.positions import arg_max, arg_min, argmax, argmin
from graphcore.ops.printing import *
from graphcore.ops.py_func import *
from graphcore.ops.random import *
from graphcore.ops.random_seed import *
from graphcore.ops.rearranging import *
from graphcore.ops.reductions import *
from graphcore.ops.regular_expressions import *
from graphcore.ops.repeating import *
from graphcore.ops.reshaping import *
from graphcore.ops.scans import *
from graphcore.ops.segment_reductions import *
from graphcore.ops.segments import *
from graphcore.ops.selection import *
from graphcore.ops.sequences import *
from graphcore.ops.slicing import *
from graphcore.ops.solving import *
from graphcore.ops.space_batch import *
from graphcore.ops.space_depth import *
from graphcore.ops.sparse_arithmetic import *
from graphcore.ops.sparse_layout import *
from graphcore.ops.sparse_matmul import *
from graphcore.ops.sparse_reductions import *
from graphcore.ops.sparse_rows import *
from graphcore.ops.sparse_segments import *
from graphcore.ops.sparse_tensors import *
from graphcore.ops.special import *
from graphcore.ops.spectra import *
from graphcore.ops.splitting import *
from graphcore.ops.static_checks import *
from graphcore.ops.string_hashing import *
from graphcore.ops.string_joining import *
from graphcore.ops.string_splitting import *
from graphcore.ops.strings import *
from graphcore.ops.sums import *
from graphcore.ops.templates import *
from graphcore.ops.tensor_scatter import *
from graphcore.ops.tensordots import *
from graphcore.ops.transposing import *
from graphcore.ops.trigonometry import *
from graphcore.ops.variable_groups import *
from graphcore.ops.variable_scope import *
from graphcore.ops.variables import *
from graphcore.ops.vectors import *
from graphcore.ops.volume_patches import *
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
# Namespaces that need libraries, or graphcore itself.
_NAMESPACES = {"app", "compat", "contrib", "flags"}
# Where functions on messages are.
_ON_MESSAGES = {"make_ndarray", "make_tensor_proto"}


def __getattr__(name):
    """Protobuf messages, and what needs them or other libraries, are loaded when a program asks for one."""
    from importlib import import_module

    if name in _NAMESPACES:
        return import_module(f"graphcore.{name}")
    if name in _ON_MESSAGES:
        return getattr(import_module("graphcore.interop.tensors"), name)
    if name in _MESSAGES:
        from graphcore import proto

        return getattr(proto, name)
    raise AttributeError(f"module 'graphcore' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_MESSAGES, *_NAMESPACES, *_ON_MESSAGES})
