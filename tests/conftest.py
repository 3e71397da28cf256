"""What every test gets: a fresh default graph, repeatable random cases, figures drawn without a screen."""

import os

import pytest
from hypothesis import settings

# Processes that share the tests share the cores: BLAS threads that wait for one another would take them from the other processes.
if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)) > 1:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy reads it when it is first imported

from graphcore.core.scopes import get_default_graph, reset_default_graph

# Before anything imports matplotlib.
os.environ.setdefault("MPLBACKEND", "Agg")
# Who mends a failing test needs the package's own frames too.
os.environ.setdefault("GRAPHCORE_TRACEBACK", "full")
# A slow machine is no bug, and a red run must be red again tomorrow.
settings.register_profile("graphcore", deadline=None, derandomize=True)
settings.load_profile("graphcore")


def pytest_collection_modifyitems(config, items):
    """The larger rounds run only where they are asked for, whatever else the expression after ``-m`` says; the slow begin first."""
    if "long" not in (config.option.markexpr or ""):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def fresh_graph():
    """An empty default graph before the test; after it, an error if the test left a graph or session entered."""
    reset_default_graph()
    yield get_default_graph()
    reset_default_graph()
