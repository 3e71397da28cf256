"""Special values of the element-wise ops as TF 1.15.5 gives them, and what its public functions build."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core.errors import InvalidArgumentError, UnimplementedError
from graphcore.ops import complex_numbers, division, mathematics, selection, special
from graphcore.ops.broadcasting import BroadcastGradientArgs, repeated_axes
from graphcore.ops.division import Div
from tests.tolerances import assert_close, assert_same

NAN, INF = np.nan, np.inf


def run(fetches):
    with tf.Session() as session:
        return session.run(fetches)


def floats(*values):
    return np.array(values, np.float32)


@pytest.mark.parametrize("function, x, y, expected", [
    (tf.maximum, [NAN, 1.0, -0.0, 0.0], [1.0, NAN, 0.0, -0.0], [NAN, 1.0, -0.0, 0.0]),
    (tf.minimum, [NAN, 1.0, -0.0, 0.0], [1.0, NAN, 0.0, -0.0], [NAN, 1.0, -0.0, 0.0]),
    (tf.floor_div, [1.0, -1.0, 1.0, -7.0], [0.1, 0.1, 0.0, INF], [10.0, -10.0, INF, -0.0]),
    (tf.floormod, [5.0, -5.0, 5.0, -0.0, 1.0, 0.0, 1.0], [3.0, 3.0, -3.0, 1.0, INF, -INF, -INF],
     [2.0, 1.0, -1.0, -0.0, 1.0, 0.0, -INF]),
    (tf.truncatemod, [5.0, -5.0, 5.0, -5.0], [3.0, 3.0, -3.0, -3.0], [2.0, -2.0, 2.0, -2.0]),
    (division.div_no_nan, [1.0, NAN, INF], [0.0, 0.0, 2.0], [0.0, 0.0, INF]),
    (mathematics.xdivy, [0.0, 0.0, 2.0], [0.0, NAN, 4.0], [0.0, 0.0, 0.5]),
    (mathematics.SqrtGrad.build, [0.0, 0.0, 2.0], [0.0, 1.0, 1.0], [0.0, INF, 0.25]),
])
def test_special_pairs_of_floats(function, x, y, expected):
    assert_same(floats(*expected), run(function(floats(*x), floats(*y))))


@pytest.mark.parametrize("function, x, expected", [
    (tf.sign, [NAN, -0.0, 0.0, -2.0, INF], [0.0, 0.0, 0.0, -1.0, 1.0]),
    (tf.round, [0.5, 1.5, 2.5, -1.5, INF], [0.0, 2.0, 2.0, -2.0, INF]),
    (special.lgamma, [0.0, -1.0, INF, -INF], [INF, INF, INF, INF]),
    (special.digamma, [0.0, -1.0], [INF, INF]),
    (tf.log, [0.0, 1.0], [-INF, 0.0]),
    (tf.reciprocal, [0.0, -0.0], [INF, -INF]),
])
def test_special_floats(function, x, expected):
    assert np.array_equal(floats(*expected), run(function(floats(*x))), equal_nan=True)


@pytest.mark.parametrize("function, expected", [
    (tf.floor_div, [3, -4, -4, 3]), (tf.truncatediv, [3, -3, -3, 3]), (Div.build, [3, -3, -3, 3]),
    (tf.floormod, [1, 1, -1, -1]), (tf.truncatemod, [1, -1, 1, -1]),
])
def test_integers_divide_as_in_tf(function, expected):
    assert_same(np.array(expected, np.int32), run(function([7, -7, 7, -7], [2, 2, -2, -2])))


@pytest.mark.parametrize("function", [tf.floor_div, tf.floormod, Div.build])
def test_dividing_by_integer_zero(function):
    with pytest.raises(InvalidArgumentError, match="Integer division by zero"):
        run(function([1, 2], [1, 0]))


@pytest.mark.parametrize("function", [tf.truncatediv, tf.truncatemod])
def test_dividing_by_integer_zero_as_c_does(function):
    with pytest.raises(tf.errors.InternalError, match="Unexpected error in binary operator"):  # TF 1.15's own words
        run(function([1, 2], [1, 0]))


def test_an_integer_to_a_negative_power():
    with pytest.raises(InvalidArgumentError, match="Integers to negative integer powers are not allowed"):
        run(tf.pow([2], [-1]))


def test_integer_powers_wrap_around():
    assert_same(np.array([689956897, 1], np.int32), run(tf.pow([3, 0], [40, 0])))


@pytest.mark.parametrize("dtype, expected", [
    (tf.int32, [1, -1, -2**31, -2**31, -2**31, -2**31, 300]),
    (tf.int64, [1, -1, -2**63, -2**63, -2**63, 3000000000, 300]),
    (tf.int8, [1, -1, 0, 0, 0, 0, 44]),
    (tf.uint8, [1, 255, 0, 0, 0, 0, 44]),
    (tf.uint32, [1, 4294967295, 0, 0, 0, 3000000000, 300]),
    (tf.uint64, [1, 2**64 - 1, 2**63, 0, 2**63, 3000000000, 300]),
    (tf.bool, [True] * 7),
])
def test_cast_of_floats_to_integers(dtype, expected):
    value = floats(1.9, -1.9, NAN, INF, -INF, 3e9, 300.0)
    assert_same(np.array(expected, dtype.as_numpy_dtype), run(tf.cast(tf.constant(value), dtype)))


def test_cast_of_complex_numbers_drops_the_imaginary_part():
    assert run(tf.cast(tf.constant([1j, 0, 1.5]), tf.bool)).tolist() == [False, False, True]


def test_cast_of_strings_is_unimplemented():
    with pytest.raises(UnimplementedError, match="Cast string to float"):
        run(tf.cast(tf.constant(["1"]), tf.float32))


def test_saturate_cast_clamps():
    assert_same(np.array([0, 255, 2], np.uint8), run(tf.saturate_cast(floats(-1.0, 300.0, 2.6), tf.uint8)))


def test_bitcast_splits_and_joins():
    split = tf.bitcast(floats(1.0, 2.0), tf.uint8)
    joined = tf.bitcast(split, tf.float32)
    assert split.shape.as_list() == [2, 4]
    assert_same(floats(1.0, 2.0), run(joined))


def test_bitcast_to_a_size_that_does_not_fit():
    with pytest.raises(ValueError, match="Cannot bitcast due to shape. 3 does not match 4"):
        tf.bitcast(np.zeros([2, 3], np.uint8), tf.int32)


def test_select_by_rows():
    rows = selection.where([True, False], [[1, 2], [5, 6]], [[3, 4], [7, 8]])
    assert run(rows).tolist() == [[1, 2], [7, 8]]


def test_select_does_not_broadcast():
    with pytest.raises(ValueError, match="Dimension 0 in both shapes must be equal, but are 2 and 1"):
        selection.where([True, False], [[1.0, 2.0]], [[3.0, 4.0]])


def test_complex_parts_keep_infinities():
    value = run(complex_numbers.complex(floats(INF), floats(1.0)))
    assert value.tolist() == [complex(INF, 1.0)]


def test_squared_difference_of_complex_numbers_is_a_squared_distance():
    assert run(tf.squared_difference(1 + 1j, 0j)) == 2


def test_polygamma():
    assert_close(floats(-0.5772159, 1.644934, -2.404114, NAN), run(special.polygamma(floats(0, 1, 2, 1.5), floats(1, 1, 1, 1))))


@pytest.mark.parametrize("first, second, expected", [
    ((2, 3), (3,), ((), (0,))), ((2, 1), (1,), ((1,), (0, 1))), ((1, 2), (1, 2), ((), ())), ((1, 2), (2,), ((0,), (0,))),
    ((), (2,), ((0,), ())), ((1, 5), (2, 1, 1), ((0, 1), (1, 2))), ((0, 1), (1,), ((1,), (0, 1))),
])
def test_repeated_axes(first, second, expected):
    assert expected == repeated_axes(first, second)


def test_shapes_that_do_not_broadcast():
    shapes = [tf.placeholder_with_default(np.array([n], np.int32), [None]) for n in (2, 3)]
    with pytest.raises(InvalidArgumentError, match=r"Incompatible shapes: \[2\] vs\. \[3\]"):
        run(BroadcastGradientArgs.build(*shapes))


@pytest.mark.parametrize("build, names", [
    (lambda x: x + 1, ["add/y", "add"]), (lambda x: 1 - x, ["sub/x", "sub"]), (lambda x: x // 2, ["floordiv/y", "floordiv"]),
    (lambda x: x / 2, ["truediv/y", "truediv/Cast", "truediv/Cast_1", "truediv"]), (lambda x: x < 2, ["Less/y", "Less"]),
    (lambda x: -abs(x), ["Abs", "Neg"]), (lambda x: tf.divide(x, 2, name="k"), ["k/y", "k/Cast", "k/Cast_1", "k"]),
    (lambda x: tf.scalar_mul(2, x), ["scalar", "Mul"]), (lambda x: x ** 2 % 3, ["pow/y", "pow", "mod/y", "mod"]),
])
def test_operators_build_tf_nodes(fresh_graph, build, names):
    build(tf.constant([4, 9], name="x"))
    assert ["x", *names] == [op.name for op in fresh_graph.get_operations()]


def test_equality_of_tensors_is_identity():
    x = tf.constant(1)
    assert (x == x) is True
    assert (x == tf.constant(1)) is False


@pytest.mark.parametrize("build, phrase", [
    (lambda x: x + 2.5, "Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument 'x'"),
    (lambda x: 2.5 * x, "Expected int32, got 2.5 of type 'float' instead"),
    (lambda x: tf.add(x, 1.5), "Expected int32 passed to parameter 'y' of op 'Add', got 1.5 of type 'float' instead"),
    (lambda x: x / tf.constant(2.0), "x and y must have the same dtype, got tf.int32 != tf.float32"),
    (lambda x: ~x, "Input 'x' of 'LogicalNot' Op has type int32 that does not match expected type of bool"),
    (lambda x: tf.sqrt(x), "Value passed to parameter 'x' has DataType int32 not in list of allowed values"),
])
def test_dtypes_are_not_promoted(build, phrase):
    with pytest.raises(TypeError) as error:
        build(tf.constant([1, 2]))
    assert phrase in str(error.value)


def test_add_n_of_different_shapes():
    with pytest.raises(ValueError, match="From merging shape 0 with other shapes."):
        tf.add_n([tf.constant([1.0]), tf.constant([2.0, 3.0])])


@pytest.mark.parametrize("nothing", [[], 3])
def test_add_n_of_nothing(nothing):
    with pytest.raises(ValueError, match="inputs must be a list of at least one Tensor/IndexedSlices"):
        tf.add_n(nothing)
