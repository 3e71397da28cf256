"""Which device runs what: the session's devices, and the device strings of the nodes."""

import os
import sys
from typing import NamedTuple

from graphcore.core import errors
from graphcore.core.device import DeviceSpec

_HERE = "/job:localhost/replica:0/task:0"


class DeviceAttributes(NamedTuple):
    """One device of a session, as ``session.list_devices()`` shows it."""

    name: str
    device_type: str
    memory_limit_bytes: int
    incarnation: int

    def __repr__(self):
        return f"_DeviceAttributes({self.name}, {self.device_type}, {self.memory_limit_bytes}, {self.incarnation})"


def checked_config(config):
    """``config`` itself if it is a ConfigProto or None; TypeError otherwise."""
    if config is None or type(config).__name__ == "ConfigProto":
        return config
    raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")


def is_plain(config):
    """Whether the configuration asks for the plain interpreter (optimisation level L0)."""
    return config is not None and config.graph_options.optimizer_options.opt_level == -1


def local_devices(config):
    """The CPU devices that a configuration asks for; one if it does not say."""
    count = 1
    if config is not None and "CPU" in config.device_count:
        count = max(1, config.device_count["CPU"])
    return [DeviceAttributes(f"{_HERE}/device:CPU:{i}", "CPU", 268435456, _incarnation(i)) for i in range(count)]


def _incarnation(index):
    return int.from_bytes(os.urandom(8), "little") >> 1 | index


def log_mapping(devices):
    sys.stderr.write("Device mapping: no known devices.\n")


def place(session, operations):
    """Check that every operation can run where its device string says; log it when asked."""
    config = session._config
    log = config is not None and config.log_device_placement
    soft = config is not None and config.allow_soft_placement
    names = {d.name for d in session._devices}
    for op in operations:
        if op._device:
            where = _assigned(op, names, soft)
        elif log:
            where = session._devices[0].name
        if log:
            sys.stderr.write(f"{op.name}: ({op.type}): {where}\n")


def _assigned(op, names, soft):
    spec = DeviceSpec.from_string(op.device)
    full = DeviceSpec.from_string(_HERE + "/device:CPU:0").make_merged_spec(spec).to_string()
    if full in names:
        return full
    if soft and (spec.job, spec.replica, spec.task) in ((None, None, None), ("localhost", 0, 0), ("localhost", None, None)):
        return f"{_HERE}/device:CPU:0"
    raise errors.InvalidArgumentError(
        None, op, f"Cannot assign a device for operation {op.name}: Operation was explicitly assigned to {op.device} but "
        f"available devices are [ {', '.join(sorted(names))} ]. Make sure the device specification refers to a valid device. "
        "tf.ConfigProto(allow_soft_placement=True) would run it on the CPU."
        f"\n\t [[node {op.name} (defined at {op.source or 'unknown place'}) ]]")
