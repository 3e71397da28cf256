"""``tf.flags``: command line flags, which are absl's, with what TF adds: old argument names, and flags parsed when first read."""

import functools as _functools
import logging as _logging
import sys as _sys

from absl import flags as _absl
from absl.flags import *  # noqa: F403

# Flags belong to the module that defines them, not to this one, through which it does.
_absl.disclaim_key_flags()

_NEW_NAMES = {"flag_name": "name", "default_value": "default", "docstring": "help"}


def _with_old_names(define):
    """``define``, taking the keywords of TF's first versions as well."""
    @_functools.wraps(define)
    def wrapper(*args, **kwargs):
        if _NEW_NAMES.keys() & kwargs.keys():
            _logging.warning("Use of the keyword argument names (flag_name, default_value, docstring) is deprecated, please use "
                             "(name, default, help) instead.")
            kwargs = {_NEW_NAMES.get(name, name): value for name, value in kwargs.items()}
        return define(*args, **kwargs)

    return wrapper


class _Flags:
    """absl's ``FLAGS``; the first flag read parses ``sys.argv`` if nothing has done so."""

    def __init__(self, flags):
        self.__dict__["_flags"] = flags

    def __getattr__(self, name):
        flags = self.__dict__["_flags"]
        # No flag: Python and its tools ask any object for such names.
        if name.startswith("__"):
            return getattr(flags, name)
        if not hasattr(type(flags), name) and not flags.is_parsed():
            flags(_sys.argv)
        return getattr(flags, name)

    def __setattr__(self, name, value):
        setattr(self._flags, name, value)

    def __delattr__(self, name):
        delattr(self._flags, name)

    def __dir__(self):
        return dir(self._flags)

    def __getitem__(self, name):
        return self._flags[name]

    def __setitem__(self, name, flag):
        self._flags[name] = flag

    def __contains__(self, name):
        return name in self._flags

    def __len__(self):
        return len(self._flags)

    def __iter__(self):
        return iter(self._flags)

    def __str__(self):
        return str(self._flags)

    def __call__(self, *args, **kwargs):
        return self._flags(*args, **kwargs)


DEFINE_string = _with_old_names(_absl.DEFINE_string)
DEFINE_boolean = _with_old_names(_absl.DEFINE_boolean)
DEFINE_bool = DEFINE_boolean
DEFINE_float = _with_old_names(_absl.DEFINE_float)
DEFINE_integer = _with_old_names(_absl.DEFINE_integer)
FLAGS = _Flags(_absl.FLAGS)
