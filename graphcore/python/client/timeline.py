"""``timeline.Timeline``: the times and memory of a run as a trace that Chrome and Perfetto show."""

import json
import re
from typing import NamedTuple

_LABEL = re.compile(r"(.*) = (.*)\((.*)\)")
_UNKNOWN = ("unknown", [])


class AllocationMaximum(NamedTuple):
    """When an allocator held most, how many bytes that were, and the names of the tensors."""

    timestamp: int
    num_bytes: int
    tensors: set


class StepStatsAnalysis(NamedTuple):
    """A trace, with ``format_to_string()``, and {allocator: its AllocationMaximum}."""

    chrome_trace: object
    allocator_maximums: dict


class _Trace:
    """Events in the form of Chrome's trace viewer."""

    def __init__(self):
        self._processes, self._events = [], []

    def process(self, number, name):
        """Name a group of lanes."""
        self._processes.append({"name": "process_name", "ph": "M", "pid": number, "args": {"name": name}})

    def event(self, phase, category, name, process, lane, time, **more):
        """Add an event; ``phase`` is the viewer's letter for its kind."""
        self._events.append({"ph": phase, "cat": category, "name": name, "pid": process, "tid": lane, "ts": time, **more})

    def format_to_string(self, pretty=False):
        """The trace as JSON."""
        layout = dict(indent=4, separators=(",", ": ")) if pretty else dict(separators=(",", ":"))
        return json.dumps({"traceEvents": self._processes + self._events}, **layout)


class _Made:
    """A tensor: where and when it was made, and when it was last needed."""

    def __init__(self, number, place, start, end, output):
        allocation = output.tensor_description.allocation_description
        self.number, self.compute, self.process, self.lane = number, *place
        self.start, self.end, self.last_use = start, end, end
        self.allocator, self.bytes = allocation.allocator_name, allocation.requested_bytes


class Timeline:
    """The timeline of one run.

    Args:
      step_stats: the ``step_stats`` of a ``tf.RunMetadata`` that `Session.run` filled.
      graph: not needed.

    >>> import graphcore as tf
    >>> from graphcore.python.client import timeline
    >>> options, metadata = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata()
    >>> with tf.Session() as session:
    ...     session.run(tf.random_uniform([2]) * 3.0, options=options, run_metadata=metadata).shape
    (2,)
    >>> trace = timeline.Timeline(metadata.step_stats).generate_chrome_trace_format()
    >>> import json
    >>> [event["name"] for event in json.loads(trace)["traceEvents"] if event["ph"] == "X"][-1]
    'Mul'
    """

    def __init__(self, step_stats, graph=None):
        self._step_stats = step_stats

    def generate_chrome_trace_format(self, show_dataflow=True, show_memory=False):
        """The trace as JSON, for a file that ``chrome://tracing`` or ui.perfetto.dev opens.

        ``show_dataflow`` draws arrows from where a tensor was made to another lane that takes it; ``show_memory`` adds
        the tensors, and how many bytes each allocator holds.
        """
        return self.analyze_step_stats(show_dataflow, show_memory).chrome_trace.format_to_string(pretty=True)

    def analyze_step_stats(self, show_dataflow=True, show_memory=True):
        """The trace, and when each allocator held most, as a `StepStatsAnalysis`."""
        trace, made, flows = _Trace(), {}, []
        lanes = [_lanes(device.node_stats) for device in self._step_stats.dev_stats]
        trace.process(0, "Allocators")
        for number, device in enumerate(self._step_stats.dev_stats):
            trace.process(2 * number + 1, device.device + " Compute")
            trace.process(2 * number + 2, device.device + " Tensors")
        for number, device in enumerate(self._step_stats.dev_stats):
            for node, lane in zip(device.node_stats, lanes[number]):
                _add_tensors(made, node, (2 * number + 1, 2 * number + 2, lane), trace if show_memory else None)
        for number, device in enumerate(self._step_stats.dev_stats):
            for node, lane in zip(device.node_stats, lanes[number]):
                _add_node(trace, node, device.device, 2 * number + 1, lane, made, flows if show_dataflow else None)
        return StepStatsAnalysis(trace, _add_memory(trace, made) if show_memory else {})


def _lanes(nodes):
    """A lane for each node of a device, so that those of one lane follow each other."""
    ends, found = [0], []
    for node in nodes:
        start = node.all_start_micros
        lane = next((number for number, end in enumerate(ends) if start > end), len(ends))
        ends[lane:lane + 1] = [start + node.all_end_rel_micros]
        found.append(lane)
    return found


def _add_tensors(made, node, place, trace):
    """Note what a node gave."""
    start, end = node.all_start_micros, node.all_start_micros + node.all_end_rel_micros
    for slot, output in enumerate(node.output):
        name = f"{node.node_name}:{slot}" if slot else node.node_name
        tensor = made[name] = _Made(len(made), place, start, end, output)
        if trace is not None:
            text = str(output.tensor_description).replace('"', "")
            trace.event("N", "Tensor", name, tensor.process, tensor.lane, start, id=tensor.number)
            trace.event("O", "Tensor", name, tensor.process, tensor.lane, end - 1, id=tensor.number,
                        args={"snapshot": {"tensor_description": text}})


def _add_node(trace, node, device, process, lane, made, flows):
    """Add a node as a bar, and arrows from what it takes; ``flows`` counts them, None for no arrows."""
    start, end = node.all_start_micros, node.all_start_micros + node.all_end_rel_micros
    # A tracer of GPUs says "name:op" instead of a label.
    is_traced = "/stream:" in device or "/memcpy" in device
    name, (op, inputs) = node.node_name, _parsed(node.timeline_label)
    if is_traced:
        name, op = [*name.split(":"), "unknown"][:2]
    elif name == "RecvTensor":
        op = name
    known = {} if is_traced or op == "RecvTensor" else {f"input{number}": text for number, text in enumerate(inputs)}
    trace.event("X", "Op", op, process, lane, start, dur=node.all_end_rel_micros, args={"name": name, "op": op, **known})
    for text in known.values():
        # An edge between devices has a name of its own below the tensor's.
        source = text if text in made or text.rfind("/_") <= 0 else text[:text.rfind("/_")]
        if source not in made:
            continue
        tensor = made[source]
        tensor.last_use = max(tensor.last_use, end - 1)
        if flows is not None and (tensor.compute, tensor.lane) != (process, lane):
            trace.event("s", "DataFlow", source, tensor.compute, tensor.lane, tensor.end, id=len(flows))
            trace.event("t", "DataFlow", source, process, lane, start, id=len(flows))
            flows.append(source)


def _parsed(label):
    """The op and the inputs' names in ``name = Op(input, ...)``."""
    match = _LABEL.match(label)
    return (match[2], match[3].split(", ") if match[3] else []) if match else _UNKNOWN


def _add_memory(trace, made):
    """Add the ends of tensors and the counters of allocators; gives {allocator: its AllocationMaximum}."""
    changes = {}
    for name, tensor in made.items():
        trace.event("D", "Tensor", name, tensor.process, 0, tensor.last_use, id=tensor.number)
        changes.setdefault(tensor.allocator, []).extend([(tensor.start, tensor.bytes, name), (tensor.last_use, -tensor.bytes, name)])
    return {allocator: _add_counter(trace, allocator, sorted(each)) for allocator, each in changes.items()}


def _add_counter(trace, allocator, changes):
    """Add how much an allocator holds after each change, in order of time; gives the most."""
    total, held, most = 0, set(), AllocationMaximum(0, 0, set())
    for time, change, name in changes:
        total += change
        if change < 0:
            held.discard(name)
        else:
            held.add(name)
        if total > most.num_bytes:
            most = AllocationMaximum(time, total, set(held))
        trace.event("C", "Memory", allocator, 0, 0, time, args={allocator: total})
    return most


__all__ = ["AllocationMaximum", "StepStatsAnalysis", "Timeline"]
