"""Every op is declared as TF 1.15 declares it: arguments, attributes with defaults and allowed values, state, gradient."""
import json
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import opdefs

from graphcore.core import dtypes
from graphcore.core.opdef import REGISTRY, REQUIRED, TypeAttr, TypeListAttr
from graphcore.core.shapes import TensorShape

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "opdefs.json"), encoding="utf-8") as recorded:
    GOLDEN = json.load(recorded)
# Ops by the name of the GraphDef; the package's own, not what other tests declare.
OURS = {name: op for name, op in REGISTRY.items() if op.__module__.startswith("graphcore.")}
_GPU_LAYOUT = "data_format: string in NCHW NHWC = 'NHWC'\n    TF: string in NCHW NCHW_VECT_C NHWC = 'NHWC'"
_NO_SLOPE = "gradient: False, TF: True"  # TF's function gives None for every input
_MORE = "gradient: True, TF: None"  # ours has one
_DRAWS = "stateful: True"  # it draws random numbers in every run: no two are merged, none is folded
ON_PURPOSE = {
    "MaxPool": [_GPU_LAYOUT], "SpaceToDepth": [_GPU_LAYOUT], "DepthToSpace": [_GPU_LAYOUT],
    "ArgMax": [_NO_SLOPE], "ArgMin": [_NO_SLOPE],
    "MatrixExponential": [_MORE], "SoftsignGrad": [_MORE],
    "FractionalMaxPool": [_DRAWS], "FractionalAvgPool": [_DRAWS],
}
KINDS = {bool: "bool", int: "int", float: "float", bytes: "string", dtypes.DType: "type", TensorShape: "shape"}


def argument(declared):
    kind = declared.type.name
    count = declared.count.name if declared.count is not None else None
    return opdefs.argument_text(declared.name, kind, count, declared.ref)


def attribute(op, attr):
    if isinstance(attr, TypeAttr):
        return opdefs.attribute_text("type", attr.default and attr.default.name, allowed_text(attr.allowed))
    if isinstance(attr, TypeListAttr):
        return opdefs.attribute_text("list(type)", None, allowed_text(attr.allowed), attr.minimum)
    kind = "list(%s)" % KINDS[attr.kind[0]] if isinstance(attr.kind, list) else KINDS.get(attr.kind, "tensor")
    allowed = " ".join(sorted(each.decode() for each in attr.allowed)) if attr.allowed else None
    if kind == "shape" and attr.default is None:
        return opdefs.attribute_text(kind, "<unknown>")
    default = None if attr.default is REQUIRED or attr.default is None else default_text(attr.default)
    return opdefs.attribute_text(kind, default, allowed, attr.minimum)


def allowed_text(allowed):
    return opdefs.types_text(None if allowed is None else {each.name for each in allowed})


def default_text(value):
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(default_text(each) for each in value)
    if isinstance(value, dtypes.DType):
        return value.name
    if isinstance(value, bytes):
        return repr(value.decode("latin-1"))
    if isinstance(value, str):
        return repr(value)
    return "%g" % value if isinstance(value, float) else str(value)


def differences(name):
    op, theirs, found = OURS[name], GOLDEN[name], []
    args = ", ".join(map(argument, op.inputs)) + " -> " + ", ".join(map(argument, op.outputs))
    if args != theirs["args"]:
        found.append("takes and gives %s\n    TF: %s" % (args, theirs["args"]))
    ours = {key: attribute(op, attr) for key, attr in op.attrs.items()}
    for key in sorted({*ours, *theirs["attrs"]}):
        if ours.get(key) != theirs["attrs"].get(key):
            found.append("%s: %s\n    TF: %s" % (key, ours.get(key), theirs["attrs"].get(key)))
    # An op that changes a variable has an effect; TF does not call it stateful, the variable is.
    if op.stateful != (theirs.get("stateful", False) or any(each.ref for each in op.inputs) and not op.aliases and not op.branch):
        found.append("stateful: %s" % op.stateful)
    gradient = None if op.refuses else op.differentiable
    if gradient != theirs.get("gradient"):
        found.append("gradient: %s, TF: %s" % (gradient, theirs.get("gradient")))
    return [line for line in found if line not in ON_PURPOSE.get(name, ())]


@pytest.mark.parametrize("name", sorted(OURS))
def test_an_op_is_declared_as_tensorflow_declares_it(name):
    found = differences(name)
    assert not found, "\n".join([name, *found])
