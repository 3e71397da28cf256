"""``tf.initializers``: initial values of variables under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.initializers import NAMESPACE as _NAMESPACE
from graphcore.ops.variable_groups import global_variables_initializer as global_variables
from graphcore.ops.variable_groups import local_variables_initializer as local_variables
from graphcore.ops.variable_groups import variables_initializer as variables

globals().update(_NAMESPACE)
