"""Every notebook runs from top to bottom with the Python that runs the tests, and is kept without outputs."""

import os

import pytest

from tests.sources import ROOT

nbformat = pytest.importorskip("nbformat", reason="needs the extra 'notebooks'")
nbclient = pytest.importorskip("nbclient", reason="needs the extra 'notebooks'")
kernelspec = pytest.importorskip("jupyter_client.kernelspec", reason="needs the extra 'notebooks'")
pytest.importorskip("ipykernel", reason="needs the extra 'notebooks'")
from jupyter_client.manager import AsyncKernelManager  # noqa: E402

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
SECONDS_PER_CELL = 300


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
    """The environment of a kernel: the clone first on the path, the user's settings out of the way."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    # Where other programs keep the cores busy, BLAS threads wait for each other many times longer than they compute.
    return {"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path, "IPYTHONDIR": str(tmp_path / "ipython"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs(name, tmp_path, environment):
    # What a notebook writes goes to the test's own folder; data are found from the clone all the same.
    client = nbclient.NotebookClient(
        read(name), timeout=SECONDS_PER_CELL, kernel_manager_class=OwnKernel, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env=environment)


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
