"""What matches a regular expression replaced, in the way of RE2."""

import functools
import re

from graphcore.ops.kernels.regexes import compiled


def replacer(pattern, rewrite, everywhere):
    r"""A function that replaces in a string what matches ``pattern``, everywhere or the first time, by ``rewrite``.

    In ``rewrite`` ``\1`` stands for the first group, ``\0`` for all that matched, ``\\`` for a backslash. Where another
    backslash stands, RE2 gives up: nothing is replaced, or everywhere by what comes before it.
    """
    expression = compiled(pattern)
    parts, complete = _template(rewrite)

    def written(match):
        return b"".join(part if isinstance(part, bytes) else _group(match, part) for part in parts)

    def first(text):
        match = expression.search(text) if complete else None
        return text if match is None else text[:match.start()] + written(match) + text[match.end():]

    return functools.partial(_replaced, expression, written) if everywhere else first


def _template(rewrite):
    """(``rewrite`` as bytes and numbers of groups up to its first fault, whether there is none)."""
    parts = []
    for match in re.finditer(rb"([^\\]+)|\\(?:([0-9])|(\\))?", rewrite):
        plain, number, backslash = match.groups()
        if plain is None and number is None and backslash is None:
            return parts, False
        parts.append(int(number) if number is not None else plain or backslash)
    return parts, True


def _group(match, number):
    """What a group matched; nothing if there is none."""
    return match[number] or b"" if number <= match.re.groups else b""


def _replaced(expression, written, text):
    """``text`` with every match replaced, none of them empty just behind another, as RE2 goes through it."""
    found, place, end = [], 0, None
    while place <= len(text):
        match = expression.search(text, place)
        if match is None:
            break
        found.append(text[place:match.start()])
        if match.start() == match.end() == end:
            following = place + _character_length(text, place)
            found.append(text[place:following])
            place = following
        else:
            found.append(written(match))
            place = end = match.end()
    found.append(text[place:])
    return b"".join(found)


def _character_length(text, place):
    """How many bytes the character at ``place`` takes; one where there is none."""
    lead = text[place] if place < len(text) else 0
    length = 1 + (lead >= 0xC2) + (lead >= 0xE0) + (lead >= 0xF0)
    try:
        text[place:place + length].decode("utf-8")
    except UnicodeDecodeError:
        return 1
    return length
