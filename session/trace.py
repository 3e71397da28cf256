"""Traces: when each operation ran, where, and what it gave, as the RunMetadata that TensorBoard shows."""

import contextlib
import functools
import threading
import time
import weakref
from typing import NamedTuple

import numpy as np

from graphcore import proto
from graphcore.core.dtypes import as_dtype
from graphcore.session.plan import needed_operations
from graphcore.session.state import Cell

_PRODUCER = 134  # the GraphDef version of TF 1.15


def run_with_options(session, run, values, options, run_metadata):
    """What ``session.run`` gives for ``values``, with a RunOptions kept to and a RunMetadata filled; either may be None."""
    options = options or None  # an empty dictionary is none, too
    _check_message("options", options, "RunOptions")
    _check_message("run_metadata", run_metadata, "RunMetadata")
    trace = Trace(session, run) if options is not None and options.trace_level else None
    timeout = options.timeout_in_ms / 1000 if options is not None and options.timeout_in_ms > 0 else None
    result = run.watched(values, timeout, trace)
    if run_metadata is not None:
        run_metadata.Clear()
        if trace is not None:
            trace.fill(run_metadata.step_stats)
        if options is not None and options.output_partition_graphs:
            _fill_partitions(run_metadata, session, run)
    return result


def _check_message(argument, message, name):
    if message is not None and not (type(message).__name__ == name and hasattr(message, "SerializeToString")):
        raise TypeError(f"{argument} must be a tf.{name}, but got {type(message)}")


class _Output(NamedTuple):
    dtype: object
    shape: tuple
    bytes: int
    address: int = 0
    allocation: object = None  # the _Allocation that it lies in, if an operation of this run made that
    is_new: bool = False  # whether this operation did


class _Allocation:
    """Memory that an operation took for its results, and when the run let go of it; times in ns since the run began."""

    def __init__(self, number, size, made):
        self.number, self.bytes, self.made = number, size, made  # the number counts those of the operation
        self.freed = None


class _Record(NamedTuple):
    """One step that ran; times in ns since the run began."""

    origin: object
    device: int
    start: int
    begin: int
    end: int
    done: int
    thread: int
    outputs: tuple


class Trace:
    """What happened in one run; `interpret` and the devices' workers report to it."""

    def __init__(self, session, run):
        self._session, self._run = session, run
        self._fed = ()
        self._owners = {}  # id of an array that is alive → a weak reference to it, and its _Allocation or None
        self._records = []  # several threads append, which is safe
        self._wall = time.time_ns()
        self._clock = time.perf_counter_ns()

    def _now(self):
        return time.perf_counter_ns() - self._clock

    @contextlib.contextmanager
    def step(self, step, slots, device=0):
        """Note when the block, which runs ``step``, begins and ends, and what it leaves in ``slots``."""
        start = self._now()
        device = device or self._session._placement.index(step.origin)
        for value in _taken(step, slots):
            self._noted(value)
        begin = self._now()
        yield
        end = self._now()
        taken = {id(value) for value in _taken(step, slots)}
        outputs, made = [], 0
        for value in _left(step, slots):
            described = _described(value)
            if described is not None:
                is_new = not (isinstance(value, np.ndarray) and id(_owner(value)) in self._owners or id(value) in taken)
                made += is_new
                allocation = self._noted(value, _Allocation(made, _owner(value).nbytes, end) if is_new else None)
                described = described._replace(allocation=allocation, is_new=is_new)
            outputs.append(described)
        self._records.append(_Record(step.origin, device, start, begin, end, self._now(), threading.get_ident(), tuple(outputs)))

    def _noted(self, value, allocation=None):
        """The allocation that an array lies in (what is given, for one not seen before); it is told when the array is gone."""
        if not isinstance(value, np.ndarray):
            return allocation
        owner = _owner(value)
        known = self._owners.get(id(owner))
        if known is None:
            gone = functools.partial(self._let_go, id(owner), allocation)
            known = self._owners[id(owner)] = weakref.ref(owner, gone), allocation
        return known[1]

    def _let_go(self, key, allocation, _):
        self._owners.pop(key, None)
        if allocation is not None:
            allocation.freed = self._now()

    def feeds(self, arrays):
        """Note the arrays that are fed: they are the caller's."""
        self._fed = [_described(array) for array in arrays]
        for array in arrays:
            self._noted(array)

    # ------------------------------------------------------------ as messages
    def fill(self, step_stats):
        """Add a DeviceStepStats for each device that had something to do, its nodes in the order they began."""
        records = sorted([*self._records, *self._dissolved()], key=lambda r: r.start)
        for number, device in enumerate(self._session._devices):
            own = [record for record in records if record.device == number]
            if own:
                stats = step_stats.dev_stats.add(device=device.name)
                fed = {tensor.op for tensor in self._run.tensors}
                for record in _first_of_each(own):
                    self._fill_node(stats.node_stats.add(), record, fed)

    def _dissolved(self):
        """Records of what the plan made no step of (constants, identities): they take no time."""
        seen = {record.origin for record in self._records}
        index, thread = self._session._placement.index, threading.get_ident()
        found = [_Record(tensor.op, index(tensor.op), 0, 0, 0, 0, thread, (fed,)) for tensor, fed in zip(self._run.tensors, self._fed)]
        for op in needed_operations(self._run.fetches.elements, self._run.tensors):
            if op not in seen:
                constant = op.definition.constant_value
                outputs = () if constant is None else (_described(constant(op.attrs)),)
                found.append(_Record(op, index(op), 0, 0, 0, 0, thread, outputs))
        return found

    def _fill_node(self, message, record, fed):
        origin, name = record.origin, record.origin.name
        if origin in fed and not origin._inputs:
            # What is fed is an argument of the run, and carries TF's name for that.
            message.node_name = f"_arg_{name}_0_{_position(self._run.tensors, origin)}"
            message.timeline_label = f"{message.node_name} = _Arg()"
        else:
            message.node_name, message.timeline_label = name, _label(origin)
        begun = self._wall + record.start
        message.all_start_nanos, message.all_start_micros = begun, begun // 1000
        for field, moment in (("op_start", record.begin), ("op_end", record.end), ("all_end", record.done)):
            setattr(message, f"{field}_rel_nanos", moment - record.start)
            setattr(message, f"{field}_rel_micros", (moment - record.start) // 1000)
        message.scheduled_nanos, message.scheduled_micros = begun, begun // 1000
        message.thread_id = record.thread & 0xFFFFFFFF
        for slot, output in enumerate(record.outputs):
            if output is not None:
                _fill_output(message.output.add(slot=slot), output)
        made = [output.allocation for output in record.outputs if output is not None and output.is_new]
        if made:
            self._fill_memory(message.memory, made)
        message.memory_stats.SetInParent()
        if _keeps_its_memory(origin):
            message.memory_stats.persistent_memory_size = sum(output.bytes for output in record.outputs if output is not None)

    def _fill_memory(self, memory, made):
        """What an operation took for its results, and what of that the run has let go of since, as TF tells it."""
        size = sum(allocation.bytes for allocation in made)
        told = memory.add(allocator_name="cpu", total_bytes=size, peak_bytes=size, live_bytes=size)
        changes = [(allocation.made, allocation.bytes) for allocation in made]
        changes += [(allocation.freed, -allocation.bytes) for allocation in made if allocation.freed is not None]
        for moment, change in sorted(changes, key=lambda pair: pair[0]):
            told.allocation_records.add(alloc_micros=(self._wall + moment) // 1000, alloc_bytes=change)


def _first_of_each(records):
    """One record for each operation: a variable read several times shows its first read."""
    return {record.origin: record for record in reversed(records)}.values().__reversed__()


def _position(tensors, op):
    return next(number for number, tensor in enumerate(tensors) if tensor.op is op)


def _taken(step, slots):
    """The arrays that a step takes, and the contents of the variables."""
    for item in step.inputs:
        for slot in item if isinstance(item, tuple) else (item,):
            value = slots[slot]
            yield value.value if isinstance(value, Cell) else value


def _owner(array):
    """The array whose memory this one shows; itself if the memory is nobody else's."""
    while isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _keeps_its_memory(op):
    """Whether its output lies in memory that it has between runs: constants and variables."""
    return op.definition.constant_value is not None or not op._inputs and any(t.dtype._is_ref_dtype for t in op.outputs)


def _left(step, slots):
    """The arrays that a step has left, or the content of the variable it has written."""
    if step.outputs:
        return [slots[slot] for slot in step.outputs]
    return [slots[slot].value for slot in step.inputs if not isinstance(slot, tuple) and isinstance(slots[slot], Cell)][:1]


def _described(value):
    """dtype, shape and size of an array; None for what is none."""
    try:
        array = np.asarray(value)
        return _Output(as_dtype(array.dtype), array.shape, array.nbytes, array.__array_interface__["data"][0])
    except (TypeError, ValueError):
        return None


def _fill_output(message, output):
    description = message.tensor_description
    description.dtype = output.dtype.as_datatype_enum
    description.shape.SetInParent()
    for size in output.shape:
        description.shape.dim.add(size=size)
    allocation = description.allocation_description
    allocation.requested_bytes, allocation.allocator_name, allocation.ptr = output.bytes, "cpu", output.address
    if output.allocation is not None:  # as in TF not told of what a run finds: feeds, constants, variables
        allocation.allocated_bytes, allocation.allocation_id = output.allocation.bytes, output.allocation.number
        allocation.has_single_reference = output.is_new


def _label(op):
    """``name = Op(inputs)``, with the inputs' names as a GraphDef has them."""
    names = [t.op.name if t.value_index == 0 else t.name for t in op._inputs]
    return f"{op.name} = {op.type}({', '.join([*names, *(f'^{c.name}' for c in op._control_inputs)])})"


def _fill_partitions(run_metadata, session, run):
    """Add the graph that ran, a GraphDef for each device."""
    partitions = {}
    for op in needed_operations(run.fetches.elements, run.tensors):
        device = session._placement.device_name(op)
        if device not in partitions:
            partitions[device] = proto.GraphDef()
            partitions[device].versions.producer = _PRODUCER
        node = partitions[device].node.add()
        node.CopyFrom(op.node_def)
        node.device = device
    for graph_def in partitions.values():
        run_metadata.partition_graphs.add().CopyFrom(graph_def)
