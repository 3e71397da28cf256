"""The names of a graph's operations and scopes: unique ignoring case, numbered when taken."""

import re

from graphcore.core.scopes import NameScope

_VALID_OP_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\-/]*$")
_VALID_SCOPE_NAME = re.compile(r"^[A-Za-z0-9_.\-/]*$")
_MOST_CHECKED = 10000
lowered: dict[str, str] = {}  # names that are valid as they stand, in lower case: they come again and again
_OTHER_CASE = "\0"


class Names:
    """What a `Graph` knows of names."""

    def __init__(self):
        self._names = {}  # in lower case, as names are unique: the operation of that name, or None for a scope's
        self._next_number = {}  # name in lower case → the number to try for the next of that name
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
            if key[:-1] not in self._names:
                self._check_scope(name)
            self._scope = name, key
        else:
            key = lowered.get(name)
            if key is None:
                self._check_scope(name)
                key = name.lower()
            if before[0]:
                name, key = before[0] + name, before[1] + key
            if key in self._names:
                name, key = self._numbered(name, key)
            self._names[key] = None
            self._scope = name + "/", key + "/"
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
        names = self._names
        if key in names:
            before = self._next_number.get(key)
            stem = key
            name, key = self._numbered(name, key)
            if not mark_as_used:
                self._next_number[stem] = before or 1
        if mark_as_used:
            names[key] = None
        return name

    def _new_name(self, name):
        """(the name of a new operation, the same in lower case): unique; of a scope's name, which ends in "/", without that."""
        names = self._names
        if name[-1] == "/":
            name = name[:-1]
            key = name.lower()
            return name, key if names.get(key) is None else self._key_beside(name, names[key])
        key = lowered.get(name) or self._checked(name)
        scope, scope_key = self._scope
        if scope:
            name, key = scope + name, scope_key + key
        return self._numbered(name, key) if key in names else (name, key)

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
        names = self._names
        number = self._next_number.get(key, 1)
        numbered = f"{key}_{number}"
        while numbered in names:
            number += 1
            numbered = f"{key}_{number}"
        self._next_number[key] = number + 1
        return f"{name}_{number}", numbered

    def _key_beside(self, name, other):
        """The key of a name that differs from an operation's in case alone, as imported ones may."""
        if self._operation(name) is not None:
            raise ValueError(f"Duplicate node name in graph: '{name}', which {other.source or '?'} made already")
        return f"{name}{_OTHER_CASE}"

    def _operation(self, name):
        """The operation of exactly this name, or None."""
        op = self._names.get(name.lower())
        if op is None or op.name == name:
            return op
        return self._names.get(f"{name}{_OTHER_CASE}")


def is_valid_name(name):
    """Whether an operation may have this full name."""
    return _VALID_OP_NAME.match(name) is not None and not name.endswith("\n")
