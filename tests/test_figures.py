"""The benchmarks page: the table and the chart say what the file of results says."""

import json
import re
import sys

import pytest

from tests.sources import ROOT

sys.path.append(str(ROOT / "docs"))

RESULTS = {
    "rounds": 5, "backends": ["tensorflow.compat.v1", "graphcore"], "versions": {"tensorflow.compat.v1": "1.15.5"},
    "machine": {"system": "Linux", "processor": "a processor", "cpus": 2},
    "results": {
        "run_overhead/scalar": {"unit": "us", "backends": {
            "tensorflow.compat.v1": {"value": {"step": 1.2e-4}}, "graphcore": {"value": {"step": 1.5e-6}, "ratio": {"step": 80.0}}}},
        "gemm/1024": {"unit": "ms", "backends": {
            "tensorflow.compat.v1": {"value": {"step": 0.0191}}, "graphcore": {"value": {"step": 0.0382}, "ratio": {"step": 0.5}}}},
        "cold_start/full": {"unit": "ms", "backends": {
            "tensorflow.compat.v1": {"value": {"rss_mb": 202.4}}, "graphcore": {"value": {"rss_mb": 25.0}, "ratio": {"rss_mb": 8.1}}}},
        "mlp/256_sgd": {"unit": "ms", "backends": {"tensorflow.compat.v1": {"error": "no memory"}, "graphcore": {"value": {"step": 1.0}}}},
    },
}


@pytest.fixture
def rows():
    import figures

    return figures.rows_of(RESULTS)


def test_the_table(rows):
    import figures

    lines = figures.table(RESULTS, rows).splitlines()
    assert lines[0] == "Medians of 5 interleaved rounds. Linux, a processor, 2 logical CPUs. TensorFlow 1.15.5."
    assert lines[4:] == [
        "| run_overhead/scalar | 120 µs | 1.5 µs | 80.0× | 60× |  |",
        "| gemm/1024 | 19.1 ms | 38.2 ms | 0.50× | 1.0× | not reached |",
        "| cold_start/full.rss_mb | 202 MB | 25 MB | 8.10× | 6× |  |",
        "| mlp/256_sgd |  | 1 s |  | 1.4× |  |"]


def test_the_table_of_all_that_can_be_measured():
    import figures

    backends = {"TensorFlow 1": {"value": {"step": 6e-3}}, "graphcore": {"value": {"step": 1.5e-3}, "ratio": {"step": 4.0}},
                "TensorFlow 2": {"value": {"step": 3e-3}}, "plain": {"value": {"step": 9e-3}}, "numpy": {"value": {"step": 2e-3}},
                "numba": {"value": {"step": 1e-3}}}
    results = {"rounds": 5, "backends": list(backends), "versions": {"TensorFlow 1": "1.15.5", "TensorFlow 2": "2.21.0"},
               "results": {"mlp/256_sgd": {"unit": "us", "backends": backends}, "saver/save": {"unit": "ms", "backends": {
                   name: backends[name] for name in ("TensorFlow 1", "graphcore")}}},
               "one_thread": {"mlp/256_sgd": {"unit": "us", "backends": {"graphcore": {"ratio": {"step": 1.25}}}}}}
    assert figures.table(results, figures.rows_of(results)).splitlines() == [
        "Medians of 5 interleaved rounds. TensorFlow 1.15.5 and 2.21.0.", "",
        "| program | TensorFlow | graphcore | ratio | goal | | TensorFlow 2 | one thread | by hand | interpreter |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |",
        "| mlp/256_sgd | 6 ms | 1.5 ms | 4.00× | 1.4× |  | 2.00× | 1.25× | 1 ms | 9 ms |",
        "| saver/save | 6 ms | 1.5 ms | 4.00× |  |  |  |  |  |  |"]


def test_the_chart(rows):
    import figures

    text = figures.chart(rows)
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', text)]
    # On a logarithmic axis, 80 is as many times as long as 1 / 2 as their logarithms are.
    assert widths[0] / widths[1] == pytest.approx(6.3219, rel=0.01)
    assert text.count('stroke="#333344"') == 3 and text.count(figures._SHORT) == 1


def test_what_is_committed_has_rows_whose_goals_are_known():
    import figures

    results = json.loads(figures.RESULTS.read_text(encoding="utf-8"))
    rows = figures.rows_of(results)
    assert rows and {row.label for row in rows if row.goal is not None} <= set(figures.GOALS)
    assert all(row.ours > 0 and (row.ratio is None or row.theirs > 0 and row.ratio > 0) for row in rows)
