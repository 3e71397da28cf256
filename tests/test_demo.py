"""`python -m graphcore demo`: the figures, the files, and what happens without the optional libraries."""

import sys

import pytest

from graphcore import demo


def test_figures_are_those_of_tensorflow(tmp_path, capsys):
    assert demo.main(["--logdir", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr().out
    (row,) = [line.split() for line in printed.splitlines() if "obtained here" in line]
    assert float(row[-2]) == pytest.approx(32.60248566, rel=2e-6)
    assert float(row[-1]) == pytest.approx(0.60594440, rel=2e-6)
    assert f'tensorboard --logdir "{tmp_path / "run"}"' in printed


def test_files(tmp_path):
    pytest.importorskip("matplotlib")
    demo.main(["--logdir", str(tmp_path / "new" / "run"), "--epochs", "3"])
    names = sorted(path.name.split(".")[0] for path in (tmp_path / "new" / "run").iterdir())
    assert names == ["curves", "events"]
    assert (tmp_path / "new" / "run" / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_without_optional_libraries(tmp_path, capsys, monkeypatch):
    for name in ("tqdm", "matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    demo.main(["--logdir", str(tmp_path), "--epochs", "3"])
    printed = capsys.readouterr()
    assert "pip install matplotlib" in printed.out
    assert f"[{'#' * 40}] 3/3" in printed.err
    assert "The published figures are those after 1500 epochs." in printed.out


@pytest.mark.parametrize("epochs", ["0", "-1", "many", "1.5"])
def test_epochs_must_be_positive(epochs, capsys):
    with pytest.raises(SystemExit):
        demo.main([f"--epochs={epochs}"])
    assert "expected a whole number above zero" in capsys.readouterr().err


def test_logdir_must_not_be_a_file(capsys):
    with pytest.raises(SystemExit):
        demo.main(["--logdir", __file__])
    assert "is a file, expected a directory" in capsys.readouterr().err
