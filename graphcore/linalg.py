"""``tf.linalg``: matrices under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.decompositions import matrix_triangular_solve as triangular_solve
from graphcore.ops.decompositions import qr
from graphcore.ops.diagonals import (
    diag as tensor_diag,
)
from graphcore.ops.diagonals import (
    diag_part as tensor_diag_part,
)
from graphcore.ops.diagonals import (
    eye,
)
from graphcore.ops.diagonals import (
    matrix_band_part as band_part,
)
from graphcore.ops.diagonals import (
    matrix_diag as diag,
)
from graphcore.ops.diagonals import (
    matrix_diag_part as diag_part,
)
from graphcore.ops.diagonals import (
    matrix_set_diag as set_diag,
)
from graphcore.ops.einsums import einsum
from graphcore.ops.inverses import cholesky, logdet
from graphcore.ops.inverses import log_matrix_determinant as slogdet
from graphcore.ops.inverses import matrix_determinant as det
from graphcore.ops.inverses import matrix_inverse as inv
from graphcore.ops.linalg import adjoint, matmul, matrix_transpose, matvec, trace
from graphcore.ops.linalg import matrix_transpose as transpose
from graphcore.ops.matrix_functions import expm, logm, lu, sqrtm
from graphcore.ops.norms import global_norm, l2_normalize, norm
from graphcore.ops.pseudo_inverses import matrix_rank, normalize, pinv
from graphcore.ops.solving import cholesky_solve
from graphcore.ops.solving import matrix_solve as solve
from graphcore.ops.solving import matrix_solve_ls as lstsq
from graphcore.ops.spectra import self_adjoint_eig as eigh
from graphcore.ops.spectra import self_adjoint_eigvals as eigvalsh
from graphcore.ops.spectra import svd
from graphcore.ops.tensordots import tensordot
from graphcore.ops.tridiagonal import tridiagonal_matmul, tridiagonal_solve
from graphcore.ops.vectors import cross
