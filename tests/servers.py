"""The real TensorBoard on a port of this machine, and a browser without a screen to look at it."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from tests.sources import ROOT

SECONDS_TO_START = 60
DIRECT = build_opener(ProxyHandler({}))    # a proxy of the user's would look for 127.0.0.1 elsewhere
# Where tests keep what a browser showed.
SCREENSHOTS = ROOT / "build" / "screenshots"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_WINDOW = "1400,1000"


@contextlib.contextmanager
def tensorboard(logdir, log, fast=False):
    """Serve the runs in ``logdir``; gives the server's address. What it prints goes to the file ``log``.

    ``fast`` lets TensorBoard's program in Rust read the files, not its Python.
    """
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--host", "127.0.0.1", "--port", "0",
               f"--load_fast={str(fast).lower()}", "--reload_interval=1"]
    with open(log, "wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                  env={**os.environ, "PYTHONWARNINGS": "ignore"})
        try:
            yield wait_for(lambda: _address_in(log, server))
        finally:
            server.terminate()
            server.wait(timeout=30)


def _address_in(log, server):
    """Return the address that the server wrote to its log, or None yet."""
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read()
    assert server.poll() is None, text
    found = re.search(r"http://127\.0\.0\.1:\d+/", text)
    return found and found.group()


def wait_for(attempt):
    """Return the first true result of ``attempt``."""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        result = attempt()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError(f"not so within {SECONDS_TO_START} seconds: {attempt()!r}")


def page_reader(address):
    """Return a function that gives a plugin's page at ``address``, its JSON read."""
    def ask(page, **arguments):
        with DIRECT.open(f"{address}data/plugin/{page}?{urlencode(arguments)}", timeout=20) as response:
            content = response.read().decode("utf-8")
        return json.loads(content) if "json" in response.headers["Content-Type"] else content

    ask.address = address
    return ask


def missing_for_a_browser():
    """What must be installed before `browser` works; empty if nothing."""
    missing = []
    try:
        import selenium  # noqa: F401
    except ImportError:
        missing.append("selenium (pip install selenium)")
    if not any(map(shutil.which, _CHROMIUM)):
        missing.append("chromium (apt-get install chromium)")
    if not shutil.which("chromedriver"):
        missing.append("chromedriver (apt-get install chromium-driver)")
    return ", ".join(missing)


def keep_screenshot(driver, name):
    """Save what the browser shows, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))


@contextlib.contextmanager
def browser():
    """A Chromium without a screen, driven by Selenium."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, _CHROMIUM)))
    # Without a sandbox, since tests may run as root in a container; it opens our own pages only.
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
                     f"--window-size={_WINDOW}"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


# The graph page keeps its nodes in shadow roots, which selectors do not enter.
_FOUND = """
const [selector, wanted] = arguments;
function found(root) {
  let elements = [...root.querySelectorAll(selector)];
  for (const element of root.querySelectorAll("*"))
    if (element.shadowRoot) elements = elements.concat(found(element.shadowRoot));
  return elements;
}
"""


def texts(driver, selector):
    """The text of each element of a page that fits a selector, inside shadow roots too."""
    return driver.execute_script(_FOUND + "return found(document).map(element => element.textContent.trim())", selector)


def attributes(driver, selector, name):
    """The value of an attribute, or "", of each element that fits a selector."""
    return driver.execute_script(_FOUND + "return found(document).map(element => element.getAttribute(wanted) || '')", selector, name)


def click(driver, selector, text):
    """Press the element that fits a selector and reads so, when it is there and may be pressed."""
    wait_for(lambda: driver.execute_script(_FOUND + """
        const [first] = found(document).filter(element => element.textContent.trim() == wanted && !element.disabled);
        first?.click();
        return first != null""", selector, text))
