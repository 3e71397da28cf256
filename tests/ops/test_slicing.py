"""Slices of tensors against NumPy's, their static shapes, and what is refused; phrases are TF 1.15's."""

import numpy as np
import pytest

from graphcore.core import errors
from graphcore.core.dtypes import float32, int32
from graphcore.ops import slicing
from graphcore.ops.constants import constant, placeholder
from graphcore.session.session import Session

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
NEW = None

INDICES = [
    0, -1, (1, 2), (1, 2, 3), slice(None), slice(1, None), slice(None, -1), slice(None, None, -1), slice(5, None, -2), slice(1, 1),
    slice(7, 9), slice(-9, 9), Ellipsis, (Ellipsis, 0), (0, Ellipsis), (slice(None), Ellipsis, slice(1, 3)), NEW, (NEW, 0),
    (Ellipsis, NEW), (0, NEW, slice(None), NEW, 1), (slice(None, None, 2), slice(2, 0, -1), -4), (), (NEW, Ellipsis, NEW, 2),
]


def run(fetches, feed=None):
    with Session() as session:
        return session.run(fetches, feed)


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_a_slice_is_numpys(index):
    np.testing.assert_array_equal(X[index], run(constant(X)[index]))


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_the_static_shape_is_the_real_one(index):
    assert list(X[index].shape) == constant(X)[index].shape.as_list()


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_an_unknown_shape_gives_the_same_values(index):
    x = placeholder(float32)
    np.testing.assert_array_equal(X[index], run(x[index], {x: X}))


@pytest.mark.parametrize(("index", "expected"), [
    (0, "(3,)"), (slice(None), "(?, 3)"), (slice(0, 2), "(?, 3)"), ((slice(None), 1), "(?,)"),
    ((Ellipsis, NEW), "(?, 3, 1)"), ((slice(None), slice(None, None, 2)), "(?, 2)"),
])
def test_unknown_sizes_stay_unknown(index, expected):
    assert str(placeholder(float32, [None, 3])[index].shape) == expected


def test_bounds_may_be_tensors():
    n = placeholder(int32, [])
    x = constant(X)
    values = run([x[n], x[:, n:], x[..., :n, n]], {n: 1})
    for expected, value in zip([X[1], X[:, 1:], X[..., :1, 1]], values):
        np.testing.assert_array_equal(expected, value)


def test_a_bool_tensor_is_a_mask():
    x = constant(X)
    np.testing.assert_array_equal(X[X > 5], run(x[x > 5.0]))


def test_node_names():
    assert [op.name for op in constant(X)[0].graph.get_operations()] == [
        "Const", "strided_slice/stack", "strided_slice/stack_1", "strided_slice/stack_2", "strided_slice"]


@pytest.mark.parametrize(("index", "phrase"), [
    (5, r"slice index 5 of dimension 0 out of bounds\. for 'strided_slice'"),
    (-3, "slice index -1 of dimension 0 out of bounds"),
    ((0, 0, 0, 0), "Index out of range using input dim 3; input has only 3 dims"),
    ((Ellipsis, Ellipsis), "Multiple ellipses in slice spec not allowed"),
    (slice(None, None, 0), r"strides\[0\] must be non-zero"),
])
def test_bad_slices_are_refused_while_building(index, phrase):
    with pytest.raises(ValueError, match=phrase):
        constant(X)[index]


@pytest.mark.parametrize("index", ["a", 1.5, slice("a", None), np.array([0, 1])], ids=repr)
def test_what_is_no_index_is_a_type_error(index):
    with pytest.raises(TypeError, match="Only integers, slices"):
        constant(X)[index]


def test_bad_slices_are_refused_when_they_run():
    n = placeholder(int32, [])
    with pytest.raises(errors.InvalidArgumentError, match="slice index 5 of dimension 0 out of bounds"):
        run(constant(X)[n], {n: 5})


def test_only_variables_are_assigned_to():
    with pytest.raises(ValueError, match="Sliced assignment is only supported for variables"):
        constant(X)[0].assign(1.0)


@pytest.mark.parametrize(("begin", "size", "phrase"), [
    ([0, 0, 5], [1, 1, 0], r"Expected begin\[2\] in \[0, 4\], but got 5"),
    ([0, 0, 1], [1, 1, 4], r"Expected size\[2\] in \[0, 3\], but got 4"),
    ([0, 0], [1, 1], "Expected begin and size arguments to be 1-D tensors of size 3"),
])
def test_a_slice_stays_inside(begin, size, phrase):
    start, length = placeholder(int32), placeholder(int32)
    with pytest.raises(errors.InvalidArgumentError, match=phrase):
        run(slicing.slice(constant(X), start, length), {start: begin, length: size})
