"""``tf.app``: running a program whose flags are `tf.flags`."""

import sys as _sys

from absl import app as _app

from graphcore import flags, logging


def _known_flags(argv):
    """Parse the flags that are defined; the others are left in the arguments."""
    return flags.FLAGS(_sys.argv if argv is None else argv, known_only=True)


def run(main=None, argv=None):
    """Parse the flags, call ``main`` with the arguments that are left, and exit with what it returns.

    Args:
      main: a function of the list of arguments, the program's name first; the ``main`` of the program by default.
      argv: the arguments; ``sys.argv`` by default.

    A flag that is not defined stays in the arguments; one with a wrong value ends the program, with a usage message.
    """
    # absl puts a handler on the root logger: TF's messages keep their own beside it.
    logging.get_logger()
    _app.run(main=main or _sys.modules["__main__"].main, argv=argv, flags_parser=_known_flags)


__all__ = ["flags", "run"]
