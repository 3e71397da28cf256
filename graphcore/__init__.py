"""TensorFlow 1.x graph mode on today's Python: ``import graphcore as tf``."""

from graphcore import _neighbours

_neighbours.install()

from graphcore.core.dtypes import *  # noqa: E402,F403
from graphcore.core.dtypes import DType, as_dtype  # noqa: E402,F401
from graphcore.core.graph import Graph  # noqa: E402,F401
from graphcore.core.node import Operation, Tensor  # noqa: E402,F401
from graphcore.core.scopes import get_default_graph, get_default_session, name_scope, reset_default_graph  # noqa: E402,F401
from graphcore.ops.constants import constant, placeholder, placeholder_with_default  # noqa: E402,F401
from graphcore.ops.elementwise import *  # noqa: E402,F403
from graphcore.session.session import InteractiveSession, Session  # noqa: E402,F401
