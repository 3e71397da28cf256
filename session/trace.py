"""Traces: when each operation ran, where, and what it gave, as the RunMetadata that TensorBoard shows."""

import contextlib
import threading
import time
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
        begin = self._now()
        yield
        end = self._now()
        outputs = tuple(_described(value) for value in _left(step, slots))
        self._records.append(_Record(step.origin, device, start, begin, end, self._now(), threading.get_ident(), outputs))

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
        found = [_Record(tensor.op, index(tensor.op), 0, 0, 0, 0, thread, ()) for tensor in self._run.tensors]
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
        made = sum(output.bytes for output in record.outputs if output is not None)
        if made and not origin.definition.aliases:
            message.memory.add(allocator_name="cpu", total_bytes=made, peak_bytes=made, live_bytes=made)


def _first_of_each(records):
    """One record for each operation: a variable read several times shows its first read."""
    return {record.origin: record for record in reversed(records)}.values().__reversed__()


def _position(tensors, op):
    return next(number for number, tensor in enumerate(tensors) if tensor.op is op)


def _left(step, slots):
    """The arrays that a step has left, or the content of the variable it has written."""
    if step.outputs:
        return [slots[slot] for slot in step.outputs]
    return [slots[slot].value for slot in step.inputs if not isinstance(slot, tuple) and isinstance(slots[slot], Cell)][:1]


def _described(value):
    """dtype, shape and size of an array; None for what is none."""
    try:
        array = np.asarray(value)
        return _Output(as_dtype(array.dtype), array.shape, array.nbytes)
    except (TypeError, ValueError):
        return None


def _fill_output(message, output):
    description = message.tensor_description
    description.dtype = output.dtype.as_datatype_enum
    description.shape.SetInParent()
    for size in output.shape:
        description.shape.dim.add(size=size)
    allocation = description.allocation_description
    allocation.requested_bytes = allocation.allocated_bytes = output.bytes
    allocation.allocator_name = "cpu"


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
