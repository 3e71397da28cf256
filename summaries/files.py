"""The directories that event files go to."""

import os

from graphcore.core import errors
from graphcore.core.files import tf_errors


def make_directory(path):
    """Make sure that the directory `path` exists, with its parents."""
    # A path under a plain file is FileExistsError or NotADirectoryError by platform: say TF's in both cases.
    if os.path.exists(path) and not os.path.isdir(path):
        raise errors.FailedPreconditionError(None, None, f"{path}; Not a directory (an event file's directory is wanted)")
    with tf_errors(path, "making the directory for event files"):
        os.makedirs(path, exist_ok=True)
