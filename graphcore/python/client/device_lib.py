"""``device_lib.list_local_devices()``: which devices this process has."""

from graphcore import proto
from graphcore.session.config import checked_config
from graphcore.session.placement import local_devices


def list_local_devices(session_config=None):
    """The devices of this machine that a session with this ConfigProto would have, as DeviceAttributes messages.

    >>> from graphcore.python.client import device_lib
    >>> [device.name for device in device_lib.list_local_devices()]
    ['/device:CPU:0']
    """
    return [_message(device) for device in local_devices(checked_config(session_config))]


def _message(device):
    message = proto.DeviceAttributes()
    message.name = device.name[device.name.index("/device:"):]
    message.device_type = device.device_type
    message.memory_limit = device.memory_limit_bytes
    message.locality.SetInParent()  # shown even though nothing is known
    message.incarnation = device.incarnation
    return message
