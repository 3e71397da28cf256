"""Random graphs of the element-wise, reduction and array families give TF 1.15's values, gradients and errors, however they run."""
import json
import os
import sys

import numpy as np
import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import random_graphs

import graphcore as tf
from graphcore.core import flags

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "random_graphs.json"), encoding="utf-8") as recorded:
    GOLDEN = json.load(recorded)
# Of an element, and of the largest element there is or of 1: a graph is up to nine ops deep, and its sums may cancel.
RTOL = {"float32": 4e-6, "float64": 1e-12}
# Graphs in which an op fails of which only the shape is wanted: a plan made for the shapes that are fed leaves the op out.
LEFT_OUT = {317}
GROUP = 20
EVERY = range(0, len(GOLDEN), GROUP)


def differences(number, tier, runs):
    wanted = GOLDEN[str(number)]
    with flags.jit.set(tier):
        dtypes, values = random_graphs.results(tf, number, runs)
    if len(values) != len(wanted):
        return ["%d: %d values, TF has %d" % (number, len(values), len(wanted))]
    return ["%d, value %d: %s %s" % (number, place, dtype, text) for place, (dtype, value, want) in enumerate(zip(dtypes, values, wanted))
            for text in [difference(dtype, value, want)] if text]


def difference(dtype, value, want):
    if isinstance(want, str) or isinstance(value, str):
        return None if isinstance(value, str) and value == want else "%s, TF gives %s" % (value, want)
    if [dtype, list(value.shape)] != want[:2] or value.dtype.name != dtype:
        return "%s%s, TF gives %s%s" % (value.dtype, list(value.shape), want[0], want[1])
    flat = value.ravel()
    kept, expected = flat[::max(1, -(-flat.size // random_graphs.MOST_KEPT))], np.array(want[2], dtype)
    if dtype not in RTOL:
        return None if np.array_equal(kept, expected) else "%s, TF gives %s" % (kept, expected)
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=1.0)
    close = np.isclose(kept, expected, rtol=RTOL[dtype], atol=RTOL[dtype] * scale, equal_nan=True)
    return None if close.all() else "%s, TF gives %s" % (kept, expected)


@pytest.mark.parametrize("first", EVERY)
@pytest.mark.parametrize(("tier", "runs"), [("off", 1), ("lazy", 3)], ids=["interpreted", "straight-line code"])
def test_random_graphs_give_tensorflows_values(first, tier, runs):
    found = [line for number in range(first, first + GROUP) for line in differences(number, tier, runs)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("number", range(0, len(GOLDEN), 25))
def test_some_random_graphs_give_tensorflows_values_compiled(number):
    assert not differences(number, "eager", 2)


@pytest.mark.long
@pytest.mark.parametrize("first", EVERY)
def test_all_random_graphs_give_tensorflows_values_compiled(first):
    found = [line for number in range(first, first + GROUP) if number not in LEFT_OUT for line in differences(number, "eager", 2)]
    assert not found, "\n".join(found)
