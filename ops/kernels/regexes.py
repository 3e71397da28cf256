"""RE2's regular expressions on Python's `re`: the syntax and messages of the one, translated into patterns of bytes of the other.

RE2 reads patterns and strings as UTF-8 and matches bytes, so a character becomes a pattern of its bytes: ``.`` never
matches half a character, nor a byte that is no part of one. What `re` has beyond RE2 (look-around, references to
groups) is refused in RE2's words. A match takes time as `re` does, which for nested repetitions may be exponential.
"""

import functools
import re

from graphcore.core import errors
from graphcore.ops.kernels import character_sets as sets
from graphcore.ops.kernels.scripts import OTHER_SCRIPTS

_MOST_REPEATS = 1000
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "f": "\f", "v": "\v"}
_BRACES = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_NAME = re.compile(r"[0-9A-Za-z_]+\Z")
_ASSERTIONS = {"b": rb"\b", "B": rb"(?:\B|\A\Z)", "A": rb"\A", "z": rb"\Z", "C": rb"[\x00-\xff]"}


class _Fault(Exception):
    """What is wrong with a pattern, in RE2's words, and where."""

    def __init__(self, what, where=""):
        super().__init__(f"{what}: {where}" if where else what)


@functools.lru_cache(maxsize=256)
def compiled(pattern):
    """``pattern``, bytes in RE2's syntax, as a pattern of `re`; InvalidArgumentError if RE2 does not take it."""
    shown = pattern.decode("utf-8", "replace")
    try:
        text = pattern.decode("utf-8")
    except UnicodeDecodeError:
        raise errors.InvalidArgumentError(None, None, f"Invalid pattern: {shown}, error: invalid UTF-8") from None
    try:
        return re.compile(_Parser(text).whole())
    except _Fault as fault:
        raise errors.InvalidArgumentError(None, None, f"Invalid pattern: {shown}, error: {fault}") from None


class _Parser:
    """Reads a pattern from left to right; each method returns bytes for `re`."""

    def __init__(self, text):
        self.text, self.place = text, 0
        self.flags = frozenset()
        self.quoting = False  # between \Q and \E

    # ------------------------------------------------------------ where we are

    def rest_begins(self, start):
        return self.text.startswith(start, self.place)

    def ended(self):
        return self.place >= len(self.text)

    def next(self):
        """The next character, which is passed; "" at the end."""
        character = self.text[self.place:self.place + 1]
        self.place += 1
        return character

    def since(self, start):
        return self.text[start:self.place]

    # ------------------------------------------------------------ structure

    def whole(self):
        result = self.alternatives()[0]
        if not self.ended():
            raise _Fault("missing )", self.text)
        return result

    def alternatives(self):
        """(the pattern up to a closing parenthesis or the end, how often it repeats its innermost part)."""
        parts = [self.sequence()]
        while self.rest_begins("|") and not self.quoting:
            self.place += 1
            parts.append(self.sequence())
        return b"|".join(part for part, _ in parts), max(times for _, times in parts)

    def sequence(self):
        """One alternative: atoms, each with its repetition."""
        found, repeated = [], 0  # pairs (pattern, times); where the last repetition began, or None
        repeated = None
        while not self.ended() and (self.quoting or self.text[self.place] not in "|)"):
            if not self.quoting and self.begins_repetition():
                start = self.place
                found[-1:] = [self.repetition(found[-1] if found else None, repeated)]
                repeated = start if repeated is None else repeated
            else:
                found += self.atom()
                repeated = None
        return b"".join(part for part, _ in found), max([1, *(times for _, times in found)])

    def begins_repetition(self):
        return self.text[self.place] in "*+?" or _BRACES.match(self.text, self.place) is not None

    def repetition(self, repeated, before):
        """``repeated``, a pair (pattern, times), with the repetition that stands here."""
        start, braces = self.place, _BRACES.match(self.text, self.place)
        least, most = self.limits(braces)
        lazy = self.rest_begins("?")
        self.place += lazy
        if before is not None:
            raise _Fault("bad repetition operator", self.since(before))
        if max(least, most or 0) > _MOST_REPEATS or most is not None and most < least:
            raise _Fault("invalid repetition size", self.since(start))
        if repeated is None:
            raise _Fault("no argument for repetition operator", self.since(start))
        pattern, times = repeated
        if braces:
            times *= max(least if most is None else most, 1)
            if times > _MOST_REPEATS:
                raise _Fault("invalid repetition size", self.since(start))
        bounds = b"{%d,%s}" % (least, b"" if most is None else b"%d" % most)
        return b"(?:" + pattern + b")" + bounds + (b"?" if lazy != ("U" in self.flags) else b""), times

    def limits(self, braces):
        """(at least, at most or None) of the repetition that stands here, which is passed."""
        if braces is None:
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[self.next()]
        self.place = braces.end()
        least = int(braces[1])
        if braces[2] is None:
            return least, least
        return least, None if braces[3] is None else int(braces[3])

    # ------------------------------------------------------------ atoms

    def atom(self):
        """A list of pairs (pattern, times): of one, or of none where the text only sets flags or quotes."""
        if self.quoting and self.rest_begins("\\E"):
            self.quoting = False
            self.place += 2
            return []
        if self.quoting or self.text[self.place] not in "([.^$\\":
            return [(self.literal(self.next()), 1)]
        start, character = self.place, self.next()
        if character == "(":
            return self.group(start)
        if character == "\\":
            return [(part, 1) for part in self.escape(start)]
        if character == "[":
            return [(self.bracket(start), 1)]
        if character == ".":
            return [(sets.pattern(sets.ANY if "s" in self.flags else sets.complement(sets.of("\n"))), 1)]
        lines = {"^": rb"(?m:^)", "$": rb"(?m:$)"} if "m" in self.flags else {"^": rb"\A", "$": rb"\Z"}
        return [(lines[character], 1)]

    def literal(self, character):
        if "i" in self.flags:
            return sets.pattern(sets.in_any_case(sets.of(character)))
        return re.escape(character.encode())

    def group(self, start):
        """A group, or nothing where the parentheses only set flags."""
        outer, opening = self.flags, b"("
        if self.rest_begins("?P<"):
            self.name(start)
        elif self.rest_begins("?"):
            self.place += 1
            opening = b"(?:"
            if self.set_flags(start):
                return []
        inner, times = self.alternatives()
        if self.next() != ")":
            raise _Fault("missing )", self.text)
        self.flags = outer
        return [(opening + inner + b")", times)]

    def name(self, start):
        """Passes the name of a group, which nothing asks for."""
        end = self.text.find(">", self.place)
        name = self.text[self.place + 3:end]
        self.place = len(self.text) if end < 0 else end + 1
        if end < 0 or not _NAME.match(name):
            raise _Fault("invalid named capture group", self.since(start))

    def set_flags(self, start):
        """Reads flags up to their end; whether that closes the parentheses."""
        flags, taking, some = set(self.flags), False, False
        while True:
            character = self.next()
            if character in ("i", "m", "s", "U"):
                (flags.discard if taking else flags.add)(character)
                some = True
            elif character == "-" and not taking:
                taking, some = True, False
            elif character in (":", ")") and (some or not taking) and character:
                break
            else:
                raise _Fault("invalid perl operator", self.since(start))
        self.flags = frozenset(flags)
        return character == ")"

    # ------------------------------------------------------------ escapes

    def escape(self, start):
        """What a backslash begins: a list of one pattern, or of none at the beginning of quoted text."""
        kind = self.text[self.place:self.place + 1]
        if kind == "Q":
            self.place += 1
            self.quoting = True
            return []
        if kind and kind in _ASSERTIONS:
            self.place += 1
            return [_ASSERTIONS[kind]]
        found = self.known_set(start)
        return [self.literal(self.escaped(start)) if found is None else sets.pattern(found)]

    def known_set(self, start):
        r"""The set that ``\d``, ``\pL`` and the like stand for, after the backslash; None if it is none of these."""
        kind = self.text[self.place:self.place + 1]
        if not kind or kind not in "dswDSWpP":
            return None
        self.place += 1
        if kind in "pP":
            found, negated = self.unicode_set(start)
        else:
            found, negated = sets.PERL[kind.lower()], False
        if "i" in self.flags:
            found = sets.in_any_case(found)
        return sets.complement(found) if negated != kind.isupper() else found

    def unicode_set(self, start):
        r"""(the set that is named after ``\p``, whether it is negated there)."""
        if self.rest_begins("{"):
            end = self.text.find("}", self.place)
            name = self.text[self.place + 1:end]
            self.place = len(self.text) if end < 0 else end + 1
            if end < 0:
                raise _Fault("invalid character class range", self.since(start))
        else:
            name = self.next()
        bare = name.removeprefix("^")
        if bare in OTHER_SCRIPTS:
            raise errors.UnimplementedError(None, None, f"Pattern {self.text}: graphcore has no table of the script {bare}; write the "
                                                        r"range of its characters, like [\x{531}-\x{58f}]")
        found = sets.named(bare)
        if found is None:
            raise _Fault("invalid character class range", self.since(start))
        return found, name != bare

    def escaped(self, start):
        """The one character that a backslash and what follows stand for."""
        if self.ended():
            raise _Fault("trailing \\")
        character = self.next()
        if character in _LETTERS:
            return _LETTERS[character]
        if character == "x":
            return chr(self.hexadecimal(start))
        if character in "01234567" and (character == "0" or self.octal_follows()):
            while self.place < start + 4 and self.octal_follows():
                self.place += 1
            return chr(int(self.text[start + 1:self.place], 8))
        if character.isascii() and not character.isalnum():
            return character
        raise _Fault("invalid escape sequence", self.since(start))

    def octal_follows(self):
        return not self.ended() and self.text[self.place] in "01234567"

    def hexadecimal(self, start):
        r"""The number after ``\x``: two digits, or any number of them in braces."""
        match = re.compile(r"\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2})").match(self.text, self.place)
        if match is not None:
            code = int(match[1] or match[2], 16)
            if code <= sets.LAST:
                self.place = match.end()
                return code
        self.place = self.end_of_bad_hexadecimal()
        raise _Fault("invalid escape sequence", self.since(start))

    def end_of_bad_hexadecimal(self):
        r"""Where RE2 stops to read a ``\x`` that is none."""
        if not self.rest_begins("{"):
            return self.place + 2
        code, place = 0, self.place + 1
        while place < len(self.text) and self.text[place] in "0123456789abcdefABCDEF":
            code, place = code * 16 + int(self.text[place], 16), place + 1
            if code > sets.LAST:
                return place
        return place + 1

    # ------------------------------------------------------------ sets in brackets

    def bracket(self, start):
        """A pattern for one character of the set in brackets."""
        negated = self.rest_begins("^")
        self.place += negated
        found, first = [], self.place
        while not self.ended() and (not self.rest_begins("]") or self.place == first):
            found += self.member(start)
        if self.ended():
            raise _Fault("missing ]", self.text[start:])
        self.place += 1
        found = sets.union(found)
        if "i" in self.flags:
            found = sets.in_any_case(found)
        return sets.pattern(sets.complement(found) if negated else found)

    def member(self, bracket):
        """The ranges of one member of a set: a class, a character, or a range of them."""
        start = self.place
        if self.rest_begins("[:"):
            end = self.text.find(":]", self.place + 2)
            if end >= 0:
                return self.posix(end)
        if self.rest_begins("\\"):
            self.place += 1
            found = self.known_set(start)
            if found is not None:
                return found
            self.place = start
        low = high = self.member_character(bracket)
        if self.rest_begins("-") and not self.rest_begins("-]") and self.place + 1 < len(self.text):
            self.place += 1
            high = self.member_character(bracket)
        if high < low:
            raise _Fault("invalid character class range", self.since(start))
        return [(ord(low), ord(high))]

    def posix(self, end):
        """The set of ``[:name:]`` or ``[:^name:]``."""
        start = self.place
        name = self.text[start + 2:end]
        self.place = end + 2
        found = sets.POSIX.get(name.removeprefix("^"))
        if found is None:
            raise _Fault("invalid character class range", self.since(start))
        found = sets.in_any_case(found) if "i" in self.flags else found
        return sets.complement(found) if name.startswith("^") else found

    def member_character(self, bracket):
        start, character = self.place, self.next()
        if not character:
            raise _Fault("missing ]", self.text[bracket:])
        return self.escaped(start) if character == "\\" else character
