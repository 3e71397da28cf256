"""The lazily loaded messages."""

import subprocess
import sys

import pytest

from graphcore import proto


def test_every_name_is_there():
    assert [name for name in proto.__all__ if not hasattr(proto, name)] == []


def test_unknown_name():
    with pytest.raises(AttributeError, match="no message 'Nonsense'"):
        proto.__getattr__("Nonsense")


def test_nothing_is_loaded_before_it_is_named():
    program = ("import sys; from graphcore import proto\n"
               "assert not {name for name in sys.modules if name.startswith(('tensorboard', 'google'))}")
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_device_attributes_are_tfs():
    device = proto.DeviceAttributes(name="/device:CPU:0", device_type="CPU", memory_limit=268435456,
                                    incarnation=5255252572960716060)
    device.locality.SetInParent()
    # Both as TF 1.15's device_lib.list_local_devices gives them.
    assert device.SerializeToString().hex() == "0a0d2f6465766963653a4350553a3012034350552080808080012a00311cf547205f68ee48"
    assert str([device]) == ('[name: "/device:CPU:0"\ndevice_type: "CPU"\nmemory_limit: 268435456\nlocality {\n}\n'
                             "incarnation: 5255252572960716060\n]")


def test_declared_messages_nest():
    locality = proto.DeviceLocality()
    locality.links.link.add(device_id=1, type="bus", strength=2)
    assert proto.DeviceLocality.FromString(locality.SerializeToString()) == locality


@pytest.mark.parametrize(("feature", "written"), [
    (dict(key="a", kind="int64_list", values=[1, -2]), "0a160a140a0161120f1a0d0a0b01feffffffffffffffff01"),
    (dict(key="b", kind="float_list", values=[1.5]), "0a0f0a0d0a0162120812060a040000c03f"),
    (dict(key="s", kind="bytes_list", values=[b"y", b"z"]), "0a0f0a0d0a017312080a060a01790a017a"),
])
def test_examples_are_tfs(feature, written):
    example = proto.Example()
    getattr(example.features.feature[feature["key"]], feature["kind"]).value.extend(feature["values"])
    assert example.SerializeToString().hex() == written  # as TF 1.15's example_pb2 writes it
    assert example.features.feature[feature["key"]].WhichOneof("kind") == feature["kind"]


def test_examples_are_made_of_keywords():
    values = proto.Int64List(value=[1, -2])
    example = proto.Example(features=proto.Features(feature={"a": proto.Feature(int64_list=values)}))
    assert example.SerializeToString().hex() == "0a160a140a0161120f1a0d0a0b01feffffffffffffffff01"


def test_sequence_examples_are_tfs():
    sequence = proto.SequenceExample()
    sequence.feature_lists.feature_list["steps"].feature.add().int64_list.value.append(3)
    assert sequence.SerializeToString().hex() == "12120a100a05737465707312070a051a030a0103"
