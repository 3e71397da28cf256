"""RunOptions and RunMetadata: times, memory, devices, partition graphs, timeouts."""

import time

import pytest

import graphcore as tf
from graphcore.summaries.writer import FileWriter

FULL = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)


@pytest.fixture
def graph():
    """A placeholder [2], a variable, and ``y = x * w + 1``; the variable is initialised in the session returned."""
    x = tf.placeholder(tf.float32, [2], name="x")
    w = tf.Variable([1.0, 2.0], name="w")
    y = tf.add(x * w, 1.0, name="y")
    session = tf.Session()
    session.run(w.initializer)
    return session, x, w, y


def traced(session, fetches, feed_dict=None, options=FULL):
    metadata = tf.RunMetadata()
    session.run(fetches, feed_dict, options, metadata)
    return metadata


def stats_by_name(metadata):
    return {node.node_name: node for device in metadata.step_stats.dev_stats for node in device.node_stats}


def test_every_node_that_ran_is_there(graph):
    session, x, w, y = graph
    metadata = traced(session, [tf.identity(y, name="z"), w.assign_add([1.0, 1.0], name="change")], {x: [1, 2]})
    (device,) = metadata.step_stats.dev_stats
    assert device.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    names = [node.node_name for node in device.node_stats]
    assert sorted(names) == ["_arg_x_0_0", "change", "change/value", "mul", "w", "w/read", "y", "y/y", "z"]
    assert names.index("mul") < names.index("y") < names.index("change")


def test_labels_are_tf_s(graph):
    session, x, _, y = graph
    with tf.control_dependencies([y]):
        late = tf.square(x, name="late")
    found = {name: node.timeline_label for name, node in stats_by_name(traced(session, late, {x: [1, 2]})).items()}
    assert found["y"] == "y = Add(mul, y/y)"
    assert found["late"] == "late = Square(x, ^y)"
    assert found["_arg_x_0_0"] == "_arg_x_0_0 = _Arg()"
    assert found["w"] == "w = VariableV2()"


def test_times_lie_within_the_run(graph):
    session, x, _, y = graph
    before = time.time_ns()
    found = stats_by_name(traced(session, y, {x: [1, 2]}))
    after = time.time_ns()
    for node in found.values():
        assert before <= node.all_start_nanos <= after
        assert node.all_start_micros == node.all_start_nanos // 1000
        assert 0 <= node.op_start_rel_nanos <= node.op_end_rel_nanos <= node.all_end_rel_nanos <= after - before
    assert found["y"].all_end_rel_nanos > 0
    assert found["y"].thread_id


def test_outputs_are_described(graph):
    session, x, _, y = graph
    found = stats_by_name(traced(session, y, {x: [1, 2]}))
    (output,) = found["y"].output
    description = output.tensor_description
    assert description.dtype == tf.float32.as_datatype_enum
    assert [size.size for size in description.shape.dim] == [2]
    assert description.allocation_description.allocated_bytes == 8
    assert found["y"].memory[0].total_bytes == 8
    assert found["y/y"].output[0].tensor_description.allocation_description.requested_bytes == 4


def records(node):
    """The bytes that an operation took and that were given back, in their order."""
    (memory,) = node.memory
    assert memory.allocator_name == "cpu" and memory.total_bytes == memory.peak_bytes == memory.live_bytes
    moments = [record.alloc_micros for record in memory.allocation_records]
    assert moments == sorted(moments) and node.all_start_micros <= moments[0]
    return [record.alloc_bytes for record in memory.allocation_records]


def test_memory_is_taken_and_given_back(graph):
    session, x, _, y = graph
    found = stats_by_name(traced(session, [y, tf.split(tf.tile(y, [4], name="tile"), 2, name="halves")], {x: [1, 2]}))
    assert records(found["mul"]) == [8, -8]  # nothing needs it after y, long before the run ends
    assert records(found["y"])[0] == found["y"].memory[0].total_bytes == 8
    assert found["tile"].memory[0].total_bytes == 32


def test_what_a_run_finds_is_no_allocation(graph):
    # So it is on TF 1.15.5: for constants, variables and feeds the bytes that were asked for, and persistent memory for the first two.
    session, x, w, y = graph
    found = stats_by_name(traced(session, [y, w.assign_add([1.0, 1.0], name="change")], {x: [1, 2]}))
    for name, persistent in (("y/y", 4), ("w", 8), ("change/value", 8), ("change", 0), ("_arg_x_0_0", 0)):
        node = found[name]
        told = node.output[0].tensor_description.allocation_description
        assert not node.memory and node.HasField("memory_stats")
        assert (told.requested_bytes, told.allocated_bytes, told.allocation_id) == (persistent or 8, 0, 0)
        assert told.ptr and told.allocator_name == "cpu" and node.memory_stats.persistent_memory_size == persistent


def test_views_lie_in_the_memory_of_what_they_show(graph):
    session, x, _, y = graph
    flat = tf.reshape(tf.tile(y, [6], name="tile"), [3, 4], name="flat")
    found = stats_by_name(traced(session, tf.transpose(flat, name="turned")[1:] + 1.0, {x: [1, 2]}))
    origin = found["tile"].output[0].tensor_description.allocation_description
    assert (origin.requested_bytes, origin.allocated_bytes, origin.allocation_id, origin.has_single_reference) == (48, 48, 1, True)
    told = found["flat"].output[0].tensor_description.allocation_description
    assert not found["flat"].memory
    assert (told.requested_bytes, told.allocated_bytes, told.ptr, told.has_single_reference) == (48, 48, origin.ptr, False)
    assert records(found["tile"]) == [48, -48]


def test_a_write_shows_the_variable(graph):
    session, _, w, _ = graph
    found = stats_by_name(traced(session, w.assign([3.0, 4.0], name="write")))
    assert found["write"].output[0].tensor_description.allocation_description.requested_bytes == 8


@pytest.mark.parametrize("options", [None, tf.RunOptions(), tf.RunOptions(trace_level=tf.RunOptions.NO_TRACE)])
def test_nothing_asked_nothing_told(graph, options):
    session, x, _, y = graph
    metadata = tf.RunMetadata()
    metadata.step_stats.dev_stats.add(device="left over")
    session.run(y, {x: [1, 2]}, options, metadata)
    assert metadata == tf.RunMetadata()


def test_software_trace(graph):
    session, x, _, y = graph
    assert stats_by_name(traced(session, y, {x: [1, 2]}, tf.RunOptions(trace_level=tf.RunOptions.SOFTWARE_TRACE)))


def test_results_are_the_same_with_a_trace(graph):
    session, x, w, y = graph
    expected = session.run({"y": y, "w": w}, {x: [1, 2]})
    result = session.run({"y": y, "w": w}, {x: [1, 2]}, FULL)
    assert {key: value.tolist() for key, value in result.items()} == {key: value.tolist() for key, value in expected.items()}


def test_a_trace_after_the_program_was_compiled(graph):
    session, x, _, y = graph
    for _ in range(4):
        session.run(y, {x: [1, 2]})
    assert "mul" in stats_by_name(traced(session, y, {x: [1, 2]}))


def test_partition_graphs(graph):
    session, x, _, y = graph
    metadata = traced(session, y, {x: [1, 2]}, tf.RunOptions(output_partition_graphs=True))
    (partition,) = metadata.partition_graphs
    assert {node.name: node.op for node in partition.node} == {"w": "VariableV2", "w/read": "Identity", "mul": "Mul",
                                                               "y/y": "Const", "y": "Add"}
    assert {node.device for node in partition.node} == {"/job:localhost/replica:0/task:0/device:CPU:0"}


@pytest.mark.parametrize("argument, phrase", [
    ({"options": 3}, "options must be a tf.RunOptions, but got <class 'int'>"),
    ({"options": tf.RunMetadata()}, "options must be a tf.RunOptions"),
    ({"run_metadata": 3}, "run_metadata must be a tf.RunMetadata, but got <class 'int'>"),
    ({"run_metadata": tf.RunOptions()}, "run_metadata must be a tf.RunMetadata"),
])
def test_wrong_types(graph, argument, phrase):
    session, x, _, y = graph
    with pytest.raises(TypeError, match=phrase):
        session.run(y, {x: [1, 2]}, **argument)


# ---------------------------------------------------------------- timeouts
def slow_graph():
    def wait(value):
        time.sleep(0.05)
        return value

    return tf.py_func(wait, [tf.constant(1.0)], tf.float32) + 1.0


def test_a_run_that_takes_too_long():
    y = slow_graph()
    session = tf.Session()
    with pytest.raises(tf.errors.DeadlineExceededError, match="Timed out waiting for notification"):
        session.run(y, options=tf.RunOptions(timeout_in_ms=10))
    assert session.run(y, options=tf.RunOptions(timeout_in_ms=60000)) == 2.0
    assert session.run(y) == 2.0


def test_a_timeout_for_every_run_of_a_session():
    y = slow_graph()
    session = tf.Session(config=tf.ConfigProto(operation_timeout_in_ms=10))
    for _ in range(3):
        with pytest.raises(tf.errors.DeadlineExceededError):
            session.run(y)
    assert session.run(y, options=tf.RunOptions(timeout_in_ms=60000)) == 2.0


# ---------------------------------------------------------------- TensorBoard
def test_tensorboard_reads_the_trace(graph, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    session, x, _, y = graph
    metadata = traced(session, y, {x: [1, 2]})
    with FileWriter(str(tmp_path), session.graph) as writer:
        writer.add_run_metadata(metadata, "step 1", 1)
    accumulator = EventAccumulator(str(tmp_path))
    accumulator.Reload()
    assert accumulator.Tags()["run_metadata"] == ["step 1"]
    read = accumulator.RunMetadata("step 1")
    assert read.SerializeToString() == metadata.SerializeToString()
    nodes = {node.name for node in accumulator.Graph().node}
    assert {name for name in stats_by_name(read) if not name.startswith("_arg")} <= nodes
