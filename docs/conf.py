"""How Sphinx builds these pages: ``make docs``. The reference, the op table and the pictures are made first, from the sources."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import generated_pages  # noqa: E402

import graphcore  # noqa: E402

project, author = "graphcore", "the graphcore authors"
copyright = "the graphcore authors; Apache License 2.0"
release = f"TensorFlow {graphcore.__version__}'s names"
extensions = ["myst_parser"]
myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 2
html_theme = "alabaster"
html_theme_options = {"description": "TensorFlow 1.15's graph mode on today's Python and NumPy", "page_width": "1100px",
                      "fixed_sidebar": True}
html_show_sourcelink = False
nitpicky = True


def setup(app):
    """Make the generated pages before Sphinx looks for pages."""
    app.connect("config-inited", lambda app, config: generated_pages.write_all(HERE / "generated"))
