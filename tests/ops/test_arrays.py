"""Array functions: static shapes that are partly known, automatic packing, IndexedSlices and TF 1.15's phrases."""

import warnings

import numpy as np
import pytest

import graphcore as tf
from graphcore.autodiff.gradients import gradients
from graphcore.core import errors
from graphcore.core.convert import convert_to_tensor
from graphcore.core.dtypes import float32, int32, int64
from graphcore.core.indexed import IndexedSlices
from graphcore.core.scopes import get_default_graph
from graphcore.ops import arrays, casting, filling, gathering, joining, padding, sequences, splitting, transposing
from graphcore.ops.constants import constant, placeholder
from graphcore.session.session import Session

X = np.arange(6, dtype=np.float32).reshape(2, 3)


def run(fetches, feed=None):
    with Session() as session:
        return session.run(fetches, feed)


def names():
    return [op.name for op in get_default_graph().get_operations()]


# ---------------------------------------------------------------- what is known of shapes


@pytest.mark.parametrize(("make", "expected"), [
    (lambda x, y: arrays.reshape(y, arrays.shape(x)), "(?, 5)"),
    (lambda x, y: arrays.reshape(y, [arrays.shape(x)[0], 4]), "(?, 4)"),
    (lambda x, y: arrays.reshape(y, joining.concat([arrays.shape(x), [4]], 0)), "(?, 5, 4)"),
    (lambda x, y: arrays.reshape(y, arrays.shape(x)[1:]), "(5,)"),
    (lambda x, y: arrays.reshape(y, [arrays.shape(x)[0], arrays.size(filling.zeros([2]))]), "(?, 2)"),
    (lambda x, y: filling.fill([arrays.shape(x)[0], 3], 0.0), "(?, 3)"),
    (lambda x, y: filling.zeros(arrays.shape(x)), "(?, 5)"),
    (lambda x, y: transposing.tile(x, [2, 3]), "(?, 15)"),
    (lambda x, y: arrays.expand_dims(x, -1), "(?, 5, 1)"),
    (lambda x, y: transposing.transpose(x), "(5, ?)"),
    (lambda x, y: padding.pad(x, [[1, 1], [0, 2]]), "(?, 7)"),
    (lambda x, y: padding.pad(x, [[1, 1], [0, arrays.size(x)]]), "(?, ?)"),
    (lambda x, y: joining.concat([x, x], 1), "(?, 10)"),
    (lambda x, y: joining.stack([x, y], 1), "(?, 2, 5)"),
    (lambda x, y: splitting.split(x, [1, -1], 1)[1], "(?, 4)"),
    (lambda x, y: gathering.gather(x, [0, 1], axis=1), "(?, 2)"),
    (lambda x, y: gathering.gather_nd(x, [[0], [1]]), "(2, 5)"),
    (lambda x, y: gathering.one_hot(arrays.shape(x), 7), "(2, 7)"),
    (lambda x, y: arrays.squeeze(x), "<unknown>"),
])
def test_static_shapes(make, expected):
    made = make(placeholder(float32, [None, 5]), placeholder(float32))
    assert str(made.shape) == expected


def test_known_shapes_are_constants():
    x = constant(X)
    made = [arrays.shape(x), arrays.size(x), arrays.rank(x)]
    assert [t.op.type for t in made] == ["Const"] * 3
    assert [[2, 3], 6, 2] == [np.asarray(v).tolist() for v in run(made)]


def test_unknown_shapes_are_nodes():
    x = placeholder(float32)
    assert [t.op.type for t in (arrays.shape(x), arrays.size(x), arrays.rank(x))] == ["Shape", "Size", "Rank"]


# ---------------------------------------------------------------- packing and filling


def test_lists_with_tensors_are_packed():
    a = constant(1.0)
    packed = convert_to_tensor([[a, 2.0], [3.0, a]])
    np.testing.assert_array_equal([[1.0, 2.0], [3.0, 1.0]], run(packed))
    assert names() == ["Const", "packed/0/1", "packed/0", "packed/1/0", "packed/1", "packed"]


def test_packing_casts_to_the_wanted_dtype():
    packed = convert_to_tensor([constant(1), 3], dtype=int64)
    assert packed.dtype is int64


def test_packing_does_not_mix_dtypes():
    with pytest.raises(TypeError, match="don't all match"):
        joining.stack([constant(1), constant(2.0)])


def test_small_zeros_are_constants_and_large_ones_are_filled():
    assert filling.zeros([10, 99]).op.type == "Const"
    assert filling.zeros([10, 100]).op.type == "Fill"


def test_zeros_of_a_computed_shape_leave_the_nodes_of_tensorflow():
    n = placeholder(int32, [], name="n")
    filling.zeros([n, 3])
    assert names() == ["n", "zeros/mul/y", "zeros/mul", "zeros/Less/y", "zeros/Less", "zeros/packed/1", "zeros/packed",
                       "zeros/Const", "zeros"]


def test_a_range_of_floats_adds_its_step():
    # Recorded from TF 1.15: the rounding of each addition is kept.
    expected = [0.0, 0.10000000149011612, 0.20000000298023224, 0.30000001192092896, 0.4000000059604645, 0.5,
                0.6000000238418579, 0.7000000476837158, 0.8000000715255737, 0.9000000953674316]
    assert expected == run(sequences.range(0.0, 1.0, 0.1)).tolist()


def test_a_range_takes_the_widest_type():
    assert sequences.range(0, constant(3, int64)).dtype is int64
    assert sequences.range(1, 5, 0.5).dtype is float32


# ---------------------------------------------------------------- gathers and IndexedSlices


def test_the_gradient_of_a_gather_is_indexed_slices():
    x = constant(X)
    grad, = gradients(gathering.gather(x, [1, 0, 1]), [x])
    assert isinstance(grad, IndexedSlices)
    np.testing.assert_array_equal([[1, 1, 1], [2, 2, 2]], run(convert_to_tensor(grad)))


def test_indexed_slices_print_and_negate():
    slices = IndexedSlices(constant(X), constant([3, 0]), constant([4, 3]))
    assert str(slices) == ('IndexedSlices(indices=Tensor("Const_1:0", shape=(2,), dtype=int32), values=Tensor("Const:0", '
                           'shape=(2, 3), dtype=float32), dense_shape=Tensor("Const_2:0", shape=(2,), dtype=int32))')
    np.testing.assert_array_equal(np.vstack([-X[1], [0, 0, 0], [0, 0, 0], -X[0]]), run(convert_to_tensor(-slices)))


def test_dense_slices_of_unknown_shape_are_warned_of():
    shape = casting.cast(placeholder(int64, [2]), int32)
    with pytest.warns(UserWarning, match="Converting sparse IndexedSlices to a dense Tensor of unknown shape"):
        convert_to_tensor(IndexedSlices(constant(X), constant([0, 1]), shape))


def test_dense_slices_of_a_small_known_shape_are_not():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        convert_to_tensor(IndexedSlices(constant(X), constant([0, 1]), constant([2, 3])))


def test_slices_without_a_shape_cannot_become_dense():
    with pytest.raises(ValueError, match="Tensor conversion requested for IndexedSlices without dense_shape"):
        convert_to_tensor(IndexedSlices(constant(X), constant([0, 1])))


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(("make", "phrase"), [
    (lambda x: arrays.reshape(x, [4]), r"Cannot reshape a tensor with 6 elements to shape \[4\] \(4 elements\)"),
    (lambda x: arrays.reshape(x, [4, -1]), "Dimension size must be evenly divisible by 4 but is 6"),
    (lambda x: arrays.reshape(x, 6), "Shape must be rank 1 but is rank 0"),
    (lambda x: arrays.expand_dims(x, 4), r"dim 4 not in the interval \[-3, 2\]\."),
    (lambda x: arrays.expand_dims(x, 1, dim=1), "Cannot specify both 'dim' and 'axis'"),
    (lambda x: arrays.squeeze(x, 0), r"Can not squeeze dim\[0\], expected a dimension of 1, got 2"),
    (lambda x: transposing.transpose(x, [0, 1, 2]), "Dimension must be 2 but is 3"),
    (lambda x: transposing.reverse(x, [0, 0]), "axis 0 specified more than once"),
    (lambda x: padding.pad(x, [[1, 1]]), "Shape must be rank 1 but is rank 2"),
    (lambda x: padding.pad(x, [[1, 1], [1, 1]], "X"), "Unknown padding mode: X"),
    (lambda x: joining.stack([x, x], 5), r"axis = 5 not in \[-3, 3\)"),
    (lambda x: joining.stack([x, x[0]]), "Shapes must be equal rank, but are 2 and 1\n\tFrom merging shape 0 with other shapes."),
    (lambda x: joining.concat([x, x[0]], 0), "Shape must be rank 2 but is rank 1"),
    (lambda x: joining.concat([1.0, 2.0], 0), r"Can't concatenate scalars \(use tf.stack instead\)"),
    (lambda x: splitting.split(x, 4), "Number of ways to split should evenly divide the split dimension"),
    (lambda x: gathering.gather_nd(x, [[0, 1, 2]]), r"indices.shape\[-1\] must be <= params.rank"),
    (lambda x: gathering.boolean_mask(x, True), "mask cannot be scalar"),
    (lambda x: sequences.range(5, 3), "Requires start <= limit when delta > 0: 5/3"),
])
def test_refused_while_building(make, phrase):
    with pytest.raises(ValueError, match=phrase):
        make(constant(X))


@pytest.mark.parametrize(("make", "fed", "phrase"), [
    (arrays.reshape, [4], "Input to reshape is a tensor with 6 values, but the requested shape has 4"),
    (arrays.reshape, [-1, 4], "but the requested shape requires a multiple of 4"),
    (arrays.reshape, [-1, -1], "Only one input size may be -1, not both 0 and 1"),
    (arrays.expand_dims, 5, "Tried to expand dim index 5 for tensor with 2 dimensions"),
    (transposing.transpose, [1, 1], r"0 is missing from \{1,1\}"),
    (transposing.tile, [2, -2], r"Expected multiples\[1\] >= 0, but got -2"),
    (transposing.broadcast_to, [4, 4], r"Incompatible shapes: \[2,3\] vs. \[4,4\]"),
    (padding.pad, [[1, -1], [1, 1]], "Paddings must be non-negative: 1 -1"),
    (gathering.gather, [1, 7], r"indices\[1\] = 7 is not in \[0, 2\)"),
    (gathering.gather_nd, [[0, 1], [-1, 2]], r"indices\[1\] = \[-1, 2\] does not index into param shape \[2,3\]"),
    (lambda x, n: joining.concat([x, x], n), 3, r"Expected concatenating dimensions in the range \[-2, 2\), but got 3"),
])
def test_refused_when_it_runs(make, fed, phrase):
    x, n = constant(X), placeholder(int32)
    with pytest.raises(errors.InvalidArgumentError, match=phrase):
        run(make(x, n), {n: fed})


@pytest.mark.parametrize("make, op, minimum", [
    (lambda: tf.concat([], 0), "'values' to 'ConcatV2'", 2), (lambda: tf.summary.merge([]), "'inputs' to 'MergeSummary'", 1),
    (lambda: tf.dynamic_stitch([], []), "'indices' to 'DynamicStitch'", 1),
])
def test_a_list_of_too_few_tensors(make, op, minimum):
    with pytest.raises(ValueError, match=f"List argument {op} Op with length 0 shorter than minimum length {minimum}"):
        make()
