"""Whole programs print what they print with TensorFlow 1.15.

Each program of ``tests/scripts`` runs unmodified in a process of its own. ``NAME.out`` is what TensorFlow 1.15.5 printed for
``NAME.py``; to record it (again), give the recorder a Python that has TensorFlow 1.15, NumPy and scikit-learn:

    PYTHON-WITH-TF-1.15 tests/oracle/record_scripts.py NAME
"""

import os
import re
import subprocess
import sys

import pytest

from tests.sources import ROOT

FOLDER = ROOT / "tests" / "scripts"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py"))
NEEDS = {"digits_softmax": "sklearn"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
# Two libraries add float32 numbers in different orders, a few hundred times over.
RELATIVE = 1e-5


def printed(name, directory):
    """Return what the program prints when it is started in ``directory``."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-W", "error", str(FOLDER / f"{name}.py")], cwd=directory, env=environment,
                          capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def recorded(name):
    """Return what TensorFlow printed."""
    return (FOLDER / f"{name}.out").read_text(encoding="utf-8")


def agree(expected, actual):
    """Return whether two printed numbers are the same, up to one in the last digit that is shown."""
    if expected == actual:
        return True
    digits = len(expected.partition(".")[2])
    if not digits or len(actual.partition(".")[2]) != digits:
        return False
    return abs(float(expected) - float(actual)) <= 1.01 * 10.0 ** -digits + RELATIVE * abs(float(expected))


def difference(expected, actual):
    """Return the first pair of lines that say something else, or None."""
    ours, theirs = actual.splitlines(), expected.splitlines()
    for number, (their, our) in enumerate(zip(theirs, ours), 1):
        numbers = zip(NUMBER.findall(their), NUMBER.findall(our))
        if NUMBER.sub("#", their) != NUMBER.sub("#", our) or not all(agree(*pair) for pair in numbers):
            return f"line {number}: TensorFlow prints {their!r}, here it is {our!r}"
    return None if len(theirs) == len(ours) else f"TensorFlow prints {len(theirs)} lines, here it is {len(ours)}"


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_prints_what_tensorflow_prints(name, tmp_path):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    assert difference(recorded(name), printed(name, tmp_path)) is None
    assert not list(tmp_path.iterdir()), "the program left files behind"


def test_there_are_scripts_and_each_has_its_record():
    assert len(SCRIPTS) >= 6
    assert SCRIPTS == sorted(path.stem for path in FOLDER.glob("*.out"))


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("loss 0.1696", "loss 0.1697", True),
        ("loss 0.1696", "loss 0.1699", False),
        ("loss 7.494453", "loss 7.494452", True),
        ("step 3", "step 4", False),
        ("step 3", "step 3.0", False),
        ("a 1.0", "b 1.0", False),
        ("a 1.0\nb", "a 1.0", False),
        ("[1, 2]", "[1, 2]", True),
    ],
)
def test_comparison_forgives_the_last_digit_only(expected, actual, same):
    assert (difference(expected, actual) is None) is same
