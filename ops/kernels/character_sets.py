"""Sets of Unicode characters, and patterns of bytes that match one character of a set in UTF-8.

A set is a tuple of ranges ``(first, last)`` of code points, in order, without neighbours that touch.
"""

import functools

from graphcore.ops.kernels.scripts import characters

LAST = 0x10FFFF
ANY = ((0, LAST),)
# Beyond this there are no letters of two cases.
_CASED = 0x1F000
# So many alternatives are worth a look at the next byte before.
_MANY = 4
# The last code point of each length in UTF-8.
_LENGTHS = (0x7F, 0x7FF, 0xFFFF, LAST)


def union(ranges):
    """The set of all characters in ``ranges``, which come in any order and may overlap."""
    found = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def complement(ranges):
    """All characters that are not in a set."""
    found, start = [], 0
    for first, last in ranges:
        if start < first:
            found.append((start, first - 1))
        start = last + 1
    return tuple(found) if start > LAST else (*found, (start, LAST))


def of(characters):
    """The set of the characters of a string."""
    return union((ord(character), ord(character)) for character in characters)


def _ranges(text):
    """The set that a text like ``a-zA-Z_`` stands for."""
    found, place = [], 0
    while place < len(text):
        end = place + 2 if text[place + 1:place + 2] == "-" and place + 2 < len(text) else place
        found.append((ord(text[place]), ord(text[end])))
        place = end + 1
    return union(found)


PERL = {"d": _ranges("0-9"), "s": _ranges("\t\n\f\r "), "w": _ranges("0-9A-Za-z_")}
POSIX = {
    "alnum": _ranges("0-9A-Za-z"), "alpha": _ranges("A-Za-z"), "ascii": _ranges("\0-\x7f"), "blank": _ranges("\t "),
    "cntrl": _ranges("\0-\x1f\x7f"), "digit": _ranges("0-9"), "graph": _ranges("!-~"), "lower": _ranges("a-z"),
    "print": _ranges(" -~"), "punct": _ranges("!-/:-@[-`{-~"), "space": _ranges("\t-\r "), "upper": _ranges("A-Z"),
    "word": _ranges("0-9A-Za-z_"), "xdigit": _ranges("0-9A-Fa-f"),
}


@functools.cache
def named(name):
    """The characters of a Unicode category (``L``, ``Lu``), of a script, or ``Any``; None if the name is none of these."""
    if name == "Any":
        return ANY
    script = characters(name)
    return _categories().get(name) if script is None else script


@functools.cache
def _categories():
    """The set of each category of one letter and of two; what no version of Unicode has assigned is in none."""
    import unicodedata

    found, start, category = {}, 0, unicodedata.category("\0")
    for code in range(1, LAST + 2):
        following = unicodedata.category(chr(code)) if code <= LAST else None
        if following != category:
            for name in (category, category[0]) if category != "Cn" else ():
                found.setdefault(name, []).append((start, code - 1))
            start, category = code, following
    return {name: union(ranges) for name, ranges in found.items()}


# ---------------------------------------------------------------- upper and lower case


@functools.cache
def _cases():
    """Each character that has other cases → all characters that differ from it by case alone."""
    groups = {}
    for code in range(_CASED):
        groups.setdefault(_folded(chr(code)), []).append(code)
    return {code: tuple(group) for group in groups.values() if len(group) > 1 for code in group}


def _folded(character):
    """What stands for all cases of a character, as long as that is one character."""
    folded = character.casefold()
    if len(folded) == 1:
        return folded
    lower = character.lower()
    return lower if len(lower) == 1 else character


def in_any_case(ranges):
    """A set and all characters that differ from one of its own by case alone."""
    cases = _cases()
    more = []
    for first, last in ranges:
        codes = range(first, last + 1) if last - first < len(cases) else (code for code in cases if first <= code <= last)
        more += [(other, other) for code in codes for other in cases.get(code, ())]
    return union([*ranges, *more])


# ---------------------------------------------------------------- UTF-8


def pattern(ranges):
    """A pattern of bytes for `re` that matches one character of the set."""
    sequences = [sequence for first, last in ranges for low, high in _of_one_length(first, last)
                 for sequence in _sequences(_encoded(low), _encoded(high))]
    return _tree(sequences) if sequences else rb"[^\x00-\xff]"


def _tree(sequences):
    """A pattern that matches any of these sequences of spans: first bytes first, so that few alternatives are tried."""
    single, longer = [], {}
    for span, *rest in sequences:
        if rest:
            longer.setdefault(span, []).append(rest)
        else:
            single.append(span)
    parts = [_class(single)] * bool(single) + [_class([span]) + _tree(rests) for span, rests in longer.items()]
    if len(parts) == 1:
        return parts[0]
    ahead = b"(?=" + _class([*single, *longer]) + b")" if len(parts) > _MANY else b""
    return b"(?:" + ahead + b"(?:" + b"|".join(parts) + b"))" if ahead else b"(?:" + b"|".join(parts) + b")"


def _class(spans):
    """A pattern for one byte in any of the spans."""
    if len(spans) == 1 and spans[0][0] == spans[0][1]:
        return b"\\x%02x" % spans[0][0]
    return b"[" + b"".join(b"\\x%02x-\\x%02x" % span for span in spans) + b"]"


def _encoded(code):
    return tuple(chr(code).encode("utf-8", "surrogatepass"))


def _of_one_length(first, last):
    """A range in parts whose characters take as many bytes as each other."""
    for end in _LENGTHS:
        if first <= min(end, last):
            yield first, min(end, last)
            first = end + 1


def _sequences(low, high):
    """Spans of bytes, position by position, that together are all characters from one to another of the same length."""
    rest = len(low) - 1
    if rest == 0:
        yield ((low[0], high[0]),)
        return
    if low[0] == high[0]:
        for tail in _sequences(low[1:], high[1:]):
            yield (low[0], low[0]), *tail
        return
    start, end = low[0], high[0]
    if low[1:] != (0x80,) * rest:
        for tail in _sequences(low[1:], (0xBF,) * rest):
            yield (start, start), *tail
        start += 1
    if high[1:] != (0xBF,) * rest:
        end -= 1
    if start <= end:
        yield (start, end), *((0x80, 0xBF),) * rest
    if end < high[0]:
        for tail in _sequences((0x80,) * rest, high[1:]):
            yield (high[0], high[0]), *tail


__all__ = ["ANY", "LAST", "PERL", "POSIX", "complement", "in_any_case", "named", "of", "pattern", "union"]
