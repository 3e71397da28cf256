"""Files of records: what is written is read, plain and compressed; damage is found."""

import tracemalloc
import zlib

import pytest

import graphcore as tf

TYPE = tf.python_io.TFRecordCompressionType
RECORDS = [b"abc", b"", b"x" * 5000]


@pytest.mark.parametrize("options, start", [
    (None, b"\x03\0\0"), ("", b"\x03\0\0"), (TYPE.NONE, b"\x03\0\0"), (TYPE.GZIP, b"\x1f\x8b\x08"), ("ZLIB", b"x\x9c"),
    (tf.python_io.TFRecordOptions(TYPE.GZIP), b"\x1f\x8b\x08"), (tf.python_io.TFRecordOptions("ZLIB", compression_level=0), b"x\x01"),
])
def test_what_is_written_is_read(tmp_path, options, start):
    path = str(tmp_path / "records")
    with tf.python_io.TFRecordWriter(path, options) as writer:
        for record in RECORDS:
            writer.write(record)
        writer.flush()
    assert list(tf.python_io.tf_record_iterator(path, options)) == RECORDS
    assert (tmp_path / "records").read_bytes().startswith(start)


def test_bytes_are_tfs(tmp_path):
    path = tmp_path / "records"
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(b"abc")
    # Recorded from TF 1.15.5.
    assert path.read_bytes().hex() == "0300000000000000b099490e6162636e57f121"


def test_names_of_compressions():
    name = tf.python_io.TFRecordOptions.get_compression_type_string
    assert [name(each) for each in (None, "", TYPE.NONE, TYPE.GZIP, "ZLIB", tf.python_io.TFRecordOptions(TYPE.ZLIB))] == \
        ["", "", "", "GZIP", "ZLIB", "ZLIB"]
    with pytest.raises(ValueError, match='Not a valid compression_type: "x"'):
        tf.python_io.TFRecordOptions("x")


def test_refusals(tmp_path):
    with pytest.raises(tf.errors.NotFoundError, match="No such file or directory"):
        list(tf.python_io.tf_record_iterator(str(tmp_path / "nope")))
    with pytest.raises(tf.errors.NotFoundError, match="No such file or directory"):
        tf.python_io.TFRecordWriter(str(tmp_path / "nope" / "x"))
    writer = tf.python_io.TFRecordWriter(str(tmp_path / "x"))
    with pytest.raises(TypeError, match="expected bytes, str found"):
        writer.write("text")
    writer.close()
    writer.close()
    with pytest.raises(tf.errors.FailedPreconditionError, match="Writer not initialized or previously closed"):
        writer.write(b"late")


def test_damage_is_found(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"garbage that is long enough to be taken for a record")
    with pytest.raises(tf.errors.DataLossError, match="corrupted record at 0"):
        list(tf.python_io.tf_record_iterator(str(path)))
    with pytest.raises(tf.errors.DataLossError, match="inflate"):
        list(tf.python_io.tf_record_iterator(str(path), TYPE.GZIP))
    path.write_bytes(zlib.compress(b"\x03" + b"\0" * 20))
    with pytest.raises(tf.errors.DataLossError, match="corrupted record at 0"):
        list(tf.python_io.tf_record_iterator(str(path), "ZLIB"))


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
def test_large_compressed_files_are_read_in_parts(tmp_path, kind):
    path = str(tmp_path / "large")
    with tf.python_io.TFRecordWriter(path, kind) as writer:
        for number in range(50):
            writer.write(bytes([number]) * 1_000_000)
    tracemalloc.start()
    found = [(len(record), record[0], record[-1]) for record in tf.python_io.tf_record_iterator(path, kind)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [(1_000_000, number, number) for number in range(50)]
    assert most < 15_000_000    # of 50


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
def test_compressed_files_that_are_cut_off_or_go_on(tmp_path, kind):
    # As TF 1.15.5 reads them.
    path = tmp_path / "x"
    with tf.python_io.TFRecordWriter(str(path), kind) as writer:
        for record in RECORDS:
            writer.write(record)
    whole = path.read_bytes()
    for content in (whole[:-4], whole + b"junk", whole + whole):
        path.write_bytes(content)
        assert list(tf.python_io.tf_record_iterator(str(path), kind)) == RECORDS
    path.write_bytes(whole[:-12])
    records = tf.python_io.tf_record_iterator(str(path), kind)
    assert [next(records), next(records)] == RECORDS[:2]
    with pytest.raises(tf.errors.DataLossError, match="truncated record at 35"):
        next(records)
