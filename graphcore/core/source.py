"""The user's line that made a node: found by leaving this package's own frames."""

import os
import sys

from graphcore.core import flags

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_ROOT = os.path.dirname(os.path.dirname(_PACKAGE))
_OWN = (_PACKAGE, "<graphcore") + (() if os.path.isdir(_PACKAGE + "ops") else tuple(
    os.path.join(_ROOT, name) + os.sep for name in ("ops", "session", "summaries")))
_USER = {_PACKAGE + "demo.py"}  # the demo is a user's program
_internal: dict[str, bool] = {}
_places: dict[tuple, tuple] = {}
_frame_above = sys._getframe
_MOST_PLACES = 10000
NODE_NAME = "\0node name\0"  # in a kernel's message: the name of the operation that runs it


def is_internal(filename):
    """Whether a file is part of this package (its generated code included)."""
    inside = _internal.get(filename)
    if inside is None:
        inside = _internal[filename] = filename.startswith(_OWN) and filename not in _USER
    return inside


def user_frame(depth=1):
    """(code, instruction offset) of the nearest frame outside this package; cheap, resolved later by `line_of`."""
    frame = _frame_above(depth)
    place = _places.get((id(frame.f_code), frame.f_lasti))
    if place is not None:  # only places of users are remembered
        return place
    while frame is not None:
        code = frame.f_code
        inside = _internal.get(code.co_filename)
        if inside is None:
            inside = is_internal(code.co_filename)
        if not inside:
            key = id(code), frame.f_lasti
            place = _places.get(key)
            if place is None:
                place = _remembered(key, (code, key[1]))
            return place
        frame = frame.f_back
    return None


def _remembered(key, place):
    """``place``, from now on the same object for every node that its line makes; it keeps its code, and so the id, alive."""
    if len(_places) >= _MOST_PLACES:
        _places.clear()
    _places[key] = place
    return place


def line_of(where):
    """``(filename, line number, function)`` of what `user_frame` gave, or None."""
    if where is None:
        return None
    code, offset = where
    line = code.co_firstlineno
    for start, stop, number in code.co_lines():
        if number is not None and start <= offset < stop:
            line = number
    return code.co_filename, line, code.co_name


def describe(where):
    """``file.py:12``, or an empty string when the place is unknown."""
    place = line_of(where)
    return f"{os.path.basename(place[0])}:{place[1]}" if place else ""


# ---------------------------------------------------------------- errors that show the user's lines

_LIBRARIES = {"numpy", "scipy", "ml_dtypes", "google", "tensorboard", "numba", "contextlib"}
_PLACE = "\n  at "


def placed(error, inputs=""):
    """Give ``error`` the user's line that is running and what it was given, and take this package's frames from it.

    An error of the user's own code (a conversion function, an initializer) keeps its text. Call it where the error is
    caught, and ``raise``; it also returns the error, for one that is new.
    """
    if not getattr(error, "_placed", False) and len(error.args) == 1 and _is_ours(error.__traceback__):
        here = describe(user_frame(2))
        error.args = (f"{error.args[0]}{_PLACE}{here or '?'}{f', from {inputs}' if inputs else ''}",)
        error._placed = True
    return shortened(error)


def unplaced(error):
    """The text of an error without what `placed` added."""
    return str(error).partition(_PLACE)[0]


def shortened(error):
    """Leave ``error`` a traceback of the user's frames alone; GRAPHCORE_TRACEBACK=full keeps all."""
    if flags.traceback.get() == "full":
        return error
    error.__traceback__ = _of_users(error.__traceback__)
    cause = error.__cause__
    if cause is not None:
        cause.__traceback__ = _of_users(cause.__traceback__)
        if cause.__traceback__ is None:
            error.__cause__ = None
    if error.__cause__ is None:
        error.__suppress_context__ = True
    return error


def _is_ours(traceback):
    """Whether this package (or a library it calls) raised, not the user's code."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is None or _is_inside(traceback)


def _is_inside(traceback):
    frame = traceback.tb_frame
    return is_internal(frame.f_code.co_filename) or frame.f_globals.get("__name__", "").partition(".")[0] in _LIBRARIES


def _of_users(traceback):
    """The part of a traceback that begins with the first frame of the user."""
    while traceback is not None and _is_inside(traceback):
        traceback = traceback.tb_next
    return traceback
