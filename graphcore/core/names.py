"""The names of a graph's operations and scopes: unique ignoring case, numbered when taken."""

import functools
import re

from graphcore.core.scopes import NameScope

_VALID_OP_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\-/]*$")
_VALID_SCOPE_NAME = re.compile(r"^[A-Za-z0-9_.\-/]*$")
_NUMBER = re.compile(r"_([0-9]{1,15})(?=/|$)")
_MOST_CHECKED = 10000
lowered: dict[str, str] = {}  # names that are valid as they stand, in lower case: they come again and again
_OTHER_CASE = "\0"


class Names:
    """What a `Graph` knows of names.

    Most operations are one of many of a name, which then gets a number. Such names are not made: an operation keeps "add_%d"
    and its number, and enters `_names` when somebody looks for what could be one of these (`_all_names`).
    """

    def __init__(self):
        self._names = {}  # in lower case, as names are unique: the operation of that name, or None for a scope's
        self._entered = 0  # the number of operations that are in `_names` for certain
        self._next_number = {}  # name in lower case → the number of the next of that name: those before are taken, the others free
        self._number_to_try = {}  # the same where somebody gave a name with a higher number
        self._series = {}  # name that was numbered → the same in lower case, and with "_%d" at its end
        self._scope = "", ""  # what names begin with, and in lower case

    def name_scope(self, name):
        """Prefix the names of operations made inside; ``None`` or ``""`` goes back to the top."""
        return NameScope(self, name)

    def _enter_scope(self, name):
        """Begin a name scope; gives what the prefix was, to be restored."""
        before = self._scope
        if isinstance(name, bytes):
            name = name.decode()
        if not name:
            self._scope = "", ""
        elif name[-1] == "/":
            key = name.lower()
            if key[:-1] not in self._names and not self._is_taken(key[:-1], key[:-1]):
                self._check_scope(name)
            self._scope = name, key
        else:
            key = lowered.get(name)
            if key is None:
                self._check_scope(name)
                key = name.lower()
            full, key = before[0] + name, before[1] + key
            if self._is_taken(key, name):
                full, key = self._numbered(full, key)
            self._names[key] = None
            self._scope = full + "/", key + "/"
        return before

    def _check_scope(self, name):
        inside = self._scope[0]
        valid = _VALID_SCOPE_NAME if inside else _VALID_OP_NAME
        if not valid.match(name):
            raise ValueError(f"'{name}' is not a valid scope name: letters, digits and '_.-/' may be used"
                             f"{'' if inside else ', and a letter, digit or . comes first'}")

    @property
    def _name_stack(self):
        return self._scope[0][:-1]

    def get_name_scope(self):
        """The current name scope, without the trailing slash."""
        return self._scope[0][:-1]

    def unique_name(self, name, mark_as_used=True):
        """``name`` in the current scope, with ``_1``, ``_2``, … appended when taken (ignoring case)."""
        name = self._scope[0] + name
        key = name.lower()
        if self._is_taken(key, key):
            numbers = self._number_to_try if key in self._number_to_try else self._next_number
            stem, before = key, numbers.get(key, 1)
            name, key = self._numbered(name, key)
            if not mark_as_used:
                numbers[stem] = before
        if mark_as_used:
            self._names[key] = None
        return name

    def _new_name(self, name):
        """(name, number, key) of a new operation: a unique name and the same in lower case, or the number that belongs in the name.

        Of a scope's name, which ends in "/", it is the name without that.
        """
        scope, scope_key = self._scope
        full = scope + name if scope else name
        series = self._series.get(full)
        if series is not None:
            key, pattern = series
            number = self._next_number.get(key)
            if number is not None:
                self._next_number[key] = number + 1
                return pattern, number, None
        if name[-1] == "/":
            name = name[:-1]
            key = name.lower()
            other = self._names.get(key) if key in self._names or self._is_taken(key, key) else None
            return name, None, self._key_beside(name, other) if other else key
        key = scope_key + (lowered.get(name) or self._checked(name))
        if self._is_taken(key, name):
            if key in self._next_number:  # the second to be numbered: there may be many more
                self._series[full] = key, f"{full}_%d"
            full, key = self._numbered(full, key)
        return full, None, key

    def _name_inside(self, name, key, label):
        """(name, key) of an operation that is made in the scope of a new one's name, at the same time as that one."""
        if key is None:  # a number is still to be put in, the same for both
            return _joined(name, label), None
        name, key = f"{name}/{label}", f"{key}/{label.lower()}"
        return self._numbered(name, key) if key in self._names else (name, key)

    def _checked(self, name):
        """``name`` in lower case, if it is valid where it would stand."""
        prefix, key = self._scope[0], name.lower()
        if not is_valid_name(prefix + name):
            raise ValueError(f"'{prefix}{name}' is not a valid node name: letters, digits and '_.-/' may be used, and "
                             "a letter, digit or '.' comes first")
        if len(lowered) < _MOST_CHECKED and is_valid_name(name):
            lowered[name] = key
        return key

    def _numbered(self, name, key):
        """``name`` and its lower case with the first free number, for a name that is taken."""
        if key in self._number_to_try:
            names, number = self._all_names(), self._number_to_try[key]
            while f"{key}_{number}" in names:
                number += 1
            self._number_to_try[key] = number + 1
        else:
            number = self._next_number.get(key, 1)
            self._next_number[key] = number + 1
        return f"{name}_{number}", f"{key}_{number}"

    def _is_taken(self, key, name):
        """Whether ``key``, which ends in a ``name`` that somebody gives, is in use; numbers in it may be taken from now on."""
        names = self._names
        if not name[-1:].isdigit() and "/" not in name:  # it cannot be one of those that are not in `_names`
            return key in names
        for match in _NUMBER.finditer(key):
            stem = key[:match.start()]
            if stem not in self._number_to_try:
                following = self._next_number.get(stem, 1)
                if int(match[1]) < following:
                    names = self._all_names()
                else:
                    self._number_to_try[stem] = self._next_number.pop(stem, 1)
        return key in names

    def _all_names(self):
        """`_names` with all operations in it."""
        ops, names = self._ops, self._names
        for number in range(self._entered, len(ops)):
            op = ops[number]
            if op._number is not None:
                names[op.name.lower()] = op
        self._entered = len(ops)
        return names

    def _key_beside(self, name, other):
        """The key of a name that differs from an operation's in case alone, as imported ones may."""
        if self._operation(name) is not None:
            raise ValueError(f"Duplicate node name in graph: '{name}', which {other.source or '?'} made already")
        return f"{name}{_OTHER_CASE}"

    def _operation(self, name):
        """The operation of exactly this name, or None."""
        names = self._all_names()
        op = names.get(name.lower())
        if op is None or op.name == name:
            return op
        return names.get(f"{name}{_OTHER_CASE}")

    def _claim_name(self, name):
        """Note that somebody gives this name, so that no other operation gets it."""
        key = name.lower()
        if not self._is_taken(key, key):
            self._names[key] = None


@functools.lru_cache(_MOST_CHECKED)
def _joined(name, label):
    """What operations are called that are inside others that differ in their number."""
    return f"{name}/{label}"


def is_valid_name(name):
    """Whether an operation may have this full name."""
    return _VALID_OP_NAME.match(name) is not None and not name.endswith("\n")
