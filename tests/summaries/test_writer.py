"""FileWriter: what arrives in the files, as TensorBoard's own reader sees it, and what happens when it cannot."""

import contextlib
import gc
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import tracemalloc

import numpy as np
import pytest
from google.protobuf.message import DecodeError, EncodeError

import graphcore as tf
from graphcore import proto
from graphcore.core import errors
from graphcore.summaries import event_file
from graphcore.summaries import writer as writer_module
from graphcore.summaries.protos import histogram_summary, scalar_summary
from graphcore.summaries.records import read_records
from graphcore.summaries.writer import FileWriter, FileWriterCache


class SmallGraph:
    """Stands for a Graph: gives a GraphDef of one node."""

    def as_graph_def(self, add_shapes=False):
        assert add_shapes
        return proto.GraphDef(node=[proto.NodeDef(name="a", op="NoOp")])


def files(directory):
    """The event files of a directory, oldest name first."""
    return sorted(directory.glob("events.out.tfevents.*"))


def events(directory):
    """All events of a directory's files but the files' versions."""
    found = [proto.Event.FromString(record) for path in files(directory) for record in read_records(path)]
    return [event for event in found if not event.file_version]


def tag_summary(tag, description=None):
    """A Summary of one number, with metadata if there is a description."""
    summary = proto.Summary(value=[proto.Summary.Value(tag=tag, simple_value=1.0)])
    if description:
        summary.value[0].metadata.summary_description = description
    return summary


def test_name_and_version(tmp_path):
    with FileWriter(tmp_path / "deep" / "er", filename_suffix=".train") as writer:
        writer.add_summary(scalar_summary("loss", 1.0), 3)
    path, = files(tmp_path / "deep" / "er")
    assert re.fullmatch(r"events\.out\.tfevents\.\d{10}\..+\.train", path.name)
    first = proto.Event.FromString(next(read_records(path)))
    assert first.file_version == "brain.Event:2"


def test_no_events_no_file(tmp_path):
    FileWriter(tmp_path).close()
    assert files(tmp_path) == []


def test_tensorboard_reads_it(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with FileWriter(tmp_path, SmallGraph()) as writer:
        for step in range(5):
            writer.add_summary(scalar_summary("loss", step / 2), step)
        writer.add_summary(histogram_summary("weights", [1.0, -1.0, 3.0]), 4)
    accumulator = EventAccumulator(str(tmp_path)).Reload()
    assert [(each.step, each.value) for each in accumulator.Scalars("loss")] == [(step, step / 2) for step in range(5)]
    assert accumulator.Histograms("weights")[0].histogram_value.num == 3
    assert accumulator.Graph().node[0].name == "a"


def test_torn_last_record_is_tolerated_by_tensorboard(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with FileWriter(tmp_path) as writer:
        for step in range(3):
            writer.add_summary(scalar_summary("loss", 1.0), step)
    path, = files(tmp_path)
    path.write_bytes(path.read_bytes()[:-7])
    assert [each.step for each in EventAccumulator(str(tmp_path)).Reload().Scalars("loss")] == [0, 1]
    with pytest.raises(errors.DataLossError):
        events(tmp_path)


def test_graph_of_the_constructor_comes_with_its_meta_graph(tmp_path):
    FileWriter(tmp_path, SmallGraph()).close()
    assert [each.WhichOneof("what") for each in events(tmp_path)] == ["graph_def", "meta_graph_def"]
    assert proto.MetaGraphDef.FromString(events(tmp_path)[1].meta_graph_def).graph_def.node[0].op == "NoOp"


def test_every_kind_of_event(tmp_path):
    with FileWriter(tmp_path) as writer:
        writer.add_event(proto.Event(step=1, wall_time=5.0))
        writer.add_session_log(proto.SessionLog(status=proto.SessionLog.START), 2)
        writer.add_graph(None, 3, graph_def=proto.GraphDef())
        writer.add_meta_graph(proto.MetaGraphDef(), 4)
        writer.add_run_metadata(proto.RunMetadata(), "run", 5)
        writer.add_summary(proto.Summary(), 6.7)
    kinds = [None, "session_log", "graph_def", "meta_graph_def", "tagged_run_metadata", "summary"]
    assert [each.WhichOneof("what") for each in events(tmp_path)] == kinds
    assert [each.step for each in events(tmp_path)] == [1, 2, 3, 4, 5, 6]
    assert events(tmp_path)[0].wall_time == 5.0


def test_metadata_is_written_once_and_the_users_message_kept(tmp_path):
    summary = tag_summary("t", "what it is")
    with FileWriter(tmp_path) as writer:
        writer.add_summary(summary, 1)
        writer.add_summary(summary, 2)
    assert [each.summary.value[0].HasField("metadata") for each in events(tmp_path)] == [True, False]
    assert summary.value[0].HasField("metadata")


def test_closed_writer_warns_and_reopens_in_a_new_file(tmp_path):
    writer = FileWriter(tmp_path)
    writer.add_summary(tag_summary("a"), 1)
    writer.close()
    writer.close()
    with pytest.warns(UserWarning, match="Attempting to use a closed FileWriter"):
        writer.add_summary(tag_summary("a"), 2)
    with pytest.warns(UserWarning, match="Attempting to use a closed FileWriter"):
        writer.flush()
    writer.reopen()
    writer.reopen()
    writer.add_summary(tag_summary("a"), 3)
    writer.close()
    assert len(files(tmp_path)) == 2
    assert [each.step for each in events(tmp_path)] == [1, 3]


def test_flush_makes_all_readable(tmp_path):
    writer = FileWriter(tmp_path, flush_secs=1000)
    for step in range(50):
        writer.add_summary(tag_summary("a"), step)
    writer.flush()
    assert len(events(tmp_path)) == 50
    writer.close()


def test_waiting_events_reach_the_disk_in_time(tmp_path):
    writer = FileWriter(tmp_path, flush_secs=0.05)
    for step in range(2):
        writer.add_summary(tag_summary("a"), step)
        end = time.monotonic() + 10
        while len(events(tmp_path)) == step and time.monotonic() < end:
            time.sleep(0.005)
        assert len(events(tmp_path)) == step + 1
    writer.close()


def test_writers_of_one_second_have_files_of_their_own(tmp_path):
    writers = [FileWriter(tmp_path) for _ in range(3)]
    for step, writer in enumerate(writers):
        writer.add_summary(tag_summary("a"), step)
        writer.close()
    assert len(files(tmp_path)) == 3
    assert len(events(tmp_path)) == 3


def test_programs_that_write_into_one_directory(tmp_path):
    program = ("import sys; from graphcore.summaries.writer import FileWriter; from graphcore import proto\n"
               "start = int(sys.argv[2])\n"
               "with FileWriter(sys.argv[1], max_queue=1) as writer:\n"
               "    for step in range(start, start + 200): writer.add_event(proto.Event(step=step))\n")
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(start)]) for start in (0, 200, 400)]
    assert [each.wait(timeout=60) for each in running] == [0, 0, 0]
    assert len(files(tmp_path)) == 3
    assert sorted(each.step for each in events(tmp_path)) == list(range(600))


def test_many_threads(tmp_path):
    with FileWriter(tmp_path, max_queue=2) as writer:
        def add(start):
            for step in range(start, start + 100):
                writer.add_summary(tag_summary("a"), step)

        threads = [threading.Thread(target=add, args=(100 * number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(each.step for each in events(tmp_path)) == list(range(800))


def test_dropped_writer_finishes_its_file(tmp_path):
    writer = FileWriter(tmp_path)
    writer.add_summary(tag_summary("a"), 1)
    thread = writer._event_file._thread
    del writer
    gc.collect()
    thread.join(10)
    assert len(events(tmp_path)) == 1


def test_file_that_is_finished_twice_is_whole(tmp_path):
    # A dropped writer's, when the program ends at once.
    file = event_file.EventFile(tmp_path, 10, 120)
    with file._writing:
        file.put(proto.Event(step=1).SerializeToString())
        file.finish()
        file.finish()
    file.close()
    assert [each.step for each in events(tmp_path)] == [1]


def test_program_that_ends_without_close(tmp_path):
    program = ("import sys; from graphcore.summaries.writer import FileWriter; from graphcore import proto\n"
               "writer = FileWriter(sys.argv[1])\n"
               "for step in range(30): writer.add_event(proto.Event(step=step))\n")
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60)
    assert len(events(tmp_path)) == 30


@pytest.mark.skipif(sys.platform == "win32", reason="an open file's directory cannot be deleted")
def test_deleted_directory_is_told_and_made_anew(tmp_path, caplog):
    with FileWriter(tmp_path / "logs") as writer:
        writer.add_summary(tag_summary("a"), 1)
        writer.flush()
        shutil.rmtree(tmp_path / "logs")
        writer.add_summary(tag_summary("a"), 2)
    assert [each.step for each in events(tmp_path / "logs")] == [2]
    assert re.search(r"The event file .*logs.*tfevents.* was removed", caplog.text)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file's directory cannot be deleted")
def test_directory_that_cannot_be_made_anew(tmp_path):
    writer = FileWriter(tmp_path / "logs")
    writer.add_summary(tag_summary("a"), 1)
    writer.flush()
    shutil.rmtree(tmp_path / "logs")
    (tmp_path / "logs").write_text("in its place")
    writer.add_summary(tag_summary("a"), 2)
    with pytest.raises(errors.FailedPreconditionError, match="Not a directory"):
        writer.flush()
    with pytest.warns(RuntimeWarning, match="No more events are written to .*logs; the program goes on"):
        writer.add_summary(tag_summary("a"), 3)
    with pytest.raises(errors.FailedPreconditionError):
        writer.close()


def test_directory_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.FailedPreconditionError, match="Not a directory"):
        FileWriter(tmp_path / "file")
    with pytest.raises(errors.OpError, match="file"):
        FileWriter(tmp_path / "file" / "under")


class FullDisk:
    """A file on a disk that is full."""

    def __init__(self, path, mode):
        pass

    def write(self, data):
        raise OSError(28, "No space left on device")

    close = flush = lambda self: None


def test_full_disk_is_told_once_and_the_program_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(event_file, "open", FullDisk, raising=False)
    writer = FileWriter(tmp_path, max_queue=1)
    with pytest.warns(RuntimeWarning, match="No space left on device.* No more events are written to") as told:
        for step in range(100):
            writer.add_summary(tag_summary("a"), step)
    assert len(told) == 1
    assert told[0].filename == __file__
    with pytest.raises(errors.ResourceExhaustedError, match="events.out.tfevents"):
        writer.flush()
    with pytest.raises(errors.ResourceExhaustedError):
        writer.close()
    writer.close()


LIMITED = """
import resource, sys, warnings
from graphcore.core import errors
from graphcore.summaries.writer import FileWriter
from graphcore.summaries.protos import scalar_summary
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    writer = FileWriter(sys.argv[1], max_queue=1)
    for step in range(5000):
        writer.add_summary(scalar_summary("loss", step), step)
    try:
        writer.close()
    except errors.OpError as error:
        print(type(error).__name__, "tfevents" in str(error), [str(each.message).count("the program goes on") for each in told])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files cannot be limited there")
def test_disk_that_takes_no_more_keeps_what_it_took(tmp_path):
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "ResourceExhaustedError True [1]\n", done.stderr
    steps = []
    with contextlib.suppress(errors.DataLossError):
        for record in read_records(*files(tmp_path)):
            steps.append(proto.Event.FromString(record).step)
    # Records of some 40 bytes; the last one may be torn.
    assert len(steps) > 300 and steps == [0, *range(len(steps) - 1)]


KILLED = """
import os, signal, sys, time
from graphcore.summaries.writer import FileWriter
from graphcore.summaries.protos import scalar_summary

def write(directory, told):
    writer = FileWriter(directory, flush_secs=1000)
    for step in range(10 ** 9):
        writer.add_summary(scalar_summary("loss", step), step)
        if step % 50 == 49:
            writer.flush()
            os.write(told, (step + 1).to_bytes(8, "little"))

for number in range(20):
    directory = os.path.join(sys.argv[1], str(number))
    reading, told = os.pipe()
    child = os.fork()
    if child == 0:
        write(directory, told)
    os.close(told)
    flushed = os.read(reading, 8)
    time.sleep(0.002 * number)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while block := os.read(reading, 8):
        flushed = block
    os.close(reading)
    print(int.from_bytes(flushed, "little"))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="one program is started, and copied twenty times")
def test_killed_writer_loses_nothing_that_was_flushed(tmp_path):
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path)], capture_output=True, text=True, timeout=60)
    flushed = [int(line) for line in done.stdout.split()]
    assert len(flushed) == 20, done.stderr
    for number, count in enumerate(flushed):
        steps = []
        try:
            for record in read_records(*files(tmp_path / str(number))):
                steps.append(proto.Event.FromString(record).step)
        except errors.DataLossError as error:
            assert str(error).startswith("truncated record")
        assert len(steps) - 1 >= count > 0
        assert steps == [0, *range(len(steps) - 1)]


def test_memory_does_not_grow(tmp_path):
    with FileWriter(tmp_path, max_queue=20) as writer:
        for step in range(100):
            writer.add_summary(scalar_summary("loss", 1.0), step)
        tracemalloc.start()
        for step in range(5000):
            writer.add_summary(scalar_summary("loss", 1.0), step)
        writer.flush()
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert grown < 50_000


def test_bytes_that_are_no_summary_lose_nothing_else(tmp_path):
    with FileWriter(tmp_path) as writer:
        writer.add_summary(scalar_summary("loss", 1.0), 1)
        with pytest.raises(DecodeError, match="these 3 bytes are no Summary"):
            writer.add_summary(b"\xff\xff\xff", 2)
        writer.add_summary(scalar_summary("loss", 1.0), np.array([3]))
    assert [each.step for each in events(tmp_path)] == [1, 3]


def too_large(kind, **fields):
    """What stands for a message of 2 GB, which protobuf refuses to serialise."""
    def refuse(message):
        raise EncodeError("Failed to serialize proto")

    return type(kind, (), {**fields, "SerializeToString": refuse})()


@pytest.mark.parametrize(("message", "text"), [
    (too_large("Event", step=2, summary=tag_summary("large")), "Event cannot be larger than 2GB: a summary of 'large' at step 2; nothing"),
    (too_large("GraphDef"), "GraphDef cannot be larger than 2GB; nothing of it is written")])
def test_message_that_cannot_be_written_is_named(message, text):
    with pytest.raises(ValueError, match=text):
        writer_module.bytes_of(message)


def test_metadata_of_what_was_refused_comes_with_the_next(tmp_path, monkeypatch):
    with FileWriter(tmp_path) as writer:
        monkeypatch.setattr(writer_module, "bytes_of", lambda event: int("too large"))
        with pytest.raises(ValueError):
            writer.add_summary(tag_summary("a", "what it is"), 1)
        monkeypatch.undo()
        writer.add_summary(tag_summary("a", "what it is"), 2)
    assert [each.summary.value[0].HasField("metadata") for each in events(tmp_path)] == [True]


def test_empty_directory_is_where_the_program_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with FileWriter("") as writer:
        writer.add_summary(tag_summary("a"), 1)
    assert writer.get_logdir() == "" and len(events(tmp_path)) == 1


def test_wrong_arguments(tmp_path):
    with pytest.raises(TypeError, match="logdir is None"):
        FileWriter(None)
    with FileWriter(tmp_path) as writer:
        for wrong in (None, "text", 3):
            with pytest.raises(TypeError, match="Summary"):
                writer.add_summary(wrong)
        with pytest.raises(TypeError, match="Expected an event_pb2.Event proto"):
            writer.add_event(3)
        with pytest.raises(TypeError, match="must be an instance of `Graph`"):
            writer.add_graph(3)
        with pytest.raises(ValueError, match="Please pass only graph, or graph_def"):
            writer.add_graph(SmallGraph(), graph_def=proto.GraphDef())
        with pytest.raises(TypeError, match="meta_graph_def must be type MetaGraphDef"):
            writer.add_meta_graph(3)
        writer.add_run_metadata(proto.RunMetadata(), "run")
        with pytest.raises(ValueError, match="The provided tag was already used for this event type"):
            writer.add_run_metadata(proto.RunMetadata(), "run")


def test_writers_of_one_session_share_a_file(tmp_path):
    session = tf.Session()
    first, second = (FileWriter(tmp_path, session=session) for _ in range(2))
    with first:
        first.add_summary(tag_summary("a", "what it is"), 1)
        second.add_summary(tag_summary("b"), 2)
        with pytest.raises(TypeError, match="add_summary needs a Summary"):
            first.add_summary(None)
    path, = files(tmp_path)
    assert path.name.endswith(".v2")
    assert [(each.step, each.summary.value[0].tag) for each in events(tmp_path)] == [(1, "a"), (2, "b")]
    with pytest.raises(errors.NotFoundError, match="does not exist: the event file is closed"):
        second.add_summary(tag_summary("b"), 3)
    first.reopen()
    second.add_summary(tag_summary("b"), 4)
    second.close()
    assert sorted(each.step for each in events(tmp_path)) == [1, 2, 4]


def test_writers_of_two_sessions_have_files_of_their_own(tmp_path):
    for step in range(2):
        with FileWriter(tmp_path, session=tf.Session()) as writer:
            writer.add_summary(tag_summary("a"), step)
    assert len(files(tmp_path)) == 2 and len(events(tmp_path)) == 2


def test_cache_gives_one_writer_a_directory(tmp_path, monkeypatch):
    monkeypatch.setattr(writer_module, "get_default_graph", SmallGraph)
    writer = FileWriterCache.get(str(tmp_path))
    assert FileWriterCache.get(str(tmp_path)) is writer
    FileWriterCache.clear()
    assert [each.WhichOneof("what") for each in events(tmp_path)] == ["graph_def", "meta_graph_def"]
    assert FileWriterCache.get(str(tmp_path)) is not writer
    FileWriterCache.clear()
