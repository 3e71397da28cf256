"""The element-wise functions and the operators of Tensor, gathered from the modules that define them."""

from graphcore.ops import operators  # noqa: F401  (attaches the operators)
from graphcore.ops.arithmetic import *  # noqa: F403
from graphcore.ops.casting import *  # noqa: F403
from graphcore.ops.comparison import *  # noqa: F403
from graphcore.ops.complex_numbers import *  # noqa: F403
from graphcore.ops.division import *  # noqa: F403
from graphcore.ops.mathematics import *  # noqa: F403
from graphcore.ops.selection import *  # noqa: F403
from graphcore.ops.special import *  # noqa: F403
from graphcore.ops.sums import *  # noqa: F403
from graphcore.ops.trigonometry import *  # noqa: F403
