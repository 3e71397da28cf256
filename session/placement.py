"""Which device runs what: the session's devices, and the device strings of the operations."""

import os
import sys
from typing import NamedTuple

from graphcore.core import errors
from graphcore.core.device import DeviceSpec
from graphcore.session.plan import needed_operations

_HERE = "/job:localhost/replica:0/task:0"
_MEMORY = 268435456  # what TF says of a CPU, whatever it has


class DeviceAttributes(NamedTuple):
    """One device of a session, as ``session.list_devices()`` shows it."""

    name: str
    device_type: str
    memory_limit_bytes: int
    incarnation: int

    def __repr__(self):
        return f"_DeviceAttributes({self.name}, {self.device_type}, {self.memory_limit_bytes}, {self.incarnation})"


def local_devices(config):
    """The CPU devices that a configuration asks for; one if it does not say."""
    count = 1
    if config is not None and "CPU" in config.device_count:
        count = config.device_count["CPU"]
    if count < 1:
        raise errors.NotFoundError(None, None, "No CPU devices are available in this process: "
                                   f"ConfigProto(device_count={{'CPU': {count}}}) asks for none.")
    return [DeviceAttributes(f"{_HERE}/device:CPU:{i}", "CPU", _MEMORY, _incarnation()) for i in range(count)]


def _incarnation():
    return int.from_bytes(os.urandom(8), "little")


class Placement:
    """Where the operations of one session run.

    As in TF every operation of the graph is placed, and logged, when the session first runs after it was made;
    with ``pruned`` (interactive sessions) only what a run needs is, for every new pair of fetches and feeds.
    """

    def __init__(self, graph, devices, config=None, pruned=False):
        self._graph, self._devices = graph, devices
        self._log = config is not None and config.log_device_placement
        self._soft = config is not None and config.allow_soft_placement
        self._pruned = pruned or config is not None and config.graph_options.place_pruned_graph
        self._known = {}  # device string → number of the device
        self._done = 0  # the operations before this one are placed
        self._mutations = graph._mutations
        self._used = False  # whether any operation asks for a device
        if self._log:
            # TF lists accelerators here; the CPU is not one.
            sys.stderr.write("Device mapping: no known devices.\n")

    def check(self, fetches, feeds):
        """Raise InvalidArgumentError if an operation asks for a device that is not there; log what is new, when asked."""
        graph = self._graph
        if self._mutations != graph._mutations:
            self._mutations, self._done = graph._mutations, 0
        new = graph._ops[self._done:] if self._done else graph._ops
        if not self._pruned:
            self._place(new)
        elif self._used or self._log or any(op._device for op in new):
            self._used = True
            self._place(needed_operations(fetches, feeds))
        self._done += len(new)

    def _place(self, operations):
        known = self._known
        for op in operations:
            device = op._device
            if device and (callable(device) or device not in known):
                self._resolve(op)
                self._used = True
        if self._log:
            lines = [f"{op.name}: ({op.type}): {self.device_name(op)}\n" for op in _in_order_of_placing(operations)]
            sys.stderr.write("".join(lines))

    def device_name(self, op):
        """The full name of the device that runs ``op``."""
        return self._devices[self.index(op)].name

    def index(self, op):
        """The number of the device that runs ``op``."""
        if op._device:
            return self._resolve(op)
        if _is_source(op):
            # What has no inputs goes where it is used, if that is one place.
            users = {self.index(user) for user in op.outputs[0].consumers()}
            if len(users) == 1:
                return users.pop()
        return 0

    def spread(self, nodes):
        """For each plan node the number of its device; None if all run on the same one."""
        if not self._used or len(self._devices) == 1:
            return None
        numbers = [self.index(node.origin) for node in nodes]
        return numbers if len(set(numbers)) > 1 else None

    def _resolve(self, op):
        device = op.device
        found = self._known.get(device)
        if found is None:
            found = self._known[device] = self._matching(op, device)
        return found

    def _matching(self, op, device):
        spec = DeviceSpec.from_string(device)
        if spec.job in (None, "localhost") and not spec.replica and not spec.task:
            number = spec.device_index or 0
            if spec.device_type in (None, "CPU") and number < len(self._devices):
                return number
            if self._soft:
                return 0
        gpu = " The requested device appears to be a GPU, but CUDA is not enabled." if spec.device_type == "GPU" else ""
        raise errors.InvalidArgumentError(
            None, op, f"Cannot assign a device for operation {op.name}: node {op.name} (defined at "
            f"{op.source or 'unknown place'})  was explicitly assigned to {device} but available devices are "
            f"[ {', '.join(d.name for d in self._devices)} ]. Make sure the device specification refers to a valid device.{gpu} "
            f"tf.ConfigProto(allow_soft_placement=True) runs on the CPU what asks for another kind of device.\n\t [[{op.name}]]")


def _is_source(op):
    """Whether ``op`` makes one value from nothing."""
    return not op._inputs and len(op.outputs) == 1 and not op.outputs[0].dtype.is_ref


def _in_order_of_placing(operations):
    """As TF goes about it: what takes no inputs comes last."""
    return [op for op in operations if not _is_source(op)] + [op for op in operations if _is_source(op)]
