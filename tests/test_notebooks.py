"""Every notebook runs from top to bottom with the Python that runs the tests, without a network, and is kept without outputs."""

import base64
import io
import os
import sysconfig

import numpy as np
import pytest

from tests.sources import ROOT

nbformat = pytest.importorskip("nbformat", reason="needs the extra 'notebooks'")
nbclient = pytest.importorskip("nbclient", reason="needs the extra 'notebooks'")
kernelspec = pytest.importorskip("jupyter_client.kernelspec", reason="needs the extra 'notebooks'")
pytest.importorskip("ipykernel", reason="needs the extra 'notebooks'")
from jupyter_client.manager import AsyncKernelManager  # noqa: E402
from PIL import Image  # noqa: E402

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
SECONDS_PER_CELL = 300
# Python reads this file when a kernel starts: whoever looks beyond this machine fails.
OFFLINE = """
import sys

def refuse(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] not in ("127.0.0.1", "::1", "localhost"):
        raise OSError(f"a notebook asked for {arguments[1]}")
    if event == "socket.getaddrinfo" and arguments[0] not in (None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1"):
        raise OSError(f"a notebook asked where {arguments[0]} is")

sys.addaudithook(refuse)
"""


def read(name):
    """Return the notebook of that file name."""
    return nbformat.read(FOLDER / name, as_version=4)


class OwnKernel(AsyncKernelManager):
    """A kernel in this very Python, whatever kernels the user has installed."""

    def __init__(self, **options):
        specs = kernelspec.KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
        super().__init__(**{**options, "kernel_name": kernelspec.NATIVE_KERNEL_NAME, "kernel_spec_manager": specs})


@pytest.fixture
def environment(tmp_path):
    """The environment of a kernel: the clone first on the path, no network, the user's settings out of the way."""
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "sitecustomize.py").write_text(OFFLINE)
    path = os.pathsep.join(filter(None, (str(tmp_path / "offline"), str(ROOT), os.environ.get("PYTHONPATH"))))
    # Where other programs keep the cores busy, BLAS threads wait for each other many times longer than they compute.
    return {"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path, "IPYTHONDIR": str(tmp_path / "ipython"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def executed(notebook, folder, environment):
    """The notebook with its outputs, run in a folder: data are found from the clone all the same."""
    client = nbclient.NotebookClient(
        notebook, timeout=SECONDS_PER_CELL, kernel_manager_class=OwnKernel, resources={"metadata": {"path": str(folder)}}
    )
    return client.execute(env=environment)


def shown(cell, kind):
    """What a cell displays of a MIME type."""
    return [output.data[kind] for output in cell.outputs if kind in output.get("data", {})]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs_and_draws(name, tmp_path, environment):
    for cell in executed(read(name), tmp_path, environment).cells:
        if "plt.show()" in cell.source:
            pictures = [Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB") for text in shown(cell, "image/png")]
            assert pictures and all(map(drawn, pictures)), cell.source
        if cell.source.endswith("get_default_graph()"):
            assert "<svg" in shown(cell, "text/html")[0], cell.source


def drawn(picture):
    """Whether there is more in a picture than axes: these are black on white, with greys at the edges of letters."""
    pixels = np.asarray(picture).astype(int)
    return (np.ptp(pixels, axis=-1) > 40).any() or (pixels < 250).mean() > 0.1


def test_notebook_that_asks_the_network_fails(tmp_path, environment):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("from urllib.request import urlopen\nurlopen('http://localhost.test')")])
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="a notebook asked where localhost.test is"):
        executed(notebook, tmp_path, {**environment, "no_proxy": "*"})


TENSORBOARD_CELLS = ["""
import graphcore as tf
with tf.summary.FileWriter("logs", tf.Graph()) as writer:
    writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=2.5)]), 3)
""", "%load_ext tensorboard", "%tensorboard --logdir logs --host 127.0.0.1 --port 0 --load_fast=false", """
from tensorboard import manager
from tests.servers import page_reader, wait_for
server, = manager.get_all()
ask = page_reader(f"http://127.0.0.1:{server.port}/")
wait_for(lambda: ask("scalars/tags").get("."))
ask("scalars/scalars", run=".", tag="loss")[0][1:]
""", """
import os, signal
os.kill(server.pid, signal.SIGTERM)
"""]


def test_tensorboard_in_a_notebook(tmp_path, environment):
    # As in an activated environment; a server notes its port in the folder for temporary files.
    environment["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    environment.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path)))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source.strip()) for source in TENSORBOARD_CELLS])
    cells = executed(notebook, tmp_path, environment).cells
    assert "<iframe" in shown(cells[2], "text/html")[0]
    assert shown(cells[3], "text/plain") == ["[3, 2.5]"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_kept_without_outputs(name):
    cells = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert [cell.source for cell in cells if cell.outputs or cell.execution_count is not None] == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_valid_and_explains(name):
    notebook = read(name)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith(f"# {int(name[:2])}. ")


def test_there_are_notebooks():
    assert [name[:2] for name in NOTEBOOKS] == [f"{number:02}" for number in range(1, len(NOTEBOOKS) + 1)]
    assert NOTEBOOKS
