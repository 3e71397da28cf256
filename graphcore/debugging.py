"""``tf.debugging``: assertions and numeric checks under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.checks import (
    Assert,
    assert_equal,
    assert_greater,
    assert_greater_equal,
    assert_less,
    assert_less_equal,
    assert_near,
    assert_negative,
    assert_non_negative,
    assert_non_positive,
    assert_none_equal,
    assert_positive,
    is_non_decreasing,
    is_numeric_tensor,
    is_strictly_increasing,
)
from graphcore.ops.comparison import is_finite, is_inf, is_nan
from graphcore.ops.numerics import check_numerics
from graphcore.ops.numerics import verify_tensor_all_finite as assert_all_finite
from graphcore.ops.static_checks import (
    assert_integer,
    assert_proper_iterable,
    assert_rank,
    assert_rank_at_least,
    assert_rank_in,
    assert_same_float_dtype,
    assert_scalar,
    assert_type,
)
