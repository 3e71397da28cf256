"""tf.einsum against NumPy: equations of every kind, shapes known or not, gradients, errors."""

import logging

import numpy as np
import pytest

import graphcore as tf
from graphcore.autodiff.gradients import gradients
from tests.tolerances import assert_close

RANDOM = np.random.RandomState(5)
SIZES = dict(a=2, b=3, c=4, d=5, i=3, j=4, k=2, l=3)
EQUATIONS = [
    "ij,jk->ik", "ij,jk", "ij->ji", "ji", "ij->", "ijk->j", "i,i->", "i,j->ij", "i,j->ji", "bij,bjk->bik", "abij,jk->abik",
    "ijk,ijk->k", "ij,ij->ij", "abc,cd->dba", "abc,abd->acd", "ab,bc,cd->ad", "a,b,c->abc", "ij,jk->i", "dcb,bca->da",
    "ab,cd->", "bac,dai->bcid", "kl,lk->lk", "abcd,dcba->", "ab,b,cd->adc", " i j , j k -> k i ",
]
WITH_DOTS = ["...ij,...jk->...ik", "...i,i", "...i,...i->...", "i...->i", "...ij,jk->...ik", "i...,i->...", "...->..."]
SHARED_BY_THREE = ["i,i,i->", "ab,ab,bc->ac", "ij,jk,jl->ikl"]


def spelled_out(equation):
    return equation.replace(" ", "").replace("...", "ab")


def operands(equation):
    terms = spelled_out(equation).split("->")[0].split(",")
    return [RANDOM.standard_normal([SIZES[axis] for axis in term]).astype(np.float32) for term in terms]


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("equation", EQUATIONS + WITH_DOTS)
def test_equations(equation, known):
    values = operands(equation)
    held = [tf.placeholder(tf.float32, value.shape if known else [None] * value.ndim) for value in values]
    wanted = np.einsum(spelled_out(equation), *[value.astype(float) for value in values])
    result = tf.einsum(equation, *held)
    assert result.shape.is_compatible_with(wanted.shape)
    assert_close(wanted, run(result, dict(zip(held, values))), scale=8)


@pytest.mark.parametrize("equation", SHARED_BY_THREE)
def test_an_axis_summed_over_three_tensors(equation, caplog):
    values = operands(equation)
    wanted = np.einsum(equation, *[value.astype(float) for value in values])
    with caplog.at_level(logging.WARNING, "graphcore"):
        assert_close(wanted, run(tf.einsum(equation, *map(tf.constant, values))), scale=8)
    assert "exponential-space" in caplog.text


@pytest.mark.parametrize("equation", ["ij,jk->ik", "abc,cd->dba", "i,j->ji", "ab,bc,cd->ad", "ijk->j", "...ij,...jk->...ik"])
def test_the_gradient_contracts_with_the_other_inputs(equation):
    values = operands(equation)
    inputs = [tf.constant(value) for value in values]
    result = tf.einsum(equation, *inputs)
    dy = RANDOM.standard_normal(result.shape.as_list()).astype(np.float32)
    terms, (out,) = [part.split(",") for part in spelled_out(equation).split("->")]
    for number, slope in enumerate(run(gradients(result, inputs, tf.constant(dy)))):
        others = [(term, value) for at, (term, value) in enumerate(zip(terms, values)) if at != number]
        missing = [axis for axis in terms[number] if axis not in out + "".join(term for term, _ in others)]
        others += [(axis, np.ones(SIZES[axis], np.float32)) for axis in missing]
        back = ",".join([out] + [term for term, _ in others]) + "->" + terms[number]
        assert_close(np.einsum(back, dy, *[value for _, value in others]), slope, scale=8)


@pytest.mark.parametrize("equation", ["ii", "ijji"])
def test_traces(equation):
    values = RANDOM.standard_normal([SIZES[axis] for axis in equation]).astype(np.float32)
    trace = tf.einsum(equation, values)
    assert_close(np.trace(values, axis1=-2, axis2=-1), run(trace))


def test_what_needs_no_transpose_gets_none():
    tf.einsum("ij,jk->ik", tf.zeros([2, 3]), tf.zeros([3, 4]))
    types = [op.type for op in tf.get_default_graph().get_operations()]
    assert types == ["Const", "Const", "MatMul"]


@pytest.mark.parametrize(
    ("equation", "shapes", "phrase"),
    [
        ("ij;jk", [(2, 3)], "Indices have incorrect format"),
        ("ij,jk->ik", [(2, 3)], 'Got 1 arguments for equation "ij,jk->ik", expecting 2'),
        ("ij,jk->ik", [(2, 3), (3,)], "Tensor t1 of rank 1 does not match einsum reduction of length 2"),
        ("ij,jk->ik", [(2,), (3, 2)], "Tensor t0 of rank 1 does not match"),
        ("ij,jk->iz", [(2, 3), (3, 2)], "Invalid equation: ij,jk->iz"),
        ("ijj,k->ik", [(2, 3, 3), (3,)], "an axis appears more than once: ijj"),
        ("ij,jk->ik", [(2, 3), (4, 2)], "Cannot reshape a tensor with 8 elements"),
        ("......i->i", [(2, 3)], "Excess number found"),
        ("...ij->ij", [(2,)], "Ellipses lengths do not match"),
        ("...ij,jk..", [(2, 2), (2, 2)], 'period "." found outside of ellipsis'),
        ("i,i,i->", [(2,), (3,), (2,)], "Dimension mismatch on axis: i"),
        ("i,i,ij->", [(2,), (2,), (2,)], "Input 2 with axes ij has incorrect number of dimensions"),
    ],
)
def test_what_does_not_fit(equation, shapes, phrase):
    with pytest.raises(ValueError, match=phrase):
        tf.einsum(equation, *[tf.zeros(shape) for shape in shapes])


def test_dots_need_a_known_rank():
    with pytest.raises(ValueError, match="Unable to statically infer ellipsis axes"):
        tf.einsum("...i,i", tf.placeholder(tf.float32), tf.zeros([2]))


def test_unknown_arguments():
    with pytest.raises(TypeError, match="invalid keyword arguments for this function: axis"):
        tf.einsum("i->", tf.zeros([2]), axis=1)
