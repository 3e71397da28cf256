"""Take the screenshots of these pages: ``python docs/take_screenshots.py`` with Selenium, Chromium and its driver installed."""

import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
import pictures  # noqa: E402
from PIL import Image  # noqa: E402

import graphcore as tf  # noqa: E402
from graphcore import demo  # noqa: E402
from tests.servers import browser, click, missing_for_a_browser, tensorboard, texts, wait_for  # noqa: E402

# Page, what must be there before the picture is taken, what is pressed then.
PAGES = {
    "curves": ("#timeseries", "line-chart .y-axis text", ()),
    "graph": ("#graphs", "g.node title", (("paper-item", "demo"),)),
    "times": ("#graphs", "g.node title", (("paper-item", "traced"), ("paper-item", "step 10"), ("paper-radio-button", "Profile"),
                                          ("paper-radio-button", "Compute time"))),
}
_STEPS, _BATCH = 10, 256
_SECONDS_TO_SETTLE = 3.0
_COLORS = 128


def main():
    """Run the demonstration, look at it in TensorBoard, keep what is seen."""
    if missing := missing_for_a_browser():
        return f"install first: {missing}"
    with tempfile.TemporaryDirectory() as folder:
        logdir = Path(folder) / "demo"
        with contextlib.redirect_stdout(io.StringIO()):
            demo.main(["--logdir", str(logdir), "--epochs", "300"])
        trace(str(Path(folder) / "traced"))
        with tensorboard(folder, Path(folder) / "server.log") as address, browser() as driver:
            for name, (page, sign, pressed) in PAGES.items():
                driver.get(f"about:blank#{name}")    # or a change of the page's part alone would load nothing
                driver.get(address + page)
                wait_for(lambda sign=sign: texts(driver, sign))
                for selector, text in pressed:
                    click(driver, selector, text)
                time.sleep(_SECONDS_TO_SETTLE)    # curves and edges move into place
                save(driver.get_screenshot_as_png(), HERE / "screenshots" / f"{name}.png")
    return 0


def trace(logdir):
    """Train the small model of these pages, and log the times of its last step."""
    with pictures.small_model().as_default() as graph, tf.Session() as session, tf.summary.FileWriter(logdir, graph) as writer:
        session.run("init")
        random = np.random.default_rng(0)
        feeds = {"x:0": random.normal(size=[_BATCH, 784]), "y:0": np.eye(10)[random.integers(0, 10, _BATCH)]}
        for _ in range(_STEPS):
            metadata = tf.RunMetadata()
            session.run("GradientDescent", feeds, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata)
        writer.add_run_metadata(metadata, f"step {_STEPS}", _STEPS)


def save(png, path):
    """Keep a picture with few colors: a quarter of the size, and nobody sees it."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLORS).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
