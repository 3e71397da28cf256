"""`tf.train.summary_iterator`: whole files, damaged ones, and ones that hold something else."""

import pytest

import graphcore as tf
from graphcore.summaries.records import framed


@pytest.fixture
def log(tmp_path):
    """The path of an event file with the loss of three steps."""
    with tf.summary.FileWriter(tmp_path) as writer:
        for step in range(3):
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=step)]), step)
    return next(tmp_path.iterdir())


def test_events_in_order(log):
    version, *events = tf.train.summary_iterator(log)
    assert version.file_version == "brain.Event:2"
    assert [(event.step, event.summary.value[0].simple_value) for event in events] == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_path_as_string_and_bytes(log):
    assert len(list(tf.train.summary_iterator(str(log)))) == len(list(tf.train.summary_iterator(str(log).encode()))) == 4


@pytest.mark.parametrize("position", [-1, -8])
def test_damage_is_told_with_its_offset_after_what_is_whole(log, position):
    content = bytearray(log.read_bytes())
    content[position] ^= 1
    log.write_bytes(content)
    events = tf.train.summary_iterator(log)
    assert [next(events).step for _ in range(3)] == [0, 0, 1]
    with pytest.raises(tf.errors.DataLossError, match=r"corrupted record at \d+"):
        next(events)


def test_cut_off_record(log):
    log.write_bytes(log.read_bytes()[:-3])
    events = tf.train.summary_iterator(log)
    assert [next(events).step for _ in range(3)] == [0, 0, 1]
    with pytest.raises(tf.errors.DataLossError, match="truncated record at"):
        next(events)


def test_missing_file(tmp_path):
    with pytest.raises(tf.errors.NotFoundError, match="nothing"):
        list(tf.train.summary_iterator(tmp_path / "nothing"))


def test_records_of_something_else(tmp_path):
    path = tmp_path / "records"
    path.write_bytes(framed(b"") + framed(b"\xff\xff"))
    with pytest.raises(tf.errors.DataLossError, match="record 1 of .* is no Event"):
        list(tf.train.summary_iterator(path))
