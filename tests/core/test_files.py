"""Files and directories: `tf.gfile`, `tf.io.gfile` and `GFile`, with the errors that TF raises."""

import os
import pathlib

import pytest

import graphcore as tf


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A directory with a file and a directory, where the test is run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_bytes("hé\ntwo\n".encode())
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x").write_text("x")
    return tmp_path


def test_what_there_is():
    assert [tf.gfile.Exists(path) for path in ("a.txt", b"sub", "nope", pathlib.Path("a.txt"))] == [True, True, False, True]
    assert [tf.gfile.IsDirectory(path) for path in ("a.txt", "sub", "nope")] == [False, True, False]
    assert sorted(tf.gfile.ListDirectory(".")) == ["a.txt", "sub"]
    found = tf.gfile.Stat("sub/x")
    assert (found.length, found.is_directory, tf.gfile.Stat("sub").is_directory) == (1, False, True)


def test_directories_are_made_and_deleted():
    tf.gfile.MakeDirs("q/w/e")
    tf.gfile.MakeDirs("q/w/e")
    tf.gfile.MkDir("q")
    tf.gfile.MakeDirs("a.txt")    # TF is content: something is there
    tf.gfile.DeleteRecursively("q")
    assert not tf.gfile.Exists("q") and tf.gfile.Exists("a.txt")


def test_files_are_copied_renamed_and_removed():
    tf.gfile.Copy("a.txt", "b.txt")
    tf.gfile.Copy("a.txt", "b.txt", overwrite=True)
    tf.gfile.Rename("b.txt", "c.txt")
    tf.gfile.Remove("c.txt")
    assert sorted(os.listdir()) == ["a.txt", "sub"]


@pytest.mark.parametrize("call, error, phrase", [
    (lambda: tf.gfile.Remove("nope"), tf.errors.NotFoundError, "nope; No such file or directory"),
    (lambda: tf.gfile.Remove("sub"), tf.errors.FailedPreconditionError, "sub; Is a directory"),
    (lambda: tf.gfile.MkDir("q/w"), tf.errors.NotFoundError, "q/w; No such file or directory"),
    (lambda: tf.gfile.MakeDirs("a.txt/b"), tf.errors.FailedPreconditionError, "a.txt/b; Not a directory"),
    (lambda: tf.gfile.ListDirectory("nope"), tf.errors.NotFoundError, "Could not find directory nope"),
    (lambda: tf.gfile.ListDirectory("a.txt"), tf.errors.NotFoundError, "Could not find directory a.txt"),
    (lambda: tf.gfile.Copy("a.txt", "sub/x"), tf.errors.AlreadyExistsError, "file already exists"),
    (lambda: tf.gfile.Copy("nope", "c"), tf.errors.NotFoundError, "nope; No such file or directory"),
    (lambda: tf.gfile.Copy("sub", "c"), tf.errors.InvalidArgumentError, "c; Invalid argument"),
    (lambda: tf.gfile.Rename("a.txt", "sub"), tf.errors.AlreadyExistsError, "file already exists"),
    (lambda: tf.gfile.Rename("nope", "c"), tf.errors.NotFoundError, "nope; No such file or directory"),
    (lambda: tf.gfile.DeleteRecursively("nope"), tf.errors.NotFoundError, "nope not found"),
    (lambda: tf.gfile.DeleteRecursively("a.txt"), tf.errors.FailedPreconditionError, "a.txt; Not a directory"),
    (lambda: tf.gfile.Stat("nope"), tf.errors.NotFoundError, "nope; No such file or directory"),
    (lambda: tf.gfile.Glob("nope/*"), tf.errors.NotFoundError, "nope; No such file or directory"),
    (lambda: tf.gfile.Exists(3), TypeError, "Expected binary or unicode string, got 3"),
])
def test_refusals(call, error, phrase):
    with pytest.raises(error) as caught:
        call()
    assert phrase in str(caught.value)


def normal(paths):
    return sorted(path.replace(os.sep, "/") for path in paths)


def test_patterns(here):
    (here / ".hidden").write_text("")
    assert normal(tf.gfile.Glob("*")) == ["./.hidden", "./a.txt", "./sub"]
    assert normal(tf.gfile.Glob(["*.txt", "s?b"])) == ["./a.txt", "./sub"]
    assert normal(tf.gfile.Glob("*/*")) == normal(tf.gfile.Glob("[st]ub/*")) == ["./sub/x"]
    assert normal(tf.gfile.Glob("a.txt")) == ["./a.txt"]
    assert tf.gfile.Glob("no*") == []
    assert normal(tf.gfile.Glob(str(here / "*.txt"))) == normal([str(here / "a.txt")])


def test_walk():
    top, inner = (".", ["sub"], ["a.txt"]), (os.path.join(".", "sub"), [], ["x"])
    assert list(tf.gfile.Walk(".")) == [top, inner]
    assert list(tf.gfile.Walk(".", in_order=False)) == [inner, top]
    assert list(tf.gfile.Walk("nope")) == []
    seen = []
    assert list(tf.io.gfile.walk("nope", onerror=seen.append)) == [] and isinstance(seen[0], tf.errors.NotFoundError)


def test_lower_case_names_are_the_same_functions():
    tf.io.gfile.makedirs("q")
    tf.io.gfile.copy("a.txt", "q/b")
    assert tf.io.gfile.listdir("q") == ["b"] and tf.io.gfile.exists("q/b")
    tf.io.gfile.rmtree("q")
    assert not tf.io.gfile.isdir("q")


def test_reading():
    with tf.gfile.GFile("a.txt") as file:
        assert (file.readline(), file.tell(), file.read(), file.read(), file.size()) == ("hé\n", 4, "two\n", "", 8)
    assert tf.gfile.FastGFile("a.txt", "rb").read(3) == b"h\xc3\xa9"
    assert list(tf.gfile.Open("a.txt")) == tf.gfile.GFile("a.txt").readlines() == ["hé\n", "two\n"]


def test_lines_lose_carriage_returns(here):
    (here / "cr").write_bytes(b"a\r\nb")
    assert tf.gfile.GFile("cr").readlines() == ["a\n", "b"]
    assert tf.gfile.GFile("cr").read() == "a\r\nb"


def test_seeking():
    with tf.gfile.GFile("a.txt", "rb") as file:
        file.seek(-2, 2)
        assert file.read() == b"o\n"
        file.seek(position=4)
        assert file.read(3) == b"two"
        with pytest.raises(tf.errors.OutOfRangeError, match="reached end of file"):
            file.seek(100)
        assert file.tell() == 8
        for wrong, phrase in [((-1,), "negative position: -1"), ((1, 7), "Invalid whence argument: 7")]:
            with pytest.raises(tf.errors.InvalidArgumentError, match=phrase):
                file.seek(*wrong)
        with pytest.raises(TypeError, match="offset argument required"):
            file.seek()


def test_writing():
    with tf.gfile.GFile("w", "w") as file:
        assert not os.path.exists("w")    # until something is written
        file.write("é")
        file.write(b"b")
        assert file.tell() == 3
    with tf.gfile.GFile("w", "a") as file:
        file.write("c")
    assert tf.gfile.GFile("w").read() == "ébc"
    with tf.gfile.GFile("w", "r+") as file:
        assert file.read() == "ébc"
        file.write("new")
    assert tf.gfile.GFile("w").read() == "new"


@pytest.mark.parametrize("call, error, phrase", [
    (lambda: tf.gfile.GFile("a.txt", "x"), tf.errors.InvalidArgumentError, "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'"),
    (lambda: tf.gfile.GFile("nope").read(), tf.errors.NotFoundError, "nope; No such file or directory"),
    (lambda: tf.gfile.GFile("sub").read(), tf.errors.FailedPreconditionError, "sub; Is a directory"),
    (lambda: tf.gfile.GFile("nn/w", "w").write("a"), tf.errors.NotFoundError, "nn/w; No such file or directory"),
    (lambda: tf.gfile.GFile("a.txt", "w").read(), tf.errors.PermissionDeniedError, "File isn't open for reading"),
    (lambda: tf.gfile.GFile("a.txt").write("a"), tf.errors.PermissionDeniedError, "File isn't open for writing"),
    (lambda: tf.gfile.GFile("w", "w").write(3), TypeError, "Expected binary or unicode string, got 3"),
])
def test_files_that_cannot_be_used(call, error, phrase):
    with pytest.raises(error) as caught:
        call()
    assert phrase in str(caught.value)
