"""Files and directories as TF speaks of them: the operating system's refusals become `tf.errors`, with TF's ``path; reason``."""

import collections
import contextlib
import errno
import fnmatch
import os
import re
import shutil

from graphcore.core import errors
from graphcore.core.text import as_str, as_str_any, path_to_str

_ERROR_OF = {
    errno.ENOENT: "NotFoundError",
    errno.EACCES: "PermissionDeniedError",
    errno.EPERM: "PermissionDeniedError",
    errno.EROFS: "PermissionDeniedError",
    errno.ENOTDIR: "FailedPreconditionError",
    errno.EISDIR: "FailedPreconditionError",
    errno.ENOTEMPTY: "FailedPreconditionError",
    errno.EEXIST: "AlreadyExistsError",
    errno.ENOSPC: "ResourceExhaustedError",
    errno.EFBIG: "ResourceExhaustedError",
    errno.EMFILE: "ResourceExhaustedError",
    errno.ENAMETOOLONG: "InvalidArgumentError",
}

FileStatistics = collections.namedtuple("FileStatistics", ["length", "mtime_nsec", "is_directory"])


def as_tf_error(error, path, doing=None):
    """Return the `tf.errors` exception for an `OSError`; `doing` says what could not be done to `path`."""
    reason = error.strerror or str(error)
    error_class = getattr(errors, _ERROR_OF.get(error.errno, "UnknownError"))
    return error_class(None, None, f"{path}; {reason}" + (f" (while {doing})" if doing else ""))


@contextlib.contextmanager
def tf_errors(path, doing=None):
    """Turn an `OSError` of the block into its `tf.errors` exception."""
    try:
        yield
    except OSError as error:
        raise as_tf_error(error, path, doing) from error


def path_of(name):
    """A path as a string, from a string, bytes or a path object; TypeError for anything else."""
    return as_str(path_to_str(name))


def exists(path):
    """Whether there is a file or directory at ``path``."""
    return os.path.exists(path_of(path))


def isdir(path):
    """Whether there is a directory at ``path``."""
    return os.path.isdir(path_of(path))


def remove(path):
    """Delete the file ``path``."""
    path = path_of(path)
    # Systems differ in what they say of a directory here.
    if os.path.isdir(path):
        raise errors.FailedPreconditionError(None, None, f"{path}; Is a directory: rmtree deletes directories")
    with tf_errors(path):
        os.remove(path)


def mkdir(path):
    """Make the directory ``path``, unless it exists; its parent must exist."""
    path = path_of(path)
    with tf_errors(path), contextlib.suppress(FileExistsError):
        os.mkdir(path)


def makedirs(path):
    """Make the directory ``path``, and its parents where they are missing."""
    path = path_of(path)
    above = os.path.dirname(path.rstrip("/" + os.sep))
    while above and not os.path.exists(above):
        above = os.path.dirname(above)
    # A path under a plain file: what is said of it differs by system.
    if above and not os.path.isdir(above):
        raise errors.FailedPreconditionError(None, None, f"{path}; Not a directory: {above} is a file")
    with tf_errors(path), contextlib.suppress(FileExistsError):
        os.makedirs(path, exist_ok=True)


def copy(src, dst, overwrite=False):
    """Copy the file ``src`` to ``dst``; AlreadyExistsError if there is one and ``overwrite`` is false."""
    src, dst = path_of(src), path_of(dst)
    _check_free(dst, overwrite)
    if os.path.isdir(src):
        raise errors.InvalidArgumentError(None, None, f"{dst}; Invalid argument: {src} is a directory")
    with tf_errors(src if not os.path.exists(src) else dst):
        shutil.copyfile(src, dst)


def rename(src, dst, overwrite=False):
    """Give the file or directory ``src`` the path ``dst``; AlreadyExistsError if there is one and ``overwrite`` is false."""
    src, dst = path_of(src), path_of(dst)
    _check_free(dst, overwrite)
    with tf_errors(src):
        os.replace(src, dst)


def _check_free(path, overwrite):
    if not overwrite and os.path.exists(path):
        raise errors.AlreadyExistsError(None, None, f"file already exists: {path}. Say overwrite=True to replace it")


def rmtree(path):
    """Delete the directory ``path`` and all that is in it."""
    path = path_of(path)
    if not os.path.exists(path):
        raise errors.NotFoundError(None, None, f"{path} not found")
    if not os.path.isdir(path):
        raise errors.FailedPreconditionError(None, None, f"{path}; Not a directory")
    with tf_errors(path):
        shutil.rmtree(path)


def listdir(path):
    """The names of what is in the directory ``path``, in no order."""
    if not isdir(path):
        raise errors.NotFoundError(None, None, f"Could not find directory {as_str_any(path)}")
    with tf_errors(path):
        return os.listdir(path_of(path))


def walk(top, topdown=True, onerror=None):
    """Yield ``(directory, names of directories in it, names of files in it)`` for ``top`` and all directories under it.

    ``topdown`` gives a directory before those in it. A missing ``top`` gives nothing, after ``onerror(error)`` if that is given.
    """
    top = path_of(top)
    try:
        names = listdir(top)
    except errors.NotFoundError as error:
        if onerror:
            onerror(error)
        return
    directories = [name for name in names if isdir(os.path.join(top, name))]
    here = top, directories, [name for name in names if name not in set(directories)]
    if topdown:
        yield here
    for name in directories:
        yield from walk(os.path.join(top, name), topdown, onerror)
    if not topdown:
        yield here


def stat(path):
    """``length`` in bytes, ``mtime_nsec`` (when it was changed last) and ``is_directory`` of what is at ``path``."""
    path = path_of(path)
    with tf_errors(path):
        found = os.stat(path)
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(path))


def glob(pattern):
    """The paths that match ``pattern``, or one of several patterns; ``*``, ``?`` and ``[...]`` match within a name.

    A relative pattern without a directory gives paths that begin with ``./``. Hidden files match ``*``.

    Raises:
      tf.errors.NotFoundError: the directory that the pattern begins with does not exist.
    """
    if isinstance(pattern, (str, bytes, os.PathLike)):
        return _matching(path_of(pattern))
    return [path for each in pattern for path in _matching(path_of(each))]


def _matching(pattern):
    fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    separators = "/" if os.sep == "/" else "/" + re.escape(os.sep)
    start = re.match(rf"(.*[{separators}])?", fixed, re.DOTALL).group()
    directory = start.rstrip(separators) or start or "."
    if not os.path.isdir(directory):
        raise errors.NotFoundError(None, None, f"{directory}; No such file or directory")
    found = [directory]
    for part in re.split(f"[{separators}]+", pattern[len(start):]):
        found = [os.path.join(above, name) for above in found if os.path.isdir(above)
                 for name in os.listdir(above) if fnmatch.fnmatchcase(name, part)]
    return found
