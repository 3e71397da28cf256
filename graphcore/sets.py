"""``tf.sets``: sets as rows of dense and sparse tensors."""

# ruff: noqa: F401
from graphcore.ops.set_operations import set_difference, set_intersection, set_size, set_union
from graphcore.ops.set_operations import set_difference as difference
from graphcore.ops.set_operations import set_intersection as intersection
from graphcore.ops.set_operations import set_size as size
from graphcore.ops.set_operations import set_union as union
