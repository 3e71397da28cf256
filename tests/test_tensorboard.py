"""The real TensorBoard, started on a training run and asked what its pages ask: curves, histograms, images, sounds, text, graph."""

import io
import json
import math
import os
import re
import subprocess
import sys
import time
import wave
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import numpy as np
import pytest
from PIL import Image

import graphcore as tf

pytest.importorskip("tensorboard")
STEPS, SECONDS_TO_START = 5, 60
DIRECT = build_opener(ProxyHandler({}))  # a proxy of the user's would look for 127.0.0.1 elsewhere


@pytest.fixture(scope="module")
def losses(tmp_path_factory):
    """The folder of a short training run, and the losses that it recorded."""
    folder = tmp_path_factory.mktemp("logs")
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        with tf.name_scope("layer"):
            w = tf.Variable(tf.zeros([2, 1]), name="w")
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
    return folder, seen


@pytest.fixture(scope="module")
def ask(losses):
    """A function that asks the server for a page of its HTTP interface; the server is stopped at the end."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(losses[0]), "--host", "127.0.0.1", "--port", "0",
               "--load_fast=false", "--reload_interval=1"]
    log = losses[0].parent / f"{losses[0].name}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                  env={**os.environ, "PYTHONWARNINGS": "ignore"})
        try:
            address = wait_for(lambda: address_in(log, server))
            ask = page_reader(address)
            wait_for(lambda: ask("scalars/tags").get("first"))
            wait_for(lambda: len(ask("scalars/scalars", run="first", tag="error")) == STEPS)
            yield ask
        finally:
            server.terminate()
            server.wait(timeout=30)


def address_in(log, server):
    """Return the address that the server wrote to its log, or None yet."""
    text = log.read_text(encoding="utf-8", errors="replace")
    assert server.poll() is None, text
    found = re.search(r"http://127\.0\.0\.1:\d+/", text)
    return found and found.group()


def page_reader(address):
    """Return a function that gives a plugin's page at ``address``, its JSON read."""
    def ask(page, **arguments):
        with DIRECT.open(f"{address}data/plugin/{page}?{urlencode(arguments)}", timeout=20) as response:
            content = response.read().decode("utf-8")
        return json.loads(content) if "json" in response.headers["Content-Type"] else content

    ask.address = address
    return ask


def wait_for(attempt):
    """Return the first true result of ``attempt``."""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        result = attempt()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError(f"not so within {SECONDS_TO_START} seconds: {attempt()!r}")


def test_scalars(ask, losses):
    assert list(ask("scalars/tags")["first"]) == ["error"]
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
    assert ask("images/tags")["first"] == {"weights/image/0": {"displayName": "weights/image/0", "description": "", "samples": 1}}
    pictures = ask("images/images", run="first", tag="weights/image/0", sample=0)
    assert [each["step"] for each in pictures] == list(range(STEPS))
    png = DIRECT.open(f"{ask.address}data/plugin/images/individualImage?{pictures[-1]['query']}", timeout=20).read()
    assert np.array(Image.open(io.BytesIO(png))).tolist() == [[255], [255]]


def test_sounds(ask):
    sounds = ask("audio/audio", run="first", tag="chord/audio/0", sample=0)
    assert [(each["step"], each["contentType"]) for each in sounds] == [(step, "audio/wav") for step in range(STEPS)]
    content = DIRECT.open(f"{ask.address}data/plugin/audio/individualAudio?{sounds[0]['query']}", timeout=20).read()
    with wave.open(io.BytesIO(content)) as sound:
        assert sound.getparams()[:4] == (2, 2, 8000, 4)
        assert np.frombuffer(sound.readframes(4), "<i2").tolist() == [32767, 0, 0, 32767, -32768, 0, 0, -32768]


def test_text(ask):
    assert ask("text/tags") == {"first": ["note"]}
    notes = ask("text/text", run="first", tag="note")
    assert [note["step"] for note in notes] == list(range(STEPS))
    assert "a <strong>bold</strong> word" in notes[0]["text"]


def test_graph(ask):
    assert ask("graphs/info")["first"]["run_graph"]
    drawn = ask("graphs/graph", run="first", limit_attr_size=1024, large_attrs_key="_too_large_attrs")
    names = re.findall(r'^  name: "(.*)"$', drawn, re.MULTILINE)
    assert {"x", "layer/w", "layer/w/read", "layer/y", "loss", "GradientDescent"} <= set(names)
    assert "_output_shapes" in drawn
