"""``tf.gfile``: files and directories of this computer, with TF's errors."""

from graphcore.core import files as _files
from graphcore.core.gfile import GFile

Open = FastGFile = GFile


def Exists(filename):
    """Whether there is a file or directory at the path."""
    return _files.exists(filename)


def IsDirectory(dirname):
    """Whether there is a directory at the path."""
    return _files.isdir(dirname)


def Remove(filename):
    """Delete a file."""
    _files.remove(filename)


def DeleteRecursively(dirname):
    """Delete a directory and all that is in it."""
    _files.rmtree(dirname)


def MkDir(dirname):
    """Make a directory, unless it exists; its parent must exist."""
    _files.mkdir(dirname)


def MakeDirs(dirname):
    """Make a directory, and its parents where they are missing."""
    _files.makedirs(dirname)


def ListDirectory(dirname):
    """The names of what is in a directory, in no order; NotFoundError if it does not exist."""
    return _files.listdir(dirname)


def Glob(filename):
    """The paths that match a pattern, or one of several; see `tf.io.gfile.glob`."""
    return _files.glob(filename)


def Copy(oldpath, newpath, overwrite=False):
    """Copy a file; AlreadyExistsError if there is one at ``newpath`` and ``overwrite`` is false."""
    _files.copy(oldpath, newpath, overwrite)


def Rename(oldname, newname, overwrite=False):
    """Move a file or directory; AlreadyExistsError if there is one at ``newname`` and ``overwrite`` is false."""
    _files.rename(oldname, newname, overwrite)


def Stat(filename):
    """``length``, ``mtime_nsec`` and ``is_directory`` of what is at the path."""
    return _files.stat(filename)


def Walk(top, in_order=True):
    """Yield ``(directory, names of directories in it, names of files in it)``, a directory before those in it if ``in_order``."""
    return _files.walk(top, in_order)


__all__ = ["Copy", "DeleteRecursively", "Exists", "FastGFile", "GFile", "Glob", "IsDirectory", "ListDirectory", "MakeDirs", "MkDir",
           "Open", "Remove", "Rename", "Stat", "Walk"]
