"""Event files of TensorFlow's and of graphcore, written and read by either.

    PYTHON-WITH-TF tests/oracle/event_files.py record    writes tests/summaries/data/events.out.tfevents.VERSION and contents.json
    PYTHON-WITH-TF tests/oracle/event_files.py read PATH prints what TensorFlow finds in an event file, as JSON

TF is 1.15 or a later one by its `compat.v1`. This file keeps to what Python 3.7 understands.
"""
import json
import os
import shutil
import sys
import tempfile

import numpy as np

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "summaries", "data")
FEED = np.array([[1.0, -2.0], [0.5, 4.0]], np.float32)


def write(tf, directory):
    """Write an event file with a graph, every kind of summary for two steps, times of a run and a session's log."""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        with tf.name_scope("layer"):
            w = tf.Variable([[0.5], [0.25]], name="w")
            y = tf.matmul(x, w, name="y")
        tf.summary.scalar("mean", tf.reduce_mean(y))
        tf.summary.histogram("spread", y, family="all")
        tf.summary.image("picture", tf.reshape(x, [1, 2, 2, 1]))
        tf.summary.audio("sound", tf.reshape(y, [1, 2]) / 4.0, 8000.0, max_outputs=1)
        tf.summary.text("words", tf.constant([[u"schw\u00e4rzer".encode("utf-8"), b"**b**"]]))
        merged = tf.summary.merge_all()
        session.run(tf.global_variables_initializer())
        writer = tf.summary.FileWriter(directory, graph)
        writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START, msg="go"), 1)
        for step in (1, 2):
            writer.add_summary(session.run(merged, {x: step * FEED}), step)
        metadata = tf.RunMetadata()
        options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
        session.run(y, {x: FEED}, options=options, run_metadata=metadata)
        writer.add_run_metadata(metadata, "slow step", 3)
        writer.close()
    name, = os.listdir(directory)
    return os.path.join(directory, name)


def contents(tf, path):
    """What is in an event file, but for the moments: a list for JSON."""
    return [described(tf, event) for event in tf.train.summary_iterator(path)]


def described(tf, event):
    """Kind, step and content of an event."""
    kind = event.WhichOneof("what")
    if kind == "summary":
        content = [[value.tag, value.metadata.plugin_data.plugin_name] + described_value(tf, value) for value in event.summary.value]
    elif kind == "graph_def":
        content = [[node.name, node.op] for node in tf.GraphDef.FromString(event.graph_def).node]
    elif kind == "meta_graph_def":
        content = len(tf.MetaGraphDef.FromString(event.meta_graph_def).graph_def.node)
    elif kind == "tagged_run_metadata":
        stats = tf.RunMetadata.FromString(event.tagged_run_metadata.run_metadata).step_stats
        ran = {node.node_name for device in stats.dev_stats for node in device.node_stats}
        content = [event.tagged_run_metadata.tag, "layer/y" in ran]
    elif kind == "session_log":
        content = [event.session_log.status, event.session_log.msg]
    else:
        content = event.file_version
    return [kind, event.step, content]


def described_value(tf, value):
    """Kind and content of one value of a summary; a picture as its pixels."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return [kind, value.simple_value]
    if kind == "histo":
        histogram = value.histo
        return [kind, histogram.min, histogram.max, histogram.num, histogram.sum, histogram.sum_squares,
                list(histogram.bucket_limit), list(histogram.bucket)]
    if kind == "image":
        with tf.Graph().as_default(), tf.Session() as session:
            pixels = session.run(tf.image.decode_png(value.image.encoded_image_string))
        return [kind, value.image.height, value.image.width, value.image.colorspace, pixels.tolist()]
    if kind == "audio":
        return [kind, value.audio.sample_rate, value.audio.num_channels, value.audio.encoded_audio_string.hex()]
    array = tf.make_ndarray(value.tensor)
    return [kind, list(array.shape), [text.decode("utf-8") for text in array.ravel()]]


def main(arguments):
    """Record or read; gives the exit code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow

    tf = tensorflow.compat.v1
    if tensorflow.__version__ > "2":
        tf.disable_v2_behavior()
    if arguments[:1] == ["read"]:
        print(json.dumps(contents(tf, arguments[1])))
        return 0
    path = os.path.join(DATA, "events.out.tfevents." + tensorflow.__version__)
    folder = tempfile.mkdtemp()
    shutil.move(write(tf, folder), path)
    shutil.rmtree(folder)
    # 1.15.5 and 2.21.0 find the same in both files.
    with open(os.path.join(DATA, "contents.json"), "w") as file:
        file.write("[" + ",\n".join(json.dumps(event) for event in contents(tf, path)) + "]\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
