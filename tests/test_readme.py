"""What the README says is there is there: its flags, its make targets, its folders, its example of a new op."""

import os
import re
import subprocess
import sys

import pytest

from graphcore.core import flags
from tests.sources import ROOT, modules

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
# In a process of its own: registering an op would be seen by other tests.
TRY_NEW_OP = """
import graphcore as tf
with tf.Session():
    x = tf.constant([-3.0, 0.0, 0.75])
    y = softbound(x, name="bounded")
    print(y.op.type, y.name, y.shape, y.eval()[1:].tolist(), tf.test.compute_gradient_error(x, [3], y, [3]) < 1e-3)
"""


def test_new_op_of_the_readme_works(tmp_path):
    (declaration,) = re.findall(r"```py\n(.*?)```", TEXT, re.DOTALL)
    script = tmp_path / "new_op.py"
    script.write_text(declaration + TRY_NEW_OP, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("Softbound bounded:0 (3,) [0.0, 0.6000000238418579] True\n", "")


def test_flags_exist_and_are_used():
    known = {flag.name: name for name, flag in vars(flags).items() if isinstance(flag, flags.Flag)}
    named = set(re.findall(r"`(GRAPHCORE_[A-Z]+)=", TEXT))
    sources = "".join(file.read_text(encoding="utf-8") for file in modules().values())
    assert named and named <= set(known)
    assert [name for name in sorted(named) if f"flags.{known[name]}.get()" not in sources] == []


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z]+)", TEXT))
    assert targets and [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("folder", sorted(set(re.findall(r"`([a-z/]+)/`", TEXT))))
def test_folders_exist(folder):
    assert (ROOT / folder).is_dir()


def test_it_stays_short():
    assert len(TEXT.splitlines()) < 150
