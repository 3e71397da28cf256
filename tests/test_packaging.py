"""What is published is the tree: every module and data file, each in one copy."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.sources import ROOT, listed, modules, package_directories, settings

# Imports every module that a walk finds, then prints the names and where each came from.
WHERE = """
import importlib, json, pkgutil, sys
import graphcore
names = [module.name for module in pkgutil.walk_packages(graphcore.__path__, "graphcore.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
files = {name: sys.modules[name].__file__ for name in sys.modules if name.split(".")[0] == "graphcore"}
print(json.dumps({"walked": sorted(names), "files": files}))
"""


def published_paths() -> set[str]:
    """Return the path inside the wheel of every module and declared data file of the tree."""
    paths = {archive_path(file) for file in modules().values()}
    for package, patterns in settings()["options.package_data"].items():
        for pattern in patterns.replace("\n", ",").split(","):
            paths |= {archive_path(file) for file in directory_of(package).glob(pattern.strip()) if pattern.strip()}
    return paths


def archive_path(file: Path) -> str:
    """Return where `file` of the tree goes in the wheel."""
    package, directory = next((p, d) for p, d in package_directories().items() if file.is_relative_to(d))
    return "/".join((*package.split("."), *file.relative_to(directory).parts))


def directory_of(package: str) -> Path:
    """Return the directory of `package` in the tree."""
    mapped = max((p for p in package_directories() if f"{package}.".startswith(f"{p}.")), key=len)
    return package_directories()[mapped].joinpath(*package.removeprefix(mapped).strip(".").split("."))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy so that nothing is left in the clone, and with no network."""
    pytest.importorskip("setuptools", minversion="77")
    copy = tmp_path_factory.mktemp("copy")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for directory in package_directories().values():
        shutil.copytree(directory, copy / directory.name, ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "dist"]
    done = subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "."], cwd=copy, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (copy / "dist").glob("graphcore_tf1-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The directory with the wheel's content: what site-packages gets."""
    target = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(target)
    return target


def where(directory: Path, search: Path) -> dict:
    """Return what Python, started in `directory` with `search` on its path, finds of graphcore."""
    environment = {**os.environ, "PYTHONPATH": str(search)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WHERE], cwd=directory, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_setup_cfg_lists_every_package():
    found = [name for name, file in modules().items() if file.name == "__init__.py"]
    wanted = "packages =\n    " + "\n    ".join(found)
    assert listed("options", "packages") == found, f"setup.cfg should say\n{wanted}"


def test_every_folder_with_modules_is_a_package():
    bare = {file.parent for file in modules().values() if not (file.parent / "__init__.py").exists()}
    assert not bare, f"no __init__.py in {sorted(map(str, bare))}"


def test_every_data_file_is_declared():
    files = [file for directory in package_directories().values() for file in directory.rglob("*") if file.is_file()]
    ignored = ("*.py", "*.pyc", "*/.*")
    data = {archive_path(file) for file in files if not any(fnmatch(file.relative_to(ROOT).as_posix(), p) for p in ignored)}
    assert data <= published_paths()


def test_wheel_has_what_the_tree_has(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == published_paths()


def test_wheel_carries_the_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_installed_package_is_complete_and_alone(installed, tmp_path):
    found = where(tmp_path, installed)
    assert ["graphcore", *found["walked"]] == list(modules())
    assert {name for name, file in found["files"].items() if not Path(file).is_relative_to(installed)} == set()


def test_python_started_in_the_clone_uses_the_clone_alone(installed):
    found = where(ROOT, installed)
    assert ["graphcore", *found["walked"]] == list(modules())
    # Another name of graphcore itself, on purpose.
    assert found["files"].pop("graphcore.compat.v1") == found["files"]["graphcore"]
    # A module that is loaded twice, under two names, would have two registries.
    assert sorted(found["files"].values()) == sorted(set(found["files"].values()))
    assert {name: Path(file) for name, file in found["files"].items()} == {name: modules()[name] for name in found["files"]}
