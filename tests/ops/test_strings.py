"""Text: what the oracle's goldens do not show: what is not built, kernels alone, whole programs. Values are TF 1.15.5's or by hand."""

import re

import numpy as np
import pytest

import graphcore as tf
from graphcore.ops.kernels import character_sets, csv_fields, examples, hashing, numerals, regexes, rewriting


@pytest.fixture
def session():
    return tf.Session()


# ---------------------------------------------------------------- hashes


def test_known_fingerprints():
    # TF's own strings_to_hash_bucket_fast tests: 10 buckets.
    assert hashing.buckets(hashing.fingerprints([b"a", b"b", b"c", b"d"]), 10).tolist() == [9, 2, 2, 5]


def test_siphash_of_its_paper():
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    assert hashing.keyed([bytes(range(15))], key).tolist() == [0xA129CA6149BE45E5]


def test_strings_of_mixed_lengths_hash_as_alone():
    strings = [bytes([size % 251]) * size for size in (5, 90, 0, 33, 5, 64, 17, 90)]
    for function in (hashing.fingerprints, hashing.older, lambda each: hashing.keyed(each, (1, 2))):
        assert function(strings).tolist() == [function([text])[0] for text in strings]


def test_buckets_of_nothing(session):
    assert session.run(tf.string_to_hash_bucket_fast(tf.placeholder_with_default(np.zeros([0], object), [None]), 3)).shape == (0,)


# ---------------------------------------------------------------- numbers


def test_long_integers_are_read():
    # Python alone converts no more than 4300 digits.
    assert numerals.read(b"0" * 5000 + b"7", np.int64) == 7
    assert numerals.read(b"-" + b"9" * 5000, np.int64) is None
    assert numerals.read(b"1e30000000", np.float64) == np.inf


def test_floats_are_rounded_once():
    # Just above the middle of 1 and the next float32: by way of a double it would be 1.
    assert numerals.read(b"1.00000005960464477540", np.float32) == np.float32(1.0000001)
    assert numerals.read(b"1.00000005960464477539", np.float32) == np.float32(1)


def test_a_fill_that_is_no_flag(session):
    with pytest.raises(tf.errors.InvalidArgumentError, match="fill 'x' is no flag"):
        session.run(tf.as_string([1], width=4, fill="x"))


def test_text_keeps_trailing_zeros(session):
    joined = tf.strings.join(["a\0", ["b\0", "\0"]])
    assert session.run(joined).tolist() == [b"a\0b\0", b"a\0\0"]
    assert session.run(tf.strings.substr("a\0\0", 0, 2)) == b"a\0"


def test_constant_text_is_known_while_building():
    assert tf.get_static_value(tf.strings.join(["a", "b"])) == b"ab"
    assert tf.get_static_value(tf.string_to_number("3", tf.int32)) == 3


def test_there_are_no_gradients():
    x = tf.constant([1.0])
    assert tf.gradients(tf.string_to_number(tf.as_string(x)), x) == [None]


# ---------------------------------------------------------------- ragged tensors are not built


@pytest.mark.parametrize("made", [
    lambda: tf.strings.split(["a b"], result_type="RaggedTensor"),
    lambda: tf.string_split(["a b"], result_type="RaggedTensor"),
    lambda: tf.strings.bytes_split(["ab"]),
])
def test_ragged_results_are_refused(made):
    with pytest.raises(NotImplementedError, match="ragged tensors"):
        made()


def test_parts_of_a_cube_stand_where_their_strings_stood(session):
    words = np.array([[["a b", "c"]], [["", "d e f"]]], object)
    parts = session.run(tf.strings.split(words))
    assert parts.indices.tolist() == [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [1, 0, 1, 0], [1, 0, 1, 1], [1, 0, 1, 2]]
    assert parts.values.tolist() == [b"a", b"b", b"c", b"d", b"e", b"f"]
    assert parts.dense_shape.tolist() == [2, 1, 2, 3]


def test_parts_broadcast_along_three_axes(session):
    # TF refuses this one: "Substr broadcast not implemented for 3 dimensions".
    words = [[["abc"], ["de"]], [["fg"], ["hi"]]]
    made = tf.strings.substr(words, [[[0, 1]], [[1, 0]]], [[[1, 1]], [[1, 1]]])
    assert session.run(made).tolist() == [[[b"a", b"b"], [b"d", b"e"]], [[b"g", b"f"], [b"i", b"h"]]]


# ---------------------------------------------------------------- regular expressions


def test_scripts_without_a_table(session):
    with pytest.raises(tf.errors.UnimplementedError, match="no table of the script Armenian"):
        session.run(tf.strings.regex_full_match("a", r"\p{Armenian}"))


def test_a_pattern_that_is_no_utf8(session):
    with pytest.raises(tf.errors.InvalidArgumentError, match="invalid UTF-8"):
        session.run(tf.strings.regex_full_match("a", b"\xff"))


def test_a_pattern_is_read_once():
    assert regexes.compiled(b"a+b") is regexes.compiled(b"a+b")


def test_sets_of_characters_match_as_they_say():
    ranges = ((0x41, 0x5A), (0x7FF, 0x800), (0xD7FF, 0xE000), (0xFFFF, 0x10001), (0x10FFFE, 0x10FFFF))
    expression = re.compile(character_sets.pattern(ranges))
    for code in (0x40, 0x41, 0x5A, 0x5B, 0x7FE, 0x7FF, 0x800, 0x801, 0xD7FE, 0xD7FF, 0xE000, 0xE001, 0xFFFE, 0xFFFF, 0x10001, 0x10002,
                 0x10FFFD,
                 0x10FFFE, 0x10FFFF):
        inside = any(first <= code <= last for first, last in ranges)
        assert (expression.fullmatch(chr(code).encode()) is not None) == inside, hex(code)


def test_complements():
    assert character_sets.complement(character_sets.ANY) == ()
    assert character_sets.complement(()) == character_sets.ANY
    assert character_sets.complement(((5, 9), (11, 0x10FFFF))) == ((0, 4), (10, 10))


def test_groups_that_match_nothing_are_empty():
    assert rewriting.replacer(b"(a)|(b)", rb"[\1|\2|\3]", True)(b"ab") == b"[a||][|b|]"


# ---------------------------------------------------------------- lines and Examples


@pytest.mark.parametrize(("line", "expected"), [
    (b"a,b", [b"a", b"b"]), (b'"a""b",', [b'a"b', b""]), (b'""', [b""]), (b"", []), (b",,", [b"", b"", b""]), (b'"a,b"', [b"a,b"]),
])
def test_fields_of_a_line(line, expected):
    assert csv_fields.fields(line, b",", True, ()) == expected


@pytest.mark.parametrize("data", [b"\x0a\x05ab", b"\x0a", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x00\x01", b"\x0b",
                                  b"\x0a\x0e\x0a\x0c\x0a\x01a\x12\x07\x1a\x05\x0a\x03\x01\x02\x80"])
def test_what_is_no_example(data):
    with pytest.raises(examples.Malformed):
        examples.features(data)


def test_fields_that_an_example_does_not_have_are_passed():
    assert examples.features(b"\x10\x01\x1d\0\0\0\0\x21" + b"\0" * 8 + b"\x2a\x01x") == {}


def example(**lists):
    made = tf.train.Example()
    for name, values in lists.items():
        kind = "float_list" if isinstance(values[0], float) else "int64_list" if isinstance(values[0], int) else "bytes_list"
        getattr(made.features.feature[name], kind).value.extend(values)
    return made.SerializeToString()


def test_examples_are_written_and_parsed(session):
    text = example(image=[bytes(range(12))], label=[-7], weight=[0.5, 1.5])
    found = tf.parse_single_example(text, {
        "image": tf.FixedLenFeature([], tf.string), "label": tf.FixedLenFeature([1], tf.int64), "weight": tf.FixedLenFeature([2],
                                                                                                                             tf.float32)})
    image, label, weight = session.run([tf.reshape(tf.decode_raw(found["image"], tf.uint8), [3, 4]), found["label"], found["weight"]])
    assert image.tolist() == np.arange(12).reshape(3, 4).tolist()
    assert label.tolist() == [-7] and weight.tolist() == [0.5, 1.5]


def test_examples_names_of_one_are_not_built():
    with pytest.raises(NotImplementedError, match="example_names"):
        tf.parse_single_example(b"", {"a": tf.VarLenFeature(tf.int64)}, example_names="one")


def test_a_feature_is_dense_or_sparse():
    with pytest.raises(ValueError, match="Dense and sparse keys must not intersect; intersection: {'i'}"):
        tf.parse_example([b""], {"i": tf.FixedLenFeature([], tf.int64), "x": tf.SparseFeature("i", "v", tf.float32, 3)})


def test_features_of_a_batch_that_is_fed(session):
    batch = tf.placeholder(tf.string, [None])
    found = tf.parse_example(batch, {"a": tf.FixedLenSequenceFeature([2], tf.int64, allow_missing=True, default_value=-1)})["a"]
    assert found.shape.as_list() == [None, None, 2]
    rows = session.run(found, {batch: [example(a=[1, 2, 3, 4]), example(a=[5, 6]), example(b=[1])]})
    assert rows.tolist() == [[[1, 2], [3, 4]], [[5, 6], [-1, -1]], [[-1, -1], [-1, -1]]]
    assert session.run(found, {batch: []}).shape == (0, 0, 2)


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize("name", ["zlib", "idna", "unicode_escape", "no such", "a\0b", ""])
def test_what_is_no_encoding(session, name):
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not create converter for input encoding"):
        session.run(tf.strings.unicode_transcode("a", name, "UTF-8"))


def test_text_of_one_language_is_decoded(session):
    texts = [("shift_jis", "\u65e5\u672c"), ("gb18030", "\u4e2d\u6587"), ("koi8-r", "\u0430\u0431"), ("windows-1252", "\u20ac")]
    for encoding, text in texts:
        assert session.run(tf.strings.unicode_transcode(text.encode(encoding), encoding, "UTF-8")) == text.encode()
