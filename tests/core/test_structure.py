"""Nested values; the answers are those of TF 1.15's tf.nest, recorded."""

from collections import OrderedDict, defaultdict, deque, namedtuple

import attr
import numpy as np
import pytest

import graphcore as tf
from graphcore.core.structure import assert_same_structure, flatten, is_sequence, map_structure, pack_sequence_as

Pair = namedtuple("Pair", "b a")
Other = namedtuple("Other", "b a")


@attr.s
class Attributes:
    z = attr.ib()
    y = attr.ib()


class MyList(list):
    pass


@pytest.mark.parametrize("structure, leaves", [
    (1, [1]), ([1, [2, (3,)]], [1, 2, 3]), ({"b": 1, "a": [2, 3]}, [2, 3, 1]), (None, [None]), ("ab", ["ab"]),
    (OrderedDict([("b", 1), ("a", 2)]), [2, 1]), (Pair(1, [2]), [1, 2]), (Attributes(1, (2,)), [1, 2]), ([], []),
    ({1, 2}, [{1, 2}]), (range(3), [0, 1, 2]), (b"ab", [b"ab"]), ({"b": 1, "a": 2}.values(), [1, 2]),
])
def test_flatten(structure, leaves):
    assert flatten(structure) == leaves


def test_is_sequence():
    assert all(map(is_sequence, [[], (), {}, range(2), Pair(1, 2), Attributes(1, 2), {}.keys(), deque(), bytearray()]))
    assert not any(map(is_sequence, [set(), "a", b"a", np.ones(1), None, iter([])]))


def test_keys_must_be_sortable():
    with pytest.raises(TypeError, match="nest only supports dicts with sortable keys"):
        flatten({1: 1, "a": 2})


@pytest.mark.parametrize("structure, flat, packed", [
    ([1, (2, {"b": 3, "a": 4})], [10, 20, 30, 40], [10, (20, {"b": 40, "a": 30})]), (1, [2], 2), ("abc", ["x"], "x"),
    (OrderedDict([("b", 1), ("a", 2)]), [7, 8], OrderedDict([("b", 8), ("a", 7)])), (Pair(1, 2), [7, 8], Pair(7, 8)),
    (Attributes(1, 2), [7, 8], Attributes(7, 8)), (defaultdict(list, b=1, a=2), [7, 8], defaultdict(list, b=8, a=7)),
    (range(2), (5, 6), [5, 6]), (MyList([1]), [2], MyList([2])),
])
def test_pack(structure, flat, packed):
    result = pack_sequence_as(structure, flat)
    assert result == packed and type(result) is type(packed)


@pytest.mark.parametrize("structure, flat, error, phrase", [
    (1, [2, 3], ValueError, r"Structure is a scalar but len\(flat_sequence\) == 2 > 1"),
    ([1], 3, TypeError, "flat_sequence must be a sequence"),
    ([1, 2], np.array([1, 2]), TypeError, "flat_sequence must be a sequence"),
    ([1, 2], [3], ValueError, "Could not pack sequence. Structure had 2 elements, but flat_sequence had 1 elements.  "
                              r"Structure: \[1, 2\], flat_sequence: \[3\]."),
])
def test_pack_refuses(structure, flat, error, phrase):
    with pytest.raises(error, match=phrase):
        pack_sequence_as(structure, flat)


def test_map():
    assert map_structure(lambda x, y: x + y, [1, (2,)], [3, (4,)]) == [4, (6,)]
    assert map_structure(lambda x, y: (x, y), {"a": 1, "b": 2}, OrderedDict(b=3, a=4)) == {"a": (1, 4), "b": (2, 3)}
    assert map_structure(lambda x, y: x, [1], (1,), check_types=False) == [1]
    assert map_structure(lambda x, y: x, MyList([1]), [1]) == [1]
    assert map_structure(lambda x, y: x, Pair(1, 2), namedtuple("Pair", "b a")(3, 4)) == Pair(1, 2)


def test_map_refuses():
    with pytest.raises(TypeError, match="func must be callable, got: 3"):
        map_structure(3, [1])
    with pytest.raises(ValueError, match="Must provide at least one structure"):
        map_structure(len)
    with pytest.raises(ValueError, match="Only valid keyword arguments are .* not: `foo`"):
        map_structure(len, [1], foo=1)


@pytest.mark.parametrize("first, second, error, phrase", [
    ([1, 2], [1], ValueError, "The two structures don't have the same number of elements. "
                              "First structure: type=list str=[1, 2]. Second structure: type=list str=[1]"),
    ([1, [2, 3]], [1, 2, 3], ValueError,
     'Substructure "type=list str=[2, 3]" is a sequence, while substructure "type=int str=2" is not'),
    ({"a": 1}, {"b": 1}, ValueError, "The two dictionaries don't have the same set of keys. First structure has keys "
                                     "type=list str=['a'], while second structure has keys type=list str=['b']"),
    (Pair(1, 2), Other(1, 2), TypeError,
     "The two namedtuples don't have the same sequence type. First structure type=Pair str=Pair(b=1, a=2) has type Pair, "
     "while second structure type=Other str=Other(b=1, a=2) has type Other"),
])
def test_different_structures(first, second, error, phrase):
    with pytest.raises(error) as caught:
        assert_same_structure(first, second)
    assert f"More specifically: {phrase}\n" in str(caught.value)


def test_the_message_draws_both_structures():
    with pytest.raises(TypeError) as caught:
        assert_same_structure([1], (1,))
    assert str(caught.value).startswith("The two structures don't have the same nested structure.\n\n"
                                        "First structure: type=list str=[1]\n\nSecond structure: type=tuple str=(1,)\n\n")
    assert str(caught.value).endswith("Entire first structure:\n[.]\nEntire second structure:\n(.,)")


# ---------------------------------------------------------------- SparseTensors and IndexedSlices


def sparse():
    return tf.SparseTensor(indices=[[0, 1]], values=[5.0], dense_shape=[2, 3])


def test_composites_are_leaves_unless_expanded():
    matrix, rows = sparse(), tf.IndexedSlices(tf.ones([1, 3]), tf.constant([1]))
    assert flatten([matrix, {"a": rows}]) == [matrix, rows]
    parts = [matrix.indices, matrix.values, matrix.dense_shape, rows.values, rows.indices]
    assert flatten([matrix, {"a": rows}], expand_composites=True) == parts
    packed = pack_sequence_as([matrix, {"a": rows}], parts, expand_composites=True)
    assert packed[0].values is matrix.values and packed[1]["a"].indices is rows.indices and packed[1]["a"].dense_shape is None
    doubled = map_structure(lambda part: part * 2, matrix, expand_composites=True)
    with tf.Session() as session:
        value = session.run(doubled)
    assert [part.tolist() for part in value] == [[[0, 2]], [10.0], [4, 6]]


def test_arrays_make_values_of_composites():
    parts = [np.zeros([1, 2], np.int64), np.ones(1), np.array([2, 3])]
    assert type(pack_sequence_as(sparse(), parts, expand_composites=True)) is tf.SparseTensorValue
    rows = pack_sequence_as([tf.IndexedSlices(tf.ones([1, 3]), tf.constant([1]))], parts[:2], expand_composites=True)[0]
    assert type(rows).__name__ == "IndexedSlicesValue" and rows.values is parts[0] and rows.dense_shape is None


def test_composites_agree_in_kind_and_dtype():
    ints = tf.SparseTensor([[0, 0, 0]], [1], [1, 1, 1])
    assert_same_structure(sparse(), tf.SparseTensor([[0, 0, 0]], [1.0], [1, 1, 1]), expand_composites=True)
    assert_same_structure(sparse(), ints)
    with pytest.raises(ValueError, match=r"Incompatible CompositeTensor TypeSpecs: type=SparseTensorSpec str=.*, tf.float32\) vs\. .*, "
                                         r"tf.int32\)"):
        assert_same_structure(sparse(), ints, expand_composites=True)
    with pytest.raises(ValueError, match=r"TypeSpecs: type=SparseTensorSpec .* vs\. type=list str=\[1, 2, 3\]"):
        assert_same_structure(sparse(), [1, 2, 3], check_types=False, expand_composites=True)
    with pytest.raises(TypeError, match="has type SparseTensor, while second structure .* has type IndexedSlices"):
        assert_same_structure(sparse(), tf.IndexedSlices(tf.ones([1, 3]), tf.constant([1])), expand_composites=True)
    with pytest.raises(ValueError, match="Could not pack sequence. Structure had 3 elements, but flat_sequence had 2"):
        pack_sequence_as(sparse(), [1, 2], expand_composites=True)
