"""Files as TF speaks of them: the operating system's refusals become `tf.errors`, with TF's `path; reason`."""

import contextlib
import errno
import os

from graphcore.core import errors

_ERROR_OF = {
    errno.ENOENT: "NotFoundError",
    errno.EACCES: "PermissionDeniedError",
    errno.EPERM: "PermissionDeniedError",
    errno.EROFS: "PermissionDeniedError",
    errno.ENOTDIR: "FailedPreconditionError",
    errno.EISDIR: "FailedPreconditionError",
    errno.EEXIST: "AlreadyExistsError",
    errno.ENOSPC: "ResourceExhaustedError",
    errno.EFBIG: "ResourceExhaustedError",
    errno.EMFILE: "ResourceExhaustedError",
    errno.ENAMETOOLONG: "InvalidArgumentError",
}


def as_tf_error(error, path, doing):
    """Return the `tf.errors` exception for an `OSError`; `doing` says what could not be done to `path`."""
    reason = error.strerror or str(error)
    error_class = getattr(errors, _ERROR_OF.get(error.errno, "UnknownError"))
    return error_class(None, None, f"{path}; {reason} (while {doing})")


@contextlib.contextmanager
def tf_errors(path, doing):
    """Turn an `OSError` of the block into its `tf.errors` exception."""
    try:
        yield
    except OSError as error:
        raise as_tf_error(error, path, doing) from error


def make_directory(path):
    """Make sure that the directory `path` exists, with its parents."""
    # A path under a plain file is FileExistsError or NotADirectoryError by platform: say TF's in both cases.
    if os.path.exists(path) and not os.path.isdir(path):
        raise errors.FailedPreconditionError(None, None, f"{path}; Not a directory (an event file's directory is wanted)")
    with tf_errors(path, "making the directory for event files"):
        os.makedirs(path, exist_ok=True)
