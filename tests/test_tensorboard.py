"""The real TensorBoard, started on a training run and asked what its pages ask: curves, histograms, images, sounds, text, graph."""

import contextlib
import io
import math
import re
import sys
import wave

import numpy as np
import pytest
from PIL import Image

import graphcore as tf
from graphcore.contrib.tensorboard.plugins import projector
from tests.servers import (
    DIRECT,
    attributes,
    browser,
    click,
    keep_screenshot,
    missing_for_a_browser,
    page_reader,
    tensorboard,
    texts,
    wait_for,
)

pytest.importorskip("tensorboard")
STEPS = 5


@pytest.fixture(scope="module")
def losses(tmp_path_factory):
    """The folder of a short training run, and the losses that it recorded."""
    folder = tmp_path_factory.mktemp("logs")
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        with tf.name_scope("layer"):
            w = tf.Variable(tf.zeros([2, 1]), name="w")
            with tf.device("/cpu:0"):
                y = tf.matmul(x, w, name="y")
        loss = tf.reduce_mean(tf.square(y - 1.0), name="loss")
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        tf.summary.scalar("error", loss)
        tf.summary.histogram("answers", y)
        tf.summary.image("weights", tf.reshape(y, [1, 2, 1, 1]))
        tf.summary.audio("chord", tf.concat([x, -x], axis=0)[tf.newaxis], sample_rate=8000)
        tf.summary.text("note", tf.constant(["a **bold** word"]))
        merged = tf.summary.merge_all()
        session.run(tf.global_variables_initializer())
        seen = []
        with tf.summary.FileWriter(str(folder / "first"), graph) as writer:
            for step in range(STEPS):
                value, summary, _ = session.run([loss, merged, train], {x: np.eye(2, dtype=np.float32)})
                writer.add_summary(summary, step)
                seen.append(float(value))
            add_trace(session, train, {x: np.eye(2, dtype=np.float32)}, writer)
        add_plugins(session, folder / "plugins")
        add_embedding(session.run(w), folder / "first")
    return folder, seen


def add_trace(session, fetches, feeds, writer):
    """Log times and memory of one run."""
    metadata = tf.RunMetadata()
    session.run(fetches, feeds, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata)
    writer.add_run_metadata(metadata, "a traced step", STEPS)


def add_plugins(session, folder):
    """Log a precision-recall curve and a page of scalars with TensorBoard's own functions, which import TensorFlow by name."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("tensorflow", "tensorflow.compat", "tensorflow.compat.v1"):
            patch.setitem(sys.modules, name, tf)
        from tensorboard.plugins.custom_scalar import layout_pb2
        from tensorboard.plugins.custom_scalar import summary as custom_scalar
        from tensorboard.plugins.pr_curve import summary as pr_curve

        chart = layout_pb2.Chart(title="all of it", multiline=layout_pb2.MultilineChartContent(tag=["error"]))
        layout = layout_pb2.Layout(category=[layout_pb2.Category(title="losses", chart=[chart])])
        curve = pr_curve.op("curve", tf.constant([True, False, True, True]), tf.constant([0.9, 0.4, 0.6, 0.2]), num_thresholds=3)
        with tf.summary.FileWriter(str(folder)) as writer:
            writer.add_summary(custom_scalar.pb(layout))
            writer.add_summary(session.run(curve), 4)


def add_embedding(points, folder):
    """Leave points, their labels and a picture of each for the projector."""
    np.savetxt(folder / "points.tsv", points @ [[1.0, 2.0, 4.0]], delimiter="\t")
    (folder / "labels.tsv").write_text("one\nother\n")
    Image.new("L", (4, 2)).save(folder / "sprite.png")
    config = projector.ProjectorConfig()
    embedding = config.embeddings.add(tensor_name="layer/w", tensor_path="points.tsv", metadata_path="labels.tsv")
    embedding.sprite.image_path = "sprite.png"
    embedding.sprite.single_image_dim.extend([2, 2])
    with tf.summary.FileWriter(str(folder)) as writer:
        projector.visualize_embeddings(writer, config)


@contextlib.contextmanager
def asking(folder, loader):
    """Start the server on a folder, with its loader in Python or the one in Rust; gives a function that asks it for a page."""
    with tensorboard(folder, folder.parent / f"{folder.name}-{loader}.log", fast=loader == "rust") as address:
        ask = page_reader(address)
        wait_for(lambda: ask("scalars/tags").get("first"))
        wait_for(lambda: len(ask("scalars/scalars", run="first", tag="error")) == STEPS)
        wait_for(lambda: ask("pr_curves/tags").get("plugins"))
        yield ask


# Which loader TensorBoard takes is up to the system: the one in Rust where its package, tensorboard-data-server, has it.
@pytest.fixture(scope="module", params=["python", "rust"])
def ask(losses, request):
    if request.param == "rust" and not rust_loader_is_there():
        pytest.skip("tensorboard-data-server has no loader for this system")
    with asking(losses[0], request.param) as ask:
        yield ask


def rust_loader_is_there():
    try:
        import tensorboard_data_server
    except ImportError:
        return False
    return tensorboard_data_server.server_binary() is not None


@pytest.fixture(scope="module")
def site(losses):
    """The address of a server that a browser looks at."""
    with asking(losses[0], "python") as ask:
        yield ask.address


@pytest.fixture(scope="module")
def driver():
    """A browser; tests that look at pages are skipped where there is none."""
    if missing := missing_for_a_browser():
        pytest.skip(f"no browser: {missing}")
    with browser() as driver:
        yield driver


def test_scalars(ask, losses):
    tags = ask("scalars/tags")
    assert list(tags["first"]) == ["error"] and not tags.get("plugins")
    points = ask("scalars/scalars", run="first", tag="error")
    assert [step for _, step, _ in points] == list(range(STEPS))
    assert [value for _, _, value in points] == pytest.approx(losses[1], rel=1e-6)


@pytest.mark.parametrize("page", ["histograms/histograms", "distributions/distributions"])
def test_histograms(ask, page):
    assert list(ask(page.split("/")[0] + "/tags")["first"]) == ["answers"]
    points = ask(page, run="first", tag="answers")
    assert [step for _, step, _ in points] == list(range(STEPS))


def test_histogram_counts_every_number(ask):
    for _, _, buckets in ask("histograms/histograms", run="first", tag="answers"):
        assert math.fsum(count for _, _, count in buckets) == pytest.approx(2)


def test_images(ask):
    tag, = ask("images/tags")["first"].items()
    assert tag[0] == "weights/image/0" and tag[1]["samples"] == 1
    pictures = ask("images/images", run="first", tag="weights/image/0", sample=0)
    assert [each["step"] for each in pictures] == list(range(STEPS))
    png = DIRECT.open(f"{ask.address}data/plugin/images/individualImage?{pictures[-1]['query']}", timeout=20).read()
    assert np.array(Image.open(io.BytesIO(png))).tolist() == [[255], [255]]


def test_sounds(ask):
    sounds = ask("audio/audio", run="first", tag="chord/audio/0", sample=0)
    assert [each["step"] for each in sounds] == list(range(STEPS))
    content = DIRECT.open(f"{ask.address}data/plugin/audio/individualAudio?{sounds[0]['query']}", timeout=20).read()
    with wave.open(io.BytesIO(content)) as sound:
        assert sound.getparams()[:4] == (2, 2, 8000, 4)
        assert np.frombuffer(sound.readframes(4), "<i2").tolist() == [32767, 0, 0, 32767, -32768, 0, 0, -32768]


def test_text(ask):
    assert ask("text/tags")["first"] == ["note"]
    notes = ask("text/text", run="first", tag="note")
    assert [note["step"] for note in notes] == list(range(STEPS))
    assert "a <strong>bold</strong> word" in notes[0]["text"]


def test_graph(ask):
    assert ask("graphs/info")["first"]["run_graph"]
    drawn = ask("graphs/graph", run="first", limit_attr_size=1024, large_attrs_key="_too_large_attrs")
    names = re.findall(r'^  name: "(.*)"$', drawn, re.MULTILINE)
    assert {"x", "layer/w", "layer/w/read", "layer/y", "loss", "GradientDescent"} <= set(names)
    nodes = dict(zip(names, re.split(r"^node {$", drawn, flags=re.MULTILINE)[1:], strict=True))
    assert "_output_shapes" in nodes["x"] and 'device: "/device:CPU:0"' in nodes["layer/y"]
    # What only waits is drawn as a dotted line.
    assert 'input: "^layer/w/Assign"' in nodes["init"]


def test_run_metadata(ask):
    assert ask("graphs/info")["first"]["tags"]["a traced step"]["profile"]
    told = ask("graphs/run_metadata", run="first", tag="a traced step")
    assert {"y", "GradientDescent/update_layer/w/ApplyGradientDescent"} & set(re.findall(r'node_name: "(?:layer/)?(.*)"', told))
    assert "all_end_rel_micros" in told and "allocator_name" in told and 'device: "/job:localhost/replica:0/task:0/device:CPU:0"' in told


def test_precision_and_recall(ask):
    assert list(ask("pr_curves/tags")["plugins"]) == ["curve/pr_curves"]
    curve, = ask("pr_curves/pr_curves", run="plugins", tag="curve/pr_curves")["plugins"]
    # At the thresholds 0 and 0.5 four and two are taken for positive, three are; at 1 none, which is not drawn.
    assert curve["step"] == 4
    assert curve["true_positives"] == [3, 2] and curve["false_positives"] == [1, 0]
    assert curve["precision"] == pytest.approx([0.75, 1]) and curve["recall"] == pytest.approx([1, 2 / 3])


def test_layout_of_scalars(ask):
    (category,) = ask("custom_scalars/layout")["category"]
    assert (category["title"], category["chart"][0]["multiline"]["tag"]) == ("losses", ["error"])


def test_projector(ask):
    asked = dict(run="first", name="layer/w")
    embedding, = ask("projector/info", run="first")["embeddings"]
    assert (embedding["tensorName"], embedding["tensorShape"]) == ("layer/w", [2, 3])
    assert ask("projector/metadata", **asked).split() == ["one", "other"]
    content = DIRECT.open(f"{ask.address}data/plugin/projector/tensor?run=first&name=layer/w", timeout=20).read()
    points = np.frombuffer(content, np.float32).reshape([2, 3])
    np.testing.assert_allclose(points / points[:, :1], [[1, 2, 4]] * 2)
    picture = DIRECT.open(f"{ask.address}data/plugin/projector/sprite_image?run=first&name=layer/w", timeout=20).read()
    assert Image.open(io.BytesIO(picture)).size == (4, 2)


# ---------------------------------------------------------------- as a user sees it
def test_browser_shows_the_graph(site, driver):
    driver.get(f"{site}#graphs&run=first")
    wait_for(lambda: "loss" in texts(driver, "g.node title"))
    assert {"x", "layer", "loss", "gradients", "GradientDescent"} <= set(texts(driver, "g.node title"))
    # The shape of what flows from x.
    assert "?×2" in texts(driver, "g.edge text")
    keep_screenshot(driver, "graph")


def test_browser_colours_the_graph_by_time_memory_and_device(site, driver):
    driver.get(f"{site}#graphs&run=first")
    wait_for(lambda: "loss" in texts(driver, "g.node title"))
    click(driver, "paper-item", "a traced step")
    click(driver, "paper-radio-button", "Profile")
    for subject in ("Compute time", "Memory"):
        click(driver, "paper-radio-button", subject)
        # Shades of red by how much it was; grey is what the run did not need.
        wait_for(lambda: len(shades(driver)) > 2)
        keep_screenshot(driver, f"graph by {subject.lower()}")
    click(driver, "paper-radio-button", "Device")
    # Each scope is striped by the devices of what is in it.
    wait_for(lambda: any("#device-layer" in shade for shade in shades(driver)))
    assert "CPU:0" in " ".join(texts(driver, ".domain-value, .color-text, .legend-holder"))
    keep_screenshot(driver, "graph by device")


def shades(driver):
    """The colours of the graph's nodes."""
    styles = attributes(driver, "g.node .nodeshape > rect, g.node .nodeshape > ellipse", "style")
    return {found.group() for style in styles if (found := re.search(r"\bfill: [^;]*", style))}


def test_browser_draws_the_curve(site, driver):
    driver.get(f"{site}#timeseries")
    wait_for(lambda: texts(driver, "line-chart .y-axis text"))
    chart = driver.find_element("css selector", "line-chart .series-view")
    driver.execute_script("arguments[0].scrollIntoView()", chart)

    def drawn():
        """How many points have the color of the first run: the line, between the grey ones of the grid."""
        picture = np.asarray(Image.open(io.BytesIO(chart.screenshot_as_png)).convert("RGB")).astype(int)
        return (abs(picture - [66, 80, 102]).sum(axis=-1) < 30).sum()

    wait_for(lambda: drawn() > 100)
    keep_screenshot(driver, "curves")


def test_browser_draws_a_point_for_each_step(site, driver):
    driver.get(f"{site}#scalars")
    # M x,y L x,y ...: where the line begins and the points it goes through.
    wait_for(lambda: [line.count("L") for line in attributes(driver, ".line-plot:not(.ghost) path", "d")] == [STEPS - 1])
    assert "error" in texts(driver, ".heading")
    keep_screenshot(driver, "scalars")
