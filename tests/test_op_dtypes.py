"""Every op in every dtype that it declares: what comes out has the dtype that the graph says."""

import json
from pathlib import Path

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import dtypes
from graphcore.core.opdef import TypeAttr
from tests.op_examples import OPS, Example, Node, can_run
from tests.oracle import opdefs
from tests.tolerances import assert_close

GOLDEN = json.loads((Path(__file__).parent / "oracle" / "golden" / "opdefs.json").read_text(encoding="utf-8"))
RUNNABLE = [name for name, op in OPS.items() if can_run(op)]
TYPED = [name for name in RUNNABLE if name != "Const" and any(isinstance(attr, TypeAttr) for attr in OPS[name].attrs.values())]
# What values of the example cannot be in another dtype, and says so.
NOT_THESE_VALUES = {"AsString": "precision not supported for datatype", "DecodeRaw": "is not a multiple of",
                    "Cast": " is not supported", "Bitcast": "Cannot bitcast due to shape"}


def choices(op):
    """The dtypes of the example, and for each attribute every other dtype that it allows, one at a time."""
    usual = Example(op).types()
    yield usual
    for name, attr in op.attrs.items():
        if isinstance(attr, TypeAttr):
            for dtype in sorted(attr.allowed - dtypes.HANDLES - {usual[name]}, key=lambda each: each.enum):
                yield {**usual, name: dtype}


def tensorflow_has_kernel(op, types):
    """Whether TF 1.15 registers a CPU kernel for these dtypes."""
    combinations = GOLDEN[op.op_name].get("kernels", [{}])
    return any(all(types[name].name in opdefs.types_of(text) for name, text in each.items()) for each in combinations)


def outcome(op, types):
    """What is wrong with a run of the example in these dtypes; None if nothing is."""
    with tf.Graph().as_default(), tf.Session() as session:
        try:
            node = Node(op, types)
            values = node.run(session) or []
        except ValueError as error:
            return None if NOT_THESE_VALUES.get(op.op_name, "\0") in str(error) else str(error)
        except tf.errors.OpError as error:
            if NOT_THESE_VALUES.get(op.op_name, "\0") in error.message:
                return None
            refused = f"No OpKernel was registered to support Op '{op.op_name}'" in error.message
            return None if refused and not tensorflow_has_kernel(op, types) else f"{type(error).__name__}: {error.message.splitlines()[0]}"
        exact = all(dtype is usual or usual.is_floating and (dtype.is_floating or dtype.is_complex)
                    for dtype, usual in zip(types.values(), node.example.types().values()))
        for (expected, tensor), value in zip(node.named, values):
            found = np.asarray(value).dtype
            if tensor.dtype.base != tf.string and found != tensor.dtype.base.np:
                return f"{tensor.name} should be {tensor.dtype.base.name}, is {found}"
            if not tensor.shape.is_compatible_with(np.shape(value)):
                return f"{tensor.name} should have the shape {tensor.shape}, has {np.shape(value)}"
            if tensor.dtype.base == tf.string and not all(isinstance(each, bytes) for each in np.array(value, object).ravel()):
                return f"{tensor.name} has strings that are no bytes"
            if exact and not op.stateful and expected is not None and (tensor.dtype.base.is_floating or tensor.dtype.base.is_complex):
                # An example says no more digits than a float32 has.
                narrow = {dtypes.float64: np.float32, dtypes.complex128: np.complex64}.get(tensor.dtype.base, tensor.dtype.base.np)
                assert_close(np.asarray(expected), np.asarray(value).astype(narrow))
    return None


@pytest.mark.parametrize("op", [OPS[name] for name in TYPED], ids=TYPED)
def test_results_have_the_dtype_of_the_graph(op):
    found = {", ".join(f"{k}={v.name}" for k, v in types.items()): outcome(op, types) for types in choices(op)}
    wrong = {types: text for types, text in found.items() if text}
    assert not wrong, "\n".join(f"{op.op_name} with {types}: {text}" for types, text in wrong.items())
