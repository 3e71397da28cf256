"""``tf.manip``: moving the elements of a tensor."""

# ruff: noqa: F401
from graphcore.ops.gathering import gather_nd, scatter_nd
from graphcore.ops.rearranging import roll
from graphcore.ops.reshaping import reshape
from graphcore.ops.space_batch import batch_to_space_nd, space_to_batch_nd
from graphcore.ops.transposing import reverse, tile
