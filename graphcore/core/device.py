"""Device names: `DeviceSpec`, canonical text, and how nested device scopes are merged."""

from functools import lru_cache

_FIELDS = ("job", "replica", "task", "device_type", "device_index")


class DeviceSpec:
    """A device, described in part or in full; what is None is left to outer scopes.

    >>> DeviceSpec(job="ps", device_type="CPU", device_index=0).to_string()
    '/job:ps/device:CPU:0'
    """

    __slots__ = ("_job", "_replica", "_task", "_device_type", "_device_index")

    def __init__(self, job=None, replica=None, task=None, device_type=None, device_index=None):
        self.job = job
        self.replica = replica
        self.task = task
        self.device_type = device_type
        self.device_index = device_index

    @classmethod
    def from_string(cls, spec):
        """The DeviceSpec written as `/job:<name>/replica:<id>/task:<id>/device:<type>:<id>`, each part optional."""
        return cls(*_parsed(spec))

    @property
    def job(self):
        """The name of the job, or None."""
        return self._job

    @job.setter
    def job(self, job):
        self._job = None if job is None else str(job)

    @property
    def replica(self):
        """The number of the replica, or None."""
        return self._replica

    @replica.setter
    def replica(self, replica):
        self._replica = None if replica is None else int(replica)

    @property
    def task(self):
        """The number of the task, or None."""
        return self._task

    @task.setter
    def task(self, task):
        self._task = None if task is None else int(task)

    @property
    def device_type(self):
        """The kind of device, such as `"CPU"`, or None."""
        return self._device_type

    @device_type.setter
    def device_type(self, device_type):
        # Of all names, these two alone may be written small.
        small = device_type in ("cpu", "gpu")
        self._device_type = device_type.upper() if small else None if device_type is None else str(device_type)

    @property
    def device_index(self):
        """The number of the device among those of its kind; None is any."""
        return self._device_index

    @device_index.setter
    def device_index(self, device_index):
        self._device_index = None if device_index is None else int(device_index)

    def to_string(self):
        """The canonical name: `/job:<name>/replica:<id>/task:<id>/device:<type>:<id>` without what is None."""
        text = "".join(f"/{field}:{value}" for field, value in zip(_FIELDS, self._fields()[:3]) if value is not None)
        if self._device_type is None:
            return text
        return f"{text}/device:{self._device_type}:{'*' if self._device_index is None else self._device_index}"

    def parse_from_string(self, spec):
        """Take every field from a device string, and return this object."""
        self._take(_parsed(spec))
        return self

    def merge_from(self, dev):
        """Take from `dev` the fields it has."""
        self._take(self._merged(dev))

    def make_merged_spec(self, dev):
        """A new DeviceSpec: the fields of `dev`, and of this one where `dev` has none."""
        return type(self)(*self._merged(dev))

    def replace(self, **kwargs):
        """A new DeviceSpec with the given fields changed."""
        return type(self)(**{**dict(zip(_FIELDS, self._fields())), **kwargs})

    def __eq__(self, other):
        return isinstance(other, type(self)) and self.to_string() == other.to_string()

    def __hash__(self):
        return hash(self.to_string())

    def _fields(self):
        return self._job, self._replica, self._task, self._device_type, self._device_index

    def _take(self, values):
        self.job, self.replica, self.task, self.device_type, self.device_index = values

    def _merged(self, dev):
        return [mine if other is None else other for mine, other in zip(self._fields(), dev._fields())]


@lru_cache(maxsize=4096)
def _parsed(spec):
    """Return the five fields written in a device string; ValueError for what is not one."""
    fields = dict.fromkeys(_FIELDS)
    for part in (spec or "").split("/"):
        key, *values = part.split(":")
        if key in ("job", "replica", "task") and len(values) == 1:
            fields[key] = values[0] if key == "job" else _number(values[0], spec)
        elif key.upper() in ("CPU", "GPU") and len(values) <= 1:
            _set_device(fields, spec, key.upper(), *values)
        elif key == "device" and len(values) == 2:
            _set_device(fields, spec, *values)
        elif key:
            raise ValueError(f"Unknown attribute: '{key}' in '{spec}'")
    return tuple(fields.values())


def _set_device(fields, spec, device_type, index="*"):
    if fields["device_type"] is not None:
        raise ValueError(f"Cannot specify multiple device types: {spec}")
    fields["device_type"] = device_type
    fields["device_index"] = None if index == "*" else _number(index, spec)


def _number(text, spec):
    """Return the int that `text`, a part of the device string `spec`, is."""
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{error} in device '{spec}'") from None


def is_device_spec(obj):
    """Whether `obj` is a DeviceSpec."""
    return isinstance(obj, DeviceSpec)


def check_valid(spec):
    """Raise ValueError unless `spec` is a device string."""
    _parsed(spec)


def canonical_name(device):
    """The full spelling of a device string or DeviceSpec: `/cpu:0` is `/device:CPU:0`; of None, the empty string."""
    if device is None:
        return ""
    return device.to_string() if isinstance(device, DeviceSpec) else _canonical(device)


@lru_cache(maxsize=4096)
def _canonical(device):
    return DeviceSpec.from_string(device).to_string()


def merged_name(outer, inner):
    """The canonical name of a device string `inner` inside a scope for `outer`: `inner` wins, field by field."""
    return merge_device(outer).merged_into(inner)


def merge_device(spec):
    """A function from an operation (or whatever has `device`) to the DeviceSpec it has in a scope for `spec`.

    Scopes apply from the innermost outwards, so what the operation already has wins.
    """
    if isinstance(spec, MergeDevice):
        return spec
    return _merger(canonical_name(spec))


class MergeDevice:
    """What `merge_device` returns; one object per device name."""

    __slots__ = ("_spec", "_known", "is_null_merge")

    def __init__(self, spec):
        # A copy: the caller may change a DeviceSpec later.
        self._spec = DeviceSpec.from_string(canonical_name(spec))
        self._known = {}
        self.is_null_merge = not self._spec.to_string()

    def __call__(self, node_def):
        return self._spec.make_merged_spec(DeviceSpec.from_string(node_def.device or ""))

    def merged_into(self, device):
        """The canonical name of the merged device, for a device string; remembered, since few strings are asked often."""
        found = self._known.get(device)
        if found is None:
            merged = self._spec.make_merged_spec(DeviceSpec.from_string(device or ""))
            found = self._known[device] = merged.to_string()
        return found

    def shortcut_string_merge(self, node_def):
        """The canonical name of the device the operation has in this scope."""
        return self.merged_into(node_def.device or "")

    def __repr__(self):
        return f"{object.__repr__(self)} (spec: {self._spec.to_string()})"


_merger = lru_cache(maxsize=4096)(MergeDevice)
