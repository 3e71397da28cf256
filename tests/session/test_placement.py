"""Devices: what a session has, what may be asked for, what is logged, and several at work."""

import re
import threading
import time

import numpy as np
import pytest

import graphcore as tf
from graphcore.python.client import device_lib

CPU = "/job:localhost/replica:0/task:0/device:CPU:"


def config(count=1, **others):
    return tf.ConfigProto(device_count={"CPU": count}, **others)


def on(device, name="c"):
    with tf.device(device):
        return tf.constant([1.0, 2.0], name=name)


# ---------------------------------------------------------------- what there is
def test_list_devices_prints_as_tf_s():
    (device,) = tf.Session().list_devices()
    assert re.fullmatch(r"_DeviceAttributes\(/job:localhost/replica:0/task:0/device:CPU:0, CPU, 268435456, \d+\)", repr(device))
    assert (device.name, device.device_type, device.memory_limit_bytes) == (CPU + "0", "CPU", 268435456)


def test_as_many_devices_as_asked_for():
    assert [device.name for device in tf.Session(config=config(3)).list_devices()] == [CPU + "0", CPU + "1", CPU + "2"]


@pytest.mark.parametrize("count", [0, -1])
def test_no_device_at_all(count):
    with pytest.raises(tf.errors.NotFoundError, match="No CPU devices are available in this process"):
        tf.Session(config=config(count))


def test_list_local_devices():
    first, second = device_lib.list_local_devices(config(2))
    assert (first.name, second.name) == ("/device:CPU:0", "/device:CPU:1")
    text = f'name: "/device:CPU:0"\ndevice_type: "CPU"\nmemory_limit: 268435456\nlocality {{\n}}\nincarnation: {first.incarnation}\n'
    assert str(first) == text
    assert [device.name for device in device_lib.list_local_devices()] == ["/device:CPU:0"]


def test_list_local_devices_wants_a_config():
    with pytest.raises(TypeError, match="config must be a tf.ConfigProto"):
        device_lib.list_local_devices(3)


# ---------------------------------------------------------------- what may be asked for
@pytest.mark.parametrize("device", ["/cpu:0", "/device:CPU:0", "/device:cpu:0", "/device:CPU:*", CPU + "0", "/job:localhost"])
def test_names_of_the_first_cpu(device):
    assert tf.Session().run(on(device)).tolist() == [1.0, 2.0]


def test_the_second_cpu():
    assert tf.Session(config=config(2)).run(on("/cpu:1")).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("device, said", [
    ("/gpu:0", "/device:GPU:0"), ("/cpu:1", "/device:CPU:1"), ("/device:FOO:0", "/device:FOO:0"), ("/job:worker", "/job:worker"),
    ("/job:localhost/task:1", "/job:localhost/task:1"), ("/replica:1", "/replica:1")])
def test_devices_that_are_not_there(device, said):
    c = on(device)
    with pytest.raises(tf.errors.InvalidArgumentError) as info:
        tf.Session().run(c)
    text = info.value.message
    assert text.startswith("Cannot assign a device for operation c: node c (defined at ")
    assert "test_placement.py:" in text
    assert f"was explicitly assigned to {said} but available devices are [ {CPU}0 ]. Make sure the device specification refers to " \
           "a valid device." in text
    assert ("The requested device appears to be a GPU, but CUDA is not enabled." in text) is ("GPU" in said)
    assert info.value.op is c.op


@pytest.mark.parametrize("device", ["/gpu:0", "/device:GPU:3", "/cpu:1", "/device:FOO:0"])
def test_soft_placement_puts_other_devices_on_the_cpu(device):
    assert tf.Session(config=tf.ConfigProto(allow_soft_placement=True)).run(on(device)).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("device", ["/job:worker", "/task:1", "/replica:1"])
def test_soft_placement_does_not_bring_other_machines(device):
    with pytest.raises(tf.errors.InvalidArgumentError, match="Cannot assign a device for operation c"):
        tf.Session(config=tf.ConfigProto(allow_soft_placement=True)).run(on(device))


def test_all_of_the_graph_is_placed_as_in_tf():
    on("/gpu:0", "unused")
    c = tf.constant(1.0)
    session = tf.Session()
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Cannot assign a device for operation unused"):
            session.run(c)


def test_only_what_runs_is_placed_by_interactive_sessions():
    bad, c = on("/gpu:0", "bad"), tf.constant(1.0)
    session = tf.InteractiveSession()
    try:
        assert session.run(c) == 1.0
        with pytest.raises(tf.errors.InvalidArgumentError, match="Cannot assign a device for operation bad"):
            session.run(bad + 1.0)
    finally:
        session.close()


def test_a_device_set_later_is_seen():
    c = tf.constant(1.0)
    session = tf.Session()
    session.run(c)
    c.op._set_device("/gpu:0")
    with pytest.raises(tf.errors.InvalidArgumentError, match="Cannot assign a device"):
        session.run(c)


# ---------------------------------------------------------------- the log
def test_log_device_placement(capfd):
    x, w = tf.placeholder(tf.float32, [], name="x"), tf.Variable(2.0, name="w")
    with tf.device("/cpu:1"):
        y = tf.identity(x * w, name="y")
    session = tf.Session(config=config(2, log_device_placement=True))
    assert capfd.readouterr().err == "Device mapping: no known devices.\n"
    session.run(w.initializer)
    assert capfd.readouterr().err.splitlines() == [
        f"w: (VariableV2): {CPU}0", f"w/Assign: (Assign): {CPU}0", f"w/read: (Identity): {CPU}0", f"mul: (Mul): {CPU}1",
        f"y: (Identity): {CPU}1", f"x: (Placeholder): {CPU}1", f"w/initial_value: (Const): {CPU}0"]
    assert session.run(y, {x: 3.0}) == 6.0
    assert capfd.readouterr().err == ""
    session.run(tf.constant(1.0, name="late"))
    assert capfd.readouterr().err == f"late: (Const): {CPU}0\n"


# ---------------------------------------------------------------- several devices at work
def two_chains(length=12, size=200_000):
    """A chain of square roots on each of two devices, and their sum; the starting values are fed."""
    x = tf.placeholder(tf.float32, [size])
    ends = []
    for number in range(2):
        with tf.device(f"/cpu:{number}"):
            end = x + float(number)
            for _ in range(length):
                end = tf.sqrt(end) + 0.5
            ends.append(end)
    with tf.device("/cpu:0"):
        return x, ends[0] + ends[1]


def test_several_devices_give_what_one_gives():
    x, y = two_chains(size=100)
    fed = np.linspace(0, 9, 100, dtype=np.float32)
    expected = tf.Session(config=tf.ConfigProto(allow_soft_placement=True)).run(y, {x: fed})
    session = tf.Session(config=config(2))
    for _ in range(20):
        np.testing.assert_array_equal(expected, session.run(y, {x: fed}))


def intervals(metadata):
    """(start, end) of every node that took time, a list for each device."""
    return [[(n.all_start_nanos, n.all_start_nanos + n.all_end_rel_nanos) for n in device.node_stats if n.all_end_rel_nanos]
            for device in metadata.step_stats.dev_stats]


def overlaps(metadata):
    first, second = intervals(metadata)
    return sum(a < d and c < b for a, b in first for c, d in second)


def trace_of_two_chains(options):
    x, y = two_chains()
    session, metadata = tf.Session(config=options), tf.RunMetadata()
    session.run(y, {x: np.ones([200_000], np.float32)}, tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), metadata)
    return metadata


def test_a_trace_shows_two_devices_overlapping():
    # A busy machine may put one chain after the other; hardly ever five times.
    for _ in range(5):
        metadata = trace_of_two_chains(config(2))
        if overlaps(metadata):
            break
    assert [device.device for device in metadata.step_stats.dev_stats] == [CPU + "0", CPU + "1"]
    assert overlaps(metadata) > 0
    threads = [{node.thread_id for node in device.node_stats if node.all_end_rel_nanos} for device in metadata.step_stats.dev_stats]
    assert [len(each) for each in threads] == [1, 1]
    assert threads[0] != threads[1]


def test_one_inter_op_thread_works_on_one_device_at_a_time():
    assert overlaps(trace_of_two_chains(config(2, inter_op_parallelism_threads=1))) == 0


@pytest.mark.parametrize(("threads", "at_once"), [(0, 3), (3, 3), (5, 3), (2, 2), (1, 1), (-1, 1)])
def test_so_many_devices_are_at_work_at_the_same_time(threads, at_once):
    meeting, lock, working, most = threading.Barrier(at_once), threading.Lock(), [], []

    def work(value):
        with lock:
            working.append(value)
            most.append(len(working))
        if len(most) <= at_once:  # the first go on when so many are at it: it lasts for ever if they never are
            meeting.wait(60)
        time.sleep(0.002)
        with lock:
            working.remove(value)
        return value

    values = []
    for number in range(9):
        with tf.device(f"/cpu:{number % 3}"):
            values.append(tf.py_func(work, [tf.constant(float(number))], tf.float32, stateful=False))
    session = tf.Session(config=config(3, inter_op_parallelism_threads=threads))
    assert session.run(values) == list(range(9))
    assert max(most) == at_once


def test_effects_keep_their_order_across_devices():
    v = tf.Variable(1.0)
    changes = []
    for number in range(6):
        with tf.device(f"/cpu:{number % 2}"):
            heavy = tf.reduce_sum(tf.sqrt(tf.ones([50_000]))) * 0.0
            changes.append(v.assign(tf.identity(v) * 2.0 + float(number) + heavy).op if number else v.assign(1.0 + heavy).op)
    session = tf.Session(config=config(2))
    session.run(v.initializer)
    expected = 1.0
    for number in range(1, 6):
        expected = expected * 2 + number
    with tf.control_dependencies(changes):
        end = tf.identity(v)
    for _ in range(20):
        assert session.run(end) == expected


def test_branches_across_devices():
    which, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [])
    with tf.device("/cpu:1"):
        y = tf.cond(which, lambda: x * 2.0, lambda: x - 1.0)
    with tf.device("/cpu:0"):
        z = y + 1.0
    session = tf.Session(config=config(2))
    assert [session.run(z, {which: value, x: 5.0}) for value in (True, False)] == [11.0, 5.0]


def test_the_first_failure_in_order_is_the_one_raised():
    x = tf.placeholder(tf.float32)
    with tf.device("/cpu:1"):
        tf.constant(0.0)
        first = tf.add(tf.sqrt(tf.sqrt(x)), [1.0, 2.0], name="first")
    with tf.device("/cpu:0"):
        second = tf.add(x, [1.0, 2.0], name="second")
    session = tf.Session(config=config(2))
    for _ in range(20):
        with pytest.raises(tf.errors.InvalidArgumentError) as info:
            session.run([first, second], {x: np.ones([3])})
        assert info.value.op.name == "first"
    assert session.run([first, second], {x: [1.0, 1.0]})[1].tolist() == [2.0, 3.0]


def test_threads_share_the_workers():
    v, x = tf.Variable(0.0), tf.placeholder(tf.float32, [])
    with tf.device("/cpu:1"):
        doubled = x * 2.0
    with tf.device("/cpu:0"):
        total, change = doubled + x, v.assign_add(1.0).op
    session = tf.Session(config=config(2))
    session.run(v.initializer)
    seen = []

    def work(number):
        for _ in range(50):
            seen.append(session.run([total, change], {x: number})[0] == 3.0 * number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [True] * 400
    assert session.run(v) == 400.0


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_a_python_function_may_run_the_session_again(threads):
    x = tf.placeholder(tf.float32, [])
    with tf.device("/cpu:1"):
        inner = x * 2.0
    with tf.device("/cpu:0"):
        outer = inner + 1.0
        nested = tf.py_func(lambda value: session.run(outer, {x: value}), [inner], tf.float32)
    with tf.device("/cpu:1"):
        end = nested + 0.0
    session = tf.Session(config=config(3, inter_op_parallelism_threads=threads))
    assert session.run(end, {x: 5.0}) == 21.0


def test_a_timeout_on_several_devices():
    with tf.device("/cpu:1"):
        slow = tf.py_func(lambda: (time.sleep(0.05), np.float32(1.0))[1], [], tf.float32)
    with tf.device("/cpu:0"):
        y = tf.py_func(lambda value: value, [slow], tf.float32)
    session = tf.Session(config=config(2))
    with pytest.raises(tf.errors.DeadlineExceededError):
        session.run(y, options=tf.RunOptions(timeout_in_ms=10))
    assert session.run(y) == 1.0


def test_closing_ends_the_workers():
    x, y = two_chains(size=10)
    session = tf.Session(config=config(2))
    session.run(y, {x: np.ones([10])})
    workers = [thread for pool in session._workers._pools for thread in pool._threads]
    assert len(workers) == 2
    session.close()
    for thread in workers:
        thread.join(10)
        assert not thread.is_alive()
