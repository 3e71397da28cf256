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
