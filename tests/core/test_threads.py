"""The number of BLAS threads while sessions run."""

import os
import subprocess
import sys

import pytest

from graphcore.core.threads import BlasThreads
from tests.sources import ROOT


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


LATE = """
import graphcore as tf
from graphcore.core.threads import BlasThreads
from threadpoolctl import threadpool_info, threadpool_limits

def threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

threadpool_limits(2, user_api="blas")
with BlasThreads(1):
    import scipy.linalg, scipy.special
    threadpool_limits(2, user_api="blas")
    with BlasThreads(1):
        print(set(threads()))
print(set(threads()))
"""


def test_a_library_that_is_loaded_later_is_limited_as_well():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", LATE], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("{1}\n{2}\n", "")


def test_it_comes_back_after_an_error():
    before = threads()
    with pytest.raises(KeyError), BlasThreads(1):
        raise KeyError
    assert threads() == before
