"""The number of BLAS threads while sessions run."""

import pytest

from graphcore.core.threads import BlasThreads


def threads():
    from threadpoolctl import threadpool_info

    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.fixture(autouse=True)
def two_threads():
    """Every library starts with two threads, whatever the machine has."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(2, user_api="blas"):
        yield


def test_the_number_holds_inside_and_comes_back():
    before = threads()
    with BlasThreads(1):
        assert threads() == [1] * len(before)
    assert threads() == before


def test_of_several_the_smallest_holds_in_any_order_of_leaving():
    before = threads()
    first, second = BlasThreads(2), BlasThreads(1)
    first.__enter__()
    second.__enter__()
    assert threads() == [1] * len(before)
    first.__exit__(None, None, None)
    assert threads() == [1] * len(before)
    second.__exit__(None, None, None)
    assert threads() == before


def test_it_comes_back_after_an_error():
    before = threads()
    with pytest.raises(KeyError), BlasThreads(1):
        raise KeyError
    assert threads() == before
