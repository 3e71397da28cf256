"""The user's line that made a node: found by leaving this package's own frames."""

import os
import sys

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_ROOT = os.path.dirname(os.path.dirname(_PACKAGE))
_OWN = (_PACKAGE, "<graphcore") + (() if os.path.isdir(_PACKAGE + "ops") else tuple(
    os.path.join(_ROOT, name) + os.sep for name in ("ops", "session", "summaries")))
_USER = {_PACKAGE + "demo.py"}  # the demo is a user's program
_internal: dict[str, bool] = {}


def is_internal(filename):
    """Whether a file is part of this package (its generated code included)."""
    inside = _internal.get(filename)
    if inside is None:
        inside = _internal[filename] = filename.startswith(_OWN) and filename not in _USER
    return inside


def user_frame(depth=1):
    """(code, instruction offset) of the nearest frame outside this package; cheap, resolved later by `line_of`."""
    frame = sys._getframe(depth)
    known = _internal
    while frame is not None:
        code = frame.f_code
        inside = known.get(code.co_filename)
        if inside is None:
            inside = is_internal(code.co_filename)
        if not inside:
            return code, frame.f_lasti
        frame = frame.f_back
    return None


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
