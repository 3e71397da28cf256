"""``tf.io.gfile``: files and directories of this computer, with TF's errors."""

# ruff: noqa: F401
from graphcore.core.files import copy, exists, glob, isdir, listdir, makedirs, mkdir, remove, rename, rmtree, stat, walk
from graphcore.core.gfile import GFile
