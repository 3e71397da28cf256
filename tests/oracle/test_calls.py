"""Every call of the tables gives what TF 1.15 gave: values, dtypes, static shapes, gradients, or the error."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import call_table

import graphcore as tf
from tests import call_count

CALLS = {}
for family in call_table.families():
    for call in call_table.load(family):
        CALLS.setdefault((family, call.function), []).append(call)
GOLDENS = {family: call_table.goldens(family) for family in call_table.families()}


@pytest.mark.parametrize("family, function", list(CALLS))
def test_answers_as_tensorflow_does(family, function):
    found = []
    for call in CALLS[family, function]:
        lines = call_table.differences(call, GOLDENS[family][call.text], tf)
        found += [call.text] * bool(lines) + ["    " + line for line in lines]
    assert not found, "\n".join(["differs from TensorFlow 1.15:"] + found)


def test_every_call_is_recorded_and_every_recording_has_its_call():
    written = {family: [call.text for call in call_table.load(family)] for family in GOLDENS}
    assert {family: set(texts) for family, texts in written.items()} == {family: set(answers) for family, answers in GOLDENS.items()}


def test_every_numerical_function_is_recorded_with_three_argument_sets():
    assert {name: count for name, count in call_count.counts().items() if count < call_count.ENOUGH} == {}
