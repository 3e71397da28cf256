"""What is made for these pages: the reference, the op table, what is missing and the pictures from the sources; the benchmarks' figures."""

import shutil

import figures
import op_table
import pictures
import reference


def write_all(folder):
    """Write all generated files into ``folder``, anew."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "api").mkdir(parents=True)
    files = {"ops.md": op_table.page(), "coverage.md": reference.coverage_page(), **pictures.files(), **figures.files()}
    for name, text in {**files, **reference.pages()}.items():
        (folder / name).write_text(text, encoding="utf-8")
