"""The compiled tally finds each number's bucket without a search: every limit, and what is beside it, is counted right."""

import numpy as np
import pytest

from graphcore.ops.kernels.tallies import default_bucket_limits, tally
from tests.ops.compiled_forms import form_of

EXTREMES = [0.0, -0.0, 5e-324, -5e-324, np.finfo(np.float64).max, np.finfo(np.float64).min]


def beside_limits(dtype):
    """Every limit, the numbers of the dtype next to it, extremes, and numbers of all sizes."""
    random = np.random.default_rng(7)
    sizes = random.normal(size=5000) * 10.0 ** random.uniform(-40, 37, 5000)
    with np.errstate(over="ignore"):
        limits = np.array([*default_bucket_limits(), *EXTREMES]).astype(dtype)
        numbers = np.concatenate([limits, np.nextafter(limits, dtype(-np.inf)), np.nextafter(limits, dtype(np.inf)), sizes.astype(dtype)])
    return random.permutation(numbers[np.isfinite(numbers)])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_number_is_in_the_bucket_that_a_search_finds(dtype):
    numbers, limits = beside_limits(dtype), default_bucket_limits()
    places = np.minimum(np.searchsorted(limits, numbers.astype(np.float64), side="right"), limits.size - 1)
    expected = np.bincount(places, minlength=limits.size)
    form = form_of(tally, dtype)
    np.testing.assert_array_equal(form(numbers)[2], expected)
    np.testing.assert_array_equal(tally.plain(numbers)[2], expected)
    for number, place in zip(numbers[::50], places[::50], strict=True):  # one at a time no two faults cancel
        assert np.flatnonzero(form(np.array([number]))[2]).tolist() == [place], number


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_forms_tell_the_same(dtype):
    numbers = np.random.default_rng(5).normal(scale=1e4, size=(3, 20_001)).astype(dtype)
    for values in (numbers, numbers[:, ::3], numbers.T, numbers[0, 0]):
        for plain, compiled in zip(tally.plain(values), form_of(tally, dtype)(values), strict=True):
            np.testing.assert_array_equal(plain, compiled)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_left_to_numpy(dtype, number):
    numbers = np.array([1.0, number, 2.0], dtype)
    assert form_of(tally, dtype)(numbers) is NotImplemented
    assert not np.isfinite(tally.plain(numbers)[:2]).all()
