"""Every oracle program, run on graphcore, gives what TF 1.15 gave."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import catalog
import replay

import graphcore as tf

# "subject.program": why graphcore differs on purpose. Each reason belongs in the README's list of exceptions.
KNOWN_DIFFERENCES = {}

PROGRAMS = {f"{subject}.{program.name}": program for subject in catalog.subjects() for program in catalog.load(subject)}
GOLDENS = {f"{subject}.{name}": answer for subject in catalog.subjects()
           for name, answer in replay.goldens(subject).items()}


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_answers_as_tensorflow_does(name):
    if name in KNOWN_DIFFERENCES:
        pytest.xfail(KNOWN_DIFFERENCES[name])
    found = replay.differences(PROGRAMS[name], GOLDENS[name], tf)
    assert not found, "\n".join([f"{name} differs from TensorFlow 1.15:"] + found)


def test_every_program_is_recorded_and_every_recording_has_its_program():
    assert set(PROGRAMS) == set(GOLDENS)


def test_at_least_forty_graphs_are_recorded():
    assert sum("graph" in answer for answer in GOLDENS.values()) >= 40


def test_known_differences_name_programs():
    assert set(KNOWN_DIFFERENCES) <= set(PROGRAMS)
