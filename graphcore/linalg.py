"""``tf.linalg``: matrices under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.decompositions import matrix_triangular_solve as triangular_solve, qr
from graphcore.ops.diagonals import (
    diag as tensor_diag, diag_part as tensor_diag_part, eye, matrix_band_part as band_part, matrix_diag as diag,
    matrix_diag_part as diag_part, matrix_set_diag as set_diag,
)
from graphcore.ops.einsums import einsum
from graphcore.ops.linalg import matmul, matrix_transpose, matrix_transpose as transpose, trace
from graphcore.ops.norms import global_norm, l2_normalize, norm
from graphcore.ops.tensordots import tensordot
