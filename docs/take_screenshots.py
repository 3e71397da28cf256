"""Take the screenshots of these pages: ``python docs/take_screenshots.py`` with Selenium, Chromium and its driver installed."""

import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from PIL import Image  # noqa: E402

from graphcore import demo  # noqa: E402
from tests.servers import browser, missing_for_a_browser, tensorboard, texts, wait_for  # noqa: E402

# Page, what must be there before the picture is taken.
PAGES = {"graph": ("#graphs", "g.node title"), "curves": ("#timeseries", "line-chart .y-axis text")}
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
        with tensorboard(folder, Path(folder) / "server.log") as address, browser() as driver:
            for name, (page, sign) in PAGES.items():
                driver.get(f"about:blank#{name}")    # or a change of the page's part alone would load nothing
                driver.get(address + page)
                wait_for(lambda sign=sign: texts(driver, sign))
                time.sleep(_SECONDS_TO_SETTLE)    # curves and edges move into place
                save(driver.get_screenshot_as_png(), HERE / "screenshots" / f"{name}.png")
    return 0


def save(png, path):
    """Keep a picture with few colors: a quarter of the size, and nobody sees it."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLORS).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
