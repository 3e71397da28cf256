"""``tf.sparse``: sparse tensors under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.core.sparse import SparseTensor
from graphcore.ops.sparse_arithmetic import sparse_add as add
from graphcore.ops.sparse_arithmetic import sparse_maximum as maximum
from graphcore.ops.sparse_arithmetic import sparse_minimum as minimum
from graphcore.ops.sparse_crosses import sparse_cross as cross
from graphcore.ops.sparse_crosses import sparse_cross_hashed as cross_hashed
from graphcore.ops.sparse_layout import sparse_concat as concat
from graphcore.ops.sparse_layout import sparse_expand_dims as expand_dims
from graphcore.ops.sparse_layout import sparse_reorder as reorder
from graphcore.ops.sparse_layout import sparse_reshape as reshape
from graphcore.ops.sparse_layout import sparse_slice as slice
from graphcore.ops.sparse_layout import sparse_split as split
from graphcore.ops.sparse_layout import sparse_transpose as transpose
from graphcore.ops.sparse_matmul import sparse_tensor_dense_matmul as matmul
from graphcore.ops.sparse_matmul import sparse_tensor_dense_matmul as sparse_dense_matmul
from graphcore.ops.sparse_reductions import sparse_reduce_max as reduce_max
from graphcore.ops.sparse_reductions import sparse_reduce_max_sparse as reduce_max_sparse
from graphcore.ops.sparse_reductions import sparse_reduce_sum as reduce_sum
from graphcore.ops.sparse_reductions import sparse_reduce_sum_sparse as reduce_sum_sparse
from graphcore.ops.sparse_reductions import sparse_softmax as softmax
from graphcore.ops.sparse_rows import from_dense
from graphcore.ops.sparse_rows import sparse_eye as eye
from graphcore.ops.sparse_rows import sparse_fill_empty_rows as fill_empty_rows
from graphcore.ops.sparse_rows import sparse_mask as mask
from graphcore.ops.sparse_rows import sparse_merge as merge
from graphcore.ops.sparse_rows import sparse_reset_shape as reset_shape
from graphcore.ops.sparse_rows import sparse_retain as retain
from graphcore.ops.sparse_rows import sparse_to_indicator as to_indicator
from graphcore.ops.sparse_segments import sparse_segment_mean as segment_mean
from graphcore.ops.sparse_segments import sparse_segment_sqrt_n as segment_sqrt_n
from graphcore.ops.sparse_segments import sparse_segment_sum as segment_sum
from graphcore.ops.sparse_tensors import sparse_placeholder as placeholder
from graphcore.ops.sparse_tensors import sparse_tensor_to_dense as to_dense
