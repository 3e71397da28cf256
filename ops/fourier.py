"""Discrete Fourier transforms over the last axes of tensors."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import COMPLEX, complex64, float32, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape, with_rank, with_rank_at_least
from graphcore.ops import arrays, casting, complex_numbers, reductions
from graphcore.ops.kernels import matrices


class _Transform(Op, abstract=True):
    """What the transforms of complex tensors share; ``axes`` is how many of the last axes are transformed."""

    axes = 1
    inverse = False

    def infer(node):
        with_rank_at_least(node.input.shape.sizes, node.op.definition.axes)
        return node.input.shape
