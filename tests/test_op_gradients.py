"""The gradient of every op: TF 1.15's first and second ones for the op's example, and the central differences of its values."""

import json
from pathlib import Path

import numpy as np
import pytest

import graphcore as tf
from graphcore.autodiff.check import compute_gradient
from tests.op_examples import OPS, Node
from tests.oracle import op_gradients, op_graphs

GOLDEN = json.loads((Path(__file__).parent / "oracle" / "golden" / "op_gradients.json").read_text(encoding="utf-8"))
# Ops of which TF 1.15 has no CPU kernel, or that it no longer takes out of a graph.
NOT_RECORDED = {"MatrixExponential", "MaxPool3DGradGrad"}
_VECTORS = "the signs of eigenvectors and singular vectors are a matter of taste, and what is made of them depends on it"
_MORE = "there is one here"
_EMPTY = "TF gives the empty mean and variance of training gradients of one element"
_ADJOINT = "TF leaves the adjoint out of the derivative of an inverse, and is wrong"
_THIRD = "TF's third derivative of normalizing stops at the mean, and is wrong: it changes when all images are moved"
_RETURNS = "TF's function gives a gradient of another shape than the input's, which is an error"
_PARTS = "TF fails over the missing gradients of parts"
# op: (the order from which on it differs, why)
OTHERWISE = {"SelfAdjointEigV2": (1, _VECTORS), "Svd": (1, _VECTORS), "RGBToHSV": (1, _MORE + ", in float64 too"),
             "Softsign": (2, _MORE), "SoftsignGrad": (1, _MORE), "FusedBatchNorm": (1, _EMPTY), "FusedBatchNormV2": (1, _EMPTY),
             "FusedBatchNormV3": (1, _EMPTY), "LogMatrixDeterminant": (2, _ADJOINT), "MatrixDeterminant": (2, _ADJOINT),
             "FusedBatchNormGrad": (2, _THIRD), "FusedBatchNormGradV2": (2, _THIRD), "FusedBatchNormGradV3": (2, _THIRD),
             "MatrixDiagV2": (1, _RETURNS), "MatrixDiagPartV2": (1, _RETURNS), "MatrixSetDiagV2": (1, _RETURNS),
             "SparseSparseMaximum": (1, _PARTS), "SparseSparseMinimum": (1, _PARTS)}
SINGLE = {"CTCLoss"}  # computed in float32 whatever comes in


def test_every_op_with_a_gradient_is_recorded():
    assert set(GOLDEN) | NOT_RECORDED == set(op_graphs.names())


@pytest.mark.parametrize("name", list(GOLDEN))
def test_first_and_second_gradients_are_tensorflows(name):
    node = op_graphs.node_of(name)
    outputs, inputs = op_graphs.differentiated(node)
    with tf.Session() as session:
        found = op_gradients.slopes(tf, session, outputs, inputs,
                                    lambda: session.run([variable.initializer for variable in node.variables.values()]))
    agreed = OTHERWISE[name][0] - 1 if name in OTHERWISE else len(GOLDEN[name])
    assert len(found) == len(GOLDEN[name]) or name in OTHERWISE
    for order, (ours, theirs) in enumerate(zip(found, GOLDEN[name][:agreed]), 1):
        if isinstance(theirs, str) or isinstance(ours, str):
            assert ours == theirs, f"order {order}"
            continue
        assert [g is None for g in ours] == [g is None for g in theirs], f"order {order}"
        for gradient, expected in zip(ours, theirs):
            if expected is not None:
                tolerance = 2e-6 if gradient.dtype == np.float32 or name in SINGLE else 1e-10
                np.testing.assert_allclose(gradient.ravel(), np.array(expected, np.float64), rtol=tolerance, atol=tolerance,
                                           err_msg=f"order {order}")


# Outputs whose derivative TF leaves out: a gradient itself, for second derivatives in the logits only.
PARTLY = {"SoftmaxCrossEntropyWithLogits": 1, "SparseSoftmaxCrossEntropyWithLogits": 1, "CTCLoss": 1,
          "MaxPool3DGradGrad": 0}  # its gradient takes no float64
# Symmetric inputs of which one triangle is read: TF gives each of two equal elements half of the derivative.
HALVED = {"Cholesky"}
# Ops whose gradient TF names but has not: asking for it raises NotImplementedError.
REFUSED = {"SparseDenseCwiseAdd", "SparseSparseMaximum", "SparseSparseMinimum"}
DIFFERENTIABLE = [name for name, op in OPS.items() if op.differentiable and op.example is not None and not op.stateful
                  and name not in REFUSED and name != "PreventGradient"]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradient_equals_central_differences(name):
    node = Node(OPS[name], wide=True)
    results = [tensor for _, tensor in node.named][:PARTLY.get(name)]
    with tf.Session() as session:
        session.run([variable.initializer for variable in node.variables.values()])
        for y in [each for each in results if each.dtype.base == tf.float64]:
            for x in [each for each in node.flat_inputs if each.dtype.base == tf.float64]:
                if tf.gradients(y, x)[0] is None:
                    continue  # as in TF: the test above
                start, end = session.run([x, y])
                theory, numeric = compute_gradient(x, start.shape, y, end.shape, start, delta=1e-6)
                if name in HALVED:
                    numeric = (numeric + numeric.reshape(*start.shape, -1).swapaxes(0, 1).reshape(numeric.shape)) / 2
                np.testing.assert_allclose(theory, numeric, rtol=1e-5, atol=1e-6)


def test_a_gradient_that_is_prevented_says_why():
    x = tf.constant(1.0)
    with pytest.raises(LookupError, match="Gradient explicitly disabled. Reason: .*because"):
        tf.gradients(tf.raw_ops.PreventGradient(input=x, message="because") if hasattr(tf, "raw_ops")
                     else OPS["PreventGradient"].build(x, message="because"), x)


REFUSING = [name for name, op in OPS.items() if op.refuses and op.inputs and op.example is not None]


@pytest.mark.parametrize("name", REFUSING)
def test_an_op_whose_gradient_nobody_defined_says_so(name):
    node = Node(OPS[name])
    outputs = [each for each in node.outputs if each.dtype.base.is_floating]
    inputs = [each for each in node.flat_inputs if each.dtype.base.is_floating or each.dtype == tf.resource]
    if outputs and inputs:
        with pytest.raises(LookupError, match=rf"No gradient defined for operation '.*' \(op type: {name}\)"):
            tf.gradients(outputs, inputs)
