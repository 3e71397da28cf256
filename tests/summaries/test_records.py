"""Record files: TF's own bytes, and every kind of damage."""

import pytest

from graphcore.core.errors import DataLossError, NotFoundError, OpError
from graphcore.summaries.records import framed, masked_checksum, read_records

# Written by TF 1.15's TFRecordWriter: ten letters, nothing, hello.
RECORDED = bytes.fromhex("0a00000000000000aea3bf3a6161616161616161616124b9e46a000000000000000029039807d8ea82a2"
                         "0500000000000000eab2043e68656c6c6fbb1f1c19")
PAYLOADS = [b"a" * 10, b"", b"hello"]


def read(directory, data):
    """What is read from a file with these bytes: the payloads, and the error's text or None."""
    path = directory / "data"
    path.write_bytes(data)
    payloads = []
    try:
        for payload in read_records(path):
            payloads.append(payload)
    except DataLossError as error:
        return payloads, str(error)
    return payloads, None


def test_written_as_tf_writes():
    assert RECORDED == b"".join(map(framed, PAYLOADS))


def test_read_back(tmp_path):
    assert (PAYLOADS, None) == read(tmp_path, RECORDED)


@pytest.mark.parametrize("cut", [1, 5, 9])
def test_cut_inside_a_payload(tmp_path, cut):
    payloads, error = read(tmp_path, RECORDED[:-cut])
    assert payloads == PAYLOADS[:2]
    assert error.startswith("truncated record at 42")


@pytest.mark.parametrize("cut", [10, 18, 20])
def test_cut_inside_a_header_is_the_end(tmp_path, cut):
    assert (PAYLOADS[:2], None) == read(tmp_path, RECORDED[:-cut])


@pytest.mark.parametrize(("position", "offset", "before"), [(1, 0, 0), (14, 12, 0), (57, 54, 2)])
def test_changed_byte(tmp_path, position, offset, before):
    changed = RECORDED[:position] + b"\x99" + RECORDED[position + 1:]
    payloads, error = read(tmp_path, changed)
    assert payloads == PAYLOADS[:before]
    assert error.startswith(f"corrupted record at {offset}")


def test_length_that_lies_reserves_nothing(tmp_path):
    # A record whose header is right about itself, and announces 2**60 bytes.
    length = (1 << 60).to_bytes(8, "little")
    data = framed(b"first") + length + masked_checksum(length).to_bytes(4, "little") + b"x" * 100
    payloads, error = read(tmp_path, data)
    assert payloads == [b"first"]
    assert error.startswith("truncated record at 21")


def test_no_such_file(tmp_path):
    with pytest.raises(NotFoundError, match="No such file"):
        next(read_records(tmp_path / "none"))


def test_not_a_file(tmp_path):
    with pytest.raises(OpError, match="directory|denied"):
        next(read_records(tmp_path))
