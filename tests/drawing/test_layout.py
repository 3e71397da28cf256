"""Layers of a picture: order, distances, long edges, edges that go back."""

import itertools

import pytest

from graphcore.drawing.layout import GAP, LAYER_GAP, layered
from graphcore.drawing.svg import point_near_start

SIZE = (40.0, 20.0)


def placed(items, edges, **ends):
    return layered(list(items), dict.fromkeys(items, SIZE), edges, **ends)


def test_each_layer_lies_below_the_one_it_takes_from():
    result = placed("abc", [("a", "b"), ("b", "c")])
    assert [result.places[item] for item in "abc"] == [(20.0, 0.0), (20.0, 20.0 + LAYER_GAP), (20.0, 2 * (20.0 + LAYER_GAP))]
    assert (result.width, result.height) == (40.0, 60.0 + 2 * LAYER_GAP)


def test_what_is_side_by_side_does_not_overlap():
    result = placed("abcdefg", [(source, "g") for source in "abcdef"])
    middles = sorted(result.places[item][0] for item in "abcdef")
    assert all(right - left >= 40.0 + GAP - 1e-9 for left, right in itertools.pairwise(middles))
    assert abs(result.places["g"][0] - sum(middles) / 6) < 1.0


def test_crossings_are_avoided():
    # In the order given, the two edges cross.
    result = placed("abyx", [("a", "x"), ("b", "y")])
    assert (result.places["a"][0] < result.places["b"][0]) == (result.places["x"][0] < result.places["y"][0])


def test_long_edges_bend_around_boxes():
    result = placed("abc", [("a", "b"), ("b", "c"), ("a", "c")])
    ((x, y),) = result.routes["a", "c"]
    assert abs(x - result.places["b"][0]) >= 20.0
    assert y == result.places["b"][1] + 10.0


def test_a_source_stands_right_above_its_only_user():
    result = placed(["a", "b", "constant", "c"], [("a", "b"), ("b", "c"), ("constant", "c")])
    assert result.places["constant"][1] == result.places["b"][1]


def test_loops_end():
    result = placed("ab", [("a", "b"), ("b", "a")])
    assert result.places["a"][1] < result.places["b"][1]
    assert result.routes["b", "a"] == []


def test_ends_are_above_and_below_everything():
    result = placed(["in", "a", "b", "out"], [("in", "b"), ("a", "b"), ("a", "out")], top="in", bottom="out")
    heights = [result.places[item][1] for item in ("in", "a", "b", "out")]
    assert heights == sorted(heights) and len(set(heights)) == 4


def test_no_layer_between_the_last_box_and_the_end():
    result = layered(["a", "b", "out"], {"a": SIZE, "b": SIZE, "out": (0.0, 0.0)}, [("a", "b"), ("b", "out")], bottom="out")
    assert result.places["out"][1] == result.places["b"][1] + SIZE[1] + LAYER_GAP


@pytest.mark.parametrize(("end", "expected"), [
    ((100.0, LAYER_GAP), (50.0, LAYER_GAP / 2)),
    # A curve that begins downwards has hardly left its start.
    ((100.0, 100 * LAYER_GAP), (0.0, LAYER_GAP / 2)),
    ((-100.0, 10.0), (-50.0, 5.0)),
])
def test_texts_of_edges_stand_on_their_curves(end, expected):
    assert point_near_start((0.0, 0.0), end) == pytest.approx(expected, abs=0.2)


def test_nothing():
    assert layered([], {}, []) == (0.0, 0.0, {}, {})
