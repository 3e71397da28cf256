"""Every example in a docstring, and the README's first program, does what it says."""

import doctest
import pkgutil
import re
from importlib import import_module

import numpy as np
import pytest

import graphcore
from tests.sources import ROOT, modules

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def walked() -> list[str]:
    """Return every module name, found as an installed package's would be; `__main__` would run."""
    names = (module.name for module in pkgutil.walk_packages(graphcore.__path__, "graphcore."))
    return ["graphcore", *(name for name in names if not name.endswith(".__main__"))]


@pytest.mark.parametrize("name", walked())
def test_docstring_examples(name):
    # By import name: collecting the files would load each a second time, with a second op registry.
    module = import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    report = []
    for example in finder.find(module, extraglobs={"tf": graphcore, "np": np}):
        graphcore.reset_default_graph()
        runner.run(example, out=report.append)
    assert not runner.failures, "".join(report)


def test_walk_finds_every_module():
    assert sorted(walked()) == [name for name in modules() if not name.endswith(".__main__")]


def test_first_program_of_the_readme_runs(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    program, printed = re.search(r"```python\n(.*?)```.*?```text\n(.*?)```", text, re.DOTALL).groups()
    exec(compile(program, "README.md", "exec"), {})
    assert capsys.readouterr().out == printed
