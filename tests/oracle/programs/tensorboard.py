"""What surrounds TensorBoard: timelines, event files and their readers, plugins' own summaries."""
import contextlib
import importlib
import json
import logging
import os
import shutil
import sys
import tempfile

import numpy as np
from catalog import program, raises

# Two devices, a stream of a GPU's tracer; steps that overlap, an edge between devices, a label that says nothing.
NODES = (
    ("/device:CPU:0", "a", "a = Const()", 100, 5, [8]),
    ("/device:CPU:0", "b", "b = Split(a, a:1)", 103, 10, [4, 4]),
    ("/device:CPU:0", "c", "c = Add(b:1, a, ^b)", 120, 7, [16]),
    ("/device:CPU:0", "d", "no label", 128, 0, []),
    ("/device:CPU:0", "e", "e = NoOp()", 128, 1, []),
    ("/device:GPU:0", "RecvTensor", "RecvTensor", 130, 2, [4]),
    ("/device:GPU:0", "f", "f = Mul(c/_7, missing, b)", 131, 3, [32]),
    ("/device:GPU:0/stream:all", "f:Mul", "f", 132, 2, []),
    ("/device:GPU:0/memcpy", "copy", "f", 133, 1, []),
)


def step_stats(tf):
    """The StepStats that `NODES` describe."""
    stats = tf.RunMetadata().step_stats
    for device, name, label, start, length, sizes in NODES:
        if not stats.dev_stats or stats.dev_stats[-1].device != device:
            stats.dev_stats.add(device=device)
        node = stats.dev_stats[-1].node_stats.add(node_name=name, timeline_label=label, all_start_micros=start, all_end_rel_micros=length)
        for slot, size in enumerate(sizes):
            output = node.output.add(slot=slot)
            output.tensor_description.allocation_description.requested_bytes = size
            output.tensor_description.allocation_description.allocator_name = device[8:11].lower()
    return stats


def timeline(tf):
    """The module of Timeline."""
    return importlib.import_module(("graphcore" if tf.__name__ == "graphcore" else "tensorflow") + ".python.client.timeline")


@program
def timelines(tf):
    found = {}
    for flow in (True, False):
        trace = timeline(tf).Timeline(step_stats(tf)).generate_chrome_trace_format(show_dataflow=flow)
        found["flow" if flow else "none"] = trace.replace("    ", "")
    memory = timeline(tf).Timeline(step_stats(tf), graph=None).generate_chrome_trace_format(show_memory=True)
    found["memory"] = [event for event in json.loads(memory)["traceEvents"] if event["ph"] in "NDC"]
    return found


@program
def allocation_maximums(tf):
    analysis = timeline(tf).Timeline(step_stats(tf)).analyze_step_stats()
    plain = json.loads(analysis.chrome_trace.format_to_string())["traceEvents"]
    maximums = {name: [most.timestamp, most.num_bytes, sorted(most.tensors)] for name, most in analysis.allocator_maximums.items()}
    return {"maximums": maximums, "events": len(plain), "nothing": timeline(tf).Timeline(tf.RunMetadata().step_stats)
            .generate_chrome_trace_format()}


@contextlib.contextmanager
def directory():
    path = tempfile.mkdtemp()
    try:
        yield path
    finally:
        shutil.rmtree(path)


def events_in(tf, path):
    """What the event files of a directory have, without the moments they were written."""
    found = []
    for name in sorted(os.listdir(path)):
        for event in tf.train.summary_iterator(os.path.join(path, name)):
            kind = event.WhichOneof("what")
            values = [[value.tag, value.simple_value, value.metadata.summary_description] for value in event.summary.value]
            version = event.file_version if kind == "file_version" else ""
            found.append([kind, event.step, values, version, event.tagged_run_metadata.tag, event.wall_time > 1e9])
    return found


@program
def event_files(tf):
    value = tf.Summary.Value(tag="loss", simple_value=0.5, metadata=tf.SummaryMetadata(summary_description="what it is"))
    with directory() as path:
        with tf.summary.FileWriter(path, tf.get_default_graph(), filename_suffix=".x") as writer:
            writer.add_summary(tf.Summary(value=[value]), 3)
            writer.add_summary(tf.Summary(value=[value, value]).SerializeToString(), 2)
            writer.add_summary(tf.Summary(), None)
            writer.add_session_log(tf.SessionLog(status=tf.SessionLog.CHECKPOINT, checkpoint_path="here"), 4)
            writer.add_run_metadata(tf.RunMetadata(), "slow", 5)
            writer.add_meta_graph(tf.MetaGraphDef(), 6)
            writer.add_graph(tf.get_default_graph(), 7)
            writer.add_event(tf.Event(step=8, wall_time=2e9))
            logdir = writer.get_logdir() == path
        return {"events": events_in(tf, path), "logdir": logdir, "suffix": [name[-2:] for name in os.listdir(path)]}


@contextlib.contextmanager
def inside(path):
    before = os.getcwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


@program(graph=True)
def writers_of_a_session(tf):
    def loss(step):
        return tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=step)])

    tf.constant(1.0, name="x")
    with directory() as path, inside(path), tf.Session() as session:
        first = tf.summary.FileWriter("logs", session.graph, session=session, filename_suffix=".x")
        second = tf.summary.FileWriter("logs", session=session, max_queue=20, flush_secs=7)
        first.add_summary(loss(1), 1)
        second.add_summary(loss(2), 2)
        second.add_run_metadata(tf.RunMetadata(), "slow", 3)
        first.flush()
        files, logdir, written = len(os.listdir("logs")), second.get_logdir(), events_in(tf, "logs")
        first.close()
        closed = error_of(second.flush)
        # In the same second TF takes the same file, and loses what was there.
        shutil.rmtree("logs")
        first.reopen()
        second.add_summary(loss(4), 4)
        second.close()
        again = events_in(tf, "logs")
    return {"events": written, "again": again, "files": files, "logdir": logdir, "closed": closed}


def error_of(function):
    try:
        function()
    except Exception as error:
        return [type(error).__name__, "does not exist" in str(error)]


@program
def bytes_of_an_event_file(tf):
    values = [tf.Summary.Value(tag="loss", simple_value=0.1), tf.Summary.Value(tag=u"Verlust/\u00e4", simple_value=float("nan")),
              tf.Summary.Value(tag="spread", histo=tf.HistogramProto(min=-1, max=2, num=3, bucket_limit=[1, 2], bucket=[2, 1]))]
    graph_def = tf.GraphDef(node=[tf.NodeDef(name="a", op="NoOp"), tf.NodeDef(name="b", op="NoOp", input=["^a"])])
    with directory() as path:
        with tf.summary.FileWriter(path) as writer:
            writer.add_event(tf.Event(wall_time=1.5, step=1, summary=tf.Summary(value=values)))
            writer.add_event(tf.Event(wall_time=2.5, step=-2, graph_def=graph_def.SerializeToString()))
            writer.add_event(tf.Event(wall_time=3.5, session_log=tf.SessionLog(status=tf.SessionLog.START, msg="go")))
            writer.add_event(tf.Event())
        name, = os.listdir(path)
        with open(os.path.join(path, name), "rb") as file:
            content = file.read()
        # The first record has the moment it was written.
        return {"first": content[:9], "others": content[40:]}


@program
def line_of_a_renamed_tag(tf):
    lines = []
    handler = logging.Handler()
    # The module that writes the lines has others to say, of names that are deprecated.
    handler.emit = lambda record: record.levelname == "INFO" and lines.append(record.getMessage())
    before = tf.logging.get_verbosity()
    tf.logging.set_verbosity(tf.logging.INFO)
    logging.getLogger("tensorflow").addHandler(handler)
    try:
        names = [tf.summary.scalar("a b/c:d", 1.0).op.name, tf.summary.scalar("//loss", 1.0, family="my family").op.name,
                 tf.summary.histogram("a%$-._x", [1.0]).op.name]
    finally:
        logging.getLogger("tensorflow").removeHandler(handler)
        tf.logging.set_verbosity(before)
    return {"lines": lines, "names": names}


@raises("is not a valid scope name")
def tag_of_foreign_letters(tf):
    tf.summary.scalar(u"Gr\u00f6\u00dfe", 1.0)


@program
def writer_cache(tf):
    with directory() as path:
        writer = tf.summary.FileWriterCache.get(path)
        same = tf.summary.FileWriterCache.get(path) is writer
        tf.summary.FileWriterCache.clear()
        another = tf.summary.FileWriterCache.get(path) is writer
        tf.summary.FileWriterCache.clear()
        return {"same": same, "another": another}


@raises("The provided tag was already used for this event type")
def run_metadata_twice(tf):
    with directory() as path, tf.summary.FileWriter(path) as writer:
        for _ in range(2):
            writer.add_run_metadata(tf.RunMetadata(), "tag")


@raises("meta_graph_def must be type MetaGraphDef, saw type")
def no_meta_graph(tf):
    with directory() as path, tf.summary.FileWriter(path) as writer:
        writer.add_meta_graph(tf.GraphDef())


@program
def newer_names(tf):
    tf.summary.scalar("a", 1.0)
    return {"newer": tf.summary.all_v2_summary_ops(), "same": [tf.summary.Summary is tf.Summary, tf.summary.SessionLog is tf.SessionLog,
                                                              tf.summary.Event is tf.Event]}


@raises("No default tf.contrib.summary.SummaryWriter found")
def newer_writer(tf):
    tf.summary.initialize()


@contextlib.contextmanager
def plugin(tf, name):
    """A summary module of TensorBoard's, which imports TensorFlow by name."""
    names = ("tensorflow", "tensorflow.compat", "tensorflow.compat.v1") if tf.__name__ == "graphcore" else ()
    before = {each: sys.modules.get(each) for each in names}
    sys.modules.update(dict.fromkeys(names, tf))
    try:
        yield importlib.import_module("tensorboard.plugins.%s.summary" % name)
    finally:
        for each, module in before.items():
            if module is None:
                del sys.modules[each]
            else:
                sys.modules[each] = module


@program(graph=True, rtol=1e-6, why="sums of floats in another order")
def precision_and_recall(tf):
    random = np.random.RandomState(0)
    labels, predictions = tf.placeholder(tf.bool, [None], name="labels"), tf.placeholder(tf.float32, [None], name="predictions")
    with plugin(tf, "pr_curve") as summary, tf.Session() as session:
        curve = summary.op("curve", labels, predictions, num_thresholds=5, display_name="the curve")
        text = session.run(curve, {labels: random.rand(50) > 0.5, predictions: random.rand(50).astype(np.float32)})
        value, = tf.Summary.FromString(text).value
        return {"tag": value.tag, "metadata": value.metadata.SerializeToString(), "curve": tf.make_ndarray(value.tensor),
                "collection": [each.name for each in tf.get_collection(tf.GraphKeys.SUMMARIES)]}


@program
def layout_of_scalars(tf):
    with plugin(tf, "custom_scalar") as summary, tf.Session() as session:
        pages = importlib.import_module("tensorboard.plugins.custom_scalar.layout_pb2")
        chart = pages.Chart(title="losses", multiline=pages.MultilineChartContent(tag=["loss.*"]))
        layout = pages.Layout(category=[pages.Category(title="all", chart=[chart])])
        return {"op": session.run(summary.op(layout)), "message": summary.pb(layout).SerializeToString()}


@program
def messages_of_other_plugins(tf):
    numbers, labels = np.array([0.5, -1.0, 2.0], np.float32), np.array([True, False, True])
    calls = {"scalar": ("loss", 0.5), "histogram": ("spread", numbers, 4), "text": ("words", "**bold**"),
             "audio": ("sound", numbers.reshape([1, 3, 1]), 8000), "pr_curve": ("curve", labels, abs(numbers) / 2, 3),
             "mesh": ("shape", numbers.reshape([1, 1, 3]))}
    found = {}
    for name, arguments in sorted(calls.items()):
        with plugin(tf, name) as summary:
            found[name] = summary.pb(*arguments).SerializeToString()
    return found


@program
def operations_of_other_plugins(tf):
    numbers = tf.constant([0.5, -1.0, 2.0])
    calls = {"scalar": ("op", numbers[0]), "histogram": ("op", numbers, 4), "text": ("op", tf.constant("**bold**")),
             "mesh": ("op", tf.reshape(numbers, [1, 1, 3])), "pr_curve": ("raw_data_op", *[numbers] * 6, 3)}
    found = {}
    for name, (function, *arguments) in sorted(calls.items()):
        with plugin(tf, name) as summary, tf.Session() as session:
            found[name] = session.run(getattr(summary, function)("tag", *arguments))
    return found
