"""`python -m graphcore`: commands, what they print, exit codes, and what goes wrong."""

import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

import graphcore as tf
from graphcore.__main__ import main
from tests.sources import ROOT


@pytest.fixture
def logs(tmp_path):
    """A directory with two runs: one with a graph and several kinds of values, one with a step that goes back."""
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    with tf.name_scope("scope"):
        tf.reduce_sum(x, name="total")
    with tf.summary.FileWriter(tmp_path / "logs" / "first", tf.get_default_graph()) as writer:
        text = tf.Summary.Value(tag="note", metadata=tf.SummaryMetadata(plugin_data={"plugin_name": "text"}), tensor={"dtype": 7})
        writer.add_summary(tf.Summary(value=[text]), 3)
        writer.add_summary(tf.Summary(value=[text]), 4)
        writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="spread", histo=tf.HistogramProto(num=1))]), 1)
        writer.add_run_metadata(tf.RunMetadata(), "slow step", 7)
        writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 1)
    with tf.summary.FileWriter(tmp_path / "logs" / "second") as writer:
        for step in (0, 10, 5, 1000):
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=step)]), step)
    return tmp_path / "logs"


def run(*arguments, **options):
    """Run the command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "graphcore", *arguments], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, **options)


def exit_code(*arguments):
    """The exit code of a command in this process."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as ended:
        return ended.code


def test_help_lists_the_commands(capsys):
    assert exit_code() == exit_code("--help") == 0
    printed = capsys.readouterr().out
    for command in ("demo", "inspect", "graph", "version"):
        assert f"\n  {command} " in printed


def test_unknown_command():
    done = run("inspekt", "logs")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no command 'inspekt'" in done.stderr and "usage: python -m graphcore" in done.stderr


# ---------------------------------------------------------------- inspect
def test_inspect(logs):
    done = run("inspect", str(logs))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{logs / 'first'}: 1 file, 8 events",
        "  graph                          1  step 0",
        "  histograms    spread           1  step 1",
        "  meta graph                     1  step 0",
        "  run metadata  slow step        1  step 7",
        "  session log   start            1  step 1",
        "  text          note             2  steps 3 to 4",
        f"{logs / 'second'}: 1 file, 5 events",
        "  scalars       loss        4  steps 0 to 1000, 1 times a smaller step than before",
    ]


def test_inspect_agrees_with_tensorboard(logs, capsys):
    from tensorboard.backend.event_processing import event_file_inspector

    theirs, = event_file_inspector.get_inspection_units(logdir=str(logs / "second"))
    steps = event_file_inspector.get_dict_to_print(theirs.field_to_obs)["scalars"]
    capsys.readouterr()    # TensorBoard's own words
    assert exit_code("inspect", logs / "second") == 0
    assert capsys.readouterr().out.splitlines()[1].split(None, 2)[2] == (
        f"{steps['num_steps']}  steps {steps['min_step']} to {steps['max_step']}, "
        f"{len(steps['outoforder_steps'])} times a smaller step than before")


def test_inspect_tells_of_damage(logs, capsys):
    path, = (logs / "second").iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert exit_code("inspect", path) == 1
    printed = capsys.readouterr()
    assert "loss        3  steps 0 to 10" in printed.out
    assert f"damaged, read up to there: {path}: truncated record at " in printed.err


def test_inspect_without_logs(tmp_path, capsys):
    assert exit_code("inspect", tmp_path / "missing") == exit_code("inspect", tmp_path) == 1
    assert "there is no " in (told := capsys.readouterr().err) and "no event files (*tfevents*)" in told
    assert exit_code("inspect") == 2


def test_reader_that_has_enough(logs):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as closed:
        done = subprocess.run([sys.executable, "-m", "graphcore", "inspect", str(logs)], stdout=closed, stderr=subprocess.PIPE, timeout=60,
                              env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stderr) == (1, b"")


# ---------------------------------------------------------------- graph
def names_in(path):
    return {"".join(element.itertext()) for element in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize("kind", ["logs", "pb", "pbtxt", "meta"])
def test_graph(logs, tmp_path, kind):
    graph_def, source = tf.get_default_graph().as_graph_def(add_shapes=True), tmp_path / f"saved.{kind}"
    if kind == "pbtxt":
        source.write_text(str(graph_def))
    elif kind == "pb":
        source.write_bytes(graph_def.SerializeToString())
    elif kind == "meta":
        source.write_bytes(tf.MetaGraphDef(graph_def=graph_def).SerializeToString())
    picture = tmp_path / "out.svg"
    assert exit_code("graph", logs if kind == "logs" else source, "--svg", picture) == 0
    assert {"x", "Placeholder", "scope", "total", "?×3"} <= names_in(picture)


@pytest.mark.parametrize("version", ["1.15.5", "2.21.0"])
def test_graph_in_a_file_of_tensorflows(tmp_path, version):
    source = ROOT / "tests" / "summaries" / "data" / f"events.out.tfevents.{version}"
    assert exit_code("graph", source, "--svg", tmp_path / "out.svg") == 0
    assert {"x", "layer", "y", "?×2"} <= names_in(tmp_path / "out.svg")


def test_graph_of_one_scope(logs, tmp_path, capsys):
    assert exit_code("graph", logs, "--svg", tmp_path / "out.svg", "--scope", "scope") == 0
    assert "Placeholder" not in names_in(tmp_path / "out.svg")
    assert exit_code("graph", logs, "--svg", "-", "--scope", "scoop") == 1
    assert "no name scope 'scoop'; outermost ones are scope" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "content", "text"), [
    ("a.pb", b"\xff\xff", "is no GraphDef"), ("a.pb", b"", "has no nodes"), ("a.pbtxt", b"node { nme: 'a' }", "is no GraphDef as text"),
    ("a.pbtxt", b"\xff", "is no GraphDef as text"),
    ("a.meta", b"", "is it a MetaGraphDef"), ("tfevents", b"", "no graph in the event files")])
def test_files_without_a_graph(tmp_path, capsys, name, content, text):
    (tmp_path / name).write_bytes(content)
    assert exit_code("graph", tmp_path / name, "--svg", "-") == 1
    assert text in capsys.readouterr().err


def test_graph_files_that_cannot_be(logs, tmp_path, capsys):
    assert exit_code("graph", tmp_path / "missing.pb", "--svg", "-") == 1
    assert exit_code("graph", logs, "--svg", tmp_path / "missing" / "out.svg") == 1
    assert capsys.readouterr().err.count("No such file") == 2
    assert exit_code("graph", logs) == exit_code("graph", logs, "--svg", "-", "--most", "none") == 2


# ---------------------------------------------------------------- version
def test_version_has_the_facts_of_a_bug_report(monkeypatch, capsys):
    monkeypatch.setenv("GRAPHCORE_JIT", "off")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")  # a name as wide as the column
    assert exit_code("version") == 0
    found = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert "TensorFlow 1.15.5" in found["graphcore"]
    assert (found["GRAPHCORE_JIT"], found["OPENBLAS_NUM_THREADS"]) == ("off", "3")
    import numpy

    assert found["numpy"] == numpy.__version__
    assert {"Python", "system", "processor", "numba", "protobuf", "tensorboard", "BLAS"} <= set(found)
    assert exit_code("version", "--all") == 2
