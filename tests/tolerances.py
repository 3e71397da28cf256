"""How close is equal: `assert_close` and `assert_same`, with tolerances per dtype."""

import numpy as np

# Relative and absolute, each some units in the last place of values near 1: enough for another order of
# summation, far too little for a calculation made in a shorter type.
TOLERANCES = {
    "float16": (2e-3, 2e-3),
    "bfloat16": (2e-2, 2e-2),
    "float32": (2e-6, 2e-6),
    "float64": (1e-12, 1e-12),
    "complex64": (2e-6, 2e-6),
    "complex128": (1e-12, 1e-12),
}


def assert_close(expected, actual, *, scale: float = 1.0) -> None:
    """Check shape, and values within `scale` times the tolerance of the dtype of `actual`; NaN equals NaN."""
    actual = np.asarray(actual)
    expected = np.asarray(expected)
    assert expected.shape == actual.shape, f"expected shape {expected.shape}, got {actual.shape}"
    relative, absolute = TOLERANCES.get(actual.dtype.name, (0.0, 0.0))
    if actual.dtype.name == "bfloat16":
        actual, expected = actual.astype(np.float32), expected.astype(np.float32)
    np.testing.assert_allclose(actual, expected, rtol=relative * scale, atol=absolute * scale)


def assert_same(expected: np.ndarray, actual: np.ndarray) -> None:
    """Check dtype, shape and every bit: -0.0 is not 0.0, and NaN is the NaN with the same payload."""
    expected, actual = np.asarray(expected), np.asarray(actual)
    assert expected.dtype == actual.dtype, f"expected {expected.dtype}, got {actual.dtype}"
    assert expected.shape == actual.shape, f"expected shape {expected.shape}, got {actual.shape}"
    if expected.dtype.hasobject:
        assert expected.tolist() == actual.tolist()
        return
    if expected.tobytes() != actual.tobytes():
        np.testing.assert_array_equal(actual, expected)
        raise AssertionError(f"equal values with different bits (signed zeros or NaN):\n{expected!r}\n{actual!r}")
