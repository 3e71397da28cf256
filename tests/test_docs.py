"""The pages in `docs/`: their examples run, their links lead somewhere, and what is generated for them is complete."""

import doctest
import re
import sys

import pytest

from graphcore.core.opdef import REGISTRY
from tests import api_count
from tests.sources import ROOT
from tests.test_doctests import OPTIONS

DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if "generated" not in path.parts)
sys.path.append(str(DOCS))


def examples_of(page):
    """The lines of a page that are examples, each at its own number: the rest is blank."""
    text = (DOCS / page).read_text(encoding="utf-8")
    inside, lines = False, []
    for line in text.splitlines():
        inside = not line.startswith("```") if inside else line == "```pycon"
        lines.append(line if inside and not line.startswith("```") else "")
    return "\n".join(lines)


@pytest.mark.parametrize("page", [page for page in PAGES if ">>>" in (DOCS / page).read_text(encoding="utf-8")])
def test_examples_run(page, monkeypatch):
    # A page may name graphcore `tensorflow`.
    for name in ("tensorflow", "tensorflow.compat", "tensorflow.compat.v1"):
        monkeypatch.setitem(sys.modules, name, None)
    test = doctest.DocTestParser().get_doctest(examples_of(page), {}, page, str(DOCS / page), 0)
    report = []
    assert not doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append).failed, "".join(report)


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pages_are_there(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+\.md)\)", text) + [f"{name}.md" for toc in re.findall(r"```{toctree}\n(.*?)```", text, re.DOTALL)
                                                         for name in toc.split("\n") if name and not name.startswith(":")]
    missing = [link for link in links if "generated/" not in link and not (DOCS / page).parent.joinpath(link).exists()]
    assert not missing


def test_every_page_is_in_the_index():
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [page for page in PAGES if page != "index.md" and f"\n{page.removesuffix('.md')}\n" not in text] == []


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The folder of what is generated."""
    import generated_pages

    folder = tmp_path_factory.mktemp("docs") / "generated"
    generated_pages.write_all(folder)
    return folder


def test_every_op_is_in_the_table(generated):
    rows = re.findall(r"^\| (\w+) \|", (generated / "ops.md").read_text(encoding="utf-8"), re.MULTILINE)
    ours = [name for name, op in REGISTRY.items() if op.__module__.startswith("graphcore.")]
    assert sorted(set(rows) - {"op"}) == sorted(ours)


def test_a_row_of_the_table(generated):
    assert "| Sqrt | " in (text := (generated / "ops.md").read_text(encoding="utf-8"))
    row, = [line for line in text.splitlines() if line.startswith("| Sqrt |")]
    assert re.search(r"\| `T`: floats, also complex128, complex64 \| yes \| yes \| \d+ \|$", row)


def test_reference_has_every_public_function(generated):
    text = "".join(path.read_text(encoding="utf-8") for path in (generated / "api").iterdir())
    here = {name for name, kind in api_count.ours().items() if kind.startswith(("function", "class"))}
    named = set(re.findall(r"\{py:\w+\} tf\.([\w.]+)", text))
    classes = tuple(f"{name}." for name in api_count.api.CLASSES)
    assert {name for name in here - named if not name.startswith(classes)} == set()


def test_missing_names_are_listed(generated):
    text = (generated / "coverage.md").read_text(encoding="utf-8")
    assert "`GradientTape`" in text and "`constant`" not in text


def test_pictures_are_drawn(generated):
    assert "cores" not in (house := (generated / "house.svg").read_text(encoding="utf-8")) and ">session<" in house
    assert ">Placeholder<" in (generated / "graph.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(("docstring", "expected"), [
    ("Sums *x* and `y[0]`.", r"Sums \*x\* and `y[0]`."),
    ("One.\n\nArgs:\n  x: a number\n    of two lines.\n  y, z: others.",
     "One.\n\n**Args**\n\n- `x`: a number of two lines.\n- `y, z`: others."),
    ("One.\n\n>>> f(1)\n2", "One.\n\n```pycon\n>>> f(1)\n2\n```"),
    ("Such::\n\n    a = [1]\n\nand more.", "Such:\n\n```python\na = [1]\n```\n\nand more."),
    ("Raises:\n  tf.errors.A: when it fails.", "**Raises**\n\n- `tf.errors.A`: when it fails."),
    ("1. is no list.", "1\\. is no list."),
])
def test_docstrings_become_markdown(docstring, expected):
    import docstrings

    assert docstrings.markdown(docstring) == expected


