"""Random numbers from compiled kernels have NumPy's bits, whatever the size, the counter and the number of threads."""

import numpy as np
import pytest

from graphcore.core import flags
from graphcore.ops.kernels import philox, rng
from tests.ops.compiled_forms import form_of, with_threads
from tests.tolerances import assert_same

COUNTERS = pytest.mark.parametrize("counter", [0, 7 << 64, (1 << 64) - 3, (1 << 128) - 5, 0x123456789ABCDEF0FEDCBA9876543210])
KEYS = pytest.mark.parametrize("key", [0, 87654321, (1 << 64) - 1])
FILLS = pytest.mark.parametrize("fill", [rng.fill_uniform, rng.fill_normal, rng.fill_truncated_normal], ids=lambda f: f.__name__)


@COUNTERS
@KEYS
def test_blocks_are_numpys(counter, key):
    offsets = np.array([*range(40), 1 << 40, (1 << 64) - 1], np.uint64)
    assert_same(philox.blocks_at.plain(offsets, key, counter), form_of(philox.blocks_at, np.uint64)(offsets, key, counter))


@FILLS
@COUNTERS
@KEYS
@pytest.mark.parametrize("size", [1, 3, 4, 1001])
def test_values_are_numpys(fill, counter, key, size):
    expected, values = np.empty(size, np.float32), np.empty(size, np.float32)
    fill.plain(expected, key, counter)
    form_of(fill, np.float32)(values, key, counter)
    assert_same(expected, values)


@FILLS
def test_a_million_values_are_numpys(fill):
    expected, values = np.empty(1_000_000, np.float32), np.empty(1_000_000, np.float32)
    fill.plain(expected, 42, 9 << 64)
    form_of(fill, np.float32)(values, 42, 9 << 64)
    assert_same(expected, values)


@FILLS
def test_bits_do_not_depend_on_the_number_of_threads(fill, monkeypatch):
    alone, three = np.empty(9999, np.float32), np.empty(9999, np.float32)
    with_threads(form_of(fill, np.float32), 1, monkeypatch, alone, 5, 11)
    with_threads(form_of(fill, np.float32), 3, monkeypatch, three, 5, 11)
    assert_same(alone, three)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("draw", [rng.random_uniform, rng.random_standard_normal, rng.truncated_normal], ids=lambda f: f.__name__)
def test_tiers_agree_for_every_dtype(draw, dtype):
    with flags.jit.set("off"):
        expected = draw(rng.PhiloxState(3, 4), (33, 31), dtype)
    with flags.jit.set("eager"):
        assert_same(expected, draw(rng.PhiloxState(3, 4), (33, 31), dtype))
