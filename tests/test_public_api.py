"""The public names are TF 1.15's, and take TF's arguments; what differs is listed here, with the reason."""

import pytest

from tests import api_count

# Names that TF does not have.
OURS = {
    "DType.base": "an attribute; a property `base_dtype` is TF's spelling of it",
    "DType.enum": "an attribute: the number in GraphDefs",
    "DType.is_ref": "an attribute that the whole package reads",
    "DType.np": "an attribute: the NumPy dtype",
    "InteractiveSession.explain": "as Session.explain",
    "Operation.attrs": "an attribute: the operation's attributes as Python values",
    "Operation.definition": "an attribute: the class that declares the op",
    "Operation.source": "file and line of the user that made the operation",
    "Operation.where": "an attribute: where `source` comes from",
    "Session.explain": "prints what becomes of a graph: there is no such thing in TF",
    "TensorShape.of": "shared shapes, which building is quick with",
    "TensorShape.sizes": "the sizes as a plain tuple",
    "TensorShape.unshared": "the opposite of `of`",
    "Variable.is_initialized": "resource variables have it in TF, here all do",
}
# Names of TF that take other arguments here, or are something else.
DIFFERENT = {
    "Operation": "made by the graph; TF's constructor takes a NodeDef",
    "Tensor": "made by the graph, with its static shape",
}


def test_signatures_are_tfs():
    _, other, _ = api_count.compared()
    here, theirs = api_count.ours(), api_count.recorded()
    wrong = [f"{name}: {here[name]}, TF has {theirs[name]}" for name in other if name not in DIFFERENT]
    assert not wrong, "\n".join(wrong)


def test_every_public_name_is_tfs():
    _, _, extra = api_count.compared()
    assert [name for name in extra if name not in OURS] == []


def test_lists_of_differences_are_no_longer_than_needed():
    _, other, extra = api_count.compared()
    assert set(DIFFERENT) <= set(other)
    assert set(OURS) <= set(extra)


def test_much_of_the_surface_is_here():
    same, _, _ = api_count.compared()
    assert len(same) >= 1000


@pytest.mark.parametrize("name", [
    "Graph", "Session", "Variable", "constant", "convert_to_tensor", "errors.OpError", "get_variable", "gradients", "matmul",
    "nn.softmax_cross_entropy_with_logits_v2", "placeholder", "reduce_sum", "summary.FileWriter", "train.AdamOptimizer",
])
def test_what_every_program_uses_is_here(name):
    assert api_count.ours()[name] == api_count.recorded()[name]
