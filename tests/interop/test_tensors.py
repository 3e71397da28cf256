"""TensorProtos equal TF 1.15's, byte for byte, and broken ones are told."""

import re

import numpy as np
import pytest

from graphcore import proto
from graphcore.core import dtypes
from graphcore.interop.tensors import make_ndarray, make_tensor_proto
from tests.summaries import golden


def tensor(dtype, *shape, **fields):
    """A TensorProto with these fields."""
    result = proto.TensorProto(dtype=dtype.enum, **fields)
    for size in shape:
        result.tensor_shape.dim.add(size=size)
    return result


@pytest.mark.parametrize("answer", golden.answers("tensors"))
def test_arrays_are_written_as_tf_writes_them(answer):
    assert make_tensor_proto(golden.array(answer["values"])).SerializeToString().hex() == answer["result"]["hex"]


@pytest.mark.parametrize("answer", golden.answers("tensors"))
def test_arrays_are_read_back(answer):
    expected = golden.array(answer["values"])
    actual = make_ndarray(proto.TensorProto.FromString(bytes.fromhex(answer["result"]["hex"])))
    assert actual.dtype == expected.dtype
    assert actual.flags.writeable
    np.testing.assert_array_equal(expected, actual, strict=True)


# What TF wraps around, converts or says differently when Python values become an array.


@pytest.mark.parametrize("answer", golden.answers("calls"), ids=lambda answer: answer["arguments"])
def test_python_values_are_written_as_tf_writes_them(answer):
    def made():
        return eval(f"make_tensor_proto({answer['arguments']})", {"make_tensor_proto": make_tensor_proto, "np": np, "tf": dtypes})

    if "hex" in answer["result"]:
        assert made().SerializeToString().hex() == answer["result"]["hex"]
    else:
        kind = {"ValueError": ValueError, "TypeError": TypeError}[answer["result"]["error"]]
        with pytest.raises(kind, match=re.escape(answer["result"]["message"])):
            made()


def test_a_proto_stays_as_it_is():
    given = tensor(dtypes.float32, float_val=[1.0])
    assert make_tensor_proto(given) is given


@pytest.mark.parametrize(("given", "expected"), [
    (tensor(dtypes.float32, 4, float_val=[1, 2]), np.array([1, 2, 2, 2], np.float32)),
    (tensor(dtypes.float32, 2), np.zeros(2, np.float32)),
    (tensor(dtypes.string, 2, string_val=[b"a"]), np.array([b"a", b"a"], object)),
    (tensor(dtypes.string, 2), np.array([b"", b""], object)),
    (tensor(dtypes.int8, int_val=[300]), np.array(44, np.int8)),
    (tensor(dtypes.uint32, 1, uint32_val=[7]), np.array([7], np.uint32)),
    (tensor(dtypes.bool, 2, tensor_content=b"\1\2"), np.array([True, True])),
    (tensor(dtypes.complex64, 2, scomplex_val=[1, 2]), np.array([1 + 2j, 1 + 2j], np.complex64)),
    (proto.TensorProto(dtype=1, tensor_shape=proto.TensorShapeProto(unknown_rank=True), float_val=[1]), np.array(1, np.float32)),
    (tensor(dtypes.qint8, 2, int_val=[1, 2]), np.array([(1,), (2,)], [("qint8", np.int8)])),
])
def test_short_lists_are_filled_up(given, expected):
    np.testing.assert_array_equal(expected, make_ndarray(given), strict=True)


@pytest.mark.parametrize("given", [
    tensor(dtypes.float32, 2, float_val=[1, 2, 3]),
    tensor(dtypes.float32, 0, float_val=[1]),
    tensor(dtypes.float32, -1, float_val=[1]),
    tensor(dtypes.float32, -1, tensor_content=b"1234"),
    tensor(dtypes.float32, 3, tensor_content=b"1234"),
    tensor(dtypes.float32, 1, tensor_content=b"123"),
    tensor(dtypes.string, tensor_content=b"abc"),
    tensor(dtypes.complex64, scomplex_val=[1]),
    tensor(dtypes.float32, 1 << 40, float_val=[1]),
    tensor(dtypes.float32, 1 << 32, 1 << 32, float_val=[1]),
    tensor(dtypes.string, 1 << 40, string_val=[b"a"]),
    tensor(dtypes.int8, 1 << 62, 4, tensor_content=b"a"),
    tensor(dtypes.float32, *[1] * 300, float_val=[1]),
])
def test_protos_that_contradict_themselves(given):
    with pytest.raises(ValueError):
        make_ndarray(given)


@pytest.mark.parametrize("given", [proto.TensorProto(), proto.TensorProto(dtype=99), tensor(dtypes.resource),
                                   tensor(dtypes.float32_ref, float_val=[1]), 3])
def test_types_without_values(given):
    with pytest.raises(TypeError):
        make_ndarray(given)
