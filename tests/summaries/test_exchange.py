"""Event files go both ways: ours hold what TensorFlow's hold, its recorded files are read here, and its readers read ours."""

import json
import os
import subprocess
import sys

import pytest

import graphcore as tf
from tests.sources import ROOT

sys.path.append(str(ROOT / "tests" / "oracle"))

import event_files

FILES = sorted(ROOT.glob("tests/summaries/data/events.out.tfevents.*"))
EXPECTED = json.loads((ROOT / "tests/summaries/data/contents.json").read_text(encoding="utf-8"))
# Interpreters that have a TensorFlow, separated as in PATH.
INTERPRETERS = [each for each in os.environ.get("TF_PYTHON", "").split(os.pathsep) if each]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_tensorflows_files_are_read(path):
    assert event_files.contents(tf, str(path)) == EXPECTED


def test_files_of_two_tensorflows_are_kept():
    assert [path.name.removeprefix("events.out.tfevents.") for path in FILES] == ["1.15.5", "2.21.0"]


def test_our_file_has_what_tensorflows_have(tmp_path):
    assert event_files.contents(tf, event_files.write(tf, str(tmp_path))) == EXPECTED


def test_recorded_graph_can_be_imported_and_run():
    # That of 2.21 has attributes that no 1.15 knows.
    graph_def, = [event.graph_def for event in tf.train.summary_iterator(FILES[0]) if event.WhichOneof("what") == "graph_def"]
    y, initialize = tf.import_graph_def(tf.GraphDef.FromString(graph_def), name="", return_elements=["layer/y:0", "init"])
    with tf.Session() as session:
        session.run(initialize)
        assert session.run(y, {"x:0": event_files.FEED}).tolist() == [[0.0], [1.25]]


@pytest.mark.skipif(not INTERPRETERS, reason="needs TF_PYTHON: interpreters that have TensorFlow 1.15 or later, separated as in PATH")
@pytest.mark.parametrize("interpreter", INTERPRETERS or ["none"])
def test_tensorflow_reads_our_file(tmp_path, interpreter):
    path = event_files.write(tf, str(tmp_path))
    done = subprocess.run([interpreter, event_files.__file__, "read", path], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == EXPECTED
