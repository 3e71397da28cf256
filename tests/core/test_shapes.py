"""TensorShape, Dimension and the arithmetic of static shapes; the answers are TF 1.15's, recorded."""

import numpy as np
import pytest

from graphcore.core import shapes
from graphcore.core.dtypes import float32
from graphcore.core.shapes import Dimension, ShapeMismatch, TensorShape


@pytest.mark.parametrize("dims, printed, represented", [
    ([2, None], "(2, ?)", "TensorShape([Dimension(2), Dimension(None)])"), ([], "()", "TensorShape([])"),
    (None, "<unknown>", "TensorShape(None)"), (3, "(3,)", "TensorShape([Dimension(3)])"),
    ([None], "(?,)", "TensorShape([Dimension(None)])"), (["2", 3.0], "(2, 3)", "TensorShape([Dimension(2), Dimension(3)])"),
    (np.array([1, 2]), "(1, 2)", "TensorShape([Dimension(1), Dimension(2)])"),
    (TensorShape([1]), "(1,)", "TensorShape([Dimension(1)])"),
])
def test_made_and_printed(dims, printed, represented):
    shape = TensorShape(dims)
    assert (str(shape), repr(shape)) == (printed, represented)


@pytest.mark.parametrize("dims, error, phrase", [
    ("ab", TypeError, "A string has ambiguous TensorShape, please wrap in a list or convert to an int: ab"),
    ([2.5], ValueError, "Ambiguous dimension: 2.5"), ([-1], ValueError, "Dimension -1 must be >= 0"),
    ([[1]], TypeError, "int.. argument must be"), ([float32], TypeError, "Cannot convert <dtype: 'float32'> to Dimension"),
])
def test_refused(dims, error, phrase):
    with pytest.raises(error, match=phrase):
        TensorShape(dims)


def test_equality():
    assert TensorShape([2]) == [2] and TensorShape([2]) == 2 and not TensorShape([2]) == "x"
    assert TensorShape(None) == None and not TensorShape([2]) == None  # noqa: E711
    assert TensorShape([2]) != [2, 3] and TensorShape([2]) != "x"
    with pytest.raises(ValueError, match="The inequality of unknown TensorShapes is undefined."):
        TensorShape([2]) != None  # noqa: E711, B015
    with pytest.raises(ValueError, match="Dimension -1 must be >= 0"):
        TensorShape([2]) == [-1]  # noqa: B015


def test_unknown_sizes_are_equal_only_to_themselves():
    shape = TensorShape([None, 2])
    assert shape == shape and not shape != shape and shape[:1] == shape[:1] and TensorShape(shape) == shape
    assert not shape == TensorShape([None, 2]) and shape != TensorShape([None, 2])
    shared = TensorShape.of((None, 2))
    assert shared != shared and shared.unshared() != shared.unshared()


def test_shared_shapes_are_one_object():
    assert TensorShape.of((2, 3)) is TensorShape.of((2, 3)) and TensorShape.of(None) is shapes.UNKNOWN
    assert type(TensorShape.of((np.int64(7),)).sizes[0]) is int


def test_parts():
    shape = TensorShape([2, 3])
    assert (shape[0].value, shape[-1].value, shape[1:].as_list(), len(shape)) == (2, 3, [3], 2)
    assert [dim.value for dim in shape] == [2, 3] and shape.dims[1].value == 3 and 2 in shape
    assert bool(TensorShape([])) and not TensorShape(None)
    with pytest.raises(IndexError, match="list index out of range"):
        shape[5]


def test_parts_of_an_unknown_shape():
    unknown = TensorShape(None)
    assert unknown[0].value is None and unknown[1:3].as_list() == [None, None] and unknown.dims is None
    assert unknown[1:].rank is None and unknown[:-1].rank is None
    with pytest.raises(ValueError, match="Steps are not yet handled"):
        unknown[::2]
    with pytest.raises(ValueError, match="Cannot take the length of shape with unknown rank."):
        len(unknown)
    with pytest.raises(ValueError, match="Cannot iterate over a shape with unknown rank."):
        list(unknown)
    with pytest.raises(ValueError, match="as_list.. is not defined on an unknown TensorShape."):
        unknown.as_list()


def test_combined():
    assert TensorShape([2, None]).merge_with([None, 3]).as_list() == [2, 3]
    assert (TensorShape([2]) + [3]).as_list() == [2, 3] and ([3] + TensorShape([2])).as_list() == [3, 2]
    assert (TensorShape(None) + [2]).rank is None
    assert TensorShape([2, None]).most_specific_compatible_shape([2, 3]).as_list() == [2, None]
    assert TensorShape(None).with_rank(2).as_list() == [None, None]
    assert [TensorShape(dims).num_elements() for dims in ([2, 3], [], [None])] == [6, 1, None]
    assert np.zeros(TensorShape([2, 3])).shape == (2, 3)


@pytest.mark.parametrize("call, phrase", [
    (lambda: TensorShape([2, None]).merge_with([3, 3]), r"Shapes \(2, \?\) and \(3, 3\) are not compatible"),
    (lambda: TensorShape([2]).merge_with([2, 3]), r"Shapes \(2,\) and \(2, 3\) are not compatible"),
    (lambda: TensorShape([2]).with_rank(2), r"Shape \(2,\) must have rank 2"),
    (lambda: TensorShape([2]).with_rank_at_least(2), r"Shape \(2,\) must have rank at least 2"),
    (lambda: TensorShape([2, 3]).with_rank_at_most(1), r"Shape \(2, 3\) must have rank at most 1"),
    (lambda: TensorShape([2]).assert_has_rank(2), r"Shape \(2,\) must have rank 2"),
    (lambda: TensorShape([2]).assert_same_rank([1, 2]), r"Shapes \(2,\) and \(1, 2\) must have the same rank"),
    (lambda: TensorShape([2]).assert_is_compatible_with([3]), r"Shapes \(2,\) and \[3\] are incompatible"),
    (lambda: TensorShape([None]).assert_is_fully_defined(), r"Shape \(\?,\) is not fully defined"),
])
def test_contradictions(call, phrase):
    with pytest.raises(ValueError, match=phrase):
        call()


def test_dimension_arithmetic():
    two, seven, unknown = Dimension(2), Dimension(7), Dimension(None)
    results = [two + 1, 1 + two, 3 - two, two * 2.0, seven // 2, 7 // two, seven % 4, 9 % seven, two.merge_with(None)]
    assert [result.value for result in results] == [3, 3, 1, 4, 3, 3, 3, 2, 2]
    assert all(r.value is None for r in (two + None, 5 % unknown, unknown // 0, two * unknown))
    with pytest.raises(TypeError, match="unsupported operand type.s. for /: 'Dimension' and 'int', please use // instead"):
        seven / 2
    with pytest.raises(ValueError, match="Dimension -1 must be >= 0"):
        two - 3


def test_dimension_comparisons():
    two = Dimension(2)
    assert two == 2 and two == "2" and not two == "x" and two < 3 and two >= 2 and 3 > two
    assert (two == None) is None and (two < None) is None and (Dimension(None) != 2) is None  # noqa: E711
    assert two.is_compatible_with(None) and bool(Dimension(0))
    with pytest.raises(ValueError, match="Dimensions 2 and 3 are not compatible"):
        two.merge_with(3)
    with pytest.raises(TypeError, match="unhashable type: 'Dimension'"):
        hash(two)


def test_dimension_as_an_index():
    assert list(range(Dimension(2))) == [0, 1] and int(Dimension(4)) == 4
    with pytest.raises(TypeError, match="__int__ returned non-int"):
        int(Dimension(None))


@pytest.mark.parametrize("a, b, expected", [
    ((None, 1), (5,), (None, 5)), ((None,), (1,), (None,)), ((None,), (None,), (None,)), ((None,), (7,), (7,)),
    (None, (7,), None), ((0,), (1,), (0,)), ((None,), (0,), (None,)), ((2, 1, 3), (4, 1), (2, 4, 3)), ((), (2,), (2,)),
])
def test_broadcast(a, b, expected):
    assert shapes.broadcast(a, b) == shapes.broadcast(b, a) == expected


@pytest.mark.parametrize("call, phrase", [
    (lambda: shapes.broadcast((2, 3), (4,)), "Dimensions must be equal, but are 3 and 4"),
    (lambda: shapes.merge((2,), (3,)), "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3]."),
    (lambda: shapes.merge((2,), (3, 1)), "Shapes must be equal rank, but are 1 and 2"),
    (lambda: shapes.reduced((2, 3, 4), 5, False), "Invalid reduction dimension 5 for input with 3 dimensions."),
    (lambda: shapes.with_rank((), 2), "Shape must be rank 2 but is rank 0"),
    (lambda: shapes.concatenated([(2, 3), (2,)], 0), "Shape must be rank 2 but is rank 1"),
    (lambda: shapes.concatenated([(2, 3), (2, 4)], 0),
     "Dimension 0 in both shapes must be equal, but are 3 and 4. Shapes are [3] and [4]."),
    (lambda: shapes.concatenated([(1, 2), (3, 2)], 5), "Shape must be at least rank 6 but is rank 2"),
])
def test_mismatch_begins_the_sentence_of_tf(call, phrase):
    with pytest.raises(ShapeMismatch) as caught:
        call()
    assert str(caught.value) == phrase


@pytest.mark.parametrize("sizes, axes, keep, expected", [
    ((2, 3, 4), [1, -2], False, (2, 4)), ((2, 3, 4), [1, -1], True, (2, 1, 1)), ((2, 3), 0, False, (3,)),
    ((2, 3, 4), None, False, None), ((2, 3, 4), None, True, (None, None, None)), (None, [1], True, None),
])
def test_reduced(sizes, axes, keep, expected):
    assert shapes.reduced(sizes, axes, keep) == expected


@pytest.mark.parametrize("list_of_sizes, axis, expected", [
    ([(2, None), (3, 4), (None, 4)], 0, (None, 4)), ([(2, None), (3, 4)], None, (None, None)),
    ([None, (3, 4)], 0, (None, 4)), ([(1, 2), (3, 2)], -2, (4, 2)), ([(1, None), None], 1, (1, None)), ([None], 0, None),
])
def test_concatenated(list_of_sizes, axis, expected):
    assert shapes.concatenated(list_of_sizes, axis) == expected


def test_format_shape():
    assert [shapes.format_shape(sizes) for sizes in ((2, None), (), None)] == ["[2,?]", "[]", "?"]
